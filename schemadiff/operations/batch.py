"""A batch: several operations on one table that a database without ALTER carries out as one rebuild."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation, index_key, relation_key
from schemadiff.operations.evolve import evolve_all
from schemadiff.operations.tables import RenameTable
from schemadiff.schema import Name, Table

__all__ = ["BatchAlterTable", "Recreate"]

Recreate = Literal["auto", "always", "never"]
"""When a batch rebuilds its table: where an operation needs it, always, or never."""


@dataclass(frozen=True, kw_only=True)
class BatchAlterTable(Operation):
    """Operations on one table, in order.

    Args:
        table: the table, by its name before the batch.
        operations: the operations.
        copy_from: the table as it stands before the batch, its indexes and triggers included. A rebuild starts from it;
            without it the table is read from the database, which offline mode cannot do.
        recreate: when the table is rebuilt.
        reordering: groups of columns that a rebuilt table has in this order.
        overrides: what is to be said of columns otherwise than the database does, where the table is rebuilt.
        additions: what a rebuilt table gets beside ``operations``, unless it has it already.
        naming_convention: the names by which unnamed constraints of the table are known.
    """

    table: Name
    operations: tuple[Operation, ...]
    copy_from: Table | None = None
    recreate: Recreate = "auto"
    reordering: tuple[tuple[str, ...], ...] = ()
    overrides: tuple[Operation, ...] = ()
    additions: tuple[Operation, ...] = ()
    naming_convention: Mapping[Any, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def in_place(self) -> tuple[Operation, ...]:
        """What a database does that changes tables in place, so that it rebuilds none unless it is told to."""
        return (*self.overrides, *self.operations, *self.additions) if self.recreate == "always" else self.operations

    def reverse(self) -> BatchAlterTable:
        if self.overrides or self.additions:
            raise self.irreversible(
                "what the rebuilt table gets in addition (table_args, table_kwargs, reflect_args) on the way back"
            )
        after = None if self.copy_from is None else evolve_all(self.copy_from, self.operations)
        name = self.table
        for operation in self.operations:
            if isinstance(operation, RenameTable):
                name = Name(operation.new_name, name.schema)
        operations = tuple(operation.reverse() for operation in reversed(self.operations))
        return BatchAlterTable(table=name, operations=operations, copy_from=after, recreate=self.recreate)

    def forward(self) -> BatchAlterTable:
        return replace(self, operations=tuple(operation.forward() for operation in self.operations))

    def effects(self) -> Effects:
        total = Effects(requires=frozenset({relation_key(self.table)}), releases=frozenset({relation_key(self.table)}))
        for operation in self.operations:
            total |= operation.effects()
        if self.copy_from is not None:
            # The indexes that it starts from are there before it, and go after it.
            indexes = frozenset(index_key(self.table, index.name) for index in self.copy_from.indexes)
            total |= Effects(requires=indexes, releases=indexes)
        # What one operation of the batch makes and another uses is settled inside the batch.
        return replace(total, requires=total.requires - total.provides, releases=total.releases - total.removes)

    def describe(self) -> str:
        return f"Alter table {self.table}: " + "; ".join(operation.describe() for operation in self.operations)

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "4")
