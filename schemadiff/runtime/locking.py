"""One run of migrations at a time on one database.

The backend holds the lock, on the connection that migrates or on one of its own (``lock_url``), where a pooler of transactions stands
between: there, a lock of a session is soon another client's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends import backend_class
from schemadiff.backends.waiting import Waiting
from schemadiff.errors import ConfigError
from schemadiff.runtime.connecting import connecting

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext

__all__ = ["holding_lock", "waiting"]

_log = logging.getLogger(__name__)


def waiting(timeout: float | None) -> Waiting:
    """Return a way to wait for another run of migrations that says in the log what it waits for."""

    def tell(holder: str | None) -> None:
        held = f": the lock is held by {holder}" if holder else ""
        limit = "" if timeout is None else f" (for at most {timeout:g} s)"
        _log.info("Waiting for another connection that migrates this database%s%s", held, limit)

    return Waiting(timeout, tell)


@contextmanager
def holding_lock(context: MigrationContext, connection: Connection) -> Iterator[None]:
    """Hold the lock for migrations of the context's database and version table inside the block.

    In a transaction of the caller's the lock is held up to its end, since only then others see what was done.

    Raises:
        LockTimeout: another run holds it for longer than ``lock_timeout``.
        ConnectionFailed: the database of ``lock_url`` cannot be reached.
        ConfigError: ``lock_url`` is of another kind of database.
    """
    options, backend = context.options, context.backend
    how = waiting(options.lock_timeout)
    if options.lock_url is None:
        with backend.lock(connection, context.versions.name, how, joined=connection.in_transaction()):
            yield
        return
    with (
        _connected(options.lock_url, type(backend)) as other,
        backend.lock(other, context.versions.name, how),
    ):
        yield


@contextmanager
def _connected(url: str, kind: type) -> Iterator[Connection]:
    with connecting():
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        if backend_class(engine.dialect.name) is not kind:
            raise ConfigError(
                f"lock_url is of {engine.dialect.name}, and the database is not: give it the database's own"
            )
        connection = engine.connect()
    try:
        with connection:
            yield connection
    finally:
        engine.dispose()
