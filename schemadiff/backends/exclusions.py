"""What SQLAlchemy has no class for: exclusion constraints with options."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql

__all__ = ["ExcludeConstraint"]


class ExcludeConstraint(postgresql.ExcludeConstraint):
    """An exclusion constraint that has options: ``postgresql_include=``, ``postgresql_with=``, ``postgresql_tablespace=``.

    SQLAlchemy's own takes any argument and forgets it.
    """

    def __init__(self, *elements: Any, **kw: Any) -> None:
        own = {name: kw.pop(name) for name in tuple(kw) if name.startswith("postgresql_")}
        super().__init__(*elements, **kw)
        self._validate_dialect_kwargs(own)
