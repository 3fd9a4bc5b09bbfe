"""What a run is made of: one revision after another, each in one direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from schemadiff.frozen import dataclass
from schemadiff.operations import Operation
from schemadiff.revisions.checksum import Checksum
from schemadiff.revisions.counting import operation_count
from schemadiff.revisions.header import Revision
from schemadiff.runtime.executor import one_line

__all__ = ["Attempt", "Direction", "Outcome", "Overtaken", "Plan", "Progress", "Step", "Telling"]

Direction = Literal["upgrade", "downgrade"]


class Progress(Protocol):
    """Is told how far a long command is, once more wherever there is something new to say of the same step."""

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


class Telling:
    """Tells of the operations of a step.

    Args:
        progress: is told.
        done, total: how many steps are done, and how many there are.
        step: the step that runs.
    """

    def __init__(self, progress: Progress, done: int, total: int, step: Step) -> None:
        self._progress = progress
        self._place = (done, total)
        self._step = step
        self._total = operation_count(step.revision.path, step.direction)
        self._number = 0

    def begin(self) -> None:
        """Say that the step begins, be it once more."""
        self._number = 0
        self._progress(*self._place, str(self._step))

    def operation(self, operation: Operation) -> None:
        """Say that the next operation begins."""
        self._number += 1
        # A file may say less than it does.
        of = f" of {self._total}" if self._total is not None and self._number <= self._total else ""
        what = one_line(operation.describe(), 100)
        where = f"{self._step.direction} {self._step.revision.id}"
        self._progress(*self._place, f"{where}, operation {self._number}{of}: {what}")


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
