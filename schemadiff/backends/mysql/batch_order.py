"""The order of the operations inside a batch. Its mirror image is an order for the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemadiff.backends.mysql.names import leading_columns
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
from schemadiff.schema import Column, Computed, Index, PrimaryKey, Table, UniqueConstraint

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
        return _keys_replaced_at_once(ranked)
    places = {id(each): place for place, each in enumerate(ordered(columns))}
    first = min(rank(each)[0] for each in columns)
    return _keys_replaced_at_once(
        sorted(ranked, key=lambda each: (first, places[id(each)]) if id(each) in places else (rank(each)[0], 0))
    )


def _keys_replaced_at_once(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Return ``operations`` with a key that goes and the one that takes its place side by side.

    An AUTO_INCREMENT or a foreign key may need one that begins with its column at every moment, and a column that is made anew takes two
    statements. So a key goes when others come, or comes when others go, whichever the columns that come and go allow.
    """
    found = list(operations)
    gone = {each.name for each in operations if isinstance(each, DropColumn)}
    come = {each.column.name for each in operations if isinstance(each, AddColumn)}
    for dropped in operations:
        old = _dropped_columns(dropped)
        again = next((each for each in found if old and _made_columns(each)[:1] == old[:1]), None)
        if again is None or not gone:
            continue
        first = min(place for place, each in enumerate(found) if _made_columns(each))
        last = max(place for place, each in enumerate(found) if _dropped_columns(each))
        if not gone & set(old) and found.index(dropped) < first:
            found.insert(first - 1, found.pop(found.index(dropped)))
        elif not come & set(_made_columns(again)) and found.index(again) > last:
            found.insert(last + 1, found.pop(found.index(again)))
    return tuple(found)


def _dropped_columns(operation: Operation) -> tuple[str, ...]:
    """Return the columns of the key that an operation drops; nothing where it drops none."""
    match operation:
        case DropConstraint(constraint=PrimaryKey() | UniqueConstraint() as key):
            return key.columns
        case DropIndex(index=Index() as index):
            return leading_columns(index)
    return ()


def _made_columns(operation: Operation) -> tuple[str, ...]:
    """Return the columns of the key that an operation makes; nothing where it makes none."""
    match operation:
        case AddConstraint(constraint=PrimaryKey() | UniqueConstraint() as key):
            return key.columns
        case CreateIndex(index=index):
            return leading_columns(index)
    return ()


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
