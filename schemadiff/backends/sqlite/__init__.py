"""SQLite."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from schemadiff.backends.base import Backend, OptionKind
from schemadiff.backends.narrowing import Narrowing
from schemadiff.backends.questions import ExpressionKind
from schemadiff.backends.rights import Right
from schemadiff.backends.script import Guard
from schemadiff.backends.sqlite import canonical, script, types
from schemadiff.backends.sqlite.arrange import arrange, refuse_taken
from schemadiff.backends.sqlite.busy import is_passing
from schemadiff.backends.sqlite.ddl import Ddl
from schemadiff.backends.sqlite.execute import execute_batch, looked_up, offline_statements
from schemadiff.backends.sqlite.narrowing import narrowings
from schemadiff.backends.sqlite.rebuild import is_respelling, needs_rebuild
from schemadiff.backends.sqlite.reflect import reflect
from schemadiff.backends.sqlite.rights import rights
from schemadiff.backends.sqlite.scratch import refuse_attached, scratch_file
from schemadiff.backends.sqlite.transaction import (
    autocommit,
    begin_for_real,
    limited,
    outside,
    reading,
    refuse_enforced_keys,
    transaction,
)
from schemadiff.backends.sqlite.uses import with_uses
from schemadiff.backends.statements import words
from schemadiff.backends.waiting import WITHOUT_LIMIT, Limits, Waiting
from schemadiff.operations import AddConstraint, BatchAlterTable, Operation, RenameTable
from schemadiff.schema import (
    Column,
    Constraint,
    DataType,
    Dependant,
    Expression,
    ForeignKey,
    Index,
    Options,
    Schema,
    Server,
    Table,
    ascii_lower,
)

__all__ = ["SqliteBackend"]

for _key in (sa.PrimaryKeyConstraint, sa.UniqueConstraint):
    # What SQLAlchemy has no words for: the collation and the direction of each of the key's columns, None or False where nothing is said.
    _key.argument_for("sqlite", "collate", None)
    _key.argument_for("sqlite", "desc", None)
# PRIMARY KEY stands on the column as it is said here: with DESC, where it is no rowid alias; with AUTOINCREMENT and its name.
sa.PrimaryKeyConstraint.argument_for("sqlite", "on_column", None)


class SqliteBackend(Backend):
    """SQLite 3.31 and later, through pysqlite or aiosqlite. Schemas are attached databases."""

    lexicon = canonical.LEXICON
    option_prefixes = ("sqlite",)
    keys_need_referents = False
    without_judge = "SQLite keeps the text as it was written"
    autoincrement_in_column = False

    @classmethod
    def offline_server(cls, dialect: Dialect) -> Server:
        return Server(dialect=dialect.name, default_schema="main")

    @classmethod
    def ask_server(cls, connection: Connection) -> Server:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
        numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
        return Server(dialect=connection.dialect.name, version=numbers, default_schema="main")

    @classmethod
    def place(cls, url: sa.URL) -> tuple[object, ...]:
        return (url.database and os.path.realpath(url.database.removeprefix("file:")),)

    @classmethod
    @contextmanager
    def leaving_nothing(cls, url: sa.URL) -> Iterator[None]:
        path = url.database
        if path is None or not cls.is_missing(url):
            yield
            return
        try:
            yield
        except BaseException:
            with suppress(OSError):
                if os.path.getsize(path) == 0:
                    os.remove(path)
            raise

    @classmethod
    def is_missing(cls, url: sa.URL) -> bool:
        # SQLite makes the file of a database when it is first read.
        path = url.database or ":memory:"
        return path != ":memory:" and not path.startswith("file:") and not os.path.exists(path)

    schemas_within = False

    @classmethod
    @contextmanager
    def scratch(cls, url: sa.URL, connect_args: Mapping[str, Any]) -> Iterator[sa.URL]:
        with scratch_file(url) as found:
            yield found

    @classmethod
    @contextmanager
    def own_server(cls, drivername: str) -> Iterator[sa.URL]:
        yield sa.URL.create(drivername)

    @contextmanager
    def within(self, connection: Connection) -> Iterator[None]:
        with self.reading(connection):
            refuse_attached(connection)
        yield

    @cached_property
    def ddl(self) -> Ddl:
        """Writes statements for the server's version."""
        return Ddl(self.dialect, self.server.version)

    def rights(self, connection: Connection) -> tuple[Right, ...]:
        return rights(connection)

    def reflect(self, connection: Connection, schemas: Sequence[str | None]) -> Schema:
        return reflect(connection, schemas, self.server)

    def data_type(self, type_: sa.types.TypeEngine[Any]) -> DataType:
        return types.data_type(type_, self.dialect)

    def sqlalchemy_type(self, type_: DataType, *, collation: str | None = None) -> sa.types.TypeEngine[Any]:
        return types.sqlalchemy_type(type_, collation, self.dialect)

    def narrowings(self, old: DataType, new: DataType) -> tuple[Narrowing, ...]:
        return narrowings(old, new)

    def expression(
        self, sql: str, kind: ExpressionKind, *, type_: DataType | None = None, origin: Any = None
    ) -> Expression:
        return canonical.expression(sql, kind, origin=origin)

    def options(self, kind: OptionKind, arguments: Mapping[str, Any]) -> Options:
        return canonical.lowered_options(kind, arguments)

    def arguments(self, kind: OptionKind, item: Table | Column | Index | Constraint) -> Options:
        return canonical.model_arguments(item)

    def collation(self, type_: sa.types.TypeEngine[Any]) -> str | None:
        stated = super().collation(type_)
        return types.compiled_collation(type_, self.dialect) if stated is None else stated

    def finish_column(self, column: Column, origin: sa.Column[Any]) -> Column:
        return canonical.finish_column(column, origin)

    def finish_table(self, table: Table) -> Table:
        return canonical.finish_table(table)

    def fold_table(self, name: str) -> str:
        return ascii_lower(name)

    def fold_column(self, name: str) -> str:
        return ascii_lower(name)

    def arrange(self, operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
        refuse_taken(operations, source)
        return arrange(operations, source, self.ddl)

    def dependants(self, schema: Schema) -> tuple[Dependant, ...]:
        return with_uses(schema)

    def later_keys(self, table: Table, keys: tuple[ForeignKey, ...]) -> Sequence[Operation]:
        # SQLite itself would take the keys at once. Other databases that run the file would not.
        operations = tuple(AddConstraint(table=table.name, constraint=key) for key in keys)
        return (BatchAlterTable(table=table.name, operations=operations, copy_from=table),)

    def own_statements(self, operation: Operation) -> tuple[str, ...]:
        if isinstance(operation, BatchAlterTable):
            return tuple(offline_statements(operation, self.ddl))
        if isinstance(operation, RenameTable) and is_respelling(operation):
            # So views and the bodies of triggers keep their text; what a trigger says after ON is written anew all the same.
            return ("PRAGMA legacy_alter_table=ON", *self.ddl.statements(operation), "PRAGMA legacy_alter_table=OFF")
        return tuple(self.ddl.statements(operation))

    def execute(self, connection: Connection, operation: Operation) -> None:
        if isinstance(operation, RenameTable) and is_respelling(operation):
            # ALTER TABLE would write the new name into triggers and into what refers to the table; to SQLite it is the same name.
            operation = BatchAlterTable(table=operation.name, operations=(operation,), recreate="always")
        if isinstance(operation, BatchAlterTable):
            execute_batch(connection, operation, self.ddl)
            return
        known = looked_up(connection, operation)
        if known is not None:
            super().execute(connection, known)

    def quote(self, identifier: str) -> str:
        return self.ddl.quote(identifier)

    def prepare(self, connection: Connection, operations: Sequence[Operation]) -> None:
        if any(
            (isinstance(o, BatchAlterTable) and needs_rebuild(o, self.ddl))
            or (isinstance(o, RenameTable) and is_respelling(o))
            for o in operations
        ):
            refuse_enforced_keys(connection, "these operations")
        begin_for_real(connection)

    @contextmanager
    def transaction(self, connection: Connection, waiting: Waiting = WITHOUT_LIMIT) -> Iterator[None]:
        with transaction(connection, waiting):
            yield

    script_header = script.HEADER

    def script_statement(self, sql: str) -> str:
        return script.statement(sql)

    def script_guard(self, guard: Guard) -> tuple[str, ...]:
        return script.guard(guard)

    @contextmanager
    def autocommit(self, connection: Connection) -> Iterator[None]:
        with autocommit(connection):
            yield

    @contextmanager
    def reading(self, connection: Connection, waiting: Waiting = WITHOUT_LIMIT) -> Iterator[None]:
        with reading(connection, waiting):
            yield

    @contextmanager
    def outside(self, connection: Connection) -> Iterator[None]:
        with outside(connection):
            yield

    begin_unit = "BEGIN IMMEDIATE"

    def split(self, connection: Connection, operation: Operation) -> tuple[Operation, ...]:
        # A batch is one rebuild.
        return (operation,) if isinstance(operation, BatchAlterTable) else super().split(connection, operation)

    def refused_whole(self, error: BaseException, sql: str) -> bool:
        # One statement that fails is taken back as a whole ("ABORT" of ON CONFLICT); the driver takes one at a time.
        return not {"FAIL", "ROLLBACK"} & set(words(sql, self.lexicon))

    def commits_each(self, connection: Connection) -> bool:
        # Whatever the connection is told, our transactions are real.
        return False

    @contextmanager
    def limited(self, connection: Connection, limits: Limits) -> Iterator[None]:
        with limited(connection, limits):
            yield

    def is_passing(self, error: BaseException) -> bool:
        return is_passing(error)

    @property
    def begin_script(self) -> tuple[str, ...]:
        # A rebuild needs foreign keys off, and they are not switched inside a transaction.
        return ("PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE")

    @property
    def commit_script(self) -> tuple[str, ...]:
        # No script can ask how they stood; where they were off, on does no harm.
        return ("COMMIT", "PRAGMA foreign_keys=ON")
