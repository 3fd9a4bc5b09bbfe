"""The outcome of a diff."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from schemadiff.backends import Backend
from schemadiff.operations import Operation, reverse_all
from schemadiff.schema import Schema

__all__ = ["Diff"]


@dataclass(frozen=True)
class Diff:
    """The difference between a source and a target. It is true where there is one.

    Args:
        source, target: the two sides, canonical for one backend.
        upgrade: the operations that turn the source into the target, in order.
        backend: the backend that both sides are canonical for.
        warnings: what the diff could not do as well as it wished, a line each.
    """

    source: Schema = field(repr=False)
    target: Schema = field(repr=False)
    upgrade: tuple[Operation, ...]
    backend: Backend = field(repr=False, compare=False)
    warnings: tuple[str, ...] = ()

    @cached_property
    def downgrade(self) -> tuple[Operation, ...]:
        """The operations that turn the target back into the source, in order.

        Raises:
            IrreversibleError: an operation that a hook put in does not say what it replaces.
        """
        return reverse_all(self.upgrade)

    def __bool__(self) -> bool:
        return bool(self.upgrade)
