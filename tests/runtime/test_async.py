"""Asynchronous engines, and commands that a program calls while its event loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from schemadiff import command, commands
from schemadiff.config import Config
from schemadiff.errors import ConfigError, MigrationFailed
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "mysql": "mysql+aiomysql"}

# With what the server is asked about: a default and a check that it writes in its own way.
MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False, unique=True, server_default="none"),
    sa.Column("age", sa.Integer, sa.CheckConstraint("age>0 AND age<200", name="age_is_human"), server_default=sa.text("1+1")),
)
"""

# As in the documentation of Alembic: asyncio.run() at the end, whatever runs already.
MOVED = """
import asyncio

from models import metadata
from schemadiff import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import async_engine_from_config

config = context.config


def migrate(connection):
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


async def connect():
    engine = async_engine_from_config(
        config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


handed = config.attributes.get("connection")
if handed is None:
    asyncio.run(connect())
else:
    migrate(handed)
"""

Made = Callable[..., Project]


def _url(backend: Backend, url: str) -> str:
    """The URL for an asynchronous driver, without what only PyMySQL knows."""
    plain = sa.make_url(url).difference_update_query(["ssl_disabled"])
    return plain.set(drivername=DRIVERS[backend.name]).render_as_string(hide_password=False)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    def make(url: str, template: str = "async") -> Project:
        return Project(tmp_path / "app", url, template=template, models=MODELS)

    with forgetting(tmp_path):
        yield make


def _config(project: Project) -> Config:
    return Config(project.folder / "schemadiff.toml")


def _tables(backend: Backend, url: str) -> set[str]:
    return set(sa.inspect(backend.engine(url)).get_table_names())


def test_template(backend: Backend, made: Made) -> None:
    url = backend.new_database()
    project = made(_url(backend, url))
    assert "account" in project.ok("diff").out
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    assert project.ok("check").out == "The database is at head and agrees with the models\n"
    project.models(MODELS.replace("age<200", "age<150").replace('"none"', '"nothing"'))
    assert project.run("check").status == 1
    project.ok("autogen", "-m", "second")
    project.ok("upgrade")
    project.ok("check")
    assert "CREATE TABLE" in project.ok("upgrade", "--sql").out
    project.ok("downgrade", "base")
    assert _tables(backend, url) == {"schemadiff_version"}


@pytest.mark.parametrize("env", [None, MOVED], ids=["template", "moved"])
def test_inside_of_a_running_loop(backend: Backend, made: Made, env: str | None) -> None:
    url = backend.new_database()
    project = made(_url(backend, url))
    if env is not None:
        project.env(env)
    config = _config(project)

    async def start() -> list[str]:
        assert command.revision(config, "first", autogenerate=True) is not None
        beside = asyncio.create_task(asyncio.sleep(0, "lives"))
        command.upgrade(config, "head")
        command.check(config)
        command.downgrade(config, "base")
        await asyncio.to_thread(command.upgrade, config, "head")
        # The connection of the program: what env.py does on it stays where it belongs.
        engine = create_async_engine(config.url)

        def down(connection: sa.Connection) -> None:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
            assert connection.in_transaction()

        async with engine.begin() as connection:
            await connection.run_sync(down)
        await engine.dispose()
        return [await beside]

    assert asyncio.run(start()) == ["lives"]
    assert _tables(backend, url) == {"schemadiff_version"}


def test_an_error_inside_of_a_running_loop(tmp_path: Path, made: Made) -> None:
    """It reaches the caller as from any other call, with its place."""
    project = made(f"sqlite+aiosqlite:///{tmp_path}/app.db")
    project.revision("a1", 'op.execute("nonsense")')
    config = _config(project)

    async def start() -> None:
        with pytest.raises(MigrationFailed, match=r"versions/a1\.py:11: upgrade of revision a1 failed: .*nonsense"):
            command.upgrade(config)
        project.env("import sys\nsys.exit(3)\n")
        with pytest.raises(ConfigError, match=r"env\.py:2: SystemExit: 3"):
            command.upgrade(config)

    asyncio.run(start())


def test_start_up_with_a_synchronous_engine(backend: Backend, made: Made) -> None:
    """As a web framework calls it: in the start-up of a loop that runs, with the template generic."""
    url = backend.new_database()
    project = made(url, "generic")
    config = _config(project)
    commands.autogen(config, "first")

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        command.upgrade(config, "head")
        yield

    async def serve() -> None:
        async with lifespan():
            assert "account" in _tables(backend, url)

    asyncio.run(serve())


def test_a_connection_of_the_callers_thread(tmp_path: Path, made: Made) -> None:
    """SQLite's connections may be used in the thread that made them only."""
    project = made(f"sqlite:///{tmp_path}/other.db", "generic")
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    config = _config(project)
    engine = sa.create_engine("sqlite://")

    async def start() -> None:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config)
            assert sa.inspect(connection).has_table("one")

    asyncio.run(start())
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    ("template", "driver", "said"),
    [
        ("async", "sqlite", "a driver that is not asynchronous"),
        ("generic", "sqlite+aiosqlite", "an asynchronous driver, and env.py connects synchronously"),
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine 'connect' was never awaited")
def test_a_driver_of_the_wrong_kind(tmp_path: Path, made: Made, template: str, driver: str, said: str) -> None:
    assert said in made(f"{driver}:///{tmp_path}/app.db", template).error("diff")


def test_an_asynchronous_connection_is_refused(tmp_path: Path, made: Made) -> None:
    config = _config(made(f"sqlite+aiosqlite:///{tmp_path}/app.db"))

    async def start() -> None:
        engine = create_async_engine(config.url)
        async with engine.connect() as connection:
            config.attributes["connection"] = connection
            with pytest.raises(ConfigError, match=r"env\.py:\d+: .* AsyncConnection .*connection\.run_sync\(\)"):
                command.upgrade(config)
        await engine.dispose()

    asyncio.run(start())
