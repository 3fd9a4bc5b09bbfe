"""The check for CI: whether database, revisions and models agree. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.commands.checksums import edited_since, file_of
from schemadiff.commands.comparing import compared
from schemadiff.commands.directives import directed_diff
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import Stages, half_done, ids, load, run_environment
from schemadiff.config import Config
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress
    from schemadiff.runtime.telling import File

__all__ = ["Built", "Checked", "check"]


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
        current: the revisions that the database stands at.
        heads: the heads of the revision files.
        at_head: all revisions have run.
        diff: the difference; None where the database is not at head, so that there is nothing to compare yet.
        edited: the revisions whose files were edited since they ran.
        half: the revision that it stands in the middle of; None where it is in none.
        half_file: what has become of the file of that since it was begun.
        unapplied: the revisions that have not run on the database, in the order in which they would.
        built: what the revisions build, where they were replayed.
        asked: the database was asked. Otherwise only ``heads`` and ``built`` say something.
    """

    current: tuple[str, ...]
    heads: tuple[str, ...]
    at_head: bool
    diff: Diff | None
    edited: tuple[Revision, ...] = ()
    half: Half | None = None
    half_file: File = "as it was"
    unapplied: tuple[Revision, ...] = ()
    built: Built | None = None
    asked: bool = True

    @property
    def ok(self) -> bool:
        """True where all that was asked agrees, by revisions with one head that nobody has edited since they ran."""
        return len(self.heads) <= 1 and self._database_ok and self._built_ok

    @property
    def _database_ok(self) -> bool:
        return not self.asked or (self.at_head and self.diff is not None and not self.diff and not self.edited)

    @property
    def _built_ok(self) -> bool:
        return self.built is None or not (self.built.models or self.built.database)


def check(config: Config, *, progress: Progress | None = None) -> Checked:
    """Say whether the database is at head and agrees with the models. Nothing is changed.

    Of several databases, the first one that is not so is returned.

    Args:
        config: the settings.
        progress: is told of each step.

    Raises:
        SchemadiffError: it cannot be found out.
    """
    graph = load(config)
    steps = Stages(progress, 2)
    found: list[Checked] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        half = half_done(context)
        at_head = half is None and graph.at_heads(standing)
        steps.take("comparing")
        difference = directed_diff(context, compared(context, config), standing) if at_head else None
        edited = edited_since(context, graph, standing)
        name = context.options.engine_name
        file = file_of(graph, half)
        unapplied = graph.in_order(graph.nodes.keys() - graph.applied(each for each in standing if each in graph))
        found.append(
            Checked(standing, ids(graph.heads), at_head, difference, edited, half, file, unapplied, database=name)
        )

    steps.take("connecting")
    run_environment(config, work, keep=False)
    steps.done()
    return collected(found, next((each for each in found if not each.ok), found[0]))
