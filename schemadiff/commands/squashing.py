"""Folding a range of revisions into one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from schemadiff.commands.databases import refuse_standing
from schemadiff.commands.shared import load
from schemadiff.config import Config
from schemadiff.errors import RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.checksum import with_squashed
from schemadiff.revisions.folding import fold
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.parts import take_apart
from schemadiff.revisions.rewriting import rewrite
from schemadiff.revisions.swapping import Change, read, swap

__all__ = ["Squashed", "plan_squashing", "squash"]


@dataclass(frozen=True, slots=True)
class Squashed:
    """What :func:`squash` did.

    Args:
        revision: the revision that stands for the range now, in the file of the last one.
        folded: the revisions of the range, in the order in which they run.
        changed: the later revisions whose ``depends_on`` was changed in their files, as they are now.
    """

    revision: Revision
    folded: tuple[Revision, ...]
    changed: tuple[Revision, ...]


def squash(config: Config, range_: str, message: str | None = None, *, force: bool = False) -> Squashed:
    """Fold the revisions from A to B into one, which takes the identifier and the file of B.

    A database at B or later goes on as before, one before A runs the new file. What stands in the files is kept as it was written:
    their functions become functions of the new file, which are called in order. The range then runs in one transaction, where each
    revision had its own: what one of them needed to be committed first, such as a new value of an enum on PostgreSQL that the next one
    writes, makes the upgrade of the folded revision fail there, and nothing of it is kept.

    Args:
        config: the settings.
        range_: ``A:B``; without A from the base.
        message: what the new revision is about.
        force: do not ask the databases where they stand.

    Raises:
        RevisionError: a branch begins or ends inside of the range, a database of the project stands inside of it or cannot be asked, or
            a file cannot be folded; the message names file and line. Then all is as before.
    """
    graph = load(config)
    planned = plan_squashing(graph, range_)
    sources = {each.id: read(each.path) for each in planned.folded}
    parts = [take_apart(each, sources[each.id]) for each in planned.folded]
    first, last = planned.folded[0], planned.folded[-1]
    wanted = replace(planned.revision, message=message or f"squashed {first.id}:{last.id}")
    text = with_squashed(fold(parts, wanted), [(each, sources[each.id]) for each in planned.folded], wanted)
    changes = [Change(each.path, sources[each.id]) for each in planned.folded[:-1]]
    changes.append(Change(last.path, sources[last.id], text.encode("utf-8")))
    for each in planned.changed:
        before = read(each.path)
        changes.append(Change(each.path, before, rewrite(before, each)))
    if not force:
        inside = {each.id for each in planned.folded}
        refuse_standing(
            config,
            graph,
            lambda applied: last.id in applied or not applied & inside,
            f"inside of {first.id}:{last.id}",
            "squash",
        )
    swap(changes)
    return replace(planned, revision=wanted)


def plan_squashing(graph: RevisionGraph, range_: str) -> Squashed:
    """Return what becomes of the revisions when a range of them is folded.

    Raises:
        RevisionError: it is no range of several revisions that a database passes as one: a branch begins or ends inside of it.
    """
    lower, upper = graph.resolve_range(range_)
    if len(upper) != 1 or len(lower) > 1:
        raise RevisionError(f"{range_!r} has several ends: write one revision before the colon, and one behind it")
    last = upper[0]
    inside = _between(graph, lower[0] if lower else None, last)
    folded = graph.in_order(inside)
    if lower and lower[0].id not in inside:
        raise RevisionError(f"{last.id} does not follow {lower[0].id}: write the earlier one first")
    if len(folded) < 2:
        raise RevisionError(f"{range_!r} is one revision, {last.id}: there is nothing to fold")
    _refuse_openings(graph, folded, inside, lower[0] if lower else None, last)
    labels = dict.fromkeys(label for each in folded for label in each.branch_labels)
    depends = dict.fromkeys(
        symbol for each in folded for symbol in each.depends_on if _named(graph, symbol).id not in inside
    )
    revision = replace(
        last,
        down_revisions=lower[0].down_revisions if lower else (),
        branch_labels=tuple(labels),
        depends_on=tuple(depends),
    )
    later = [_later(graph, each, last, inside) for each in graph.order if each.id not in inside]
    changed = tuple(each for each in later if each != graph.get(each.id))
    try:
        RevisionGraph([*later, revision])
    except RevisionError as error:
        raise RevisionError(f"{range_!r} cannot be folded: {error}") from None
    return Squashed(revision, folded, changed)


def _between(graph: RevisionGraph, first: Revision | None, last: Revision) -> frozenset[str]:
    """Return the revisions on the ways from ``first`` up to ``last``, both included, along ``down_revision``."""
    below = _reach(graph, [last], down=True)
    return below if first is None else below & _reach(graph, [first], down=False)


def _reach(graph: RevisionGraph, starts: list[Revision], *, down: bool) -> frozenset[str]:
    seen = {each.id for each in starts}
    stack = list(starts)
    while stack:
        place = stack.pop().id
        for other in graph.parents(place) if down else graph.children(place):
            if other.id not in seen:
                seen.add(other.id)
                stack.append(other)
    return frozenset(seen)


def _refuse_openings(
    graph: RevisionGraph, folded: Collection[Revision], inside: Collection[str], first: Revision | None, last: Revision
) -> None:
    """Refuse a range that is entered elsewhere than at its first revision, or left elsewhere than at its last one."""
    for each in folded:
        for parent in each.down_revisions:
            if parent not in inside and each != first:
                raise RevisionError(
                    f"{shown_path(each.path)}: revision {each.id} follows {parent} too, which is outside of the range: begin the range "
                    "where the branches part"
                )
        for child in graph.children(each.id):
            if child.id not in inside and each != last:
                raise RevisionError(
                    f"{shown_path(child.path)}: revision {child.id} follows {each.id}, which is inside of the range: end the range "
                    "where the branches part"
                )
    between = (graph.ancestors([last.id]) & graph.descendants(each.id for each in folded)) - set(inside)
    if between:
        named = graph.in_order(between)[0]
        raise RevisionError(
            f"{shown_path(named.path)}: revision {named.id} has to run in the middle of the range, by its depends_on and that of another: "
            "fold shorter ranges"
        )


def _later(graph: RevisionGraph, each: Revision, last: Revision, inside: Collection[str]) -> Revision:
    """Return a revision outside of the range: what depended on one of the range depends on the folded one."""
    depends: dict[str, None] = {}
    for symbol in each.depends_on:
        # A label goes to the folded revision with all the others.
        moved = _named(graph, symbol).id in inside and symbol not in graph.labels
        depends[last.id if moved else symbol] = None
    return replace(each, depends_on=tuple(depends))


def _named(graph: RevisionGraph, symbol: str) -> Revision:
    """Return what a symbol of ``depends_on`` names."""
    return graph.nodes.get(symbol) or graph.labels[symbol]
