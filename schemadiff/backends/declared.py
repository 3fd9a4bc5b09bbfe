"""What SQLAlchemy has no class for: a column type by the text of its declaration, and exclusion constraints with options."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

__all__ = ["DeclaredType", "ExcludeConstraint"]


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


class ExcludeConstraint(postgresql.ExcludeConstraint):
    """An exclusion constraint that has options: ``postgresql_include=``, ``postgresql_with=``, ``postgresql_tablespace=``.

    SQLAlchemy's own takes any argument and forgets it.
    """

    def __init__(self, *elements: Any, **kw: Any) -> None:
        own = {name: kw.pop(name) for name in tuple(kw) if name.startswith("postgresql_")}
        super().__init__(*elements, **kw)
        self._validate_dialect_kwargs(own)
