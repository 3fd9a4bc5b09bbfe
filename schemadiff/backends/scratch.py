"""Scratch databases: empty ones that are made for one command, and gone after it. What the backends share of making them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.errors import ConfigError

__all__ = ["PREFIX", "ScratchDatabases", "administer", "made", "new_name"]

_log = logging.getLogger(__name__)

PREFIX = "schemadiff_scratch_"
"""What the names of scratch databases begin with."""

_Found = TypeVar("_Found")


def new_name() -> str:
    """Return a name that no database has."""
    return f"{PREFIX}{os.urandom(6).hex()}"


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


class ScratchDatabases:
    """The part of a backend that makes scratch databases. What is here can make none, and does without a server of its own."""

    schemas_within: ClassVar[bool] = True
    """Schemas are parts of one database; False where each is a database of its own, which outlives a scratch database."""

    @classmethod
    def answers(cls, url: sa.URL) -> bool:
        """Return False where nobody listens at the server of ``url``."""
        return True

    @classmethod
    @contextmanager
    def scratch(cls, url: sa.URL, connect_args: Mapping[str, Any]) -> Iterator[sa.URL]:
        """Give the URL of an empty database on the server of ``url``, with the settings of that of ``url``; it is gone afterwards.

        Args:
            url: the project's database, or only its server.
            connect_args: what the driver is given besides.

        Raises:
            ConfigError: no scratch databases of this kind can be made.
            sqlalchemy.exc.DBAPIError: the server cannot be reached, or does not let this user make one.
        """
        raise ConfigError(
            f"no scratch database of {url.get_backend_name()} can be made: give --scratch the URL of SQLite, PostgreSQL, MariaDB or MySQL"
        )
        yield url

    own_server_title: ClassVar[str] = ""
    """What messages call the server of :meth:`own_server`, where its URL tells nobody anything."""

    @classmethod
    @contextmanager
    def own_server(cls, drivername: str) -> Iterator[sa.URL]:
        """Give the URL of a server that is there for the block alone, for scratch databases where there is no other.

        Args:
            drivername: the driver of the URL, such as ``postgresql+psycopg``; one that is installed where it names none.

        Raises:
            ConfigError: there is no such thing.
        """
        raise ConfigError(
            f"a scratch database of {drivername.partition('+')[0]} needs a server: give --scratch the URL of one, on which this user may create "
            "databases"
        )
        yield sa.URL.create(drivername)

    @contextmanager
    def within(self, connection: Connection) -> Iterator[None]:
        """Keep the statements of the block, which are a user's, inside of a scratch database.

        Raises:
            ConfigError: one of them would leave it, or may do so.
        """
        yield
