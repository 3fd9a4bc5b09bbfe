"""The check for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.formats import Formats, format_options
from schemadiff.cli.session import Session, begin_database
from schemadiff.cli.showing import ADVICE_EDITED, DIFFERENT, edited_file, named_rows, show_tree, tell_half, warn

if TYPE_CHECKING:
    from schemadiff.commands import Checked

__all__: list[str] = []


@cli.command()
@format_options
@click.pass_obj
def check(session: Session, format_: str, outputs: tuple[str, ...]) -> int:
    """Exit with 0 where database and models agree, 1 where they differ, the database is not at head or a file was edited, 2 on an error."""
    from schemadiff import commands

    formats = Formats.of(format_, outputs)
    with formats.telling_errors(session):
        config = session.config()
        with session.output.progress() as progress:
            checked = commands.check(config, progress=progress)
    formats.tell(session, checked)
    for each in checked.databases if formats.for_people else ():
        begin_database(session, each.database)
        _tell_checked(session, each)
    return 0 if all(each.ok for each in checked.databases) else DIFFERENT


def _tell_checked(session: Session, checked: Checked) -> None:
    if len(checked.heads) > 1:
        session.output.say(f"The revisions have several heads: {', '.join(checked.heads)}")
        session.output.note("Next: run schemadiff merge")
    if checked.diff is not None:
        warn(session, checked.diff)
    if checked.ok:
        session.output.say("The database is at head and agrees with the models")
    elif checked.half is not None:
        tell_half(session, checked.half, checked.current, checked.half_file)
    elif not checked.at_head:
        session.output.say(
            f"The database is not at head: it stands at {named_rows(checked.current)}, and the revisions at {named_rows(checked.heads)}"
        )
        session.output.note("Next: run schemadiff upgrade")
    elif checked.diff:
        session.output.say("The database and the models differ:")
        show_tree(session, checked.diff)
        session.output.note("Next: run schemadiff autogen")
    if checked.edited:
        for each in checked.edited:
            session.output.say(f"Edited since it ran: {edited_file(session, each)}")
        session.output.note(f"Next: {ADVICE_EDITED}")
