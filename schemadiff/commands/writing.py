"""Commands that make things: a project, a revision file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff.commands.comparing import compared
from schemadiff.commands.shared import Stages, load, named, run_environment
from schemadiff.config import Config
from schemadiff.config.scaffold import NewProject, create_project
from schemadiff.errors import ConfigError, NotAtHead, RevisionError
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.template import NewRevision
from schemadiff.revisions.writer import plan_revision, write_revision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.rendering import Rendered
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress

__all__ = ["Generated", "autogen", "init", "revision"]

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


def revision(config: Config, message: str | None = None, *, rev_id: str | None = None) -> Generated:
    """Write an empty revision that follows the head. The database is not asked.

    Args:
        config: the settings.
        message: what it is about.
        rev_id: its identifier; random when None.

    Raises:
        RevisionError: the revisions have several heads, the identifier is taken, or the file cannot be written.
    """
    planned = plan_revision(load(config), message, rev_id=rev_id, timezone=config.timezone)
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

    graph = load(config)
    steps = Stages(progress, 4)
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
        difference = compared(context, config)
        _log_changes(difference)
        steps.take("rendering")
        options = RenderOptions(
            mode=mode,
            render_item=context.options.comparison.get("render_item"),
            naming_convention=context.options.naming_convention(),
        )
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
    run_environment(config, work, keep=False)
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
        f"the database stands at {named(standing)}, and the revisions at {head.id if head else 'base'}: run 'schemadiff upgrade' first, "
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
