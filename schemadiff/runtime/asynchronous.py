"""Coroutine functions on the connection of a migration."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from schemadiff.errors import OperationError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Result", "run_async"]

Result = TypeVar("Result")


def run_async(connection: Connection, function: Callable[..., Awaitable[Result]], *args: Any, **kwargs: Any) -> Result:
    """Run ``function`` with the asynchronous face of ``connection``, and return what it returns.

    Raises:
        OperationError: the connection has none, or ``function`` is no coroutine function.
    """
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.util import await_only

    name = getattr(function, "__name__", type(function).__name__)
    if not connection.dialect.is_async:
        raise OperationError(
            f"op.run_async({name}): the migration runs on the driver {connection.dialect.driver}, which is not asynchronous: "
            "use op.get_bind(), or an asynchronous engine in env.py"
        )
    made = function(AsyncConnection._retrieve_proxy_for_target(connection), *args, **kwargs)
    if not inspect.isawaitable(made):
        raise OperationError(f"op.run_async({name}): it returned a {type(made).__name__}: give an 'async def' function")
    found: Result = await_only(made)
    return found
