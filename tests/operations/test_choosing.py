"""Leaving operations out: what is left still runs, whatever is left out."""

from __future__ import annotations

import sqlalchemy as sa

import schemadiff
from schemadiff.operations import reverse_all
from schemadiff.operations.choosing import Choices
from schemadiff.schema import Schema
from tests.support.servers import Backend

BEFORE = """
    CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(30) NOT NULL, bio VARCHAR(90), CONSTRAINT uq UNIQUE (name))
    CREATE TABLE old (id INTEGER PRIMARY KEY, author_id INTEGER, CONSTRAINT fk_old FOREIGN KEY (author_id) REFERENCES author (id))
    CREATE INDEX ix_old ON old (author_id)
    CREATE VIEW names AS SELECT name FROM author
"""


def after() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "author",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("born", sa.Integer),
        sa.Column("shelf_id", sa.ForeignKey("shelf.id", name="fk_shelf"), index=True),
        sa.UniqueConstraint("name", "born", name="uq"),
    )
    sa.Table(
        "shelf",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner_id", sa.ForeignKey("author.id", name="fk_owner"), index=True),
    )
    return metadata


def state(connection: sa.Connection) -> Schema:
    found = schemadiff.reflect(connection)
    connection.rollback()
    return found


def test_what_is_left_runs(backend: Backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        for statement in BEFORE.strip().splitlines():
            connection.exec_driver_sql(statement)
    with engine.connect() as connection:
        difference = schemadiff.diff(connection, after())
        connection.rollback()
        effects = difference.backend.effects
        choices = Choices.of(difference.upgrade, effects)
        assert len(choices.groups) > 5
        assert choices.without((), effects) == difference.upgrade
        assert choices.without(range(len(choices.groups)), effects) == ()
        before = state(connection)
        for number in range(len(choices.groups)):
            kept = choices.without([number], effects)
            assert not set(choices.members(number)) & set(Choices.of(kept, effects).parts)
            schemadiff.apply(connection, kept)
            connection.commit()
            schemadiff.apply(connection, reverse_all(kept, shared_index_names=difference.backend.shared_index_names))
            connection.commit()
            assert not schemadiff.diff(connection, before), choices.members(number)
            connection.rollback()


def test_what_needs_it_goes_along() -> None:
    source = schemadiff.from_metadata(sa.MetaData(), "postgresql")
    difference = schemadiff.diff(source, after())
    choices = Choices.of(difference.upgrade, difference.backend.effects)
    names = [choices.members(number)[0].describe() for number in range(len(choices.groups))]
    table = names.index("Create table shelf")
    kept = [each.describe() for each in choices.without([table], difference.backend.effects)]
    assert sorted(set(names) - set(kept)) == [
        "Add foreign key fk_owner to shelf",
        "Add foreign key fk_shelf to author",
        "Create index ix_shelf_owner_id on shelf",
        "Create table shelf",
    ]


def test_what_is_only_in_the_way_stays(postgresql: Backend) -> None:
    """A view that is taken off and put back for a change is left alone where the change is left out."""
    engine = postgresql.engine()
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("a", sa.BigInteger), sa.Column("b", sa.Integer))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a integer)")
        connection.exec_driver_sql("CREATE VIEW v AS SELECT a FROM t")
        difference = schemadiff.diff(connection, metadata)
    assert {each.describe() for each in difference.upgrade} >= {"Drop view v", "Create view v", "Add column t.b"}
    choices = Choices.of(difference.upgrade, difference.backend.effects)
    change = next(n for n in range(len(choices.groups)) if choices.members(n)[0].describe() == "Alter column t.a: type")
    kept = choices.without([change], difference.backend.effects)
    assert [each.describe() for each in kept] == ["Add column t.b"]
