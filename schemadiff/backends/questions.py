"""What the server is asked about expressions, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from schemadiff.frozen import dataclass
from schemadiff.schema import Name, Table

__all__ = ["Answer", "ExpressionKind", "Question", "Verdict"]

ExpressionKind = Literal["default", "check", "computed", "index", "predicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two expressions that differ as tokens: does the server find them equal?

    Args:
        kind: what the expressions are.
        table: the table that they belong to, as the target has it: its columns are what the expressions are about.
        column: the column of a default or of a generated column.
        left, right: the expression of the source and the one of the target.
    """

    kind: ExpressionKind
    name: Name
    column: str | None
    left: str
    right: str
    table: Table = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says to a question.

    Args:
        equal: whether it finds the two expressions equal; None where it does not say.
        left, right: how it prints the one and the other; None where it was not asked for the print, or gave none.
        refusal: why there is no answer: the message with which the server refused an expression, or why it was not sent.
        rule: what told them to be equal where it was not the server.
    """

    equal: bool | None
    left: str | None = None
    right: str | None = None
    refusal: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's answers. A question that is not answered is decided by tokens: the expressions differ.

    Args:
        answers: the answers, those to questions among them that the server refused.
        warning: one line that says why the server was not asked, or could not answer.
    """

    answers: Mapping[Question, Answer] = field(default_factory=dict)
    warning: str | None = None

    @property
    def equal(self) -> dict[Question, bool]:
        """What was answered."""
        return {question: answer.equal for question, answer in self.answers.items() if answer.equal is not None}
