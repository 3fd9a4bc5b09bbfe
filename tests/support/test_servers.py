"""The servers answer, and each test's databases are its own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

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


def test_databases_are_dropped_with_their_connections(backend: Backend) -> None:
    other = Backend(backend.server, backend._prefix, backend._directory, backend._admin)
    url = other.new_database()
    connection = backend.engine(url).connect()
    connection.execute(sa.text("SELECT 1"))
    other.close()
    if backend.name == "sqlite":
        assert connection.scalar(sa.text("SELECT 1")) == 1
    else:
        with pytest.raises(sa.exc.OperationalError):
            backend.engine(url).connect()
    connection.invalidate()
    connection.close()
