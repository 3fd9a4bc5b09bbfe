"""What is found out about SQLAlchemy types, once for each distinct type: a model has thousands of columns and few types."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

__all__ = ["TypeMemo"]

Found = TypeVar("Found")
AnyType = sa.types.TypeEngine[Any]


class TypeMemo(Generic[Found]):
    """Remembers what has been found out about types, by their value.

    Args:
        find: finds it of one type; never None.
    """

    def __init__(self, find: Callable[[AnyType], Found]) -> None:
        self._find = find
        self._found: dict[Hashable, Found] = {}
        self._kinds: dict[type[Any], bool] = {}

    def of(self, type_: AnyType) -> Found:
        """Return what is found of ``type_``, or has been found of one like it.

        Only types that SQLAlchemy defines are known by their value: the class, and all that the instance holds (a variant for another database,
        too). A type of a user's own may be anything, and one that holds lists or other types as they are is like itself alone.
        """
        kind = type(type_)
        by_value = self._kinds.get(kind)
        if by_value is None:
            by_value = self._kinds[kind] = kind.__module__.startswith("sqlalchemy.")
        if not by_value:
            return self._find(type_)
        held = vars(type_)
        # The events that an instance listens to are no part of what it is.
        if "dispatch" in held:
            held = {name: value for name, value in held.items() if name != "dispatch"}
        key = (kind, *held, *held.values())
        try:
            found = self._found.get(key)
        except TypeError:
            return self._find(type_)
        if found is None:
            found = self._found[key] = self._find(type_)
        return found
