"""A revision file in its parts, for `folding`: what its head says, what it imports, and the rest, as its author wrote it.

Refused is, with file and line, what would mean something else inside of another file.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import symtable
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

from schemadiff.errors import RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.checksum import SQUASHED
from schemadiff.revisions.header import IDENTIFIERS, Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.rewriting import Source, decode

__all__ = ["FUNCTIONS", "Part", "own_imports", "refusal", "take_apart"]

FUNCTIONS = ("upgrade", "downgrade")

# What the head of the new file says itself.
_OF_THE_HEAD = (*IDENTIFIERS, SQUASHED)

# They see the module that they stand in, whatever that is.
_DYNAMIC = frozenset(
    {
        "__builtins__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__spec__",
        "dir",
        "eval",
        "exec",
        "globals",
        "vars",
    }
)
# What templates write above the identifiers, and what is said to tools.
_OF_NOBODY = re.compile(
    r"#\s*(?:These are read without running the file: keep them plain literals\.|revision identifiers, used by \w+\.?"
    r"|-\*-.*|.*coding[:=].*|(?:noqa|type:|pylint:|pragma:|fmt:|isort:|ruff:|mypy:).*|!.*)$"
)
_DOC_LINE = re.compile(r"(?:Revision ID|Revises|Create Date):")
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

Binding = tuple[str, ...]
"""What an import binds a name to: the module, and the name in it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One revision file.

    Args:
        revision: what its head says.
        source: its text, line ends as Python reads them.
        imports: the import statements of its head, verbatim.
        bindings: what each name is that they bind.
        future: the features that it takes from ``__future__``.
        notes: what its author wrote at its head: the docstring but for what the identifiers say, and comments.
        body: the rest, verbatim, identifiers left out.
        bound: the names that the body binds in the module, each with the line that it stands in.
        used: the names that the file looks for in the module or in Python itself.
        parameters: how ``upgrade()`` and ``downgrade()`` are declared, and how they are called with the same names.
    """

    revision: Revision
    source: Source
    imports: tuple[str, ...]
    bindings: Mapping[str, Binding]
    future: frozenset[str]
    notes: tuple[str, ...]
    body: str
    bound: Mapping[str, int]
    used: frozenset[str]
    parameters: Mapping[str, tuple[str, str]]


def refusal(path: Path, line: int, why: str) -> RevisionError:
    """Return the error that says where a file cannot be folded, and why."""
    return RevisionError(f"{shown_path(path)}:{line}: {why}")


def take_apart(revision: Revision, data: bytes) -> Part:
    """Return the parts of a revision file.

    Raises:
        RevisionError: something in it would mean something else inside of another file; the message names file and line.
    """
    path = revision.path
    raw = decode(data, path)
    source = (
        decode(re.sub(r"\r\n?", "\n", raw.text).encode("utf-8"), path) if raw.encoding.startswith("utf-8") else None
    )
    if source is None:
        source = _as_utf8(raw, path)
    tree = source.tree
    head = list(_head(tree))
    rest = tree.body[len(head) :]
    _refuse_shared_lines(path, tree.body)
    _refuse_dynamic(path, tree)
    imports = [each for each in head if isinstance(each, ast.Import | ast.ImportFrom)]
    future = frozenset(alias.name for each in imports if _is_future(each) for alias in each.names)
    plain = [each for each in imports if not _is_future(each)]
    table = symtable.symtable(source.text, str(path), "exec")
    used = frozenset(_global_names(table))
    bindings = _bindings(path, plain)
    bound = {name: line for name, line in _bound(table, rest, bindings) if name not in {*_OF_THE_HEAD, *future}}
    for name in bound.keys() & bindings.keys():
        raise refusal(path, bound[name], f"{name} is imported and set again: give one of them another name")
    _refuse_work(path, rest, bindings)
    _refuse_identifiers(path, tree, table)
    return Part(
        revision=revision,
        source=source,
        imports=tuple(_text(source, each) for each in plain),
        bindings=bindings,
        future=future,
        notes=(*_doc_notes(revision), *_comments(source, head, plain)),
        body=_body(source, head, rest),
        bound=bound,
        used=used,
        parameters={name: _parameters(path, tree, name) for name in FUNCTIONS},
    )


def _as_utf8(raw: Source, path: Path) -> Source:
    """Return a text of another encoding as UTF-8; the line that names the encoding says so."""
    text = re.sub(r"\r\n?", "\n", raw.text)
    lines = text.split("\n")
    for number, line in enumerate(lines[:2]):
        if line.lstrip().startswith("#"):
            lines[number] = re.sub(r"(coding[:=]\s*)[-\w.]+", r"\1utf-8", line)
    return decode("\n".join(lines).encode("utf-8"), path)


def own_imports(part: Part) -> frozenset[str]:
    """Return the names under which a file knows our ``op``."""
    return frozenset(name for name, what in part.bindings.items() if what == ("schemadiff", "op"))


# -- the head


def _head(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements that a file begins with: docstring, imports, identifiers."""
    for number, statement in enumerate(tree.body):
        is_doc = number == 0 and isinstance(statement, ast.Expr) and ast.get_docstring(tree, clean=False) is not None
        if not (is_doc or isinstance(statement, ast.Import | ast.ImportFrom) or _is_identifier(statement)):
            return
        yield statement


def _is_identifier(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return bool(targets) and all(isinstance(each, ast.Name) and each.id in _OF_THE_HEAD for each in targets)


def _is_future(statement: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _bindings(path: Path, imports: list[ast.Import | ast.ImportFrom]) -> dict[str, Binding]:
    found: dict[str, Binding] = {}
    for statement in imports:
        for alias in statement.names:
            if alias.name == "*":
                raise refusal(path, statement.lineno, "'import *' brings in names that nobody sees here: name them")
            if isinstance(statement, ast.ImportFrom):
                binding: Binding = ("." * statement.level + (statement.module or ""), alias.name)
            else:
                binding = (alias.name,) if alias.asname else (alias.name.partition(".")[0],)
            found[alias.asname or alias.name.partition(".")[0]] = binding
    return found


def _doc_notes(revision: Revision) -> Iterator[str]:
    """Yield the lines of the docstring that a human wrote, but for the first one, which is the message."""
    lines = [line.rstrip() for line in revision.doc.splitlines() if not _DOC_LINE.match(line.strip())]
    text = "\n".join(lines[1:]).strip("\n")
    yield from text.split("\n") if text else ()


def _comments(source: Source, head: list[ast.stmt], imports: list[ast.Import | ast.ImportFrom]) -> Iterator[str]:
    """Yield the comments of the head, but for those that stand in import statements, which are kept whole."""
    last = _last_line(head[-1]) if head else 0
    kept = {line for each in imports for line in range(each.lineno, _last_line(each) + 1)}
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT and line <= last and line not in kept and not _OF_NOBODY.match(token.string):
            yield token.string.lstrip("#").strip()


# -- the body


def _last_line(statement: ast.stmt) -> int:
    assert statement.end_lineno is not None
    return statement.end_lineno


def _text(source: Source, statement: ast.stmt) -> str:
    """Return the lines that a statement stands on."""
    end = source.starts[_last_line(statement)] if _last_line(statement) < len(source.starts) else len(source.text)
    return source.text[source.starts[statement.lineno - 1] : end].rstrip("\n")


def _body(source: Source, head: list[ast.stmt], rest: list[ast.stmt]) -> str:
    """Return what follows the head, without the identifiers that are set there, which must stand alone on their lines."""
    lines = source.text.split("\n")
    begin = _last_line(head[-1]) if head else 0
    dropped = {number for each in rest if _is_identifier(each) for number in range(each.lineno, _last_line(each) + 1)}
    kept = [line for number, line in enumerate(lines, start=1) if number > begin and number not in dropped]
    return "\n".join(kept).strip("\n").rstrip()


def _refuse_shared_lines(path: Path, body: list[ast.stmt]) -> None:
    for before, after in itertools.pairwise(body):
        if after.lineno == before.end_lineno:
            raise refusal(path, after.lineno, "two statements stand on one line: give each a line of its own")


def _refuse_dynamic(path: Path, tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _DYNAMIC:
            raise refusal(
                path,
                node.lineno,
                f"{node.id} sees the file that it stands in, so it would see something else: do without it",
            )


def _refuse_identifiers(path: Path, tree: ast.Module, table: symtable.SymbolTable) -> None:
    """Refuse code that reads the identifiers of its revision, which become those of another one."""
    read = {name for name in _global_names(table) if name in _OF_THE_HEAD}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in read and isinstance(node.ctx, ast.Load):
            raise refusal(
                path, node.lineno, f"{node.id} is read here, and would be that of the folded revision: write the text"
            )


def _refuse_work(path: Path, rest: list[ast.stmt], bindings: Mapping[str, Binding]) -> None:
    """Refuse what runs when the file is imported and is more than a definition: it would run at another time."""
    ops = {name for name, what in bindings.items() if what == ("schemadiff", "op")}
    for statement in rest:
        if isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant):
            raise refusal(
                path, statement.lineno, "this runs when the file is imported: put it into upgrade() or downgrade()"
            )
        for node in _outside_functions(statement):
            if isinstance(node, ast.Name) and node.id in ops:
                raise refusal(
                    path, node.lineno, f"{node.id} is used outside of upgrade() and downgrade(): put it there"
                )


def _outside_functions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes that run when the module is imported."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _FUNCTION):
            stack.append(node.args)
            stack.extend(getattr(node, "decorator_list", ()))
        else:
            stack.extend(ast.iter_child_nodes(node))


# -- names


def _bound(
    table: symtable.SymbolTable, rest: list[ast.stmt], imported: Mapping[str, Binding]
) -> Iterator[tuple[str, int]]:
    """Yield the names that the body binds in the module, each with its first line."""
    first: dict[str, int] = {}
    for statement in rest:
        for node in ast.walk(statement):
            names: list[str] = []
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                names = [node.id]
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.Global):
                names = list(node.names)
            for name in names:
                first.setdefault(name, getattr(node, "lineno", statement.lineno))
    ours = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    ours |= {name for inner in _scopes(table) for name in _declared(inner)}
    yield from ((name, first.get(name, 1)) for name in sorted(ours) if name in first or name not in imported)


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    stack = list(table.get_children())
    while stack:
        inner = stack.pop()
        yield inner
        stack.extend(inner.get_children())


def _declared(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (each.get_name() for each in table.get_symbols() if each.is_declared_global())


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that a file looks for in its module, or in Python itself."""
    yield from (each.get_name() for each in table.get_symbols() if each.is_referenced())
    for inner in _scopes(table):
        yield from (each.get_name() for each in inner.get_symbols() if each.is_global())


def _parameters(path: Path, tree: ast.Module, name: str) -> tuple[str, str]:
    """Return the parameters of a function as they are declared, and as they are handed on."""
    found = [each for each in tree.body if getattr(each, "name", None) == name]
    if len(found) != 1 or not isinstance(found[0], ast.FunctionDef):
        line = found[-1].lineno if found else 1
        raise refusal(path, line, f"a plain function {name}() is needed, once, at the top level: write one")
    function = found[0]
    given = function.args
    handed = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    handed += [f"*{given.vararg.arg}"] if given.vararg else []
    handed += [f"{argument.arg}={argument.arg}" for argument in given.kwonlyargs]
    handed += [f"**{given.kwarg.arg}"] if given.kwarg else []
    for default in (*given.defaults, *given.kw_defaults):
        if default is not None and not isinstance(default, ast.Constant):
            raise refusal(
                path, function.lineno, f"a parameter of {name}() has a default that is no plain value: write one"
            )
    for argument in ast.walk(given):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(given), ", ".join(handed)
