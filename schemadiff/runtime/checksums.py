"""The checksums of the revisions that have run, in a side table. They change in the transaction in which the version table does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.revisions.checksum import Checksum
from schemadiff.runtime.side_tables import SideTable, revision_column

__all__ = ["NO_MARKS", "ChecksumTable", "Marks"]


@dataclass(frozen=True, slots=True)
class Marks:
    """What becomes of the checksums where the version table moves.

    Args:
        put: the checksums of revisions that have run from now on.
        gone: revisions that have not, or whose checksum is set anew: what is kept of them goes first.
        others_gone: what is kept of all others goes too.
        begins: a script begins with it: it creates the table, since it cannot look whether it is there.
    """

    put: Mapping[str, Checksum] = field(default_factory=dict)
    gone: Collection[str] = ()
    others_gone: bool = False
    begins: bool = False

    def __bool__(self) -> bool:
        return bool(self.put or self.gone or self.others_gone)


NO_MARKS = Marks()


class ChecksumTable:
    """The checksums beside one version table.

    What is in the table is read once, and remembered until :meth:`forget` is called.

    Args:
        backend: the backend that it stands on.
        beside: the version table.
    """

    def __init__(self, backend: Backend, beside: sa.Table) -> None:
        self._backend = backend
        self._side = SideTable(
            backend,
            beside,
            "checksum",
            revision_column(backend),
            sa.Column("checksum", sa.String(80), nullable=False),
            sa.Column("file_hash", sa.String(32), nullable=False),
        )
        self.table = self._side.table
        self._known: dict[str, Checksum] | None = None

    def read(self, connection: Connection) -> Mapping[str, Checksum]:
        """Return what is kept; nothing where the table is not there."""
        return MappingProxyType(self._read(connection))

    def _read(self, connection: Connection) -> dict[str, Checksum]:
        if self._known is None:
            columns = self.table.c
            query = sa.select(columns.version_num, columns.checksum, columns.file_hash)
            rows = connection.execute(query).all() if self._side.exists(connection) else ()
            self._known = {revision: Checksum(code, file) for revision, code, file in rows}
        return self._known

    def forget(self) -> None:
        """Forget what was read: a transaction was rolled back, or somebody else may have been at work."""
        self._known = None
        self._side.forget()

    def create(self, connection: Connection) -> None:
        """Create the table where it is not there."""
        self._side.create(connection)

    def drop_empty(self, connection: Connection) -> None:
        """Drop the table where it is there and empty."""
        if not self.read(connection):
            self._side.drop(connection)

    def change(self, connection: Connection, marks: Marks) -> None:
        """Change what is kept, in the table that is there where something is put.

        It is dropped where nothing is left in it. Where that would commit it stays, for :meth:`drop_empty`.
        """
        if not marks:
            return
        known = self._read(connection)
        # A step looks at what it changes alone, and not at all that is kept: there may be thousands.
        of = known if marks.others_gone else marks.gone
        going = [each for each in of if each in known and each not in marks.put]
        if not marks.put and len(going) == len(known) and self._backend.transactional_ddl:
            self._side.drop(connection)
            known.clear()
            return
        key = self.table.c.version_num
        if going:
            connection.execute(self.table.delete().where(key == sa.bindparam("at")), [{"at": each} for each in going])
        new = [_row(each, mark) for each, mark in marks.put.items() if each not in known]
        other = [
            {"at": each, "checksum": mark.code, "file_hash": mark.file}
            for each, mark in marks.put.items()
            if each in known and known[each] != mark
        ]
        if new:
            connection.execute(self.table.insert(), new)
        if other:
            connection.execute(self.table.update().where(key == sa.bindparam("at")), other)
        for each in going:
            del known[each]
        known.update(marks.put)

    def create_script(self) -> str:
        """Return the statement that creates the table where it is not there."""
        return self._side.create_script()

    def change_script(self, marks: Marks) -> Iterator[str]:
        """Yield the statements that change what is kept, whatever it is, where the table is there. They drop it where nothing is left."""
        if marks.others_gone and not marks.put:
            yield self._side.drop_script()
            return
        if marks.others_gone:
            yield self._compiled(self.table.delete())
        elif marks.gone:
            going = sorted(marks.gone)
            count = self._backend.listed_at_once
            for start in range(0, len(going), count):
                named = [sa.literal(each, sa.String) for each in going[start : start + count]]
                yield self._compiled(self.table.delete().where(self.table.c.version_num.in_(named)))
        for each, mark in marks.put.items():
            yield self._compiled(self.table.insert().values(**_row(each, mark)))

    def _compiled(self, statement: sa.Delete | sa.Insert) -> str:
        return str(statement.compile(dialect=self._backend.dialect, compile_kwargs={"literal_binds": True}))


def _row(revision: str, mark: Checksum) -> dict[str, str]:
    return {"version_num": revision, "checksum": mark.code, "file_hash": mark.file}
