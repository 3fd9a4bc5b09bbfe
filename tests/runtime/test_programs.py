"""Commands that a Python program calls: without a settings file, in the start-up of a service, in the fixture of a test."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff import command
from schemadiff.config import Config
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

PLAIN = """
[logging.formatters.plain]
format = "%(name)s: %(message)s"
[logging.handlers.err]
class = "logging.StreamHandler"
formatter = "plain"
"""
OWN_LINES = f'{PLAIN}[logging.loggers.schemadiff]\nhandlers = ["err"]\nlevel = "INFO"\n'
OF_SQL = f'{PLAIN}[logging.loggers."sqlalchemy.engine"]\nhandlers = ["err"]\nlevel = "INFO"\n'

# A process of its own for each: logging belongs to the process.
PROGRAM = """
import logging
import re
from schemadiff import command
from schemadiff.config import Config
{setup}
config = Config("schemadiff.toml")
command.upgrade(config, "head")
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with forgetting(tmp_path):
        made = Project(tmp_path / "app", "sqlite:///app.db")
        made.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))', downgrade='op.drop_table("one")')
        yield made


def _ran(project: Project, *arguments: str) -> str:
    """Run Python in the project's folder, and return what it says on standard error."""
    result = subprocess.run(
        [sys.executable, *arguments], cwd=project.folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


LOGGED = ["Running upgrade base -> a1, a1", "Ran a1, a1, in # s"]


@pytest.mark.parametrize(
    ("settings", "setup", "said"),
    [
        ("", "", []),
        (OWN_LINES, "", [f"schemadiff.runtime.running: {line}" for line in LOGGED]),
        ("", 'logging.basicConfig(level="INFO", format="app: %(message)s")', [f"app: {line}" for line in LOGGED]),
        (OWN_LINES, 'logging.basicConfig(format="app: %(message)s")', []),
    ],
    ids=["silent", "by the settings", "by the program", "the program wins"],
)
def test_log_of_a_program(project: Project, settings: str, setup: str, said: list[str]) -> None:
    """A program that has not asked for it is told nothing."""
    path = project.folder / "schemadiff.toml"
    path.write_text(path.read_text() + settings)
    lines = _ran(project, "-c", PROGRAM.format(setup=setup)).splitlines()
    assert [re.sub(r"\d+\.\d s", "# s", line) for line in lines] == said


@pytest.mark.parametrize(
    ("settings", "arguments", "lines"),
    [
        ("", [], ["Running upgrade base -> a1, a1"]),
        ("", ["-q"], []),
        (OWN_LINES, [], ["schemadiff.runtime.running: Running upgrade base -> a1, a1"]),
        (OF_SQL, [], ["Running upgrade base -> a1, a1", "sqlalchemy.engine.Engine: COMMIT"]),
    ],
    ids=["usual", "quiet", "by the settings", "with the SQL"],
)
def test_log_of_the_command_line(project: Project, settings: str, arguments: list[str], lines: list[str]) -> None:
    path = project.folder / "schemadiff.toml"
    path.write_text(path.read_text() + settings)
    said = _ran(project, "-m", "schemadiff", *arguments, "upgrade").splitlines()
    assert [line for line in said if "Running" in line or line in lines] == lines


def test_settings_without_a_file(backend: Backend, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """As tutorials build a Config for a database that only the program knows."""
    monkeypatch.chdir(project.folder)
    url = backend.new_database()
    config = Config()
    config.set_main_option("script_location", "migrations")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.set_main_option("target", "models:metadata")
    command.upgrade(config, "head")
    ours = {"schemadiff_version", "schemadiff_version_checksum"}
    assert set(sa.inspect(backend.engine(url)).get_table_names()) == {"one", *ours}
    assert command.revision(config, "all", autogenerate=True) is not None
    command.upgrade(config, "head")
    command.check(config)


def test_a_connection_of_a_test(backend: Backend, project: Project) -> None:
    """As fixtures do it: all on one connection, taken back at the end."""
    engine = backend.engine(backend.new_database())
    config = Config(project.folder / "schemadiff.toml")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert sa.inspect(connection).has_table("one")
        command.downgrade(config, "base")
        assert not sa.inspect(connection).has_table("one")
    assert not (project.folder / "app.db").exists()


def test_options_of_the_command_line(project: Project) -> None:
    project.env(
        """
        from schemadiff import context

        options = context.config.cmd_opts
        raise Exception(options.command, options.autogenerate, options.message, options.name, options.x)
        """
    )
    assert "('autogen', True, 'first', None, ['a=b'])" in project.error("-x", "a=b", "autogen", "-m", "first")
    project.env("from schemadiff import context\nraise Exception(vars(context.config.cmd_opts)['sql'])\n")
    assert "Exception: True" in project.error("upgrade", "--sql")
    assert Config(project.folder / "schemadiff.toml").cmd_opts is None
