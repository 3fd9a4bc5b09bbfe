"""The oracle: whether two databases have the same schema, by their own tools and by no code of ours.

    before = oracle.dump(url)                 # a URL or an Engine; on MariaDB also schemas=[...], the other databases
    oracle.assert_same(before, oracle.dump(other), open_names=oracle.unnamed_in(engine.dialect, metadata))
    assert oracle.dump(url).is_empty_but_for_ours()

What does not count (each rule stands in the module of its database, and ``test_mutations.py`` shows what it must not hide):

- the order of statements, and of columns and constraints in CREATE TABLE (that of columns in keys and indexes counts);
- our own tables, ``schemadiff_version`` and those beside it;
- AUTO_INCREMENT=n, the next value of a counter on MariaDB, and the name of the database itself there;
- PAGE_CHECKSUM of a table on MariaDB that is not Aria's;
- USING of a key on MariaDB, but for BTREE in MEMORY tables, the only ones that have a choice;
- on PostgreSQL, whether a cast stands on an array or on each of its elements, and the order of storage parameters;
- on PostgreSQL, the order of columns in extended statistics and in publications;
- comments of the dump, and settings of its session;
- names that ``open_names`` leaves open;
- on SQLite, how a table's stored SQL quotes, spaces and capitalises (a bare word after DEFAULT is a string), parentheses
  around a whole expression, whether a constraint was written on its column or on the table, the name of NOT NULL, NOT NULL
  on the column that is the rowid, and clauses that say what holds anyway: ON CONFLICT ABORT, MATCH SIMPLE, NOT DEFERRABLE.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.oracle import mysql, postgresql, sqlite
from tests.oracle.dumps import Dump, Name, OpenNames, assert_same, difference
from tests.oracle.names import is_server_given, unnamed_in

__all__ = ["OURS", "Dump", "Name", "OpenNames", "assert_same", "difference", "dump", "is_server_given", "unnamed_in"]

OURS = ("schemadiff_version", "schemadiff_version_checksum", "schemadiff_version_journal")


def dump(
    database: str | sa.URL | sa.Engine,
    *,
    schemas: Sequence[str] = (),
    leave_out: Sequence[str] = OURS,
) -> Dump:
    """Return the schema of a database.

    ``schemas`` are the further databases that belong to it on MariaDB, compared by their place in the list. ``leave_out``
    names the tables that do not count.
    """
    engine = database if isinstance(database, sa.Engine) else sa.create_engine(database, poolclass=NullPool)
    try:
        if engine.dialect.name == "postgresql":
            return postgresql.dump(engine, leave_out)
        if engine.dialect.name in ("mysql", "mariadb"):
            return mysql.dump(engine, leave_out, schemas)
        return sqlite.dump(engine, leave_out)
    finally:
        if engine is not database:
            engine.dispose()
