"""env.py: scripts of the user's own run, and what is wrong in them is told with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff import command, commands, context
from schemadiff.config import Config
from schemadiff.errors import ConfigError, MigrationFailed
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

# As users of Alembic have it, with its import changed.
ALEMBIC = """
from logging.config import fileConfig

from schemadiff import context
from sqlalchemy import engine_from_config, pool

config = context.config

if config.config_file_name is not None:
    fileConfig(config.config_file_name)

from models import metadata

target_metadata = metadata


def run_migrations_offline() -> None:
    url = config.get_main_option("sqlalchemy.url")
    context.configure(
        url=url,
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )

    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )

    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)

        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""

CONFIGURE = "context.configure(connection=connection, target_metadata=target_metadata)"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project on SQLite with Alembic's env.py."""
    made = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    made.env(ALEMBIC)
    with forgetting(tmp_path):
        yield made


def _tables(tmp_path: Path) -> set[str]:
    return set(sa.inspect(sa.create_engine(f"sqlite:///{tmp_path}/app.db")).get_table_names())


def _config(project: Project) -> Config:
    return Config(project.folder / "schemadiff.toml")


def test_env_of_the_tutorial(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url, target=None)
    project.env(ALEMBIC)
    project.ok("autogen", "-m", "first")
    assert "CREATE TABLE" in project.ok("upgrade", "--sql").out
    project.ok("upgrade")
    project.ok("check")
    project.ok("downgrade", "base")
    assert sa.inspect(backend.engine(url)).get_table_names() == ["schemadiff_version"]


@pytest.mark.parametrize(
    ("replacement", "said"),
    [
        ("context.configure(connection=connection, nonsense=1)", ["env.py:38", "no argument 'nonsense'"]),
        ("context.configure(connection=connection, on_version_apply=5)", ["env.py:38", "on_version_apply"]),
        ("context.configure(connection=connection, process_revision_directives=5)", ["process_revision_directives"]),
        ("context.configure(connection=connection, alembic_module_prefix='x.')", ["alembic_module_prefix"]),
        ("context.configure(connection=connection, target_metadata=5)", ["env.py:38", "no MetaData"]),
        ("context.configure(connection=connectable)", ["env.py:38", "Engine", "connect()"]),
        ("context.configure(target_metadata=target_metadata)", ["env.py:38", "neither a connection nor a URL"]),
        ("pass", ["env.py:40", "configure() has to be called first"]),
        ("connection.execute('x')", ["env.py:38", "ObjectNotExecutableError"]),
    ],
)  # fmt: skip
def test_misuse_is_told_with_its_place(replacement: str, said: list[str], project: Project) -> None:
    project.env(ALEMBIC.replace(CONFIGURE, replacement))
    line = project.error("upgrade")
    for words in said:
        assert words in line


def test_logging_from_an_ini_file(project: Project) -> None:
    """As old files of Alembic ask for it."""
    project.env(ALEMBIC.replace("if config.config_file_name is not None:\n    ", ""))
    line = project.error("diff")
    assert "env.py:9: fileConfig() reads INI files" in line
    assert "config.configure_logging()" in line


def test_harmless_arguments(project: Project) -> None:
    project.env(
        ALEMBIC.replace(
            CONFIGURE,
            "context.configure(connection=connection, target_metadata=[target_metadata], compare_type=True, "
            "compare_server_default=True, render_as_batch=True, include_schemas=False, user_module_prefix='x.', "
            "version_table='versions', version_table_pk=False, transaction_per_migration=True, on_version_apply=None)",
        )
    )
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    assert project.ok("check").status == 0


def test_hooks_are_called(project: Project) -> None:
    project.env(
        ALEMBIC.replace("target_metadata = metadata", HOOKS).replace(
            CONFIGURE,
            "context.configure(connection=connection, target_metadata=target_metadata, include_name=include_name, "
            "include_object=include_object, compare_type=compare_type, compare_server_default=compare_default)",
        )
    )
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    assert "left_out" not in (project.files[0]).read_text()
    project.models(MODELS_CHANGED)
    assert "No differences" in project.ok("diff").out


HOOKS = """
target_metadata = metadata

def include_name(name, type_, parent_names):
    return name != "ours"

def include_object(object, name, type_, reflected, compare_to):
    return name != "left_out"

def compare_type(context, inspected_column, metadata_column, inspected_type, metadata_type):
    if inspected_column.name == metadata_column.name == "id":
        return None
    assert (inspected_type.length, metadata_type.length) in ((100, 100), (100, 200))
    return False

def compare_default(context, inspected_column, metadata_column, inspected_default, metadata_default, rendered_metadata_default):
    assert (inspected_default, rendered_metadata_default) in ((None, None), (None, "'x'"))
    assert (metadata_default is None) == (rendered_metadata_default is None)
    return False
"""

COLUMNS = (
    'sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(%s)%s, nullable=False, unique=True)'
)
MODELS_CHANGED = f"""
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("account", metadata, {COLUMNS % (200, ', server_default="x"')})
sa.Table("left_out", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def test_a_hook_that_fails_is_told_with_its_place(project: Project) -> None:
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    project.env(
        ALEMBIC.replace(
            "target_metadata = metadata", "target_metadata = metadata\ndef hook(*arguments):\n    return 1 / 0\n"
        ).replace(CONFIGURE, "context.configure(connection=connection, target_metadata=metadata, include_name=hook)")
    )
    line = project.error("diff")
    assert "migrations/env.py:16: in the hook hook(): ZeroDivisionError" in line


def test_without_hooks_a_change_is_seen(project: Project) -> None:
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    project.models(MODELS_CHANGED)
    shown = project.ok("diff").out
    assert "VARCHAR(200)" in shown
    assert "left_out" in shown


def test_a_transaction_that_env_loses_is_told(project: Project, tmp_path: Path) -> None:
    project.env(
        ALEMBIC.replace(CONFIGURE, f'connection.execute(__import__("sqlalchemy").text("SELECT 1")); {CONFIGURE}')
    )
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    line = project.error("upgrade")
    assert "connection.commit()" in line
    assert _tables(tmp_path) == set()
    # What only reads loses nothing.
    assert project.ok("current").out == ""


def test_a_transaction_of_env_is_joined(project: Project, tmp_path: Path) -> None:
    project.env(ALEMBIC.replace("connectable.connect()", "connectable.begin()"))
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    project.ok("upgrade")
    assert _tables(tmp_path) == {"one", "schemadiff_version", "schemadiff_version_checksum"}


def test_one_transaction_for_all(project: Project, tmp_path: Path) -> None:
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    project.revision("b2", 'op.execute("nonsense")', "a1")
    project.error("upgrade")
    assert _tables(tmp_path) == {"one", "schemadiff_version", "schemadiff_version_checksum"}
    project.ok("downgrade", "base")
    project.env(ALEMBIC.replace(CONFIGURE, CONFIGURE.replace(")", ", transaction_per_migration=False)")))
    line = project.error("upgrade")
    assert "nothing of this run was kept" in line


@pytest.mark.backends("sqlite", "postgresql")
def test_commands_that_only_read_beside_one_transaction_for_all(backend: Backend, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    project.env(ALEMBIC.replace(CONFIGURE, CONFIGURE.replace(")", ", transaction_per_migration=False)")))
    assert project.ok("current").out == ""
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    for command_line in (["current"], ["check"], ["diff"], ["history", "-i"]):
        project.ok(*command_line)
    assert "Dropped table schemadiff_version" in project.ok("reset", "--yes").out


@pytest.mark.backends("sqlite", "postgresql")
def test_what_a_block_has_committed_stays_in_one_transaction_for_all(backend: Backend, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    project.env(ALEMBIC.replace(CONFIGURE, CONFIGURE.replace(")", ", transaction_per_migration=False)")))
    project.revision(
        "a1",
        """
        op.create_table("one", sa.Column("id", sa.Integer))
        with op.get_context().autocommit_block():
            op.add_column("one", sa.Column("x", sa.Integer))
        op.create_table("two", sa.Column("id", sa.Integer))
        """,
    )
    project.revision("b2", 'op.execute("nonsense")', "a1")
    assert "up to the last autocommit_block() of this run stays" in project.error("upgrade")
    assert "The upgrade of revision a1 is half done" in project.ok("current").out
    project.ok("upgrade", "a1")
    assert "a1" in project.ok("current").out


def test_connection_handed_in(project: Project, tmp_path: Path) -> None:
    project.env(
        """
        from schemadiff import context

        context.configure(connection=context.config.attributes["connection"])
        with context.begin_transaction():
            context.run_migrations()
        """
    )
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    engine = sa.create_engine(f"sqlite:///{tmp_path}/app.db")
    config = _config(project)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin() as transaction:
            command.upgrade(config, "head")
            assert sa.inspect(connection).has_table("one")
            transaction.rollback()
        assert not sa.inspect(connection).has_table("one")
        connection.rollback()
        with connection.begin():
            command.upgrade(config, "head")
        connection.rollback()
        assert not connection.in_transaction()
        commands.stamp(config, "base")
        assert not connection.in_transaction()
    assert _tables(tmp_path) == {"one", "schemadiff_version"}


def test_x_arguments_and_the_rest_of_context(project: Project) -> None:
    project.revision("a1")
    project.revision("b2", down="a1")
    project.ok("upgrade", "a1")
    project.env(
        ALEMBIC.replace(
            CONFIGURE,
            CONFIGURE
            + """
        assert context.get_x_argument() == ["a=1", "b=2=3"]
        assert context.get_x_argument(as_dictionary=True) == {"a": "1", "b": "2=3"}
        assert context.get_head_revision() == "b2"
        assert context.get_head_revisions() == ("b2",)
        assert context.get_revision_argument() == "b2"
        assert context.get_starting_revision_argument() == "a1"
        assert context.get_tag_argument() == "v1"
        assert context.get_bind() is connection
        assert context.get_context().get_current_revision() == "a1"
        assert context.get_context().opts["connection" if False else "target_metadata"] is metadata
        assert context.is_transactional_ddl()
        context.execute("CREATE TABLE made_by_env (id INTEGER)")
        connection.commit()
        """,
        )
    )
    project.ok("-x", "a=1", "-x", "b=2=3", "upgrade", "head", "--tag", "v1")


def test_env_is_asked_for_its_own_folder_first(project: Project) -> None:
    (project.folder / "lib").mkdir()
    (project.folder / "lib" / "helper_of_env.py").write_text("from models import metadata as found\n")
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text() + 'prepend_sys_path = "lib"\n')
    project.env(ALEMBIC.replace("from models import metadata", "from helper_of_env import found as metadata"))
    project.ok("diff")


def test_run_arguments_reach_the_revisions(project: Project, tmp_path: Path) -> None:
    project.env(ALEMBIC.replace("context.run_migrations()", 'context.run_migrations(name="told")'))
    path = project.revision("a1", "op.create_table(name, sa.Column('id', sa.Integer))")
    path.write_text(path.read_text().replace("def upgrade()", "def upgrade(name)"))
    project.ok("upgrade")
    assert "told" in _tables(tmp_path)


def test_output_buffer(project: Project, tmp_path: Path) -> None:
    project.env(
        ALEMBIC.replace(
            "literal_binds=True", f'literal_binds=True, output_buffer=open({str(tmp_path / "out.sql")!r}, "w")'
        )
    )
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    assert project.ok("upgrade", "--sql").out == ""
    assert "CREATE TABLE one" in (tmp_path / "out.sql").read_text()


ASYNC = """
import asyncio

from schemadiff import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import async_engine_from_config

config = context.config
target_metadata = config.target_metadata()


def do_run_migrations(connection):
    context.configure(connection=connection, target_metadata=target_metadata)

    with context.begin_transaction():
        context.run_migrations()


async def run_async_migrations():
    connectable = async_engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )

    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)

    await connectable.dispose()


asyncio.run(run_async_migrations())
"""


@pytest.mark.backends("sqlite", "postgresql")
def test_asynchronous_env(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    live = sa.make_url(url).set(drivername=drivers[backend.name]).render_as_string(hide_password=False)
    project = Project(tmp_path / "app", live)
    project.env(ASYNC)
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    assert project.ok("check").status == 0
    project.revision("z9", TWICE, down=project.files[0].name.split("_")[0])
    project.error("upgrade")
    ours = {"schemadiff_version", "schemadiff_version_checksum"}
    assert set(sa.inspect(backend.engine(url)).get_table_names()) == {"account", *ours}
    project.ok("downgrade", "base")
    assert sa.inspect(backend.engine(url)).get_table_names() == ["schemadiff_version"]


TWICE = 'for _ in range(2): op.create_table("twice", sa.Column("id", sa.Integer, primary_key=True))'

# A revision as Alembic writes it, with its import changed.
MOVED = """\
\"\"\"create account table

Revision ID: 1975ea83b712
Revises:
Create Date: 2011-11-08 11:40:27.089406

\"\"\"
from typing import Sequence, Union

from schemadiff import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = '1975ea83b712'
down_revision: Union[str, Sequence[str], None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('name', sa.String(length=50), nullable=False),
    sa.Column('kind', sa.Enum('a', 'b', name='kind'), nullable=True),
    sa.Column('created', sa.DateTime(), server_default=sa.text('CURRENT_TIMESTAMP'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account'))
    )
    op.create_table('address',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_address'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_address_account_id'), 'address', ['account_id'], unique=False)
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email', sa.String(length=100), nullable=True))
        batch_op.alter_column('name',
               existing_type=sa.VARCHAR(length=50),
               type_=sa.String(length=60),
               existing_nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_account_email'), ['email'])
    account = sa.table('account', sa.column('id', sa.Integer), sa.column('name', sa.String))
    op.bulk_insert(account, [{'id': 1, 'name': 'x'}, {'id': 2, 'name': 'y'}])
    op.execute(account.update().where(account.c.name == op.inline_literal('x')).values({'name': op.inline_literal('z')}))
    names = op.get_bind().execute(sa.select(account.c.name).order_by(account.c.id)).scalars().all()
    assert names == ['z', 'y']


def downgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_account_email'), type_='unique')
        batch_op.drop_column('email')
    op.drop_table('address')
    op.drop_table('account')
"""


def test_revision_of_alembic(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    (project.versions / "1975ea83b712_create_account_table.py").write_text(MOVED)
    project.ok("upgrade")
    inspector = sa.inspect(backend.engine(url))
    columns = {column["name"]: column for column in inspector.get_columns("account")}
    assert columns.keys() == {"id", "name", "kind", "created", "email"}
    assert str(columns["name"]["type"]).startswith("VARCHAR(60)")
    assert [unique["name"] for unique in inspector.get_unique_constraints("account")] == ["uq_account_email"]
    project.ok("downgrade", "base")
    assert sa.inspect(backend.engine(url)).get_table_names() == ["schemadiff_version"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("lock_timeout=-1", "lock_timeout is -1: write seconds from 0 upwards"),
        ("lock_timeout='soon'", "lock_timeout is 'soon': write a number"),
        ("table_lock_timeout=0", "table_lock_timeout is 0: write seconds, more than 0"),
        ("table_lock_timeout=True", "table_lock_timeout is a boolean: write a number"),
        ("statement_timeout=-0.5", "statement_timeout is -0.5: write seconds, more than 0"),
        ("statement_timeout=[1]", "statement_timeout is a list: write a number"),
        ("retries=-1", "retries is -1: write a whole number, 0 for none"),
        ("retries=1.5", "retries is 1.5: write a whole number"),
        ("retries=False", "retries is a boolean: write a number"),
        ("retries=None", "retries is a NoneType: write a number"),
    ],
)
def test_limits_of_env_that_cannot_be_used(project: Project, given: str, said: str) -> None:
    project.env(ALEMBIC.replace(CONFIGURE, CONFIGURE.replace(")", f", {given})")))
    project.revision("a1")
    assert f"context.configure(): {said}" in project.error("upgrade")


def test_limits_of_env_that_say_none(project: Project) -> None:
    project.env(ALEMBIC.replace(CONFIGURE, CONFIGURE.replace(")", ", lock_timeout=None, statement_timeout='5')")))
    project.revision("a1")
    project.ok("upgrade")


def test_outside_of_env() -> None:
    for call in (context.run_migrations, context.is_offline_mode, context.get_x_argument, lambda: context.config):
        with pytest.raises(ConfigError, match=r"context\.\w+(\(\))? works in env\.py only"):
            call()


def test_facade_prints(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    config = _config(project)
    made = command.revision(config, "first", autogenerate=True)
    assert made is not None
    assert made.path.is_file()
    command.upgrade(config, "head")
    command.check(config)
    assert command.revision(config, "again", autogenerate=True) is None
    capsys.readouterr()
    command.current(config)
    command.heads(config)
    command.history(config, indicate_current=True)
    assert (
        capsys.readouterr().out == f"{made.id} (head)\n{made.id} (head)\n<base> -> {made.id} (head, current), first\n"
    )
    command.upgrade(config, "base:head", sql=True)
    assert "CREATE TABLE account" in capsys.readouterr().out
    command.downgrade(config, "base")
    command.stamp(config, "head")
    command.show(config, "head")
    assert made.id in capsys.readouterr().out
    with pytest.raises(ConfigError, match="sql"):
        command.revision(config, "x", autogenerate=True, sql=True)
    assert not issubclass(MigrationFailed, ConfigError)


def test_beginning_on_a_live_database(project: Project, tmp_path: Path) -> None:
    """``create_all()`` and ``stamp head``, as tutorials do it."""
    project.ok("autogen", "-m", "first")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/app.db")
    metadata = sa.MetaData()
    sa.Table(
        "account",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(100), nullable=False, unique=True),
    )
    metadata.create_all(engine)
    command.stamp(_config(project), "head")
    project.ok("check")
