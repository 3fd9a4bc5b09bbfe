"""What the user of a connection to PostgreSQL may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends.rights import Right

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["rights"]

_QUERY = """
    SELECT pg_catalog.current_setting('transaction_read_only') = 'on' AS read_only, pg_catalog.pg_is_in_recovery() AS standby,
        pg_catalog.current_schema()::text AS schema, pg_catalog.current_database()::text AS database,
        pg_catalog.has_schema_privilege(pg_catalog.current_schema()::text, 'CREATE') AS tables,
        pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY') AS temporary_tables,
        r.rolcreatedb OR r.rolsuper AS databases
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname = current_user
"""


def rights(connection: Connection) -> tuple[Right, ...]:
    """Return what its user may do, in one statement."""
    row = connection.execute(sa.text(_QUERY)).one()
    if row.standby or row.read_only:
        why = "the server is a standby" if row.standby else "transactions are read-only"
        return (Right("tables", False, why), Right("temporary tables", False, why), Right("databases", False, why))
    no_schema = "search_path names no schema that exists"
    return (
        Right("tables", bool(row.tables), no_schema if row.schema is None else f"CREATE on schema {row.schema}"),
        Right("temporary tables", row.temporary_tables, f"TEMPORARY on database {row.database}"),
        Right("databases", row.databases, "CREATEDB of the role"),
    )
