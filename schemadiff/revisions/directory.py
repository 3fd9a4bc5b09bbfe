"""The files of the versions directories, and importing one of them to run it."""

from __future__ import annotations

import os
import sys
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from schemadiff.errors import BrokenRevision, RevisionError
from schemadiff.revisions.checksum import Checksum, checksum_of
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision, header_of, one_line, parse_revision, parsed_source, read_revision
from schemadiff.revisions.naming import is_revision_file, is_revision_folder, shown_path

__all__ = ["check_files", "load_function", "load_graph", "load_module", "revision_files"]


def revision_files(location: Path, *, recursive: bool = False) -> tuple[Path, ...]:
    """Return the revision files in a versions directory, sorted by name, those of the folders in it last.

    A directory that does not exist holds none: git keeps no empty directories.

    Args:
        location: the directory.
        recursive: also those in the folders in it, at any depth. Links to folders are not followed.

    Raises:
        RevisionError: ``location`` cannot be listed.
    """
    return tuple(file for _, files in _listed(location, recursive) for file in files)


def load_graph(locations: Iterable[Path], *, recursive: bool = False) -> RevisionGraph:
    """Return the graph of all revision files in the given versions directories. No file is imported.

    A directory that is named twice, or that lies in another one, is read once.

    Raises:
        BrokenRevision: a file cannot be read, or its identifiers cannot.
        RevisionError: the files do not make a graph (see `RevisionGraph`).
    """
    seen: set[str] = set()
    found: list[Revision] = []
    for location in locations:
        for folder, files in _listed(location, recursive):
            real = os.path.realpath(folder)
            if real not in seen:
                seen.add(real)
                found.extend(map(read_revision, files))
    return RevisionGraph(found)


def _listed(location: Path, recursive: bool) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Yield a folder and its revision files, and where ``recursive`` the folders in it likewise, sorted by name."""
    waiting = [location]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RevisionError(
                f"the versions directory {shown_path(folder)} cannot be read: {error.strerror or error}"
            ) from None
        yield folder, tuple(folder / entry.name for entry in found if is_revision_file(entry.name))
        if recursive:
            inner = [
                entry.name for entry in found if is_revision_folder(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
            waiting.extend(folder / name for name in reversed(inner))


def check_files(revisions: Iterable[Revision]) -> dict[str, Checksum]:
    """Refuse revisions whose files are no Python, before the first of them runs. The graph may have been read without looking.

    Returns:
        The checksums of the files, by the identifiers of the revisions.

    Raises:
        BrokenRevision: as in `read_revision`.
    """
    found: dict[str, Checksum] = {}
    for revision in revisions:
        try:
            source = revision.path.read_bytes()
        except OSError as error:
            raise BrokenRevision(f"{shown_path(revision.path)}: cannot be read: {error.strerror or error}") from None
        tree = parsed_source(source, revision.path)
        header_of(tree, revision.path)
        found[revision.id] = checksum_of(tree, source)
    return found


def load_module(revision: Revision) -> ModuleType:
    """Import the file of a revision and return its module.

    It is compiled from its source each time, and no bytecode is left behind in the versions directory. The file is read once
    more, so that a file that changed since the graph was read is noticed.

    Raises:
        BrokenRevision: the file cannot be read, is no longer the same revision, or fails when it is imported; the message
            names the file, the line and the error.
    """
    path = revision.path
    shown = shown_path(path)
    try:
        source = path.read_bytes()
    except OSError as error:
        raise BrokenRevision(f"{shown}: cannot be read: {error.strerror or error}") from None
    now = parse_revision(source, path)
    if (now.id, now.down_revisions) != (revision.id, revision.down_revisions):
        raise BrokenRevision(f"{shown}: its identifiers changed while the command ran: run the command again")
    # The name is of the path, so that two projects in one process do not meet. Classes in a revision (a small ORM model for a
    # data migration) look their module up in sys.modules.
    module = ModuleType(f"_schemadiff_revision_{zlib.crc32(os.fsencode(os.path.abspath(path))):08x}")
    module.__file__ = os.path.abspath(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, module.__file__, "exec", dont_inherit=True), module.__dict__)
    except (Exception, SystemExit) as error:
        sys.modules.pop(module.__name__, None)
        raise BrokenRevision(f"{shown}:{_line(error, module.__file__)}: {one_line(error)}") from error
    return module


def load_function(revision: Revision, name: str) -> Callable[..., Any]:
    """Import a revision's file and return its function ``name`` (``"upgrade"`` or ``"downgrade"``).

    Raises:
        BrokenRevision: as in `load_module`, or there is no such function.
    """
    function = getattr(load_module(revision), name, None)
    if not callable(function):
        raise BrokenRevision(
            f"{shown_path(revision.path)}: revision {revision.id!r} has no function {name}(): write one, with 'pass' in it "
            "if there is nothing to do"
        )
    return function  # type: ignore[no-any-return]


def _line(error: BaseException, path: str) -> int:
    """Return the line of the file that an error came through, the innermost one; for bad syntax, the line of that."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 1
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return (lines[-1] if lines else None) or 1
