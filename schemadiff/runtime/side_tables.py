"""The side tables: what we keep in a database beside the version table, each in a table that is there only while it holds something.

The version table stays the one column that other tools know. A side table has its name from it, so that each environment that shares
a database has its own, and stands in its schema.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends import Backend
from schemadiff.schema import Name

__all__ = ["SUFFIXES", "SideTable", "revision_column", "side_name"]

SUFFIXES = ("checksum", "journal")
"""The ends of the names of all side tables that there are."""

# A named primary key of the table has to fit too.
_KEY_SUFFIX = "_pkc"


class SideTable:
    """One table beside the version table, which is made when it is first needed.

    Whether it is there is asked of the database once, and remembered until :meth:`forget` is called: where a transaction was rolled
    back, or where somebody else may have been at work.

    Args:
        backend: the backend that it stands on.
        beside: the version table.
        suffix: the end of its name, one of `SUFFIXES`.
        columns: its columns. Those that are marked ``primary_key=True`` make a primary key, which gets a name.
    """

    def __init__(self, backend: Backend, beside: sa.Table, suffix: str, *columns: sa.Column[object]) -> None:
        assert suffix in SUFFIXES
        self._backend = backend
        name = side_name(backend, beside, suffix)
        self.table = sa.Table(name, sa.MetaData(), *columns, schema=beside.schema, **backend.own_table_arguments)
        self.table.primary_key.name = f"{name}{_KEY_SUFFIX}"
        self._there: bool | None = None

    @property
    def name(self) -> Name:
        """Its qualified name; the default schema written out is no schema."""
        schema = self.table.schema
        return Name(self.table.name, None if schema == self._backend.server.default_schema else schema)

    def exists(self, connection: Connection) -> bool:
        """Return True where the table is there."""
        if self._there is None:
            self._there = bool(sa.inspect(connection).has_table(self.table.name, schema=self.table.schema))
        return self._there

    def create(self, connection: Connection) -> None:
        """Create the table, where it is not there."""
        if not self.exists(connection):
            connection.execute(sa.schema.CreateTable(self.table))
            self._there = True

    def drop(self, connection: Connection) -> None:
        """Drop the table, where it is there."""
        if self.exists(connection):
            connection.execute(sa.schema.DropTable(self.table))
            self._there = False

    def forget(self) -> None:
        """Forget what is known of the table, so that the database is asked again."""
        self._there = None

    def create_script(self) -> str:
        """Return the statement that creates the table where it is not there."""
        return self._backend.script_table(self.table)

    def drop_script(self) -> str:
        """Return the statement that drops the table, which has to be there."""
        return str(sa.schema.DropTable(self.table).compile(dialect=self._backend.dialect)).strip()


def revision_column(backend: Backend) -> sa.Column[object]:
    """Return the column of a side table that names a revision, its key.

    The version table takes 32 characters, but many have widened theirs: so it takes as many as it can.
    """
    return sa.Column("version_num", sa.String(backend.own_key_length), primary_key=True)


def side_name(backend: Backend, beside: sa.Table, suffix: str) -> str:
    """Return the name of a side table: that of the version table, with a suffix.

    Where that is longer than the database takes, the end of the version table's name gives way to a hash of it.
    """
    name = f"{beside.name}_{suffix}"
    room = min(backend.own_name_bytes, backend.dialect.max_identifier_length) - len(_KEY_SUFFIX)
    if len(name.encode()) <= room:
        return name
    ending = f"_{hashlib.sha256(beside.name.encode()).hexdigest()[:8]}_{suffix}"
    return beside.name.encode()[: room - len(ending)].decode(errors="ignore") + ending
