"""Commands that tell where things stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.commands.shared import ids, load, run_environment
from schemadiff.config import Config
from schemadiff.errors import RevisionError
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["CurrentRow", "current", "heads", "history", "show"]


@dataclass(frozen=True, slots=True)
class CurrentRow:
    """One row of the version table.

    Args:
        id: what stands in it.
        revision: its file; None where there is none.
        is_head: no revision follows it.
    """

    id: str
    revision: Revision | None
    is_head: bool


def current(config: Config) -> tuple[CurrentRow, ...]:
    """Return where the database stands: a row for each branch, none for the base.

    Raises:
        SchemadiffError: the database cannot be reached.
    """
    graph = load(config)
    heads = set(ids(graph.heads))
    rows: list[CurrentRow] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        rows.extend(CurrentRow(each, graph.nodes.get(each), each in heads) for each in context.get_current_heads())

    run_environment(config, work, keep=False)
    return tuple(rows)


def history(config: Config, range_: str | None = None) -> tuple[Revision, ...]:
    """Return the revisions, the newest first.

    Args:
        config: the settings.
        range_: ``A:B``; all of them when None. Ends that start from where the database stands make it be asked.

    Raises:
        RevisionError: an end is unknown.
    """
    graph = load(config)
    if range_ is None:
        return tuple(reversed(graph.order))
    relative = any(end.startswith(("+", "-", "current")) for end in range_.split(":"))
    standing = tuple(row.id for row in current(config)) if relative else ()
    lower, upper = graph.resolve_range(range_, standing)
    return tuple(reversed(graph.span(lower, upper)))


def heads(config: Config) -> tuple[Revision, ...]:
    """Return the revisions that none follows."""
    return load(config).heads


def show(config: Config, revision: str = "head") -> tuple[Revision, ...]:
    """Return the revisions that ``revision`` stands for.

    Raises:
        RevisionError: there is none.
    """
    graph = load(config)
    relative = revision.startswith(("+", "-", "current"))
    standing = tuple(row.id for row in current(config)) if relative else ()
    found = graph.resolve(revision, standing)
    if not found:
        raise RevisionError(f"{revision!r} is no revision: name one; 'schemadiff history' lists them")
    return found
