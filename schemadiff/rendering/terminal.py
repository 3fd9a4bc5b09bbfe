"""A list of operations as a tree in the terminal: by schema, table and object, with ``+``, ``-`` and ``~``.

from rich.console import Console
Console().print(DiffTree(diff.upgrade))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemadiff.operations import Operation
from schemadiff.rendering.labels import Change, Sign, changes, shown
from schemadiff.schema import Name

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text
    from rich.tree import Tree

__all__ = ["DiffTree", "summary"]

_STYLES: dict[Sign, str] = {"+": "green", "-": "red", "~": "yellow"}

_ENDLESS = 1_000_000

_COUNTED: tuple[tuple[Sign, str], ...] = (("+", "added"), ("-", "dropped"), ("~", "changed"))


def summary(operations: Iterable[Operation]) -> str:
    """Return the summary line: ``2 added, 1 dropped, 3 changed``; what there is none of is left out."""
    signs = [change.sign for operation in operations for change in changes(operation)]
    counts = [(signs.count(sign), word) for sign, word in _COUNTED]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "no changes"


@dataclass(frozen=True)
class DiffTree:
    """Operations, as a renderable of rich.

    Whatever stands in a name, a comment or a default is shown as text: no markup is read from it, and characters that cannot be seen are
    escaped. On a console that knows ASCII alone the guides and arrows are ASCII.

    Args:
        operations: what is shown, in the order in which they would run.
        title: the root of the tree.
    """

    operations: Sequence[Operation]
    title: str = "Changes"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the tree and the summary line."""
        from rich.text import Text

        ascii_only = options.ascii_only
        tree = _tree(self.operations, self.title, ascii_only=ascii_only)
        # Where it is no terminal, and wrapping is left to who reads it, there is no edge: nothing is folded, so that it can be searched.
        endless = options.no_wrap and not console.is_terminal
        yield from console.render(tree, options.update(width=_ENDLESS) if endless else options)
        yield Text(_plain(summary(self.operations), ascii_only))


def _tree(operations: Iterable[Operation], title: str, *, ascii_only: bool) -> Tree:
    from rich.tree import Tree

    root = Tree(_text(title, "bold", ascii_only), guide_style="dim")
    schemas: dict[str | None, Tree] = {}
    tables: dict[tuple[str, Name], Tree] = {}
    for change in sorted((c for o in operations for c in changes(o)), key=_place):
        branch = root
        if change.table is not None and change.table.schema is not None:
            schema = change.table.schema
            if schema not in schemas:
                schemas[schema] = root.add(_text(f"schema {schema}", "bold", ascii_only))
            branch = schemas[schema]
        if change.table is None:
            branch.add(_line(change, ascii_only))
            continue
        # A type may have the name of a table; it is another thing.
        key = (change.kind if change.name is None else "table", change.table)
        if key in tables:
            _with_details(tables[key], change, ascii_only)
        elif change.name is None:
            tables[key] = _with_details(branch, change, ascii_only)
        else:
            tables[key] = branch.add(_text(f"table {change.table.name}", "", ascii_only))
            _with_details(tables[key], change, ascii_only)
    return root


def _place(change: Change) -> tuple[bool, str, str, bool]:
    """What stands by itself first, then by schema and table, the table's own line first; the rest stays in the order of running."""
    table = change.table
    if table is None:
        return (False, "", "", False)
    return (True, table.schema or "", table.name, change.name is not None)


def _with_details(branch: Tree, change: Change, ascii_only: bool) -> Tree:
    """Add a change; several details go on lines of their own, one stands behind the name."""
    if len(change.details) <= 1:
        return branch.add(_line(change, ascii_only, " ".join(change.details)))
    node = branch.add(_line(change, ascii_only))
    for detail in change.details:
        node.add(_text(detail, "dim", ascii_only))
    return node


def _line(change: Change, ascii_only: bool, detail: str = "") -> Text:
    name = change.name if change.name is not None or change.table is None else change.table.name
    text = _text("", "", ascii_only)
    text.append(f"{change.sign} ", style=f"bold {_STYLES[change.sign]}")
    text.append(_plain(f"{change.kind} {name}", ascii_only), style=_STYLES[change.sign])
    if detail:
        text.append(_plain(f"  {detail}", ascii_only), style="dim")
    return text


def _text(content: str, style: str, ascii_only: bool) -> Text:
    from rich.text import Text

    # Whatever the console is told of wrapping: what is longer than a line is folded, never cut.
    return Text(_plain(content, ascii_only), style=style, overflow="fold", no_wrap=False)


def _plain(text: str, ascii_only: bool) -> str:
    """Return ``text`` as it may stand in a terminal; in ASCII where the console knows nothing else."""
    escaped = shown(text)
    if not ascii_only:
        return escaped
    return escaped.replace("→", "->").encode("ascii", "backslashreplace").decode("ascii")
