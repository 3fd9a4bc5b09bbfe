"""doctor tells what is there and what is missing, never with a traceback, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.support.running import Project, run
from tests.support.servers import Backend

Lines = dict[tuple[str, str], dict[str, Any]]


def _lines(project: Project, status: int, *before: str, environment: dict[str, str] | None = None) -> Lines:
    result = project.run(*before, "doctor", "--json", environment=environment)
    assert result.status == status, result.out + result.err
    assert "Traceback" not in result.out + result.err
    document = json.loads(result.out)
    assert document["ok"] is (status == 0)
    return {(line["section"], line["name"]): line for line in document["lines"]}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    made.revision("a1")
    return made


def test_all_is_well(project: Project) -> None:
    project.ok("upgrade")
    lines = _lines(project, 0)
    assert {line["status"] for line in lines.values()} == {"ok"}
    assert lines["database", "target"]["said"] == "1 table"
    assert lines["revisions", "head"]["said"] == "a1"
    assert lines["settings", "target"]["said"] == "models:metadata"
    shown = project.ok("doctor").out
    assert "  ok       may create tables" in shown
    assert shown.endswith("\nAll is well\n")


def test_nothing_is_left_behind(project: Project, tmp_path: Path) -> None:
    lines = _lines(project, 0)
    assert lines["database", "version table"]["status"] == "warning"
    assert lines["database", "version table"]["advice"] == "run schemadiff upgrade"
    assert not (tmp_path / "app.db").exists()


def test_without_a_project(tmp_path: Path) -> None:
    result = run("doctor", cwd=tmp_path)
    assert result.status == 1
    assert "run 'schemadiff init migrations'" in result.out


def _settings(text: str) -> Callable[[Project], None]:
    return lambda project: _append(project.folder / "schemadiff.toml", text)


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _write(name: str, text: str) -> Callable[[Project], None]:
    def write(project: Project) -> None:
        (project.folder / name).write_text(text)

    return write


@pytest.mark.parametrize(
    ("spoil", "place", "said"),
    [
        (_settings("\nwrong = 1\n"), ("settings", "settings file"), "wrong is no setting"),
        (_write("schemadiff.toml", "no toml"), ("settings", "settings file"), "is no valid TOML"),
        (_write("models.py", "import nothing_like_it"), ("env.py", "env.py"), "nothing_like_it"),
        (_write("models.py", "raise SystemExit(3)"), ("env.py", "env.py"), "SystemExit"),
        (_write("migrations/env.py", "1 / 0"), ("env.py", "env.py"), "ZeroDivisionError"),
        (_write("migrations/env.py", "def ("), ("env.py", "env.py"), "SyntaxError"),
        (_write("migrations/env.py", "pass"), ("env.py", "env.py"), "run_migrations"),
        (lambda project: (project.folder / "migrations/env.py").unlink(), ("env.py", "env.py"), "there is no"),
        (lambda project: (project.folder / "migrations/script.py.mako").unlink(), ("settings", "script.py.mako"), "there is no"),
        (_write("migrations/versions/b2.py", "def ("), ("revisions", "revisions"), "SyntaxError"),
    ],
    ids=[
        "unknown setting",
        "no TOML",
        "models fail",
        "models exit",
        "env.py fails",
        "env.py is no Python",
        "env.py does nothing",
        "no env.py",
        "no template",
        "a broken revision",
    ],
)  # fmt: skip
def test_each_problem_is_a_line(
    spoil: Callable[[Project], None], place: tuple[str, str], said: str, project: Project
) -> None:
    spoil(project)
    line = _lines(project, 1)[place]
    assert line["status"] == "problem"
    assert said in line["said"]


def test_the_connection_is_tried_where_env_py_fails(project: Project) -> None:
    project.env("1 / 0\n")
    lines = _lines(project, 1)
    assert lines["database", "connection"]["status"] == "ok"
    assert lines["database", "may create tables"]["status"] == "ok"


@pytest.mark.parametrize(
    ("url", "name", "said"),
    [
        ("postgresql+psycopg://u:geheim@127.0.0.1:1/x", "connection", "cannot connect"),
        ("mysql+mysqldb://u:geheim@127.0.0.1/x?ssl_password=geheim", "driver", "is not installed"),
        ("nonsense://u:geheim@h/x", "driver", "nonsense"),
    ],
)
def test_no_password_is_shown(url: str, name: str, said: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", url)
    lines = _lines(project, 1)
    assert said in lines["database", name]["said"]
    for shown in (project.run("doctor"), project.run("doctor", "--json")):
        assert "geheim" not in shown.out + shown.err
    assert "***" in lines["settings", "url"]["said"]


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", None)
    _append(project.folder / "schemadiff.toml", '\nurl = "${NOT_SET_ANYWHERE}"\n')
    lines = _lines(project, 1)
    assert "NOT_SET_ANYWHERE" in lines["settings", "url"]["said"]


def test_several_databases(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", None, template="multidb", target=None)
    (project.folder / "schemadiff.toml").write_text(
        'script_location = "migrations"\n'
        + "".join(
            f'[databases.{name}]\nurl = "sqlite:///{tmp_path}/{name}.db"\ntarget = "models:metadata"\n'
            for name in ("shop", "log")
        )
    )
    lines = _lines(project, 0)
    assert lines["database shop", "target"]["said"] == lines["database log", "target"]["said"] == "1 table"
    assert lines["settings", "databases.log.url"]["said"].endswith("log.db")


def test_a_half_done_revision(project: Project) -> None:
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
    line = _lines(project, 1)["database", "version table"]
    assert line["said"] == "the upgrade of revision b2 is half done"


@pytest.mark.backends("postgresql", "mysql")
def test_what_a_user_may_not_do(backend: Backend, tmp_path: Path) -> None:
    url = sa.make_url(backend.new_database())
    user, database = f"sdt_{uuid4().hex[:12]}", url.database
    with ExitStack() as stack:
        admin = stack.enter_context(backend.engine(url.render_as_string(hide_password=False)).connect())
        admin = admin.execution_options(isolation_level="AUTOCOMMIT")
        word = "IDENTIFIED BY" if backend.name == "mysql" else "PASSWORD"
        admin.exec_driver_sql(f"CREATE USER {user} {word} 'geheim'")
        stack.callback(admin.exec_driver_sql, f"DROP USER {user}")
        if backend.name == "mysql":
            admin.exec_driver_sql(f"GRANT SELECT ON {database}.* TO {user}")
        else:
            admin.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            admin.exec_driver_sql(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
            stack.callback(admin.exec_driver_sql, f"GRANT TEMPORARY ON DATABASE {database} TO PUBLIC")
        theirs = url.set(username=user, password="geheim").render_as_string(hide_password=False)
        project = Project(tmp_path / "app", theirs)
        lines = _lines(project, 1)
        found = {name: line["status"] for (_, name), line in lines.items() if name.startswith("may create")}
        assert found == {
            "may create tables": "problem",
            "may create temporary tables": "warning",
            "may create databases": "warning",
        }
        own = Project(tmp_path / "own", url.render_as_string(hide_password=False))
        lines = _lines(own, 0)
        assert {line["status"] for (_, name), line in lines.items() if name.startswith("may create")} == {"ok"}
