"""How many operations a revision has, as far as its text says that."""

from __future__ import annotations

import ast
from pathlib import Path

__all__ = ["operation_count"]

# Functions of ``op`` that are no operations.
_NONE = frozenset({"batch_alter_table", "f", "get_bind", "get_context", "inline_literal", "run_async"})


def operation_count(path: Path, function: str) -> int | None:
    """Return how many operations ``function`` of a file has; None where it is anything but one call of ``op`` after another."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            counts = [_count(statement) for statement in node.body]
            known = [count for count in counts if count is not None]
            return sum(known) if len(known) == len(counts) else None
    return None


def _count(statement: ast.stmt) -> int | None:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return 0
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="op"), attr=name))) if name not in _NONE:
            return 1
        case ast.With(
            items=[
                ast.withitem(
                    context_expr=ast.Call(func=ast.Attribute(value=ast.Name(id="op"), attr="batch_alter_table"))
                )
            ]
        ):
            return 1
    return None
