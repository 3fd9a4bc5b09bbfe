"""Many processes that run one command at the same moment, as replicas that start together do.

    python -m tests.support.replicas FOLDER COUNT ARGUMENT...

forks COUNT processes, each of which runs ``schemadiff ARGUMENT...`` in FOLDER, and prints a list of [status, output, errors] as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.support.running import run

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Replica:
    """What one of them gave."""

    status: int
    out: str
    err: str


def run_at_once(folder: Path, count: int, *arguments: str) -> list[Replica]:
    """Run the command line ``count`` times at once in ``folder``."""
    command = [sys.executable, "-m", "tests.support.replicas", str(folder), str(count), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return [Replica(*each) for each in json.loads(done.stdout)]


def _main(folder: str, count: int, arguments: list[str]) -> None:
    for module in ("psycopg", "pymysql"):
        importlib.import_module(module)
    # Imports what a run imports, and connects to nothing: the replicas have it from here.
    run("upgrade", "head", "--sql", cwd=Path(folder))
    os.chdir(folder)
    gate, opener = os.pipe()
    with tempfile.TemporaryDirectory() as place:
        paths = [(Path(place, f"{number}.out"), Path(place, f"{number}.err")) for number in range(count)]
        children: list[int] = []
        for out, err in paths:
            child = os.fork()
            if child == 0:
                os.close(opener)
                _run(gate, out, err, arguments)
            children.append(child)
        os.close(opener)
        statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        texts = [[path.read_text() for path in pair] for pair in paths]
    json.dump([[status, *text] for status, text in zip(statuses, texts, strict=True)], sys.stdout)


def _run(gate: int, out: Path, err: Path, arguments: list[str]) -> NoReturn:
    from schemadiff.cli import main

    status = 99
    try:
        for path, number in ((out, 1), (err, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
        os.read(gate, 1)  # until the parent closes its end
        status = main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
