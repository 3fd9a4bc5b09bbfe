"""What ``context.configure()`` sets about a run of migrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from schemadiff.frozen import dataclass
from schemadiff.runtime.applied import OnVersionApply

__all__ = ["Options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``context.configure()`` sets about the run.

    Args:
        target_metadata: the MetaData, or several.
        version_table, version_table_schema, version_table_pk: the version table.
        transaction_per_migration: a transaction for each revision; False for one around all of them.
        engine_name: the database, where env.py configures several.
        upgrade_token, downgrade_token: the names under which script.py.mako finds what autogen writes.
        transactional_ddl: whether DDL takes part in transactions; None for what the backend says.
        on_version_apply: is told of each move of the version table.
        lock_timeout: seconds to wait for another run of migrations; None for as long as it takes.
        lock_url: where the lock is held instead, for a connection that goes through a pooler of transactions.
        table_lock_timeout: seconds that a statement may wait for a lock on a table or a row; None for what the connection has.
        statement_timeout: seconds that a statement may run; likewise.
        retries: how often a revision is tried again that was rolled back whole because another transaction was in its way.
        comparison: the options of the comparison, which commands read.
        given: all keyword arguments, for env.py's own use.
    """

    target_metadata: sa.MetaData | Sequence[sa.MetaData] | None = None
    version_table: str = "schemadiff_version"
    version_table_schema: str | None = None
    version_table_pk: bool = True
    transaction_per_migration: bool = True
    engine_name: str | None = None
    upgrade_token: str = "upgrades"
    downgrade_token: str = "downgrades"
    transactional_ddl: bool | None = None
    on_version_apply: tuple[OnVersionApply, ...] = ()
    lock_timeout: float | None = None
    lock_url: str | None = None
    table_lock_timeout: float | None = None
    statement_timeout: float | None = None
    retries: int = 3
    comparison: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    def naming_convention(self) -> Mapping[str, Any]:
        """Return the naming convention of the target's MetaData; of the first one, where there are several."""
        target = self.target_metadata
        first = target if isinstance(target, sa.MetaData) else next(iter(target or ()), None)
        return {} if first is None else dict(first.naming_convention)
