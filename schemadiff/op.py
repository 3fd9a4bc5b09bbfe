"""Operations, as revision files call them: ``from schemadiff import op``.

Names, arguments and their order are those that users of Alembic know. Each function builds nodes of the operation tree (see
:mod:`schemadiff.operations`) and hands them to whatever is active: a connection, a script of SQL, or a recording. All of
them raise :class:`~schemadiff.errors.OperationError` when no migration is running, and what the database says wrapped as
:class:`~schemadiff.errors.MigrationFailed`.

Names of constraints follow the naming convention of the environment's ``target_metadata``, as they do in a model; a name inside
:func:`f` is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from schemadiff.operations import ConstraintKind, EnumColumn, Operation, Recreate
from schemadiff.runtime import build, executor
from schemadiff.runtime.batch import BatchOperations
from schemadiff.schema import UNSET, Unset

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.elements import ColumnElement, TextClause, conv

    from schemadiff.runtime.migration import MigrationContext

__all__ = [
    "BatchOperations",
    "add_column",
    "alter_column",
    "alter_enum",
    "alter_sequence",
    "alter_table",
    "batch_alter_table",
    "bulk_insert",
    "create_check_constraint",
    "create_enum",
    "create_exclude_constraint",
    "create_foreign_key",
    "create_index",
    "create_primary_key",
    "create_schema",
    "create_sequence",
    "create_table",
    "create_table_comment",
    "create_unique_constraint",
    "create_view",
    "drop_column",
    "drop_constraint",
    "drop_enum",
    "drop_index",
    "drop_schema",
    "drop_sequence",
    "drop_table",
    "drop_table_comment",
    "drop_view",
    "enum_column",
    "execute",
    "f",
    "get_bind",
    "get_context",
    "inline_literal",
    "invoke",
    "rename_table",
]


def invoke(operation: Operation) -> None:
    """Carry out an operation that was built by hand.

    Args:
        operation: a node of the operation tree.
    """
    executor.active("invoke").invoke(operation)


def get_bind() -> Connection:
    """Return the connection that the migration runs on.

    Raises:
        NotRecordable: the migration is printed as SQL or recorded, so that there is no connection.
    """
    return executor.active("get_bind").get_bind()


def get_context() -> MigrationContext:
    """Return the context that the migration runs in: its dialect, its connection, its version table.

    Raises:
        NotRecordable: the migration is recorded, without a context.
    """
    return executor.active("get_context").get_context()


def f(name: str | None) -> conv:
    """Mark ``name`` as final: no naming convention is applied to it. ``f(None)`` is no name, also where a convention would give one."""
    return sa.sql.elements.conv("" if name is None else name)


# -- tables


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


# -- columns


def add_column(
    table_name: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    if_not_exists: bool | None = None,
) -> None:
    """Add a column to a table, and after it the constraints and the index that the column itself asks for.

    Args:
        table_name: the table.
        column: the column. ``index=True`` and ``unique=True`` make an index, ``sa.ForeignKey`` and ``sa.CheckConstraint``
            in it constraints.
        schema: the table's schema.
        if_not_exists: leave an existing column as it is.
    """
    active = executor.active("add_column")
    active.invoke_all(
        build.add_column(active.site, table_name, column, schema=schema, if_not_exists=bool(if_not_exists))
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
        kw: nothing that has an effect here; ``mssql_drop_check`` and its like raise.
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


# -- constraints


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


# -- indexes


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
        kw: the dialects' options. None of them changes what is dropped.
    """
    active = executor.active("drop_index")
    active.invoke(build.drop_index(active.site, index_name, table_name, schema=schema, if_exists=bool(if_exists), **kw))


# -- types, sequences, schemas, views


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
        comment: its comment.
        if_not_exists: leave an existing sequence as it is.
    """
    active = executor.active("create_sequence")
    options = build.SequenceOptions(data_type, start, increment, minvalue, maxvalue, cycle, cache, comment)
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
    comment: str | None | Unset = UNSET,
    existing_data_type: sa.types.TypeEngine[Any] | None = None,
    existing_start: int | None = None,
    existing_increment: int | None = None,
    existing_minvalue: int | None = None,
    existing_maxvalue: int | None = None,
    existing_cycle: bool = False,
    existing_cache: int | None = None,
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
    )
    changes = {
        "data_type": data_type,
        "start": start,
        "increment": increment,
        "minvalue": minvalue,
        "maxvalue": maxvalue,
        "cycle": cycle,
        "cache": cache,
        "comment": comment,
    }
    active.invoke(build.alter_sequence(active.site, sequence_name, existing, changes, schema=schema))


def drop_sequence(sequence_name: str, *, schema: str | None = None, if_exists: bool = False) -> None:
    """Drop a sequence."""
    active = executor.active("drop_sequence")
    active.invoke(build.drop_sequence(active.site, sequence_name, schema=schema, if_exists=if_exists))


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


# -- batches


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
        recreate: ``"auto"`` rebuilds where an operation needs it, ``"always"`` and ``"never"`` say it. A callable is not supported.
        partial_reordering: not supported.
        copy_from: the table as it stands before the batch, with its constraints and indexes. Without it the table is read from the
            database, which a script of SQL (``--sql``) cannot do.
        table_args: constraints and indexes that a rebuilt table gets in addition.
        table_kwargs: options (``sqlite_strict``, ...) that a rebuilt table gets in addition.
        reflect_args: not supported: the table is read whole, with what reflection would have to be told.
        reflect_kwargs: as ``reflect_args``.
        naming_convention: names for constraints of the batch that have none.
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


# -- statements


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
