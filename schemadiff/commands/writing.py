"""Commands that make things: a project, a revision file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff.commands.comparing import compared
from schemadiff.commands.directives import Hook, directed, finished, hooks_of, place_of
from schemadiff.commands.hooks import run_hooks
from schemadiff.commands.placing import AT_HEAD, Place
from schemadiff.commands.rendering import directions, rendered
from schemadiff.commands.several import Section, filled, refuse_repeated
from schemadiff.commands.shared import Stages, ids, load, named
from schemadiff.commands.sources import Saved, Sides, run_on, sides, standing_of
from schemadiff.config import Config
from schemadiff.config.scaffold import NewProject, create_project, templates
from schemadiff.errors import NotAtHead, RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.planning import followed
from schemadiff.revisions.template import NewRevision
from schemadiff.revisions.writer import revision_text, write_revision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress

__all__ = ["Generated", "autogen", "init", "list_templates", "merge", "revision"]

_log = logging.getLogger("schemadiff.autogenerate")


@dataclass(frozen=True, slots=True)
class Generated:
    """What :func:`revision` and :func:`autogen` made.

    Args:
        path: the new file; None where there was no difference, or none was to be written.
        revision: its identifier; None where there is no difference.
        diff: the difference, as the hooks left it; None for a file that was not compared with anything. Of several databases, that of the
            first one that differs.
        diffs: the difference of each database by its name, where env.py configures several.
        text: the text of a file that was not to be written.
    """

    path: Path | None
    revision: str | None
    diff: Diff | None = None
    diffs: Mapping[str, Diff] = field(default_factory=dict)
    text: str | None = None


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


def list_templates() -> Mapping[str, str]:
    """Return the templates that `init` knows, each with a line that describes it."""
    return templates()


def revision(config: Config, message: str | None = None, place: Place = AT_HEAD) -> Generated:
    """Write an empty revision. The database is not asked.

    Args:
        config: the settings.
        message: what it is about.
        place: its identifier, and where it stands.

    Raises:
        RevisionError: there are several heads, a name is taken or wrong, or the file cannot be written. Then there is none.
        ConfigError: nothing says which versions directory is meant.
    """
    graph = load(config)
    follows = followed(graph, place.heads, splice=place.splice)
    planned = place.planned(config, graph, message, follows)
    return Generated(_written(config, planned, place.directory(config, follows)), planned.id)


def merge(
    config: Config,
    revisions: str | Sequence[str] = "heads",
    message: str | None = None,
    *,
    rev_id: str | None = None,
    branch_label: str | Sequence[str] = (),
    splice: bool = False,
) -> Generated:
    """Write an empty revision that follows several others, so that there is one head again. The database is not asked.

    Args:
        config: the settings.
        revisions: what it follows; all heads when left out.
        message: what it is about; the revisions are named when None.
        rev_id: its identifier; random when None.
        branch_label: labels that it gives to its branch.
        splice: revisions that others follow already may be among them.

    Raises:
        RevisionError: they are not several, one comes before another, a name is taken or wrong, or the file cannot be written.
    """
    graph = load(config)
    place = Place(rev_id=rev_id, head=revisions, splice=splice, branch_label=branch_label)
    follows = followed(graph, place.heads, splice=splice)
    if len(follows) < 2:
        raise RevisionError(
            f"there is nothing to merge: {', '.join(place.heads)} stands for {named(ids(follows))} alone; name several revisions"
        )
    planned = place.planned(config, graph, message or f"merge {' and '.join(ids(follows))}", follows)
    return Generated(_written(config, planned, place.directory(config, follows)), planned.id)


def autogen(
    config: Config,
    message: str | None = None,
    place: Place = AT_HEAD,
    *,
    source: str | None = None,
    allow_empty: bool = False,
    from_current: bool = False,
    hook: Hook | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Generated:
    """Compare the database with the models, and write the difference as a revision.

    All revisions must have run, those of other branches too: what they change would be in the difference otherwise. A snapshot knows where its
    database stood; one that does not, and models, are taken to be what all revisions make.

    Args:
        config: the settings.
        message: what it is about.
        place: its identifier, and where it stands; hooks of env.py may change that.
        source: what is there, in place of the project's database: the file of a snapshot, the URL of a database, or ``package.module:Base``.
        allow_empty: write a file also where there is no difference.
        from_current: let the new revision follow the one that the database stands at, whether or not that is the head.
        hook: a function like ``process_revision_directives`` of env.py, which runs before that.
        dry_run: write nothing: the text is returned.
        progress: is told of each step.

    Raises:
        NotAtHead: not all revisions have run, and ``from_current`` is false.
        SchemadiffError: anything else that keeps the file from being written. Then there is none.
    """
    graph = load(config)
    steps = Stages(progress, 4)
    sections: list[Section] = []
    given = sides(source, None)

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        refuse_repeated(sections, context)
        standing = standing_of(context, given)
        context.refuse_half_done("autogen")

        def planned_at(message: str | None, place: Place) -> tuple[NewRevision, tuple[Revision, ...]]:
            follows = _followed(graph, standing, place.heads, given, splice=place.splice, from_current=from_current)
            return place.planned(config, graph, message, follows), follows

        # A name that cannot be used is told before the long work.
        new, follows = planned_at(message, place)
        # Where there are hooks, it is for them to say where the file goes.
        directory = None if hooks_of(context, hook) else place.directory(config, follows)
        steps.take("comparing")
        difference = compared(context, config, given)
        _log_changes(difference, context.options.engine_name)
        script = directed(context, difference, standing or (), message=message, place=place, hook=hook)
        difference = replace(difference, upgrade=() if script is None else tuple(script.upgrade_ops.ops))
        steps.take("rendering")
        up, down = directions(script, context)
        python = rendered((up, down), difference, context, config)
        if script is not None:
            decided = place_of(script)
            new, follows = planned_at(script.message, decided)
            new, directory = finished(new, script, context), decided.directory(config, follows)
        sections.append(
            Section(
                context.options.engine_name,
                None if script is None else new,
                directory,
                difference,
                python,
                context.options.upgrade_token,
                context.options.downgrade_token,
                differs=bool(up or down),
            )
        )

    steps.take("connecting")
    run_on(config, given, work)
    wanted = [section for section in sections if section.planned is not None]
    differing = [section for section in wanted if section.differs]
    difference = (differing or sections)[0].diff
    if not differing and not (wanted and allow_empty):
        return Generated(None, None, difference)
    planned = filled(sections)
    diffs = {each.database: each.diff for each in sections if each.database}
    if dry_run:
        text = revision_text(
            planned,
            template=config.script_template,
            format=_formatter(config.script_location, planned),
            config=config,
        )
        steps.done()
        return Generated(None, planned.id, difference, diffs, text)
    steps.take("writing")
    directory = wanted[0].directory
    assert directory is not None
    path = _written(config, planned, directory)
    steps.done()
    return Generated(path, planned.id, difference, diffs)


def _followed(
    graph: RevisionGraph,
    standing: Collection[str] | None,
    heads: Sequence[str],
    given: Sides,
    *,
    splice: bool,
    from_current: bool,
) -> tuple[Revision, ...]:
    """Return the revisions that a new one follows: heads of all revisions, or of those that have run.

    Raises:
        NotAtHead: not all revisions have run, and ``from_current`` is false; or it is true, and nothing says which have run.
        MultipleHeads: there are several heads.
    """
    if from_current:
        if standing is None:
            raise NotAtHead(f"{given.subject} does not say at which revisions it stands: leave out --from-current")
        applied = RevisionGraph(graph.nodes[identifier] for identifier in graph.applied(standing))
        return followed(applied, heads, splice=splice)
    found = followed(graph, heads, splice=splice)
    if standing is None or graph.at_heads(standing):
        return found
    live = not isinstance(given.source, Saved)
    upgrade = f"run 'schemadiff upgrade{' heads' if len(graph.heads) > 1 else ''}' first"
    raise NotAtHead(
        f"{given.subject} stands at {named(standing)}, and the revisions at {named(ids(graph.heads))}: "
        f"{upgrade if live else 'take a new one of a database that has run them all'}, or give --from-current to follow where "
        f"{'the database' if live else 'it'} stands"
    )


def _log_changes(difference: Diff, database: str | None) -> None:
    from schemadiff.rendering.labels import changes, log_line

    where = f"{database}: " if database else ""
    for operation in difference.upgrade:
        for change in changes(operation):
            _log.debug("%s%s", where, log_line(change))
    for warning in difference.warnings:
        _log.warning("%s%s", where, warning)


def _written(config: Config, planned: NewRevision, directory: Path) -> Path:
    path = write_revision(
        planned,
        directory=directory,
        template=config.script_template,
        file_template=config.file_template,
        slug_length=config.truncate_slug_length,
        folders=config.recursive_version_locations,
        format=_formatter(config.script_location, planned),
        config=config,
    )
    run_hooks(config, path, directory)
    return path


def _formatter(location: Path, planned: NewRevision) -> Callable[[str], str]:
    """Return what brings a new file into black's layout.

    The bodies are in it already, and black takes long over long ones: it sees the file without them.
    """
    from schemadiff.rendering.formatting import discover_mode, format_source

    mode = discover_mode(location)
    bodies = [body.strip("\n") for body in (planned.upgrade, planned.downgrade, *planned.bodies.values()) if body]

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
