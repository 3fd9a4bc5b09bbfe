"""The order of the operations inside a batch. Its mirror image is an order for the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    SetTableComment,
    ordered,
)
from schemadiff.schema import Column, Computed, Table

__all__ = ["RANKS", "in_batch_order", "with_columns"]

RANKS = (
    DropIndex,
    DropConstraint,
    DropColumn,
    AlterColumn,
    AddColumn,
    AddConstraint,
    CreateIndex,
    AlterTable,
    SetTableComment,
)
"""The kinds of operations, in the order in which they run."""


_Rank = Callable[[Operation], tuple[int, tuple[str, ...]]]


def in_batch_order(operations: Sequence[Operation], rank: _Rank) -> tuple[Operation, ...]:
    """Return the operations of a batch in order: what is generated behind what it is computed from, also where that only changes."""
    ranked = sorted(operations, key=rank)
    columns = [
        each
        for each in operations
        if isinstance(each, (AddColumn, AlterColumn, DropColumn)) and 0 <= rank(each)[0] < len(RANKS)
    ]
    if not any(map(_computes, columns)):
        return tuple(ranked)
    places = {id(each): place for place, each in enumerate(ordered(columns))}
    first = min(rank(each)[0] for each in columns)
    return tuple(
        sorted(ranked, key=lambda each: (first, places[id(each)]) if id(each) in places else (rank(each)[0], 0))
    )


def with_columns(operations: Sequence[Operation], source: Table, target: Table) -> tuple[Operation, ...]:
    """Return a batch that drops all columns, so ordered that the table always has one: new ones come before old ones go."""
    old, new = ({column.name for column in table.columns} for table in (source, target))

    def place(operation: Operation) -> int:
        match operation:
            case AddColumn(column=column) if column.name not in old:
                return 0
            case DropColumn(name=name) if name not in new:
                return 2
        return 1

    moved = iter(sorted((o for o in operations if isinstance(o, (AddColumn, DropColumn))), key=place))
    return tuple(next(moved) if isinstance(o, (AddColumn, DropColumn)) else o for o in operations)


def _computes(operation: Operation) -> bool:
    """Return True where a generated column comes, goes or changes."""
    match operation:
        case AddColumn(column=column) | DropColumn(column=Column() as column):
            return isinstance(column.default, Computed)
        case AlterColumn(before=before, after=after):
            return isinstance(before.default, Computed) or isinstance(after.default, Computed)
    return False
