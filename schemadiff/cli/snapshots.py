"""The command that writes a schema as JSON."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

__all__: list[str] = []


@cli.command()
@click.argument("source", metavar="[SOURCE]", required=False)
@click.option("-o", "--output", "file", metavar="FILE", help="Where it goes, instead of standard output.")
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
        _write(session, json_schema_text(), file)
        return
    config = session.config() if source is None else session.config_if_any()
    with session.output.progress() as progress:
        taken = commands.snapshot(config, source, models=models, dialect=dialect, progress=progress)
    _write(session, dumps(taken.schema, taken.revisions), file)


def _write(session: Session, text: str, file: str | None) -> None:
    from schemadiff.errors import ConfigError
    from schemadiff.revisions.writer import write_atomically

    if file is None:
        session.output.write(text)
        return
    try:
        write_atomically(Path(file), text, replace=True)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror or error}: name another file with -o") from None
    session.output.made(f"Wrote {session.shown_path(Path(file))}")
