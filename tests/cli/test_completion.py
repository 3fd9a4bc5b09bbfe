"""Completion, asked as bash asks."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schemadiff.cli import main
from tests.support.running import Project, run


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "app", None)
    settings = made.folder / "schemadiff.toml"
    settings.write_text(f'{settings.read_text()}\n[env.staging]\nurl = "sqlite://"\n[env.live]\nurl = "sqlite://"\n')
    made.revision("a1b2")
    path = made.revision("c3d4", down="a1b2")
    path.write_text(path.read_text().replace("down_revision", "branch_labels = ('shop',)\ndown_revision"))
    return made


def _variables(line: str) -> dict[str, str]:
    return {"_SCHEMADIFF_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}


class Asked:
    """Bash, asking for the last word of a line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, line: str, folder: Path) -> set[str]:
        self._monkeypatch.chdir(folder)
        for name, value in _variables(line).items():
            self._monkeypatch.setenv(name, value)
        self._capsys.readouterr()
        # click ends the process by itself in some versions.
        with contextlib.suppress(SystemExit):
            main([])
        shown = self._capsys.readouterr()
        assert shown.err == ""
        return {answer.partition(",")[2] for answer in shown.out.splitlines() if answer}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(monkeypatch, capsys)


REVISIONS = {"head", "heads", "base", "a1b2", "c3d4", "shop", "shop@head"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("schemadiff comp", {"completion"}),
        ("schemadiff upgrade ", REVISIONS),
        ("schemadiff upgrade c", {"c3d4"}),
        ("schemadiff upgrade sh", {"shop", "shop@head"}),
        ("schemadiff downgrade b", {"base"}),
        ("schemadiff stamp a1b2 ", REVISIONS),
        ("schemadiff squash a1b2:c", {"a1b2:c3d4"}),
        ("schemadiff history -r a", {"a1b2"}),
        ("schemadiff show c", {"c3d4"}),
        ("schemadiff revision --head c", {"c3d4"}),
        ("schemadiff --name ", {"staging", "live"}),
        ("schemadiff -n live upgrade c", {"c3d4"}),
        ("schemadiff -n nothing upgrade c", set()),
        ("schemadiff init -t a", {"async"}),
        ("schemadiff check --format g", {"github", "gitlab"}),
        ("schemadiff completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_words(line: str, words: set[str], project: Project, asked: Asked) -> None:
    assert asked(line, project.folder) == words


@pytest.mark.parametrize(
    "line",
    [
        "schemadiff diff s",
        "schemadiff diff s.json s",
        "schemadiff check --source s",
        "schemadiff check -o github:s",
        "schemadiff autogen --source s",
        "schemadiff snapshot s",
        "schemadiff snapshot -o s",
        "schemadiff erd s",
        "schemadiff erd -o s",
        "schemadiff report s",
        "schemadiff report s.json s",
        "schemadiff report --html s",
        "schemadiff -c s",
    ],
)
def test_the_shell_completes_files(
    line: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    for name, value in _variables(line).items():
        monkeypatch.setenv(name, value)
    with contextlib.suppress(SystemExit):
        main([])
    assert "file," in capsys.readouterr().out


def test_the_project_may_be_elsewhere(project: Project, tmp_path: Path, asked: Asked) -> None:
    assert asked("schemadiff -C app upgrade c", tmp_path) == {"c3d4"}
    assert asked("schemadiff -c app/schemadiff.toml upgrade c", tmp_path) == {"c3d4"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("schemadiff.toml", "no toml"), ("migrations/versions/a1b2.py", "def ("), ("migrations/versions/x.py", "")],
)
def test_an_error_completes_nothing(name: str, text: str, project: Project, asked: Asked) -> None:
    (project.folder / name).write_text(text)
    assert asked("schemadiff upgrade ", project.folder) == set()


def test_nothing_heavy_is_imported(project: Project) -> None:
    code = (
        "import atexit, sys; atexit.register(lambda: sys.stderr.write(' '.join(sys.modules)));"
        "from schemadiff.cli import main; main([])"
    )
    environment = {**os.environ, **_variables("schemadiff upgrade "), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.folder, env=environment, capture_output=True, text=True, check=True
    )
    assert "plain,c3d4" in done.stdout.split()
    assert not {"sqlalchemy", "black", "mako", "schemadiff.commands"} & set(done.stderr.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_shells(shell: str, tmp_path: Path) -> None:
    script = run("completion", shell, cwd=tmp_path)
    assert script.status == 0
    assert f"_SCHEMADIFF_COMPLETE={shell}_complete" in script.out
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=script.out, text=True, check=True)
