"""Commands that make a history shorter."""

from __future__ import annotations

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

__all__: list[str] = []

_FORCE_HELP = "Do not ask the databases of the project where they stand."


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
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
