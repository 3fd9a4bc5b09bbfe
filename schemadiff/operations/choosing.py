"""Leaving some of a list of operations out, so that what is left can still run.

An operation that is left out takes those along that run after it for a reason (see :mod:`schemadiff.operations.order`). What is dropped and
made again is one choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Key, Operation
from schemadiff.operations.batch import BatchAlterTable
from schemadiff.operations.dependants import CreateDependant, DropDependant
from schemadiff.operations.order import Touches, successors

__all__ = ["Choices"]


@dataclass(frozen=True)
class Choices:
    """What can be left out of operations.

    Args:
        operations: the operations, in order.
        parts: the same, those inside of batches one by one.
        groups: the positions in ``parts`` that are one choice, each in order.
        needed_by: the groups that cannot stay without a group, those that need it indirectly too; by its number.
    """

    operations: tuple[Operation, ...]
    parts: tuple[Operation, ...]
    groups: tuple[tuple[int, ...], ...]
    needed_by: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, operations: Iterable[Operation], effects: Touches) -> Choices:
        """Return the choices that there are.

        Args:
            operations: the operations, in order.
            effects: what an operation touches on the database that it is for: ``backend.effects``.
        """
        every = tuple(operations)
        parts = tuple(_parts(every))
        touched = [effects(part) for part in parts]
        groups = _groups(parts, touched)
        group_of = {position: number for number, group in enumerate(groups) for position in group}
        after: list[set[int]] = [set() for _ in groups]
        for position, later in enumerate(successors(touched)):
            own = group_of[position]
            # What stands before it in the list does not wait for it, whatever its effects say.
            after[own] |= {group_of[each] for each in later if each > position} - {own}
        return cls(every, parts, groups, tuple(_reachable(after, number) for number in range(len(groups))))

    def members(self, group: int) -> tuple[Operation, ...]:
        """Return the operations of a group."""
        return tuple(self.parts[position] for position in self.groups[group])

    def is_idle(self, group: int, left_out: Collection[int], effects: Touches) -> bool:
        """Return True for what is only taken off and put back, where nothing is left that it would be in the way of."""
        members = self.members(group)
        if not all(isinstance(each, DropDependant | CreateDependant) for each in members) or len(members) < 2:
            return False
        held: set[Key] = set()
        for each in members:
            held |= effects(each).releases | effects(each).requires
        others = [n for n in range(len(self.groups)) if n != group and n not in left_out]
        touched = (effects(each) for n in others for each in self.members(n))
        return not any(held & (effect.modifies | effect.removes) for effect in touched)

    def without(self, left_out: Collection[int], effects: Touches) -> tuple[Operation, ...]:
        """Return the operations that stay, in order.

        Args:
            left_out: numbers of groups; those that need them go too.
            effects: see :meth:`of`.
        """
        gone = set(left_out).union(*(self.needed_by[number] for number in left_out))
        if gone:
            gone |= {number for number in range(len(self.groups)) if self.is_idle(number, gone, effects)}
        positions = {position for number in gone for position in self.groups[number]}
        remaining = iter(range(len(self.parts)))
        return tuple(_kept(self.operations, remaining, positions))


def _parts(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, BatchAlterTable):
            yield from operation.operations
        else:
            yield operation


def _kept(operations: Iterable[Operation], numbers: Iterator[int], gone: Collection[int]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, BatchAlterTable):
            inner = tuple(each for each in operation.operations if next(numbers) not in gone)
            if inner or not operation.operations:
                yield replace(operation, operations=inner)
        elif next(numbers) not in gone:
            yield operation


def _groups(parts: Sequence[Operation], touched: Sequence[Effects]) -> tuple[tuple[int, ...], ...]:
    """Return the positions that are one choice: what is taken away and made again under its name."""
    removed: dict[Key, int] = {}
    group_of = list(range(len(parts)))
    for position, effect in enumerate(touched):
        for key in sorted(effect.provides & removed.keys()):
            one, other = group_of[removed[key]], group_of[position]
            group_of = [min(one, other) if each in (one, other) else each for each in group_of]
        for key in effect.removes:
            removed[key] = position
    members: dict[int, list[int]] = defaultdict(list)
    for position, group in enumerate(group_of):
        members[group].append(position)
    return tuple(tuple(members[group]) for group in sorted(members))


def _reachable(after: Sequence[set[int]], start: int) -> frozenset[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for number in after[waiting.pop()] - found:
            found.add(number)
            waiting.append(number)
    return frozenset(found - {start})
