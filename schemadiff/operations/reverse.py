"""The way back of a list of operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.operations.base import Key, Operation, index_key
from schemadiff.operations.batch import BatchAlterTable
from schemadiff.operations.constraints import CreateIndex, DropIndex
from schemadiff.operations.dependants import CreateDependant
from schemadiff.operations.tables import CreateTable, DropTable
from schemadiff.schema import Index, Name, Table

__all__ = ["reverse_all"]

_OF_THE_TABLE = frozenset({"index"})
"""The kinds of dependants that come back with the table by themselves."""


def reverse_all(operations: Iterable[Operation], *, shared_index_names: bool = False) -> tuple[Operation, ...]:
    """Return the operations that take ``operations`` back, in order.

    A table goes with its indexes: a table that was created is dropped as a whole (MySQL would not drop an index that a foreign key
    needs on its own), and one that was dropped is created first, its indexes and what else hung on it (triggers, policies, grants) after it.

    Args:
        operations: the operations, in order.
        shared_index_names: the tables of a schema share the names of their indexes. So an index whose name another table gets back is
            dropped before its table, at the place where the name was given.

    Raises:
        IrreversibleError: an operation does not carry what it replaces.
    """
    operations = tuple(operations)
    created = {operation.table.name for operation in operations if isinstance(operation, CreateTable)}
    given_back = set(_freed(operations)) if shared_index_names else set()
    indexes: dict[Name, list[Index]] = {name: [] for name in created}

    def goes_with_table(operation: CreateIndex) -> bool:
        return operation.table in created and index_key(operation.table, operation.index.name) not in given_back

    for operation in operations:
        if isinstance(operation, CreateIndex) and goes_with_table(operation):
            indexes[operation.table].append(operation.index)
    back: list[Operation] = []
    for operation in reversed(operations):
        if isinstance(operation, CreateIndex) and goes_with_table(operation):
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


def _freed(operations: Iterable[Operation]) -> Iterator[Key]:
    """Yield the keys of the indexes that are dropped."""
    for operation in operations:
        match operation:
            case DropIndex(table=Name() as table, name=name):
                yield index_key(table, name)
            case DropTable(name=table, table=Table(indexes=indexes)):
                yield from (index_key(table, index.name) for index in indexes)
            case BatchAlterTable(operations=inner):
                yield from _freed(inner)
