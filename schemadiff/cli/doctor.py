"""``schemadiff doctor``: what is there, and what is missing."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session
from schemadiff.cli.showing import DIFFERENT
from schemadiff.frozen import dataclass
from schemadiff.schema.words import shown

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from schemadiff.commands.diagnosing import Diagnosis, Line

__all__: list[str] = []

_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(session: Session, as_json: bool) -> int:
    """Look at versions, settings, env.py, the connection and its rights, and tell what is missing and what to do.

    Exits with 0 where there is no problem, 1 where there is one. Nothing is changed.
    """
    from schemadiff import commands

    with contextlib.redirect_stdout(sys.stderr), session.output.busy("looking"):
        found = commands.doctor(session.config)
    if as_json:
        document = {"version": 1, "ok": found.ok, "lines": [asdict(line) for line in found.lines]}
        session.output.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        _tell(session, found)
    return 0 if found.ok else DIFFERENT


def _tell(session: Session, found: Diagnosis) -> None:
    session.output.render(Diagnosed(found.lines))
    counts = [(sum(line.status == status for line in found.lines), status) for status in ("problem", "warning")]
    words = [f"{number} {status}{'' if number == 1 else 's'}" for number, status in counts if number]
    session.output.say(", ".join(words) or "All is well", next((_STYLES[s] for number, s in counts if number), "green"))


@dataclass(frozen=True)
class Diagnosed:
    """What doctor found, as a renderable of rich: folded in a terminal, and in one line each elsewhere, so that it can be searched.

    Args:
        lines: what was found.
    """

    lines: Sequence[Line]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the sections, and their lines."""
        from rich.text import Text

        names = max((len(line.name) for line in self.lines), default=0)
        indent = names + 13
        endless = options.no_wrap and not console.is_terminal
        for section, lines in groupby(self.lines, key=lambda line: line.section):
            yield Text(shown(section), style="bold")
            for line in lines:
                start = Text.assemble(
                    "  ", (f"{line.status:<7}", _STYLES[line.status]), f"  {shown(line.name):<{names}}  "
                )
                for text, style in ((line.said, ""), (line.advice, "dim")):
                    body = Text(shown(text), style=style)
                    parts = (
                        [body] if endless else body.wrap(console, max(options.max_width - indent, 20), overflow="fold")
                    )
                    for part in parts if text else ():
                        part.rstrip()
                        yield start + part
                        start = Text(" " * indent)
