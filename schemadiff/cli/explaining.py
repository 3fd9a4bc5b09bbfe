"""Explanations in the terminal: a headline each, and labelled lines that are folded where the terminal ends.

Where the output is no terminal nothing is folded, so that it can be searched, and pasted into a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from schemadiff.frozen import dataclass
from schemadiff.schema.words import shown

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

    from schemadiff.comparison import Explanation

__all__ = ["Explained"]

_INDENT = "    "
_STYLES = {"decided by": "cyan"}


@dataclass(frozen=True)
class Explained:
    """Why a diff holds what it holds, as a renderable of rich.

    Args:
        differences: why each operation is there.
        agreements: what looks different and was taken as equal.
        source, target: what the two sides are called.
    """

    differences: Sequence[Explanation]
    agreements: Sequence[Explanation]
    source: str = "database"
    target: str = "model"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the differences, then what was taken as equal."""
        from rich.text import Text

        width = None if options.no_wrap and not console.is_terminal else options.max_width
        for title, explanations in (("Why they differ", self.differences), ("Taken as equal", self.agreements)):
            if explanations:
                yield Text("")
                yield Text(title, style="bold")
            # An operation that drops and one that adds the same thing have the same reason.
            for headline, lines in dict.fromkeys((each.headline, self._lines(each)) for each in explanations):
                yield from _folded(console, Text(shown(headline)), "", width, options)
                for label, text in lines:
                    start = f"{_INDENT}{label:<{self._label_width}}  "
                    yield from _folded(console, Text(shown(text), style=_STYLES.get(label, "")), start, width, options)

    def _lines(self, explanation: Explanation) -> tuple[tuple[str, str], ...]:
        return explanation.lines(self.source, self.target)

    @property
    def _label_width(self) -> int:
        return max(len(label) for label in (self.source, self.target, "compared as", "printed as", "decided by"))


def _folded(console: Console, text: Text, start: str, width: int | None, options: ConsoleOptions) -> Iterator[Text]:
    """Yield ``text`` in lines that begin under ``start``; in one line where there is no ``width``."""
    from rich.text import Text

    if options.ascii_only:
        text.plain = text.plain.replace("→", "->").encode("ascii", "backslashreplace").decode("ascii")
    room = None if width is None else max(width - len(start), 20)
    lines = [text] if room is None else text.wrap(console, room, overflow="fold")
    for number, line in enumerate(lines):
        line.rstrip()
        yield Text.assemble((start if number == 0 else " " * len(start), "dim"), line)
