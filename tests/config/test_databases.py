"""Several databases in the settings, and the table [logging]."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.config import Config
from schemadiff.errors import ConfigError

SETTINGS = """
version_table = "v"
schemas = ["shared"]
url = "sqlite:///outside.db"
target = "outside:Base"
engine.echo = false

[databases.users]
url = "sqlite:///users.db"
target = ["users:Base", "users:more"]
version_table = "users_v"
engine.pool_recycle = 7

[databases.logs]
url = "${SDT_LOGS:-sqlite:///logs.db}"
schemas = []

[env.live.engine]
pool_recycle = 1

[env.live.databases.users]
url = "sqlite:////srv/users.db"
engine.pool_timeout = 5

[env.live.databases.more]
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "schemadiff.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config(put(tmp_path, SETTINGS), attributes={"key": 1})
    assert config.databases == ("users", "logs")
    users, logs = (config.database(name) for name in config.databases)
    assert (users.url, users.target, users.version_table) == (
        "sqlite:///users.db",
        ("users:Base", "users:more"),
        "users_v",
    )
    assert (users.schemas, users.engine_options) == (("shared",), {"echo": False, "pool_recycle": 7})
    assert (logs.url, logs.target, logs.version_table) == ("sqlite:///logs.db", (), "v")
    assert (logs.schemas, logs.engine_options) == ((), {"echo": False})
    assert (logs.databases, logs.attributes) == ((), {"key": 1})
    monkeypatch.setenv("SDT_LOGS", "sqlite:///elsewhere.db")
    assert logs.url == "sqlite:///elsewhere.db"
    assert config.url == "sqlite:///outside.db"


def test_databases_of_an_environment(tmp_path: Path) -> None:
    config = Config(put(tmp_path, SETTINGS), name="live")
    assert config.databases == ("users", "logs", "more")
    users = config.database("users")
    assert (users.url, users.version_table) == ("sqlite:////srv/users.db", "users_v")
    assert users.engine_options == {"echo": False, "pool_recycle": 7, "pool_timeout": 5}
    assert config.database("logs").engine_options == {"echo": False, "pool_recycle": 1}
    with pytest.raises(ConfigError, match=r"no url in .*schemadiff\.toml \(\[env\.live\.databases\.more\]\)"):
        _ = config.database("more").url
    with pytest.raises(ConfigError, match=r"no database 'user' in .*: known are users, logs, more"):
        config.database("user")


def test_databases_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an env.py of Alembic reads them."""
    monkeypatch.chdir(tmp_path)
    config = Config(put(tmp_path, SETTINGS))
    assert config.get_main_option("databases", "").split(",") == ["users", "logs"]
    assert config.get_section_option("users", "sqlalchemy.url") == "sqlite:///users.db"
    section = config.get_section("users", {})
    assert sa.engine_from_config(section, prefix="sqlalchemy.", poolclass=sa.pool.NullPool).url.database == "users.db"
    assert (section["sqlalchemy.pool_recycle"], section["version_table"]) == (7, "users_v")
    config.set_section_option("users", "sqlalchemy.url", "sqlite:///p%%40.db")
    assert config.get_section("users")["sqlalchemy.url"] == config.database("users").url == "sqlite:///p%40.db"
    assert config.get_main_option("sqlalchemy.url") == "sqlite:///outside.db"


def test_databases_without_a_file() -> None:
    config = Config()
    assert config.get_main_option("databases", "") == ""
    config.set_main_option("databases", "one, two")
    config.set_section_option("one", "sqlalchemy.url", "sqlite:///one.db")
    config.set_section_option("one", "sqlalchemy.echo", "true")
    config.set_section_option("one", "version_table", "v1")
    one = config.database("one")
    assert (config.databases, one.url) == (("one", "two"), "sqlite:///one.db")
    assert (one.engine_options, one.version_table, config.version_table) == (
        {"echo": "true"},
        "v1",
        "schemadiff_version",
    )
    with pytest.raises(ConfigError, match=r"databases: 'a-b' cannot name a database"):
        config.set_main_option("databases", "one, a-b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("databases = 'a, b'", "databases is a string: write a table, [databases]"),
        ("databases.a = 'sqlite://'", "databases.a is a string: write a table, [databases.a]"),
        ("databases.a.urll = 'x'", "databases.a.urll is no setting of one database: did you mean 'url'?"),
        ("databases.a.timezone = 'x'", "databases.a.timezone is no setting of one database: known are url, target"),
        ("databases.a.url = 5", "databases.a.url is a number: write a string"),
        ("databases.a.engine.url = 'x'", "databases.a.engine.url is no argument of the engine"),
        ("databases.a-b.url = 'x'", "databases.a-b: 'a-b' cannot name a database"),
        ("databases.schemadiff.url = 'x'", "databases.schemadiff: 'schemadiff' cannot name a database"),
        ("databases.a = {}\nenv.a = {}", "databases.a and env.a have one name: rename one of them"),
        ("env.a.databases.b.target = 5", "env.a.databases.b.target is a number"),
        ("logging = 'x'", "logging is a string: write a table, [logging]"),
    ],
)
def test_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = put(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        Config(path)
    assert str(caught.value).startswith(f"{path}: {message}")


LOGGING = """
[logging.formatters.plain]
format = "%(levelname)s %(message)s"
[logging.handlers.err]
class = "logging.StreamHandler"
formatter = "plain"
[logging.root]
handlers = ["err"]
level = "INFO"
"""

# In a process of its own each: logging belongs to the process.
LOGS = """
import logging, sys
from schemadiff.config import Config
before = logging.getLogger("there.before")
{before}
Config(sys.argv[1]).configure_logging()
before.info("before")
logging.getLogger("schemadiff.runtime").info("ours")
"""


@pytest.mark.parametrize(
    ("settings", "before", "said"),
    [
        (LOGGING, "", "INFO before\nINFO ours\n"),
        ("", "", ""),
        (LOGGING, "logging.basicConfig(format='own %(message)s', level=logging.INFO)", "own before\nown ours\n"),
        (LOGGING.replace("StreamHandler", "NoHandler"), "", "Unable to configure handler 'err': ValueError: Cannot resolve"),
        (LOGGING.replace('"INFO"', '"LOUD"'), "", "Unable to configure root logger: ValueError: Unknown level: 'LOUD': correct it"),
    ],
)  # fmt: skip
def test_logging(tmp_path: Path, settings: str, before: str, said: str) -> None:
    path = put(tmp_path, settings)
    code = LOGS.format(before=before)
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    if said.startswith("Unable"):
        last = ran.stderr.splitlines()[-1]
        assert f"ConfigError: [logging] of {path} is no configuration of logging: {said}" in last
    else:
        assert (ran.returncode, ran.stderr) == (0, said)
