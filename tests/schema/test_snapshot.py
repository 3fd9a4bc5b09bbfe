"""Snapshots: what is written is read back whole, is the same text each time, and is valid by the JSON Schema."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.errors import SnapshotError
from schemadiff.schema import Name, Schema, Server
from schemadiff.schema.snapshot import VERSION, dumps, json_schema, loads, parse
from tests.laws.pairs import MODELS
from tests.laws.rendered import prepared

EMPTY = {"name": "t", "columns": []}
TWICE = {"name": "t", "columns": [{"name": "a", "type": {"sql": "INTEGER"}}] * 2}
SCRIPTS = sorted(Path("fixtures/pairs/sqlite").glob("*/*.sql"))


def plain(value: Any) -> Any:
    """Return everything that a noun holds, also what is not compared, but for where it came from."""
    if is_dataclass(value) and not isinstance(value, type):
        inner = {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.name != "origin"}
        return {"noun": type(value).__name__, **inner}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    return value


def assert_kept(schema: Schema) -> None:
    text = dumps(schema)
    again = loads(text)
    assert plain(again) == plain(schema)
    assert again == schema
    assert dumps(again) == text
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(text))


def test_the_json_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_every_script_of_the_pairs():
    assert len(SCRIPTS) > 100
    for script in SCRIPTS:
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.executescript(script.read_text())
            assert_kept(schemadiff.reflect(connection))


@pytest.mark.parametrize("model", ["shop", "store_changed", "keyed", "special"])
def test_databases_and_models(backend, model):
    url, schema = prepared(backend, model)
    engine = backend.engine(url)
    with engine.connect() as connection:
        found = schemadiff.reflect(connection, schemas=[None, *([schema] if schema else [])])
    assert_kept(found)
    wanted = schemadiff.from_metadata(MODELS[model](backend.name, schema), engine.dialect)
    assert_kept(wanted)
    # Without a connection: what two snapshots differ in is what the schemas differ in.
    kept = schemadiff.diff(loads(dumps(found)), loads(dumps(wanted)))
    direct = schemadiff.diff(found, wanted)
    assert [each.describe() for each in kept.upgrade] == [each.describe() for each in direct.upgrade]


def test_what_is_written_does_not_depend_on_the_order():
    tables = [schemadiff.from_metadata(_table(name), "sqlite").tables for name in "abc"]
    forwards = {key: value for found in tables for key, value in found.items()}
    server = Server(dialect="sqlite")
    backwards = dict(reversed(forwards.items()))
    assert dumps(Schema(server=server, tables=forwards)) == dumps(Schema(server=server, tables=backwards))
    assert [each.name for each in loads(dumps(Schema(server=server, tables=backwards))).tables] == ["a", "b", "c"]


def _table(name: str) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[1]", 'it has no "schemadiff_snapshot"'),
        ("{}", 'it has no "schemadiff_snapshot"'),
        ({"schemadiff_snapshot": VERSION + 1}, f"it is of version {VERSION + 1}"),
        ({"schemadiff_snapshot": True}, "it is of version True"),
        ({"schemadiff_snapshot": "1"}, "it is of version '1'"),
        ({"schemadiff_snapshot": 1}, "snapshot has no 'server'"),
        ({"schemadiff_snapshot": 1, "server": {}}, "snapshot.server has no 'dialect'"),
        ({"schemadiff_snapshot": 1, "server": {"dialect": 1}}, "snapshot.server.dialect is 1, and has to be a text"),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite"}, "tables": [{"name": "t"}]},
            "snapshot.tables[0] has no 'columns'",
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite"}, "tables": [TWICE]},
            'snapshot.tables[0].columns[1] is "a" once more',
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite"}, "tables": [EMPTY, EMPTY]},
            'snapshot.tables[1] is "t" once more',
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite"}, "tables": {}},
            "snapshot.tables is {}, and has to be a list",
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite"}, "colour": 1},
            "snapshot has 'colour', which this schemadiff does not know",
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite", "settings": [["a"]]}},
            "snapshot.server.settings[0] has 1 entries, and has to have 2",
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite"}, "revisions": "a1"},
            'snapshot.revisions is "a1", and has to be a list',
        ),
        (
            {"schemadiff_snapshot": 1, "server": {"dialect": "sqlite", "settings": [["a", "\ud800"]]}},
            'it holds the text "\\ud800", which no database can hold',
        ),
        ({"schemadiff_snapshot": 1, "server": {"a\0b": 1}}, 'it holds the text "a\\u0000b"'),
    ],
)
def test_what_is_none_is_refused(text, said):
    with pytest.raises(SnapshotError) as caught:
        loads(text if isinstance(text, str) else json.dumps(text))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("revisions", [None, (), ("a1", "b2")])
def test_where_its_database_stood(revisions):
    schema = Schema(server=Server(dialect="sqlite"))
    text = dumps(schema, None if revisions is None else reversed(revisions))
    found = parse(text)
    assert (found.schema, found.revisions) == (schema, revisions)
    assert loads(text) == schema
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(text))


def test_names_with_a_schema():
    schema = Schema(server=Server(dialect="postgresql"), schemas=frozenset({"b", "a"}))
    assert json.loads(dumps(schema))["schemas"] == ["a", "b"]
    found = schemadiff.from_metadata(_in_schema(), "postgresql")
    assert json.loads(dumps(found))["tables"][0]["name"] == {"schema": "shop", "name": "t"}
    assert Name("t", "shop") in loads(dumps(found)).tables


def _in_schema() -> sa.MetaData:
    metadata = sa.MetaData(schema="shop")
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata
