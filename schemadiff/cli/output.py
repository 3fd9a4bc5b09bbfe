"""What is shown, and where: results on standard output, all else on standard error."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, TextIO

from schemadiff.errors import mask_passwords

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn

    from schemadiff.runtime.steps import Progress

__all__ = ["Output"]

_LOGGER = "schemadiff"

_NARROW = 60
# The variables by which rich is told whether there is a terminal.
_TOLD = frozenset({"FORCE_COLOR", "TTY_COMPATIBLE"})


class Output:
    """The two streams of a command."""

    def __init__(self) -> None:
        self._out = _Stream(sys.stdout)
        self._err = _Stream(sys.stderr)
        self._handler: logging.Handler | None = None
        self._level = logging.NOTSET
        self.quiet = False

    @property
    def console(self) -> Console:
        """The console of standard output."""
        return self._out.console

    @property
    def is_terminal(self) -> bool:
        """Standard output goes to a terminal."""
        return self._out.is_terminal

    def say(self, text: str, style: str = "") -> None:
        """Show a result, one line."""
        self._show(self._out, text, style)

    def made(self, text: str) -> None:
        """Show a result that nobody has asked for, one line, unless told to be quiet."""
        if not self.quiet:
            self.say(text)

    def note(self, text: str, style: str = "") -> None:
        """Show what is good to know, unless told to be quiet."""
        if not self.quiet:
            self._show(self._err, text, style)

    def render(self, what: Any) -> None:
        """Show a renderable of rich."""
        self._out.console.print(what, soft_wrap=True)

    def render_note(self, what: Any, *, always: bool = False) -> None:
        """Show a renderable of rich on standard error, unless told to be quiet; ``always`` where a question follows that is about it."""
        if always or not self.quiet:
            self._err.console.print(what, soft_wrap=True)

    def ask(self, question: str) -> str:
        """Return what is answered at the terminal.

        Raises:
            KeyboardInterrupt: there is no answer.
        """
        from rich.text import Text

        self._err.console.print(Text(_visible(question), "bold"), end="")
        answer = sys.stdin.readline()
        if not answer:
            raise KeyboardInterrupt
        return answer

    def write(self, text: str) -> None:
        """Write text as it is: a script of SQL."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def source(self, text: str, language: Literal["sql", "python"]) -> None:
        """Show source text: highlighted on a terminal, as it is anywhere else."""
        if not self._out.is_terminal:
            self.write(text)
            return
        from rich.syntax import Syntax

        visible = "\n".join(_visible(line.expandtabs(4)) for line in text.rstrip("\n").split("\n"))
        syntax = Syntax("", language, theme="ansi_dark", background_color="default")
        self._out.console.print(syntax.highlight(visible), end="")

    def error(self, message: str) -> None:
        """Show an error, in one line."""
        from rich.text import Text

        text = Text("error: ", style="bold red")
        text.append(_visible(mask_passwords(" ".join(message.split()))), style="not bold default")
        self._err.console.print(text)

    def traceback(self, error: BaseException) -> None:
        """Show the traceback of ``error``, passwords masked."""
        sys.stderr.write(mask_passwords("".join(traceback.format_exception(error))))

    @staticmethod
    def _show(stream: _Stream, text: str, style: str) -> None:
        stream.line(_visible(mask_passwords(text)), style)

    def begin_logging(self, *, verbose: bool, quiet: bool) -> None:
        """Show the log of schemadiff on standard error until :meth:`end_logging`."""
        self.quiet = quiet
        logger = logging.getLogger(_LOGGER)
        self._level = logger.level
        logger.setLevel(logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO)
        self._handler = _Handler(self)
        logger.addHandler(self._handler)

    def end_logging(self) -> None:
        """Take the log back to what it was."""
        if self._handler is not None:
            logger = logging.getLogger(_LOGGER)
            logger.removeHandler(self._handler)
            logger.setLevel(self._level)
            self._handler = None

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Give something that shows progress as a bar; None where nobody looks at a terminal."""
        if not self._is_watched:
            yield None
            return
        from rich.progress import BarColumn, MofNCompleteColumn

        # Where there is little room it is for the words.
        narrow = self._err.console.width < _NARROW
        with self._moving(*(() if narrow else (BarColumn(bar_width=20),)), MofNCompleteColumn()) as update:

            def show(done: int, total: int, what: str, /) -> None:
                update(completed=done, total=total, description=_visible(what))

            yield show

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Show that something goes on of which nobody knows how long it takes; nothing where nobody looks at a terminal.

        Args:
            what: what goes on.
        """
        if not self._is_watched:
            yield
            return
        with self._moving() as update:
            update(description=_visible(what))
            yield

    @property
    def _is_watched(self) -> bool:
        return not self.quiet and self._err.is_terminal and not self._err.console.is_dumb_terminal

    @contextmanager
    def _moving(self, *columns: ProgressColumn) -> Iterator[Callable[..., None]]:
        """Show a line that moves as long as the block runs, with ``columns`` between the spinner and the words; give what changes it."""
        from rich.progress import Progress as Bar
        from rich.progress import SpinnerColumn, TextColumn
        from rich.table import Column

        # What the words have too much of is left out, since the line moves.
        words = TextColumn(
            "{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")
        )
        # What the user's code prints goes where it would go anyway; only on the terminal it has to make room for the bar.
        redirect = self._out.is_terminal
        with Bar(
            SpinnerColumn(),
            *columns,
            words,
            console=self._err.console,
            transient=True,
            expand=True,
            redirect_stdout=redirect,
            redirect_stderr=redirect,
        ) as bar:
            task = bar.add_task("", total=None)
            yield partial(bar.update, task)


class _Stream:
    """One of the streams. rich is loaded for a terminal, and for what is more than lines of text."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    @cached_property
    def console(self) -> Console:
        """Where renderables of rich are shown."""
        from rich.console import Console

        return Console(file=self._file, highlight=False, soft_wrap=True)

    @cached_property
    def is_terminal(self) -> bool:
        """A terminal is at the other end, or rich is told to take it for one."""
        if _TOLD.isdisjoint(os.environ) and not self._file.isatty():
            return False
        return self.console.is_terminal

    def line(self, text: str, style: str) -> None:
        """Show a line of text that has nothing to escape."""
        if not self.is_terminal:
            self._file.write(f"{text}\n")
            self._file.flush()
            return
        from rich.text import Text

        self.console.print(Text(text, style=style))


class _Handler(logging.Handler):
    """Shows records of the log as notes."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = " ".join(record.getMessage().split())
            if record.levelno >= logging.WARNING:
                self._output.note(f"warning: {text}", "yellow")
            else:
                self._output.note(text, "dim" if record.levelno < logging.INFO else "")
        except Exception:
            self.handleError(record)


def _visible(text: str) -> str:
    """Return ``text`` with every character that cannot be seen, or that steers a terminal, escaped."""
    return "".join(
        char if char.isprintable() and unicodedata.category(char)[0] != "C" else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
