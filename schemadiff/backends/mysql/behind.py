"""Columns that become generated in place, and have to move behind those that they are computed from.

A stored generated column is computed from no generated column that stands behind it. One that is made anew stands behind all others, and
what was a plain column may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemadiff.operations import AddColumn, AlterColumn, DropColumn, Operation, Place, ordered
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Computed, Table

__all__ = ["behind_sources", "plain_before_counting"]


def behind_sources(operations: Sequence[Operation], source: Table, target: Table) -> list[Operation]:
    """Return ``operations`` on one table with each change of a plain column into a generated one, or back, moving it where it has to stand."""
    made = [each for each in operations if isinstance(each, AddColumn)]
    gone = [each.reverse() for each in operations if isinstance(each, DropColumn) and each.column is not None]
    come, come_back = _in_order(made), _in_order([each for each in gone if isinstance(each, AddColumn)])
    return [
        replace(
            each,
            place=_place(each, source, target, come),
            reverse_place=_place(each.reverse(), target, source, come_back),
        )
        if isinstance(each, AlterColumn)
        and isinstance(each.before.default, Computed) != isinstance(each.after.default, Computed)
        and each.place is None
        else each
        for each in operations
    ]


def _in_order(operations: Sequence[AddColumn]) -> list[str]:
    return [each.column.name for each in ordered(operations) if isinstance(each, AddColumn)]


def _place(operation: AlterColumn, before: Table, after: Table, come: Sequence[str]) -> Place | None:
    """Return where a column has to stand that ``operation`` makes generated: behind the last of those that it is computed from.

    Args:
        operation: the change.
        before, after: the table on either side of it.
        come: the columns that are added, in order; they stand behind all others.
    """
    expression = operation.after.default
    if not isinstance(expression, Computed):
        return None
    generated = {column.name for column in after.columns if isinstance(column.default, Computed)}
    sources = mentioned(expression.expression) & generated
    names = [column.name for column in before.columns]
    behind = [name for name in names[names.index(operation.name) + 1 :] if name not in come]
    last = next((name for name in reversed([*behind, *come]) if name in sources), None)
    return None if last is None else Place(after=last)


def plain_before_counting(operations: Sequence[Operation]) -> list[Operation]:
    """Return ``operations`` with a generated column a plain one first where it becomes AUTO_INCREMENT, and the other way round.

    What it is computed from can go once it is plain, and it can count once it has a key.
    """
    result: list[Operation] = []
    for operation in operations:
        match operation:
            case AlterColumn(before=before, after=after) if after.autoincrement is True and isinstance(
                before.default, Computed
            ):
                plain = replace(operation, after=after.only({"default"}))
                rest = after.only(after.known().keys() - {"default"})
                result += [plain, replace(operation, after=rest, before=plain.after.over(before))]
            case AlterColumn(before=before, after=after) if before.autoincrement is True and isinstance(
                after.default, Computed
            ):
                plain = replace(operation, after=after.only(after.known().keys() - {"default"}))
                result += [plain, replace(operation, after=after.only({"default"}), before=plain.after.over(before))]
            case _:
                result.append(operation)
    return result
