"""Projects on the way from their first revision to the last, through the command line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from tests.support.forking import forker
from tests.support.projects import copy_project

__all__ = ["Project", "create_all"]


class Project:
    """A copy of one of the fixtures, and its command line.

    ``variables`` are the environment variables of its settings, ``options`` the options that every command is given.
    """

    def __init__(self, name: str, directory: Path, variables: Mapping[str, str], *options: str) -> None:
        self.directory = copy_project(name, directory)
        self.environment = dict(variables)
        self._options = options

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run a command, and return what it says."""
        # A process of its own: other tests import the fixtures' models into this one.
        done = forker().run(
            "tests.support.forking:command_line",
            ["-C", str(self.directory), *self._options, *arguments],
            self.environment,
        )
        assert done.status == expect, f"{arguments}: exit status {done.status}\n{done.out}\n{done.err}"
        return done.out + done.err

    def change(self, module: str, changes: Mapping[str, tuple[str, str]]) -> None:
        """Change the source of the models: each piece of text stands in it once."""
        path = self.directory / module
        source = path.read_text()
        for what, (old, new) in changes.items():
            assert source.count(old) == 1, what
            source = source.replace(old, new)
        path.write_text(source)

    def revisions(self) -> list[Path]:
        """Return the revision files."""
        return sorted((self.directory / "migrations" / "versions").glob("*.py"))

    def create_all(self, target: str, url: str, schemas: tuple[str, ...] = ()) -> None:
        """Make a database of the models as they are, without us. ``target`` is "module:attribute"."""
        arguments = [str(self.directory), target, url, *schemas]
        done = forker().run("tests.support.journeys:create_all", arguments, self.environment)
        assert done.status == 0, done.err


def create_all(arguments: list[str]) -> None:
    """Make a database of models: the folder that they are in, "module:attribute", the URL, and the schemas to make before."""
    folder, target, url, *schemas = arguments
    sys.path.insert(0, folder)
    module, _, name = target.partition(":")
    found = getattr(importlib.import_module(module), name)
    with sa.create_engine(url).begin() as connection:
        for schema in schemas:
            connection.execute(sa.schema.CreateSchema(schema))
        getattr(found, "metadata", found).create_all(connection)
