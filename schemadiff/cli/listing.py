"""Lists of revisions: plain lines for other programs, and the graph beside them in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from schemadiff.frozen import dataclass
from schemadiff.schema.words import shown

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

    from schemadiff.commands import Listed

__all__ = ["HistoryGraph", "details", "line"]

_STYLES = {"head": "green", "current": "bold magenta"}


def line(each: Listed) -> str:
    """Return a revision in one line: its identifier, its marks, its message."""
    marked = f" ({', '.join(each.marks)})" if each.marks else ""
    return f"{each.revision.id}{marked}{f', {each.revision.message}' if each.revision.message else ''}"


def details(each: Listed, path: str) -> tuple[str, ...]:
    """Return what a verbose list says under a revision.

    Args:
        each: the revision.
        path: its file, as it is shown.
    """
    revision = each.revision
    rest = revision.doc.partition("\n")[2].strip("\n").splitlines()
    said = [text for text in rest if text.strip() and not text.startswith(("Revision ID:", "Revises:", "Create Date:"))]
    lines = (
        ("follows", ", ".join(revision.down_revisions) or "base"),
        ("followed by", ", ".join(each.children)),
        ("depends on", ", ".join(revision.depends_on)),
        ("created", revision.create_date or ""),
        ("file", path),
    )
    return (*(f"{name}: {value}" for name, value in lines if value), *said)


@dataclass(frozen=True)
class HistoryGraph:
    """Revisions, the newest first, with lines that lead from each to those that it follows; a renderable of rich.

    Args:
        listed: the revisions.
        details: what is said under each; none where the list is short.
    """

    listed: Sequence[Listed]
    details: Sequence[Sequence[str]] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield a line for each revision that does not go beyond the terminal, and the details under it."""
        from rich.text import Text

        from schemadiff.revisions.lanes import ASCII, UNICODE, draw_lanes

        width = options.max_width
        ascii_only = options.ascii_only
        rows = draw_lanes(
            [each.revision for each in self.listed], glyphs=ASCII if ascii_only else UNICODE, limit=max(width // 6, 2)
        )
        for number, (each, row) in enumerate(zip(self.listed, rows, strict=True)):
            text = Text.assemble((f"{row.beside} ", "dim"), *self._parts(each))
            yield _cut(text, width, ascii_only)
            for said in self.details[number] if self.details else ():
                yield Text.assemble((f"{row.below or ' '}   ", "dim"), shown(said))

    @staticmethod
    def _parts(each: Listed) -> Iterator[tuple[str, str]]:
        yield (shown(each.revision.id), "bold yellow" if not each.is_current else "bold magenta")
        for number, mark in enumerate(each.marks):
            yield (", " if number else " (", "")
            yield (shown(mark), _STYLES.get(mark, "cyan"))
        yield (")" if each.marks else "", "")
        yield (f"  {shown(each.revision.message)}" if each.revision.message else "", "")


def _cut(text: Text, width: int, ascii_only: bool) -> Text:
    """Return ``text`` in at most ``width`` columns, and in ASCII where nothing else can be shown."""
    if ascii_only:
        text.plain = text.plain.encode("ascii", "backslashreplace").decode("ascii")
        if text.cell_len > width:
            text.truncate(max(width - 3, 1))
            text.append("...")
    else:
        text.truncate(width, overflow="ellipsis")
    return text
