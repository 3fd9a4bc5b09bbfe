"""Commands that make things: a project, a revision file."""

from __future__ import annotations

import shlex
from pathlib import Path

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

__all__: list[str] = []


@cli.command()
@click.argument("directory", metavar="DIR")
@click.option("-t", "--template", default="generic", show_default=True, help="What the folder is made from.")
@click.option("--target", metavar="MODULE:BASE", help='What the database is compared with: "package.module:Base".')
@click.option("--url", metavar="URL", help="The database.")
@click.pass_obj
def init(session: Session, directory: str, template: str, target: str | None, url: str | None) -> None:
    """Begin a project: env.py and versions/ in DIR, the settings in pyproject.toml or schemadiff.toml."""
    from schemadiff import commands

    made = commands.init(Path(directory), template=template, target=target, url=url)
    session.output.say(
        f"Made {session.shown_path(made.directory)} and the settings in {session.shown_path(made.settings)}"
    )
    missing = [name for name, value in (("target", target), ("url", url)) if value is None]
    first = f"set {' and '.join(missing)} in the settings, then run" if missing else "run"
    session.output.note(f"Next: {first} schemadiff autogen -m {shlex.quote('first tables')}")


@cli.command()
@click.option("-m", "--message", metavar="TEXT", help="What the revision is about.")
@click.option("--rev-id", metavar="ID", help="Its identifier, instead of a random one.")
@click.option("--allow-empty", is_flag=True, help="Write a file also where there is no difference.")
@click.option("--from-current", is_flag=True, help="Follow the revision that the database stands at, not the head.")
@click.pass_obj
def autogen(session: Session, message: str | None, rev_id: str | None, allow_empty: bool, from_current: bool) -> None:
    """Compare the database with the models, and write the difference as a revision."""
    from schemadiff import commands

    config = session.config()
    with session.output.progress() as progress:
        made = commands.autogen(
            config, message, rev_id=rev_id, allow_empty=allow_empty, from_current=from_current, progress=progress
        )
    if made.path is None:
        session.output.say("No differences: no file was written")
        return
    session.output.say(f"Wrote {session.shown_path(made.path)}")
    session.output.note("Next: read it, then run schemadiff upgrade")


@cli.command()
@click.option("-m", "--message", metavar="TEXT", help="What the revision is about.")
@click.option("--rev-id", metavar="ID", help="Its identifier, instead of a random one.")
@click.pass_obj
def revision(session: Session, message: str | None, rev_id: str | None) -> None:
    """Write an empty revision, to be filled in by hand."""
    from schemadiff import commands

    made = commands.revision(session.config(), message, rev_id=rev_id)
    assert made.path is not None
    session.output.say(f"Wrote {session.shown_path(made.path)}")
    session.output.note("Next: fill in upgrade() and downgrade(), then run schemadiff upgrade")
