"""The way back of a list of operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from schemadiff.operations.base import Operation
from schemadiff.operations.constraints import CreateIndex
from schemadiff.operations.dependants import CreateDependant
from schemadiff.operations.tables import CreateTable
from schemadiff.schema import Index, Name

__all__ = ["reverse_all"]

_OF_THE_TABLE = frozenset({"index"})
"""The kinds of dependants that come back with the table by themselves."""


def reverse_all(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the operations that take ``operations`` back, in order.

    A table goes with its indexes: a table that was created is dropped as a whole (MySQL would not drop an index that a foreign key
    needs on its own), and one that was dropped is created first, its indexes and what else hung on it (triggers, policies, grants) after it.

    Raises:
        IrreversibleError: an operation does not carry what it replaces.
    """
    operations = tuple(operations)
    created = {operation.table.name for operation in operations if isinstance(operation, CreateTable)}
    indexes: dict[Name, list[Index]] = {name: [] for name in created}
    for operation in operations:
        if isinstance(operation, CreateIndex) and operation.table in created:
            indexes[operation.table].append(operation.index)
    back: list[Operation] = []
    for operation in reversed(operations):
        if isinstance(operation, CreateIndex) and operation.table in created:
            continue
        if isinstance(operation, CreateTable):
            table = replace(operation.table, indexes=operation.table.indexes + tuple(indexes[operation.table.name]))
            back.append(replace(operation, table=table).reverse())
            continue
        reverse = operation.reverse()
        if isinstance(reverse, CreateTable):
            back.append(replace(reverse, table=replace(reverse.table, indexes=(), dependants=())))
            back.extend(CreateIndex(table=reverse.table.name, index=index) for index in reverse.table.indexes)
            kept = (each for each in reverse.table.dependants if each.kind not in _OF_THE_TABLE)
            back.extend(CreateDependant(dependant=each) for each in kept)
        else:
            back.append(reverse)
    return tuple(back)
