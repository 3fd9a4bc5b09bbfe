"""What expressions mean without a server: never more than the server says, and nearly all of what people write."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql as my

import schemadiff
from schemadiff.backends import Question, backend_for
from schemadiff.backends.mysql import MysqlBackend
from schemadiff.backends.mysql.meaning import meaning
from schemadiff.backends.reading import NotUnderstood
from schemadiff.reflection.metadata import lower
from schemadiff.schema import Name, Schema
from tests.backends.mysql.meanings import LOOK_ALIKES, USUAL
from tests.support.servers import Backend

_BACKEND = backend_for(my.dialect())


def model(*more: Any) -> sa.MetaData:
    """Return a model of a table ``t``."""
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer),
        sa.Column("n", sa.Numeric(10, 2)),
        sa.Column("v", sa.String(20)),
        sa.Column("d", sa.Date),
        sa.Column("ts", sa.DateTime),
        sa.Column("j", sa.Text),
        sa.Column("flag", sa.Boolean),
        sa.Column("e", my.ENUM("x", "y")),
        *more,
    )
    return metadata


_COLUMNS = (
    "a int, b int, n decimal(10,2), v varchar(20), d date, ts datetime, j text, flag tinyint(1), e enum('x', 'y')"
)
_TABLE = lower(model(), _BACKEND).tables[Name("t")]


def check(text: str) -> Any:
    """Return the meaning of a check; None where we have none."""
    try:
        return meaning(text, "check", _TABLE, _BACKEND.lexicon)
    except NotUnderstood:
        return None


@pytest.fixture
def connection(mysql: Backend) -> Iterator[sa.Connection]:
    with mysql.engine().connect() as connection:
        yield connection


def _run(connection: sa.Connection, statement: str) -> Any:
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def printed(connection: sa.Connection, texts: Sequence[str]) -> list[list[str]]:
    """Return how the server prints each of ``texts`` as a check of ``t``, and what it prints of that; nothing where it refuses it."""
    found = []
    for start in range(0, len(texts), 20):
        some = texts[start : start + 20]
        try:
            found += _printed(connection, some)
        except sa.exc.DBAPIError:
            found += [_printed_alone(connection, text) for text in some]
    return found


def _printed_alone(connection: sa.Connection, text: str) -> list[str]:
    try:
        return _printed(connection, [text])[0]
    except sa.exc.DBAPIError:
        return []


def _printed(connection: sa.Connection, texts: Sequence[str]) -> list[list[str]]:
    forms = []
    for _ in range(2):
        checks = ", ".join(f"CONSTRAINT `printed {i}` CHECK ({text})" for i, text in enumerate(texts))
        # A temporary table hides the other one of its name.
        _run(connection, f"CREATE OR REPLACE TEMPORARY TABLE t ({_COLUMNS}, {checks})")
        shown = str(_run(connection, "SHOW CREATE TABLE t").one()[1])
        texts = re.findall(r"CONSTRAINT `printed \d+` CHECK \((.*)\)(?:,\n|\n\))", shown)
        forms.append(texts)
    return [list(each) for each in zip(*forms, strict=True)]


def test_usual_checks(connection: sa.Connection) -> None:
    """Every check that people write is found equal to what the server prints of it."""
    for text, forms in zip(USUAL, printed(connection, USUAL), strict=True):
        assert forms, text
        assert check(text) is not None, text
        for form in forms:
            assert check(form) == check(text), (text, form)


def test_look_alikes(connection: sa.Connection) -> None:
    forms = printed(connection, [text for pair in LOOK_ALIKES for text in pair])
    for pair, left, right in zip(LOOK_ALIKES, forms[::2], forms[1::2], strict=True):
        assert left, f"refused: {pair[0]}"
        assert right, f"refused: {pair[1]}"
        one, other = {pair[0], *left}, {pair[1], *right}
        assert one.isdisjoint(other), f"the server finds them equal: {pair}"
        meanings = [{check(text) for text in texts} - {None} for texts in (one, other)]
        assert meanings[0].isdisjoint(meanings[1]), pair


_CHANGES: list[tuple[str, list[str]]] = [
    (r"\b\d+\b(?!')", ["'{}'", "{}.0", "-{}", "({})", "- {}", "true"]),
    (r"\b(?:a|b|n|v)\b(?!')", ["a", "b", "n", "v", "-a", "({})", "lower({})", "t.{}", "`{}`"]),
    (r" (?:AND|OR|and|or|=|<>|<|>|\+|-|\*|XOR|&|\|) ", [" AND ", " OR ", " = ", " <> ", " + ", " - ", " * ", " XOR ", " & ", " && "]),
    (r"^", ["NOT ", "NOT (", "!", "a + ", "flag AND "]),
    (r"$", [" AND b > 0", " OR a", " IS NULL", " = 1", " IS TRUE"]),
    (r"[()]", [" "]),
]  # fmt: skip


def mutated(source: random.Random, text: str) -> str:
    """Return an expression that is nearly another one. The server may refuse it."""
    pattern, forms = source.choice(_CHANGES)
    places = list(re.finditer(pattern, text))
    if not places:
        return f"({text})"
    place, form = source.choice(places), source.choice(forms)
    changed = text[: place.start()] + form.replace("{}", place.group()) + text[place.end() :]
    if place.group() == "(":
        # The parenthesis that closed it goes too.
        changed = changed[::-1].replace(")", " ", 1)[::-1]
    return changed + ")" if form.endswith("(") else changed


def test_drawn_checks(connection: sa.Connection) -> None:
    """Whatever is drawn: expressions of one meaning are stored as one."""
    source = random.Random(3)
    texts = [mutated(source, source.choice(USUAL)) for _ in range(150)]
    texts += [mutated(source, text) for text in texts[:75]]
    by_meaning: dict[Any, list[set[str]]] = {}
    accepted = understood = 0
    texts = list(dict.fromkeys(texts))
    for text, forms in zip(texts, printed(connection, texts), strict=True):
        if not forms:
            continue
        accepted += 1
        understood += check(text) is not None and check(text) == check(forms[0])
        for spelling in (text, *forms):
            if (found := check(spelling)) is not None:
                by_meaning.setdefault(found, []).append({spelling, *forms})
    for stored in by_meaning.values():
        groups: list[set[str]] = []
        for forms_ in stored:
            touching = [group for group in groups if group & forms_]
            groups = [group for group in groups if not group & forms_] + [forms_.union(*touching)]
        assert len(groups) == 1, groups
    assert accepted > 100
    assert understood > accepted * 0.7


HOSTILE = [
    "",
    "(",
    "a >",
    "a > 0)",
    "a > 0; DROP TABLE t",
    "a > 0, b > 0",
    "a > 0 -- b",
    "a > 0 /* b */",
    "a > 0 # b",
    "--a > 0",
    "a > 0 || b > 0",
    "(SELECT 1)",
    "a IN (SELECT 1)",
    "EXISTS (SELECT 1)",
    "missing > 0",
    "other.a > 0",
    "x.t.a > 0",
    "shop.own(a)",
    "(a, b) = (1, 2)",
    "a > @x",
    "a > ?",
    "v = x'61'",
    "v = 0x61",
    "v = 'a' 'b'",
    "a = b = 1",
    "a IS NULL IS NULL",
    "cast(v as char) = 'a'",
    "j -> '$.a' = 1",
    "a := 1",
    "(" * 5000 + "a" + ")" * 5000 + " > 0",
    "NOT " * 5000 + "a",
    "- " * 5000 + "a > 0",
    "CASE END",
    "group_concat(v order by a) = 'a'",
    "interval 1 day + d > d",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_what_is_not_understood_means_nothing(text: str) -> None:
    assert check(text) is None


def test_nothing_is_known_under_oracle_s_rules() -> None:
    """There, LENGTH() counts characters."""
    asked = Question(
        kind="check", name=_TABLE.name, column=None, left="octet_length(`v`) > 1", right="length(v) > 1", table=_TABLE
    )
    nothing = Schema(server=_BACKEND.server)
    backend = backend_for(my.dialect())
    assert isinstance(backend, MysqlBackend)
    assert backend.answers_without_server([asked], nothing, nothing)[asked].equal
    backend.facts = replace(backend.facts, oracle=True)
    assert backend.answers_without_server([asked], nothing, nothing) == {}


# -- in a diff


def _usual_model(*more: Any) -> sa.MetaData:
    texts = [text for text in USUAL[:80] if ":" not in text and "rand" not in text]
    return model(
        *(sa.CheckConstraint(text, name=f"usual_{i}") for i, text in enumerate(texts)),
        sa.Column("total", sa.Integer, sa.Computed("(a + b) * 2", persisted=True)),
        sa.Column("low", sa.String(20), sa.Computed("lower(substring(v, 1, 3))", persisted=True)),
        sa.Column("since", sa.DateTime, server_default=sa.text("(date_add(now(), interval 1 day))")),
        sa.Column("size", sa.Integer, server_default=sa.text("(length('abc') % 2)")),
        *more,
    )


@pytest.fixture
def reader(mysql: Backend) -> Iterator[tuple[sa.Engine, sa.Engine]]:
    """Give an engine on a database that the usual model made, and one of a user who may only read there."""
    engine = mysql.engine()
    _usual_model(sa.CheckConstraint("concat(v, cast(a as char)) > 1", name="left_to_tokens")).create_all(engine)
    user = f"r_{abs(hash(engine.url.database)) % 10**9}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE USER `{user}`@`%%` IDENTIFIED BY 'secret'")
        connection.exec_driver_sql(f"GRANT SELECT ON `{engine.url.database}`.* TO `{user}`@`%%`")
    try:
        yield (
            engine,
            mysql.engine(engine.url.set(username=user, password="secret").render_as_string(hide_password=False)),
        )
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP USER `{user}`@`%%`")


def test_who_may_only_read(reader: tuple[sa.Engine, sa.Engine]) -> None:
    owner, engine = reader
    # One is left to tokens, and warned of.
    target = _usual_model(sa.CheckConstraint("concat(v, cast(a as char)) > 1", name="left_to_tokens"))
    assert schemadiff.diff(owner, target).upgrade == ()
    found = schemadiff.diff(engine, target)
    assert [operation.describe() for operation in found.upgrade] == [
        "Drop check constraint left_to_tokens of t",
        "Add check constraint left_to_tokens to t",
    ]
    assert len(found.warnings) == 1
    assert {each.decided_by.partition(":")[0] for each in found.agreements} == {"meaning"}
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE t DROP CONSTRAINT left_to_tokens")
    for difference in (
        schemadiff.diff(engine, _usual_model()),
        schemadiff.diff(owner, _usual_model(), judge=False),
        schemadiff.diff(schemadiff.reflect(owner), _usual_model()),
    ):
        assert difference.upgrade == ()
        assert difference.warnings == ()
