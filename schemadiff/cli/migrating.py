"""Commands that change the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

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
@click.argument("revision")
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect. A range A:B moves from A only.")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@click.pass_obj
def stamp(session: Session, revision: str, sql: bool, tag: str | None) -> None:
    """Set where the database stands to REVISION, without running anything."""
    from schemadiff import commands

    ran = commands.stamp(session.config(), revision, sql=sql, tag=tag)
    if ran.sql is not None:
        session.output.write(ran.sql)
        return
    session.output.say(f"The database stands at {_named(ran.after)} (before: {_named(ran.before)})")


def _tell(session: Session, ran: Ran) -> None:
    if ran.sql is not None:
        session.output.write(ran.sql)
    elif ran.revisions:
        session.output.say(f"The database stands at {_named(ran.after)}")
    else:
        session.output.say(f"Nothing to do: the database stands at {_named(ran.after)}")


def _named(rows: tuple[str, ...]) -> str:
    return ", ".join(rows) or "base"
