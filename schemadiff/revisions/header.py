"""Reading a revision file without importing it: by its usual shape (usual.py), or with Python's own parser.

Only the text is read: a file that fails when it runs, or that imports what is not installed here, can still be listed. The
identifiers must therefore be literals.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from schemadiff.collector import paused_collector
from schemadiff.errors import BrokenRevision
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import addressable, shown_path
from schemadiff.revisions.usual import Header, usual_header

__all__ = [
    "IDENTIFIERS",
    "Revision",
    "file_hash",
    "header_of",
    "one_line",
    "parse_revision",
    "parsed_header",
    "parsed_source",
    "read_revision",
]

IDENTIFIERS = ("revision", "down_revision", "branch_labels", "depends_on")
"""What a file says of its place among the others."""

_CREATE_DATE = re.compile(r"^Create Date:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision file.

    Attributes:
        id: its identifier.
        down_revisions: the revisions that it follows; none for a base, several for a merge.
        branch_labels: the labels that it gives to its branch.
        depends_on: identifiers, or labels, of revisions that must have run before, in whatever branch.
        message: the first line of the docstring.
        doc: the docstring.
        create_date: what the docstring says after ``Create Date:``, as text.
        path: the file.
        file_hash: a hash of the file, which does not count where revisions are compared; empty where it is not known.
    """

    id: str
    down_revisions: tuple[str, ...]
    path: Path
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    message: str = ""
    doc: str = ""
    create_date: str | None = None
    file_hash: str = field(default="", compare=False)

    @property
    def is_base(self) -> bool:
        """Whether it follows no other revision."""
        return not self.down_revisions

    @property
    def is_merge(self) -> bool:
        """Whether it follows more than one revision."""
        return len(self.down_revisions) > 1


def read_revision(path: Path) -> Revision:
    """Return the revision in the file ``path``.

    Raises:
        BrokenRevision: the file cannot be read, is no Python, or its identifiers are missing or no literals.
    """
    try:
        source = _bytes_of(path)
    except OSError as error:
        raise BrokenRevision(f"{shown_path(path)}: cannot be read: {error.strerror or error}") from None
    return parse_revision(source, path)


def parse_revision(source: bytes | str, path: Path) -> Revision:
    """Return the revision that ``source`` holds.

    Args:
        source: the text of the file, or its bytes, whose encoding is then found as Python finds it.
        path: the file's path, for the result and for messages.

    Raises:
        BrokenRevision: as in `read_revision`.
    """
    header = usual_header(source) or parsed_header(source, path)
    date = _CREATE_DATE.search(header.doc)
    return Revision(
        id=header.id,
        down_revisions=header.down_revisions,
        branch_labels=header.branch_labels,
        depends_on=header.depends_on,
        message=next((line.strip() for line in header.doc.splitlines() if line.strip()), ""),
        doc=header.doc.strip(),
        create_date=date.group(1) if date else None,
        path=path,
        file_hash=file_hash(source.encode() if isinstance(source, str) else source),
    )


def file_hash(source: bytes) -> str:
    """Return a hash of a file as it is written, whatever its line endings are."""
    return hashlib.blake2b(source.replace(b"\r\n", b"\n"), digest_size=16).hexdigest()


def parsed_header(source: bytes | str, path: Path) -> Header:
    """Return the header that Python's own parser finds, whatever shape it has.

    Raises:
        BrokenRevision: as in `read_revision`.
    """
    return header_of(parsed_source(source, path), path)


def header_of(tree: ast.Module, path: Path) -> Header:
    """Return the header that stands in what Python's parser has made of a file.

    Raises:
        BrokenRevision: its identifiers are missing or no literals.
    """
    values = _identifiers(tree, path)
    identifier, line = _revision_id(values, path)
    if "down_revision" not in values:
        raise BrokenRevision(
            f"{shown_path(path)}:{line}: revision {identifier!r} sets no down_revision: write the id of the revision that it "
            "follows, or down_revision = None if it is the first"
        )
    return Header(
        id=identifier,
        down_revisions=_names(values, "down_revision", path),
        branch_labels=_names(values, "branch_labels", path),
        depends_on=_names(values, "depends_on", path),
        doc=ast.get_docstring(tree, clean=False) or "",
    )


def one_line(error: BaseException) -> str:
    """Return an exception as one line: its class, and its message with the line breaks taken out."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _bytes_of(path: Path) -> bytes:
    """Return what is in a file. For ten thousand small files this takes a third of the time of `Path.read_bytes`."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        parts = []
        while part := os.read(descriptor, 1 << 20):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def parsed_source(source: bytes | str, path: Path) -> ast.Module:
    """Return what Python makes of a file, without telling what it has to warn of.

    Raises:
        BrokenRevision: it is no Python.
    """
    try:
        with warnings.catch_warnings(), paused_collector():
            warnings.simplefilter("ignore")  # an invalid escape is the author's, and is told when the file runs
            return ast.parse(source, filename=str(path))
    except SyntaxError as error:
        raise BrokenRevision(f"{shown_path(path)}:{error.lineno or 1}: {type(error).__name__}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes; nesting beyond the parser's stack
        raise BrokenRevision(f"{shown_path(path)}:1: {one_line(error)}") from None


def _identifiers(tree: ast.Module, path: Path) -> dict[str, tuple[object, int]]:
    """Return the identifiers that the module sets at its top level, each with its line. The last assignment counts."""
    values: dict[str, tuple[object, int]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            names = [statement.target.id]
        else:
            for name in _bound_names(statement):
                if name in IDENTIFIERS:
                    raise _not_literal(path, statement.lineno, name)
            continue
        for name in names:
            if name in IDENTIFIERS:
                assert statement.value is not None
                values[name] = (_literal(statement.value, name, path), statement.lineno)
    return values


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement, other than a plain assignment, binds in the module: in an ``if``, by an import ..."""
    if isinstance(statement, ast.AnnAssign) and statement.value is None:  # an annotation binds nothing
        return
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.split(".")[0]
        elif isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue  # scopes of their own
        else:
            stack.extend(ast.iter_child_nodes(node))


def _literal(value: ast.expr, name: str, path: Path) -> object:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise _not_literal(path, value.lineno, name) from None


def _not_literal(path: Path, line: int, name: str) -> BrokenRevision:
    return BrokenRevision(
        f"{shown_path(path)}:{line}: {name} is not a plain literal: revision files are read without running them, "
        f'so write it as {name} = "..."'
    )


def _revision_id(values: dict[str, tuple[object, int]], path: Path) -> tuple[str, int]:
    if "revision" not in values:
        raise BrokenRevision(
            f'{shown_path(path)}:1: sets no revision id: write revision = "...", '
            "or move the file out of the versions directory if it is no revision"
        )
    value, line = values["revision"]
    if not isinstance(value, str) or not addressable(value):
        raise BrokenRevision(
            f"{shown_path(path)}:{line}: revision = {value!r} is no revision id: "
            "write a string of letters and digits that is no word such as 'head' or 'base'"
        )
    return value, line


def _names(values: dict[str, tuple[object, int]], name: str, path: Path) -> tuple[str, ...]:
    """Return an identifier that is None, one string or several as a tuple."""
    value, line = values.get(name, (None, 0))
    if value is None:
        return ()
    items = [value] if isinstance(value, str) else value
    if isinstance(items, set):
        items = sorted(items, key=repr)
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and item for item in items):
        raise BrokenRevision(
            f"{shown_path(path)}:{line}: {name} = {value!r}: write None, one string, or a tuple of strings"
        )
    if len(set(items)) < len(items):
        raise BrokenRevision(f"{shown_path(path)}:{line}: {name} = {value!r} names one revision twice: name it once")
    return tuple(items)
