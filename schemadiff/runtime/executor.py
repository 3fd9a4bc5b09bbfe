"""What is active while a revision runs: a connection, a script of SQL, or a recording.

The functions of :mod:`schemadiff.op` hand their operations to :func:`active`. It stands in a context variable, so that threads and
asynchronous tasks are apart.
"""

from __future__ import annotations

import os
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from schemadiff.backends import Backend
from schemadiff.errors import MigrationFailed, NotRecordable, OperationError
from schemadiff.operations import BulkInsert, Execute, Operation
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.site import Site

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext

__all__ = [
    "Executor",
    "Offline",
    "Online",
    "Recording",
    "Site",
    "activate",
    "active",
    "caller",
    "current_site",
    "one_line",
    "refusal",
]


class Executor(ABC):
    """What does, prints or collects operations.

    Args:
        site: what operations are built for.
        context: the migration context; None where a callable is recorded or applied by itself.
    """

    def __init__(self, site: Site, context: MigrationContext | None = None) -> None:
        self.site = site
        self.context = context

    @property
    def backend(self) -> Backend:
        """The backend that operations run on."""
        return self.site.backend

    @abstractmethod
    def invoke(self, operation: Operation) -> None:
        """Carry out one operation, in the sense of this executor."""

    def invoke_all(self, operations: Iterable[Operation]) -> None:
        """Carry out operations in their order."""
        for operation in operations:
            self.invoke(operation)

    @abstractmethod
    def get_bind(self) -> Connection:
        """Return the connection.

        Raises:
            NotRecordable: there is none.
        """

    def get_context(self) -> MigrationContext:
        """Return the migration context.

        Raises:
            NotRecordable: the revision runs outside of one.
        """
        if self.context is None:
            raise NotRecordable(
                f"{caller()}: op.get_context() needs a migration that runs: this revision is recorded without one"
            )
        return self.context


class Online(Executor):
    """Carries operations out on a connection."""

    def __init__(self, site: Site, connection: Connection, context: MigrationContext | None = None) -> None:
        super().__init__(site, context)
        self.connection = connection

    def invoke(self, operation: Operation) -> None:
        """Carry ``operation`` out.

        Raises:
            MigrationFailed: the database refused it; the message names the operation, the statement and the server's message.
        """
        course = None if self.context is None else self.context.course
        if self.context is not None and self.context.telling is not None:
            self.context.telling.operation(operation)
        if course is None:
            self.run(operation)
        else:
            course.carry_out(operation, self.run)

    def run(self, operation: Operation) -> None:
        """Carry ``operation`` out, in no revision.

        Raises:
            MigrationFailed: the database refused it.
        """
        import sqlalchemy as sa

        try:
            if isinstance(operation, BulkInsert):
                _insert(self.connection, operation)
            else:
                self.backend.execute(self.connection, operation)
        except sa.exc.SQLAlchemyError as error:
            raise MigrationFailed(refusal(operation, error)) from error

    def get_bind(self) -> Connection:
        """Return the connection."""
        return self.connection


def _insert(connection: Connection, operation: BulkInsert) -> None:
    """Insert rows: with one statement where they are alike, else with one for each, since SQLAlchemy goes by the first row's columns."""
    import sqlalchemy as sa

    rows = operation.rows
    alike = all(row.keys() == rows[0].keys() for row in rows)
    plain = not any(isinstance(value, sa.ClauseElement) for row in rows for value in row.values())
    if alike and plain:
        connection.execute(operation.table.insert(), list(rows))
        return
    for row in rows:
        connection.execute(operation.table.insert().values(**row))


def refusal(operation: Operation, error: Exception) -> str:
    """Return what the database had against ``operation``, in one line: the operation, the server's message and the statement."""
    server = getattr(error, "orig", None)
    message = one_line(str(server if server is not None else error))
    statement = getattr(error, "statement", None)
    shown = f" [SQL: {one_line(str(statement), 400)}]" if statement else ""
    what = "" if isinstance(operation, Execute) and statement else f"{one_line(operation.describe(), 200)}: "
    return f"{what}{message}{shown}"


def one_line(text: str, limit: int = 1000) -> str:
    """Return ``text`` in one line, cut at ``limit`` characters."""
    joined = " ".join(text.split())
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"


class Offline(Executor):
    """Prints the statements of operations.

    Args:
        site: what operations are built for.
        emit: takes one statement, without a terminator.
        context: the migration context.
    """

    def __init__(self, site: Site, emit: Callable[[str], None], context: MigrationContext | None = None) -> None:
        super().__init__(replace(site, literals=True), context)
        self._emit = emit

    def invoke(self, operation: Operation) -> None:
        """Print the statements of ``operation``."""
        if isinstance(operation, BulkInsert):
            own = self.backend.script_inserts(operation)
        else:
            own = self.backend.statements(operation)
        for statement in own:
            self._emit(statement)

    def get_bind(self) -> NoReturn:
        """Raise, since there is no connection."""
        raise NotRecordable(
            f"{caller()}: op.get_bind() needs a database, and --sql has none: run 'schemadiff upgrade' without --sql"
        )


class Recording(Executor):
    """Collects operations."""

    def __init__(self, site: Site, context: MigrationContext | None = None) -> None:
        super().__init__(replace(site, literals=True), context)
        self.operations: list[Operation] = []

    def invoke(self, operation: Operation) -> None:
        """Remember ``operation``."""
        self.operations.append(operation)

    def get_bind(self) -> NoReturn:
        """Raise, since there is no connection."""
        raise NotRecordable(
            f"{caller()}: op.get_bind() reads from a database, so this revision cannot be recorded: "
            "what it does is known when it runs"
        )


_active: ContextVar[Executor | None] = ContextVar("schemadiff_executor", default=None)


def active(function: str) -> Executor:
    """Return the active executor.

    Args:
        function: the function of ``op`` that asks, for the message.

    Raises:
        OperationError: no migration is running.
    """
    executor = _active.get()
    if executor is None:
        raise OperationError(
            f"{caller()}: op.{function}() works only while a migration runs: call it in upgrade() or downgrade() of a revision, "
            "or use schemadiff.apply()"
        )
    return executor


def current_site() -> Site | None:
    """Return what operations are built for at this moment; None where no migration is running."""
    executor = _active.get()
    return None if executor is None else executor.site


@contextmanager
def activate(executor: Executor) -> Iterator[Executor]:
    """Make ``executor`` the active one inside the block."""
    token = _active.set(executor)
    try:
        yield executor
    finally:
        _active.reset(token)


_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def caller() -> str:
    """Return ``file:line`` of the innermost frame that is not ours: the line of the revision that called."""
    for frame in reversed(traceback.extract_stack()):
        inside = os.path.abspath(frame.filename).startswith(_HERE + os.sep)
        if not inside and not frame.filename.endswith("contextlib.py"):
            return f"{shown_path(frame.filename)}:{frame.lineno}"
    return "unknown place"
