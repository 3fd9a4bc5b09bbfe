"""Operations that give constraints and indexes another name."""

from __future__ import annotations

from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation, constraint_key, index_key, relation_key
from schemadiff.operations.constraints import ConstraintKind
from schemadiff.schema import Constraint, Index, Name
from schemadiff.schema.words import CONSTRAINT_KINDS

__all__ = ["RenameConstraint", "RenameIndex"]


@dataclass(frozen=True, kw_only=True)
class RenameConstraint(Operation):
    """Rename a constraint.

    Args:
        table: its table.
        name: its name before.
        new_name: its name after.
        kind: what it is, where known.
        constraint: the constraint as it stands before, where known. A database without such a statement drops it and adds it again.
    """

    table: Name
    name: str
    new_name: str
    kind: ConstraintKind | None = None
    constraint: Constraint | None = None

    def reverse(self) -> RenameConstraint:
        return RenameConstraint(
            table=self.table, name=self.new_name, new_name=self.name, kind=self.kind, constraint=self.renamed()
        )

    def renamed(self) -> Constraint | None:
        """Return the constraint as it stands after; None where it is not known."""
        return None if self.constraint is None else replace(self.constraint, name=self.new_name, implicit=False)

    def effects(self) -> Effects:
        here = frozenset({relation_key(self.table)})
        return Effects(
            removes=frozenset({constraint_key(self.table, self.name), index_key(self.table, self.name)}),
            provides=frozenset({constraint_key(self.table, self.new_name), index_key(self.table, self.new_name)}),
            requires=here,
            releases=here,
        )

    def describe(self) -> str:
        return f"Rename {CONSTRAINT_KINDS[self.kind]} {self.name} of {self.table} to {self.new_name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "2", self.kind or "", self.name)


@dataclass(frozen=True, kw_only=True)
class RenameIndex(Operation):
    """Rename an index.

    Args:
        table: its table; None where the database does not need it.
        name: its name before.
        new_name: its name after.
        schema: the schema of the index, where ``table`` is None.
        index: the index as it stands before, where known. SQLite drops it and creates it again.
    """

    table: Name | None
    name: str
    new_name: str
    schema: str | None = None
    index: Index | None = None

    def reverse(self) -> RenameIndex:
        return RenameIndex(
            table=self.table, name=self.new_name, new_name=self.name, schema=self.schema, index=self.renamed()
        )

    def forward(self) -> RenameIndex:
        return replace(self, schema=self.schema if self.table is None else self.table.schema)

    def renamed(self) -> Index | None:
        """Return the index as it stands after; None where it is not known."""
        return None if self.index is None else replace(self.index, name=self.new_name)

    def effects(self) -> Effects:
        owner = self.table or Name("", self.schema)
        here = frozenset() if self.table is None else frozenset({relation_key(self.table)})
        return Effects(
            removes=frozenset({index_key(owner, self.name)}),
            provides=frozenset({index_key(owner, self.new_name)}),
            requires=here,
            releases=here,
        )

    def describe(self) -> str:
        return f"Rename index {self.name}" + (f" of {self.table}" if self.table else "") + f" to {self.new_name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*(self.table.sort_key if self.table else (self.schema or "", "")), "2", self.name)
