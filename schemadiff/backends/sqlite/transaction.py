"""Real transactions on the user's own SQLite connection.

The drivers begin a transaction on their own only before INSERT, UPDATE and DELETE, so DDL would run outside of any: it is begun here by a
statement. Foreign keys are switched off before that, because SQLite does not switch them inside a transaction and DROP TABLE would
delete the rows of children; instead all of them are checked before the commit. Whatever is switched is switched back, before
the connection goes back to its pool.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy.engine import Connection

from schemadiff.backends.sqlite.lock import begin_immediately, begin_reading
from schemadiff.backends.sqlite.lock import limited as lock_limited
from schemadiff.backends.sqlite.lock import outside as lock_outside
from schemadiff.backends.waiting import Limits, Waiting
from schemadiff.errors import MigrationFailed, UnsupportedOperation

__all__ = [
    "autocommit",
    "begin_for_real",
    "legacy_alter_table",
    "limited",
    "outside",
    "reading",
    "refuse_enforced_keys",
    "transaction",
]


@contextmanager
def transaction(connection: Connection, waiting: Waiting) -> Iterator[None]:
    """Run what is inside in one transaction: commit at the end, roll back on any error, KeyboardInterrupt included.

    Nobody else writes at the same time. A transaction of the caller's is joined; where the driver has put off its beginning, it
    begins now.

    Args:
        connection: the connection.
        waiting: how to wait for another connection that writes.

    Raises:
        LockTimeout: another connection writes for longer than ``waiting`` allows.
        MigrationFailed: a row points at a row that is not there, and did not before.
    """
    if connection.in_transaction():
        if not _begun(connection):
            _begin_immediately(connection, waiting)
        yield
        return
    with _driver_hands_off(connection), _foreign_keys_off(connection), connection.begin():
        if _begun(connection):
            # A listener of the user's has just begun it, and perhaps so that another connection can write before we do.
            _driver_execute(connection, "ROLLBACK")
        _begin_immediately(connection, waiting)
        try:
            before = _violations(connection)
            yield
            _refuse_new(before, _violations(connection))
            _control(connection, "COMMIT")
        except BaseException:
            if _begun(connection):
                _driver_execute(connection, "ROLLBACK")
            raise


@contextmanager
def reading(connection: Connection, waiting: Waiting) -> Iterator[None]:
    """Run what is inside, which only reads, in a transaction that ends with it; one that is open is joined.

    Raises:
        LockTimeout: another connection keeps readers out for longer than ``waiting`` allows.
    """
    if connection.in_transaction():
        yield
        return
    with _driver_hands_off(connection):
        around = connection.begin()
        try:
            if not _begun(connection):
                with _refused(connection, "SELECT"):
                    begin_reading(connection, _driver_execute, waiting)
            yield
        finally:
            if _begun(connection):
                _driver_execute(connection, "ROLLBACK")
            around.rollback()


@contextmanager
def outside(connection: Connection) -> Iterator[None]:
    """Keep other runs of migrations off while a revision is outside of its transaction, in which the block begins."""
    with lock_outside(connection, _driver_execute):
        yield


def begin_for_real(connection: Connection) -> None:
    """Begin the transaction that SQLAlchemy believes to be in, where the driver has put it off; the caller ends it."""
    if not _begun(connection):
        connection.exec_driver_sql("BEGIN")


@contextmanager
def autocommit(connection: Connection) -> Iterator[None]:
    """Run what is inside outside of any transaction: each statement is committed by itself."""
    driver = _driver(connection)
    with _driver_hands_off(connection):
        before = driver.isolation_level
        # None: the driver begins no transaction by itself ("Transaction control" of the module sqlite3).
        driver.isolation_level = None
        try:
            with connection.begin():
                if _begun(connection):
                    # A listener of the user's has begun one.
                    _driver_execute(connection, "COMMIT")
                yield
        finally:
            driver.isolation_level = before


@contextmanager
def limited(connection: Connection, limits: Limits) -> Iterator[None]:
    """Limit how long a statement in the block may wait for other connections."""
    with lock_limited(connection, _driver_execute, limits):
        yield


def _begin_immediately(connection: Connection, waiting: Waiting) -> None:
    with _refused(connection, "BEGIN IMMEDIATE"):
        begin_immediately(connection, _driver_execute, waiting)


def _driver(connection: Connection) -> Any:
    """Return the DBAPI connection: sqlite3's own, or SQLAlchemy's adapter of an asynchronous one."""
    return connection.connection.dbapi_connection


def _begun(connection: Connection) -> bool:
    return bool(connection.connection.driver_connection.in_transaction)  # type: ignore[union-attr]


def _driver_execute(connection: Connection, statement: str) -> list[Any]:
    """Send a statement past SQLAlchemy, which would begin a transaction for it."""
    cursor = _driver(connection).cursor()
    try:
        cursor.execute(statement)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def _control(connection: Connection, statement: str) -> None:
    """Begin or end a transaction.

    Raises:
        MigrationFailed: another connection holds the database, or it cannot be written.
    """
    with _refused(connection, statement):
        _driver_execute(connection, statement)


@contextmanager
def _refused(connection: Connection, statement: str) -> Iterator[None]:
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise MigrationFailed(
            f"{statement}: {error}; let other connections finish, and see that the file and its folder can be written"
        ) from error


@contextmanager
def _driver_hands_off(connection: Connection) -> Iterator[None]:
    """Take a driver that keeps a transaction open all the time (``autocommit=False``, Python 3.12) out of that mode."""
    driver = _driver(connection)
    if getattr(driver, "autocommit", True) is not False:
        yield
        return
    driver.autocommit = True
    try:
        yield
    finally:
        driver.autocommit = False


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    if not _setting(connection, "foreign_keys"):
        yield
        return
    _driver_execute(connection, "PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        _driver_execute(connection, "PRAGMA foreign_keys=ON")


def _setting(connection: Connection, name: str) -> bool:
    rows = _driver_execute(connection, f"PRAGMA {name}")
    return bool(rows and rows[0][0])


Violation = tuple[str, Any, str]


def _violations(connection: Connection) -> Counter[Violation]:
    """Return every row that points at nothing: the table, its rowid, the table that it points at."""
    found: Counter[Violation] = Counter()
    for _, schema, _ in _driver_execute(connection, "PRAGMA database_list"):
        check = f"PRAGMA {_quoted(schema)}.foreign_key_check"
        try:
            rows = _driver_execute(connection, check)
        except _driver_errors(connection):
            # A foreign key whose referent has no such key ("foreign key mismatch") stops the check; it is no row's fault.
            rows = _table_by_table(connection, schema, check)
        found.update((table, rowid, parent) for table, rowid, parent, _ in rows)
    return found


def _table_by_table(connection: Connection, schema: str, check: str) -> list[Any]:
    names = _driver_execute(connection, f"SELECT name FROM {_quoted(schema)}.sqlite_master WHERE type = 'table'")
    rows: list[Any] = []
    for (name,) in names:
        with suppress(_driver_errors(connection)):
            rows += _driver_execute(connection, f"{check}({_quoted(name)})")
    return rows


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _driver_errors(connection: Connection) -> type[Exception]:
    error: type[Exception] = connection.dialect.loaded_dbapi.OperationalError
    return error


def _refuse_new(before: Counter[Violation], after: Counter[Violation]) -> None:
    new = after - before
    if not new:
        return
    (table, rowid, parent), *_ = sorted(new, key=str)
    row = "a row" if rowid is None else f"the row with rowid {rowid}"
    raise MigrationFailed(
        f"table {table}: {row} points at no row of {parent} ({sum(new.values())} such rows in all); "
        "mend the rows in the revision"
    )


def refuse_enforced_keys(connection: Connection, about: str) -> None:
    """Refuse a rebuild where foreign keys are enforced: dropping the old table would delete or block the rows of its children.

    Raises:
        UnsupportedOperation: they are.
    """
    if _setting(connection, "foreign_keys"):
        raise UnsupportedOperation(
            f"{about}: the rebuild of a table needs foreign keys to be off, and SQLite does not switch them inside a transaction; "
            "run PRAGMA foreign_keys=OFF before the transaction begins"
        )


@contextmanager
def legacy_alter_table(connection: Connection) -> Iterator[None]:
    """Run what is inside under ``legacy_alter_table``: renaming a table leaves every other object as it is."""
    was = _setting(connection, "legacy_alter_table")
    _driver_execute(connection, "PRAGMA legacy_alter_table=ON")
    try:
        yield
    finally:
        if not was:
            _driver_execute(connection, "PRAGMA legacy_alter_table=OFF")
