"""Operations that are statements of the user's own."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Operation

__all__ = ["BulkInsert", "Execute"]


@dataclass(frozen=True, kw_only=True)
class Execute(Operation):
    """A statement as the user gave it.

    Args:
        sql: its text for the backend's dialect, with literal values in it: what offline mode prints.
        statement: the SQLAlchemy construct that it came from, executed in its place online; None for plain text.
        parameters: the bound parameters given with it.
    """

    sql: str
    statement: Any = field(default=None, compare=False, repr=False)
    parameters: Any = field(default=None, compare=False, repr=False)

    def describe(self) -> str:
        first = " ".join(self.sql.split())
        return f"Execute {first[:60]}{'…' if len(first) > 60 else ''}"


@dataclass(frozen=True, kw_only=True)
class BulkInsert(Operation):
    """INSERT of many rows.

    Args:
        table: the SQLAlchemy table construct that rows go into.
        rows: mappings from column names to values.
        sql: the statements with literal values, which offline mode prints.
    """

    table: Any = field(compare=False, repr=False)
    rows: tuple[Any, ...] = field(compare=False)
    sql: tuple[str, ...] = ()

    def describe(self) -> str:
        return f"Insert {len(self.rows)} rows into {self.table.name}"
