"""What can be compared beside the project's own database and models: another database, other models, a snapshot."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff import commands
from schemadiff.config import Config
from schemadiff.rendering.labels import changes
from schemadiff.schema import Schema, Server
from schemadiff.schema.snapshot import dumps
from tests.support.running import MODELS, Project, forgetting, run
from tests.support.servers import Backend

OTHERS = """
    before = sa.MetaData()
    sa.Table("account", before, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    after = sa.MetaData()
    sa.Table(
        "account", after, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(100)), sa.Column("age", sa.Integer)
    )
    both = [after, sa.MetaData()]
    """

TWICE = """
    from models import metadata
    from schemadiff import context

    for name in ("a", "b"):
        context.configure(url="sqlite://", target_metadata=metadata, engine_name=name)
        context.run_migrations()
    """

OF_ENV = """
    from schemadiff import context
    from sqlalchemy import create_engine, pool

    from models import metadata

    def included(name, kind, parents):
        return name != "left_out"

    def asked(context, old, new, old_type, new_type):
        return False

    given = dict(target_metadata=metadata, include_name=included, compare_type=asked)
    if context.is_offline_mode():
        context.configure(url=context.config.url, **given)
        context.run_migrations()
    else:
        with create_engine(context.config.url, poolclass=pool.NullPool).connect() as connection:
            context.configure(connection=connection, **given)
            context.run_migrations()
    """


def _before() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    return metadata


def _after() -> sa.MetaData:
    metadata = sa.MetaData()
    account = sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True))
    account.append_column(sa.Column("email", sa.String(100)))
    account.append_column(sa.Column("age", sa.Integer))
    return metadata


def _said(compared: commands.Compared) -> list[str]:
    return sorted(f"{each.sign} {each.name}" for operation in compared.diff.upgrade for each in changes(operation))


def _of_backend(backend: Backend, directory: Path) -> dict[str, dict[str, str]]:
    """Return what says the two schemas, by kind: a database, models, a snapshot."""
    found: dict[str, dict[str, str]] = {
        "database": {},
        "models": {"before": "models:before", "after": "models:after"},
        "snapshot": {},
    }
    for name, metadata in (("before", _before()), ("after", _after())):
        url = backend.new_database()
        engine = backend.engine(url)
        metadata.create_all(engine)
        with engine.begin() as connection:  # another version table, which is nobody's to compare
            connection.execute(sa.text("CREATE TABLE schemadiff_version (version_num VARCHAR(32))"))
            connection.execute(sa.text("INSERT INTO schemadiff_version VALUES ('elsewhere')"))
        path = directory / f"{name}.json"
        path.write_text(dumps(schemadiff.reflect(engine)), encoding="utf-8")
        found["database"][name], found["snapshot"][name] = url, str(path)
    return found


@contextmanager
def _in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(folder)
    with forgetting(folder):
        yield


def test_everything_with_everything(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the two sides are given as, they differ in the same; with and without a project."""
    given = _of_backend(backend, tmp_path)
    project = Project(tmp_path / "app", backend.new_database(), models=MODELS + OTHERS)
    config = Config(project.folder / "schemadiff.toml")
    expected = ["+ age", "+ email", "- name"]
    with _in(project.folder, monkeypatch):
        for source in given:
            for target in given:
                sides = given[source]["before"], given[target]["after"]
                compared = commands.diff(config, *sides)
                assert _said(compared) == expected, sides
                assert (compared.current, compared.at_head) == (None, True)
                if {source, target} != {"models"}:
                    assert _said(commands.diff(None, *sides)) == expected, sides
        own = commands.diff(config, None, given["snapshot"]["after"])
        assert (_said(own), own.current) == (["+ None"], ())  # the table
        for source in given:
            compared = commands.diff(config, given[source]["before"])
            assert {"+ email", "- name"} <= set(_said(compared)), source


def test_env_says_what_counts(tmp_path: Path, backend: Backend) -> None:
    """The filters and the rules of env.py count for every side."""
    project = Project(tmp_path / "app", backend.new_database(), models=MODELS + OTHERS)
    project.env(OF_ENV)
    metadata = sa.MetaData()
    wide = sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True))
    wide.append_column(sa.Column("email", sa.String(200), nullable=False, unique=True))
    url = backend.new_database()
    metadata.create_all(backend.engine(url))
    with backend.engine(url).begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_out (id INTEGER)"))
    (tmp_path / "wide.json").write_text(dumps(schemadiff.reflect(backend.engine(url))), encoding="utf-8")
    for source in (url, str(tmp_path / "wide.json")):
        assert project.ok("diff", source).out == "No differences\n"


def test_where_another_database_stands(tmp_path: Path) -> None:
    own, other, foreign = (f"sqlite:///{tmp_path}/{name}.db" for name in ("own", "other", "foreign"))
    project = Project(tmp_path / "app", own)
    project.revision("a1")
    project.revision("b2", down="a1")
    project.ok("upgrade")
    for url in (other, foreign):
        Project(tmp_path / url[-6:], url)
        with sa.create_engine(url).begin() as connection:
            connection.execute(sa.text("CREATE TABLE schemadiff_version (version_num VARCHAR(32))"))
            connection.execute(
                sa.text("INSERT INTO schemadiff_version VALUES (:it)"), {"it": "a1" if url == other else "x"}
            )
    assert "stands at a1, and the revisions at b2" in project.ok("diff", other).err
    for source in (foreign, own, "models:metadata"):
        assert "stands at" not in project.ok("diff", source).err


def test_asynchronous_drivers(backend: Backend, tmp_path: Path) -> None:
    """A side that env.py does not connect to is waited for, with a project and without one."""
    driver = {"sqlite": "aiosqlite", "postgresql": "asyncpg", "mysql": "aiomysql"}[backend.name]
    urls = [sa.make_url(backend.new_database()).difference_update_query(["ssl_disabled"]) for _ in range(2)]
    _after().create_all(backend.engine(str(urls[1].render_as_string(hide_password=False))))
    sa.create_engine(urls[0]).connect().close()
    texts = [each.set(drivername=f"{backend.name}+{driver}").render_as_string(hide_password=False) for each in urls]
    (tmp_path / "away").mkdir()
    for template in ("generic", "async"):
        own = texts[0] if template == "async" else urls[0].render_as_string(hide_password=False)
        project = Project(tmp_path / template, own, template=template, models=MODELS + OTHERS)
        for sides in (["models:before", texts[1]], [own, texts[1]]):
            result = project.ok("diff", *sides)
            assert ("email" in result.out, result.err) == (True, ""), sides
    assert "email" in run("diff", *texts, cwd=tmp_path / "away").out
    assert '"email"' in run("snapshot", texts[1], cwd=tmp_path / "away").out


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (["nothing"], "'nothing' is no URL of a database, no file of a snapshot and no 'package.module:Base'"),
        (["a:b:c"], "'a:b:c' is no URL"),
        (["models"], "'models' is no URL"),
        (["missing.json"], "missing.json cannot be read: No such file or directory: name a snapshot"),
        (["models.py"], "models.py is no snapshot: it is no JSON"),
        (["foreign.json"], "foreign.json is no snapshot: it is of the dialect 'os; rm -rf', which is not installed here"),
        (["unknown.json"], "unknown.json is no snapshot: it is of the dialect 'nonsense', which is not installed here"),
        (["latin.json"], "latin.json is no snapshot: it is no text in UTF-8"),
        (["models:nothing"], "target 'models:nothing' of the command line: module 'models' has no 'nothing'"),
        (["nowhere:Base"], "target 'nowhere:Base' of the command line cannot be imported"),
        (["sqlite:///missing.db"], "there is no database sqlite:///missing.db: correct the URL"),
        (["sqlite:///own.db", "sqlite:///missing.db"], "there is no database sqlite:///missing.db: correct the URL"),
        (["sqlite:///own.db", "postgresql://me:secret@h/x"], "sqlite and postgresql cannot be compared, SOURCE sqlite:///own.db and TARGET postgresql://me:***@h/x"),
        (["nonsense://x"], "the url names a database that SQLAlchemy does not know"),
        (["://"], "the url cannot be read"),
        (["postgresql+psycopg://me:secret@127.0.0.1:1/x", "models:metadata"], "cannot connect to the database"),
        (["postgresql://h:port/x"], "the url cannot be read: its host or port is wrong"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(sides: list[str], said: str, tmp_path: Path) -> None:
    project = Project(tmp_path, "sqlite:///own.db")
    sa.create_engine(f"sqlite:///{tmp_path}/own.db").connect().exec_driver_sql("CREATE TABLE t (id INTEGER)")
    for name, dialect in (("foreign", "os; rm -rf"), ("unknown", "nonsense")):
        (tmp_path / f"{name}.json").write_text(dumps(Schema(server=Server(dialect=dialect))))
    (tmp_path / "latin.json").write_bytes(b"\xff")
    before = sorted(tmp_path.iterdir())
    error = project.error("diff", *sides)
    assert error.startswith(f"error: {said}")
    assert "secret" not in error
    assert [each for each in sorted(tmp_path.iterdir()) if each.name != "__pycache__"] == before


def test_no_project(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import sqlalchemy as sa\n" + textwrap.dedent(OTHERS))
    assert "no project in" in run("diff", "models:before", cwd=tmp_path).err
    assert "say nothing of a database" in run("diff", "models:before", "models:both", cwd=tmp_path).err
    assert "no project in" in run("-n", "prod", "diff", "models:before", "sqlite://", cwd=tmp_path).err
    empty = run("diff", "sqlite://", "models:both", cwd=tmp_path)
    assert (empty.status, empty.err) == (0, "")
    assert "+ table account" in empty.out


def test_one_of_several_databases(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", None, target=None, template="multidb", models=MODELS + OTHERS)
    settings = project.folder / "schemadiff.toml"
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("a", "b")}
    tables = "".join(f'[databases.{name}]\nurl = "{url}"\ntarget = "models:metadata"\n' for name, url in urls.items())
    settings.write_text(f'script_location = "migrations"\n{tables}')
    for url in urls.values():
        _before().create_all(sa.create_engine(url))
    several = "the project has the databases a, b, and SOURCE and TARGET are about one: choose it with -x database=NAME"
    for sides in (["models:before"], [urls["a"]], [urls["a"], "models:after"]):
        assert project.error("diff", *sides) == f"error: {several}"
        project.ok("-x", "database=b", "diff", *sides)
    settings.write_text('script_location = "migrations"\nurl = "sqlite://"\n')
    project.env(TWICE)
    assert "configures several databases, and SOURCE and TARGET are about one" in project.error("diff", "models:before")
    assert not list(project.folder.glob("*.sql"))


def test_env_that_does_not_read_the_url(tmp_path: Path) -> None:
    own, other = (f"sqlite:///{tmp_path}/{name}.db" for name in ("own", "other"))
    for url in (own, other):
        _before().create_all(sa.create_engine(url))
    project = Project(tmp_path / "app", own)
    project.env(OF_ENV.replace("context.config.url", repr(own)))
    assert "env.py works on" in project.error("diff", other)
    project.ok("diff", "models:metadata", other)
