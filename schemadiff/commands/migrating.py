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
    from schemadiff.runtime.migration import Direction, MigrationContext, Progress, Step
    from schemadiff.runtime.script import Script

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

    def plan(standing: tuple[str, ...]) -> tuple[Step, ...]:
        if destination == "base":
            raise RevisionError("an upgrade leads upwards, and base is the bottom: run 'schemadiff downgrade base'")
        targets = graph.resolve(destination, standing)
        path = graph.upgrade_path(standing, targets)
        if sql and standing and not path and not set(ids(targets)) <= set(standing):
            raise RevisionError(
                f"{revision!r} leads downwards, and an upgrade upwards: run 'schemadiff downgrade {revision} --sql'"
            )
        return _steps("upgrade", path, standing, graph.after_upgrade)

    return _migrated(config, plan, start, destination, sql=sql, tag=tag, progress=progress)


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

    def plan(standing: tuple[str, ...]) -> tuple[Step, ...]:
        path = graph.downgrade_path(standing, graph.resolve(destination, standing))
        return _steps("downgrade", path, standing, graph.after_downgrade)

    return _migrated(config, plan, start, destination, sql=sql, tag=tag, progress=progress)


def stamp(config: Config, revision: str = "head", *, sql: bool = False, tag: str | None = None) -> Ran:
    """Set where the database stands, without running anything.

    Args:
        config: the settings.
        revision: where it stands from now on; ``base`` for nowhere. With ``sql``, a range ``A:B`` sets B only where the database
            stands at A; one revision is set wherever the database stands.
        sql: return the SQL, and do not connect.
        tag: what env.py gets from ``get_tag_argument()``.

    Raises:
        RevisionError: there is no such revision.
    """
    graph = load(config)
    is_range = ":" in revision
    start, destination = _range(graph, revision, sql=sql, down=False)
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        targets = graph.resolve(destination, standing)
        after = tuple(sorted(ids(targets)))
        context.stamp(None if sql and not is_range else standing, after)
        found.append(Ran((), standing, after))

    scripts = run_environment(config, work, sql=sql, starting=start, destination=destination, tag=tag)
    return replace(found[-1], sql=_printed(scripts)) if sql else found[-1]


def _migrated(
    config: Config,
    plan: Callable[[tuple[str, ...]], tuple[Step, ...]],
    start: tuple[str, ...],
    destination: str,
    *,
    sql: bool,
    tag: str | None,
    progress: Progress | None,
) -> Ran:
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        steps = plan(standing)
        context.run(steps, progress=progress, arguments=arguments)
        after = steps[-1].after if steps else standing
        found.append(Ran(tuple(step.revision for step in steps), standing, after))

    scripts = run_environment(config, work, sql=sql, starting=start, destination=destination, tag=tag)
    return replace(found[-1], sql=_printed(scripts)) if sql else found[-1]


def _printed(scripts: Iterable[Script]) -> str:
    """Return the text of the scripts that are the command's to print; the others are printed where env.py wants them."""
    text = []
    for script in scripts:
        if script.stream is None:
            text.append(script.text())
        else:
            script.finish()
    return "".join(text)


def _steps(
    direction: Direction,
    path: Iterable[Revision],
    standing: tuple[str, ...],
    following: Callable[[Collection[str], str], tuple[str, ...]],
) -> tuple[Step, ...]:
    from schemadiff.runtime.migration import Step

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
