"""Running revisions: what is to be done is planned under the lock, and looked at again before each step."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.waiting import pause
from schemadiff.errors import MigrationFailed
from schemadiff.revisions.directory import load_function
from schemadiff.runtime.applied import MigrationInfo
from schemadiff.runtime.checksums import Marks
from schemadiff.runtime.failures import causes, explained
from schemadiff.runtime.steps import Attempt, Outcome, Overtaken, Plan, Progress, Step

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext

__all__ = ["migrate"]

_log = logging.getLogger(__name__)

# Seconds before the second try; before each further one it is twice as long.
_FIRST_BACK_OFF = 1.0


def migrate(
    context: MigrationContext,
    plan: Plan,
    *,
    progress: Progress | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run the steps that ``plan`` finds, and none that somebody else has run meanwhile.

    Args:
        context: where they run.
        plan: is asked once the lock is had, and again where somebody else has moved the version table all the same: on a database
            that has no lock of sessions, or behind a pooler that loses it.
        progress: is told of each step before it runs.
        arguments: keyword arguments for the functions of the revisions.

    Raises:
        LockTimeout: another run did not end in time.
        BrokenRevision: a file cannot be imported, or its function fails for a reason of its own.
        MigrationFailed: the database refused a statement. The message says what state the database is in.
    """
    with context.locked():
        before = standing = context.get_current_heads()
        steps = tuple(plan(standing))
        if context.script is not None and steps and not before:
            context.print_version_table()
        script = [step.revision.id for step in steps if context.script is not None]
        ran: list[Step] = []
        while steps:
            step, *later = steps
            if progress is not None:
                progress(len(ran), len(ran) + len(steps), str(step))
            try:
                _run_with_retries(context, step, _marks(step, () if ran else script), arguments or {})
            except Overtaken as overtaken:
                _log.info("Somebody else has moved the database to %s meanwhile", ", ".join(overtaken.rows) or "base")
                standing = overtaken.rows
                steps = tuple(plan(standing))
            else:
                ran.append(step)
                standing = step.after
                steps = tuple(later)
        if progress is not None and ran:
            progress(len(ran), len(ran), "done")
        return Outcome(tuple(ran), before, standing)


def _marks(step: Step, script: Collection[str]) -> Marks:
    """Return what becomes of the checksums in a step.

    Args:
        step: the step.
        script: all that a script runs, where it begins with this step. Of these nothing is to be kept yet, but a script cannot look.
    """
    if step.direction == "downgrade":
        return Marks(gone=(step.revision.id,), others_gone=not step.after, begins=bool(script))
    put = {} if step.checksum is None else {step.revision.id: step.checksum}
    return Marks(put, gone={step.revision.id, *script} if script or not put else (), begins=bool(script))


def _run_with_retries(context: MigrationContext, step: Step, marks: Marks, arguments: Mapping[str, Any]) -> None:
    """Run one step; where another transaction was in its way and nothing of it was kept, try again after a while."""
    for number in range(1, context.options.retries + 1):
        attempt = context.attempt_at(step)
        try:
            return _run_step(context, attempt, marks, arguments)
        except MigrationFailed as error:
            if context.connection is None or not _worth_another_try(context, attempt, error):
                raise
            length = _FIRST_BACK_OFF * 2 ** (number - 1) * random.uniform(0.75, 1.25)
            _log.warning("%s; trying again in %.1f s (%d of %d)", error, length, number, context.options.retries)
            pause(context.connection, length)
    return _run_step(context, context.attempt_at(step), marks, arguments)


def _worth_another_try(context: MigrationContext, attempt: Attempt, error: MigrationFailed) -> bool:
    own = context.options.transaction_per_migration and not context.external_transaction
    rolled_back = own and attempt.whole and not attempt.lost
    return rolled_back and any(context.backend.is_passing(each) for each in causes(error))


def _run_step(context: MigrationContext, attempt: Attempt, marks: Marks, arguments: Mapping[str, Any]) -> None:
    """Run one step: its function and the move of the version table, in one transaction as far as the revision leaves it one.

    Raises:
        Overtaken: the version table does not say what the step starts from. Nothing was done.
    """
    step = attempt.step
    function = load_function(step.revision, step.direction)
    if context.script is not None:
        context.script.comment(f"Running {step}")
    with explained(context, attempt), context.transaction(), context.operations():
        context.expect(step.before)
        context.print_guard(step.before, step.after, marks)
        where = f" on {context.options.engine_name}" if context.options.engine_name else ""
        _log.info("Running %s%s", step, where)
        with _commits_noted(context.connection, attempt):
            function(**arguments)
        context.move(step.before, step.after, marks)
        context.tell_applied(
            MigrationInfo(step.direction == "upgrade", False, step.revision, step.before, step.after), arguments
        )


# What ends a transaction where a revision sends it as a statement of its own, comments before it passed over.
_ENDS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:commit|end|rollback|abort|prepare\s+transaction)\b(?!\s+(?:work\s+|transaction\s+)?to\b)",
    re.I | re.S,
)


def _commits_noted(connection: Connection | None, attempt: Attempt) -> Any:
    return nullcontext() if connection is None else _noting(connection, attempt)


@contextmanager
def _noting(connection: Connection, attempt: Attempt) -> Iterator[None]:
    """Note where a revision ends its transaction by itself, so that nobody says that all of it is gone, or runs it again."""

    def ended(connection: Connection) -> None:
        attempt.whole = False

    def sent(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if _ENDS.match(statement):
            attempt.whole = False

    listeners = (("commit", ended), ("rollback", ended), ("before_cursor_execute", sent))
    for name, listener in listeners:
        sa.event.listen(connection, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            sa.event.remove(connection, name, listener)
