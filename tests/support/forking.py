"""Processes for commands, without the second that it takes to start an interpreter and to import everything.

    with Forker() as forker:
        done = forker.run("tests.support.forking:command_line", ["-C", folder, "check"], variables)

One process stays. It has imported what commands import, none of a project's modules, and has neither a connection nor a thread; each run
is a fork of it, which nothing is left of when it ends.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

from tests.support.projects import ROOT

__all__ = ["Done", "Forker", "command_line", "forker"]

# What a command imports when it needs it.
_MODULES = (
    *("schemadiff.cli", "schemadiff.commands", "schemadiff.api", "schemadiff.op", "schemadiff.context"),
    *("schemadiff.rendering.python", "schemadiff.rendering.terminal", "schemadiff.runtime.environment"),
    *("schemadiff.backends.sqlite", "schemadiff.backends.postgresql", "schemadiff.backends.mysql"),
    *("sqlalchemy.orm", "black", "mako.template", "rich.progress", "psycopg", "pymysql"),
)


@dataclass(frozen=True)
class Done:
    """What a run gave."""

    status: int
    out: str
    err: str


class Forker(AbstractContextManager["Forker"]):
    """The process that forks the runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=60)

    def run(self, function: str, arguments: Sequence[str], variables: Mapping[str, str]) -> Done:
        """Run ``function``, "module:name", with ``arguments`` in a process of its own, with ``variables`` in its environment.

        What it returns is the exit status. Files that it imports are not compiled to bytecode, which would be as good for a changed file.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([function, list(arguments), dict(variables)]) + "\n")
        self._process.stdin.flush()
        return Done(**json.loads(self._process.stdout.readline()))


@cache
def forker() -> Forker:
    """Return the one of this process, which ends with it."""
    found = Forker()
    atexit.register(found.close)
    return found


def command_line(arguments: list[str]) -> int:
    """Run the command line."""
    from schemadiff.cli import main

    return main(arguments)


# -- in the process that forks


def _serve() -> None:
    sys.dont_write_bytecode = True
    for module in _MODULES:
        importlib.import_module(module)
    for line in sys.stdin:
        function, arguments, variables = json.loads(line)
        with tempfile.TemporaryDirectory() as place:
            files = [Path(place, name) for name in ("out", "err")]
            child = os.fork()
            if child == 0:
                os.environ.update(variables)
                _run(function, arguments, files)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            out, err = (file.read_text() for file in files)
        print(json.dumps({"status": status, "out": out, "err": err}), flush=True)


def _run(function: str, arguments: list[str], files: Sequence[Path]) -> NoReturn:
    status = 99
    try:
        for number, file in enumerate(files, 1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        module, _, name = function.partition(":")
        status = getattr(importlib.import_module(module), name)(arguments) or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
