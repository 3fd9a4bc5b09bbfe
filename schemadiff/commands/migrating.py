"""Commands that change the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from schemadiff.commands.checksums import kept_of
from schemadiff.commands.databases import half_done_one
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import ids, load, run_environment
from schemadiff.config import Config
from schemadiff.errors import RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.directory import check_files
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.routes import downgrade_route, stamped, upgrade_route
from schemadiff.revisions.symbols import parse

if TYPE_CHECKING:
    from schemadiff.runtime.checksums import Marks
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.script import Script
    from schemadiff.runtime.steps import Direction, Plan, Progress, Step

__all__ = ["Ran", "downgrade", "downgrade_plan", "ensure_version", "stamp", "steps_of", "upgrade", "upgrade_plan"]


@dataclass(frozen=True, slots=True)
class Ran(OfDatabase):
    """What :func:`upgrade`, :func:`downgrade` and :func:`stamp` did; of several databases, on the first one.

    Args:
        revisions: the revisions that ran, in order.
        before: where the database stood.
        after: where it stands now.
        sql: the script, that of all databases; None where it ran on the database.
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
    resume_after: int | None = None,
) -> Ran:
    """Run the revisions that lead to ``revision``.

    Args:
        config: the settings.
        revision: where to go; with ``sql``, a range ``A:B`` starts at A and not at the base.
        sql: return the SQL, and do not connect.
        tag: what env.py gets from ``get_tag_argument()``.
        progress: is told of each step.
        resume_after: of the revision that is half done, the operations up to this number are done, and no other, whatever the journal says;
            of several databases, on the one where a revision is half done.

    Raises:
        RevisionError: there is no such revision, or no way to it.
        HalfDone: another revision is half done, or nobody can tell how far this one is.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the database refused a statement; the message says in what state it is.
    """
    graph = load(config)
    start, destination = _range(graph, revision, sql=sql, down=False)

    def route(standing: tuple[str, ...]) -> tuple[Revision, ...]:
        path = upgrade_route(graph, standing, destination)
        if sql and standing and not path and not set(ids(graph.resolve(destination, standing))) <= set(standing):
            raise RevisionError(
                f"{revision!r} leads downwards, and an upgrade upwards: run 'schemadiff downgrade {revision} --sql'"
            )
        return path

    return _migrated(
        config,
        partial(upgrade_plan, graph, route),
        "upgrade",
        start,
        destination,
        sql=sql,
        tag=tag,
        progress=progress,
        resume_after=resume_after,
    )


def downgrade(
    config: Config,
    revision: str,
    *,
    sql: bool = False,
    tag: str | None = None,
    progress: Progress | None = None,
    resume_after: int | None = None,
) -> Ran:
    """Take back the revisions that came after ``revision``.

    Args:
        config: the settings.
        revision: where to go; with ``sql``, a range ``A:B`` from A down to B.
        sql: return the SQL, and do not connect.
        tag: what env.py gets from ``get_tag_argument()``.
        progress: is told of each step.
        resume_after: of the revision that is half done, the operations up to this number are done, and no other, whatever the journal says;
            of several databases, on the one where a revision is half done.

    Raises:
        RevisionError: there is no such revision, or it has not run.
        HalfDone: another revision is half done, or what is done of this one cannot be taken back.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the database refused a statement; the message says in what state it is.
    """
    graph = load(config)
    start, destination = _range(graph, revision, sql=sql, down=True)

    def planned() -> Plan:
        route = partial(downgrade_route, graph, symbol=destination)
        return downgrade_plan(graph, route, empties=not sql or graph.stands_alone(start))

    return _migrated(
        config, planned, "downgrade", start, destination, sql=sql, tag=tag, progress=progress, resume_after=resume_after
    )


def stamp(
    config: Config,
    revision: str | Sequence[str] = "head",
    *,
    purge: bool = False,
    sql: bool = False,
    tag: str | None = None,
) -> Ran:
    """Set where the database stands, without running anything.

    Args:
        config: the settings.
        revision: where it stands from now on, one or several; ``base`` for nowhere. Branches that have nothing to do with it stay
            where they are. With ``sql``, a range ``A:B`` sets B only where the database stands at A; anything else is set wherever the
            database stands.
        purge: forget first where the database stands, on all branches; what it says may be in no file.
        sql: return the SQL, and do not connect.
        tag: what env.py gets from ``get_tag_argument()``.

    Raises:
        RevisionError: there is no such revision, one comes before another, or the database stands at one that no file has.
    """
    graph = load(config)
    symbols = (revision,) if isinstance(revision, str) else tuple(revision)
    start: tuple[str, ...] = ()
    is_range = any(":" in symbol for symbol in symbols)
    if is_range and len(symbols) > 1:
        raise RevisionError(f"{', '.join(symbols)}: a range stands alone: give one range, or several revisions")
    if is_range or sql:
        ends = [_range(graph, symbol, sql=sql, down=False) for symbol in symbols]
        start, symbols = ends[0][0], tuple(destination for _, destination in ends)
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        with context.locked():
            standing = context.get_current_heads()
            after = stamped(graph, () if purge else standing, symbols)
            # What is set wherever the database stands sets all checksums; otherwise those stay that have been kept already.
            anew = purge or (sql and not is_range)
            marks = _marks(context, graph, () if anew else standing, after, anew=anew)
            context.stamp(None if sql and not is_range else standing, after, marks, purge=purge)
        found.append(Ran((), standing, after, database=context.options.engine_name))

    destination = symbols[0] if len(symbols) == 1 else None
    scripts = run_environment(config, work, sql=sql, starting=start, destination=destination, tag=tag)
    done = collected(found, found[0])
    return replace(done, sql=_printed(scripts)) if sql else done


def _marks(
    context: MigrationContext, graph: RevisionGraph, before: Collection[str], after: Collection[str], *, anew: bool
) -> Marks:
    """Return what becomes of the checksums where the rows of the version table are set."""
    from schemadiff.runtime.checksums import Marks

    had, has = graph.applied(before), graph.applied(after)
    put = kept_of(graph.in_order(has - had))
    if anew or (not has and (not context.as_sql or graph.stands_alone(before))):
        return Marks(put, others_gone=True, begins=context.as_sql)
    if context.as_sql:
        return Marks(put, gone=(had - has) | put.keys(), begins=True)
    return Marks(put, gone=context.get_checksums().keys() - has)


def ensure_version(config: Config, *, sql: bool = False) -> str | None:
    """Create the version table where it is not there, and change nothing else.

    Args:
        config: the settings.
        sql: do not connect.

    Returns:
        The script of SQL; None where it ran on the database.

    Raises:
        SchemadiffError: the database cannot be reached, or refuses.
    """

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        with context.locked():
            standing = context.get_current_heads()
            context.stamp(standing, standing)

    scripts = run_environment(config, work, sql=sql)
    return _printed(scripts) if sql else None


def _migrated(
    config: Config,
    planned: Callable[[], Plan],
    direction: Direction,
    start: tuple[str, ...],
    destination: str,
    *,
    sql: bool,
    tag: str | None,
    progress: Progress | None,
    resume_after: int | None,
) -> Ran:
    if sql and resume_after is not None:
        raise RevisionError("--resume-after is about a database, and --sql has none: leave one of them out")
    resumed = None if resume_after is None else half_done_one(config)
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        known = resume_after if len(found) == resumed else None
        did = context.migrate(planned(), direction, progress=progress, arguments=arguments, resume_after=known)
        ran = tuple(step.revision for step in did.steps)
        found.append(Ran(ran, did.before, did.after, database=context.options.engine_name))

    scripts = run_environment(config, work, sql=sql, starting=start, destination=destination, tag=tag)
    done = collected(found, found[0])
    return replace(done, sql=_printed(scripts)) if sql else done


def _printed(scripts: Iterable[Script]) -> str:
    """Return the text of the scripts that are the command's to print; the others are printed where env.py wants them."""
    text = []
    for script in scripts:
        if script.stream is None:
            text.append(script.text())
        else:
            script.finish()
    return "".join(text)


Route = Callable[[tuple[str, ...]], tuple[Revision, ...]]
"""Finds the revisions to run from where a database stands."""


def upgrade_plan(graph: RevisionGraph, route: Route) -> Plan:
    """Return the plan that runs the revisions of ``route``, as far as they have not run."""
    left = _left_of(route, graph, lambda each, applied: each not in applied)
    return lambda standing: steps_of("upgrade", left(standing), standing, graph.after_upgrade)


def downgrade_plan(graph: RevisionGraph, route: Route, *, empties: bool = True) -> Plan:
    """Return the plan that takes the revisions of ``route`` back, as far as they have run.

    Args:
        graph: the revisions.
        route: finds them.
        empties: nothing is left where all of them are taken back that are known to have run.
    """
    left = _left_of(route, graph, lambda each, applied: each in applied)
    return lambda standing: steps_of("downgrade", left(standing), standing, graph.after_downgrade, empties=empties)


def _left_of(
    route: Route,
    graph: RevisionGraph,
    to_do: Callable[[str, frozenset[str]], bool],
) -> Route:
    """Return what is left of a route, which is found when it is first asked for: "+1" is one revision, whoever else moves the database."""
    found: list[tuple[Revision, ...]] = []

    def left(standing: tuple[str, ...]) -> tuple[Revision, ...]:
        if not found:
            found.append(route(standing))
            return found[0]
        applied = graph.applied(standing)
        return tuple(each for each in found[0] if to_do(each.id, applied))

    return left


def steps_of(
    direction: Direction,
    path: Sequence[Revision],
    standing: tuple[str, ...],
    following: Callable[[Collection[str], str], tuple[str, ...]],
    *,
    empties: bool = False,
) -> tuple[Step, ...]:
    """Return revisions as the steps of a run.

    Args:
        direction: which of their functions run.
        path: the revisions, in the order in which they run.
        standing: where the database stands before the first.
        following: gives where it stands after each.
        empties: nothing is left after the last one.
    """
    from schemadiff.runtime.steps import Step

    checksums = check_files(path)
    steps: list[Step] = []
    for each in path:
        after = following(standing, each.id)
        steps.append(Step(each, direction, standing, after, checksums[each.id], empties and not after))
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
        start = ids(graph.resolve(lower or ("heads" if down else "base")))
        graph.resolve(upper or "base", start)
        return tuple(sorted(start)), upper or ("base" if down else "heads")
    if sql and down:
        raise RevisionError(
            f"downgrade --sql does not know where the database stands: write the range, such as head:{revision}"
        )
    if sql and parse(graph, revision).is_relative:
        raise RevisionError(
            f"{revision!r} starts from where the database stands, which --sql does not know: name a revision"
        )
    return (), revision
