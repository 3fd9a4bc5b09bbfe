"""What check finds, where it says that it stands, and where each format goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.running import Project

MODELS = """
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class Account(Base):
        __tablename__ = "account"
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str] = mapped_column(sa.String(100))
"""
FIRST = """
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("email", sa.String(100), nullable=False),
    )
"""
GONE = 'op.create_table("gone", sa.Column("id", sa.Integer(), primary_key=True, nullable=False))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db", target="models:Base", models=MODELS)
    made.revision("a1", FIRST)
    return made


def _findings(project: Project, *arguments: str) -> list[tuple[Any, ...]]:
    result = project.run("check", "--format", "json", *arguments)
    assert result.status == 1, result.err
    document = json.loads(result.out)
    return [
        (each["kind"], each["object"], each["path"], each["line"])
        for database in document["databases"]
        for each in database["findings"]
    ]


def _execute(project: Project, *statements: str) -> None:
    engine = sa.create_engine(f"sqlite:///{project.folder.parent}/app.db")
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_all_is_well(project: Project) -> None:
    project.ok("upgrade")
    document = json.loads(project.ok("check", "--format", "json").out)
    assert document["status"] == 0
    assert document["databases"][0]["ok"] is True
    assert "difference" in document["databases"][0]["checked"]


def test_a_difference_stands_at_its_model(project: Project) -> None:
    project.revision("b2", GONE, down="a1")
    project.ok("upgrade")
    _execute(project, "ALTER TABLE account DROP COLUMN email", "ALTER TABLE account ADD COLUMN odd INTEGER")
    assert _findings(project) == [
        ("difference", "account.email", "models.py", 11),
        ("difference", "account.odd", "models.py", 8),
        ("difference", "gone", "migrations/versions/b2.py", 11),
    ]


def test_a_revision_that_has_not_run(project: Project) -> None:
    assert _findings(project) == [("unapplied-revision", "a1", "migrations/versions/a1.py", None)]


def test_several_heads(project: Project) -> None:
    for identifier in ("b2", "c3"):
        project.revision(identifier, down="a1")
    project.ok("upgrade", "heads")
    assert _findings(project) == [("several-heads", "b2, c3", "migrations/versions/c3.py", None)]


def test_an_edited_file(project: Project) -> None:
    project.ok("upgrade")
    project.revision("a1", FIRST, downgrade='op.drop_table("account")')
    assert _findings(project) == [("edited-revision", "a1", "migrations/versions/a1.py", None)]


def test_a_half_done_revision(project: Project) -> None:
    project.ok("upgrade")
    project.revision(
        "b2",
        """
        with op.get_context().autocommit_block():
            op.create_table("one", sa.Column("id", sa.Integer()))
            op.execute("SELECT nothing FROM nowhere")
        """,
        down="a1",
    )
    assert project.run("upgrade").status == 2
    found = _findings(project)
    assert ("half-done-revision", "b2", "migrations/versions/b2.py", None) in found


def test_paths_start_at_the_repository(project: Project) -> None:
    (project.folder.parent / ".git").mkdir()
    assert _findings(project)[0][2] == "app/migrations/versions/a1.py"


def test_names_are_data(project: Project) -> None:
    project.ok("upgrade")
    _execute(project, 'CREATE TABLE "a\n::error::b\x1b[31m|`<x>" (id INTEGER)')
    for name in ("json", "github", "gitlab", "sarif", "junit", "markdown"):
        out = project.run("check", "--format", name).out
        assert "\x1b" not in out
        assert not any(line.startswith("::error::b") for line in out.splitlines())


def test_standard_output_is_the_formats(project: Project) -> None:
    env = project.folder / "migrations" / "env.py"
    env.write_text(f"print('from env.py')\n{env.read_text()}")
    result = project.run("check", "--format", "json")
    json.loads(result.out)
    assert "from env.py" in result.err


@pytest.mark.parametrize("name", ["json", "github", "gitlab", "sarif", "junit", "markdown"])
def test_an_error_is_told_in_the_format(name: str, project: Project) -> None:
    project.models("import nothing_like_it\n")
    result = project.run("check", "--format", name)
    assert result.status == 2
    assert "nothing_like_it" in result.out
    assert result.err.splitlines()[-1].startswith("error: ")


def test_files(project: Project) -> None:
    human = project.run("check", "--format", "sarif", "-o", "out.sarif")
    assert human.out.startswith("The database is not at head")
    assert json.loads((project.folder / "out.sarif").read_text())["version"] == "2.1.0"
    shown = project.run("check", "--format", "github", "-o", "markdown:out.md", "-o", "gitlab:out.json")
    assert shown.out.startswith("::error file=migrations/versions/a1.py")
    assert (project.folder / "out.md").read_text().startswith("### schemadiff check: 1 finding\n")
    assert isinstance(json.loads((project.folder / "out.json").read_text()), list)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "out.txt"], "-o out.txt: give --format"),
        (["-o", "human:out.txt"], "-o out.txt: give --format"),
        (["--format", "json", "-o", "no/such/folder"], "-o no/such/folder: cannot be written"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
    ids=" ".join,
)
def test_wrong_options(arguments: list[str], said: str, project: Project) -> None:
    assert said in project.error("check", *arguments)


def test_several_databases(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", None, template="multidb", target=None)
    (project.folder / "schemadiff.toml").write_text(
        'script_location = "migrations"\n'
        + "".join(
            f'[databases.{name}]\nurl = "sqlite:///{tmp_path}/{name}.db"\ntarget = "models:metadata"\n'
            for name in ("shop", "log")
        )
    )
    document = json.loads(project.run("check", "--format", "json").out)
    assert [each["database"] for each in document["databases"]] == ["shop", "log"]
    assert {each["findings"][0]["path"] for each in document["databases"]} == {"models.py"}
