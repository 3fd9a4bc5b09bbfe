"""Statements that commit one by one, each with the note that it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends.statements import only_reads
from schemadiff.operations import CreateIndex, Execute, Operation
from schemadiff.runtime.failures import causes
from schemadiff.runtime.journal import Entry
from schemadiff.runtime.landing import landing

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.backends import Backend
    from schemadiff.runtime.journal import Journal

__all__ = ["Run", "Stepper"]

Run = Callable[[Operation], None]


class Stepper:
    """Runs the parts of operations, and keeps count of them in the journal.

    Args:
        connection: the connection.
        backend: its backend.
        journal: the journal.
        outside: no transaction is open, and each statement commits by itself. Where it is false, one is open that DDL may commit.

    Attributes:
        own: how deep statements are ours, and not a revision's own.
        refusal: the entry whose statement the database refused, and whether it is certain that nothing of that was done.
    """

    def __init__(self, connection: Connection, backend: Backend, journal: Journal, *, outside: bool) -> None:
        self.connection = connection
        self.backend = backend
        self.journal = journal
        self.outside = outside
        self.own = 0
        self.refusal: tuple[Entry, Operation, bool] | None = None
        self._sent, self._counts = 0, False

    @contextmanager
    def ours(self) -> Iterator[None]:
        """Say that the statements of the block are ours."""
        self.own += 1
        try:
            yield
        finally:
            self.own -= 1

    def note_sent(self, statement: str) -> None:
        """Count a statement of ours that may change something, while a part runs."""
        if self._counts and not only_reads(statement, self.backend.lexicon):
            self._sent += 1

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Run the block in a transaction of its own, as far as its statements take part in one."""
        with self.ours():
            if not (self.outside or self.backend.commits_each(self.connection)):
                yield
                # Past SQLAlchemy, which is in the middle of the transaction that it began for the revision.
                driver = self.connection.connection.dbapi_connection
                assert driver is not None
                driver.commit()
                return
            self.backend.run(self.connection, self.backend.begin_unit)
            try:
                yield
            except BaseException:
                if not (self.connection.closed or self.connection.invalidated):
                    with suppress(sa.exc.SQLAlchemyError):
                        self.backend.run(self.connection, "ROLLBACK")
                raise
            self.backend.run(self.connection, "COMMIT")

    def in_unit(self, part: Operation) -> bool:
        """Return True where a part runs in one transaction with its note."""
        real = self.backend.transactional_ddl and not (self.outside or self.backend.commits_each(self.connection))
        return real or self.backend.shares_transaction(part)

    def step(self, entry: Entry, part: Operation, run: Run, note: Callable[[], None]) -> None:
        """Run one part of an operation, and ``note`` that it is done: in one transaction where that can be."""
        self._sent, self._counts = 0, True
        try:
            if self.in_unit(part):
                with self.unit():
                    run(part)
                    note()
                return
            with self.ours():
                run(part)
        except Exception as error:
            self.refusal = (entry, part, self._refused_whole(part, error))
            raise
        finally:
            self._counts = False
        with self.unit():
            note()

    def _refused_whole(self, part: Operation, error: Exception) -> bool:
        """Return True where it is certain that nothing of ``part`` was done, which failed."""
        server = next((each for each in causes(error) if isinstance(each, sa.exc.DBAPIError)), None)
        if server is not None and server.connection_invalidated:
            return False
        if not self._sent or self.in_unit(part):
            return True
        if server is None or server.orig is None:
            return False
        if isinstance(part, Execute):
            return self.backend.refused_whole(server.orig, part.sql)
        return self._sent == 1

    def left(self, entry: Entry, parts: Sequence[Operation], run: Run) -> int | None:
        """Return how many parts of an operation are done that was begun; None where the catalog does not say.

        What was left half made is taken away.
        """
        if entry.parts >= len(parts):
            return len(parts)
        part = parts[entry.parts]
        with self.ours():
            found = landing(self.connection, self.backend, part)
            if found == "remains" and isinstance(part, CreateIndex):
                run(part.reverse())
                return entry.parts
        return {"before": entry.parts, "after": entry.parts + 1}.get(found)
