"""A diff in sync over the number of tables, each in a process of its own: time and peak memory, PostgreSQL where there is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from statistics import linear_regression

from benchmarks.measuring import Figures, Rounds, alternating
from benchmarks.places import Place, grow
from benchmarks.plan import Plan
from benchmarks.processes import python
from benchmarks.results import Aim, Found, Kind, Line, Plot, Row, Unit
from benchmarks.tools import TITLES, Tool

_WARM = 2
_MANY, _ROUNDS_OF_MANY = 3000, 3
# How steep the line of time over tables may be on logarithmic axes; 1 is linear, 2 is quadratic.
_STEEPEST = 1.1


@dataclass(frozen=True)
class Diffed:
    """What one process told: how long the diff took, and the most memory that the process had, models and interpreter included."""

    seconds: float
    peak: int


def growth(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure databases of a growing number of tables."""
    place = next((each for each in places if each.dialect == "postgresql"), places[0])
    url, warm = place.empty(), place.database(_WARM)
    found: dict[int, Rounds[Diffed]] = {}
    there = 0
    for size in plan.sizes:
        grow(url, there, size)
        there = size
        repeat = min(plan.repeat, _ROUNDS_OF_MANY) if size >= _MANY else plan.repeat
        found[size] = alternating([_run(tool, url, size, warm) for tool in tools], repeat)
    times = {size: rounds.figures(lambda run: run.seconds) for size, rounds in found.items()}
    peaks = {size: rounds.figures(lambda run: run.peak) for size, rounds in found.items()}
    what = f"{there} tables in sync, {place.title}"
    rows = (
        Row(f"{what}: time", Unit.SECONDS, times[there], Aim(Kind.RATIO_AT_LEAST, 10)),
        Row(f"{what}: peak memory", Unit.BYTES, peaks[there], Aim(Kind.RATIO_AT_LEAST, 3)),
        Row(
            f"{what}: growth from {min(times)} on",
            Unit.EXPONENT,
            _steepness(times, tools),
            Aim(Kind.FIGURE_AT_MOST, _STEEPEST),
        ),
    )
    plots = (
        Plot("growth", "A diff in sync", "tables", "seconds", _lines(times, place, tools), True),
        Plot("memory", "The most memory of its process", "tables", "megabytes", _lines(peaks, place, tools, 1e6), True),
    )
    return Found(rows, plots)


def _run(tool: Tool, url: str, tables: int, warm: str) -> Callable[[], Diffed]:
    arguments = ("-m", "benchmarks.worker", tool.name, url, str(tables), warm, str(_WARM))
    return lambda: Diffed(**json.loads(python(*arguments).stdout))


def _medians(figures: dict[int, Figures], side: int) -> list[tuple[int, float]]:
    found = [(size, (each.our_median, each.their_median)[side]) for size, each in figures.items()]
    return [(size, median) for size, median in found if median is not None]


def _steepness(times: dict[int, Figures], tools: Sequence[Tool]) -> Figures:
    slopes = []
    for side in range(len(tools)):
        points = _medians(times, side)
        slope = linear_regression([log(size) for size, _ in points], [log(took) for _, took in points]).slope
        slopes.append((slope,))
    return Figures(*slopes)


def _lines(figures: dict[int, Figures], place: Place, tools: Sequence[Tool], unit: float = 1) -> tuple[Line, ...]:
    return tuple(
        Line(TITLES[tool.name], place.title, tuple((size, value / unit) for size, value in _medians(figures, side)))
        for side, tool in enumerate(tools)
    )
