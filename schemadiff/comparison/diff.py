"""The outcome of a diff."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property

from schemadiff.backends import Backend
from schemadiff.comparison.evidence import Evidence
from schemadiff.comparison.explanation import Explanation, agreements, explanations
from schemadiff.frozen import dataclass
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
        evidence: what decided, beside the canonical forms: the server's answers, the user's rules.
    """

    source: Schema = field(repr=False)
    target: Schema = field(repr=False)
    upgrade: tuple[Operation, ...]
    backend: Backend = field(repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    evidence: Evidence = field(default_factory=Evidence, repr=False, compare=False)

    @cached_property
    def downgrade(self) -> tuple[Operation, ...]:
        """The operations that turn the target back into the source, in order.

        Raises:
            IrreversibleError: an operation that a hook put in does not say what it replaces.
        """
        return reverse_all(self.upgrade, shared_index_names=self.backend.shared_index_names)

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        """Why each operation of the upgrade is there: at least one explanation for each, in their order."""
        return explanations(self.source, self.target, self.upgrade, self.evidence)

    @cached_property
    def agreements(self) -> tuple[Explanation, ...]:
        """What looks different and was taken as equal: by an answer of the server's or the backend's, or by a rule of the user's."""
        return agreements(self.source, self.target, self.evidence)

    def explain(self) -> str:
        """Return all explanations in lines for people: the differences first, then what was taken as equal.

        What stands in the text of names, comments and defaults is escaped, so that it can be printed.
        """
        differences = list(dict.fromkeys(str(each) for each in self.explanations))
        equal = [str(each) for each in self.agreements]
        parts = [*(differences or ["No differences"]), *(["Taken as equal:", *equal] if equal else [])]
        return "\n\n".join(parts)

    def __bool__(self) -> bool:
        return bool(self.upgrade)
