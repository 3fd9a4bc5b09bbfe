"""Small values that the nouns are made of: expressions, types, options, and the mark of what is not known."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import field, replace
from operator import is_
from typing import Any, Final, TypeVar

from schemadiff.frozen import dataclass
from schemadiff.schema.names import Name

__all__ = ["UNSET", "DataType", "Expression", "Options", "Unset", "changed", "option", "options"]


class Unset(enum.Enum):
    """The type of :data:`UNSET`."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset.UNSET
"""Marks what an operation says nothing about, where None already means "no default", "no comment" and so on."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An SQL expression.

    Args:
        sql: the text as the database prints it, or as the model compiles for the backend's dialect. It goes into DDL.
        canonical: the backend's canonical spelling, by which two expressions are compared. Where the canonical forms
            differ, the backend's judge may still find the expressions equal.
        origin: the SQLAlchemy construct (or plain string, for a literal default) that it came from, for rendering. None
            for what was read from a database.
    """

    sql: str = field(compare=False)
    canonical: str
    origin: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.sql


@dataclass(frozen=True, slots=True)
class DataType:
    """A column type.

    Args:
        sql: the backend's canonical spelling, arguments included, collation excluded: what stands in DDL, and what two
            types are compared by.
        named: the enum, domain or other type of the database's own that it uses (``mood`` for ``mood[]``).
        origin: the SQLAlchemy type that it came from, for rendering. None for what was read from a database: the backend's
            ``sqlalchemy_type`` makes one from ``sql``.
    """

    sql: str
    named: Name | None = None
    origin: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.sql


Options = tuple[tuple[str, Any], ...]
"""Settings of one dialect, without its prefix, sorted by name: ``(("fillfactor", "70"),)``. Values are hashable."""


def options(values: Mapping[str, Any]) -> Options:
    """Return ``values`` as :data:`Options`; entries that are None are left out, inner mappings and lists are frozen."""
    return tuple(sorted((key, _frozen(value)) for key, value in values.items() if value is not None))


Noun = TypeVar("Noun")

_PLAIN = (str, bool, int, Name)


def changed(noun: Noun, **values: Any) -> Noun:
    """Return ``noun`` with other values, as :func:`dataclasses.replace` does; ``noun`` itself where it has these values already.

    Of objects that are not compared as a whole, as an expression with its origin, only the very same one is the same value.
    """
    for name, value in values.items():
        old = getattr(noun, name)
        if old is value or (type(old) is type(value) and _is_same(old, value)):
            continue
        return replace(noun, **values)  # type: ignore[type-var]
    return noun


def _is_same(old: Any, value: Any) -> bool:
    if isinstance(value, tuple):
        return len(old) == len(value) and all(map(is_, old, value))
    return isinstance(value, _PLAIN) and bool(old == value)


def option(values: Options, name: str, default: Any = None) -> Any:
    """Return the option ``name``, or ``default``."""
    for key, value in values:
        if key == name:
            return value
    return default


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return options(value)
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return tuple(sorted(_frozen(item) for item in value))
    return value
