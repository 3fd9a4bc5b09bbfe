"""The judge: right answers, no doors, no traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemadiff.backends import Backend, connected_backend
from schemadiff.backends.questions import ExpressionKind, Question, Verdict
from schemadiff.reflection.metadata import lower
from schemadiff.schema import Name, Schema


def model() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        'it"s',
        metadata,
        sa.Column("i", sa.Integer),
        sa.Column("v", sa.String(10)),
        sa.Column("t", sa.Text),
        sa.Column("n", sa.Numeric(10, 2)),
        sa.Column("d", sa.DateTime),
        sa.Column("j", pg.JSONB),
        sa.Column("Mixed Case", sa.Integer),
        sa.Column("m", sa.Enum("a", "b", name="mood")),
        sa.Column("g", sa.Integer, sa.Computed("i + 1", persisted=True)),
    )
    return metadata


@pytest.fixture
def connection(postgresql: Any) -> Iterator[sa.Connection]:
    with postgresql.engine().connect() as connection:
        model().create_all(connection)
        connection.commit()
        yield connection


def ask(
    connection: sa.Connection, *pairs: tuple[ExpressionKind, str | None, str, str], metadata: sa.MetaData | None = None
) -> tuple[list[bool | None], Verdict]:
    backend = connected_backend(connection)
    source, target = backend.reflect(connection, [None]), lower(metadata or model(), backend)
    table = target.tables[Name('it"s')]
    questions = [
        Question(kind=kind, name=table.name, column=column, left=left, right=right, table=table)
        for kind, column, left, right in pairs
    ]
    verdict = backend.judge(connection, questions, source, target)
    return [verdict.equal.get(question) for question in questions], verdict


ANSWERS: list[tuple[ExpressionKind, str | None, str, str, bool | None]] = [
    ("check", None, "(v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])", "v IN ('a', 'b')", True),
    ("check", None, "(v)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])", "v IN ('a', 'b')", True),
    ("check", None, "v IN ('a', 'b')", "v IN ('b', 'a')", False),
    ("check", None, "n >= (0)::numeric", "n >= 0", True),
    ("check", None, "n > 0", "n >= 0", False),
    ("check", None, "(i >= 1) AND (i <= 5)", "i BETWEEN 1 AND 5", True),
    ("check", None, '"Mixed Case" > 0', "\"Mixed Case\"\n  >0 -- so", True),
    ("check", None, "m = 'a'::mood", "m = 'a'", True),
    ("check", None, "NOT ((t IS NULL))", "t IS NOT NULL", False),
    ("check", None, "i > 0", "missing > 0", None),
    ("check", None, "i > 0", "nobody(i)", None),
    ("check", None, "i > 0", "(SELECT true)", None),
    ("predicate", None, "(d IS NULL)", "d is null", True),
    ("predicate", None, "((v)::text ~~ 'a%'::text)", "v LIKE 'a%'", True),
    ("index", None, "lower((v)::text)", "lower(v)", True),
    ("index", None, "(v)::text || t", "v || t", True),
    ("index", None, "(i + 1)", "i + 2", False),
    ("index", None, "j ->> 'a'::text", "j ->> 'a'", True),
    ("index", None, 't COLLATE "C"', 't collate "C"', True),
    ("index", None, "i IS NULL", "(i IS NULL)", True),
    ("default", "v", "'x'::character varying", "'x'", True),
    ("default", "d", "'2020-01-01 00:00:00'::timestamp without time zone", "'2020-01-01'", True),
    ("default", "d", "now()", "CURRENT_TIMESTAMP", False),
    ("default", "j", "'{\"a\": 1}'::jsonb", "'{\"a\":1}'", True),
    ("default", "i", "(1 + 1)", "1 + 1", True),
    ("default", "i", "2", "1 + 1", False),
    ("default", "n", "NULL::numeric", "NULL", True),
    ("default", "t", "NULL", "'x'", False),
    ("default", "i", "'5'::text", "5", None),
    ("computed", "g", "(i * 2)", "i * 2", True),
    ("computed", "g", "(i * 2)", "2 * i", False),
    ("computed", "g", "i", "random()", None),
]  # fmt: skip


def test_answers(connection: sa.Connection) -> None:
    answers, verdict = ask(connection, *(case[:4] for case in ANSWERS))
    assert verdict.warning is None
    wrong = [(case, answer) for case, answer in zip(ANSWERS, answers, strict=True) if case[4] != answer]
    assert wrong == []


# Text that would run something of its own if it got into a statement as it is.
BREAKOUTS = [
    "1)); CREATE TABLE broken(i int",
    "1); CREATE TABLE broken(i int); --",
    "1); CREATE TABLE broken(i int); SELECT (1",
    "1, CHECK (true); CREATE TABLE broken(i int",
    "1 /* ; */ ); CREATE TABLE broken(i int); /*",
    "'a'';' || $$); CREATE TABLE broken(i int); --$$",
    "E'\\'); CREATE TABLE broken(i int); --'",
    "'\\'); CREATE TABLE broken(i int); --'",
    "U&'\\'); CREATE TABLE broken(i int); --' UESCAPE '!'",
    "1_e'\\')); CREATE TABLE broken(i int); --'",
    "$a$ $b$ $a$ || $b$); CREATE TABLE broken(i int); --$b$",
    "$é$); CREATE TABLE broken(i int); --$é$",
    '"a""; " || 1); CREATE TABLE broken(i int); --',
    "1\u00a0); CREATE TABLE broken(i int); --",
    "1 -- \n); CREATE TABLE broken(i int",
    "(SELECT lo_create(4242) IS NOT NULL)",
    "lo_create(4242) > 0",
    "pg_advisory_lock(4242) IS NULL",
    "set_config('schemadiff.broken', 'yes', false) = 'yes'",
    "nextval('counter') > 0",
]


@pytest.mark.parametrize("kind", ["check", "index", "predicate", "default", "computed"])
@pytest.mark.parametrize("strings", ["on", "off"])
def test_break_outs(connection: sa.Connection, kind: ExpressionKind, strings: str) -> None:
    connection.exec_driver_sql("CREATE SEQUENCE counter")
    connection.exec_driver_sql(f"SET standard_conforming_strings = {strings}")
    connection.commit()
    before = traces(connection)
    column = {"default": "i", "computed": "g"}.get(kind)
    _, verdict = ask(connection, *((kind, column, "1 > 0", text) for text in BREAKOUTS))
    assert not any(verdict.equal.values())
    assert traces(connection) == before


def traces(connection: sa.Connection) -> list[Any]:
    """Return all that a judge could leave behind."""
    queries = [
        "SELECT count(*) FROM pg_class",
        "SELECT count(*) FROM pg_type",
        "SELECT count(*) FROM pg_proc",
        "SELECT count(*) FROM pg_constraint",
        "SELECT count(*) FROM pg_attrdef",
        "SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'",
        "SELECT count(*) FROM pg_largeobject_metadata",
        # Of this database alone: other tests have locks of their own on the same server.
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        "SELECT current_setting('schemadiff.broken', true)",
        "SELECT is_called FROM counter" if sa.inspect(connection).has_sequence("counter") else "SELECT 1",
    ]
    found = [connection.exec_driver_sql(query).scalar_one() for query in queries]
    connection.rollback()
    return found


def test_hostile_types_and_names(connection: sa.Connection) -> None:
    before = traces(connection)
    backend = connected_backend(connection)
    source = backend.reflect(connection, [None])
    table = source.tables[Name('it"s')]
    from dataclasses import replace

    from schemadiff.schema import DataType, Enum

    hostile = "integer); CREATE TABLE broken(i int); --"
    columns = tuple(
        replace(column, type=DataType(hostile), collation='x"); CREATE TABLE broken(i int); --')
        if column.name == "v"
        else column
        for column in table.columns
    )
    table = replace(table, columns=columns)
    name = Name('x"; CREATE TABLE broken(i int); --')
    enum = Enum(name=Name('e"; CREATE TABLE broken(i int); --'), values=("a'); CREATE TABLE broken(i int); --",))
    target = replace(source, tables={table.name: table}, enums={**source.enums, enum.name: enum})
    questions = [
        Question(kind="check", name=table.name, column=None, left="i > 0", right="i > 0 AND true", table=table),
        Question(kind="check", name=name, column=None, left="i > 0", right="(i) > (0)", table=table),
        Question(kind="default", name=table.name, column="v", left="'x'", right="'y'", table=table),
    ]
    verdict = backend.judge(connection, questions, source, target)
    assert verdict.equal == {questions[0]: False, questions[1]: True}
    assert traces(connection) == before


def test_one_bad_question_spoils_no_other(connection: sa.Connection) -> None:
    bad: list[tuple[ExpressionKind, str | None, str, str]] = [
        ("check", None, "nobody(i)", f"nobody(i + {n})") for n in range(20)
    ]
    answers, _ = ask(connection, *bad, ("check", None, "n > (0)::numeric", "n > 0"), *bad)
    assert [answer for answer in answers if answer is not None] == [True]


def test_new_types_and_sequences(connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    sa.Table('it"s', metadata, sa.Column("t", sa.Enum("x", "y", name="kind")), sa.Column("i", sa.Integer))
    sa.Sequence("fresh", metadata=metadata)
    answers, verdict = ask(
        connection,
        ("check", None, "t = 'x'::kind", "t = 'x'"),
        ("check", None, "t = 'x'::kind", "t = 'y'"),
        ("default", "t", "'x'::kind", "CAST('x' AS kind)"),
        ("default", "i", "nextval('fresh'::regclass)", "nextval(('fresh')::regclass)"),
        metadata=metadata,
    )
    assert verdict.warning is None
    assert answers == [True, False, True, True]
    with pytest.raises(sa.exc.ProgrammingError):
        connection.exec_driver_sql("SELECT 'x'::kind")


@pytest.mark.parametrize("state", ["idle", "open", "nested", "autocommit", "autocommit_begun"])
def test_transactions(postgresql: Any, state: str) -> None:
    engine = postgresql.engine()
    with engine.connect() as connection:
        model().create_all(connection)
        connection.commit()
    if state.startswith("autocommit"):
        engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    pairs: list[tuple[ExpressionKind, str | None, str, str]] = [("check", None, "n > (0)::numeric", "n > 0")]
    with engine.connect() as connection:
        if state == "autocommit_begun":
            connection.exec_driver_sql("BEGIN")
        if state in ("open", "nested", "autocommit_begun"):
            connection.exec_driver_sql("CREATE TABLE mine (i int)")
        if state == "nested":
            connection.begin_nested()
        assert ask(connection, *pairs)[0] == [True]
        if state == "idle":
            assert not connection.in_transaction()
        if state.startswith("autocommit"):
            status = connection.connection.dbapi_connection.info.transaction_status.name  # type: ignore[union-attr]
            assert status == ("INTRANS" if state == "autocommit_begun" else "IDLE")
        if state in ("open", "nested", "autocommit_begun"):
            assert connection.exec_driver_sql("SELECT count(*) FROM mine").scalar_one() == 0
            assert not sa.inspect(connection).has_table("schemadiff_judge")


class Interrupted(BaseException):
    pass


def test_interrupted(connection: sa.Connection) -> None:
    before = traces(connection)

    def interrupt(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT pg_temp.schemadiff_judge"):
            raise Interrupted

    sa.event.listen(connection, "after_cursor_execute", interrupt)
    with pytest.raises(Interrupted):
        ask(connection, ("check", None, "n > (0)::numeric", "n > 0"))
    sa.event.remove(connection, "after_cursor_execute", interrupt)
    assert not connection.in_transaction()
    assert traces(connection) == before


def test_read_only(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET default_transaction_read_only = on")
    connection.commit()
    answers, verdict = ask(connection, ("check", None, "n > (0)::numeric", "n > 0"))
    assert answers == [None]
    assert verdict.warning is not None
    assert "\n" not in verdict.warning
    assert "read-only" in verdict.warning
    assert not connection.in_transaction()


def test_without_the_right(postgresql: Any) -> None:
    engine = postgresql.engine()
    role = "sd_judge_reader"
    with engine.connect() as connection:
        model().create_all(connection)
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        connection.exec_driver_sql(f"CREATE ROLE {role}")
        connection.exec_driver_sql(f'REVOKE TEMPORARY ON DATABASE "{engine.url.database}" FROM PUBLIC')
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
        answers, verdict = ask(connection, ("check", None, "n > (0)::numeric", "n > 0"))
        assert answers == [None]
        assert "permission denied" in str(verdict.warning)
        # The caller's own transaction goes on.
        assert connection.exec_driver_sql("SELECT current_user").scalar_one() == role
        connection.rollback()


def test_nobody_is_asked_nothing(connection: sa.Connection) -> None:
    statements: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda c, cur, statement, *rest: statements.append(statement))
    backend = connected_backend(connection)
    asked = len(statements)
    schema = Schema(server=backend.server)
    assert backend.judge(connection, [], schema, schema) == Verdict()
    assert len(statements) == asked


def test_backend_is_the_one(connection: sa.Connection) -> None:
    backend: Backend = connected_backend(connection)
    assert type(backend).__name__ == "PostgresqlBackend"
    assert backend.server.default_schema == "public"
