"""A new table, index or type whose name something has that is not the model's, and stays: refused when the diff is made, and named."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.errors import UnsupportedOperation
from tests.support.servers import Backend

STANDING = """
CREATE TABLE visitor (id integer PRIMARY KEY, number integer GENERATED ALWAYS AS IDENTITY, town text);
CREATE SEQUENCE of_numbers;
CREATE TYPE of_fields AS (x integer);
CREATE TYPE of_range AS RANGE (subtype = integer);
CREATE TYPE of_moods AS ENUM ('calm');
CREATE DOMAIN of_values AS integer;
CREATE INDEX of_visitor ON visitor (town);
CREATE VIEW of_view AS SELECT id FROM visitor;
CREATE MATERIALIZED VIEW stored AS SELECT id FROM visitor;
CREATE INDEX of_stored ON stored (id);
CREATE TABLE day (at date) PARTITION BY RANGE (at);
CREATE TABLE of_day PARTITION OF day DEFAULT;
CREATE EXTENSION hstore
"""

TABLES = {
    "of_numbers": "sequence of_numbers",
    "visitor_number_seq": "sequence visitor_number_seq",
    "of_fields": "composite type of_fields",
    "of_range": "range type of_range",
    "of_moods": "enum type of_moods",
    "of_values": "domain of_values",
    "of_visitor": "index of_visitor of table visitor",
    "of_stored": "index of_stored",
    "of_day": "partition of_day",
    "hstore": "type hstore",
    "of_view": "view of_view has the name of a table that the diff creates",
    "stored": "materialized view stored has the name of a table that the diff creates",
}


def model() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "visitor",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, sa.Identity(always=True), nullable=False),
        sa.Column("town", sa.Text),
        sa.Index("of_visitor", "town"),
    )
    sa.Table("day", metadata, sa.Column("at", sa.Date), postgresql_partition_by="RANGE (at)")
    return metadata


def test_what_has_the_name_is_named(postgresql: Backend) -> None:
    engine = postgresql.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql(STANDING)
    assert not schemadiff.diff(engine, model())
    for name, words in TABLES.items():
        metadata = model()
        sa.Table(name, metadata, sa.Column("id", sa.Integer))
        with pytest.raises(UnsupportedOperation, match=re.escape(words)):
            schemadiff.diff(engine, metadata)
    for name in ("of_numbers", "of_view", "of_fields", "of_day"):
        metadata = model()
        sa.Index(name, metadata.tables["visitor"].c.id)
        with pytest.raises(UnsupportedOperation, match=f"Create index {name} on visitor: .*{name} has this name"):
            schemadiff.diff(engine, metadata)
    metadata = model()
    sa.Sequence("of_view", metadata=metadata)
    with pytest.raises(UnsupportedOperation, match="view of_view has the name"):
        schemadiff.diff(engine, metadata)


def test_a_name_that_the_server_chooses_is_a_free_one(postgresql: Backend) -> None:
    engine = postgresql.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE visitor_town_key")
    metadata = sa.MetaData()
    sa.Table(
        "visitor",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("town", sa.Text, unique=True),
    )
    difference = schemadiff.diff(engine, metadata)
    with engine.begin() as connection:
        schemadiff.apply(connection, difference.upgrade)
    assert not schemadiff.diff(engine, metadata)
