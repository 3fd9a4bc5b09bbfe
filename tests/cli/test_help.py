"""The command line is light before a command runs, and tells what it has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import run

COMMANDS = [
    "init",
    "autogen",
    "revision",
    "upgrade",
    "downgrade",
    "stamp",
    "current",
    "history",
    "heads",
    "show",
    "diff",
    "check",
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
