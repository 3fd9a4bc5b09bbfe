"""Databases to measure on, near and far: made when they are first needed, dropped at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from benchmarks.models import model, table_name
from benchmarks.proxy import proxied
from tests.support.servers import Backend, Workbench, find_servers

TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}

# A transaction that makes thousands of tables runs out of PostgreSQL's locks.
_BATCH = 100
_CATALOGS = """
SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' ORDER BY oid
"""


class Place:
    """One server, and the databases that are made on it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._made: dict[int, str] = {}
        self.dialect = backend.name
        self.title = TITLES[backend.name]

    def version(self) -> str:
        """Return the server's version; that of the library on SQLite."""
        with self.near(self.empty()) as engine, engine.connect() as connection:
            info = connection.dialect.server_version_info
            return ".".join(str(part) for part in info or () if isinstance(part, int))

    def empty(self) -> str:
        """Return the URL of a new database."""
        return self._backend.new_database()

    def database(self, tables: int) -> str:
        """Return the URL of the database that holds ``model(tables)``."""
        if tables not in self._made:
            self._made[tables] = self.empty()
            grow(self._made[tables], 0, tables)
        return self._made[tables]

    @contextmanager
    def near(self, url: str) -> Iterator[sa.Engine]:
        """Give an engine on a database."""
        engine = sa.create_engine(url, poolclass=NullPool)
        yield engine
        engine.dispose()

    @contextmanager
    def far(self, url: str, rtt: float) -> Iterator[sa.Engine]:
        """Give an engine on a database that is ``rtt`` seconds away. SQLite has no server: each statement waits as long."""
        if self.dialect != "sqlite":
            with proxied(sa.make_url(url), rtt) as through, self.near(through.render_as_string(False)) as engine:
                yield engine
            return
        with self.near(url) as engine:

            def wait(*_: object) -> None:
                time.sleep(rtt)

            sa.event.listen(engine, "before_cursor_execute", wait)
            yield engine


def grow(url: str, start: int, end: int) -> None:
    """Make the tables of ``model(end)`` from number ``start`` on; those before are there."""
    engine = sa.create_engine(url, poolclass=NullPool)
    metadata = model(end)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        for first in range(start, end, _BATCH):
            numbers = range(first, min(first + _BATCH, end))
            tables = [metadata.tables[table_name(number)] for number in numbers]
            metadata.create_all(connection, tables, checkfirst=False)
            connection.commit()
        if engine.dialect.name == "postgresql":
            # As autovacuum would soon do, in the middle of a measurement.
            catalogs = connection.exec_driver_sql(_CATALOGS).scalars().all()
            connection.exec_driver_sql(f"ANALYZE {', '.join(catalogs)}")
            connection.commit()
    engine.dispose()


@contextmanager
def places(wanted: list[str]) -> Iterator[tuple[dict[str, Place], dict[str, str]]]:
    """Give the places that were found, by dialect, and for each that was not the reason.

    Args:
        wanted: dialects. PostgreSQL is the server that the tests find, else the embedded one.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="benchmarks")))
        servers, keeper = find_servers(with_embedded=False)
        by_dialect = {key: servers.by_key[key] for key in TITLES}
        if "postgresql" in wanted and not by_dialect["postgresql"].available:
            servers, keeper = find_servers(with_embedded=True)
            by_dialect["postgresql"] = servers.by_key["postgresql18"]

        def stop() -> None:
            if keeper is not None and keeper.stdin is not None:
                keeper.stdin.close()
                keeper.wait(timeout=60)

        stack.callback(stop)
        found: dict[str, Place] = {}
        missing: dict[str, str] = {}
        for dialect in wanted:
            server = by_dialect[dialect]
            if server.problem is not None:
                missing[dialect] = server.problem
                continue
            workbench = None if dialect == "sqlite" else Workbench(server)
            if workbench is not None:
                stack.callback(workbench.close)
            backend = Backend(server, servers.prefix, folder, workbench)
            stack.callback(backend.close)
            found[dialect] = Place(backend)
        yield found, missing
