"""The journal of a revision that does not stand in one transaction: which of its operations are done.

It has rows only while a database stands between two revisions, and there is no table where there are no rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends import Backend
from schemadiff.errors import MigrationFailed
from schemadiff.frozen import dataclass
from schemadiff.runtime.side_tables import SideTable

__all__ = ["Entry", "Half", "Journal", "State"]

State = Literal["begun", "done", "undoing"]
"""``begun`` before an operation runs, ``done`` after it, ``undoing`` while it is taken back."""

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation in the journal.

    Args:
        number: its place in the revision, from 1.
        state: how far it is.
        hash: what it is known by.
        description: it in words.
        parts: how many statements of it, or of its reverse while it is taken back, are done, where each commits by itself.
    """

    number: int
    state: State
    hash: str
    description: str
    parts: int = 0

    def __str__(self) -> str:
        words = {"begun": "begun", "done": "done", "undoing": "being taken back"}
        return f"{self.number}. {self.description} ({words[self.state]})"


@dataclass(frozen=True, slots=True)
class Half:
    """A revision that a database stands in the middle of.

    Args:
        revision: its identifier.
        direction: which of its functions was running.
        before: the rows of the version table before it, which still stand there.
        after: the rows after it.
        code: the checksum of its file, without comments and layout.
        used_bind: it sent statements of its own between its operations, which are not in the journal.
        entries: its operations that were begun, in order.
    """

    revision: str
    direction: Literal["upgrade", "downgrade"]
    before: tuple[str, ...]
    after: tuple[str, ...]
    code: str
    used_bind: bool = False
    entries: tuple[Entry, ...] = ()

    @property
    def done(self) -> frozenset[int]:
        """The numbers of the operations that are done."""
        return frozenset(entry.number for entry in self.entries if entry.state == "done")

    @property
    def in_flight(self) -> Entry | None:
        """The operation that was begun, or was being taken back, when the run ended."""
        return next((entry for entry in self.entries if entry.state != "done"), None)

    def __str__(self) -> str:
        return f"the {self.direction} of revision {self.revision} is half done"


class Journal:
    """The journal of one version table. Nothing in it commits.

    Args:
        backend: the backend that it stands on.
        version_table: the version table; the journal stands beside it.
    """

    def __init__(self, backend: Backend, version_table: sa.Table) -> None:
        self._side = SideTable(
            backend,
            version_table,
            "journal",
            sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("revision", sa.String(191), nullable=False),
            sa.Column("direction", sa.String(9), nullable=False),
            sa.Column("state", sa.String(7), nullable=False),
            sa.Column("parts", sa.Integer, nullable=False),
            sa.Column("hash", sa.String(128), nullable=False),
            sa.Column("description", sa.Text, nullable=False),
        )
        self.table = self._side.table

    def create(self, connection: Connection) -> None:
        """Make the table where it is not there."""
        self._side.forget()
        self._side.create(connection)

    def drop_empty(self, connection: Connection) -> None:
        """Drop the table where it is there and empty."""
        self._side.forget()
        if self._side.exists(connection) and not self._rows(connection, 1):
            self._side.drop(connection)

    def _rows(self, connection: Connection, limit: int | None = None) -> Sequence[sa.Row[Any]]:
        return connection.execute(sa.select(self.table).order_by(self.table.c.number).limit(limit)).all()

    def read(self, connection: Connection) -> Half | None:
        """Return the revision that the database stands in the middle of; None where it stands at one.

        Raises:
            MigrationFailed: the rows are not ours.
        """
        self._side.forget()
        rows = self._rows(connection) if self._side.exists(connection) else ()
        if not rows:
            return None
        head, *others = rows
        try:
            about = json.loads(head.description)
            found = Half(
                head.revision,
                head.direction,
                tuple(about["before"]),
                tuple(about["after"]),
                head.hash,
                bool(about["used_bind"]),
            )
        except (ValueError, KeyError, TypeError):
            raise MigrationFailed(
                f"the table {self.table.name} is no journal of ours: 'schemadiff stamp --purge' empties it, once you know where the "
                "database stands"
            ) from None
        entries = (Entry(row.number, row.state, row.hash, row.description, row.parts) for row in others)
        found = replace(found, entries=tuple(entries))
        # The last of them may have been taken back just before the run ended.
        return found if found.entries or found.used_bind else None

    def begin(self, connection: Connection, half: Half) -> None:
        """Write the first row of a revision, and its entries, in place of whatever is there."""
        self.clear(connection)
        head = self._row(half, Entry(0, "begun", half.code, _about(half)))
        connection.execute(self.table.insert(), [head, *(self._row(half, entry) for entry in half.entries)])

    def add(self, connection: Connection, half: Half, entries: Iterable[Entry]) -> None:
        """Write entries of a revision that has its first row."""
        rows = [self._row(half, entry) for entry in entries]
        if rows:
            connection.execute(self.table.insert(), rows)

    def set(self, connection: Connection, entry: Entry) -> None:
        """Set how far an operation is.

        Raises:
            MigrationFailed: somebody else has changed the journal.
        """
        here = self.table.c.number == entry.number
        result = connection.execute(self.table.update().where(here).values(state=entry.state, parts=entry.parts))
        self._check(connection, result.rowcount, [entry.number])

    def _check(self, connection: Connection, count: int, numbers: Collection[int]) -> None:
        if connection.dialect.supports_sane_rowcount and count != len(numbers):
            raise MigrationFailed(
                f"the journal {self.table.name} has lost operation {min(numbers)}: somebody else migrates this database at the same "
                "time; run 'schemadiff current'"
            )

    def mark_bind(self, connection: Connection, half: Half) -> None:
        """Note that the revision sends statements of its own."""
        about = _about(replace(half, used_bind=True))
        connection.execute(self.table.update().where(self.table.c.number == 0).values(description=about))

    def remove(self, connection: Connection, numbers: Collection[int]) -> None:
        """Remove entries.

        Raises:
            MigrationFailed: somebody else has removed one.
        """
        result = connection.execute(self.table.delete().where(self.table.c.number.in_(sorted(numbers))))
        self._check(connection, result.rowcount, numbers)

    def clear(self, connection: Connection) -> None:
        """Remove all rows."""
        connection.execute(self.table.delete())

    @staticmethod
    def _row(half: Half, entry: Entry) -> dict[str, object]:
        return {
            "number": entry.number,
            "revision": half.revision,
            "direction": half.direction,
            "state": entry.state,
            "parts": entry.parts,
            "hash": entry.hash,
            "description": _plain(entry.description) if entry.number else entry.description,
        }


def _about(half: Half) -> str:
    return json.dumps({"before": half.before, "after": half.after, "used_bind": half.used_bind})


def _plain(text: str) -> str:
    """Return ``text`` in one line of characters that every database stores, whatever its encoding."""
    line = " ".join(text.split())
    line = line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "..."
    return line.encode("ascii", "backslashreplace").decode()
