"""A model, lowered: what is found out once for many objects, and what is left as it is."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from schemadiff.backends import Backend, backend_for
from schemadiff.reflection.metadata import lower
from schemadiff.schema import Name, option

BACKENDS = [backend_for(each.dialect()) for each in (sqlite, postgresql, mysql)]


def model() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("owner", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "pet",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.ForeignKey("owner.id")),
        sa.Column("name", sa.String(30), index=True),
        sa.Column("tag", sa.String(30), unique=True),
        sa.CheckConstraint("name <> ''", name="named"),
    )
    return metadata


@pytest.mark.parametrize("given", BACKENDS, ids=lambda each: each.dialect.name)
def test_lowering_leaves_a_model_as_it_was(given: Backend) -> None:
    """Also in what SQLAlchemy makes of its objects when it is asked: that would be kept for as long as the model is."""
    metadata = model()
    items = [
        part
        for table in metadata.tables.values()
        for part in (table, *table.columns, *table.constraints, *table.indexes)
    ]
    lower(metadata, given)
    assert [item for item in items if "dialect_options" in vars(item)] == []


@pytest.mark.parametrize("given", BACKENDS, ids=lambda each: each.dialect.name)
def test_a_model_that_changes_is_lowered_as_it_is(given: Backend) -> None:
    metadata = model()
    before = lower(metadata, given)
    metadata.tables["pet"].c.name.type.length = 40
    metadata.tables["owner"].append_column(sa.Column("since", sa.Date))
    after = lower(metadata, given)
    assert before.tables[Name("owner")] != after.tables[Name("owner")]
    column = after.tables[Name("pet")].column("name")
    assert column is not None
    assert "40" in column.type.sql


@pytest.mark.parametrize("given", BACKENDS, ids=lambda each: each.dialect.name)
def test_a_type_is_rendered_from_the_columns_own(given: Backend) -> None:
    metadata = model()
    for name, table in lower(metadata, given).tables.items():
        for column in table.columns:
            assert column.type.origin is metadata.tables[name.name].c[column.name].type


class Own(sa.types.UserDefinedType[Any]):
    """A type that is spelled as more than its instance holds says."""

    asked = 0

    def get_col_spec(self, **kw: Any) -> str:
        Own.asked += 1
        return "point"


def test_a_type_of_a_users_own_is_asked_for_each_column() -> None:
    def asked(number: int) -> int:
        metadata = sa.MetaData()
        sa.Table("t", metadata, *[sa.Column(f"c{i}", Own()) for i in range(number)])
        Own.asked = 0
        lower(metadata, BACKENDS[0])
        return Own.asked

    assert asked(6) == 3 * asked(2) > 0


def test_options_given_for_one_table_are_not_those_of_another() -> None:
    metadata = sa.MetaData()
    for name, said in (("plain", {}), ("given", {"sqlite_strict": True}), ("later", {})):
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), **said)
    found = lower(metadata, BACKENDS[0]).tables
    assert {name.name: option(table.options, "strict") for name, table in found.items()} == {
        "plain": None,
        "given": True,
        "later": None,
    }
