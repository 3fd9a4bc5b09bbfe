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
from schemadiff.operations import (
    AddColumn,
    AlterColumn,
    BatchAlterTable,
    BulkInsert,
    CreateEnum,
    CreateTable,
    DropEnum,
    Execute,
    Operation,
)
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.site import Site
from schemadiff.schema import Column, DataType, Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext

__all__ = ["Executor", "Offline", "Online", "Recording", "Site", "activate", "active", "caller", "one_line", "refusal"]


class Executor(ABC):
    """What does, prints or collects operations.

    Args:
        site: what operations are built for.
        context: the migration context; None where a callable is recorded or applied by itself.
    """

    def __init__(self, site: Site, context: MigrationContext | None = None) -> None:
        self.site = site
        self.context = context
        self._enums: set[Name] = set()

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

    def with_enums(self, operation: Operation) -> Iterator[Operation]:
        """Yield ``operation``, preceded by the creation of enum types that its columns need and that it may not find.

        A file that was generated on a database without named enum types says nothing of them. What a revision of this run has
        made itself is not made again, so that files which do name their types run as they are written.
        """
        if isinstance(operation, CreateEnum):
            self._enums.add(operation.enum.name)
        elif isinstance(operation, DropEnum):
            self._enums.discard(operation.name)
        else:
            for type_ in _types(operation):
                enum = self._needed_enum(type_)
                if enum is not None:
                    yield enum
        yield operation

    def _needed_enum(self, type_: DataType) -> CreateEnum | None:
        if type_.named is None or type_.named in self._enums or type_.origin is None:
            return None
        enum = self.backend.enum(type_.origin)
        # The model says with create_type=False that somebody else makes the type.
        if enum is None or getattr(type_.origin, "create_type", True) is False:
            return None
        self._enums.add(type_.named)
        return CreateEnum(enum=enum, if_not_exists=True)


def _types(operation: Operation) -> Iterator[DataType]:
    match operation:
        case CreateTable(table=table):
            yield from (column.type for column in table.columns)
        case AddColumn(column=Column(type=type_)):
            yield type_
        case AlterColumn(after=after):
            if isinstance(after.type, DataType):
                yield after.type
        case BatchAlterTable(operations=operations):
            for inner in operations:
                yield from _types(inner)


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
        import sqlalchemy as sa

        for step in self.with_enums(operation):
            try:
                if isinstance(step, BulkInsert):
                    self.connection.execute(step.table.insert(), list(step.rows))
                else:
                    self.backend.execute(self.connection, step)
            except sa.exc.SQLAlchemyError as error:
                raise MigrationFailed(refusal(step, error)) from error

    def get_bind(self) -> Connection:
        """Return the connection."""
        return self.connection


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
        for step in self.with_enums(operation):
            for statement in step.sql if isinstance(step, BulkInsert) else self.backend.statements(step):
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
