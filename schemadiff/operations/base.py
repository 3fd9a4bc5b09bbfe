"""What every operation is: plain data that carries both directions, and says what it touches.

The order of operations is computed from :class:`Effects` alone (see :mod:`schemadiff.operations.order`), so an operation never has to
know which others there are.
"""

from __future__ import annotations

from typing import Any

from schemadiff.errors import IrreversibleError
from schemadiff.frozen import dataclass
from schemadiff.schema import DataType, Expression, Name

__all__ = [
    "Effects",
    "Key",
    "Operation",
    "column_key",
    "constraint_key",
    "data_type_keys",
    "index_key",
    "key_key",
    "lookup_key",
    "relation_key",
    "schema_key",
    "schema_keys",
    "type_key",
]

Key = tuple[str, ...]
"""The identity of something that an operation can touch, e.g. ``("column", "shop", "account", "id")``."""

_NOTHING: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Effects:
    """What an operation touches. Each set holds keys.

    Args:
        provides: exists once the operation has run, and did not before.
        requires: must exist when the operation has run, because what it makes hangs on it.
        removes: no longer exists once the operation has run.
        releases: what the operation takes away hung on this.
        modifies: is changed in place: what it holds on to must have been released before, and is required again after.
    """

    provides: frozenset[Key] = _NOTHING
    requires: frozenset[Key] = _NOTHING
    removes: frozenset[Key] = _NOTHING
    releases: frozenset[Key] = _NOTHING
    modifies: frozenset[Key] = _NOTHING

    def reversed(self) -> Effects:
        """Return the effects of the opposite operation."""
        return Effects(
            provides=self.removes,
            requires=self.releases,
            removes=self.provides,
            releases=self.requires,
            modifies=self.modifies,
        )

    def __or__(self, other: Effects) -> Effects:
        return Effects(
            provides=self.provides | other.provides,
            requires=self.requires | other.requires,
            removes=self.removes | other.removes,
            releases=self.releases | other.releases,
            modifies=self.modifies | other.modifies,
        )


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Base of all operations.

    Subclasses are frozen dataclasses. Data that only :meth:`reverse` needs may be absent: then ``reverse()`` raises
    :class:`~schemadiff.errors.IrreversibleError`, and :meth:`forward` returns the operation without it.
    """

    def reverse(self) -> Operation:
        """Return the operation that takes this one back. It needs no database.

        Raises:
            IrreversibleError: the operation does not carry what it replaces.
        """
        raise IrreversibleError(f"{self.describe()} cannot be taken back: write its downgrade by hand")

    def forward(self) -> Operation:
        """Return the operation reduced to what its forward effect depends on: the form in which two are compared."""
        return self

    def effects(self) -> Effects:
        """Return what the operation touches."""
        return Effects()

    def describe(self) -> str:
        """Return one line for people: "Add column account.email"."""
        return type(self).__name__

    @property
    def about(self) -> tuple[str, ...]:
        """A key that orders independent operations: the schema, the table, then whatever tells them apart."""
        return ()

    def irreversible(self, missing: str) -> IrreversibleError:
        """Return the error that says what this operation would have to carry."""
        return IrreversibleError(
            f"{self.describe()} cannot be taken back: it does not say {missing}; name it in the call"
        )


def schema_key(schema: str | None) -> Key:
    """The key of a schema."""
    return ("schema", schema or "")


def schema_keys(schema: str | None) -> frozenset[Key]:
    """The key of ``schema``, or nothing for the default schema, which is always there."""
    return frozenset() if schema is None else frozenset({schema_key(schema)})


def relation_key(name: Name) -> Key:
    """The key of a table, view, or sequence: they share one name space."""
    return ("relation", *name.sort_key)


def type_key(name: Name) -> Key:
    """The key of an enum or other named type."""
    return ("type", *name.sort_key)


def column_key(table: Name, column: str) -> Key:
    """The key of a column."""
    return ("column", *table.sort_key, column)


def constraint_key(table: Name, name: str | None, fallback: Any = "") -> Key:
    """The key of a constraint. ``fallback`` tells unnamed ones apart."""
    return ("constraint", *table.sort_key, name if name is not None else f"?{fallback!r}")


def index_key(table: Name, name: str) -> Key:
    """The key of an index: its name is unique in the table's schema on some databases, in the table on others."""
    return ("index", table.schema or "", name)


def key_key(table: Name, columns: tuple[str, ...]) -> Key:
    """The key of the uniqueness of ``columns``, which foreign keys need: a primary key, unique constraint or unique index."""
    return ("unique", *table.sort_key, *sorted(columns))


def lookup_key(table: Name, columns: tuple[str, ...]) -> Key:
    """The key of an index that begins with ``columns``, unique or not: all that a foreign key of MySQL's needs."""
    return ("lookup", *table.sort_key, *columns)


def data_type_keys(type_: DataType) -> frozenset[Key]:
    """The keys of what a column type needs."""
    return frozenset() if type_.named is None else frozenset({type_key(type_.named)})


def expression_text(value: str | Expression) -> str:
    """The text of an element that is a column name or an expression."""
    return value if isinstance(value, str) else value.sql
