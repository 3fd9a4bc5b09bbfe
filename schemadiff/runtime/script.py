"""A script of SQL, as ``--sql`` prints it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from schemadiff.backends import Backend
from schemadiff.errors import ConfigError
from schemadiff.operations import Operation
from schemadiff.runtime.executor import Offline
from schemadiff.runtime.site import Site

__all__ = ["Script", "script_of"]


def script_of(operations: Iterable[Operation], backend: Backend) -> str:
    """Return the script that carries ``operations`` out: what ``upgrade --sql`` prints for a revision of them, but for the version table.

    Args:
        operations: the operations, in order.
        backend: the backend that they are for; it need not be connected.

    Raises:
        UnsupportedOperation: the database cannot do one of them, or its client cannot read what does it.
    """
    script = Script(backend)
    todo = tuple(operations)
    if todo:
        with script.transaction(backend.begin_script, backend.commit_script):
            Offline(Site(backend), script.statement).invoke_all(todo)
    return script.text()


class Script:
    """Collects statements. Nothing is printed before all of it is known, so that there is never half a script.

    Args:
        backend: writes statements as the database's client reads them.
        starting: the revisions that the database stands at where the script starts.
        stream: where env.py wants it printed; None for wherever the command prints it.
    """

    def __init__(self, backend: Backend, starting: tuple[str, ...] = (), stream: TextIO | None = None) -> None:
        self.starting = starting
        self.stream = stream
        self._written: Callable[[str], str] = backend.script_statement
        self._header = backend.script_header
        self._parts: list[str] = []
        self._printed = 0
        self._depth = 0
        self._whole = False

    def statement(self, sql: str) -> None:
        """Add one statement; its terminator and a blank line are put behind it.

        Raises:
            UnsupportedOperation: the database's client would read something else than what it says.
        """
        self._add(self._written(sql))

    def comment(self, text: str) -> None:
        """Add a comment of one line."""
        shown = "".join(character if character.isprintable() else " " for character in text)
        self._add(f"-- {shown}")

    def _add(self, text: str) -> None:
        if not text:
            return
        if not self._parts:
            self._parts += [f"{line}\n\n" for line in self._header]
        self._parts.append(f"{text}\n\n")

    @contextmanager
    def transaction(self, begin: Sequence[str], commit: Sequence[str]) -> Iterator[None]:
        """Put the statements that open and close a transaction around what the block adds; an inner one joins the outer."""
        self._depth += 1
        try:
            if self._depth == 1:
                for sql in begin:
                    self.statement(sql)
            yield
            if self._depth == 1:
                for sql in commit:
                    self.statement(sql)
        finally:
            self._depth -= 1
        self._hand_over()

    @contextmanager
    def outside(self, begin: Sequence[str], commit: Sequence[str]) -> Iterator[None]:
        """Close the transaction that is open before what the block adds, and open one again behind it."""
        inside = self._depth > 0
        for sql in commit if inside else ():
            self.statement(sql)
        depth, self._depth = self._depth, 1
        try:
            yield
        finally:
            self._depth = depth
        for sql in begin if inside else ():
            self.statement(sql)

    def text(self) -> str:
        """Return the script."""
        return "".join(self._parts)

    def release(self) -> None:
        """Say that the migrations have run: a stream in memory is printed to, since env.py may read it at once.

        A file waits until env.py has ended, since another database of the same run may still fail.
        """
        self._whole = True
        self._hand_over()

    def _hand_over(self) -> None:
        if self._whole and self._depth == 0 and self.stream is not None and _is_in_memory(self.stream):
            self.finish()

    def finish(self) -> None:
        """Print what is left to env.py's stream; a file that env.py has closed is opened again.

        Raises:
            ConfigError: a stream in memory has been closed before.
        """
        if self.stream is None or self._printed == len(self._parts):
            return
        if not self.stream.closed:
            self._print(self.stream)
            return
        if not hasattr(self.stream, "name"):
            raise ConfigError(
                "context.configure() was given an output_buffer that was closed before all was printed: close it after the block of "
                "context.begin_transaction()"
            )
        with open(self.stream.name, "a", encoding=self.stream.encoding, errors=self.stream.errors) as again:
            self._print(again)

    def _print(self, stream: TextIO) -> None:
        stream.write("".join(self._parts[self._printed :]))
        stream.flush()
        self._printed = len(self._parts)


def _is_in_memory(stream: TextIO) -> bool:
    if stream in (sys.stdout, sys.stderr) or (stream.closed and hasattr(stream, "name")):
        return False
    try:
        os.fstat(stream.fileno())
    except (OSError, AttributeError, ValueError):
        return True
    return False
