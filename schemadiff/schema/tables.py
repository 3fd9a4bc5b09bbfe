"""Tables and views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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
    """Something that hangs on a table and is not the model's: a trigger, a view, a policy. It is kept, never compared.

    Args:
        kind: ``trigger``, ``view``, ...: the keyword of its CREATE statement, in lower case.
        name: its name.
        sql: the server's own definition: a whole statement that creates it.
    """

    kind: str
    name: str
    sql: str


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
