"""The forms in which ``diff`` shows what it finds, and what ``autogen`` shows of it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import sqlalchemy as sa

from schemadiff.rendering.data import diff_schema
from tests.support.running import MODELS, Project
from tests.support.servers import Backend

CHANGED = """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    account = sa.Table(
        "account",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("note", sa.Text, comment="[red]\\x1b[31m;--"),
    )
    entry = sa.Table("entry", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer, index=True))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return changed_project(tmp_path, f"sqlite:///{tmp_path}/app.db")


def changed_project(folder: Path, url: str) -> Project:
    project = Project(folder / "app", url)
    project.ok("autogen", "-m", "first", "--rev-id", "a1")
    project.ok("upgrade")
    project.models(CHANGED)
    return project


def test_sql_is_what_upgrade_prints(backend: Backend, tmp_path: Path) -> None:
    project = changed_project(tmp_path, backend.new_database())
    shown = project.ok("diff", "--sql").out
    project.ok("autogen", "-m", "second", "--rev-id", "b2")
    printed = project.ok("upgrade", "a1:b2", "--sql").out
    parts = [part for part in printed.strip().split("\n\n") if not part.startswith("-- ")]
    ours = ("schemadiff_version", "schemadiff_guard", "@schemadiff")
    assert shown.strip().split("\n\n") == [part for part in parts if not any(word in part for word in ours)]
    project.ok("upgrade")
    nothing = project.ok("diff", "--sql")
    assert (nothing.out, "No differences" in nothing.err) == ("", True)


def test_code_is_what_autogen_writes(project: Project) -> None:
    shown = project.ok("diff", "--code").out
    compile(shown, "<code>", "exec")
    project.ok("autogen", "-m", "second", "--rev-id", "b2")
    written = (project.versions / "b2_second.py").read_text()
    for function in ("upgrade", "downgrade"):
        body = shown.partition(f"def {function}() -> None:\n")[2].partition("\n\n\n")[0].rstrip()
        assert body
        assert body in written


def test_json(project: Project) -> None:
    found = json.loads(project.ok("diff", "--json").out)
    jsonschema.Draft202012Validator.check_schema(diff_schema())
    jsonschema.Draft202012Validator(diff_schema()).validate(found)
    assert found["version"] == 1
    (database,) = found["databases"]
    assert {(each["sign"], each["kind"], each["table"], each["name"]) for each in database["operations"]} == {
        ("-", "unique constraint", "account", "(email)"),
        ("-", "column", "account", "email"),
        ("+", "column", "account", "note"),
        ("+", "table", "entry", None),
        ("+", "index", "entry", "ix_entry_x"),
    }
    assert [each["hazards"] for each in database["operations"] if each["name"] == "email"] == [
        [{"kind": "loses data", "words": "its values are lost"}]
    ]
    assert database["summary"] == {"added": 3, "dropped": 2, "changed": 0, "loses_data": 1, "may_fail": 0}
    assert (database["current"], database["heads"]) == (["a1"], ["a1"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(diff_schema()).validate({"version": 2, "databases": []})


def test_stat_and_exit_code(project: Project) -> None:
    assert project.ok("diff", "--stat").out == (
        " account | 3 +-- !\n entry   | 2 ++\n 2 tables, 5 changes: 3 added, 2 dropped\n ! 1 change loses data\n"
    )
    assert project.run("diff", "--stat", "--exit-code").status == 1
    assert project.run("diff", "--json", "--exit-code").status == 1
    project.models(MODELS)
    assert project.ok("diff", "--exit-code").out == "No differences\n"
    assert json.loads(project.ok("diff", "--json").out)["databases"][0]["operations"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sql", "--json"], "--sql and --json exclude each other: give one of them"),
        (["--stat", "--explain"], "--stat and --explain exclude each other"),
        (["--full", "--code"], "--full is for the tree, and --code shows none"),
    ],
)
def test_forms_exclude_each_other(project: Project, arguments: list[str], said: str) -> None:
    assert said in project.error("diff", *arguments)


def test_dry_run_writes_nothing(project: Project) -> None:
    files = project.files
    made = project.ok("autogen", "-m", "second", "--dry-run", "--rev-id", "b2")
    assert project.files == files
    assert "- column email" in made.err
    assert "! loses data: its values are lost" in made.err
    project.ok("autogen", "-m", "second", "--rev-id", "b2")
    (file,) = set(project.files) - set(files)
    assert made.out.splitlines()[6:] == file.read_text().splitlines()[6:]  # the date is above


def test_no_questions_without_a_terminal(project: Project) -> None:
    assert "-i asks about each change, and there is no terminal" in project.error("autogen", "-i")


def test_changes_are_left_out(project: Project) -> None:
    """On a terminal: the new table is left out, and its index goes with it; so does the column from the way back."""
    command = [
        sys.executable,
        "-m",
        "schemadiff",
        "-C",
        str(project.folder),
        "autogen",
        "-i",
        "-m",
        "x",
        "--rev-id",
        "b2",
    ]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = answered(ours, {"column email": "n", "column note": "y", "table entry": "?", "a: keep it": "n"})
        assert process.stdout is not None
        assert process.stdout.read().startswith(b"Wrote ")
    os.close(ours)
    assert process.returncode == 0
    assert "Left out along with it" in shown.partition("table entry")[2]
    assert "  + index ix_entry_x of entry" in shown
    text = (project.versions / "b2_x.py").read_text()
    assert ("note" in text, "entry" in text, "email" in text.replace("copy_from", "")) == (True, False, True)
    project.ok("upgrade")
    columns = {
        each["name"]
        for each in sa.inspect(sa.create_engine(f"sqlite:///{project.folder.parent}/app.db")).get_columns("account")
    }
    assert columns == {"id", "email", "note"}
    project.ok("downgrade", "-1")


def answered(terminal: int, answers: dict[str, str]) -> str:
    """Answer each question by what stands above it; anything else is kept."""
    shown, asked = "", 0
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux ends a terminal that nobody holds open any more with an error.
            return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
        shown += part.decode()
        while shown.count("[Y/n/a/d/?] ") > asked:
            asked += 1
            above = shown.split("[Y/n/a/d/?] ")[asked - 1]
            answer = next((answer for words, answer in answers.items() if words in above), "")
            os.write(terminal, f"{answer}\n".encode())


def test_hostile_text_on_a_terminal(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    name = "[red]x[/red]\x1b[31m\u202e"
    project.models(
        f"import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table({name!r}, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    for form in ("--sql", "--code", "--stat", "--full", "--json", "--explain"):
        shown = project.ok("diff", form, environment={"FORCE_COLOR": "1", "COLUMNS": "200"}).out
        assert "\x1b[31m\u202e" not in shown
        assert "\u202e" not in shown
        assert "[red]x[/red]" in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    # In a pipe a script is what it is.
    assert name in project.ok("diff", "--sql").out
