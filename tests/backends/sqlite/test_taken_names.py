"""A name that something has which is no table of a model's, and which stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.errors import UnsupportedOperation
from tests.support.servers import Backend


def _model(*names: str) -> sa.MetaData:
    metadata = sa.MetaData()
    for name in names:
        sa.Table(name, metadata, sa.Column("body", sa.Text))
    return metadata


@pytest.fixture
def engine(sqlite: Backend) -> sa.Engine:
    made = sqlite.engine()
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE notes USING fts5 (body)")
    return made


@pytest.mark.parametrize("name", ["notes", "Notes", "notes_content"])
def test_a_virtual_table_gives_way_to_no_table(engine: sa.Engine, name: str) -> None:
    with pytest.raises(
        UnsupportedOperation, match=f"Create table {name}: notes.* is a virtual table, or keeps the content of one"
    ):
        schemadiff.diff(engine, _model(name))


def test_it_is_left_alone(engine: sa.Engine) -> None:
    assert not schemadiff.diff(engine, _model())
    assert not schemadiff.diff(engine, _model("notes"), include_object=lambda item, name, *_: name != "notes")
    (operation,) = schemadiff.diff(engine, _model("note")).upgrade
    assert operation.describe() == "Create table note"
