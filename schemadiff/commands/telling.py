"""Commands that tell where things stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import ids, load, named, run_environment
from schemadiff.config import Config
from schemadiff.errors import RevisionError
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["CurrentRow", "Standing", "current", "heads", "history", "show", "standing"]


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


@dataclass(frozen=True, slots=True)
class Standing(OfDatabase):
    """Where one database stands.

    Args:
        rows: a row for each branch; none for the base.
    """

    rows: tuple[CurrentRow, ...]


def standing(config: Config) -> Standing:
    """Return where the database stands; the first of several, which knows where all stand.

    Raises:
        SchemadiffError: the database cannot be reached.
    """
    graph = load(config)
    heads = set(ids(graph.heads))
    found: list[Standing] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        rows = tuple(CurrentRow(each, graph.nodes.get(each), each in heads) for each in context.get_current_heads())
        found.append(Standing(rows, database=context.options.engine_name))

    run_environment(config, work, keep=False)
    return collected(found, found[0])


def current(config: Config) -> tuple[CurrentRow, ...]:
    """Return where the database stands: a row for each branch, none for the base; of several databases, the rows of all.

    Raises:
        SchemadiffError: the database cannot be reached.
    """
    return tuple(row for each in standing(config).databases for row in each.rows)


def _relative(config: Config) -> tuple[str, ...]:
    """Return the revisions that ``current``, ``+1`` and the like start from.

    Raises:
        RevisionError: the databases stand at different ones.
    """
    places = {each.database: tuple(row.id for row in each.rows) for each in standing(config).databases}
    if len(set(places.values())) > 1:
        shown = ", ".join(f"{database} at {named(rows)}" for database, rows in places.items())
        raise RevisionError(f"the databases stand at different revisions, {shown}: name a revision by its identifier")
    return next(iter(places.values()))


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
    lower, upper = graph.resolve_range(range_, _relative(config) if relative else ())
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
    found = graph.resolve(revision, _relative(config) if relative else ())
    if not found:
        raise RevisionError(f"{revision!r} is no revision: name one; 'schemadiff history' lists them")
    return found
