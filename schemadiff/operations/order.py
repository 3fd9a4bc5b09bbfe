"""The order of operations: computed from their effects, never from the order in which they were found.

An operation runs after another for one of four reasons, each of them about one key (see :class:`Effects`):

- what it requires, the other provides;
- what it removes, the other releases (takes away what hung on it);
- what it provides, the other removes: a name is given again only once it is free;
- what it modifies, the other releases; and whoever requires the key comes after the one who modifies it.

Each rule is its own mirror image, so the reversed operations in the reversed order are in order too.

A cycle is always one of foreign keys between tables that are created (or dropped) together. It is broken by taking those
foreign keys out of their tables, into operations of their own, also where the database would not mind: the file may run on another
one. Ties are broken by name. Nothing here recurses.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from schemadiff.errors import OperationError
from schemadiff.operations.base import Effects, Key, Operation, relation_key
from schemadiff.operations.batch import BatchAlterTable
from schemadiff.operations.constraints import AddConstraint, DropConstraint
from schemadiff.operations.tables import CreateTable, DropTable
from schemadiff.schema import ForeignKey, Table

__all__ = ["LaterKeys", "Touches", "ordered", "successors"]


LaterKeys = Callable[[Table, tuple[ForeignKey, ...]], Sequence[Operation]]
"""Returns what adds foreign keys to a table that was created without them, in operations of their own; nothing where that cannot be."""

Touches = Callable[[Operation], Effects]
"""Returns what an operation touches."""


def _constraints(table: Table, keys: tuple[ForeignKey, ...]) -> Sequence[Operation]:
    return [AddConstraint(table=table.name, constraint=key) for key in keys]


def _own_effects(operation: Operation) -> Effects:
    return operation.effects()


def ordered(
    operations: Iterable[Operation],
    *,
    keys_need_referents: bool = True,
    later_keys: LaterKeys = _constraints,
    effects: Touches = _own_effects,
) -> tuple[Operation, ...]:
    """Return ``operations`` in an order in which they can run; the result does not depend on the order given.

    Args:
        operations: the operations of one direction.
        keys_need_referents: a foreign key needs the table that it points at. Where it does not (SQLite), the foreign keys of a cycle
            that cannot be taken out of their tables are no reason for any order.
        later_keys: what adds the foreign keys of a cycle.
        effects: what an operation touches on the database that it is for.

    Raises:
        OperationError: a cycle remains that no foreign key explains.
    """
    todo = sorted(operations, key=_rank)
    while True:
        order, stuck = _sorted([effects(operation) for operation in todo])
        if not stuck:
            return tuple(todo[i] for i in order)
        cycle = [todo[i] for i in stuck]
        freed = _without_cyclic_keys(cycle, later_keys)
        if len(freed) == len(cycle):
            if not keys_need_referents:
                loose = {id(operation) for operation in cycle}
                order, stuck = _sorted([effects(_loosened(o) if id(o) in loose else o) for o in todo])
                if not stuck:
                    return tuple(todo[i] for i in order)
            names = "; ".join(operation.describe() for operation in cycle)
            raise OperationError(f"these operations wait for each other: {names}; split the change into two revisions")
        left = set(stuck)
        todo = sorted([o for i, o in enumerate(todo) if i not in left] + freed, key=_rank)


def _rank(operation: Operation) -> tuple[str, ...]:
    return (*operation.about, type(operation).__name__, operation.describe())


def _sorted(effects: Sequence[Effects]) -> tuple[list[int], list[int]]:
    """Return (the positions that can be put in order, in order; the positions on or between cycles)."""
    then = successors(effects)
    waiting = [0] * len(effects)
    for targets in then:
        for target in targets:
            waiting[target] += 1
    heap = [i for i, count in enumerate(waiting) if count == 0]
    order: list[int] = []
    while heap:
        i = heapq.heappop(heap)
        order.append(i)
        for target in then[i]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(heap, target)
    return order, _strict_core([i for i, count in enumerate(waiting) if count > 0], then)


def successors(effects: Sequence[Effects]) -> list[set[int]]:
    """Return, for each of several operations, the positions of those that run after it for a reason.

    Args:
        effects: what each of them touches.
    """
    index: dict[str, dict[Key, list[int]]] = {}
    for name in ("provides", "requires", "removes", "releases", "modifies"):
        by_key: dict[Key, list[int]] = defaultdict(list)
        for i, effect in enumerate(effects):
            for key in getattr(effect, name):
                by_key[key].append(i)
        index[name] = by_key
    after: list[set[int]] = [set() for _ in effects]
    rules = (
        ("provides", "requires"),
        ("releases", "removes"),
        ("removes", "provides"),
        ("releases", "modifies"),
        ("modifies", "requires"),
        # What is changed in place was made before, and goes after.
        ("provides", "modifies"),
        ("modifies", "removes"),
    )
    for first, then in rules:
        for key, earlier in index[first].items():
            for later in index[then].get(key, ()):
                # An operation that both releases and requires a key (a change of type) keeps out of its own way.
                others = (i for i in earlier if i != later)
                for i in others:
                    if not _both_sides(effects[i], effects[later], key, first, then):
                        after[i].add(later)
    return after


def _both_sides(one: Effects, other: Effects, key: Key, first: str, then: str) -> bool:
    """True where a rule about ``modifies`` would hold in both directions.

    An operation that only touches a thing (it releases and requires the same key) waits for nobody who modifies it: the rule would say
    "before" and "after" at once.
    """
    if first == "releases" and then == "modifies":
        return key in one.requires
    if first == "modifies" and then == "requires":
        return key in other.releases
    return False


def _strict_core(positions: list[int], then: list[set[int]]) -> list[int]:
    """Reduce what could not be sorted to what lies on a cycle or between two: operations that merely wait for one are left out."""
    alive = set(positions)
    predecessors: dict[int, set[int]] = {i: set() for i in alive}
    outgoing = {i: len(then[i] & alive) for i in alive}
    for i in alive:
        for target in then[i] & alive:
            predecessors[target].add(i)
    ends = [i for i in alive if outgoing[i] == 0]
    while ends:
        i = ends.pop()
        alive.discard(i)
        for before in predecessors[i]:
            if before in alive:
                outgoing[before] -= 1
                if outgoing[before] == 0:
                    ends.append(before)
    return sorted(alive)


def _without_cyclic_keys(cycle: Sequence[Operation], later_keys: LaterKeys) -> list[Operation]:
    """Take every foreign key that points from one table of ``cycle`` to another out of its table."""
    created = {relation_key(o.table.name) for o in cycle if isinstance(o, CreateTable)}
    dropped = {relation_key(o.name) for o in cycle if isinstance(o, DropTable)}
    result: list[Operation] = []
    for operation in cycle:
        if isinstance(operation, CreateTable):
            table, keys = _split(operation.table, created)
            later = later_keys(table, keys) if keys else ()
            result += [replace(operation, table=table), *later] if later else [operation]
        elif isinstance(operation, DropTable) and operation.table is not None:
            table, keys = _split(operation.table, dropped)
            later = later_keys(table, keys) if keys else ()
            result += [replace(operation, table=table), *(each.reverse() for each in later)] if later else [operation]
        else:
            result.append(operation)
    return result


def _split(table: Table, others: set[Key]) -> tuple[Table, tuple[ForeignKey, ...]]:
    own = relation_key(table.name)
    out = tuple(k for k in table.foreign_keys if relation_key(k.referent) in others and relation_key(k.referent) != own)
    kept = tuple(k for k in table.foreign_keys if k not in out)
    return replace(table, foreign_keys=kept), out


def _loosened(operation: Operation) -> Operation:
    """Return what is left of ``operation`` where its foreign keys are no reason for any order."""
    match operation:
        case CreateTable(table=table):
            return replace(operation, table=replace(table, foreign_keys=()))
        case DropTable(table=Table() as table):
            return replace(operation, table=replace(table, foreign_keys=()))
        case AddConstraint() | DropConstraint() if _is_foreign_key(operation):
            return Operation()
        case BatchAlterTable(operations=inner):
            return replace(operation, operations=tuple(each for each in inner if not _is_foreign_key(each)))
    return operation


def _is_foreign_key(operation: Operation) -> bool:
    match operation:
        case AddConstraint(constraint=ForeignKey()) | DropConstraint(constraint=ForeignKey()):
            return True
        case DropConstraint(kind="foreignkey"):
            return True
    return False
