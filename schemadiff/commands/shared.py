"""What the commands share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from schemadiff.config import Config
from schemadiff.revisions.directory import load_graph
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.script import Script
    from schemadiff.runtime.steps import Progress

__all__ = ["Stages", "half_done", "ids", "if_readable", "load", "named", "run_environment", "texts"]


_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")


def load(config: Config) -> RevisionGraph:
    """Return the project's revisions."""
    return load_graph(config.version_locations, recursive=config.recursive_version_locations)


def ids(revisions: Iterable[Revision]) -> tuple[str, ...]:
    """Return the identifiers of revisions."""
    return tuple(each.id for each in revisions)


def texts(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return one text, several or none as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def named(rows: Collection[str]) -> str:
    """Return where a database stands, in words."""
    return ", ".join(sorted(rows)) or "base"


def if_readable(read: Callable[[], _Found], table: object, what: str) -> _Found | None:
    """Return what ``read`` finds beside the version table; where this user may not read that, say so, and return None.

    Args:
        read: reads it.
        table: the table that it is in.
        what: what is not known then, for the warning.
    """
    import sqlalchemy as sa

    try:
        return read()
    except sa.exc.DBAPIError as error:
        _log.warning("%s is not known: %s cannot be read: %s", what, table, " ".join(str(error.orig).split()))
        return None


def half_done(context: MigrationContext) -> Half | None:
    """Return the revision that a database stands in the middle of, for commands that tell.

    Where this user may read the version table alone, that is told, and it counts as standing at a revision.
    """
    return if_readable(context.half_done, context.journal.table, "Whether a revision is half done")


def run_environment(
    config: Config,
    work: Callable[[MigrationContext, Mapping[str, Any]], None],
    *,
    sql: bool = False,
    starting: tuple[str, ...] = (),
    keep: bool = True,
    destination: str | None = None,
    tag: str | None = None,
) -> list[Script]:
    """Run env.py, and return the scripts that it made."""
    from schemadiff.runtime.environment import Environment

    environment = Environment(config, work, sql=sql, starting=starting, keep=keep, destination=destination, tag=tag)
    environment.run()
    return environment.scripts


class Stages:
    """Tells ``progress`` of one step after another."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._taken = 0

    def take(self, what: str) -> None:
        """Say that the next step begins."""
        if self._progress is not None:
            self._progress(min(self._taken, self._total), self._total, what)
        self._taken += 1

    def done(self) -> None:
        """Say that all is done."""
        if self._progress is not None:
            self._progress(self._total, self._total, "done")
