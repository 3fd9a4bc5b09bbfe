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
        ("context.configure(connection=connection, on_version_apply=print)", ["env.py:38", "on_version_apply"]),
        ("context.configure(connection=connection, process_revision_directives=print)", ["process_revision_directives"]),
        ("context.configure(connection=connection, transactional_ddl=False)", ["transactional_ddl"]),
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
    assert "migrations/env.py:16: ZeroDivisionError" in line


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
    assert _tables(tmp_path) == {"one", "schemadiff_version"}


def test_one_transaction_for_all(project: Project, tmp_path: Path) -> None:
    project.revision("a1", 'op.create_table("one", sa.Column("id", sa.Integer))')
    project.revision("b2", 'op.execute("nonsense")', "a1")
    project.error("upgrade")
    assert _tables(tmp_path) == {"one", "schemadiff_version"}
    project.ok("downgrade", "base")
    project.env(ALEMBIC.replace(CONFIGURE, CONFIGURE.replace(")", ", transaction_per_migration=False)")))
    line = project.error("upgrade")
    assert "nothing of this run was kept" in line


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
    with pytest.raises(ConfigError, match="splice"):
        command.revision(config, "x", splice=True)
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
