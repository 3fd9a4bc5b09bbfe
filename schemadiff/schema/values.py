"""Small values that the nouns are made of: expressions, types, options, and the mark of what is not known."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import field, fields, replace
from operator import attrgetter, is_
from types import MemberDescriptorType
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
        return _made_anew(noun, values)
    return noun


@dataclass(frozen=True, slots=True)
class _Slots:
    """How the fields of a class are read, all at once, and set, one by one."""

    read: Callable[[Any], tuple[Any, ...]]
    setters: Mapping[str, Callable[[Any, Any], None]]


_slots: dict[type[Any], _Slots | None] = {}


def _made_anew(noun: Noun, values: dict[str, Any]) -> Noun:
    cls = type(noun)
    try:
        slots = _slots[cls]
    except KeyError:
        slots = _slots[cls] = _slots_of(cls)
    if slots is None:
        return replace(noun, **values)  # type: ignore[type-var]
    # As replace() does, but not by way of the arguments of __init__: models are lowered by thousands of these.
    made = object.__new__(cls)
    setters = slots.setters
    for set_, value in zip(setters.values(), slots.read(noun), strict=True):
        set_(made, value)
    for name, value in values.items():
        setters[name](made, value)
    return made


def _slots_of(cls: type[Any]) -> _Slots | None:
    """Return the slots of a dataclass by their fields; None where its ``__init__`` does more than to fill them."""
    slots = {each.name: getattr(cls, each.name, None) for each in fields(cls) if each.init}
    if len(slots) < len(fields(cls)) or hasattr(cls, "__post_init__"):
        return None
    setters = {name: slot.__set__ for name, slot in slots.items() if isinstance(slot, MemberDescriptorType)}
    # One name alone would be read as it is, not as a tuple.
    return _Slots(attrgetter(*slots), setters) if len(setters) == len(slots) > 1 else None


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
