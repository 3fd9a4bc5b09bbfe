"""The language in which revisions are named on the command line.

ae10        a revision, by its identifier or an unambiguous beginning of it
users       a branch label
head        the only head              heads       all heads
base        before the first revision  current     where the database stands
+2  -1      steps from where the database stands
ae10+2      steps from a revision; also head-1, base+3
A:B         from A to B
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from schemadiff.errors import AmbiguousRevision, MultipleHeads, RevisionError, UnknownRevision
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from schemadiff.revisions.graph import RevisionGraph
    from schemadiff.revisions.header import Revision

__all__ = ["nearest", "resolve", "resolve_range"]

_STEPS = re.compile(r"(?P<start>.*?)(?P<steps>[+-][0-9]{1,9})", re.DOTALL)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the known word that is nearest to ``word``, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def resolve(graph: RevisionGraph, symbol: str, current: Collection[str] = ()) -> tuple[Revision, ...]:
    """Return the revisions that a symbol stands for; see `RevisionGraph.resolve`."""
    if ":" in symbol:
        raise RevisionError(f"{symbol!r} is a range where one revision is wanted: name one")
    if symbol == "current":
        return _current(graph, current)
    words = {"base": (), "heads": graph.heads}
    if symbol in words:
        return words[symbol]
    if symbol == "head":
        head = graph.head()
        return (head,) if head else ()
    if symbol in graph.nodes:
        return (graph.nodes[symbol],)
    if symbol in graph.labels:
        return (graph.labels[symbol],)
    by_prefix = [
        graph.nodes[identifier] for identifier in sorted(graph.nodes) if symbol and identifier.startswith(symbol)
    ]
    steps = _STEPS.fullmatch(symbol)
    if len(by_prefix) > 1:
        raise _ambiguous(symbol, by_prefix)
    if steps and not by_prefix:
        return _relative(graph, symbol, steps["start"], int(steps["steps"]), current)
    if steps and by_prefix and _names_something(graph, steps["start"]):
        # Identifiers may hold "-": "2024-1" begins an identifier, and would also be one step down from "2024".
        raise AmbiguousRevision(
            f"{symbol!r} begins the identifier {by_prefix[0].id} and is also a step from {steps['start']!r}: "
            "write the whole identifier"
        )
    if by_prefix:
        return (by_prefix[0],)
    raise UnknownRevision(
        f"there is no revision {symbol!r}: run 'schemadiff history' to see them{nearest(symbol, graph.nodes)}"
    )


def resolve_range(
    graph: RevisionGraph, symbol: str, current: Collection[str] = ()
) -> tuple[tuple[Revision, ...], tuple[Revision, ...]]:
    """Return the two ends of ``A:B``; see `RevisionGraph.resolve_range`."""
    lower, colon, upper = symbol.partition(":")
    if not colon or ":" in upper:
        raise RevisionError(f"{symbol!r} is no range: write it as A:B, base:head for instance")
    return resolve(graph, lower or "base", current), resolve(graph, upper or "heads", current)


def _current(graph: RevisionGraph, current: Collection[str]) -> tuple[Revision, ...]:
    graph.applied(current)  # refuses what no file has
    return graph.in_order(current)


def _names_something(graph: RevisionGraph, symbol: str) -> bool:
    if symbol in ("", "base", "head", "heads", "current") or symbol in graph.labels:
        return True
    return any(identifier.startswith(symbol) for identifier in graph.nodes)


def _ambiguous(symbol: str, found: list[Revision]) -> AmbiguousRevision:
    shown = ", ".join(f"{node.id} ({shown_path(node.path)})" for node in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return AmbiguousRevision(f"{symbol!r} is the beginning of several revisions: {shown}{more}: write more of it")


def _relative(
    graph: RevisionGraph, symbol: str, start: str, steps: int, current: Collection[str]
) -> tuple[Revision, ...]:
    """Return where ``steps`` lead from ``start``: up along the children, down along the parents."""
    begin = resolve(graph, start or "current", current)
    if len(begin) > 1:
        named = ", ".join(node.id for node in begin)
        raise MultipleHeads(
            f"{symbol!r} could start from several revisions ({named}): write one of them before the steps"
        )
    place = begin[0] if begin else None
    for taken in range(abs(steps)):
        if steps > 0:
            ways: tuple[Revision | None, ...] = graph.children(place.id) if place else graph.bases
        else:
            ways = (graph.parents(place.id) or (None,)) if place else ()
        if not ways:
            origin = begin[0].id if begin else "base"
            end = "last revision" if steps > 0 else "base"
            raise RevisionError(f"{symbol!r} goes beyond the {end}: it is {taken} {_plural(taken)} from {origin}")
        if len(ways) > 1:
            named = ", ".join(node.id for node in ways if node)
            raise AmbiguousRevision(
                f"{symbol!r} could go several ways from {place.id if place else 'base'} ({named}): name the revision"
            )
        place = ways[0]
    return (place,) if place else ()


def _plural(count: int) -> str:
    return "step" if count == 1 else "steps"
