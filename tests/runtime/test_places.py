"""A command that is about another database than the project's own: env.py finds its URL in the settings, and works on nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from schemadiff.config import Config
from schemadiff.errors import ConfigError
from schemadiff.runtime.environment import Environment
from schemadiff.runtime.migration import MigrationContext
from schemadiff.runtime.places import same_place
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

NAMED_IN_ENV = """
from schemadiff import context
from sqlalchemy import create_engine

engine = create_engine({url!r})
if context.is_offline_mode():
    context.configure(dialect_name="sqlite")
    context.run_migrations()
else:
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


def _found(config: Config, *, sql: bool = False) -> list[str]:
    """Run env.py, and return the databases that it works on."""
    found: list[str] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        found.append(context.dialect.name if context.connection is None else str(context.connection.engine.url))

    with forgetting(config.folder):
        Environment(config, work, sql=sql, keep=False).run()
    return found


@pytest.mark.parametrize("template", ["generic", "async"])
def test_env_works_where_it_is_told_to(template: str, tmp_path: Path, backend: Backend) -> None:
    drivers = {"sqlite": "aiosqlite", "postgresql": "asyncpg", "mysql": "aiomysql"}
    own, other = (sa.make_url(backend.new_database()) for _ in range(2))
    if template == "async":
        own, other = (
            each.set(drivername=f"{each.get_backend_name()}+{drivers[backend.name]}").difference_update_query(
                ["ssl_disabled"]
            )
            for each in (own, other)
        )
    texts = [each.render_as_string(hide_password=False) for each in (own, other)]
    project = Project(tmp_path / "app", texts[0], template=template)
    config = Config(project.folder / "schemadiff.toml", attributes={"connection": "the project's own"})
    assert _found(config.at({None: texts[1]})) == [str(other)]
    assert _found(Config(project.folder / "schemadiff.toml")) == [str(own)], "the settings themselves are as they were"


def test_offline_it_is_the_dialect_that_counts(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/own.db")
    config = Config(project.folder / "schemadiff.toml")
    assert _found(config.at({None: "postgresql://"}), sql=True) == ["postgresql"]
    project.env(NAMED_IN_ENV.format(url=f"sqlite:///{tmp_path}/own.db"))
    assert _found(config.at({None: "sqlite://"}), sql=True) == ["sqlite"]
    with pytest.raises(ConfigError, match="works on sqlite, where it was told to work on postgresql"):
        _found(config.at({None: "postgresql://"}), sql=True)


def test_env_that_goes_elsewhere_is_refused(tmp_path: Path) -> None:
    own, other = (f"sqlite:///{tmp_path}/{name}.db" for name in ("own", "other"))
    project = Project(tmp_path / "app", own)
    project.env(NAMED_IN_ENV.format(url=own))
    with pytest.raises(
        ConfigError, match=r"env\.py.* works on sqlite:.*own\.db, where it was told to work on .*other\.db"
    ):
        _found(Config(project.folder / "schemadiff.toml").at({None: other}))


def test_one_of_several_databases(tmp_path: Path) -> None:
    own = f"sqlite:///{tmp_path}/own.db"
    project = Project(tmp_path / "app", None, target=None, template="multidb")
    settings = project.folder / "schemadiff.toml"
    tables = "".join(f'[databases.{name}]\nurl = "{own}"\ntarget = "models:metadata"\n' for name in ("a", "b"))
    settings.write_text(f'script_location = "migrations"\n{tables}')
    other = {"b": f"sqlite:///{tmp_path}/other.db"}
    assert _found(Config(settings, x_arguments=["database=b"]).at(other)) == [other["b"]]
    with pytest.raises(ConfigError, match="'a', and this command is about b alone"):
        _found(Config(settings).at(other))


def test_the_lock_is_not_held_where_the_project_holds_it(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/own.db")
    config = Config(project.folder / "schemadiff.toml")
    config.set_main_option("lock_url", "postgresql://lock.example/app")
    assert config.lock_url is not None
    assert config.at({None: "sqlite://"}).lock_url is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql+psycopg://app@db/shop", "postgresql+asyncpg://admin:secret@db:5432/shop?ssl=require", True),
        ("postgresql://db/shop", "postgresql://db:5433/shop", False),
        ("postgresql:///shop?host=/run/postgresql", "postgresql:///shop?host=/tmp", False),
        ("postgresql://db/shop", "postgresql://db/shop2", False),
        ("mysql+pymysql://db/shop", "mariadb+pymysql://db:3306/shop?charset=utf8mb4", True),
        ("mysql://db/shop", "postgresql://db/shop", False),
        ("sqlite:///app.db", "sqlite+aiosqlite:///./app.db", True),
        ("sqlite:///app.db", "sqlite:///app2.db", False),
        ("sqlite://", "sqlite://", True),
    ],
)  # fmt: skip
def test_same_place(one: str, other: str, same: bool) -> None:
    assert same_place(sa.make_url(one), sa.make_url(other)) is same
