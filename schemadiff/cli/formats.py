"""What ``check --format`` and ``-o`` mean: which formats go where."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.session import Session
from schemadiff.cli.showing import warn
from schemadiff.errors import ConfigError, SchemadiffError
from schemadiff.frozen import dataclass

if TYPE_CHECKING:
    from schemadiff.commands import Checked
    from schemadiff.rendering.ci import Outcome

__all__ = ["FORMAT_NAMES", "Formats", "format_options"]

HUMAN = "human"
FORMAT_NAMES = (HUMAN, "json", "github", "gitlab", "sarif", "junit", "markdown")

_Command = TypeVar("_Command", bound=Callable[..., Any])


def format_options(command: _Command) -> _Command:
    """Give a command the options ``--format`` and ``-o``."""
    for option in (
        click.option(
            "-o",
            "--output",
            "outputs",
            metavar="FILE",
            multiple=True,
            shell_complete=completing.files,
            help="Write the format to FILE, and show what is for people. With FORMAT:FILE, write that one too; may be repeated.",
        ),
        click.option(
            "--format",
            "format_",
            type=click.Choice(FORMAT_NAMES),
            default=HUMAN,
            metavar="FORMAT",
            help=f"What is printed: {', '.join(FORMAT_NAMES[:-1])} or {FORMAT_NAMES[-1]}.",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Formats:
    """Where the outcome of a check goes.

    Args:
        shown: the format on standard output.
        files: a format and a file each.
    """

    shown: str
    files: tuple[tuple[str, Path], ...]

    @classmethod
    def of(cls, format_: str, outputs: tuple[str, ...]) -> Formats:
        """Return what the options say.

        Raises:
            ConfigError: a file is named for what is for people.
        """
        files = []
        shown = format_
        for each in outputs:
            name, colon, file = each.partition(":")
            if colon and file and name in FORMAT_NAMES:
                files.append((name, Path(file)))
            else:
                files.append((format_, Path(each)))
                shown = HUMAN
        for name, path in files:
            if name == HUMAN:
                known = ", ".join(FORMAT_NAMES[1:])
                raise ConfigError(f"-o {path}: give --format, or write FORMAT:FILE: formats are {known}")
        return cls(shown, tuple(files))

    @property
    def for_people(self) -> bool:
        """True where standard output is for people."""
        return self.shown == HUMAN

    @contextlib.contextmanager
    def telling_errors(self, session: Session) -> Iterator[None]:
        """Keep standard output free for the format, whatever env.py prints, and tell an error of the block in each format as well.

        Raises:
            ConfigError: a file cannot be written.
        """
        redirected = contextlib.nullcontext() if self.for_people else contextlib.redirect_stdout(sys.stderr)
        try:
            with redirected:
                yield
        except Exception as error:
            if not self.for_people or self.files:
                self._write(session, _failed(session, error))
            raise

    def tell(self, session: Session, checked: Checked, outcome: Outcome) -> None:
        """Write what a check found in each format, but for people.

        Args:
            session: the call.
            checked: what was found, whose warnings go to standard error.
            outcome: the same as findings.

        Raises:
            ConfigError: a file cannot be written.
        """
        for each in checked.databases if not self.for_people else ():
            compared = () if each.built is None else (each.built.models, each.built.database)
            for difference in (each.diff, *compared):
                if difference is not None:
                    warn(session, difference)
        self._write(session, outcome)

    def _write(self, session: Session, outcome: Outcome) -> None:
        from schemadiff.rendering.ci import FORMATS

        for name, path in self.files:
            try:
                path.write_text(FORMATS[name](outcome), encoding="utf-8", newline="\n")
            except OSError as error:
                raise ConfigError(f"-o {path}: cannot be written: {error.strerror or error}") from None
        if not self.for_people:
            session.output.write(FORMATS[self.shown](outcome))


def _failed(session: Session, error: Exception) -> Outcome:
    from schemadiff.commands.findings import failed

    try:
        settings = session.config().path
    except SchemadiffError:
        settings = None
    return failed(error, settings)
