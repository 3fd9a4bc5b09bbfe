"""The transactions of a migration context: that of a revision, the way out of it and back, and those of a script of SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends import Backend
from schemadiff.backends.waiting import Limits
from schemadiff.errors import OperationError
from schemadiff.runtime.locking import waiting
from schemadiff.runtime.options import Options
from schemadiff.runtime.script import Script

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.continuing import Course
    from schemadiff.runtime.steps import Attempt, Telling

__all__ = ["UNBOUND", "Transactions"]

UNBOUND = "there is no connection: give context.configure() one"


class Transactions:
    """Transactions on a connection, or in a script.

    Args:
        backend: the backend.
        connection: the connection; None for a script.
        options: what env.py configured.
        script: where SQL is printed; None for a run on the connection.

    Attributes:
        external_transaction: one was open before, which is the caller's.
        course: the run of the revision that runs.
        telling: tells of its operations; None where nobody is to be told.
        has_committed: a revision of this run has left the transaction that it was in, so that what was before is kept.
    """

    def __init__(
        self, backend: Backend, connection: Connection | None, options: Options, script: Script | None
    ) -> None:
        self.backend = backend
        self.connection = connection
        self.options = options
        self.script = script
        self.external_transaction = connection is not None and connection.in_transaction()
        self.course: Course | None = None
        self.telling: Telling | None = None
        self.has_committed = False
        self._attempt: Attempt | None = None
        self._open: ExitStack | None = None
        self._outside: ExitStack | None = None
        self._collecting = False

    def forget(self) -> None:
        """Forget what was read in a transaction that was rolled back."""

    @property
    def transactional_ddl(self) -> bool:
        """True where DDL takes part in transactions: as configured, or else as the database is known for."""
        said = self.options.transactional_ddl
        return self.backend.transactional_ddl if said is None else said

    @property
    def _begin_script(self) -> tuple[str, ...]:
        """The statements that open a transaction in a script."""
        own = self.backend.begin_script
        return own if self.options.transactional_ddl is None else (own or ("BEGIN",)) if self.transactional_ddl else ()

    @property
    def _commit_script(self) -> tuple[str, ...]:
        own = self.backend.commit_script
        return own if self.options.transactional_ddl is None else (own or ("COMMIT",)) if self.transactional_ddl else ()

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
            raise OperationError(UNBOUND)
        return self.connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the connection to read something; a transaction that is begun for that is ended.

        Raises:
            LockTimeout: another connection keeps readers out for longer than ``lock_timeout``.
        """
        with self.backend.reading(self._bound, waiting(self.options.lock_timeout)):
            yield self._bound

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in a transaction, or in the one that is open: env.py's own, or the one around the whole run."""
        if self.script is not None:
            with self.script.transaction(self._begin_script, self._commit_script):
                yield
            return
        joined = self._bound.in_transaction()
        with ExitStack() as outside, ExitStack() as stack:
            self._enter_transaction(stack)
            if joined:
                yield
                return
            self._open, self._outside = stack, outside
            try:
                yield
            finally:
                self._open = self._outside = None

    def _enter_transaction(self, stack: ExitStack) -> None:
        stack.push(self._forget_on_error)
        stack.enter_context(self.backend.transaction(self._bound, waiting(self.options.lock_timeout)))
        stack.enter_context(self.limited())

    def _forget_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        """Forget what was read in a transaction that was rolled back."""
        if kind is not None:
            self.forget()

    def limited(self) -> AbstractContextManager[None]:
        """Return what limits how long the statements of the block may take, as it is configured."""
        limits = Limits(self.options.table_lock_timeout, self.options.statement_timeout)
        return self.backend.limited(self._bound, limits) if limits else nullcontext()

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Run the block outside of any transaction, as ``CREATE INDEX CONCURRENTLY`` and the like need it.

        What the revision did before is committed, the block's statements commit themselves, and a new transaction begins after it. Where
        the revision fails then, what was committed stays, and the journal says so.

        Raises:
            OperationError: the transaction that is open is not the run's own, so that it is not ours to commit.
        """
        if self.script is not None:
            with self.script.outside(self._begin_script, self._commit_script):
                yield
            return
        if self._collecting:
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
        course = self.course
        with nullcontext() if course is None else course.ours():
            if stack is not None and self._outside is not None:
                if course is not None:
                    course.write_pending()
                self._outside.enter_context(self.backend.outside(connection))
                stack.close()
                self.has_committed = True
            with (
                self.backend.autocommit(connection),
                self.limited(),
                nullcontext() if course is None else course.outside(),
            ):
                yield
            if stack is not None:
                self._enter_transaction(stack)

    @contextmanager
    def only_collecting(self) -> Iterator[None]:
        """Leave transactions alone inside the block, in which operations are collected and none runs."""
        self._collecting = True
        try:
            yield
        finally:
            self._collecting = False
