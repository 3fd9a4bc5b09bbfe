"""Several databases in one project: one file, one upgrade, one answer for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import black
import pytest
import sqlalchemy as sa

from schemadiff import command, commands
from schemadiff.config import Config
from schemadiff.errors import SchemadiffError
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

MODELS = """
import enum

import sqlalchemy as sa

users, logs = sa.MetaData(), sa.MetaData()


class Kind(enum.Enum):
    read = 1
    written = 2


sa.Table("account", users, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(100), unique=True))
sa.Table("entry", logs, sa.Column("id", sa.Integer, primary_key=True), sa.Column("kind", sa.Enum(Kind)))
"""

# In the manner of an env.py that comes from Alembic: names of databases in one option, a transaction around each, tokens.
MOVED = """
import logging
import re

from models import logs, users
from schemadiff import context
from sqlalchemy import engine_from_config, pool

config = context.config
logger = logging.getLogger("schemadiff.env")
names = re.split(r",\\s*", config.get_main_option("databases", ""))
target_metadata = {"users": users, "logs": logs}


def offline():
    for name in names:
        with open(f"{name}.sql", "w") as buffer:
            context.configure(
                url=config.get_section_option(name, "sqlalchemy.url"),
                output_buffer=buffer,
                target_metadata=target_metadata.get(name),
                literal_binds=True,
                dialect_opts={"paramstyle": "named"},
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


def online():
    engines = {
        name: engine_from_config(config.get_section(name, {}), prefix="sqlalchemy.", poolclass=pool.NullPool) for name in names
    }
    connections = {name: engine.connect() for name, engine in engines.items()}
    transactions = {name: connection.begin() for name, connection in connections.items()}
    try:
        for name in names:
            context.configure(
                connection=connections[name],
                upgrade_token="%s_upgrades" % name,
                downgrade_token="%s_downgrades" % name,
                target_metadata=target_metadata.get(name),
            )
            context.run_migrations(engine_name=name)
        for transaction in transactions.values():
            transaction.commit()
    except BaseException:
        for transaction in transactions.values():
            transaction.rollback()
        raise
    finally:
        for connection in connections.values():
            connection.close()


offline() if context.is_offline_mode() else online()
"""

MOVED_TEMPLATE = '''\
<%!
import re
%>"""${message}

Revision ID: ${up_revision}
"""
from typing import Sequence, Union

from schemadiff import op
import sqlalchemy as sa
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: Union[str, Sequence[str], None] = ${repr(down_revision)}
branch_labels: Union[str, Sequence[str], None] = ${repr(branch_labels)}
depends_on: Union[str, Sequence[str], None] = ${repr(depends_on)}


def upgrade(engine_name: str) -> None:
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name: str) -> None:
    globals()["downgrade_%s" % engine_name]()

% for name in re.split(r',\\s*', config.get_main_option("databases")):

def upgrade_${name}() -> None:
    ${context.get("%s_upgrades" % name, "pass")}


def downgrade_${name}() -> None:
    ${context.get("%s_downgrades" % name, "pass")}

% endfor
'''


class Several(Project):
    """A project of the template multidb with two databases, users and logs."""

    def __init__(self, folder: Path, users: str, logs: str) -> None:
        super().__init__(folder, None, target=None, template="multidb", models=MODELS)
        self.settings = folder / "schemadiff.toml"
        text = self.settings.read_text()
        for number, (name, url) in enumerate((("users", users), ("logs", logs)), 1):
            text = text.replace(f"[databases.engine{number}]", f"[databases.{name}]")
            text = text.replace(f'# target = "package.module:Base{number}"', f'target = "models:{name}"')
            text = re.sub(rf'# url = ".*ENGINE{number}_URL.*"', lambda _, url=url: f'url = "{url}"', text)
        self.settings.write_text(text)

    @property
    def config(self) -> Config:
        return Config(self.settings)

    def moved(self) -> None:
        """Take the files that come from Alembic."""
        self.env(MOVED)
        (self.folder / "migrations" / "script.py.mako").write_text(MOVED_TEMPLATE)

    def first(self) -> str:
        """Write the first revision, and return its identifier."""
        self.ok("autogen", "-m", "first")
        return self.files[0].name.partition("_")[0]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Several]:
    """A project with two databases of SQLite."""
    with forgetting(tmp_path):
        yield Several(tmp_path / "app", f"sqlite:///{tmp_path}/users.db", f"sqlite:///{tmp_path}/logs.db")


def _tables(url: str) -> set[str]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    return set(sa.inspect(engine).get_table_names()) - {"schemadiff_version", "schemadiff_version_checksum"}


@pytest.mark.parametrize("moved", [False, True], ids=["template", "moved"])
def test_all_commands(backend: Backend, tmp_path: Path, moved: bool) -> None:
    """One database on the server and one on SQLite."""
    users, logs = f"sqlite:///{tmp_path}/users.db", backend.new_database()
    project = Several(tmp_path / "app", users, logs)
    if moved:
        project.moved()
    shown = project.ok("diff").out
    assert re.search(r"users:\nChanges\n.* account\n[^:]*logs:\nChanges\n(.*\n)*.* entry\n", shown)
    said = project.ok("autogen", "-m", "first").err
    assert re.search(r"users:\nChanges\n.* table account\n[^:]*logs:\nChanges\n(.*\n)*.* table entry\n", said)
    (file,) = project.files
    text = file.read_text()
    assert black.format_str(text, mode=black.Mode()) == text
    parts = re.split(r"\ndef (\w+)\(.*", text)
    bodies = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert {name for name, body in bodies.items() if '"account"' in body} == {"upgrade_users", "downgrade_users"}
    assert {name for name, body in bodies.items() if '"entry"' in body} == {"upgrade_logs", "downgrade_logs"}

    head = file.name.partition("_")[0]
    assert project.ok("upgrade", "--sql").out == ""
    scripts = {name: (project.folder / f"{name}.sql").read_text() for name in ("users", "logs")}
    for name, table in (("users", "account"), ("logs", "entry")):
        assert {word for word in ("account", "entry") if word in scripts[name]} == {table}
        assert scripts[name].count("CREATE TABLE IF NOT EXISTS schemadiff_version (") == 1
        assert f"VALUES ('{head}')" in scripts[name]
    assert (_tables(users), _tables(logs)) == (set(), set())

    assert project.run("check").out.count("The database is not at head") == 2
    assert "on users\n" in (ran := project.ok("upgrade")).err
    assert ran.out == f"users:\nThe database stands at {head}\nlogs:\nThe database stands at {head}\n"
    assert (_tables(users), _tables(logs)) == ({"account"}, {"entry"})
    assert project.ok("current").out == f"users:\n{head} (head), first\nlogs:\n{head} (head), first\n"
    assert project.ok("check").out.count("The database is at head and agrees with the models") == 2
    assert "No differences" in project.ok("autogen", "-m", "again").out
    assert head in project.ok("show", "current").out

    project.models(MODELS.replace('logs, sa.Column("id"', 'logs, sa.Column("at", sa.DateTime), sa.Column("id"'))
    checked = project.run("check")
    assert (checked.status, checked.out.count("agrees with the models"), checked.out.count("differ:")) == (1, 1, 1)
    project.ok("autogen", "-m", "second")
    project.ok("upgrade")
    project.ok("check")
    project.ok("downgrade", "base")
    assert (_tables(users), _tables(logs)) == (set(), set())
    assert project.ok("stamp", "head").out.count("(before: base)") == 2


def test_one_database(small: Several) -> None:
    head = small.first()
    assert "CREATE TABLE account" in small.ok("-x", "database=users", "upgrade", "--sql").out
    assert not list(small.folder.glob("*.sql"))
    small.ok("-x", "database=users", "upgrade")
    assert small.ok("current").out == f"users:\n{head} (head), first\nlogs:\n"
    assert small.run("check").out.count("not at head") == 1
    line = small.error("show", "current")
    assert f"the databases stand at different revisions, users at {head}, logs at base" in line
    assert "database logs: the database stands at base" in small.error("autogen", "-m", "x")
    assert "stand at different revisions" in small.error("autogen", "-m", "x", "--from-current")
    assert "no database 'user'" in small.error("-x", "database=user", "upgrade")
    small.ok("upgrade")
    small.ok("check")


HALF = """
import os

import sqlalchemy as sa
from schemadiff import op

revision = "h1"
down_revision = None


def upgrade(engine_name):
    op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
    with op.get_context().autocommit_block():
        op.add_column("one", sa.Column("more", sa.Integer))
        1 / int(os.environ.get("GOES_ON", "0"))
    op.add_column("one", sa.Column("last", sa.Integer))


def downgrade(engine_name):
    op.drop_table("one")
"""


@pytest.mark.parametrize("command", ["upgrade", "downgrade"])
def test_resume_after_goes_to_one_database(small: Several, command: str) -> None:
    (small.versions / "h1.py").write_text(HALF)
    goes_on = {"GOES_ON": "1"}
    for name in ("users", "logs"):
        assert "operations 1-2 of h1 are done" in small.error("-x", f"database={name}", "upgrade")
    resume = (command, *(["base"] if command == "downgrade" else []), "--resume-after", "2")
    line = small.error(*resume, environment=goes_on)
    assert "a revision is half done on several (users, logs): choose one, with -x database=NAME" in line
    assert small.ok("current").out.count("is half done") == 2
    small.ok("-x", "database=users", *resume, environment=goes_on)
    assert small.ok("current").out.count("is half done") == 1
    # It is meant for the only one that is left, which is not the first.
    small.ok(*resume, environment=goes_on)
    assert "half done" not in small.ok("current").out
    assert small.ok("current").out.count("h1") == (2 if command == "upgrade" else 0)
    assert "database users: --resume-after: no revision is half done" in small.error(*resume)


def test_as_data(small: Several, capsys: pytest.CaptureFixture[str]) -> None:
    """What Python programs get of the commands."""
    config = small.config
    made = commands.autogen(config, "first")
    assert {name: len(diff.upgrade) for name, diff in made.diffs.items()} == {"users": 1, "logs": 1}
    ran = commands.upgrade(config)
    assert [(each.database, each.after) for each in ran.databases] == [("users", (made.revision,)), ("logs", (made.revision,))]  # fmt: skip
    assert (ran.database, ran.after) == ("users", (made.revision,))
    assert commands.check(config).ok
    engine = sa.create_engine(config.database("logs").url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE other (id INTEGER)"))
    checked = commands.check(config)
    assert (checked.ok, checked.database) == (False, "logs")
    assert [each.ok for each in checked.databases] == [True, False]
    compared = commands.diff(config)
    assert (compared.database, [bool(each.diff) for each in compared.databases]) == ("logs", [False, True])
    with pytest.raises(SchemadiffError, match="database logs: the database and the models differ"):
        command.check(config)
    capsys.readouterr()
    command.current(config)
    assert capsys.readouterr().out == f"users:\n{made.revision} (head)\nlogs:\n{made.revision} (head)\n"
    assert [row.id for row in commands.current(config)] == [made.revision, made.revision]


@pytest.mark.parametrize("moved", [False, True], ids=["template", "moved"])
def test_what_fails_on_the_second(small: Several, tmp_path: Path, moved: bool) -> None:
    """The template goes on where it stopped; one transaction for all, as in the files from Alembic, keeps nothing."""
    if moved:
        small.moved()
    head = small.first()
    good = small.files[0].read_text()
    small.files[0].write_text(good.replace('op.create_table(\n        "entry"', 'op.execute("nonsense")\n    op.create_table(\n        "entry"'))  # fmt: skip
    line = small.error("upgrade")
    assert f"database logs: migrations/versions/{small.files[0].name}:" in line
    assert line.endswith(
        "once the transaction that was open before it is rolled back"
        if moved
        else "the database stands at base; done before it: users"
    )
    assert _tables(f"sqlite:///{tmp_path}/users.db") == (set() if moved else {"account"})
    small.files[0].write_text(good)
    small.ok("upgrade")
    assert small.ok("current").out.count(head) == 2
    if not moved:
        # The first database has run the file as it was.
        told = small.run("check").out
        assert told.count("Edited since it ran") == 1
        assert told.index("users") < told.index("Edited since it ran") < told.index("logs")
        assert small.ok("stamp", "--update-checksums").out.count("Accepted as it is now") == 1
    small.ok("check")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all.db", "cannot connect to the database: unable to open database file"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/x", "cannot connect to the database: .*refused"),
        ("sqlite+aiosqlite://", "an asynchronous driver, and env.py connects synchronously"),
        ("nonsense://", "the url names a database that SQLAlchemy does not know"),
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine 'connect' was never awaited")
def test_the_second_cannot_be_reached(tmp_path: Path, url: str, said: str) -> None:
    """That is told as of the first one, and what connecting to the first one has made is taken away."""
    project = Several(tmp_path / "app", f"sqlite:///{tmp_path}/users.db", url)
    with forgetting(tmp_path):
        assert re.search(said, project.error("diff"))
    assert not (tmp_path / "users.db").exists()


def test_a_database_that_comes_later(small: Several, tmp_path: Path) -> None:
    small.first()
    small.ok("upgrade")
    small.settings.write_text(
        small.settings.read_text()
        + f'\n[databases.more]\ntarget = "models:more"\nurl = "sqlite:///{tmp_path}/more.db"\nversion_table = "more_versions"\n'
    )
    small.models(
        MODELS + '\nmore = sa.MetaData()\nsa.Table("item", more, sa.Column("id", sa.Integer, primary_key=True))\n'
    )
    small.ok("upgrade")
    small.ok("autogen", "-m", "more")
    small.ok("upgrade")
    small.ok("check")
    assert set(sa.inspect(sa.create_engine(f"sqlite:///{tmp_path}/more.db")).get_table_names()) == {
        "item",
        "more_versions",
        "more_versions_checksum",
    }
    small.ok("downgrade", "base")
    assert _tables(f"sqlite:///{tmp_path}/more.db") == {"more_versions"}


def test_schemas_of_one_database(postgresql: Backend, tmp_path: Path) -> None:
    """A schema that the settings of one database name is compared there, and only there."""
    urls = {name: postgresql.new_database() for name in ("users", "logs")}
    project = Several(tmp_path / "app", urls["users"], urls["logs"])
    project.settings.write_text(
        project.settings.read_text().replace("[databases.logs]", '[databases.logs]\nschemas = ["old"]')
    )
    for url in urls.values():
        with postgresql.engine(url).begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA old"))
            connection.execute(sa.text("CREATE TABLE old.thing (id INTEGER)"))
    users, logs = project.ok("diff").out.split("logs:\n")
    assert ("table thing" in users, "table thing" in logs) == (False, True)


Broken = Callable[[str], str]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda text: text.replace("engine_name=name,", ""), "would both be written as 'downgrades'"),
        (lambda text: text.replace("engine_name=name,", 'engine_name=name, upgrade_token="up", downgrade_token=name,'), "would both be written as 'up'"),
        (lambda text: text.replace("engine_name=name,", 'upgrade_token="message",'), "upgrade_token='message', which cannot be a name"),
        (lambda text: text.replace("engine_name=name,", 'upgrade_token="a-b",'), "upgrade_token='a-b', which cannot be a name"),
        (lambda text: text.replace("engine_name=name,", 'upgrade_token="x", downgrade_token="x",'), "'x' as upgrade_token and as downgrade_token"),
        (lambda text: text.replace("engine_name=name,", 'upgrade_token=f"{name}_up", downgrade_token=f"{name}_down",'), "script.py.mako leaves out what is to be written as users_up"),
    ],
)  # fmt: skip
def test_misuse(small: Several, broken: Broken, said: str) -> None:
    path = small.folder / "migrations" / "env.py"
    path.write_text(broken(path.read_text()))
    assert said in small.error("autogen", "-m", "first")
    assert small.files == []


def test_settings_without_databases(small: Several) -> None:
    small.moved()
    small.settings.write_text('script_location = "migrations"\n')
    assert re.search(r"env\.py:\d+: the section of the settings that it reads has no url", small.error("diff"))


def test_a_file_that_is_closed_too_early(small: Several) -> None:
    small.first()
    small.moved()
    small.env(
        MOVED.replace("            with context.begin", "            buffer.close()\n            with context.begin")
    )
    small.ok("upgrade", "--sql")
    assert all("COMMIT;" in (small.folder / f"{name}.sql").read_text() for name in ("users", "logs"))


def test_a_buffer_that_is_closed_too_early(small: Several) -> None:
    small.first()
    small.moved()
    closed = MOVED.replace('open(f"{name}.sql", "w")', "io.StringIO()").replace(
        "            with context.begin", "            buffer.close()\n            with context.begin"
    )
    small.env(f"import io\n{closed}")
    line = small.error("upgrade", "--sql")
    assert re.search(r"env\.py:\d+: context\.configure\(\) was given an output_buffer that was closed", line)
