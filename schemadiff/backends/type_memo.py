"""What is found out about SQLAlchemy types, once for each distinct type: a model has thousands of columns and few types."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import sqlalchemy as sa

__all__ = ["TypeMemo"]

Found = TypeVar("Found")


class TypeMemo:
    """Remembers what has been found out about types, by their value."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}

    def of(
        self, what: str, type_: sa.types.TypeEngine[Any], find: Callable[[sa.types.TypeEngine[Any]], Found]
    ) -> Found:
        """Return what ``find`` finds of ``type_``, or has found of one like it.

        Only types that SQLAlchemy defines are known by their value: the class, and all that the instance holds (a variant for another database,
        too). A type of a user's own may be anything, and one that holds lists or other types as they are is like itself alone.

        Args:
            what: a name for what is found.
            type_: the type.
            find: finds it.
        """
        kind = type(type_)
        if not kind.__module__.startswith("sqlalchemy."):
            return find(type_)
        try:
            key = (what, kind, *vars(type_).items())
            known = key in self._found
        except TypeError:
            return find(type_)
        if not known:
            self._found[key] = find(type_)
        found: Found = self._found[key]
        return found
