"""What ``process_revision_directives`` of env.py is given: a revision that is about to be written, and may still be changed.

These objects are made to be changed, by a hook of the user's; what they hold is taken out again as plain operations.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from schemadiff.operations import Operation

__all__ = ["DowngradeOps", "MigrationScript", "OpContainer", "UpgradeOps"]


class OpContainer:
    """A list of operations.

    Args:
        ops: the operations, in order.
    """

    def __init__(self, ops: Iterable[Operation] = ()) -> None:
        self.ops: list[Operation] = list(ops)

    def is_empty(self) -> bool:
        """Return True where there are no operations."""
        return not self.ops


class UpgradeOps(OpContainer):
    """The operations of ``upgrade()``."""


class DowngradeOps(OpContainer):
    """The operations of ``downgrade()``."""


class MigrationScript:
    """A revision that is about to be written. Every attribute may be changed.

    Args:
        rev_id: its identifier; None for a random one.
        message: what it is about.
        upgrade_ops: what ``upgrade()`` does.
        downgrade_ops: what ``downgrade()`` does.
        imports: import lines that the file needs beside those that its operations bring along.
        head: the revision, or revisions, that it follows.
        splice: it may follow a revision that is no head.
        branch_label: the label, or labels, of its branch.
        version_path: the one of the versions directories that it is written to.
        depends_on: the revision, or revisions, that have to run before it.
    """

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: UpgradeOps,
        downgrade_ops: DowngradeOps,
        *,
        message: str | None = None,
        imports: Iterable[str] = (),
        head: str | Iterable[str] | None = None,
        splice: bool = False,
        branch_label: str | Iterable[str] | None = None,
        version_path: str | os.PathLike[str] | None = None,
        depends_on: str | Iterable[str] | None = None,
    ) -> None:
        self.rev_id = rev_id
        self.message = message
        self.upgrade_ops = upgrade_ops
        self.downgrade_ops = downgrade_ops
        self.imports = set(imports)
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = version_path
        self.depends_on = depends_on

    def is_empty(self) -> bool:
        """Return True where neither direction does anything."""
        return self.upgrade_ops.is_empty() and self.downgrade_ops.is_empty()
