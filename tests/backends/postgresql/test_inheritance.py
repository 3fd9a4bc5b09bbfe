"""Tables that inherit, and models of them that say the columns of the parents again, or leave them to the parents."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from tests import oracle
from tests.support.servers import Backend


def model(*, said: bool, inherits: bool = True, kind: type[sa.types.TypeEngine[str]] = sa.Text) -> sa.MetaData:
    """Return a model of a place and a town; ``said``: the town says the columns that a place has."""

    def columns() -> list[sa.Column[str]]:
        return [sa.Column("name", kind, nullable=False), sa.Column("land", sa.Text)]

    metadata = sa.MetaData()
    sa.Table("place", metadata, *columns())
    sa.Table(
        "town",
        metadata,
        *(columns() if said else ()),
        sa.Column("mayor", sa.Text),
        **({"postgresql_inherits": "place"} if inherits else {}),
    )
    return metadata


@pytest.mark.parametrize("made", [True, False], ids=["made with the columns", "made without"])
@pytest.mark.parametrize("said", [True, False], ids=["said", "unsaid"])
def test_columns_of_the_parent_are_no_difference_said_or_not(postgresql: Backend, made: bool, said: bool) -> None:
    engine = postgresql.engine()
    model(said=made).create_all(engine)
    assert not schemadiff.diff(engine, model(said=said))


def test_a_table_that_gets_a_parent_keeps_the_columns_that_the_parent_has(postgresql: Backend) -> None:
    engine = postgresql.engine()
    model(said=True, inherits=False).create_all(engine)
    start = oracle.dump(engine)
    wanted = model(said=False, kind=sa.String)
    difference = schemadiff.diff(engine, wanted)
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.upgrade)
    assert not schemadiff.diff(engine, wanted)
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.downgrade)
    oracle.assert_same(start, oracle.dump(engine))


def test_a_table_whose_name_is_a_part_of_the_parents_is_no_parent(postgresql: Backend) -> None:
    engine = postgresql.engine()
    script = 'CREATE TABLE "Pla""ce" (id integer); CREATE TABLE town (lake text, id integer) INHERITS ("Pla""ce"); CREATE TABLE la (lake text)'
    with engine.begin() as connection:
        connection.exec_driver_sql(script)
    metadata = sa.MetaData()
    sa.Table('Pla"ce', metadata, sa.Column("id", sa.Integer))
    sa.Table("town", metadata, postgresql_inherits='Pla"ce')
    sa.Table("la", metadata, sa.Column("lake", sa.Text))
    difference = schemadiff.diff(engine, metadata)
    assert [operation.describe() for operation in difference.upgrade] == ["Drop column town.lake"]


@pytest.mark.parametrize("made", [True, False], ids=["made with the columns", "made without"])
@pytest.mark.parametrize("said", [True, False], ids=["said", "unsaid"])
def test_settings_that_no_model_says_are_there_again_after_a_change_of_the_parent(
    postgresql: Backend, made: bool, said: bool
) -> None:
    engine = postgresql.engine()
    model(said=made).create_all(engine)
    with engine.begin() as connection:
        for setting in ("SET STORAGE EXTERNAL", "SET COMPRESSION pglz", "SET STATISTICS 30"):
            connection.exec_driver_sql(f"ALTER TABLE town ALTER land {setting}")
    start = oracle.dump(engine)
    wanted = model(said=said)
    for table in wanted.tables.values():
        if "land" in table.columns:
            table.c.land.type = sa.String(90)
    difference = schemadiff.diff(engine, wanted)
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.upgrade)
    assert not schemadiff.diff(engine, wanted)
    settings = [line for line in start.text() if " SET " in line]
    assert settings
    assert [line for line in oracle.dump(engine).text() if " SET " in line] == settings
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.downgrade)
    oracle.assert_same(start, oracle.dump(engine))
