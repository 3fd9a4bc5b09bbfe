"""The settings file: found, read, and refused with a reason."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from schemadiff.config import Config
from schemadiff.config.url import anchor_sqlite_path, expand_variables
from schemadiff.errors import ConfigError, ProjectNotFound


def put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_all_settings(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "pyproject.toml",
        '[project]\nname = "x"\n[tool.schemadiff]\nscript_location = "db/migrations"\ntarget = ["a:Base", "b:m"]\n'
        'url = "postgresql://u@h/d"\nschemas = ["s1", "s2"]\nfile_template = "%(rev)s"\nversion_table = "v"\n'
        'version_table_schema = "s1"\ntimezone = "UTC"\nprepend_sys_path = "src"\n'
        "[tool.schemadiff.engine]\necho = true\npool_size = 3\n",
    )
    config = Config(path)
    assert config.path == path
    assert config.folder == tmp_path
    assert config.script_location == tmp_path / "db" / "migrations"
    assert config.version_locations == (tmp_path / "db" / "migrations" / "versions",)
    assert config.script_template == tmp_path / "db" / "migrations" / "script.py.mako"
    assert config.target == ("a:Base", "b:m")
    assert config.url == "postgresql://u@h/d"
    assert config.schemas == ("s1", "s2")
    assert config.file_template == "%(rev)s"
    assert (config.version_table, config.version_table_schema) == ("v", "s1")
    assert config.timezone == "UTC"
    assert config.engine_options == {"echo": True, "pool_size": 3}


def test_defaults(tmp_path: Path) -> None:
    config = Config(put(tmp_path, "schemadiff.toml", ""))
    assert (config.target, config.schemas, config.engine_options, config.environments) == ((), (), {}, ())
    assert (config.file_template, config.version_table) == ("%(rev)s_%(slug)s", "schemadiff_version")
    assert (config.version_table_schema, config.timezone) == (None, None)
    assert config.target_metadata() is None
    with pytest.raises(ConfigError, match=r"no script_location in .*schemadiff\.toml"):
        _ = config.script_location
    with pytest.raises(ConfigError, match=r"no url in .*schemadiff\.toml"):
        _ = config.url


def test_nearest_file_wins(tmp_path: Path) -> None:
    outer = put(tmp_path, "schemadiff.toml", 'script_location = "outer"')
    inner = put(tmp_path / "a" / "b", "pyproject.toml", '[tool.schemadiff]\nscript_location = "inner"')
    put(tmp_path / "a" / "b" / "c", "pyproject.toml", "[tool.other]\n")
    (tmp_path / "a" / "b" / "c" / "d").mkdir()
    assert Config.find(tmp_path / "a" / "b" / "c" / "d").path == inner
    assert Config.find(tmp_path / "a").path == outer


def test_two_files_in_one_folder(tmp_path: Path) -> None:
    put(tmp_path, "schemadiff.toml", "")
    pyproject = put(tmp_path, "pyproject.toml", "")
    assert Config.find(tmp_path).path == tmp_path / "schemadiff.toml"
    pyproject.write_text("[tool.schemadiff]\n")
    with pytest.raises(
        ConfigError, match=r"schemadiff\.toml and \[tool\.schemadiff\] of .*pyproject\.toml both hold settings"
    ):
        Config.find(tmp_path)


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectNotFound, match=re.escape(f"no project in {tmp_path} or above")):
        Config.find(tmp_path)
    with pytest.raises(ProjectNotFound, match=r"schemadiff\.toml: there is no such file"):
        Config(tmp_path / "schemadiff.toml")
    with pytest.raises(ProjectNotFound, match=r"has no \[tool\.schemadiff\]"):
        Config(put(tmp_path, "pyproject.toml", "[tool.x]\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("url = 3", "schemadiff.toml: url is a number: write a string"),
        ("url = ''", "schemadiff.toml: url is empty"),
        ("target = true", "target is a boolean: write a string, or a list of strings"),
        ("target = ['a:b', 3]", "target[1] is a number: write a string"),
        ("schemas = [['a']]", "schemas[0] is a list: write a string"),
        ("timezone = 2020-01-01", "timezone is a date: write a string"),
        ("engine = 'x'", "schemadiff.toml: engine is a string: write a table, [engine]"),
        ("engine.url = 'x'", "engine.url is no argument of the engine"),
        ("env = 'x'", "schemadiff.toml: env is a string: write a table, [env]"),
        ("env.x = 'x'", "schemadiff.toml: env.x is a string: write a table, [env.x]"),
        ("env.x.url = 1", "schemadiff.toml: env.x.url is a number"),
        ("env.x.engine = 1", "schemadiff.toml: env.x.engine is a number: write a table"),
        ("script_locaton = 'x'", "script_locaton is no setting: did you mean 'script_location'?"),
        ("env.x.shemas = 'x'", "env.x.shemas is no setting: did you mean 'schemas'?"),
        ("env.x.env = {}", "env.x.env is no setting"),
        *(
            (f"{name} = {value}", f"schemadiff.toml: {name} is {said}")
            for name in ("lock_timeout", "table_lock_timeout", "statement_timeout", "retries")
            for value, said in (
                ("-1", "-1: write"),
                ("'soon'", "'soon': write a number"),
                ("true", "a boolean: write a number"),
                ("nan", "nan: write a number"),
                ("[1]", "a list: write a number"),
            )
        ),
        ("table_lock_timeout = 0", "table_lock_timeout is 0: write seconds, more than 0, or leave the setting out"),
        ("statement_timeout = 0", "statement_timeout is 0: write seconds, more than 0, or leave the setting out"),
        ("retries = 1.5", "retries is 1.5: write a whole number, 0 for none"),
        ("zzz = 'x'", "zzz is no setting: known are script_location, target, url"),
        ("[tool.schemadiff]", "tool is no setting"),
        ("url = 'x'\nurl = 'y'", "schemadiff.toml is no valid TOML: Cannot overwrite a value (at"),
        ("url =", "schemadiff.toml is no valid TOML: Invalid value"),
    ],
)
def test_wrong_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    put(tmp_path, "schemadiff.toml", text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        Config("schemadiff.toml")
    assert message in str(caught.value)
    assert "schemadiff.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pyproject\.toml: tool\.schemadiff is a number: write a table"):
        Config.find(put(tmp_path / "a", "pyproject.toml", "tool.schemadiff = 3").parent)
    with pytest.raises(ConfigError, match=r"alembic\.ini is no valid TOML: .*settings are TOML, not INI"):
        Config(put(tmp_path, "alembic.ini", "[alembic]\nscript_location = x\n"))
    (tmp_path / "latin.toml").write_bytes(b"url = '\xff'")
    with pytest.raises(ConfigError, match=r"latin\.toml is not UTF-8"):
        Config(tmp_path / "latin.toml")
    assert Config(put(tmp_path, "bom.toml", "\ufefftarget = 'a:b'\r\n")).target == ("a:b",)


ENVIRONMENTS = """
script_location = "m"
url = "sqlite:////base.db"
engine = {echo = true, pool_size = 1}
[env.one]
url = "sqlite:////one.db"
[env."two 2"]
target = "x:y"
engine = {pool_size = 2}
"""


def test_environments(tmp_path: Path) -> None:
    path = put(tmp_path, "schemadiff.toml", ENVIRONMENTS)
    assert Config(path).environments == ("one", "two 2")
    one, two = Config(path, name="one"), Config(path, name="two 2")
    assert (Config(path).url, one.url, two.url) == ("sqlite:////base.db", "sqlite:////one.db", "sqlite:////base.db")
    assert (one.target, two.target) == ((), ("x:y",))
    assert (one.engine_options, two.engine_options) == ({"echo": True, "pool_size": 1}, {"echo": True, "pool_size": 2})
    assert (one.name, one.config_ini_section) == ("one", "one")
    assert one.get_section("one")["sqlalchemy.url"] == "sqlite:////one.db"
    assert one.get_section("two 2")["sqlalchemy.pool_size"] == 2
    with pytest.raises(
        ConfigError, match=r"there is no environment 'onee' in .*: known are one, two 2: did you mean 'one'"
    ):
        Config(path, name="onee")
    with pytest.raises(ConfigError, match="there is no environment 'one' in"):
        Config(put(tmp_path, "other.toml", ""), name="one")


def test_url_is_only_missed_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SD_TEST_URL", raising=False)
    config = Config(put(tmp_path, "schemadiff.toml", 'url = "${SD_TEST_URL}"\n[env.x]\nurl = "sqlite://"\n'))
    with pytest.raises(
        ConfigError, match=r"url in .*schemadiff\.toml needs the environment variable SD_TEST_URL, which is not"
    ):
        _ = config.url
    assert config.get_main_option("version_table") == "schemadiff_version"
    assert config.get_section("x")["sqlalchemy.url"] == "sqlite://"
    monkeypatch.setenv("SD_TEST_URL", "")
    with pytest.raises(ConfigError, match="is empty once its variables are filled in"):
        _ = config.url
    monkeypatch.setenv("SD_TEST_URL", "sqlite:////x.db")
    assert config.url == "sqlite:////x.db"
    with pytest.raises(ConfigError, match=r"or choose an environment with --name \(x\)"):
        _ = Config(put(tmp_path, "other.toml", "[env.x]\n")).url


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("${A}", "1"),
        ("x${A}y${B}z", "x1y${A}z"),  # what is put in is not expanded again
        ("${A:-d}", "1"),
        ("${NO:-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY}", ""),
        ("${NO:-}", ""),
        ("${NO:-postgresql://u:p@h:5432/d?x=$y&z=:-}", "postgresql://u:p@h:5432/d?x=$y&z=:-"),
        ("$${A}", "${A}"),
        ("$A $ $$ {A}", "$A $ $$ {A}"),
        ("$$${A}", "$${A}"),
    ],
)
def test_variables(text: str, found: str) -> None:
    assert expand_variables(text, {"A": "1", "B": "${A}", "EMPTY": ""}, "url") == found


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${A", "${A-b}", "${A:b}", "${ A }"])
def test_wrong_variables(text: str) -> None:
    with pytest.raises(ConfigError, match=r"url has a '\$\{' that begins no variable"):
        expand_variables(text, {"A": "1"}, "url")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("sqlite:///blog.db", "sqlite:///../blog.db"),
        ("sqlite+aiosqlite:///data/blog.db?timeout=3", "sqlite+aiosqlite:///../data/blog.db?timeout=3"),
        ("sqlite:///../blog.db", "sqlite:///../../blog.db"),
        *((same, same) for same in ("sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:////abs/blog.db")),
        *((same, same) for same in ("sqlite:///file:blog.db?uri=true", "postgresql:///blog.db", "mysql://u@h/blog.db")),
    ],
)
def test_relative_sqlite_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, found: str) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    assert anchor_sqlite_path(url, tmp_path) == url
    monkeypatch.chdir(tmp_path / "sub")
    assert anchor_sqlite_path(url, tmp_path) == found


def test_folder_that_cannot_stand_in_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "50%20"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="run it from there"):
        anchor_sqlite_path("sqlite:///blog.db", folder)
    os.chdir(folder)
    assert anchor_sqlite_path("sqlite:///blog.db", folder) == "sqlite:///blog.db"
