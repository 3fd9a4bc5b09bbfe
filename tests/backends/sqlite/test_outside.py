"""What keeps other runs off a revision that leaves its transaction, and what a reader waits for."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.backends.sqlite import lock_file
from schemadiff.errors import LockTimeout
from schemadiff.revisions.directory import load_graph
from schemadiff.runtime.migration import MigrationContext, Options, Step
from tests.support.running import Project
from tests.support.servers import Backend

OUTSIDE = """
    import pathlib
    op.create_table("account", sa.Column("id", sa.Integer))
    with op.get_context().autocommit_block():
        {inside}
    op.execute("INSERT INTO account VALUES (1)")
"""


@pytest.mark.parametrize("configure", ["", "transaction_per_migration=False, "])
def test_nobody_else_gets_in_while_a_revision_is_outside(sqlite: Backend, tmp_path: Path, configure: str) -> None:
    url = sqlite.new_database()
    file = Path(f"{sa.make_url(url).database}{lock_file.SUFFIX}")
    project = Project(tmp_path / "app", url)
    env = project.folder / "migrations" / "env.py"
    env.write_text(env.read_text().replace("context.configure(connection", f"context.configure({configure}connection"))
    said = tmp_path / "said"
    # Another process, which has no lock in common with this one but those on files.
    command = [sys.executable, "-m", "schemadiff", "-C", str(project.folder), "upgrade", "--lock-timeout", "0.1"]
    inside = f"import subprocess; subprocess.run({command!r}, stderr=open({str(said)!r}, 'w'))"
    project.revision("r1", OUTSIDE.format(inside=inside))
    project.revision("r2", "op.execute('INSERT INTO account VALUES (2)')", "r1")
    project.ok("upgrade")
    *told, error = said.read_text().splitlines()
    holder = f"a run whose revision is outside of its transaction ({file})"
    assert any(line.endswith(f"the lock is held by {holder} (for at most 0.1 s)") for line in told)
    assert error.startswith(f"error: {holder} holds the database")
    assert not file.exists()
    with sqlite.engine(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM account").scalars().all() == [1, 2]


def test_the_lock_goes_with_a_revision_that_fails(sqlite: Backend, tmp_path: Path) -> None:
    url = sqlite.new_database()
    file = Path(f"{sa.make_url(url).database}{lock_file.SUFFIX}")
    project = Project(tmp_path / "app", url)
    project.revision("r1", OUTSIDE.format(inside=f"assert pathlib.Path({str(file)!r}).exists(), 'no lock'; 1 / 0"))
    assert "ZeroDivisionError" in project.error("upgrade")
    assert not file.exists()


def test_a_database_in_memory_needs_no_lock(sqlite: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path / "app", "sqlite://")
    project.revision("r1", OUTSIDE.format(inside="pass"))
    project.ok("upgrade")
    assert not list(tmp_path.rglob(f"*{lock_file.SUFFIX}"))


def test_a_file_that_was_left_is_removed(sqlite: Backend, tmp_path: Path) -> None:
    url = sqlite.new_database()
    file = Path(f"{sa.make_url(url).database}{lock_file.SUFFIX}")
    file.touch()
    project = Project(tmp_path / "app", url)
    project.revision("r1")
    project.ok("upgrade")
    assert not file.exists()


def test_a_file_that_cannot_be_locked_is_named(sqlite: Backend, tmp_path: Path) -> None:
    url = sqlite.new_database()
    file = Path(f"{sa.make_url(url).database}{lock_file.SUFFIX}")
    file.mkdir()
    project = Project(tmp_path / "app", url)
    project.revision("r1")
    assert f"{file}, which keeps other runs off" in project.error("upgrade")


class _Told(logging.Handler):
    """Sets an event when a waiting is told of."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Waiting for"):
            self.event.set()


def test_a_reader_waits_for_a_writer(sqlite: Backend) -> None:
    """As where another process rebuilds a table that is larger than its cache: it keeps readers out up to its end."""
    url = sqlite.new_database()
    writer = sqlite3.connect(str(sa.make_url(url).database), isolation_level=None, check_same_thread=False)
    writer.execute("CREATE TABLE schemadiff_version (version_num TEXT)")
    writer.execute("INSERT INTO schemadiff_version VALUES ('r1')")
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("UPDATE schemadiff_version SET version_num = 'r2'")
    told = _Told()
    log = logging.getLogger("schemadiff.runtime.locking")
    with sqlite.engine(url).connect() as connection:
        impatient = MigrationContext(connection.dialect, connection, Options(lock_timeout=0))
        with pytest.raises(LockTimeout, match=r"another connection holds the database .* --lock-timeout"):
            impatient.get_current_heads()
        assert not connection.in_transaction()
        before = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
        connection.rollback()

        def let_go() -> None:
            told.event.wait()
            writer.execute("COMMIT")

        thread = threading.Thread(target=let_go)
        level = log.level
        log.setLevel(logging.INFO)
        log.addHandler(told)
        thread.start()
        try:
            patient = MigrationContext(connection.dialect, connection, Options())
            assert patient.get_current_heads() == ("r2",)
        finally:
            told.event.set()
            thread.join()
            log.removeHandler(told)
            log.setLevel(level)
        assert not connection.in_transaction()
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == before
    writer.close()


def test_a_database_that_is_held_when_the_revision_comes_back(sqlite: Backend, tmp_path: Path) -> None:
    """What was done is told, and the next run goes on after it."""
    url = sqlite.new_database()
    project = Project(tmp_path / "app", url)
    writer = sqlite3.connect(str(sa.make_url(url).database), isolation_level=None)
    hold = tmp_path / "hold"
    hold.touch()
    project.revision(
        "r1", OUTSIDE.format(inside=f"pathlib.Path({str(hold)!r}).exists() and op.get_context().opts['hold']()")
    )
    with sqlite.engine(url).connect() as connection:
        (revision,) = load_graph([project.versions]).order
        step = Step(revision, "upgrade", (), ("r1",))
        options = Options(lock_timeout=0, given={"hold": lambda: writer.execute("BEGIN IMMEDIATE")})
        context = MigrationContext(connection.dialect, connection, options)
        with pytest.raises(
            LockTimeout, match=r"upgrade of revision r1 failed: another connection holds .* operation 1 of r1 is done"
        ):
            context.run([step])
    writer.close()
    hold.unlink()
    project.ok("upgrade")
    with sqlite.engine(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM account").scalars().all() == [1]
