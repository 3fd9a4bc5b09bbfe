"""Constraints and indexes.

``implicit`` says that nobody gave the name: the model left it open and the server chose it (or will; then the name is the one
that the server is known to choose, where it can be foretold). An implicit name is no part of a difference. A name read from a database is never
implicit on its own: comparison decides that when it pairs it with a constraint whose name the model leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from operator import itemgetter
from typing import Any, TypeVar

from schemadiff.frozen import dataclass
from schemadiff.schema.names import Name
from schemadiff.schema.values import Expression, Options

__all__ = [
    "CheckConstraint",
    "Constraint",
    "ExcludeConstraint",
    "ExcludeElement",
    "ForeignKey",
    "Index",
    "IndexElement",
    "PrimaryKey",
    "UniqueConstraint",
    "sorted_by_name",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryKey:
    """A primary key. ``name`` is None where the database keeps none (MySQL calls all of them PRIMARY)."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False
    options: Options = ()
    comment: str | None = None
    implicit: bool = field(default=False, compare=False)
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueConstraint:
    """A unique constraint. Column order counts; NULLS NOT DISTINCT is an option."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False
    options: Options = ()
    comment: str | None = None
    implicit: bool = field(default=False, compare=False)
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckConstraint:
    """A check constraint of a table (a column's own check is one too). NO INHERIT and NOT VALID are options."""

    name: str | None
    expression: Expression
    options: Options = ()
    comment: str | None = None
    implicit: bool = field(default=False, compare=False)
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A foreign key.

    Args:
        name: its name.
        columns: the referring columns.
        referent: the table that it points at.
        referent_columns: the columns that it points at, in the order of ``columns``.
        onupdate, ondelete: the action in upper case; None for the database's default: RESTRICT on MySQL, NO ACTION elsewhere.
        match: FULL or PARTIAL in upper case; None for SIMPLE.
        deferrable, initially_deferred: when it is checked.
        options: NOT VALID and the like.
    """

    name: str | None
    columns: tuple[str, ...]
    referent: Name
    referent_columns: tuple[str, ...]
    onupdate: str | None = None
    ondelete: str | None = None
    match: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    options: Options = ()
    comment: str | None = None
    implicit: bool = field(default=False, compare=False)
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExcludeElement:
    """One element of an exclusion constraint: a column name or an expression, the operator, an operator class."""

    what: str | Expression
    operator: str
    opclass: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludeConstraint:
    """PostgreSQL's EXCLUDE constraint."""

    name: str | None
    elements: tuple[ExcludeElement, ...]
    method: str = "gist"
    where: Expression | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    options: Options = ()
    comment: str | None = None
    implicit: bool = field(default=False, compare=False)
    origin: Any = field(default=None, compare=False, repr=False)


Constraint = PrimaryKey | UniqueConstraint | CheckConstraint | ForeignKey | ExcludeConstraint


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexElement:
    """One element of an index.

    Args:
        what: a column name, or an expression.
        descending: DESC.
        nulls_first: True or False where it differs from the database's rule for the direction, else None.
        opclass: an operator class other than the type's default.
        collation: a collation other than the column's.
        length: MySQL's prefix length.
    """

    what: str | Expression
    descending: bool = False
    nulls_first: bool | None = None
    opclass: str | None = None
    collation: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index that is not the implementation of a constraint.

    Args:
        name: its name.
        elements: its key, in order.
        unique: a unique index.
        where: the predicate of a partial index.
        method: the access method in lower case (hash, gin, ...; MySQL's fulltext and spatial); None for a b-tree.
        include: further columns stored in it.
        options: storage parameters and the like, by the dialect's names.
    """

    name: str
    elements: tuple[IndexElement, ...]
    unique: bool = False
    where: Expression | None = None
    method: str | None = None
    include: tuple[str, ...] = ()
    options: Options = ()
    comment: str | None = None
    origin: Any = field(default=None, compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The plain columns in its key and in INCLUDE; columns inside expressions are not among them."""
        return tuple(e.what for e in self.elements if isinstance(e.what, str)) + self.include


AnyConstraint = TypeVar("AnyConstraint", bound="Constraint")


def sorted_by_name(constraints: Iterable[AnyConstraint], key: Callable[[str], Any] = str) -> tuple[AnyConstraint, ...]:
    """Return constraints sorted by their names, those of one name (or without one) by their columns, else by all that they are.

    Args:
        constraints: the constraints.
        key: what of a name it is sorted by.
    """
    found = tuple(constraints)
    if len(found) < 2:
        return found
    heads = [(key(each.name or ""), getattr(each, "columns", ())) for each in found]
    if len(set(heads)) == len(heads):
        return tuple([each for _, each in sorted(zip(heads, found, strict=True), key=itemgetter(0))])
    return tuple(sorted(found, key=lambda each: (key(each.name or ""), repr(each))))
