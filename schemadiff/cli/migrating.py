"""Commands that change the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.session import Session, begin_database

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


_resume_after = click.option(
    "--resume-after",
    metavar="N",
    type=click.IntRange(min=0),
    help="Of the revision that is half done, take the operations up to number N as done, and no other: "
    "where the journal cannot tell, and you have looked.",
)


def _config(session: Session, given: dict[str, Any]) -> Config:
    """Return the settings, with what the command line says over them."""
    config = session.config()
    for name, value in given.items():
        if value is not None:
            config.set_main_option(name, str(value).replace("%", "%%"))
    return config


@cli.command()
@click.argument("revision", default="head", shell_complete=completing.revisions)
@click.option("--sql", is_flag=True, help=_SQL_HELP)
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@_resume_after
@_run_options
@click.pass_obj
def upgrade(
    session: Session, /, revision: str, sql: bool, tag: str | None, resume_after: int | None, **given: Any
) -> None:
    """Run the revisions that lead to REVISION: an identifier, head, +1."""
    from schemadiff import commands

    config = _config(session, given)
    with session.output.progress() as progress:
        ran = commands.upgrade(config, revision, sql=sql, tag=tag, progress=progress, resume_after=resume_after)
    _tell(session, ran)


# "-1" is a revision here, and no option.
@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision", shell_complete=completing.revisions)
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect. The range A:B leads from A down to B.")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@_resume_after
@_run_options
@click.pass_obj
def downgrade(
    session: Session, /, revision: str, sql: bool, tag: str | None, resume_after: int | None, **given: Any
) -> None:
    """Take back the revisions that came after REVISION: an identifier, base, -1."""
    from schemadiff import commands

    config = _config(session, given)
    with session.output.progress() as progress:
        ran = commands.downgrade(config, revision, sql=sql, tag=tag, progress=progress, resume_after=resume_after)
    _tell(session, ran)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revisions", nargs=-1, metavar="REVISION...", shell_complete=completing.revisions)
@click.option(
    "--purge",
    is_flag=True,
    help="Forget first where the database stands, on all branches, and in the middle of which revision.",
)
@click.option(
    "--update-checksums",
    is_flag=True,
    help="Accept the files of revisions that were edited after they ran; no REVISION.",
)
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect. A range A:B moves from A only.")
@click.option("--tag", metavar="TEXT", help="A text for env.py.")
@_run_options
@click.pass_obj
def stamp(
    session: Session,
    /,
    revisions: tuple[str, ...],
    purge: bool,
    update_checksums: bool,
    sql: bool,
    tag: str | None,
    **given: Any,
) -> None:
    """Set where the database stands to REVISION, without running anything; one for each branch where there are several."""
    from schemadiff import commands

    if update_checksums:
        if revisions or purge or sql:
            raise click.UsageError("--update-checksums stands alone: the database itself says which revisions have run")
        _update_checksums(session, _config(session, given))
        return
    if not revisions:
        raise click.UsageError("Missing argument 'REVISION...'.")
    with session.output.busy("stamping"):
        ran = commands.stamp(_config(session, given), revisions, purge=purge, sql=sql, tag=tag)
    if ran.sql is not None:
        session.output.write(ran.sql)
        return
    for each in ran.databases:
        begin_database(session, each.database)
        session.output.say(f"The database stands at {_named(each.after)} (before: {_named(each.before)})")


def _update_checksums(session: Session, config: Config) -> None:
    from schemadiff import commands

    with session.output.busy("reading the files"):
        accepted = commands.update_checksums(config)
    for each in accepted.databases:
        begin_database(session, each.database)
        for revision in each.edited:
            session.output.say(f"Accepted as it is now: {revision.id}, {session.shown_path(revision.path)}")
        for revision in each.added:
            session.output.say(f"Had no checksum: {revision.id}, {session.shown_path(revision.path)}")
        if not each.edited and not each.added:
            session.output.say("Nothing to do: no file was edited since it ran")


@cli.command("ensure-version")
@click.option("--sql", is_flag=True, help="Print the SQL, and do not connect.")
@_run_options
@click.pass_obj
def ensure_version(session: Session, /, sql: bool, **given: Any) -> None:
    """Create the version table where it is not there."""
    from schemadiff import commands

    with session.output.busy("connecting"):
        printed = commands.ensure_version(_config(session, given), sql=sql)
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
