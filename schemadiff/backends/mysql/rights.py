"""What the user of a connection to MariaDB or MySQL may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends.rights import Right

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["rights"]

# A user sees its own rights here, and those of its roles under the roles' names. The name of a database is a pattern in them.
_QUERY = """
    SELECT privilege_type AS privilege, 1 AS everywhere FROM information_schema.user_privileges
    UNION ALL
    SELECT privilege_type, 0 FROM information_schema.schema_privileges WHERE DATABASE() LIKE table_schema
"""


def rights(connection: Connection) -> tuple[Right, ...]:
    """Return what its user may do, in two statements."""
    read_only, database = connection.execute(sa.text("SELECT @@read_only, DATABASE()")).one()
    granted = {(str(row[0]).upper(), bool(row[1])) for row in connection.execute(sa.text(_QUERY))}
    everywhere = {privilege for privilege, is_everywhere in granted if is_everywhere}
    here = {privilege for privilege, _ in granted}
    if read_only and not everywhere & {"SUPER", "READ_ONLY ADMIN", "READ ONLY ADMIN", "CONNECTION_ADMIN"}:
        why = "the server is read-only"
        return (Right("tables", False, why), Right("temporary tables", None, why), Right("databases", False, why))
    return (
        Right("tables", "CREATE" in here, f"CREATE on {database}"),
        Right("temporary tables", "CREATE TEMPORARY TABLES" in here, f"CREATE TEMPORARY TABLES on {database}"),
        Right("databases", "CREATE" in everywhere, "CREATE on *.*"),
    )
