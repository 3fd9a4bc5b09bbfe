"""Operations on enum types and sequences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Key, Operation, column_key, relation_key, schema_keys, type_key
from schemadiff.schema import UNSET, Enum, Expression, Name, Sequence, Unset

__all__ = [
    "AlterEnum",
    "AlterSequence",
    "CreateEnum",
    "CreateSequence",
    "DropEnum",
    "DropSequence",
    "EnumColumn",
]


@dataclass(frozen=True, slots=True)
class EnumColumn:
    """A column of an enum type, or of an array of it.

    Args:
        table, name: the column.
        array: True where the column is an array of the type.
        default: the column's server default before the change.
        new_default: its server default after the change. Where the type is made anew, the one is dropped before and the other set
            after; where values are only added, the two are the same.
    """

    table: Name
    name: str
    array: bool = False
    default: Expression | None = None
    new_default: Expression | None = None

    def reverse(self) -> EnumColumn:
        """Return the column with its defaults exchanged."""
        return replace(self, default=self.new_default, new_default=self.default)


def moved_columns(columns: Iterable[EnumColumn]) -> frozenset[Key]:
    """The keys of columns whose type changes under them: what stands on one is taken off before, and put back after."""
    return frozenset(column_key(column.table, column.name) for column in columns)


@dataclass(frozen=True, kw_only=True)
class CreateEnum(Operation):
    """CREATE TYPE ... AS ENUM; nothing on databases without named enum types."""

    enum: Enum
    if_not_exists: bool = False

    def reverse(self) -> DropEnum:
        return DropEnum(name=self.enum.name, enum=self.enum)

    def effects(self) -> Effects:
        return Effects(provides=frozenset({type_key(self.enum.name)}), requires=schema_keys(self.enum.name.schema))

    def describe(self) -> str:
        return f"Create enum type {self.enum.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.enum.name.schema or "", "", "1", self.enum.name.name)


@dataclass(frozen=True, kw_only=True)
class DropEnum(Operation):
    """DROP TYPE. ``enum`` is what ``reverse()`` makes again."""

    name: Name
    enum: Enum | None = None
    if_exists: bool = False

    def reverse(self) -> CreateEnum:
        if self.enum is None:
            raise self.irreversible("the type's values")
        return CreateEnum(enum=self.enum)

    def forward(self) -> DropEnum:
        return replace(self, enum=None)

    def effects(self) -> Effects:
        return Effects(removes=frozenset({type_key(self.name)}), releases=schema_keys(self.name.schema))

    def describe(self) -> str:
        return f"Drop enum type {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name.schema or "", "", "8", self.name.name)


@dataclass(frozen=True, kw_only=True)
class AlterEnum(Operation):
    """Change the values of an enum type.

    Added values are added in place. Where a value goes, the order changes, or a new value is used at once (PostgreSQL refuses that in the
    transaction that adds it), the type is made anew and the columns that use it are moved over by their text.

    Args:
        name: the type.
        before, after: all its values, in order. (``before`` is needed in both directions: what to do depends on it.)
        columns: the columns that use it, before and after.
        remake: make the type anew even where values are only added.
        comment, existing_comment: its comment after and before the change; UNSET where it stays.
    """

    name: Name
    before: tuple[str, ...]
    after: tuple[str, ...]
    columns: tuple[EnumColumn, ...] = ()
    remake: bool = False
    comment: str | None | Unset = UNSET
    existing_comment: str | None | Unset = UNSET

    def reverse(self) -> AlterEnum:
        columns = tuple(column.reverse() for column in self.columns)
        if self.comment is not UNSET and self.existing_comment is UNSET:
            raise self.irreversible("the comment that it has")
        return replace(
            self,
            before=self.after,
            after=self.before,
            columns=columns,
            comment=self.existing_comment,
            existing_comment=self.comment,
        )

    def forward(self) -> AlterEnum:
        return replace(self, existing_comment=UNSET)

    @property
    def in_place(self) -> bool:
        """True where values are only added: every old value stays, in the old order."""
        remaining = iter(self.after)
        return not self.remake and all(value in remaining for value in self.before)

    def effects(self) -> Effects:
        touched = frozenset[Key]({type_key(self.name)}) | moved_columns(self.columns)
        tables = frozenset(relation_key(column.table) for column in self.columns)
        return Effects(modifies=touched, requires=tables, releases=tables)

    def describe(self) -> str:
        return f"Alter enum type {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name.schema or "", "", "2", self.name.name)


@dataclass(frozen=True, kw_only=True)
class CreateSequence(Operation):
    """CREATE SEQUENCE."""

    sequence: Sequence
    if_not_exists: bool = False

    def reverse(self) -> DropSequence:
        return DropSequence(name=self.sequence.name, sequence=self.sequence)

    def effects(self) -> Effects:
        return Effects(
            provides=frozenset({relation_key(self.sequence.name)}),
            requires=schema_keys(self.sequence.name.schema) | _owner_keys(self.sequence),
        )

    def describe(self) -> str:
        return f"Create sequence {self.sequence.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.sequence.name.schema or "", "", "3", self.sequence.name.name)


@dataclass(frozen=True, kw_only=True)
class DropSequence(Operation):
    """DROP SEQUENCE. ``sequence`` is what ``reverse()`` makes again."""

    name: Name
    sequence: Sequence | None = None
    if_exists: bool = False

    def reverse(self) -> CreateSequence:
        if self.sequence is None:
            raise self.irreversible("the sequence's options")
        return CreateSequence(sequence=self.sequence)

    def forward(self) -> DropSequence:
        return replace(self, sequence=None)

    def effects(self) -> Effects:
        return Effects(removes=frozenset({relation_key(self.name)}), releases=schema_keys(self.name.schema))

    def describe(self) -> str:
        return f"Drop sequence {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name.schema or "", "", "8", self.name.name)


@dataclass(frozen=True, kw_only=True)
class AlterSequence(Operation):
    """ALTER SEQUENCE: sets the options in which ``after`` differs from ``before``."""

    before: Sequence
    after: Sequence

    def reverse(self) -> AlterSequence:
        return AlterSequence(before=self.after, after=self.before)

    def effects(self) -> Effects:
        here = frozenset({relation_key(self.after.name)})
        return Effects(requires=here | _owner_keys(self.after), releases=here | _owner_keys(self.before))

    def describe(self) -> str:
        return f"Alter sequence {self.after.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.after.name.schema or "", "", "4", self.after.name.name)


def _owner_keys(sequence: Sequence) -> frozenset[Key]:
    """The keys of the column that owns ``sequence``."""
    if sequence.owner is None:
        return frozenset()
    table = Name(sequence.owner[0], sequence.name.schema)
    return frozenset({relation_key(table), column_key(table, sequence.owner[1])})
