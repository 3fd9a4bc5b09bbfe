"""Commands that change the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

if TYPE_CHECKING:
    from schemadiff.commands import Ran
    from schemadiff.config import Config

__all__: list[str] = []

_SQL_HELP = "Print the SQL, and do not connect. A range A:B starts at A."

_Command = TypeVar("_Command", bound=Callable[..., Any])

# The options of every command that changes the database; each is a setting too.
_RUN_OPTIONS = (
    click.option(
        "--lock-timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        help="Wait so long for another run of migrations.  [default: as long as it takes]",
    ),
    click.option(
        "--lock-url", metavar="URL", help="Hold the lock there: for a database behind a pooler of transactions."
    ),
    click.option(
        "--table-lock-timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help="Let a statement wait so long for a table or a row.",
    ),
    click.option(
        "--statement-timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help="Let a statement run so long.",
    ),
)


def _run_options(command: _Command) -> _Command:
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


def _config(session: Session, given: dict[str, Any]) -> Config:
    """Return the settings, with what the command line says over them."""
    config = session.config()
    for name, value in given.items():
        if value is not None:
            config.set_main_option(name, str(value).replace("%", "%%"))
    return config


@cli.command()
@click.argument("revision", default="head")
@click.option("--sql", is_flag=True, help=_SQL_HELP)
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@_run_options
@click.pass_obj
def upgrade(session: Session, /, revision: str, sql: bool, tag: str | None, **given: Any) -> None:
    """Run the revisions that lead to REVISION: an identifier, head, +1."""
    from schemadiff import commands

    config = _config(session, given)
    with session.output.progress() as progress:
        ran = commands.upgrade(config, revision, sql=sql, tag=tag, progress=progress)
    _tell(session, ran)


# "-1" is a revision here, and no option.
@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect. The range A:B leads from A down to B.")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@_run_options
@click.pass_obj
def downgrade(session: Session, /, revision: str, sql: bool, tag: str | None, **given: Any) -> None:
    """Take back the revisions that came after REVISION: an identifier, base, -1."""
    from schemadiff import commands

    config = _config(session, given)
    with session.output.progress() as progress:
        ran = commands.downgrade(config, revision, sql=sql, tag=tag, progress=progress)
    _tell(session, ran)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@_run_options
@click.pass_obj
def stamp(session: Session, /, revision: str, tag: str | None, **given: Any) -> None:
    """Set where the database stands to REVISION, without running anything."""
    from schemadiff import commands

    ran = commands.stamp(_config(session, given), revision, tag=tag)
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
