"""What a table looks like after an operation: pure, on plain data.

SQLite's rebuild computes from it the table that it has to make, and a batch its own reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from schemadiff.errors import UnsupportedOperation
from schemadiff.operations.base import Operation
from schemadiff.operations.columns import AddColumn, AlterColumn, DropColumn, Place
from schemadiff.operations.constraints import AddConstraint, CreateIndex, DropConstraint, DropIndex, constraint_kind
from schemadiff.operations.renames import RenameConstraint, RenameIndex
from schemadiff.operations.tables import AlterTable, RenameTable, SetTableComment
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
)

__all__ = ["evolve", "evolve_all", "reordered"]


def evolve_all(table: Table, operations: Iterable[Operation]) -> Table:
    """Return ``table`` after all ``operations``, in their order."""
    for operation in operations:
        table = evolve(table, operation)
    return table


def evolve(table: Table, operation: Operation) -> Table:
    """Return ``table`` after ``operation``.

    Raises:
        UnsupportedOperation: the operation names a column, constraint or index that the table does not have, or is none that
            changes a table.
    """
    match operation:
        case AddColumn(column=column):
            _refuse(table.column(column.name) is not None, operation, "the table already has a column of this name")
            table = replace(table, columns=_placed(table.columns, column, operation.place, operation), origin=None)
            for constraint in operation.inline:
                table = _with_constraint(table, constraint)
            return table
        case DropColumn(name=name):
            _refuse(table.column(name) is None, operation, "the table has no such column")
            return replace(table, columns=tuple(c for c in table.columns if c.name != name), origin=None)
        case AlterColumn(name=name):
            return _alter_column(table, operation)
        case AddConstraint(constraint=constraint):
            return _with_constraint(table, constraint)
        case DropConstraint():
            return _without_constraint(table, operation)
        case CreateIndex(index=index):
            return replace(table, indexes=tuple(sorted((*table.indexes, index), key=lambda i: i.name)), origin=None)
        case DropIndex(name=name):
            _refuse(all(i.name != name for i in table.indexes), operation, "the table has no such index")
            return replace(table, indexes=tuple(i for i in table.indexes if i.name != name), origin=None)
        case RenameIndex(name=name, new_name=new_name):
            _refuse(all(i.name != name for i in table.indexes), operation, "the table has no such index")
            indexes = (replace(i, name=new_name) if i.name == name else i for i in table.indexes)
            return replace(table, indexes=tuple(sorted(indexes, key=lambda i: i.name)), origin=None)
        case RenameConstraint():
            found = next((c for c in table.constraints() if _is_renamed(c, operation)), None)
            if found is None:
                raise UnsupportedOperation(_fault(operation, "the table has no such constraint"))
            rest = _without(table, found)
            return _with_constraint(rest, replace(found, name=operation.new_name, implicit=False))
        case SetTableComment(comment=comment):
            return replace(table, comment=comment, origin=None)
        case AlterTable(after=after):
            merged = dict(table.options) | dict(after)
            kept = tuple(sorted((key, value) for key, value in merged.items() if value is not None))
            return replace(table, options=kept, origin=None)
        case RenameTable(new_name=new_name):
            return replace(table, name=Name(new_name, table.name.schema), origin=None)
    raise UnsupportedOperation(f"{operation.describe()}: not an operation on a table; take it out of the batch")


def _placed(
    columns: tuple[Column, ...], column: Column, place: Place | None, operation: Operation
) -> tuple[Column, ...]:
    """Return ``columns`` with ``column`` at its place; at the end where it has none."""
    if place is None:
        return (*columns, column)
    if place.first:
        return (column, *columns)
    neighbour = place.before if place.before is not None else place.after
    names = [each.name for each in columns]
    _refuse(neighbour not in names, operation, f"the table has no column {neighbour!r} to put it beside")
    at = names.index(str(neighbour)) + (place.before is None)
    return (*columns[:at], column, *columns[at:])


def reordered(columns: tuple[Column, ...], chains: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """Return ``columns`` in an order in which those of each of ``chains`` follow one another as it says; the others stay as they can.

    Raises:
        UnsupportedOperation: a chain names no column, or the chains contradict each other.
    """
    names = [column.name for column in columns]
    for name in (name for chain in chains for name in chain):
        if name not in names:
            raise UnsupportedOperation(f"partial_reordering: there is no column {name!r}; take it out")
    ahead = {
        name: {chain[at - 1] for chain in chains for at in range(1, len(chain)) if chain[at] == name} for name in names
    }
    left, result = list(columns), list[Column]()
    while left:
        done = {column.name for column in result}
        following = next((column for column in left if ahead[column.name] <= done), None)
        if following is None:
            raise UnsupportedOperation(
                "partial_reordering: the orders contradict each other; give each column one place"
            )
        result.append(following)
        left.remove(following)
    return tuple(result)


def _refuse(wrong: bool, operation: Operation, why: str) -> None:
    if wrong:
        raise UnsupportedOperation(_fault(operation, why))


def _fault(operation: Operation, why: str) -> str:
    return f"{operation.describe()}: {why}; compare the revision with the database (schemadiff diff)"


def _alter_column(table: Table, operation: AlterColumn) -> Table:
    column = table.column(operation.name)
    if column is None:
        _refuse(True, operation, "the table has no such column")
        raise AssertionError
    changed = operation.after.apply(column)
    columns = tuple(changed if c is column else c for c in table.columns)
    if operation.place is not None:
        columns = _placed(tuple(c for c in columns if c is not changed), changed, operation.place, operation)
    table = replace(table, columns=columns, origin=None)
    return table if changed.name == column.name else _rename_column(table, column.name, changed.name)


def _with_constraint(table: Table, constraint: Constraint) -> Table:
    match constraint:
        case PrimaryKey():
            return replace(table, primary_key=constraint, origin=None)
        case UniqueConstraint():
            return replace(table, uniques=_sorted((*table.uniques, constraint)), origin=None)
        case CheckConstraint():
            return replace(table, checks=_sorted((*table.checks, constraint)), origin=None)
        case ForeignKey():
            return replace(table, foreign_keys=_sorted((*table.foreign_keys, constraint)), origin=None)
        case ExcludeConstraint():
            return replace(table, excludes=_sorted((*table.excludes, constraint)), origin=None)


AnyConstraint = TypeVar("AnyConstraint", UniqueConstraint, CheckConstraint, ForeignKey, ExcludeConstraint)


def _sorted(constraints: Iterable[AnyConstraint]) -> tuple[AnyConstraint, ...]:
    return tuple(sorted(constraints, key=lambda c: (c.name or "", repr(c))))


def _without_constraint(table: Table, operation: DropConstraint) -> Table:
    found = next((c for c in table.constraints() if _is_meant(c, operation)), None)
    if found is None:
        raise UnsupportedOperation(_fault(operation, "the table has no such constraint"))
    return _without(table, found)


def _without(table: Table, found: Constraint) -> Table:
    if isinstance(found, PrimaryKey):
        return replace(table, primary_key=None, origin=None)
    return replace(
        table,
        uniques=tuple(c for c in table.uniques if c is not found),
        checks=tuple(c for c in table.checks if c is not found),
        foreign_keys=tuple(c for c in table.foreign_keys if c is not found),
        excludes=tuple(c for c in table.excludes if c is not found),
        origin=None,
    )


def _is_renamed(constraint: Constraint, operation: RenameConstraint) -> bool:
    if operation.kind is not None and constraint_kind(constraint) != operation.kind:
        return False
    # One without a name is known by a naming convention.
    return constraint.name == operation.name or (constraint.name is None and constraint == operation.constraint)


def _is_meant(constraint: Constraint, operation: DropConstraint) -> bool:
    if operation.kind is not None and constraint_kind(constraint) != operation.kind:
        return False
    if operation.kind == "primary":
        return True
    if operation.name is not None:
        return constraint.name == operation.name
    return constraint.name is None and constraint == operation.constraint


def _rename_column(table: Table, old: str, new: str) -> Table:
    """Follow a column's rename through keys, indexes and expressions."""

    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in names)

    def expression(found: Expression) -> Expression:
        quoted = '"' + new.replace('"', '""') + '"'
        # The canonical spelling has no quotes where none are needed.
        bare = new if _PLAIN.match(new) else quoted
        return Expression(_renamed_in(found.sql, old, quoted), _renamed_in(found.canonical, old, bare))

    def column(item: Column) -> Column:
        if not isinstance(item.default, Computed):
            return item
        return replace(item, default=replace(item.default, expression=expression(item.default.expression)))

    def foreign_key(key: ForeignKey) -> ForeignKey:
        own = key.referent == table.name
        referent_columns = renamed(key.referent_columns) if own else key.referent_columns
        return replace(key, columns=renamed(key.columns), referent_columns=referent_columns)

    def element(item: IndexElement) -> IndexElement:
        if isinstance(item.what, Expression):
            return replace(item, what=expression(item.what))
        return replace(item, what=new) if item.what == old else item

    def index(item: Index) -> Index:
        where = None if item.where is None else expression(item.where)
        elements = tuple(map(element, item.elements))
        return replace(item, elements=elements, where=where, include=renamed(item.include))

    primary_key = table.primary_key
    if primary_key is not None:
        primary_key = replace(primary_key, columns=renamed(primary_key.columns))
    return replace(
        table,
        columns=tuple(map(column, table.columns)),
        primary_key=primary_key,
        uniques=tuple(replace(u, columns=renamed(u.columns)) for u in table.uniques),
        checks=tuple(replace(check, expression=expression(check.expression)) for check in table.checks),
        foreign_keys=tuple(map(foreign_key, table.foreign_keys)),
        indexes=tuple(map(index, table.indexes)),
    )


# Strings and comments, which hold no names; quoted names; words.
_TEXT = re.compile(
    r"""'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?P<word>[^\W\d][\w$]*)""",
    re.DOTALL,
)
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def _renamed_in(sql: str, old: str, new: str) -> str:
    """Return an expression of a table with its column ``old`` renamed; ``new`` is spelled as it shall stand there.

    Such expressions hold no subqueries: a name in them is a column's, or a function's, a type's or a collation's.
    """
    result, position, before = "", 0, ""
    for match in _TEXT.finditer(sql):
        word, quoted = match.group("word"), match.group("quoted")
        name = word if quoted is None else quoted[1:-1].replace(quoted[0] * 2, quoted[0])
        is_column = (
            name is not None
            and name.lower() == old.lower()
            and before not in ("AS", "COLLATE")
            and not sql[match.end() :].lstrip().startswith("(")
        )
        if is_column:
            result += sql[position : match.start()] + new
            position = match.end()
        before = "" if word is None else word.upper()
    return result + sql[position:]
