"""Enum types that change in a ring with the columns that go from one of them to another, as where two types swap their names.

A column leaves a type before that becomes another one, and comes to a type after that has become what it shall be. In a ring nothing can be first:
so the columns that come to one of its types wait as text meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends.postgresql.casts import using, using_back
from schemadiff.operations import AlterColumn, AlterEnum, Operation
from schemadiff.schema import Column, ColumnState, DataType, Name, Schema

__all__ = ["types_in_turn"]

_Edges = Mapping[Name, frozenset[Name]]
"""Where columns go from each type."""


def types_in_turn(operations: Sequence[Operation], target: Schema) -> list[Operation]:
    """Return ``operations`` with the columns that come to one type of each ring of types in two steps, by way of text.

    Rings that share types, of which none is in all of them, are left as they are: they cannot be put in an order.
    """
    changing = {operation.name for operation in operations if isinstance(operation, AlterEnum)}
    moves = {
        index: move
        for index, operation in enumerate(operations)
        if (move := _move(operation)) is not None and move[0] != move[1] and changing.issuperset(move)
    }
    waiting: set[int] = set()
    for ring in _rings(_edges(moves.values())):
        inside = {index: move for index, move in moves.items() if ring.issuperset(move)}
        for name in sorted(ring):
            others = {index: move for index, move in inside.items() if move[1] != name}
            if not any(_rings(_edges(others.values()))):
                waiting |= inside.keys() - others.keys()
                break
    return [
        part
        for index, operation in enumerate(operations)
        for part in (_by_way_of_text(operation, target) if index in waiting else (operation,))
    ]


def _move(operation: Operation) -> tuple[Name, Name] | None:
    """Return the named types between which an operation moves a column."""
    if isinstance(operation, AlterColumn):
        old, new = operation.before.type, operation.after.type
        if isinstance(old, DataType) and isinstance(new, DataType) and old.named is not None and new.named is not None:
            return old.named, new.named
    return None


def _edges(moves: Iterable[tuple[Name, Name]]) -> _Edges:
    found: dict[Name, set[Name]] = defaultdict(set)
    for old, new in moves:
        found[old].add(new)
    return {old: frozenset(new) for old, new in found.items()}


def _rings(edges: _Edges) -> Iterator[frozenset[Name]]:
    """Yield the sets of types each of which can be reached from the others."""
    reached = {name: _reached(name, edges) for name in edges}
    done: set[Name] = set()
    for name in sorted(edges):
        if name not in done and name in reached[name]:
            ring = frozenset(other for other in reached[name] if name in reached.get(other, ()))
            done |= ring
            yield ring


def _reached(start: Name, edges: _Edges) -> frozenset[Name]:
    todo, found = [start], set[Name]()
    while todo:
        new = edges.get(todo.pop(), frozenset()) - found
        found |= new
        todo += new
    return frozenset(found)


def _by_way_of_text(operation: Operation, target: Schema) -> Iterator[Operation]:
    assert isinstance(operation, AlterColumn)
    old, new = operation.before.type, operation.after.type
    assert isinstance(old, DataType)
    assert isinstance(new, DataType)
    between = DataType("text[]" if old.sql.endswith("[]") else "text")
    first, second, third = (Column(name=operation.name, type=type_) for type_ in (old, between, new))
    yield replace(
        operation,
        # The default of the one type means nothing to the other.
        after=ColumnState(type=between, default=None),
        using=using(first, second),
        reverse_using=using_back(first, second),
    )
    # Its default may be the same but for the name of the type.
    wanted = target.tables[operation.table].column(operation.name)
    default = None if wanted is None else wanted.default
    yield replace(
        operation,
        after=replace(operation.after, default=default),
        before=replace(operation.before, type=between, default=None),
        using=using(second, third),
        reverse_using=using_back(second, third),
    )
