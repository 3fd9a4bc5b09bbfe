"""What ``op.batch_alter_table()`` gives: the operations of ``op`` with the table fixed, collected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    BatchAlterTable,
    ConstraintKind,
    CreateIndex,
    Operation,
    Place,
    Recreate,
)
from schemadiff.reflection.metadata import lower_table
from schemadiff.runtime import build, executor
from schemadiff.runtime.asynchronous import Result, run_async
from schemadiff.runtime.site import Site
from schemadiff.schema import ColumnState, Dependant, Table

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.elements import ColumnElement

    from schemadiff.runtime.migration import MigrationContext

__all__ = ["BatchOperations"]


class BatchOperations:
    """Collects operations on one table. Arguments are those of :func:`schemadiff.op.batch_alter_table`."""

    def __init__(
        self,
        site: Site,
        table_name: str,
        *,
        schema: str | None = None,
        recreate: Any = "auto",
        partial_reordering: Any = None,
        copy_from: sa.Table | None = None,
        table_args: Sequence[Any] = (),
        table_kwargs: Mapping[str, Any],
        reflect_args: Sequence[Any] = (),
        reflect_kwargs: Mapping[str, Any],
        naming_convention: Mapping[str, str] | None = None,
        dependants: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        where = f"batch_alter_table({table_name!r})"
        if recreate not in ("auto", "always", "never"):
            raise UnsupportedOperation(f"{where}: recreate={recreate!r}: write 'auto', 'always' or 'never'")
        unsupported = sorted(set(reflect_kwargs) - {"resolve_fks"})
        if unsupported:
            raise UnsupportedOperation(
                f"{where}: reflect_kwargs: {unsupported[0]!r} is not supported: the table is not read by SQLAlchemy; "
                "say what a column is in reflect_args, or give copy_from"
            )
        self._site = site if naming_convention is None else replace(site, naming_convention=naming_convention)
        self._table_name = str(table_name)
        self._schema = schema
        self._recreate: Recreate = recreate
        self._operations: list[Operation] = []
        self._copy_from = None if copy_from is None else _lowered(site, copy_from, dependants)
        self._reordering = tuple([tuple(map(str, group)) for group in partial_reordering or ()])
        self._convention = naming_convention
        self._overrides = tuple([self._override(column) for column in reflect_args])
        self._additions = tuple([self._addition(item) for item in table_args])
        if table_kwargs:
            self._additions += build.alter_table(
                self._site, self._table_name, schema=schema, options=table_kwargs, existing_options=None
            )

    def operation(self) -> BatchAlterTable | None:
        """Return the batch; None where it is empty and rebuilds nothing."""
        if not self._operations and not self._reordering and self._recreate != "always":
            return None
        return BatchAlterTable(
            table=self._site.name(self._table_name, self._schema),
            operations=tuple(self._operations),
            copy_from=self._copy_from,
            recreate=self._recreate,
            reordering=self._reordering,
            overrides=self._overrides,
            additions=self._additions,
            naming_convention=self._convention,
        )

    @staticmethod
    def f(name: str) -> conv:
        """Mark ``name`` as final; see :func:`schemadiff.op.f`."""
        return conv(name)

    # -- what belongs to no table; the batch itself is carried out at its end, and these at once

    def invoke(self, operation: Operation) -> None:
        """Take an operation on the table that was built by hand into the batch; see :func:`schemadiff.op.invoke`."""
        self._add(operation)

    @staticmethod
    def execute(sqltext: str | sa.sql.Executable, *, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute a statement, before the batch; see :func:`schemadiff.op.execute`."""
        active = executor.active("execute")
        active.invoke(build.execute(active.site, sqltext, execution_options))

    @staticmethod
    def get_bind() -> Connection:
        """Return the connection; see :func:`schemadiff.op.get_bind`."""
        return executor.active("get_bind").get_bind()

    @staticmethod
    def get_context() -> MigrationContext:
        """Return the migration context; see :func:`schemadiff.op.get_context`."""
        return executor.active("get_context").get_context()

    @staticmethod
    def inline_literal(value: Any, type_: sa.types.TypeEngine[Any] | None = None) -> ColumnElement[Any]:
        """Return a literal; see :func:`schemadiff.op.inline_literal`."""
        return build.inline_literal(value, type_)

    @staticmethod
    def run_async(async_function: Callable[..., Awaitable[Result]], *args: Any, **kw_args: Any) -> Result:
        """Run a coroutine function, before the batch; see :func:`schemadiff.op.run_async`."""
        return run_async(executor.active("run_async").get_bind(), async_function, *args, **kw_args)

    def _add(self, *operations: Operation) -> None:
        self._operations.extend(operations)

    def _addition(self, item: Any) -> Operation:
        """Return the operation that gives a rebuilt table an item of ``table_args``."""
        name = self._site.name(self._table_name, self._schema)
        if isinstance(item, sa.Index):
            return CreateIndex(
                table=name, index=build.lower_item_index(self._site, item, self._table_name, self._schema)
            )
        constraint = None
        if isinstance(item, sa.Constraint):
            constraint = build.lower_scratch(self._site, item, self._table_name, self._schema)
        if constraint is None:
            raise UnsupportedOperation(
                f"batch_alter_table({self._table_name!r}): table_args holds a {type(item).__name__}: "
                "only constraints and indexes can stand there"
            )
        return AddConstraint(table=name, constraint=constraint)

    def _override(self, column: Any) -> Operation:
        """Return the operation that says of a column what ``reflect_args`` says."""
        if not isinstance(column, sa.Column):
            raise UnsupportedOperation(
                f"batch_alter_table({self._table_name!r}): reflect_args holds a {type(column).__name__}: only columns can stand there"
            )
        add, *_ = build.add_column(self._site, self._table_name, column, schema=self._schema, if_not_exists=False)
        assert isinstance(add, AddColumn)
        known = ColumnState.of(add.column).only({"type", "collation", "nullable", "default"})
        return AlterColumn(table=add.table, name=add.column.name, after=known)

    def _place(self, before: str | None, after: str | None) -> Place | None:
        if before is not None and after is not None:
            raise UnsupportedOperation(
                f"batch_alter_table({self._table_name!r}): insert_before and insert_after contradict each other; give one of them"
            )
        return None if before is None and after is None else Place(before=before, after=after)

    # -- columns

    def add_column(
        self,
        column: sa.Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column; see :func:`schemadiff.op.add_column`.

        Args:
            column: the column.
            insert_before: the column that it stands before, and
            insert_after: the one that it stands behind: in a rebuilt table, and on MariaDB and MySQL. Elsewhere it stands at the end.
            if_not_exists, inline_references, inline_primary_key: as there.
        """
        self._add(
            *build.add_column(
                self._site,
                self._table_name,
                column,
                schema=self._schema,
                if_not_exists=bool(if_not_exists),
                inline_references=bool(inline_references),
                inline_primary_key=bool(inline_primary_key),
                place=self._place(insert_before, insert_after),
            )
        )

    def drop_column(self, column_name: str, *, if_exists: bool | None = None, **kw: Any) -> None:
        """Drop a column; see :func:`schemadiff.op.drop_column`."""
        self._add(
            build.drop_column(
                self._site, self._table_name, column_name, schema=self._schema, if_exists=bool(if_exists), **kw
            )
        )

    def alter_column(
        self,
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
        autoincrement: bool | None = None,
        existing_autoincrement: bool | None = None,
        postgresql_using: str | None = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; see :func:`schemadiff.op.alter_column`, and :meth:`add_column` for ``insert_before`` and ``insert_after``."""
        self._add(
            *build.alter_column(
                self._site,
                self._table_name,
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
                schema=self._schema,
                autoincrement=autoincrement,
                existing_autoincrement=existing_autoincrement,
                postgresql_using=postgresql_using,
                place=self._place(insert_before, insert_after),
                **kw,
            )
        )

    # -- constraints

    def create_primary_key(self, constraint_name: str | None, columns: Sequence[str], **kw: Any) -> None:
        """Add a primary key; see :func:`schemadiff.op.create_primary_key`."""
        self._add(build.primary_key(self._site, constraint_name, self._table_name, columns, schema=self._schema, **kw))

    def create_foreign_key(
        self,
        constraint_name: str | None,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        referent_schema: str | None = None,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        **kw: Any,
    ) -> None:
        """Add a foreign key; see :func:`schemadiff.op.create_foreign_key`."""
        self._add(
            build.foreign_key(
                self._site,
                constraint_name,
                self._table_name,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                initially=initially,
                match=match,
                source_schema=self._schema,
                referent_schema=referent_schema,
                **kw,
            )
        )

    def create_unique_constraint(self, constraint_name: str | None, columns: Sequence[str], **kw: Any) -> None:
        """Add a unique constraint; see :func:`schemadiff.op.create_unique_constraint`."""
        self._add(
            build.unique_constraint(self._site, constraint_name, self._table_name, columns, schema=self._schema, **kw)
        )

    def create_check_constraint(self, constraint_name: str | None, condition: Any, **kw: Any) -> None:
        """Add a check constraint; see :func:`schemadiff.op.create_check_constraint`."""
        self._add(
            build.check_constraint(self._site, constraint_name, self._table_name, condition, schema=self._schema, **kw)
        )

    def create_exclude_constraint(
        self,
        constraint_name: str | None,
        *elements: tuple[Any, str],
        where: Any = None,
        using: str = "gist",
        deferrable: bool | None = None,
        initially: str | None = None,
        ops: Mapping[str, str] | None = None,
        **kw: Any,
    ) -> None:
        """Add an exclusion constraint; see :func:`schemadiff.op.create_exclude_constraint`."""
        self._add(
            build.exclude_constraint(
                self._site,
                constraint_name,
                self._table_name,
                *elements,
                where=where,
                using=using,
                deferrable=deferrable,
                initially=initially,
                ops=ops,
                schema=self._schema,
                **kw,
            )
        )

    def drop_constraint(
        self,
        constraint_name: str | None,
        type_: ConstraintKind | None = None,
        *,
        if_exists: bool | None = None,
        existing: sa.Constraint | None = None,
    ) -> None:
        """Drop a constraint; see :func:`schemadiff.op.drop_constraint`."""
        self._add(
            build.drop_constraint(
                self._site,
                constraint_name,
                self._table_name,
                type_,
                schema=self._schema,
                if_exists=bool(if_exists),
                existing=existing,
            )
        )

    def rename_constraint(
        self,
        constraint_name: str,
        new_constraint_name: str,
        type_: ConstraintKind | None = None,
        *,
        existing: sa.Constraint | None = None,
    ) -> None:
        """Rename a constraint; see :func:`schemadiff.op.rename_constraint`."""
        self._add(
            build.rename_constraint(
                self._site,
                constraint_name,
                new_constraint_name,
                self._table_name,
                type_,
                schema=self._schema,
                existing=existing,
            )
        )

    # -- indexes, comments, options, the name

    def create_index(
        self,
        index_name: str | None,
        columns: Sequence[Any],
        *,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Create an index; see :func:`schemadiff.op.create_index`."""
        self._add(
            build.create_index(
                self._site,
                index_name,
                self._table_name,
                columns,
                schema=self._schema,
                unique=unique,
                if_not_exists=bool(if_not_exists),
                **kw,
            )
        )

    def drop_index(self, index_name: str, *, if_exists: bool | None = None, **kw: Any) -> None:
        """Drop an index; see :func:`schemadiff.op.drop_index`."""
        self._add(
            build.drop_index(
                self._site, index_name, self._table_name, schema=self._schema, if_exists=bool(if_exists), **kw
            )
        )

    def rename_index(self, index_name: str, new_index_name: str, *, existing: sa.Index | None = None) -> None:
        """Rename an index; see :func:`schemadiff.op.rename_index`."""
        self._add(
            build.rename_index(
                self._site, index_name, new_index_name, self._table_name, schema=self._schema, existing=existing
            )
        )

    def create_table_comment(
        self, comment: str | None, *, existing_comment: str | None | Literal[False] = False
    ) -> None:
        """Set or change the table's comment; see :func:`schemadiff.op.create_table_comment`."""
        self._add(
            build.table_comment(
                self._site, self._table_name, comment, existing_comment=existing_comment, schema=self._schema
            )
        )

    def drop_table_comment(self, *, existing_comment: str | None | Literal[False] = False) -> None:
        """Drop the table's comment; see :func:`schemadiff.op.drop_table_comment`."""
        self.create_table_comment(None, existing_comment=existing_comment)

    def alter_table(self, *, existing_options: Mapping[str, Any] | None = None, **options: Any) -> None:
        """Change the table's options; see :func:`schemadiff.op.alter_table`."""
        self._add(
            *build.alter_table(
                self._site,
                self._table_name,
                schema=self._schema,
                options=options,
                existing_options=existing_options,
            )
        )

    def rename_table(self, new_table_name: str) -> None:
        """Rename the table; operations after it still belong to the batch under the old name."""
        self._add(build.rename_table(self._site, self._table_name, new_table_name, schema=self._schema))


def _lowered(site: Site, table: sa.Table, dependants: Sequence[tuple[str, str, str]]) -> Table:
    """Return the table that a batch starts from, with its indexes and triggers."""
    lowered = lower_table(table, site.backend, resolve=False)
    return replace(
        lowered,
        dependants=tuple(Dependant(kind=kind, name=name, sql=sql) for kind, name, sql in dependants),
        origin=None,
    )
