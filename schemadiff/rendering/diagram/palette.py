"""The colours of a diagram, on light and on dark paper, and its style sheet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template

__all__ = ["DARK", "LIGHT", "style", "variables"]

LIGHT = {
    "paper": "#ffffff",
    "card": "#ffffff",
    "frame": "#f6f8fa",
    "head": "#eaeef2",
    "edge": "#c4ccd4",
    "ink": "#1f2328",
    "dim": "#59636e",
    "key": "#8250df",
    "wire": "#6e7781",
    "added": "#1a7f37",
    "added_head": "#dafbe1",
    "dropped": "#cf222e",
    "dropped_head": "#ffebe9",
    "changed": "#9a6700",
    "changed_head": "#fff3c4",
}
DARK = {
    "paper": "#0d1117",
    "card": "#151b23",
    "frame": "#10161e",
    "head": "#212830",
    "edge": "#3d444d",
    "ink": "#f0f6fc",
    "dim": "#9198a1",
    "key": "#c297ff",
    "wire": "#8b949e",
    "added": "#3fb950",
    "added_head": "#12361f",
    "dropped": "#f85149",
    "dropped_head": "#4a1618",
    "changed": "#d29922",
    "changed_head": "#3f2e08",
}


def style(colours: Mapping[str, str]) -> str:
    """Return the style sheet of a diagram in ``colours``."""
    return Template(_sheet()).substitute(colours)


def variables() -> dict[str, str]:
    """Return the colours as variables of CSS, for a page that says what they are."""
    return {name: f"var(--{name.replace('_', '-')})" for name in LIGHT}


@cache
def _sheet() -> str:
    return files(__package__).joinpath("diagram.css").read_text(encoding="utf-8")
