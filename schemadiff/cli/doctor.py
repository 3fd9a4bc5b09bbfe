"""``schemadiff doctor``: what is there, and what is missing."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session
from schemadiff.cli.showing import DIFFERENT

if TYPE_CHECKING:
    from schemadiff.commands.diagnosing import Diagnosis

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

    with contextlib.redirect_stdout(sys.stderr):
        found = commands.doctor(session.config)
    if as_json:
        document = {"version": 1, "ok": found.ok, "lines": [asdict(line) for line in found.lines]}
        session.output.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        _tell(session, found)
    return 0 if found.ok else DIFFERENT


def _tell(session: Session, found: Diagnosis) -> None:
    width = max(len(line.name) for line in found.lines)
    for section, lines in groupby(found.lines, key=lambda line: line.section):
        session.output.say(section, "bold")
        for line in lines:
            session.output.say(
                f"  {line.status:<7}  {line.name:<{width}}  {line.said}",
                _STYLES[line.status] if line.status != "ok" else "",
            )
            if line.advice:
                session.output.say(f"{'':<{width + 13}}{line.advice}", "dim")
    problems = sum(line.status == "problem" for line in found.lines)
    warnings = sum(line.status == "warning" for line in found.lines)
    counts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((problems, "problem"), (warnings, "warning"))
        if number
    ]
    session.output.say(
        ", ".join(counts) or "All is well", _STYLES["problem" if problems else "warning" if warnings else "ok"]
    )
