"""The tables beside the version table: made when needed, dropped when empty, and known as ours."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.backends import backend_for
from schemadiff.runtime.migration import MigrationContext, Options
from schemadiff.runtime.own import drop_tables, own_names, own_tables
from schemadiff.runtime.side_tables import SideTable, revision_column, side_name
from schemadiff.runtime.versions import VersionTable
from schemadiff.schema import Name
from tests.support.running import Project
from tests.support.servers import Backend


def _side(context: MigrationContext, suffix: str = "journal") -> SideTable:
    number = sa.Column("number", sa.Integer, primary_key=True, autoincrement=False)
    return SideTable(
        context.backend,
        context.versions.table,
        suffix,
        revision_column(context.backend),
        number,
        sa.Column("text", sa.Text),
    )


def _queries(connection: sa.Connection) -> list[str]:
    found: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *told: found.append(told[2]))
    return found


def test_from_nothing_to_nothing(backend: Backend) -> None:
    with backend.engine().connect() as connection:
        context = MigrationContext(connection.dialect, connection)
        side = _side(context)
        assert side.name == Name("schemadiff_version_journal")
        assert not side.exists(connection)
        sent = _queries(connection)
        assert not side.exists(connection)
        assert sent == []
        side.drop(connection)
        assert sent == []
        side.create(connection)
        side.create(connection)
        assert len(sent) == 1
        assert side.exists(connection)
        side.forget()
        assert side.exists(connection)
        assert len(sent) > 1
        key = sa.inspect(connection).get_pk_constraint(side.table.name)
        assert key["constrained_columns"] == ["version_num", "number"]
        assert key["name"] in ("schemadiff_version_journal_pkc", None)
        side.drop(connection)
        side.forget()
        assert not side.exists(connection)


def test_it_stands_where_the_version_table_stands(backend: Backend) -> None:
    with backend.engine().connect() as connection:
        schema = None
        if backend.has_schemas:
            schema = backend.new_schema_name()
            connection.execute(sa.schema.CreateSchema(schema))
        context = MigrationContext(
            connection.dialect, connection, Options(version_table="alembic_version", version_table_schema=schema)
        )
        side = _side(context, "checksum")
        assert side.name == Name("alembic_version_checksum", schema)
        side.create(connection)
        assert sa.inspect(connection).has_table("alembic_version_checksum", schema=schema)
        assert [table.fullname for table in own_tables(context)] == [side.table.fullname]
        assert own_names(context) == tuple(
            Name(name, schema) for name in ("alembic_version", "alembic_version_checksum", "alembic_version_journal")
        )
        connection.commit()
        drop_tables(context, own_tables(context))
        assert own_tables(context) == ()


@pytest.mark.parametrize("table", ["versions_of_an_app_with_a_very_long_name_indeed_that_goes_on_an", "é" * 30 + "abc"])
def test_long_names(backend: Backend, table: str) -> None:
    with backend.engine().connect() as connection:
        context = MigrationContext(connection.dialect, connection, Options(version_table=table))
        names = {side_name(context.backend, context.versions.table, suffix) for suffix in ("checksum", "journal")}
        assert len(names) == 2
        for suffix in ("checksum", "journal"):
            side = _side(context, suffix)
            side.create(connection)
            assert side.table.name in sa.inspect(connection).get_table_names()
            side.drop(connection)


def test_names_that_are_cut_off_differ() -> None:
    backend = backend_for(sa.make_url("postgresql://").get_dialect()())
    tables = [sa.Table("v" * 60 + end, sa.MetaData()) for end in "ab"]
    assert len({side_name(backend, table, "checksum") for table in tables}) == 2


@pytest.mark.parametrize("name", ["mssql", "oracle", "postgresql", "mysql", "sqlite"])
def test_scripts(name: str) -> None:
    backend = backend_for(sa.make_url(f"{name}://").get_dialect()())
    side = SideTable(backend, VersionTable(backend).table, "journal", revision_column(backend))
    assert "schemadiff_version_journal" in side.create_script()
    assert side.drop_script() == "DROP TABLE schemadiff_version_journal"


@pytest.mark.parametrize("table", ["schemadiff_version", "alembic_version"])
def test_a_diff_leaves_them_alone(backend: Backend, tmp_path: Path, table: str) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    settings = project.folder / "schemadiff.toml"
    settings.write_text(f'version_table = "{table}"\n' + settings.read_text())
    project.ok("autogen", "-m", "first tables", "--rev-id", "a1")
    project.ok("upgrade")
    with backend.engine(url).begin() as connection:
        context = MigrationContext(connection.dialect, connection, Options(version_table=table))
        context.checksums.create(connection)
        context.journal.create(connection)
    assert project.ok("check").status == 0
    assert "No differences" in project.ok("diff").out
    told = project.ok("reset", "--yes").out
    for name in (f"{table}_checksum", f"{table}_journal", table):
        assert f"Dropped table {name} of " in told
    assert set(sa.inspect(backend.engine(url)).get_table_names()) == {"account"}
