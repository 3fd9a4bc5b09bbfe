"""The check for CI: whether database, revisions and models agree. Nothing is changed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.commands.checksums import edited_since, file_of
from schemadiff.commands.comparing import compared, drifted
from schemadiff.commands.directives import directed_diff
from schemadiff.commands.replaying import Replayed, compare_scratch, migrate_scratch
from schemadiff.commands.scratch import scratch_project
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import Stages, half_done, ids, load
from schemadiff.commands.sources import OWN, Sides, run_on, sides, standing_of
from schemadiff.config import Config
from schemadiff.errors import BrokenRevision, MigrationFailed
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress
    from schemadiff.runtime.telling import File

__all__ = ["Built", "Checked", "check", "check_revisions"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What the revisions build on an empty database, compared.

    Args:
        models: the operations that turn what the revisions build into the models: what no revision does yet.
        database: the operations that turn what the revisions build into the database: what was changed there past the revisions. None where
            the database was not asked, or is not at head.
    """

    models: Diff
    database: Diff | None = None


@dataclass(frozen=True, slots=True)
class Checked(OfDatabase):
    """The outcome of :func:`check`.

    Args:
        current: the revisions that the database stands at; None where that is not known, of a source that is no database.
        heads: the heads of the revision files.
        at_head: all revisions have run, as far as that is known.
        diff: the difference; None where the database is not at head, so that there is nothing to compare yet.
        edited: the revisions whose files were edited since they ran.
        half: the revision that it stands in the middle of; None where it is in none.
        half_file: what has become of the file of that since it was begun.
        unapplied: the revisions that have not run on the database, in the order in which they would.
        built: what the revisions build, where they were replayed.
        asked: the database was asked. Otherwise only ``heads`` and ``built`` say something.
        branched: the project has several branches on purpose.
    """

    current: tuple[str, ...] | None
    heads: tuple[str, ...]
    at_head: bool
    diff: Diff | None
    edited: tuple[Revision, ...] = ()
    half: Half | None = None
    half_file: File = "as it was"
    unapplied: tuple[Revision, ...] = ()
    built: Built | None = None
    asked: bool = True
    branched: bool = False

    @property
    def ok(self) -> bool:
        """True where all that was asked agrees, by revisions that nobody has edited since they ran, and with one head."""
        return not self.several_heads and self._database_ok and self._built_ok

    @property
    def several_heads(self) -> bool:
        """True where the revisions have several heads, and nobody has said that this is on purpose."""
        return len(self.heads) > 1 and not self.branched

    @property
    def _database_ok(self) -> bool:
        return not self.asked or (self.at_head and self.diff is not None and not self.diff and not self.edited)

    @property
    def _built_ok(self) -> bool:
        return self.built is None or not (self.built.models or self.built.database)


def check(config: Config, source: str | None = None, *, progress: Progress | None = None) -> Checked:
    """Say whether the database is at head and agrees with the models. Nothing is changed.

    Of several databases, the first one that is not so is returned.

    Args:
        config: the settings.
        source: what is there, in place of the project's database: the file of a snapshot, the URL of a database, or ``package.module:Base``.
        progress: is told of each step.

    Raises:
        SchemadiffError: it cannot be found out.
    """
    steps = Stages(progress, 2)
    steps.take("connecting")
    found = _databases(config, load(config), {}, steps, sides(source, None))
    steps.done()
    return _chosen(found, config)


def check_revisions(
    config: Config, *, scratch: str | None = None, database: bool = False, progress: Progress | None = None
) -> Checked:
    """Replay the revisions on scratch databases, and say whether they build the models; with ``database``, whether the database is what
    they build, too. Nothing of the project's is changed, and without ``database`` none of its databases is needed.

    Of several databases, the first one that is not so is returned.

    Args:
        config: the settings.
        scratch: where the scratch databases are made; see :func:`schemadiff.commands.scratch.scratch_project`.
        database: ask the database, as :func:`check` does, and compare it with what the revisions build.
        progress: is told of each step.

    Raises:
        ConfigError: there can be no scratch database, or something is named outside of it.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the scratch database refused a statement of a revision.
        SchemadiffError: it cannot be found out.
    """
    graph = load(config)
    steps = Stages(progress, 2)
    with scratch_project(config, scratch) as project:
        if _built(project, graph, progress):
            steps.take("comparing")
            replayed = compare_scratch(project)
        else:
            replayed = {}
    if database:
        found = _databases(config, graph, replayed, steps)
    else:
        heads = ids(graph.heads)
        names = tuple(replayed) or (None,)
        built = {name: Built(each.models) for name, each in replayed.items()}
        found = [Checked(heads, heads, True, None, built=built.get(name), asked=False, database=name) for name in names]
    steps.done()
    return _chosen(found, config)


def _built(project: Config, graph: RevisionGraph, progress: Progress | None) -> bool:
    """Run all revisions; False where they have several heads which do not go together. Then that is what is wrong with them."""
    try:
        migrate_scratch(project, graph, "heads", progress=progress)
    except (BrokenRevision, MigrationFailed) as error:
        if len(graph.heads) < 2:
            raise
        _log.warning(
            "the revisions have several heads and cannot be replayed, so that nothing is compared with them: %s", error
        )
        return False
    return True


def _databases(
    config: Config,
    graph: RevisionGraph,
    replayed: Mapping[str | None, Replayed],
    steps: Stages,
    given: Sides = OWN,
) -> list[Checked]:
    """Ask each database of the project, or what stands in its place."""
    found: list[Checked] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = standing_of(context, given)
        half = half_done(context)
        at_head = half is None and (standing is None or graph.at_heads(standing))
        name = context.options.engine_name
        steps.take("comparing")
        difference = directed_diff(context, compared(context, config, given), standing or ()) if at_head else None
        checked = Checked(
            standing,
            ids(graph.heads),
            at_head,
            difference,
            edited_since(context, graph, standing or ()),
            half,
            file_of(graph, half),
            () if standing is None else _unapplied(graph, standing),
            database=name,
        )
        if name in replayed:
            drift = drifted(context, config, replayed[name].schema) if at_head else None
            checked = replace(checked, built=Built(replayed[name].models, drift))
        found.append(checked)

    run_on(config, given, work)
    return found


def _unapplied(graph: RevisionGraph, standing: Collection[str]) -> tuple[Revision, ...]:
    return graph.in_order(graph.nodes.keys() - graph.applied(each for each in standing if each in graph))


def _chosen(found: Sequence[Checked], config: Config) -> Checked:
    """Return the first one that is not as it should be, which knows all others."""
    known = [replace(each, branched=config.multiple_heads) for each in found]
    return collected(known, next((each for each in known if not each.ok), known[0]))
