"""Commands that change the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session, begin_database

if TYPE_CHECKING:
    from schemadiff.commands import Ran

__all__: list[str] = []

_SQL_HELP = "Print the SQL, and do not connect. A range A:B starts at A."


@cli.command()
@click.argument("revision", default="head")
@click.option("--sql", is_flag=True, help=_SQL_HELP)
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@click.pass_obj
def upgrade(session: Session, revision: str, sql: bool, tag: str | None) -> None:
    """Run the revisions that lead to REVISION: an identifier, head, +1."""
    from schemadiff import commands

    config = session.config()
    with session.output.progress() as progress:
        ran = commands.upgrade(config, revision, sql=sql, tag=tag, progress=progress)
    _tell(session, ran)


# "-1" is a revision here, and no option.
@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect. The range A:B leads from A down to B.")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@click.pass_obj
def downgrade(session: Session, revision: str, sql: bool, tag: str | None) -> None:
    """Take back the revisions that came after REVISION: an identifier, base, -1."""
    from schemadiff import commands

    config = session.config()
    with session.output.progress() as progress:
        ran = commands.downgrade(config, revision, sql=sql, tag=tag, progress=progress)
    _tell(session, ran)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revisions", nargs=-1, required=True, metavar="REVISION...")
@click.option("--purge", is_flag=True, help="Forget first where the database stands, on all branches.")
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect. A range A:B moves from A only.")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@click.pass_obj
def stamp(session: Session, revisions: tuple[str, ...], purge: bool, sql: bool, tag: str | None) -> None:
    """Set where the database stands to REVISION, without running anything; one for each branch where there are several."""
    from schemadiff import commands

    ran = commands.stamp(session.config(), revisions, purge=purge, sql=sql, tag=tag)
    if ran.sql is not None:
        session.output.write(ran.sql)
        return
    for each in ran.databases:
        begin_database(session, each.database)
        session.output.say(f"The database stands at {_named(each.after)} (before: {_named(each.before)})")


@cli.command("ensure-version")
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect.")
@click.pass_obj
def ensure_version(session: Session, sql: bool) -> None:
    """Create the version table where it is not there."""
    from schemadiff import commands

    printed = commands.ensure_version(session.config(), sql=sql)
    if printed is None:
        session.output.say("The version table is there")
    else:
        session.output.write(printed)


def _tell(session: Session, ran: Ran) -> None:
    if ran.sql is not None:
        session.output.write(ran.sql)
        return
    for each in ran.databases:
        begin_database(session, each.database)
        subject = "The database" if each.revisions else "Nothing to do: the database"
        session.output.say(f"{subject} stands at {_named(each.after)}")


def _named(rows: tuple[str, ...]) -> str:
    return ", ".join(rows) or "base"
