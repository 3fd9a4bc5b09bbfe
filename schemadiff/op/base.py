"""What every other function stands on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.operations import Operation
from schemadiff.runtime import executor
from schemadiff.runtime.asynchronous import Result
from schemadiff.runtime.asynchronous import run_async as run_async_on

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.elements import conv

    from schemadiff.runtime.migration import MigrationContext

__all__ = ["f", "get_bind", "get_context", "invoke", "run_async"]


def invoke(operation: Operation) -> None:
    """Carry out an operation that was built by hand.

    Args:
        operation: a node of the operation tree.
    """
    executor.active("invoke").invoke(operation)


def get_bind() -> Connection:
    """Return the connection that the migration runs on.

    Raises:
        NotRecordable: the migration is printed as SQL or recorded, so that there is no connection.
    """
    return executor.active("get_bind").get_bind()


def get_context() -> MigrationContext:
    """Return the context that the migration runs in: its dialect, its connection, its version table.

    Raises:
        NotRecordable: the migration is recorded, without a context.
    """
    return executor.active("get_context").get_context()


def run_async(async_function: Callable[..., Awaitable[Result]], *args: Any, **kw_args: Any) -> Result:
    """Run a coroutine function on the connection of the migration, and return what it returns.

    Args:
        async_function: called with an :class:`~sqlalchemy.ext.asyncio.AsyncConnection`, in the transaction of the migration.
        args: further arguments for it.
        kw_args: keyword arguments for it.

    Raises:
        OperationError: the migration does not run on an asynchronous engine.
        NotRecordable: the migration is printed as SQL or recorded, so that there is no connection.
    """
    return run_async_on(executor.active("run_async").get_bind(), async_function, *args, **kw_args)


def f(name: str | None) -> conv:
    """Mark ``name`` as final: no naming convention is applied to it. ``f(None)`` is no name, also where a convention would give one."""
    return sa.sql.elements.conv("" if name is None else name)
