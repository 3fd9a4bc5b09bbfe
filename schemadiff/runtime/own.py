"""The tables in a database that are ours and not the user's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["drop_tables", "own_tables"]


def own_tables(context: MigrationContext) -> tuple[sa.Table, ...]:
    """Return our tables that the database of a context has: the version table, where it is there."""
    connection = context.connection
    assert connection is not None
    known = (context.versions.table,)
    with context.reading():
        found = sa.inspect(connection)
        return tuple(table for table in known if found.has_table(table.name, schema=table.schema))


def drop_tables(context: MigrationContext, tables: Iterable[sa.Table]) -> None:
    """Drop tables, in a transaction of their own where env.py has begun none."""
    connection = context.connection
    assert connection is not None
    with context.backend.transaction(connection):
        for table in tables:
            connection.execute(sa.schema.DropTable(table))
