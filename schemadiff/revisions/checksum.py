"""The checksum of a revision file: it tells whether what the file does was edited.

It is made from what Python's parser finds in the file, so that comments, docstrings, layout, line endings, quotes, trailing commas and
parentheses that mean nothing do not count: to format a file is no edit. Neither do the identifiers count, which say where a
revision stands and not what it does: ``prune`` and ``squash`` change them in the files of others.

It has to be the same for each version of Python, which all give the tree in the same words but for what they have added since: what is
empty is therefore left out.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemadiff.revisions.header import IDENTIFIERS, parsed_source

__all__ = ["Checksum", "checksum", "file_hash"]

# The way in which a checksum is made. One that was made in another way cannot be compared, and tells nothing.
_METHOD = "1"


@dataclass(frozen=True, slots=True)
class Checksum:
    """What is kept of a revision that has run.

    Args:
        code: the hash of what the file does, with the way in which it was made before a colon.
        file: the hash of the file. Where it is still the same, nobody has to look at what the file does.
    """

    code: str
    file: str

    @property
    def is_known(self) -> bool:
        """False where it was made in a way that this version does not know."""
        return self.code.startswith(f"{_METHOD}:")


def checksum(source: bytes, path: Path) -> Checksum:
    """Return the checksum of a revision file.

    Args:
        source: what is in the file.
        path: its path, for messages.

    Raises:
        BrokenRevision: it is no Python.
    """
    found = hashlib.sha256()
    for piece in _pieces(parsed_source(source, path)):
        found.update(piece.encode())
        found.update(b"\0")
    return Checksum(f"{_METHOD}:{found.hexdigest()}", file_hash(source))


def file_hash(source: bytes) -> str:
    """Return a hash of a file as it is written, whatever its line endings are."""
    return hashlib.blake2b(source.replace(b"\r\n", b"\n"), digest_size=16).hexdigest()


class _Word(NamedTuple):
    """A piece that is finished."""

    text: str


def _pieces(tree: ast.Module) -> Iterator[str]:
    """Yield what a tree is made of, in order. There is no recursion: a long chain of operators is a deep tree."""
    waiting: list[object] = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Word):
            yield item.text
        elif isinstance(item, ast.AST):
            yield f"({type(item).__name__}"
            waiting.append(_Word(")"))
            for name, value in reversed(list(_fields(item))):
                waiting += (value, _Word(f"{name}="))
        elif isinstance(item, list):
            yield "["
            waiting += (_Word("]"), *reversed(item))
        else:
            # In hexadecimal, since Python refuses to write a very long number in decimal digits; and in ASCII, since what can be printed
            # depends on Python's version of Unicode.
            yield f"{item:#x}" if type(item) is int else ascii(item)


def _fields(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield the fields of a node that mean something, by their names."""
    if isinstance(node, ast.Constant):
        yield "value", node.value  # and not whether it was written as u"..."
        return
    for name, value in ast.iter_fields(node):
        # Whether a name is read or set follows from where it stands.
        if name == "ctx" or value is None:
            continue
        kept = _statements(node, value) if name == "body" and isinstance(value, list) else value
        if isinstance(node, ast.JoinedStr):
            kept = list(_joined(node.values))
        elif isinstance(node, ast.Delete):
            kept = _targets(node.targets)
        if kept != [] and not (isinstance(kept, ast.JoinedStr) and not any(_joined(kept.values))):
            yield name, kept


def _statements(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a block, without its docstring, and of a module without its identifiers."""
    kept = body
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_text(body[:1]):
        kept = body[1:] or [ast.Pass()]
    if isinstance(node, ast.Module):
        return [each for each in kept if not _sets_identifier(each) and not isinstance(each, ast.Pass)]
    return kept


def _is_text(statements: list[ast.stmt]) -> bool:
    return any(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
        for each in statements
    )


def _sets_identifier(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return False
    return any(isinstance(target, ast.Name) and target.id in IDENTIFIERS for target in targets)


def _joined(values: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Yield the parts of a formatted string. Versions of Python differ in where they part the text between two values."""
    text = ""
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            text += value.value
            continue
        if text:
            yield ast.Constant(text)
        text = ""
        yield value
    if text:
        yield ast.Constant(text)


def _targets(targets: list[ast.expr]) -> list[ast.expr]:
    """Return what is deleted: ``del (a, b)`` is ``del a, b``, and black writes it so."""
    return [each for target in targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])]
