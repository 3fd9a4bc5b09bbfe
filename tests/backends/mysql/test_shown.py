"""What SHOW CREATE TABLE tells beyond the catalog: printed in one statement, or only where the catalog hints at it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends.mysql import shown
from schemadiff.schema import Name, option
from tests.support.servers import Backend

TABLES = (
    "CREATE TABLE plain (id int PRIMARY KEY, t text)",
    "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY HASH (id) (PARTITION red COMMENT = 'it''s; \\\\ \"x\"', PARTITION blue)",
    "CREATE TABLE stay (a date NOT NULL, b date NOT NULL, n int, PERIOD FOR nights (a, b), UNIQUE KEY one (n, nights WITHOUT OVERLAPS))",
    "CREATE TABLE `odd ``name`` %s` (id int, KEY (id)) ENGINE=MyISAM",
    "CREATE TABLE all_of_them (id int, KEY (id)) ENGINE=MERGE UNION=(`odd ``name`` %s`) INSERT_METHOD=LAST",
)


def made(mysql: Backend) -> sa.Engine:
    engine = mysql.engine()
    with engine.begin() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    return engine


def test_one_by_one_tells_the_same(mysql: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = made(mysql)
    with engine.connect() as connection:
        at_once = schemadiff.reflect(connection)
        monkeypatch.setattr(shown, "prints_at_once", lambda connection, facts: False)
        assert schemadiff.reflect(connection).tables == at_once.tables
    assert option(at_once.tables[Name("stay")].options, "period") == ("nights", "a", "b")
    assert option(at_once.tables[Name("all_of_them")].options, "union") == ("odd `name` %s",)


def test_the_session_keeps_its_character_set(mysql: Backend) -> None:
    with made(mysql).connect() as connection:
        before = connection.exec_driver_sql("SELECT @@character_set_results").scalar()
        schemadiff.reflect(connection)
        assert connection.exec_driver_sql("SELECT @@character_set_results").scalar() == before


def test_only_what_the_catalog_hints_at_is_printed_one_by_one(mysql: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = made(mysql)
    monkeypatch.setattr(shown, "prints_at_once", lambda connection, facts: False)
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda c, cursor, statement, *rest: sent.append(statement))
    with engine.connect() as connection:
        schemadiff.reflect(connection)
    assert not [statement for statement in sent if statement.startswith("SHOW") and "`plain`" in statement]
    assert len([statement for statement in sent if statement.startswith("SHOW")]) == 4


@pytest.mark.parametrize("at_once", [True, False])
def test_a_table_that_cannot_be_shown_is_read_from_the_catalog(
    mysql: Backend, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    engine = made(mysql)
    if not at_once:
        monkeypatch.setattr(shown, "prints_at_once", lambda connection, facts: False)
    said = shown._Print.statement.fget
    assert said is not None
    statement = property(lambda wanted: said(wanted).replace("`parts`", "`gone`"))
    monkeypatch.setattr(shown._Print, "statement", statement)
    with engine.connect() as connection:
        schema = schemadiff.reflect(connection)
    assert schema.tables[Name("parts")].options == ()
    assert option(schema.tables[Name("stay")].options, "period") == ("nights", "a", "b")
