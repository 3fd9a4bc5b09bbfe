"""A live database, as a Schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends import Backend
from schemadiff.collector import paused_collector
from schemadiff.reflection.filters import Filters
from schemadiff.schema import Name, Schema

__all__ = ["all_schemas", "read", "scope"]


def read(
    connection: Connection,
    backend: Backend,
    schemas: Iterable[str | None],
    *,
    filters: Filters | None = None,
    ignore: Iterable[Name] = (),
) -> Schema:
    """Return what is in ``schemas`` of a database, without what the filters and ``ignore`` leave out.

    Args:
        connection: the connection; its transaction is left as it was.
        backend: the backend of the connection.
        schemas: the schemas to read; None is the default schema, which is also meant by its own name.
        filters: ``include_name`` is asked here.
        ignore: tables that are schemadiff's own.
    """
    wanted = scope(schemas, backend)
    if filters is not None:
        wanted = tuple(schema for schema in wanted if filters.includes_name(schema, "schema", {}))
    with paused_collector():
        found = backend.reflect(connection, wanted)
    ignored = set(ignore)
    tables = {name: table for name, table in found.tables.items() if name not in ignored}
    # Schemas out of scope are nobody's to drop.
    found = replace(found, tables=tables, schemas=found.schemas & {schema for schema in wanted if schema is not None})
    return found if filters is None else filters.by_name(found)


def scope(schemas: Iterable[str | None], backend: Backend) -> tuple[str | None, ...]:
    """Return ``schemas`` without repetition, sorted, the default schema as None."""
    default = backend.server.default_schema
    found = {None if schema == default else schema for schema in schemas}
    return tuple(sorted(found, key=lambda schema: schema or ""))


def all_schemas(connection: Connection) -> tuple[str, ...]:
    """Return the names of all schemas of a database that are not the system's."""
    system = {"information_schema", "performance_schema", "mysql", "sys", "pg_catalog", "pg_toast"}
    names = sa.inspect(connection).get_schema_names()
    return tuple(name for name in names if name not in system and not name.startswith(("pg_toast", "pg_temp")))
