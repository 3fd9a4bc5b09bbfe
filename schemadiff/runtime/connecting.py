"""What goes wrong while a database is being reached, as errors of ours."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from schemadiff.errors import ConfigError, ConnectionFailed, SchemadiffError

__all__ = ["connecting", "connection_error", "said"]


def connection_error(error: BaseException) -> SchemadiffError | None:
    """Return the error of ours for what SQLAlchemy or a driver raised while connecting; None where it is something else."""
    if isinstance(error, sa.exc.DBAPIError):
        return ConnectionFailed(f"cannot connect to the database: {said(error)}; check the url in the settings")
    if isinstance(error, sa.exc.MissingGreenlet):
        return ConfigError(
            "the url names an asynchronous driver, and env.py connects synchronously: name another driver in the url, or take the "
            "env.py of 'schemadiff init -t async'"
        )
    if isinstance(error, sa.exc.InvalidRequestError) and "async driver" in str(error):
        return ConfigError(
            "the url names a driver that is not asynchronous, and env.py connects asynchronously: name one such as "
            "postgresql+asyncpg, mysql+aiomysql or sqlite+aiosqlite, or take the env.py of 'schemadiff init'"
        )
    if isinstance(error, sa.exc.NoSuchModuleError):
        return ConfigError(
            f"the url names a database that SQLAlchemy does not know: {_plain(error)}; correct it, or install its dialect"
        )
    if isinstance(error, sa.exc.ArgumentError) and "URL" in str(error):
        return ConfigError(
            f"the url cannot be read: {_plain(error)}; write it as dialect+driver://user:password@host/name"
        )
    if isinstance(error, ValueError) and _raised_by_url(error):
        # A port that is no number, or half a bracket. The text of the error may repeat what stands in the URL, a password too.
        return ConfigError(
            "the url cannot be read: its host or port is wrong; write it as dialect+driver://user:password@host:port/name"
        )
    return None


def said(error: sa.exc.DBAPIError) -> str:
    """Return what the server or the driver said, in one line. Drivers of MySQL keep it beside a number."""
    arguments: tuple[Any, ...] = getattr(error.orig, "args", ())
    plain = arguments[1] if len(arguments) == 2 and isinstance(arguments[0], int) else error.orig
    return " ".join(str(plain).split())


def _raised_by_url(error: BaseException) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return any(frame.filename.endswith(os.path.join("sqlalchemy", "engine", "url.py")) for frame in frames)


@contextmanager
def connecting() -> Iterator[None]:
    """Turn what SQLAlchemy and drivers raise while connecting into errors of ours.

    Raises:
        ConnectionFailed: the database is unknown or refuses the connection. The password is masked.
        ConfigError: the URL cannot be used.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(f"the url needs a driver that is not installed: {_plain(error)}; pip install it") from error
    except (sa.exc.SQLAlchemyError, ValueError) as error:
        ours = connection_error(error)
        if ours is None:
            raise
        raise ours from error


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split())
