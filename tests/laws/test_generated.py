"""Laws 1, 2, 3 and 7 on models that hypothesis draws and changes, with rows that the change must keep."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, reject, settings
from hypothesis import strategies as st

import schemadiff
from tests import oracle
from tests.laws import drawn
from tests.laws.scripts import fed, script
from tests.laws.test_round_trip import described, run
from tests.support.servers import Backend

# An example makes and changes two databases, so the ordinary run draws fewer than elsewhere.
_SETTINGS = settings(max_examples=settings.default.max_examples // 2, suppress_health_check=list(HealthCheck))


@pytest.mark.backends("sqlite")
@given(data=st.data())
@_SETTINGS
def test_sqlite(backend: Backend, data: st.DataObject) -> None:
    _laws(backend, data)


@pytest.mark.backends("postgresql", "postgresql18")
@given(data=st.data())
@_SETTINGS
def test_postgresql(backend: Backend, data: st.DataObject) -> None:
    _laws(backend, data)


@pytest.mark.backends("mysql")
@given(data=st.data())
@_SETTINGS
def test_mysql(backend: Backend, data: st.DataObject) -> None:
    _laws(backend, data)


def _laws(backend: Backend, data: st.DataObject) -> None:
    # True randomness draws evenly, what hypothesis controls shrinks.
    rng = data.draw(st.randoms(use_true_random=True) | st.randoms(use_true_random=False))
    first = drawn.models(rng, backend.name, backend.key)
    second = drawn.changed(rng, first)
    offline = rng.random() < 0.3
    note(f"before: {first}")
    note(f"after: {second}")
    note(f"through --sql: {offline}")
    try:
        laws(backend, first, second, offline=offline)
    finally:
        backend.close()


def laws(backend: Backend, first: drawn.Model, second: drawn.Model, *, offline: bool = False) -> None:
    """Try a change: quiet, convergent, reversible, no row lost; ``offline`` through the script of ``--sql``."""
    engine, reference = backend.engine(), backend.engine()
    there, elsewhere = _schemas(backend, first, second)
    before, after = drawn.metadata(first, there), drawn.metadata(second, there)
    _make(engine, before, there if _uses(first) else None)
    _make(reference, drawn.metadata(second, elsewhere), elsewhere if _uses(first) or _uses(second) else None)
    _quiet(engine, before, there)
    _quiet(reference, drawn.metadata(second, elsewhere), elsewhere)
    drawn.fill(first, second, (engine, reference), (there, elsewhere))
    is_open = oracle.is_server_given
    start, goal = _dump(engine, there), _dump(reference, elsewhere)
    rows = drawn.kept(first, second, engine, there)
    with engine.connect() as connection:
        difference = schemadiff.diff(connection, after, schemas=[there] if there else ())
    if start.text(is_open) != goal.text(is_open):
        assert difference, "silent: the databases differ"
    rendered = schemadiff.render(difference)
    note(rendered.upgrade)
    note(rendered.downgrade)
    for body, wanted, target in ((rendered.upgrade, goal, after), (rendered.downgrade, start, before)):
        if offline:
            fed(engine.url, script(engine, body, rendered.imports))
        else:
            with engine.begin() as connection:
                run(connection, body, rendered.imports)
        oracle.assert_same(wanted, _dump(engine, there), open_names=is_open, about=f"after\n{body}\nthe databases")
        _quiet(engine, target, there)
        assert drawn.kept(first, second, engine, there) == rows, (
            f"after\n{body}\nthe rows are not those that were there"
        )


def _uses(model: drawn.Model) -> bool:
    return any(tab.elsewhere for tab in model.tables.values())


def _schemas(backend: Backend, first: drawn.Model, second: drawn.Model) -> tuple[str | None, str | None]:
    """Return the name of the second schema in both databases: on MariaDB it is a database of its own."""
    if not _uses(first) and not _uses(second):
        return None, None
    if backend.name == "postgresql":
        return "else where", "else where"
    return backend.new_schema_name(), backend.new_schema_name()


def _make(engine: sa.Engine, metadata: sa.MetaData, schema: str | None) -> None:
    """Make a database of a model; one that the server refuses is none that a law is about."""
    try:
        with engine.begin() as connection:
            if schema is not None:
                connection.execute(sa.schema.CreateSchema(schema))
            metadata.create_all(connection)
    except (sa.exc.DBAPIError, sa.exc.CompileError) as error:
        note(f"not a model: {error}")
        reject()


def _dump(engine: sa.Engine, schema: str | None) -> oracle.Dump:
    is_database = schema is not None and engine.dialect.name == "mysql"
    return oracle.dump(engine, schemas=[schema] if is_database and schema is not None else ())


def _quiet(engine: sa.Engine, metadata: sa.MetaData, schema: str | None) -> None:
    with engine.connect() as connection:
        assert described(schemadiff.diff(connection, metadata, schemas=[schema] if schema else ())) == []
