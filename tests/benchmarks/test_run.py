"""The benchmarks run, on a model of a few tables: what they print and write, not how long anything takes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from benchmarks.imports import imported, imports, packages
from benchmarks.measuring import Figures, alternating
from benchmarks.plots import write_plots
from benchmarks.processes import python
from benchmarks.results import Aim, Kind, Line, Plot, Row, Unit
from benchmarks.tools import installed

HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None


def test_quick(tmp_path: Path) -> None:
    tiny = ("--quick", "--tables", "4", "--repeat", "1", "--rtt", "1", "--on", "sqlite")
    said = python("-m", "benchmarks", *tiny, "--output", str(tmp_path)).stdout
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert found["measured_on"]["cores"]
    assert len(found["rows"]) == 10
    assert all(len(row["schemadiff"]) == 1 for row in found["rows"])
    beside = 1 if len(installed()) > 1 else 0
    assert [len(row["alembic"]) for row in found["rows"][:-1]] == [beside] * 9
    queries = next(row for row in found["rows"] if row["unit"] == "queries")
    assert queries["reached"], queries
    drawn = sorted(path.name for path in tmp_path.glob("plots/*"))
    assert drawn == (["growth.svg", "latency.svg", "memory.svg"] if HAS_MATPLOTLIB else [])
    assert ("matplotlib is not installed" in said) is not HAS_MATPLOTLIB


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tables", "0"], "argument --tables: at least 1"),
        (["--readme", "--only", "heads"], "--readme takes the whole table"),
        (["--only", "nonsense"], "invalid choice"),
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments: list[str], said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        python("-m", "benchmarks", *arguments)


def test_profile(tmp_path: Path) -> None:
    file = tmp_path / "profile.txt"
    python("-m", "benchmarks.profile", "--tables", "3", "--on", "sqlite", "--output", str(file))
    said = file.read_text(encoding="utf-8")
    assert "Stages, 3 tables" in said
    assert "sqlite_version()" in said
    assert "Imports of schemadiff check" in said


def test_sides_take_turns_at_beginning() -> None:
    order: list[str] = []
    sides = [lambda: order.append("ours"), lambda: order.append("theirs")]
    rounds = alternating(sides, 3)
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert len(rounds.ours) == len(rounds.theirs) == 3


def test_the_ratio_is_of_pairs() -> None:
    # Of medians it would be 20.
    figures = Figures((1.0, 1.0, 4.0), (10.0, 20.0, 80.0))
    assert (figures.our_median, figures.their_median, figures.ratio) == (1.0, 20.0, 20.0)
    assert Figures((1.0, 2.0, 4.0), (40.0, 20.0, 4.0)).ratio == 10.0
    assert Figures((1.0,)).ratio is None


@pytest.mark.parametrize(
    ("aim", "ours", "theirs", "reached"),
    [
        (Aim(Kind.RATIO_AT_LEAST, 10), 1.0, 10.0, True),
        (Aim(Kind.RATIO_AT_LEAST, 10), 1.0, 9.9, False),
        (Aim(Kind.RATIO_AT_MOST, 1.25), 1.25, 1.0, True),
        (Aim(Kind.RATIO_AT_MOST, 1.25), 1.3, 1.0, False),
        (Aim(Kind.FIGURE_AT_MOST, 8), 8.0, 5000.0, True),
        (Aim(Kind.FIGURE_AT_MOST, 8), 9.0, 5000.0, False),
    ],
    ids=str,
)
def test_an_aim_is_reached_or_not(aim: Aim, ours: float, theirs: float, reached: bool) -> None:
    row = Row("diff", Unit.SECONDS, Figures((ours,), (theirs,)), aim)
    assert row.reached is reached
    assert row.cells()[-1] == ("yes" if reached else "no")


def test_without_another_side_only_figures_are_judged() -> None:
    alone = Figures((7.0,))
    assert Row("diff", Unit.SECONDS, alone, Aim(Kind.RATIO_AT_LEAST, 10)).reached is None
    assert Row("queries", Unit.QUERIES, alone, Aim(Kind.FIGURE_AT_MOST, 8)).reached is True


def test_imports_are_read() -> None:
    found = imports("-c", "import json")
    assert {"json", "json.decoder"} <= {each.module for each in found}
    assert "json" in imported("-c", "import json")
    (json_package,) = (each for each in packages(found) if each.name == "json")
    assert json_package.modules == sum(each.package == "json" for each in found)


def test_plots_are_the_same_for_the_same_figures(tmp_path: Path) -> None:
    lines = tuple(Line(tool, "SQLite", ((1.0, 0.1), (10.0, 1.0))) for tool in ("schemadiff", "Alembic"))
    plot = Plot("growth", "Growth", "tables", "seconds", lines, logarithmic=True)
    if not HAS_MATPLOTLIB:
        with pytest.raises(ImportError):
            write_plots([plot], tmp_path)
        return
    texts = [write_plots([plot], tmp_path / folder)[0].read_text(encoding="utf-8") for folder in ("a", "b")]
    assert texts[0] == texts[1]
    assert "<text" in texts[0]
    assert "dc:date" not in texts[0]
