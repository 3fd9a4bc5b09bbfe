"""Where a new revision stands among the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemadiff.commands.shared import texts
from schemadiff.config import Config
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import Revision
from schemadiff.revisions.planning import plan_revision, version_directory
from schemadiff.revisions.template import NewRevision

__all__ = ["AT_HEAD", "Place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What :func:`revision` and :func:`autogen` are told of the place of the new revision.

    Args:
        rev_id: its identifier; random when None.
        head: what it follows, one or several: ``head``, ``label@head``, ``base`` for a new base, an identifier.
        splice: that may be a revision which others follow already; a branch begins there.
        branch_label: labels that it gives to its branch.
        depends_on: revisions that must have run before, on other branches.
        version_path: the versions directory; that of the revision that it follows when None.
    """

    rev_id: str | None = None
    head: str | Sequence[str] = "head"
    splice: bool = False
    branch_label: str | Sequence[str] = ()
    depends_on: str | Sequence[str] = ()
    version_path: str | None = None

    @property
    def heads(self) -> tuple[str, ...]:
        """What it follows."""
        return texts(self.head)

    def planned(
        self, config: Config, graph: RevisionGraph, message: str | None, follows: Sequence[Revision]
    ) -> NewRevision:
        """Return the new revision, which follows ``follows``.

        Raises:
            RevisionError: a name is taken or wrong.
            ConfigError: the time zone of the settings is unknown.
        """
        return plan_revision(
            graph,
            message,
            follows=follows,
            rev_id=self.rev_id,
            branch_labels=texts(self.branch_label),
            depends_on=texts(self.depends_on),
            timezone=config.timezone,
        )

    def directory(self, config: Config, follows: Sequence[Revision]) -> Path:
        """Return the versions directory that its file goes to.

        Raises:
            ConfigError: ``version_path`` is none, or nothing says which one is meant.
        """
        return version_directory(config.version_locations, follows, self.version_path, folder=config.folder)


AT_HEAD = Place()
"""Behind the only head, under a random identifier."""
