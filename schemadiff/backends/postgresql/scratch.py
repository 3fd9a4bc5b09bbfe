"""Scratch databases of PostgreSQL: databases of the same server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends.postgresql.lexicon import literal, quoted
from schemadiff.backends.scratch import administer, made, new_name

__all__ = ["answers", "scratch_database"]

# Where one can connect although the database of the URL is not there (createdb does the same).
_MAINTENANCE = ("postgres", "template1")

_DATABASE = """
    SELECT to_jsonb(d) || jsonb_build_object('encoding', pg_catalog.pg_encoding_to_char(d.encoding), 'tablespace', s.spcname)
    FROM pg_catalog.pg_database AS d
    JOIN pg_catalog.pg_tablespace AS s ON s.oid = d.dattablespace
    WHERE d.datname = :name
"""

# What ALTER DATABASE ... SET says, and ALTER ROLE ... IN DATABASE of this role, which wins. Only what any role may set.
_SETTINGS = """
    SELECT p.name, pg_catalog.substr(said, pg_catalog.strpos(said, '=') + 1) AS value
    FROM pg_catalog.pg_db_role_setting AS r
    JOIN pg_catalog.pg_database AS d ON d.oid = r.setdatabase
    LEFT JOIN pg_catalog.pg_roles AS u ON u.oid = r.setrole
    CROSS JOIN LATERAL pg_catalog.unnest(r.setconfig) AS said
    JOIN pg_catalog.pg_settings AS p ON p.name = pg_catalog.split_part(said, '=', 1)
    WHERE d.datname = :name AND (r.setrole = 0 OR u.rolname = current_user) AND p.context = 'user'
    ORDER BY r.setrole <> 0, p.name
"""

_SESSIONS = """
    SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()
"""

_SECONDS = 5
_WITH_FORCE = 130000
_DIRECTORIES = ("/var/run/postgresql", "/tmp")


def answers(url: sa.URL) -> bool:
    """Return True where somebody listens at the server of ``url``: a driver would wait for minutes before it says so."""
    host = url.host or url.query.get("host") or os.environ.get("PGHOST")
    port = int(str(url.port or url.query.get("port") or os.environ.get("PGPORT") or 5432).partition(",")[0])
    hosts = [host] if isinstance(host, str) else list(host or (*_DIRECTORIES, "localhost"))
    return any(_listens(each, port) for name in hosts for each in name.split(","))


def _listens(host: str, port: int) -> bool:
    name, _, own = host.partition(":") if host.count(":") == 1 else (host, "", "")
    try:
        if name.startswith("/"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(_SECONDS)
                client.connect(f"{name}/.s.PGSQL.{port}")
        else:
            socket.create_connection((name, int(own or port)), timeout=_SECONDS).close()
    except OSError:
        return False
    return True


@contextmanager
def scratch_database(url: sa.URL, connect_args: Mapping[str, Any]) -> Iterator[sa.URL]:
    """Give the URL of an empty database with the encoding, locale and settings of that of ``url``; it is dropped afterwards.

    It is a copy of template0: what an administrator has put into template1, no revision has built.
    """
    name = new_name()

    def create(connection: Connection) -> None:
        found = connection.execute(sa.text(_DATABASE), {"name": url.database or ""}).scalar_one_or_none()
        connection.exec_driver_sql(f"CREATE DATABASE {quoted(name)} TEMPLATE template0{_clauses(found or {})}")
        for setting, value in connection.execute(sa.text(_SETTINGS), {"name": url.database or ""}).all():
            # The server itself reads the value, and writes it: a list of names is none of ours to quote.
            connection.execute(
                sa.text("SELECT pg_catalog.set_config(:name, :value, false)"), {"name": setting, "value": value}
            )
            connection.exec_driver_sql(f"ALTER DATABASE {quoted(name)} SET {quoted(setting)} FROM CURRENT")

    def drop(connection: Connection) -> None:
        version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
        if version < _WITH_FORCE:
            connection.execute(sa.text(_SESSIONS), {"name": name})
        force = " WITH (FORCE)" if version >= _WITH_FORCE else ""
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(name)}{force}")

    server = _reachable(url, connect_args)
    administered = partial(administer, server, connect_args)
    with made(name, partial(administered, create), partial(administered, drop)):
        yield url.set(database=name)


def _reachable(url: sa.URL, connect_args: Mapping[str, Any]) -> sa.URL:
    """Return where one can connect on the server of ``url``.

    Raises:
        sqlalchemy.exc.DBAPIError: nowhere; what is said of the first try.
    """
    first: Exception | None = None
    for database in (url.database, *_MAINTENANCE):
        try:
            administer(url.set(database=database), connect_args, lambda connection: None)
        except Exception as error:
            first = first or error
        else:
            return url.set(database=database)
    assert first is not None
    raise first


def _clauses(row: Mapping[str, Any]) -> str:
    """Return what CREATE DATABASE has to say so that a database is like the one of this row of pg_database."""
    if not row:
        return ""
    provider = {"c": "libc", "i": "icu", "b": "builtin"}.get(row.get("datlocprovider", "c"), "libc")
    # Until PostgreSQL 16 the column is called after ICU, which alone has it.
    locale = row.get("datlocale") or row.get("daticulocale")
    words = {
        "ENCODING": row["encoding"],
        "LC_COLLATE": row["datcollate"],
        "LC_CTYPE": row["datctype"],
        "LOCALE_PROVIDER": provider if provider != "libc" else None,
        "ICU_LOCALE": locale if provider == "icu" else None,
        "BUILTIN_LOCALE": locale if provider == "builtin" else None,
        "ICU_RULES": row.get("daticurules"),
    }
    said = "".join(f" {word} {literal(str(value))}" for word, value in words.items() if value)
    tablespace = row["tablespace"]
    return said + ("" if tablespace == "pg_default" else f" TABLESPACE {quoted(tablespace)}")
