"""What ``on_version_apply`` of env.py is told: that the version table has moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from schemadiff.frozen import dataclass
from schemadiff.runtime.explaining import named_hook

if TYPE_CHECKING:
    from schemadiff.revisions.header import Revision
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["MigrationInfo", "OnVersionApply", "tell_applied"]

OnVersionApply = Callable[..., object]
"""Called as ``function(ctx=, step=, heads=, run_args=)``."""


@dataclass(frozen=True, slots=True)
class MigrationInfo:
    """One move of the version table.

    Args:
        is_upgrade: True upwards, False downwards; of a stamp, True where it ends at some revision.
        is_stamp: nothing ran, the table alone was set.
        up_revision: the revision that ran, whether up or down; None for a stamp.
        source_revision_ids: where the database stood.
        destination_revision_ids: where it stands now.
    """

    is_upgrade: bool
    is_stamp: bool
    up_revision: Revision | None
    source_revision_ids: tuple[str, ...]
    destination_revision_ids: tuple[str, ...]

    @property
    def is_migration(self) -> bool:
        """True where a revision ran."""
        return not self.is_stamp

    @property
    def up_revision_id(self) -> str | None:
        """The upper end of the move: the revision that ran, or the first one that was stamped; None for the base."""
        return next(iter(self.up_revision_ids), None)

    @property
    def up_revision_ids(self) -> tuple[str, ...]:
        """The upper end of the move, which for a stamp may be several revisions."""
        return self.destination_revision_ids if self.up_revision is None else (self.up_revision.id,)

    @property
    def down_revision_ids(self) -> tuple[str, ...]:
        """The lower end of the move."""
        return self.source_revision_ids if self.up_revision is None else tuple(self.up_revision.down_revisions)


def tell_applied(
    functions: Iterable[OnVersionApply],
    context: MigrationContext,
    step: MigrationInfo,
    arguments: Mapping[str, Any] | None = None,
) -> None:
    """Call the functions of ``on_version_apply``, in the transaction of the move.

    Args:
        functions: the functions, in order.
        context: the migration context.
        step: the move.
        arguments: the keyword arguments of ``run_migrations()``.
    """
    for function in functions:
        with named_hook("on_version_apply"):
            function(ctx=context, step=step, heads=set(step.destination_revision_ids), run_args=dict(arguments or {}))
