"""Runs of the command line that kill themselves with SIGKILL, at a point that is counted at the driver's cursor.

    with Killer() as killer:
        points = killer.run(folder, ["upgrade", "head"], variables).points             # every statement, COMMIT and ROLLBACK among them
        killer.run(folder, ["upgrade", "head"], variables, kill=Kill(7, "sent"))

A point is one statement. The run dies "before" it, or once it is "sent" and no answer has come: the server then carries it out for nobody.
To die after its answer is the same to the database as to die before the next one, and after the last one there is a point "the end".

One process stays and forks the runs, since it takes most of a second to start an interpreter and to import everything. It has printed
the migrations as SQL before, and so has the modules, but no connection and no thread.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import psycopg
from pymysql.connections import Connection as PymysqlConnection

from tests.support.running import run

ROOT = Path(__file__).resolve().parents[2]
THE_END = "the end"

Moment = Literal["before", "sent"]


@dataclass(frozen=True)
class Kill:
    """When a run dies: at the point of this number, counted from 0."""

    point: int
    moment: Moment = "before"


@dataclass(frozen=True)
class Run:
    """What a run gave. ``status`` is -9 where it was killed; ``points`` are the statements that it came to."""

    status: int
    out: str
    err: str
    points: list[str]


class Killer(AbstractContextManager["Killer"]):
    """The process that forks the runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.killing"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def run(
        self, folder: Path, arguments: Sequence[str], variables: Mapping[str, str], kill: Kill | None = None
    ) -> Run:
        """Run the command line in ``folder``, with ``variables`` in its environment."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = [str(folder), list(arguments), dict(variables), None if kill is None else asdict(kill)]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Run(**json.loads(self._process.stdout.readline()))


# -- in the process that forks


def _serve() -> None:
    warm: set[str] = set()
    for line in sys.stdin:
        folder, arguments, variables, kill = json.loads(line)
        for url in {value.partition(":")[0] for value in variables.values()} - warm:
            # Imports what a run imports, and connects to nothing.
            run("upgrade", "head", "--sql", cwd=Path(folder), environment=variables)
            warm.add(url)
        with tempfile.TemporaryDirectory() as place:
            files = {name: Path(place, name) for name in ("out", "err", "points")}
            child = os.fork()
            if child == 0:
                os.environ.update(variables)
                _run(folder, arguments, None if kill is None else Kill(**kill), files)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            out, err, points = (files[name].read_text() for name in ("out", "err", "points"))
        print(json.dumps({"status": status, "out": out, "err": err, "points": json.loads(f"[{points[:-1]}]")}))
        sys.stdout.flush()


def _run(folder: str, arguments: list[str], kill: Kill | None, files: Mapping[str, Path]) -> NoReturn:
    from schemadiff.cli import main

    status = 99
    try:
        for name, number in (("out", 1), ("err", 2)):
            os.dup2(os.open(files[name], os.O_WRONLY | os.O_CREAT), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(folder)
        with files["points"].open("w", buffering=1) as log:
            points = _Points(kill, lambda statement: log.write(f"{json.dumps(statement)},") and log.flush())
            _count_sqlite(points)
            _count_psycopg(points)
            _count_pymysql(points)
            status = main(arguments)
            with points.at(THE_END):
                pass
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


class _Points:
    """Counts points, and kills the process at one of them."""

    def __init__(self, kill: Kill | None, note: Callable[[str], Any]) -> None:
        self._kill, self._note = kill, note
        self._next = 0
        self._within: int | None = None

    @contextmanager
    def at(self, statement: Any) -> Iterator[None]:
        """Count a point; what the statement itself calls is none of its own."""
        if self._within is not None:
            yield
            return
        self._within, self._next = self._next, self._next + 1
        self._note(" ".join(str(statement).split()))
        self._die("before")
        try:
            yield
        finally:
            self._within = None

    def sent(self) -> None:
        """Take note that the statement is on its way to the server."""
        self._die("sent")

    @property
    def dies_here(self) -> bool:
        """The process dies once the statement is sent."""
        return self._within is not None and self._kill == Kill(self._within, "sent")

    def _die(self, moment: Moment) -> None:
        if self._within is not None and self._kill == Kill(self._within, moment):
            os.kill(os.getpid(), signal.SIGKILL)


def _count_sqlite(points: _Points) -> None:
    """Count the statements of all connections, those on the file of the lock too. There is no server, and nothing is under way."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *arguments: Any) -> Any:
            with points.at(sql):
                return super().execute(sql, *arguments)

        def executemany(self, sql: str, *arguments: Any) -> Any:
            with points.at(sql):
                return super().executemany(sql, *arguments)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            with points.at("commit()"):
                super().commit()

        def rollback(self) -> None:
            with points.at("rollback()"):
                super().rollback()

    real = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> Any:
        return real(*arguments, factory=Connection, **options)

    sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[attr-defined]


def _wrapped(points: _Points, owner: type, name: str, statement: Callable[..., Any]) -> None:
    real = getattr(owner, name)

    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        with points.at(statement(*arguments)):
            return real(self, *arguments, **options)

    setattr(owner, name, method)


def _count_psycopg(points: _Points) -> None:
    for name in ("execute", "executemany"):
        _wrapped(points, psycopg.Cursor, name, lambda query, *_: query)
    for name in ("commit", "rollback"):
        _wrapped(points, psycopg.Connection, name, lambda name=name: f"{name}()")
    wait = psycopg.Connection.wait

    def sending(name: str) -> Callable[..., Any]:
        send = getattr(psycopg.Cursor, name)

        def method(self: Any, *arguments: Any, **options: Any) -> Any:
            result = send(self, *arguments, **options)
            points.sent()
            return result

        return method

    def waiting(self: Any, steps: Any, *arguments: Any, **options: Any) -> Any:
        # The first thing that commit() and rollback() wait for is the answer of the server.
        if points.dies_here and steps.__name__ in ("_commit_gen", "_rollback_gen"):
            next(steps)
            points.sent()
        return wait(self, steps, *arguments, **options)

    # The second is for what has been sent so often that it was prepared.
    for name in ("_execute_send", "_send_query_prepared"):
        setattr(psycopg.Cursor, name, sending(name))
    psycopg.Connection.wait = waiting  # type: ignore[assignment]


def _count_pymysql(points: _Points) -> None:
    _wrapped(points, PymysqlConnection, "query", lambda sql, *_: sql.decode() if isinstance(sql, bytes) else sql)
    for name in ("commit", "rollback"):
        _wrapped(points, PymysqlConnection, name, lambda name=name: f"{name}()")
    send = PymysqlConnection._execute_command

    def sending(self: Any, *arguments: Any) -> None:
        send(self, *arguments)
        points.sent()

    PymysqlConnection._execute_command = sending


if __name__ == "__main__":
    _serve()
