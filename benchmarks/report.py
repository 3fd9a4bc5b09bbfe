"""What was found, as a table for the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.machine import sentence
from benchmarks.plan import Plan
from benchmarks.processes import ROOT
from benchmarks.results import HEADINGS, Found, Plot, Row

README = ROOT / "README.md"


def table(rows: Iterable[Row]) -> Table:
    """Return the table for the terminal."""
    made = Table(title="schemadiff and Alembic, medians, ratios pair by pair")
    for number, heading in enumerate(HEADINGS):
        made.add_column(heading, justify="right" if number in (1, 2, 3) else "left")
    for row in rows:
        cells = row.cells()
        made.add_row(*cells, style="red" if row.reached is False else None)
    return made


def markdown(headings: Sequence[str], lines: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Return a table for the README; the columns of the numbers in ``right`` are set to the right."""
    numbers = set(right)
    marks = ["---:" if number in numbers else "---" for number in range(len(headings))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (headings, marks, *lines))


def write_readme(name: str, text: str) -> None:
    """Put text between the marks ``<!-- name -->`` and ``<!-- /name -->`` of the README."""
    whole = README.read_text(encoding="utf-8")
    between = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    README.write_text(between.sub(lambda _: text + "\n", whole), encoding="utf-8")


def speed(rows: Iterable[Row], machine: dict[str, str]) -> str:
    """Return the README's section: the table, and what it was measured on."""
    lines = [row.cells() for row in rows]
    return f"{markdown(HEADINGS, lines, (1, 2, 3))}\n\n{sentence(machine)}"


def write_json(path: Path, found: Found, plan: Plan, machine: dict[str, str]) -> None:
    """Write everything that was measured, each single figure."""
    data = {
        "measured_on": machine,
        "plan": asdict(plan),
        "rows": [_row(row) for row in found.rows],
        "plots": [_plot(plot) for plot in found.plots],
    }
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(row: Row) -> dict[str, Any]:
    return {
        "what": row.what,
        "unit": row.unit.name.lower(),
        "schemadiff": list(row.figures.ours),
        row.beside or "alembic": list(row.figures.theirs),
        "ratio": row.ratio,
        "aim": str(row.aim),
        "reached": row.reached,
    }


def _plot(plot: Plot) -> dict[str, Any]:
    lines = [{"tool": line.tool, "place": line.place, "points": line.points} for line in plot.lines]
    return {"name": plot.name, "title": plot.title, "x": plot.x, "y": plot.y, "lines": lines}
