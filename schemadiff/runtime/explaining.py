"""What comes out of env.py, as errors of ours that name the place and say what to write."""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from schemadiff.errors import ConfigError, MigrationFailed, SchemadiffError
from schemadiff.revisions.header import one_line
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.connecting import connection_error

__all__ = ["explained", "explained_hook", "is_users", "named_hook", "placed"]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_SQLALCHEMY = f"{os.sep}sqlalchemy{os.sep}"
_CONNECTING = os.path.join("sqlalchemy", "engine", "default.py")


def placed(error: SchemadiffError, path: Path) -> SchemadiffError:
    """Return an error of ours; one about a call in env.py with the place of the call. Others name their own place."""
    if not str(error).startswith("context."):
        return error
    return type(error)(f"{_place(error, path)}: {error}").with_traceback(error.__traceback__)


def explained(error: BaseException, path: Path, *, connected: bool) -> SchemadiffError:
    """Return the error of ours for what came out of env.py.

    Args:
        error: what came out.
        path: the env.py.
        connected: a database was reached, so that a database's error may be about a statement.
    """
    about_statement = connected and isinstance(error, sa.exc.DBAPIError) and not _raised_by_connecting(error)
    ours = None if about_statement else connection_error(error)
    if ours is not None:
        return ours
    if isinstance(error, ModuleNotFoundError) and _raised_by_sqlalchemy(error):
        return ConfigError(f"the url needs a driver that is not installed: {error}; pip install it")
    place = _place(error, path)
    if isinstance(error, KeyError) and error.args in (("url",), ("sqlalchemy.url",)) and _raised_by_sqlalchemy(error):
        return ConfigError(
            f"{place}: the section of the settings that it reads has no url: set url, or [databases.NAME] with a url where there are "
            "several"
        )
    if isinstance(error, TypeError) and _came_through(error, "fileConfig"):
        return ConfigError(
            f"{place}: fileConfig() reads INI files, and the settings are TOML: write config.configure_logging(), which takes the "
            "table [logging] of the settings"
        )
    if isinstance(error, sa.exc.DBAPIError):
        reason = " ".join(str(error.orig).split())
        return MigrationFailed(f"{place}: the database refused a statement: {reason}")
    return ConfigError(f"{place}: {one_line(error)}")


def explained_hook(error: BaseException, name: str | None = None) -> SchemadiffError:
    """Return the error of ours for what a hook of the project raised.

    Args:
        error: what it raised.
        name: the argument of ``context.configure()`` that gives the hook; where it is not known, its function is named.
    """
    frames = traceback.extract_tb(error.__traceback__)
    users = [number for number, frame in enumerate(frames) if _is_users(frame.filename)]
    if not users:
        return ConfigError(f"{name or 'a hook'}: {one_line(error)}")
    last = frames[users[-1]]
    entered = users[-1]
    while entered - 1 in users:
        entered -= 1
    return ConfigError(
        f"{shown_path(last.filename)}:{last.lineno}: {name or f'in the hook {frames[entered].name}()'}: {one_line(error)}"
    )


@contextmanager
def named_hook(name: str) -> Iterator[None]:
    """Turn what a hook raises inside the block into an error of ours that names it and the line; those of databases stay as they are.

    Args:
        name: the argument of ``context.configure()`` that gives the hook.
    """
    try:
        yield
    except (SchemadiffError, sa.exc.DBAPIError):
        raise
    except Exception as error:
        raise explained_hook(error, name) from error


def is_users(error: BaseException) -> bool:
    """Return True where an error arose in code of the project: in a hook that the comparison called."""
    return _is_users(traceback.extract_tb(error.__traceback__)[-1].filename)


def _is_users(file: str) -> bool:
    return not file.startswith((_OURS, "<")) and not any(file.startswith(f"{folder}{os.sep}") for folder in _INSTALLED)


def _place(error: BaseException, path: Path) -> str:
    """Return ``file:line`` of an error in env.py: the line of env.py that it came through, the innermost one."""
    file = os.path.abspath(path)
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(error.filename)}:{error.lineno or 1}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{shown_path(path)}:{lines[-1]}" if lines else shown_path(path)


def _raised_by_connecting(error: BaseException) -> bool:
    """Return True where a connection could not be opened, and False where one that was open failed."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(frame.name == "connect" and frame.filename.endswith(_CONNECTING) for frame in frames)


def _raised_by_sqlalchemy(error: BaseException) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and _SQLALCHEMY in frames[-1].filename


def _came_through(error: BaseException, function: str) -> bool:
    return any(frame.name == function for frame in traceback.extract_tb(error.__traceback__))
