"""The migration context: runs revisions on a connection, or prints them as SQL, and keeps the version table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends import Backend, backend_for, connected_backend
from schemadiff.errors import OperationError
from schemadiff.runtime.applied import MigrationInfo, tell_applied
from schemadiff.runtime.checksums import NO_MARKS, ChecksumTable, Marks
from schemadiff.runtime.continuing import Course
from schemadiff.runtime.executor import Executor, Offline, Online, activate
from schemadiff.runtime.journal import Half, Journal
from schemadiff.runtime.locking import holding_lock
from schemadiff.runtime.options import Options
from schemadiff.runtime.running import migrate
from schemadiff.runtime.script import Script
from schemadiff.runtime.site import Site
from schemadiff.runtime.steps import Attempt, Direction, Outcome, Overtaken, Plan, Progress, Step
from schemadiff.runtime.telling import lost_way
from schemadiff.runtime.transactions import UNBOUND, Transactions
from schemadiff.runtime.versions import VersionTable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

    from schemadiff.config import Config
    from schemadiff.revisions.checksum import Checksum

__all__ = ["Direction", "MigrationContext", "Options", "Progress", "Step"]


class MigrationContext(Transactions):
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
        journal: the journal of revisions that leave their transaction.
        executor: what carries operations out.
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
        backend = backend_for(dialect) if connection is None else self._connected(connection)
        super().__init__(backend, connection, options or Options(), script)
        self.dialect = dialect
        self.config = config
        self.versions = VersionTable(
            self.backend,
            self.options.version_table,
            self.options.version_table_schema,
            primary_key=self.options.version_table_pk,
        )
        self.checksums = ChecksumTable(self.backend, self.versions.table)
        self.journal = Journal(self.backend, self.versions.table)
        self._locked = False
        site = Site(self.backend, self.options.naming_convention())
        self.executor: Executor
        if script is None and connection is not None:
            self.executor = Online(site, connection, self)
        else:
            self.executor = Offline(site, self._refuse if script is None else script.statement, self)

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
        with self.reading() as connection:
            return self.versions.read(connection)

    def get_checksums(self) -> Mapping[str, Checksum]:
        """Return the checksums that are kept of revisions that have run; nothing for a script of SQL."""
        if self.script is not None:
            return {}
        with self.reading() as connection:
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

    def half_done(self) -> Half | None:
        """Return the revision that the database stands in the middle of; None where it stands at one."""
        if self.script is not None:
            return None
        with self.reading() as connection:
            return self.journal.read(connection)

    def refuse_half_done(self, command: str) -> None:
        """Refuse a command that has to wait until the database stands at a revision.

        Raises:
            HalfDone: it stands in the middle of one.
        """
        half = self.half_done()
        if half is not None:
            raise lost_way(half, command, self.get_current_heads())

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute, or print, a statement."""
        from schemadiff.runtime import build

        self.executor.invoke(build.execute(self.executor.site, sql, execution_options))

    def operations(self) -> AbstractContextManager[Executor]:
        """Make :mod:`schemadiff.op` work on this context inside the block."""
        return activate(self.executor)

    # -- running

    def begin_transaction(self, *, exclusive: bool = True) -> AbstractContextManager[None]:
        """Return what env.py opens around ``run_migrations()``.

        Revisions open their own transactions. Only with ``transaction_per_migration=False`` it is one around all of them.

        Args:
            exclusive: what is done in it changes the database, so that the lock for migrations is held around it. What only reads ends
                its transaction by itself.
        """
        if self.options.transaction_per_migration or not self.transactional_ddl or not exclusive:
            return nullcontext()
        return self._locked_transaction()

    def migrate(
        self,
        plan: Plan,
        direction: Direction,
        *,
        progress: Progress | None = None,
        arguments: Mapping[str, Any] | None = None,
        resume_after: int | None = None,
    ) -> Outcome:
        """Run what ``plan`` finds to be done; see :func:`schemadiff.runtime.running.migrate`."""
        return migrate(self, plan, direction, progress=progress, arguments=arguments, resume_after=resume_after)

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

        direction: Direction = steps[0].direction if steps else "upgrade"
        migrate(self, plan, direction, progress=progress, arguments=arguments)

    def stamp(
        self,
        before: Collection[str] | None,
        after: Collection[str],
        marks: Marks = NO_MARKS,
        *,
        purge: bool = False,
    ) -> None:
        """Set the rows of the version table, without running anything.

        Args:
            before: the rows that are there; None in a script of SQL that sets them whatever they are.
            after: the rows that are there from now on.
            marks: what becomes of the checksums.
            purge: forget that a revision is half done.

        Raises:
            LockTimeout: a run of migrations did not end in time.
            HalfDone: a revision is half done, and that is not to be forgotten.
            MigrationFailed: the rows are not ``before`` any more.
        """
        known = () if before is None else before
        if not known:
            self.print_version_table()
        with self.locked(), self.transaction(), self.operations():
            half = self.half_done()
            if half is not None and not purge:
                raise lost_way(half, "stamp", self.get_current_heads())
            if self.script is not None and before is None:
                if marks.begins:
                    self.script.statement(self.checksums.create_script())
                for statement in (*self.versions.reset_script(after), *self.checksums.change_script(marks)):
                    self.script.statement(statement)
            else:
                self.print_guard(known, after, marks)
                self.move(known, after, marks, forget=half is not None)
            if self.script is None:
                self.drop_empty_tables()
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

    @contextmanager
    def on_course(self, course: Course) -> Iterator[None]:
        """Let operations go their way through ``course`` inside the block."""
        self.course = course
        try:
            yield
        finally:
            self.course = None

    @contextmanager
    def finishing(self, half: Half) -> Iterator[None]:
        """Keep other runs off inside the block, in which a revision that is half done is gone on with or taken back.

        Raises:
            Overtaken: somebody else has done something about it since ``half`` was read.
            LockTimeout: another run did not end in time.
        """
        with ExitStack() as outside:
            with self.transaction():
                if self.journal.read(self._bound) != half:
                    raise Overtaken(self.versions.read(self._bound))
                outside.enter_context(self.backend.outside(self._bound))
            yield

    def expect(self, rows: Collection[str], half: Half | None = None) -> None:
        """Look whether the version table holds ``rows``, and nothing else, and the journal what it held.

        Args:
            rows: the rows.
            half: what the journal held; it is looked at where the lock for migrations does not say that it still does.

        Raises:
            Overtaken: they do not.
        """
        if self.script is not None:
            return
        standing = self.versions.read(self._bound, exclusively=True)
        others = not self.backend.locks_sessions and self.journal.read(self._bound) != half
        if others or set(standing) != set(rows):
            raise Overtaken(standing)

    def move(
        self, before: Collection[str], after: Collection[str], marks: Marks = NO_MARKS, *, forget: bool = False
    ) -> None:
        """Move the rows of the version table, and the checksums with them, or print that.

        Args:
            before: the rows that are there.
            after: the rows that are there from now on.
            marks: what becomes of the checksums.
            forget: remove the rows of the journal too.
        """
        if self.script is not None:
            for statement in (*self.versions.move_script(before, after), *self.checksums.change_script(marks)):
                self.script.statement(statement)
            return
        # First, since it commits where DDL is in no transaction.
        if marks.put:
            self.checksums.create(self._bound)
        self.versions.move(self._bound, before, after)
        if forget:
            self.journal.clear(self._bound)
        self.checksums.change(self._bound, marks)

    def make_own_tables(self) -> None:
        """Create the version table and those beside it, where they are not there."""
        for table in (self.versions, self.checksums, self.journal):
            table.create(self._bound)

    def drop_empty_tables(self) -> None:
        """Drop the tables beside the version table that hold nothing."""
        for table in (self.checksums, self.journal):
            table.drop_empty(self._bound)

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

    def forget(self) -> None:
        """Forget what was read in a transaction that was rolled back."""
        self.checksums.forget()

    def tell_applied(self, info: MigrationInfo, arguments: Mapping[str, Any]) -> None:
        """Tell ``on_version_apply`` of a move of the version table, in its transaction."""
        tell_applied(self.options.on_version_apply, self, info, arguments)

    @contextmanager
    def _locked_transaction(self) -> Iterator[None]:
        with self.locked(), self.transaction():
            yield

    def _refuse(self, sql: str) -> None:
        """Take a statement where there is neither a connection nor a script."""
        raise OperationError(UNBOUND)

    @staticmethod
    def _connected(connection: Connection) -> Backend:
        """Return the backend of a connection, which is left in no transaction where it was in none."""
        was = connection.in_transaction()
        try:
            return connected_backend(connection)
        finally:
            if not was and connection.in_transaction():
                connection.rollback()
