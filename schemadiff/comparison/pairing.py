"""Which constraint of the source is which of the target.

Constraints are paired by name. A constraint whose name nobody gave (``implicit``, or None) is paired by its content, with whatever name the
other side has: the server chose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from schemadiff.comparison.equality import Equality
from schemadiff.frozen import dataclass
from schemadiff.schema import Constraint

__all__ = ["Pairing", "pair_constraints"]

C = TypeVar("C", bound=Constraint)


@dataclass(frozen=True)
class Pairing(Generic[C]):
    """The outcome.

    Args:
        kept: pairs that are the same.
        dropped: what the target does not have, or has differently.
        added: what the source does not have, or has differently.
    """

    kept: tuple[tuple[C, C], ...]
    dropped: tuple[C, ...]
    added: tuple[C, ...]


def pair_constraints(left: Sequence[C], right: Sequence[C], equality: Equality) -> Pairing[C]:
    """Pair the constraints of one kind. Both sequences are in a fixed order, so the outcome is too."""
    kept: list[tuple[C, C]] = []
    open_left, open_right = list(left), list(right)
    # First what is the same to the letter, then what has the same name, then what may have any name: a judge is asked only about
    # what is left over.
    for matches in (_same_name_and_tokens, _same_name, _any_name):
        for there in tuple(open_right):
            here = next((c for c in open_left if matches(c, there, equality)), None)
            if here is not None:
                kept.append((here, there))
                open_left.remove(here)
                open_right.remove(there)
    return Pairing(tuple(kept), tuple(open_left), tuple(open_right))


def _same_name_and_tokens(left: Constraint, right: Constraint, equality: Equality) -> bool:
    return left == right


def _same_name(left: Constraint, right: Constraint, equality: Equality) -> bool:
    return left.name == right.name and equality.constraints(left, right)


def _any_name(left: Constraint, right: Constraint, equality: Equality) -> bool:
    return (left.implicit or right.implicit) and equality.constraints(left, right)
