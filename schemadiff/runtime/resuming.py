"""What a run does about a revision that is half done before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.runtime.journal import Half
from schemadiff.runtime.steps import Direction, Plan, Step
from schemadiff.runtime.telling import lost_way

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["own_tables", "planned", "standing_now"]


def standing_now(context: MigrationContext) -> tuple[tuple[str, ...], Half | None]:
    """Return the rows of the version table, and the revision that is half done, as they are at one moment."""
    if context.script is not None:
        return context.get_current_heads(), None
    with context.reading():
        return context.get_current_heads(), context.half_done()


def planned(plan: Plan, direction: Direction, standing: tuple[str, ...], half: Half | None) -> tuple[Step, ...]:
    """Return the steps, the first of which is the revision that is half done.

    Raises:
        HalfDone: they do not begin with it.
    """
    if half is None:
        return tuple(plan(standing))
    at_begin = set(half.before) == set(standing)
    # The way back starts from where it would have gone.
    steps = tuple(plan(standing if direction == half.direction else half.after)) if at_begin else ()
    if not steps or steps[0].revision.id != half.revision or steps[0].direction != direction:
        raise lost_way(half, f"this {direction}", standing)
    return steps


@contextmanager
def own_tables(context: MigrationContext, *, needed: bool) -> Iterator[None]:
    """Make our tables first where making one would commit what a revision has done, and drop those at the end that are empty."""
    connection = context.connection
    if connection is None or context.backend.transactional_ddl or not needed:
        yield
        return
    with context.transaction():
        was = context.versions.exists(connection)
        context.make_own_tables()
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            with suppress(sa.exc.SQLAlchemyError), context.transaction():
                context.drop_empty_tables()
                if not was:
                    context.versions.drop_empty(connection)
