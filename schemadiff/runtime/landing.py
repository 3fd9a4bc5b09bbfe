"""Whether the effect of an operation is in the database, which only the catalog can tell where a run ended in the middle of it.

Nobody guesses here: the catalog shows the database as it is before the operation, as it is after it, or it does not say.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Literal

from sqlalchemy.engine import Connection

from schemadiff.backends import Backend
from schemadiff.comparison import compare
from schemadiff.errors import SchemadiffError
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
    BulkInsert,
    CreateDependant,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumn,
    DropConstraint,
    DropDependant,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropView,
    Execute,
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
    constraint_kind,
    evolve,
    evolve_all,
)
from schemadiff.reflection.database import all_schemas, read
from schemadiff.schema import UNSET, Constraint, Name, Schema, Table

__all__ = ["Landing", "landing"]

Landing = Literal["before", "after", "remains", "unknown"]
"""What the catalog shows: ``remains`` is an index that was left half made, and has to go before it is made again."""


def landing(connection: Connection, backend: Backend, operation: Operation) -> Landing:
    """Return whether the catalog shows the database before ``operation`` or after it.

    Args:
        connection: the connection; its transaction is left as it was.
        backend: the backend of the connection.
        operation: an operation of one statement, or one whose statements are all kept or none.
    """
    was = connection.in_transaction()
    try:
        if backend.shares_transaction(operation):
            # It ran in one transaction with the note that it is done, which is not there.
            return "before" if backend.keeps_rows_whole(connection) else "unknown"
        return _landing(operation, _Catalog(connection, backend))
    except SchemadiffError:
        return "unknown"
    finally:
        if not was and connection.in_transaction():
            connection.rollback()


class _Catalog:
    """The database as it is now; read when the first thing is asked."""

    def __init__(self, connection: Connection, backend: Backend) -> None:
        self.connection = connection
        self.backend = backend
        self._found: dict[str | None, Schema] = {}

    def schema(self, name: str | None) -> Schema:
        """Return what is in a schema."""
        if name not in self._found:
            self._found[name] = read(self.connection, self.backend, (name,))
        return self._found[name]

    def table(self, name: Name) -> Table | None:
        """Return a table, by the name that the database knows it by."""
        tables = self.schema(name.schema).tables
        fold = self.backend.fold_table
        return tables.get(name) or next((t for n, t in tables.items() if fold(n.name) == fold(name.name)), None)

    def index_owner(self, name: str, schema: str | None) -> Table | None:
        """Return the table that has an index of this name."""
        tables = self.schema(schema).tables.values()
        return next((table for table in tables if any(index.name == name for index in table.indexes)), None)

    def same(self, left: Table, right: Table) -> bool:
        """Return True where two states of a table are the same to the comparison, and to the server's judge."""
        server = self.backend.server
        before, after = (
            Schema(server=server, tables={left.name: replace(each, name=left.name)}) for each in (left, right)
        )
        comparison = compare(before, after, self.backend)
        if comparison.operations and comparison.questions:
            verdict = self.backend.judge(self.connection, comparison.questions, before, after)
            comparison = compare(before, after, self.backend, verdict.equal)
        return not comparison.operations and not comparison.refused


def _either(after: bool, before: bool) -> Landing:
    """Return what holds of two states; nobody knows where both do, or none."""
    return "unknown" if after == before else "after" if after else "before"


@singledispatch
def _landing(operation: Operation, catalog: _Catalog) -> Landing:
    return "unknown"


# -- what is there by name


@_landing.register
def _create_table(operation: CreateTable, catalog: _Catalog) -> Landing:
    found = catalog.table(operation.table.name)
    if found is None:
        return "before"
    if operation.if_not_exists:
        return "after"
    # An index that the server makes for a key is no part of the statement.
    bare = replace(found, indexes=(), dependants=())
    wanted = catalog.backend.finish_table(replace(operation.table, indexes=(), dependants=()))
    return "after" if catalog.same(bare, wanted) else "unknown"


@_landing.register
def _drop_table(operation: DropTable, catalog: _Catalog) -> Landing:
    return "after" if catalog.table(operation.name) is None else "before"


@_landing.register
def _rename_table(operation: RenameTable, catalog: _Catalog) -> Landing:
    new = Name(operation.new_name, operation.name.schema)
    tables = catalog.schema(operation.name.schema).tables
    return _either(new in tables and operation.name not in tables, operation.name in tables and new not in tables)


@_landing.register
def _create_schema(operation: CreateSchema, catalog: _Catalog) -> Landing:
    return "after" if operation.name in all_schemas(catalog.connection) else "before"


@_landing.register
def _drop_schema(operation: DropSchema, catalog: _Catalog) -> Landing:
    return "before" if operation.name in all_schemas(catalog.connection) else "after"


@_landing.register
def _create_view(operation: CreateView, catalog: _Catalog) -> Landing:
    return "after" if _has_view(catalog, operation.view.name) else "before"


@_landing.register
def _drop_view(operation: DropView, catalog: _Catalog) -> Landing:
    return "before" if _has_view(catalog, operation.name) else "after"


def _has_view(catalog: _Catalog, name: Name) -> bool:
    schema = catalog.schema(name.schema)
    return name in schema.views or name in schema.dependants


@_landing.register
def _create_sequence(operation: CreateSequence, catalog: _Catalog) -> Landing:
    found = catalog.schema(operation.sequence.name.schema).sequences.get(operation.sequence.name)
    if found is None:
        return "before"
    return "after" if operation.if_not_exists or found == operation.sequence else "unknown"


@_landing.register
def _drop_sequence(operation: DropSequence, catalog: _Catalog) -> Landing:
    return "before" if operation.name in catalog.schema(operation.name.schema).sequences else "after"


@_landing.register
def _alter_sequence(operation: AlterSequence, catalog: _Catalog) -> Landing:
    found = catalog.schema(operation.after.name.schema).sequences.get(operation.after.name)
    return _either(found == operation.after, found == operation.before)


@_landing.register
def _create_dependant(operation: CreateDependant, catalog: _Catalog) -> Landing:
    if not _has_dependant(operation, catalog):
        return "before"
    return "unknown" if operation.dependant.also else "after"


@_landing.register
def _drop_dependant(operation: DropDependant, catalog: _Catalog) -> Landing:
    return "before" if _has_dependant(operation, catalog) else "after"


def _has_dependant(operation: CreateDependant | DropDependant, catalog: _Catalog) -> bool:
    wanted = operation.dependant
    schema = wanted.schema if wanted.table is None else wanted.table.schema
    return any(each.identity == wanted.identity for each in catalog.backend.dependants(catalog.schema(schema)))


# -- columns, constraints and indexes: what is there by name, and is as the operation makes it


def _made(catalog: _Catalog, table: Table, without: Table, operation: Operation) -> Landing:
    """Return ``after`` where the operation makes ``table`` of ``without``."""
    made = catalog.backend.finish_table(evolve(without, operation))
    return "after" if catalog.same(table, made) else "unknown"


@_landing.register
def _add_column(operation: AddColumn, catalog: _Catalog) -> Landing:
    table, fold = catalog.table(operation.table), catalog.backend.fold_column
    if table is None:
        return "unknown"
    name = fold(operation.column.name)
    if all(fold(column.name) != name for column in table.columns):
        return "before"
    if operation.if_not_exists:
        return "after"
    bare = _without_inline(table, operation)
    columns = tuple(column for column in bare.columns if fold(column.name) != name)
    return _made(catalog, table, replace(bare, columns=columns), operation)


def _without_inline(table: Table, operation: AddColumn) -> Table:
    """Return ``table`` without the keys that the column's own definition makes."""
    for constraint in operation.inline:
        if constraint_kind(constraint) == "primary":
            table = replace(table, primary_key=None)
        else:
            table = _without(table, _same_but_for_name(table, constraint))
    return table


@_landing.register
def _drop_column(operation: DropColumn, catalog: _Catalog) -> Landing:
    table, fold = catalog.table(operation.table), catalog.backend.fold_column
    if table is None:
        return "unknown"
    there = any(fold(column.name) == fold(operation.name) for column in table.columns)
    return "before" if there else "after"


@_landing.register
def _alter_column(operation: AlterColumn, catalog: _Catalog) -> Landing:
    table = catalog.table(operation.table)
    if table is None:
        return "unknown"
    new = operation.name if operation.after.name is UNSET else str(operation.after.name)
    old_there, new_there = table.column(operation.name) is not None, table.column(new) is not None
    if new != operation.name:
        return _either(new_there and not old_there, old_there and not new_there)
    if operation.place is not None or not old_there:
        # Where a column stands is nothing that is compared.
        return "unknown"
    return _changed(catalog, table, operation)


@_landing.register(SetTableComment)
@_landing.register(AlterTable)
def _alter_table(operation: SetTableComment | AlterTable, catalog: _Catalog) -> Landing:
    table = catalog.table(operation.name)
    return "unknown" if table is None else _changed(catalog, table, operation)


def _changed(catalog: _Catalog, table: Table, operation: Operation) -> Landing:
    """Return where a table stands that one statement changes in place: it has what the operation sets, or it has not."""
    finish = catalog.backend.finish_table
    if catalog.same(table, finish(evolve(table, operation))):
        return "after"
    try:
        back = operation.reverse()
    except SchemadiffError:
        # It does not say what was there before. What it sets is not there, and a statement is all or nothing.
        return "before"
    return "before" if catalog.same(table, finish(evolve(table, back))) else "unknown"


@_landing.register
def _add_constraint(operation: AddConstraint, catalog: _Catalog) -> Landing:
    table = catalog.table(operation.table)
    if table is None:
        return "unknown"
    wanted = operation.constraint
    found = _named(table, wanted.name, constraint_kind(wanted)) if wanted.name else _same_but_for_name(table, wanted)
    if constraint_kind(wanted) == "primary":
        found = table.primary_key
    if found is None:
        return "before"
    return _made(catalog, table, _without(table, found), operation)


@_landing.register
def _drop_constraint(operation: DropConstraint, catalog: _Catalog) -> Landing:
    table = catalog.table(operation.table)
    if table is None or (operation.name is None and operation.kind != "primary"):
        return "unknown"
    if operation.kind == "primary":
        return "after" if table.primary_key is None else "before"
    return "after" if _named(table, str(operation.name), operation.kind) is None else "before"


@_landing.register
def _rename_constraint(operation: RenameConstraint, catalog: _Catalog) -> Landing:
    table = catalog.table(operation.table)
    if table is None:
        return "unknown"
    old, new = (_named(table, name, operation.kind) is not None for name in (operation.name, operation.new_name))
    return _either(new and not old, old and not new)


def _named(table: Table, name: str, kind: str | None) -> Constraint | None:
    found = (each for each in table.constraints() if each.name == name and kind in (None, constraint_kind(each)))
    return next(found, None)


def _same_but_for_name(table: Table, wanted: Constraint) -> Constraint | None:
    found = (
        each for each in table.constraints() if type(each) is type(wanted) and replace(each, name=wanted.name) == wanted
    )
    return next(found, None)


def _without(table: Table, found: Constraint | None) -> Table:
    if found is None:
        return table
    return evolve(
        table, DropConstraint(table=table.name, name=found.name, kind=constraint_kind(found), constraint=found)
    )


@_landing.register
def _create_index(operation: CreateIndex, catalog: _Catalog) -> Landing:
    table = catalog.table(operation.table)
    if table is None:
        return "unknown"
    found = next((index for index in table.indexes if index.name == operation.index.name), None)
    if found is None:
        return "before"
    if not catalog.backend.is_finished(found):
        return "remains"
    if operation.if_not_exists:
        return "after"
    without = replace(table, indexes=tuple(index for index in table.indexes if index is not found))
    return _made(catalog, table, without, operation)


@_landing.register
def _drop_index(operation: DropIndex, catalog: _Catalog) -> Landing:
    schema = operation.schema if operation.table is None else operation.table.schema
    if operation.table is None:
        return "after" if catalog.index_owner(operation.name, schema) is None else "before"
    table = catalog.table(operation.table)
    if table is None:
        return "unknown"
    return "before" if any(index.name == operation.name for index in table.indexes) else "after"


@_landing.register
def _rename_index(operation: RenameIndex, catalog: _Catalog) -> Landing:
    schema = operation.schema if operation.table is None else operation.table.schema
    if operation.table is None:
        old, new = (catalog.index_owner(name, schema) is not None for name in (operation.name, operation.new_name))
    else:
        table = catalog.table(operation.table)
        # A unique constraint is known by its index.
        indexes, constraints = ((), ()) if table is None else (table.indexes, tuple(table.constraints()))
        names = {each.name for each in (*indexes, *constraints)}
        old, new = operation.name in names, operation.new_name in names
    return _either(new and not old, old and not new)


# -- several in one statement


@_landing.register
def _batch(operation: BatchAlterTable, catalog: _Catalog) -> Landing:
    if operation.copy_from is not None:
        table = catalog.table(operation.table)
        if table is not None:
            finish = catalog.backend.finish_table
            start = replace(operation.copy_from, name=table.name)
            return _either(
                catalog.same(table, finish(evolve_all(start, operation.operations))), catalog.same(table, finish(start))
            )
    found = {_landing(each, catalog) for each in operation.operations}
    return found.pop() if len(found) == 1 else "unknown"


@_landing.register(Execute)
@_landing.register(BulkInsert)
def _statement(operation: Execute | BulkInsert, catalog: _Catalog) -> Landing:
    # Nobody knows what it does.
    return "unknown"
