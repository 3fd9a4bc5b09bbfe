"""Objects that stand beside tables: enum types, domains and sequences."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from schemadiff.frozen import dataclass
from schemadiff.schema.columns import Column
from schemadiff.schema.constraints import CheckConstraint
from schemadiff.schema.names import Name
from schemadiff.schema.tables import Table
from schemadiff.schema.values import DataType, Expression

__all__ = ["Domain", "Enum", "OtherRelation", "OwnedSequence", "Sequence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """A named enum type. The order of its values counts.

    Args:
        name: its name.
        values: its values.
        comment: its comment.
        used_by: what else of the database hangs on it, and cannot be moved over to another type: composite types, domains, ranges, casts.
        origin: the SQLAlchemy Enum that it came from.
    """

    name: Name
    values: tuple[str, ...]
    comment: str | None = None
    used_by: tuple[str, ...] = field(default=(), compare=False)
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain: a type with a default and constraints of its own.

    Args:
        name: its name.
        type: what it is made of.
        nullable: False for NOT NULL.
        default: what a column of it gets that has no default of its own.
        collation: a collation other than that of ``type``.
        checks: its check constraints, sorted by name. In their expressions the value is called ``VALUE``.
        comment: its comment.
        used_by: what hangs on it, as for :class:`Enum`.
        origin: the SQLAlchemy DOMAIN that it came from.
    """

    name: Name
    type: DataType
    nullable: bool = True
    default: Expression | None = None
    collation: str | None = None
    checks: tuple[CheckConstraint, ...] = ()
    comment: str | None = None
    used_by: tuple[str, ...] = field(default=(), compare=False)
    origin: Any = field(default=None, compare=False, repr=False)

    def as_table(self) -> Table:
        """Return a table of one column, ``value``, on which the default and the checks mean what they mean on the domain."""
        column = Column(
            name="value", type=self.type, nullable=self.nullable, default=self.default, collation=self.collation
        )
        return Table(name=self.name, columns=(column,), checks=self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A sequence. All options are written out, as for :class:`~schemadiff.schema.columns.Identity`.

    Those behind identity columns and plain SERIAL columns are a part of the column, and none of a schema's sequences.

    Args:
        name: its name.
        type: the type of its values.
        start, increment, minvalue, maxvalue, cycle, cache: its options.
        unlogged: UNLOGGED.
        owner: the table (of the sequence's own schema) and the column that own it: it goes with them.
        comment: its comment.
        origin: the SQLAlchemy Sequence that it came from.
    """

    name: Name
    type: DataType | None = None
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None
    unlogged: bool = False
    owner: tuple[str, str] | None = None
    comment: str | None = None
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OwnedSequence:
    """The sequence behind an autoincrement column (PostgreSQL's SERIAL), which is no object of its own as long as nobody names it.

    Args:
        sequence: the sequence.
        table, column: the column.
        default: the default that takes the column's values from it.
    """

    sequence: Sequence
    table: Name
    column: str
    default: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRelation:
    """What has a name among tables, indexes, sequences, views and types, and is none that a schema holds: a foreign table, a composite type.

    Args:
        name: its name.
        kind: what it is, in words.
        table, column: what it belongs to: the table of a partition, the column of an identity's sequence.
    """

    name: Name
    kind: str
    table: Name | None = None
    column: str | None = None
