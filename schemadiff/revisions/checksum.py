"""The checksum of a revision file: it tells whether what the file does was edited.

It is made from what Python's parser finds in the file, so that comments, docstrings, layout, line endings, quotes, trailing commas and
parentheses that mean nothing do not count: to format a file is no edit. Neither do the identifiers count, which say where a
revision stands and not what it does: ``prune`` and ``squash`` change them in the files of others. A file that ``squash`` wrote names
the checksums of those in whose place it stands, so that it is no edit on a database that has run those as they were folded.

It has to be the same for each version of Python, which all give the tree in the same words but for what they have added since: what is
empty is therefore left out.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemadiff.errors import BrokenRevision
from schemadiff.frozen import dataclass
from schemadiff.revisions.header import IDENTIFIERS, Revision, file_hash, parsed_source
from schemadiff.revisions.template import literal

__all__ = ["SQUASHED", "Checksum", "checksum", "checksum_of", "was_edited", "with_squashed"]

SQUASHED = "squashed_checksums"
"""The name under which a file that ``squash`` wrote has the checksums of those in whose place it stands: one of another revision behind the
identifier of that, one of its own revision alone; the last one is that of the file itself."""

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
    return checksum_of(parsed_source(source, path), source)


def checksum_of(tree: ast.Module, source: bytes) -> Checksum:
    """Return the checksum of a revision file, which Python's parser has read already.

    Args:
        tree: what it has made of the file.
        source: what is in the file.
    """
    found = hashlib.sha256("\0".join(_pieces(tree)).encode())
    return Checksum(f"{_METHOD}:{found.hexdigest()}", file_hash(source))


def was_edited(revision: Revision, kept: Mapping[str, Checksum]) -> bool:
    """Return True where the file of a revision does something else than what ran.

    One that is no Python any more, or that cannot be read, does. A file that ``squash`` wrote stands for several: where the database has
    run those, each of them has to have run as it was folded.

    Args:
        revision: the revision.
        kept: the checksums that the database keeps, by the identifiers of the revisions; this one is among them.
    """
    own = kept[revision.id]
    if revision.file_hash == own.file:
        return False
    try:
        source = revision.path.read_bytes()
        tree = parsed_source(source, revision.path)
    except (BrokenRevision, OSError):
        return own.is_known
    code = checksum_of(tree, source).code
    if code == own.code:
        return False
    allowed = _allowed(revision.id, tree, code)
    return any(kept[each].is_known and kept[each].code not in codes for each, codes in allowed.items() if each in kept)


def _allowed(revision: str, tree: ast.Module, code: str) -> dict[str, dict[str, None]]:
    """Return the checksums with which each revision that a file stands for may have run, its own among them, in order.

    What a file of ``squash`` says of those before it counts as long as it is as ``squash`` wrote it.
    """
    found: dict[str, dict[str, None]] = {revision: {}}
    *before, written = squashed_checksums(tree) or (code,)
    for each in before if written == code else ():
        other, _, its = each.rpartition(" ")
        found.setdefault(other or revision, {})[its] = None
    found[revision][code] = None
    return found


def squashed_checksums(tree: ast.Module) -> tuple[str, ...]:
    """Return the checksums of what a file that ``squash`` wrote stands for, its own behind them; none for any other file."""
    for statement in tree.body:
        if (
            isinstance(statement, ast.Assign)
            and _sets(statement, (SQUASHED,))
            and isinstance(statement.value, ast.Tuple)
        ):
            values = [each.value for each in statement.value.elts if isinstance(each, ast.Constant)]
            return tuple(value for value in values if isinstance(value, str))
    return ()


def with_squashed(text: str, folded: Iterable[tuple[Revision, bytes]], wanted: Revision) -> str:
    """Return the text of a file that ``squash`` wrote, with the checksums of what it stands for.

    Args:
        text: the text, without them.
        folded: the revisions that it stands for, each with what is in its file.
        wanted: the revision of the new file.
    """
    entries: dict[str, None] = {}
    for revision, source in folded:
        before = parsed_source(source, revision.path)
        for each, codes in _allowed(revision.id, before, checksum_of(before, source).code).items():
            entries |= dict.fromkeys(code if each == wanted.id else f"{each} {code}" for code in codes)
    tree = parsed_source(text, wanted.path)
    written = checksum_of(tree, text.encode()).code
    entries.pop(written, None)
    head = max(each.end_lineno or 0 for each in tree.body if _sets(each, IDENTIFIERS))
    lines = text.split("\n")
    lines[head:head] = [f"{SQUASHED} = {literal((*entries, written))}"]
    return "\n".join(lines)


def _pieces(tree: ast.Module) -> list[str]:
    """Return what a tree is made of, in order. There is no recursion: a long chain of operators is a deep tree.

    It runs for each revision of an upgrade, so it is written for speed: what waits is a node, a list of nodes, or text that is finished.
    """
    pieces: list[str] = []
    waiting: list[Any] = [tree]
    while waiting:
        item = waiting.pop()
        if item.__class__ is str:
            pieces.append(item)
        elif item.__class__ is list:
            pieces.append("[")
            waiting.append("]")
            waiting.extend([_plain(each) for each in reversed(item)])
        elif item.__class__ is ast.Constant:
            # Not whether it was written as u"...". None is a value here, and no field that is empty.
            pieces += ("(Constant", "value=", _text(item.value), ")")
        else:
            kind = item.__class__
            pieces.append("(" + kind.__name__)
            waiting.append(")")
            fields = _FIELDS[kind](item) if kind in _FIELDS else item.__dict__
            for name in reversed(kind._fields):
                value = fields.get(name)
                # Whether a name is read or set follows from where it stands.
                if value is not None and value != [] and name != "ctx":
                    waiting.append(_plain(value))
                    waiting.append(name + "=")
    return pieces


def _plain(value: object) -> object:
    """Return a node or a list as it is, and any other value as text."""
    return value if value.__class__ is list or isinstance(value, ast.AST) else _text(value)


def _text(value: object) -> str:
    # In hexadecimal, since Python refuses to write a very long number in decimal digits; and in ASCII, since what can be printed depends
    # on Python's version of Unicode.
    return f"{value:#x}" if value.__class__ is int else ascii(value)


def _with_body(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, object]:
    return node.__dict__ | {"body": _statements(node, node.body)}


def _of_value(node: ast.FormattedValue) -> dict[str, object]:
    spec = node.format_spec
    empty = isinstance(spec, ast.JoinedStr) and not any(_joined(spec.values))
    return node.__dict__ | {"format_spec": None} if empty else node.__dict__


# What is said of nodes that do not count as they are; all others by their fields.
_FIELDS: dict[type[ast.AST], Callable[[Any], dict[str, object]]] = {
    ast.Module: _with_body,
    ast.ClassDef: _with_body,
    ast.FunctionDef: _with_body,
    ast.AsyncFunctionDef: _with_body,
    ast.JoinedStr: lambda node: {"values": list(_joined(node.values))},
    ast.FormattedValue: _of_value,
    ast.Delete: lambda node: {"targets": _targets(node.targets)},
}


def _statements(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a block, without its docstring, and of a module without its identifiers."""
    kept = body
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_text(body[:1]):
        kept = body[1:] or [ast.Pass()]
    if isinstance(node, ast.Module):
        return [each for each in kept if not _sets(each, (*IDENTIFIERS, SQUASHED)) and not isinstance(each, ast.Pass)]
    return kept


def _is_text(statements: list[ast.stmt]) -> bool:
    return any(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
        for each in statements
    )


def _sets(statement: ast.stmt, names: Collection[str]) -> bool:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return False
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


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
