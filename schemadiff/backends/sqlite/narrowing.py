"""Which changes of type lose values, and which are refused over them: SQLite.

A type is no limit to what a column holds: its affinity alone says what becomes of a value (SQLite manual, "Datatypes In SQLite", 3.1 and
3.3). So a shorter VARCHAR loses nothing. A STRICT table does refuse values of other types, but there every type that can be named says so
by its affinity.
"""

from __future__ import annotations

from typing import Literal

from schemadiff.backends.narrowing import Narrowing
from schemadiff.schema import DataType

__all__ = ["affinity", "narrowings"]

Affinity = Literal["INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC"]

# The parts of a type's name that decide, in the order in which they are looked for.
_RULES: tuple[tuple[str, Affinity], ...] = (
    ("INT", "INTEGER"),
    ("CHAR", "TEXT"),
    ("CLOB", "TEXT"),
    ("TEXT", "TEXT"),
    ("BLOB", "BLOB"),
    ("REAL", "REAL"),
    ("FLOA", "REAL"),
    ("DOUB", "REAL"),
)


def affinity(sql: str) -> Affinity:
    """Return the affinity of a column that is declared with the type ``sql``."""
    if not sql:
        return "BLOB"
    return next((found for part, found in _RULES if part in sql.upper()), "NUMERIC")


def narrowings(old: DataType, new: DataType) -> tuple[Narrowing, ...]:
    """Return which values of ``old`` a column of ``new`` does not hold as they are."""
    one, other = affinity(old.sql), affinity(new.sql)
    if one in ("TEXT", "BLOB") and other in ("INTEGER", "NUMERIC", "REAL"):
        return (Narrowing("texts that look like numbers become numbers: '007' becomes 7", False),)
    if one in ("INTEGER", "NUMERIC") and other == "REAL":
        return (Narrowing("digits beyond the 15th are rounded", False),)
    return ()
