"""The plots, as SVG that is the same for the same figures: no date, names that are drawn from the content, text as text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.results import Plot

_COLOURS = {"schemadiff": "#0f766e", "Alembic": "#b45309"}
# Inches, of a panel among others and of one alone.
_WIDTH, _WIDTH_ALONE, _HEIGHT = 2.9, 5.6, 3.2
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
    """Draw a plot, one panel for each database."""
    from matplotlib.figure import Figure

    places = list(dict.fromkeys(line.place for line in plot.lines))
    figure = Figure(figsize=(max(_WIDTH_ALONE, _WIDTH * len(places)), _HEIGHT), layout="constrained")
    panels = figure.subplots(1, len(places), sharey=True, squeeze=False)[0]
    for axes, place in zip(panels, places, strict=True):
        lines = [line for line in plot.lines if line.place == place]
        for line in lines:
            xs, ys = zip(*line.points, strict=True)
            axes.plot(xs, ys, label=line.tool, color=_COLOURS[line.tool], marker="o", markersize=3)
        if plot.logarithmic:
            axes.set_xscale("log")
            axes.set_xticks([x for x, _ in lines[0].points])
            axes.xaxis.set_minor_locator(_no_ticks())
            axes.xaxis.set_major_formatter(_plain)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(_decades())
        axes.yaxis.set_major_formatter(_plain)
        axes.yaxis.set_minor_locator(_no_ticks())
        axes.set_title(place, fontsize=10)
        axes.set_xlabel(plot.x)
        axes.grid(alpha=0.25)
    panels[0].set_ylabel(plot.y)
    panels[0].legend(frameon=False)
    figure.suptitle(plot.title, fontsize=11)
    # Without the default metadata: it names a date and the version of matplotlib.
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    return path


def _plain(value: float, position: int) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _decades() -> Any:
    from matplotlib.ticker import LogLocator

    return LogLocator(subs=(1.0, 2.0, 5.0))


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()
