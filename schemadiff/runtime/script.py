"""A script of SQL, as ``--sql`` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from schemadiff.errors import ConfigError

__all__ = ["Script"]


class Script:
    """Collects statements. Nothing is printed before all of it is known, so that there is never half a script.

    Args:
        starting: the revisions that the database stands at where the script starts.
        stream: where env.py wants it printed; None for wherever the command prints it.
    """

    def __init__(self, starting: tuple[str, ...] = (), stream: TextIO | None = None) -> None:
        self.starting = starting
        self.stream = stream
        self._parts: list[str] = []
        self._depth = 0
        self._written = 0

    def statement(self, sql: str) -> None:
        """Add one statement; its terminator and a blank line are put behind it."""
        text = sql.strip().removesuffix(";").rstrip()
        if not text:
            return
        # A terminator behind a comment would be part of the comment.
        last = text.rpartition("\n")[2]
        end = "\n;" if "--" in last or "#" in last else ";"
        self._parts.append(f"{text}{end}\n\n")

    def comment(self, text: str) -> None:
        """Add a comment of one line."""
        shown = "".join(character if character.isprintable() else " " for character in text)
        self._parts.append(f"-- {shown}\n\n")

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

    def text(self) -> str:
        """Return the script."""
        return "".join(self._parts)

    def write_to(self, stream: TextIO) -> None:
        """Print what has not been printed yet.

        Raises:
            ConfigError: the stream has been closed before.
        """
        rest = "".join(self._parts[self._written :])
        if not rest:
            return
        if stream.closed:
            raise ConfigError(
                "context.configure() was given an output_buffer that was closed before all was printed: close it after the block of "
                "context.begin_transaction()"
            )
        stream.write(rest)
        stream.flush()
        self._written = len(self._parts)
