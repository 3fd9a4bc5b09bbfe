"""Changes in the form in which a tree of them is shown: by schema, table and object, and folded where they are many.

Nothing here knows a terminal: :mod:`schemadiff.rendering.terminal` draws it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from schemadiff.frozen import dataclass
from schemadiff.rendering.hazards import Hazard
from schemadiff.rendering.labels import Change, Detail, Sign
from schemadiff.schema import Name

__all__ = ["Node", "counted", "folded", "line_of", "outline", "plural"]

UNFOLDED = 100
"""An outline of so many lines is shown whole."""

ROWS = 12
"""Of a longer one so many lines of each table are shown."""

TABLES = 20
"""And so many tables."""

_SIGNED: dict[Sign, str] = {"+": "added", "-": "dropped", "~": "changed"}

_Mark = Sign | Literal["!", "…", ""]


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the outline, and what stands below it.

    Args:
        mark: what becomes of what the line is about; ``!`` for a hazard, ``…`` for what is folded, nothing for a heading.
        text: what it is about.
        kind: what kind of thing that is, where it can be counted.
        part: what more there is to say of it, on the same line.
        hazard: what it may cost, if the line says that.
        children: the lines below it.
    """

    mark: _Mark
    text: str
    kind: str = ""
    part: Detail | None = None
    hazard: Hazard | None = None
    children: tuple[Node, ...] = ()

    @property
    def is_hazardous(self) -> bool:
        """It is about a hazard, or something below it is."""
        return self.hazard is not None or any(child.is_hazardous for child in self.children)

    @property
    def size(self) -> int:
        """How many lines it has."""
        return 1 + sum(child.size for child in self.children)


def outline(changes: Iterable[Change], title: str) -> Node:
    """Return changes by schema and table, under a heading.

    What stands by itself comes first, then by schema and table, the table's own line first; the rest stays in the order of running.
    """
    loose: list[Node] = []
    schemas: dict[str | None, dict[tuple[str, Name], list[Node]]] = {}
    heads: dict[tuple[str, Name], Node] = {}
    for change in sorted(changes, key=_place):
        if change.table is None:
            loose.append(line_of(change))
            continue
        # A type may have the name of a table; it is another thing.
        key = (change.kind if change.name is None else "table", change.table)
        below = schemas.setdefault(change.table.schema, {}).setdefault(key, [])
        if change.name is None and key not in heads:
            heads[key] = line_of(change)
        else:
            below.append(line_of(change))
    groups: list[Node] = []
    for schema, tables in schemas.items():
        nodes = []
        for key, below in tables.items():
            head = heads.get(key, Node("", f"table {key[1].name}", "table"))
            nodes.append(replace(head, children=(*head.children, *below)))
        groups += nodes if schema is None else [Node("", f"schema {schema}", "schema", children=tuple(nodes))]
    return Node("", title, children=(*loose, *groups))


def _place(change: Change) -> tuple[bool, str, str, bool]:
    table = change.table
    if table is None:
        return (False, "", "", False)
    return (True, table.schema or "", table.name, change.name is not None)


def line_of(change: Change, where: str = "") -> Node:
    """Return a change; several details go on lines of their own, one stands behind the name.

    Args:
        change: the change.
        where: what is said behind the name.
    """
    own = change.table is not None and change.name is None
    name = change.table.name if own and change.table is not None else change.name
    below = [Node("", "", part.kind, part) for part in change.parts] if len(change.parts) > 1 else []
    below += [Node("!", "", hazard=hazard) for hazard in change.hazards]
    part = change.parts[0] if len(change.parts) == 1 else None
    return Node(change.sign, f"{change.kind} {name}{where}", change.kind, part, children=tuple(below))


# -- folding


def folded(whole: Node) -> Node:
    """Return an outline with what is too much replaced by counts; lines of hazards, and what they are about, always stay."""
    if whole.size <= UNFOLDED:
        return whole
    room = TABLES
    children: list[Node] = []
    for child in whole.children:
        if child.kind == "schema" and not child.mark:
            below = _fewer([_fewer_rows(each) for each in child.children], max(room, 0))
            room -= len(child.children)
            children.append(replace(child, children=below))
        else:
            children.append(_fewer_rows(child))
    return replace(whole, children=_fewer(children, TABLES))


def _fewer_rows(node: Node) -> Node:
    """Return a table with fewer lines below it."""
    return replace(node, children=_fewer(node.children, ROWS))


def _fewer(nodes: Sequence[Node], room: int) -> tuple[Node, ...]:
    """Return the first nodes, those with hazards, and a line that counts the others."""
    if len(nodes) <= room + 1:
        return tuple(nodes)
    kept: list[Node] = []
    hidden: list[Node] = []
    for number, node in enumerate(nodes):
        if number < room:
            kept.append(node)
        elif node.is_hazardous:
            kept.append(_only_hazards(node))
        else:
            hidden.append(node)
    if len(hidden) > 1:
        return (*kept, Node("…", f"and {len(hidden)} more: {counted(hidden)}"))
    return (*kept, *hidden)


def _only_hazards(node: Node) -> Node:
    """Return a node with what is no hazard counted, and not shown."""
    kept = tuple(_only_hazards(child) for child in node.children if child.is_hazardous)
    hidden = [child for child in node.children if not child.is_hazardous]
    if len(hidden) > 1:
        return replace(node, children=(*kept, Node("…", f"and {len(hidden)} more: {counted(hidden)}")))
    return replace(node, children=(*kept, *hidden))


def counted(nodes: Iterable[Node]) -> str:
    """Return how many lines there are of each kind: ``300 tables added, 80 tables changed``."""
    counts = Counter((node.kind or "line", _verb(node)) for node in nodes)
    parts = [f"{count} {plural(kind, count)}{verb}" for (kind, verb), count in counts.items()]
    return ", ".join(parts)


def _verb(node: Node) -> str:
    if node.mark in ("+", "-", "~"):
        return f" {_SIGNED[node.mark]}"
    # The heading of a table says nothing itself: what stands below it changes the table.
    return " changed" if node.children else ""


def plural(word: str, count: int) -> str:
    """Return ``word`` for ``count`` things."""
    if count == 1:
        return word
    if word.endswith(("x", "s")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith(("cy", "ty", "ry")) else f"{word}s"
