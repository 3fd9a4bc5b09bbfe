"""The servers answer, and each test's databases are its own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.support.recycling import emptied
from tests.support.servers import Backend


def test_databases_are_empty_and_apart(backend: Backend) -> None:
    first, second = backend.engine(), backend.engine()
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True))
    metadata.create_all(first)
    assert sa.inspect(first).get_table_names() == ["account"]
    assert sa.inspect(second).get_table_names() == []
    assert first.dialect.name == backend.name
    assert first.url.drivername.partition("+")[2] == {"postgresql": "psycopg", "mysql": "pymysql"}.get(backend.name, "")


@pytest.mark.backends("mysql", "postgresql18")
def test_second_schema(backend: Backend) -> None:
    engine, schema = backend.engine(), backend.new_schema_name()
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    assert schema in sa.inspect(engine).get_schema_names()


def test_two_major_versions(postgresql: Backend) -> None:
    with postgresql.engine().connect() as connection:
        version = connection.dialect.server_version_info
    assert version is not None
    assert (version[0] == 18) == (postgresql.key == "postgresql18")


def test_databases_end_with_their_connections(backend: Backend) -> None:
    other = Backend(backend.server, backend._prefix, backend._directory, backend._workbench)
    url = other.new_database()
    engine = backend.engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a INTEGER)"))
    connection = engine.connect()
    connection.execute(sa.text("SELECT * FROM t"))
    other.close()
    if backend.name != "sqlite":
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text("SELECT * FROM t"))
    connection.invalidate()
    connection.close()


LITTER = [
    "create table t (a serial primary key, b text[] default '{x}')",
    "create table p (a int) partition by range (a)",
    "create schema s; create table s.t (a int); create type s.e as enum ('a')",
    "create type e as enum ('a'); create table t (e e)",
    "create type c as (a int); create domain d as c check ((value).a > 0)",
    "create function f() returns trigger language plpgsql as 'begin return new; end';"
    "create table t (a int); create trigger x before insert on t execute function f()",
    "create aggregate s(int) (sfunc = int4pl, stype = int)",
    "create view v as select 1 as a; create materialized view m as select * from v; create rule r as on insert to v do nothing",
    'create collation c from "C"',
    "create table t (a int, b int); create statistics st on a, b from t",
    "create type r as range (subtype = float8)",
    "create extension hstore",
    "create temporary table t (a int)",
]
KEPT_OUT = [
    "create operator === (leftarg = int, rightarg = int, function = int4eq)",
    "alter database current_database set search_path to pg_catalog",
    "grant create on schema public to public",
    "revoke all on schema public from public",
    "comment on schema public is 'mine'",
    "drop schema public",
    "create publication p",
    "create foreign data wrapper w",
    "alter default privileges grant select on tables to public",
]


@pytest.mark.parametrize("script", LITTER)
def test_litter_is_cleared(postgresql: Backend, script: str) -> None:
    assert _is_clean_after(postgresql, script)


@pytest.mark.parametrize("script", KEPT_OUT)
def test_a_database_that_cannot_be_cleared_is_not_used_again(postgresql: Backend, script: str) -> None:
    assert not _is_clean_after(postgresql, script)


def _is_clean_after(backend: Backend, script: str) -> bool:
    engine = backend.engine()
    with engine.begin() as connection:
        script = script.replace("current_database", f'"{engine.url.database}"')
        connection.connection.cursor().execute(script)
    return emptied(engine.url)
