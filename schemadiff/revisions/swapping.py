"""Replacing and removing several files, all of them or none.

What is new is written beside the old files first. Then the old ones step aside under hidden names, which are no revision files, and
the new ones take their places. Only when all stand are the old ones removed. On an error, an interruption by the keyboard included,
the old ones step back. A process that is killed in between leaves them beside, as ``.NAME.<digits>.old``.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from schemadiff.errors import RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import new_id, shown_path

__all__ = ["Change", "read", "swap"]

_log = logging.getLogger("schemadiff.revisions")


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file.

    Args:
        path: the file.
        before: what was read of it.
        after: what it shall hold; None where it is removed.
    """

    path: Path
    before: bytes
    after: bytes | None = None


def read(path: Path) -> bytes:
    """Return what a revision file holds.

    Raises:
        RevisionError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise RevisionError(f"{shown_path(path)} cannot be read: {error.strerror or error}") from None


def swap(changes: Iterable[Change], then: Callable[[], None] | None = None) -> None:
    """Carry changes out, all of them or none.

    Args:
        changes: the changes, each of another file.
        then: is called when all files stand as they shall, and before the old ones are given up; when it fails, they come back.

    Raises:
        RevisionError: a file is not what was read of it any more, or cannot be written or removed. Then all is as before.
    """
    todo = tuple(changes)
    mark = new_id()
    made: list[Path] = []  # what is to be removed on an error
    aside: list[tuple[Path, Path]] = []  # what is to step back on an error
    current = None
    try:
        for change in todo:
            current = change.path
            _unchanged(change)
            if change.after is not None:
                made.append(_write(_beside(change.path, mark, "new"), change))
        for change in todo:
            current = change.path
            old = _beside(change.path, mark, "old")
            # Noted first: an interruption may come between the two.
            aside.append((old, change.path))
            os.replace(change.path, old)
        for change in todo:
            current = change.path
            if change.after is not None:
                os.replace(_beside(change.path, mark, "new"), change.path)
        current = None
        if then is not None:
            then()
    except BaseException as error:
        _step_back(aside)
        for path in made:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        if isinstance(error, OSError) and current is not None:
            raise RevisionError(
                f"{shown_path(current)} cannot be changed: {error.strerror or error}: nothing was changed, mend that and run again"
            ) from None
        raise
    for old, _ in aside:
        try:
            old.unlink()
        except OSError as error:
            _log.warning("%s is no longer needed and cannot be removed: %s", shown_path(old), error.strerror or error)


def _beside(path: Path, mark: str, kind: str) -> Path:
    return path.with_name(f".{path.name}.{mark}.{kind}")


def _unchanged(change: Change) -> None:
    if change.path.read_bytes() != change.before:
        raise RevisionError(
            f"{shown_path(change.path)} changed while the command ran: nothing was changed, run it again"
        )


def _write(path: Path, change: Change) -> Path:
    """Write the new content of a file beside it, with the file's permissions."""
    assert change.after is not None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(path, change.path.stat().st_mode & 0o7777)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return path


def _step_back(aside: list[tuple[Path, Path]]) -> None:
    for old, path in reversed(aside):
        try:
            os.replace(old, path)
        except FileNotFoundError:
            continue  # it had not stepped aside yet
        except OSError as error:
            _log.error("%s could not be put back: %s: it is %s", shown_path(path), error.strerror, shown_path(old))
