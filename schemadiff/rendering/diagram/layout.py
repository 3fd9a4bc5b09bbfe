"""A diagram on paper: where each box, each line and each schema's frame is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.rendering.diagram.graph import Block, Placed, Point, Wire
from schemadiff.rendering.diagram.measure import fitted, pixels
from schemadiff.rendering.diagram.model import Box, Diagram, Line
from schemadiff.rendering.diagram.packing import packed
from schemadiff.rendering.diagram.routing import placed

__all__ = ["Drawn", "DrawnBox", "DrawnLine", "Frame", "drawn"]

HEADER = 28
ROW = 20
PAD = 10
KEY = 20
SIGN = 16
NOT_NULL = 26

NAME_CELLS = 40
TYPE_CELLS = 32
_GAP = 44
_FRAME = 24
_FRAME_TITLE = 22
_MARGIN = 20


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box and where it is. ``keys``, ``signs`` and ``not_null`` are the widths of what stands beside the names of its rows."""

    box: Box
    x: int
    y: int
    width: int
    height: int
    keys: int
    signs: int
    not_null: int


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line, and the corners of its way from what refers to what is referred to."""

    line: Line
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame around the tables of a schema."""

    schema: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A whole diagram. ``width`` and ``height`` are pixels."""

    boxes: tuple[DrawnBox, ...]
    lines: tuple[DrawnLine, ...]
    frames: tuple[Frame, ...]
    width: int
    height: int


def drawn(diagram: Diagram) -> Drawn:
    """Return where everything of a diagram is.

    Tables that are connected stand together; those that are connected with none stand in columns of their own. Where there are several
    schemas, each has a frame; schemas that foreign keys connect have their frames below each other, so that lines run between them.
    """
    boxes = [_sized(box, diagram) for box in diagram.boxes]
    numbers = {box.name: number for number, box in enumerate(diagram.boxes)}
    ends = [(numbers[line.table], numbers[line.referent]) for line in diagram.lines]
    schemas = [_schema(box, diagram) for box in diagram.boxes]
    framed = len(set(schemas)) > 1
    order = sorted(set(schemas))
    clusters = _joined(len(order), [(order.index(schemas[a]), order.index(schemas[b])) for a, b in ends])
    parts: list[Drawn] = []
    for cluster in clusters:
        names = [order[each] for each in cluster]
        members = [number for number, schema in enumerate(schemas) if schema in names]
        inside = set(members)
        lines = [index for index, (start, _) in enumerate(ends) if start in inside]
        if len(cluster) == 1:
            part = _components(members, lines, ends, boxes, diagram)
            bands = [(0, part.height)]
        else:
            bands_of = {number: names.index(schemas[number]) for number in members}
            part, bands = _part(members, lines, ends, boxes, diagram, bands_of)
        parts.append(_framed(part, names, bands) if framed else part)
    return _moved(_together(parts), _MARGIN, _MARGIN, 2 * _MARGIN)


def _schema(box: Box, diagram: Diagram) -> str:
    return box.name.schema or diagram.default_schema or ""


def _sized(box: Box, diagram: Diagram) -> DrawnBox:
    """Return a box with its size."""
    signs = SIGN if diagram.signed else 0
    keys = max((len(row.keys) for row in box.rows), default=0) * KEY
    names = max((pixels(fitted(row.name, NAME_CELLS)) for row in box.rows), default=0)
    types = max((pixels(fitted(row.type, TYPE_CELLS), 11) for row in box.rows), default=0)
    not_null = NOT_NULL if any(row.not_null for row in box.rows) else 0
    title = pixels(fitted(box.name.name, NAME_CELLS), 13) + signs
    width = 2 * PAD + max(title, signs + keys + names + (16 + types if types else 0) + not_null, 60)
    height = HEADER + ROW * len(box.rows) + (4 if box.rows else 0)
    return DrawnBox(box, 0, 0, width, height, keys, signs, not_null)


def _components(
    members: Sequence[int],
    lines: Sequence[int],
    ends: Sequence[tuple[int, int]],
    boxes: Sequence[DrawnBox],
    diagram: Diagram,
) -> Drawn:
    """Return tables of one schema: connected ones together, those that are connected with none in one part."""
    place = {number: index for index, number in enumerate(members)}
    groups = _joined(len(members), [(place[ends[line][0]], place[ends[line][1]]) for line in lines])
    connected = [[members[each] for each in group] for group in groups if len(group) > 1]
    alone = [members[each] for group in groups if len(group) == 1 for each in group]
    parts = []
    for group in [*connected, *([alone] if alone else [])]:
        inside = set(group)
        own = [line for line in lines if ends[line][0] in inside]
        parts.append(_part(group, own, ends, boxes, diagram, dict.fromkeys(group, 0))[0])
    return _together(parts)


def _part(
    members: Sequence[int],
    lines: Sequence[int],
    ends: Sequence[tuple[int, int]],
    boxes: Sequence[DrawnBox],
    diagram: Diagram,
    bands: dict[int, int],
) -> tuple[Drawn, list[Point]]:
    """Return tables placed in layers, and the top and the bottom of each band."""
    place = {number: index for index, number in enumerate(members)}
    blocks = [Block(boxes[number].width, boxes[number].height, bands[number]) for number in members]
    starts = _pins([(ends[index][0], diagram.lines[index].columns, index) for index in lines], boxes)
    stops = _ends([(ends[index][1], diagram.lines[index], index) for index in lines], boxes)
    wires = [
        Wire(
            place[ends[index][0]],
            place[ends[index][1]],
            starts[index],
            stops[index],
            diagram.lines[index].optional,
        )
        for index in lines
    ]
    found: Placed = placed(blocks, wires)
    its = [replace(boxes[number], x=x, y=y) for number, (x, y) in zip(members, found.corners, strict=True)]
    ways = [DrawnLine(diagram.lines[index], way) for index, way in zip(lines, found.ways, strict=True)]
    return Drawn(tuple(its), tuple(ways), (), found.width, found.height), list(found.bands)


def _pins(starts: Sequence[tuple[int, tuple[str, ...], int]], boxes: Sequence[DrawnBox]) -> dict[int, int]:
    """Return how far below the top of its box each line starts: at its first column; lines that start at one column stand apart."""
    rows: dict[tuple[int, int], list[int]] = {}
    for number, columns, index in starts:
        rows.setdefault((number, _row(boxes[number].box, columns)), []).append(index)
    return {
        index: _middle(row) + round((place - (len(those) - 1) / 2) * min(6, 14 // len(those)))
        for (_, row), those in rows.items()
        for place, index in enumerate(those)
    }


def _ends(stops: Sequence[tuple[int, Line, int]], boxes: Sequence[DrawnBox]) -> dict[int, int]:
    """Return how far below the top of its box each line ends: where some may be missing and others not, the former are lower."""
    rows: dict[tuple[int, int], list[tuple[Line, int]]] = {}
    for number, line, index in stops:
        rows.setdefault((number, _row(boxes[number].box, line.referent_columns)), []).append((line, index))
    return {
        index: _middle(row) + (0 if len({each.optional for each, _ in those}) == 1 else 5 if line.optional else -5)
        for (_, row), those in rows.items()
        for line, index in those
    }


def _row(box: Box, columns: Sequence[str]) -> int:
    """Return the number of the first of ``columns``; -1, the header, where the box does not show it."""
    names = [row.name for row in box.rows]
    return names.index(columns[0]) if columns and columns[0] in names else -1


def _middle(row: int) -> int:
    return HEADER // 2 if row < 0 else HEADER + ROW * row + ROW // 2


def _joined(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected sets of 0 … ``count`` - 1, each sorted, by their first members."""
    leader = list(range(count))

    def find(each: int) -> int:
        while leader[each] != each:
            leader[each] = leader[leader[each]]
            each = leader[each]
        return each

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        leader[high] = low
    sets: dict[int, list[int]] = {}
    for each in range(count):
        sets.setdefault(find(each), []).append(each)
    return list(sets.values())


def _framed(part: Drawn, schemas: Sequence[str], bands: Sequence[Point]) -> Drawn:
    """Return a part with a frame around each of its bands."""
    width = part.width + 2 * _FRAME
    moved = _moved(part, _FRAME, _FRAME + _FRAME_TITLE, 0)
    frames = [
        Frame(schema, 0, top, width, bottom - top + 2 * _FRAME + _FRAME_TITLE)
        for schema, (top, bottom) in zip(schemas, bands, strict=True)
    ]
    return replace(moved, frames=tuple(frames), width=width, height=frames[-1].y + frames[-1].height)


def _together(parts: Sequence[Drawn]) -> Drawn:
    corners, (width, height) = packed([(part.width, part.height) for part in parts], _GAP)
    moved = [_moved(part, x, y, 0) for part, (x, y) in zip(parts, corners, strict=True)]
    return Drawn(
        tuple(box for part in moved for box in part.boxes),
        tuple(line for part in moved for line in part.lines),
        tuple(frame for part in moved for frame in part.frames),
        width,
        height,
    )


def _moved(part: Drawn, x: int, y: int, room: int) -> Drawn:
    """Return a part moved right and down, and grown by ``room``."""
    return Drawn(
        tuple(replace(box, x=box.x + x, y=box.y + y) for box in part.boxes),
        tuple(replace(line, points=tuple((a + x, b + y) for a, b in line.points)) for line in part.lines),
        tuple(replace(frame, x=frame.x + x, y=frame.y + y) for frame in part.frames),
        part.width + room,
        part.height + room,
    )
