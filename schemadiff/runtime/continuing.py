"""The way through one revision: its operations are numbered, those that are done are skipped, the others are kept in the journal.

As long as a revision stands in one transaction its operations are kept in memory only: they are written down as done with the commit that
leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from schemadiff.backends.statements import changes_rows, only_reads
from schemadiff.operations import Execute, Operation
from schemadiff.runtime.checksums import Marks
from schemadiff.runtime.hashing import code_checksum, operation_hash
from schemadiff.runtime.journal import Entry, Half, State
from schemadiff.runtime.landing import landing
from schemadiff.runtime.stepping import Run, Stepper
from schemadiff.runtime.telling import refused

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Step

__all__ = ["Course", "ends_transaction", "verified"]

# What ends a transaction where a revision sends it as a statement of its own, comments before it passed over.
_ENDS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(commit|end|rollback|abort|prepare\s+transaction)\b(?!\s+(?:work\s+|transaction\s+)?to\b)",
    re.I | re.S,
)


_BACK = frozenset({"rollback", "abort"})


def ends_transaction(statement: str) -> bool:
    """Return True for a statement that ends a transaction."""
    return _ENDS.match(statement) is not None


def _commits(statement: str) -> bool:
    """Return True for a statement that keeps what was done before it."""
    found = _ENDS.match(statement)
    return found is not None and found[1].lower() not in _BACK


class Course:
    """One run of one function of a revision.

    Args:
        context: where it runs; it has a connection.
        step: the revision.
        half: what is done of it already; None where nothing is.
        resume_after: take the operations up to this number as done, and no other, whatever the journal says.

    Attributes:
        half: what was done of it when it began.
        connection: where it runs.
        number: how many operations the function has called.
    """

    def __init__(
        self, context: MigrationContext, step: Step, half: Half | None = None, resume_after: int | None = None
    ) -> None:
        assert context.connection is not None
        self.number = 0
        self._context = context
        self._step = step
        self.connection = context.connection
        self._backend = context.backend
        self._journal = context.journal
        self._stepper = Stepper(self.connection, self._backend, self._journal, outside=False)
        self.half = half
        self._half = half
        self._trusted = resume_after is not None
        if half is None:
            self._done, self._entries, self._used_bind = frozenset[int](), dict[int, Entry](), False
        elif resume_after is None:
            self._done, self._entries, self._used_bind = half.done, {e.number: e for e in half.entries}, half.used_bind
        else:
            self._done, self._entries, self._used_bind = frozenset(range(1, resume_after + 1)), {}, False
        # The journal says what is true: from here on rows are added to it.
        self._written = half is not None and resume_after is None
        self._present = half is not None
        self._pending: list[tuple[int, Operation]] = []

    # -- operations

    def carry_out(self, operation: Operation, run: Run) -> None:
        """Run the next operation, or skip it where it is done.

        Raises:
            HalfDone: it is another one than the journal says, or nobody knows whether it is done.
        """
        self.number += 1
        number, entry = self.number, self._entries.get(self.number)
        if entry is not None and entry.hash != operation_hash(operation, self._backend):
            raise refused(self._known, f"operation {number} is now another one: {operation.describe()}")
        if number in self._done:
            if self._trusted:
                self._pending.append((number, operation))
            return
        if isinstance(operation, Execute) and _commits(operation.sql) and not self._stepper.outside:
            self._commit_by(number, operation, run)
            return
        if not self._steps(operation, entry):
            with self._stepper.ours():
                run(operation)
            self._pending.append((number, operation))
            return
        with self._stepper.ours():
            parts = self._backend.split(self.connection, operation)
        first = 0
        if entry is not None:
            left = self._stepper.left(entry, parts, run)
            if left is None:
                raise refused(self._known, f"nobody can tell whether operation {number} is done")
            first = left
        self._run_parts(number, operation, parts, first, run)

    def _commit_by(self, number: int, operation: Operation, run: Run) -> None:
        """Run a statement that commits what was done before it; from there on nobody can tell what is kept."""
        self._used_bind = True
        with self._stepper.ours():
            if self._written:
                self._journal.mark_bind(self.connection, self._known)
            self._write(self._entry(number, operation, "begun"))
            self._noted()
            run(operation)

    def _run_parts(self, number: int, operation: Operation, parts: tuple[Operation, ...], first: int, run: Run) -> None:
        journal, connection = self._journal, self.connection
        entry = self._entry(number, operation, "begun", first)
        if first >= len(parts):
            entry = replace(entry, state="done")
        with self._stepper.unit():
            if self._written and number in self._entries:
                journal.set(connection, entry)
            else:
                self._write(entry)
        self._noted()
        for place in range(first, len(parts)):
            following = replace(entry, parts=place + 1, state="done" if place + 1 == len(parts) else "begun")

            def note(following: Entry = following) -> None:
                journal.set(connection, following)

            self._stepper.step(replace(entry, parts=place), parts[place], run, note)

    def _steps(self, operation: Operation, entry: Entry | None) -> bool:
        """Return True where an operation commits by itself, with its note."""
        if self._stepper.outside or self._backend.commits_each(self.connection) or entry is not None:
            return True
        if self._context.transactional_ddl and self._backend.transactional_ddl:
            return False
        if self._backend.transactional_ddl:
            # Our transaction is real, and env.py wants none around several statements.
            return not self._context.external_transaction
        return self._written or not self._backend.shares_transaction(operation)

    def _entry(self, number: int, operation: Operation, state: State, parts: int = 0) -> Entry:
        return Entry(number, state, operation_hash(operation, self._backend), operation.describe(), parts)

    # -- what is written

    @property
    def is_written(self) -> bool:
        """True where the journal holds something of the revision."""
        return self._written

    @property
    def _known(self) -> Half:
        """What the journal says, or would say."""
        return self._half or self._head()

    def _head(self) -> Half:
        step = self._step
        code = code_checksum(step)
        return Half(step.revision.id, step.direction, step.before, step.after, code, self._used_bind)

    def _write(self, *entries: Entry) -> None:
        """Write what is pending as done, and ``entries``, in the transaction that is open."""
        pending = [self._entry(number, operation, "done") for number, operation in self._pending]
        if self._written:
            self._journal.add(self.connection, self._known, [*pending, *entries])
            return
        if self._backend.transactional_ddl:
            self._journal.create(self.connection)
        self._half = replace(self._head(), entries=(*pending, *entries))
        self._journal.begin(self.connection, self._half)

    def _noted(self) -> None:
        """Take note that what was pending is written, and committed."""
        self._pending.clear()
        self._written = self._present = True

    def write_pending(self) -> None:
        """Write what is pending into the transaction that is about to be committed."""
        if self._trusted and self.number <= max(self._done, default=0):
            return  # nothing has run yet, and what the journal says may be better
        if self._pending or (self._used_bind and not self._written):
            with self._stepper.ours():
                self._write()
            self._noted()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Say that no transaction of the revision's is open inside the block, whose statements are the revision's."""
        stepper = self._stepper
        before = (stepper.outside, stepper.own)
        stepper.outside, stepper.own = True, 0
        try:
            yield
        finally:
            stepper.outside, stepper.own = before

    @contextmanager
    def ours(self) -> Iterator[None]:
        """Say that the statements of the block are ours."""
        with self._stepper.ours():
            yield

    # -- statements of the revision's own

    def sent(self, statement: str) -> None:
        """Take note of a statement before it goes to the database.

        Raises:
            HalfDone: it would run a second time.
        """
        if self._stepper.own:
            self._stepper.note_sent(statement)
            return
        reads = only_reads(statement, self._backend.lexicon)
        if self._done and self.number < max(self._done) and not (reads and self._trusted):
            raise refused(
                self._known,
                f"the revision itself executes {' '.join(statement.split())[:80]!r} before operation {self.number + 1}, which may "
                "have run before; take it out of the revision where it has",
            )
        first, self._used_bind = not self._used_bind, True
        if self._written:
            if first:
                with self._stepper.ours():
                    self._journal.mark_bind(self.connection, self._known)
        elif not reads and self._commits(statement):
            if self._stepper.outside or self._backend.commits_each(self.connection):
                with self._stepper.unit():
                    self._write()
            else:
                with self._stepper.ours():
                    self._write()
            self._noted()

    def committed(self) -> None:
        """Take note that the revision commits by itself what it has done."""
        if self._stepper.own:
            return
        if self._written and not self._used_bind:
            with self._stepper.ours():
                self._journal.mark_bind(self.connection, self._known)
        self._used_bind = True
        self.write_pending()

    def _commits(self, statement: str) -> bool:
        """Return True where a statement commits itself, or what was before it."""
        if self._stepper.outside or self._backend.commits_each(self.connection) or _commits(statement):
            return True
        return not self._backend.transactional_ddl and not changes_rows(statement, self._backend.lexicon)

    # -- the end

    def check_end(self) -> None:
        """Look whether the function has come to all that is done.

        Raises:
            HalfDone: it has fewer operations.
        """
        last = max((*self._done, *self._entries), default=0)
        if self.number < last:
            raise refused(self._known, f"the revision has {self.number} operations now, and not {last}")

    def move(self, marks: Marks) -> None:
        """Move the version table and the checksums, and remove the rows of the journal, together."""
        context, step, connection = self._context, self._step, self.connection
        one_by_one = self._present and self._backend.commits_each(connection)
        with self._stepper.unit() if one_by_one else self._stepper.ours():
            context.move(step.before, step.after, marks, forget=self._present)
            if self._present and self._backend.transactional_ddl:
                self._journal.drop_empty(connection)

    def settle(self) -> None:
        """Take out of the journal what is certain not to have been done, after the revision has failed and was rolled back."""
        refusal = self._stepper.refusal
        if refusal is None or not self._written:
            return
        entry, part, whole = refusal
        context, journal, connection = self._context, self._journal, self.connection
        if not whole or entry.parts or context.external_transaction or connection.closed or connection.invalidated:
            return
        shared = self._backend.shares_transaction(part)
        with context.transaction(), self._stepper.ours():
            if not shared and landing(connection, self._backend, part) == "remains":
                return
            half = journal.read(connection)
            if half is None:
                return
            if half.used_bind or len(half.entries) > 1:
                journal.remove(connection, [entry.number])
                return
            if self._trusted and self.half is not None:
                # It was said that nothing is done, and nothing was: what the journal said before is all that is known.
                journal.begin(connection, self.half)
                return
            journal.clear(connection)
            if self._backend.transactional_ddl:
                journal.drop_empty(connection)


def verified(half: Half, step: Step) -> None:
    """Look whether the revision is the one that was begun.

    Raises:
        HalfDone: its text has changed, or it has sent statements that are in no journal.
    """
    if half.used_bind:
        raise refused(
            half, "it sent statements of its own between its operations (op.get_bind()), which are in no journal"
        )
    if half.code != code_checksum(step):
        raise refused(half, "its text has changed since")
