"""Scratch databases: empty ones that are made for one command, and gone after it. What the backends share of making them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

__all__ = ["PREFIX", "administer", "made", "new_name"]

_log = logging.getLogger(__name__)

PREFIX = "schemadiff_scratch_"
"""What the names of scratch databases begin with."""

_Found = TypeVar("_Found")


def new_name() -> str:
    """Return a name that no database has."""
    return f"{PREFIX}{secrets.token_hex(6)}"


@contextmanager
def made(name: str, create: Callable[[], None], drop: Callable[[], None]) -> Iterator[None]:
    """Create a database for the block, and drop it afterwards, also where either ends early. A drop that fails is told, and no error.

    Args:
        name: what it is called.
        create: creates it; a part of it may be done when it fails.
        drop: drops it where it is there.
    """
    created = False
    try:
        create()
        created = True
        yield
    finally:
        try:
            drop()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            # Where it could not be created, the reason is told already.
            if created:
                said = " ".join(str(getattr(error, "orig", error)).split())
                _log.warning("the scratch database %s was not dropped: %s", name, said)


def administer(url: sa.URL, connect_args: Mapping[str, Any], work: Callable[[Connection], _Found]) -> _Found:
    """Call ``work`` with a connection of its own whose statements commit by themselves, and return what it returns.

    Args:
        url: where to connect; an asynchronous driver gets an event loop of its own.
        connect_args: what the driver is given besides.
        work: what is done there.

    Raises:
        sqlalchemy.exc.DBAPIError: the database cannot be reached, or refuses.
    """
    options: dict[str, Any] = {
        "poolclass": sa.pool.NullPool,
        "isolation_level": "AUTOCOMMIT",
        "connect_args": dict(connect_args),
    }
    if not url.get_dialect().is_async:
        engine = sa.create_engine(url, **options)
        with engine.connect() as connection:
            return work(connection)

    async def outside() -> _Found:
        from sqlalchemy.ext.asyncio import create_async_engine

        async with create_async_engine(url, **options).connect() as connection:
            return await connection.run_sync(work)

    # The caller's thread may have a loop that runs.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="schemadiff") as pool:
        return pool.submit(asyncio.run, outside()).result()
