"""Several revision files as one, in which everything that their authors wrote stands as they wrote it.

The functions of each file stay functions of their own, ``upgrade_<id>()`` and ``downgrade_<id>()``, with their comments and their
local names; the new ``upgrade()`` calls them in order, ``downgrade()`` in the opposite one. Nothing is simplified: what the file does
is by its construction what the files did.

Names of the modules that would meet are renamed where that is provably the same, and refused with file and line otherwise.
"""

from __future__ import annotations

import ast
import contextlib
import re
import symtable
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from schemadiff.errors import RevisionError
from schemadiff.revisions.checksum import SQUASHED
from schemadiff.revisions.header import IDENTIFIERS, Revision, parse_revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.parts import FUNCTIONS, Part, refusal
from schemadiff.revisions.rewriting import decode
from schemadiff.revisions.template import docstring_text, literal

__all__ = ["fold"]


def fold(parts: Sequence[Part], wanted: Revision) -> str:
    """Return the text of one revision file that does what several do.

    Args:
        parts: the files, in the order in which they run.
        wanted: what the head of the new file says.

    Raises:
        RevisionError: two files use one name for different things, and it cannot be renamed; or their functions take different
            arguments.
    """
    _refuse_annotations(parts)
    suffixes = _suffixes(parts)
    names = _renamings(parts, suffixes)
    calls = {name: _calls(parts, suffixes, name) for name in FUNCTIONS}
    sections = [_section(part, renaming) for part, renaming in zip(parts, names, strict=True)]
    text = "\n\n\n".join([_head(parts, wanted), *calls.values(), *sections]) + "\n"
    found = parse_revision(text, wanted.path)
    same = (found.id, found.down_revisions, found.branch_labels, found.depends_on) == (
        wanted.id,
        wanted.down_revisions,
        wanted.branch_labels,
        wanted.depends_on,
    )
    if not same or not _same_names(text, parts, names):
        raise RevisionError(f"{shown_path(wanted.path)}: these files cannot be folded by their text: fold them by hand")
    return text


# -- the new head


def _head(parts: Sequence[Part], wanted: Revision) -> str:
    date = f"\nCreate Date: {wanted.create_date}" if wanted.create_date else ""
    folded = "\n".join(f"    {docstring_text(_title(part.revision))}" for part in parts)
    lines = [
        f'"""{docstring_text(wanted.message) or "empty message"}',
        "",
        f"Revision ID: {wanted.id}",
        f"Revises: {', '.join(wanted.down_revisions) or 'base'}{date}",
        "",
        f"In place of these revisions, which run in this order:\n\n{folded}",
        '"""',
        "",
    ]
    future = sorted({name for part in parts for name in part.future})
    if future:
        lines += [f"from __future__ import {', '.join(future)}", ""]
    imports = _imports(parts)
    lines += [*imports, ""] if imports else []
    lines.append("# These are read without running the file: keep them plain literals.")
    for name, value in zip(
        IDENTIFIERS,
        ((wanted.id,), wanted.down_revisions, wanted.branch_labels, wanted.depends_on),
        strict=True,
    ):
        lines.append(f"{name} = {literal(value[0] if len(value) == 1 else value or None)}")
    return "\n".join(lines)


def _title(revision: Revision) -> str:
    return f"{revision.id}: {revision.message}" if revision.message else revision.id


def _imports(parts: Sequence[Part]) -> list[str]:
    """Return the import statements of all files, each once."""
    found = dict.fromkeys(text for part in parts for text in part.imports)
    return list(found)


def _calls(parts: Sequence[Part], suffixes: Sequence[str], name: str) -> str:
    """Return the function that calls those of all files."""
    declared, handed = parts[0].parameters[name]
    for part in parts[1:]:
        if part.parameters[name][0] != declared:
            raise refusal(
                part.revision.path,
                part.bound[name],
                f"{name}({part.parameters[name][0]}) takes other arguments than {name}({declared}) of "
                f"{shown_path(parts[0].revision.path)}: make them the same",
            )
    ordered = suffixes if name == "upgrade" else list(reversed(suffixes))
    body = "\n".join(f"    {name}_{suffix}({handed})" for suffix in ordered)
    return f"def {name}({declared}) -> None:\n{body}"


def _section(part: Part, renaming: Mapping[str, str]) -> str:
    """Return what one file was, under a comment that names its revision."""
    notes = [_title(part.revision), *([""] if part.notes else []), *part.notes]
    comment = "\n".join(f"# {_plain(line)}".rstrip() for line in notes)
    return f"{comment}\n\n\n{_renamed(part, renaming)}"


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _refuse_annotations(parts: Sequence[Part]) -> None:
    """Refuse a file whose annotations would become texts by what another one takes from ``__future__``, where that could matter."""
    first = next((part for part in parts if "annotations" in part.future), None)
    if first is None:
        return
    for part in (each for each in parts if "annotations" not in each.future):
        for node in ast.walk(part.source.tree):
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if isinstance(node, ast.ClassDef) or node.decorator_list:
                raise refusal(
                    part.revision.path,
                    node.lineno,
                    f"{shown_path(first.revision.path)} has 'from __future__ import annotations', which would count here too: "
                    "write it into both files, or into none",
                )


# -- names


def _suffixes(parts: Sequence[Part]) -> list[str]:
    """Return what tells the names of each file from those of the others: its identifier, as a part of a name."""
    taken = {word for part in parts for word in re.findall(r"\w+", part.source.text)}
    found: list[str] = []
    for part in parts:
        plain = suffix = re.sub(r"\W", "_", part.revision.id)
        number = 1
        while suffix in found or any(f"{name}_{suffix}" in taken for name in FUNCTIONS):
            number += 1
            suffix = f"{plain}_{number}"
        found.append(suffix)
    return found


def _renamings(parts: Sequence[Part], suffixes: Sequence[str]) -> list[dict[str, str]]:
    """Return how the names of each file are called in the new one, where they are called otherwise.

    Raises:
        RevisionError: one name is imported from two places.
    """
    owners = Counter(name for part in parts for name in {*part.bound, *part.bindings})
    imported: dict[str, tuple[tuple[str, ...], Part]] = {}
    for part in parts:
        for name, binding in part.bindings.items():
            other, owner = imported.setdefault(name, (binding, part))
            if other != binding:
                raise refusal(
                    part.revision.path,
                    _import_line(part, name),
                    f"{name} is imported from {'.'.join(binding)}, in {shown_path(owner.revision.path)} from {'.'.join(other)}: give one of "
                    "them another name",
                )
    found: list[dict[str, str]] = []
    for part, suffix in zip(parts, suffixes, strict=True):
        elsewhere = {name for other in parts if other is not part for name in other.used}
        met = {name for name in part.bound if owners[name] > 1 or name in elsewhere or name in FUNCTIONS}
        found.append({name: f"{name}_{suffix}" for name in sorted(met)})
        for name in part.bindings:
            reaching = next((o for o in parts if name in o.used and name not in {*o.bound, *o.bindings}), None)
            if reaching is not None:
                raise refusal(
                    part.revision.path,
                    _import_line(part, name),
                    f"{name} is imported here, and means something else in {shown_path(reaching.revision.path)}: give it another name",
                )
    return found


def _import_line(part: Part, name: str) -> int:
    for node in ast.walk(part.source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    return node.lineno
    return 1


def _renamed(part: Part, renaming: Mapping[str, str]) -> str:
    """Return the body of a file with names of its module renamed.

    Raises:
        RevisionError: a name cannot be renamed in the text.
    """
    path = part.revision.path
    # The lines of the body are those of the file that follow the head, so it is renamed on its own.
    body = decode(part.body.encode("utf-8"), path)
    table = symtable.symtable(part.source.text, str(path), "exec")
    for scope in _inner(table):
        for symbol in scope.get_symbols():
            if symbol.get_name() in renaming and not symbol.is_global():
                raise refusal(
                    path,
                    scope.get_lineno(),
                    f"{symbol.get_name()} is a name of the file and of {scope.get_name()} too, and other files have it: rename it",
                )
    edits: list[tuple[int, int, str]] = []
    for node in ast.walk(body.tree):
        # Before Python 3.12 the nodes inside of an f-string say nothing of where they stand.
        with contextlib.suppress(IndexError, UnicodeDecodeError):
            edits.extend(_edits(node, body.place, body.text, renaming))
    text = body.text
    for start, end, new in sorted(set(edits), reverse=True):
        text = text[:start] + new + text[end:]
    if ast.dump(ast.parse(text)) != _expected(ast.parse(part.body), renaming):
        named = ", ".join(name for name in renaming if name not in FUNCTIONS) or "upgrade, downgrade"
        raise refusal(path, 1, f"names that other files have too cannot be renamed here ({named}): rename them")
    return text


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    stack = list(table.get_children())
    while stack:
        scope = stack.pop()
        yield scope
        stack.extend(scope.get_children())


def _edits(
    node: ast.AST, place: Callable[[int, int], int], text: str, renaming: Mapping[str, str]
) -> Iterator[tuple[int, int, str]]:
    """Yield the changes of the text that rename what a node names."""
    if isinstance(node, ast.Name) and node.id in renaming:
        start = place(node.lineno, node.col_offset)
        if text.startswith(node.id, start):
            yield start, start + len(node.id), renaming[node.id]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name in renaming:
        match = re.compile(r"(?:async\s+)?(?:def|class)\s+").match(text, place(node.lineno, node.col_offset))
        if match is not None and text.startswith(node.name, match.end()):
            yield match.end(), match.end() + len(node.name), renaming[node.name]


def _expected(tree: ast.Module, renaming: Mapping[str, str]) -> str | None:
    """Return what a text has to be read as after the renaming; None where it names what is renamed in ways that the text's change leaves."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = renaming.get(node.id, node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.name = renaming.get(node.name, node.name)
        elif _otherwise_named(node) & renaming.keys():
            return None
    return ast.dump(tree)


def _otherwise_named(node: ast.AST) -> set[str | None]:
    """Return the names that a node binds, or declares, without being a name or a definition."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.Global | ast.Nonlocal):
        return set(node.names)
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return {node.name}
    return {node.rest} if isinstance(node, ast.MatchMapping) else set()


# -- the result, once more


def _names_of(text: str) -> frozenset[str]:
    """Return the names that a text binds in its module, or looks for there or in Python itself."""
    table = symtable.symtable(text, "folded", "exec")
    inner = {each.get_name() for scope in _inner(table) for each in scope.get_symbols() if each.is_global()}
    return frozenset(inner | {each.get_name() for each in table.get_symbols()})


def _same_names(text: str, parts: Sequence[Part], renamings: Sequence[Mapping[str, str]]) -> bool:
    """Say whether a folded file has the names of its parts, each for itself, and no other."""
    found: set[str] = {*FUNCTIONS, *IDENTIFIERS}
    for part, renaming in zip(parts, renamings, strict=True):
        found |= {renaming.get(name, name) for name in _names_of(part.source.text)}
    return _names_of(text) == found - {SQUASHED}  # which is written anew
