"""What expressions mean without a server: never more than the server says, and nearly all of what people write."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

import schemadiff
from schemadiff.backends import backend_for
from schemadiff.backends.postgresql.meaning import Types, meaning
from schemadiff.backends.reading import NotUnderstood
from schemadiff.reflection.metadata import lower
from schemadiff.schema import Column, DataType, Name, Table
from tests.backends.postgresql.drawing import drawn, mutated
from tests.backends.postgresql.look_alikes import LOOK_ALIKE_DEFAULTS, LOOK_ALIKES
from tests.backends.postgresql.meanings import DEFAULTS, USUAL, model, usual_model
from tests.backends.postgresql.prints import default_prints, prints, refusals


@dataclass
class Known:
    """What we make of expressions of the model's table, and of defaults. None is what we make nothing of."""

    types: Types
    table: Table

    def check(self, text: str) -> Any:
        try:
            return meaning(text, "check", self.table, None, self.types)
        except NotUnderstood:
            return None

    def default(self, type_: str, text: str) -> Any:
        named = Name("mood") if type_ == "mood" else None
        table = Table(name=Name("u"), columns=(Column(name="c", type=DataType(type_, named)),))
        try:
            return meaning(text, "default", table, "c", self.types)
        except NotUnderstood:
            return None


@pytest.fixture
def connection(postgresql: Any) -> Iterator[sa.Connection]:
    with postgresql.engine().connect() as connection:
        model().create_all(connection)
        connection.commit()
        yield connection


@pytest.fixture
def known() -> Known:
    schema = lower(model(), backend_for(pg.dialect()))
    domains = {name: domain.type.sql for name, domain in schema.domains.items()}
    return Known(Types("public", frozenset(schema.enums), domains), schema.tables[Name("t")])


def test_usual_checks(connection: sa.Connection, known: Known) -> None:
    """Every check that people write is found equal to what the server prints of it, and of its print."""
    for text, forms in zip(USUAL, prints(connection, USUAL), strict=True):
        assert known.check(text) is not None, text
        for form in forms:
            assert known.check(form) == known.check(text), (text, form)


def test_usual_defaults(connection: sa.Connection, known: Known) -> None:
    for (type_, text), forms in zip(DEFAULTS, default_prints(connection, DEFAULTS), strict=True):
        assert known.default(type_, text) is not None, text
        for form in forms:
            assert known.default(type_, form) == known.default(type_, text), (text, form)


def test_look_alikes(connection: sa.Connection, known: Known) -> None:
    """What the server stores differently is never found equal, in no spelling of the one and the other."""
    forms = prints(connection, [text for pair in LOOK_ALIKES for text in pair])
    for pair, left, right in zip(LOOK_ALIKES, forms[::2], forms[1::2], strict=True):
        one, other = {pair[0], *left}, {pair[1], *right}
        assert one.isdisjoint(other), f"the server finds them equal: {pair}"
        assert _meanings(map(known.check, one)).isdisjoint(_meanings(map(known.check, other))), pair


def test_look_alike_defaults(connection: sa.Connection, known: Known) -> None:
    cases = [(type_, text) for type_, *pair in LOOK_ALIKE_DEFAULTS for text in pair]
    forms = default_prints(connection, cases)
    for (type_, *pair), left, right in zip(LOOK_ALIKE_DEFAULTS, forms[::2], forms[1::2], strict=True):
        one, other = {pair[0], *left}, {pair[1], *right}
        assert one.isdisjoint(other), f"the server finds them equal: {pair}"
        meanings = [_meanings(known.default(type_, text) for text in texts) for texts in (one, other)]
        assert meanings[0].isdisjoint(meanings[1]), pair


def _meanings(found: Any) -> set[Any]:
    return {each for each in found if each is not None}


@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_checks(connection: sa.Connection, known: Known, seed: int) -> None:
    """Whatever is drawn: expressions of one meaning are stored as one, and what the server prints means what was written.

    The mutations make neighbours: the same but for a cast, a pair of parentheses, the quotes of a number.
    """
    source = random.Random(seed)
    texts = [*(drawn(source) for _ in range(100)), *(mutated(source, source.choice(USUAL)) for _ in range(100))]
    texts = list(dict.fromkeys(texts))
    texts = [text for text, refused in zip(texts, refusals(connection, texts), strict=True) if refused is None]
    near = list(dict.fromkeys(mutated(source, form) for forms in prints(connection, texts) for form in forms[:1]))
    near = [text for text, refused in zip(near, refusals(connection, near), strict=True) if refused is None]
    every = list(dict.fromkeys([*texts, *near]))
    assert len(every) > 150
    by_meaning: dict[Any, list[set[str]]] = {}
    understood = 0
    for text, forms in zip(every, prints(connection, every), strict=True):
        for spelling in (text, *forms):
            if (found := known.check(spelling)) is not None:
                by_meaning.setdefault(found, []).append({spelling, *forms})
        understood += known.check(text) is not None and known.check(text) == known.check(forms[0])
    for stored in by_meaning.values():
        # One after the other is joined to those that share a form with it: in the end, all are one.
        groups: list[set[str]] = []
        for forms_ in stored:
            touching = [group for group in groups if group & forms_]
            groups = [group for group in groups if not group & forms_] + [forms_.union(*touching)]
        assert len(groups) == 1, groups
    assert understood > len(every) * 0.9


HOSTILE = [
    "",
    "(",
    "i >",
    "i > 0)",
    "i > 0; DROP TABLE t",
    "i > 0, v = 'a'",
    "(SELECT true)",
    "EXISTS (SELECT 1)",
    "i = (SELECT 1)",
    "i IN (SELECT 1)",
    "row_number() OVER () > 1",
    "nobody(i)",
    "public.length(v) > 1",
    "missing > 0",
    "other.i > 0",
    "tags[1] = 'a'",
    "(t).i > 0",
    "ROW(i, n) = ROW(1, 2)",
    "(i, n) = (1, 2)",
    "v = U&'\\0061'",
    "B'1' = B'1'",
    "i > 0x10",
    "i > 1_000",
    "'today'::date = d",
    "d > 'now'",
    "tz > '2020-01-01'",
    "i OPERATOR(pg_catalog.>) 0",
    "i = 1 = 2",
    "v LIKE 'a' LIKE 'b'",
    "i IS NULL IS NULL",
    "i = 'x'",
    "v > 1",
    "i AND b",
    "(" * 5000 + "i" + ")" * 5000 + " > 0",
    "NOT " * 5000 + "b",
    "-" * 1 + "- " * 5000 + "i > 0",
    "i > 0 COLLATE",
    "CASE END",
    "CAST(i AS)",
    "i::",
    "EXTRACT(FROM d) = 1",
    "'\\x' = E'\\x41'",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_what_is_not_understood_means_nothing(known: Known, text: str) -> None:
    assert known.check(text) is None


# -- in a diff


@pytest.fixture
def reader(postgresql: Any) -> Iterator[tuple[sa.Engine, sa.Engine]]:
    """Give an engine on a database that the usual model made, and one of a role that may only read there."""
    engine = postgresql.engine()
    usual_model().create_all(engine)
    role = f"{engine.url.database}_reader"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.exec_driver_sql(f'CREATE ROLE "{role}" LOGIN')
        admin.exec_driver_sql(f'REVOKE TEMPORARY ON DATABASE "{engine.url.database}" FROM PUBLIC')
        admin.exec_driver_sql(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}"')
        try:
            yield engine, postgresql.engine(engine.url.set(username=role).render_as_string(hide_password=False))
        finally:
            admin.exec_driver_sql(f'DROP OWNED BY "{role}"')
            admin.exec_driver_sql(f'DROP ROLE "{role}"')


def test_who_may_only_read_finds_nothing(reader: tuple[sa.Engine, sa.Engine]) -> None:
    owner, engine = reader
    found = schemadiff.diff(engine, usual_model())
    assert found.upgrade == ()
    # Nothing was left to tokens, so there is nothing to warn of.
    assert found.warnings == ()
    assert found.agreements
    assert {each.decided_by.partition(":")[0] for each in found.agreements} == {"meaning"}
    for difference in (
        schemadiff.diff(owner, usual_model(), judge=False),
        schemadiff.diff(schemadiff.reflect(owner), usual_model()),
        schemadiff.diff(usual_model(), schemadiff.reflect(owner)),
    ):
        assert difference.upgrade == ()
    assert schemadiff.diff(owner, usual_model()).upgrade == ()


def test_what_is_left_to_tokens_is_warned_of_once(reader: tuple[sa.Engine, sa.Engine]) -> None:
    owner, engine = reader
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE FUNCTION own(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'")
        for name in ("one", "two"):
            connection.exec_driver_sql(f"ALTER TABLE usual ADD CONSTRAINT {name} CHECK (own(x || 'a'))")
    target = usual_model(*(sa.CheckConstraint("own(x || 'a')", name=name) for name in ("one", "two")))
    assert schemadiff.diff(owner, target).upgrade == ()
    found = schemadiff.diff(engine, target)
    assert [operation.describe() for operation in found.upgrade] == [
        "Drop check constraint one of usual",
        "Drop check constraint two of usual",
        "Add check constraint one to usual",
        "Add check constraint two to usual",
    ]
    assert len(found.warnings) == 1
    assert "permission denied" in found.warnings[0]
    assert {each.decided_by.partition(":")[0] for each in found.explanations} == {"tokens"}
