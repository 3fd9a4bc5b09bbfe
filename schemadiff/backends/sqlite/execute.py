"""Carries batches out: on a connection from the table as it stands there, offline from the table that the batch carries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import exc
from sqlalchemy.engine import Connection

from schemadiff.backends.base import Backend
from schemadiff.backends.sqlite.ddl import Ddl
from schemadiff.backends.sqlite.dependants import broken
from schemadiff.backends.sqlite.rebuild import Step, needs_rebuild, rebuild_statements, steps, temporary_name
from schemadiff.backends.sqlite.reflect import names, owner, reflect_table
from schemadiff.backends.sqlite.settle import is_conditional, is_done, settled
from schemadiff.backends.sqlite.transaction import legacy_alter_table, refuse_enforced_keys
from schemadiff.errors import MigrationFailed, UnsupportedOperation
from schemadiff.operations import AddColumn, BatchAlterTable, DropColumn, Operation, RenameIndex
from schemadiff.schema import Name

__all__ = ["execute_batch", "looked_up", "offline_statements"]


def offline_statements(batch: BatchAlterTable, ddl: Ddl) -> Iterator[str]:
    """Yield the statements of ``batch``, from the table that it carries.

    Raises:
        UnsupportedOperation: it needs a rebuild and carries no table, or an operation does not fit the table.
    """
    if batch.copy_from is not None:
        batch = settled(batch, replace(batch.copy_from, name=batch.table))
    if not needs_rebuild(batch, ddl):
        for operation in batch.operations:
            yield from ddl.statements(operation)
        return
    if batch.copy_from is None:
        raise UnsupportedOperation(
            f"{batch.describe()}: without a database nobody knows the table; give copy_from= to op.batch_alter_table"
        )
    # Nobody can look which names are taken, so the name is one that nobody takes by chance.
    digest = hashlib.sha256(str(batch.table).encode()).hexdigest()[:12]
    temporary = temporary_name(replace(batch.table, name=f"{batch.table.name}_{digest}"))
    renamed = False
    for step in steps(replace(batch.copy_from, name=batch.table), batch):
        if step.rename is not None:
            yield from ddl.statements(step.rename)
            renamed = True
            continue
        if renamed and step.source.dependants:
            raise UnsupportedOperation(
                f"{batch.describe()}: a trigger has to follow the new name, which only a database can tell; "
                "rename outside of the batch, with op.alter_column"
            )
        yield "PRAGMA legacy_alter_table=ON"
        yield from rebuild_statements(step, ddl, temporary)
        yield "PRAGMA legacy_alter_table=OFF"


def execute_batch(connection: Connection, batch: BatchAlterTable, ddl: Ddl) -> None:
    """Carry ``batch`` out on ``connection``, in the transaction that is open.

    The table is read from the database, so that nothing is lost that the batch does not know of.

    Raises:
        UnsupportedOperation: foreign keys are enforced, or an operation does not fit the table.
        MigrationFailed: there is no such table, its rows do not fit the new one, or a view or trigger uses what goes.
    """
    table = None
    if any(map(is_conditional, batch.operations)) or needs_rebuild(batch, ddl):
        table = reflect_table(connection, batch.table)
        if table is not None:
            batch = settled(batch, table)
    if not needs_rebuild(batch, ddl):
        for operation in batch.operations:
            for statement in ddl.statements(operation):
                Backend.run(connection, statement)
        return
    refuse_enforced_keys(connection, batch.describe())
    if table is None:
        raise MigrationFailed(
            f"table {batch.table} does not exist; compare the revision with the database (schemadiff diff)"
        )
    temporary = temporary_name(table.name, names(connection, table.name.schema))
    for step in steps(table, batch):
        if step.rename is not None:
            for statement in ddl.statements(step.rename):
                Backend.run(connection, statement)
        else:
            with _still_usable(connection, step):
                _rebuild(connection, step, ddl, temporary)


def looked_up(connection: Connection, operation: Operation) -> Operation | None:
    """Return ``operation``, which stands outside of a batch, with what it leaves to the database; None where nothing is to be done.

    Raises:
        MigrationFailed: there is no such index.
    """
    if isinstance(operation, RenameIndex) and operation.index is None:
        name = operation.table or owner(connection, operation.name, operation.schema)
        found = None if name is None else reflect_table(connection, name)
        index = None if found is None else next((i for i in found.indexes if i.name == operation.name), None)
        if index is None:
            raise MigrationFailed(
                f"{operation.describe()}: there is no such index; compare the revision with the database (schemadiff diff)"
            )
        return replace(operation, table=name, index=index)
    if isinstance(operation, (AddColumn, DropColumn)) and is_conditional(operation):
        table = reflect_table(connection, operation.table)
        if table is not None and is_done(operation, table):
            return None
        if isinstance(operation, AddColumn):
            return replace(operation, if_not_exists=False)
        return replace(operation, if_exists=False)
    return operation


@contextmanager
def _still_usable(connection: Connection, step: Step) -> Iterator[None]:
    """Look whether views and triggers outlive the columns that go.

    Raises:
        MigrationFailed: one does not.
    """
    gone = {column.name for column in step.source.columns} - {column.name for column in step.target.columns}
    if not gone:
        yield
        return
    schema = step.source.name.schema
    before = broken(connection, schema)
    yield
    after = broken(connection, schema)
    for label in sorted(after.keys() - before.keys()):
        raise MigrationFailed(
            f"{label} uses what goes from table {step.source.name} ({after[label]}); "
            "drop or change it in the revision, before the table"
        )


def _rebuild(connection: Connection, step: Step, ddl: Ddl, temporary: Name) -> None:
    # A renaming before this step has changed the triggers.
    table = reflect_table(connection, step.source.name)
    triggers = () if table is None else table.dependants
    step = replace(step, source=replace(step.source, dependants=triggers))
    temporary_triggers = _temporary_triggers(connection)
    try:
        with legacy_alter_table(connection):
            for statement in rebuild_statements(step, ddl, temporary):
                Backend.run(connection, statement)
    except exc.IntegrityError as error:
        raise MigrationFailed(
            f"table {step.source.name}: its rows do not fit the new definition ({error.orig}); "
            "mend the rows before, in the revision"
        ) from error
    there = _temporary_triggers(connection)
    for name, sql in temporary_triggers.items():
        if name not in there:
            Backend.run(connection, f"CREATE TEMP TRIGGER {sql.removeprefix('CREATE TRIGGER ')}")


def _temporary_triggers(connection: Connection) -> dict[str, str]:
    """Return the triggers of this connection alone, by name: those of a table go with it, though they are in no database of its own."""
    found = connection.exec_driver_sql("SELECT name, sql FROM temp.sqlite_master WHERE type = 'trigger' ORDER BY rowid")
    return {row[0]: row[1] for row in found}
