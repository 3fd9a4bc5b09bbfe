"""The check for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session, begin_database
from schemadiff.cli.showing import ADVICE_EDITED, DIFFERENT, edited_file, named_rows, show_tree, tell_half, warn

if TYPE_CHECKING:
    from schemadiff.commands import Checked

__all__: list[str] = []


@cli.command()
@click.option(
    "--source", metavar="SOURCE", help="A snapshot's file, a URL or package.module:Base, instead of the database."
)
@click.pass_obj
def check(session: Session, source: str | None) -> int:
    """Exit with 0 where database and models agree, 1 where they differ, the database is not at head or a file was edited, 2 on an error."""
    from schemadiff import commands

    config = session.config()
    with session.output.progress() as progress:
        checked = commands.check(config, source, progress=progress)
    for each in checked.databases:
        begin_database(session, each.database)
        _tell_checked(session, each, source or "The database")
    return 0 if all(each.ok for each in checked.databases) else DIFFERENT


def _tell_checked(session: Session, checked: Checked, subject: str) -> None:
    if checked.diff is not None:
        warn(session, checked.diff)
    if checked.ok:
        at_head = "" if checked.current is None else "is at head and "
        session.output.say(f"{subject} {at_head}agrees with the models")
    elif checked.half is not None:
        tell_half(session, checked.half, checked.current or (), checked.half_file)
    elif not checked.at_head:
        session.output.say(
            f"{subject} is not at head: it stands at {named_rows(checked.current or ())}, and the revisions at {named_rows(checked.heads)}"
        )
        session.output.note(
            "Next: run schemadiff upgrade" if subject == "The database" else "Next: run schemadiff upgrade there"
        )
    elif checked.diff:
        session.output.say(f"{subject} and the models differ:")
        show_tree(session, checked.diff)
        session.output.note("Next: run schemadiff autogen")
    if checked.edited:
        for each in checked.edited:
            session.output.say(f"Edited since it ran: {edited_file(session, each)}")
        session.output.note(f"Next: {ADVICE_EDITED}")
