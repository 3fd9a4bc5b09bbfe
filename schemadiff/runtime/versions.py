"""The version table: which revisions have run on a database. One column, one row for each head."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends import Backend, Guard
from schemadiff.errors import MigrationFailed
from schemadiff.schema import Name

__all__ = ["VersionTable"]


class VersionTable:
    """The version table of one environment.

    Args:
        backend: the backend that it stands on.
        name: its name.
        schema: its schema; None for the default one.
        primary_key: its column is a primary key.
    """

    def __init__(
        self, backend: Backend, name: str = "schemadiff_version", schema: str | None = None, *, primary_key: bool = True
    ) -> None:
        self._backend = backend
        self.table = sa.Table(
            name, sa.MetaData(), sa.Column("version_num", sa.String(32), nullable=False), schema=schema
        )
        if primary_key:
            self.table.append_constraint(sa.PrimaryKeyConstraint("version_num", name=f"{name}_pkc"))

    @property
    def name(self) -> Name:
        """Its qualified name; the default schema written out is no schema."""
        schema = self.table.schema
        return Name(self.table.name, None if schema == self._backend.server.default_schema else schema)

    def exists(self, connection: Connection) -> bool:
        """Return True where the table is there."""
        return bool(sa.inspect(connection).has_table(self.table.name, schema=self.table.schema))

    def read(self, connection: Connection, *, exclusively: bool = False) -> tuple[str, ...]:
        """Return the revisions that the database stands at, sorted; none where there is no version table.

        Args:
            connection: the connection.
            exclusively: read what stands there now, and keep others from changing it up to the end of the transaction, as far as the
                database can do that.
        """
        if not self.exists(connection):
            return ()
        query = sa.select(self.table.c.version_num)
        if exclusively:
            return tuple(sorted(self._backend.read_exclusively(connection, query)))
        return tuple(sorted(connection.execute(query).scalars()))

    def move(self, connection: Connection, before: Collection[str], after: Collection[str]) -> None:
        """Move the rows from ``before`` to ``after``, where they still are ``before``. The table is made where it is not there.

        Raises:
            MigrationFailed: they are not: somebody else has migrated meanwhile.
        """
        # Before it is read: what somebody else has made in between is then read too.
        if not before:
            self.create(connection)
        standing = self.read(connection, exclusively=True)
        if set(standing) != set(before):
            raise self.moved(before, standing)
        for change in self._changes(before, after):
            result = connection.execute(change)
            if not change.is_insert and connection.dialect.supports_sane_rowcount and result.rowcount != 1:
                raise self.moved(before, self.read(connection))

    def moved(self, before: Collection[str], standing: Collection[str]) -> MigrationFailed:
        """Return the error for rows that are not what they were."""
        was, now = (", ".join(sorted(rows)) or "base" for rows in (before, standing))
        return MigrationFailed(
            f"the version table {self.table.name} does not hold {was} any more but {now}: "
            "somebody else migrates this database at the same time; run 'schemadiff current', then try again"
        )

    def create(self, connection: Connection) -> None:
        """Create the table where it is not there.

        Raises:
            MigrationFailed: the database refuses it.
        """
        if self.exists(connection):
            return
        try:
            connection.execute(sa.schema.CreateTable(self.table))
        except sa.exc.DBAPIError as error:
            said = " ".join(str(error.orig).split())
            raise MigrationFailed(
                f"the version table {self.table.name} cannot be made: {said}; where somebody else migrates this database at the same "
                "time, run 'schemadiff current', then try again"
            ) from error

    def drop_empty(self, connection: Connection) -> None:
        """Drop the table where it is there and empty."""
        if self.exists(connection) and not self.read(connection):
            connection.execute(sa.schema.DropTable(self.table))

    def create_script(self) -> str:
        """Return the statement that creates the table where it is not there."""
        return self._backend.script_table(self.table)

    def reset_script(self, after: Collection[str]) -> Iterator[str]:
        """Yield the statements that set the rows to ``after``, whatever they are."""
        yield str(self.table.delete().compile(dialect=self._backend.dialect))
        yield from self.move_script((), after)

    def guard_script(self, before: Collection[str], after: Collection[str]) -> tuple[str, ...]:
        """Return the statements that fail where the rows that go are not there; where none was before, where any is there.

        A script goes on with its next revision where its client does not stop at an error, which must not run then.
        """
        going = sorted(set(before) - set(after))
        preparer = self._backend.dialect.identifier_preparer
        table, column = preparer.format_table(self.table), preparer.quote("version_num")
        named = ", ".join(self._backend.literal(each) for each in going)
        if going:
            holds = f"(SELECT COUNT(*) FROM {table} WHERE {column} IN ({named})) = {len(going)}"
        elif not before:
            holds = f"(SELECT COUNT(*) FROM {table}) = 0"
        else:
            return ()  # the primary key takes a row once
        stands = ", ".join(going) or "base"
        message = f"the database does not stand at {stands}: see {self.table.name}"
        return self._backend.script_guard(Guard(table, column, holds, message))

    def move_script(self, before: Collection[str], after: Collection[str]) -> Iterator[str]:
        """Yield the statements that move the rows from ``before`` to ``after``."""
        for change in self._changes(before, after):
            yield str(change.compile(dialect=self._backend.dialect, compile_kwargs={"literal_binds": True}))

    def _changes(self, before: Collection[str], after: Collection[str]) -> Iterator[sa.Insert | sa.Update | sa.Delete]:
        """Yield the fewest statements: a row that goes becomes one that comes."""
        going, coming = sorted(set(before) - set(after)), sorted(set(after) - set(before))
        column = self.table.c.version_num
        for old, new in zip(going, coming, strict=False):
            yield self.table.update().where(column == sa.literal(old, sa.String)).values(version_num=new)
        for old in going[len(coming) :]:
            yield self.table.delete().where(column == sa.literal(old, sa.String))
        for new in coming[len(going) :]:
            yield self.table.insert().values(version_num=new)
