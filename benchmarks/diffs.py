"""A diff in sync, in process: near, far away, over latency, and the queries that it sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from benchmarks.measuring import Figures, alternating, seconds, statements
from benchmarks.models import model
from benchmarks.places import Place
from benchmarks.plan import Plan
from benchmarks.results import Aim, Found, Kind, Line, Plot, Row, Unit
from benchmarks.tools import Tool

_NEAR = {"sqlite": 20, "postgresql": 12, "mysql": 10}
_FAR = {"sqlite": 100, "postgresql": 15, "mysql": 15}
_QUERIES = {"sqlite": 8, "postgresql": 14, "mysql": 10}


def in_sync(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure a diff in sync of a database that is near."""
    rows = []
    for place in places:
        with place.near(place.database(plan.tables)) as engine:
            figures = _times(engine, plan.tables, plan.repeat, tools)
        what = f"diff in sync, {plan.tables} tables, {place.title}"
        rows.append(Row(what, Unit.SECONDS, figures, Aim(Kind.RATIO_AT_LEAST, _NEAR[place.dialect])))
    return Found(tuple(rows))


def far(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure a diff in sync of a database that is far away."""
    rows = []
    for place in places:
        with place.far(place.database(plan.far_tables), plan.rtt) as engine:
            figures = _times(engine, plan.far_tables, plan.repeat, tools)
        what = f"the same, {plan.rtt * 1000:g} ms away, {plan.far_tables} tables, {place.title}"
        rows.append(Row(what, Unit.SECONDS, figures, Aim(Kind.RATIO_AT_LEAST, _FAR[place.dialect])))
    return Found(tuple(rows))


def latency(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure the diff in sync of a few tables over latency, for the plot."""
    tables = plan.latency_tables
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for place in places:
        url = place.database(tables)
        for rtt in plan.rtts:
            with place.far(url, rtt) if rtt else place.near(url) as engine:
                figures = _times(engine, tables, min(plan.repeat, 3), tools)
            for tool, median in zip(tools, (figures.our_median, figures.their_median), strict=False):
                assert median is not None
                points.setdefault((tool.title, place.title), []).append((rtt * 1000, median))
    lines = tuple(Line(tool, place, tuple(found)) for (tool, place), found in points.items())
    title = f"A diff in sync of {tables} tables, over latency"
    return Found((), (Plot("latency", title, "round trip, milliseconds", "seconds", lines),))


def queries(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Count the queries of a diff in sync."""
    rows = []
    for place in places:
        with place.near(place.database(plan.tables)) as engine, _runs(engine, plan.tables, tools) as runs:
            counts = []
            for run in runs:
                with statements(engine) as sent:
                    run()
                counts.append((float(len(sent)),))
        what = f"catalog queries, {plan.tables} tables, {place.title}"
        rows.append(Row(what, Unit.QUERIES, Figures(*counts), Aim(Kind.FIGURE_AT_MOST, _QUERIES[place.dialect])))
    return Found(tuple(rows))


def _times(engine: sa.Engine, tables: int, repeat: int, tools: Sequence[Tool]) -> Figures:
    with _runs(engine, tables, tools) as runs:
        return alternating(runs, repeat).figures(float)


@contextmanager
def _runs(engine: sa.Engine, tables: int, tools: Sequence[Tool]) -> Iterator[list[Callable[[], float]]]:
    """Give what a run of each tool is, on one connection that is open, after one that is not counted (it imports and compiles)."""
    with engine.connect() as connection:
        runs = [_run(tool, connection, tables) for tool in tools]
        for run in runs:
            run()
        yield runs


def _run(tool: Tool, connection: sa.Connection, tables: int) -> Callable[[], float]:
    def run() -> float:
        # A new one each time: what a tool keeps of a model must not help it the next time.
        metadata = model(tables)
        took = seconds(lambda: tool.check_in_sync(connection, metadata))
        connection.rollback()
        return took

    return run
