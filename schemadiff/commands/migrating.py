"""Commands that change the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from schemadiff.commands.shared import ids, load, run_environment
from schemadiff.config import Config
from schemadiff.errors import RevisionError
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Direction, Plan, Progress, Step

__all__ = ["Ran", "downgrade", "stamp", "upgrade"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What :func:`upgrade`, :func:`downgrade` and :func:`stamp` did.

    Args:
        revisions: the revisions that ran, in order.
        before: where the database stood.
        after: where it stands now.
        sql: the script; None where it ran on the database.
    """

    revisions: tuple[Revision, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    sql: str | None = None


def upgrade(
    config: Config,
    revision: str = "head",
    *,
    sql: bool = False,
    tag: str | None = None,
    progress: Progress | None = None,
) -> Ran:
    """Run the revisions that lead to ``revision``.

    Args:
        config: the settings.
        revision: where to go; with ``sql``, a range ``A:B`` starts at A and not at the base.
        sql: return the SQL, and do not connect.
        tag: what env.py gets from ``get_tag_argument()``.
        progress: is told of each step.

    Raises:
        RevisionError: there is no such revision, or no way to it.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the database refused a statement; the message says in what state it is.
    """
    graph = load(config)
    start, destination = _range(graph, revision, sql=sql, down=False)

    if destination == "base":
        raise RevisionError("an upgrade leads upwards, and base is the bottom: run 'schemadiff downgrade base'")

    def planned() -> Plan:
        resolve = _once(graph, destination)

        def plan(standing: tuple[str, ...]) -> tuple[Step, ...]:
            path = graph.upgrade_path(standing, resolve(standing))
            return _steps("upgrade", path, standing, graph.after_upgrade)

        return plan

    return _migrated(config, planned, start, destination, sql=sql, tag=tag, progress=progress)


def downgrade(
    config: Config,
    revision: str,
    *,
    sql: bool = False,
    tag: str | None = None,
    progress: Progress | None = None,
) -> Ran:
    """Take back the revisions that came after ``revision``.

    Args:
        config: the settings.
        revision: where to go; with ``sql``, a range ``A:B`` from A down to B.
        sql: return the SQL, and do not connect.
        tag: what env.py gets from ``get_tag_argument()``.
        progress: is told of each step.

    Raises:
        RevisionError: there is no such revision, or it has not run.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the database refused a statement; the message says in what state it is.
    """
    graph = load(config)
    start, destination = _range(graph, revision, sql=sql, down=True)

    def planned() -> Plan:
        resolve = _once(graph, destination)

        def plan(standing: tuple[str, ...]) -> tuple[Step, ...]:
            path = graph.downgrade_path(standing, resolve(standing))
            return _steps("downgrade", path, standing, graph.after_downgrade)

        return plan

    return _migrated(config, planned, start, destination, sql=sql, tag=tag, progress=progress)


def stamp(config: Config, revision: str = "head", *, tag: str | None = None) -> Ran:
    """Set where the database stands, without running anything.

    Args:
        config: the settings.
        revision: where it stands from now on; ``base`` for nowhere.
        tag: what env.py gets from ``get_tag_argument()``.

    Raises:
        RevisionError: there is no such revision.
    """
    graph = load(config)
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        with context.locked():
            standing = context.get_current_heads()
            after = tuple(sorted(ids(graph.resolve(revision, standing))))
            context.stamp(standing, after)
        found.append(Ran((), standing, after))

    run_environment(config, work, destination=revision, tag=tag)
    return found[-1]


def _migrated(
    config: Config,
    planned: Callable[[], Plan],
    start: tuple[str, ...],
    destination: str,
    *,
    sql: bool,
    tag: str | None,
    progress: Progress | None,
) -> Ran:
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        did = context.migrate(planned(), progress=progress, arguments=arguments)
        found.append(Ran(tuple(step.revision for step in did.steps), did.before, did.after))

    scripts = run_environment(config, work, sql=sql, starting=start, destination=destination, tag=tag)
    if not sql:
        return found[-1]
    text = []
    for script in scripts:
        if script.stream is not None:
            script.write_to(script.stream)
        else:
            text.append(script.text())
    return replace(found[-1], sql="".join(text))


def _once(graph: RevisionGraph, destination: str) -> Callable[[tuple[str, ...]], tuple[Revision, ...]]:
    """Return what resolves ``destination`` from where the database stands when it is first asked: "+1" is one revision, however often."""
    found: list[tuple[Revision, ...]] = []

    def resolve(standing: tuple[str, ...]) -> tuple[Revision, ...]:
        if not found:
            found.append(graph.resolve(destination, standing))
        return found[0]

    return resolve


def _steps(
    direction: Direction,
    path: Iterable[Revision],
    standing: tuple[str, ...],
    following: Callable[[Collection[str], str], tuple[str, ...]],
) -> tuple[Step, ...]:
    from schemadiff.runtime.steps import Step

    steps: list[Step] = []
    for each in path:
        after = following(standing, each.id)
        steps.append(Step(each, direction, standing, after))
        standing = after
    return tuple(steps)


def _range(graph: RevisionGraph, revision: str, *, sql: bool, down: bool) -> tuple[tuple[str, ...], str]:
    """Return where a run starts, which only a script has to be told, and where it goes.

    Raises:
        RevisionError: a range where the database knows where it stands, or none where a script has to be told.
    """
    if ":" in revision:
        if not sql:
            raise RevisionError(
                f"{revision!r} is a range, which only --sql takes: the database itself says where it stands; name one revision"
            )
        lower, _, upper = revision.partition(":")
        graph.resolve_range(revision)
        start = graph.resolve(lower or ("heads" if down else "base"))
        return tuple(sorted(ids(start))), upper or ("base" if down else "heads")
    if sql and down:
        raise RevisionError(
            f"downgrade --sql does not know where the database stands: write the range, such as head:{revision}"
        )
    if sql and revision.startswith(("+", "-")):
        raise RevisionError(
            f"{revision!r} starts from where the database stands, which --sql does not know: name a revision"
        )
    return (), revision
