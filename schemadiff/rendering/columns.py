"""Columns and whole tables as Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from schemadiff.errors import ModelError
from schemadiff.rendering.checks import own_checks_of
from schemadiff.rendering.constraints import constraint_item, index_parts
from schemadiff.rendering.context import OwnCheck, Rendering, sa_call
from schemadiff.rendering.dialects import dialect_arguments, own_prefix
from schemadiff.rendering.expressions import default_node
from schemadiff.rendering.tree import Call, List, Node, Tuple, value
from schemadiff.rendering.types import render_type
from schemadiff.schema import CheckConstraint, Column, Computed, Identity, Table, option

__all__ = ["column_item", "copy_from", "dependants_node", "table_items", "table_keywords"]


def column_item(
    column: Column,
    rendering: Rendering,
    where: str,
    *,
    table: Table | None = None,
    check: OwnCheck | None = None,
    constraints: Sequence[Node] = (),
) -> Call:
    """Return ``sa.Column(...)``, without the constraints of the table that it takes part in.

    Args:
        column: the column.
        rendering: the context.
        where: the column for messages, without the word: ``shop.account.balance``.
        table: the table that it stands in, whose primary key makes columns NOT NULL that do not say otherwise.
        check: the check constraint that its type makes; None where that is rendered as a constraint.
        constraints: the constraints that the model states in the column itself.
    """
    named = f"column {where}"
    if not column.name:
        # SQLite has such columns.
        raise ModelError(
            f"{named}: it has an empty name, which SQLAlchemy has no columns of; rename it in the database"
        )
    origin = column.origin
    arguments: list[Node] = [render_type(column.type, rendering.with_check(check), named, collation=column.collation)]
    keywords: dict[str, Any] = {}
    default = column.default
    if default is None and getattr(origin, "identity", None) is not None:
        # The database has no identity columns; others that the file may run on have.
        default = Identity()
    if isinstance(default, Computed | Identity):
        arguments.append(default_node(default, column, rendering, named))
    elif default is not None:
        keywords["server_default"] = default_node(default, column, rendering, named)
    autoincrement = _autoincrement(column, table, rendering)
    if autoincrement is not None:
        keywords["autoincrement"] = autoincrement
    in_key = table is not None and table.primary_key is not None and column.name in table.primary_key.columns
    if not column.nullable:
        keywords["nullable"] = False
    elif in_key or isinstance(default, Identity):
        keywords["nullable"] = True
    keywords["comment"] = column.comment if column.comment is not None else getattr(origin, "comment", None)
    keywords |= dialect_arguments("column", column, rendering, named)
    return sa_call("Column", column.name, *arguments, *constraints, **keywords)


def _autoincrement(column: Column, table: Table | None, rendering: Rendering) -> bool | str | None:
    """Return what ``autoincrement=`` has to say; None where SQLAlchemy finds it out by itself."""
    if not rendering.backend.autoincrement_in_column:
        found: bool | str = "auto" if column.origin is None else column.origin.autoincrement
        return None if found == "auto" else found
    # A model's own word need not be what comes of it: a column outside of the key does not count, nor does one with a default in Python.
    automatic = _automatic(column, table, rendering)
    return None if automatic == column.autoincrement else column.autoincrement


def _automatic(column: Column, table: Table | None, rendering: Rendering) -> bool:
    """Return True where SQLAlchemy makes a column autoincrement that says nothing: the only member of the primary key, an integer."""
    if table is None or table.primary_key is None or table.primary_key.columns != (column.name,):
        return False
    if column.default is not None or any(column.name in key.columns for key in table.foreign_keys):
        return False
    type_ = column.type.origin or rendering.backend.sqlalchemy_type(column.type)
    affinity: Any = type_._type_affinity
    return affinity is not None and issubclass(affinity, sa.Integer)


def table_items(table: Table, rendering: Rendering, *, own_checks: bool = False, indexes: bool = False) -> list[Call]:
    """Return the columns and constraints of a table.

    Args:
        table: the table.
        rendering: the context.
        own_checks: check constraints that types make are said by the types (``sa.Boolean(create_constraint=True)``), so that each
            database that the file runs on gets its own.
        indexes: its indexes too.
    """
    where = str(table.name)
    checks = own_checks_of(table, rendering) if own_checks else {}
    said = {id(check) for check, _ in checks.values() if check is not None}
    inside = [check for check in table.checks if _column_of(check) is not None and id(check) not in said]
    said |= {id(check) for check in inside}
    items = [
        column_item(
            column,
            rendering,
            f"{where}.{column.name}",
            table=table,
            check=checks[column.name][1] if column.name in checks else None,
            constraints=[
                constraint_item(c, rendering, f"table {where}") for c in inside if _column_of(c) == column.name
            ],
        )
        for column in table.columns
    ]
    items += [
        constraint_item(each, rendering, f"table {where}") for each in table.constraints() if id(each) not in said
    ]
    if indexes:
        items += [index_parts(index, rendering, f"index {index.name}").item() for index in table.indexes]
    return items


def _column_of(check: CheckConstraint) -> str | None:
    """Return the column in which the model states a check: to MariaDB that is not the same as one of the table."""
    parent = getattr(check.origin, "parent", None)
    return str(parent.name) if isinstance(parent, sa.Column) else None


def table_keywords(table: Table, rendering: Rendering) -> dict[str, Node]:
    """Return what follows the items of a table: its schema, its comment, its dialects' options."""
    found: dict[str, Any] = {"schema": table.name.schema}
    found["comment"] = table.comment if table.comment is not None else getattr(table.origin, "comment", None)
    # Words between CREATE and TABLE are an argument of no dialect.
    prefixes = getattr(table.origin, "_prefixes", None) or option(table.options, "prefixes", ())
    found["prefixes"] = [str(prefix) for prefix in prefixes] or None
    arguments = dialect_arguments("table", table, rendering, f"table {table.name}")
    found |= {key: each for key, each in arguments.items() if key != f"{own_prefix(rendering)}_prefixes"}
    return {key: value(each) for key, each in found.items() if each is not None}


def copy_from(table: Table, rendering: Rendering) -> Call:
    """Return the table that a batch starts from, as ``sa.Table(...)`` with its constraints and indexes."""
    rendering = rendering.without_convention()
    items = table_items(table, rendering, indexes=True)
    return sa_call("Table", table.name.name, sa_call("MetaData"), *items, **table_keywords(table, rendering))


def dependants_node(table: Table) -> Node | None:
    """Return the triggers of the table that a batch starts from; None where there are none."""
    if not table.dependants:
        return None
    return List(tuple([Tuple((value(d.kind), value(d.name), value(d.sql))) for d in table.dependants]))
