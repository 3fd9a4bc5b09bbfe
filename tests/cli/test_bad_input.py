"""Bad input gives one clear line and exit status 2, and leaves no file and no change behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.running import Project, run
from tests.support.servers import Backend

OURS = ("schemadiff_version", "schemadiff_version_checksum")


def _project(folder: Path, **options: object) -> Project:
    return Project(folder / "app", f"sqlite:///{folder}/app.db", **options)  # type: ignore[arg-type]


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_no_project(tmp_path: Path) -> None:
    result = run("autogen", "-m", "x", cwd=tmp_path)
    assert result.status == 2
    assert "schemadiff init" in result.err
    assert not list(tmp_path.iterdir())


Break = Callable[[Project], None]


def _models(text: str) -> Break:
    return lambda project: project.models(text)


def _settings(**changes: str) -> Break:
    def change(project: Project) -> None:
        path = project.folder / "schemadiff.toml"
        kept = [line for line in path.read_text().splitlines() if line.split(" = ")[0] not in changes]
        path.write_text("\n".join(kept + [f"{key} = {value}" for key, value in changes.items()]))

    return change


def _file(name: str, text: str) -> Break:
    return lambda project: (project.versions / name).write_text(text) and None


def _two_metadatas(project: Project) -> None:
    project.models(
        """
        import sqlalchemy as sa
        one, two = sa.MetaData(), sa.MetaData()
        for metadata in (one, two):
            sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True))
        """
    )
    _settings(target='["models:one", "models:two"]')(project)


IDENTIFIERS = 'revision = "{0}"\ndown_revision = {1!r}\ndef upgrade(): {2}\ndef downgrade(): pass\n'

# What is broken, and what the line has to say.
CASES: dict[str, tuple[Break, list[str]]] = {
    "target is not there": (_settings(target='"nowhere.models:Base"'), ["nowhere.models", "cannot be imported"]),
    "target fails": (
        _models("import sqlalchemy\n\n\nraise RuntimeError('no license')"),
        ["models.py:4", "RuntimeError: no license"],
    ),
    "target has bad syntax": (_models("x = = 1"), ["models.py:1", "SyntaxError"]),
    "target is no MetaData": (_models("metadata = 5"), ["models:metadata", "neither a MetaData"]),
    "target has another name": (
        _models("import sqlalchemy as sa\nmetadat = sa.MetaData()"),
        ["metadata", "did you mean 'metadat'"],
    ),
    "no target": (_settings(target="[]"), ["target_metadata", "set target"]),
    "two metadatas with one table": (_two_metadatas, ["'account'", "two targets"]),
    "foreign key to a missing table": (
        _models(
            """
            import sqlalchemy as sa
            metadata = sa.MetaData()
            sa.Table("account", metadata, sa.Column("owner_id", sa.ForeignKey("owner.id"), primary_key=True))
            """
        ),
        ["account", "owner.id", "not in the MetaData"],
    ),
    "a type that cannot be rendered": (
        _models(
            """
            import sqlalchemy as sa

            class Point(sa.types.UserDefinedType):
                def __init__(self, *, secret):
                    self._hidden = (secret,)
                def get_col_spec(self, **kw):
                    return "POINT"
            metadata = sa.MetaData()
            def make():
                class Local(Point):
                    pass
                return Local(secret=1)
            sa.Table("place", metadata, sa.Column("at", make(), primary_key=True))
            """
        ),
        ["place.at", "Local"],
    ),
    "an unknown setting": (_settings(targett='"x:y"'), ["schemadiff.toml", "did you mean 'target'"]),
    "an unknown dialect": (_settings(url='"nosuch://localhost/app"'), ["nosuch"]),
    "no URL at all": (_settings(url='"what is this"'), ["the url cannot be read"]),
    "a variable that is not set": (
        _settings(url='"${SCHEMADIFF_TEST_NOWHERE}"'),
        ["SCHEMADIFF_TEST_NOWHERE", "not set"],
    ),
    "a database that is not there": (
        _settings(url='"sqlite:////nowhere/at/all/app.db"'),
        ["cannot connect", "unable to open database file"],
    ),
    "a revision with bad syntax": (
        _file("bad.py", 'revision = "a"\ndown_revision = None\nx = = 1\n'),
        ["bad.py:3", "SyntaxError"],
    ),
    "a revision without an identifier": (_file("bad.py", "x = 1\n"), ["bad.py:1", "revision id"]),
    "a revision with a computed identifier": (
        _file("bad.py", 'revision = "a".upper()\ndown_revision = None\n'),
        ["bad.py:1", "literal"],
    ),
    "two revisions with one identifier": (
        lambda project: (
            [_file(name, IDENTIFIERS.format("aaaa", None, "pass"))(project) for name in ("one.py", "two.py")] and None
        ),
        ["'aaaa'", "one.py", "two.py"],
    ),
    "a revision that follows nothing": (
        _file("bad.py", IDENTIFIERS.format("aaaa", "zzzz", "pass")),
        ["bad.py", "'aaaa'", "'zzzz'"],
    ),
    "env.py fails": (
        lambda project: project.env("import sys\n\nprint(1 / 0)") and None,
        ["env.py:3", "ZeroDivisionError"],
    ),
    "env.py has bad syntax": (lambda project: project.env("def (") and None, ["env.py:1", "SyntaxError"]),
    "env.py does nothing": (lambda project: project.env("pass") and None, ["env.py", "run_migrations()"]),
    "no env.py": (lambda project: os.unlink(project.folder / "migrations" / "env.py"), ["env.py"]),
    "no template": (lambda project: os.unlink(project.folder / "migrations" / "script.py.mako"), ["script.py.mako"]),
    "a broken template": (
        lambda project: (project.folder / "migrations" / "script.py.mako").write_text("${nothing}") and None,
        ["script.py.mako", "nothing"],
    ),
    "an unknown time zone": (_settings(timezone='"Mars/Olympus"'), ["Mars/Olympus"]),
    "a file template that is a path": (_settings(file_template='"../%(rev)s"'), ["../", "file_template"]),
}


@pytest.mark.parametrize("case", CASES)
def test_autogen(case: str, tmp_path: Path) -> None:
    project = _project(tmp_path)
    breaking, said = CASES[case]
    breaking(project)
    before = _snapshot(tmp_path)
    line = project.error("autogen", "-m", "first")
    for words in said:
        assert words in line
    after = _snapshot(tmp_path)
    after.pop("app.db", None)  # SQLite makes an empty file where it connects
    assert after == before
    database = tmp_path / "app.db"
    assert not database.exists() or not sa.inspect(sa.create_engine(f"sqlite:///{database}")).get_table_names()


def test_not_at_head(tmp_path: Path) -> None:
    project = _project(tmp_path)
    project.ok("autogen", "-m", "first")
    before = _snapshot(project.folder)
    line = project.error("autogen", "-m", "second")
    assert "schemadiff upgrade" in line
    assert "--from-current" in line
    assert _snapshot(project.folder) == before
    assert project.ok("autogen", "-m", "second", "--from-current").out.startswith("Wrote ")
    assert len(project.files) == 2


def test_database_at_an_unknown_revision(tmp_path: Path) -> None:
    project = _project(tmp_path)
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    (path,) = project.files
    path.unlink()
    for command in (["autogen"], ["upgrade"], ["check"]):
        line = project.error(*command)
        assert path.name.split("_")[0] in line


@pytest.mark.parametrize(
    "message",
    ["../../etc/passwd", "a/b\\c", "x\x00y", 'drop "; rm -rf / #', "\n\n", "ｆｕｌｌ ünïcødé", '"""', "${1/0}", "%s"],
)
def test_odd_messages_stay_inside(message: str, tmp_path: Path) -> None:
    project = _project(tmp_path)
    before = set(_snapshot(tmp_path))
    project.ok("revision", "-m", message)
    (new,) = set(_snapshot(tmp_path)) - before
    assert Path(new).parent == Path("app/migrations/versions")
    project.ok("upgrade")


@pytest.mark.parametrize("rev_id", ["../x", "head", "a b", "x" * 33, ""])
def test_odd_identifiers(rev_id: str, tmp_path: Path) -> None:
    project = _project(tmp_path)
    for command in ("revision", "autogen"):
        assert "revision id" in project.error(command, "-m", "x", "--rev-id", rev_id)
    assert not project.files


def test_unwritable_versions_directory(tmp_path: Path) -> None:
    project = _project(tmp_path)
    if os.geteuid() == 0:
        # The superuser may write everywhere: a file stands where the directory should be.
        project.versions.rmdir()
        project.versions.write_text("")
        assert "versions" in project.error("autogen", "-m", "first")
        assert project.versions.read_text() == ""
        return
    project.versions.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert "cannot be written" in project.error("autogen", "-m", "first")
        assert not project.files
    finally:
        project.versions.chmod(stat.S_IRWXU)


def test_refused_connection_masks_the_password(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", "postgresql+psycopg://nobody:s3cr3t@127.0.0.1:1/app?connect_timeout=3")
    for command in (["autogen", "-m", "x"], ["upgrade"], ["current"], ["--traceback", "check"]):
        result = project.run(*command)
        assert result.status == 2
        assert "cannot connect" in result.err.splitlines()[-1]
        assert "s3cr3t" not in result.err + result.out
    assert not project.files


@pytest.mark.backends("postgresql", "mysql")
def test_unknown_database(backend: Backend, tmp_path: Path) -> None:
    url = sa.make_url(backend.new_database()).set(database="no_such_database_here")
    project = Project(tmp_path / "app", url.render_as_string(hide_password=False))
    line = project.error("autogen", "-m", "x")
    assert "no_such_database_here" in line
    assert not project.files


def test_failing_revision_says_where_and_what(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision(
        "b2",
        """
        op.create_table("two", sa.Column("id", sa.Integer, primary_key=True))
        op.execute("INSERT INTO nowhere_at_all VALUES (1)")
        """,
        down="a1",
    )
    line = project.error("upgrade")
    for words in ("b2.py:12", "revision b2", "nowhere_at_all", "a1"):
        assert words in line
    assert project.ok("current").out.startswith("a1")
    tables = set(sa.inspect(backend.engine(url)).get_table_names())
    if backend.name == "mysql":
        assert "operation 1 of b2 is done and journalled" in line
        assert tables == {*OURS, "schemadiff_version_journal", "one", "two"}
    else:
        assert "nothing of it was kept" in line
        assert tables == {*OURS, "one"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x = undefined_name", ["b2.py:11", "NameError"]),
        ("raise SystemExit(0)", ["b2.py:11", "SystemExit"]),
        ("op.no_such_thing()", ["b2.py:11", "no_such_thing"]),
        ("op.add_column('one', sa.Column('x'))", ["b2.py:11", "has no type"]),
        ("op.drop_constraint(None, 'one')", ["b2.py:11", "which constraint"]),
    ],
)
def test_revision_with_a_mistake(body: str, said: list[str], tmp_path: Path) -> None:
    project = _project(tmp_path)
    project.revision("b2", body)
    line = project.error("upgrade")
    for words in said:
        assert words in line
    assert not sa.inspect(sa.create_engine(f"sqlite:///{tmp_path}/app.db")).get_table_names()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["upgrade", "zzzz"], "'zzzz'"),
        (["upgrade", "base"], "schemadiff downgrade base"),
        (["upgrade", "base:head"], "--sql"),
        (["upgrade", "+9"], "'+9'"),
        (["downgrade", "-9"], "'-9'"),
        (["downgrade", "b2"], "has not run"),
        (["downgrade", "base", "--sql"], "head:base"),
        (["upgrade", "+1", "--sql"], "--sql"),
        (["stamp", "zzzz"], "'zzzz'"),
        (["show", "zzzz"], "'zzzz'"),
        (["history", "-r", "x:y"], "'x'"),
        (["history", "-r", "head"], "no range"),
    ],
    ids=" ".join,
)
def test_wrong_revisions(command: list[str], said: str, tmp_path: Path) -> None:
    project = _project(tmp_path)
    project.revision("a1")
    project.revision("b2", down="a1")
    project.ok("upgrade", "a1")
    assert said in project.error(*command)
    assert project.ok("current").out.startswith("a1")


@pytest.mark.parametrize(
    ("models", "arguments"),
    [
        ("import sqlalchemy as sa\nmetadata = sa.MetaData()\n", ("upgrade", "nope")),
        (
            "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
            'sa.Table("a", metadata, sa.Column("b_id", sa.ForeignKey("b.id")))\n',
            ("autogen", "-m", "x"),
        ),
    ],
    ids=["unknown revision", "missing referent"],
)
def test_no_database_is_made_by_a_command_that_fails(tmp_path: Path, models: str, arguments: tuple[str, ...]) -> None:
    project = _project(tmp_path, models=models)
    project.error(*arguments)
    assert not (tmp_path / "app.db").exists()


def test_a_database_that_is_there_stays(tmp_path: Path) -> None:
    project = _project(tmp_path)
    (tmp_path / "app.db").touch()
    project.error("upgrade", "nope")
    assert (tmp_path / "app.db").exists()


@pytest.mark.parametrize("place", ["127.0.0.1:abc", "[::1"])
def test_a_url_with_half_a_place_is_named_and_its_password_masked(tmp_path: Path, place: str) -> None:
    project = Project(tmp_path / "app", f"postgresql+psycopg://somebody:secret@{place}/x")
    error = project.error("upgrade")
    assert "the url cannot be read" in error
    assert "secret" not in error


def test_a_table_is_no_target(tmp_path: Path) -> None:
    project = _project(tmp_path, target="models:account")
    assert "neither a MetaData nor a declarative base" in project.error("autogen", "-m", "x")
    assert project.files == []
