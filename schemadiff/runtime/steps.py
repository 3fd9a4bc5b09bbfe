"""What a run is made of: one revision after another, each in one direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from schemadiff.revisions.checksum import Checksum
from schemadiff.revisions.header import Revision
from schemadiff.runtime.executor import one_line

__all__ = ["Attempt", "Direction", "Outcome", "Overtaken", "Plan", "Progress", "Step"]

Direction = Literal["upgrade", "downgrade"]


class Progress(Protocol):
    """Is told how far a long command is."""

    def __call__(self, done: int, total: int, what: str, /) -> None:
        """Take note: ``done`` of ``total`` steps, the next of which is ``what``."""


@dataclass(frozen=True, slots=True)
class Step:
    """One revision to run in one direction.

    Args:
        revision: the revision.
        direction: which of its functions runs.
        before: the rows of the version table before it.
        after: the rows after it.
        checksum: the checksum of the file; None where none is kept of it.
        empties: nothing at all has run after it. The rows alone do not say that in a script, which knows only those that it is told.
    """

    revision: Revision
    direction: Direction
    before: tuple[str, ...]
    after: tuple[str, ...]
    checksum: Checksum | None = None
    empties: bool = False

    def __str__(self) -> str:
        old, new = (", ".join(rows) or "base" for rows in (self.before, self.after))
        message = f", {one_line(self.revision.message, 100)}" if self.revision.message else ""
        return f"{self.direction} {old} -> {new}{message}"


Plan = Callable[[tuple[str, ...]], Sequence[Step]]
"""Says which steps lead from the rows of the version table to where the command goes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Args:
        steps: what ran, in order; what somebody else ran meanwhile is not among them.
        before, after: the rows of the version table before and after it.
    """

    steps: tuple[Step, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(slots=True)
class Attempt:
    """One try at one step, and what is known of it.

    Args:
        step: the step.
        whole: it stands in one transaction of ours, so that all of it goes where it fails. False as soon as it leaves that one.
        lost: the connection broke, so that nobody knows whether a commit got through.
    """

    step: Step
    whole: bool
    lost: bool = False


class Overtaken(Exception):
    """Somebody else has moved the rows of the version table, before the step has done anything.

    Args:
        rows: what they are now.
    """

    def __init__(self, rows: tuple[str, ...]) -> None:
        super().__init__(rows)
        self.rows = rows
