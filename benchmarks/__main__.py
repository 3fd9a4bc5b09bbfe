"""How fast schemadiff is beside Alembic, in one run: what is aimed at, and what is reached.

    python -m benchmarks                       everything, on the servers that the tests find (twenty minutes)
    python -m benchmarks --quick               fewer tables, rounds and sizes (under two minutes)
    python -m benchmarks --only far --rtt 20   one benchmark, printed and not kept
    python -m benchmarks --readme              also writes the table into README.md

The tools run in turn, on a database or project of the same content. A figure is the median, a ratio the median of the ratios pair by pair.
Every figure goes into results.json, the plots into plots/, in the folder of this package or the one that --output names.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from benchmarks.commands import check, heads
from benchmarks.diffs import far, in_sync, latency, queries
from benchmarks.first_revision import first_revision
from benchmarks.growth import growth
from benchmarks.machine import measured_on, sentence
from benchmarks.places import TITLES, Place, places
from benchmarks.plan import FULL_TABLES, QUICK_TABLES, Plan, plan
from benchmarks.plots import write_plots
from benchmarks.report import speed, table, write_json, write_readme
from benchmarks.results import Found
from benchmarks.tools import Tool, installed

BENCHMARKS: dict[str, Callable[[Plan, Sequence[Place], Sequence[Tool]], Found]] = {
    "in-sync": in_sync,
    "far": far,
    "queries": queries,
    "first-revision": first_revision,
    "growth": growth,
    "heads": heads,
    "check": check,
    "latency": latency,
}


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="under two minutes")
    parser.add_argument("--tables", type=_count, help=f"of the model ({FULL_TABLES}; {QUICK_TABLES} with --quick)")
    parser.add_argument("--repeat", type=_count, help="rounds (5; 2 with --quick)")
    parser.add_argument("--rtt", type=float, default=5.0, help="milliseconds to the server far away and back (5)")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="this benchmark; may be repeated")
    parser.add_argument("--on", choices=TITLES, action="append", help="this database; may be repeated")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="where results.json and plots/ go")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    given = parser.parse_args()
    if given.readme and (given.only or given.on):
        parser.error("--readme takes the whole table: leave out --only and --on")
    return given


def main() -> None:
    """Measure, print, and write."""
    given = _arguments()
    console = Console()
    chosen = plan(quick=given.quick, tables=given.tables, repeat=given.repeat, rtt=given.rtt / 1000)
    tools = installed()
    if len(tools) == 1:
        console.print("Alembic is not installed, so there is nothing to compare with: pip install -e '.\\[benchmark]'")
    parts: list[Found] = []
    with places(given.on or list(TITLES)) as (found, missing):
        for dialect, problem in missing.items():
            console.print(f"not measured: {TITLES[dialect]}: {escape(problem)}")
        here = list(found.values())
        if not here:
            raise SystemExit("there is no database to measure on")
        for name in given.only or BENCHMARKS:
            with console.status(f"measuring: {name}"):
                parts.append(BENCHMARKS[name](chosen, here, tools))
        machine = measured_on(here)
    rows = tuple(row for part in parts for row in part.rows)
    whole = Found(rows, tuple(plot for part in parts for plot in part.plots))
    console.print(table(rows))
    console.print(sentence(machine), highlight=False)
    if given.only:
        return
    given.output.mkdir(parents=True, exist_ok=True)
    write_json(given.output / "results.json", whole, chosen, machine)
    try:
        write_plots(whole.plots, given.output / "plots")
    except ImportError:
        console.print("matplotlib is not installed, so nothing was drawn: pip install -e '.\\[benchmark]'")
    if given.readme:
        write_readme("speed", speed(rows, machine))


if __name__ == "__main__":
    main()
