"""What a new revision will be: whom it follows, its labels, and the folder that it goes to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemadiff.errors import ConfigError, DuplicateRevision, RevisionError
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import check_new_id, check_new_label, new_id, now, shown_path
from schemadiff.revisions.routes import resolve_all
from schemadiff.revisions.symbols import parse
from schemadiff.revisions.template import NewRevision

__all__ = ["followed", "plan_revision", "version_directory"]


def followed(graph: RevisionGraph, heads: Sequence[str] = ("head",), *, splice: bool = False) -> tuple[Revision, ...]:
    """Return the revisions that a new one follows; none for a new base.

    Args:
        graph: the revisions that there are.
        heads: symbols: ``head``, ``heads``, ``base``, ``label@head``, identifiers.
        splice: revisions that are no heads may be followed: a new branch begins there.

    Raises:
        MultipleHeads: ``head``, where there are several.
        RevisionError: one of them is no head, comes before another one, or depends on where a database stands.
    """
    for symbol in heads:
        if parse(graph, symbol).is_relative:
            raise RevisionError(
                f"{symbol!r} starts from where a database stands: name the revision that the new one follows"
            )
    found = resolve_all(graph, heads)
    for each in found:
        after = graph.children(each.id)
        if after and not splice:
            raise RevisionError(
                f"revision {each.id} ({shown_path(each.path)}) is no head, {after[0].id} ({shown_path(after[0].path)}) follows it: "
                "add --splice to begin a branch there"
            )
    return found


def plan_revision(
    graph: RevisionGraph,
    message: str | None = None,
    *,
    follows: Sequence[Revision] | None = None,
    rev_id: str | None = None,
    branch_labels: Sequence[str] = (),
    depends_on: Sequence[str] = (),
    timezone: str | None = None,
    imports: Sequence[str] = (),
    upgrade: str = "",
    downgrade: str = "",
) -> NewRevision:
    """Return a new revision.

    Args:
        graph: the revisions that there are.
        message: what the user says about it.
        follows: what it follows; the only head when None.
        rev_id: its identifier; twelve random hexadecimal digits when None.
        branch_labels: the labels that it gives to its branch.
        depends_on: symbols of what must have run before, in whatever branch.
        timezone: the time zone of its date; local time when None.
        imports: import statements that the bodies use.
        upgrade: the body of ``upgrade()``.
        downgrade: the body of ``downgrade()``.

    Raises:
        RevisionError: ``rev_id`` or a label cannot be used, or a dependency is none.
        DuplicateRevision: ``rev_id`` or a label is taken.
        MultipleHeads: there are several heads, and ``follows`` is None.
        ConfigError: the time zone is unknown.
    """
    identifier = new_id() if rev_id is None else check_new_id(rev_id)
    _check_free(graph, "revision id", identifier, "choose another one, or leave it out")
    for label in branch_labels:
        _check_free(graph, "branch label", check_new_label(label), "choose another one")
        if label == identifier or list(branch_labels).count(label) > 1:
            raise DuplicateRevision(f"branch label {label!r} is there twice: choose another one")
    return NewRevision(
        id=identifier,
        message=message or "",
        create_date=now(timezone),
        down_revisions=tuple(each.id for each in (followed(graph) if follows is None else follows)),
        branch_labels=tuple(branch_labels),
        depends_on=tuple(dict.fromkeys(_dependency(graph, symbol) for symbol in depends_on)),
        imports=tuple(imports),
        upgrade=upgrade,
        downgrade=downgrade,
    )


def version_directory(
    locations: Sequence[Path], follows: Sequence[Revision], version_path: str | None = None, *, folder: Path
) -> Path:
    """Return the versions directory that a new revision goes to: that of the first revision that it follows.

    Args:
        locations: the versions directories.
        follows: the revisions that it follows.
        version_path: the one that the user named.
        folder: where relative paths of the settings start from.

    Raises:
        ConfigError: ``version_path`` is none of them, or there are several and nothing says which.
    """
    if version_path is not None:
        wanted = {(start / version_path).resolve() for start in (Path.cwd(), folder)}
        for location in locations:
            if location.resolve() in wanted:
                return location
        known = ", ".join(map(shown_path, locations))
        raise ConfigError(
            f"{version_path} is none of the version_locations: choose from {known}, or add it to the settings"
        )
    if len(locations) == 1:
        return locations[0]
    for each in follows:
        holding = [location for location in locations if each.path.resolve().is_relative_to(location.resolve())]
        if holding:
            return max(holding, key=lambda location: len(location.resolve().parts))
    known = ", ".join(map(shown_path, locations))
    raise ConfigError(
        f"there are several version_locations, and a new base may go to any: name one with --version-path: {known}"
    )


def _check_free(graph: RevisionGraph, kind: str, name: str, advice: str) -> None:
    taken = graph.nodes.get(name) or graph.labels.get(name)
    if taken is not None:
        raise DuplicateRevision(f"{kind} {name!r} is taken by {shown_path(taken.path)}: {advice}")


def _dependency(graph: RevisionGraph, symbol: str) -> str:
    """Return what ``depends_on`` says: a label as it is, the identifier of anything else."""
    if symbol in graph.labels:
        return symbol
    if parse(graph, symbol).is_relative:
        raise RevisionError(f"{symbol!r} starts from where a database stands: name the revision to depend on")
    found = graph.resolve_one(symbol)
    if found is None:
        raise RevisionError(f"{symbol!r} is no revision to depend on: name one")
    return found.id
