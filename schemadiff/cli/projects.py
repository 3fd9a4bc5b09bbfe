"""Commands that make things: a project, a revision file."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.choosing import asking, refuse_without_terminal
from schemadiff.cli.session import Session
from schemadiff.cli.showing import note_tree

if TYPE_CHECKING:
    from schemadiff.commands import Generated

__all__: list[str] = []


@cli.command()
@click.argument("directory", metavar="DIR", shell_complete=completing.folders)
@click.option(
    "-t",
    "--template",
    default="generic",
    show_default=True,
    shell_complete=completing.templates,
    help="What the folder is made from.",
)
@click.option("--target", metavar="MODULE:BASE", help='What the database is compared with: "package.module:Base".')
@click.option("--url", metavar="URL", help="The database.")
@click.pass_obj
def init(session: Session, directory: str, template: str, target: str | None, url: str | None) -> None:
    """Begin a project: env.py and versions/ in DIR, the settings in pyproject.toml or schemadiff.toml."""
    from schemadiff import commands

    made = commands.init(Path(directory), template=template, target=target, url=url)
    session.output.made(
        f"Made {session.shown_path(made.directory)} and the settings in {session.shown_path(made.settings)}"
    )
    missing = [name for name, value in (("target", target), ("url", url)) if value is None]
    first = f"set {' and '.join(missing)} in the settings, then run" if missing else "run"
    session.output.note(f"Next: {first} schemadiff autogen -m {shlex.quote('first tables')}")


@cli.command("list-templates")
@click.pass_obj
def list_templates(session: Session) -> None:
    """List what a project can be made from."""
    from schemadiff import commands

    for name, description in commands.list_templates().items():
        session.output.say(f"{name}: {description}")


_MESSAGE = click.option("-m", "--message", metavar="TEXT", help="What the revision is about.")
_REV_ID = click.option("--rev-id", metavar="ID", help="Its identifier, instead of a random one.")
_SPLICE = click.option("--splice", is_flag=True, help="Let it follow a revision that is no head.")
_BRANCH_LABEL = click.option(
    "--branch-label", metavar="LABEL", multiple=True, help="A label that it gives to its branch; may be repeated."
)


def _placed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where a new revision stands."""
    for option in (
        click.option("--version-path", metavar="DIR", shell_complete=completing.folders, help="The one of version_locations that it goes to."),
        click.option("--depends-on", metavar="REVISION", multiple=True, shell_complete=completing.revisions, help="What must have run before, on another branch."),
        _BRANCH_LABEL,
        _SPLICE,
        click.option("--head", metavar="REVISION", multiple=True, default=("head",), shell_complete=completing.revisions, help="What it follows, instead of the head."),
        _REV_ID,
        _MESSAGE,
    ):  # fmt: skip
        command = option(command)
    return command


@cli.command()
@_placed
@click.option(
    "--source",
    metavar="SOURCE",
    shell_complete=completing.files,
    help="A snapshot's file, a URL or package.module:Base, instead of the database.",
)
@click.option("--allow-empty", is_flag=True, help="Write a file also where there is no difference.")
@click.option("--from-current", is_flag=True, help="Follow the revision that the database stands at, not the head.")
@click.option("-i", "--interactive", is_flag=True, help="Ask about each change whether it is kept.")
@click.option("--dry-run", is_flag=True, help="Write nothing: show the changes and the file.")
@click.option("--full", is_flag=True, help="Fold nothing, however much it is.")
@click.pass_obj
def autogen(
    session: Session,
    /,
    message: str | None,
    source: str | None,
    allow_empty: bool,
    from_current: bool,
    interactive: bool,
    dry_run: bool,
    full: bool,
    **place: Any,
) -> None:
    """Compare the database with the models, and write the difference as a revision.

    What is left out with -i takes along what needs it: the indexes of a table go with the table.
    """
    from schemadiff import commands

    if interactive:
        refuse_without_terminal()
    config = session.config()
    # A bar that moves and a question do not go together.
    with nullcontext() if interactive else session.output.progress() as progress:
        made = commands.autogen(
            config,
            message,
            commands.Place(**place),
            source=source,
            allow_empty=allow_empty,
            from_current=from_current,
            hook=commands.choosing(asking(session)) if interactive else None,
            dry_run=dry_run,
            progress=progress,
        )
    _show_changes(session, made, full=full)
    if made.revision is None:
        left = "Nothing is left" if interactive else "No differences"
        session.output.say(f"{left}: no file was written")
    elif made.text is not None:
        session.output.source(made.text, "python")
        session.output.note("Nothing was written; next: run it without --dry-run")
    else:
        _tell(session, made, "read it, then run schemadiff upgrade")


def _show_changes(session: Session, made: Generated, *, full: bool) -> None:
    """Show what was found on each database. The result is the file: with --dry-run its text alone goes to standard output."""
    for database, difference in made.diffs.items() or ((None, made.diff),):
        if difference is not None and difference:
            note_tree(session, database, difference, full=full)


@cli.command()
@_placed
@click.option("--sql", is_flag=True, help="Changes nothing: the database is not asked for an empty revision.")
@click.pass_obj
def revision(session: Session, /, sql: bool, message: str | None, **place: Any) -> None:
    """Write an empty revision, to be filled in by hand."""
    from schemadiff import commands

    made = commands.revision(session.config(), message, commands.Place(**place))
    _tell(session, made, "fill in upgrade() and downgrade(), then run schemadiff upgrade")


@cli.command()
@click.argument("revisions", nargs=-1, metavar="[REVISIONS]...", shell_complete=completing.revisions)
@_MESSAGE
@_REV_ID
@_BRANCH_LABEL
@_SPLICE
@click.pass_obj
def merge(session: Session, /, revisions: tuple[str, ...], **options: Any) -> None:
    """Write a revision that follows REVISIONS, so that there is one head again: all heads when none are named."""
    from schemadiff import commands

    made = commands.merge(session.config(), revisions or ("heads",), **options)
    _tell(session, made, "run schemadiff upgrade")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="head", shell_complete=completing.revisions)
@click.pass_obj
def edit(session: Session, revision: str) -> None:
    """Open the file of REVISION in $VISUAL or $EDITOR."""
    from schemadiff import commands

    for path in commands.edit(session.config(), revision):
        session.output.note(f"Edited {session.shown_path(path)}")


def _tell(session: Session, made: Generated, next_: str) -> None:
    assert made.path is not None
    session.output.say(f"Wrote {session.shown_path(made.path)}")
    session.output.note(f"Next: {next_}")
