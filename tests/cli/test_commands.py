"""The commands, from an empty folder to an empty database, through the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.running import MODELS, Project, run
from tests.support.servers import Backend

MORE = (
    MODELS
    + """
    account.append_column(sa.Column("name", sa.String(50), server_default="nobody", nullable=False))
    note = sa.Table(
        "note",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), index=True),
        sa.Column("body", sa.Text),
    )
    """
)


def _tables(backend: Backend, url: str) -> set[str]:
    return set(sa.inspect(backend.engine(url)).get_table_names())


def test_whole_journey(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    run("init", "migrations", "--target", "models:metadata", "--url", url, cwd=tmp_path)
    project = Project.__new__(Project)
    project.folder = tmp_path
    project.models(MODELS)
    assert project.run("check").status == 1
    made = project.ok("autogen", "-m", "first tables")
    (first,) = project.files
    assert made.out == f"Wrote migrations/versions/{first.name}\n"
    assert made.err.startswith("Changes\n└── + table account\n")
    assert "schemadiff upgrade" in made.err
    checked = project.run("check")
    assert checked.status == 1
    assert "not at head" in checked.out
    project.ok("upgrade")
    assert _tables(backend, url) == {"account", "schemadiff_version", "schemadiff_version_checksum"}
    assert project.ok("check").out == "The database is at head and agrees with the models\n"
    assert project.ok("diff").out == "No differences\n"
    nothing = project.ok("autogen", "-m", "nothing")
    assert "No differences" in nothing.out
    assert project.files == [first]

    project.models(MORE)
    checked = project.run("check")
    assert checked.status == 1
    assert "note" in checked.out
    assert "account" in checked.out
    shown = project.ok("diff")
    assert "+ column name" in shown.out
    project.ok("autogen", "-m", "notes")
    assert len(project.files) == 2
    project.ok("upgrade")
    assert project.ok("check").status == 0
    project.ok("downgrade", "-1")
    assert _tables(backend, url) == {"account", "schemadiff_version", "schemadiff_version_checksum"}
    project.ok("upgrade", "+1")
    assert project.ok("check").status == 0
    project.ok("downgrade", "base")
    assert _tables(backend, url) == {"schemadiff_version"}
    assert project.ok("current").out == ""


@pytest.fixture
def linear(tmp_path: Path) -> Project:
    """Three revisions by hand, on SQLite."""
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    for identifier, down in (("a1", None), ("b2", "a1"), ("c3", "b2")):
        table = f'"{identifier}"'
        project.revision(
            identifier,
            f'op.create_table({table}, sa.Column("id", sa.Integer, primary_key=True))',
            down,
            f"op.drop_table({table})",
        )
    return project


def test_telling(linear: Project) -> None:
    assert linear.ok("heads").out == "c3 (head), c3\n"
    assert linear.ok("history").out == "b2 -> c3 (head), c3\na1 -> b2, b2\nbase -> a1, a1\n"
    assert linear.ok("history", "-r", "a1:b2").out == "a1 -> b2, b2\nbase -> a1, a1\n"
    assert linear.ok("current").out == ""
    assert "at base" in linear.ok("current").err
    linear.ok("upgrade", "b2")
    assert linear.ok("current").out == "b2, b2\n"
    assert linear.ok("history", "-r", "current:").out == "b2 -> c3 (head), c3\na1 -> b2, b2\n"
    shown = linear.ok("show", "b2").out
    assert shown.startswith("b2, b2\nfile: migrations/versions/b2.py\nfollows: a1\n")
    assert shown.endswith((linear.versions / "b2.py").read_text())
    assert linear.ok("show", "-1").out.startswith("a1")


def test_stamp(linear: Project) -> None:
    assert linear.ok("stamp", "head").out == "The database stands at c3 (before: base)\n"
    assert linear.ok("current").out == "c3 (head), c3\n"
    assert linear.ok("stamp", "-1").out == "The database stands at b2 (before: c3)\n"
    assert linear.ok("stamp", "base").out == "The database stands at base (before: b2)\n"
    assert linear.ok("current").out == ""


def test_nothing_to_do(linear: Project) -> None:
    linear.ok("upgrade")
    assert linear.ok("upgrade").out == "Nothing to do: the database stands at c3\n"
    assert linear.ok("downgrade", "c3").out == "Nothing to do: the database stands at c3\n"
    assert "did you mean 'base'?" in linear.error("downgrade", "head")
    assert "did you mean '-1'?" in linear.error("downgrade", "+1")
    assert "run 'schemadiff downgrade -1'" in linear.error("upgrade", "--", "-1")


def test_a_quiet_beginning(tmp_path: Path) -> None:
    result = run("-q", "init", "migrations", cwd=tmp_path)
    assert (result.status, result.out, result.err) == (0, "", "")
    assert (tmp_path / "migrations" / "env.py").exists()


def test_quiet_and_verbose(linear: Project) -> None:
    quiet = linear.ok("-q", "upgrade", "a1")
    assert (quiet.out, quiet.err) == ("The database stands at a1\n", "")
    assert "Running upgrade a1 -> b2, b2" in linear.ok("upgrade", "b2").err
    assert "Traceback" in linear.run("--traceback", "upgrade", "zzzz").err
    assert "Traceback" not in linear.run("upgrade", "zzzz").err


def test_empty_files(linear: Project) -> None:
    before = set(linear.files)
    linear.ok("revision", "-m", "by hand", "--rev-id", "d4")
    (path,) = set(linear.files) - before
    assert path.name == "d4_by_hand.py"
    text = path.read_text()
    assert text.count("    pass\n") == 2
    assert 'down_revision = "c3"' in text
    linear.ok("upgrade")
    linear.models(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nfor name in ('a1', 'b2', 'c3'):\n"
        "    sa.Table(name, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    assert "No differences" in linear.ok("autogen", "-m", "nothing").out
    linear.ok("autogen", "-m", "nothing", "--allow-empty", "--rev-id", "e5")
    assert (linear.versions / "e5_nothing.py").read_text().count("    pass\n") == 2


def test_from_another_folder(linear: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run("-C", "../app", "heads", cwd=elsewhere).out == "c3 (head), c3\n"
    assert run("-c", "../app/schemadiff.toml", "heads", cwd=elsewhere).out == "c3 (head), c3\n"
    made = run("-C", "app", "revision", "-m", "x", "--rev-id", "d4", cwd=tmp_path)
    assert made.out == "Wrote app/migrations/versions/d4_x.py\n"


def test_environments(linear: Project, tmp_path: Path) -> None:
    settings = linear.folder / "schemadiff.toml"
    settings.write_text(settings.read_text() + f'\n[env.other]\nurl = "sqlite:///{tmp_path}/other.db"\n')
    linear.ok("--name", "other", "upgrade", "a1")
    assert linear.ok("-n", "other", "current").out == "a1, a1\n"
    assert linear.ok("current").out == ""
    assert "nosuch" in linear.error("-n", "nosuch", "current")


def test_settings_from_the_environment(linear: Project, tmp_path: Path) -> None:
    settings = linear.folder / "schemadiff.toml"
    settings.write_text(
        re.sub(r"^url = .*$", 'url = "${APP_URL:-sqlite:///nowhere/x.db}"', settings.read_text(), flags=re.M)
    )
    linear.ok("upgrade", "a1", environment={"APP_URL": f"sqlite:///{tmp_path}/else.db"})
    assert (tmp_path / "else.db").exists()


CLIENTS = {
    "sqlite": lambda url: ["sqlite3", "-bail", url.database],
    "postgresql": lambda url: [
        "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", url.host or url.query["host"], "-p", str(url.port or 5432), "-U", url.username, url.database,
    ],
    "mysql": lambda url: ["mariadb", "-h", url.host, "-P", str(url.port or 3306), "-u", url.username, url.database],
}  # fmt: skip


def _feed(backend: Backend, url: str, script: str) -> None:
    command = CLIENTS[backend.name](sa.make_url(url))
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("NOTICE:") for line in done.stderr.splitlines())


def test_sql_makes_what_the_run_makes(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url, models=MORE)
    project.ok("autogen", "-m", "all: 100% 'quoted' \"names\"")
    script = project.ok("upgrade", "--sql").out
    assert "-- Running upgrade base -> " in script
    _feed(backend, url, script)
    assert project.ok("check").status == 0
    _feed(backend, url, project.ok("downgrade", "head:base", "--sql").out)
    assert _tables(backend, url) == {"schemadiff_version"}
    assert project.ok("current").out == ""
    _feed(backend, url, project.ok("upgrade", "base:head", "--sql").out)
    assert project.ok("check").status == 0


CHANGED = """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    sa.Table(
        "account",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(200), nullable=True, index=True),
        sa.Column("name", sa.String(50), server_default="it's; -- odd", nullable=False),
        sa.Column("age", sa.Integer, sa.CheckConstraint("age > 0", name="grown"), server_default="1", nullable=False),
    )
    sa.Table(
        "note",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("owner_id", sa.ForeignKey("account.id", ondelete="SET NULL")),
        sa.Column("body", sa.Text, nullable=False, server_default=sa.text("('x')")),
        sa.UniqueConstraint("owner_id", "id", name="uq_note"),
    )
"""


def test_sql_of_changes_makes_what_the_run_makes(backend: Backend, tmp_path: Path) -> None:
    url, other = backend.new_database(), backend.new_database()
    project = Project(tmp_path / "app", url, models=MORE)
    project.ok("autogen", "--rev-id", "one")
    project.ok("upgrade")
    project.models(CHANGED)
    project.ok("autogen", "--rev-id", "two")
    project.ok("upgrade")
    assert project.ok("check").status == 0
    up = project.ok("upgrade", "--sql").out
    back, down = (project.ok("downgrade", range_, "--sql").out for range_ in ("two:one", "one:base"))

    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text().replace(url, other))
    _feed(backend, other, up)
    assert project.ok("check").status == 0
    _feed(backend, other, back)
    assert project.ok("current").out == "one, empty message\n"
    project.models(MORE)
    assert project.ok("diff").out == "No differences\n"
    _feed(backend, other, down)
    assert _tables(backend, other) == {"schemadiff_version"}


def test_sql_is_whole_or_nothing(linear: Project) -> None:
    linear.revision("d4", 'op.get_bind().execute(sa.text("SELECT 1"))', "c3")
    result = linear.run("upgrade", "--sql")
    assert (result.status, result.out) == (2, "")
    assert "d4.py:11" in result.err
    assert "--sql" in result.err
    assert "CREATE TABLE c3" in linear.ok("upgrade", "b2:c3", "--sql").out


def test_main_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "schemadiff", "heads"],
        cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: no project")


HOSTILE = "[red]x[/red] \"q\" 's' 100% :name \x1b[31m \n ünï"


def test_hostile_names_stay_data(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    name = HOSTILE.replace("\x1b", "")[:40]
    project = Project(
        tmp_path / "app",
        url,
        models=f"""
        import sqlalchemy as sa

        metadata = sa.MetaData()
        sa.Table(
            {name!r},
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("select", sa.String(100), server_default={HOSTILE!r}, comment={HOSTILE!r}, nullable=False),
            sa.Column("Mixed Case", sa.Integer, index=True),
            comment={HOSTILE!r},
        )
        """,
    )
    made = project.ok("autogen", "-m", HOSTILE)
    assert "\x1b" not in made.out + made.err
    assert "[red]x[/red]" in made.err
    assert "\x1b" not in project.ok("diff").out
    project.ok("upgrade")
    assert project.ok("check").status == 0
    project.ok("downgrade", "base")
    assert _tables(backend, url) == {"schemadiff_version"}
