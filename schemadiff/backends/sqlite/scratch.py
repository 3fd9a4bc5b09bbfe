"""Scratch databases of SQLite: files in a temporary folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends.scratch import PREFIX
from schemadiff.errors import ConfigError

__all__ = ["refuse_attached", "scratch_file"]


@contextmanager
def scratch_file(url: sa.URL) -> Iterator[sa.URL]:
    """Give the URL of an empty database, with the driver of ``url``; its file is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        yield sa.URL.create(url.drivername, database=os.path.join(folder, "scratch.db"))


def refuse_attached(connection: Connection) -> None:
    """Refuse a connection that has further databases, which are not scratch ones.

    Raises:
        ConfigError: env.py has attached one.
    """
    rows = connection.exec_driver_sql("PRAGMA database_list").all()
    others = [f"{name} ({file})" if file else str(name) for _, name, file in rows if name not in ("main", "temp")]
    if others:
        raise ConfigError(
            f"env.py attaches {', '.join(others)}, and revisions are replayed on a scratch database alone: attach it only where "
            "context.config.places is empty"
        )
