"""What a benchmark found: rows of the table, and lines of the plots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from benchmarks.measuring import Figures


class Unit(Enum):
    """What a figure counts."""

    SECONDS = "s"
    BYTES = "MB"
    QUERIES = "queries"
    EXPONENT = "n^x"

    def shown(self, value: float) -> str:
        """Return a figure with its unit, to three digits."""
        if self is Unit.SECONDS:
            return f"{_digits(value * 1000)} ms" if value < 1 else f"{_digits(value)} s"
        if self is Unit.BYTES:
            return f"{_digits(value / 1e6)} MB"
        if self is Unit.EXPONENT:
            return f"n^{value:.2f}"
        return f"{value:,.0f}"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Kind(Enum):
    """What an aim is about."""

    RATIO_AT_LEAST = "at least {}×"
    RATIO_AT_MOST = "at most {}×"
    FIGURE_AT_MOST = "at most {}"


@dataclass(frozen=True)
class Aim:
    """What is aimed at. A ratio that shall be large is theirs : ours, one that shall be small is ours : theirs."""

    kind: Kind
    bound: float

    def __str__(self) -> str:
        return self.kind.value.format(f"{self.bound:g}")


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Args:
        what: what was measured.
        unit: of both sides' figures.
        figures: both sides.
        aim: what is aimed at.
        beside: what stands where Alembic does in other rows.
    """

    what: str
    unit: Unit
    figures: Figures
    aim: Aim
    beside: str | None = None

    @property
    def ratio(self) -> float | None:
        """The ratio as the aim has it."""
        ratio = self.figures.ratio
        if ratio is None or self.aim.kind is not Kind.RATIO_AT_MOST:
            return ratio
        return 1 / ratio

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None where there was nothing to compare with."""
        value = self.figures.our_median if self.aim.kind is Kind.FIGURE_AT_MOST else self.ratio
        if value is None:
            return None
        return value >= self.aim.bound if self.aim.kind is Kind.RATIO_AT_LEAST else value <= self.aim.bound

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """Return what stands in the table: what, ours, theirs, ratio, aim, and whether it was reached."""
        theirs, ratio = self.figures.their_median, self.ratio
        other = "–" if theirs is None else self.unit.shown(theirs)
        if theirs is not None and self.beside is not None:
            other += f" ({self.beside})"
        shown_ratio = "–" if ratio is None or self.unit is Unit.EXPONENT else f"{_digits(ratio)}×"
        reached = {True: "yes", False: "no", None: "–"}[self.reached]
        return self.what, self.unit.shown(self.figures.our_median), other, shown_ratio, str(self.aim), reached


@dataclass(frozen=True)
class Line:
    """One line of a plot: what a tool took on a database."""

    tool: str
    place: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Plot:
    """A plot; ``name`` is that of its file, and ``logarithmic`` whether the horizontal axis is, as the other one always is."""

    name: str
    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    logarithmic: bool = False


@dataclass(frozen=True)
class Found:
    """What one benchmark found."""

    rows: tuple[Row, ...]
    plots: tuple[Plot, ...] = ()


HEADINGS = ("what", "schemadiff", "Alembic", "ratio", "aimed at", "reached")
