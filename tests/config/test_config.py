"""Config as Python programs and env.py use it, and the targets that it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from logging.config import fileConfig
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.config import Config
from schemadiff.errors import ConfigError, TargetError

ROOT = Path(__file__).resolve().parents[2]


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config()
    assert (config.path, config.folder, config.config_ini_section) == (None, tmp_path, "schemadiff")
    with pytest.raises(ConfigError, match="no script_location in the settings"):
        _ = config.script_location
    config.set_main_option("script_location", "migrations")
    config.set_main_option("sqlalchemy.url", "sqlite:///app.db")
    config.set_main_option("version_table", "v")
    config.set_main_option("schemas", "s1")
    assert config.script_location == tmp_path / "migrations"
    assert config.url == "sqlite:///app.db"
    assert (config.version_table, config.schemas) == ("v", ("s1",))
    with pytest.raises(ConfigError, match=r"there is no .*env\.py: correct script_location"):
        _ = config.env_file
    env = put(tmp_path, "migrations/env.py", "")
    assert config.env_file == env
    with pytest.raises(ConfigError, match="there is no environment 'x' without a settings file"):
        Config(name="x")


def test_as_an_alembic_env_uses_it(tmp_path: Path) -> None:
    config = Config(
        put(tmp_path, "schemadiff.toml", 'url = "sqlite://"\nengine.echo = false\nengine.pool_recycle = 7\n')
    )
    if config.config_file_name is not None:
        fileConfig(config.config_file_name)
    engine = sa.engine_from_config(
        config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=sa.pool.StaticPool
    )
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select 1")) == 1
    assert config.get_main_option("sqlalchemy.url") == "sqlite://"
    assert config.get_main_option("version_table") == "schemadiff_version"
    assert config.get_main_option("my_option") is None
    assert config.get_main_option("my_option", "x") == "x"
    assert config.get_section_option("schemadiff", "sqlalchemy.pool_recycle") == 7
    assert config.get_section("nothing") is None
    assert config.get_section("nothing", {}) == {}


def test_what_is_elsewhere_here() -> None:
    with pytest.raises(AttributeError, match=r"Config has no 'file_config': settings are TOML.*use get_section\(\)"):
        _ = Config().file_config  # type: ignore[attr-defined]
    assert not hasattr(Config(), "nonsense")


def test_options_that_are_set_win(tmp_path: Path) -> None:
    config = Config(put(tmp_path, "schemadiff.toml", 'url = "sqlite:///a.db"\nversion_table = "v"\n'))
    config.set_main_option("sqlalchemy.url", "postgresql://u:p%%40ss%20word@h/d")
    assert config.url == "postgresql://u:p%40ss%20word@h/d"
    assert config.get_section("schemadiff")["sqlalchemy.url"] == config.url
    config.set_section_option("schemadiff", "sqlalchemy.echo", "true")
    assert config.engine_options == {"echo": "true"}
    config.set_section_option("schemadiff", "file_template", "%%(rev)s")
    assert config.file_template == "%(rev)s"
    config.set_section_option("other", "key", "value")
    config.set_main_option("key", "main")
    assert config.get_section("other") == {"key": "value"}
    assert config.get_main_option("key") == "main"
    with pytest.raises(ConfigError, match="version_table is a number: write a string"):
        config.set_main_option("version_table", 3)  # type: ignore[arg-type]
    assert config.version_table == "v"


def test_x_arguments() -> None:
    config = Config(x_arguments=["tenant=a=b", "dry", "tenant=c"])
    assert config.get_x_argument() == ["tenant=a=b", "dry", "tenant=c"]
    assert config.get_x_argument(as_dictionary=True) == {"tenant": "c", "dry": ""}
    assert Config().get_x_argument(as_dictionary=True) == {}


def test_help_needs_no_sqlalchemy() -> None:
    code = "import sys, schemadiff.config, schemadiff.revisions; print(sorted({'sqlalchemy', 'mako', 'black'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


# Targets. Each test has modules of names of its own, since they stay imported.

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class User(Base):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
class Holder:
    inner = Base
meta = MetaData()
Table("item", meta, Column("id", Integer), schema="s")
again = MetaData()
Table("item", again, Column("id", Integer), schema="s")
def make(): return meta
number = 3
"""


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test imports, and its sys.path, end with the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("sdt_"):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("target", "tables"),
    [
        ('"sdt_models:Base"', [["user"]]),
        ('"sdt_models:Base.metadata"', [["user"]]),
        ('"sdt_models:Holder.inner"', [["user"]]),
        ('"sdt_models:User"', [["user"]]),
        ('"sdt_models:meta"', [["s.item"]]),
        ('["sdt_models:Base", "sdt_models:meta"]', [["user"], ["s.item"]]),
        ('["sdt_models:Base", "sdt_models:Base.metadata"]', [["user"]]),
        ("[]", []),
    ],
)
def test_targets(tmp_path: Path, target: str, tables: list[list[str]]) -> None:
    put(tmp_path, "sdt_models.py", MODELS)
    found = Config(put(tmp_path, "schemadiff.toml", f"target = {target}\n")).target_metadata()
    listed = [] if found is None else [found] if isinstance(found, sa.MetaData) else found
    assert [list(metadata.tables) for metadata in listed] == tables
    assert isinstance(found, list) == (len(tables) > 1)


def test_sys_path(tmp_path: Path) -> None:
    put(tmp_path, "src/sdt_a.py", "from sdt_b import meta\n")
    put(tmp_path, "sdt_b.py", MODELS)
    put(tmp_path, "src/sdt_b.py", "raise AssertionError('the folder of the settings comes first')")
    config = Config(put(tmp_path, "schemadiff.toml", 'target = "sdt_a:meta"\nprepend_sys_path = ["src", "."]\n'))
    assert isinstance(config.target_metadata(), sa.MetaData)
    assert sys.path[:2] == [str(tmp_path), str(tmp_path / "src")]
    config.prepare_sys_path()
    assert sys.path.count(str(tmp_path)) == 1


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            "sdt_none:Base",
            "cannot be imported: ModuleNotFoundError: No module named 'sdt_none': correct the target, or set",
        ),
        (
            "sdt_pkg.none:Base",
            "cannot be imported: ModuleNotFoundError: No module named 'sdt_pkg.none': correct the target",
        ),
        ("sdt_models", "is no 'package.module:Base'"),
        ("sdt_models:", "is no 'package.module:Base'"),
        ("sdt/models.py:Base", "is no 'package.module:Base'"),
        (":Base", "is no 'package.module:Base'"),
        ("sdt_models:Bose", "module 'sdt_models' has no 'Bose' (did you mean 'Base'?): correct the target"),
        ("sdt_models:Base.metadate", "the class 'Base' has no 'metadate' (did you mean 'metadata'?)"),
        ("sdt_models:Holder", "is the class 'Holder', and neither a MetaData nor a declarative base"),
        ("sdt_models:make", "is a function, and neither"),
        ("sdt_models:number", "is a int, and neither"),
        (
            "sdt_import:Base",
            "cannot be imported: {folder}/sdt_import.py:2: ModuleNotFoundError: No module named 'sdt_gone'",
        ),
        ("sdt_deep:Base", "cannot be imported: {folder}/sdt_models_broken.py:3: ZeroDivisionError: division by zero"),
        (
            "sdt_library:Base",
            "cannot be imported: {folder}/sdt_library.py:3: ArgumentError: Could not parse SQLAlchemy URL",
        ),
        ("sdt_syntax:Base", "cannot be imported: {folder}/sdt_syntax.py:2: SyntaxError: "),
        ("sdt_exit:Base", "cannot be imported: {folder}/sdt_exit.py:1: SystemExit: 3"),
        ("sdt_lazy:Base", "cannot be read: {folder}/sdt_lazy.py:2: RuntimeError: not now"),
    ],
)
def test_wrong_targets(tmp_path: Path, target: str, message: str) -> None:
    put(tmp_path, "sdt_models.py", MODELS)
    put(tmp_path, "sdt_pkg/__init__.py", "")
    put(tmp_path, "sdt_import.py", "\nimport sdt_gone\n")
    put(tmp_path, "sdt_deep.py", "import sdt_models_broken\n")
    put(tmp_path, "sdt_models_broken.py", "def f():\n    return (\n        1 / 0)\nf()\n")
    put(tmp_path, "sdt_library.py", "import sqlalchemy\n\nsqlalchemy.create_engine('nonsense')\n")
    put(tmp_path, "sdt_syntax.py", "x = 1\ndef f(:\n")
    put(tmp_path, "sdt_exit.py", "raise SystemExit(3)")
    put(tmp_path, "sdt_lazy.py", "def __getattr__(name):\n    raise RuntimeError('not now')\n")
    settings = put(tmp_path, "schemadiff.toml", f'target = "{target}"\n')
    with pytest.raises(TargetError) as caught:
        Config(settings).target_metadata()
    assert str(caught.value).startswith(f"target {target!r} of {settings}")
    assert message.format(folder=tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_table_in_two_targets(tmp_path: Path) -> None:
    put(tmp_path, "sdt_models.py", MODELS)
    config = Config(put(tmp_path, "schemadiff.toml", 'target = ["sdt_models:meta", "sdt_models:again"]\n'))
    with pytest.raises(
        TargetError, match=r"table 's.item' is in two targets of .*: 'sdt_models:meta' and 'sdt_models:again'"
    ):
        config.target_metadata()


def test_modules_of_one_name_in_two_projects(tmp_path: Path) -> None:
    """The second project must not be compared with the models of the first."""
    for name in ("one", "two"):
        put(tmp_path / name, "sdt_models.py", MODELS)
        put(tmp_path / name, "schemadiff.toml", 'target = "sdt_models:Base"\n')
    Config(tmp_path / "one" / "schemadiff.toml").target_metadata()
    os.symlink(tmp_path / "one", tmp_path / "link")
    Config(tmp_path / "link" / "schemadiff.toml").target_metadata()
    with pytest.raises(
        TargetError, match=r"the module 'sdt_models' has been imported from .*one/sdt_models\.py before"
    ):
        Config(tmp_path / "two" / "schemadiff.toml").target_metadata()
