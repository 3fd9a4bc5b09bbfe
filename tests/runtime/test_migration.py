"""Revisions on real connections: transactions, the version table, and what is left when something goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff import op
from schemadiff.errors import BrokenRevision, MigrationFailed, OperationError
from schemadiff.revisions.directory import load_graph
from schemadiff.runtime.migration import Direction, MigrationContext, Options, Step
from tests.support.servers import Backend

TABLE = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def connection(backend: Backend) -> Iterator[sa.Connection]:
    with backend.engine().connect() as connection:
        yield connection


def _steps(folder: Path, *bodies: str, direction: Direction = "upgrade") -> list[Step]:
    """Write revisions r1, r2, ... and return the steps from the base to the last of them."""
    for number, body in enumerate(bodies, start=1):
        below = f'"r{number - 1}"' if number > 1 else "None"
        (folder / f"r{number}.py").write_text(
            "import sqlalchemy as sa\nfrom schemadiff import op\n"
            f'revision = "r{number}"\ndown_revision = {below}\ndef upgrade():\n    {body}\ndef downgrade():\n    pass\n'
        )
    order = load_graph([folder]).order
    return [Step(revision, direction, revision.down_revisions, (revision.id,)) for revision in order]


def _tables(connection: sa.Connection) -> set[str]:
    found = set(sa.inspect(connection).get_table_names())
    connection.rollback()
    return found


def test_run(connection: sa.Connection, tmp_path: Path) -> None:
    context = MigrationContext(connection.dialect, connection)
    told: list[tuple[int, int, str]] = []
    steps = _steps(tmp_path, TABLE.format("one"), TABLE.format("two"))
    context.run(steps, progress=lambda *what: told.append(what))
    assert not connection.in_transaction()
    assert context.get_current_heads() == ("r2",)
    assert context.get_current_revision() == "r2"
    assert _tables(connection) == {"one", "two", "schemadiff_version"}
    assert told == [
        (0, 2, "upgrade base -> r1"),
        (0, 2, "upgrade r1, operation 1 of 1: Create table one"),
        (1, 2, "upgrade r1 -> r2"),
        (1, 2, "upgrade r2, operation 1 of 1: Create table two"),
        (2, 2, "done"),
    ]
    context.run(
        [Step(steps[1].revision, "downgrade", ("r2",), ("r1",)), Step(steps[0].revision, "downgrade", ("r1",), ())]
    )
    assert context.get_current_heads() == ()
    assert context.get_current_revision() is None


def test_nothing_is_made_before_something_runs(connection: sa.Connection) -> None:
    context = MigrationContext(connection.dialect, connection)
    context.run([])
    assert context.get_current_heads() == ()
    assert _tables(connection) == set()


@pytest.mark.backends("sqlite", "postgresql")
def test_a_revision_is_kept_whole_or_not_at_all(connection: sa.Connection, tmp_path: Path) -> None:
    context = MigrationContext(connection.dialect, connection)
    failing = TABLE.format("two") + "; op.execute('nonsense')"
    with pytest.raises(MigrationFailed, match=r"r2\.py:6: upgrade of revision r2 failed: .*the database stands at r1"):
        context.run(_steps(tmp_path, TABLE.format("one"), failing, TABLE.format("three")))
    assert not connection.in_transaction()
    assert context.get_current_heads() == ("r1",)
    assert _tables(connection) == {"one", "schemadiff_version"}


@pytest.mark.backends("sqlite", "postgresql")
def test_a_first_revision_that_fails_leaves_nothing(connection: sa.Connection, tmp_path: Path) -> None:
    context = MigrationContext(connection.dialect, connection)
    with pytest.raises(BrokenRevision, match="ZeroDivisionError"):
        context.run(_steps(tmp_path, TABLE.format("one") + "; 1 / 0"))
    assert _tables(connection) == set()


@pytest.mark.backends("sqlite", "postgresql")
def test_one_transaction_for_all(connection: sa.Connection, tmp_path: Path) -> None:
    context = MigrationContext(connection.dialect, connection, Options(transaction_per_migration=False))
    with pytest.raises(MigrationFailed, match="nothing of this run was kept"), context.begin_transaction():
        context.run(_steps(tmp_path, TABLE.format("one"), "op.execute('nonsense')"))
    assert _tables(connection) == set()
    with context.begin_transaction():
        context.run(_steps(tmp_path, TABLE.format("one"), TABLE.format("two")))
    assert context.get_current_heads() == ("r2",)


@pytest.mark.backends("sqlite", "postgresql")
def test_a_transaction_of_the_callers_is_joined(connection: sa.Connection, tmp_path: Path) -> None:
    transaction = connection.begin()
    context = MigrationContext(connection.dialect, connection)
    context.run(_steps(tmp_path, TABLE.format("one")))
    assert transaction.is_active
    transaction.rollback()
    assert _tables(connection) == set()


def test_somebody_else_has_migrated(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    engine = backend.engine(url)
    steps = _steps(tmp_path, "pass", "pass", "pass")
    with engine.connect() as connection:
        context = MigrationContext(connection.dialect, connection)
        context.run(steps[:2])
        with pytest.raises(MigrationFailed, match="does not hold r1 any more but r2"):
            context.run(steps[1:2])
        assert context.get_current_heads() == ("r2",)
        with pytest.raises(MigrationFailed, match="does not hold r1 any more"):
            context.stamp(("r1",), ())
        with pytest.raises(MigrationFailed, match="does not hold base any more but r2"):
            context.stamp((), ("r2",))
        assert context.get_current_heads() == ("r2",)


def test_rows_of_the_version_table(connection: sa.Connection) -> None:
    context = MigrationContext(connection.dialect, connection)
    for before, after in (
        ((), ("a", "b")),
        (("a", "b"), ("c",)),
        (("c",), ("a", "b")),
        (("a", "b"), ("a", "d")),
        (("a", "d"), ()),
    ):
        context.stamp(before, after)
        assert context.get_current_heads() == tuple(sorted(after))
        if len(after) > 1:
            with pytest.raises(OperationError, match="several revisions"):
                context.get_current_revision()


def test_another_version_table(backend: Backend) -> None:
    schema = backend.new_schema_name() if backend.has_schemas else None
    with backend.engine().connect() as connection:
        if schema is not None:
            connection.execute(sa.schema.CreateSchema(schema))
            connection.commit()
        options = Options(version_table='odd "name" 100%', version_table_schema=schema)
        context = MigrationContext(connection.dialect, connection, options)
        context.stamp((), ("a",))
        assert context.get_current_heads() == ("a",)
        assert sa.inspect(connection).has_table('odd "name" 100%', schema=schema)
        assert not sa.inspect(connection).has_table("schemadiff_version")
        connection.rollback()


def test_outside_of_a_project(connection: sa.Connection) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": "versions"})
    assert context.get_current_revision() is None
    with context.operations():
        op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
        assert op.get_bind() is connection
        assert op.get_context() is context
        op.bulk_insert(sa.table("one", sa.column("id", sa.Integer)), [{"id": 1}, {"id": 2}])
        op.bulk_insert(sa.table("one", sa.column("id")), [{"id": 3}, {"id": sa.text("2 + 2")}], multiinsert=False)
        op.bulk_insert(sa.table("one", sa.column("id")), [{"id": 6}, {"id": sa.text("3 + 4")}])
        op.execute(sa.text("DELETE FROM one WHERE id = :x").bindparams(x=1))
        op.execute("UPDATE one SET id = 5 WHERE '100% :x' = '100% :x' AND id = 2")
    connection.commit()
    assert set(connection.execute(sa.text("SELECT id FROM one")).scalars()) == {3, 4, 5, 6, 7}
    with pytest.raises(OperationError, match="give a connection"):
        MigrationContext.configure()
    for given in ({"dialect_name": "postgresql"}, {"url": "postgresql://"}):
        apart = MigrationContext.configure(**given)  # type: ignore[arg-type]
        assert apart.dialect.name == "postgresql"
        with pytest.raises(OperationError, match="there is no connection"):
            apart.execute("SELECT 1")
        with pytest.raises(OperationError, match="there is no connection"):
            apart.get_current_heads()
    with pytest.raises(OperationError, match="'nonsense'"):
        MigrationContext.configure(connection, opts={"nonsense": 1})


def test_a_literal_statement_keeps_its_line_breaks(connection: sa.Connection) -> None:
    context = MigrationContext(connection.dialect, connection)
    with context.operations():
        op.create_table("one", sa.Column("x", sa.String(40)))
        op.execute("INSERT INTO one VALUES ('a\nb ? %s %(x)s :y')")
    assert connection.execute(sa.text("SELECT x FROM one")).scalar() == "a\nb ? %s %(x)s :y"
    connection.rollback()


@pytest.mark.backends("sqlite", "postgresql")
def test_a_block_outside_of_the_transaction_that_fails_is_not_told_as_taken_back(
    connection: sa.Connection, tmp_path: Path
) -> None:
    context = MigrationContext(connection.dialect, connection)
    block = "\n    with op.get_context().autocommit_block():\n        op.execute('nonsense')"
    with pytest.raises(
        MigrationFailed,
        match=r"r1\.py:8: .*nonsense.*operation 1 of r1 is done and journalled; run 'schemadiff upgrade r1' again",
    ):
        context.run(_steps(tmp_path, TABLE.format("one") + block))
    assert not connection.in_transaction()
    assert context.get_current_heads() == ()
    assert _tables(connection) == {"one", "schemadiff_version_journal"}
    context.stamp((), (), purge=True)
    context.run(_steps(tmp_path, "pass", "with op.get_context().autocommit_block(): pass\n    " + TABLE.format("two")))
    assert context.get_current_heads() == ("r2",)
    assert _tables(connection) == {"one", "two", "schemadiff_version"}


def test_a_transaction_of_the_callers_cannot_be_left(connection: sa.Connection, tmp_path: Path) -> None:
    with (
        connection.begin(),
        pytest.raises(OperationError, match=r"open before context\.configure\(\), which is not ours to commit"),
    ):
        MigrationContext(connection.dialect, connection).run(
            _steps(tmp_path, "with op.get_context().autocommit_block(): pass")
        )
