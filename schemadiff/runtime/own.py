"""The tables in a database that are ours and not the user's: the version table and the side tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends import Backend
from schemadiff.runtime.side_tables import SUFFIXES, side_name
from schemadiff.schema import Name

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.versions import VersionTable

__all__ = ["drop_tables", "names_beside", "own_names", "own_tables"]


def own_names(context: MigrationContext) -> tuple[Name, ...]:
    """Return the names of the tables that are ours in the database of a context, whether or not they are there."""
    return names_beside(context.versions, context.backend)


def names_beside(versions: VersionTable, backend: Backend) -> tuple[Name, ...]:
    """Return the name of a version table, and those of the tables beside it.

    Args:
        versions: the version table.
        backend: the backend that it stands on.
    """
    name = versions.name
    beside = (side_name(backend, versions.table, suffix) for suffix in SUFFIXES)
    return (name, *(Name(each, name.schema) for each in beside))


def own_tables(context: MigrationContext) -> tuple[sa.Table, ...]:
    """Return our tables that the database of a context has, the version table last."""
    connection = context.connection
    assert connection is not None
    versions = context.versions.table
    names = (side_name(context.backend, versions, suffix) for suffix in SUFFIXES)
    known = (*(sa.Table(name, sa.MetaData(), schema=versions.schema) for name in names), versions)
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
