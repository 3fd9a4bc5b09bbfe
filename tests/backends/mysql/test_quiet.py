"""Law 1: a database that create_all() made differs from its model in nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.reflection.metadata import lower
from schemadiff.schema import Table
from tests.backends.mysql.models import QUIET
from tests.backends.mysql.support import made, model, run_script
from tests.support.servers import Backend


@pytest.mark.parametrize("name", QUIET)
def test_quiet(mysql: Backend, name: str) -> None:
    metadata = model(QUIET[name])
    difference = schemadiff.diff(made(mysql, metadata), metadata)
    assert not difference, difference.upgrade
    assert difference.warnings == ()


# What is equal to the letter, without a judge: everything but what the server writes in other words.
_REWRITTEN = {"bytes that are no text", "literal defaults", "expression defaults", "now", "generated", "checks"}


@pytest.mark.parametrize("name", [name for name in QUIET if name not in _REWRITTEN])
def test_equal_to_the_letter(mysql: Backend, name: str) -> None:
    metadata = model(QUIET[name])
    with made(mysql, metadata).connect() as connection:
        backend = connected_backend(connection)
        found, wanted = backend.reflect(connection, [None]), lower(metadata, backend)
    assert found.sequences == wanted.sequences
    assert found.tables.keys() == wanted.tables.keys()
    for key, table in wanted.tables.items():
        assert _comparable(found.tables[key]) == _comparable(table)


def _comparable(table: Table) -> Table:
    return replace(table, columns=tuple(sorted(table.columns, key=lambda column: column.name)))


@pytest.mark.parametrize("name", QUIET)
def test_lowering_is_idempotent(mysql: Backend, name: str) -> None:
    with mysql.engine().connect() as connection:
        backend = connected_backend(connection)
    for table in lower(model(QUIET[name]), backend).tables.values():
        assert backend.finish_table(table) == table


@pytest.mark.parametrize("name", ["strings", "character sets", "table options", "enums and sets", "foreign keys"])
def test_quiet_in_another_character_set(mysql: Backend, name: str) -> None:
    engine = mysql.engine(mysql.new_database(charset="latin1", collation="latin1_german1_ci"))
    metadata = model(QUIET[name]) if name != "enums and sets" else model(QUIET["json and uuid"])
    metadata.create_all(engine)
    assert not schemadiff.diff(engine, metadata)


@pytest.mark.parametrize("mode", ["ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "NO_BACKSLASH_ESCAPES", "ANSI", ""])
@pytest.mark.parametrize("name", ["literal defaults", "checks", "generated", "enums and sets", "comments", "odd names"])
def test_quiet_in_every_sql_mode(mysql: Backend, mode: str, name: str) -> None:
    def build(metadata: sa.MetaData) -> None:
        QUIET[name](metadata)
        for table in list(metadata.tables.values()):
            # Not what is written for one mode: strings in double quotes, escapes in SQL text.
            for column in list(table.columns):
                default = column.server_default
                if isinstance(default, sa.DefaultClause) and '"' in str(default.arg):
                    table._columns.remove(column)  # type: ignore[attr-defined]
            for constraint in list(table.constraints):
                if isinstance(constraint, sa.CheckConstraint) and any(c in str(constraint.sqltext) for c in '"\\`'):
                    table.constraints.remove(constraint)

    url = sa.make_url(mysql.new_database()).update_query_dict({"init_command": f"SET sql_mode='{mode}'"})
    engine = mysql.engine(url.render_as_string(hide_password=False))
    metadata = model(build)
    metadata.create_all(engine)
    difference = schemadiff.diff(engine, metadata)
    assert not difference, difference.upgrade


def test_timestamps_that_have_defaults_of_their_own(mysql: Backend) -> None:
    url = sa.make_url(mysql.new_database()).update_query_dict({"init_command": "SET explicit_defaults_for_timestamp=0"})
    engine = mysql.engine(url.render_as_string(hide_password=False))
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.TIMESTAMP, nullable=False),
        sa.Column("b", sa.TIMESTAMP, nullable=False),
        sa.Column("c", sa.TIMESTAMP),
    )
    sa.Table("u", metadata, sa.Column("a", sa.TIMESTAMP), sa.Column("b", sa.TIMESTAMP, nullable=False))
    with engine.connect() as connection:
        connection.exec_driver_sql("SET sql_mode=''")
        metadata.create_all(connection)
        difference = schemadiff.diff(connection, metadata)
        assert not difference, difference.upgrade


def test_a_second_database(mysql: Backend) -> None:
    name = mysql.new_schema_name()
    engine = mysql.engine()
    run_script(engine, [f"CREATE DATABASE `{name}` CHARACTER SET latin1"])
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.String(5)), schema=name)
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("r", sa.ForeignKey(f"{name}.t.id")),
        sa.Column("s", sa.ForeignKey(f"{engine.url.database}.u.id")),
    )
    sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True), schema=str(engine.url.database))
    metadata.create_all(engine)
    difference = schemadiff.diff(engine, metadata)
    assert not difference, difference.upgrade


def test_the_dialect_mariadb(mysql: Backend) -> None:
    url = sa.make_url(mysql.new_database()).set(drivername="mariadb+pymysql")
    engine = mysql.engine(url.render_as_string(hide_password=False))
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("u", sa.Uuid),
        sa.Column("b", sa.Text, comment="x"),
        sa.Index("i", "u", mysql_length=5),
        sa.Index("j", "b", mariadb_length=6),
        mysql_engine="MyISAM",
        mariadb_row_format="COMPACT",
    )
    metadata.create_all(engine)
    difference = schemadiff.diff(engine, metadata)
    assert not difference, difference.upgrade
