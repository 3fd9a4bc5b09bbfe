"""The graph as lanes beside a list of revisions, the newest first, as a terminal shows it: one line for each revision.

●    c4 (head)
●─╮  b3 merges a1 and a2
│ ●  a2
● │  a1
●─╯  00 branch point
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from schemadiff.frozen import dataclass
from schemadiff.revisions.header import Revision

__all__ = ["ASCII", "UNICODE", "Row", "draw_lanes"]

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8

#: What is drawn where lines meet, by the sum of the directions that they come from.
UNICODE = " │││─╯╮┤─╰╭├─┴┬┼●…"
ASCII = " |||-'.+-`.+-+++*~"
_NODE, _MORE = 16, 17


@dataclass(frozen=True, slots=True)
class Row:
    """The lanes beside one revision.

    Args:
        revision: the revision.
        beside: the line of the revision.
        below: a line under it, which goes on with the lanes.
    """

    revision: Revision
    beside: str
    below: str


def draw_lanes(revisions: Sequence[Revision], *, glyphs: str = UNICODE, limit: int = 20) -> Iterator[Row]:
    """Yield the lanes beside each revision.

    A line leads from each revision to those that it follows, where these are in the list too.

    Args:
        revisions: each before those that it follows.
        glyphs: `UNICODE` or `ASCII`.
        limit: how many lanes are drawn; a mark stands for those beyond.
    """
    lanes = _Lanes({each.id for each in revisions})
    for each in revisions:
        cells, width = lanes.take(each, limit)
        yield Row(each, _text(cells, width, limit, glyphs), lanes.below(limit, glyphs))


class _Lanes:
    """The lanes between two lines: which revision each one leads to."""

    def __init__(self, shown: set[str]) -> None:
        self._shown = shown
        self._leads_to: list[str | None] = []
        self._waiting: dict[str, list[int]] = {}
        self._free: list[int] = []

    def take(self, revision: Revision, limit: int) -> tuple[list[int], int]:
        """Go past one revision; return the directions in which lines leave each lane, and how many lanes there are."""
        above = sorted(self._waiting.pop(revision.id, ()))
        column = above[0] if above else self._new_lane()
        for lane in above:
            self._leads_to[lane] = None
        down = [parent for parent in revision.down_revisions if parent in self._shown]
        cells = [_UP | _DOWN if leads_to is not None else 0 for leads_to in self._leads_to[:limit]]
        cells += [0] * (column + 1 - len(cells) if column < limit else 0)
        targets = above[1:]
        for lane in targets:
            _add(cells, lane, _UP)
            heapq.heappush(self._free, lane)
        for number, parent in enumerate(down):
            lanes = self._waiting.setdefault(parent, [])
            if number == 0 or not lanes:
                lane = self._new_lane() if number else column
                self._leads_to[lane] = parent
                lanes.append(lane)
                cells += [0] * (lane + 1 - len(cells) if lane < limit else 0)
                _add(cells, lane, _DOWN)
                targets += [lane] if number else []
            else:
                targets.append(lanes[0])
        if not down:
            heapq.heappush(self._free, column)
        _connect(cells, column, targets)
        _add(cells, column, _NODE)
        width = max(len(self._leads_to), column + 1)
        while self._leads_to and self._leads_to[-1] is None:
            self._leads_to.pop()
        return cells, width

    def below(self, limit: int, glyphs: str) -> str:
        """Return the lanes where no revision is."""
        cells = [_UP | _DOWN if leads_to is not None else 0 for leads_to in self._leads_to[:limit]]
        return _text(cells, len(self._leads_to), limit, glyphs)

    def _new_lane(self) -> int:
        while self._free:
            lane = heapq.heappop(self._free)
            if lane < len(self._leads_to) and self._leads_to[lane] is None:
                return lane
        self._leads_to.append(None)
        return len(self._leads_to) - 1


def _add(cells: list[int], lane: int, direction: int) -> None:
    if lane < len(cells):
        cells[lane] |= direction


def _connect(cells: list[int], column: int, targets: Iterable[int]) -> None:
    """Draw a line from a revision's lane to others."""
    for target in targets:
        low, high = min(column, target), max(column, target)
        _add(cells, low, _RIGHT)
        _add(cells, high, _LEFT)
        for lane in range(low + 1, min(high, len(cells))):
            cells[lane] |= _LEFT | _RIGHT


def _text(cells: list[int], width: int, limit: int, glyphs: str) -> str:
    parts: list[str] = []
    for number, cell in enumerate(cells):
        if number:
            parts.append(glyphs[_LEFT | _RIGHT] if cell & _LEFT else " ")
        parts.append(glyphs[_NODE] if cell & _NODE else glyphs[cell])
    if width > limit:
        parts.append(f" {glyphs[_MORE]}")
    return "".join(parts).rstrip()
