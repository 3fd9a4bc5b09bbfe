"""The arguments of ``context.configure()``: all that Alembic's users know, each of which works, or says that it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import sqlalchemy as sa

from schemadiff.config import Config
from schemadiff.config.settings import setting
from schemadiff.errors import ConfigError
from schemadiff.revisions.template import VARIABLES
from schemadiff.runtime.applied import OnVersionApply
from schemadiff.runtime.connecting import connecting
from schemadiff.runtime.options import Options

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

# Those of them that are numbers; but for the last one, None stands for no limit.
_NUMBERS = ("lock_timeout", "table_lock_timeout", "statement_timeout", "retries")

_RUN = (
    "version_table",
    "version_table_schema",
    "version_table_pk",
    "transaction_per_migration",
    "transactional_ddl",
    "target_metadata",
    "engine_name",
    *_SETTINGS,
)

# They are read from what was given, by commands that write or show a revision.
_READ = ("process_revision_directives", "template_args", "render_as_batch")

# They say in another tool what goes without saying here.
_NEEDLESS = {
    "literal_binds": "values are always written into a script of SQL",
    "user_module_prefix": "a user's types are imported from their own modules",
}

# Values that change nothing.
_HARMLESS: dict[str, tuple[Any, ...]] = {
    "alembic_module_prefix": ("op.",),
    "sqlalchemy_module_prefix": ("sa.",),
    "starting_rev": (None,),
    "tag": (None,),
    "autogenerate_plugins": (None,),
}

_OF_TEMPLATES = VARIABLES - {"upgrades", "downgrades"}

_KNOWN = frozenset(
    {
        *("url", "dialect", "dialect_name", "dialect_opts", "output_buffer", "upgrade_token", "downgrade_token"),
        *COMPARISON,
        *_RUN,
        *_READ,
        "on_version_apply",
        *_NEEDLESS,
        *_HARMLESS,
    }
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
    database = values.setdefault("engine_name", None)
    settings = config.database(database) if database in config.databases else config
    values.setdefault("version_table", settings.version_table)
    values.setdefault("version_table_schema", settings.version_table_schema)
    for name in _SETTINGS:
        values.setdefault(name, getattr(settings, name))
    for name in _NUMBERS:
        if name in arguments and (arguments[name] is not None or name == "retries"):
            values[name] = setting(name, arguments[name], "context.configure(): ")
    values.update(_tokens(arguments, database))
    values["on_version_apply"] = _functions(arguments.get("on_version_apply"))
    values["target_metadata"] = _metadata(values.get("target_metadata"))
    comparison = {name: arguments[name] for name in COMPARISON if name in arguments}
    options = Options(**values, comparison=comparison, given=dict(arguments))
    return _dialect(connection, arguments, sql=sql), options, arguments.get("output_buffer")


def _tokens(arguments: Mapping[str, Any], database: str | None) -> dict[str, str]:
    """Return the names under which script.py.mako finds what autogen writes for this database."""
    found: dict[str, str] = {}
    for name, usual in (("upgrade_token", "upgrades"), ("downgrade_token", "downgrades")):
        token = arguments.get(name) or (usual if database is None else f"{database}_{usual}")
        if not isinstance(token, str) or not token.isidentifier() or token in _OF_TEMPLATES:
            raise ConfigError(
                f"context.configure() was given {name}={token!r}, which cannot be a name in script.py.mako: "
                "write one such as 'engine1_upgrades'"
            )
        found[name] = token
    if found["upgrade_token"] == found["downgrade_token"]:
        raise ConfigError(
            f"context.configure() was given {found['upgrade_token']!r} as upgrade_token and as downgrade_token: give each its own"
        )
    return found


def _refuse_unsupported(arguments: Mapping[str, Any]) -> None:
    for name, value in arguments.items():
        if name not in _KNOWN:
            raise ConfigError(f"context.configure() has no argument {name!r}: known are {', '.join(sorted(_KNOWN))}")
        if name == "process_revision_directives" and value is not None and not callable(value):
            raise ConfigError(
                f"context.configure() was given {name}={value!r}, which cannot be called: give a function"
            )
        if name == "template_args" and not isinstance(value or {}, Mapping):
            raise ConfigError(
                f"context.configure() was given {name}={value!r}, and no dictionary: give the template's variables"
            )
        if name in _HARMLESS and not any(value == each for each in _HARMLESS[name]):
            raise ConfigError(f"context.configure() does not support {name}={value!r} yet: leave it out")


def _functions(given: Any) -> tuple[OnVersionApply, ...]:
    """Return the functions of ``on_version_apply``: none, one, or several.

    Raises:
        ConfigError: something among them cannot be called.
    """
    several = isinstance(given, Iterable) and not callable(given)
    found = () if given is None else tuple(given) if several else (given,)
    for each in found:
        if not callable(each):
            raise ConfigError(
                f"context.configure() was given on_version_apply={each!r}, which cannot be called: give a function"
            )
    return found


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
    if connection is not None and not isinstance(connection, sa.Connection):
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
