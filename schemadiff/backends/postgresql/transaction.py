"""Work that leaves no trace: reading that ends the transaction it began, and a scratch transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["left_as_it_was", "scratch"]

_SAVEPOINT = "schemadiff_scratch"


@contextmanager
def left_as_it_was(connection: Connection) -> Iterator[None]:
    """End the transaction that the block begins by reading, where none was open before."""
    was_open = connection.in_transaction()
    try:
        yield
    finally:
        if not was_open and connection.in_transaction():
            connection.rollback()


@contextmanager
def scratch(connection: Connection) -> Iterator[None]:
    """Roll everything back that the block does, whatever happens in it.

    In an open transaction the block runs under a savepoint. On a connection in autocommit mode, where SQLAlchemy sends no BEGIN, it runs in a
    transaction of its own, unless the caller has sent a BEGIN of their own.
    """
    with left_as_it_was(connection):
        if not getattr(connection.connection, "autocommit", False):
            connection.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
            end: tuple[str, ...] = (f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}")
        else:
            end = _begun(connection)
        try:
            yield
        finally:
            try:
                _take_back(connection, end)
            except BaseException:
                # Interrupted on the way back: the work is taken back all the same, before the interruption goes on.
                _take_back(connection, end)
                raise


def _take_back(connection: Connection, statements: tuple[str, ...]) -> None:
    # SQLAlchemy closes the connection to the server on KeyboardInterrupt and the like; the server then rolls back.
    for statement in statements:
        if not connection.invalidated:
            connection.exec_driver_sql(statement)


def _begun(connection: Connection) -> tuple[str, ...]:
    """Begin on a connection in autocommit mode, and return the statements that take everything back."""
    try:
        connection.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
    except exc.DBAPIError:
        # SAVEPOINT can only be used in transaction blocks: there is none. Outside of one, an error leaves nothing behind.
        connection.exec_driver_sql("BEGIN")
        return ("ROLLBACK",)
    return (f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}")
