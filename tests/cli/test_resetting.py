"""reset: a project begins anew, on live databases."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff import command
from schemadiff.config import Config
from tests import oracle
from tests.support.running import Project, forgetting
from tests.support.servers import Backend


def _begun(tmp_path: Path, url: str) -> Project:
    project = Project(tmp_path / "app", url)
    project.ok("autogen", "-m", "first tables", "--rev-id", "a1")
    project.ok("upgrade")
    return project


def _tables(url: str) -> list[str]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    return sorted(sa.inspect(engine).get_table_names())


def test_begin_anew(backend: Backend, tmp_path: Path) -> None:
    url, other, empty = (backend.new_database() for _ in range(3))
    project = _begun(tmp_path, url)
    settings = project.folder / "schemadiff.toml"
    settings.write_text(
        settings.read_text()
        + f'\n[env.staging]\nurl = "{other}"\nversion_table = "versions"\n\n[env.empty]\nurl = "{empty}"\n'
    )
    project.ok("-n", "staging", "upgrade")
    with backend.engine(url).begin() as connection:
        connection.execute(sa.text("INSERT INTO account (id, email) VALUES (1, 'a@b.c')"))
    (file,) = project.files
    before = oracle.dump(url, leave_out=())
    told = project.run("reset")
    assert told.status == 2
    assert told.out.splitlines()[0] == "Would delete migrations/versions/a1_first_tables.py"
    assert "Would drop table schemadiff_version of " in told.out
    assert "Would drop table versions of " in told.out
    assert "which stands at a1" in told.out
    assert len(told.out.splitlines()) == 5
    assert "nothing was changed" in told.err
    assert project.files == [file]
    oracle.assert_same(before, oracle.dump(url, leave_out=()))

    done = project.ok("reset", "--yes")
    assert done.out == told.out.replace("Would delete", "Deleted").replace("Would drop", "Dropped")
    assert project.files == []
    assert _tables(url) == _tables(other) == ["account"]
    with backend.engine(url).connect() as connection:
        assert connection.scalar(sa.text("SELECT email FROM account")) == "a@b.c"
    assert "Nothing to do" in project.ok("reset").out

    # Anew: a first revision from an empty database, and the live ones stand at it.
    project.ok("-n", "empty", "autogen", "-m", "anew")
    project.ok("stamp", "head")
    assert project.ok("check").status == 0
    assert "Nothing to do" in project.ok("upgrade").out


def test_files_that_cannot_be_read_are_deleted_too(tmp_path: Path) -> None:
    project = _begun(tmp_path, f"sqlite:///{tmp_path}/app.db")
    (project.versions / "broken.py").write_text("revision = \n")
    (project.versions / "README.txt").write_text("mine")
    project.ok("reset", "--yes")
    assert [path.name for path in project.versions.iterdir() if path.is_file()] == ["README.txt"]


def test_a_database_that_cannot_be_reached_keeps_all(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    project = _begun(tmp_path, url)
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text() + '\n[env.far]\nurl = "sqlite:////nowhere/x.db"\n')
    assert "the database of environment 'far' cannot be asked" in project.error("reset", "--yes")
    assert len(project.files) == 1
    assert _tables(url) == ["account", "schemadiff_version", "schemadiff_version_checksum"]


@pytest.mark.backends("postgresql")
def test_a_table_that_cannot_be_dropped_keeps_the_files(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = _begun(tmp_path, url)
    with backend.engine(url).begin() as connection:
        connection.execute(sa.text("CREATE VIEW watch AS SELECT * FROM schemadiff_version"))
    line = project.error("reset", "--yes")
    assert "the files were kept" in line
    assert "view watch depends on" in line
    assert len(project.files) == 1
    assert "a1" in project.ok("current").out


def test_at_a_terminal_it_asks(tmp_path: Path) -> None:
    project = _begun(tmp_path, f"sqlite:///{tmp_path}/app.db")
    for answer, status, left in (("n\n", 2, 1), ("y\n", 0, 0)):
        ours, theirs = pty.openpty()
        os.write(ours, answer.encode())
        done = subprocess.run(
            [sys.executable, "-m", "schemadiff", "reset"],
            cwd=project.folder, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
        os.close(theirs)
        os.close(ours)
        assert done.returncode == status
        assert "Would delete migrations/versions/a1_first_tables.py" in done.stdout
        assert len(project.files) == left


def test_from_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _begun(tmp_path, f"sqlite:///{tmp_path}/app.db")
    config = Config(project.folder / "schemadiff.toml")
    with forgetting(project.folder):
        command.reset(config)
    assert "would be deleted" in capsys.readouterr().out
    assert len(project.files) == 1
    with forgetting(project.folder):
        command.reset(config, yes=True)
    assert "table schemadiff_version of " in capsys.readouterr().out
    assert project.files == []
