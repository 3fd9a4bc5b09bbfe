"""Commands that make a history shorter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

if TYPE_CHECKING:
    from schemadiff.commands import Reset

__all__: list[str] = []

_FORCE_HELP = "Do not ask the databases of the project where they stand."


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision", shell_complete=completing.revisions)
@click.option("--force", is_flag=True, help=_FORCE_HELP)
@click.pass_obj
def prune(session: Session, revision: str, force: bool) -> None:
    """Make REVISION the base: delete the files of what came before it.

    All databases of the project, in all environments, are asked first: where one has not run REVISION, or cannot be reached, nothing is
    changed. A database that has run it goes on as before.

    A new database can be built from the remaining files only where the upgrade of REVISION can run first. Otherwise build it with
    metadata.create_all() and stamp head.
    """
    from schemadiff import commands

    with session.output.busy("asking the databases"):
        done = commands.prune(session.config(), revision, force=force)
    if not done.deleted:
        session.output.say(f"Nothing to do: {done.base.id} is a base already")
        return
    for each in done.deleted:
        session.output.note(f"Deleted {session.shown_path(each.path)}")
    for each in done.changed:
        session.output.note(f"Changed the identifiers in {session.shown_path(each.path)}")
    files = "1 file" if len(done.deleted) == 1 else f"{len(done.deleted)} files"
    session.output.say(f"{done.base.id} is the base now; {files} deleted")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision_range", metavar="A:B", shell_complete=completing.revisions)
@click.option("-m", "--message", metavar="TEXT", help="What the folded revision is about.")
@click.option("--force", is_flag=True, help=_FORCE_HELP)
@click.pass_obj
def squash(session: Session, revision_range: str, message: str | None, force: bool) -> None:
    """Fold the revisions from A to B into one, in the file of B.

    It keeps the identifier of B, so that databases at B or later go on as before, and those before A can run it. All databases of the
    project are asked first: where one stands inside of the range, or cannot be reached, nothing is changed.

    What stands in the files is kept as it was written: their functions are called in order. They run in one transaction, where each
    revision had its own, so fold no revision that has to be committed before the next one runs, such as one that adds a value to an
    enum of PostgreSQL which the next one writes. Where something in a file would mean something else beside the others, it is named, and nothing is changed.
    """
    from schemadiff import commands

    with session.output.busy("folding"):
        done = commands.squash(session.config(), revision_range, message, force=force)
    for each in done.folded[:-1]:
        session.output.note(f"Deleted {session.shown_path(each.path)}")
    for each in done.changed:
        session.output.note(f"Changed the identifiers in {session.shown_path(each.path)}")
    session.output.say(
        f"{session.shown_path(done.revision.path)} stands for {len(done.folded)} revisions: "
        f"{', '.join(each.id for each in done.folded)}"
    )
    session.output.note("Next: read it")


@cli.command()
@click.option(
    "--yes", is_flag=True, help="Do it. Without it nothing is changed, unless somebody at a terminal says so."
)
@click.pass_obj
def reset(session: Session, yes: bool) -> int:
    """Delete all revisions, and drop our own tables (the version table) in all databases of the project.

    What the models have made in the databases stays, so that a project can begin anew on a live database. Without --yes it tells what it
    would do and exits with 2; at a terminal it asks.
    """
    from schemadiff import commands

    config = session.config()
    with session.output.busy("asking the databases"):
        planned = commands.reset(config)
    if planned.empty:
        session.output.say("Nothing to do: there are no revisions, and no database has a table of ours")
        return 0
    if not yes:
        _tell_reset(session, planned)
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            session.output.error("nothing was changed: give --yes to do it")
            return _UNCHANGED
        if not click.confirm("Do it?", default=False, err=True):
            session.output.say("Nothing was changed")
            return _UNCHANGED
    with session.output.busy("deleting"):
        done = commands.reset(config, yes=True)
    if yes:
        _tell_reset(session, done)
    session.output.note(
        "Next: where the database is as the models say, run schemadiff autogen against an empty database, then schemadiff stamp head here"
    )
    return 0


_UNCHANGED = 2


def _tell_reset(session: Session, reset: Reset) -> None:
    words = ("Deleted", "Dropped") if reset.done else ("Would delete", "Would drop")
    for path in reset.files:
        session.output.say(f"{words[0]} {session.shown_path(path)}")
    for database in reset.databases:
        for table in database.tables:
            session.output.say(f"{words[1]} table {table} of {database.url}, which stands at {database.standing}")
