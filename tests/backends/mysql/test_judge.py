"""The judge: what it finds equal, what it refuses to send, and that it leaves nothing behind."""

from __future__ import annotations

from importlib import import_module

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends import Question, Verdict, connected_backend
from schemadiff.backends.questions import ExpressionKind
from schemadiff.schema import Column, DataType, Name, Schema, Server, Table
from tests import oracle
from tests.support.servers import Backend

judging = import_module("schemadiff.backends.mysql.judge")

EMPTY = Schema(server=Server(dialect="mysql"))
TABLE = Table(
    name=Name("t"),
    columns=(
        Column(name="a", type=DataType("int")),
        Column(name="b", type=DataType("varchar(20)"), collation="latin1_bin"),
        Column(name="c", type=DataType("json")),
        Column(name="d", type=DataType("datetime")),
        Column(name="order", type=DataType("decimal(10,2)")),
    ),
)


def question(kind: ExpressionKind, left: str, right: str, column: str | None = None, table: Table = TABLE) -> Question:
    return Question(kind=kind, name=table.name, column=column, left=left, right=right, table=table)


EQUAL = [
    question("check", "`a` > 0 and octet_length(`b`) > 3", "(a) > 0 AND length(b) > 3"),
    question("check", "`a` between 1 and 3", "a BETWEEN 1 AND 3"),
    question("check", "`order` > 0", "((`order` > 0))"),
    question("check", "json_valid(`c`)", "JSON_VALID(c)"),
    question("default", "current_timestamp()", "(now())", "d"),
    question("default", "1.50", "'1.5'", "order"),
    question("default", "ucase('x')", "(upper('x'))", "b"),
    question("default", "current_timestamp() ON UPDATE current_timestamp()", "NOW() ON UPDATE NOW()", "d"),
    question("computed", "octet_length(`b`)", "length(b)", "a"),
    question("computed", "concat(`b`,'%')", "concat(b, '%')", "b"),
    question("index", "`a` + 1", "(a + 1)"),
]
DIFFERENT = [
    question("check", "`a` > 0", "a >= 0"),
    question("check", "`b` = 'x'", "b = 'X'"),
    question("default", "1.50", "1.51", "order"),
    question("computed", "`a` + 1", "1 + a", "a"),
]
# Text that wants to get out of the place where it is put. A column and a type are hostile as well where a snapshot names them.
HOSTILE_TEXT = [
    "1)); create table x (i int",
    "1); drop table victim; -- ",
    "1, index (a)",
    "1) comment 'x",
    "1 /* */",
    "1 -- x",
    "1 # x",
    "1) as select 1 union (select 2",
    "'\\') ); drop table victim; -- '",
    "(select count(*) from victim)",
    "sleep(20)",
    "get_lock('schemadiff', 1)",
    "@x := 5",
    "$$",
    "1'",
    "",
    "a > 0); END; DROP TABLE victim; BEGIN NOT ATOMIC SELECT (1",
    "benchmark(100000000, md5('x'))",
]
HOSTILE_TYPES = [
    "int) as select 1 -- ",
    "int, x int",
    "varchar(5)) engine=csv; drop table victim; -- ",
    "enum('a') /*",
    "int comment 'x'",
]


@pytest.mark.parametrize("asked", EQUAL, ids=lambda q: q.right)
def test_equal(mysql: Backend, asked: Question) -> None:
    assert ask(mysql, [asked]).equal == {asked: True}


@pytest.mark.parametrize("asked", DIFFERENT, ids=lambda q: q.right)
def test_different(mysql: Backend, asked: Question) -> None:
    assert ask(mysql, [asked]).equal == {asked: False}


def ask(mysql: Backend, questions: list[Question]) -> Verdict:
    """Ask on a new database; whatever the answer, nothing has changed in it."""
    engine = mysql.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE victim (i int)")
        connection.exec_driver_sql("INSERT INTO victim VALUES (1)")
    before = oracle.dump(engine)
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.exec_driver_sql("INSERT INTO victim VALUES (2)")
        verdict = backend.judge(connection, questions, EMPTY, EMPTY)
        # The transaction is open yet: nothing has been committed on the way.
        assert connection.exec_driver_sql("SELECT count(*) FROM victim").scalar() == 2
        assert connection.exec_driver_sql("SELECT @x").scalar() is None
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("SHOW CREATE TABLE `schemadiff judge`")
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM victim").scalar() == 1
    oracle.assert_same(oracle.dump(engine), before)
    return verdict


@pytest.mark.parametrize("text", HOSTILE_TEXT)
def test_hostile_text_is_not_answered(mysql: Backend, text: str) -> None:
    questions = [question(kind, text, "1", "a") for kind in ("default", "check", "computed", "index")]
    mirrored = [question(kind, "1", text, "a") for kind in ("default", "check", "computed", "index")]
    # Those beside it are.
    verdict = ask(mysql, [*questions, EQUAL[0], *mirrored, DIFFERENT[0]])
    answered = {asked: answer for asked, answer in verdict.equal.items() if answer}
    assert answered == {EQUAL[0]: True}
    assert verdict.equal[DIFFERENT[0]] is False


@pytest.mark.parametrize("spelling", HOSTILE_TYPES)
def test_a_hostile_type_is_not_sent(mysql: Backend, spelling: str) -> None:
    table = Table(name=Name("t"), columns=(Column(name="a", type=DataType(spelling)),))
    asked = [question("check", "a > 0", "(a) > 0", table=table), question("default", "1", "(1)", "a", table=table)]
    verdict = ask(mysql, asked)
    assert verdict.equal == {}
    assert all("not sent" in str(verdict.answers[each].refusal) for each in asked)


def test_a_hostile_collation_is_not_sent(mysql: Backend) -> None:
    table = Table(
        name=Name("t"), columns=(Column(name="a", type=DataType("varchar(5)"), collation="x) engine=csv -- "),)
    )
    assert ask(mysql, [question("check", "a > 'x'", "(a) > 'x'", table=table)]).equal == {}


def test_one_by_one_gives_the_same_answers(mysql: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [
        *EQUAL,
        *DIFFERENT,
        question("check", "1)); drop table victim", "1"),
        question("check", "nosuch(a)", "1"),
    ]
    at_once = ask(mysql, questions)
    monkeypatch.setattr(judging, "prints_at_once", lambda connection, facts: False)
    assert ask(mysql, questions) == at_once
    assert at_once.equal == dict.fromkeys(EQUAL, True) | dict.fromkeys(DIFFERENT, False)


def test_in_several_chunks(mysql: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_LARGEST", 700)
    assert ask(mysql, [*EQUAL, *DIFFERENT]).equal == dict.fromkeys(EQUAL, True) | dict.fromkeys(DIFFERENT, False)


def test_without_the_right_to_make_temporary_tables(mysql: Backend) -> None:
    engine = mysql.engine()
    database = str(engine.url.database)
    user = f"r_{abs(hash(database)) % 10**9}"
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.Integer),
        sa.CheckConstraint("cast(a as char) > '1'"),
        sa.CheckConstraint("length(a) > 1"),
        sa.CheckConstraint("a > 1"),
    )
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE USER `{user}`@`127.0.0.1` IDENTIFIED BY 'secret'")
        connection.exec_driver_sql(f"GRANT SELECT ON `{database}`.* TO `{user}`@`127.0.0.1`")
    try:
        reader = mysql.engine(engine.url.set(username=user, password="secret").render_as_string(hide_password=False))
        difference = schemadiff.diff(reader, metadata)
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP USER `{user}`@`127.0.0.1`")
    # What neither tokens nor we ourselves can settle is taken as different, and the diff says why.
    assert [operation.describe() for operation in difference.upgrade] == [
        "Drop check constraint CONSTRAINT_1 of t",
        "Add check constraint CONSTRAINT_1 to t",
    ]
    assert len(difference.warnings) == 1
    assert "denied" in difference.warnings[0]


@pytest.mark.parametrize("schemas", [1, 4])
def test_the_number_of_statements_is_constant(mysql: Backend, schemas: int) -> None:
    counts = {tables: count(mysql, tables, schemas) for tables in (8, 120)}
    assert counts[8] == counts[120]


def count(mysql: Backend, tables: int, schemas: int) -> int:
    """Return how many statements the diff of a model sends, each table of which has expressions that differ as tokens."""
    engine = mysql.engine()
    names = [None, *(mysql.new_schema_name() for _ in range(schemas - 1))]
    metadata = sa.MetaData()
    for i in range(tables):
        sa.Table(
            f"t{i}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("a", sa.Integer if i % 2 else sa.String(i + 1), server_default=sa.text("(length('x') + 1)")),
            sa.Column("g", sa.Integer, sa.Computed("length(a) + 1")),
            sa.CheckConstraint("length(a) > 3"),
            schema=names[i % schemas],
        )
    with engine.connect() as connection:
        for name in names[1:]:
            connection.exec_driver_sql(f"CREATE DATABASE `{name}`")
        connection.exec_driver_sql("SET SESSION innodb_strict_mode=1")
        metadata.create_all(connection)
        sent = 0

        @sa.event.listens_for(connection, "before_cursor_execute")
        def counted(*arguments: object) -> None:
            nonlocal sent
            sent += 1

        assert not schemadiff.diff(connection, metadata)
    return sent
