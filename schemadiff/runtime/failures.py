"""What is said when a revision fails: where, what the database had against it, and in what state it is now."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.errors import BrokenRevision, HalfDone, LockTimeout, MigrationFailed, SchemadiffError
from schemadiff.revisions.header import Revision
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.executor import one_line
from schemadiff.runtime.steps import Attempt, Overtaken
from schemadiff.runtime.telling import state_of

if TYPE_CHECKING:
    from schemadiff.runtime.continuing import Course
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["causes", "explained"]

_log = logging.getLogger(__name__)


@contextmanager
def explained(context: MigrationContext, attempt: Attempt, course: Course | None = None) -> Iterator[None]:
    """Turn whatever a revision raises into an error that names it, the line, and the state of the database.

    Args:
        context: where it runs.
        attempt: the step.
        course: the run of its function, whose journal is put right.
    """
    step = attempt.step
    try:
        yield
    except (BrokenRevision, HalfDone, Overtaken):
        # They say themselves what is wrong, and nothing has begun.
        raise
    except KeyboardInterrupt:
        _log.error("%s of revision %s was interrupted; %s", step.direction, step.revision.id, _state(context, attempt))
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, LockTimeout) and not (course is not None and course.is_written):
            # Nothing has begun here either.
            raise
        path = shown_path(step.revision.path)
        line = _line(error, step.revision)
        where = f"{path}:{line}" if line else path
        kind, reason = _reason(error)
        attempt.lost = attempt.lost or any(getattr(each, "connection_invalidated", False) for each in causes(error))
        if course is not None and course.is_written and not attempt.lost:
            attempt.whole = False
            with suppress(sa.exc.SQLAlchemyError, SchemadiffError):
                course.settle()
        raise kind(
            f"{where}: {step.direction} of revision {step.revision.id} failed: {reason.removeprefix(f'{where}: ')}; "
            f"{_state(context, attempt)}"
        ) from error


def _reason(error: BaseException) -> tuple[type[SchemadiffError], str]:
    """Return the kind of error to raise, and what ``error`` says in one line."""
    reason = one_line(str(error), 2000)
    if isinstance(error, sa.exc.SQLAlchemyError) and getattr(error, "orig", None) is not None:
        statement = getattr(error, "statement", None)
        shown = f" [SQL: {one_line(str(statement), 400)}]" if statement else ""
        return MigrationFailed, one_line(str(getattr(error, "orig", error))) + shown
    if isinstance(error, SchemadiffError):
        return type(error), reason
    return BrokenRevision, f"{type(error).__name__}: {reason}" if reason else type(error).__name__


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was raised from, those of drivers among them."""
    found: BaseException | None = error
    while found is not None:
        yield found
        original = getattr(found, "orig", None)
        if isinstance(original, BaseException):
            yield original
        found = found.__cause__ or found.__context__


def _state(context: MigrationContext, attempt: Attempt) -> str:
    """Return what state the database is in after ``attempt`` has failed."""
    if context.script is not None:
        return "nothing was printed"
    stands = ", ".join(attempt.step.before) or "base"
    if attempt.lost:
        return (
            f"the connection was lost, and the database stood at {stands} before: "
            "run 'schemadiff current' to see where it stands now"
        )
    if not attempt.whole and not (context.external_transaction and context.backend.transactional_ddl):
        try:
            half = context.half_done()
        except (sa.exc.SQLAlchemyError, SchemadiffError):
            return "how far it was is in the journal: run 'schemadiff current'"
        return f"nothing of it was kept, the database stands at {stands}" if half is None else state_of(half)
    if context.external_transaction:
        return "nothing of this run is kept, once the transaction that was open before it is rolled back"
    if not context.options.transaction_per_migration:
        if context.has_committed:
            return "what was done up to the last autocommit_block() of this run stays: run 'schemadiff current' to see how far it is"
        return "nothing of this run was kept"
    return f"nothing of it was kept, the database stands at {stands}"


def _line(error: BaseException, revision: Revision) -> int | None:
    """Return the line of the revision's file that an error came through, the innermost one."""
    path = str(revision.path.absolute())
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None
