"""Where the time of a diff goes: by stage, by query, and by import.

    python -m benchmarks.profile                    200 tables, on the servers that the tests find
    python -m benchmarks.profile --tables 1000 --on postgresql
    python -m benchmarks.profile --output FILE      also writes what it prints; the last one kept is profile.txt

A stage is the best of three. A query is sent again by itself through the driver's own cursor: "there and back" is until all rows are here;
"server" is what the server says that it worked, by EXPLAIN ANALYZE on PostgreSQL, by SHOW PROFILES on MariaDB. Imports are those of
``python -X importtime``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from rich.text import Text

import schemadiff
from benchmarks.imports import imports, packages
from benchmarks.machine import measured_on, sentence
from benchmarks.measuring import seconds
from benchmarks.models import model
from benchmarks.places import TITLES, Place, places
from benchmarks.processes import python
from benchmarks.queries import profiled
from benchmarks.results import Unit
from tests.support.projects import copy_project

_BEST_OF = 3
_LONGEST_PACKAGES = 10
_QUERY_WIDTH = 100
_FIGURE_WIDTH = 7
_FILE_WIDTH = 140


def stages(place: Place, tables: int) -> list[tuple[str, float]]:
    """Return how long each stage of a diff takes: in sync, and with a database that is empty."""
    with (
        place.near(place.database(tables)) as full,
        full.connect() as connection,
        place.near(place.empty()) as empty,
        empty.connect() as nothing,
    ):
        dialect = connection.dialect
        source, target = schemadiff.reflect(connection), schemadiff.from_metadata(model(tables), dialect)
        start = schemadiff.reflect(nothing)
        first = schemadiff.diff(start, target)
        found: list[tuple[str, Callable[[sa.MetaData], object]]] = [
            ("reflect", lambda _: schemadiff.reflect(connection)),
            ("lower the model", lambda made: schemadiff.from_metadata(made, dialect)),
            ("compare, in sync", lambda _: schemadiff.diff(source, target)),
            ("the whole diff, in sync", lambda made: schemadiff.diff(connection, made)),
            ("compare, with nothing", lambda _: schemadiff.diff(start, target)),
            ("render, from nothing", lambda _: schemadiff.render(first)),
        ]
        return [(name, _best(stage, tables)) for name, stage in found]


def _best(stage: Callable[[sa.MetaData], object], tables: int) -> float:
    """Return the least seconds of a stage; each run has a model of its own, whose making is not measured."""
    return min(seconds(partial(stage, model(tables))) for _ in range(_BEST_OF))


def _stage_table(here: list[Place], tables: int) -> Table:
    found = {place.title: stages(place, tables) for place in here}
    table = Table(title=f"Stages, {tables} tables")
    table.add_column("stage")
    for title in found:
        table.add_column(title, justify="right")
    for number, (name, _) in enumerate(next(iter(found.values()))):
        table.add_row(name, *(Unit.SECONDS.shown(times[number][1]) for times in found.values()))
    return table


def _query_table(place: Place, tables: int) -> Table:
    with place.near(place.database(tables)) as engine:
        found = profiled(engine, model(tables))
    table = Table(title=f"Queries of a diff in sync, {tables} tables, {place.title}")
    for heading in ("rows", "there and back", "server"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=max(len(heading), _FIGURE_WIDTH))
    table.add_column("query", no_wrap=True)
    for query in found:
        server = "–" if query.server is None else Unit.SECONDS.shown(query.server)
        text = Text(" ".join(query.text.split())[:_QUERY_WIDTH])
        table.add_row(str(query.rows), Unit.SECONDS.shown(query.round_trip), server, text)
    known = [query.server for query in found if query.server is not None]
    total = Unit.SECONDS.shown(sum(query.round_trip for query in found))
    table.add_section()
    table.add_row("", total, Unit.SECONDS.shown(sum(known)) if known else "–", f"all {len(found)}")
    return table


def _import_table(command: tuple[str, ...], folder: Path) -> Table:
    found = imports("-m", "schemadiff", *command, cwd=folder)
    table = Table(title=f"Imports of schemadiff {' '.join(command)}")
    table.add_column("package")
    for heading in ("modules", "themselves", "with what they import first"):
        table.add_column(heading, justify="right")
    longest = packages(found)[:_LONGEST_PACKAGES]
    for package in longest:
        times = (Unit.SECONDS.shown(value / 1e6) for value in (package.own, package.cumulative))
        table.add_row(package.name, str(package.modules), *times)
    table.add_section()
    table.add_row("all", str(len(found)), Unit.SECONDS.shown(sum(each.own for each in found) / 1e6), "")
    return table


def main() -> None:
    """Profile, and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.profile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--on", choices=TITLES, action="append", help="this database; may be repeated")
    parser.add_argument("--output", type=Path, help="a file for what is printed")
    given = parser.parse_args()
    console = Console(record=True, width=None if given.output is None else _FILE_WIDTH)
    with places(given.on or list(TITLES)) as (found, _), TemporaryDirectory() as folder:
        here = list(found.values())
        console.print(_stage_table(here, given.tables))
        for place in here:
            console.print(_query_table(place, given.tables))
        project = copy_project("blog", Path(folder))
        for command in (("autogen", "-m", "initdb"), ("upgrade",)):
            python("-m", "schemadiff", *command, cwd=project)
        for command in (("--help",), ("heads",), ("check",)):
            console.print(_import_table(command, project))
        console.print(sentence(measured_on(here)), highlight=False)
    if given.output is not None:
        given.output.write_text(console.export_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
