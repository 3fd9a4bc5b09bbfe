"""Tables and views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from schemadiff.frozen import dataclass
from schemadiff.schema.columns import Column
from schemadiff.schema.constraints import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    Index,
    PrimaryKey,
    UniqueConstraint,
)
from schemadiff.schema.names import Name
from schemadiff.schema.values import Options

__all__ = ["Dependant", "Table", "View"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependant:
    """Something that hangs on a table and is not the model's: a trigger, a view, a policy, a grant. It is kept, never compared.

    Args:
        kind: what it is, in words: ``trigger``, ``materialized view``, ``grant``, ...
        name: its name; that of a function with the types of its arguments.
        sql: the server's own definition: a whole statement that creates it.
        table: the table that it is a part of, and goes with; None for one that stands by itself.
        schema: the schema of one that stands by itself; None for the default one.
        also: the statements that follow ``sql``: owner, grants, comments, and what hangs on it in turn.
        drop: the statement that takes it off; empty where it cannot be taken off.
        uses: what it stands on, as keys of :mod:`schemadiff.operations.base`.
        provides: what others may use of it, as such keys.
        goes_along: it means nothing without what it stands on, and goes with it: statistics, grants. Any other is in the way then.
    """

    kind: str
    name: str
    sql: str
    table: Name | None = None
    schema: str | None = None
    also: tuple[str, ...] = ()
    drop: str = ""
    uses: frozenset[tuple[str, ...]] = frozenset()
    provides: frozenset[tuple[str, ...]] = frozenset()
    goes_along: bool = False

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from all others of its schema."""
        owner = ("", self.schema or "", "") if self.table is None else ("table", *self.table.sort_key)
        return (self.kind, *owner, self.name)

    def __str__(self) -> str:
        if self.table is not None:
            return f"{self.kind} {self.name} on {self.table}"
        return f"{self.kind} {Name(self.name, self.schema)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Args:
        name: its qualified name.
        columns: in the table's order (which is no part of a difference).
        primary_key: its primary key.
        uniques, checks, foreign_keys, excludes, indexes: sorted by name, unnamed ones by their content.
        comment: its comment.
        options: what the dialect knows of tables: storage parameters, engine, STRICT, ...
        inherited: the columns that it has from the tables that it inherits from, and does not say itself.
        dependants: triggers and the like, not compared.
        origin: the SQLAlchemy Table that it came from.
    """

    name: Name
    columns: tuple[Column, ...]
    primary_key: PrimaryKey | None = None
    uniques: tuple[UniqueConstraint, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    excludes: tuple[ExcludeConstraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    options: Options = ()
    inherited: tuple[Column, ...] = field(default=(), compare=False)
    dependants: tuple[Dependant, ...] = field(default=(), compare=False)
    origin: Any = field(default=None, compare=False, repr=False)

    def column(self, name: str) -> Column | None:
        """Return the column ``name``, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def constraints(self) -> Iterator[Constraint]:
        """Yield every constraint: the primary key, then uniques, checks, exclusions and foreign keys."""
        if self.primary_key is not None:
            yield self.primary_key
        yield from self.uniques
        yield from self.checks
        yield from self.excludes
        yield from self.foreign_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view of the model's own. ``sql`` is the query, canonical for the backend."""

    name: Name
    sql: str
    materialized: bool = False
    comment: str | None = None
    origin: Any = field(default=None, compare=False, repr=False)
