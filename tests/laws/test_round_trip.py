"""Laws 1, 2 and 3 on pairs of models, through the file that autogen would write: quiet, convergent, reversible.

An ordinary run leaves out one database for each pair, in turn; ``SCHEMADIFF_TEST_PAIRS=all`` tries all on all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.rendering import Rendered
from tests import oracle
from tests.laws.changes import CASES, Case
from tests.support.servers import Backend


def run(connection: sa.Connection, body: str, imports: tuple[str, ...]) -> None:
    """Run the body of a rendered function as a revision would."""
    namespace: dict[str, object] = {}
    source = "\n".join((*imports, "def upgrade():", body))
    exec(compile(source, "<revision>", "exec"), namespace)
    schemadiff.apply(connection, schemadiff.record(namespace["upgrade"], connection.dialect))


def described(difference: schemadiff.Diff) -> list[str]:
    return [operation.describe() for operation in difference.upgrade]


_DIALECTS = ("sqlite", "postgresql", "mysql")


def _cases(dialect: str) -> list[str]:
    everything = os.environ.get("SCHEMADIFF_TEST_PAIRS") == "all"
    found = []
    for number, (name, case) in enumerate(CASES.items()):
        on = [each for each in _DIALECTS if each in case.on]
        # Of three databases two are taken in turn, of two one.
        left_out = on[number % len(on)] if len(on) > 1 else None
        if dialect in on and (everything or dialect != left_out):
            found.append(name)
    return found


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
    there_and_back(
        backend,
        case.metadata("before"),
        case.metadata("after"),
        case.rows,
        "SELECT count(*) FROM t" if case.rows else "",
    )


def there_and_back(
    backend: Backend, before: sa.MetaData, after: sa.MetaData, rows: Sequence[str] = (), keeps: str = ""
) -> Rendered:
    """Hold laws 1, 2 and 3 on a change of one model to another, through the rendered text, which is returned.

    ``rows`` are statements that run before the change; the query ``keeps`` gives the same before it, after it and after the way back.
    """
    engine, reference = backend.engine(), backend.engine()
    with engine.begin() as connection:
        before.create_all(connection)
        for row in rows:
            connection.exec_driver_sql(row)
    with reference.begin() as connection:
        after.create_all(connection)
    kept = _answer(engine, keeps)
    is_open = oracle.is_server_given
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
    assert _answer(engine, keeps) == kept

    # Law 3.
    with engine.begin() as connection:
        run(connection, rendered.downgrade, rendered.imports)
    oracle.assert_same(
        oracle.dump(engine), start, open_names=is_open, about=f"after\n{rendered.downgrade}\nthe databases"
    )
    with engine.connect() as connection:
        assert described(schemadiff.diff(connection, before)) == []
    assert _answer(engine, keeps) == kept
    return rendered


def _answer(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)] if query else []
