"""Whether views and triggers still hold after a table has lost a column.

SQLite notices only when one is used. A rebuild leaves them as they are, so what a column was taken away from is found here, and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import exc
from sqlalchemy.engine import Connection

from schemadiff.backends.base import Backend
from schemadiff.backends.sqlite.cursor import Cursor

__all__ = ["broken"]


def broken(connection: Connection, schema: str | None) -> dict[str, str]:
    """Return the views and triggers that cannot be used, each with what SQLite says of it.

    Args:
        connection: the connection.
        schema: the attached database that is meant; None for the main one.
    """
    found: dict[str, str] = {}
    for label, statement in _probes(connection, schema or "main"):
        try:
            Backend.run(connection, f"EXPLAIN {statement}").close()
        except exc.DBAPIError as error:
            found[label] = str(error.orig)
    return found


def _probes(connection: Connection, schema: str) -> Iterator[tuple[str, str]]:
    database = _quoted(schema)
    rows = connection.exec_driver_sql(
        f"SELECT type, name, tbl_name, sql FROM {database}.sqlite_master WHERE type IN ('view', 'trigger') ORDER BY name"
    ).all()
    triggers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, name, table, sql in rows:
        if kind == "view":
            yield f"view {name}", f"SELECT * FROM {database}.{_quoted(name)}"
        else:
            triggers[table, _event(sql)].append(name)
    for (table, event), names in triggers.items():
        yield f"trigger {', '.join(names)} of {table}", _firing(connection, event, schema, table)


def _firing(connection: Connection, event: str, schema: str, table: str) -> str:
    """Return a statement that fires the triggers of ``table`` on ``event``, were it executed."""
    where = f"{_quoted(schema)}.{_quoted(table)}"
    if event == "INSERT":
        return f"INSERT INTO {where} DEFAULT VALUES"
    if event == "DELETE":
        return f"DELETE FROM {where}"
    columns = connection.exec_driver_sql(
        f"SELECT name FROM pragma_table_xinfo({_literal(table)}, {_literal(schema)}) WHERE hidden = 0"
    ).scalars()
    return f"UPDATE {where} SET {', '.join(f'{_quoted(column)} = NULL' for column in columns)}"


def _event(sql: str) -> str:
    cursor = Cursor(sql)
    cursor.expect("CREATE", "TRIGGER")
    cursor.name()
    while not cursor.is_word("INSERT", "UPDATE", "DELETE"):
        cursor.take()
    return cursor.take().text.upper()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
