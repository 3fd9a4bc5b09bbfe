"""Commands that tell where things stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from schemadiff.commands.checksums import edited_since, file_of
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import half_done, ids, load, named, run_environment
from schemadiff.config import Config
from schemadiff.errors import NotAtHead, RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.symbols import parse

if TYPE_CHECKING:
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.telling import File

__all__ = ["CurrentRow", "Listed", "Standing", "branches", "current", "heads", "history", "show", "standing"]


@dataclass(frozen=True, slots=True)
class CurrentRow:
    """One row of the version table.

    Args:
        id: what stands in it.
        revision: its file; None where there is none.
        is_head: no revision follows it.
        children: the identifiers of those that follow it, sorted.
    """

    id: str
    revision: Revision | None
    is_head: bool
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing(OfDatabase):
    """Where one database stands.

    Args:
        rows: a row for each branch; none for the base.
        edited: the revisions whose files were edited since they ran.
        half: the revision that it stands in the middle of; None where it is in none.
        half_file: what has become of the file of that since it was begun.
    """

    rows: tuple[CurrentRow, ...]
    edited: tuple[Revision, ...] = ()
    half: Half | None = None
    half_file: File = "as it was"


@dataclass(frozen=True, slots=True)
class Listed:
    """A revision, and its place among the others.

    Args:
        revision: the revision.
        children: the identifiers of those that follow it, sorted.
        is_current: the database stands at it; False where the database was not asked.
    """

    revision: Revision
    children: tuple[str, ...] = ()
    is_current: bool = False

    @property
    def is_head(self) -> bool:
        """True where no revision follows it."""
        return not self.children

    @property
    def is_branch_point(self) -> bool:
        """True where several revisions follow it."""
        return len(self.children) > 1

    @property
    def marks(self) -> tuple[str, ...]:
        """What is said of it in a list, in words: where it stands, and its branch labels."""
        words = (
            ("head", self.is_head),
            ("current", self.is_current),
            ("branch point", self.is_branch_point),
            ("merge", self.revision.is_merge),
        )
        return (*(word for word, holds in words if holds), *self.revision.branch_labels)


def standing(config: Config, *, check_heads: bool = False) -> Standing:
    """Return where the database stands; the first of several, which knows where all stand.

    Args:
        config: the settings.
        check_heads: refuse a database on which not all revisions have run.

    Raises:
        NotAtHead: not all revisions have run or one is half done, and ``check_heads`` is true.
        SchemadiffError: the database cannot be reached.
    """
    graph = load(config)
    found: list[Standing] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        current_heads = context.get_current_heads()
        rows = tuple(_row(graph, each) for each in current_heads)
        half = half_done(context)
        edited = edited_since(context, graph, current_heads)
        found.append(Standing(rows, edited, half, file_of(graph, half), database=context.options.engine_name))
        if check_heads and half is not None:
            raise NotAtHead(f"{half}: run 'schemadiff current'")
        if check_heads and not graph.at_heads(current_heads):
            raise NotAtHead(
                f"the database stands at {named(current_heads)}, and the revisions at {named(ids(graph.heads))}: "
                "run 'schemadiff upgrade heads'"
            )

    run_environment(config, work, keep=False)
    return collected(found, found[0])


def current(config: Config, *, check_heads: bool = False) -> tuple[CurrentRow, ...]:
    """Return where the database stands: a row for each branch, none for the base; of several databases, the rows of all.

    Raises:
        NotAtHead: not all revisions have run, and ``check_heads`` is true.
        SchemadiffError: the database cannot be reached.
    """
    return tuple(row for each in standing(config, check_heads=check_heads).databases for row in each.rows)


def history(config: Config, range_: str | None = None, *, indicate_current: bool = False) -> tuple[Listed, ...]:
    """Return the revisions, the newest first.

    Args:
        config: the settings.
        range_: ``A:B``; all of them when None. Ends that start from where the database stands make it be asked.
        indicate_current: ask the database where it stands, and mark that.

    Raises:
        RevisionError: an end is unknown.
    """
    graph = load(config)
    ends = [] if range_ is None else range_.split(":")
    standing = _standing(config, graph, ends, ask=indicate_current)
    found = graph.order if range_ is None else graph.span(*graph.resolve_range(range_, standing))
    return _listed(graph, reversed(found), standing if indicate_current else ())


def heads(config: Config, *, resolve_dependencies: bool = False) -> tuple[Listed, ...]:
    """Return the revisions that none follows.

    Args:
        config: the settings.
        resolve_dependencies: leave out those that another revision depends on: a database at head has no row for them.
    """
    graph = load(config)
    return _listed(graph, graph.tips if resolve_dependencies else graph.heads)


def branches(config: Config) -> tuple[Listed, ...]:
    """Return the revisions that several others follow, the newest first."""
    graph = load(config)
    return tuple(each for each in _listed(graph, reversed(graph.order)) if each.is_branch_point)


def show(config: Config, revision: str = "head") -> tuple[Listed, ...]:
    """Return the revisions that ``revision`` stands for.

    Raises:
        RevisionError: there is none.
    """
    graph = load(config)
    found = graph.resolve(revision, _standing(config, graph, [revision]))
    if not found:
        raise RevisionError(f"{revision!r} is no revision: name one; 'schemadiff history' lists them")
    return _listed(graph, found)


def _standing(config: Config, graph: RevisionGraph, symbols: Collection[str], *, ask: bool = False) -> tuple[str, ...]:
    """Return where the database stands, which is asked only where a symbol needs it.

    Raises:
        RevisionError: a symbol needs it, and there are several databases that stand at different revisions.
    """
    is_relative = any(parse(graph, symbol).is_relative for symbol in symbols if symbol)
    if not ask and not is_relative:
        return ()
    places = {each.database: tuple(row.id for row in each.rows) for each in standing(config).databases}
    if is_relative and len(set(places.values())) > 1:
        shown = ", ".join(f"{database} at {named(rows)}" for database, rows in places.items())
        raise RevisionError(f"the databases stand at different revisions, {shown}: name a revision by its identifier")
    return tuple(dict.fromkeys(row for rows in places.values() for row in rows))


def _row(graph: RevisionGraph, identifier: str) -> CurrentRow:
    revision = graph.nodes.get(identifier)
    children = () if revision is None else ids(graph.children(identifier))
    return CurrentRow(identifier, revision, revision is not None and not children, children)


def _listed(graph: RevisionGraph, revisions: Iterable[Revision], standing: Collection[str] = ()) -> tuple[Listed, ...]:
    rows = frozenset(standing)
    return tuple(Listed(each, ids(graph.children(each.id)), each.id in rows) for each in revisions)
