"""Walking through changes, and leaving some out."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.session import Session

if TYPE_CHECKING:
    from schemadiff.backends import Backend
    from schemadiff.commands.selecting import Ask
    from schemadiff.operations import Operation
    from schemadiff.operations.choosing import Choices
    from schemadiff.rendering.labels import Change

__all__ = ["asking", "refuse_without_terminal"]

_HELP = "y: keep it, n: leave it out, a: keep it and all that follow, d: leave it out and all that follow, Ctrl-C: stop, and write nothing"


def refuse_without_terminal() -> None:
    """Refuse to ask where nobody can answer.

    Raises:
        UsageError: standard input or standard error is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("-i asks about each change, and there is no terminal: leave it out")


def asking(session: Session) -> Ask:
    """Return what asks at the terminal which changes are left out."""

    def ask(choices: Choices, backend: Backend, database: str | None) -> Collection[int]:
        if database is not None:
            session.output.note(f"{database}:", "bold")
        # The hazards of an operation hang on the others too, so that all are looked at together.
        changes = _changes_of(choices, backend)
        left_out: set[int] = set()
        taken_along: set[int] = set()
        rest: str | None = None
        for number in range(len(choices.groups)):
            if number in taken_along:
                continue
            _show(session, changes[number])
            answer = rest or _answer(session, number + 1, len(choices.groups))
            if answer in "ad":
                rest = answer = "y" if answer == "a" else "n"
            if answer == "n":
                left_out.add(number)
                along = choices.needed_by[number] - taken_along - left_out
                taken_along |= along
                if along:
                    session.output.note("Left out along with it, since it needs that, or what that makes way for:")
                for each in sorted(along):
                    _show(session, changes[each], "  ")
        return left_out

    return ask


def _changes_of(choices: Choices, backend: Backend) -> list[list[Change]]:
    from schemadiff.rendering.hazards import Surroundings, hazards_of
    from schemadiff.rendering.labels import changes_of

    around = Surroundings.of(choices.parts, backend)

    def found(operations: Iterable[Operation]) -> list[Change]:
        return changes_of(operations, lambda operation: tuple(hazards_of(operation, around)))

    return [found(choices.members(number)) for number in range(len(choices.groups))]


def _show(session: Session, changes: Iterable[Change], before: str = "") -> None:
    from schemadiff.rendering.terminal import ChangeLines

    session.output.render_note(ChangeLines(tuple(changes), before), always=True)


def _answer(session: Session, number: int, total: int) -> str:
    """Return one of ``y``, ``n``, ``a``, ``d``.

    Raises:
        KeyboardInterrupt: there is no answer.
    """
    while True:
        answer = session.output.ask(f"({number} of {total}) Keep it? [Y/n/a/d/?] ").strip().lower()
        if answer in ("", "y", "yes"):
            return "y"
        if answer in ("n", "no", "a", "d"):
            return answer[0]
        session.output.note(_HELP)
