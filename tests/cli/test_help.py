"""The command line is light before a command runs, and tells what it has."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from schemadiff.cli.app import COMMANDS as COMMAND_MODULES
from schemadiff.cli.app import cli
from schemadiff.cli.examples import EXAMPLES
from tests.support.running import Project, run

COMMANDS = [
    "init",
    "list-templates",
    "autogen",
    "revision",
    "merge",
    "edit",
    "upgrade",
    "downgrade",
    "stamp",
    "ensure-version",
    "current",
    "history",
    "heads",
    "branches",
    "show",
    "diff",
    "check",
    "report",
    "erd",
    "snapshot",
]


def _modules(*arguments: str) -> set[str]:
    code = (
        "import sys; from schemadiff.cli import main; status = main(sys.argv[1:]);"
        "sys.stderr.write('\\n'.join(sys.modules)); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["upgrade", "--help"]], ids=" ".join)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    loaded = _modules(*arguments)
    assert not loaded & {"sqlalchemy", "black", "mako", "schemadiff.api", "schemadiff.config"}
    assert len(loaded) < 600


# What a command may load: our own rooms, and what is not the standard library's.
_FIRST = {"_version", "cli", "collector", "errors", "frozen", "lazy", "schema"}
_OF_FILES = _FIRST | {"commands", "config", "revisions"}
_OF_DATABASE = _OF_FILES | {
    *("api", "backends", "comparison", "context", "operations", "reflection", "rendering", "runtime"),
}
_CLICK = {"click", "rich", "rich_click"}
_SQLALCHEMY = _CLICK | {
    "_cython_3_3_1",
    "_cython_3_2_4",
    "cython_runtime",
    "greenlet",
    "sqlalchemy",
    "typing_extensions",
}


@pytest.mark.parametrize(
    ("arguments", "rooms", "packages"),
    [
        (["--help"], _FIRST, _CLICK),
        (["heads"], _OF_FILES, _CLICK),
        (["check"], _OF_DATABASE, _SQLALCHEMY | {"models"}),
    ],
    ids=["--help", "heads", "check"],
)
def test_what_a_command_loads(arguments: list[str], rooms: set[str], packages: set[str], tmp_path: Path) -> None:
    """Start-up is most of the time of most commands: what one does not use, it does not load."""
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    project.revision("a1", upgrade='op.execute("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY)")')
    project.models(
        """
        import sqlalchemy as sa

        metadata = sa.MetaData()
        sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
        """
    )
    assert project.run("upgrade").status == 0
    loaded = _modules("-C", str(project.folder), *arguments)
    assert {name.split(".")[1] for name in loaded if name.startswith("schemadiff.")} <= rooms
    others = (
        {name.split(".")[0] for name in loaded}
        - sys.stdlib_module_names
        - {"schemadiff", "__main__", "_distutils_hack", "sitecustomize", "usercustomize"}
    )
    assert {name for name in others if not name.startswith(("_sysconfigdata", "_cython"))} <= packages
    # No other database, nothing that writes revisions or findings, and no command but the one that runs.
    assert not {name for name in loaded if name.startswith("sqlalchemy.dialects.postgresql")}
    ours = {name.removeprefix("schemadiff.") for name in loaded if name.startswith("schemadiff.")}
    assert not {name for name in ours if name.startswith(("backends.postgresql", "backends.mysql", "backends.generic"))}
    assert not ours & {
        "rendering.python",
        "rendering.ci.sarif",
        "rendering.terminal",
        "rendering.data",
        "commands.writing",
    }
    assert "cli.doctor" not in ours or arguments == ["--help"]


def test_the_end_of_a_process_keeps_what_was_written(tmp_path: Path) -> None:
    code = (
        "import atexit, gc, sys; before = gc.get_threshold(); file = open('unflushed', 'w'); file.write('kept');"
        "from schemadiff.cli import main; status = main(); assert gc.get_threshold() == before; assert not gc.get_freeze_count();"
        "atexit.register(print, 'last'); sys.exit(status)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "last"
    assert (tmp_path / "unflushed").read_text() == "kept"


def test_every_module_of_commands_registers_what_is_said() -> None:
    for module in set(COMMAND_MODULES.values()):
        import_module(f"schemadiff.cli.{module}")
    assert cli.commands.keys() == COMMAND_MODULES.keys()


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = run("--help", cwd=tmp_path)
    assert shown.status == 0
    assert all(f" {command} " in shown.out for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["--nonsense"], "--nonsense"),
        (["downgrade"], "REVISION"),
        (["-x", "novalue", "heads"], "-x 'novalue' has no value"),
        (["-C", "nowhere", "heads"], "-C nowhere"),
        (["-c", "nowhere.toml", "heads"], "nowhere.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_are_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)
    assert result.status == 2
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert line.startswith("error: ")
    assert said in line


def test_a_bar_stands_on_a_terminal_only(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    project.revision("a1", upgrade='op.execute("CREATE TABLE t (id INTEGER)")\n__import__("time").sleep(0.3)')
    command = [
        sys.executable,
        "-c",
        "import sys; from schemadiff.cli import main; sys.exit(main())",
        "-C",
        str(project.folder),
    ]
    environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)}
    shown, out = _in_terminal([*command, "upgrade"], environment)
    assert out == b"The database stands at a1\n"
    assert b"0/1" in shown
    assert b"upgrade a1, operation 1: Execute" in shown
    assert b"Running upgrade base -> a1" in shown
    # Where nobody knows how long it takes, something moves all the same.
    shown, out = _in_terminal([*command, "stamp", "a1"], environment)
    assert out == b"The database stands at a1 (before: a1)\n"
    assert b"stamping" in shown
    piped = subprocess.run([*command, "stamp", "a1"], capture_output=True, env=environment, check=True)
    assert piped.stderr == b""
    piped = subprocess.run([*command, "downgrade", "base"], capture_output=True, env=environment, check=True)
    assert re.fullmatch(rb"Running downgrade a1 -> base, a1\nTook back a1, a1, in \d+\.\d s\n", piped.stderr)


def _in_terminal(command: list[str], environment: dict[str, str]) -> tuple[bytes, bytes]:
    """Run a command whose standard error is a terminal; return what that showed, and the standard output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        # Linux ends a terminal that nobody holds open any more with an error.
        with contextlib.suppress(OSError):
            while part := os.read(ours, 4096):
                shown += part
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(ours)
    return shown, out


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    for number in range(300):
        project.revision(f"r{number}", down=f"r{number - 1}" if number else None)
    code = "import sys; from schemadiff.cli import main; sys.exit(main())"
    command = f"{sys.executable} -c '{code}' -C {project.folder} history | head -1"
    done = subprocess.run(
        command,
        shell=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.stdout == "r298 -> r299 (head), r299\n"
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize("command", ["schemadiff", *COMMAND_MODULES])
def test_every_command_has_examples(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run(*([] if command == "schemadiff" else [command]), "--help", cwd=tmp_path).out
    assert max(map(len, shown.splitlines())) <= 80
    for typed, does in EXAMPLES[command]:
        # Nothing is folded in what can be typed.
        assert f"│ {typed} " in shown
        assert f"│   {does} " in shown


@pytest.mark.parametrize(
    "typed", [typed for examples in EXAMPLES.values() for typed, _ in examples], ids=lambda typed: typed
)
def test_every_example_can_be_typed(typed: str) -> None:
    inner = re.fullmatch(r'eval "\$\((.*)\)"|(.*?)(?: \| source)?', typed)
    assert inner
    program, *words = shlex.split(inner[1] or inner[2])
    assert program == "schemadiff"
    with click.Context(cli, info_name=program) as group:
        _, rest, _ = cli.make_parser(group).parse_args(words)
        name, command, rest = cli.resolve_command(group, rest)
        assert command is not None
        # It takes all of them, and misses none.
        assert command.make_context(name, list(rest), parent=group).args == []
