"""The settings of one environment, ready for use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schemadiff.config.hooks import PostWriteHook
from schemadiff.config.settings import Settings, SettingsFile
from schemadiff.config.url import anchor_sqlite_path, drivername_of, expand_variables
from schemadiff.errors import ConfigError, VariableNotSet
from schemadiff.revisions.naming import shown_path

__all__ = ["Values"]


class Values:
    """The settings of one environment, each as an attribute that is ready for use: paths are whole, variables are filled in.

    Args:
        file: the settings file.
        name: the environment; None for the settings outside of all environments.

    Attributes:
        path: the settings file, absolute; None where there is none.
        folder: the folder that relative paths start from: the settings file's, else the working directory.
        name: the environment.
        places: the URLs of databases other than the project's own that a command is about, by their names; None is that of the only one.

    Raises:
        ConfigError: there is no such environment.
    """

    def __init__(self, file: SettingsFile, name: str | None = None) -> None:
        self.path: Path | None = file.path
        self.folder: Path = file.path.parent if file.path else Path.cwd()
        self.name: str | None = name
        self._file = file
        self._settings: Settings = file.choose(name)
        self._url_given: str | None = None
        self._engine_given: dict[str, Any] = {}
        self._database: str | None = None
        self.places: Mapping[str | None, str] = MappingProxyType({})

    @property
    def script_location(self) -> Path:
        """The folder with env.py, script.py.mako and versions/.

        Raises:
            ConfigError: it is not set.
        """
        if self._settings.script_location is None:
            raise ConfigError(
                f"no script_location in {self._where}: set it to the folder of env.py, or run 'schemadiff init'"
            )
        return self.folder / self._settings.script_location

    @property
    def env_file(self) -> Path:
        """The project's env.py.

        Raises:
            ConfigError: ``script_location`` is not set, or has no env.py.
        """
        path = self.script_location / "env.py"
        if not path.is_file():
            raise ConfigError(
                f"there is no {shown_path(path)}: correct script_location in {self._where}, or run 'schemadiff init' for a new one"
            )
        return path

    @property
    def script_template(self) -> Path:
        """The project's script.py.mako."""
        return self.script_location / "script.py.mako"

    @property
    def version_locations(self) -> tuple[Path, ...]:
        """The folders of the revision files.

        Raises:
            ConfigError: neither they nor ``script_location`` are set.
        """
        if self._settings.version_locations:
            return tuple(Path(os.path.normpath(self.folder / each)) for each in self._settings.version_locations)
        return (self.script_location / "versions",)

    @property
    def recursive_version_locations(self) -> bool:
        """Whether the folders in these hold revision files too."""
        return self._settings.recursive_version_locations

    @property
    def multiple_heads(self) -> bool:
        """Whether the project has several branches on purpose, so that several heads are nothing to tell of."""
        return self._settings.multiple_heads

    @property
    def url(self) -> str:
        """The database's URL: the last one that was set, else the setting, with its variables filled in.

        Raises:
            ConfigError: there is none, or it needs a variable that is not set.
        """
        url = self._url()
        if url is None:
            environments = ", ".join(sorted(self._file.environments))
            choose = (
                f", or choose an environment with --name ({environments})" if environments and not self.name else ""
            )
            if self.databases:
                choose += f"; the urls of {', '.join(self.databases)} are there for an env.py of the template multidb"
            raise ConfigError(
                f'no url in {self._where}: set it to the database\'s, such as url = "sqlite:///app.db"{choose}'
            )
        return url

    @property
    def drivername(self) -> str | None:
        """The driver that the url names, whether or not its variables are set; None where they hold it, or there is no url."""
        url = self._url_given if self._url_given is not None else self._settings.url
        return None if url is None else drivername_of(url)

    @property
    def engine_options(self) -> dict[str, Any]:
        """Arguments for ``create_engine()``: the table ``[engine]``."""
        return {**self._settings.engine, **self._engine_given}

    @property
    def target(self) -> tuple[str, ...]:
        """Where the MetaData are: ``package.module:Base``."""
        return self._settings.target

    @property
    def schemas(self) -> tuple[str, ...]:
        """The schemas that are compared, besides the default one and those that the MetaData name."""
        return self._settings.schemas

    @property
    def file_template(self) -> str:
        """How new revision files are named."""
        return self._settings.file_template

    @property
    def truncate_slug_length(self) -> int:
        """How many characters of the message go into such a name."""
        return self._settings.truncate_slug_length

    @property
    def post_write_hooks(self) -> tuple[PostWriteHook, ...]:
        """The commands that run over each new revision file, in order."""
        return self._settings.post_write_hooks

    @property
    def version_table(self) -> str:
        """The name of the table that tells which revisions have run."""
        return self._settings.version_table

    @property
    def version_table_schema(self) -> str | None:
        """The schema of that table; None for the default one."""
        return self._settings.version_table_schema

    @property
    def lock_timeout(self) -> float | None:
        """The seconds to wait for another run of migrations; None for as long as it takes."""
        return self._settings.lock_timeout

    @property
    def lock_url(self) -> str | None:
        """Where the lock for migrations is held, its variables filled in; None for the connection that migrates.

        Raises:
            ConfigError: it needs a variable that is not set.
        """
        url = None if self.places else self._settings.lock_url
        return None if url is None else expand_variables(url, os.environ, f"lock_url in {self._where}")

    @property
    def table_lock_timeout(self) -> float | None:
        """The seconds that a statement of a migration may wait for a table or a row; None for what the server says."""
        return self._settings.table_lock_timeout

    @property
    def statement_timeout(self) -> float | None:
        """The seconds that a statement of a migration may run; None for what the server says."""
        return self._settings.statement_timeout

    @property
    def retries(self) -> int:
        """How often a migration is tried again that was rolled back whole because another transaction was in its way."""
        return self._settings.retries

    @property
    def timezone(self) -> str | None:
        """The time zone of the dates in new files; None for local time."""
        return self._settings.timezone

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of the project's environments, in the order of the settings file."""
        return tuple(self._file.environments)

    @property
    def databases(self) -> tuple[str, ...]:
        """The names of the project's databases, where it has several: the tables ``[databases.NAME]``, in their order."""
        return tuple(self._settings.databases)

    @property
    def _where(self) -> str:
        file = shown_path(self.path) if self.path else "the settings"
        tables = [
            f"{kind}.{name}" for kind, name in (("env", self.name), ("databases", self._database)) if name is not None
        ]
        return f"{file} ([{'.'.join(tables)}])" if tables else file

    def _url(self) -> str | None:
        return self._url_given if self._url_given is not None else self._url_of(self._settings)

    def _url_of(self, settings: Settings) -> str | None:
        if settings.url is None:
            return None
        url = expand_variables(settings.url, os.environ, f"url in {self._where}")
        if not url.strip():
            raise VariableNotSet(f"url in {self._where} is empty once its variables are filled in: set them")
        return anchor_sqlite_path(url, self.folder)
