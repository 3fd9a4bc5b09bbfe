"""Columns, and batches of changes to one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa

from schemadiff.operations import Recreate
from schemadiff.runtime import build, executor
from schemadiff.runtime.batch import BatchOperations

__all__ = ["add_column", "alter_column", "batch_alter_table", "drop_column"]


def add_column(
    table_name: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    if_not_exists: bool | None = None,
    inline_references: bool | None = None,
    inline_primary_key: bool | None = None,
) -> None:
    """Add a column to a table, and after it the constraints and the index that the column itself asks for.

    Args:
        table_name: the table.
        column: the column. ``index=True`` and ``unique=True`` make an index, ``sa.ForeignKey`` and ``sa.CheckConstraint``
            in it constraints.
        schema: the table's schema.
        if_not_exists: leave an existing column as it is.
        inline_references: write the column's foreign keys into its definition, and not as constraints that follow: SQLite needs no
            batch then.
        inline_primary_key: the same for its primary key.
    """
    active = executor.active("add_column")
    active.invoke_all(
        build.add_column(
            active.site,
            table_name,
            column,
            schema=schema,
            if_not_exists=bool(if_not_exists),
            inline_references=bool(inline_references),
            inline_primary_key=bool(inline_primary_key),
        )
    )


def drop_column(
    table_name: str, column_name: str, *, schema: str | None = None, if_exists: bool | None = None, **kw: Any
) -> None:
    """Drop a column.

    Args:
        table_name: the table.
        column_name: the column.
        schema: the table's schema.
        if_exists: do nothing where there is none.
        kw: the dialects' options. Those of other dialects are left out; SQL Server's (``mssql_drop_check``, ``mssql_drop_default``,
            ``mssql_drop_foreign_key``) raise there: drop the constraint before the column.
    """
    active = executor.active("drop_column")
    active.invoke(
        build.drop_column(active.site, table_name, column_name, schema=schema, if_exists=bool(if_exists), **kw)
    )


def alter_column(
    table_name: str,
    column_name: str,
    *,
    nullable: bool | None = None,
    comment: str | None | Literal[False] = False,
    server_default: Any = False,
    new_column_name: str | None = None,
    type_: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] | None = None,
    existing_type: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] | None = None,
    existing_server_default: Any = False,
    existing_nullable: bool | None = None,
    existing_comment: str | None | Literal[False] = False,
    schema: str | None = None,
    autoincrement: bool | None = None,
    existing_autoincrement: bool | None = None,
    postgresql_using: str | None = None,
    **kw: Any,
) -> None:
    """Change a column in place.

    Args:
        table_name: the table.
        column_name: the column, by its name before the change.
        nullable: the new nullability.
        comment: the new comment, None to drop it; False leaves it.
        server_default: the new server default: a string (a literal), ``sa.text()``, an SQL expression, ``sa.Computed`` or
            ``sa.Identity``; None drops it, False leaves it.
        new_column_name: the new name.
        type_: the new type. Its collation, where it differs from the existing type's, is a change too.
        existing_type: the type before the change. MySQL states a column whole, so there it is needed for every change
            that is not of the type itself; so are the other ``existing_`` arguments, or what they tell is lost.
        existing_server_default: the server default before the change; False where it is not known.
        existing_nullable: the nullability before the change.
        existing_comment: the comment before the change, None for none; False where it is not known.
        schema: the table's schema.
        autoincrement: the new autoincrement.
        existing_autoincrement: autoincrement before the change.
        postgresql_using: PostgreSQL's USING expression for a change of type.
        kw: the dialects' options of a column (``mysql_on_update``, ...), and the same with ``existing_`` before them. Those of
            other dialects are left out.
    """
    active = executor.active("alter_column")
    active.invoke_all(
        build.alter_column(
            active.site,
            table_name,
            column_name,
            nullable=nullable,
            comment=comment,
            server_default=server_default,
            new_column_name=new_column_name,
            type_=type_,
            existing_type=existing_type,
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            existing_comment=existing_comment,
            schema=schema,
            autoincrement=autoincrement,
            existing_autoincrement=existing_autoincrement,
            postgresql_using=postgresql_using,
            **kw,
        )
    )


@contextmanager
def batch_alter_table(
    table_name: str,
    schema: str | None = None,
    recreate: Recreate | Callable[[Any], bool] = "auto",
    partial_reordering: Sequence[Sequence[str]] | None = None,
    copy_from: sa.Table | None = None,
    table_args: Sequence[Any] = (),
    table_kwargs: Mapping[str, Any] | None = None,
    reflect_args: Sequence[Any] = (),
    reflect_kwargs: Mapping[str, Any] | None = None,
    naming_convention: Mapping[str, str] | None = None,
    *,
    dependants: Sequence[tuple[str, str, str]] = (),
) -> Iterator[BatchOperations]:
    """Collect operations on one table, and carry them out together at the end of the ``with`` block.

    On SQLite, what ALTER cannot do is done by one rebuild of the table. Elsewhere they run one after another.

        with op.batch_alter_table("account") as batch_op:
            batch_op.add_column(sa.Column("email", sa.String(100)))
            batch_op.drop_column("mail")

    Args:
        table_name: the table.
        schema: its schema.
        recreate: ``"auto"`` rebuilds where an operation needs it, ``"always"`` and ``"never"`` say it. Databases that change tables in
            place rebuild none.
        partial_reordering: groups of column names; the columns of each stand in this order in the rebuilt table.
        copy_from: the table as it stands before the batch, with its constraints and indexes. Without it the table is read from the
            database, which a script of SQL (``--sql``) cannot do.
        table_args: constraints and indexes that a rebuilt table gets in addition, unless it has them.
        table_kwargs: options (``sqlite_strict``, ...) that a rebuilt table gets in addition.
        reflect_args: columns to take in the place of those that the database has, where the table is rebuilt: their type, collation,
            nullability and default.
        reflect_kwargs: ``resolve_fks`` has no effect here, and nothing else is supported.
        naming_convention: names for constraints without one: those of the batch, and those of the table, by which
            ``drop_constraint`` then finds them.
        dependants: triggers of the table before the batch, as (``"trigger"``, name, CREATE statement); used with ``copy_from``.

    Raises:
        UnsupportedOperation: an argument that is not supported was given.
    """
    active = executor.active("batch_alter_table")
    batch = BatchOperations(
        active.site,
        table_name,
        schema=schema,
        recreate=recreate,
        partial_reordering=partial_reordering,
        copy_from=copy_from,
        table_args=table_args,
        table_kwargs=table_kwargs or {},
        reflect_args=reflect_args,
        reflect_kwargs=reflect_kwargs or {},
        naming_convention=naming_convention,
        dependants=dependants,
    )
    yield batch
    operation = batch.operation()
    if operation is not None:
        active.invoke(operation)
