"""Columns, and the ways in which a column gets a value that nobody gave it."""

from __future__ import annotations

from dataclasses import field, fields, replace
from typing import Any

from schemadiff.frozen import dataclass
from schemadiff.schema.values import UNSET, DataType, Expression, Options, Unset

__all__ = ["Column", "ColumnState", "Computed", "Default", "Identity"]


@dataclass(frozen=True, slots=True)
class Computed:
    """A generated column: ``GENERATED ALWAYS AS (expression)``.

    Args:
        expression: what it is computed from.
        stored: STORED (or PERSISTENT); False for VIRTUAL.
    """

    expression: Expression
    stored: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An identity column: ``GENERATED ... AS IDENTITY``. All options are written out, also those left to the server.

    Args:
        always: GENERATED ALWAYS; False for BY DEFAULT.
        start, increment, minvalue, maxvalue, cycle, cache: the options of its sequence. None: the database has no such option.
    """

    always: bool = False
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None


Default = Expression | Computed | Identity
"""Where a column's value comes from when a row does not give it. A column has at most one of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Args:
        name: its name.
        type: its type, without the collation.
        nullable: False for NOT NULL, and for a member of a primary key where the database makes it NOT NULL.
        default: a server default, a generated expression or an identity; None for none of them.
        autoincrement: PostgreSQL's SERIAL, MySQL's AUTO_INCREMENT, SQLite's AUTOINCREMENT keyword. The default that implements it
            (``nextval(...)``) is not repeated in ``default``.
        collation: a collation other than the one that the type and the table give it.
        comment: its comment.
        options: what else the dialect knows: MySQL's ``on_update``, ...
        origin: the SQLAlchemy Column that it came from, for rendering.
    """

    name: str
    type: DataType
    nullable: bool = True
    default: Default | None = None
    autoincrement: bool = False
    collation: str | None = None
    comment: str | None = None
    options: Options = ()
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnState:
    """What an operation knows, or says, of a column: the fields of :class:`Column`, each of which may be UNSET."""

    name: str | Unset = UNSET
    type: DataType | Unset = UNSET
    nullable: bool | Unset = UNSET
    default: Default | None | Unset = UNSET
    autoincrement: bool | Unset = UNSET
    collation: str | None | Unset = UNSET
    comment: str | None | Unset = UNSET
    options: Options | Unset = UNSET

    @classmethod
    def of(cls, column: Column) -> ColumnState:
        """Return the whole state of ``column``, its name excepted (an AlterColumn has it beside)."""
        return cls(**{f.name: getattr(column, f.name) for f in fields(cls) if f.name != "name"})

    def known(self) -> dict[str, Any]:
        """Return the fields that are set, by name."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if value is not UNSET}

    def over(self, other: ColumnState) -> ColumnState:
        """Return ``other`` with the fields that are set here laid over it."""
        return replace(other, **self.known())

    def only(self, names: set[str] | frozenset[str] | dict[str, Any]) -> ColumnState:
        """Return the state reduced to the fields ``names``."""
        return ColumnState(**{name: value for name, value in self.known().items() if name in names})

    def apply(self, column: Column) -> Column:
        """Return ``column`` with the fields that are set here."""
        return replace(column, **self.known(), origin=None)
