"""A diagram as SVG: one picture that needs nothing else, on light paper and on dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from schemadiff.rendering.diagram.graph import Point
from schemadiff.rendering.diagram.layout import (
    HEADER,
    NAME_CELLS,
    PAD,
    ROW,
    TYPE_CELLS,
    Drawn,
    DrawnBox,
    DrawnLine,
    Frame,
    drawn,
)
from schemadiff.rendering.diagram.measure import fitted
from schemadiff.rendering.diagram.model import Diagram, Row
from schemadiff.rendering.diagram.palette import DARK, LIGHT, style
from schemadiff.rendering.labels import Sign, shown

__all__ = ["SIGN_CLASSES", "svg"]

SIGN_CLASSES: dict[Sign | None, str] = {"+": "added", "-": "dropped", "~": "changed", None: ""}
"""The class of CSS of what has a sign."""

_GLYPHS: dict[Sign, str] = {"+": "+", "-": "−", "~": "~"}
_EMPTY = Drawn((), (), (), 120, 40)
_UNNAMED = "(default schema)"
_ROUND = 5


def svg(diagram: Diagram, *, title: str = "Entity-relationship diagram", inline: bool = False) -> str:
    """Return ``diagram`` as SVG. Whatever stands in names and types is text in it.

    Args:
        diagram: what is drawn.
        title: what it is called, for those who do not see it.
        inline: it goes into a page of HTML, which has the style sheet (:func:`schemadiff.rendering.diagram.palette.style`).
    """
    page = drawn(diagram) if diagram.boxes else _EMPTY
    size = f'viewBox="0 0 {page.width} {page.height}" width="{page.width}" height="{page.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="erd" role="img" {size}>',
        f"<title>{_text(title)}</title>",
    ]
    if not inline:
        dark = style(DARK).replace("\n", "\n  ").rstrip()
        sheet = f"{style(LIGHT)}@media (prefers-color-scheme: dark) {{\n  {dark}\n}}\n"
        lines += [f"<style>\n{sheet}</style>", '<rect width="100%" height="100%" class="paper"/>']
    for frame in page.frames:
        lines += _frame(frame)
    # What changes is drawn over what stays.
    for line in sorted(page.lines, key=lambda each: each.line.sign is not None):
        lines += _line(line)
    for box in page.boxes:
        lines += _box(box)
    if not page.boxes:
        lines.append('<text x="20" y="25">No tables</text>')
    return "\n".join([*lines, "</svg>", ""])


def _text(text: str) -> str:
    """Return ``text`` for XML: escaped, and without the characters that XML cannot hold."""
    return escape(shown(text))


def _frame(frame: Frame) -> Iterator[str]:
    yield '<g class="frame">'
    yield f'<rect x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}" rx="10"/>'
    yield f'<text x="{frame.x + 16}" y="{frame.y + 26}">{_text(frame.schema or _UNNAMED)}</text></g>'


def _box(placed: DrawnBox) -> Iterator[str]:
    box, x, y, width = placed.box, placed.x, placed.y, placed.width
    classes = " ".join(filter(None, ["box", SIGN_CLASSES[box.sign], "outside" if box.outside else ""]))
    yield f'<g class="{classes}" data-table="{_text(str(box.name))}">'
    about = " · ".join(filter(None, [str(box.name), box.comment, "not part of the schema" if box.outside else ""]))
    yield f"<title>{_text(about)}</title>"
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{placed.height}" rx="6"/>'
    if box.rows:
        head = f"M{x + 1} {y + HEADER}v{6 - HEADER}q0-5 5-5h{width - 12}q5 0 5 5v{HEADER - 6}z"
        yield f'<path class="head" d="{head}"/><path class="rule" d="M{x} {y + HEADER}h{width}"/>'
    at = x + PAD
    if box.sign is not None:
        yield _glyph(box.sign, at, y + 19)
    struck = " struck" if box.sign == "-" else ""
    yield f'<text class="title{struck}" x="{at + placed.signs}" y="{y + 19}">{escape(fitted(box.name.name, NAME_CELLS))}</text>'
    for number, row in enumerate(box.rows):
        yield from _row(row, placed, y + HEADER + 2 + ROW * number)
    yield "</g>"


def _row(row: Row, placed: DrawnBox, y: int) -> Iterator[str]:
    x, base = placed.x + PAD, y + 14
    if row.sign is not None:
        yield f'<rect class="row {SIGN_CLASSES[row.sign]}" x="{placed.x + 1}" y="{y}" width="{placed.width - 2}" height="{ROW}"/>'
        yield _glyph(row.sign, x, base)
    x += placed.signs
    if row.keys:
        yield f'<text class="key" x="{x}" y="{base - 1}">{" ".join(row.keys)}</text>'
    x += placed.keys
    name, kind = fitted(row.name, NAME_CELLS), fitted(row.type, TYPE_CELLS)
    full = "" if (name, kind) == (row.name, row.type) else f"<title>{_text(f'{row.name} {row.type}')}</title>"
    struck = ' class="struck"' if row.sign == "-" else ""
    yield f'<text{struck} x="{x}" y="{base}">{escape(name)}{full}</text>'
    end = placed.x + placed.width - PAD
    if row.not_null:
        yield f'<text class="nn" x="{end}" y="{base - 1}" text-anchor="end">NN</text>'
    end -= placed.not_null
    if kind:
        yield f'<text class="type" x="{end}" y="{base}" text-anchor="end">{escape(kind)}</text>'


def _glyph(sign: Sign, x: int, y: int) -> str:
    return f'<text class="sign {SIGN_CLASSES[sign]}" x="{x}" y="{y}">{_GLYPHS[sign]}</text>'


def _line(drawn_: DrawnLine) -> Iterator[str]:
    line, points = drawn_.line, drawn_.points
    classes = " ".join(filter(None, ["line", SIGN_CLASSES[line.sign]]))
    ends = f'data-from="{_text(str(line.table))}" data-to="{_text(str(line.referent))}"'
    yield f'<g class="{classes}" {ends}><title>{_text(line.words)}</title>'
    yield f'<path d="{_path(points)}"/>'
    yield _many(points) if not line.unique else _one(points)
    yield _must(points[::-1]) if not line.optional else _one(points[::-1])
    yield "</g>"


def _path(points: Sequence[Point]) -> str:
    """Return the way through ``points``, its corners rounded."""
    (x, y), *rest = points
    parts = [f"M{x} {y}"]
    for index, (here_x, here_y) in enumerate(rest[:-1]):
        next_x, next_y = rest[index + 1]
        before = _toward((here_x, here_y), (x, y))
        after = _toward((here_x, here_y), (next_x, next_y))
        parts.append(f"L{before[0]} {before[1]}Q{here_x} {here_y} {after[0]} {after[1]}")
        x, y = here_x, here_y
    parts.append(f"L{rest[-1][0]} {rest[-1][1]}")
    return "".join(parts)


def _toward(corner: Point, other: Point) -> Point:
    """Return the point near ``corner`` where its rounding begins."""
    (x, y), (to_x, to_y) = corner, other
    length = min(_ROUND, (abs(to_x - x) + abs(to_y - y)) // 2)
    return (x + length * ((to_x > x) - (to_x < x)), y + length * ((to_y > y) - (to_y < y)))


# The ends of lines, in crow's foot notation. They stand on the first, horizontal piece of a way, beginning at the box.


def _away(points: Sequence[Point]) -> int:
    return 1 if points[1][0] > points[0][0] else -1


def _many(points: Sequence[Point]) -> str:
    """Zero or more: a foot with three toes and a ring."""
    (x, y), away = points[0], _away(points)
    tip = x + 10 * away
    return f'<path d="M{x} {y - 6}L{tip} {y}L{x} {y + 6}"/>{_ring(tip + 4 * away, y)}'


def _one(points: Sequence[Point]) -> str:
    """Zero or one: a bar and a ring."""
    (x, y), away = points[0], _away(points)
    return f'<path d="M{x + 6 * away} {y - 5}v10"/>{_ring(x + 13 * away, y)}'


def _must(points: Sequence[Point]) -> str:
    """Exactly one: two bars."""
    (x, y), away = points[0], _away(points)
    return f'<path d="M{x + 6 * away} {y - 5}v10M{x + 10 * away} {y - 5}v10"/>'


def _ring(x: int, y: int) -> str:
    return f'<circle class="ring" cx="{x}" cy="{y}" r="3.5"/>'
