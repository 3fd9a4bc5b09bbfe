"""The migration context: runs revisions on a connection, or prints them as SQL, and keeps the version table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends import Backend, backend_for, connected_backend
from schemadiff.backends.waiting import Limits
from schemadiff.errors import OperationError
from schemadiff.runtime.applied import MigrationInfo, tell_applied
from schemadiff.runtime.checksums import NO_MARKS, ChecksumTable, Marks
from schemadiff.runtime.executor import Executor, Offline, Online, activate
from schemadiff.runtime.locking import holding_lock, waiting
from schemadiff.runtime.options import Options
from schemadiff.runtime.running import migrate
from schemadiff.runtime.script import Script
from schemadiff.runtime.site import Site
from schemadiff.runtime.steps import Attempt, Direction, Outcome, Overtaken, Plan, Progress, Step
from schemadiff.runtime.versions import VersionTable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

    from schemadiff.config import Config
    from schemadiff.revisions.checksum import Checksum

__all__ = ["Direction", "MigrationContext", "Options", "Progress", "Step"]


_UNBOUND = "there is no connection: give context.configure() one"


class MigrationContext:
    """Where migrations run.

    Args:
        dialect: the dialect.
        connection: the connection; None for a script of SQL.
        options: what env.py configured.
        script: where SQL is printed; None for a run on the connection.
        config: the settings, where there are some.

    Attributes:
        backend: the backend, which knows the server where there is a connection.
        versions: the version table.
        checksums: the checksums of the revisions that have run.
    """

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection | None = None,
        options: Options | None = None,
        *,
        script: Script | None = None,
        config: Config | None = None,
    ) -> None:
        self.dialect = dialect
        self.connection = connection
        self.options = options or Options()
        self.script = script
        self.config = config
        self.backend: Backend = backend_for(dialect) if connection is None else self._connected(connection)
        self.versions = VersionTable(
            self.backend,
            self.options.version_table,
            self.options.version_table_schema,
            primary_key=self.options.version_table_pk,
        )
        self.checksums = ChecksumTable(self.backend, self.versions.table)
        self.external_transaction = connection is not None and connection.in_transaction()
        self._locked = False
        self._open: ExitStack | None = None
        self._attempt: Attempt | None = None
        site = Site(self.backend, self.options.naming_convention())
        self._executor: Executor
        if script is None and connection is not None:
            self._executor = Online(site, connection, self)
        else:
            self._executor = Offline(site, self._refuse if script is None else script.statement, self)

    @classmethod
    def configure(
        cls,
        connection: Connection | None = None,
        *,
        dialect: Dialect | None = None,
        dialect_name: str | None = None,
        url: str | sa.URL | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """Return a context outside of any project: to read the version table, or to use :mod:`schemadiff.op` on a connection.

        Args:
            connection: the connection.
            dialect: the dialect, where there is no connection.
            dialect_name: its name.
            url: a URL, whose dialect is taken.
            opts: ``version_table``, ``version_table_schema``, ``version_table_pk``, ``target_metadata``.

        Raises:
            OperationError: nothing says which database is meant, or an option is unknown.
        """
        known = {"version_table", "version_table_schema", "version_table_pk", "target_metadata"}
        unknown = sorted(set(opts or {}) - known)
        if unknown:
            raise OperationError(
                f"MigrationContext.configure(): {unknown[0]!r} is no option here: known are {sorted(known)}"
            )
        if connection is not None:
            dialect = connection.dialect
        elif dialect is None and (url or dialect_name):
            dialect = sa.make_url(url or f"{dialect_name}://").get_dialect()()
        if dialect is None:
            raise OperationError("MigrationContext.configure(): give a connection, a dialect or a URL")
        return cls(dialect, connection, Options(**dict(opts or {})))

    # -- what env.py and revisions ask

    @property
    def bind(self) -> Connection | None:
        """The connection; None where SQL is printed."""
        return self.connection

    @property
    def as_sql(self) -> bool:
        """True where SQL is printed."""
        return self.script is not None

    @property
    def opts(self) -> Mapping[str, Any]:
        """What was given to ``context.configure()``."""
        return self.options.given

    def get_current_heads(self) -> tuple[str, ...]:
        """Return the revisions that the database stands at, sorted.

        For a script of SQL, these are the ones that it starts from.
        """
        if self.script is not None:
            return self.script.starting
        with self._reading() as connection:
            return self.versions.read(connection)

    def get_checksums(self) -> Mapping[str, Checksum]:
        """Return the checksums that are kept of revisions that have run; nothing for a script of SQL."""
        if self.script is not None:
            return {}
        with self._reading() as connection:
            return self.checksums.read(connection)

    def get_current_revision(self) -> str | None:
        """Return the revision that the database stands at; None for the base.

        Raises:
            OperationError: it stands at several.
        """
        heads = self.get_current_heads()
        if len(heads) > 1:
            raise OperationError(
                f"the database stands at several revisions: {', '.join(heads)}: use get_current_heads()"
            )
        return heads[0] if heads else None

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute, or print, a statement."""
        from schemadiff.runtime import build

        self._executor.invoke(build.execute(self._executor.site, sql, execution_options))

    def operations(self) -> AbstractContextManager[Executor]:
        """Make :mod:`schemadiff.op` work on this context inside the block."""
        return activate(self._executor)

    @property
    def transactional_ddl(self) -> bool:
        """True where DDL takes part in transactions: as configured, or else as the database is known for."""
        said = self.options.transactional_ddl
        return self.backend.transactional_ddl if said is None else said

    # -- running

    def begin_transaction(self, *, exclusive: bool = True) -> AbstractContextManager[None]:
        """Return what env.py opens around ``run_migrations()``.

        Revisions open their own transactions. Only with ``transaction_per_migration=False`` it is one around all of them.

        Args:
            exclusive: what is done in it changes the database, so that the lock for migrations is held around it.
        """
        if self.options.transaction_per_migration or not self.transactional_ddl:
            return nullcontext()
        return self._locked_transaction() if exclusive else self.transaction()

    def migrate(
        self, plan: Plan, *, progress: Progress | None = None, arguments: Mapping[str, Any] | None = None
    ) -> Outcome:
        """Run what ``plan`` finds to be done; see :func:`schemadiff.runtime.running.migrate`."""
        return migrate(self, plan, progress=progress, arguments=arguments)

    def run(
        self, steps: Sequence[Step], *, progress: Progress | None = None, arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Run revisions, in order.

        Args:
            steps: what to run.
            progress: is told of each step before it runs.
            arguments: keyword arguments for the functions of the revisions.

        Raises:
            LockTimeout: another run did not end in time.
            BrokenRevision: a file cannot be imported, or its function fails for a reason of its own.
            MigrationFailed: the database refused a statement, or does not stand where the steps begin. The message says what state
                the database is in.
        """
        todo = iter([tuple(steps)])

        def plan(standing: tuple[str, ...]) -> Sequence[Step]:
            # It is asked once more where the rows are not what a step expects.
            for steps in todo:
                return steps
            raise self.versions.moved(() if self._attempt is None else self._attempt.step.before, standing)

        migrate(self, plan, progress=progress, arguments=arguments)

    def stamp(self, before: Collection[str] | None, after: Collection[str], marks: Marks = NO_MARKS) -> None:
        """Set the rows of the version table, without running anything.

        Args:
            before: the rows that are there; None in a script of SQL that sets them whatever they are.
            after: the rows that are there from now on.
            marks: what becomes of the checksums.

        Raises:
            LockTimeout: a run of migrations did not end in time.
            MigrationFailed: the rows are not ``before`` any more.
        """
        known = () if before is None else before
        if not known:
            self.print_version_table()
        with self.locked(), self.transaction(), self.operations():
            if self.script is not None and before is None:
                if marks.begins:
                    self.script.statement(self.checksums.create_script())
                for statement in (*self.versions.reset_script(after), *self.checksums.change_script(marks)):
                    self.script.statement(statement)
            else:
                self.print_guard(known, after, marks)
                self.move(known, after, marks)
            if before is None or set(known) != set(after):
                self.tell_applied(
                    MigrationInfo(bool(after), True, None, tuple(sorted(known)), tuple(sorted(after))), {}
                )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs of migrations off this database inside the block, as far as it has locks for that.

        Raises:
            LockTimeout: another run did not end in time.
        """
        if self.script is not None or self._locked:
            yield
            return
        with holding_lock(self, self._bound):
            self.checksums.forget()
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    # -- what the running of a step is made of

    def attempt_at(self, step: Step) -> Attempt:
        """Return a new try at ``step``, which is the one that runs from now on."""
        real = self.backend.transactional_ddl and self.connection is not None
        self._attempt = Attempt(step, whole=real and not self.backend.commits_each(self._bound))
        return self._attempt

    def expect(self, rows: Collection[str]) -> None:
        """Look whether the version table holds ``rows``, and nothing else.

        Raises:
            Overtaken: it does not.
        """
        if self.script is not None:
            return
        standing = self.versions.read(self._bound, exclusively=True)
        if set(standing) != set(rows):
            raise Overtaken(standing)

    def move(self, before: Collection[str], after: Collection[str], marks: Marks = NO_MARKS) -> None:
        """Move the rows of the version table, and the checksums with them, or print that."""
        if self.script is not None:
            for statement in (*self.versions.move_script(before, after), *self.checksums.change_script(marks)):
                self.script.statement(statement)
            return
        self.checksums.prepare(self._bound, marks)
        self.versions.move(self._bound, before, after)
        self.checksums.change(self._bound, marks)

    def print_version_table(self) -> None:
        """Print the creation of the version table."""
        if self.script is not None:
            with self.script.transaction(self._begin_script, self._commit_script):
                self.script.statement(self.versions.create_script())

    def print_guard(self, before: Collection[str], after: Collection[str], marks: Marks = NO_MARKS) -> None:
        """Print what keeps a script from going on where the version table does not hold ``before``.

        Behind it the table of checksums is created where the script begins with ``marks``, so that one for another state makes nothing,
        and MariaDB, where that commits, has nothing to commit yet.
        """
        if self.script is not None:
            for statement in self.versions.guard_script(before, after):
                self.script.statement(statement)
            if marks.begins:
                self.script.statement(self.checksums.create_script())

    def tell_applied(self, info: MigrationInfo, arguments: Mapping[str, Any]) -> None:
        """Tell ``on_version_apply`` of a move of the version table, in its transaction."""
        tell_applied(self.options.on_version_apply, self, info, arguments)

    @property
    def _begin_script(self) -> tuple[str, ...]:
        """The statements that open a transaction in a script."""
        own = self.backend.begin_script
        return own if self.options.transactional_ddl is None else (own or ("BEGIN",)) if self.transactional_ddl else ()

    @property
    def _commit_script(self) -> tuple[str, ...]:
        own = self.backend.commit_script
        return own if self.options.transactional_ddl is None else (own or ("COMMIT",)) if self.transactional_ddl else ()

    # -- transactions

    def roll_back(self) -> None:
        """Roll back what the connection is in the middle of, unless that is the caller's own transaction."""
        connection = self.connection
        if connection is None or self.external_transaction or connection.closed or not connection.in_transaction():
            return
        # Where the connection itself is broken, the error that broke it is the one to tell.
        with suppress(sa.exc.SQLAlchemyError):
            connection.rollback()

    @property
    def _bound(self) -> Connection:
        if self.connection is None:
            raise OperationError(_UNBOUND)
        return self.connection

    def _refuse(self, sql: str) -> None:
        """Take a statement where there is neither a connection nor a script."""
        raise OperationError(_UNBOUND)

    @staticmethod
    def _connected(connection: Connection) -> Backend:
        """Return the backend of a connection, which is left in no transaction where it was in none."""
        was = connection.in_transaction()
        try:
            return connected_backend(connection)
        finally:
            if not was and connection.in_transaction():
                connection.rollback()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Give the connection, and end the transaction that SQLAlchemy begins by itself when something is read."""
        connection = self._bound
        was = connection.in_transaction()
        try:
            yield connection
        finally:
            if not was and connection.in_transaction():
                connection.rollback()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in a transaction, or in the one that is open: env.py's own, or the one around the whole run."""
        if self.script is not None:
            with self.script.transaction(self._begin_script, self._commit_script):
                yield
            return
        joined = self._bound.in_transaction()
        with ExitStack() as stack:
            self._enter_transaction(stack)
            if joined:
                yield
                return
            self._open = stack
            try:
                yield
            finally:
                self._open = None

    def _enter_transaction(self, stack: ExitStack) -> None:
        stack.push(self._forget_on_error)
        stack.enter_context(self.backend.transaction(self._bound, waiting(self.options.lock_timeout)))
        stack.enter_context(self._limited())

    def _forget_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        """Forget what was read in a transaction that was rolled back."""
        if kind is not None:
            self.checksums.forget()

    def _limited(self) -> AbstractContextManager[None]:
        limits = Limits(self.options.table_lock_timeout, self.options.statement_timeout)
        return self.backend.limited(self._bound, limits) if limits else nullcontext()

    @contextmanager
    def _locked_transaction(self) -> Iterator[None]:
        with self.locked(), self.transaction():
            yield

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Run the block outside of any transaction, as ``CREATE INDEX CONCURRENTLY`` and the like need it.

        What the revision did before is committed, the block's statements commit themselves, and a new transaction begins after it. Where
        the revision fails then, what was committed stays.

        Raises:
            OperationError: the transaction that is open is not the run's own, so that it is not ours to commit.
        """
        if self.script is not None:
            with self.script.outside(self._begin_script, self._commit_script):
                yield
            return
        connection, stack = self._bound, self._open
        if stack is None and connection.in_transaction():
            raise OperationError(
                "autocommit_block(): a transaction was open before context.configure(), which is not ours to commit: commit it in env.py, "
                "or begin none"
            )
        if self._attempt is not None:
            self._attempt.whole = False
        if stack is not None:
            stack.close()
        with self.backend.autocommit(connection), self._limited():
            yield
        if stack is not None:
            self._enter_transaction(stack)
