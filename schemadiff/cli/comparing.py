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
@click.argument("source", metavar="[SOURCE]", required=False)
@click.argument("target", metavar="[TARGET]", required=False)
@click.option(
    "--explain",
    is_flag=True,
    help="Tell why: for each difference what both sides say, what is compared, and which rule or server answer decided.",
)
@click.pass_obj
def diff(session: Session, source: str | None, target: str | None, explain: bool) -> None:
    """Show how the database differs from the models, or SOURCE from TARGET.

    Each of the two is the URL of a database, package.module:Base, or the file of a snapshot. With both of them no project is needed.

    With --explain it also lists what looks different and was taken as equal. It is the first thing to put into a bug report.
    """
    from schemadiff import commands

    config = session.config() if target is None else session.config_if_any()
    with session.output.progress() as progress:
        compared = commands.diff(config, source, target, progress=progress)
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
    if not compared.at_head and compared.current is not None:
        session.output.note(
            f"The database stands at {named_rows(compared.current)}, and the revisions at {named_rows(compared.heads)}",
            "yellow",
        )


def _explain(session: Session, difference: Diff) -> None:
    from schemadiff.cli.explaining import Explained

    session.output.render(Explained(difference.explanations, difference.agreements))
