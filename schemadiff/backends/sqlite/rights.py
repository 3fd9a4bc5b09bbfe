"""What can be made in a SQLite database: what the file and its folder allow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from schemadiff.backends.rights import Right

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["rights"]


def rights(connection: Connection) -> tuple[Right, ...]:
    """Return what can be made: databases of their own are temporary files, which need nothing of this one."""
    rows = connection.exec_driver_sql("PRAGMA database_list").all()
    path = next((str(row[2]) for row in rows if row[1] == "main"), "")
    if connection.exec_driver_sql("PRAGMA query_only").scalar():
        tables = Right("tables", False, "PRAGMA query_only is on")
    elif path and os.path.exists(path) and not os.access(path, os.W_OK):
        tables = Right("tables", False, f"the file {path} may not be written")
    elif path and not os.access(os.path.dirname(path) or ".", os.W_OK):
        tables = Right("tables", False, f"the folder of {path} may not be written, where the journal goes")
    else:
        tables = Right("tables", True)
    return (tables, Right("temporary tables", True), Right("databases", True))
