"""Enum types and sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from schemadiff.backends.declared import DeclaredType
from schemadiff.operations import EnumColumn
from schemadiff.runtime import build, executor
from schemadiff.schema import UNSET, Unset

__all__ = [
    "alter_enum",
    "alter_sequence",
    "create_enum",
    "create_sequence",
    "declared_type",
    "drop_enum",
    "drop_sequence",
    "enum_column",
]


def declared_type(declaration: str, *, collation: str | None = None) -> DeclaredType:
    """Return a column type by the text of its declaration, where SQLAlchemy has no class for it: ``op.declared_type("citext")``.

    Args:
        declaration: the text that stands in the column's definition.
        collation: the column's collation.
    """
    return DeclaredType(declaration, collation)


def create_enum(
    enum_name: str,
    values: Sequence[str],
    *,
    schema: str | None = None,
    comment: str | None = None,
    if_not_exists: bool = False,
) -> None:
    """Create an enum type. It does nothing on databases that have no named enum types.

    Args:
        enum_name: its name.
        values: its values, in order.
        schema: its schema.
        comment: its comment.
        if_not_exists: leave an existing type as it is.
    """
    active = executor.active("create_enum")
    active.invoke(
        build.create_enum(active.site, enum_name, values, schema=schema, comment=comment, if_not_exists=if_not_exists)
    )


def enum_column(
    table_name: str,
    column_name: str,
    *,
    schema: str | None = None,
    array: bool = False,
    server_default: Any = None,
    new_server_default: Any = False,
) -> build.EnumColumnSpec:
    """Name a column for :func:`alter_enum`.

    Args:
        table_name: the column's table.
        column_name: the column.
        schema: the table's schema.
        array: True where the column is an array of the type.
        server_default: its server default before the change, as ``sa.Column`` takes it; None for none.
        new_server_default: its server default after the change; False where it stays.
    """
    return build.EnumColumnSpec(table_name, column_name, schema, array, server_default, new_server_default)


def alter_enum(
    enum_name: str,
    values: Sequence[str],
    *,
    existing_values: Sequence[str],
    columns: Sequence[build.EnumColumnSpec | EnumColumn | tuple[str, str]] = (),
    remake: bool = False,
    comment: str | None | Unset = UNSET,
    existing_comment: str | None | Unset = UNSET,
    schema: str | None = None,
) -> None:
    """Change the values of an enum type. It does nothing on databases that have no named enum types.

    Args:
        enum_name: the type.
        values: all its values after the change, in order.
        existing_values: all its values before the change, in order.
        columns: the columns that use it, made with :func:`enum_column`, or pairs of table and column. They are needed where
            a value goes or the order changes, since the type is then made anew.
        remake: make the type anew even where values are only added: PostgreSQL refuses to use a new value in the
            transaction that adds it.
        comment: its comment after the change, where it changes.
        existing_comment: its comment before the change.
        schema: its schema.
    """
    active = executor.active("alter_enum")
    active.invoke(
        build.alter_enum(
            active.site,
            enum_name,
            values,
            existing_values=existing_values,
            columns=columns,
            remake=remake,
            comment=comment,
            existing_comment=existing_comment,
            schema=schema,
        )
    )


def drop_enum(enum_name: str, *, schema: str | None = None, if_exists: bool = False) -> None:
    """Drop an enum type. It does nothing on databases that have no named enum types."""
    active = executor.active("drop_enum")
    active.invoke(build.drop_enum(active.site, enum_name, schema=schema, if_exists=if_exists))


def create_sequence(
    sequence_name: str,
    *,
    schema: str | None = None,
    data_type: sa.types.TypeEngine[Any] | None = None,
    start: int | None = None,
    increment: int | None = None,
    minvalue: int | None = None,
    maxvalue: int | None = None,
    cycle: bool = False,
    cache: int | None = None,
    unlogged: bool = False,
    owned_by: tuple[str, str] | None = None,
    comment: str | None = None,
    if_not_exists: bool = False,
) -> None:
    """Create a sequence. Options that are None are those that the database takes by itself.

    Args:
        sequence_name: its name.
        schema: its schema.
        data_type: the type of its values.
        start: START WITH.
        increment: INCREMENT BY.
        minvalue: MINVALUE.
        maxvalue: MAXVALUE.
        cycle: CYCLE.
        cache: CACHE.
        unlogged: UNLOGGED (PostgreSQL 15).
        owned_by: the table, in the sequence's schema, and the column that own it.
        comment: its comment.
        if_not_exists: leave an existing sequence as it is.
    """
    active = executor.active("create_sequence")
    options = build.SequenceOptions(
        data_type, start, increment, minvalue, maxvalue, cycle, cache, comment, unlogged, owned_by
    )
    active.invoke(
        build.create_sequence(active.site, sequence_name, options, schema=schema, if_not_exists=if_not_exists)
    )


def alter_sequence(
    sequence_name: str,
    *,
    schema: str | None = None,
    data_type: sa.types.TypeEngine[Any] | None | Unset = UNSET,
    start: int | None | Unset = UNSET,
    increment: int | None | Unset = UNSET,
    minvalue: int | None | Unset = UNSET,
    maxvalue: int | None | Unset = UNSET,
    cycle: bool | Unset = UNSET,
    cache: int | None | Unset = UNSET,
    unlogged: bool | Unset = UNSET,
    owned_by: tuple[str, str] | None | Unset = UNSET,
    comment: str | None | Unset = UNSET,
    existing_data_type: sa.types.TypeEngine[Any] | None = None,
    existing_start: int | None = None,
    existing_increment: int | None = None,
    existing_minvalue: int | None = None,
    existing_maxvalue: int | None = None,
    existing_cycle: bool = False,
    existing_cache: int | None = None,
    existing_unlogged: bool = False,
    existing_owned_by: tuple[str, str] | None = None,
    existing_comment: str | None = None,
) -> None:
    """Change a sequence: what is not given stays. Options as for :func:`create_sequence`.

    The ``existing_`` arguments are the options before the change; those left out are the ones that the database takes by itself.
    """
    active = executor.active("alter_sequence")
    existing = build.SequenceOptions(
        existing_data_type,
        existing_start,
        existing_increment,
        existing_minvalue,
        existing_maxvalue,
        existing_cycle,
        existing_cache,
        existing_comment,
        existing_unlogged,
        existing_owned_by,
    )
    changes = {
        "data_type": data_type,
        "start": start,
        "increment": increment,
        "minvalue": minvalue,
        "maxvalue": maxvalue,
        "cycle": cycle,
        "cache": cache,
        "unlogged": unlogged,
        "owned_by": owned_by,
        "comment": comment,
    }
    active.invoke(build.alter_sequence(active.site, sequence_name, existing, changes, schema=schema))


def drop_sequence(sequence_name: str, *, schema: str | None = None, if_exists: bool = False) -> None:
    """Drop a sequence."""
    active = executor.active("drop_sequence")
    active.invoke(build.drop_sequence(active.site, sequence_name, schema=schema, if_exists=if_exists))
