"""One run of migrations at a time: SQLite has no lock of a session, so each revision's transaction takes the whole database.

It begins with BEGIN IMMEDIATE, which only one connection gets at a time. What the version table said before is then read again. A revision
that leaves its transaction has a lock on a file besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from schemadiff.backends.sqlite import lock_file
from schemadiff.backends.sqlite.busy import is_passing
from schemadiff.backends.waiting import Limits, Waiting

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["begin_immediately", "begin_reading", "limited", "outside"]

# Milliseconds that one try may take; SQLite itself would wait for the driver's five seconds before anyone could be told.
_ONE_TRY = 100

# Where a connection notes that the lock on the file is its own.
_OUTSIDE = "schemadiff_outside"

Execute = Callable[["Connection", str], list[Any]]
"""Sends a statement past SQLAlchemy."""


def begin_immediately(connection: Connection, execute: Execute, waiting: Waiting) -> None:
    """Begin a transaction that nobody else can write beside.

    Args:
        connection: the connection.
        execute: sends a statement past SQLAlchemy.
        waiting: how to wait for whoever writes now, and for a run whose revision is outside of its transaction.

    Raises:
        LockTimeout: another connection writes for longer than ``waiting`` allows, or is outside for longer.
        MigrationFailed: the file of the lock cannot be opened.
    """
    file = None if _OUTSIDE in connection.info else _file(connection, execute)
    outside = False

    def take() -> bool:
        nonlocal outside
        if not _let_in(connection, execute, "BEGIN IMMEDIATE"):
            return False
        try:
            outside = file is not None and lock_file.is_held(file)
        except BaseException:
            execute(connection, "ROLLBACK")
            raise
        if outside:
            execute(connection, "ROLLBACK")
        return not outside

    def holder() -> str | None:
        return f"a run whose revision is outside of its transaction ({file}{lock_file.SUFFIX})" if outside else None

    with _busy_timeout(connection, execute, _ONE_TRY):
        waiting.until(connection, take, holder, what="the database (BEGIN IMMEDIATE: database is locked)")


def begin_reading(connection: Connection, execute: Execute, waiting: Waiting) -> None:
    """Begin a transaction that reads, and that nobody can lock out any more.

    Whoever writes locks readers out while it commits, and from the moment on when its changes are more than the cache holds.

    Raises:
        LockTimeout: another connection does so for longer than ``waiting`` allows.
    """

    def take() -> bool:
        execute(connection, "BEGIN")
        if _let_in(connection, execute, "SELECT 1 FROM sqlite_master LIMIT 1"):
            return True
        execute(connection, "ROLLBACK")
        return False

    with _busy_timeout(connection, execute, _ONE_TRY):
        waiting.until(connection, take, what="the database (SELECT: database is locked)")


@contextmanager
def outside(connection: Connection, execute: Execute) -> Iterator[None]:
    """Keep other runs off inside the block, which begins in a transaction of :func:`begin_immediately` and goes on outside of it.

    A database in memory is nobody else's.

    Raises:
        MigrationFailed: the file of the lock cannot be made.
    """
    file = _file(connection, execute)
    if file is None or _OUTSIDE in connection.info:
        yield
        return
    with lock_file.held(file):
        connection.info[_OUTSIDE] = file
        try:
            yield
        finally:
            if not connection.closed:
                connection.info.pop(_OUTSIDE, None)


def _file(connection: Connection, execute: Execute) -> str | None:
    """Return the path of the database's file; None for one in memory."""
    found = {row[1]: row[2] for row in execute(connection, "PRAGMA database_list")}
    return found.get("main") or None


def _let_in(connection: Connection, execute: Execute, statement: str) -> bool:
    """Execute a statement; return False where another connection holds the database."""
    try:
        execute(connection, statement)
    except connection.dialect.loaded_dbapi.OperationalError as error:
        if is_passing(error):
            return False
        raise
    return True


@contextmanager
def limited(connection: Connection, execute: Execute, limits: Limits) -> Iterator[None]:
    """Limit how long a statement in the block may wait for other connections; SQLite knows no other limit."""
    if limits.table_lock is None:
        yield
        return
    with _busy_timeout(connection, execute, max(1, round(limits.table_lock * 1000))):
        yield


@contextmanager
def _busy_timeout(connection: Connection, execute: Execute, milliseconds: int) -> Iterator[None]:
    before = execute(connection, "PRAGMA busy_timeout")[0][0]
    execute(connection, f"PRAGMA busy_timeout={milliseconds}")
    try:
        yield
    finally:
        execute(connection, f"PRAGMA busy_timeout={before}")
