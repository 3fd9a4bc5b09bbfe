"""Tables and indexes in another tablespace: created there, compared, moved and moved back. A pair cannot hold one: it is the server's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

import schemadiff
from tests.support.servers import Backend

pytestmark = pytest.mark.backends("postgresql18")


@pytest.fixture
def place(backend: Backend) -> Iterator[str]:
    """A tablespace, which stands in the server's own folder (allow_in_place_tablespaces came with PostgreSQL 15)."""
    name = backend.new_schema_name()
    with backend.engine(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("SET allow_in_place_tablespaces = on")
        connection.exec_driver_sql(f"CREATE TABLESPACE {name} LOCATION ''")
        yield name
        connection.exec_driver_sql(f"DROP TABLESPACE {name}")


def model(place: str | None) -> sa.MetaData:
    metadata = sa.MetaData()
    where = {} if place is None else {"postgresql_tablespace": place}
    table = sa.Table(
        "account", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.Text), **where
    )
    sa.Index("ix_account_email", table.c.email, **where)
    return metadata


def places(engine: sa.Engine) -> dict[str, str | None]:
    """Return where the table and its index are; None for the database's own tablespace."""
    query = (
        "SELECT c.relname, t.spcname FROM pg_class AS c LEFT JOIN pg_tablespace AS t ON t.oid = c.reltablespace "
        "WHERE c.relname IN ('account', 'ix_account_email')"
    )
    with engine.connect() as connection:
        return dict(connection.exec_driver_sql(query).all())


@pytest.mark.parametrize("there", [True, False])
def test_there_and_back(backend: Backend, place: str, there: bool) -> None:
    engine = backend.engine()
    before, after = (model(place), model(None)) if there else (model(None), model(place))
    before.create_all(engine)
    start = places(engine)
    assert not schemadiff.diff(engine, before)
    difference = schemadiff.diff(engine, after)
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.upgrade)
    assert places(engine) == dict.fromkeys(start, None if there else place)
    assert not schemadiff.diff(engine, after)
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.downgrade)
    assert places(engine) == start
    assert not schemadiff.diff(engine, before)
    after.drop_all(engine)
    with engine.begin() as connection:
        schemadiff.apply(connection, schemadiff.diff(connection, model(place)).upgrade)
    assert set(places(engine).values()) == {place}
    after.drop_all(engine)
