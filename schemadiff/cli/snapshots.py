"""The command that writes a schema as JSON."""

from __future__ import annotations

import rich_click as click

from schemadiff.cli import completing
from schemadiff.cli.app import cli
from schemadiff.cli.files import write_result
from schemadiff.cli.session import Session

__all__: list[str] = []


@cli.command()
@click.argument("source", metavar="[SOURCE]", required=False, shell_complete=completing.files)
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
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of snapshots.")
@click.pass_obj
def snapshot(
    session: Session, source: str | None, file: str | None, models: bool, dialect: str | None, json_schema: bool
) -> None:
    """Write a schema as JSON: that of the database, or of SOURCE.

    SOURCE is the URL of a database, package.module:Base, or the file of another snapshot. What is written can be compared later, where there
    is no database: schemadiff diff FILE, schemadiff check --source FILE, schemadiff autogen --source FILE.
    """
    from schemadiff import commands
    from schemadiff.schema.snapshot import dumps, json_schema_text

    if json_schema:
        write_result(session, json_schema_text(), file)
        return
    config = session.config() if source is None else session.config_if_any()
    with session.output.progress() as progress:
        taken = commands.snapshot(config, source, models=models, dialect=dialect, progress=progress)
    write_result(session, dumps(taken.schema, taken.revisions), file)
