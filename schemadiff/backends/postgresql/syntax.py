"""The parts of expressions as they are written on PostgreSQL: what :mod:`schemadiff.backends.postgresql.parser` reads."""

from __future__ import annotations

from schemadiff.frozen import dataclass

__all__ = [
    "Array",
    "Call",
    "Case",
    "Cast",
    "Choice",
    "Collate",
    "Constant",
    "Distinct",
    "In",
    "Logic",
    "Node",
    "Number",
    "Operation",
    "Reference",
    "Test",
    "Value",
]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression, as it is written: parentheses are gone, nothing has a type yet."""


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, with its sign."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A string, TRUE or FALSE, or NULL."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """A column, with its table or without."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value(Node):
    """CURRENT_TIMESTAMP and the like."""

    word: str


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """``::`` or CAST, and a string behind the name of a type."""

    argument: Node
    type: str


@dataclass(frozen=True, slots=True)
class Array(Node):
    """ARRAY[...]."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """An operator and what it stands before, or between.

    ``over`` is ``any`` or ``all`` where the right side is the elements of an array.
    """

    name: str
    arguments: tuple[Node, ...]
    over: str = ""


@dataclass(frozen=True, slots=True)
class In(Node):
    """[NOT] IN with a list."""

    argument: Node
    items: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """AND, OR or NOT."""

    word: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Test(Node):
    """``IS [NOT] NULL``, ``IS [NOT] TRUE`` and the like."""

    argument: Node
    words: str


@dataclass(frozen=True, slots=True)
class Distinct(Node):
    """IS [NOT] DISTINCT FROM."""

    left: Node
    right: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Case(Node):
    """CASE; what it compares with WHEN, or None."""

    argument: Node | None
    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function. ``syntax`` is the form that it is printed in, where that is none of a call: ``EXTRACT(... FROM ...)``."""

    name: str
    arguments: tuple[Node, ...]
    syntax: str = ""


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """COALESCE, GREATEST, LEAST or NULLIF."""

    word: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Collate(Node):
    """COLLATE."""

    argument: Node
    collation: tuple[str, ...]
