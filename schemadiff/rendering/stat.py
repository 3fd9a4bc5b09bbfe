"""A diff with one line for each table, as ``git diff --stat`` has one for each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.operations import Operation
from schemadiff.rendering.labels import Change, Sign, changes_with_hazards
from schemadiff.rendering.outline import plural
from schemadiff.rendering.terminal import SIGN_STYLES, folded_lines, hazard_summary, plain, summary_of

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

__all__ = ["DiffStat"]

_SIGNS: tuple[Sign, ...] = ("+", "-", "~")

# How long the bars are where there is no terminal, and what the names leave to them where there is one.
_BAR = 30


@dataclass(frozen=True)
class DiffStat:
    """How much operations change of each table, as a renderable of rich.

    A table's bar has one mark for each change, or fewer where there is no room for all; ``!`` behind it says that data may be lost, or that
    rows may be in the way.

    Args:
        operations: what is shown.
        backend: the backend that they run on.
    """

    operations: Sequence[Operation]
    backend: Backend

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield a line for each table, and a summary line."""
        width = None if options.no_wrap and not console.is_terminal else options.max_width
        for text in self._lines(options.ascii_only, width):
            yield from folded_lines(text, width, console)

    def _lines(self, ascii_only: bool, width: int | None) -> Iterator[Text]:
        from rich.text import Text

        found = changes_with_hazards(self.operations, self.backend)
        rows: dict[str, list[Change]] = {}
        for change in sorted(found, key=_place):
            rows.setdefault(plain(_subject(change), ascii_only=ascii_only), []).append(change)
        names = max(map(len, rows), default=0)
        if width is not None:
            names = min(names, max(width - _BAR, width // 2))
        most = max(map(len, rows.values()), default=0)
        room = _BAR if width is None else max(width - names - len(str(most)) - 7, 5)
        for name, changes in rows.items():
            yield from _row(name, changes, names, len(str(most)), min(1.0, room / max(most, 1)))
        tables = len({change.table for change in found if change.name is not None or change.kind == "table"} - {None})
        about = f"{tables} {plural('table', tables)}, {len(found)} {plural('change', len(found))}: "
        yield Text(f" {about}{summary_of(found)}")
        hazards = [hazard for change in found for hazard in change.hazards]
        if hazards:
            yield Text(f" ! {hazard_summary(hazards)}", "bold red")


def _row(name: str, changes: Sequence[Change], names: int, digits: int, scale: float) -> Iterator[Text]:
    from rich.text import Text

    # A name that is longer than its column has lines of its own, and is not cut.
    pieces = [name[start : start + names] for start in range(0, len(name), names)] or [""]
    for piece in pieces[:-1]:
        yield Text(f" {piece}")
    line = Text(f" {pieces[-1]:<{names}} | {len(changes):>{digits}} ")
    counts = Counter(change.sign for change in changes)
    for sign in _SIGNS:
        if counts[sign]:
            line.append(sign * max(1, int(counts[sign] * scale)), style=SIGN_STYLES[sign])
    if any(change.hazards for change in changes):
        line.append(" !", style="bold red")
    yield line


def _place(change: Change) -> tuple[bool, str, str]:
    table = change.table
    return (False, "", "") if table is None else (True, table.schema or "", table.name)


def _subject(change: Change) -> str:
    """Return what a line is about: a table by its name, anything else by its kind too."""
    if change.table is None:
        return f"{change.kind} {change.name}"
    return str(change.table) if change.name is not None or change.kind == "table" else f"{change.kind} {change.table}"
