"""Making a revision the base: what came before it is deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from schemadiff.commands.databases import refuse_standing
from schemadiff.commands.shared import ids, load
from schemadiff.config import Config
from schemadiff.errors import RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.rewriting import rewrite
from schemadiff.revisions.swapping import Change, read, swap

__all__ = ["Pruned", "plan_pruning", "prune"]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What :func:`prune` did.

    Args:
        base: the revision that is the base now.
        deleted: the revisions whose files are gone, in order.
        changed: the revisions whose identifiers were changed in their files, as they are now, in order.
    """

    base: Revision
    deleted: tuple[Revision, ...]
    changed: tuple[Revision, ...]


def prune(config: Config, revision: str, *, force: bool = False) -> Pruned:
    """Make ``revision`` the base: delete the files of what it follows, and set its ``down_revision`` to None.

    Databases that have run it are not touched and go on as before. A new database can be built from the remaining files only where
    the ``upgrade()`` of ``revision`` can run first; it can always be built with ``create_all()`` and ``stamp head``.

    What other revisions say of the deleted ones is rewritten where it keeps its meaning: a merge loses a parent that came before the
    new base, and who depended on a deleted revision depends on the new base. Branch labels of the deleted ones move to it.

    Args:
        config: the settings.
        revision: the new base.
        force: do not ask the databases where they stand.

    Raises:
        RevisionError: a database of the project, in whatever environment, has not run ``revision`` or cannot be asked; a revision
            that would stay follows or needs a deleted one; a file cannot be changed. Then all is as before.
    """
    graph = load(config)
    base = graph.resolve_one(revision)
    if base is None:
        raise RevisionError(
            f"{revision!r} is no revision: name the one that shall be the base; 'schemadiff reset' deletes all"
        )
    planned = plan_pruning(graph, base)
    if not planned.deleted:
        return planned
    changes = [Change(each.path, read(each.path)) for each in planned.deleted]
    for each in planned.changed:
        before = read(each.path)
        changes.append(Change(each.path, before, rewrite(before, each)))
    if not force:
        refuse_standing(config, graph, lambda applied: base.id in applied, f"before {base.id}", "prune")
    swap(changes)
    return planned


def plan_pruning(graph: RevisionGraph, base: Revision) -> Pruned:
    """Return what is deleted and changed to make ``base`` the base.

    Raises:
        RevisionError: a revision that would stay follows or needs a deleted one, and would mean something else without it.
    """
    older = _history(graph, base)
    if not older:
        return Pruned(base, (), ())
    later = graph.descendants([base.id])
    changed = {base.id: _as_base(graph, base, older)}
    for each in graph.order:
        if each.id not in older and each.id != base.id:
            new = _survivor(graph, each, base, older, comes_later=each.id in later)
            if new != each:
                changed[each.id] = new
    _check(graph, changed, older, base)
    order = graph.in_order(changed)
    return Pruned(changed[base.id], graph.in_order(older), tuple(changed[each.id] for each in order))


def _history(graph: RevisionGraph, base: Revision) -> frozenset[str]:
    """Return what a revision follows, and what that follows, without itself. What it only depends on is not among it."""
    seen: set[str] = set()
    stack = [base]
    while stack:
        for parent in graph.parents(stack.pop().id):
            if parent.id not in seen:
                seen.add(parent.id)
                stack.append(parent)
    return frozenset(seen)


def _as_base(graph: RevisionGraph, base: Revision, older: Collection[str]) -> Revision:
    """Return the new base: it takes over the labels of what came before, and what that depended on.

    A row of the version table stands for all that had to run before it, so what the deleted ones depended on must stay before it.
    """
    labels = [label for each in graph.in_order(older) for label in each.branch_labels]
    kept = [symbol for symbol in base.depends_on if _named(graph, symbol).id not in older]
    covered = {_named(graph, symbol).id for symbol in kept}
    for each in graph.in_order(older):
        for symbol in each.depends_on:
            needed = _named(graph, symbol)
            if needed.id not in older and needed.id not in covered:
                covered.add(needed.id)
                kept.append(symbol)
    return replace(
        base,
        down_revisions=(),
        branch_labels=tuple(dict.fromkeys((*base.branch_labels, *labels))),
        depends_on=tuple(kept),
    )


def _survivor(
    graph: RevisionGraph, each: Revision, base: Revision, older: Collection[str], *, comes_later: bool
) -> Revision:
    """Return a revision that stays, without what it said of deleted ones.

    Raises:
        RevisionError: it would mean something else.
    """
    parents = tuple(parent for parent in each.down_revisions if parent not in older)
    if parents != each.down_revisions and not (comes_later and parents):
        gone = next(parent for parent in each.down_revisions if parent in older)
        raise RevisionError(
            f"{shown_path(each.path)}: revision {each.id} follows {gone}, which comes before {base.id} and would be deleted: "
            f"make a revision the base that all branches go through, or delete {each.id} first"
        )
    depends: dict[str, None] = {}
    for symbol in each.depends_on:
        needed = _named(graph, symbol)
        if needed.id not in older or symbol in graph.labels:
            depends[symbol] = None  # a label of a deleted revision is one of the new base
        elif not comes_later:
            depends[base.id] = None
    return replace(each, down_revisions=parents, depends_on=tuple(depends))


def _named(graph: RevisionGraph, symbol: str) -> Revision:
    """Return what a symbol of ``depends_on`` names."""
    return graph.nodes.get(symbol) or graph.labels[symbol]


def _check(graph: RevisionGraph, changed: Mapping[str, Revision], older: Collection[str], base: Revision) -> None:
    """Refuse where what stays is no graph, or one in which something must run without what had to run before it.

    Raises:
        RevisionError: it is.
    """
    remaining = [changed.get(each.id, each) for each in graph.order if each.id not in older]
    try:
        after = RevisionGraph(remaining)
    except RevisionError as error:
        raise RevisionError(f"{base.id} cannot be made the base: {error}") from None
    for each in ids(after.order):
        lost = graph.ancestors([each]) - after.ancestors([each]) - set(older)
        if lost:
            raise RevisionError(
                f"{shown_path(graph.get(each).path)}: revision {each} has to run after {', '.join(sorted(lost))} by way of a revision "
                f"that would be deleted: write that into its depends_on first"
            )
