"""What stands in the source of a module, without running it: classes, and calls that give something a name."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from schemadiff.frozen import dataclass

__all__ = [
    "Source",
    "Spot",
    "attribute_line",
    "calls_in",
    "column_line",
    "function_of",
    "is_name",
    "name_of",
    "of_schema",
    "parse_module",
    "texts_of",
]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a source file.

    Args:
        path: the file, absolute.
        line: the line, from 1; None where it is not known.
    """

    path: str
    line: int | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """A module's source, parsed.

    Args:
        path: the file, absolute.
        tree: what Python's parser made of it.
    """

    path: str
    tree: ast.Module

    def spot(self, line: int | None) -> Spot:
        """Return a place in it."""
        return Spot(self.path, line)

    def line(self, function: str, name: str) -> int | None:
        """Return the line that calls ``function`` for something of this name."""
        return next((call.lineno for call in self.named.get((function, name), ())), None)

    @cached_property
    def named(self) -> Mapping[tuple[str, str], list[ast.Call]]:
        """All calls that give something a name, by the function and the name."""
        found: dict[tuple[str, str], list[ast.Call]] = {}
        for call in calls_in(self.tree):
            name = name_of(call)
            if name is not None:
                found.setdefault((function_of(call), name), []).append(call)
        return found

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """All classes by their qualified names; of several with one name the last counts, as in Python."""
        found: dict[str, ast.ClassDef] = {}
        waiting: list[tuple[ast.AST, str]] = [(self.tree, "")]
        while waiting:
            node, prefix = waiting.pop()
            inner = prefix
            if isinstance(node, ast.ClassDef):
                name = f"{prefix}{node.name}"
                if name not in found or found[name].lineno < node.lineno:
                    found[name] = node
                inner = f"{name}."
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = f"{prefix}{node.name}.<locals>."
            waiting.extend((child, inner) for child in ast.iter_child_nodes(node) if isinstance(child, _BLOCKS))
        return found


_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)


def parse_module(path: str) -> Source | None:
    """Return the source of a module, parsed; None where it cannot be."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Source(path, ast.parse(file.read(), filename=path))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# -- what stands in a tree


def attribute_line(node: ast.ClassDef | ast.Module, name: str) -> int | None:
    """Return the line in the body of a class or a module that gives ``name`` its value."""
    annotated: int | None = None
    waiting: list[Any] = list(reversed(node.body))
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if statement.name == name:
                return int(statement.lineno)
            continue
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            if not isinstance(statement, ast.AnnAssign) or statement.value is not None:
                return int(statement.lineno)
            # "name: Mapped[str]" is a column by itself, unless a value follows.
            annotated = annotated or int(statement.lineno)
        waiting.extend(child for child in reversed(list(ast.iter_child_nodes(statement))) if isinstance(child, _BLOCKS))
    return annotated


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """Yield all calls below a node, in the order of the source."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Call):
            yield each
        waiting.extend(reversed(list(ast.iter_child_nodes(each))))


def function_of(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def texts_of(call: ast.Call) -> set[str]:
    """Return the texts among the arguments of a call, those in lists included."""
    inner = [each.elts if isinstance(each, ast.List | ast.Tuple) else [each] for each in call.args]
    return {
        each.value for part in inner for each in part if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def name_of(call: ast.Call) -> str | None:
    """Return the name that is given to a Table, a Column, an Index or a constraint: ``name=``, else the first argument if it is a text.

    The first argument of a constraint is a column, or what is checked.
    """
    given = _keyword(call, "name")
    if given is not None or not call.args or function_of(call).endswith("Constraint"):
        return given
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def column_line(node: ast.AST, name: str) -> int | None:
    """Return the line below a node that makes the column ``name``."""
    lines = (c.lineno for c in calls_in(node) if function_of(c) in ("Column", "mapped_column") and name_of(c) == name)
    return next(lines, None)


def is_name(given: str | None, name: object) -> bool:
    """Return True where ``name`` is the given one, or what a naming convention has made of it."""
    return given is not None and isinstance(name, str) and (name == given or name.endswith(f"_{given}"))


def _keyword(call: ast.Call, name: str) -> str | None:
    value = next((each.value for each in call.keywords if each.arg == name), None)
    if isinstance(value, ast.Call) and value.args:  # op.f("name"), conv("name")
        value = value.args[0]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def of_schema(call: ast.Call, schema: str | None) -> bool:
    """Return False for a call that gives another schema; one that is computed may be any."""
    given = next((each.value for each in call.keywords if each.arg == "schema"), None)
    return not isinstance(given, ast.Constant) or given.value == schema
