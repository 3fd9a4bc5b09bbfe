"""Law 8: the number of statements that a diff sends does not grow with the number of tables or schemas, the judge's included.

An ordinary run tries up to 300 tables. 1,000 and 4,000 are tried where all pairs are (``SCHEMADIFF_TEST_PAIRS=all``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

import schemadiff
from tests.corpus.trial import load
from tests.support.servers import Backend

SIZES = (10, 300)
LARGER = (10, 100, 1000, 4000)
MOST = {"sqlite": 8, "postgresql": 14, "mysql": 10}
"""The statements of a diff in sync at most, those that find out about the server and put its session back included."""
KINDS = ("default", "check", "computed", "predicate")


def _sizes() -> tuple[int, ...]:
    return LARGER if os.environ.get("SCHEMADIFF_TEST_PAIRS") == "all" else SIZES


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """Note every statement that is sent to the database."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _script(dialect: str, size: int, schemas: list[str]) -> str:
    """Return what makes ``size`` tables, spread over ``schemas``. The first of them is that of the connection."""
    lines = [f"CREATE {'DATABASE' if dialect == 'mysql' else 'SCHEMA'} {name};" for name in schemas[1:]]
    for i in range(size):
        where = f"{schemas[i % len(schemas)]}." if schemas[0] else ""
        table = (
            f"CREATE TABLE {where}account_{i:05} (id integer PRIMARY KEY, amount integer DEFAULT 1, "
            "label varchar(20) DEFAULT 'new', total integer GENERATED ALWAYS AS (amount + 1) STORED, "
            f"CONSTRAINT ck_{i:05} CHECK (amount > 0)"
        )
        index = f"CREATE INDEX ix_{i:05} ON {where}account_{i:05} (amount) WHERE amount > 10;"
        lines.append(f"{table}, INDEX ix_{i:05} (amount));" if dialect == "mysql" else f"{table}); {index}")
        if dialect == "postgresql" and i % 200 == 199:
            # A transaction that makes thousands of tables runs out of locks.
            lines.append("COMMIT; BEGIN;")
    if dialect == "sqlite":
        # One transaction: the disk is waited for once.
        lines = ["BEGIN;", *lines, "COMMIT;"]
    return "\n".join(lines)


def _model(dialect: str, size: int, schemas: list[str], *, differs: bool) -> sa.MetaData:
    """Return the model of the same tables; where it ``differs``, each has one expression other than the database."""
    metadata = sa.MetaData()
    for i in range(size):
        kind = KINDS[i % len(KINDS)] if differs else None
        if kind == "predicate" and dialect == "mysql":
            kind = "check"
        where = sa.text("amount > 11" if kind == "predicate" else "amount > 10")
        amount = sa.Column("amount", sa.Integer, server_default=sa.text("1 + 1" if kind == "default" else "1"))
        sa.Table(
            f"account_{i:05}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            amount,
            sa.Column("label", sa.String(20), server_default="new"),
            sa.Column(
                "total", sa.Integer, sa.Computed("amount - 1" if kind == "computed" else "amount + 1", persisted=True)
            ),
            sa.CheckConstraint("amount > 5" if kind == "check" else "amount > 0", name=f"ck_{i:05}"),
            sa.Index(f"ix_{i:05}", amount, postgresql_where=where, sqlite_where=where),
            schema=schemas[i % len(schemas)] if i % len(schemas) else None,
        )
    return metadata


def test_in_one_schema(backend: Backend) -> None:
    _counted(backend, 1)


@pytest.mark.backends("postgresql", "mysql")
def test_in_four_schemas(backend: Backend) -> None:
    _counted(backend, 4)


def _counted(backend: Backend, spread: int) -> None:
    counts: dict[int, tuple[int, int]] = {}
    for size in _sizes():
        engine = backend.engine()
        default = {"sqlite": "", "postgresql": "public", "mysql": str(engine.url.database)}[backend.name]
        schemas = [default, *(backend.new_schema_name() for _ in range(spread - 1))]
        load(engine, _script(backend.name, size, schemas))
        with statements(engine) as in_sync:
            difference = schemadiff.diff(engine, _model(backend.name, size, schemas, differs=False))
        assert not difference
        assert len(in_sync) <= MOST[backend.name], in_sync
        with statements(engine) as different:
            difference = schemadiff.diff(engine, _model(backend.name, size, schemas, differs=True))
        assert len({operation.table for operation in difference.upgrade}) == size
        # The server has answered, about each of them: nothing ran out of locks.
        assert not difference.warnings
        answers = difference.evidence.verdict.answers
        assert {answer.equal for answer in answers.values()} == (set() if backend.name == "sqlite" else {False})
        assert len({question.name for question in answers}) == (0 if backend.name == "sqlite" else size)
        counts[size] = (len(in_sync), len(different))
    assert len(set(counts.values())) == 1, f"statements in sync and where all differ, by the number of tables: {counts}"
