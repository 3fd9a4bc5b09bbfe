"""Where databases are, and databases that are there for a while: the part of a backend that is about URLs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from schemadiff.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Places"]


class Places:
    """What a backend knows of the places of its databases. What is said here holds for a database that we know nothing of."""

    default_port: ClassVar[int | None] = None
    """Where a server listens that a URL gives no port for."""

    @classmethod
    @contextmanager
    def leaving_nothing(cls, url: sa.URL) -> Iterator[None]:
        """Take back what merely connecting to ``url`` has made, where the block fails."""
        yield

    @classmethod
    def is_missing(cls, url: sa.URL) -> bool:
        """Return True where the database that ``url`` names is not there, and connecting to it would make it."""
        return False

    @classmethod
    def place(cls, url: sa.URL) -> tuple[object, ...]:
        """Return what says which database ``url`` names: equal for two URLs of one database, whatever their drivers and users are."""
        port = url.port or url.query.get("port") or cls.default_port
        return (url.host or url.query.get("host"), str(port), url.database)

    # -- scratch databases

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
