"""Laws 1, 2, 3 and 4 on models that hypothesis draws and changes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import schemadiff
from tests import oracle
from tests.laws.strategies import changed, models
from tests.laws.test_round_trip import described, run

# An example makes and changes two databases, so the ordinary run draws fewer than elsewhere.
_SETTINGS = settings(max_examples=settings.default.max_examples // 4, suppress_health_check=list(HealthCheck))


@pytest.mark.backends("sqlite")
@given(data=st.data())
@_SETTINGS
def test_sqlite(backend, data: st.DataObject) -> None:
    _laws(backend, data)


@pytest.mark.backends("postgresql", "postgresql18")
@given(data=st.data())
@_SETTINGS
def test_postgresql(backend, data: st.DataObject) -> None:
    _laws(backend, data)


@pytest.mark.backends("mysql")
@given(data=st.data())
@_SETTINGS
def test_mysql(backend, data: st.DataObject) -> None:
    _laws(backend, data)


def _laws(backend, data: st.DataObject) -> None:
    first = data.draw(models(backend.name), label="before")
    second = data.draw(changed(first), label="after")
    before, after = first.metadata(), second.metadata()
    engine, reference = backend.engine(), backend.engine()
    try:
        with engine.begin() as connection:
            before.create_all(connection)
        with reference.begin() as connection:
            after.create_all(connection)
        _quiet(engine, before)
        _quiet(reference, after)
        start, goal = oracle.dump(engine), oracle.dump(reference)
        is_open = oracle.is_server_given
        with engine.connect() as connection:
            difference = schemadiff.diff(connection, after)
        if start.text(is_open) != goal.text(is_open):
            assert difference, "silent: the databases differ"
        rendered = schemadiff.render(difference)
        with engine.begin() as connection:
            run(connection, rendered.upgrade, rendered.imports)
        oracle.assert_same(
            oracle.dump(engine), goal, open_names=is_open, about=f"after\n{rendered.upgrade}\nthe databases"
        )
        _quiet(engine, after)
        with engine.begin() as connection:
            run(connection, rendered.downgrade, rendered.imports)
        oracle.assert_same(
            oracle.dump(engine), start, open_names=is_open, about=f"after\n{rendered.downgrade}\nthe databases"
        )
        _quiet(engine, before)
    finally:
        backend.close()


def _quiet(engine: sa.Engine, metadata: sa.MetaData) -> None:
    with engine.connect() as connection:
        assert described(schemadiff.diff(connection, metadata)) == []
