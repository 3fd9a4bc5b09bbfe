"""The language in which revisions are named on the command line.

ae10        a revision, by its identifier or an unambiguous beginning of it
users       the revision that carries a branch label
head        the only head              heads       all heads
base        before the first revision  current     where the database stands
+2  -1      steps from where the database stands
ae10+2      steps from a revision; also head-1, base+3
users@...   any of these, on the branch that a label or a revision is of: users@head, users@base, users@+1, users@ae10
A:B         from A to B
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from schemadiff.errors import AmbiguousRevision, MultipleHeads, RevisionError, UnknownRevision
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from schemadiff.revisions.graph import RevisionGraph
    from schemadiff.revisions.header import Revision

__all__ = [
    "Branch",
    "Symbol",
    "beyond",
    "branch_of",
    "nearest",
    "only_start",
    "parse",
    "resolve",
    "resolve_range",
    "several_heads",
    "standing_on",
    "step_down",
]

_STEPS = re.compile(r"(?P<start>.*?)(?P<steps>[+-][0-9]{1,9})", re.DOTALL)
_WORDS = frozenset({"", "base", "head", "heads", "current"})


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol, taken apart.

    Attributes:
        text: how it was written.
        branch: what stands before the ``@``; None without one.
        start: a word, an identifier or a label; empty for where the database stands.
        steps: how far to go from there, up or down; None for no steps.
    """

    text: str
    branch: str | None
    start: str
    steps: int | None

    @property
    def is_relative(self) -> bool:
        """Whether only the database can say what it means."""
        return self.start in ("", "current")


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch that a revision is of: what it stands upon, and what stands upon it.

    Attributes:
        name: how it was written.
        revision: the revision.
        members: the identifiers.
    """

    name: str
    revision: Revision
    members: frozenset[str]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the known word that is nearest to ``word``, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def parse(graph: RevisionGraph, symbol: str) -> Symbol:
    """Take a symbol apart. Identifiers may hold ``-`` and digits: what names a revision is no step from another one.

    Raises:
        RevisionError: it is a range, or there is nothing on one side of the ``@``.
        AmbiguousRevision: it may be a step from one revision, and the beginning of the identifier of another one.
    """
    if ":" in symbol:
        raise RevisionError(f"{symbol!r} is a range where one revision is wanted: name one")
    branch, at, rest = symbol.rpartition("@")
    if at and not (branch and rest):
        raise RevisionError(f"{symbol!r} says too little: write a label, '@' and a revision, such as 'label@head'")
    name = branch if at else None
    steps = _STEPS.fullmatch(rest)
    if steps is None or rest in graph.nodes or rest in graph.labels:
        return Symbol(symbol, name, rest, None)
    begun = [identifier for identifier in sorted(graph.nodes) if identifier.startswith(rest)]
    if not begun:
        return Symbol(symbol, name, steps["start"], int(steps["steps"]))
    if len(begun) == 1 and _names_something(graph, steps["start"]):
        # "2024-1" begins an identifier, and would also be one step down from "2024".
        raise AmbiguousRevision(
            f"{rest!r} begins the identifier {begun[0]} and is also a step from {steps['start']!r}: "
            "write the whole identifier"
        )
    return Symbol(symbol, name, rest, None)


def branch_of(graph: RevisionGraph, symbol: Symbol) -> Branch | None:
    """Return the branch that a symbol names, None where it names none.

    Raises:
        UnknownRevision: there is no such label or revision.
        RevisionError: what stands before the ``@`` is no label and no revision.
    """
    name = symbol.branch
    if name is None:
        return None
    if name in _WORDS or "@" in name:
        raise RevisionError(f"{symbol.text!r} names no branch: before '@' stands a branch label or a revision")
    revision = _named(graph, name, None)
    return Branch(name, revision, graph.branch(revision.id))


def resolve(graph: RevisionGraph, symbol: str, current: Collection[str] = ()) -> tuple[Revision, ...]:
    """Return the revisions that a symbol stands for; see `RevisionGraph.resolve`."""
    parsed = parse(graph, symbol)
    branch = branch_of(graph, parsed)
    begin = _start(graph, parsed, branch, current)
    if parsed.steps is None:
        return begin
    return _walk(graph, parsed, branch, begin)


def resolve_range(
    graph: RevisionGraph, symbol: str, current: Collection[str] = ()
) -> tuple[tuple[Revision, ...], tuple[Revision, ...]]:
    """Return the two ends of ``A:B``; see `RevisionGraph.resolve_range`."""
    lower, colon, upper = symbol.partition(":")
    if not colon or ":" in upper:
        raise RevisionError(f"{symbol!r} is no range: write it as A:B, base:head for instance")
    return resolve(graph, lower or "base", current), resolve(graph, upper or "heads", current)


def standing_on(graph: RevisionGraph, branch: Branch | None, current: Collection[str]) -> tuple[Revision, ...]:
    """Return where the database stands; on a branch, the last revisions of it that have run.

    Raises:
        UnknownRevision: the database stands at a revision that no file has.
    """
    applied = graph.applied(current)
    if branch is None:
        return graph.in_order(current)
    rows = [row for row in current if row in branch.members]
    if rows:
        return graph.in_order(rows)
    # Its revisions stand under rows of other branches.
    on_it = applied & branch.members
    followed = {parent for each in on_it for parent in graph.nodes[each].down_revisions}
    return graph.in_order(on_it - followed)


def step_down(graph: RevisionGraph, symbol: Symbol, branch: Branch | None, place: Revision) -> Revision | None:
    """Return the revision below ``place``, None for the base.

    Raises:
        AmbiguousRevision: there are several.
    """
    return _one_way(symbol, place, _down(graph, branch, place))


def only_start(symbol: Symbol, begin: tuple[Revision, ...]) -> Revision | None:
    """Return the one revision that steps begin from, None for the base.

    Raises:
        MultipleHeads: there are several.
    """
    if len(begin) > 1:
        named = ", ".join(node.id for node in begin)
        raise MultipleHeads(
            f"{symbol.text!r} could start from several revisions ({named}): write one of them before the steps, or a branch "
            f"as in 'label@{symbol.steps:+d}'"
        )
    return begin[0] if begin else None


def beyond(symbol: Symbol, begin: Revision | None, taken: int) -> RevisionError:
    """Return the error for steps that lead out of the graph after some were taken."""
    end = "last revision" if (symbol.steps or 0) > 0 else "base"
    steps = "step" if taken == 1 else "steps"
    return RevisionError(
        f"{symbol.text!r} goes beyond the {end}: it is {taken} {steps} from {begin.id if begin else 'base'}"
    )


def _start(
    graph: RevisionGraph, symbol: Symbol, branch: Branch | None, current: Collection[str]
) -> tuple[Revision, ...]:
    """Return what a symbol stands for before any steps."""
    if symbol.is_relative and not (symbol.start == "" and symbol.steps is None):
        return standing_on(graph, branch, current)
    if symbol.start == "base":
        return ()
    if symbol.start in ("head", "heads"):
        heads = graph.heads if branch is None else tuple(each for each in graph.heads if each.id in branch.members)
        if symbol.start == "head" and len(heads) > 1:
            raise several_heads(heads, branch)
        return heads
    return (_named(graph, symbol.start, branch),)


def several_heads(heads: Collection[Revision], branch: Branch | None = None) -> MultipleHeads:
    """Return the error for several heads where one is wanted."""
    named = ", ".join(f"{node.id} ({shown_path(node.path)})" for node in heads)
    if branch is None:
        return MultipleHeads(
            f"there are {len(heads)} heads: {named}: name one of them, or 'heads' for all; 'schemadiff merge' joins them"
        )
    return MultipleHeads(
        f"branch {branch.name!r} has {len(heads)} heads: {named}: name one of them, or '{branch.name}@heads' for all"
    )


def _named(graph: RevisionGraph, name: str, branch: Branch | None) -> Revision:
    """Return the revision with this identifier, label or beginning of an identifier.

    Raises:
        UnknownRevision: there is none, or none on the branch.
        AmbiguousRevision: there are several.
    """
    exact = graph.nodes.get(name) or graph.labels.get(name)
    found = [exact] if exact else [graph.nodes[each] for each in sorted(graph.nodes) if name and each.startswith(name)]
    here = found if branch is None else [each for each in found if each.id in branch.members]
    if len(here) == 1:
        return here[0]
    if here:
        raise _ambiguous(name, here)
    if branch is not None and found:
        raise UnknownRevision(
            f"revision {found[0].id} ({shown_path(found[0].path)}) is not on the branch {branch.name!r}: name it without the "
            f"branch, or one that {branch.revision.id} stands upon or that stands upon it"
        )
    known = [*graph.nodes, *graph.labels]
    raise UnknownRevision(f"there is no revision {name!r}: run 'schemadiff history' to see them{nearest(name, known)}")


def _names_something(graph: RevisionGraph, symbol: str) -> bool:
    if symbol in _WORDS or symbol in graph.labels:
        return True
    return any(identifier.startswith(symbol) for identifier in graph.nodes)


def _ambiguous(symbol: str, found: list[Revision]) -> AmbiguousRevision:
    shown = ", ".join(f"{node.id} ({shown_path(node.path)})" for node in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return AmbiguousRevision(f"{symbol!r} is the beginning of several revisions: {shown}{more}: write more of it")


def _walk(
    graph: RevisionGraph, symbol: Symbol, branch: Branch | None, begin: tuple[Revision, ...]
) -> tuple[Revision, ...]:
    """Return where the steps of a symbol lead: up along the children, down along the parents."""
    start = only_start(symbol, begin)
    place = start
    steps = symbol.steps or 0
    for taken in range(abs(steps)):
        if steps < 0 and place is None:
            raise beyond(symbol, start, taken)
        ways = _down(graph, branch, place) if steps < 0 and place else _up(graph, branch, place)
        if steps > 0 and not ways:
            raise beyond(symbol, start, taken)
        place = _one_way(symbol, place, ways)
    return (place,) if place else ()


def _up(graph: RevisionGraph, branch: Branch | None, place: Revision | None) -> tuple[Revision, ...]:
    ways = graph.children(place.id) if place else graph.bases
    return ways if branch is None else tuple(each for each in ways if each.id in branch.members)


def _down(graph: RevisionGraph, branch: Branch | None, place: Revision) -> tuple[Revision, ...]:
    ways = graph.parents(place.id)
    return ways if branch is None else tuple(each for each in ways if each.id in branch.members)


def _one_way(symbol: Symbol, place: Revision | None, ways: tuple[Revision, ...]) -> Revision | None:
    if len(ways) > 1:
        named = ", ".join(node.id for node in ways)
        raise AmbiguousRevision(
            f"{symbol.text!r} could go several ways from {place.id if place else 'base'} ({named}): name the revision, or a "
            "branch as in 'label@-1'"
        )
    return ways[0] if ways else None
