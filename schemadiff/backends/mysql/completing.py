"""What an operation that runs online may leave open: MariaDB and MySQL state a changed column whole, so the rest is read from the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemadiff.backends.mysql.reflect import reflect_column
from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import string_literal
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import AlterColumn, BatchAlterTable, DropSchema, Operation
from schemadiff.schema import UNSET, ColumnState, Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["completed", "refuse_full_schema"]


def completed(connection: Connection, operation: Operation, facts: Facts) -> Operation:
    """Return ``operation`` with what it does not say of the columns that it alters; what it does say stays."""
    if isinstance(operation, AlterColumn):
        return _completed(connection, operation, facts, {})
    if isinstance(operation, BatchAlterTable):
        # A later operation of a batch finds the column as an earlier one has left it.
        states: dict[tuple[Name, str], ColumnState] = {}
        parts: list[Operation] = []
        for each in operation.operations:
            if isinstance(each, AlterColumn):
                each = _completed(connection, each, facts, states)
                name = each.name if each.after.name is UNSET else str(each.after.name)
                states[each.table, name] = replace(each.after.over(each.before), name=UNSET)
            parts.append(each)
        return replace(operation, operations=tuple(parts))
    return operation


def _completed(
    connection: Connection, operation: AlterColumn, facts: Facts, states: dict[tuple[Name, str], ColumnState]
) -> AlterColumn:
    said = operation.after.over(operation.before)
    fields = {"type", "nullable", "default", "autoincrement", "comment", "options"}
    if set(operation.after.known()) == {"name"} or fields <= said.known().keys():
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
