"""A file that was edited after it ran is told, and can be accepted."""

from __future__ import annotations

from pathlib import Path

import black
import pytest
import sqlalchemy as sa

from schemadiff import command, commands
from schemadiff.config import Config
from schemadiff.errors import SchemadiffError
from schemadiff.revisions.checksum import checksum
from tests.cli.test_sql import _feed
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

TABLE = "schemadiff_version_checksum"
KEPT = "checksum"


def _create(name: str) -> str:
    return f'op.create_table("{name}", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def url(backend: Backend) -> str:
    return backend.new_database()


def _made(folder: Path, url: str) -> Project:
    """Three revisions, each of which makes a table and drops it."""
    project = Project(folder / "app", url, models="import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    tables = "\n".join(
        f'sa.Table("{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))' for name in _NAMES
    )
    project.models("import sqlalchemy as sa\nmetadata = sa.MetaData()\n" + tables)
    for before, name in zip((None, *_NAMES), _NAMES, strict=False):
        project.revision(name, _create(name), before, f'op.drop_table("{name}")')
    return project


_NAMES = ("a1", "b2", "c3")


@pytest.fixture
def project(url: str, tmp_path: Path) -> Project:
    return _made(tmp_path, url)


def _kept(url: str, table: str = TABLE) -> dict[str, str] | None:
    """Return what is kept; None where the table is not there."""
    with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
        if not sa.inspect(connection).has_table(table):
            return None
        rows = connection.execute(sa.text(f"SELECT version_num, checksum, file_hash FROM {table}")).all()
        assert all(len(file) == 32 for _, _, file in rows)
        return {str(revision): str(code) for revision, code, _ in rows}


def _of_files(project: Project, *names: str) -> dict[str, str]:
    files = {path.stem: path for path in project.files}
    return {name: checksum(files[name].read_bytes(), files[name]).code for name in names}


def _edit(project: Project, name: str) -> Path:
    path = project.versions / f"{name}.py"
    path.write_text(path.read_text().replace("primary_key=True", "primary_key=True, autoincrement=False"))
    return path


def test_up_and_down(project: Project, url: str) -> None:
    project.ok("upgrade", "b2")
    assert _kept(url) == _of_files(project, "a1", "b2")
    project.ok("downgrade", "a1")
    assert _kept(url) == _of_files(project, "a1")
    project.ok("upgrade")
    assert _kept(url) == _of_files(project, *_NAMES)
    project.ok("downgrade", "base")
    assert _kept(url) is None
    project.ok("upgrade")
    assert _kept(url) == _of_files(project, *_NAMES)


def test_an_edited_file_is_told_and_accepted(project: Project, url: str) -> None:
    project.ok("upgrade")
    assert project.ok("check").out == "The database is at head and agrees with the models\n"
    assert project.ok("current").err == ""
    _edit(project, "b2")
    checked = project.run("check")
    assert checked.status == 1
    assert checked.out == "Edited since it ran: migrations/versions/b2.py, revision b2\n"
    assert "stamp --update-checksums" in checked.err
    current = project.ok("current")
    assert current.out.startswith("c3")
    assert "warning: edited since it ran: migrations/versions/b2.py, revision b2: undo that, or accept it" in " ".join(
        current.err.split()
    )
    accepted = project.ok("stamp", "--update-checksums")
    assert accepted.out == "Accepted as it is now: b2, migrations/versions/b2.py\n"
    assert _kept(url) == _of_files(project, *_NAMES)
    assert project.ok("check").status == 0
    assert project.ok("current").err == ""
    assert "Nothing to do" in project.ok("stamp", "--update-checksums").out


def test_to_format_is_no_edit(tmp_path: Path) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    project.ok("upgrade")
    for path in project.files:
        formatted = black.format_str(path.read_text(), mode=black.Mode(line_length=30))
        path.write_bytes(b"# Hello\r\n" + formatted.replace("\n", "\r\n").encode())
    assert project.ok("check").status == 0
    assert project.ok("current").err == ""
    assert "Nothing to do" in project.ok("stamp", "--update-checksums").out


def test_a_file_whose_functions_are_no_python_any_more(tmp_path: Path) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    project.ok("upgrade")
    path = project.versions / "a1.py"
    path.write_text(path.read_text().replace("op.drop_table(", "op.drop_table(("))
    assert "a1.py" in project.run("check").out
    assert "a1.py:15" in project.error("stamp", "--update-checksums")


@pytest.mark.parametrize("table", ["schemadiff_version", "alembic_version"])
def test_what_ran_before_checksums_were_kept(tmp_path: Path, backend: Backend, url: str, table: str) -> None:
    project = _made(tmp_path, url)
    settings = project.folder / "schemadiff.toml"
    settings.write_text(f'version_table = "{table}"\n' + settings.read_text())
    with backend.engine(url).begin() as connection:
        for name in ("a1", "b2"):
            connection.execute(sa.text(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text(f"CREATE TABLE {table} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(sa.text(f"INSERT INTO {table} VALUES ('b2')"))
    beside = f"{table}_checksum"
    _edit(project, "a1")
    assert "not at head" in project.run("check").out
    assert project.ok("current").err == ""
    project.ok("upgrade")
    assert _kept(url, beside) == _of_files(project, "c3")
    project.ok("downgrade", "-1")
    assert _kept(url, beside) is None
    project.ok("downgrade", "-1")
    assert _kept(url, beside) is None
    assert project.ok("stamp", "--update-checksums").out == "Had no checksum: a1, migrations/versions/a1.py\n"
    project.ok("upgrade")
    _edit(project, "c3")
    assert "revision c3" in project.run("check").out


def test_stamps(project: Project, url: str) -> None:
    project.ok("ensure-version")
    assert _kept(url) is None
    project.ok("stamp", "b2")
    first = _of_files(project, "a1", "b2")
    assert _kept(url) == first
    _edit(project, "a1")
    project.ok("stamp", "c3")
    # What counted as applied before keeps what it had.
    assert _kept(url) == first | _of_files(project, "c3")
    assert "a1.py" in project.run("current").err
    project.ok("stamp", "a1")
    assert _kept(url) == {"a1": first["a1"]}
    project.ok("stamp", "--purge", "b2")
    assert _kept(url) == _of_files(project, "a1", "b2")
    project.ok("stamp", "base")
    assert _kept(url) is None


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_scripts_keep_them_too(backend: Backend, project: Project, url: str) -> None:
    def fed(*arguments: str) -> dict[str, str] | None:
        assert _feed(backend, url, project.ok(*arguments, "--sql").out) == ""
        return _kept(url)

    assert fed("upgrade", "b2") == _of_files(project, "a1", "b2")
    assert fed("upgrade", "b2:c3") == _of_files(project, *_NAMES)
    assert fed("downgrade", "c3:a1") == _of_files(project, "a1")
    # Something is left of what did not run: another tool has taken it back.
    with backend.engine(url).begin() as connection:
        connection.execute(sa.text(f"INSERT INTO {TABLE} VALUES ('b2', '1:x', 'y')"))
    assert fed("upgrade", "a1:b2") == _of_files(project, "a1", "b2")
    assert fed("stamp", "b2:a1") == _of_files(project, "a1")
    assert fed("stamp", "a1:c3") == _of_files(project, *_NAMES)
    _edit(project, "a1")
    assert fed("stamp", "b2") == _of_files(project, "a1", "b2")
    assert fed("stamp", "base") is None
    assert fed("stamp", "base:a1") == _of_files(project, "a1")
    assert fed("downgrade", "a1:base") is None
    # From a database that has none yet.
    project.ok("upgrade", "a1")
    with backend.engine(url).begin() as connection:
        for table in ("b2", TABLE):
            connection.execute(sa.text(f"DROP TABLE {table}"))
    assert fed("upgrade", "a1:head") == _of_files(project, "b2", "c3")


@pytest.mark.backends("sqlite", "postgresql", "mysql")
@pytest.mark.parametrize("command", ["downgrade", "stamp"])
def test_a_script_for_one_base_leaves_the_checksums_of_the_others(
    backend: Backend, project: Project, url: str, command: str
) -> None:
    project.revision("x1", _create("x1"), None, 'op.drop_table("x1")')
    project.ok("upgrade", "heads")
    script = project.ok(command, "c3:base" if command == "stamp" else "c3:c3@base", "--sql").out
    assert f"DROP TABLE {TABLE}" not in script
    assert f"DROP TABLE IF EXISTS {TABLE}" not in script
    assert _feed(backend, url, script) == ""
    assert _kept(url) == _of_files(project, "x1")
    assert (
        _feed(backend, url, project.ok(command, "x1:x1@base" if command == "downgrade" else "x1:base", "--sql").out)
        == ""
    )
    assert _kept(url) == {}


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_a_script_for_all_heads_leaves_no_checksums(backend: Backend, project: Project, url: str) -> None:
    project.revision("x1", _create("x1"), None, 'op.drop_table("x1")')
    project.ok("upgrade", "heads")
    assert _feed(backend, url, project.ok("downgrade", "heads:base", "--sql").out) == ""
    assert _kept(url) is None


def test_one_that_is_left_is_no_error(backend: Backend, project: Project, url: str) -> None:
    project.ok("upgrade")
    with backend.engine(url).begin() as connection:
        connection.execute(sa.text("UPDATE schemadiff_version SET version_num = 'a1'"))
        connection.execute(sa.text("DROP TABLE b2"))
        connection.execute(sa.text("DROP TABLE c3"))
        connection.execute(sa.text(f"UPDATE {TABLE} SET checksum = '1:x'"))
    project.ok("upgrade")
    kept = _kept(url)
    assert kept is not None
    assert kept == _of_files(project, *_NAMES) | {"a1": "1:x"}


@pytest.mark.backends("postgresql", "mysql")
@pytest.mark.parametrize("kept", [True, False])
def test_who_may_read_the_version_table_alone(backend: Backend, project: Project, url: str, kept: bool) -> None:
    project.ok("upgrade")
    _edit(project, "b2")
    made = sa.make_url(url)
    name = f"{made.database}_r"
    on = f"`{made.database}`." if backend.name == "mysql" else ""
    user = f"'{name}'@'%'" if backend.name == "mysql" else f'"{name}"'
    with backend.engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        if not kept:
            admin.execute(sa.text(f"DROP TABLE {TABLE}"))
        admin.execute(
            sa.text(f"CREATE USER {user} {'IDENTIFIED BY ' if backend.name == 'mysql' else 'PASSWORD '}'secret'")
        )
        try:
            admin.execute(sa.text(f"GRANT SELECT ON {on}schemadiff_version TO {user}"))
            reader = made.set(username=name, password="secret").render_as_string(hide_password=False)
            settings = project.folder / "schemadiff.toml"
            settings.write_text(settings.read_text().replace(url, reader))
            current = project.ok("current")
            assert current.out == "c3 (head), c3\n"
            assert current.err == "" or f"{TABLE} cannot be read" in current.err
            assert current.err or not kept
        finally:
            if backend.name == "postgresql":
                admin.execute(sa.text(f"DROP OWNED BY {user}"))
            admin.execute(sa.text(f"DROP USER {user}"))


def test_a_checksum_made_in_another_way_tells_nothing(backend: Backend, project: Project, url: str) -> None:
    project.ok("upgrade")
    with backend.engine(url).begin() as connection:
        connection.execute(sa.text(f"UPDATE {TABLE} SET checksum = '7:x'"))
    _edit(project, "b2")
    assert project.ok("check").status == 0


@pytest.mark.backends("sqlite", "postgresql")
def test_it_is_one_transaction_with_the_revision(project: Project, url: str) -> None:
    project.revision("b2", f"{_create('b2')}\nop.execute('nonsense')", "a1")
    project.error("upgrade")
    assert _kept(url) == _of_files(project, "a1")
    project.ok("downgrade", "base")
    project.revision("a1", f"{_create('a1')}\nop.execute('nonsense')")
    project.error("upgrade")
    assert _kept(url) is None


def test_one_statement_for_a_revision(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    project = _made(tmp_path, url)
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        project.ok("upgrade", "a1")
        sent.clear()
        project.ok("upgrade")
        up = [each for each in sent if TABLE in each]
        sent.clear()
        project.ok("downgrade", "a1")
        down = [each for each in sent if TABLE in each]
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    # It is looked for and read once.
    assert [each.split()[0] for each in up] == ["PRAGMA", "SELECT", "INSERT", "INSERT"]
    assert [each.split()[0] for each in down] == ["PRAGMA", "SELECT", "DELETE", "DELETE"]


def test_arguments_that_make_no_sense(tmp_path: Path) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    for arguments in (("a1", "--update-checksums"), ("--update-checksums", "--sql"), ("--update-checksums", "--purge")):
        assert "--update-checksums stands alone" in project.error("stamp", *arguments)
    assert "REVISION" in project.error("stamp")
    assert "Nothing to do" in project.ok("stamp", "--update-checksums").out


def test_prune_is_no_edit(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    project = _made(tmp_path, url)
    project.ok("upgrade")
    project.ok("prune", "b2")
    assert project.ok("check").status == 0
    project.ok("downgrade", "b2")
    # What no file has any more is let go with the next thing that sets checksums, and is no error before.
    assert project.ok("current").err == ""
    assert "Nothing to do" in project.ok("stamp", "--update-checksums").out
    assert _kept(url) == _of_files(project, "b2")
    project.ok("downgrade", "base")
    assert _kept(url) is None


def test_squash_is_no_edit(tmp_path: Path) -> None:
    """Wherever the database is: the file itself names what it stands for."""
    url = f"sqlite:///{tmp_path}/app.db"
    project = _made(tmp_path, url)
    project.ok("upgrade")
    project.ok("squash", "a1:b2", "--force")
    (folded, _) = project.files
    assert black.format_str(folded.read_text(), mode=black.Mode()) == folded.read_text()
    assert project.ok("check").status == 0
    text = folded.read_text()
    folded.write_text(text.replace('"a1"', '"a9"'))
    assert "revision b2" in project.run("check").out
    folded.write_text(text)
    project.ok("squash", "b2:c3", "--force")
    assert len(project.files) == 1
    assert project.ok("check").status == 0
    # Once more, with nothing of what was before.
    project.ok("downgrade", "base")
    assert _kept(url) is None
    project.ok("upgrade")
    assert _kept(url) == _of_files(project, "c3")
    assert project.ok("check").status == 0


@pytest.mark.parametrize("edited", _NAMES)
@pytest.mark.parametrize("ranges", [("a1:c3",), ("a1:b2", "b2:c3"), ("b2:c3", "a1:c3")])
def test_what_was_edited_before_it_was_folded_is_told(tmp_path: Path, edited: str, ranges: tuple[str, ...]) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    project.ok("upgrade")
    _edit(project, edited)
    for each in ranges:
        project.ok("squash", each, "--force")
        assert "Edited since it ran" in project.run("check").out
    assert "revision c3" in project.run("check").out
    project.ok("stamp", "--update-checksums")
    assert project.ok("check").status == 0


def test_what_was_edited_between_two_foldings_is_told(tmp_path: Path) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    project.ok("upgrade")
    project.ok("squash", "a1:b2", "--force")
    _edit(project, "b2")
    assert "revision b2" in project.run("check").out
    project.ok("squash", "b2:c3", "--force")
    assert "revision c3" in project.run("check").out


def test_what_ran_as_edited_is_no_edit_when_it_is_folded(tmp_path: Path) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    _edit(project, "a1")
    project.ok("upgrade")
    project.ok("squash", "a1:b2", "--force")
    project.ok("squash", "b2:c3", "--force")
    assert project.ok("check").status == 0


def test_from_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _made(tmp_path, f"sqlite:///{tmp_path}/app.db")
    config = Config(project.folder / "schemadiff.toml")
    with forgetting(project.folder):
        command.upgrade(config, "head")
        _edit(project, "b2")
        with pytest.raises(SchemadiffError, match=r"edited since they ran: b2 \(.*b2\.py\): undo that, or accept it"):
            command.check(config)
        assert [each.id for each in commands.standing(config).edited] == ["b2"]
        command.update_checksums(config)
        assert capsys.readouterr().out.startswith("b2 ")
        assert commands.update_checksums(config).edited == ()
        command.check(config)
