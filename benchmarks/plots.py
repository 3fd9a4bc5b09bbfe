"""The plots, as SVG that is the same for the same figures: no date, names that are drawn from the content, text as text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.results import Plot

_COLOURS = {"schemadiff": "#0f766e", "Alembic": "#b45309"}
_DASHES = ("-", "--", ":")
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "schemadiff",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "path.simplify": True,
}


def write_plots(plots: Iterable[Plot], folder: Path) -> list[Path]:
    """Draw each plot into ``folder``; return the files.

    Raises:
        ImportError: matplotlib is not installed.
    """
    import matplotlib

    matplotlib.use("svg")
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(_SETTINGS):
        return [_drawn(plot, folder / f"{plot.name}.svg") for plot in plots]


def _drawn(plot: Plot, path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    places = list(dict.fromkeys(line.place for line in plot.lines))
    for line in plot.lines:
        axes.plot(
            [x for x, _ in line.points],
            [y for _, y in line.points],
            label=line.tool if len(places) == 1 else f"{line.tool}, {line.place}",
            color=_COLOURS[line.tool],
            linestyle=_DASHES[places.index(line.place)],
            marker="o",
            markersize=3,
        )
    if plot.logarithmic:
        axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(plot.title, fontsize=11)
    axes.set_xlabel(plot.x)
    axes.set_ylabel(plot.y)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    # Without the default metadata: it names a date and the version of matplotlib.
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    return path
