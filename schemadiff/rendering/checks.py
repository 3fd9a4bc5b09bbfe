"""Check constraints that types make: ``sa.Boolean`` and ``sa.Enum`` with ``create_constraint=True``.

On a database that has the type there is none, and how it reads differs by database. Where a table is created whole, the type says it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from schemadiff.rendering.constraints import name_node
from schemadiff.rendering.context import OwnCheck, Rendering
from schemadiff.schema import CheckConstraint, Column, Table

__all__ = ["own_checks_of"]


def own_checks_of(table: Table, rendering: Rendering) -> dict[str, tuple[CheckConstraint | None, OwnCheck]]:
    """Return the columns whose types are to say their own check: the check of ``table`` that it is, or None where this
    database has none, and what the type says of it.

    Left out are columns of which something else became than the model says (a hook took the check away), and checks whose name a type
    cannot say.
    """
    found: dict[str, tuple[CheckConstraint | None, OwnCheck]] = {}
    for column in table.columns:
        bound = _bound(column)
        if not bound:
            continue
        made = [check for check in table.checks if any(check.origin is each for each in bound)]
        active = [each for each in bound if _is_made(each, rendering)]
        if len(active) > 1 or len(made) != len(active):
            continue
        check = made[0] if made else None
        model = active[0] if active else bound[0]
        name = _name(model) if check is None else check.name
        if not _can_say(column, name):
            continue
        found[column.name] = (check, OwnCheck(None if name is None else name_node(name, model)))
    return found


def _bound(column: Column) -> list[Any]:
    """Return the constraints of the model's table that the type of ``column`` made."""
    origin = column.origin
    table = getattr(origin, "table", None)
    if table is None or column.type.origin is not origin.type:
        return []
    constraints = sorted(table.constraints, key=lambda each: getattr(each, "_creation_order", 0))
    return [
        each
        for each in constraints
        if isinstance(each, sa.CheckConstraint) and each._type_bound and origin in set(each.columns)
    ]


def _is_made(constraint: Any, rendering: Rendering) -> bool:
    """Return True where the database gets the constraint: it has no such type."""
    dialect = rendering.backend.dialect
    rule = constraint._create_rule
    return rule is None or bool(rule(dialect.ddl_compiler(dialect, None)))  # type: ignore[arg-type]


def _name(constraint: Any) -> str | None:
    return str(constraint.name) if isinstance(constraint.name, str) else None


def _can_say(column: Column, name: str | None) -> bool:
    """Return True where ``name`` can be said: a native enum has a name of its own, which its check cannot but share."""
    type_ = column.type.origin
    types = [type_, *getattr(type_, "_variant_mapping", {}).values()]
    return name is None or all(
        str(each.name) == name for each in types if isinstance(each, sa.Enum) and each.native_enum
    )
