"""One run of migrations at a time: a lock of GET_LOCK(), which the server keeps for a session, whatever its transactions do.

The names of such locks are the whole server's and have at most 64 characters (MySQL manual, "Locking Functions"), so the name is a hash of
the database and the version table. A cluster of several servers keeps them for each server alone.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.waiting import Limits, Waiting
from schemadiff.schema import Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["key_of", "limited", "lock"]

_log = logging.getLogger(__name__)


def key_of(table: Name, database: str | None) -> str:
    """Return the name of the lock for the version table ``table``."""
    text = f"{table.schema or database or ''}\0{table.name}"
    return f"schemadiff:{hashlib.sha256(text.encode()).hexdigest()[:48]}"


@contextmanager
def lock(connection: Connection, key: str, waiting: Waiting, *, joined: bool) -> Iterator[None]:
    """Hold the lock ``key`` inside the block; with ``joined`` until the connection goes back to its pool, since the transaction lasts longer.

    Raises:
        LockTimeout: another session holds it for longer than ``waiting`` allows.
    """
    waiting.until(
        connection, lambda: _asked(connection, "SELECT GET_LOCK(:key, 0)", key) == 1, _holder(connection, key)
    )
    if joined:
        _let_go_at_checkin(connection, key)
        yield
        return
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            released = None
            with suppress(sa.exc.SQLAlchemyError):
                released = _asked(connection, "SELECT RELEASE_LOCK(:key)", key)
            if released != 1:
                _log.warning(
                    "the lock for migrations was gone when the run ended: the session has ended, or a proxy shares it between clients; "
                    "give --lock-url the address of the server itself"
                )


def _asked(connection: Connection, statement: str, key: str) -> Any:
    was_open = connection.in_transaction()
    try:
        return connection.execute(sa.text(statement), {"key": key}).scalar()
    finally:
        if not was_open and connection.in_transaction():
            connection.rollback()


def _let_go_at_checkin(connection: Connection, key: str) -> None:
    session = connection.connection.dbapi_connection
    held = True

    def checked_in(dbapi_connection: Any, record: Any) -> None:
        nonlocal held
        # None where the session has ended, and the lock with it. A listener cannot be removed while it is called.
        if held and dbapi_connection is session and dbapi_connection is not None:
            held = False
            cursor = dbapi_connection.cursor()
            cursor.execute(f"DO RELEASE_LOCK('{key}')")
            cursor.close()

    sa.event.listen(connection.engine.pool, "checkin", checked_in)


def _holder(connection: Connection, key: str) -> Any:
    def asked() -> str | None:
        number = _asked(connection, "SELECT IS_USED_LOCK(:key)", key)
        if number is None:
            return None
        was_open = connection.in_transaction()
        statement = sa.text("SELECT user, host, time FROM information_schema.processlist WHERE id = :id")
        try:
            # Other users' sessions are seen with the right PROCESS alone.
            row = connection.execute(statement, {"id": number}).first()
        finally:
            if not was_open and connection.in_transaction():
                connection.rollback()
        return f"session {number} of the server" + ("" if row is None else f" (user {row[0]!r}, client {row[1]})")

    return asked


@contextmanager
def limited(connection: Connection, limits: Limits, *, mariadb: bool) -> Iterator[None]:
    """Limit what statements of this session may take inside the block."""
    given: dict[str, float] = {}
    if limits.table_lock is not None:
        # Whole seconds; MySQL takes no 0.
        whole = max(1, round(limits.table_lock))
        given |= {"lock_wait_timeout": whole, "innodb_lock_wait_timeout": whole}
    if limits.statement is not None:
        # MySQL counts milliseconds, and of SELECT alone.
        given |= (
            {"max_statement_time": limits.statement}
            if mariadb
            else {"max_execution_time": max(1, round(limits.statement * 1000))}
        )
    names = ", ".join(f"@@SESSION.{name}" for name in given)
    row = connection.exec_driver_sql(f"SELECT {names}").one()
    before = dict(zip(given, row, strict=True))
    _set(connection, given)
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            _set(connection, before)


def _set(connection: Connection, values: dict[str, Any]) -> None:
    text = ", ".join(f"SESSION {name} = {value}" for name, value in values.items())
    connection.exec_driver_sql(f"SET {text}")
