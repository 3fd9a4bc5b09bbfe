"""What the user of a connection to MariaDB or MySQL may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends.rights import Right

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["rights"]

# Who may read the tables of rights sees those of all users. The name of a database is a pattern in them.
_QUERY = """
    SELECT privilege_type AS privilege, 1 AS everywhere FROM information_schema.user_privileges WHERE grantee = :me
    UNION ALL
    SELECT privilege_type, 0 FROM information_schema.schema_privileges WHERE grantee = :me AND DATABASE() LIKE table_schema
"""
_MAY_WRITE_ALL_THE_SAME = frozenset({"SUPER", "READ_ONLY ADMIN", "READ ONLY ADMIN", "CONNECTION_ADMIN"})


def rights(connection: Connection) -> tuple[Right, ...]:
    """Return what its user may do, in a few statements. What roles grant is not looked into: it is not known then."""
    read_only, database, user = connection.execute(sa.text("SELECT @@read_only, DATABASE(), CURRENT_USER()")).one()
    name, _, host = str(user).rpartition("@")
    rows = connection.execute(sa.text(_QUERY), {"me": f"'{name}'@'{host}'"})
    granted = {(str(row[0]).upper(), bool(row[1])) for row in rows}
    everywhere = {privilege for privilege, is_everywhere in granted if is_everywhere}
    here = {privilege for privilege, _ in granted}
    if read_only and not everywhere & _MAY_WRITE_ALL_THE_SAME:
        why = "the server is read-only"
        return (Right("tables", False, why), Right("temporary tables", None, why), Right("databases", False, why))
    otherwise = None if _has_role(connection) else False
    return (
        Right("tables", "CREATE" in here or otherwise, f"CREATE on {database}"),
        Right(
            "temporary tables", "CREATE TEMPORARY TABLES" in here or otherwise, f"CREATE TEMPORARY TABLES on {database}"
        ),
        Right("databases", "CREATE" in everywhere or otherwise, "CREATE on *.*"),
    )


def _has_role(connection: Connection) -> bool:
    dialect = connection.dialect
    if not getattr(dialect, "is_mariadb", False) and (dialect.server_version_info or (0,)) < (8,):
        return False
    role = connection.exec_driver_sql("SELECT CURRENT_ROLE()").scalar()
    return role is not None and str(role).upper() != "NONE"
