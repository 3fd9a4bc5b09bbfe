"""Taking a revision back that is half done: the reverses of what is done of it, in reverse order, journalled likewise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.statements import filled_table, only_reads
from schemadiff.errors import IrreversibleError
from schemadiff.frozen import dataclass
from schemadiff.operations import BulkInsert, CreateIndex, CreateTable, Execute, Operation, reverse_all
from schemadiff.runtime.executor import Executor, activate
from schemadiff.runtime.hashing import operation_hash
from schemadiff.runtime.journal import Entry, Half
from schemadiff.runtime.stepping import Run, Stepper
from schemadiff.runtime.telling import refused
from schemadiff.schema import Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.backends import Backend
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["settle_undoing", "take_back"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Undo:
    """The way back of one operation.

    Args:
        entry: the operation.
        operations: what takes it back.
        along: other operations that are taken back by it: the indexes and the rows of a table that is dropped.
    """

    entry: Entry
    operations: tuple[Operation, ...]
    along: frozenset[int]


def take_back(
    context: MigrationContext,
    half: Half,
    function: Callable[..., object],
    arguments: Mapping[str, Any],
    run: Run,
    *,
    trusted: int | None = None,
) -> None:
    """Take back what is done of ``half``. The rows of the version table stay as they are.

    Args:
        context: where it is done.
        half: the revision.
        function: its function in the direction in which it is half done.
        arguments: the arguments of the function.
        run: carries one operation out.
        trusted: take the operations up to this number as done, and no other, whatever the journal says.

    Raises:
        HalfDone: that is not possible. The message names the operation.
    """
    connection, backend, journal = context.connection, context.backend, context.journal
    assert connection is not None
    last = max((entry.number for entry in half.entries), default=0) if trusted is None else trusted
    operations = _collected(context, half, function, arguments, last, trusted is not None)
    if trusted is not None:
        entries = (
            Entry(number, "done", operation_hash(operation, backend), operation.describe())
            for number, operation in enumerate(operations, start=1)
        )
        half = replace(half, used_bind=False, entries=tuple(entries))
        # Before it is written down: what is refused leaves the journal as it was, by which an upgrade may go on.
        _plan(half, operations, backend)
        with context.transaction():
            journal.begin(connection, half)
    half = _without_begun(context, half, operations, run)
    plan = _plan(half, operations, context.backend)
    for place, undo in enumerate(plan):
        _log.info("Taking back operation %s of %s", undo.entry.number, half.revision)
        _undo(context, undo, run, is_last=place + 1 == len(plan))
    if not plan:
        with context.transaction():
            journal.clear(connection)
    if backend.transactional_ddl:
        with context.transaction():
            journal.drop_empty(connection)


def settle_undoing(
    context: MigrationContext, half: Half, function: Callable[..., object], arguments: Mapping[str, Any], run: Run
) -> Half:
    """Return ``half`` with the operation that was being taken back either done again or not, as the catalog says.

    Raises:
        HalfDone: it does not say, or the operation is taken back in part.
    """
    entry, connection = half.in_flight, context.connection
    if entry is None or entry.state != "undoing":
        return half
    assert connection is not None
    operations = _collected(context, half, function, arguments, max(e.number for e in half.entries), False)
    undo = next(each for each in _plan(half, operations, context.backend) if each.entry.number == entry.number)
    stepper = Stepper(connection, context.backend, context.journal, outside=False)
    with context.transaction():
        parts = _parts(context, undo)
        left = stepper.left(entry, parts, run)
        if left not in (0, len(parts)):
            raise refused(half, f"operation {entry.number} was being taken back, and may be so in part")
        with stepper.ours():
            if left:
                context.journal.remove(connection, [entry.number, *undo.along])
            else:
                context.journal.set(connection, replace(entry, state="done", parts=0))
    return replace(
        half,
        entries=tuple(
            replace(each, state="done", parts=0) if each == entry else each
            for each in half.entries
            if not left or each.number not in {entry.number, *undo.along}
        ),
    )


# -- what the revision did


class _Enough(BaseException):
    """All operations that are done have been called. No error, so that a revision's own handlers let it pass."""


class _Collecting(Executor):
    """Collects operations up to the last one that is done, and runs none."""

    def __init__(self, context: MigrationContext, half: Half, last: int, trusted: bool) -> None:
        super().__init__(context.executor.site, context)
        self.operations: list[Operation] = []
        self._half = half
        self._hashes = {} if trusted else {entry.number: entry.hash for entry in half.entries}
        self._last = last

    def invoke(self, operation: Operation) -> None:
        self.operations.append(operation)
        number = len(self.operations)
        known = self._hashes.get(number)
        if known is not None and known != operation_hash(operation, self.backend):
            raise refused(self._half, f"operation {number} is now another one: {operation.describe()}")
        if number == self._last:
            raise _Enough

    def get_bind(self) -> Connection:
        assert self.context is not None
        assert self.context.connection is not None
        return self.context.connection


def _collected(
    context: MigrationContext,
    half: Half,
    function: Callable[..., object],
    arguments: Mapping[str, Any],
    last: int,
    trusted: bool,
) -> list[Operation]:
    """Return the operations of a revision up to number ``last``.

    Raises:
        HalfDone: they are not those of the journal, or the revision sends statements of its own.
    """
    collecting = _Collecting(context, half, last, trusted)
    if not last:
        return []
    assert context.connection is not None

    def sent(connection: Connection, cursor: Any, statement: str, parameters: Any, execution: Any, many: bool) -> None:
        if not (trusted and only_reads(statement, context.backend.lexicon)):
            shown = " ".join(statement.split())[:80]
            raise refused(
                half, f"the revision itself executes {shown!r}, which has no reverse; take that back yourself"
            )

    sa.event.listen(context.connection, "before_cursor_execute", sent)
    try:
        with activate(collecting), context.only_collecting():
            function(**arguments)
    except _Enough:
        return collecting.operations
    finally:
        sa.event.remove(context.connection, "before_cursor_execute", sent)
        if not context.external_transaction and context.connection.in_transaction():
            context.connection.rollback()
    raise refused(half, f"the revision has {len(collecting.operations)} operations now, and not {last}")


def _without_begun(context: MigrationContext, half: Half, operations: Sequence[Operation], run: Run) -> Half:
    """Return ``half`` with the operation that was begun taken as done, or as not done, as the catalog says."""
    entry, connection = half.in_flight, context.connection
    if entry is None or entry.state != "begun":
        return half
    assert connection is not None
    stepper = Stepper(connection, context.backend, context.journal, outside=True)
    with _outside(context):
        with stepper.ours():
            parts = context.backend.split(connection, operations[entry.number - 1])
        left = stepper.left(entry, parts, run)
        if left is None:
            raise refused(half, f"nobody can tell whether operation {entry.number} is done")
        if left not in (0, len(parts)):
            raise refused(half, f"operation {entry.number} is done in part, and the reverse of a part is not known")
        done = replace(entry, state="done", parts=0)
        with stepper.unit():
            if left:
                context.journal.set(connection, done)
            else:
                context.journal.remove(connection, [entry.number])
    entries = (done if each == entry else each for each in half.entries if left or each != entry)
    return replace(half, entries=tuple(entries))


# -- the way back


def _plan(half: Half, operations: Sequence[Operation], backend: Backend) -> tuple[_Undo, ...]:
    """Return the way back of what is done.

    Raises:
        HalfDone: an operation has none.
    """
    entries = {entry.number: entry for entry in half.entries}
    done = [(number, operations[number - 1]) for number in sorted(entries)]
    created = {each.table.name: number for number, each in done if isinstance(each, CreateTable)}
    along: dict[int, set[int]] = {number: set() for number in created.values()}
    for number, operation in done:
        owner = created.get(_filled(operation, backend) or Name(""))
        if owner is not None and owner < number and entries[number].state == "done":
            along[owner].add(number)
    taken = {number for numbers in along.values() for number in numbers}
    plan: list[_Undo] = []
    for number, operation in reversed(done):
        if number in taken:
            continue
        with_it = [operations[other - 1] for other in sorted(along.get(number, ()))]
        indexes = [each for each in with_it if isinstance(each, CreateIndex)]
        try:
            back = reverse_all([operation, *indexes])
        except IrreversibleError as error:
            raise refused(half, f"operation {number} has no reverse: {error}") from None
        plan.append(_Undo(entries[number], back, frozenset(along.get(number, ()))))
    return tuple(plan)


def _filled(operation: Operation, backend: Backend) -> Name | None:
    """Return the table that goes with all that the operation has put into it."""
    if isinstance(operation, CreateIndex):
        return operation.table
    table = operation.table if isinstance(operation, BulkInsert) else None
    if isinstance(operation, Execute):
        table = getattr(operation.statement, "table", None)
        if table is None:
            return filled_table(operation.sql, backend.lexicon)
    if not isinstance(table, sa.TableClause):
        return None
    return Name(str(table.name), table.schema)


def _parts(context: MigrationContext, undo: _Undo) -> tuple[Operation, ...]:
    assert context.connection is not None
    connection = context.connection
    return tuple(part for each in undo.operations for part in context.backend.split(connection, each))


def _undo(context: MigrationContext, undo: _Undo, run: Run, *, is_last: bool) -> None:
    """Take one operation back."""
    connection, backend, journal = context.connection, context.backend, context.journal
    assert connection is not None
    gone = [undo.entry.number, *undo.along]

    def remove() -> None:
        journal.remove(connection, gone)
        if is_last:
            journal.clear(connection)

    if backend.transactional_ddl and all(backend.shares_transaction(each) for each in undo.operations):
        with context.transaction():
            for operation in undo.operations:
                run(operation)
            remove()
        return
    stepper = Stepper(connection, backend, journal, outside=True)
    with _outside(context), _watched(connection, stepper):
        with stepper.ours():
            parts = _parts(context, undo)
        entry = undo.entry
        first = 0
        if entry.state == "undoing":
            left = stepper.left(entry, parts, run)
            if left is None:
                raise _untold(context, entry)
            first = left
        entry = replace(entry, state="undoing", parts=first)
        with stepper.unit():
            journal.set(connection, entry)
        if first >= len(parts):
            with stepper.unit():
                remove()
        for place in range(first, len(parts)):

            def note(place: int = place) -> None:
                if place + 1 == len(parts):
                    remove()
                else:
                    journal.set(connection, replace(entry, parts=place + 1))

            stepper.step(replace(entry, parts=place), parts[place], run, note)


def _untold(context: MigrationContext, entry: Entry) -> Exception:
    half = context.half_done()
    assert half is not None
    return refused(half, f"nobody can tell whether operation {entry.number} is taken back")


@contextmanager
def _outside(context: MigrationContext) -> Iterator[None]:
    """Run the block outside of any transaction."""
    assert context.connection is not None
    with context.backend.autocommit(context.connection), context.limited():
        yield


@contextmanager
def _watched(connection: Connection, stepper: Stepper) -> Iterator[None]:
    def sent(connection: Connection, cursor: Any, statement: str, parameters: Any, execution: Any, many: bool) -> None:
        stepper.note_sent(statement)

    sa.event.listen(connection, "before_cursor_execute", sent)
    try:
        yield
    finally:
        sa.event.remove(connection, "before_cursor_execute", sent)
