"""How wide text is, without a font: in a monospaced one every character takes one cell, or two."""

from __future__ import annotations

import unicodedata
from math import ceil

from schemadiff.schema.words import shown

__all__ = ["cells", "fitted", "pixels"]

_CELL = 7.3
"""The width of a cell at 12 pixels, a little more than what usual fonts have."""


def cells(text: str) -> int:
    """Return how many cells ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def pixels(text: str, size: int = 12) -> int:
    """Return how wide ``text`` is in letters of ``size`` pixels."""
    return ceil(cells(text) * _CELL * size / 12)


def fitted(text: str, limit: int) -> str:
    """Return ``text`` on one line, with what cannot be seen escaped, cut to ``limit`` cells where it is longer."""
    text = shown(text)
    if cells(text) <= limit:
        return text
    kept = ""
    for char in text:
        if cells(kept + char) >= limit:
            break
        kept += char
    return f"{kept}…"
