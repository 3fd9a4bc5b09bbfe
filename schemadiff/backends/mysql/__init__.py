"""MariaDB 10.6 and later, and MySQL 8: the dialects ``mysql`` and ``mariadb``.

What is written down of MySQL follows its manual; MariaDB is what the tests run on. The two differ in the catalog (MySQL's defaults and
expressions are spelled otherwise), in sequences (MariaDB's alone), in JSON (a type in MySQL, LONGTEXT with a check in MariaDB), in checks
that belong to a column (MariaDB's alone), and in the names of unnamed checks.

A table that a model says nothing about has the server's default engine and its database's default character set and collation, as
``create_all()`` would make it: one that has others is a difference. The counter of AUTO_INCREMENT and statistics are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from schemadiff.backends.base import Backend, OptionKind
from schemadiff.backends.mysql import script
from schemadiff.backends.mysql import server as servers
from schemadiff.backends.mysql.arrange import arrange, in_place
from schemadiff.backends.mysql.canonical import (
    column_collation,
    finish_column,
    finish_sequence,
    finish_table,
    type_from,
)
from schemadiff.backends.mysql.completing import completed, refuse_full_schema, with_constraints
from schemadiff.backends.mysql.ddl import statements
from schemadiff.backends.mysql.defaults import canonical_default, default_clause
from schemadiff.backends.mysql.dependants import with_uses
from schemadiff.backends.mysql.effects import effects
from schemadiff.backends.mysql.grouping import grouped
from schemadiff.backends.mysql.judge import judge
from schemadiff.backends.mysql.lock import key_of, limited, lock
from schemadiff.backends.mysql.meaning import answers
from schemadiff.backends.mysql.names import next_name, with_names
from schemadiff.backends.mysql.narrowing import narrowings
from schemadiff.backends.mysql.options import lowered
from schemadiff.backends.mysql.reflect import reflect
from schemadiff.backends.mysql.renames import taken_apart
from schemadiff.backends.mysql.rights import rights
from schemadiff.backends.mysql.scratch import other_databases, refusing, scratch_database
from schemadiff.backends.mysql.text import canonical_expression, catalog_lexicon, lexicon_for, quoted, string_literal
from schemadiff.backends.mysql.types import to_sqlalchemy
from schemadiff.backends.narrowing import Narrowing
from schemadiff.backends.questions import Answer, ExpressionKind, Question, Verdict
from schemadiff.backends.rights import Right
from schemadiff.backends.script import Guard
from schemadiff.backends.statements import words
from schemadiff.backends.tokens import Lexicon
from schemadiff.backends.waiting import Limits, Waiting
from schemadiff.operations import AddConstraint, BatchAlterTable, DropSchema, Effects, Operation, RenameConstraint
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Constraint,
    DataType,
    Dependant,
    Expression,
    ForeignKey,
    Index,
    Name,
    Options,
    Schema,
    Server,
    Table,
    options,
)
from schemadiff.schema import Sequence as SequenceNoun

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

__all__ = ["MysqlBackend"]

for _dialect in ("mysql", "mariadb"):
    # What SQLAlchemy has no words for, so that a column or an index that was read from a database can be written as Python.
    sa.Column.argument_for(_dialect, "on_update", None)
    sa.Column.argument_for(_dialect, "invisible", None)
    for _word in ("check", "system_time", "without_system_versioning"):
        sa.Column.argument_for(_dialect, _word, None)
    for _word in ("ignored", "key_block_size", "without_overlaps"):
        sa.Index.argument_for(_dialect, _word, None)
    for _word in ("comment", "descending", "key_block_size", "length", "without_overlaps"):
        sa.PrimaryKeyConstraint.argument_for(_dialect, _word, None)
    sa.CheckConstraint.argument_for(_dialect, "not_enforced", None)


class MysqlBackend(Backend):
    """The backend of the dialects ``mysql`` and ``mariadb``."""

    transactional_ddl = False
    shared_index_names = False
    generated_in_order = True
    default_action = "RESTRICT"
    default_port = 3306
    without_judge = None
    fills_not_null = True

    def __init__(self, dialect: Dialect, server: Server | None = None) -> None:
        super().__init__(dialect, server)
        self.facts = servers.facts(self.server)

    @property
    def title(self) -> str:
        """Which of the two it is: MariaDB answers to a URL of MySQL too."""
        return "MariaDB" if self.facts.mariadb else "MySQL"

    @property
    def lexicon(self) -> Lexicon:  # type: ignore[override]  # it hangs on the server's sql_mode
        """How expressions are spelled under the server's sql_mode."""
        return lexicon_for(self.facts)

    @property
    def option_prefixes(self) -> tuple[str, ...]:  # type: ignore[override]  # it hangs on the dialect's name
        """Each of the two dialects reads the arguments of its own prefix alone, as SQLAlchemy does."""
        return (self.dialect.name,)

    # -- the server

    @classmethod
    def ask_server(cls, connection: Connection) -> Server:
        """Return the server at the other end of ``connection``."""
        return servers.ask_server(connection)

    @classmethod
    def offline_server(cls, dialect: Dialect) -> Server:
        """Return what can be assumed of a server that nobody is connected to: a current version."""
        return servers.offline_server(dialect)

    @classmethod
    def dialect_of(cls, server: Server) -> Dialect:
        """Return the dialect as it is on a connection to ``server``: SQLAlchemy finds out there that it is MariaDB, and what that can do."""
        return servers.introduced(super().dialect_of(server), servers.facts(server))

    schemas_within = False

    @classmethod
    @contextmanager
    def scratch(cls, url: sa.URL, connect_args: Mapping[str, Any]) -> Iterator[sa.URL]:
        """Give the URL of a database that is dropped afterwards."""
        with scratch_database(url, connect_args) as found:
            yield found

    @contextmanager
    def within(self, connection: Connection) -> Iterator[None]:
        """Refuse statements that name another database of the server."""
        with self.reading(connection):
            others = other_databases(connection)
        with refusing(connection, self.lexicon, others):
            yield

    # -- catalog to Schema

    def rights(self, connection: Connection) -> tuple[Right, ...]:
        return rights(connection)

    def reflect(self, connection: Connection, schemas: Sequence[str | None]) -> Schema:
        """Return everything in ``schemas`` (None: the default database), in a constant number of statements."""
        return reflect(connection, self.server, schemas)

    # -- MetaData to Schema

    def data_type(self, type_: sa.types.TypeEngine[Any]) -> DataType:
        """Return the canonical type that the server gives a column of ``type_``."""
        return type_from(self._type_sql(type_), self.facts, origin=type_)

    def collation(self, type_: sa.types.TypeEngine[Any]) -> str | None:
        """Return the collation that a type states, by itself or through its character set."""
        return column_collation(self._type_sql(type_), self.facts, type_)

    def _type_sql(self, type_: sa.types.TypeEngine[Any]) -> str:
        return str(self.dialect.type_compiler_instance.process(type_))

    def sqlalchemy_type(self, type_: DataType, *, collation: str | None = None) -> sa.types.TypeEngine[Any]:
        """Return a SQLAlchemy type for a canonical type read from a database."""
        return to_sqlalchemy(type_.sql, self.facts, collation)

    def expression(
        self, sql: str, kind: ExpressionKind, *, type_: DataType | None = None, origin: Any = None
    ) -> Expression:
        """Return an expression with its canonical spelling; that of a default depends on the column's type."""
        if kind == "default":
            return Expression(default_clause(sql, self.lexicon), canonical_default(sql, type_, self.facts), origin)
        return Expression(sql, canonical_expression(sql, self.lexicon), origin)

    def options(self, kind: OptionKind, arguments: Mapping[str, Any]) -> Options:
        """Return the options of one object; those of a table by their canonical names."""
        return lowered(arguments, self.facts) if kind == "table" else options(arguments)

    def arguments(self, kind: OptionKind, item: Table | Column | Index | Constraint) -> Options:
        """Return the dialect arguments that make a model lower to ``item``."""
        if isinstance(item, Column):
            # A default says ON UPDATE itself.
            return tuple(pair for pair in item.options if pair[0] != "on_update" or item.default is None)
        if isinstance(item, CheckConstraint):
            # Where it stands says that it is a column's own.
            return tuple(pair for pair in item.options if pair[0] != "column")
        return item.options

    def finish_column(self, column: Column, origin: sa.Column[Any]) -> Column:
        """Return ``column`` with its collation, its ON UPDATE and its AUTO_INCREMENT."""
        return finish_column(column, origin, self.facts)

    def finish_table(self, table: Table) -> Table:
        """Return ``table`` as the server keeps it."""
        return finish_table(table, self.facts)

    def finish_sequence(self, sequence: SequenceNoun) -> SequenceNoun:
        """Return ``sequence`` with the options that MariaDB writes out ("CREATE SEQUENCE")."""
        return finish_sequence(sequence)

    @property
    def has_sequences(self) -> bool:
        """MariaDB has sequences, MySQL has none."""
        return self.facts.mariadb

    # -- comparison

    def in_place(self, before: Column, after: Column, table: Table) -> bool:
        """Return True where MODIFY COLUMN can turn ``before`` into ``after``."""
        return in_place(before, after, table)

    def narrowings(self, old: DataType, new: DataType) -> tuple[Narrowing, ...]:
        """Return which values of ``old`` are lost, or are in the way, where a column gets the type ``new``."""
        return narrowings(old, new, self.lexicon)

    def constraint_name(self, table: Table, constraint: Constraint) -> str | None:
        """Return the name that the server gives ``constraint`` when it is added unnamed to ``table``."""
        return constraint.name if constraint.name is not None else next_name(table, constraint, self.facts)

    def fold_table(self, name: str) -> str:
        # 1 and 2: tables are found whatever their capitals (MySQL manual, "Identifier Case Sensitivity").
        return name if self.server.setting("lower_case_table_names", "0") == "0" else name.lower()

    def fold_column(self, name: str) -> str:
        return name.lower()

    def later_keys(self, table: Table, keys: tuple[ForeignKey, ...]) -> Sequence[Operation]:
        # The server numbers the unnamed keys that the table is created with, so those that come later have other numbers.
        unnamed = tuple(replace(key, name=None) if key.implicit else key for key in table.foreign_keys)
        standing = with_names(replace(table, foreign_keys=unnamed), self.facts)
        operations = []
        for key in keys:
            if key.implicit:
                key = replace(key, name=next_name(standing, replace(key, name=None), self.facts))
            standing = replace(standing, foreign_keys=(*standing.foreign_keys, key))
            operations.append(AddConstraint(table=table.name, constraint=key))
        return operations

    def arrange(self, operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
        """Return ``operations`` in the form in which the server can carry them out."""
        return arrange(operations, source, target, self.facts, self._stated_collation)

    def effects(self, operation: Operation) -> Effects:
        """Return what ``operation`` touches."""
        return effects(operation, self.facts)

    def dependants(self, schema: Schema) -> tuple[Dependant, ...]:
        """Return views and triggers, each with what it uses."""
        return with_uses(schema, catalog_lexicon(self.facts))

    def _stated_collation(self, type_: DataType) -> str | None:
        """Return the collation that a model's type states; None for a type that was read from a database."""
        if type_.origin is None:
            return None
        return column_collation(self._type_sql(type_.origin), self.facts, type_.origin)

    def judge(self, connection: Connection, questions: Sequence[Question], source: Schema, target: Schema) -> Verdict:
        """Ask the server which expressions are equal."""
        return judge(connection, questions, self.facts)

    def answers_without_server(
        self, questions: Sequence[Question], source: Schema, target: Schema
    ) -> Mapping[Question, Answer]:
        """Return which questions are surely answered with yes; none under sql_mode ORACLE, where functions do other things."""
        return {} if self.facts.oracle else answers(questions, self.lexicon)

    # -- operations to statements

    def own_statements(self, operation: Operation) -> tuple[str, ...]:
        """Return the statements that carry ``operation`` out."""
        return statements(operation, self.facts)

    def execute(self, connection: Connection, operation: Operation) -> None:
        """Carry ``operation`` out; what it leaves open of a column that it changes is read from the catalog.

        Raises:
            UnsupportedOperation: it would drop a database that is not empty.
        """
        if isinstance(operation, DropSchema):
            refuse_full_schema(connection, operation, self.facts)
        operation = with_constraints(connection, operation, self.server)
        super().execute(connection, completed(connection, operation, self.facts))

    own_table_arguments: ClassVar[Mapping[str, Any]] = {"mysql_engine": "InnoDB", "mariadb_engine": "InnoDB"}

    def split(self, connection: Connection, operation: Operation) -> tuple[Operation, ...]:
        """Return the operations of one statement each that ``operation`` is made of."""
        operation = with_constraints(connection, operation, self.server)
        if isinstance(operation, BatchAlterTable):
            return grouped(operation, self.facts)
        if isinstance(operation, RenameConstraint):
            return taken_apart((operation,))
        return super().split(connection, operation)

    def keeps_rows_whole(self, connection: Connection) -> bool:
        """Return True where no table of the database is of an engine without transactions, such as MyISAM."""
        return servers.only_transactional_tables(connection)

    def refused_whole(self, error: BaseException, sql: str) -> bool:
        """Return True for a statement that the server could not read, or that changes one table in one go.

        1064: it was not begun ("ER_PARSE_ERROR"). A DROP or RENAME of several tables may have done some.
        """
        found = words(sql, self.lexicon)
        return bool(found) and (
            getattr(error, "args", (None,))[:1] == (1064,)
            or (found[0] in ("ALTER", "CREATE") and "REPLACE" not in found)
        )

    script_header = script.HEADER

    def script_statement(self, sql: str) -> str:
        """Return one statement with its terminator, as the client ``mariadb`` reads it."""
        return script.statement(sql, self.lexicon)

    def script_guard(self, guard: Guard) -> tuple[str, ...]:
        """Return the statements that fail where ``guard`` does not hold."""
        return script.guard(guard)

    def quote(self, identifier: str) -> str:
        """Return ``identifier`` in backticks, which are understood in every sql_mode."""
        return quoted(identifier)

    def quote_name(self, name: Name) -> str:
        """Return a qualified name, quoted."""
        return quoted(name.name) if name.schema is None else f"{quoted(name.schema)}.{quoted(name.name)}"

    def literal(self, text: str) -> str:
        """Return ``text`` as a string literal under the server's sql_mode."""
        return string_literal(text, backslash_escapes=self.facts.backslash_escapes)

    # -- one run of migrations at a time

    locks_sessions = True

    @contextmanager
    def lock(self, connection: Connection, table: Name, waiting: Waiting, *, joined: bool = False) -> Iterator[None]:
        """Hold a lock of GET_LOCK() inside the block."""
        key = key_of(Name(self.fold_table(table.name), table.schema), self.server.default_schema)
        with lock(connection, key, waiting, joined=joined):
            yield

    def read_exclusively(self, connection: Connection, query: sa.Select[Any]) -> Sequence[Any]:
        """Return the values of a query as they are now, and not as they were when the transaction began."""
        return super().read_exclusively(connection, query.with_for_update())

    @contextmanager
    def limited(self, connection: Connection, limits: Limits) -> Iterator[None]:
        """Limit what statements in the block may take."""
        if not limits:
            yield
            return
        with limited(connection, limits, mariadb=self.facts.mariadb):
            yield
