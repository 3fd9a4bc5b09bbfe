"""Running the project's ``post_write_hooks`` over a new revision file."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from schemadiff.config import Config
from schemadiff.config.hooks import PostWriteHook
from schemadiff.errors import RevisionError
from schemadiff.revisions.header import Revision, read_revision
from schemadiff.revisions.naming import shown_path

__all__ = ["run_hooks"]

_log = logging.getLogger("schemadiff.hooks")

# A command of a package that is installed beside us, by what its entry point names; what follows is its own command line.
_ENTRY_POINT = (
    "import functools, importlib, sys\n"
    "module, attribute, sys.argv[:] = sys.argv[1], sys.argv[2], sys.argv[3:]\n"
    "sys.exit(functools.reduce(getattr, attribute.split('.'), importlib.import_module(module))())"
)


def run_hooks(config: Config, path: Path, directory: Path) -> None:
    """Run the hooks of a project over a new revision file, in order, until one fails.

    They get no terminal to ask on. What they print goes to the log.

    Args:
        config: the settings.
        path: the file. When a hook fails, it is removed, and folders that it leaves empty, unless the hook says that it is kept.
        directory: the versions directory.

    Raises:
        RevisionError: a hook is not installed, ends with another status than 0, or leaves no such revision behind.
    """
    before = read_revision(path) if config.post_write_hooks else None
    for hook in config.post_write_hooks:
        try:
            _run(hook, path, config.folder)
            _check(hook, path, before)
        except RevisionError as error:
            if hook.keep:
                raise RevisionError(f"{error}; {shown_path(path)} was kept") from None
            _remove(path, directory)
            raise RevisionError(f"{error}; {shown_path(path)} was removed") from None


def _remove(path: Path, directory: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == directory or any(folder.iterdir()):
            return
        folder.rmdir()


def _run(hook: PostWriteHook, path: Path, folder: Path) -> None:
    command = [*_command(hook), *hook.arguments(os.path.abspath(path))]
    try:
        done = subprocess.run(
            command,
            cwd=folder / hook.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            check=False,
        )
    except OSError as error:
        raise RevisionError(
            f"hook {hook.name!r} cannot be run: {error.strerror or error}: correct post_write_hooks"
        ) from None
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    for line in lines:
        _log.log(logging.DEBUG if done.returncode == 0 else logging.WARNING, "%s: %s", hook.name, line)
    if done.returncode != 0:
        how = f"exit status {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        said = f": {lines[-1].strip()}" if lines else ""
        raise RevisionError(f"hook {hook.name!r} failed with {how}{said}")


def _command(hook: PostWriteHook) -> Sequence[str]:
    if hook.kind == "module":
        return (sys.executable, "-m", hook.command)
    if hook.kind == "exec":
        found = shutil.which(hook.command)
        if found is None:
            raise RevisionError(
                f"hook {hook.name!r}: there is no program {hook.command!r}: install it, or correct executable"
            )
        return (found,)
    from importlib.metadata import entry_points

    for entry in entry_points(group="console_scripts", name=hook.command):
        return (sys.executable, "-c", _ENTRY_POINT, entry.module, entry.attr, hook.command)
    raise RevisionError(
        f"hook {hook.name!r}: no installed package has the command {hook.command!r}: install it for {sys.executable}, "
        "or correct entrypoint"
    )


def _check(hook: PostWriteHook, path: Path, before: Revision | None) -> None:
    after = read_revision(path)
    if before is not None and (after.id, after.down_revisions) != (before.id, before.down_revisions):
        raise RevisionError(f"hook {hook.name!r} changed the identifiers in the file")
