"""Statements of the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.runtime import build, executor

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement

__all__ = ["bulk_insert", "execute", "inline_literal"]


def execute(
    sqltext: str | sa.sql.Executable,
    *,
    execution_options: Mapping[str, Any] | None = None,
) -> None:
    """Execute a statement; its result is not returned (:func:`get_bind` gives a connection that returns results).

    Args:
        sqltext: a text, which may hold ``:name`` for parameters only as ``sa.text(...).bindparams(...)``; or any SQLAlchemy
            statement.
        execution_options: options of the execution.
    """
    active = executor.active("execute")
    active.invoke(build.execute(active.site, sqltext, execution_options))


def bulk_insert(
    table: sa.Table | sa.TableClause, rows: Sequence[Mapping[str, Any]], *, multiinsert: bool = True
) -> None:
    """Insert rows.

    Args:
        table: what :func:`create_table` returned, or ``sa.table("account", sa.column("id", sa.Integer), ...)``.
        rows: mappings from column names to values.
        multiinsert: insert all rows with one statement that is executed many times; False executes one statement per
            row, so that rows may differ in their columns and hold SQL expressions.
    """
    active = executor.active("bulk_insert")
    active.invoke_all(build.bulk_insert(active.site, table, rows, multiinsert=multiinsert))


def inline_literal(value: Any, type_: sa.types.TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """Return ``value`` as an SQL literal that is written into the statement, also online.

    Args:
        value: a Python value.
        type_: its SQLAlchemy type; found from the value where it is None.
    """
    return build.inline_literal(value, type_)
