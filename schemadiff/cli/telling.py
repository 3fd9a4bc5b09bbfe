"""Commands that tell, and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.listing import HistoryGraph, details, line
from schemadiff.cli.session import Session, begin_database
from schemadiff.cli.showing import ADVICE_EDITED, DIFFERENT, edited_file, tell_half

if TYPE_CHECKING:
    from schemadiff.commands import Listed, Standing

__all__: list[str] = []


@cli.command()
@click.option("-v", "--verbose", is_flag=True, help="Tell more of each revision.")
@click.option("--check-heads", is_flag=True, help="Exit with 1 where not all revisions have run.")
@click.pass_obj
def current(session: Session, verbose: bool, check_heads: bool) -> int:
    """Show the revision that the database stands at."""
    from schemadiff import commands
    from schemadiff.errors import NotAtHead

    try:
        with session.output.busy("connecting"):
            found = commands.standing(session.config(), check_heads=check_heads)
    except NotAtHead as error:
        session.output.say(str(error))
        return DIFFERENT
    for each in found.databases:
        begin_database(session, each.database)
        _tell_standing(session, each, verbose=verbose)
    return 0


def _tell_standing(session: Session, standing: Standing, *, verbose: bool) -> None:
    from schemadiff.commands import Listed

    for each in standing.edited:
        session.output.note(f"warning: edited since it ran: {edited_file(session, each)}: {ADVICE_EDITED}", "yellow")
    if not standing.rows:
        session.output.note("The database stands at base: no revision has run")
    for row in standing.rows:
        if row.revision is None:
            session.output.say(f"{row.id} (no file has this revision)")
        else:
            _list(session, [Listed(row.revision, row.children)], verbose=verbose)
    if standing.half is not None:
        tell_half(session, standing.half, tuple(row.id for row in standing.rows), standing.half_file)


@cli.command()
@click.option(
    "-r", "--rev-range", metavar="A:B", shell_complete=completing.revisions, help="Only the revisions from A to B."
)
@click.option("-v", "--verbose", is_flag=True, help="Tell more of each revision.")
@click.option("-i", "--indicate-current", is_flag=True, help="Ask the database where it stands, and mark it.")
@click.option("--graph/--no-graph", default=None, help="Draw the graph beside them; the default in a terminal.")
@click.pass_obj
def history(session: Session, rev_range: str | None, verbose: bool, indicate_current: bool, graph: bool | None) -> None:
    """List the revisions, the newest first, and how they follow one another."""
    from schemadiff import commands

    found = commands.history(session.config(), rev_range, indicate_current=indicate_current)
    if not found:
        session.output.note("There are no revisions: run schemadiff autogen")
    if graph or (graph is None and session.output.is_terminal):
        _draw(session, found, verbose=verbose)
        return
    for each in found:
        below = ", ".join(each.revision.down_revisions) or "base"
        session.output.say(f"{below} -> {line(each)}")
        _tell_details(session, each, verbose=verbose)


@cli.command()
@click.option("-v", "--verbose", is_flag=True, help="Tell more of each revision.")
@click.option("--resolve-dependencies", is_flag=True, help="Leave out those that another revision depends on.")
@click.pass_obj
def heads(session: Session, verbose: bool, resolve_dependencies: bool) -> None:
    """Show the revisions that none follows."""
    from schemadiff import commands

    found = commands.heads(session.config(), resolve_dependencies=resolve_dependencies)
    if not found:
        session.output.note("There are no revisions: run schemadiff autogen")
    _list(session, found, verbose=verbose)


@cli.command()
@click.option("-v", "--verbose", is_flag=True, help="Tell more of each revision.")
@click.pass_obj
def branches(session: Session, verbose: bool) -> None:
    """Show the revisions that several others follow."""
    from schemadiff import commands

    found = commands.branches(session.config())
    if not found:
        session.output.note("There are no branches: no revision is followed by several others")
    for each in found:
        session.output.say(line(each))
        for child in each.children:
            session.output.say(f"    -> {child}")
        _tell_details(session, each, verbose=verbose)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="head", shell_complete=completing.revisions)
@click.pass_obj
def show(session: Session, revision: str) -> None:
    """Show what REVISION says of itself, and its file."""
    import tokenize

    from schemadiff import commands

    for each in commands.show(session.config(), revision):
        path = each.revision.path
        session.output.say(line(each), "bold")
        session.output.say(f"file: {session.shown_path(path)}")
        session.output.say(f"follows: {', '.join(each.revision.down_revisions) or 'base'}")
        for name, values in (("followed by", each.children), ("depends on", each.revision.depends_on)):
            if values:
                session.output.say(f"{name}: {', '.join(values)}")
        if each.revision.create_date is not None:
            session.output.say(f"created: {each.revision.create_date}")
        session.output.say("")
        with tokenize.open(path) as file:
            session.output.write(file.read())


def _list(session: Session, found: Sequence[Listed], *, verbose: bool) -> None:
    for each in found:
        session.output.say(line(each))
        _tell_details(session, each, verbose=verbose)


def _tell_details(session: Session, each: Listed, *, verbose: bool) -> None:
    if verbose:
        for said in details(each, session.shown_path(each.revision.path)):
            session.output.say(f"    {said}")


def _draw(session: Session, found: Sequence[Listed], *, verbose: bool) -> None:
    said = [details(each, session.shown_path(each.revision.path)) for each in found] if verbose else ()
    session.output.render(HistoryGraph(found, said))
