"""Measuring: one tool after the other in alternating order, medians, and ratios of runs that stood side by side."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """What was measured, for each round one figure of ours and, where there is another side, one of it."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()

    @property
    def our_median(self) -> float:
        return median(self.ours)

    @property
    def their_median(self) -> float | None:
        return median(self.theirs) if self.theirs else None

    @property
    def ratio(self) -> float | None:
        """The median of theirs : ours, pair by pair: above 1 where ours is the smaller."""
        if not self.theirs:
            return None
        return median(b / a for a, b in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True)
class Rounds(Generic[T]):
    """What each side gave in each round."""

    ours: list[T]
    theirs: list[T]

    def figures(self, of: Callable[[T], float]) -> Figures:
        """Return one figure of each run."""
        return Figures(tuple(of(each) for each in self.ours), tuple(of(each) for each in self.theirs))


def alternating(runs: Sequence[Callable[[], T]], repeat: int) -> Rounds[T]:
    """Run both sides, or the one that there is, ``repeat`` times; the side that began a round ends the next one."""
    found: list[list[T]] = [[] for _ in runs]
    for number in range(repeat):
        order = list(range(len(runs)))
        for side in order if number % 2 == 0 else reversed(order):
            found[side].append(runs[side]())
    return Rounds(found[0], found[1] if len(found) > 1 else [])


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes, garbage of earlier ones collected before."""
    gc.collect()
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@dataclass(frozen=True)
class Statement:
    """A statement that went to the database; ``parameters`` is None where the driver was given none."""

    text: str
    parameters: Any


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[Statement]]:
    """Note the statements that go to the database."""
    sent: list[Statement] = []

    def note(connection: object, cursor: object, text: str, parameters: Any, context: Any, *_: object) -> None:
        bare = not parameters and context.execution_options.get("no_parameters")
        sent.append(Statement(text, None if bare else parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def peak_memory() -> int:
    """Return the most memory that this process had, in bytes.

    Linux gives a program that was just started the ``ru_maxrss`` of the one that started it, so it is asked elsewhere.
    """
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
