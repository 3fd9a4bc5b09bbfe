"""The migration context: runs revisions on a connection, or prints them as SQL, and keeps the version table."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import sqlalchemy as sa

from schemadiff.backends import Backend, backend_for, connected_backend
from schemadiff.errors import BrokenRevision, MigrationFailed, OperationError, SchemadiffError
from schemadiff.revisions.directory import load_function
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.applied import MigrationInfo, OnVersionApply, tell_applied
from schemadiff.runtime.executor import Executor, Offline, Online, activate, one_line
from schemadiff.runtime.script import Script
from schemadiff.runtime.site import Site
from schemadiff.runtime.versions import VersionTable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

    from schemadiff.config import Config

__all__ = ["Direction", "MigrationContext", "Options", "Progress", "Step"]

_log = logging.getLogger(__name__)

Direction = Literal["upgrade", "downgrade"]


class Progress(Protocol):
    """Is told how far a long command is."""

    def __call__(self, done: int, total: int, what: str, /) -> None:
        """Take note: ``done`` of ``total`` steps, the next of which is ``what``."""


@dataclass(frozen=True, slots=True)
class Step:
    """One revision to run in one direction.

    Args:
        revision: the revision.
        direction: which of its functions runs.
        before: the rows of the version table before it.
        after: the rows after it.
    """

    revision: Revision
    direction: Direction
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        old, new = (", ".join(rows) or "base" for rows in (self.before, self.after))
        message = f", {one_line(self.revision.message, 100)}" if self.revision.message else ""
        return f"{self.direction} {old} -> {new}{message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``context.configure()`` sets about the run.

    Args:
        target_metadata: the MetaData, or several.
        version_table, version_table_schema, version_table_pk: the version table.
        transaction_per_migration: a transaction for each revision; False for one around all of them.
        engine_name: the database, where env.py configures several.
        upgrade_token, downgrade_token: the names under which script.py.mako finds what autogen writes.
        transactional_ddl: whether DDL takes part in transactions; None for what the backend says.
        on_version_apply: is told of each move of the version table.
        comparison: the options of the comparison, which commands read.
        given: all keyword arguments, for env.py's own use.
    """

    target_metadata: sa.MetaData | Sequence[sa.MetaData] | None = None
    version_table: str = "schemadiff_version"
    version_table_schema: str | None = None
    version_table_pk: bool = True
    transaction_per_migration: bool = True
    engine_name: str | None = None
    upgrade_token: str = "upgrades"
    downgrade_token: str = "downgrades"
    transactional_ddl: bool | None = None
    on_version_apply: tuple[OnVersionApply, ...] = ()
    comparison: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    def naming_convention(self) -> Mapping[str, Any]:
        """Return the naming convention of the target's MetaData; of the first one, where there are several."""
        target = self.target_metadata
        first = target if isinstance(target, sa.MetaData) else next(iter(target or ()), None)
        return {} if first is None else dict(first.naming_convention)


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
        self._committed_midway = False
        self.external_transaction = connection is not None and connection.in_transaction()
        site = Site(self.backend, self.options.naming_convention())
        self._executor: Executor = (
            Offline(site, script.statement, self) if script is not None else Online(site, self._bound, self)
        )

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

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Run what is inside outside of any transaction: what the revision has done before is committed, and another transaction follows.

        For statements that refuse to stand in one, such as CREATE INDEX CONCURRENTLY. In a script of SQL there is COMMIT before
        them, and BEGIN after them.

        Raises:
            OperationError: the transaction is the caller's own, which is not ours to commit.
        """
        if self.script is not None:
            with self.script.outside(self._begin_script, self._commit_script):
                yield
            return
        if self.external_transaction:
            raise OperationError(
                "autocommit_block(): a transaction was open before context.configure(), which is not ours to commit: commit it in env.py, "
                "or begin none"
            )
        self._committed_midway = True
        with self.backend.autocommit(self._bound):
            yield

    # -- running

    def begin_transaction(self) -> AbstractContextManager[None]:
        """Return what env.py opens around ``run_migrations()``.

        Revisions open their own transactions. Only with ``transaction_per_migration=False`` it is one around all of them.
        """
        if self.options.transaction_per_migration or not self.transactional_ddl:
            return nullcontext()
        return self._transaction()

    def run(
        self, steps: Sequence[Step], *, progress: Progress | None = None, arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Run revisions, in order.

        Args:
            steps: what to run.
            progress: is told of each step before it runs.
            arguments: keyword arguments for the functions of the revisions.

        Raises:
            BrokenRevision: a file cannot be imported, or its function fails for a reason of its own.
            MigrationFailed: the database refused a statement. The message says what state the database is in.
        """
        if self.script is not None and steps and not steps[0].before:
            self._print_version_table(self.script)
        where = f" on {self.options.engine_name}" if self.options.engine_name else ""
        for number, step in enumerate(steps):
            if progress is not None:
                progress(number, len(steps), str(step))
            _log.info("Running %s%s", step, where)
            function = load_function(step.revision, step.direction)
            if self.script is not None:
                self.script.comment(f"Running {step}")
            self._committed_midway = False
            with self._explained(step), self._transaction(), self.operations():
                self._print_guard(step.before, step.after)
                function(**(arguments or {}))
                self._move(step.before, step.after)
                info = MigrationInfo(step.direction == "upgrade", False, step.revision, step.before, step.after)
                tell_applied(self.options.on_version_apply, self, info, arguments)
        if progress is not None and steps:
            progress(len(steps), len(steps), "done")

    def stamp(self, before: Collection[str] | None, after: Collection[str]) -> None:
        """Set the rows of the version table, without running anything.

        Args:
            before: the rows that are there; None in a script of SQL that sets them whatever they are.
            after: the rows that are there from now on.

        Raises:
            MigrationFailed: the rows are not ``before`` any more.
        """
        if self.script is not None and not before:
            self._print_version_table(self.script)
        known = () if before is None else before
        with self._transaction(), self.operations():
            if self.script is not None and before is None:
                for statement in self.versions.reset_script(after):
                    self.script.statement(statement)
            else:
                self._print_guard(known, after)
                self._move(known, after)
            if before is None or set(known) != set(after):
                info = MigrationInfo(bool(after), True, None, tuple(sorted(known)), tuple(sorted(after)))
                tell_applied(self.options.on_version_apply, self, info)

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
            raise OperationError("there is no connection: give context.configure() one")
        return self.connection

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
    def _transaction(self) -> Iterator[None]:
        if self.script is None:
            with self.backend.transaction(self._bound):
                yield
            return
        with self.script.transaction(self._begin_script, self._commit_script):
            yield

    @property
    def _begin_script(self) -> tuple[str, ...]:
        """The statements that open a transaction in a script."""
        own = self.backend.begin_script
        return own if self.options.transactional_ddl is None else (own or ("BEGIN",)) if self.transactional_ddl else ()

    @property
    def _commit_script(self) -> tuple[str, ...]:
        own = self.backend.commit_script
        return own if self.options.transactional_ddl is None else (own or ("COMMIT",)) if self.transactional_ddl else ()

    def _print_version_table(self, script: Script) -> None:
        with script.transaction(self._begin_script, self._commit_script):
            script.statement(self.versions.create_script())

    def _print_guard(self, before: Collection[str], after: Collection[str]) -> None:
        if self.script is not None:
            for statement in self.versions.guard_script(before, after):
                self.script.statement(statement)

    def _move(self, before: Collection[str], after: Collection[str]) -> None:
        if self.script is not None:
            for statement in self.versions.move_script(before, after):
                self.script.statement(statement)
            return
        self.versions.create(self._bound)
        self.versions.move(self._bound, before, after)

    # -- errors

    @contextmanager
    def _explained(self, step: Step) -> Iterator[None]:
        """Turn whatever a revision raises into an error that names it, the line, and the state of the database."""
        try:
            yield
        except BrokenRevision:
            raise
        except (Exception, SystemExit) as error:
            path = shown_path(step.revision.path)
            line = _line(error, step.revision)
            where = f"{path}:{line}" if line else path
            reason = one_line(str(error), 2000)
            if isinstance(error, sa.exc.SQLAlchemyError) and getattr(error, "orig", None) is not None:
                statement = getattr(error, "statement", None)
                reason = one_line(str(getattr(error, "orig", error)))
                reason += f" [SQL: {one_line(str(statement), 400)}]" if statement else ""
                kind: type[SchemadiffError] = MigrationFailed
            elif isinstance(error, SchemadiffError):
                kind = type(error)
                reason = reason.removeprefix(f"{where}: ")
            else:
                kind = BrokenRevision
                reason = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
            raise kind(
                f"{where}: {step.direction} of revision {step.revision.id} failed: {reason}; {self._state(step)}"
            ) from error

    def _state(self, step: Step) -> str:
        """Return what state the database is in after ``step`` has failed."""
        if self.script is not None:
            return "nothing was printed"
        stands = ", ".join(step.before) or "base"
        if self._committed_midway:
            return (
                f"what it did before and in autocommit_block() stays, while the version table says {stands}: "
                "compare with 'schemadiff diff' and mend by hand"
            )
        if not self.options.transaction_per_migration or self.external_transaction:
            return "nothing of this run was kept" if self.backend.transactional_ddl else self._partly(stands)
        if self.backend.transactional_ddl:
            return f"nothing of it was kept, the database stands at {stands}"
        return self._partly(stands)

    def _partly(self, stands: str) -> str:
        return (
            f"{self.backend.dialect.name} commits each statement that changes the schema, so what ran before it in this revision stays, "
            f"while the version table says {stands}: compare with 'schemadiff diff' and mend by hand"
        )


def _line(error: BaseException, revision: Revision) -> int | None:
    """Return the line of the revision's file that an error came through, the innermost one."""
    path = str(revision.path.absolute())
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None
