"""What hangs on a table comes back with it; and what the server refuses to judge is decided by tokens."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.errors import UnsupportedOperation
from tests import oracle
from tests.laws.test_round_trip import described, run

TRIGGERS = {
    "sqlite": ["CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t WHERE id = new.id AND 1 = 0; END"],
    "mysql": ["CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW SET new.c = coalesce(new.c, ':x 50%')"],
    "postgresql": [
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (new.c <> ':x 50%') EXECUTE FUNCTION f()",
        "CREATE STATISTICS st (ndistinct) ON id, c FROM t",
        "CREATE POLICY po ON t FOR SELECT USING (c = 'x')",
    ],
}


def _model() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.String(20), index=True))
    return metadata


def test_a_dropped_table_comes_back_with_its_triggers(backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        _model().create_all(connection)
        for statement in TRIGGERS[backend.name]:
            connection.execute(sa.text(statement.replace(":x", r"\:x")))
    before = oracle.dump(engine)
    with engine.connect() as connection:
        rendered = schemadiff.render(schemadiff.diff(connection, sa.MetaData()))
    with engine.begin() as connection:
        run(connection, rendered.upgrade, rendered.imports)
    with engine.begin() as connection:
        run(connection, rendered.downgrade, rendered.imports)
    oracle.assert_same(oracle.dump(engine), before)


def test_a_view_on_a_dropped_table_is_named(backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        _model().create_all(connection)
        connection.execute(sa.text("CREATE VIEW stands_on_it AS SELECT id FROM t"))
    with (
        engine.connect() as connection,
        pytest.raises(UnsupportedOperation, match=r"^view stands_on_it uses table t, which the diff drops: "),
    ):
        schemadiff.diff(connection, sa.MetaData())


@pytest.mark.backends("mysql")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((sa.Enum("a", "b"), "a"), (sa.Enum("b", "c"), "c")),
        ((sa.String(20), "abc"), (sa.Integer, "5")),
        ((sa.String(20), "a" * 20), (sa.String(5), "bbbbb")),
    ],
)
def test_where_the_server_refuses_every_question_tokens_decide(backend, before, after) -> None:
    def model(type_, default) -> sa.MetaData:
        metadata = sa.MetaData()
        column = sa.Column("c", type_, server_default=default)
        sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
        return metadata

    engine = backend.engine()
    model(*before).create_all(engine)
    assert described(schemadiff.diff(engine, model(*after))) == ["Alter column t.c: default, type"]


def test_a_check_that_mentions_no_column_is_quiet(backend) -> None:
    metadata = sa.MetaData()
    check = sa.CheckConstraint("1 % 2 = 1", name="ck")
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), check)
    engine = backend.engine()
    metadata.create_all(engine)
    assert described(schemadiff.diff(engine, metadata)) == []


@pytest.mark.backends("postgresql")
def test_a_sequence_goes_with_the_last_default_that_uses_it(backend) -> None:
    def model(*default) -> sa.MetaData:
        metadata = sa.MetaData()
        column = sa.Column("n", sa.Integer, server_default=default[0].next_value() if default else None)
        sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
        for sequence in default:
            sequence._set_metadata(metadata)
        return metadata

    engine = backend.engine()
    model(sa.Sequence("sq", start=5)).create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE somebody_elses")
    assert described(schemadiff.diff(engine, model())) == ["Alter column t.n: default", "Drop sequence sq"]


@pytest.mark.backends("postgresql")
def test_a_sequence_of_the_same_name_in_another_schema_stays(backend) -> None:
    def model(used: bool) -> sa.MetaData:
        metadata = sa.MetaData()
        default = sa.text("nextval('one.sq')") if used else None
        sa.Table("t", metadata, sa.Column("n", sa.Integer, server_default=default), schema="one")
        sa.Table("u", metadata, sa.Column("n", sa.Integer), schema="two")
        return metadata

    engine = backend.engine()
    with engine.begin() as connection:
        for schema in ("one", "two"):
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            connection.exec_driver_sql(f"CREATE SEQUENCE {schema}.sq")
    model(True).create_all(engine)
    assert described(schemadiff.diff(engine, model(False))) == ["Alter column one.t.n: default"]


@pytest.mark.backends("postgresql")
def test_a_sequence_that_only_a_default_names_stays(backend) -> None:
    metadata = sa.MetaData()
    column = sa.Column("n", sa.Integer, server_default=sa.text("nextval('sq')"))
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE sq")
    metadata.create_all(engine)
    assert described(schemadiff.diff(engine, metadata)) == []
