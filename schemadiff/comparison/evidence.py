"""What decided a comparison, beside the canonical forms: the judge's answers and the user's rules; and the parts that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from schemadiff.backends import Question, Verdict
from schemadiff.frozen import dataclass
from schemadiff.schema import Name

__all__ = ["Evidence", "Part", "Side"]


@dataclass(frozen=True)
class Evidence:
    """What decided, beside the canonical forms.

    Args:
        verdict: the judge's answers, and those that needed no judge.
        ruled: what the user's rules said: for a table, a column and a field of it, whether it differs.
        unasked: why no server was asked; None where one was, or where there was nothing to ask.
    """

    verdict: Verdict = field(default_factory=Verdict)
    ruled: Mapping[tuple[Name, str, str], bool] = field(default_factory=dict)
    unasked: str | None = None

    def about(self, question: Question) -> tuple[bool, str]:
        """Return whether two expressions that differ as tokens are equal, and what decided it."""
        answer = self.verdict.answers.get(question)
        if answer is None:
            why = self.unasked or self.verdict.warning or "it was not asked"
            return False, f"tokens: the canonical forms differ; no judge: {why}"
        if answer.equal is None:
            return False, f"tokens: the canonical forms differ; no judge: refused by the server: {answer.refusal}"
        if answer.equal and answer.rule is not None:
            return True, f"meaning: {answer.rule}"
        if answer.equal:
            return True, "server: it finds them equal"
        return False, "server: it prints them differently"

    def printed(self, question: Question) -> tuple[str | None, str | None]:
        """Return how the server prints the one expression and the other, where it was made to."""
        answer = self.verdict.answers.get(question)
        return (None, None) if answer is None else (answer.left, answer.right)


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says.

    Args:
        spelling: as the database prints it, or as the model says it; None where this side has nothing of the kind.
        canonical: the form that is compared.
        printed: what the server printed when the judge asked it.
    """

    spelling: str | None
    canonical: str | None = None
    printed: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Something of two tables, columns or constraints that is equal or not, and why.

    Args:
        attribute: what it is: ``type``, ``server default``.
        source, target: what the two sides say.
        equal: whether it is taken as equal.
        decided_by: what decided: ``tokens: ...``, ``server: ...``, ``meaning: ...``, ``rule: ...``, ``name: ...``.
    """

    attribute: str
    source: Side
    target: Side
    equal: bool
    decided_by: str
