"""``schemadiff completion``: the script for the shell. What is completed stands in completing.py."""

from __future__ import annotations

import rich_click as click

from schemadiff.cli.app import cli
from schemadiff.cli.session import Session

__all__: list[str] = []


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def completion(session: Session, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and revisions."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    session.output.write(f"{found(cli, {}, 'schemadiff', '_SCHEMADIFF_COMPLETE').source().strip()}\n")
