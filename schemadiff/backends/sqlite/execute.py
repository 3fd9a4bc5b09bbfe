"""Carries batches out: on a connection from the table as it stands there, offline from the table that the batch carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import exc
from sqlalchemy.engine import Connection

from schemadiff.backends.base import Backend
from schemadiff.backends.sqlite.ddl import Ddl
from schemadiff.backends.sqlite.rebuild import Step, needs_rebuild, rebuild_statements, steps, temporary_name
from schemadiff.backends.sqlite.reflect import reflect
from schemadiff.backends.sqlite.transaction import legacy_alter_table, refuse_enforced_keys
from schemadiff.errors import MigrationFailed, UnsupportedOperation
from schemadiff.operations import BatchAlterTable
from schemadiff.schema import Server, Table

__all__ = ["execute_batch", "offline_statements"]


def offline_statements(batch: BatchAlterTable, ddl: Ddl) -> Iterator[str]:
    """Yield the statements of ``batch``, from the table that it carries.

    Raises:
        UnsupportedOperation: it needs a rebuild and carries no table, or an operation does not fit the table.
    """
    if not needs_rebuild(batch, ddl):
        for operation in batch.operations:
            yield from ddl.statements(operation)
        return
    if batch.copy_from is None:
        raise UnsupportedOperation(
            f"{batch.describe()}: without a database nobody knows the table; give copy_from= to op.batch_alter_table"
        )
    temporary = temporary_name(batch.table)
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


def execute_batch(connection: Connection, batch: BatchAlterTable, ddl: Ddl, server: Server) -> None:
    """Carry ``batch`` out on ``connection``, in the transaction that is open.

    The table is read from the database, so that nothing is lost that the batch does not know of.

    Raises:
        UnsupportedOperation: foreign keys are enforced, or an operation does not fit the table.
        MigrationFailed: there is no such table, or its rows do not fit the new one.
    """
    if not needs_rebuild(batch, ddl):
        for operation in batch.operations:
            for statement in ddl.statements(operation):
                Backend.run(connection, statement)
        return
    refuse_enforced_keys(connection, batch.describe())
    table, taken = _live(connection, batch, server)
    temporary = temporary_name(table.name, taken)
    for step in steps(table, batch):
        if step.rename is not None:
            for statement in ddl.statements(step.rename):
                Backend.run(connection, statement)
            continue
        found = _triggers(connection, step, server)
        with legacy_alter_table(connection):
            _rebuild(connection, found, ddl, temporary)


def _live(connection: Connection, batch: BatchAlterTable, server: Server) -> tuple[Table, list[str]]:
    schema = reflect(connection, [batch.table.schema], server)
    table = schema.tables.get(batch.table)
    if table is None:
        wanted = batch.table.name.lower()
        table = next((t for name, t in schema.tables.items() if name.name.lower() == wanted), None)
    if table is None:
        raise MigrationFailed(
            f"table {batch.table} does not exist; compare the revision with the database (schemadiff diff)"
        )
    return table, [name.name for name in (*schema.tables, *schema.dependants)]


def _triggers(connection: Connection, step: Step, server: Server) -> Step:
    """Return ``step`` with the triggers as they stand: a renaming before it has changed them."""
    schema = reflect(connection, [step.source.name.schema], server)
    table = schema.tables[step.source.name]
    return replace(step, source=replace(step.source, dependants=table.dependants))


def _rebuild(connection: Connection, step: Step, ddl: Ddl, temporary: object) -> None:
    try:
        for statement in rebuild_statements(step, ddl, temporary):  # type: ignore[arg-type]
            Backend.run(connection, statement)
    except exc.IntegrityError as error:
        raise MigrationFailed(
            f"table {step.source.name}: its rows do not fit the new definition ({error.orig}); mend the rows before, in the revision"
        ) from error
