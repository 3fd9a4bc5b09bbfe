"""The entry point: global options, and how errors end."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module

import rich_click as click
from click.exceptions import Abort, ClickException, Exit

from schemadiff._version import __version__
from schemadiff.cli import completing
from schemadiff.cli.examples import GroupWithExamples
from schemadiff.cli.output import Output
from schemadiff.cli.session import Session
from schemadiff.errors import SchemadiffError

__all__ = ["cli", "main"]

ERROR = 2
INTERRUPTED = 130
# So many objects more than before, in place of 700: some megabytes.
_COLLECT_AFTER = 50_000


# The module of each command, which registers itself when that is imported: one command does not wait for the others.
COMMANDS = {
    "autogen": "projects",
    "branches": "telling",
    "check": "checking",
    "completion": "completion",
    "current": "telling",
    "diff": "comparing",
    "doctor": "doctor",
    "downgrade": "migrating",
    "edit": "projects",
    "ensure-version": "migrating",
    "erd": "reporting",
    "heads": "telling",
    "history": "telling",
    "init": "projects",
    "list-templates": "projects",
    "merge": "projects",
    "prune": "pruning",
    "report": "reporting",
    "reset": "pruning",
    "revision": "projects",
    "show": "telling",
    "snapshot": "snapshots",
    "squash": "pruning",
    "stamp": "migrating",
    "upgrade": "migrating",
}


class LazyGroup(GroupWithExamples):
    """The group of all commands, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None where there is none of this name."""
        if cmd_name in COMMANDS:
            import_module(f"schemadiff.cli.{COMMANDS[cmd_name]}")
        return super().get_command(ctx, cmd_name)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-C", "directory", metavar="DIR", shell_complete=completing.folders, help="Run as if started in DIR.")
@click.option(
    "-c",
    "--config",
    "config_file",
    metavar="FILE",
    shell_complete=completing.files,
    help="The settings file, instead of the nearest one.",
)
@click.option(
    "-n",
    "--name",
    metavar="NAME",
    shell_complete=completing.environments,
    help="The environment, where the settings have several.",
)
@click.option("-x", "x_arguments", metavar="KEY=VALUE", multiple=True, help="An argument for env.py; may be repeated.")
@click.option("-v", "--verbose", is_flag=True, help="Tell more.")
@click.option("-q", "--quiet", is_flag=True, help="Tell errors only.")
@click.option("--traceback", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="schemadiff")
@click.pass_context
def cli(
    context: click.Context,
    directory: str | None,
    config_file: str | None,
    name: str | None,
    x_arguments: tuple[str, ...],
    verbose: bool,
    quiet: bool,
    traceback: bool,
) -> None:
    """Compare a database with SQLAlchemy models, write the difference as a revision, and run revisions."""
    session: Session = context.obj
    session.begin(directory, config_file, name, x_arguments, verbose=verbose, quiet=quiet, traceback=traceback)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, what ``check`` says, 2 for any error.

    Args:
        arguments: the arguments; those of the process when None.
    """
    if arguments is None:
        # The process ends with this command. Python would go through all modules and models once more for cycles that nobody can be in
        # need of, which takes a fifth of the time of a short command; what is in no cycle is still taken down, files are flushed.
        atexit.register(gc.freeze)
    with _collecting_rarely():
        return _main(arguments)


@contextlib.contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Look for cycles of garbage less often.

    What a command makes most of are modules, models and schemas, which last. Python's own thresholds go through all of them so often that it
    takes a tenth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _main(arguments: Sequence[str] | None) -> int:
    session = Session(Output())
    try:
        status = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="schemadiff",
            standalone_mode=False,
            obj=session,
        )
    except Exit as exit_:
        return exit_.exit_code
    except (Abort, KeyboardInterrupt):
        session.output.error("interrupted")
        return INTERRUPTED
    except ClickException as error:
        session.output.error(f"{error.format_message().rstrip('.')}: run 'schemadiff --help'")
        return ERROR
    except SchemadiffError as error:
        return _failed(session, error, str(error))
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain about it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except Exception as error:
        return _failed(session, error, f"{type(error).__name__}: {error}; --traceback shows where")
    finally:
        session.end()
    return status if isinstance(status, int) else 0


def _failed(session: Session, error: Exception, message: str) -> int:
    if session.traceback:
        session.output.traceback(error)
    session.output.error(message)
    return ERROR
