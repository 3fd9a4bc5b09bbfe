"""The check for CI: whether database, revisions and models agree. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.commands.checksums import edited_since, file_of
from schemadiff.commands.comparing import compared
from schemadiff.commands.directives import directed_diff
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import Stages, half_done, ids, load
from schemadiff.commands.sources import run_on, sides, standing_of
from schemadiff.config import Config
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress
    from schemadiff.runtime.telling import File

__all__ = ["Checked", "check"]


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
    """

    current: tuple[str, ...] | None
    heads: tuple[str, ...]
    at_head: bool
    diff: Diff | None
    edited: tuple[Revision, ...] = ()
    half: Half | None = None
    half_file: File = "as it was"

    @property
    def ok(self) -> bool:
        """True where the database is at head and agrees with the models, by revisions that nobody has edited since."""
        return self.at_head and self.diff is not None and not self.diff and not self.edited


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
    graph = load(config)
    steps = Stages(progress, 2)
    found: list[Checked] = []
    given = sides(source, None)

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = standing_of(context, given)
        half = half_done(context)
        at_head = half is None and (standing is None or graph.at_heads(standing))
        steps.take("comparing")
        difference = directed_diff(context, compared(context, config, given), standing or ()) if at_head else None
        edited = edited_since(context, graph, standing or ())
        name = context.options.engine_name
        file = file_of(graph, half)
        found.append(Checked(standing, ids(graph.heads), at_head, difference, edited, half, file, database=name))

    steps.take("connecting")
    run_on(config, given, work)
    steps.done()
    return collected(found, next((each for each in found if not each.ok), found[0]))
