"""The commands that make something to look at: a page about a difference, a diagram of a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.files import write_result
from schemadiff.cli.session import Session

if TYPE_CHECKING:
    from schemadiff.commands.reporting import DiagramFormat

__all__: list[str] = []


@cli.command()
@click.argument("source", metavar="[SOURCE]", required=False, shell_complete=completing.files)
@click.argument("target", metavar="[TARGET]", required=False, shell_complete=completing.files)
@click.option(
    "--html", "file", metavar="FILE", required=True, shell_complete=completing.files, help="The page that is written."
)
@click.pass_obj
def report(session: Session, source: str | None, target: str | None, file: str) -> None:
    """Write a page that shows how the database differs from the models, or SOURCE from TARGET.

    It has the difference by table with old and new side by side, what may be lost, the SQL and the Python of both directions, and a diagram.
    It is one file that needs no network. SOURCE and TARGET are as for diff.
    """
    from schemadiff import commands

    config = session.config() if target is None else session.config_if_any()
    with session.output.progress() as progress:
        reported = commands.report(config, source, target, progress=progress)
    write_result(session, reported.html, file, "--html")


@cli.command()
@click.argument("source", metavar="[SOURCE]", required=False, shell_complete=completing.files)
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "mermaid"]),
    default="svg",
    show_default=True,
    help="How it is written.",
)
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    shell_complete=completing.files,
    help="Where it goes, instead of standard output.",
)
@click.option("--models", is_flag=True, help="Take the project's models, not its database.")
@click.option("--dialect", metavar="NAME", help="The dialect that models are lowered for, instead of the project's.")
@click.pass_obj
def erd(
    session: Session, source: str | None, form: DiagramFormat, file: str | None, models: bool, dialect: str | None
) -> None:
    """Draw the tables of the database, or of SOURCE, and the foreign keys between them.

    SOURCE is the URL of a database, package.module:Base, or the file of a snapshot.
    """
    from schemadiff import commands

    config = session.config() if source is None else session.config_if_any()
    with session.output.progress() as progress:
        diagram = commands.erd(config, source, form=form, models=models, dialect=dialect, progress=progress)
    write_result(session, diagram, file)
