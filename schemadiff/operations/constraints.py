"""Operations on constraints and indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation, constraint_key, index_key, relation_key
from schemadiff.operations.touch import constraint_effects, index_effects
from schemadiff.schema import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    Index,
    Name,
    PrimaryKey,
    UniqueConstraint,
)
from schemadiff.schema.words import CONSTRAINT_KINDS

__all__ = ["AddConstraint", "ConstraintKind", "CreateIndex", "DropConstraint", "DropIndex", "constraint_kind"]

ConstraintKind = Literal["primary", "unique", "check", "foreignkey", "exclude"]
"""The kinds of constraints, by the names that ``op.drop_constraint(type_=...)`` takes."""


def constraint_kind(constraint: Constraint) -> ConstraintKind:
    """Return the kind of ``constraint``."""
    match constraint:
        case PrimaryKey():
            return "primary"
        case UniqueConstraint():
            return "unique"
        case CheckConstraint():
            return "check"
        case ForeignKey():
            return "foreignkey"
        case ExcludeConstraint():
            return "exclude"
    assert_never(constraint)


@dataclass(frozen=True, kw_only=True)
class AddConstraint(Operation):
    """ALTER TABLE ... ADD CONSTRAINT."""

    table: Name
    constraint: Constraint

    def reverse(self) -> DropConstraint:
        return DropConstraint(
            table=self.table,
            name=self.constraint.name,
            kind=constraint_kind(self.constraint),
            constraint=self.constraint,
        )

    def effects(self) -> Effects:
        return constraint_effects(self.table, self.constraint)

    def describe(self) -> str:
        return f"Add {CONSTRAINT_KINDS[constraint_kind(self.constraint)]} {self.constraint.name or '(unnamed)'} to {self.table}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "6", constraint_kind(self.constraint), self.constraint.name or "")


@dataclass(frozen=True, kw_only=True)
class DropConstraint(Operation):
    """ALTER TABLE ... DROP CONSTRAINT.

    Args:
        table: its table.
        name: its name; None for a primary key where names do not exist, and for an unnamed constraint inside a batch.
        kind: what it is, where known. MySQL needs it.
        constraint: what ``reverse()`` makes again.
    """

    table: Name
    name: str | None
    kind: ConstraintKind | None = None
    constraint: Constraint | None = None
    if_exists: bool = False

    def reverse(self) -> AddConstraint:
        if self.constraint is None:
            raise self.irreversible("what the constraint is")
        return AddConstraint(table=self.table, constraint=self.constraint)

    def forward(self) -> DropConstraint:
        # An unnamed constraint is known by its content alone; a table has but one primary key.
        known = self.name is not None or self.kind == "primary"
        return replace(self, constraint=None) if known else self

    def effects(self) -> Effects:
        if self.constraint is None:
            removes = frozenset({constraint_key(self.table, self.name)})
            return Effects(removes=removes, releases=frozenset({relation_key(self.table)}))
        return constraint_effects(self.table, self.constraint).reversed()

    def describe(self) -> str:
        return f"Drop {CONSTRAINT_KINDS[self.kind]} {self.name or '(unnamed)'} of {self.table}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "2", self.kind or "", self.name or "")


@dataclass(frozen=True, kw_only=True)
class CreateIndex(Operation):
    """CREATE INDEX."""

    table: Name
    index: Index
    if_not_exists: bool = False

    def reverse(self) -> DropIndex:
        return DropIndex(table=self.table, name=self.index.name, index=self.index)

    def effects(self) -> Effects:
        return index_effects(self.table, self.index)

    def describe(self) -> str:
        return f"Create index {self.index.name} on {self.table}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "7", self.index.name)


@dataclass(frozen=True, kw_only=True)
class DropIndex(Operation):
    """DROP INDEX.

    Args:
        table: its table; None where the database does not need it.
        name: its name.
        schema: the schema of the index, where ``table`` is None.
        index: what ``reverse()`` makes again.
        if_exists: do nothing where there is none.
        concurrently: PostgreSQL's CONCURRENTLY, which works outside of transactions alone.
    """

    table: Name | None
    name: str
    schema: str | None = None
    index: Index | None = None
    if_exists: bool = False
    concurrently: bool = False

    def reverse(self) -> CreateIndex:
        if self.index is None or self.table is None:
            raise self.irreversible("the index's table and columns")
        return CreateIndex(table=self.table, index=self.index)

    def forward(self) -> DropIndex:
        schema = self.schema if self.table is None else self.table.schema
        return replace(self, index=None, schema=schema)

    def effects(self) -> Effects:
        if self.table is None:
            return Effects(removes=frozenset({index_key(Name("", self.schema), self.name)}))
        if self.index is None:
            removes = frozenset({index_key(self.table, self.name)})
            return Effects(removes=removes, releases=frozenset({relation_key(self.table)}))
        return index_effects(self.table, self.index).reversed()

    def describe(self) -> str:
        return f"Drop index {self.name}" + (f" of {self.table}" if self.table else "")

    @property
    def about(self) -> tuple[str, ...]:
        return (*(self.table.sort_key if self.table else (self.schema or "", "")), "1", self.name)
