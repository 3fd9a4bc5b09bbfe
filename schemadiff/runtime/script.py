"""A script of SQL, as ``--sql`` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

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

    def write_to(self, stream: TextIO) -> None:
        """Print the script."""
        stream.write(self.text())
        stream.flush()
