"""The settings of a project, as commands, env.py and Python programs see them.

from schemadiff.config import Config
config = Config.find()                    # the project that the working directory is in
config = Config("schemadiff.toml")        # this settings file
config = Config()                         # no file; settings by set_main_option()

settings.py   finds, reads and checks the settings file
values.py     the settings, ready for use
hooks.py      the commands that run over new revision files
logs.py       the table [logging]
url.py        variables in the url, and relative SQLite paths
target.py     imports the MetaData
scaffold.py   begins a new project
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, overload

from schemadiff.config.logs import configure_logging
from schemadiff.config.settings import (
    MAIN_SECTION,
    Settings,
    SettingsFile,
    check_database_name,
    find_settings,
    one_setting,
    read_settings,
)
from schemadiff.config.target import load_metadata, prepend_to_sys_path
from schemadiff.config.values import Values
from schemadiff.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["Config"]

_ENGINE = "sqlalchemy."
_URL = "sqlalchemy.url"
# What users of Alembic may look for.
_ELSEWHERE = {
    "file_config": "settings are TOML, and not ConfigParser's: use get_section(), or get_main_option()",
    "toml_file_name": "the settings file is config.path",
    "get_alembic_option": "use get_main_option()",
    "get_alembic_boolean_option": "use get_main_option()",
    "get_version_locations_list": "use config.version_locations",
    "get_prepend_sys_paths_list": "use config.prepare_sys_path()",
    "get_template_directory": "the templates are copied by 'schemadiff init'",
    "print_stdout": "use print()",
    "messaging_opts": "schemadiff logs below the logger 'schemadiff'",
}
_TABLES = ("engine", "logging", "databases", "post_write_hooks")


class Config(Values):
    """The settings of one environment of a project; in env.py, ``context.config``.

    The attributes ``script_location``, ``url`` and so on give the settings ready for use. The methods ``get_section()``,
    ``get_main_option()`` and ``set_main_option()`` give and change them by name, as an env.py written for Alembic expects;
    there, ``"sqlalchemy.url"`` is the url and ``"sqlalchemy.echo"`` is ``echo`` of the table ``[engine]``.

    Args:
        path: the settings file, pyproject.toml or a file with the settings at its top level; None for no file.
        name: the environment, ``[env.NAME]``; None for the settings outside of all environments.
        x_arguments: what was given with ``-x``, each as ``key=value``.
        attributes: anything for env.py, a connection for instance.

    Attributes:
        path: the settings file, absolute; None where there is none.
        folder: the folder that relative paths start from: the settings file's, else the working directory.
        name: the environment.
        config_ini_section: the name under which ``get_section()`` gives this environment's settings.
        config_file_name: always None. Alembic's env.py hands it to ``logging.config.fileConfig()`` unless it is None, and
            that reads INI files only; the settings file is ``path``.
        attributes: anything that the caller hands to env.py. The templates generic and async use
            ``attributes["connection"]``, a Connection, instead of connecting themselves.
        cmd_opts: the options of the command line by their names, with ``command``, the command's name, and ``autogenerate``, which is
            True for ``autogen``; None in a Python program.

    Raises:
        ProjectNotFound: there is no such file, or it has no settings of ours.
        ConfigError: something in it is wrong, or it has no such environment.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
        x_arguments: Sequence[str] = (),
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(SettingsFile() if path is None else read_settings(Path(path)), name)
        self.config_ini_section: str = name or MAIN_SECTION
        self.config_file_name: str | None = None
        self.attributes: dict[str, Any] = dict(attributes or {})
        self.cmd_opts: Any = None
        self.x_arguments: tuple[str, ...] = tuple(x_arguments)
        self._options: dict[str, dict[str, str]] = {}

    @classmethod
    def find(
        cls, start: str | os.PathLike[str] = ".", *, name: str | None = None, x_arguments: Sequence[str] = ()
    ) -> Config:
        """Return the settings of the project that the folder ``start`` is in: the nearest file, from there upwards.

        Raises:
            ProjectNotFound: there is none.
            ConfigError: as in `Config`, or one folder has two settings files.
        """
        return cls(find_settings(Path(start)), name=name, x_arguments=x_arguments)

    def database(self, name: str) -> Config:
        """Return the settings of one of several databases, as settings of their own.

        Its ``url``, ``target``, ``engine_options`` and so on are those of ``[databases.NAME]``; what is not set there is as outside
        of the table, but for ``url`` and ``target``.

        Raises:
            ConfigError: there is no such database.
        """
        if name not in self._settings.databases:
            known = f"known are {', '.join(self.databases)}" if self.databases else f"add a table [databases.{name}]"
            raise ConfigError(f"there is no database {name!r} in {self._where}: {known}")
        found = copy.copy(self)
        found._settings = self._settings.database(name)
        found._url_given, found._engine_given, found._database = None, {}, name
        found.config_ini_section = name
        for key, value in self._options.get(name, {}).items():
            found.set_main_option(key, value)
        return found

    def at(self, urls: Mapping[str | None, str]) -> Config:
        """Return these settings for other databases than the project's own, for a scratch database for instance.

        env.py finds them where it finds the project's own; one that connects to something else all the same is refused. A connection
        in ``attributes`` and ``lock_url`` are about the project's own databases, and are left out.

        Args:
            urls: the URL of each database by its name; under None that of the only one.
        """
        found = copy.copy(self)
        found.places = MappingProxyType(dict(urls))
        found.attributes = {key: value for key, value in self.attributes.items() if key != "connection"}
        found._options = {section: dict(options) for section, options in self._options.items()}
        for name, url in urls.items():
            if name is None:
                found._url_given = url
            else:
                found._options.setdefault(name, {})["url"] = url.replace("%", "%%")
        return found

    def _url_in(self, section: str) -> str | None:
        given = self._options.get(section, {}).get(_URL)
        if section == self.config_ini_section:
            return self._url()
        if section in self._settings.databases:
            return self.database(section)._url()
        if given is None and section in self._file.environments:
            return self._url_of(self._file.environments[section])
        return given

    def _options_of(self, section: str) -> dict[str, Any] | None:
        """Return the settings of a section but for the url; None when there is no such section."""
        given = self._options.get(section)
        if section == self.config_ini_section:
            return _named(self._settings, self.engine_options) | (given or {})
        if section in self._settings.databases:
            own = self.database(section)
            return _named(own._settings, own.engine_options) | (given or {})
        if section in self._file.environments:
            settings = self._file.environments[section]
            return _named(settings, settings.engine) | (given or {})
        return None if given is None else dict(given)

    # What Python looks modules up in, and the models

    def prepare_sys_path(self) -> None:
        """Put the settings file's folder first on ``sys.path``, and those of ``prepend_sys_path`` next."""
        further = (Path(os.path.normpath(self.folder / entry)) for entry in self._settings.prepend_sys_path)
        prepend_to_sys_path((self.folder, *further))

    def target_metadata(self) -> MetaData | list[MetaData] | None:
        """Import the target and return its MetaData, a list for several targets, None when no target is set.

        Raises:
            TargetError: it cannot be imported, is no MetaData, or two targets have one table; with the file and line where
                the user's own code failed.
        """
        self.prepare_sys_path()
        found = load_metadata(self._settings.target, self._where)
        return found[0] if len(found) == 1 else list(found) or None

    # Logging

    def configure_logging(self) -> None:
        """Set up Python's logging by the table ``[logging]``; the templates' env.py calls this.

        Without the table nothing is set up: on the command line schemadiff shows its log by itself, and in a Python program that is
        the program's to decide. Where the program has set up logging (the root logger has handlers), it stays as it is.

        Raises:
            ConfigError: the table is no configuration of ``logging.config.dictConfig()``.
        """
        configure_logging(self._settings.logging, self._where)

    # By name, as Alembic's users know it

    if not TYPE_CHECKING:  # for it, every name would be one

        def __getattr__(self, name: str) -> Any:
            hint = f": {_ELSEWHERE[name]}" if name in _ELSEWHERE else ""
            raise AttributeError(f"Config has no {name!r}{hint}")

    def get_section(self, name: str, default: Any = None) -> Any:
        """Return the settings of a section by their names, or ``default`` when there is no such section.

        Args:
            name: ``config_ini_section`` for the settings in use, the name of one of several databases, that of an environment, or
                a section that ``set_section_option()`` made.
            default: what to return otherwise.
        """
        found = self._options_of(name)
        if found is None:
            return default
        url = self._url_in(name)
        return found if url is None else {**found, _URL: url}

    def get_section_option(self, section: str, name: str, default: Any = None) -> Any:
        """Return one setting of a section by its name, or ``default``."""
        if name == _URL:  # the only one that the environment can make fail: the others do not ask for it
            url = self._url_in(section)
            return default if url is None else url
        return (self._options_of(section) or {}).get(name, default)

    def get_main_option(self, name: str, default: Any = None) -> Any:
        """Return one of the settings in use by its name, or ``default``.

        ``"sqlalchemy.url"`` is the url, and ``"databases"`` the names of the databases, with commas between them.
        """
        return self.get_section_option(self.config_ini_section, name, default)

    def set_main_option(self, name: str, value: str) -> None:
        """Change one of the settings in use; it wins over the settings file.

        As in Alembic, whose values go through ConfigParser, ``%%`` stands for a percent sign; a single one stands for itself
        here. A relative SQLite path in a URL set so is relative to the working directory.

        Raises:
            ConfigError: the value has a wrong type.
        """
        self.set_section_option(self.config_ini_section, name, value)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Change one setting of a section; see `set_main_option`."""
        plain = value.replace("%%", "%") if isinstance(value, str) else value
        main = section == self.config_ini_section
        if main and name in (_URL, "url"):
            self._url_given = plain
        elif main and name.startswith(_ENGINE):
            self._engine_given[name.removeprefix(_ENGINE)] = plain
        elif main and name == "databases" and isinstance(plain, str):
            self._settings = replace(self._settings, databases=self._databases_named(plain))
        elif main and name not in _TABLES and name in Settings.__dataclass_fields__:
            self._settings = one_setting(self._settings, name, plain)
        else:
            self._options.setdefault(section, {})[name] = plain

    def _databases_named(self, names: str) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for name in (part.strip() for part in names.split(",") if part.strip()):
            check_database_name(name, "databases")
            found[name] = self._settings.databases.get(name, {})
        return MappingProxyType(found)

    @overload
    def get_x_argument(self, as_dictionary: Literal[False] = False) -> list[str]: ...
    @overload
    def get_x_argument(self, as_dictionary: Literal[True]) -> dict[str, str]: ...
    def get_x_argument(self, as_dictionary: bool = False) -> list[str] | dict[str, str]:
        """Return what was given with ``-x``.

        Args:
            as_dictionary: split each at its first ``=``; one without ``=`` has an empty value, and the last of a name counts.
        """
        if not as_dictionary:
            return list(self.x_arguments)
        return {key: value for key, _, value in (argument.partition("=") for argument in self.x_arguments)}


def _named(settings: Settings, engine: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings by their names, without those that are not set; several values are joined with commas."""
    plain = {name: getattr(settings, name) for name in Settings.__dataclass_fields__ if name not in ("url", *_TABLES)}
    plain["databases"] = tuple(settings.databases)
    found = {name: _option(value) for name, value in plain.items() if value}
    return {**found, **{f"{_ENGINE}{key}": value for key, value in engine.items()}}


def _option(value: object) -> str:
    """Return a setting as an INI file would have it."""
    if isinstance(value, tuple):
        return ",".join(value)
    return "true" if value is True else str(value)
