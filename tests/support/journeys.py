"""Projects on the way from their first revision to the last, through the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.projects import copy_project

__all__ = ["Project"]


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
        done = subprocess.run(
            [sys.executable, "-m", "schemadiff", "-C", str(self.directory), *self._options, *arguments],
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == expect, f"{arguments}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

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
        program = (
            "import sys, importlib, sqlalchemy as sa; sys.path.insert(0, sys.argv[1])\n"
            "module, _, name = sys.argv[2].partition(':')\n"
            "found = getattr(importlib.import_module(module), name)\n"
            "with sa.create_engine(sys.argv[3]).begin() as connection:\n"
            "    for schema in sys.argv[4:]: connection.execute(sa.schema.CreateSchema(schema))\n"
            "    getattr(found, 'metadata', found).create_all(connection)\n"
        )
        arguments = [str(self.directory), target, url, *schemas]
        subprocess.run(
            [sys.executable, "-c", program, *arguments], check=True, env=os.environ | self.environment, timeout=120
        )
