"""Revisions that leave their transaction: what is kept of them when they end halfway, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from schemadiff.errors import BrokenRevision, HalfDone, MigrationFailed
from schemadiff.revisions.directory import load_graph
from schemadiff.runtime.migration import Direction, MigrationContext, Options, Step
from tests.support.servers import Backend

JOURNAL = "schemadiff_version_journal"


class Place:
    """A database, and the folder of its revisions, which are written anew for each run."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.engine = backend.engine(backend.new_database())
        self._folder = folder

    def write(self, *bodies: str, down: str = "pass") -> None:
        for number, body in enumerate(bodies, start=1):
            below = f'"r{number - 1}"' if number > 1 else "None"
            (self._folder / f"r{number}.py").write_text(
                "import sqlalchemy as sa\nfrom schemadiff import op\n"
                f'revision = "r{number}"\ndown_revision = {below}\n'
                f"def upgrade():\n{_indented(body)}\ndef downgrade():\n{_indented(down)}\n"
            )

    def step(self, revision: str = "r1", direction: Direction = "upgrade") -> Step:
        found = load_graph([self._folder]).get(revision)
        ends = (found.down_revisions, (found.id,))
        return Step(found, direction, *(ends if direction == "upgrade" else reversed(ends)))

    @contextmanager
    def context(self, **options: Any) -> Iterator[MigrationContext]:
        with self.engine.connect() as connection:
            yield MigrationContext(connection.dialect, connection, Options(**options))

    def run(self, *steps: Step, resume_after: int | None = None, **options: Any) -> None:
        with self.context(**options) as context:
            context.migrate(lambda standing: steps, steps[0].direction, resume_after=resume_after)

    def killed(self, step: Step, word: str, *, after: bool = False, count: int = 1) -> None:
        """Run a step, and end at the statement that has ``word`` in it, with the connection."""
        left = [count]

        def sent(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            if word in statement:
                left[0] -= 1
                if not left[0]:
                    raise Killed

        with self.engine.connect() as connection:
            sa.event.listen(connection, "after_cursor_execute" if after else "before_cursor_execute", sent)
            context = MigrationContext(connection.dialect, connection, Options())
            with pytest.raises(Killed):
                context.run([step])
            connection.invalidate()

    def tables(self) -> set[str]:
        with self.engine.connect() as connection:
            return set(sa.inspect(connection).get_table_names())

    def columns(self, table: str) -> list[str]:
        with self.engine.connect() as connection:
            return [column["name"] for column in sa.inspect(connection).get_columns(table)]

    def rows(self, query: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def heads(self) -> tuple[str, ...]:
        with self.context() as context:
            return context.get_current_heads()

    def half(self) -> list[tuple[int, str]]:
        """Return what is in the journal."""
        with self.context() as context:
            half = context.half_done()
            return [] if half is None else [(entry.number, entry.state) for entry in half.entries]

    def execute(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)


class Killed(BaseException):
    """The end of a process, as far as a test can have it in its own."""


def _filled(body: str, line: str) -> str:
    return body.replace("{0}", line)


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.strip("\n").splitlines())


@pytest.fixture
def place(backend: Backend, tmp_path: Path) -> Place:
    return Place(backend, tmp_path)


THREE = """
one = op.create_table("one", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
op.bulk_insert(one, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
op.create_index("ix_one", "one", ["name"])
{0}
op.add_column("one", sa.Column("more", sa.Integer))
"""

BLOCK = """
op.create_table("one", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
with op.get_context().autocommit_block():
    op.execute(sa.table("one", sa.column("id")).insert().values(id=1))
    {0}
op.add_column("one", sa.Column("more", sa.Integer))
"""


# -- MariaDB, where every statement of DDL commits


@pytest.mark.backends("mysql")
def test_a_revision_that_fails_halfway_goes_on(place: Place) -> None:
    place.write(_filled(THREE, "1 / 0"))
    with pytest.raises(
        BrokenRevision,
        match=r"operations 1-3 of r1 are done and journalled; run 'schemadiff upgrade r1' again to continue, "
        r"'schemadiff downgrade base' to take them back",
    ):
        place.run(place.step())
    assert place.heads() == ()
    assert place.half() == [(1, "done"), (2, "done"), (3, "done")]
    place.write(_filled(THREE, ""))
    with pytest.raises(
        HalfDone, match=r"3\. Create index ix_one on one \(done\); its text has changed since.*--resume-after N"
    ):
        place.run(place.step())
    place.run(place.step(), resume_after=3)
    assert place.heads() == ("r1",)
    assert place.tables() == {"one", "schemadiff_version"}
    assert place.columns("one") == ["id", "name", "more"]
    assert place.rows("SELECT id FROM one ORDER BY id") == [(1,), (2,)]


@pytest.mark.backends("mysql")
def test_a_server_that_refuses_a_statement_leaves_no_doubt(place: Place) -> None:
    place.write(_filled(THREE, 'op.create_index("ix_two", "two", ["id"])'))
    with pytest.raises(MigrationFailed, match="operations 1-3 of r1 are done and journalled; run"):
        place.run(place.step())
    assert place.half() == [(1, "done"), (2, "done"), (3, "done")]
    # What was missing is made, and the same revision goes on.
    place.execute("CREATE TABLE two (id INTEGER)")
    place.run(place.step())
    assert place.heads() == ("r1",)
    assert place.columns("one") == ["id", "name", "more"]
    assert place.tables() == {"one", "two", "schemadiff_version"}


@pytest.mark.backends("mysql")
def test_a_first_operation_that_is_refused_leaves_nothing(place: Place) -> None:
    place.write('op.add_column("nowhere", sa.Column("more", sa.Integer))')
    with pytest.raises(MigrationFailed, match="nothing of it was kept, the database stands at base"):
        place.run(place.step())
    assert place.tables() == set()


@pytest.mark.backends("mysql")
@pytest.mark.parametrize(
    ("word", "after", "direction"),
    [
        ("CREATE TABLE `one`", False, "downgrade"),
        ("CREATE TABLE `one`", True, "upgrade"),
        ("INSERT INTO one", False, "upgrade"),
        ("INSERT INTO one", True, "upgrade"),
        ("ADD INDEX", False, "upgrade"),
        ("ADD INDEX", True, "downgrade"),
        ("ADD COLUMN", False, "downgrade"),
        ("ADD COLUMN", True, "upgrade"),
        ("ADD COLUMN", True, "downgrade"),
    ],
)
def test_the_catalog_tells_what_the_last_operation_did(
    place: Place, word: str, after: bool, direction: Direction
) -> None:
    place.write(_filled(THREE, ""))
    place.killed(place.step(), word, after=after)
    assert place.heads() == ()
    assert place.half()[-1][1] == "begun"
    place.run(place.step(direction=direction))
    assert place.half() == []
    if direction == "upgrade":
        assert place.heads() == ("r1",)
        assert place.columns("one") == ["id", "name", "more"]
        assert place.rows("SELECT id FROM one ORDER BY id") == [(1,), (2,)]
        assert place.tables() == {"one", "schemadiff_version"}
    else:
        assert place.heads() == ()
        assert place.tables() <= {"schemadiff_version"}


@pytest.mark.backends("mysql")
@pytest.mark.parametrize(
    ("word", "after", "direction"),
    [
        ("DROP COLUMN", False, "upgrade"),
        ("DROP COLUMN", True, "downgrade"),
        ("DROP TABLE `one`", False, "downgrade"),
        ("DROP TABLE `one`", True, "downgrade"),
    ],
)
def test_what_is_being_taken_back_ends_halfway(place: Place, word: str, after: bool, direction: Direction) -> None:
    place.write(_filled(THREE, 'op.add_column("one", sa.Column("less", sa.Integer))\nraise ValueError'))
    with pytest.raises(BrokenRevision):
        place.run(place.step())
    place.killed(place.step(direction="downgrade"), word, after=after)
    if direction == "downgrade":
        place.run(place.step(direction="downgrade"))
        # A run that was killed has made it.
        assert place.tables() == {"schemadiff_version"}
        return
    # It goes on from what is left of it, and fails at the same place.
    with pytest.raises(BrokenRevision, match=r"operations 1-4 of r1 are done and journalled"):
        place.run(place.step())
    assert place.columns("one") == ["id", "name", "less"]


@pytest.mark.backends("mysql")
def test_rows_and_their_note_are_one(place: Place) -> None:
    place.write(
        'op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))',
        'op.execute("INSERT INTO one VALUES (1)")\nop.add_column("one", sa.Column("x", sa.Integer))\n'
        'op.execute("UPDATE one SET x = COALESCE(x, 0) + 1")',
    )
    place.run(place.step())
    place.killed(place.step("r2"), "UPDATE one", after=True)
    assert place.half() == [(1, "done"), (2, "done"), (3, "begun")]
    place.run(place.step("r2"))
    assert place.rows("SELECT * FROM one") == [(1, 1)]


@pytest.mark.backends("mysql")
def test_rows_of_an_engine_without_transactions_are_in_doubt(place: Place) -> None:
    place.write(
        'op.create_table("one", sa.Column("id", sa.Integer), mysql_engine="MyISAM", mariadb_engine="MyISAM")\n'
        'op.execute("INSERT INTO one VALUES (1)")'
    )
    place.killed(place.step(), "INSERT INTO one", after=True)
    with pytest.raises(HalfDone, match="nobody can tell whether operation 2 is done"):
        place.run(place.step())
    place.run(place.step(), resume_after=2)
    assert place.rows("SELECT id FROM one") == [(1,)]


@pytest.mark.backends("mysql")
def test_what_hangs_on_a_table_that_was_made_goes_with_it(place: Place) -> None:
    place.write(
        'op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))\n'
        'op.create_table("child", sa.Column("up", sa.Integer, sa.ForeignKey("parent.id")))\n'
        'op.create_index("ix_up", "child", ["up"])\nop.execute("nonsense")'
    )
    with pytest.raises(MigrationFailed, match="operations 1-3 of r1 are done and journalled; run"):
        place.run(place.step())
    place.run(place.step(direction="downgrade"))
    assert place.tables() == set()


@pytest.mark.backends("mysql")
def test_a_batch_of_several_statements_is_counted(place: Place) -> None:
    place.write(
        'op.create_table("one", sa.Column("id", sa.Integer), sa.Column("a", sa.Integer))\n'
        'with op.batch_alter_table("one") as batch:\n    batch.alter_column("a", new_column_name="b", existing_type=sa.Integer())\n'
        '    batch.alter_column("b", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=True)\n'
        '    batch.add_column(sa.Column("c", sa.Integer))'
    )
    for after, count in ((False, 1), (True, 1), (False, 2), (True, 2)):
        place.killed(place.step(), "ALTER TABLE `one`", after=after, count=count)
        place.run(place.step())
        assert place.columns("one") == ["id", "b", "c"]
        place.execute("DROP TABLE one")
        place.execute("DELETE FROM schemadiff_version")


# -- all that leave their transaction


@pytest.mark.parametrize("after", [False, True])
def test_a_block_that_ends_halfway_goes_on(place: Place, after: bool) -> None:
    word = {"sqlite": "VACUUM", "postgresql": "VACUUM", "mysql": "ANALYZE"}[place.engine.dialect.name]
    place.write(_filled(BLOCK, f'op.execute("{word}{" TABLE one" if word == "ANALYZE" else ""}")'))
    place.killed(place.step(), "INSERT INTO one", after=after)
    assert place.heads() == ()
    assert place.half() == [(1, "done"), (2, "begun")]
    place.run(place.step())
    assert place.heads() == ("r1",)
    assert place.rows("SELECT * FROM one") == [(1, None, None)]
    assert place.tables() == {"one", "schemadiff_version"}


@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_a_statement_of_the_users_is_never_run_again_on_a_guess(place: Place, direction: Direction) -> None:
    word = {"sqlite": "VACUUM", "postgresql": "VACUUM", "mysql": "ANALYZE"}[place.engine.dialect.name]
    place.write(_filled(BLOCK, f'op.execute("{word}{" TABLE one" if word == "ANALYZE" else ""}")'))
    place.killed(place.step(), word)
    assert place.half() == [(1, "done"), (2, "done"), (3, "begun")]
    with pytest.raises(
        HalfDone, match=rf"3\. Execute {word}.*\(begun\); nobody can tell whether operation 3 is done.*--resume-after N"
    ):
        place.run(place.step(direction=direction))
    with pytest.raises(HalfDone, match="the revision has 4 operations now, and not 9"):
        place.run(place.step(direction=direction), resume_after=9)
    assert place.half() == [(1, "done"), (2, "done"), (3, "begun")]
    place.run(place.step(direction=direction), resume_after=2)
    if direction == "upgrade":
        assert place.heads() == ("r1",)
        assert place.rows("SELECT * FROM one") == [(1, None, None)]
    else:
        assert place.heads() == ()
        assert "one" not in place.tables()
    assert JOURNAL not in place.tables()


def test_a_way_back_that_is_refused_leaves_the_journal_as_it_was(place: Place) -> None:
    place.execute("CREATE TABLE log (word VARCHAR(20))")
    insert = "op.execute(\"INSERT INTO log VALUES ('{}')\")"
    place.write(
        "with op.get_context().autocommit_block():\n"
        + _indented("\n".join((*map(insert.format, ("one", "two")), 'op.execute("INSERT INTO nope VALUES (1)")')))
    )
    with pytest.raises(MigrationFailed, match="operations 1-2 of r1 are done and journalled"):
        place.run(place.step())
    with place.context() as context:
        known = context.half_done()
    for number in (1, 2, 3):
        with pytest.raises(HalfDone):
            place.run(place.step(direction="downgrade"), resume_after=number)
        with place.context() as context:
            assert context.half_done() == known
    place.execute("CREATE TABLE nope (id INTEGER)")
    place.run(place.step())
    assert place.rows("SELECT word FROM log ORDER BY word") == [("one",), ("two",)]


def test_a_wrong_word_that_the_database_refuses_at_once_loses_no_journal(place: Place) -> None:
    place.execute("CREATE TABLE log (word VARCHAR(20) PRIMARY KEY)")
    place.write(
        "with op.get_context().autocommit_block():\n    op.execute(\"INSERT INTO log VALUES ('one')\")\n    raise ValueError"
    )
    with pytest.raises(BrokenRevision, match="operation 1 of r1 is done and journalled"):
        place.run(place.step())
    with place.context() as context:
        known = context.half_done()
    with pytest.raises(MigrationFailed, match="operation 1 of r1 is done and journalled"):
        place.run(place.step(), resume_after=0)
    with place.context() as context:
        assert context.half_done() == known
    place.run(place.step(direction="downgrade"), resume_after=0)
    assert JOURNAL not in place.tables()


@pytest.mark.backends("sqlite", "postgresql")
def test_a_block_is_taken_back(place: Place) -> None:
    place.write(_filled(BLOCK, "raise ValueError"))
    with pytest.raises(BrokenRevision, match="operations 1-2 of r1 are done and journalled; run"):
        place.run(place.step())
    place.run(place.step(direction="downgrade"))
    assert place.tables() == set()


@pytest.mark.backends("sqlite", "postgresql")
def test_what_stands_in_the_transaction_after_a_block_goes_with_it(place: Place) -> None:
    place.write(_filled(BLOCK, "pass") + "raise ValueError")
    with pytest.raises(BrokenRevision, match="operations 1-2 of r1 are done and journalled; run"):
        place.run(place.step())
    assert place.columns("one") == ["id", "name"]


def test_a_revision_that_uses_the_bind_is_in_doubt(place: Place) -> None:
    place.write(
        _filled(BLOCK, 'op.get_bind().exec_driver_sql("INSERT INTO one (id) VALUES (2)")\n    raise ValueError')
    )
    with pytest.raises(BrokenRevision, match="it sent statements of its own between them, so that nobody can tell"):
        place.run(place.step())
    for direction in ("upgrade", "downgrade"):
        with pytest.raises(HalfDone, match="it sent statements of its own between its operations"):
            place.run(place.step(direction=direction))
    place.write(_filled(BLOCK, 'op.get_bind().exec_driver_sql("INSERT INTO one (id) VALUES (3)")'))
    with pytest.raises(HalfDone, match="the revision itself executes 'INSERT INTO one"):
        place.run(place.step(), resume_after=3)
    place.write(_filled(BLOCK, "pass"))
    place.run(place.step(), resume_after=2)
    assert place.rows("SELECT id FROM one ORDER BY id") == [(1,), (2,)]
    assert place.heads() == ("r1",)


@pytest.mark.parametrize("end", ['op.execute("COMMIT")', "op.get_bind().commit()"])
def test_a_revision_that_commits_by_itself_is_in_doubt(place: Place, end: str) -> None:
    place.write(f'op.create_table("one", sa.Column("id", sa.Integer))\n{end}\nraise ValueError')
    with pytest.raises(BrokenRevision, match="it sent statements of its own between them"):
        place.run(place.step())
    assert place.half()[0] == (1, "done")
    with pytest.raises(HalfDone, match=r"1\. Create table one \(done\).*it sent statements of its own"):
        place.run(place.step())


def test_other_revisions_wait(place: Place) -> None:
    place.write(_filled(BLOCK, "raise ValueError"), "pass")
    with pytest.raises(BrokenRevision):
        place.run(place.step())
    with pytest.raises(HalfDone, match=r"the upgrade of revision r1 is half done.*this upgrade has to wait for it"):
        place.run(place.step("r2"))
    with place.context() as context:
        with pytest.raises(HalfDone, match="stamp has to wait for it"):
            context.stamp((), ("r2",))
        context.stamp((), ("r2",), purge=True)
        assert context.get_current_heads() == ("r2",)
        assert context.half_done() is None
    assert JOURNAL not in place.tables()


def test_nothing_is_kept_of_revisions_that_end(place: Place) -> None:
    place.write(_filled(BLOCK, "pass"), 'op.create_table("two", sa.Column("id", sa.Integer))')
    place.run(place.step(), place.step("r2"))
    assert place.tables() == {"one", "two", "schemadiff_version"}
    with pytest.raises(MigrationFailed, match="no revision is half done on this database"):
        place.run(place.step("r2", "downgrade"), resume_after=1)


def test_a_downgrade_that_ends_halfway_goes_on_or_is_taken_back(place: Place) -> None:
    down = 'with op.get_context().autocommit_block():\n    op.rename_table("one", "two")\nop.rename_table("two", "three")\n'
    for direction, expected in (("downgrade", "three"), ("upgrade", "one")):
        place.write('op.create_table("one", sa.Column("id", sa.Integer))', down=down)
        place.run(place.step())
        (word,) = {"sqlite": ["RENAME TO two"], "postgresql": ["RENAME TO three"], "mysql": ["TO `three`"]}[
            place.engine.dialect.name
        ]
        place.killed(place.step(direction="downgrade"), word)
        place.run(place.step(direction=direction))
        assert expected in place.tables()
        assert place.heads() == (("r1",) if direction == "upgrade" else ())
        assert place.half() == []
        place.execute(f"DROP TABLE {expected}")
        place.execute("DELETE FROM schemadiff_version")


# -- PostgreSQL


CONCURRENTLY = """
op.create_table("one", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
op.execute("INSERT INTO one VALUES (1, 'a'), (2, 'a')")
with op.get_context().autocommit_block():
    op.create_index("ix_one", "one", ["name"], unique={0}, postgresql_concurrently=True)
    op.create_index("ix_two", "one", ["id", "name"], postgresql_concurrently=True)
"""


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("word", ["INDEX CONCURRENTLY ix_one", "INDEX CONCURRENTLY ix_two"])
def test_concurrently(place: Place, word: str, after: bool) -> None:
    down = 'with op.get_context().autocommit_block():\n    op.drop_index("ix_two", postgresql_concurrently=True)\n    op.drop_index("ix_one", postgresql_concurrently=True)\nop.drop_table("one")'
    place.write(_filled(CONCURRENTLY, "False"), down=down)
    place.killed(place.step(), word, after=after)
    place.run(place.step())
    assert place.heads() == ("r1",)
    assert place.rows("SELECT indisvalid FROM pg_index WHERE indrelid = 'one'::regclass") == [(True,)] * 3
    place.killed(
        place.step(direction="downgrade"), word.replace("INDEX CONCURRENTLY ", "DROP INDEX CONCURRENTLY "), after=after
    )
    place.run(place.step(direction="downgrade"))
    assert place.tables() == {"schemadiff_version"}


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_an_index_that_was_left_invalid_is_made_again(place: Place, direction: Direction) -> None:
    place.write(_filled(CONCURRENTLY, "True"))
    with pytest.raises(
        MigrationFailed, match="operations 1-2 of r1 are done and journalled, and operation 3 was begun"
    ):
        place.run(place.step())
    assert place.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_one'::regclass") == [(False,)]
    place.execute("DELETE FROM one WHERE id = 2")
    if direction == "upgrade":
        place.run(place.step())
        assert place.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_one'::regclass") == [(True,)]
        return
    place.run(place.step(direction="downgrade"))
    assert place.tables() == set()


@pytest.mark.backends("postgresql")
def test_without_transactions_around_revisions(place: Place) -> None:
    place.write(_filled(THREE, 'op.execute("ALTER TABLE nowhere ADD x integer")'))
    with pytest.raises(MigrationFailed, match="operations 1-3 of r1 are done and journalled; run"):
        place.run(place.step(), transactional_ddl=False)
    assert place.columns("one") == ["id", "name"]
    place.execute("CREATE TABLE nowhere ()")
    place.run(place.step(), transactional_ddl=False)
    assert place.columns("one") == ["id", "name", "more"]
    assert JOURNAL not in place.tables()


@pytest.mark.backends("postgresql")
def test_a_connection_that_commits_each_statement(place: Place) -> None:
    place.engine = place.engine.execution_options(isolation_level="AUTOCOMMIT")
    test_without_transactions_around_revisions(place)
