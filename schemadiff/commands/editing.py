"""Opening a revision file in the user's editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from schemadiff.commands.shared import load
from schemadiff.commands.telling import show
from schemadiff.config import Config
from schemadiff.errors import ConfigError
from schemadiff.revisions.naming import shown_path

__all__ = ["edit"]


def edit(config: Config, revision: str = "head") -> tuple[Path, ...]:
    """Open the files that ``revision`` stands for in ``$VISUAL`` or ``$EDITOR``, and read them again afterwards.

    Args:
        config: the settings.
        revision: which ones.

    Raises:
        RevisionError: there is no such revision, or a file is none any more after the edit.
        ConfigError: no editor is named, it cannot be run or fails, or there is no terminal that it could use.
    """
    paths = tuple(each.revision.path for each in show(config, revision))
    named = " ".join(map(shown_path, paths))
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise ConfigError(f"no editor is named: set $VISUAL or $EDITOR, or open {named} yourself")
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        raise ConfigError(f"there is no terminal to edit in: open {named} yourself")
    try:
        done = subprocess.run([*shlex.split(editor), *map(os.path.abspath, paths)], check=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"the editor {editor!r} cannot be run: {reason}: correct $VISUAL or $EDITOR") from None
    if done.returncode != 0:
        raise ConfigError(f"the editor {editor!r} ended with status {done.returncode}: look at {named}")
    load(config)
    return paths


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream is not None and stream.isatty())  # type: ignore[attr-defined]
    except ValueError:  # it is closed
        return False
