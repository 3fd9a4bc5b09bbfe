"""What a backend is: everything that differs by database, behind one interface.

Each built-in backend is a folder with the same file names in it: ``reflect.py`` (catalog to Schema, in bulk), ``types.py`` (SQLAlchemy
types to canonical spellings and back), ``canonical.py`` (what the server makes of what a model says), ``ddl.py`` (operations to
statements), ``arrange.py`` (what can be changed in place), ``judge.py`` (which expressions the server finds equal) and, where there is
something to say, ``meaning.py`` (which expressions are surely equal, where no server can be asked), ``scratch.py`` (databases that are there
for a while), ``transaction.py`` and ``lock.py`` (one run of migrations at a time).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from schemadiff.backends.narrowing import Narrowing
from schemadiff.backends.places import Places
from schemadiff.backends.questions import Answer, ExpressionKind, Question, Verdict
from schemadiff.backends.quiet import without_percent_doubling
from schemadiff.backends.rights import Right
from schemadiff.backends.scratch import ScratchDatabases
from schemadiff.backends.script import Guard, stripped, terminated
from schemadiff.backends.statements import changes_rows
from schemadiff.backends.tokens import Lexicon, canonical
from schemadiff.backends.waiting import WITHOUT_LIMIT, Limits, Waiting
from schemadiff.errors import OperationError
from schemadiff.operations import (
    AddConstraint,
    BatchAlterTable,
    BulkInsert,
    CustomOperation,
    Effects,
    Execute,
    Key,
    Operation,
)
from schemadiff.schema import (
    Column,
    Constraint,
    DataType,
    Dependant,
    Domain,
    Enum,
    Expression,
    ForeignKey,
    Index,
    Name,
    Options,
    Schema,
    Server,
    Table,
)
from schemadiff.schema import Sequence as SequenceNoun

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection, Dialect

__all__ = ["Backend", "OptionKind"]

OptionKind = Literal["table", "column", "index", "primary", "unique", "check", "foreignkey", "exclude"]


class Backend(Places, ScratchDatabases, ABC):
    """A backend, bound to an SQLAlchemy dialect and to what is known of the server.

    Args:
        dialect: the SQLAlchemy dialect, connected or not. ``self.dialect`` is a copy of it that does not double percent signs.
        server: the server; built from the dialect alone where there is none.
    """

    lexicon: ClassVar[Lexicon] = Lexicon()
    """How expressions are spelled."""

    option_prefixes: ClassVar[tuple[str, ...]] = ()
    """The prefixes of dialect arguments in a model, the first being the one that is rendered: ``("postgresql",)``."""

    transactional_ddl: ClassVar[bool] = True
    """DDL takes part in transactions."""

    keys_need_referents: ClassVar[bool] = True
    """A foreign key needs the table and the key that it points at."""

    generated_in_order: ClassVar[bool] = False
    """A generated column is computed from no generated column that stands behind it in the table."""

    default_action: ClassVar[str] = "NO ACTION"
    """What a foreign key does where it says nothing of ON DELETE or ON UPDATE: the action that is no action of a noun's."""

    left_open: ClassVar[frozenset[str]] = frozenset()
    """Options of tables, columns, indexes and keys that stay as they are where a model says nothing of them."""

    shared_index_names: ClassVar[bool] = True
    """The tables of a schema share the names of their indexes; False where each table has names of its own."""

    autoincrement_in_column: ClassVar[bool] = True
    """``Column.autoincrement`` is what a column's ``autoincrement=`` says; False where an argument of the table says it."""

    own_name_bytes: ClassVar[int] = 63
    """The bytes that a name of our own has at most, where the dialect allows no fewer: what PostgreSQL takes, whose names are the shortest."""

    own_key_length: ClassVar[int] = 191
    """The characters that a text has at most that is a key of our own: what fits in each engine of MySQL."""

    listed_at_once: ClassVar[int] = 500
    """The elements that a list in a statement has at most; Oracle takes 1,000."""

    without_judge: ClassVar[str | None] = "this kind of database is not asked"
    """Why the database is never asked which expressions are equal; None where it is."""

    def __init__(self, dialect: Dialect, server: Server | None = None) -> None:
        self.dialect = without_percent_doubling(dialect)
        self.server = server if server is not None else self.offline_server(dialect)

    # -- the server

    @classmethod
    def offline_server(cls, dialect: Dialect) -> Server:
        """Return what can be assumed of a server that nobody is connected to: a current version."""
        return Server(
            dialect=dialect.name,
            version=tuple(getattr(dialect, "server_version_info", None) or ()),
            default_schema=getattr(dialect, "default_schema_name", None),
        )

    @classmethod
    @abstractmethod
    def ask_server(cls, connection: Connection) -> Server:
        """Return the server at the other end of ``connection``."""

    @classmethod
    def dialect_of(cls, server: Server) -> Dialect:
        """Return the dialect as it is on a connection to ``server``, as far as schemas hang on it."""
        from sqlalchemy import make_url

        return make_url(f"{server.dialect}://").get_dialect()()

    def rights(self, connection: Connection) -> tuple[Right, ...]:
        """Return what the user of ``connection`` may do, as far as that can be asked."""
        return ()

    # -- catalog to Schema

    @abstractmethod
    def reflect(self, connection: Connection, schemas: Sequence[str | None]) -> Schema:
        """Return everything in ``schemas`` (None: the default schema), in a constant number of statements.

        System schemas, tables of extensions, temporary tables and partitions are left out.
        """

    # -- MetaData to Schema: called by reflection.metadata for each part of a model

    @abstractmethod
    def data_type(self, type_: sa.types.TypeEngine[Any]) -> DataType:
        """Return the canonical type that the server gives a column of ``type_``, ``origin`` set; the collation excluded."""

    @abstractmethod
    def sqlalchemy_type(self, type_: DataType, *, collation: str | None = None) -> sa.types.TypeEngine[Any]:
        """Return a SQLAlchemy type for a canonical type read from a database: the inverse of :meth:`data_type`.

        Raises:
            UnrenderableType: there is none. The message names the type.
        """

    def enum(self, type_: sa.types.TypeEngine[Any]) -> Enum | None:
        """Return the named enum type that a column of ``type_`` (or an array of it) needs, or None."""
        return None

    def domains(self, type_: sa.types.TypeEngine[Any]) -> tuple[Any, ...]:
        """Return the types (``sqlalchemy.dialects.postgresql.DOMAIN``) of the domains that the model makes for a column of ``type_``."""
        return ()

    def expression(
        self, sql: str, kind: ExpressionKind, *, type_: DataType | None = None, origin: Any = None
    ) -> Expression:
        """Return an expression with its canonical spelling.

        Args:
            sql: the text in the backend's dialect.
            kind: what it is.
            type_: the column's type, for a default or a generated column.
            origin: the SQLAlchemy construct or plain string it came from.
        """
        return Expression(sql, canonical(sql, self.lexicon), origin)

    def options(self, kind: OptionKind, arguments: Mapping[str, Any]) -> Options:
        """Return the options of one object, lowered from a model's dialect arguments (prefix taken off, empty ones left out).

        What a noun has a field for (``where``, ``include``, ``using``, ``ops``, ``nulls_not_distinct`` stays an option) is not in
        ``arguments``: reflection.metadata has taken it out. Expressions come as compiled text.
        """
        from schemadiff.schema import options

        return options(arguments)

    def arguments(self, kind: OptionKind, item: Table | Column | Index | Constraint) -> Options:
        """Return the dialect arguments, without a prefix, that make a model lower to ``item``: the inverse of :meth:`options`.

        It is asked of what was read from a database, for rendering. Mappings and lists may be frozen.
        """
        return item.options

    def collation(self, type_: sa.types.TypeEngine[Any]) -> str | None:
        """Return the collation that a column of ``type_`` states, canonical; None where it states none, or the one that goes without saying."""
        return getattr(type_, "collation", None)

    def finish_column(self, column: Column, origin: sa.Column[Any]) -> Column:
        """Return ``column`` with what the server adds to what a model says of one column."""
        return column

    def finish_table(self, table: Table) -> Table:
        """Return ``table`` with what the server adds to it: names of unnamed constraints, options of identities, NOT NULL of keys.

        It is idempotent, and is called for every table lowered from a model or from an operation. Constraints and indexes
        are sorted by it as :class:`~schemadiff.schema.Table` promises.
        """
        return table

    def finish_domain(self, domain: Domain) -> Domain:
        """Return ``domain`` with what the server adds to it: the names of its constraints."""
        return domain

    def finish_sequence(self, sequence: SequenceNoun) -> SequenceNoun:
        """Return ``sequence`` with the options that the server writes out."""
        return sequence

    @property
    def title(self) -> str:
        """What messages call the database."""
        return self.dialect.name

    @property
    def has_sequences(self) -> bool:
        """The database has sequences that stand on their own."""
        return bool(self.dialect.supports_sequences)

    @property
    def has_identities(self) -> bool:
        """Columns can count by an identity (GENERATED ... AS IDENTITY)."""
        return bool(getattr(self.dialect, "supports_identity_columns", True))

    # -- comparison

    def fold_table(self, name: str) -> str:
        """Return what the database knows a table by: two names that differ in capitals alone may be one to it."""
        return name

    def fold_column(self, name: str) -> str:
        """Return what the database knows a column by."""
        return name

    def in_place(self, before: Column, after: Column, table: Table) -> bool:
        """Return True where ALTER can turn ``before`` into ``after``; False where the column has to be dropped and added."""
        return True

    fills_not_null: ClassVar[bool] = False
    """A new column that is NOT NULL and has no default gets a value of the database's choice in the rows that are there."""

    @abstractmethod
    def narrowings(self, old: DataType, new: DataType) -> tuple[Narrowing, ...]:
        """Return which values of ``old`` are lost, or are in the way, where a column gets the type ``new``."""

    def cast(self, before: Column, after: Column) -> str | None:
        """Return the USING expression that a change of type needs, or None."""
        return None

    def cast_back(self, before: Column, after: Column) -> str | None:
        """Return the USING expression that takes the change from ``before`` to ``after`` back, or None."""
        return self.cast(after, before)

    def constraint_name(self, table: Table, constraint: Constraint) -> str | None:
        """Return the name that the server gives ``constraint`` when it is added unnamed to ``table``; None where there is none."""
        return constraint.name

    def with_inherited(self, source: Schema, target: Schema) -> tuple[Schema, Schema, tuple[Operation, ...]]:
        """Return both sides as they are to be compared where tables inherit from others: what comes to one from a parent is no change of its own.

        With them comes what has to be done before the changes of parents: to let go of what a table has of its own, and would lose.
        """
        return source, target, ()

    def arrange(self, operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
        """Return ``operations`` (in no order yet) in the form in which the database can carry them out, e.g. as batches."""
        return tuple(operations)

    binds_late: ClassVar[bool] = True
    """What a view or trigger mentions is looked up when it is used: it is in the way of no change, and breaks where a column goes."""

    def dependants(self, schema: Schema) -> tuple[Dependant, ...]:
        """Return all that hangs on the tables of ``schema`` and is not the model's, each with what it uses."""
        own = (each for table in schema.tables.values() for each in table.dependants)
        return (*schema.dependants.values(), *schema.routines, *own)

    def effects(self, operation: Operation) -> Effects:
        """Return what ``operation`` touches on this database: what is in one name space decides about the order of operations."""
        return operation.effects()

    def effects_between(
        self, source: Schema, target: Schema, first: Sequence[Operation] = ()
    ) -> Callable[[Operation], Effects]:
        """Return what tells the effects of the operations that lead from one schema to another, where the tables around them decide too.

        Args:
            source, target: the two sides.
            first: the operations of :meth:`with_inherited`.
        """
        return self.effects

    def disturbed(self, operation: Operation) -> frozenset[Key]:
        """Return what nothing may stand on while ``operation`` runs, or its reverse."""
        return operation.effects().removes

    def later_keys(self, table: Table, keys: tuple[ForeignKey, ...]) -> Sequence[Operation]:
        """Return what adds ``keys`` to ``table``, which is created without them since they form a cycle; nothing where that cannot be.

        Args:
            table: the table, its indexes included.
            keys: foreign keys to tables that are created after it.
        """
        if not self.keys_need_referents:
            return ()
        return [AddConstraint(table=table.name, constraint=key) for key in keys]

    def judge(self, connection: Connection, questions: Sequence[Question], source: Schema, target: Schema) -> Verdict:
        """Ask the server which expressions are equal, in a number of statements that does not depend on their number.

        It leaves nothing behind, whatever happens. The default asks nobody.
        """
        return Verdict()

    def unfit(
        self, connection: Connection, operations: Sequence[Operation], source: Schema, target: Schema
    ) -> tuple[str, ...]:
        """Return what ``operations`` put back of what is not the model's although it fits the model's tables no more, a line each.

        It leaves nothing behind, and its number of statements does not depend on the number of operations.
        """
        return ()

    def answers_without_server(
        self, questions: Sequence[Question], source: Schema, target: Schema
    ) -> Mapping[Question, Answer]:
        """Return which of ``questions``, that no server has answered, are surely answered with yes.

        A question that is not among them is decided by tokens.
        """
        return {}

    # -- operations to statements

    def statements(self, operation: Operation) -> tuple[str, ...]:
        """Return the statements that carry ``operation`` out, each without a terminator.

        Raises:
            UnsupportedOperation: the database cannot do it.
        """
        if isinstance(operation, CustomOperation):
            return tuple(statement for part in self.parts(operation) for statement in self.statements(part))
        return self.own_statements(operation)

    @abstractmethod
    def own_statements(self, operation: Operation) -> tuple[str, ...]:
        """Return the statements of an operation that is none of a user's own; see :meth:`statements`."""

    def parts(self, operation: CustomOperation) -> tuple[Operation, ...]:
        """Return the operations of ours that a user's own is made of; OperationError where it gives something else."""
        found: list[Operation] = []
        for each in operation.statements(self.dialect):
            if isinstance(each, Operation):
                found.append(each)
            elif isinstance(each, str):
                found.append(Execute(sql=each))
            elif hasattr(each, "compile"):
                text = each.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True})
                found.append(Execute(sql=str(text).strip(), statement=each))
            else:
                raise OperationError(
                    f"{operation.describe()}: {type(operation).__qualname__}.statements() gives a {type(each).__name__}: "
                    "give texts of SQL, SQLAlchemy statements or operations"
                )
        return tuple(found)

    def execute(self, connection: Connection, operation: Operation) -> None:
        """Carry ``operation`` out on ``connection``, in the transaction that is open."""
        if isinstance(operation, CustomOperation):
            for part in self.parts(operation):
                self.execute(connection, part)
            return
        if isinstance(operation, Execute) and operation.statement is not None:
            connection.execute(operation.statement, operation.parameters)
            return
        for statement in self.statements(operation):
            self.run(connection, statement)

    @staticmethod
    def run(connection: Connection, statement: str) -> Any:
        """Send one statement as it is: percent signs, colons and question marks in it are nobody's parameters."""
        return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def quote(self, identifier: str) -> str:
        """Return ``identifier`` quoted where it needs to be."""
        return str(self.dialect.identifier_preparer.quote(identifier))

    def quote_name(self, name: Name) -> str:
        """Return a qualified name, quoted where it needs to be."""
        return self.quote(name.name) if name.schema is None else f"{self.quote(name.schema)}.{self.quote(name.name)}"

    def literal(self, text: str) -> str:
        """Return ``text`` as a string literal."""
        return "'" + text.replace("'", "''") + "'"

    # -- scripts of SQL

    script_header: ClassVar[tuple[str, ...]] = ()
    """Lines at the head of a script, for the client that reads it."""

    def script_statement(self, sql: str) -> str:
        """Return one statement with its terminator, as the database's own client reads it; empty where it says nothing.

        Raises:
            UnsupportedOperation: the client would read something else than what it says.
        """
        text = stripped(sql, self.lexicon)
        return terminated(text) if text else ""

    def script_table(self, table: sa.Table) -> str:
        """Return the statement that creates ``table`` where it is not there."""
        from sqlalchemy.schema import CreateTable

        return str(CreateTable(table, if_not_exists=True).compile(dialect=self.dialect)).strip()

    def script_inserts(self, operation: BulkInsert) -> tuple[str, ...]:
        """Return the statements that insert rows."""
        return operation.sql

    def script_guard(self, guard: Guard) -> tuple[str, ...]:
        """Return the statements that fail where ``guard`` does not hold; nothing where the database has no means for it."""
        return ()

    # -- transactions

    def prepare(self, connection: Connection, operations: Sequence[Operation]) -> None:
        """Get ready to carry ``operations`` out in the caller's own transaction.

        Raises:
            UnsupportedOperation: one of them cannot be carried out there. Nothing has been sent yet.
        """

    @contextmanager
    def transaction(self, connection: Connection, waiting: Waiting = WITHOUT_LIMIT) -> Iterator[None]:
        """Run a revision in a transaction: commit at the end, roll back on an error.

        Where the caller has opened one already, it is joined.

        Args:
            connection: the connection.
            waiting: how to wait, where a transaction has the database to itself.

        Raises:
            LockTimeout: another connection has the database for longer than ``waiting`` allows.
        """
        if connection.in_transaction():
            yield
            return
        with connection.begin():
            yield

    @contextmanager
    def reading(self, connection: Connection, waiting: Waiting = WITHOUT_LIMIT) -> Iterator[None]:
        """Run what is inside, which only reads; a transaction that it begins is ended.

        Args:
            connection: the connection.
            waiting: how to wait, where those who write can keep readers out.

        Raises:
            LockTimeout: they do for longer than ``waiting`` allows.
        """
        was = connection.in_transaction()
        try:
            yield
        finally:
            if not was and connection.in_transaction():
                connection.rollback()

    def commits_each(self, connection: Connection) -> bool:
        """Return True where ``connection`` commits each statement by itself (``isolation_level="AUTOCOMMIT"``)."""
        engines = getattr(connection.dialect, "_on_connect_isolation_level", None)
        return bool(connection.get_execution_options().get("isolation_level", engines) == "AUTOCOMMIT")

    @contextmanager
    def autocommit(self, connection: Connection) -> Iterator[None]:
        """Run the block outside of any transaction: each statement is committed by itself. No transaction may be open."""
        options, engines = (
            connection.get_execution_options(),
            getattr(connection.dialect, "_on_connect_isolation_level", None),
        )
        before = options.get("isolation_level") or engines or connection.default_isolation_level
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            yield
        finally:
            if not (connection.closed or connection.invalidated):
                if connection.in_transaction():
                    # SQLAlchemy alone takes it for one.
                    connection.rollback()
                connection.execution_options(isolation_level=before)

    @contextmanager
    def outside(self, connection: Connection) -> Iterator[None]:
        """Keep other runs of migrations off while a revision is outside of its transaction, where the lock for migrations does not.

        The block begins in the transaction that is about to be left, and ends when the revision does.

        Raises:
            MigrationFailed: they cannot be kept off.
        """
        yield

    # -- revisions that leave their transaction

    own_table_arguments: ClassVar[Mapping[str, Any]] = {}
    """What our own tables beside the version table are made with."""

    begin_unit: ClassVar[str] = "BEGIN"
    """What opens a transaction on a connection whose statements commit by themselves."""

    def split(self, connection: Connection, operation: Operation) -> tuple[Operation, ...]:
        """Return the operations that ``operation`` is made of, as small as can be told: one statement each, where statements commit themselves."""
        if isinstance(operation, CustomOperation):
            return tuple(small for part in self.parts(operation) for small in self.split(connection, part))
        if isinstance(operation, BatchAlterTable):
            return operation.in_place
        return (operation,)

    def shares_transaction(self, operation: Operation) -> bool:
        """Return True where ``operation`` can run in a transaction with other statements, all of which are kept or none."""
        if isinstance(operation, Execute):
            return changes_rows(operation.sql, self.lexicon)
        return self.transactional_ddl or isinstance(operation, BulkInsert)

    def keeps_rows_whole(self, connection: Connection) -> bool:
        """Return True where every change of rows takes part in transactions."""
        return True

    def is_finished(self, index: Index) -> bool:
        """Return False for an index that was left behind half made."""
        return True

    def refused_whole(self, error: BaseException, sql: str) -> bool:
        """Return True where it is certain that nothing of a statement of the user's was done, given the error of the driver's for it."""
        return False

    # -- one run of migrations at a time

    locks_sessions: ClassVar[bool] = False
    """:meth:`lock` keeps others off for as long as the block runs, whatever is committed in it."""

    @contextmanager
    def lock(self, connection: Connection, table: Name, waiting: Waiting, *, joined: bool = False) -> Iterator[None]:
        """Hold the lock for migrations inside the block, where the database has locks that outlive transactions.

        Args:
            connection: where the lock is held; it need not be the one that migrates.
            table: the version table that the lock is for.
            waiting: how to wait for whoever holds it.
            joined: the transaction that is open is the caller's, who commits it after the block: the lock is held as long.

        Raises:
            LockTimeout: somebody else holds it for longer than ``waiting`` allows.
        """
        yield

    def read_exclusively(self, connection: Connection, query: sa.Select[Any]) -> Sequence[Any]:
        """Return the values of a query of one column of one table as they are now, and keep others from changing them.

        They are kept off up to the end of the transaction, as far as the database can do that.
        """
        return connection.execute(query).scalars().all()

    @contextmanager
    def limited(self, connection: Connection, limits: Limits) -> Iterator[None]:
        """Limit what statements in the block may take; afterwards the limits are what they were."""
        yield

    def is_passing(self, error: BaseException) -> bool:
        """Return True where an error of the driver's may not come again when the transaction is tried once more.

        Another transaction was in the way: a lock was not had in time, a deadlock, a serialization failure.
        """
        return False

    @property
    def begin_script(self) -> tuple[str, ...]:
        """The statements that open a transaction in offline SQL."""
        return ("BEGIN",) if self.transactional_ddl else ()

    @property
    def commit_script(self) -> tuple[str, ...]:
        """The statements that close it."""
        return ("COMMIT",) if self.transactional_ddl else ()
