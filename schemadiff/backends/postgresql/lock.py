"""One run of migrations at a time: an advisory lock of the session, and of the transaction where that is the caller's.

PostgreSQL keeps the keys of advisory locks apart by database ("Explicit Locking", "Advisory Locks"), so the key says the version table.
Whoever waits asks again and again. A session that waits inside of pg_advisory_lock() holds a snapshot for as long as it waits, and CREATE
INDEX CONCURRENTLY waits for all older snapshots to go, so the two would wait for each other; so would they where the tries were made in
one transaction that reads from one snapshot. Therefore each try is a transaction of its own.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.postgresql.transaction import left_as_it_was
from schemadiff.backends.waiting import Limits, Waiting
from schemadiff.schema import Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["is_passing", "key_of", "limited", "lock"]

_log = logging.getLogger(__name__)

_HOLDER = """
    SELECT l.pid, a.usename::text AS role, a.application_name, pg_catalog.host(a.client_addr) AS client,
        pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS since
    FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.classid::bigint = :high AND l.objid::bigint = :low
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
"""

# Appendix A of the manual: lock_not_available, deadlock_detected, serialization_failure.
_PASSING = frozenset({"55P03", "40P01", "40001"})


def key_of(table: Name, default_schema: str | None) -> int:
    """Return the key of the lock for the version table ``table``: a signed number of 64 bits."""
    text = f"schemadiff\0{table.schema or default_schema or ''}\0{table.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


@contextmanager
def lock(connection: Connection, key: int, waiting: Waiting, *, joined: bool) -> Iterator[None]:
    """Hold the advisory lock ``key`` inside the block; with ``joined`` up to the end of the transaction that is open.

    Raises:
        LockTimeout: another session holds it for longer than ``waiting`` allows.
    """
    if joined:
        waiting.until(
            connection, lambda: bool(_asked(connection, "pg_try_advisory_xact_lock", key)), _holder(connection, key)
        )
        yield
        return
    waiting.until(connection, lambda: bool(_asked(connection, "pg_try_advisory_lock", key)), _holder(connection, key))
    try:
        yield
    finally:
        _let_go(connection, key)


def _asked(connection: Connection, function: str, key: int) -> Any:
    with left_as_it_was(connection):
        statement = sa.text(f"SELECT pg_catalog.{function}(CAST(:key AS bigint))")
        return connection.execute(statement, {"key": key}).scalar()


def _let_go(connection: Connection, key: int) -> None:
    # Where the session has ended, the lock has gone with it.
    if connection.closed or connection.invalidated:
        return
    try:
        held = _asked(connection, "pg_advisory_unlock", key)
    except sa.exc.DBAPIError:
        # A transaction that has failed is still open, or the session has just ended.
        held = True
        with suppress(sa.exc.SQLAlchemyError):
            connection.rollback()
            held = _asked(connection, "pg_advisory_unlock", key)
    if not held:
        _log.warning(
            "the lock for migrations was gone when the run ended: the connection goes through a pooler that shares sessions between "
            "clients; give --lock-url the address of the server itself"
        )


def _holder(connection: Connection, key: int) -> Any:
    unsigned = key % (1 << 64)

    def asked() -> str | None:
        with left_as_it_was(connection):
            row = connection.execute(sa.text(_HOLDER), {"high": unsigned >> 32, "low": unsigned & 0xFFFFFFFF}).first()
        if row is None:
            return None
        told = [
            f"role {row.role!r}" if row.role else "",
            f"application {row.application_name!r}" if row.application_name else "",
            f"client {row.client}" if row.client else "",
            f"connected since {row.since}" if row.since else "",
        ]
        known = ", ".join(filter(None, told))
        return f"process {row.pid} of the server" + (f" ({known})" if known else "")

    return asked


@contextmanager
def limited(connection: Connection, limits: Limits, *, local: bool) -> Iterator[None]:
    """Limit what statements in the block may take: in the transaction that is open with ``local``, else in the session."""
    wanted = {"lock_timeout": limits.table_lock, "statement_timeout": limits.statement}
    given = {name: f"{max(1, round(seconds * 1000))}ms" for name, seconds in wanted.items() if seconds is not None}
    before = {name: _setting(connection, name) for name in given}
    _set(connection, given, local=local)
    try:
        yield
    except BaseException:
        # A transaction that has failed takes its settings back when it is rolled back.
        if not local:
            with suppress(sa.exc.SQLAlchemyError):
                _set(connection, before, local=False)
        raise
    _set(connection, before, local=local)


def _setting(connection: Connection, name: str) -> str:
    return str(connection.execute(sa.text("SELECT pg_catalog.current_setting(:name)"), {"name": name}).scalar())


def _set(connection: Connection, values: dict[str, str], *, local: bool) -> None:
    for name, value in values.items():
        statement = sa.text("SELECT pg_catalog.set_config(:name, :value, CAST(:local AS boolean))")
        connection.execute(statement, {"name": name, "value": value, "local": local})


def is_passing(error: BaseException) -> bool:
    """Return True where the driver's ``error`` may not come again when the transaction is tried once more."""
    return (getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)) in _PASSING
