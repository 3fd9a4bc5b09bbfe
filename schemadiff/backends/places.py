"""Where databases are: the part of a backend that is about their URLs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import sqlalchemy as sa

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
