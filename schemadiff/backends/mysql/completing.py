"""What an operation that runs online may leave open: MariaDB and MySQL state a changed column whole, so the rest is read from the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from schemadiff.backends.mysql.reflect import reflect, reflect_column
from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import string_literal
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AlterColumn,
    BatchAlterTable,
    DropSchema,
    Operation,
    Place,
    RenameConstraint,
    constraint_kind,
)
from schemadiff.schema import UNSET, ColumnState, Name, Server

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["completed", "refuse_full_schema", "with_constraints"]


AnyColumn = TypeVar("AnyColumn", AddColumn, AlterColumn)


def completed(connection: Connection, operation: Operation, facts: Facts) -> Operation:
    """Return ``operation`` with what it does not say of the columns that it alters; what it does say stays."""
    if isinstance(operation, AddColumn):
        return _Order(connection, facts).placed(operation)
    if isinstance(operation, AlterColumn):
        return _completed(connection, _Order(connection, facts).placed(operation), facts, {})
    if isinstance(operation, BatchAlterTable):
        # A later operation of a batch finds the column as an earlier one has left it.
        states: dict[tuple[Name, str], ColumnState] = {}
        order = _Order(connection, facts)
        parts: list[Operation] = []
        for each in operation.operations:
            if isinstance(each, AddColumn):
                each = order.placed(each)
            elif isinstance(each, AlterColumn):
                each = _completed(connection, order.placed(each), facts, states)
                name = each.name if each.after.name is UNSET else str(each.after.name)
                states[each.table, name] = replace(each.after.over(each.before), name=UNSET)
            parts.append(each)
        return replace(operation, operations=tuple(parts))
    return operation


def with_constraints(connection: Connection, operation: Operation, server: Server) -> Operation:
    """Return ``operation`` with what it renames as the catalog has it, since a constraint has to be dropped and added again."""
    if isinstance(operation, BatchAlterTable):
        inner = tuple(with_constraints(connection, each, server) for each in operation.operations)
        return replace(operation, operations=inner)
    if not isinstance(operation, RenameConstraint) or operation.constraint is not None:
        return operation
    if operation.kind in ("unique", "primary"):
        return operation
    table = reflect(connection, server, [operation.table.schema]).tables.get(operation.table)
    for constraint in () if table is None else table.constraints():
        if constraint.name == operation.name and operation.kind in (None, constraint_kind(constraint)):
            return replace(operation, constraint=constraint, kind=constraint_kind(constraint))
    return operation


class _Order:
    """The columns of a table in their order while a batch goes on, read when the first one is put before another."""

    def __init__(self, connection: Connection, facts: Facts) -> None:
        self._connection = connection
        self._facts = facts
        self._columns: list[str] | None = None
        self._done: list[AddColumn | AlterColumn] = []

    def placed(self, operation: AnyColumn) -> AnyColumn:
        """Return ``operation`` with its place told by the column that stands before it, which is how the server wants it told."""
        place = operation.place
        if place is not None and place.before is not None:
            if self._columns is None:
                self._columns = self._read(operation.table)
                for each in self._done:
                    self._follow(each)
            if place.before in self._columns:
                at = self._columns.index(place.before)
                ahead = [name for name in self._columns[:at] if name != _name(operation)]
                operation = replace(operation, place=Place(after=ahead[-1]) if ahead else Place(first=True))
        self._done.append(operation)
        if self._columns is not None:
            self._follow(operation)
        return operation

    def _follow(self, operation: AddColumn | AlterColumn) -> None:
        columns = [] if self._columns is None else self._columns
        name, place = _name(operation), operation.place
        at = columns.index(name) if name in columns else len(columns)
        rest = [column for column in columns if column != name]
        if place is not None and (place.first or place.after in rest):
            at = 0 if place.first else rest.index(str(place.after)) + 1
        after = operation.after.name if isinstance(operation, AlterColumn) else name
        rest.insert(at, after if isinstance(after, str) else name)
        self._columns = rest

    def _read(self, table: Name) -> list[str]:
        schema, name = (
            "DATABASE()" if text is None else string_literal(text, backslash_escapes=self._facts.backslash_escapes)
            for text in (table.schema, table.name)
        )
        statement = (
            f"SELECT column_name FROM information_schema.columns WHERE table_schema = {schema} AND table_name = {name} "
            "ORDER BY ordinal_position"
        )
        rows = self._connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return list(map(str, rows.scalars()))


def _name(operation: AddColumn | AlterColumn) -> str:
    return operation.column.name if isinstance(operation, AddColumn) else operation.name


def _completed(
    connection: Connection, operation: AlterColumn, facts: Facts, states: dict[tuple[Name, str], ColumnState]
) -> AlterColumn:
    said = operation.after.over(operation.before)
    fields = {"type", "nullable", "default", "autoincrement", "comment", "options"}
    if (set(operation.after.known()) == {"name"} and operation.place is None) or fields <= said.known().keys():
        return operation
    state = states.get((operation.table, operation.name))
    if state is None:
        column = reflect_column(connection, facts, operation.table, operation.name)
        if column is None:
            return operation
        state = ColumnState.of(column)
    if said.type is not UNSET:
        # A type says its collation, or says none.
        state = replace(state, collation=UNSET)
    return replace(operation, before=operation.before.over(state))


def refuse_full_schema(connection: Connection, operation: DropSchema, facts: Facts) -> None:
    """Refuse to drop a database that has tables or routines in it: DROP DATABASE would take them along.

    Raises:
        UnsupportedOperation: there is something in it.
    """
    name = string_literal(operation.name, backslash_escapes=facts.backslash_escapes)
    statement = (
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = {name} UNION ALL "
        f"SELECT routine_name FROM information_schema.routines WHERE routine_schema = {name}"
    )
    found = sorted(map(str, connection.exec_driver_sql(statement, execution_options={"no_parameters": True}).scalars()))
    if found:
        raise UnsupportedOperation(
            f"{operation.describe()}: the database is not empty ({', '.join(found[:3])}{', ...' if found[3:] else ''}); "
            "drop what is in it first"
        )
