"""The ways that commands take through the graph, from where a database stands to what a symbol says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from schemadiff.errors import RevisionError, UnknownRevision
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.symbols import (
    Branch,
    Symbol,
    beyond,
    branch_of,
    only_start,
    parse,
    resolve,
    standing_on,
    step_down,
)

__all__ = ["check_apart", "downgrade_route", "resolve_all", "stamped", "upgrade_route"]


def upgrade_route(graph: RevisionGraph, current: Collection[str], symbol: str) -> tuple[Revision, ...]:
    """Return what must run, in order, for a database at ``current`` to have what ``symbol`` stands for.

    Raises:
        RevisionError: it leads downwards, or as in `RevisionGraph.resolve` and `RevisionGraph.upgrade_path`.
    """
    parsed = parse(graph, symbol)
    if parsed.start == "base" and not parsed.steps:
        raise RevisionError(f"an upgrade leads upwards, and base is the bottom: run 'schemadiff downgrade {symbol}'")
    if parsed.is_relative and (parsed.steps or 0) < 0:
        raise RevisionError(f"an upgrade leads upwards, and {symbol!r} downwards: run 'schemadiff downgrade {symbol}'")
    return graph.upgrade_path(current, resolve(graph, symbol, current))


def downgrade_route(graph: RevisionGraph, current: Collection[str], symbol: str) -> tuple[Revision, ...]:
    """Return what must be taken back, in this order, for a database at ``current`` to go down to what ``symbol`` stands for.

    With a branch before the symbol only that branch is taken back, and what stands upon it. Steps down from where the database
    stands take back as many revisions, and what stands upon them; a merge is taken back by one step, to all that it merged.

    Raises:
        RevisionError: it leads upwards, a target has not run, or as in `RevisionGraph.resolve`.
    """
    parsed = parse(graph, symbol)
    branch = branch_of(graph, parsed)
    if parsed.start in ("head", "heads") and parsed.steps is None:
        base = "base" if branch is None else f"{branch.name}@base"
        raise RevisionError(f"a downgrade leads downwards, and {symbol!r} is the top: did you mean {base!r}?")
    if parsed.is_relative and (parsed.steps or 0) > 0:
        raise RevisionError(
            f"a downgrade leads downwards, and {symbol!r} upwards: did you mean '{symbol.replace('+', '-')}'?"
        )
    if parsed.is_relative and parsed.steps:
        return graph.taken_back(current, _last_of(graph, parsed, branch, current))
    targets = resolve(graph, symbol, current)
    if branch is None:
        return graph.downgrade_path(current, targets)
    graph.check_applied(current, targets)
    above = [child for each in targets for child in graph.children(each.id)] if targets else graph.bases
    return graph.taken_back(current, [each for each in above if each.id in branch.members])


def _last_of(
    graph: RevisionGraph, symbol: Symbol, branch: Branch | None, current: Collection[str]
) -> tuple[Revision, ...]:
    """Return the lowest revision that steps down from where the database stands take back; none for no steps."""
    begin = only_start(symbol, standing_on(graph, branch, current))
    place, lowest = begin, None
    for taken in range(-(symbol.steps or 0)):
        # A merge has several revisions below it; it matters only for the next step which one is meant.
        place = begin if lowest is None else step_down(graph, symbol, branch, lowest)
        if place is None:
            raise beyond(symbol, begin, taken)
        lowest = place
    return () if lowest is None else (lowest,)


def stamped(graph: RevisionGraph, current: Collection[str], symbols: Sequence[str]) -> tuple[str, ...]:
    """Return the rows of the version table of a database at ``current`` after it is stamped with ``symbols``, sorted.

    Rows of branches that have nothing to do with the symbols stay. What another row depends on has no row.

    Raises:
        UnknownRevision: the database stands at a revision that no file has.
        RevisionError: one symbol comes before another, or as in `RevisionGraph.resolve`.
    """
    for row in current:
        if row not in graph:
            raise UnknownRevision(
                f"the database stands at revision {row!r}, which no file has: add --purge to forget where it stands"
            )
    targets = resolve_all(graph, symbols, current)
    going: set[str] = set()
    for symbol in symbols:
        parsed = parse(graph, symbol)
        if parsed.start == "base" and not parsed.steps:
            branch = branch_of(graph, parsed)
            going |= set(current) if branch is None else branch.members
    for each in targets:
        going |= graph.ancestors([each.id]) | graph.descendants([each.id])
    rows = (set(current) - going) | {each.id for each in targets}
    return tuple(sorted(row for row in rows if row not in graph.ancestors(rows - {row})))


def resolve_all(graph: RevisionGraph, symbols: Iterable[str], current: Collection[str] = ()) -> tuple[Revision, ...]:
    """Return the revisions that several symbols stand for, each once, in the order of the symbols.

    Raises:
        RevisionError: one comes before another, or as in `RevisionGraph.resolve`.
    """
    found = tuple(dict.fromkeys(each for symbol in symbols for each in resolve(graph, symbol, current)))
    check_apart(graph, found)
    return found


def check_apart(graph: RevisionGraph, revisions: Collection[Revision]) -> None:
    """Refuse revisions of which one stands upon another. One may depend on another.

    Raises:
        RevisionError: it names both, and their files.
    """
    for each in revisions:
        below = graph.below(each.id)
        for other in revisions:
            if other is not each and other.id in below:
                raise RevisionError(
                    f"revisions overlap: {other.id} ({shown_path(other.path)}) comes before {each.id} ({shown_path(each.path)}): "
                    f"leave out {other.id}"
                )
