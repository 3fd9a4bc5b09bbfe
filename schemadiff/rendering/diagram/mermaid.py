"""A diagram as an ``erDiagram`` of Mermaid, for Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemadiff.rendering.diagram.model import Box, Diagram, Line, Row
from schemadiff.rendering.diagram.palette import LIGHT
from schemadiff.rendering.labels import Sign, shown

__all__ = ["mermaid"]

_CLASSES: dict[Sign, str] = {"+": "added", "-": "dropped", "~": "changed"}

# What Mermaid gives a meaning to, inside of quotes too: entities, directives, the end of a text, and "direction LR" wherever it stands.
_PLAIN = re.compile(r"[^\w .,()\[\]→:/+*-]|d(?=irection)", re.IGNORECASE)


def mermaid(diagram: Diagram) -> str:
    """Return ``diagram`` as Mermaid. Names become identifiers, and stand whole in quotes where they are shown."""
    identifiers = _identifiers(str(box.name) for box in diagram.boxes)
    lines = ["erDiagram", "    direction LR"]
    for box in diagram.boxes:
        lines += _box(box, identifiers[str(box.name)])
    for line in diagram.lines:
        lines.append(_line(line, identifiers))
    if diagram.signed:
        for sign, name in _CLASSES.items():
            lines.append(f"    classDef {name} fill:{LIGHT[f'{name}_head']},stroke:{LIGHT[name]}")
            signed = [identifiers[str(box.name)] for box in diagram.boxes if box.sign == sign]
            lines += [f"    class {','.join(signed)} {name}"] if signed else []
    return "\n".join([*lines, ""])


def _identifiers(names: Iterable[str]) -> dict[str, str]:
    """Return an identifier for each name: like it, and no other's."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        # Words of Mermaid's own grammar are none of ours: no identifier of ours is only letters.
        plain = "t_" + re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
        identifier, number = plain, 1
        while identifier in taken:
            number += 1
            identifier = f"{plain}_{number}"
        taken.add(identifier)
        found[name] = identifier
    return found


def _box(box: Box, identifier: str) -> Iterator[str]:
    title = f'{identifier}["{_text(str(box.name))}"]'
    if not box.rows:
        yield f"    {title}"
        return
    yield f"    {title} {{"
    for row in box.rows:
        yield f"        {_row(row)}"
    yield "    }"


def _row(row: Row) -> str:
    # Mermaid reads a type and a name as words of few characters; what they cannot say stands in the comment.
    kind, name = _word(row.type, "()[]"), _word(row.name)
    keys = ",".join({"UQ": "UK"}.get(key, key) for key in row.keys)
    said = [row.name] if name != row.name else []
    said += [row.type] if kind != row.type and re.sub(r"[ ,]+", "_", row.type) != kind else []
    said += ["NOT NULL"] if row.not_null and "PK" not in row.keys else []
    said += [_CLASSES[row.sign]] if row.sign is not None else []
    comment = f'"{_text(", ".join(said))}"' if said else ""
    return " ".join(filter(None, [kind, name, keys, comment]))


def _line(line: Line, identifiers: dict[str, str]) -> str:
    left = "|o" if line.optional else "||"
    right = "o|" if line.unique else "o{"
    label = ", ".join(line.columns)
    if line.sign is not None:
        label = f"{label} ({_CLASSES[line.sign]})"
    ends = identifiers[str(line.referent)], identifiers[str(line.table)]
    return f'    {ends[0]} {left}--{right} {ends[1]} : "{_text(label)}"'


def _word(text: str, others: str = "") -> str:
    """Return ``text`` as a type or a name of an attribute: a letter, then letters, digits, underscores and ``others``."""
    word = re.sub(rf"[^A-Za-z0-9_{re.escape(others)}]+", "_", text).strip("_")
    return word if word[:1].isalpha() else f"c_{word}"


def _text(text: str) -> str:
    """Return ``text`` as it may stand in quotes."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", shown(text))
