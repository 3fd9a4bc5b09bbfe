"""What the commands of one call share: the global options, the settings, the output."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.cli.output import Output
from schemadiff.errors import ConfigError, ProjectNotFound

if TYPE_CHECKING:
    from schemadiff.config import Config

__all__ = ["Session", "begin_database"]


class Session:
    """One call of the command line.

    Args:
        output: where things are shown.

    Attributes:
        traceback: an error is shown with its traceback.
    """

    def __init__(self, output: Output) -> None:
        self.output = output
        self.traceback = False
        self._origin: str | None = None
        self._config_file: str | None = None
        self._name: str | None = None
        self._x_arguments: tuple[str, ...] = ()

    def begin(
        self,
        directory: str | None,
        config_file: str | None,
        name: str | None,
        x_arguments: tuple[str, ...],
        *,
        verbose: bool,
        quiet: bool,
        traceback: bool,
    ) -> None:
        """Take over the global options.

        Raises:
            ConfigError: there is no such directory, or an argument for env.py has no ``=``.
        """
        self.traceback = traceback
        self.output.begin_logging(verbose=verbose, quiet=quiet)
        for argument in x_arguments:
            if "=" not in argument:
                raise ConfigError(f"-x {argument!r} has no value: write -x {argument}=VALUE")
        self._config_file, self._name, self._x_arguments = config_file, name, x_arguments
        self._origin = os.getcwd()
        if directory is not None:
            try:
                os.chdir(directory)
            except OSError as error:
                raise ConfigError(f"-C {directory}: {error.strerror}: name a folder") from None

    def end(self) -> None:
        """Go back to where the call began."""
        self.output.end_logging()
        if self._origin is not None and os.path.isdir(self._origin):
            os.chdir(self._origin)

    def config(self) -> Config:
        """Return the project's settings.

        Raises:
            ConfigError: there is no project, or its settings are wrong.
        """
        from schemadiff.config import Config

        if self._config_file is not None:
            config = Config(self._config_file, name=self._name, x_arguments=self._x_arguments)
        else:
            config = Config.find(name=self._name, x_arguments=self._x_arguments)
        config.cmd_opts = self._options()
        return config

    def config_if_any(self) -> Config | None:
        """Return the project's settings; None where there is no project, and nothing was said of one.

        Raises:
            ConfigError: as for :meth:`config`.
        """
        try:
            return self.config()
        except ProjectNotFound:
            if self._config_file is not None or self._name is not None or self._x_arguments:
                raise
            return None

    def _options(self) -> Namespace:
        """Return the options of the command line for env.py, by the names that Alembic's users know them by."""
        from click import get_current_context

        context = get_current_context()
        given = {"config": self._config_file, "name": self._name, "x": list(self._x_arguments)}
        command = {"command": context.info_name, "autogenerate": context.info_name == "autogen"}
        return Namespace(**{**context.params, **given, **command})

    def shown_path(self, path: Path) -> str:
        """Return ``path`` as it is seen from where the call began, whatever -C says."""
        absolute = os.path.abspath(path)
        relative = os.path.relpath(absolute, self._origin)
        return absolute if relative.startswith("..") else relative


def begin_database(session: Session, database: str | None) -> None:
    """Show which database the next lines are about, where there are several."""
    if database is not None:
        session.output.say(f"{database}:", "bold")
