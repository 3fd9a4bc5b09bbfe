"""The GitHub action and the pre-commit hooks: what they say holds, and the action's script runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from schemadiff.cli.app import cli

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
INSTALL, CHECK = ACTION["runs"]["steps"]


def _run(step: dict[str, Any], folder: Path, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as the runner does."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    places = {name: str(folder / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **places, **given}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "fixtures" / "blog", tmp_path / "the blog", ignore=shutil.ignore_patterns("*.db"))
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_no_input_is_put_into_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        assert set(re.findall(r"\$\{\{ inputs\.(\S+) \}\}", " ".join(step["env"].values()))) <= set(ACTION["inputs"])
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])


def test_the_action_tells_what_it_found(repository: Path) -> None:
    done = _run(CHECK, repository, {"WORKING_DIRECTORY": "the blog", "ARGS": ACTION["inputs"]["args"]["default"]})
    assert done.returncode == 1, done.stderr
    assert re.search(r"^::error file=the blog/blog/models\.py,line=\d+,title=", done.stdout, re.MULTILINE)
    assert (repository / "GITHUB_STEP_SUMMARY").read_text().startswith("### schemadiff check: ")
    assert (repository / "GITHUB_OUTPUT").read_text() == "status=1\n"


def test_the_action_tells_an_error(repository: Path) -> None:
    (repository / "the blog" / "schemadiff.toml").write_text("nonsense")
    done = _run(CHECK, repository, {"WORKING_DIRECTORY": "the blog", "ARGS": ""})
    assert done.returncode == 2
    assert "::error " in done.stdout
    assert (repository / "GITHUB_OUTPUT").read_text() == "status=2\n"


@pytest.mark.parametrize(
    ("step", "given"),
    [
        (CHECK, {"WORKING_DIRECTORY": "$(touch pwned)", "ARGS": ""}),
        (CHECK, {"WORKING_DIRECTORY": "the blog", "ARGS": "; touch ../pwned # $(touch ../pwned) `touch ../pwned`"}),
        (INSTALL, {"VERSION": "1.0; touch pwned", "EXTRAS": ""}),
        (INSTALL, {"VERSION": "", "EXTRAS": "x] @ file:///evil; touch pwned"}),
        (INSTALL, {"VERSION": "", "EXTRAS": "$(touch pwned)"}),
    ],
)
def test_inputs_are_data(step: dict[str, Any], given: dict[str, str], repository: Path) -> None:
    done = _run(step, repository, {"GITHUB_ACTION_PATH": "/nowhere", **given})
    assert done.returncode not in (0, 1) or given.get("WORKING_DIRECTORY", "").startswith("$")
    assert done.returncode != 0
    assert not list(repository.rglob("pwned"))


def test_the_hooks_run_a_command_that_there_is() -> None:
    for hook in HOOKS:
        program, name, *options = shlex.split(hook["entry"])
        assert program == "schemadiff"
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.make_context(name, options, parent=click.Context(cli)).args == []
        assert hook["pass_filenames"] is False
