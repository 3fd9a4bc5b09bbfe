"""Constraints and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.exclusions import ExcludeConstraint
from schemadiff.operations import ConstraintKind
from schemadiff.runtime import build, executor

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement, TextClause

__all__ = [
    "create_check_constraint",
    "create_exclude_constraint",
    "create_foreign_key",
    "create_index",
    "create_primary_key",
    "create_unique_constraint",
    "drop_constraint",
    "drop_index",
    "exclude_constraint",
    "rename_constraint",
    "rename_index",
]


def create_primary_key(
    constraint_name: str | None, table_name: str, columns: Sequence[str], *, schema: str | None = None, **kw: Any
) -> None:
    """Add a primary key.

    Args:
        constraint_name: its name; None leaves it to the naming convention or the database.
        table_name: the table.
        columns: its columns.
        schema: the table's schema.
        kw: what else ``sa.PrimaryKeyConstraint`` takes: ``deferrable``, ``initially``, the dialects' options.
    """
    active = executor.active("create_primary_key")
    active.invoke(build.primary_key(active.site, constraint_name, table_name, columns, schema=schema, **kw))


def create_foreign_key(
    constraint_name: str | None,
    source_table: str,
    referent_table: str,
    local_cols: Sequence[str],
    remote_cols: Sequence[str],
    *,
    onupdate: str | None = None,
    ondelete: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    match: str | None = None,
    source_schema: str | None = None,
    referent_schema: str | None = None,
    **kw: Any,
) -> None:
    """Add a foreign key.

    Args:
        constraint_name: its name; None leaves it to the naming convention or the database.
        source_table: the table that refers.
        referent_table: the table that it points at.
        local_cols: the referring columns.
        remote_cols: the columns that they point at.
        onupdate: ON UPDATE action.
        ondelete: ON DELETE action.
        deferrable: DEFERRABLE.
        initially: INITIALLY DEFERRED or IMMEDIATE.
        match: MATCH.
        source_schema: the schema of the table that refers.
        referent_schema: the schema of the table that it points at.
        kw: ``comment`` and the dialects' options (``postgresql_not_valid``).
    """
    active = executor.active("create_foreign_key")
    active.invoke(
        build.foreign_key(
            active.site,
            constraint_name,
            source_table,
            referent_table,
            local_cols,
            remote_cols,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            source_schema=source_schema,
            referent_schema=referent_schema,
            **kw,
        )
    )


def create_unique_constraint(
    constraint_name: str | None, table_name: str, columns: Sequence[str], *, schema: str | None = None, **kw: Any
) -> None:
    """Add a unique constraint.

    Args:
        constraint_name: its name; None leaves it to the naming convention or the database.
        table_name: the table.
        columns: its columns.
        schema: the table's schema.
        kw: ``deferrable``, ``initially``, ``comment`` and the dialects' options (``postgresql_nulls_not_distinct``).
    """
    active = executor.active("create_unique_constraint")
    active.invoke(build.unique_constraint(active.site, constraint_name, table_name, columns, schema=schema, **kw))


def create_check_constraint(
    constraint_name: str | None,
    table_name: str,
    condition: str | ColumnElement[bool] | TextClause,
    *,
    schema: str | None = None,
    **kw: Any,
) -> None:
    """Add a check constraint.

    Args:
        constraint_name: its name; None leaves it to the naming convention or the database.
        table_name: the table.
        condition: SQL text, or an SQL expression over ``sa.column()``.
        schema: the table's schema.
        kw: ``comment`` and the dialects' options (``postgresql_not_valid``, ``postgresql_no_inherit``).
    """
    active = executor.active("create_check_constraint")
    active.invoke(build.check_constraint(active.site, constraint_name, table_name, condition, schema=schema, **kw))


def create_exclude_constraint(
    constraint_name: str | None,
    table_name: str,
    *elements: tuple[Any, str],
    where: Any = None,
    using: str = "gist",
    deferrable: bool | None = None,
    initially: str | None = None,
    ops: Mapping[str, str] | None = None,
    schema: str | None = None,
    **kw: Any,
) -> None:
    """Add an exclusion constraint, which PostgreSQL alone has.

    Args:
        constraint_name: its name; None leaves it to the naming convention or the database.
        table_name: the table.
        elements: pairs of a column (a name, ``sa.column()``) or an expression (``sa.text()``, ...), and an operator.
        where: the predicate.
        using: the access method.
        deferrable: DEFERRABLE.
        initially: INITIALLY DEFERRED or IMMEDIATE.
        ops: operator classes by column name.
        schema: the table's schema.
        kw: what else ``postgresql.ExcludeConstraint`` takes.
    """
    active = executor.active("create_exclude_constraint")
    active.invoke(
        build.exclude_constraint(
            active.site,
            constraint_name,
            table_name,
            *elements,
            where=where,
            using=using,
            deferrable=deferrable,
            initially=initially,
            ops=ops,
            schema=schema,
            **kw,
        )
    )


def drop_constraint(
    constraint_name: str | None,
    table_name: str,
    type_: ConstraintKind | None = None,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
    existing: sa.Constraint | None = None,
) -> None:
    """Drop a constraint.

    Args:
        constraint_name: its name; None for a primary key where names do not exist, and for one that is known by
            ``existing`` alone.
        table_name: the table.
        type_: ``"primary"``, ``"unique"``, ``"check"``, ``"foreignkey"`` or ``"exclude"``. MySQL needs it.
        schema: the table's schema.
        if_exists: do nothing where there is none.
        existing: what the constraint is, as an SQLAlchemy constraint over the names of columns. SQLite knows unnamed ones by it.
    """
    active = executor.active("drop_constraint")
    active.invoke(
        build.drop_constraint(
            active.site,
            constraint_name,
            table_name,
            type_,
            schema=schema,
            if_exists=bool(if_exists),
            existing=existing,
        )
    )


def create_index(
    index_name: str | None,
    table_name: str,
    columns: Sequence[str | TextClause | ColumnElement[Any]],
    *,
    schema: str | None = None,
    unique: bool = False,
    if_not_exists: bool | None = None,
    **kw: Any,
) -> None:
    """Create an index.

    Args:
        index_name: its name; None leaves it to the naming convention.
        table_name: the table.
        columns: names of columns, ``sa.text()`` or SQL expressions (``sa.column("x").desc()``).
        schema: the table's schema.
        unique: a unique index.
        if_not_exists: leave an existing index as it is.
        kw: the dialects' options, as for ``sa.Index``: ``postgresql_where``, ``mysql_length``, ...; and ``comment``.
    """
    active = executor.active("create_index")
    active.invoke(
        build.create_index(
            active.site,
            index_name,
            table_name,
            columns,
            schema=schema,
            unique=unique,
            if_not_exists=bool(if_not_exists),
            **kw,
        )
    )


def drop_index(
    index_name: str,
    table_name: str | None = None,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
    **kw: Any,
) -> None:
    """Drop an index.

    Args:
        index_name: its name.
        table_name: its table, which MySQL needs.
        schema: the table's schema.
        if_exists: do nothing where there is none.
        kw: the dialects' options: ``postgresql_concurrently``, which works outside of the revision's transaction alone (see
            ``autocommit_block()``). No other changes what is dropped.
    """
    active = executor.active("drop_index")
    active.invoke(build.drop_index(active.site, index_name, table_name, schema=schema, if_exists=bool(if_exists), **kw))


def rename_constraint(
    constraint_name: str,
    new_constraint_name: str,
    table_name: str,
    type_: ConstraintKind | None = None,
    *,
    schema: str | None = None,
    existing: sa.Constraint | None = None,
) -> None:
    """Rename a constraint.

    PostgreSQL does it in place, SQLite in the rebuild of a batch. MariaDB and MySQL drop the constraint and add it again, but for a
    unique one.

    Args:
        constraint_name: its name.
        new_constraint_name: its name after. No naming convention is applied to either of the two.
        table_name: the table.
        type_: ``"primary"``, ``"unique"``, ``"check"``, ``"foreignkey"`` or ``"exclude"``.
        schema: the table's schema.
        existing: what the constraint is, as an SQLAlchemy constraint over the names of columns. A script for MariaDB needs it; on a
            connection the catalog tells.
    """
    active = executor.active("rename_constraint")
    active.invoke(
        build.rename_constraint(
            active.site, constraint_name, new_constraint_name, table_name, type_, schema=schema, existing=existing
        )
    )


def rename_index(
    index_name: str,
    new_index_name: str,
    table_name: str | None = None,
    *,
    schema: str | None = None,
    existing: sa.Index | None = None,
) -> None:
    """Rename an index. SQLite drops it and creates it again.

    Args:
        index_name: its name.
        new_index_name: its name after.
        table_name: its table, which MySQL needs.
        schema: the table's schema.
        existing: what the index is, as an ``sa.Index`` over the names of columns. A script for SQLite needs it; on a connection the
            catalog tells.
    """
    active = executor.active("rename_index")
    active.invoke(
        build.rename_index(active.site, index_name, new_index_name, table_name, schema=schema, existing=existing)
    )


def exclude_constraint(*elements: tuple[Any, str], **kw: Any) -> ExcludeConstraint:
    """Return a PostgreSQL exclusion constraint with options, for :func:`create_table`.

    Args:
        elements: pairs of a column or expression, and an operator.
        kw: what ``postgresql.ExcludeConstraint`` takes, and what it forgets: ``postgresql_include``, ``postgresql_with`` and
            ``postgresql_tablespace``.
    """
    return ExcludeConstraint(*elements, **kw)
