"""Operations in the form in which PostgreSQL can carry them out."""

from __future__ import annotations

from collections.abc import Sequence

from schemadiff.operations import Operation
from schemadiff.schema import Column, Computed, Schema, Table

__all__ = ["arranged", "in_place"]


def in_place(before: Column, after: Column, table: Table, major: int) -> bool:
    """Return True where ALTER can turn ``before`` into ``after``.

    Args:
        before, after: the column.
        table: its table, as it stands.
        major: the server's major version.
    """
    old, new = before.default, after.default
    if not isinstance(old, Computed) and not isinstance(new, Computed):
        return True
    if not isinstance(old, Computed) or not isinstance(new, Computed):
        return False
    if old == new:
        return before.type == after.type
    # SET EXPRESSION came with PostgreSQL 17; of a virtual column (18) it refuses where the table has check constraints.
    return major >= 17 and old.stored == new.stored and before.type == after.type and (old.stored or not table.checks)


def arranged(operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
    """Return ``operations``, which PostgreSQL carries out one by one."""
    return tuple(operations)
