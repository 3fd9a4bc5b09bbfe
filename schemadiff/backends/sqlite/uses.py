"""What views and triggers use, as SQLite itself sees it.

They are compiled in an empty database in memory that has the same tables, and the authorizer is told of every column that is read or written
(SQLite manual, "Compile-Time Authorization Callbacks"). The user's own database is not asked, so that no statement is spent on it.

Their text may come from anybody, as that of a snapshot does. Only what begins as the creation of a view or a trigger is sent,
which executes nothing of it, and the authorizer lets nothing else through either: no ATTACH, no VACUUM, no PRAGMA but those that describe.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from schemadiff.operations import Key
from schemadiff.operations.base import column_key, relation_key
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Dependant, Expression, Name, Schema, ascii_lower

__all__ = ["with_uses"]

_MISSING = re.compile(r"no such (?P<kind>function|collation sequence): (?P<name>.+)")
_ATTEMPTS = 50

# As the catalog writes it, whatever the user wrote: "CREATE", the kind, and the rest of the statement.
_HEAD = re.compile(r"CREATE (TEMP )?(VIEW|TRIGGER)\b", re.IGNORECASE)

_ALLOWED = frozenset(
    [
        sqlite3.SQLITE_CREATE_VIEW,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_DELETE,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    ]
)

# They describe what is there, whatever they are given, and views may select from them: pragma_table_info('account').
_DESCRIBING = frozenset(
    [
        "table_info",
        "table_xinfo",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "function_list",
        "collation_list",
    ]
)


def with_uses(schema: Schema) -> tuple[Dependant, ...]:
    """Return every view and trigger of ``schema`` with what it uses."""
    views = list(schema.dependants.values())
    triggers = [each for table in schema.tables.values() for each in table.dependants] + list(schema.routines)
    if not views and not triggers:
        return ()
    with closing(sqlite3.connect(":memory:")) as scratch:
        compiler = _Compiler(scratch, schema)
        return (*map(compiler.view, views), *map(compiler.trigger, triggers))


class _Compiler:
    """The database in memory."""

    def __init__(self, scratch: sqlite3.Connection, schema: Schema) -> None:
        self._scratch = scratch
        self._tables = {(name.schema or "main", ascii_lower(name.name)): table for name, table in schema.tables.items()}
        self._views = {(name.schema or "main", ascii_lower(name.name)): name for name in schema.dependants}
        self._seen: dict[tuple[str, str], set[str]] = {}
        for database in sorted({database for database, _ in (*self._tables, *self._views)} - {"main"}):
            self._try(f"ATTACH ':memory:' AS {_quoted(database)}")
        for (database, _), table in self._tables.items():
            columns = ", ".join(_quoted(column.name) for column in table.columns)
            self._try(f"CREATE TABLE {_quoted(database)}.{_quoted(table.name.name)} ({columns})")
        scratch.set_authorizer(self._authorize)
        for view in schema.dependants.values():
            self._created(view)

    def view(self, view: Dependant) -> Dependant:
        """Return ``view`` with what it uses."""
        name = Name(view.name, view.schema)
        uses = self._compiled([f"SELECT * FROM {self._written(name)}"]) - {relation_key(name)}
        return replace(view, uses=uses, provides=frozenset({relation_key(name)}))

    def trigger(self, trigger: Dependant) -> Dependant:
        """Return ``trigger`` with what it uses, the columns of its own table included."""
        if trigger.table is None:
            return trigger
        database = trigger.table.schema or "main"
        table = self._tables.get((database, ascii_lower(trigger.table.name)))
        if not self._created(trigger):
            return trigger
        columns = [column.name for column in table.columns] if table is not None else self._columns(trigger.table)
        where = self._written(trigger.table)
        changes = ", ".join(f"{_quoted(column)} = NULL" for column in columns)
        # One of them fires it.
        uses = set(
            self._compiled(
                [f"INSERT INTO {where} DEFAULT VALUES", f"DELETE FROM {where}", f"UPDATE {where} SET {changes}"]
            )
        )
        # The statement that fires it writes every column, so that the trigger's own text decides; and of a column that is inserted into
        # the authorizer is not told.
        words = {ascii_lower(word) for word in mentioned(Expression(trigger.sql, trigger.sql))}
        uses = {key for key in uses if key[0] != "column" or key[-1].lower() in words}
        self._try(f"DROP TRIGGER {_quoted(database)}.{_quoted(trigger.name)}")
        return replace(trigger, uses=frozenset(uses) - {relation_key(trigger.table)})

    def _written(self, name: Name) -> str:
        return f"{_quoted(name.schema or 'main')}.{_quoted(name.name)}"

    def _columns(self, name: Name) -> list[str]:
        rows = self._scratch.execute(
            "SELECT name FROM pragma_table_info(?, ?)", (name.name, name.schema or "main")
        ).fetchall()
        return [row[0] for row in rows]

    # -- compiling

    def _created(self, dependant: Dependant) -> bool:
        """Create a view or a trigger; False where it cannot be, or where its text is something else."""
        return _HEAD.match(dependant.sql) is not None and self._try(dependant.sql)

    def _try(self, statement: str) -> bool:
        """Execute a statement; one that fails fails in the user's database too, or stands on what is not there (a virtual table)."""
        for _ in range(_ATTEMPTS):
            try:
                self._scratch.execute(statement)
            except sqlite3.Error as error:
                if not self._supplied(str(error)):
                    return False
            else:
                return True
        return False

    def _supplied(self, message: str) -> bool:
        """Supply what an application adds to its connections, where ``message`` says that it is missing."""
        missing = _MISSING.match(message)
        if missing is None:
            return False
        if missing["kind"] == "function":
            self._scratch.create_function(missing["name"].removesuffix("()"), -1, lambda *_: None)
        else:
            self._scratch.create_collation(missing["name"], lambda one, other: (one > other) - (one < other))
        return True

    def _compiled(self, statements: Iterable[str]) -> frozenset[Key]:
        """Return what ``statements`` use, were they executed."""
        self._seen = defaultdict(set)
        for statement in statements:
            self._try(f"EXPLAIN {statement}")
        return frozenset(self._keys())

    def _authorize(
        self, action: int, one: str | None, two: str | None, database: str | None, source: str | None
    ) -> int:
        if action not in _ALLOWED and not (action == sqlite3.SQLITE_PRAGMA and one in _DESCRIBING):
            return sqlite3.SQLITE_DENY
        if action in (sqlite3.SQLITE_READ, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE) and one:
            found = self._seen.setdefault((database or "main", ascii_lower(one)), set())
            found.add(two or "")
            if action == sqlite3.SQLITE_INSERT:
                table = self._tables.get((database or "main", ascii_lower(one)))
                found |= {column.name for column in table.columns} if table is not None else set()
        return sqlite3.SQLITE_OK

    def _keys(self) -> Iterator[Key]:
        for (database, name), columns in self._seen.items():
            table = self._tables.get((database, name))
            if table is None:
                if (database, name) in self._views:
                    yield relation_key(self._views[database, name])
                continue
            yield relation_key(table.name)
            spelled = {ascii_lower(column.name): column.name for column in table.columns}
            for column in columns:
                if ascii_lower(column) in spelled:
                    yield column_key(table.name, spelled[ascii_lower(column)])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
