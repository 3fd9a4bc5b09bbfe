"""The arguments of ``context.configure()``: all that Alembic's users know, each of which works, or says that it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import sqlalchemy as sa

from schemadiff.config import Config
from schemadiff.errors import ConfigError
from schemadiff.runtime.connecting import connecting
from schemadiff.runtime.migration import Options

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

__all__ = ["COMPARISON", "configured"]

COMPARISON = (
    "include_schemas",
    "include_name",
    "include_object",
    "compare_type",
    "compare_server_default",
    "render_item",
)
"""What the comparison and the rendering are told."""

# What the settings say where env.py does not.
_SETTINGS = ("lock_timeout", "lock_url", "table_lock_timeout", "statement_timeout", "retries")

_RUN = (
    "version_table",
    "version_table_schema",
    "version_table_pk",
    "transaction_per_migration",
    "target_metadata",
    *_SETTINGS,
)

# They say in another tool what goes without saying here.
_NEEDLESS = {
    "literal_binds": "values are always written into a script of SQL",
    "render_as_batch": "batches are rendered where the database needs them",
    "user_module_prefix": "a user's types are imported from their own modules",
}

# Values that change nothing.
_HARMLESS: dict[str, tuple[Any, ...]] = {
    "alembic_module_prefix": ("op.",),
    "sqlalchemy_module_prefix": ("sa.",),
    "upgrade_token": ("upgrades",),
    "downgrade_token": ("downgrades",),
    "transactional_ddl": (None,),
    "process_revision_directives": (None,),
    "on_version_apply": (None, (), []),
    "template_args": (None, {}),
    "starting_rev": (None,),
    "tag": (None,),
    "autogenerate_plugins": (None,),
}

_KNOWN = frozenset(
    {"url", "dialect", "dialect_name", "dialect_opts", "output_buffer", *COMPARISON, *_RUN, *_NEEDLESS, *_HARMLESS}
)


def configured(
    connection: Connection | None, arguments: Mapping[str, Any], config: Config, *, sql: bool
) -> tuple[Dialect, Options, TextIO | None]:
    """Return the dialect, the options and where SQL is printed, None for wherever the command prints it.

    Raises:
        ConfigError: an argument is unknown, not supported, or nothing says which database is meant.
    """
    _refuse_unsupported(arguments)
    values = {name: arguments[name] for name in _RUN if name in arguments}
    values.setdefault("version_table", config.version_table)
    values.setdefault("version_table_schema", config.version_table_schema)
    for name in _SETTINGS:
        values.setdefault(name, getattr(config, name))
    values["target_metadata"] = _metadata(values.get("target_metadata"))
    comparison = {name: arguments[name] for name in COMPARISON if name in arguments}
    options = Options(**values, comparison=comparison, given=dict(arguments))
    return _dialect(connection, arguments, sql=sql), options, arguments.get("output_buffer")


def _refuse_unsupported(arguments: Mapping[str, Any]) -> None:
    for name, value in arguments.items():
        if name not in _KNOWN:
            raise ConfigError(f"context.configure() has no argument {name!r}: known are {', '.join(sorted(_KNOWN))}")
        if name in _HARMLESS and not any(value == each for each in _HARMLESS[name]):
            raise ConfigError(f"context.configure() does not support {name}={value!r} yet: leave it out")


def _metadata(target: Any) -> sa.MetaData | Sequence[sa.MetaData] | None:
    if target is None or isinstance(target, sa.MetaData):
        return target
    found = list(target) if isinstance(target, (list, tuple, set, frozenset)) else [target]
    for each in found:
        if not isinstance(each, sa.MetaData):
            hint = ": did you mean its .metadata?" if isinstance(getattr(each, "metadata", None), sa.MetaData) else ""
            kind = each.__name__ if isinstance(each, type) else f"a {type(each).__name__}"
            raise ConfigError(f"context.configure() was given {kind} as target_metadata, and no MetaData{hint}")
    return found


def _dialect(connection: Connection | None, arguments: Mapping[str, Any], *, sql: bool) -> Dialect:
    if connection is not None and not hasattr(connection, "exec_driver_sql"):
        kind = type(connection).__name__
        raise ConfigError(
            f"context.configure() was given a {kind} as connection, and no Connection: open one with engine.connect(); "
            "an AsyncConnection runs it with connection.run_sync()"
        )
    if connection is not None:
        return connection.dialect
    url, name, dialect = (arguments.get(key) for key in ("url", "dialect_name", "dialect"))
    options = dict(arguments.get("dialect_opts") or {})
    if dialect is not None:
        return dialect  # type: ignore[no-any-return]
    if url is None and name is None:
        raise ConfigError("context.configure() was given neither a connection nor a URL: give it one of them")
    with connecting():
        found: Dialect = sa.make_url(url if url is not None else f"{name}://").get_dialect()(**options)
    return found
