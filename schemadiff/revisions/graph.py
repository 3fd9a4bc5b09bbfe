"""The graph of the revisions: who follows whom.

Two relations count. ``down_revision`` draws the branches: heads, bases and relative steps go by it. ``depends_on`` adds
revisions that must have run before: the order, and what is to be run or taken back, go by both.

Nothing here recurses, and everything is linear in the number of revisions. The same files give the same order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from schemadiff.errors import (
    AmbiguousRevision,
    BrokenRevision,
    DuplicateRevision,
    RevisionError,
    UnknownRevision,
)
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.symbols import nearest, resolve, resolve_range, several_heads

__all__ = ["RevisionGraph"]


class RevisionGraph:
    """All revisions of a project, checked, in an order in which they can run.

    Attributes:
        nodes: the revisions by identifier.
        order: all revisions, each after those that it follows and depends on.
        heads: the revisions that none follows, in order.
        tips: the heads that no revision depends on: the rows of a database on which everything has run.
        bases: the revisions that follow none, in order.
        labels: the revision that carries each branch label.

    Raises:
        DuplicateRevision: two files have one identifier, or one branch label.
        BrokenRevision: a file follows or depends on a revision that no file has.
        RevisionError: the revisions go round in a circle.
    """

    def __init__(self, revisions: Iterable[Revision] = ()) -> None:
        nodes = _by_id(revisions)
        self.nodes: Mapping[str, Revision] = MappingProxyType(nodes)
        self.labels: Mapping[str, Revision] = MappingProxyType(_by_label(nodes))
        self._children: dict[str, list[str]] = {identifier: [] for identifier in nodes}
        self._before: dict[str, tuple[str, ...]] = {}
        self._after: dict[str, list[str]] = {identifier: [] for identifier in nodes}
        for identifier in sorted(nodes):
            self._connect(nodes[identifier])
        self.order: tuple[Revision, ...] = tuple(nodes[identifier] for identifier in _sort(nodes, self._before))
        self.heads: tuple[Revision, ...] = tuple(node for node in self.order if not self._children[node.id])
        self.tips: tuple[Revision, ...] = tuple(node for node in self.heads if not self._after[node.id])
        self.bases: tuple[Revision, ...] = tuple(node for node in self.order if node.is_base)
        self._position = {node.id: number for number, node in enumerate(self.order)}

    def _connect(self, revision: Revision) -> None:
        before: dict[str, None] = {}
        for identifier in revision.down_revisions:
            if identifier not in self.nodes:
                raise BrokenRevision(
                    f"{shown_path(revision.path)}: revision {revision.id!r} follows {identifier!r} (down_revision), which no "
                    f"file has: add that file, or correct down_revision{nearest(identifier, self.nodes)}"
                )
            self._children[identifier].append(revision.id)
            before[identifier] = None
        for symbol in revision.depends_on:
            before[self._dependency(revision, symbol).id] = None
        self._before[revision.id] = tuple(before)
        for identifier in before:
            self._after[identifier].append(revision.id)

    def _dependency(self, revision: Revision, symbol: str) -> Revision:
        found = self.nodes.get(symbol) or self.labels.get(symbol)
        if found is None:
            raise BrokenRevision(
                f"{shown_path(revision.path)}: revision {revision.id!r} depends on {symbol!r} (depends_on), which is no "
                f"revision and no branch label: add that file, or correct depends_on{nearest(symbol, self.nodes)}"
            )
        return found

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self.nodes

    def get(self, identifier: str) -> Revision:
        """Return the revision with this very identifier.

        Raises:
            UnknownRevision: there is none.
        """
        try:
            return self.nodes[identifier]
        except KeyError:
            raise UnknownRevision(
                f"revision {identifier!r} is in no file: run 'schemadiff history'{nearest(identifier, self.nodes)}"
            ) from None

    def head(self) -> Revision | None:
        """Return the only head, or None where there are no revisions.

        Raises:
            MultipleHeads: there are several.
        """
        if len(self.heads) > 1:
            raise several_heads(self.heads)
        return self.heads[0] if self.heads else None

    def parents(self, identifier: str) -> tuple[Revision, ...]:
        """Return the revisions that a revision follows."""
        return tuple(self.nodes[parent] for parent in self.get(identifier).down_revisions)

    def children(self, identifier: str) -> tuple[Revision, ...]:
        """Return the revisions that follow a revision, sorted by identifier."""
        return tuple(self.nodes[child] for child in self._children[self.get(identifier).id])

    def at_heads(self, current: Collection[str]) -> bool:
        """Return True where all revisions have run on a database at ``current``.

        Raises:
            UnknownRevision: the database stands at a revision that no file has.
        """
        return len(self.applied(current)) == len(self.nodes)

    def stands_alone(self, rows: Collection[str]) -> bool:
        """Return True where a database that stands at ``rows`` cannot stand at others beside them: there is no other branch.

        Raises:
            UnknownRevision: a row is in no file.
        """
        return len(self.applied(rows) | self._reach(rows, self._children)) == len(self.nodes)

    def ancestors(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Return the identifiers of the given revisions and of all that must have run before them.

        Raises:
            UnknownRevision: an identifier is in no file.
        """
        return self._reach(identifiers, self._before)

    def descendants(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Return the identifiers of the given revisions and of all that can only run after them.

        Raises:
            UnknownRevision: an identifier is in no file.
        """
        return self._reach(identifiers, self._after)

    def branch(self, identifier: str) -> frozenset[str]:
        """Return the identifiers of a revision, of what it stands upon, and of what stands upon it. Dependencies do not count.

        Raises:
            UnknownRevision: the identifier is in no file.
        """
        return self.below(identifier) | self._reach([identifier], self._children)

    def below(self, identifier: str) -> frozenset[str]:
        """Return the identifiers of a revision and of what it stands upon. Dependencies do not count.

        Raises:
            UnknownRevision: the identifier is in no file.
        """
        return self._reach([identifier], {each.id: each.down_revisions for each in self.order})

    def _reach(self, identifiers: Iterable[str], edges: Mapping[str, Collection[str]]) -> frozenset[str]:
        stack = [self.get(identifier).id for identifier in identifiers]
        seen = set(stack)
        while stack:
            for other in edges[stack.pop()]:
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return frozenset(seen)

    def in_order(self, identifiers: Iterable[str]) -> tuple[Revision, ...]:
        """Return the revisions with these identifiers, in the order in which they run."""
        return tuple(self.nodes[identifier] for identifier in sorted(set(identifiers), key=self._position.__getitem__))

    def resolve(self, symbol: str, current: Collection[str] = ()) -> tuple[Revision, ...]:
        """Return the revisions that a symbol stands for; none for ``base``.

        Args:
            symbol: an identifier or its beginning, a branch label, ``head``, ``heads``, ``base``, ``current``, ``+N``, ``-N``,
                or one of these with ``+N`` or ``-N`` behind it; any of them after ``LABEL@`` or ``REVISION@``.
            current: the identifiers that the database stands at, for ``current``, ``+N`` and ``-N``.

        Raises:
            UnknownRevision: nothing is called so.
            AmbiguousRevision: several are, or a step could go several ways.
            MultipleHeads: ``head``, where there are several.
            RevisionError: a step goes beyond the ends.
        """
        return resolve(self, symbol, current)

    def resolve_one(self, symbol: str, current: Collection[str] = ()) -> Revision | None:
        """Return the one revision that a symbol stands for, None for ``base``.

        Raises:
            AmbiguousRevision: it stands for several.
            RevisionError: as in `resolve`.
        """
        found = self.resolve(symbol, current)
        if len(found) > 1:
            named = ", ".join(node.id for node in found)
            raise AmbiguousRevision(f"{symbol!r} stands for several revisions ({named}): name one of them")
        return found[0] if found else None

    def resolve_range(
        self, symbol: str, current: Collection[str] = ()
    ) -> tuple[tuple[Revision, ...], tuple[Revision, ...]]:
        """Return the two ends of ``A:B``. An end that is left out is ``base`` before the colon, ``heads`` behind it.

        Raises:
            RevisionError: there is no colon, or as in `resolve`.
        """
        return resolve_range(self, symbol, current)

    def span(self, lower: Iterable[Revision], upper: Iterable[Revision]) -> tuple[Revision, ...]:
        """Return the revisions from ``lower`` to ``upper``, both included, in order. No ``lower`` is the base.

        Raises:
            RevisionError: one of ``lower`` is not before ``upper``.
        """
        start = [node.id for node in lower]
        end = [node.id for node in upper]
        below = self.ancestors(end)
        for identifier in start:
            if identifier not in below:
                raise RevisionError(
                    f"revision {identifier} does not come before {', '.join(end) or 'base'}: write the earlier one first"
                )
        return self.in_order(below & self.descendants(start) if start else below)

    def upgrade_path(self, current: Collection[str], targets: Iterable[Revision]) -> tuple[Revision, ...]:
        """Return what must run, in order, for a database at ``current`` to have ``targets``.

        Args:
            current: the identifiers in the version table.
            targets: where to go. What they depend on runs too; what has run already does not run again.

        Raises:
            UnknownRevision: an identifier in ``current`` is in no file.
        """
        wanted = self.ancestors(node.id for node in targets)
        return self.in_order(wanted - self.applied(current))

    def downgrade_path(self, current: Collection[str], targets: Iterable[Revision]) -> tuple[Revision, ...]:
        """Return what must be taken back, in this order, for a database at ``current`` to stand at ``targets``.

        That is all that came after the targets, in their branches, and what depends on it; with no target, everything.

        Args:
            current: the identifiers in the version table.
            targets: where to go; none for the base.

        Raises:
            UnknownRevision: an identifier in ``current`` is in no file.
            RevisionError: a target has not run.
        """
        ends = self.check_applied(current, targets)
        if not ends:
            return self.taken_back(current, self.bases)
        kept = self.ancestors(ends)
        above = {child for each in ends for child in self._children[each]} - kept
        return self.taken_back(current, self.in_order(above))

    def check_applied(self, current: Collection[str], targets: Iterable[Revision]) -> tuple[str, ...]:
        """Return the identifiers of targets that have all run.

        Raises:
            UnknownRevision: an identifier in ``current`` is in no file.
            RevisionError: one of them has not run.
        """
        applied = self.applied(current)
        ends = tuple(node.id for node in targets)
        for identifier in ends:
            if identifier not in applied:
                raise RevisionError(
                    f"cannot downgrade to {identifier}: it has not run on this database, which stands at "
                    f"{', '.join(sorted(current)) or 'base'}: run 'schemadiff upgrade {identifier}' to get there"
                )
        return ends

    def taken_back(self, current: Collection[str], lowest: Iterable[Revision]) -> tuple[Revision, ...]:
        """Return what must be taken back, in this order, to take back ``lowest``: these, and all that runs after them.

        Raises:
            UnknownRevision: an identifier in ``current`` is in no file.
        """
        undone = self.applied(current) & self.descendants(node.id for node in lowest)
        return tuple(reversed(self.in_order(undone)))

    def applied(self, current: Iterable[str]) -> frozenset[str]:
        """Return the identifiers of all revisions that have run on a database at ``current``.

        Raises:
            UnknownRevision: the database stands at a revision that no file has.
        """
        rows = list(current)
        for row in rows:
            if row not in self.nodes:
                raise UnknownRevision(
                    f"the database stands at revision {row!r}, which no file has: get that file (is it on another "
                    f"branch of the repository?), or run 'schemadiff stamp --purge' with a revision that fits the database"
                )
        return self.ancestors(rows)

    def after_upgrade(self, current: Collection[str], identifier: str) -> tuple[str, ...]:
        """Return the rows of the version table after the upgrade of one revision: what it stands upon gives way to it."""
        return tuple(sorted((set(current) - set(self._before[identifier])) | {identifier}))

    def after_downgrade(self, current: Collection[str], identifier: str) -> tuple[str, ...]:
        """Return the rows of the version table after the downgrade of one revision: what it stood upon comes back.

        What another row still stands upon does not come back.
        """
        others = set(current) - {identifier}
        covered = self.ancestors(others)
        returning = [parent for parent in self._before[identifier] if parent not in covered]
        if len(returning) < 2:
            return tuple(sorted(others.union(returning)))
        # A parent that another parent stands upon is implied by that one.
        implied = self.ancestors(below for parent in returning for below in self._before[parent])
        return tuple(sorted(others | {parent for parent in returning if parent not in implied}))


def _by_id(revisions: Iterable[Revision]) -> dict[str, Revision]:
    nodes: dict[str, Revision] = {}
    for revision in revisions:
        other = nodes.setdefault(revision.id, revision)
        if other is not revision:
            raise DuplicateRevision(
                f"two files have the revision id {revision.id!r}: {shown_path(other.path)} and {shown_path(revision.path)}: "
                "give one of them a new id"
            )
    return nodes


def _by_label(nodes: Mapping[str, Revision]) -> dict[str, Revision]:
    labels: dict[str, Revision] = {}
    for revision in nodes.values():
        for label in revision.branch_labels:
            other = labels.setdefault(label, revision)
            if other is revision:
                other = nodes.get(label, revision)
            if other is not revision:
                raise DuplicateRevision(
                    f"the branch label {label!r} of {shown_path(revision.path)} is taken by {shown_path(other.path)}: "
                    "give one of them another name"
                )
    return labels


def _sort(nodes: Mapping[str, Revision], before: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return all identifiers, each after those before it: depth first, so that a branch stays together."""
    done: dict[str, None] = {}
    for start in _ends_first(nodes, before):
        if start in done:
            continue
        path = {start: None}  # what we are in the middle of, in order
        stack = [iter(before[start])]
        while stack:
            following = next((other for other in stack[-1] if other not in done), None)
            if following is None:
                stack.pop()
                done[path.popitem()[0]] = None
            elif following in path:
                circle = list(path)[list(path).index(following) :]
                raise RevisionError(_circle(nodes, circle))
            else:
                path[following] = None
                stack.append(iter(before[following]))
    return list(done)


def _ends_first(nodes: Mapping[str, Revision], before: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the identifiers with those that nothing comes after first; the others only matter when there is a circle."""
    has_after = {other for others in before.values() for other in others}
    return sorted(nodes, key=lambda identifier: (identifier in has_after, identifier))


def _circle(nodes: Mapping[str, Revision], circle: list[str]) -> str:
    if len(circle) == 1:
        return (
            f"{shown_path(nodes[circle[0]].path)}: revision {circle[0]!r} comes after itself: correct its down_revision "
            "and depends_on"
        )
    first = circle.index(min(circle))
    turned = circle[first:] + circle[:first]
    shown = turned[:10]
    more = f" and {len(turned) - len(shown)} more" if len(turned) > len(shown) else ""
    named = ", ".join(f"{identifier} ({shown_path(nodes[identifier].path)})" for identifier in shown)
    return f"these revisions come after one another in a circle: {named}{more}: correct a down_revision or depends_on"
