"""Running revisions: what is to be done is planned under the lock, and looked at again before each step."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.waiting import pause
from schemadiff.errors import MigrationFailed
from schemadiff.revisions.directory import load_function
from schemadiff.runtime.applied import MigrationInfo
from schemadiff.runtime.checksums import Marks
from schemadiff.runtime.continuing import Course, ends_transaction, verified
from schemadiff.runtime.executor import Online, one_line
from schemadiff.runtime.failures import causes, explained
from schemadiff.runtime.journal import Half
from schemadiff.runtime.resuming import own_tables, planned, standing_now
from schemadiff.runtime.steps import Attempt, Direction, Outcome, Overtaken, Plan, Progress, Step, Telling
from schemadiff.runtime.takeback import settle_undoing, take_back

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
    direction: Direction,
    *,
    progress: Progress | None = None,
    arguments: Mapping[str, Any] | None = None,
    resume_after: int | None = None,
) -> Outcome:
    """Run the steps that ``plan`` finds, and none that somebody else has run meanwhile.

    A revision that is half done is gone on with first, where it goes the same way, and taken back where it goes the other.

    Args:
        context: where they run.
        plan: is asked once the lock is had, and again where somebody else has moved the version table all the same: on a database
            that has no lock of sessions, or behind a pooler that loses it.
        direction: which way the steps go.
        progress: is told of each step before it runs.
        arguments: keyword arguments for the functions of the revisions.
        resume_after: of the revision that is half done, the operations up to this number are done, and no other.

    Raises:
        LockTimeout: another run did not end in time.
        BrokenRevision: a file cannot be imported, or its function fails for a reason of its own.
        HalfDone: a revision is half done, and cannot be gone on with or taken back, or the steps have nothing to do with it.
        MigrationFailed: the database refused a statement. The message says what state the database is in.
    """
    with context.locked():
        standing, half = standing_now(context)
        before = standing
        if resume_after is not None and half is None:
            raise MigrationFailed("--resume-after: no revision is half done on this database: leave it out")
        steps = planned(plan, direction, standing, half)
        if context.script is not None and steps and not before:
            context.print_version_table()
        script = [step.revision.id for step in steps if context.script is not None]
        ran: list[Step] = []
        with own_tables(context, needed=bool(steps)):
            while steps:
                step, *later = steps
                if progress is not None:
                    context.telling = Telling(progress, len(ran), len(ran) + len(steps), step)
                    context.telling.begin()
                began = time.monotonic()
                try:
                    marks = _marks(step, () if ran else script)
                    if half is None:
                        _run_with_retries(context, step, marks, arguments or {})
                    else:
                        _finish(context, step, half, marks, arguments or {}, resume_after)
                except Overtaken as overtaken:
                    _log.info(
                        "Somebody else has moved the database to %s meanwhile", ", ".join(overtaken.rows) or "base"
                    )
                    if resume_after is not None and not ran:
                        raise context.versions.moved(standing, overtaken.rows) from None
                    standing, half = standing_now(context)
                    steps = planned(plan, direction, standing, half)
                else:
                    if context.script is None:
                        _log.info("%s", _timed(step, time.monotonic() - began))
                    ran.append(step)
                    standing, half = step.after, None
                    steps = tuple(later)
        context.telling = None
        if progress is not None and ran:
            progress(len(ran), len(ran), "done")
        return Outcome(tuple(ran), before, standing)


def _timed(step: Step, seconds: float) -> str:
    """Return the line that says how long a revision took: ``Ran a1b2c3, first tables, in 0.8 s``."""
    verb = "Ran" if step.direction == "upgrade" else "Took back"
    message = f", {one_line(step.revision.message, 100)}," if step.revision.message else ""
    return f"{verb} {step.revision.id}{message} in {seconds:.1f} s"


def _finish(
    context: MigrationContext,
    step: Step,
    half: Half,
    marks: Marks,
    arguments: Mapping[str, Any],
    resume_after: int | None,
) -> None:
    """Go on with a revision that is half done, or take it back."""
    if resume_after is None:
        verified(half, step)
    forward = load_function(step.revision, half.direction)
    attempt = context.attempt_at(step)
    attempt.whole = False
    executor = context.executor
    assert isinstance(executor, Online)
    with context.finishing(half):
        if step.direction == half.direction:
            with explained(context, attempt):
                if resume_after is None:
                    half = settle_undoing(context, half, forward, arguments, executor.run)
            _run_step(context, attempt, marks, arguments, Course(context, step, half, resume_after))
            return
        _log.info("Taking back the %s of revision %s", half.direction, half.revision)
        with explained(context, attempt):
            take_back(context, half, forward, arguments, executor.run, trusted=resume_after)


def _marks(step: Step, script: Collection[str]) -> Marks:
    """Return what becomes of the checksums in a step.

    Args:
        step: the step.
        script: all that a script runs, where it begins with this step. Of these nothing is to be kept yet, but a script cannot look.
    """
    if step.direction == "downgrade":
        return Marks(gone=(step.revision.id,), others_gone=step.empties, begins=bool(script))
    put = {} if step.checksum is None else {step.revision.id: step.checksum}
    return Marks(put, gone={step.revision.id, *script} if script or not put else (), begins=bool(script))


def _run_with_retries(context: MigrationContext, step: Step, marks: Marks, arguments: Mapping[str, Any]) -> None:
    """Run one step; where another transaction was in its way and nothing of it was kept, try again after a while."""
    for number in range(1, context.options.retries + 1):
        attempt = context.attempt_at(step)
        if number > 1 and context.telling is not None:
            context.telling.begin()
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


def _run_step(
    context: MigrationContext,
    attempt: Attempt,
    marks: Marks,
    arguments: Mapping[str, Any],
    course: Course | None = None,
) -> None:
    """Run one step: its function and the move of the version table, in one transaction as far as the revision leaves it one.

    Args:
        context: where it runs.
        attempt: the step.
        marks: what becomes of the checksums.
        arguments: keyword arguments for its function.
        course: what is done of it already; None where nothing is.

    Raises:
        Overtaken: the version table does not say what the step starts from. Nothing was done.
    """
    step = attempt.step
    function = load_function(step.revision, step.direction)
    if context.script is not None:
        context.script.comment(f"Running {step}")
    half = None if course is None else course.half
    if course is None and context.connection is not None:
        course = Course(context, step)
    with explained(context, attempt, course), context.transaction(), context.operations():
        context.expect(step.before, half)
        context.print_guard(step.before, step.after, marks)
        where = f" on {context.options.engine_name}" if context.options.engine_name else ""
        _log.info("Running %s%s", step, where)
        if course is None:
            function(**arguments)
            context.move(step.before, step.after, marks)
        else:
            with context.on_course(course), _noting(course, attempt):
                function(**arguments)
                course.check_end()
                course.move(marks)
        context.tell_applied(
            MigrationInfo(step.direction == "upgrade", False, step.revision, step.before, step.after), arguments
        )


@contextmanager
def _noting(course: Course, attempt: Attempt) -> Iterator[None]:
    """Note what a revision sends by itself, and where it ends its transaction: nobody says then that all of it is gone, or runs it again."""

    def ended(connection: Connection) -> None:
        attempt.whole = False

    def committed(connection: Connection) -> None:
        attempt.whole = False
        course.committed()

    def sent(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if ends_transaction(statement):
            attempt.whole = False
        course.sent(statement)

    listeners = (("commit", committed), ("rollback", ended), ("before_cursor_execute", sent))
    connection = course.connection
    for name, listener in listeners:
        sa.event.listen(connection, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            sa.event.remove(connection, name, listener)
