"""``schemadiff snapshot``, and snapshots as sources of ``diff``, ``check`` and ``autogen``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import sqlalchemy as sa

from schemadiff.schema import snapshot
from schemadiff.schema.snapshot import json_schema, parse
from tests.support.projects import ROOT
from tests.support.running import MODELS, Project, run
from tests.support.servers import Backend

FIXTURES = {
    "blog": 'import_fixture("blog", "blog.models").Base.metadata',
    "shop": "shop_metadata({dialect!r}, {schema!r})",
}
MORE = MODELS + '    account.append_column(sa.Column("name", sa.String(50), server_default="nobody", nullable=False))\n'


def _project(fixture: str, backend: Backend, folder: Path) -> tuple[Project, str]:
    """Return a project whose models are a fixture's, and whose database was made from them, and its URL."""
    schema = backend.new_schema_name() if backend.has_schemas and fixture == "shop" else None
    made = FIXTURES[fixture].format(dialect=backend.name, schema=schema)
    url = backend.new_database()
    project = Project(
        folder, url, models=f"from tests.support.projects import import_fixture, shop_metadata\nmetadata = {made}\n"
    )
    found: dict[str, sa.MetaData] = {}
    exec((folder / "models.py").read_text(), found)
    with backend.engine(url).begin() as connection:
        if schema is not None:
            connection.execute(sa.schema.CreateSchema(schema))
        found["metadata"].create_all(connection)
    project.ok("ensure-version")
    return project, url


@pytest.mark.parametrize("fixture", FIXTURES)
def test_round_trip(fixture: str, backend: Backend, tmp_path: Path) -> None:
    project, url = _project(fixture, backend, tmp_path / "app")
    assert project.ok("snapshot", "-o", "now.json").out == "Wrote now.json\n"
    text = (project.folder / "now.json").read_text(encoding="utf-8")
    assert project.ok("snapshot", "now.json").out == text
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(text))
    found = parse(text)
    assert found.revisions == ()
    assert snapshot.loads(snapshot.dumps(found.schema)) == found.schema
    assert not [name for name in found.schema.tables if "schemadiff" in name.name]
    assert project.ok("check", "--source", "now.json").out == "now.json is at head and agrees with the models\n"
    assert project.ok("diff", url, "now.json").out == "No differences\n"
    assert project.ok("diff", "now.json", url).out == "No differences\n"
    if fixture == "blog":
        return
    environment = os.environ | {"PYTHONHASHSEED": "4242", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "schemadiff", "snapshot"]
    again = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False)
    assert (again.stdout, again.stderr) == (text, "")


def test_a_revision_without_a_database(backend: Backend, tmp_path: Path) -> None:
    """What autogen writes from a snapshot is what it writes from the database, and leads to the models."""
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    project.ok("autogen", "-m", "first", "--rev-id", "a1")
    project.ok("upgrade")
    project.ok("snapshot", "-o", "now.json")
    assert parse((project.folder / "now.json").read_text(encoding="utf-8")).revisions == ("a1",)
    project.models(MORE)
    settings = project.folder / "schemadiff.toml"
    reached = settings.read_text(encoding="utf-8")
    away = sa.make_url(url).set(database="/nowhere/app.db" if backend.name == "sqlite" else "nowhere", port=None)
    settings.write_text(
        reached.replace(url, away.set(host=None).render_as_string(hide_password=False)), encoding="utf-8"
    )
    checked = project.run("check", "--source", "now.json")
    assert (checked.status, checked.out.splitlines()[0]) == (1, "now.json and the models differ:")
    made = project.ok("autogen", "--source", "now.json", "-m", "name", "--rev-id", "b2")
    assert "Wrote migrations/versions/b2_name.py" in made.out
    checked = project.run("check", "--source", "now.json")
    assert checked.status == 1
    assert checked.out.splitlines() == [
        "now.json is not at head: it stands at a1, and the revisions at b2",
        "Not applied: b2, name",
    ]
    assert "the snapshot now.json stands at a1, and the revisions at b2: take a new one" in project.error(
        "autogen", "--source", "now.json", "-m", "again"
    )
    settings.write_text(reached, encoding="utf-8")
    text = (project.versions / "b2_name.py").read_text(encoding="utf-8")
    (project.versions / "b2_name.py").unlink()
    project.ok("autogen", "-m", "name", "--rev-id", "b2")
    live = (project.versions / "b2_name.py").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "Date" not in line] == [
        line for line in live.splitlines() if "Date" not in line
    ]
    project.ok("upgrade")
    project.ok("check")
    project.ok("downgrade", "a1")
    assert project.ok("diff", url, "now.json").out == "No differences\n"


def test_where_a_new_revision_goes(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    project.revision("a1")
    project.revision("b2", down="a1")
    project.ok("snapshot", "--models", "-o", "models.json")
    project.models(MORE)
    for number, source in enumerate(("models.json", "models.json")):
        project.ok("autogen", "--source", source, "-m", "name", "--rev-id", f"c{number}")
        assert f"Revises: {'b2' if number == 0 else 'c0'}" in project.files[2 + number].read_text()
    said = "the snapshot models.json does not say at which revisions it stands: leave out --from-current"
    assert said in project.error("autogen", "--source", "models.json", "-m", "x", "--from-current")
    (project.folder / "empty.json").write_text(
        '{"schemadiff_snapshot": 1, "revisions": [], "server": {"dialect": "sqlite"}}', encoding="utf-8"
    )
    assert "stands at base, and the revisions at c1: take a new one" in project.error(
        "autogen", "--source", "empty.json"
    )
    project.ok("autogen", "--source", "empty.json", "--from-current", "-m", "other", "--rev-id", "d4")
    assert "down_revision = None" in (project.versions / "d4_other.py").read_text()
    assert "which no file has" in _standing_nowhere(project)


def _standing_nowhere(project: Project) -> str:
    (project.folder / "far.json").write_text(
        '{"schemadiff_snapshot": 1, "revisions": ["zz"], "server": {"dialect": "sqlite"}}', encoding="utf-8"
    )
    return project.error("check", "--source", "far.json")


def test_what_is_taken(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    other = f"sqlite:///{tmp_path}/other.db"
    with sa.create_engine(other).begin() as connection:
        connection.execute(sa.text("CREATE TABLE schemadiff_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("CREATE TABLE thing (id INTEGER PRIMARY KEY)"))
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")

    def tables(*arguments: str, cwd: Path = project.folder) -> tuple[str, list[str], tuple[str, ...] | None]:
        result = run("snapshot", *arguments, cwd=cwd)
        assert result.status == 0, result.err
        found = parse(result.out)
        return found.schema.server.dialect, [each.name for each in found.schema.tables], found.revisions

    assert tables() == ("sqlite", [], ())
    assert tables("--models") == ("sqlite", ["account"], None)
    assert tables("--models", "--dialect", "postgresql") == ("postgresql", ["account"], None)
    assert tables("models:metadata", "--dialect", "mariadb") == ("mariadb", ["account"], None)
    assert tables(other) == ("sqlite", ["thing"], ())
    assert tables(other, cwd=tmp_path / "away") == ("sqlite", ["thing"], None)
    (tmp_path / "away" / "models.py").write_text((project.folder / "models.py").read_text())
    assert tables("models:metadata", "--dialect", "sqlite", cwd=tmp_path / "away") == ("sqlite", ["account"], None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--models", "models:metadata"], "the project's models and models:metadata were both asked for"),
        (["--dialect", "mysql"], "the dialect mysql was asked for, and only models have none of their own"),
        (["--models", "--dialect", "os"], "there is no dialect 'os'"),
        (["--models", "--dialect", "sqlite:////etc/x"], "there is no dialect 'sqlite:////etc/x'"),
        (["sqlite:///missing.db"], "there is no database sqlite:///missing.db"),
        (["-o", "missing/now.json"], "missing/now.json cannot be written: No such file or directory"),
    ],
)
def test_what_is_refused(arguments: list[str], said: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    assert project.error("snapshot", *arguments).startswith(f"error: {said}")


def test_outside_of_a_project(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    assert "say its dialect, such as --dialect postgresql" in run("snapshot", "models:metadata", cwd=tmp_path).err
    assert "no project in" in run("snapshot", cwd=tmp_path).err


def test_one_of_several(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", None, target=None, template="multidb")
    tables = "".join(
        f'[databases.{name}]\nurl = "sqlite:///{tmp_path}/{name}.db"\ntarget = "models:metadata"\n'
        for name in ("a", "b")
    )
    (project.folder / "schemadiff.toml").write_text(f'script_location = "migrations"\n{tables}')
    for arguments in ([], ["--models"]):
        assert "the project has the databases a, b, and a snapshot is of one" in project.error("snapshot", *arguments)
    project.ok("-x", "database=b", "snapshot", "--models", "-o", "b.json")
    assert "SOURCE and TARGET are about one" in project.error("autogen", "--source", "b.json", "-m", "x")
    assert "No differences" in project.ok("-x", "database=b", "autogen", "--source", "b.json", "-m", "x").out


def test_the_json_schema_is_published(tmp_path: Path) -> None:
    published = (Path(snapshot.__file__).parent / "snapshot.schema.json").read_text(encoding="utf-8")
    assert published == snapshot.json_schema_text(), (
        "run schemadiff snapshot --json-schema -o schemadiff/schema/snapshot.schema.json"
    )
    assert run("snapshot", "--json-schema", cwd=tmp_path).out == published
