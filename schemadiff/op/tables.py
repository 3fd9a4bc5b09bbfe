"""Tables, schemas and views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa

from schemadiff.runtime import build, executor

__all__ = [
    "alter_table",
    "create_schema",
    "create_table",
    "create_table_comment",
    "create_view",
    "drop_schema",
    "drop_table",
    "drop_table_comment",
    "drop_view",
    "rename_table",
]


def create_table(
    table_name: str,
    *columns: sa.schema.SchemaItem,
    if_not_exists: bool | None = None,
    schema: str | None = None,
    comment: str | None = None,
    **kw: Any,
) -> sa.Table:
    """Create a table, and the indexes that its columns (``index=True``) and arguments (``sa.Index``) ask for.

    Args:
        table_name: its name.
        columns: columns, constraints and indexes, as for ``sa.Table``.
        if_not_exists: leave an existing table as it is.
        schema: its schema; None for the connection's default one.
        comment: its comment.
        kw: what else ``sa.Table`` takes: ``prefixes``, ``info`` and the dialects' options (``mysql_engine``, ...).

    Returns:
        The table, for :func:`bulk_insert`.
    """
    active = executor.active("create_table")
    table, operations = build.create_table(
        active.site, table_name, *columns, if_not_exists=bool(if_not_exists), schema=schema, comment=comment, **kw
    )
    active.invoke_all(operations)
    return table


def drop_table(table_name: str, *, schema: str | None = None, if_exists: bool | None = None, **kw: Any) -> None:
    """Drop a table, never CASCADE.

    Args:
        table_name: its name.
        schema: its schema; None for the connection's default one.
        if_exists: do nothing where there is none.
        kw: options that ``sa.Table`` takes, accepted for the sake of older files; they change nothing.
    """
    active = executor.active("drop_table")
    active.invoke(build.drop_table(active.site, table_name, schema=schema, if_exists=bool(if_exists)))


def rename_table(old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
    """Rename a table within its schema."""
    active = executor.active("rename_table")
    active.invoke(build.rename_table(active.site, old_table_name, new_table_name, schema=schema))


def alter_table(
    table_name: str,
    *,
    schema: str | None = None,
    existing_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> None:
    """Change the dialects' options of a table.

    Args:
        table_name: its name.
        schema: its schema; None for the connection's default one.
        existing_options: the old values of the changed options, by their prefixed names (``{"mysql_engine": "MyISAM"}``).
        options: the new values, by the names that ``sa.Table`` takes (``mysql_engine="InnoDB"``); None for the default.
            Those of other dialects are left out.
    """
    active = executor.active("alter_table")
    active.invoke_all(
        build.alter_table(active.site, table_name, schema=schema, options=options, existing_options=existing_options)
    )


def create_table_comment(
    table_name: str,
    comment: str | None,
    *,
    existing_comment: str | None | Literal[False] = False,
    schema: str | None = None,
) -> None:
    """Set or change the comment of a table.

    Args:
        table_name: the table.
        comment: the new comment; None drops it.
        existing_comment: the old comment, None for none; False where it is not known.
        schema: the table's schema.
    """
    active = executor.active("create_table_comment")
    active.invoke(
        build.table_comment(active.site, table_name, comment, existing_comment=existing_comment, schema=schema)
    )


def drop_table_comment(
    table_name: str, *, existing_comment: str | None | Literal[False] = False, schema: str | None = None
) -> None:
    """Drop the comment of a table. Arguments as for :func:`create_table_comment`."""
    active = executor.active("drop_table_comment")
    active.invoke(build.table_comment(active.site, table_name, None, existing_comment=existing_comment, schema=schema))


def create_schema(schema_name: str, *, if_not_exists: bool = False) -> None:
    """Create a schema."""
    executor.active("create_schema").invoke(build.create_schema(schema_name, if_not_exists=if_not_exists))


def drop_schema(schema_name: str, *, if_exists: bool = False) -> None:
    """Drop an empty schema, never CASCADE."""
    executor.active("drop_schema").invoke(build.drop_schema(schema_name, if_exists=if_exists))


def create_view(
    view_name: str,
    definition: str | sa.sql.expression.SelectBase,
    *,
    schema: str | None = None,
    materialized: bool = False,
    comment: str | None = None,
) -> None:
    """Create a view.

    Args:
        view_name: its name.
        definition: its query, as text or as a select.
        schema: its schema.
        materialized: a materialized view.
        comment: its comment.
    """
    active = executor.active("create_view")
    active.invoke(
        build.create_view(active.site, view_name, definition, schema=schema, materialized=materialized, comment=comment)
    )


def drop_view(view_name: str, *, schema: str | None = None, materialized: bool = False) -> None:
    """Drop a view."""
    active = executor.active("drop_view")
    active.invoke(build.drop_view(active.site, view_name, schema=schema, materialized=materialized))
