"""One run of migrations at a time: SQLite has no lock of a session, so each revision's transaction takes the whole database.

It begins with BEGIN IMMEDIATE, which only one connection gets at a time. What the version table said before is then read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from schemadiff.backends.waiting import Limits, Waiting

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["begin_immediately", "is_passing", "limited"]

# Milliseconds that one try may take; SQLite itself would wait for the driver's five seconds before anyone could be told.
_ONE_TRY = 100


def begin_immediately(
    connection: Connection, execute: Callable[[Connection, str], list[Any]], waiting: Waiting
) -> None:
    """Begin a transaction that nobody else can write beside.

    Args:
        connection: the connection.
        execute: sends a statement past SQLAlchemy.
        waiting: how to wait for whoever writes now.

    Raises:
        LockTimeout: another connection writes for longer than ``waiting`` allows.
    """

    def take() -> bool:
        try:
            execute(connection, "BEGIN IMMEDIATE")
        except connection.dialect.loaded_dbapi.OperationalError as error:
            if is_passing(error):
                return False
            raise
        return True

    with _busy_timeout(connection, execute, _ONE_TRY):
        waiting.until(connection, take, what="the database (BEGIN IMMEDIATE: database is locked)")


@contextmanager
def limited(connection: Connection, execute: Callable[[Connection, str], list[Any]], limits: Limits) -> Iterator[None]:
    """Limit how long a statement in the block may wait for other connections; SQLite knows no other limit."""
    if limits.table_lock is None:
        yield
        return
    with _busy_timeout(connection, execute, max(1, round(limits.table_lock * 1000))):
        yield


@contextmanager
def _busy_timeout(
    connection: Connection, execute: Callable[[Connection, str], list[Any]], milliseconds: int
) -> Iterator[None]:
    before = execute(connection, "PRAGMA busy_timeout")[0][0]
    execute(connection, f"PRAGMA busy_timeout={milliseconds}")
    try:
        yield
    finally:
        execute(connection, f"PRAGMA busy_timeout={before}")


def is_passing(error: BaseException) -> bool:
    """Return True where the driver's ``error`` says that another connection holds the database (SQLITE_BUSY, SQLITE_LOCKED)."""
    # sqlite_errorcode is there from Python 3.11 on; its low byte is the primary code ("Result and Error Codes").
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (5, 6)
