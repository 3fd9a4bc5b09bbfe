"""The command that compares, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session, begin_database
from schemadiff.cli.showing import named_rows, show_tree, warn

if TYPE_CHECKING:
    from schemadiff.commands import Compared
    from schemadiff.comparison import Diff

__all__: list[str] = []


@cli.command()
@click.option(
    "--explain",
    is_flag=True,
    help="Tell why: for each difference what both sides say, what is compared, and which rule or server answer decided.",
)
@click.pass_obj
def diff(session: Session, explain: bool) -> None:
    """Show how the database differs from the models.

    With --explain it also lists what looks different and was taken as equal. It is the first thing to put into a bug report.
    """
    from schemadiff import commands

    config = session.config()
    with session.output.progress() as progress:
        compared = commands.diff(config, progress=progress)
    for each in compared.databases:
        begin_database(session, each.database)
        _tell_compared(session, each, explain=explain)


def _tell_compared(session: Session, compared: Compared, *, explain: bool) -> None:
    warn(session, compared.diff)
    if compared.diff:
        show_tree(session, compared.diff)
    else:
        session.output.say("No differences")
    if explain:
        _explain(session, compared.diff)
    if not compared.at_head:
        session.output.note(
            f"The database stands at {named_rows(compared.current)}, and the revisions at {named_rows(compared.heads)}",
            "yellow",
        )


def _explain(session: Session, difference: Diff) -> None:
    from schemadiff.cli.explaining import Explained

    session.output.render(Explained(difference.explanations, difference.agreements))
