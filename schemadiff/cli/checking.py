"""The check for CI."""

from __future__ import annotations

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.formats import Formats, format_options
from schemadiff.cli.session import Session, begin_database
from schemadiff.cli.showing import DIFFERENT
from schemadiff.cli.telling_checks import tell_checked, tell_places

__all__: list[str] = []


@cli.command()
@click.option(
    "--from-revisions",
    is_flag=True,
    help="Replay the revisions on a scratch database, and compare the models with what they build. No database of the project is needed.",
)
@click.option(
    "--database",
    is_flag=True,
    help="With --from-revisions: ask the database too, and tell drift from a model change without a revision.",
)
@click.option(
    "--scratch",
    metavar="WHERE",
    help="With --from-revisions: where the scratch database is made, 'embedded' (PostgreSQL without a server), 'sqlite', or a URL.",
)
@click.option(
    "--source",
    metavar="SOURCE",
    shell_complete=completing.files,
    help="A snapshot's file, a URL or package.module:Base, instead of the database.",
)
@format_options
@click.pass_obj
def check(
    session: Session,
    from_revisions: bool,
    database: bool,
    scratch: str | None,
    source: str | None,
    format_: str,
    outputs: tuple[str, ...],
) -> int:
    """Exit with 0 where database and models agree, 1 where they differ, the database is not at head, a file was edited or the revisions have
    several heads, 2 on an error.
    """
    from schemadiff import commands

    if not from_revisions and (database or scratch):
        raise click.UsageError("--database and --scratch are about --from-revisions: give that too")
    if from_revisions and source is not None:
        raise click.UsageError(
            "--source is compared with the models, and --from-revisions builds what is: give one of them"
        )
    formats = Formats.of(format_, outputs)
    with formats.telling_errors(session):
        config = session.config()
        with session.output.progress() as progress:
            if from_revisions:
                checked = commands.check_revisions(config, scratch=scratch, database=database, progress=progress)
            else:
                checked = commands.check(config, source, progress=progress)
    outcome = commands.outcome_of(checked, config)
    formats.tell(session, checked, outcome)
    for each, subject in zip(checked.databases, outcome.subjects, strict=True) if formats.for_people else ():
        begin_database(session, each.database)
        tell_checked(session, each, source)
        tell_places(session, subject, commands.repository_root(config.folder))
    return 0 if all(each.ok for each in checked.databases) else DIFFERENT
