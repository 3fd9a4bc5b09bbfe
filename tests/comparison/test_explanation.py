"""Why a diff holds what it holds: every operation is explained, by what decided it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.comparison import Diff, Explanation
from schemadiff.comparison.explanation import flat
from schemadiff.comparison.rules import Rules
from schemadiff.operations import reverse_all
from tests.corpus.cases import chosen
from tests.corpus.trial import load
from tests.laws.changes import CASES
from tests.support.servers import Backend

# The major version of the oldest PostgreSQL that the tests run on.
_OLDEST = 15


def explained(difference: Diff) -> None:
    """Every operation has an explanation of its own, in which the two sides are not alike, but for those that another one needs."""
    operations = list(flat(difference.upgrade))
    of = {
        id(operation): [each for each in difference.explanations if each.operation is operation]
        for operation in operations
    }
    for operation in operations:
        found = of[id(operation)]
        assert found, f"{operation.describe()} is not explained"
        for each in found:
            word = each.decided_by.partition(":")[0]
            assert word in ("name", "tokens", "server", "rule", "order"), each
            assert word == "order" or (each.source.spelling, each.source.canonical) != (
                each.target.spelling,
                each.target.canonical,
            ), each
    if operations:
        assert any(not each.decided_by.startswith("order") for each in difference.explanations), difference.explain()
    assert all(each.operation is None for each in difference.agreements)


@pytest.mark.backends("sqlite", "postgresql18", "mysql")
@pytest.mark.parametrize("name", CASES)
def test_every_operation_of_every_change_is_explained(backend: Backend, name: str) -> None:
    case = CASES[name]
    if backend.name not in case.on:
        return
    engine = backend.engine()
    case.metadata("before").create_all(engine)
    difference = schemadiff.diff(engine, case.metadata("after"))
    explained(difference)
    # The way back, whose sides are the other way round.
    back = Diff(difference.target, difference.source, reverse_all(difference.upgrade), difference.backend)
    explained(back)


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_every_operation_of_every_pair_is_explained(backend: Backend) -> None:
    unexplained = []
    for case in chosen(backend.name, every=24):
        if case.needs <= _OLDEST and case.refused is None:
            own = case.on(backend)
            engine, goal = backend.engine(), backend.engine()
            load(engine, own.before)
            load(goal, own.after)
            try:
                explained(schemadiff.diff(engine, goal))
            except AssertionError as error:
                unexplained.append(f"{case.id}: {error}")
            backend.close()
    assert not unexplained


def only(difference: Diff) -> Explanation:
    (found,) = {str(each): each for each in difference.explanations}.values()
    return found


def table(*items: object) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True), *items)
    return metadata


def column(type_: sa.types.TypeEngine[object], **keywords: object) -> sa.MetaData:
    return table(sa.Column("email", type_, **keywords))


def compared(backend: Backend, before: sa.MetaData, after: sa.MetaData, **options: object) -> Diff:
    engine = backend.engine()
    before.create_all(engine)
    return schemadiff.diff(engine, after, **options)


def test_a_type(backend: Backend) -> None:
    found = only(compared(backend, column(sa.String(30)), column(sa.String(50))))
    assert (found.subject, found.attribute) == ("table account, column email", "type")
    assert found.source.spelling.lower().endswith("(30)")
    assert found.target.spelling == "String(length=50)"
    assert found.target.canonical.lower().endswith("(50)")
    assert found.decided_by == "tokens: the canonical forms differ"


def test_a_name(backend: Backend) -> None:
    found = only(compared(backend, table(), column(sa.String(50))))
    assert (found.subject, found.attribute) == ("table account, column email", "presence")
    assert (found.source.spelling, found.decided_by) == (None, "name: only one side has it")
    assert found.target.spelling.lower().endswith("(50)")


def checked(text: str) -> sa.MetaData:
    return table(sa.Column("age", sa.Integer), sa.CheckConstraint(text, name="adult"))


def test_the_server_s_answer_and_its_prints(postgresql: Backend) -> None:
    found = only(compared(postgresql, checked("age > 17"), checked("age>=18")))
    assert (found.subject, found.attribute) == ("table account, check constraint adult", "expression")
    assert (found.source.printed, found.target.printed) == ("(age > 17)", "(age >= 18)")
    assert found.target.spelling == "age>=18"
    assert found.decided_by == "server: it prints them differently"


def test_the_server_s_answer_on_mariadb(mysql: Backend) -> None:
    found = only(compared(mysql, checked("age > 17"), checked("age>=18")))
    assert "age > 17" in found.source.printed
    assert "age >= 18" in found.target.printed
    assert found.decided_by == "server: it prints them differently"


def test_what_the_server_refuses(backend: Backend) -> None:
    found = only(compared(backend, checked("age > 17"), checked("missing > 17")))
    why = {
        "sqlite": "SQLite keeps the text as it was written",
        "postgresql": 'refused by the server: column "missing" does not exist',
        "mysql": "refused by the server: Unknown column 'missing' in",
    }
    assert f"no judge: {why[backend.name]}" in found.decided_by


@pytest.mark.parametrize(("live", "why"), [(True, "judge=False"), (False, "no connection")])
def test_nobody_was_asked(postgresql: Backend, live: bool, why: str) -> None:
    engine = postgresql.engine()
    checked("age > 17").create_all(engine)
    if live:
        difference = schemadiff.diff(engine, checked("age > 18"), judge=False)
    else:
        difference = schemadiff.diff(schemadiff.reflect(engine), checked("age > 18"))
    assert only(difference).decided_by == f"tokens: the canonical forms differ; no judge: {why}"


def test_a_read_only_server_says_so(postgresql: Backend) -> None:
    engine = postgresql.engine()
    checked("age > 17").create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        connection.commit()
        difference = schemadiff.diff(connection, checked("age > 18"))
    assert "no judge: " in only(difference).decided_by
    assert "read-only" in only(difference).decided_by


def test_a_rule_of_the_user_s_that_finds_a_difference(backend: Backend) -> None:
    rules = Rules(types=lambda left, right: True if left.name == "email" else None)
    difference = compared(backend, column(sa.String(30)), column(sa.String(30)), rules=rules)
    assert only(difference).decided_by == "rule: compare_type says that they differ"


def test_a_rule_of_the_user_s_that_leaves_a_difference_alone(backend: Backend) -> None:
    difference = compared(backend, column(sa.String(30)), column(sa.String(50)), rules=Rules(types=False))
    assert not difference
    (found,) = difference.agreements
    assert (found.subject, found.attribute) == ("table account, column email", "type")
    assert found.decided_by == "rule: compare_type says that they do not differ"


def test_what_the_server_finds_equal_stands_apart(postgresql: Backend) -> None:
    difference = compared(postgresql, checked("age > 17"), checked("age > cast(17 AS integer)"))
    assert (
        difference.explain()
        == """\
No differences

Taken as equal:

table account, check constraint adult: expression
    source: age > 17
    target: age > cast(17 AS integer)
    compared as: age > cast ( 17 as integer )
    printed as: (age > 17)
    decided by: server: it finds them equal"""
    )


def test_hostile_text_is_escaped(backend: Backend) -> None:
    evil = "\x1b[31mred\u202e\nno"
    text = compared(backend, column(sa.String(30)), column(sa.String(30), server_default=evil)).explain()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31mred\\u202e" in text
    assert "\nno" not in text


def test_what_is_in_the_way_of_a_change(backend: Backend) -> None:
    engine, goal = backend.engine(), backend.engine()
    for each, column in ((engine, "remark"), (goal, "note")):
        with each.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE invoice (id integer PRIMARY KEY, {column} varchar(20))")
            connection.exec_driver_sql(f"CREATE VIEW invoice_list AS SELECT id, {column} FROM invoice")
    difference = schemadiff.diff(engine, goal)
    explained(difference)
    (found,) = {str(each): each for each in difference.explanations if each.subject == "view invoice_list"}.values()
    assert "remark" in found.source.spelling
    assert "note" in found.target.spelling
    assert found.decided_by.startswith("order: another change needs it out of the way")
