"""The checksums of the revisions that have run: which files were edited since, and to accept that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import if_readable, load, run_environment
from schemadiff.config import Config
from schemadiff.errors import BrokenRevision
from schemadiff.frozen import dataclass
from schemadiff.revisions.checksum import Checksum, checksum, was_edited
from schemadiff.revisions.directory import check_files
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.telling import File

__all__ = ["Accepted", "edited_since", "file_of", "kept_of", "update_checksums"]


@dataclass(frozen=True, slots=True)
class Accepted(OfDatabase):
    """What :func:`update_checksums` did on one database.

    Args:
        edited: the revisions whose files were edited since they ran, which is accepted now.
        added: the revisions of which no checksum was kept.
    """

    edited: tuple[Revision, ...]
    added: tuple[Revision, ...]


def update_checksums(config: Config) -> Accepted:
    """Take the files of all revisions that have run as they are now, edited or not.

    Args:
        config: the settings.

    Raises:
        BrokenRevision: the file of one of them is no Python. Nothing is changed.
        RevisionError: the database stands at a revision that no file has.
        SchemadiffError: the database cannot be reached, or refuses.
    """
    from schemadiff.runtime.checksums import Marks

    graph = load(config)
    found: list[Accepted] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        with context.locked():
            standing = context.get_current_heads()
            applied = graph.in_order(graph.applied(standing))
            kept = context.get_checksums()
            edited = edited_since(context, graph, standing)
            added = tuple(each for each in applied if each.id not in kept)
            if applied:
                context.stamp(standing, standing, Marks(check_files(applied), others_gone=True))
        found.append(Accepted(edited, added, database=context.options.engine_name))

    run_environment(config, work)
    return collected(found, found[0])


def edited_since(context: MigrationContext, graph: RevisionGraph, standing: Collection[str]) -> tuple[Revision, ...]:
    """Return the revisions whose files were edited since they ran on the database of a context, in the order in which they run.

    What ran before checksums were kept has none, and counts as not edited. Where this user may read the version table alone, that is told,
    and no file counts as edited.
    """
    kept = if_readable(context.get_checksums, context.checksums.table, "Whether files were edited since they ran")
    if not kept:
        return ()
    applied = graph.applied(each for each in standing if each in graph)
    return graph.in_order(each for each in applied & kept.keys() if was_edited(graph.nodes[each], kept))


def file_of(graph: RevisionGraph, half: Half | None) -> File:
    """Return what has become of the file of a revision since it was begun that is half done."""
    if half is None:
        return "as it was"
    if half.revision not in graph:
        return "gone"
    path = graph.nodes[half.revision].path
    try:
        same = checksum(path.read_bytes(), path).code == half.code
    except (OSError, BrokenRevision):
        same = False
    return "as it was" if same else "edited"


def kept_of(revisions: Iterable[Revision]) -> dict[str, Checksum]:
    """Return the checksums of revisions that count as having run, by their identifiers; none of a file that is no Python."""
    found: dict[str, Checksum] = {}
    for each in revisions:
        try:
            found[each.id] = checksum(each.path.read_bytes(), each.path)
        except (BrokenRevision, OSError):
            continue
    return found
