"""The settings file: finding it, reading it, and refusing what is wrong in it.

Settings stand in ``[tool.schemadiff]`` of pyproject.toml, or at the top level of schemadiff.toml:

    script_location       the folder with env.py, script.py.mako and versions/
    target                what the database is compared with: "package.module:Base", or a list of such
    url                   the database; ${NAME} and ${NAME:-default} are taken from the environment, $${ stays ${
    schemas               further schemas to compare
    version_locations     the folders of the revision files; script_location/versions
    recursive_version_locations   true: also the folders in these
    multiple_heads                true: the project has several branches on purpose, and check has nothing against several heads
    file_template         names of new files; "%(rev)s_%(slug)s"
    truncate_slug_length  how long the slug in such a name may be; 40
    version_table         "schemadiff_version"
    version_table_schema  the schema of that table
    lock_timeout          seconds to wait for another run of migrations; as long as it takes
    lock_url              where the lock for migrations is held, where url leads through a pooler of transactions
    table_lock_timeout    seconds that a statement of a migration may wait for a table or a row; what the server says
    statement_timeout     seconds that a statement of a migration may run; what the server says
    retries               how often a migration is tried again when another transaction was in its way; 3
    timezone              of the dates in new files; local time
    [[post_write_hooks]]  commands that run over each new file, see hooks.py
    prepend_sys_path      folders where Python looks for modules, after the settings file's own
    [engine]              arguments for the engine: echo = true
    [logging]             what is logged, and where: a configuration of Python's logging.config.dictConfig()
    [databases.NAME]      one of several databases (the template multidb), with a url, target, schemas, version_table,
                          version_table_schema and [databases.NAME.engine] of its own
    [env.NAME]            an environment: all of these again, over those outside

Relative paths are meant from the settings file's folder.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schemadiff.config.hooks import PostWriteHook, read_hooks
from schemadiff.errors import ConfigError, ProjectNotFound
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import DEFAULT_FILE_TEMPLATE, DEFAULT_SLUG_LENGTH, shown_path

__all__ = [
    "DEFAULT_VERSION_TABLE",
    "MAIN_SECTION",
    "Settings",
    "SettingsFile",
    "check_database_name",
    "find_settings",
    "one_setting",
    "read_settings",
    "setting",
]

DEFAULT_VERSION_TABLE = "schemadiff_version"
MAIN_SECTION = "schemadiff"
"""The name under which ``get_section()`` gives the settings outside of all environments."""

_OWN_FILE = "schemadiff.toml"
_PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one environment, as they are written: checked for their types, and nothing else."""

    script_location: str | None = None
    target: tuple[str, ...] = ()
    url: str | None = None
    schemas: tuple[str, ...] = ()
    version_locations: tuple[str, ...] = ()
    recursive_version_locations: bool = False
    multiple_heads: bool = False
    file_template: str = DEFAULT_FILE_TEMPLATE
    truncate_slug_length: int = DEFAULT_SLUG_LENGTH
    version_table: str = DEFAULT_VERSION_TABLE
    version_table_schema: str | None = None
    lock_timeout: float | None = None
    lock_url: str | None = None
    table_lock_timeout: float | None = None
    statement_timeout: float | None = None
    retries: int = 3
    timezone: str | None = None
    post_write_hooks: tuple[PostWriteHook, ...] = ()
    prepend_sys_path: tuple[str, ...] = ()
    engine: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    logging: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    databases: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))

    def database(self, name: str) -> Settings:
        """Return the settings of one of several databases: its own over these, the url and the target its own alone.

        Raises:
            KeyError: there is no such database.
        """
        own = {"url": None, "target": (), **self.databases[name]}
        engine = MappingProxyType({**self.engine, **own.get("engine", {})})
        return replace(self, **{**own, "engine": engine, "databases": MappingProxyType({})})


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file: the settings outside of all environments, and those of each environment.

    Attributes:
        path: the file; None where there is none.
        base: the settings outside of all environments.
        environments: the settings of each environment, those outside included.
    """

    path: Path | None = None
    base: Settings = field(default_factory=Settings)
    environments: Mapping[str, Settings] = field(default_factory=lambda: MappingProxyType({}))

    def choose(self, name: str | None) -> Settings:
        """Return the settings of the environment ``name``, or those outside of all when it is None.

        Raises:
            ConfigError: there is no such environment.
        """
        if name is None:
            return self.base
        if name in self.environments:
            return self.environments[name]
        known = ", ".join(sorted(self.environments))
        where = f"in {shown_path(self.path)}" if self.path else "without a settings file"
        raise ConfigError(
            f"there is no environment {name!r} {where}"
            + (
                f": known are {known}{_nearest(name, self.environments)}"
                if known
                else ": leave out --name, or add its table"
            )
        )


def find_settings(start: Path) -> Path:
    """Return the settings file of the project that ``start`` is in: the nearest one, from there upwards.

    Raises:
        ProjectNotFound: there is none.
        ConfigError: one folder has two, or a file on the way cannot be read.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        own, pyproject = folder / _OWN_FILE, folder / _PYPROJECT
        in_pyproject = pyproject.is_file() and _section(_parse(pyproject), pyproject) is not None
        if own.is_file() and in_pyproject:
            raise ConfigError(
                f"{shown_path(own)} and [tool.schemadiff] of {shown_path(pyproject)} both hold settings: keep one of them"
            )
        if own.is_file():
            return own
        if in_pyproject:
            return pyproject
    raise ProjectNotFound(
        f"no project in {start} or above: there is no {_OWN_FILE} and no [tool.schemadiff] in a {_PYPROJECT}: "
        "run 'schemadiff init migrations' to begin one, or -C DIR to go to one"
    )


def read_settings(path: Path) -> SettingsFile:
    """Return what a settings file says.

    Raises:
        ProjectNotFound: there is no such file, or it is a pyproject.toml without ``[tool.schemadiff]``.
        ConfigError: it cannot be read, is no TOML, or has an unknown setting or one of a wrong type.
    """
    if not path.is_file():
        raise ProjectNotFound(
            f"{shown_path(path)}: there is no such file: run 'schemadiff init migrations' to begin a project"
        )
    table = _section(_parse(path), path)
    if table is None:
        raise ProjectNotFound(
            f"{shown_path(path)} has no [tool.schemadiff]: run 'schemadiff init migrations' to begin a project"
        )
    where = f"{shown_path(path)}: "
    outside = {key: value for key, value in table.items() if key != "env"}
    base = _settings(outside, Settings(), where, known_too=("env",))
    environments: dict[str, Settings] = {}
    for name, values in _table(table.get("env", {}), "env", where).items():
        inside = f"{where}env.{name}."
        environments[name] = _settings(_table(values, f"env.{name}", where), base, inside)
    for name in {name for settings in (base, *environments.values()) for name in settings.databases} & {*environments}:
        raise ConfigError(f"{where}databases.{name} and env.{name} have one name: rename one of them")
    return SettingsFile(path=path.absolute(), base=base, environments=MappingProxyType(environments))


def one_setting(settings: Settings, key: str, value: object, where: str = "") -> Settings:
    """Return ``settings`` with one of them changed.

    Raises:
        ConfigError: there is no such setting, or the value has a wrong type.
    """
    return _settings({key: value}, settings, where)


def setting(name: str, value: object, where: str = "") -> Any:
    """Return the value of a setting as it is used, wherever it was given.

    Args:
        name: the setting.
        value: what was given.
        where: where that was, for messages.

    Raises:
        ConfigError: the value cannot be used.
    """
    return _READERS[name](value, f"{where}{name}")


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{shown_path(path)} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown_path(path)} is not UTF-8: {error.reason} at byte {error.start}: save it as UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        hint = ": settings are TOML, not INI: run 'schemadiff init'" if path.suffix == ".ini" else ""
        raise ConfigError(f"{shown_path(path)} is no valid TOML: {error}{hint}") from None


def _section(document: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """Return the table that our settings stand in; None for a pyproject.toml that has none."""
    if path.name != _PYPROJECT:
        return document
    tool = document.get("tool", {})
    section = tool.get("schemadiff") if isinstance(tool, dict) else None
    return None if section is None else _table(section, "tool.schemadiff", f"{shown_path(path)}: ")


def _table(value: object, name: str, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}{name} is {_kind(value)}: write a table, [{name}]")
    return value


def _settings(values: Mapping[str, object], base: Settings, where: str, known_too: tuple[str, ...] = ()) -> Settings:
    """Return ``base`` with the given values over it."""
    changed: dict[str, Any] = {}
    for key, value in values.items():
        if key not in _READERS:
            known = (*_READERS, *known_too)
            hint = _nearest(key, known) or f": known are {', '.join(known)}"
            raise ConfigError(f"{where}{key} is no setting{hint}")
        changed[key] = _READERS[key](value, f"{where}{key}")
    if "engine" in changed:
        changed["engine"] = MappingProxyType({**base.engine, **changed["engine"]})
    if "databases" in changed:
        changed["databases"] = MappingProxyType(_merged(base.databases, changed["databases"]))
    return replace(base, **changed)


def _merged(
    base: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Return the databases of an environment: those outside of it, with what it says over them."""
    found = dict(base)
    for name, values in own.items():
        before = base.get(name, {})
        engine = {**before.get("engine", {}), **values.get("engine", {})}
        found[name] = MappingProxyType({**before, **values, **({"engine": engine} if engine else {})})
    return found


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{name} is {_kind(value)}: write a string")
    if not value.strip():
        raise ConfigError(f"{name} is empty: write a value, or leave the setting out")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(value, name),)
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{name} is {_kind(value)}: write a string, or a list of strings")
    return tuple(_text(item, f"{name}[{number}]") for number, item in enumerate(value))


def _flag(value: object, name: str) -> bool:
    if value in ("true", "false"):  # as `set_main_option` gives it
        return value == "true"
    if not isinstance(value, bool):
        raise ConfigError(f"{name} is {_kind(value)}: write true or false")
    return value


def _length(value: object, name: str) -> int:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ConfigError(f"{name} is {_kind(value) if not isinstance(value, int) else value}: write a number above 0")
    return number


def _number(value: object, name: str) -> float:
    """Return a number; set_main_option() and the command line give it as text."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        shown = repr(value) if isinstance(value, str | float) else _kind(value)
        raise ConfigError(f"{name} is {shown}: write a number")
    return value


def _seconds(value: object, name: str) -> float:
    number = _number(value, name)
    if number < 0:
        raise ConfigError(f"{name} is {number:g}: write seconds from 0 upwards, or leave the setting out")
    return number


def _positive_seconds(value: object, name: str) -> float:
    number = _number(value, name)
    if number <= 0:
        raise ConfigError(f"{name} is {number:g}: write seconds, more than 0, or leave the setting out")
    return number


def _count(value: object, name: str) -> int:
    number = _number(value, name)
    if number < 0 or number != int(number):
        raise ConfigError(f"{name} is {number:g}: write a whole number, 0 for none")
    return int(number)


def _engine(value: object, name: str) -> dict[str, Any]:
    table = _table(value, name.rpartition(" ")[2], name.rpartition(" ")[0] + " ")
    if "url" in table:
        raise ConfigError(f"{name}.url is no argument of the engine: write the setting url, outside of the table")
    return table


def _logging(value: object, name: str) -> dict[str, Any]:
    return _table(value, name.rpartition(" ")[2], name.rpartition(" ")[0] + " ")


def check_database_name(name: str, where: str) -> None:
    """Refuse what cannot name one of several databases.

    Raises:
        ConfigError: it cannot.
    """
    if not _DATABASE_NAME.fullmatch(name) or name == MAIN_SECTION:
        raise ConfigError(
            f"{where}: {name!r} cannot name a database, since functions get their names from it, upgrade_NAME(): "
            f"write letters, digits and underscores, and not {MAIN_SECTION!r}"
        )


def _databases(value: object, name: str) -> dict[str, Mapping[str, Any]]:
    where, _, short = name.rpartition(" ")
    found: dict[str, Mapping[str, Any]] = {}
    for database, table in _table(value, short, f"{where} ").items():
        full = f"{name}.{database}"
        check_database_name(database, full)
        values = _table(table, f"{short}.{database}", f"{where} ")
        for key in values:
            if key not in _OF_DATABASE:
                hint = _nearest(key, _OF_DATABASE) or f": known are {', '.join(_OF_DATABASE)}"
                raise ConfigError(f"{full}.{key} is no setting of one database{hint}")
        found[database] = MappingProxyType({key: _READERS[key](each, f"{full}.{key}") for key, each in values.items()})
    return found


_DATABASE_NAME = re.compile(r"[A-Za-z0-9_]+")
_OF_DATABASE = ("url", "target", "schemas", "version_table", "version_table_schema", "engine")

_READERS: Mapping[str, Callable[[object, str], Any]] = {
    "script_location": _text,
    "target": _texts,
    "url": _text,
    "schemas": _texts,
    "version_locations": _texts,
    "recursive_version_locations": _flag,
    "multiple_heads": _flag,
    "file_template": _text,
    "truncate_slug_length": _length,
    "version_table": _text,
    "version_table_schema": _text,
    "lock_timeout": _seconds,
    "lock_url": _text,
    "table_lock_timeout": _positive_seconds,
    "statement_timeout": _positive_seconds,
    "retries": _count,
    "timezone": _text,
    "post_write_hooks": read_hooks,
    "prepend_sys_path": _texts,
    "engine": _engine,
    "logging": _logging,
    "databases": _databases,
}
assert set(_READERS) == {item.name for item in fields(Settings)}


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
        str: "a string",
    }
    return kinds.get(type(value), f"a {type(value).__name__}")


def _nearest(word: str, known: Any) -> str:
    found = difflib.get_close_matches(word, list(known), n=1)
    return f": did you mean {found[0]!r}?" if found else ""
