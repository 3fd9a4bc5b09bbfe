"""What env.py uses: ``from schemadiff import context``.

Names and arguments are those that users of Alembic know. Everything here works while a command runs env.py, and raises
:class:`~schemadiff.errors.ConfigError` at any other time. ``context.config`` is the :class:`~schemadiff.config.Config` of the
command.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, overload

from schemadiff.runtime.environment import current_environment

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.config import Config
    from schemadiff.runtime.migration import MigrationContext

    config: Config

__all__ = [
    "begin_transaction",
    "config",
    "configure",
    "execute",
    "get_bind",
    "get_context",
    "get_head_revision",
    "get_head_revisions",
    "get_revision_argument",
    "get_starting_revision_argument",
    "get_tag_argument",
    "get_x_argument",
    "is_offline_mode",
    "is_transactional_ddl",
    "run_migrations",
]


def configure(connection: Connection | None = None, **arguments: Any) -> None:
    """Say which database is meant and what it is compared with.

    Args:
        connection: the connection; not needed where :func:`is_offline_mode` is true.
        arguments:
            url, dialect_name, dialect_opts: the database of a script of SQL.
            target_metadata: the MetaData, or a list of them, that the database is compared with.
            include_schemas: True compares all schemas of the database; otherwise the default one, those that the MetaData
                names and those in the settings are compared.
            include_name: called as ``include_name(name, type_, parent_names)`` for what is read from the database; False leaves it out.
            include_object: called as ``include_object(object, name, type_, reflected, compare_to)``; False leaves it out.
            compare_type, compare_server_default: True (the default), False to leave types or server defaults alone, or a function
                called as ``compare_type(context, inspected_column, metadata_column, inspected_type, metadata_type)`` or
                ``compare_server_default(context, inspected_column, metadata_column, inspected_default, metadata_default,
                rendered_metadata_default)``, which says True where they differ, False where not, None where it does not know.
            render_item: called as ``render_item(type_, object, render_context)``; returns Python source, or False.
            version_table, version_table_schema, version_table_pk: the table that tells which revisions have run; the
                settings, where not given.
            engine_name: the database, where env.py configures several one after another: its name in ``[databases.NAME]`` of the
                settings, whose ``schemas``, ``version_table`` and ``version_table_schema`` then count.
            upgrade_token, downgrade_token: the names under which script.py.mako finds what autogen writes for this database;
                ``NAME_upgrades`` and ``NAME_downgrades`` of the engine_name, else ``upgrades`` and ``downgrades``.
            transaction_per_migration: True (the default) runs each revision in a transaction of its own; False runs all of
                them in one.
            transactional_ddl: whether DDL takes part in transactions; found by the database where it is None. False leaves BEGIN and COMMIT
                out of a script.
            process_revision_directives: called as ``process_revision_directives(context, revision, directives)`` with what autogen is about
                to write, a list of one :class:`~schemadiff.rewriter.MigrationScript`, which it may change; an emptied list writes no
                file. ``diff`` and ``check`` call it too. A :class:`~schemadiff.rewriter.Rewriter` is one.
            on_version_apply: a function, or several, called as ``function(ctx=, step=, heads=, run_args=)`` after each move of the version
                table, in its transaction. ``step`` is a :class:`~schemadiff.runtime.applied.MigrationInfo`.
            template_args: a dictionary of further variables for ``script.py.mako``.
            render_as_batch: True renders what changes a table as a batch, also where the database needs none, so that the file runs on
                SQLite.
            lock_timeout, lock_url, table_lock_timeout, statement_timeout, retries: how to wait for another run and for tables; the
                settings, where not given.
            output_buffer: a text stream for the script of SQL.
            literal_binds, user_module_prefix: accepted, and without an effect: values are always written into a script, and types are
                imported from their own modules.

    Raises:
        ConfigError: an argument is unknown or not supported, or nothing says which database is meant.
    """
    current_environment("configure()").configure(connection, **arguments)


def run_migrations(**arguments: Any) -> None:
    """Do what the command asked for: upgrade, downgrade, compare, check, ...

    Args:
        arguments: keyword arguments for ``upgrade()`` and ``downgrade()`` of the revisions. ``engine_name`` also names the database,
            where :func:`configure` was not told.
    """
    current_environment("run_migrations()").run_migrations(**arguments)


def begin_transaction() -> AbstractContextManager[None]:
    """Return what stands around :func:`run_migrations`.

    Each revision opens a transaction of its own; with ``transaction_per_migration=False`` this is one around all of them.
    """
    return current_environment("begin_transaction()").begin_transaction()


def is_offline_mode() -> bool:
    """Return True where the command prints SQL (``--sql``), so that no connection is needed."""
    return current_environment("is_offline_mode()").is_offline_mode()


def is_transactional_ddl() -> bool:
    """Return True where the database's DDL takes part in transactions."""
    return current_environment("is_transactional_ddl()").is_transactional_ddl()


def get_context() -> MigrationContext:
    """Return the migration context that :func:`configure` made."""
    return current_environment("get_context()").get_context()


def get_bind() -> Connection | None:
    """Return the connection; None where SQL is printed."""
    return current_environment("get_bind()").get_context().bind


def execute(sql: Any, execution_options: Any = None) -> None:
    """Execute, or print, a statement."""
    current_environment("execute()").get_context().execute(sql, execution_options)


@overload
def get_x_argument(as_dictionary: Literal[False] = False) -> list[str]: ...
@overload
def get_x_argument(as_dictionary: Literal[True]) -> dict[str, str]: ...
def get_x_argument(as_dictionary: bool = False) -> list[str] | dict[str, str]:
    """Return what was given with ``-x key=value``, as a list of texts or as a dictionary."""
    environment = current_environment("get_x_argument()")
    return environment.get_x_argument(as_dictionary=True) if as_dictionary else environment.get_x_argument()


def get_head_revision() -> str | None:
    """Return the only head revision; None where there are no revisions."""
    return current_environment("get_head_revision()").get_head_revision()


def get_head_revisions() -> tuple[str, ...]:
    """Return all head revisions."""
    return current_environment("get_head_revisions()").get_head_revisions()


def get_revision_argument() -> str | None:
    """Return the revision that the command goes to; None for the base."""
    return current_environment("get_revision_argument()").get_revision_argument()


def get_starting_revision_argument() -> str | None:
    """Return the revision that the command starts from; None for the base."""
    return current_environment("get_starting_revision_argument()").get_starting_revision_argument()


def get_tag_argument() -> str | None:
    """Return the argument of ``--tag``; None without one."""
    return current_environment("get_tag_argument()").tag


def __getattr__(name: str) -> Any:
    if name == "config":
        return current_environment("config").config
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
