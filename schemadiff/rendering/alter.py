"""What ``op.alter_column()`` is told: what changes, and what is known of the column as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from schemadiff.errors import ModelError
from schemadiff.operations import AlterColumn
from schemadiff.rendering.context import Rendering
from schemadiff.rendering.dialects import option_keywords, own_prefix
from schemadiff.rendering.expressions import default_node
from schemadiff.rendering.tree import Literal, Node, value
from schemadiff.rendering.types import render_type
from schemadiff.schema import UNSET, Column, ColumnState, DataType, Unset

__all__ = ["alter_column_keywords"]


def alter_column_keywords(operation: AlterColumn, rendering: Rendering) -> dict[str, Node]:
    """Return the keyword arguments of ``op.alter_column()`` for ``operation``: the changes first, then what was before.

    Of what was before and does not change, what is nothing (no default, no comment, no autoincrement) is left out.
    """
    where = f"column {operation.table}.{operation.name}"
    after, before = operation.after, operation.before
    found: dict[str, Node] = {}
    if after.name is not UNSET:
        found["new_column_name"] = value(after.name)
    found |= _said(after, after.over(before), rendering, where)
    found |= _option_changes(after, before, rendering, where)
    if operation.using is not None:
        found[f"{own_prefix(rendering)}_using"] = value(operation.using)
    existing = _said(before, before, rendering, where)
    existing |= {} if before.options is UNSET else option_keywords("column", before.options, rendering, where)
    for name, node in existing.items():
        plain = name.removesuffix("_")
        if name in found or name == "nullable" or not _is_nothing(node):
            found[f"existing_{plain}"] = node
    return found


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Literal) and (node.value is None or node.value is False)


def _said(state: ColumnState, whole: ColumnState, rendering: Rendering, where: str) -> dict[str, Node]:
    """Return what ``state`` says of a column.

    Args:
        state: what is said.
        whole: what is known of the column where ``state`` holds: a collation stands in a type, and a default hangs on one.
        rendering: the context.
        where: the column, for messages.

    Raises:
        ModelError: the collation changes, and nothing says the type.
    """
    found: dict[str, Node] = {}
    if state.type is not UNSET or (state.collation is not UNSET and state is not whole):
        found["type_"] = _type(state, whole, rendering, where)
    if state.nullable is not UNSET:
        found["nullable"] = value(state.nullable)
    if not isinstance(state.default, Unset):
        column = Column(name="", type=whole.type) if isinstance(whole.type, DataType) else None
        found["server_default"] = default_node(state.default, column, rendering, where)
    if state.autoincrement is not UNSET:
        found["autoincrement"] = value(state.autoincrement)
    if state.comment is not UNSET:
        found["comment"] = value(state.comment)
    return found


def _type(state: ColumnState, whole: ColumnState, rendering: Rendering, where: str) -> Node:
    if not isinstance(whole.type, DataType):
        raise ModelError(f"{where}: its collation changes, and nothing says its type; name it in before=")
    type_ = whole.type
    collation = None if whole.collation is UNSET else whole.collation
    if getattr(type_.origin, "collation", None) != collation:
        # The object stands for the column on the other side of the change.
        type_ = DataType(type_.sql, type_.named)
    return render_type(type_, rendering, where, collation=collation)


def _option_changes(after: ColumnState, before: ColumnState, rendering: Rendering, where: str) -> Mapping[str, Node]:
    """Return the dialect's options of the column that change; those that go are None."""
    if after.options is UNSET:
        return {}
    old = {} if before.options is UNSET else dict(before.options)
    new = dict(after.options)
    changed = {name: each for name, each in new.items() if name not in old or old[name] != each}
    changed |= {name: None for name in old if name not in new}
    return option_keywords("column", tuple(sorted(changed.items())), rendering, where)
