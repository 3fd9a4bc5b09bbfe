"""A list of operations as a tree in the terminal: by schema, table and object, with ``+``, ``-`` and ``~``.

from rich.console import Console
Console().print(DiffTree(diff.upgrade, backend=diff.backend))
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.operations import Operation
from schemadiff.rendering.hazards import Hazard, HazardKind
from schemadiff.rendering.labels import Change, Detail, Sign, changes_with_hazards, shown
from schemadiff.rendering.outline import Node, folded, line_of, outline, plural

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

__all__ = ["SIGN_STYLES", "ChangeLines", "DiffTree", "folded_lines", "hazard_summary", "plain", "summary", "summary_of"]

SIGN_STYLES: dict[Sign, str] = {"+": "green", "-": "red", "~": "yellow"}
"""How each sign is coloured."""

_HAZARD_STYLES: dict[HazardKind, str] = {"loses data": "bold red", "may fail": "bold yellow"}

_COUNTED: tuple[tuple[Sign, str], ...] = (("+", "added"), ("-", "dropped"), ("~", "changed"))


def summary(operations: Iterable[Operation]) -> str:
    """Return the summary line: ``2 added, 1 dropped, 3 changed``; what there is none of is left out."""
    return summary_of(changes_with_hazards(operations, None))


def summary_of(found: Iterable[Change]) -> str:
    """Return the summary line of changes."""
    counts = Counter(change.sign for change in found)
    return ", ".join(f"{counts[sign]} {word}" for sign, word in _COUNTED if counts[sign]) or "no changes"


def hazard_summary(found: Iterable[Hazard]) -> str:
    """Return how many hazards there are: ``2 changes lose data, 1 may fail``; an empty text where there is none."""
    counts = Counter(hazard.kind for hazard in found)
    losses, failures = counts["loses data"], counts["may fail"]
    parts = [f"{losses} {plural('change', losses)} {'loses' if losses == 1 else 'lose'} data"] if losses else []
    if failures:
        parts.append(f"{failures} {'' if losses else plural('change', failures) + ' '}may fail on existing rows")
    return ", ".join(parts)


@dataclass(frozen=True)
class DiffTree:
    """Operations, as a renderable of rich.

    Whatever stands in a name, a comment or a default is shown as text: no markup is read from it, and characters that cannot be seen are
    escaped. On a console that knows ASCII alone the guides and arrows are ASCII. What is too much for a terminal is folded, with counts, but
    never what may lose data; where the output is no terminal, all of it is there.

    Args:
        operations: what is shown, in the order in which they would run.
        title: the root of the tree.
        backend: the backend that they run on, so that it can be told what they may cost; None where that is not to be told.
        full: nothing is folded.
    """

    operations: Sequence[Operation]
    title: str = "Changes"
    backend: Backend | None = None
    full: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the tree, the summary line, and one that sums up the hazards."""
        from rich.text import Text

        found = changes_with_hazards(self.operations, self.backend)
        whole = outline(found, self.title)
        shown_ = whole if self.full or not console.is_terminal else folded(whole)
        # Where it is no terminal, and wrapping is left to who reads it, there is no edge: no line is broken, so that it can be searched.
        endless = options.no_wrap and not console.is_terminal
        drawn = _Drawn(options.ascii_only, None if endless else options.max_width)
        yield from drawn.lines(shown_, console)
        end = [Text(summary_of(found))]
        hazards = [hazard for change in found for hazard in change.hazards]
        if hazards:
            worst: HazardKind = max((hazard.kind for hazard in hazards), key=lambda kind: kind == "loses data")
            end.append(Text(f"! {hazard_summary(hazards)}", _HAZARD_STYLES[worst]))
        if shown_ is not whole:
            end.append(Text("Folded: schemadiff diff --full shows all of it", "dim"))
        for text in end:
            yield from folded_lines(text, drawn.width, console)


@dataclass(frozen=True)
class ChangeLines:
    """Changes by themselves, as a renderable of rich: each with the table that it stands in.

    Args:
        changes: the changes.
        before: what stands before each line.
    """

    changes: Sequence[Change]
    before: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        from rich.text import Text

        width = None if options.no_wrap and not console.is_terminal else options.max_width - len(self.before)
        drawn = _Drawn(options.ascii_only, width)
        for change in self.changes:
            where = f" of {change.table}" if change.table is not None and change.name is not None else ""
            whole = Node("", "", children=(line_of(change, where),))
            for number, text in enumerate(drawn.lines(whole, console)):
                # The heading is empty, and the guides before what stands below it say nothing.
                if number:
                    yield Text(self.before, no_wrap=True, overflow="ignore").append_text(text[4:])


def folded_lines(text: Text, width: int | None, console: Console, first: str = "", others: str = "") -> Iterator[Text]:
    """Yield a text in lines that are folded between words where a terminal ends, and never cut.

    Args:
        text: the text.
        width: how wide a line may be; None for any width.
        console: the console.
        first: what stands before the first line: guides.
        others: what stands before the others.
    """
    from rich.text import Text

    room = None if width is None else max(width - len(first), 10)
    pieces = [text] if room is None or text.cell_len <= room else text.wrap(console, room, overflow="fold")
    for number, piece in enumerate(pieces):
        if len(pieces) > 1:
            piece.rstrip()
        line = Text(no_wrap=True, overflow="ignore")
        line.append(first if number == 0 else others, style="dim")
        yield line.append_text(piece)


@dataclass(frozen=True)
class _Drawn:
    """Draws an outline.

    Args:
        ascii_only: nothing but ASCII is written.
        width: how wide a line may be; None for any width.
    """

    ascii_only: bool
    width: int | None

    def lines(self, root: Node, console: Console) -> Iterator[Text]:
        """Yield the lines. (rich's own Tree takes long over thousands of them, most of it to fill lines up with blanks.)"""
        yield from folded_lines(self._text(root.text, "bold"), self.width, console)
        beside, fork, end = ("|   ", "|-- ", "`-- ") if self.ascii_only else ("│   ", "├── ", "└── ")
        # Each with the guides before it, and whether it is the last one there.
        waiting = [(child, "", child is root.children[-1]) for child in reversed(root.children)]
        while waiting:
            node, before, is_last = waiting.pop()
            below = before + ("    " if is_last else beside)
            apart = node.part is not None and self._is_long(node, len(below))
            guides = (before + (end if is_last else fork), below)
            yield from folded_lines(self._line(node, with_part=not apart), self.width, console, *guides)
            if apart and node.part is not None:
                for number, line in enumerate(self._both(node.part)):
                    last = number == 1 and not node.children
                    room = below + ("    " if last else beside)
                    yield from folded_lines(line, self.width, console, below + (end if last else fork), room)
            waiting += [(child, below, child is node.children[-1]) for child in reversed(node.children)]

    def _is_long(self, node: Node, guides: int) -> bool:
        """Return True where old and new are better read one below the other."""
        part = node.part
        from rich.cells import cell_len

        if part is None or part.before is None or self.width is None:
            return False
        return guides + (len(node.text) + 4 if node.text else 0) + cell_len(str(part)) > self.width

    def _both(self, part: Detail) -> Iterator[Text]:
        """Yield old and new on lines of their own."""
        assert part.before is not None
        for sign, text in zip("-+", self._marked(part.before, part.text), strict=True):
            yield self._text(f"{sign} ", "").append_text(text)

    def _line(self, node: Node, *, with_part: bool) -> Text:
        if node.hazard is not None:
            return self._text(f"! {node.hazard.kind}: {node.hazard.words}", _HAZARD_STYLES[node.hazard.kind])
        if node.mark == "…":
            return self._text(f"{'...' if self.ascii_only else '…'} {node.text}", "dim italic")
        text = self._text("", "")
        if node.mark in ("+", "-", "~"):
            style = SIGN_STYLES[node.mark]
            text.append(f"{node.mark} ", style=f"bold {style}")
            text.append(self._plain(node.text), style=style)
        elif node.text:
            text.append(self._plain(node.text), style="bold" if node.kind == "schema" else "")
        if node.part is not None:
            text.append_text(self._part(node.part, "  " if node.text else "", with_part=with_part))
        return text

    def _part(self, part: Detail, before: str, *, with_part: bool) -> Text:
        text = self._text(before, "")
        if not with_part:
            return text.append(self._plain(f"{part.name}:"), style="dim") if part.name else self._text("", "")
        if part.before is None:
            return text.append(self._plain(str(part)), style="dim")
        if part.name:
            text.append(self._plain(f"{part.name}: "), style="dim")
        old, new = self._marked(part.before, part.text)
        text.append_text(old)
        text.append(" -> " if self.ascii_only else " → ", style="dim")
        return text.append_text(new)

    def _marked(self, old: str, new: str) -> tuple[Text, Text]:
        """Return two texts, with what is different between them marked."""
        texts = self._text("", ""), self._text("", "")
        left, right = self._plain(old), self._plain(new)
        for text, pieces, style in zip(texts, changed_pieces(left, right), ("bold red", "bold green"), strict=True):
            for piece, is_changed in pieces:
                text.append(piece, style=style if is_changed else "dim")
        return texts

    def _text(self, content: str, style: str) -> Text:
        from rich.text import Text

        return Text(self._plain(content), style=style)

    def _plain(self, text: str) -> str:
        return plain(text, ascii_only=self.ascii_only)


def plain(text: str, *, ascii_only: bool) -> str:
    """Return ``text`` as it may stand in a terminal; in ASCII where the console knows nothing else."""
    escaped = shown(text)
    if not ascii_only:
        return escaped
    return escaped.replace("→", "->").encode("ascii", "backslashreplace").decode("ascii")


_TOKENS = re.compile(r"\w+|\s+|.", re.DOTALL)

# Beyond so many tokens what is equal in the middle is not looked for.
_MANY = 400

Pieces = list[tuple[str, bool]]


def changed_pieces(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Return two texts in pieces, each with whether it is changed: in ``VARCHAR(30)`` and ``VARCHAR(50)`` that is the number alone."""
    left, right = _TOKENS.findall(old), _TOKENS.findall(new)
    before: Pieces = []
    after: Pieces = []
    for i, j, k, m, is_changed in _stretches(left, right):
        for pieces, tokens in ((before, left[i:j]), (after, right[k:m])):
            if tokens:
                pieces.append(("".join(tokens), is_changed))
    return before, after


def _stretches(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yield the stretches of two lists of tokens that are equal, and those that are not."""
    shorter = min(len(left), len(right))
    start = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    end = next((n for n in range(shorter - start) if left[-1 - n] != right[-1 - n]), shorter - start)
    yield (0, start, 0, start, False)
    i, j, k, m = start, len(left) - end, start, len(right) - end
    if max(j - i, m - k) > _MANY:
        yield (i, j, k, m, True)
    else:
        for tag, a, b, c, d in SequenceMatcher(None, left[i:j], right[k:m], autojunk=False).get_opcodes():
            yield (i + a, i + b, k + c, k + d, tag != "equal")
    yield (j, len(left), m, len(right), False)
