"""Beginning a project: all of it, or nothing."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import black
import pytest

from schemadiff.config import Config
from schemadiff.config.scaffold import create_project, templates
from schemadiff.errors import ConfigError


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: the bytes of files, None for folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def test_templates() -> None:
    found = templates()
    assert list(found) == ["async", "generic", "multidb"]
    assert all(found.values())


@pytest.mark.parametrize("template", list(templates()))
def test_new_project(tmp_path: Path, template: str) -> None:
    made = create_project(Path("db/migrations"), folder=tmp_path, template=template)
    assert (made.directory, made.settings) == (tmp_path / "db" / "migrations", tmp_path / "schemadiff.toml")
    assert sorted(os.listdir(made.directory)) == ["README", "env.py", "script.py.mako", "versions"]
    assert sorted(os.listdir(tmp_path)) == ["db", "schemadiff.toml"]
    env = (made.directory / "env.py").read_text(encoding="utf-8")
    assert black.format_str(env, mode=black.Mode()) == env
    compile(env, "env.py", "exec")
    config = Config.find(tmp_path)
    assert config.env_file == made.directory / "env.py"
    assert config.script_template.is_file()
    assert config.target == ()


@pytest.mark.parametrize(
    "before",
    [
        "",
        '[project]\nname = "x"\n',
        '[project]\nname = "x"',
        '[project]\nname = "x"\n\n\n# the end\n\n',
        '[project]\r\nname = "x"\r\n',
        '\ufeff[project]\nname = "ü"\n',
        "[tool.black]\nline-length = 100\n[[tool.mypy.overrides]]\nmodule = 'x'\n",
        "[tool]\nx = 1\n",
    ],
)
def test_settings_go_into_pyproject(tmp_path: Path, before: str) -> None:
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_bytes(before.encode())
    pyproject.chmod(0o640)
    made = create_project(Path("m"), folder=tmp_path, target='my "app".models:Base', url="sqlite:///é\x7f\\.db")
    assert made.settings == pyproject
    after = pyproject.read_bytes().decode()
    assert after.startswith(before.rstrip("\r\n"))
    assert ("\r\n" in after) == ("\r\n" in before)
    assert not after.replace("\r\n", "").count("\r")
    assert pyproject.stat().st_mode & 0o777 == 0o640
    parsed = tomllib.loads(after.removeprefix("\ufeff"))
    settings = {"script_location": "m", "target": 'my "app".models:Base', "url": "sqlite:///é\x7f\\.db"}
    assert parsed.pop("tool").pop("schemadiff") == settings
    assert not (tmp_path / "schemadiff.toml").exists()
    assert Config.find(tmp_path).script_location == tmp_path / "m"


@pytest.mark.parametrize("pyproject", [True, False])
def test_settings_of_several_databases(tmp_path: Path, pyproject: bool) -> None:
    """Its tables stand below ours in pyproject.toml, and ask for what is to be filled in."""
    if pyproject:
        (tmp_path / "pyproject.toml").write_text("[tool.black]\n")
    made = create_project(Path("m"), folder=tmp_path, template="multidb")
    config = Config.find(tmp_path)
    assert (config.databases, config.script_location) == (("engine1", "engine2"), tmp_path / "m")
    with pytest.raises(ConfigError, match=r"no url in .*\(\[databases\.engine2\]\)"):
        _ = config.database("engine2").url
    made.settings.write_text(re.sub("^# (target|url) =", r"\1 =", made.settings.read_text(), flags=re.MULTILINE))
    assert Config.find(tmp_path).database("engine2").target == ("package.module:Base2",)


@pytest.mark.parametrize("option", ["target", "url"])
def test_one_database_for_several(tmp_path: Path, option: str) -> None:
    with pytest.raises(ConfigError, match=f"the template multidb has several databases: leave --{option} out"):
        create_project(Path("m"), folder=tmp_path, template="multidb", **{option: "x"})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_an_empty_folder_is_welcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    create_project(tmp_path / "m")
    assert Config.find().env_file == tmp_path / "m" / "env.py"


@pytest.mark.parametrize(
    ("files", "directory", "template", "message"),
    [
        ({}, "m", "genric", "there is no template 'genric': choose from"),
        ({"m/x": ""}, "m", "generic", "m has files in it: choose an empty folder"),
        ({"m": ""}, "m", "generic", "m exists and is no folder"),
        ({"x": ""}, ".", "generic", "has files in it"),
        ({"schemadiff.toml": ""}, "m", "generic", r"schemadiff\.toml exists: this folder has a project already"),
        (
            {"pyproject.toml": "[tool.schemadiff]\n"},
            "m",
            "generic",
            r"has \[tool\.schemadiff\]: this folder has a project",
        ),
        ({"pyproject.toml": "x ="}, "m", "generic", r"pyproject\.toml is no valid TOML"),
        ({"pyproject.toml": "tool = {x = 1}"}, "m", "generic", "add that table by hand"),
        ({"file": ""}, "file/m", "generic", r"cannot be written: (Not a directory|File exists)"),
        ({}, "a/b/" + "n" * 300, "generic", "cannot be written: File name too long"),
        ({}, "a/\udc80", "generic", "cannot be written: .*surrogates"),
    ],
)
def test_refused(tmp_path: Path, files: dict[str, str], directory: str, template: str, message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = tree(tmp_path)
    with pytest.raises(ConfigError, match=message):
        create_project(Path(directory), folder=tmp_path, template=template)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("existed", [False, True])
def test_nothing_stays_when_the_settings_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existed: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    if existed:
        (tmp_path / "a" / "m").mkdir(parents=True)
    before = tree(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device: nothing was changed"):
        create_project(Path("a/m"), folder=tmp_path)
    assert tree(tmp_path) == before
