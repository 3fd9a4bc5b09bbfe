"""The use cases, one function each. They print nothing and know no command line: they return data, and log below ``schemadiff``.

What needs the database runs the project's env.py; what does not reads the revision files alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff.config import Config
from schemadiff.config.scaffold import NewProject, create_project
from schemadiff.errors import ConfigError, NotAtHead, RevisionError, TargetError
from schemadiff.revisions.directory import load_graph
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.template import NewRevision
from schemadiff.revisions.writer import plan_revision, write_revision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.rendering import Rendered
    from schemadiff.runtime.migration import Direction, MigrationContext, Progress, Step
    from schemadiff.runtime.script import Script

__all__ = [
    "Checked",
    "Compared",
    "CurrentRow",
    "Generated",
    "Ran",
    "autogen",
    "check",
    "current",
    "diff",
    "downgrade",
    "heads",
    "history",
    "init",
    "revision",
    "show",
    "stamp",
    "upgrade",
]

_log = logging.getLogger("schemadiff.autogenerate")


@dataclass(frozen=True, slots=True)
class Generated:
    """What :func:`revision` and :func:`autogen` made.

    Args:
        path: the new file; None where there was no difference.
        revision: its identifier; None where there is no file.
        diff: the difference; None for a file that was not compared with anything.
    """

    path: Path | None
    revision: str | None
    diff: Diff | None = None


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


@dataclass(frozen=True, slots=True)
class CurrentRow:
    """One row of the version table.

    Args:
        id: what stands in it.
        revision: its file; None where there is none.
        is_head: no revision follows it.
    """

    id: str
    revision: Revision | None
    is_head: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A database, compared with the models.

    Args:
        diff: the operations that turn the database into the models.
        current: the revisions that the database stands at.
        heads: the heads of the revision files.
    """

    diff: Diff
    current: tuple[str, ...]
    heads: tuple[str, ...]

    @property
    def at_head(self) -> bool:
        """True where all revisions have run."""
        return set(self.current) == set(self.heads)


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of :func:`check`.

    Args:
        current: the revisions that the database stands at.
        heads: the heads of the revision files.
        diff: the difference; None where the database is not at head, so that there is nothing to compare yet.
    """

    current: tuple[str, ...]
    heads: tuple[str, ...]
    diff: Diff | None

    @property
    def at_head(self) -> bool:
        """True where all revisions have run."""
        return set(self.current) == set(self.heads)

    @property
    def ok(self) -> bool:
        """True where the database is at head and agrees with the models."""
        return self.at_head and self.diff is not None and not self.diff


# -- beginning


def init(
    directory: Path,
    *,
    folder: Path | None = None,
    template: str = "generic",
    target: str | None = None,
    url: str | None = None,
) -> NewProject:
    """Begin a project: env.py, script.py.mako, README and versions/ in ``directory``, and the settings beside it.

    Args:
        directory: the folder to make.
        folder: where the settings go; the working directory when None.
        template: the template that it is made from.
        target: the setting of that name.
        url: likewise.

    Raises:
        ConfigError: it cannot be made. Then nothing is.
    """
    return create_project(directory, folder=folder, template=template, target=target, url=url)


# -- new files


def revision(config: Config, message: str | None = None, *, rev_id: str | None = None) -> Generated:
    """Write an empty revision that follows the head. The database is not asked.

    Args:
        config: the settings.
        message: what it is about.
        rev_id: its identifier; random when None.

    Raises:
        RevisionError: the revisions have several heads, the identifier is taken, or the file cannot be written.
    """
    planned = plan_revision(_graph(config), message, rev_id=rev_id, timezone=config.timezone)
    return Generated(_written(config, planned), planned.id)


def autogen(
    config: Config,
    message: str | None = None,
    *,
    rev_id: str | None = None,
    allow_empty: bool = False,
    from_current: bool = False,
    progress: Progress | None = None,
) -> Generated:
    """Compare the database with the models, and write the difference as a revision.

    Args:
        config: the settings.
        message: what it is about.
        rev_id: its identifier; random when None.
        allow_empty: write a file also where there is no difference.
        from_current: let the new revision follow the one that the database stands at, whether or not that is the head.
        progress: is told of each step.

    Raises:
        NotAtHead: the database is not at the head, and ``from_current`` is false.
        SchemadiffError: anything else that keeps the file from being written. Then there is none.
    """
    from schemadiff.rendering.formatting import discover_mode

    graph = _graph(config)
    steps = _Steps(progress, 4)
    mode = discover_mode(config.script_location)
    found: list[tuple[NewRevision | None, Diff, Rendered]] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        from schemadiff.rendering import RenderOptions, render

        if found:
            raise ConfigError(
                "context.run_migrations() was called twice by env.py: autogen compares one database; choose it with --name"
            )
        standing = context.get_current_heads()
        base = _starting_graph(graph, standing, from_current=from_current)
        steps.take("comparing")
        difference = _compared(context, config)
        _log_changes(difference)
        steps.take("rendering")
        options = RenderOptions(mode=mode, render_item=context.options.comparison.get("render_item"))
        rendered = render(difference.upgrade, difference.downgrade, difference.backend, options)
        planned = None
        if difference or allow_empty:
            planned = plan_revision(
                base,
                message,
                rev_id=_free_id(graph, rev_id),
                timezone=config.timezone,
                imports=rendered.imports,
                upgrade=rendered.upgrade,
                downgrade=rendered.downgrade,
            )
        found.append((planned, difference, rendered))

    steps.take("connecting")
    _run(config, work, keep=False)
    planned, difference, rendered = found[0]
    if planned is None:
        return Generated(None, None, difference)
    steps.take("writing")
    path = _written(config, planned, rendered)
    steps.done()
    return Generated(path, planned.id, difference)


def _free_id(graph: RevisionGraph, rev_id: str | None) -> str | None:
    """Return ``rev_id`` after a check against all revisions; the graph that a plan is made on may be a part of them."""
    if rev_id is not None and (rev_id in graph.nodes or rev_id in graph.labels):
        taken = graph.nodes.get(rev_id) or graph.labels[rev_id]
        raise RevisionError(f"revision id {rev_id!r} is taken by {shown_path(taken.path)}: choose another one")
    return rev_id


def _starting_graph(graph: RevisionGraph, standing: Collection[str], *, from_current: bool) -> RevisionGraph:
    """Return the revisions that a new one follows: all of them, or those that have run.

    Raises:
        NotAtHead: the database is not at the head.
        MultipleHeads: there are several heads.
    """
    applied = graph.applied(standing)
    if from_current:
        return RevisionGraph(graph.nodes[identifier] for identifier in applied)
    head = graph.head()
    if set(standing) == ({head.id} if head else set()):
        return graph
    raise NotAtHead(
        f"the database stands at {_named(standing)}, and the revisions at {head.id if head else 'base'}: run 'schemadiff upgrade' first, "
        "or give --from-current to follow where the database stands"
    )


def _log_changes(difference: Diff) -> None:
    from schemadiff.rendering.labels import changes, log_line

    for operation in difference.upgrade:
        for change in changes(operation):
            _log.info("%s", log_line(change))
    for warning in difference.warnings:
        _log.warning("%s", warning)


def _written(config: Config, planned: NewRevision, rendered: Rendered | None = None) -> Path:
    return write_revision(
        planned,
        directory=config.version_locations[0],
        template=config.script_template,
        file_template=config.file_template,
        format=_formatter(config.script_location, rendered),
        config=config,
    )


def _formatter(location: Path, rendered: Rendered | None) -> Callable[[str], str]:
    """Return what brings a new file into black's layout.

    The bodies are in it already, and black takes long over long ones: it sees the file without them.
    """
    from schemadiff.rendering.formatting import discover_mode, format_source

    mode = discover_mode(location)
    bodies = [] if rendered is None else [body.strip("\n") for body in (rendered.upgrade, rendered.downgrade)]

    def formatted(text: str) -> str:
        short = text
        marks: list[tuple[str, str]] = []
        for number, body in enumerate(bodies):
            mark = f"    schemadiff_body_{number}()"
            if body.strip() != "pass" and short.count(f"\n{body}\n") == 1 and mark not in text:
                short = short.replace(f"\n{body}\n", f"\n{mark}\n")
                marks.append((mark, body))
        short = format_source(short, mode)
        if any(short.count(f"\n{mark}\n") != 1 for mark, _ in marks):
            return format_source(text, mode)
        for mark, body in marks:
            short = short.replace(f"\n{mark}\n", f"\n{body}\n")
        return short

    return formatted


# -- comparing


def diff(config: Config, *, progress: Progress | None = None) -> Compared:
    """Compare the database with the models. Nothing is changed.

    Args:
        config: the settings.
        progress: is told of each step.

    Raises:
        TargetError: env.py names no MetaData.
        SchemadiffError: the database cannot be reached, or something cannot be compared.
    """
    graph = _graph(config)
    steps = _Steps(progress, 2)
    found: list[Compared] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        steps.take("comparing")
        found.append(Compared(_compared(context, config), standing, _ids(graph.heads)))

    steps.take("connecting")
    _run(config, work, keep=False)
    steps.done()
    return found[-1]


def check(config: Config, *, progress: Progress | None = None) -> Checked:
    """Say whether the database is at head and agrees with the models. Nothing is changed.

    Args:
        config: the settings.
        progress: is told of each step.

    Raises:
        SchemadiffError: it cannot be found out.
    """
    graph = _graph(config)
    steps = _Steps(progress, 2)
    found: list[Checked] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        graph.applied(standing)
        at_head = set(standing) == set(_ids(graph.heads))
        steps.take("comparing")
        found.append(Checked(standing, _ids(graph.heads), _compared(context, config) if at_head else None))

    steps.take("connecting")
    _run(config, work, keep=False)
    steps.done()
    return next((each for each in found if not each.ok), found[-1])


def _compared(context: MigrationContext, config: Config) -> Diff:
    """Compare the database of a context with the models that env.py gave it."""
    from schemadiff.api import diff as compare
    from schemadiff.reflection.database import all_schemas

    target = context.options.target_metadata
    if target is None:
        raise TargetError(
            f"{shown_path(config.env_file)} gives context.configure() no target_metadata: set target in the settings to "
            '"package.module:Base", or target_metadata in env.py'
        )
    assert context.connection is not None
    comparison = context.options.comparison
    schemas: list[str | None] = list(config.schemas)
    if comparison.get("include_schemas"):
        schemas.extend(all_schemas(context.connection))
    return compare(
        context.connection,
        target,
        schemas=schemas,
        include_name=comparison.get("include_name"),
        include_object=comparison.get("include_object"),
        ignore=(context.versions.name,),
        rules=_rules(context),
    )


def _rules(context: MigrationContext) -> Any:
    """Return ``compare_type`` and ``compare_server_default`` of env.py, which take SQLAlchemy objects, as rules of the comparison."""
    from schemadiff.comparison.rules import Rules
    from schemadiff.reflection.filters import sqlalchemy_column
    from schemadiff.schema import Column, Expression

    given = context.options.comparison
    compare_type, compare_default = given.get("compare_type", True), given.get("compare_server_default", True)

    def types(left: Column, right: Column) -> bool | None:
        old, new = sqlalchemy_column(left, context.backend), sqlalchemy_column(right, context.backend)
        answer = compare_type(context, old, new, old.type, new.type)
        return None if answer is None else bool(answer)

    def defaults(left: Column, right: Column) -> bool | None:
        old, new = sqlalchemy_column(left, context.backend), sqlalchemy_column(right, context.backend)
        texts = [each.default.sql if isinstance(each.default, Expression) else None for each in (left, right)]
        answer = compare_default(context, old, new, texts[0], new.server_default, texts[1])
        return None if answer is None else bool(answer)

    return Rules(
        types=types if callable(compare_type) else bool(compare_type),
        defaults=defaults if callable(compare_default) else bool(compare_default),
    )


# -- running


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
    graph = _graph(config)
    start, destination = _range(graph, revision, sql=sql, down=False)

    def plan(standing: tuple[str, ...]) -> tuple[Step, ...]:
        if destination == "base":
            raise RevisionError("an upgrade leads upwards, and base is the bottom: run 'schemadiff downgrade base'")
        path = graph.upgrade_path(standing, graph.resolve(destination, standing))
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
    graph = _graph(config)
    start, destination = _range(graph, revision, sql=sql, down=True)

    def plan(standing: tuple[str, ...]) -> tuple[Step, ...]:
        path = graph.downgrade_path(standing, graph.resolve(destination, standing))
        return _steps("downgrade", path, standing, graph.after_downgrade)

    return _migrated(config, plan, start, destination, sql=sql, tag=tag, progress=progress)


def stamp(config: Config, revision: str = "head", *, tag: str | None = None) -> Ran:
    """Set where the database stands, without running anything.

    Args:
        config: the settings.
        revision: where it stands from now on; ``base`` for nowhere.
        tag: what env.py gets from ``get_tag_argument()``.

    Raises:
        RevisionError: there is no such revision.
    """
    graph = _graph(config)
    found: list[Ran] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        targets = graph.resolve(revision, standing)
        after = tuple(sorted(_ids(targets)))
        context.stamp(standing, after)
        found.append(Ran((), standing, after))

    _run(config, work, destination=revision, tag=tag)
    return found[-1]


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

    scripts = _run(config, work, sql=sql, starting=start, destination=destination, tag=tag)
    if not sql:
        return found[-1]
    text = []
    for script in scripts:
        if script.stream is not None:
            script.write_to(script.stream)
        else:
            text.append(script.text())
    return replace(found[-1], sql="".join(text))


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
        return tuple(sorted(_ids(start))), upper or ("base" if down else "heads")
    if sql and down:
        raise RevisionError(
            f"downgrade --sql does not know where the database stands: write the range, such as head:{revision}"
        )
    if sql and revision.startswith(("+", "-")):
        raise RevisionError(
            f"{revision!r} starts from where the database stands, which --sql does not know: name a revision"
        )
    return (), revision


# -- telling


def current(config: Config) -> tuple[CurrentRow, ...]:
    """Return where the database stands: a row for each branch, none for the base.

    Raises:
        SchemadiffError: the database cannot be reached.
    """
    graph = _graph(config)
    heads = set(_ids(graph.heads))
    rows: list[CurrentRow] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        rows.extend(CurrentRow(each, graph.nodes.get(each), each in heads) for each in context.get_current_heads())

    _run(config, work, keep=False)
    return tuple(rows)


def history(config: Config, range_: str | None = None) -> tuple[Revision, ...]:
    """Return the revisions, the newest first.

    Args:
        config: the settings.
        range_: ``A:B``; all of them when None. Ends that start from where the database stands make it be asked.

    Raises:
        RevisionError: an end is unknown.
    """
    graph = _graph(config)
    if range_ is None:
        return tuple(reversed(graph.order))
    relative = any(end.startswith(("+", "-", "current")) for end in range_.split(":"))
    standing = tuple(row.id for row in current(config)) if relative else ()
    lower, upper = graph.resolve_range(range_, standing)
    return tuple(reversed(graph.span(lower, upper)))


def heads(config: Config) -> tuple[Revision, ...]:
    """Return the revisions that none follows."""
    return _graph(config).heads


def show(config: Config, revision: str = "head") -> tuple[Revision, ...]:
    """Return the revisions that ``revision`` stands for.

    Raises:
        RevisionError: there is none.
    """
    graph = _graph(config)
    relative = revision.startswith(("+", "-", "current"))
    standing = tuple(row.id for row in current(config)) if relative else ()
    found = graph.resolve(revision, standing)
    if not found:
        raise RevisionError(f"{revision!r} is no revision: name one; 'schemadiff history' lists them")
    return found


# -- shared


def _graph(config: Config) -> RevisionGraph:
    return load_graph(config.version_locations)


def _ids(revisions: Iterable[Revision]) -> tuple[str, ...]:
    return tuple(each.id for each in revisions)


def _named(rows: Collection[str]) -> str:
    return ", ".join(sorted(rows)) or "base"


def _run(
    config: Config,
    work: Callable[[MigrationContext, Mapping[str, Any]], None],
    *,
    sql: bool = False,
    starting: tuple[str, ...] = (),
    keep: bool = True,
    destination: str | None = None,
    tag: str | None = None,
) -> list[Script]:
    """Run env.py, and return the scripts that it made."""
    from schemadiff.runtime.environment import Environment

    environment = Environment(config, work, sql=sql, starting=starting, keep=keep, destination=destination, tag=tag)
    environment.run()
    return environment.scripts


class _Steps:
    """Tells ``progress`` of one step after another."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._taken = 0

    def take(self, what: str) -> None:
        """Say that the next step begins."""
        if self._progress is not None:
            self._progress(min(self._taken, self._total), self._total, what)
        self._taken += 1

    def done(self) -> None:
        """Say that all is done."""
        if self._progress is not None:
            self._progress(self._total, self._total, "done")
