"""Commands that tell, and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session, begin_database

if TYPE_CHECKING:
    from schemadiff.commands import Checked, Compared, Standing
    from schemadiff.comparison import Diff
    from schemadiff.revisions.header import Revision

__all__: list[str] = []

DIFFERENT = 1


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
    _warn(session, compared.diff)
    if compared.diff:
        _show_tree(session, compared.diff)
    else:
        session.output.say("No differences")
    if explain:
        _explain(session, compared.diff)
    if not compared.at_head:
        session.output.note(
            f"The database stands at {_named(compared.current)}, and the revisions at {_named(compared.heads)}",
            "yellow",
        )


@cli.command()
@click.pass_obj
def check(session: Session) -> int:
    """Exit with 0 where database and models agree, 1 where they differ or the database is not at head, 2 on an error."""
    from schemadiff import commands

    config = session.config()
    with session.output.progress() as progress:
        checked = commands.check(config, progress=progress)
    for each in checked.databases:
        begin_database(session, each.database)
        _tell_checked(session, each)
    return 0 if all(each.ok for each in checked.databases) else DIFFERENT


def _tell_checked(session: Session, checked: Checked) -> None:
    if checked.diff is not None:
        _warn(session, checked.diff)
    if checked.ok:
        session.output.say("The database is at head and agrees with the models")
    elif not checked.at_head:
        session.output.say(
            f"The database is not at head: it stands at {_named(checked.current)}, and the revisions at {_named(checked.heads)}"
        )
        session.output.note("Next: run schemadiff upgrade")
    elif checked.diff:
        session.output.say("The database and the models differ:")
        _show_tree(session, checked.diff)
        session.output.note("Next: run schemadiff autogen")


@cli.command()
@click.pass_obj
def current(session: Session) -> None:
    """Show the revision that the database stands at."""
    from schemadiff import commands

    for each in commands.standing(session.config()).databases:
        begin_database(session, each.database)
        _tell_standing(session, each)


def _tell_standing(session: Session, standing: Standing) -> None:
    if not standing.rows:
        session.output.note("The database stands at base: no revision has run")
    for row in standing.rows:
        if row.revision is None:
            session.output.say(f"{row.id} (no file has this revision)")
        else:
            session.output.say(_line(row.revision, is_head=row.is_head))


@cli.command()
@click.option("-r", "--rev-range", metavar="A:B", help="Only the revisions from A to B.")
@click.pass_obj
def history(session: Session, rev_range: str | None) -> None:
    """List the revisions, the newest first."""
    from schemadiff import commands

    config = session.config()
    heads = {each.id for each in commands.heads(config)}
    found = commands.history(config, rev_range)
    if not found:
        session.output.note("There are no revisions: run schemadiff autogen")
    for each in found:
        below = ", ".join(each.down_revisions) or "base"
        session.output.say(f"{below} -> {_line(each, is_head=each.id in heads)}")


@cli.command()
@click.pass_obj
def heads(session: Session) -> None:
    """Show the revisions that none follows."""
    from schemadiff import commands

    found = commands.heads(session.config())
    if not found:
        session.output.note("There are no revisions: run schemadiff autogen")
    for each in found:
        session.output.say(_line(each, is_head=True))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="head")
@click.pass_obj
def show(session: Session, revision: str) -> None:
    """Show what REVISION says of itself, and its file."""
    from schemadiff import commands

    config = session.config()
    heads = {each.id for each in commands.heads(config)}
    for each in commands.show(config, revision):
        session.output.say(_line(each, is_head=each.id in heads), "bold")
        session.output.say(f"file: {session.shown_path(each.path)}")
        session.output.say(f"follows: {', '.join(each.down_revisions) or 'base'}")
        if each.create_date is not None:
            session.output.say(f"created: {each.create_date}")
        session.output.say("")
        session.output.write(each.path.read_text(encoding="utf-8"))


def _line(revision: Revision, *, is_head: bool) -> str:
    marks = [*(["head"] if is_head else []), *revision.branch_labels]
    marked = f" ({', '.join(marks)})" if marks else ""
    return f"{revision.id}{marked}{f', {revision.message}' if revision.message else ''}"


def _show_tree(session: Session, difference: Diff) -> None:
    from schemadiff.rendering.terminal import DiffTree

    session.output.render(DiffTree(difference.upgrade))


def _explain(session: Session, difference: Diff) -> None:
    from schemadiff.cli.explaining import Explained

    session.output.render(Explained(difference.explanations, difference.agreements))


def _warn(session: Session, difference: Diff) -> None:
    for warning in difference.warnings:
        session.output.note(f"warning: {warning}", "yellow")


def _named(rows: tuple[str, ...]) -> str:
    return ", ".join(rows) or "base"
