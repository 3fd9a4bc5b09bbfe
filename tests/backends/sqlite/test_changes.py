"""Laws 2, 3 and 7 on small changes of models: the upgrade gives what create_all gives, the downgrade what was there before."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from schemadiff.backends import connected_backend
from schemadiff.comparison import compare
from schemadiff.operations import BatchAlterTable, reverse_all
from schemadiff.reflection.metadata import lower
from tests import oracle
from tests.backends.sqlite.models import CASES

C, INT, S = sa.Column, sa.Integer, sa.String


def t(*items, **keywords) -> Callable[[sa.MetaData], None]:
    """The table t with a primary key and a column a, which every pair keeps; its indexes are functions of it."""

    def build(m: sa.MetaData) -> None:
        plain = [item() if callable(item) and not isinstance(item, type) else item for item in items]
        sa.Table("p", m, C("id", INT, primary_key=True), C("code", S(3), unique=True))
        sa.Table("t", m, C("id", INT, primary_key=True), C("a", S(10)), *plain, **keywords)
        sa.Table("child", m, C("t_id", INT, sa.ForeignKey("t.id", ondelete="CASCADE")))

    return build


def of(*names: str, **keywords) -> Callable[[sa.MetaData], None]:
    return t(*(lambda n=n: C(n, INT) for n in names), **keywords)


PAIRS: dict[str, tuple[Callable[[sa.MetaData], None], Callable[[sa.MetaData], None]]] = {
    "column": (t(), t(lambda: C("b", INT))),
    "column, not null with default": (t(), t(lambda: C("b", INT, nullable=False, server_default="1"))),
    "column, default now": (t(), t(lambda: C("b", sa.DateTime, nullable=False, server_default=sa.func.now()))),
    "column, default of an expression": (t(), t(lambda: C("b", INT, server_default=sa.text("(1 + 1)")))),
    "column, default null": (t(), t(lambda: C("b", INT, server_default=sa.text("NULL")))),
    "column, indexed": (t(), t(lambda: C("b", INT, index=True))),
    "column, unique": (t(), t(lambda: C("b", INT, unique=True))),
    "column, foreign key": (t(), t(lambda: C("b", INT, sa.ForeignKey("p.id", name="fk")))),
    "column, check": (t(), t(lambda: C("b", INT, sa.CheckConstraint("b > 0", name="ck")))),
    "column, virtual": (t(), t(lambda: C("b", INT, sa.Computed("id + 1", persisted=False)))),
    "column, virtual, not null": (t(), t(lambda: C("b", INT, sa.Computed("id + 1", persisted=False), nullable=False))),
    "column, stored": (t(), t(lambda: C("b", INT, sa.Computed("id + 1", persisted=True)))),
    "column, collated": (t(), t(lambda: C("b", S(5, collation="NOCASE")))),
    "column, hostile": (t(), t(lambda: C('b"; drop table t; --\n', S, server_default="'); drop table t; --"))),
    "two columns": (t(), of("b", "c")),
    "columns exchanged": (of("b", "c"), of("d", "e")),
    "type": (t(lambda: C("b", S(5))), t(lambda: C("b", S(6)))),
    "nullable": (t(lambda: C("b", S(5), nullable=False, server_default="x")), t(lambda: C("b", S(5), server_default="x"))),
    "default": (t(lambda: C("b", S(5), server_default="x")), t(lambda: C("b", S(5), server_default="it's"))),
    "default dropped": (t(lambda: C("b", S(5), server_default="x")), t(lambda: C("b", S(5)))),
    "collation": (t(lambda: C("b", S(5))), t(lambda: C("b", S(5, collation="NOCASE")))),
    "computed": (t(lambda: C("b", INT)), t(lambda: C("b", INT, sa.Computed("id * 2")))),
    "computed expression": (t(lambda: C("b", INT, sa.Computed("id * 3"))), t(lambda: C("b", INT, sa.Computed("id * 2")))),
    "virtual and stored": (t(lambda: C("b", INT, sa.Computed("id", persisted=True))), t(lambda: C("b", INT, sa.Computed("id", persisted=False)))),
    "on conflict": (t(lambda: C("b", INT, nullable=False, server_default="1")), t(lambda: C("b", INT, nullable=False, server_default="1", sqlite_on_conflict_not_null="IGNORE"))),
    "index": (t(lambda: C("b", INT)), t(lambda: C("b", INT, index=True))),
    "index, unique or not": (t(lambda: C("b", INT, index=True)), t(lambda: C("b", INT, index=True, unique=True))),
    "index and column dropped": (t(lambda: C("b", INT, index=True)), t()),
    "check": (t(lambda: C("b", INT)), t(lambda: C("b", INT), lambda: sa.CheckConstraint("b > 0 OR b IS NULL", name="c"))),
    "check's text": (t(lambda: sa.CheckConstraint("id > 0", name="c")), t(lambda: sa.CheckConstraint("id >= 0", name="c"))),
    "unnamed check's text": (t(lambda: sa.CheckConstraint("id > 0")), t(lambda: sa.CheckConstraint("id >= 0"))),
    "unique constraint": (of("b"), t(lambda: C("b", INT), lambda: sa.UniqueConstraint("b", name="u"))),
    "unnamed unique constraint": (of("b", "c"), t(lambda: C("b", INT, unique=True), lambda: C("c", INT), lambda: sa.UniqueConstraint("c", "b"))),
    "unique constraint or index": (t(lambda: C("b", INT, unique=True)), t(lambda: C("b", INT, unique=True, index=True))),
    "foreign key": (of("b"), t(lambda: C("b", INT, sa.ForeignKey("p.id")))),
    "foreign key's action": (t(lambda: C("b", INT, sa.ForeignKey("p.id"))), t(lambda: C("b", INT, sa.ForeignKey("p.id", ondelete="CASCADE")))),
    "foreign key's target": (t(lambda: C("b", INT, sa.ForeignKey("p.id"))), t(lambda: C("b", INT, sa.ForeignKey("t.id")))),
    "foreign key's timing": (t(lambda: C("b", INT, sa.ForeignKey("p.id"))), t(lambda: C("b", INT, sa.ForeignKey("p.id", deferrable=True, initially="DEFERRED")))),
    "without rowid": (t(), t(sqlite_with_rowid=False)),
    "autoincrement": (t(), t(sqlite_autoincrement=True)),
    "everything at once": (
        t(lambda: C("b", INT, sa.CheckConstraint("b > 0"), unique=True), lambda: C("c", S, index=True), lambda: C("d", INT)),
        t(lambda: C("b", S(4), sa.ForeignKey("p.code")), lambda: C("e", S, index=True, unique=True), sqlite_autoincrement=True),
    ),
}  # fmt: skip


def _pair(m: sa.MetaData, *, keys: bool) -> None:
    for name, other in (("x", "y"), ("y", "x")):
        key = [sa.ForeignKeyConstraint(["other"], [f"{other}.id"], name=f"fk_{name}")] if keys else []
        sa.Table(name, m, C("id", INT, primary_key=True), C("other", INT if keys else sa.BigInteger), *key)


def _referring(m: sa.MetaData, column: str) -> None:
    sa.Table("a", m, C("id", INT, primary_key=True), C(column, INT), sa.UniqueConstraint(column, name="u"))
    sa.Table(
        "b", m, C("id", INT, primary_key=True), C("x", INT), sa.ForeignKeyConstraint(["x"], [f"a.{column}"], name="fk")
    )
    sa.Table("c", m, C("id", INT, primary_key=True), C("x", INT), sa.ForeignKeyConstraint(["x"], [f"a.{column}"]))


PAIRS |= {
    "foreign keys in a cycle": (lambda m: _pair(m, keys=False), lambda m: _pair(m, keys=True)),
    "what foreign keys point at": (lambda m: _referring(m, "k"), lambda m: _referring(m, "l")),
    "table": (lambda m: None, lambda m: sa.Table("new", m, C("id", INT, primary_key=True), C("x", INT, index=True))),
}
PAIRS |= {
    f"everything of {name}": (lambda m: None, CASES[name])
    for name in ("foreign_keys", "cyclic_foreign_keys", "indexes")
}

ROWS = [
    "INSERT INTO p (id, code) VALUES (1, 'x')",
    "INSERT INTO t (id, a) VALUES (1, 'one')",
    "INSERT INTO t (id, a) VALUES (5, NULL)",
    "INSERT INTO child (t_id) VALUES (1), (1), (5)",
]  # fmt: skip
KEPT = ["SELECT id, a FROM t ORDER BY id", "SELECT t_id FROM child ORDER BY t_id", "SELECT * FROM p"]


def _made(sqlite, build) -> tuple[sa.Engine, sa.MetaData]:
    model, engine = sa.MetaData(), sqlite.engine()
    build(model)
    model.create_all(engine)
    if "child" in model.tables:
        with engine.begin() as connection:
            for statement in ROWS:
                connection.exec_driver_sql(statement)
    return engine, model


def _kept(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("child"):
            return []
        return [connection.exec_driver_sql(query).all() for query in KEPT]


def _diff(engine: sa.Engine, model: sa.MetaData):
    with engine.connect() as connection:
        backend = connected_backend(connection)
        found = backend.reflect(connection, [None])
        return backend, compare(found, lower(model, backend), backend).operations


def _run(engine: sa.Engine, operations) -> None:
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.rollback()
        with backend.transaction(connection):
            for operation in operations:
                backend.execute(connection, operation)


def _shell(engine: sa.Engine, backend, operations) -> None:
    statements = [statement for operation in operations for statement in backend.statements(operation)]
    statements = [*backend.begin_script, *statements, *backend.commit_script]
    text = "".join(f"{statement};\n" for statement in statements)
    done = subprocess.run(
        ["sqlite3", "-bail", engine.url.database], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


BOTH_WAYS = [(name, way) for name in PAIRS for way in ("there", "back")]


@pytest.mark.parametrize(("name", "way"), BOTH_WAYS, ids=[f"{name} ({way})" for name, way in BOTH_WAYS])
def test_there_and_back(sqlite, name, way):
    first, second = PAIRS[name] if way == "there" else PAIRS[name][::-1]
    engine, _ = _made(sqlite, first)
    script, _ = _made(sqlite, first)
    wanted, after = _made(sqlite, second)
    before, rows = oracle.dump(engine), _kept(engine)
    backend, upgrade = _diff(engine, after)
    downgrade = reverse_all(upgrade)

    _run(engine, upgrade)
    oracle.assert_same(oracle.dump(engine), oracle.dump(wanted))
    assert _diff(engine, after)[1] == ()
    _shell(script, backend, upgrade)
    oracle.assert_same(oracle.dump(script), oracle.dump(wanted))

    if "child" in after.tables and rows:
        assert _kept(engine) == rows
        assert _kept(script) == rows

    _run(engine, downgrade)
    oracle.assert_same(oracle.dump(engine), before)
    _shell(script, backend, downgrade)
    oracle.assert_same(oracle.dump(script), before)


PLAIN = [
    ("column", "there"), ("column, not null with default", "there"), ("column, default null", "there"), ("column, indexed", "there"),
    ("column, virtual", "there"), ("column, collated", "there"), ("two columns", "there"), ("index", "there"), ("index", "back"),
    ("column", "back"), ("index and column dropped", "there"), ("table", "there"), ("table", "back"),
]  # fmt: skip
REBUILT = [
    ("column, default now", "there"), ("column, default of an expression", "there"), ("column, stored", "there"), ("column, unique", "there"),
    ("column, unique", "back"), ("column, check", "back"), ("type", "there"), ("check", "there"), ("everything at once", "there"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "way"), [*PLAIN, *REBUILT])
def test_a_table_is_rebuilt_only_where_it_must_be(sqlite, name, way):
    first, second = PAIRS[name] if way == "there" else PAIRS[name][::-1]
    engine, _ = _made(sqlite, first)
    after = sa.MetaData()
    second(after)
    _, operations = _diff(engine, after)
    assert len([o for o in operations if isinstance(o, BatchAlterTable)]) == ((name, way) in REBUILT)
    assert operations


def test_an_old_library_drops_columns_by_a_rebuild(sqlite):
    """DROP COLUMN came with SQLite 3.35; a column that is added must be able to go again."""
    from dataclasses import replace

    from schemadiff.backends.sqlite import SqliteBackend

    engine, _ = _made(sqlite, t())
    after = sa.MetaData()
    t(lambda: C("b", INT))(after)
    with engine.connect() as connection:
        found = connected_backend(connection).reflect(connection, [None])
        old = SqliteBackend(connection.dialect, replace(found.server, version=(3, 31, 0)))
    upgrade = compare(found, lower(after, old), old).operations
    assert [type(operation) for operation in upgrade] == [BatchAlterTable]
    before = oracle.dump(engine)
    _run(engine, upgrade)
    _run(engine, reverse_all(upgrade))
    oracle.assert_same(oracle.dump(engine), before)
