"""What keeps other runs off while a revision is outside of its transaction: a lock on a file of its own, beside the database.

Between the transactions of such a revision anybody can begin one and find the version where it was. So whoever is about to leave takes the
lock first, and whoever has begun a transaction looks whether it is held. Both happen while they have the database to themselves, as
BEGIN IMMEDIATE gives it: nobody takes the lock after somebody else has looked.

The lock is SQLite's own, on an empty database that nothing is ever written into: it works wherever the database itself does, and goes
with the process that holds it. The file is there only as long as it is needed; one that a killed process left is removed by the next run.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from schemadiff.backends.sqlite.busy import is_passing
from schemadiff.errors import MigrationFailed

__all__ = ["SUFFIX", "held", "is_held"]

SUFFIX = "-schemadiff"


def is_held(database: str) -> bool:
    """Return True where another connection has the lock. The caller has the database to itself.

    Args:
        database: the path of the database's file.

    Raises:
        MigrationFailed: the file cannot be opened.
    """
    path = database + SUFFIX
    if not os.path.exists(path):
        return False
    try:
        with closing(_locked(path)):
            # Whoever held it has ended without tidying up; nobody can take it meanwhile.
            _remove(path)
    except sqlite3.OperationalError as error:
        if is_passing(error):
            return True
        # It may have gone since.
        if os.path.exists(path):
            raise _refused(path, error) from error
    return False


@contextmanager
def held(database: str) -> Iterator[None]:
    """Hold the lock inside the block. The caller has the database to itself when it begins, and has looked whether anybody holds it.

    Args:
        database: the path of the database's file.

    Raises:
        MigrationFailed: the file cannot be made.
    """
    path = database + SUFFIX
    try:
        lock = _locked(path)
    except sqlite3.OperationalError as error:
        raise _refused(path, error) from error
    try:
        yield
    finally:
        # In this order: who finds no file finds nobody who holds it. Where an open file cannot be removed, nobody has opened it anew.
        _remove(path)
        lock.close()
        if os.name == "nt":
            _remove(path)


def _locked(path: str) -> sqlite3.Connection:
    """Return a connection that holds the lock until it is closed.

    Raises:
        sqlite3.OperationalError: another one does, or the file cannot be made.
    """
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # No journal, which would be a second file.
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("BEGIN EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection


def _refused(path: str, error: sqlite3.OperationalError) -> MigrationFailed:
    return MigrationFailed(
        f"{path}, which keeps other runs off a revision outside of its transaction, cannot be locked: {error}; "
        "see that the file and its folder can be written"
    )


def _remove(path: str) -> None:
    with suppress(OSError):
        os.remove(path)
