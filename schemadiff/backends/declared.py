"""What SQLAlchemy has no class for: a column type by the text of its declaration."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

__all__ = ["DeclaredType"]


class DeclaredType(sa.types.UserDefinedType[Any]):
    """A type that SQLAlchemy has no class for, by the text of its declaration: ``DeclaredType("GEOPOINT")``.

    Args:
        declaration: the text that stands in the column's definition.
        collation: the collation of the column.
    """

    cache_ok = True

    def __init__(self, declaration: str, collation: str | None = None) -> None:
        self.declaration = declaration
        self.collation = collation

    def get_col_spec(self, **kw: Any) -> str:
        """Return the declaration."""
        return self.declaration

    def __repr__(self) -> str:
        return f"DeclaredType({self.declaration!r})"
