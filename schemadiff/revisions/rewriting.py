"""Changing the identifiers of a revision file in its text, and nothing else of the file.

Comments, layout, encoding and line endings stay as they are. What comes out is read again and compared with what went in,
so that a file whose text cannot be changed safely is refused and not spoilt.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import replace
from pathlib import Path

from schemadiff.errors import BrokenRevision, RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.header import Revision, parse_revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.template import literal

__all__ = ["Source", "Span", "assignments", "decode", "rewrite"]

Span = tuple[int, int]
"""A part of a text: where it begins, and where the next character stands."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_STRING = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|')")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a Python file.

    Args:
        text: the text, line endings as they are in the file.
        encoding: how it was decoded, a byte order mark included.
        tree: what Python makes of it.
        starts: where each line begins.
    """

    text: str
    encoding: str
    tree: ast.Module
    starts: tuple[int, ...]

    def place(self, line: int, column: int) -> int:
        """Return where a node of the tree stands in the text: it counts bytes of UTF-8, within its line."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:end].encode("utf-8")[:column].decode("utf-8"))

    def span(self, node: ast.stmt | ast.expr) -> Span:
        """Return the part of the text that a node is made of."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)

    @property
    def newline(self) -> str:
        """How the file ends its first line."""
        found = _LINE_END.search(self.text)
        return found.group() if found else "\n"


def decode(data: bytes, path: Path) -> Source:
    """Return the text of a Python file, decoded as Python decodes it.

    Args:
        data: the bytes of the file.
        path: for messages.

    Raises:
        BrokenRevision: it is no Python, or its bytes would not come back from its text.
    """
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(encoding)
        tree = ast.parse(data, filename=str(path))
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise BrokenRevision(f"{shown_path(path)}: cannot be read as Python: {reason}: mend the file first") from None
    if text.encode(encoding) != data:
        raise BrokenRevision(f"{shown_path(path)}: is not plain {encoding}: save it as UTF-8 first")
    starts = (0, *(found.end() for found in _LINE_END.finditer(text)))
    return Source(text, encoding, tree, starts)


def assignments(tree: ast.Module, name: str) -> list[ast.Assign | ast.AnnAssign]:
    """Return the statements at the top level of a module that set ``name``, in order."""
    found: list[ast.Assign | ast.AnnAssign] = []
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(statement, ast.Assign | ast.AnnAssign)
            found.append(statement)
    return found


def rewrite(data: bytes, wanted: Revision) -> bytes:
    """Return the bytes of a revision file with other identifiers, and nothing else changed.

    The line ``Revises:`` of the docstring follows where it said what ``down_revision`` did.

    Args:
        data: the bytes of the file.
        wanted: the revision as it shall be. ``down_revisions``, ``branch_labels`` and ``depends_on`` are taken over.

    Raises:
        RevisionError: the file cannot be changed so; the message names it.
    """
    path = wanted.path
    source = decode(data, path)
    before = parse_revision(data, path)
    edits: list[tuple[Span, str]] = []
    added: list[str] = []
    for name, old, new in (
        ("down_revision", before.down_revisions, wanted.down_revisions),
        ("branch_labels", before.branch_labels, wanted.branch_labels),
        ("depends_on", before.depends_on, wanted.depends_on),
    ):
        if old == new:
            continue
        found = assignments(source.tree, name)
        if found:
            value = found[-1].value
            assert value is not None
            span = source.span(value)
            edits.append((span, _value(new, source.text[slice(*span)])))
        else:
            added.append(f"{name} = {_value(new, '')}")
    if added:
        edits.append(_behind(source, added))
    if before.down_revisions != wanted.down_revisions:
        edits.extend(_revises(source, before.down_revisions, wanted.down_revisions))
    text = source.text
    for (start, end), new_text in sorted(set(edits), reverse=True):
        text = text[:start] + new_text + text[end:]
    return _checked(data, text.encode(source.encoding), before, wanted)


def _value(names: tuple[str, ...], old: str) -> str:
    """Return an identifier's value as source, in the quotes of what stands there."""
    single = "'" in old and '"' not in old
    quoted = [repr(name) if single else literal(name) for name in names]
    if not quoted:
        return "None"
    return quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"


def _behind(source: Source, lines: list[str]) -> tuple[Span, str]:
    """Return the edit that puts lines behind ``down_revision``."""
    end = source.span(assignments(source.tree, "down_revision")[-1])[1]
    found = _LINE_END.search(source.text, end)
    place = found.start() if found else len(source.text)
    return (place, place), "".join(source.newline + line for line in lines)


def _revises(source: Source, old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[Span, str]]:
    """Return the edit of the docstring's line ``Revises:``; none where it says something else."""
    first = source.tree.body[0] if source.tree.body else None
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return []
    start, end = source.span(first.value)
    opening = _STRING.match(source.text, start)
    if opening is None:
        return []
    end -= len(opening["quote"])
    named = r"[ \t]*,[ \t]*".join(map(re.escape, old)) if old else r"(?:base)?"
    line = re.compile(rf"(?:(?<=[\r\n])|(?<=['\"]))(?P<word>Revises:[ \t]*)(?P<ids>{named})(?=[^\w.-]|$)")
    found = line.search(source.text, opening.end(), end)
    return [] if found is None else [(found.span("ids"), ", ".join(new) or "base")]


def _checked(old: bytes, new: bytes, before: Revision, wanted: Revision) -> bytes:
    """Return ``new`` where it is the file that it should be.

    Raises:
        RevisionError: it is not.
    """
    path = wanted.path
    try:
        found = parse_revision(new, path)
        same = _rest(old) == _rest(new)
    except (RevisionError, SyntaxError, ValueError):
        same = False
    else:
        same = same and replace(found, doc="", message="") == replace(
            before,
            doc="",
            message="",
            down_revisions=wanted.down_revisions,
            branch_labels=wanted.branch_labels,
            depends_on=wanted.depends_on,
        )
    if not same:
        raise RevisionError(
            f"{shown_path(path)}: its identifiers cannot be changed in its text: write each on a line of its own, "
            'as down_revision = "..."'
        )
    return new


def _rest(data: bytes) -> list[str]:
    """Return what a file does, but for its docstring and the identifiers that are changed here."""
    tree = ast.parse(data)
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    skipped = {
        id(each) for name in ("down_revision", "branch_labels", "depends_on") for each in assignments(tree, name)
    }
    return [ast.dump(statement) for statement in body if id(statement) not in skipped]
