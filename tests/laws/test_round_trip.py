"""Laws 1, 2 and 3 on pairs of models, through the file that autogen would write: quiet, convergent, reversible."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from tests import oracle
from tests.laws.changes import CASES, Case


def run(connection: sa.Connection, body: str, imports: tuple[str, ...]) -> None:
    """Run the body of a rendered function as a revision would."""
    namespace: dict[str, object] = {}
    source = "\n".join((*imports, "def upgrade():", body))
    exec(compile(source, "<revision>", "exec"), namespace)
    schemadiff.apply(connection, schemadiff.record(namespace["upgrade"], connection.dialect))


def described(difference: schemadiff.Diff) -> list[str]:
    return [operation.describe() for operation in difference.upgrade]


def _cases(dialect: str) -> list[str]:
    return [name for name, case in CASES.items() if dialect in case.on]


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("name", _cases("sqlite"))
def test_sqlite(backend, name: str) -> None:
    _there_and_back(backend, CASES[name])


@pytest.mark.backends("postgresql", "postgresql18")
@pytest.mark.parametrize("name", _cases("postgresql"))
def test_postgresql(backend, name: str) -> None:
    _there_and_back(backend, CASES[name])


@pytest.mark.backends("mysql")
@pytest.mark.parametrize("name", _cases("mysql"))
def test_mysql(backend, name: str) -> None:
    _there_and_back(backend, CASES[name])


def _there_and_back(backend, case: Case) -> None:
    before, after = case.metadata("before"), case.metadata("after")
    engine, reference = backend.engine(), backend.engine()
    with engine.begin() as connection:
        before.create_all(connection)
        for row in case.rows:
            connection.exec_driver_sql(row)
    with reference.begin() as connection:
        after.create_all(connection)
    is_open = oracle.is_server_given
    rows = _rows(engine, case)
    start, goal = oracle.dump(engine), oracle.dump(reference)

    # Law 1, on both.
    with engine.connect() as connection:
        assert described(schemadiff.diff(connection, before)) == []
    with reference.connect() as connection:
        assert described(schemadiff.diff(connection, after)) == []

    # Law 2.
    with engine.connect() as connection:
        difference = schemadiff.diff(connection, after)
    if start.text(is_open) != goal.text(is_open):
        assert difference, "silent: the databases differ"
    rendered = schemadiff.render(difference)
    with engine.begin() as connection:
        run(connection, rendered.upgrade, rendered.imports)
    oracle.assert_same(oracle.dump(engine), goal, open_names=is_open, about=f"after\n{rendered.upgrade}\nthe databases")
    with engine.connect() as connection:
        assert described(schemadiff.diff(connection, after)) == []
    assert _rows(engine, case) == rows

    # Law 3.
    with engine.begin() as connection:
        run(connection, rendered.downgrade, rendered.imports)
    oracle.assert_same(
        oracle.dump(engine), start, open_names=is_open, about=f"after\n{rendered.downgrade}\nthe databases"
    )
    with engine.connect() as connection:
        assert described(schemadiff.diff(connection, before)) == []
    assert _rows(engine, case) == rows


def _rows(engine: sa.Engine, case: Case) -> int:
    """Return how many rows the table of a case has."""
    if not case.rows:
        return 0
    with engine.connect() as connection:
        return len(connection.exec_driver_sql("SELECT 1 FROM t").all())
