"""SQLite's catalog to a Schema, in four statements.

The stored SQL tells everything; the pragmas are there to check that it has been understood, and to tell real tables from the
shadow tables of virtual ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from schemadiff.backends.sqlite.canonical import finish_table
from schemadiff.backends.sqlite.cursor import Cursor, Unexpected
from schemadiff.backends.sqlite.parse import parse_index, parse_table
from schemadiff.backends.tokens import TokenError
from schemadiff.errors import OperationError
from schemadiff.frozen import dataclass
from schemadiff.schema import Computed, Dependant, Name, Schema, Server, Table, ascii_lower

__all__ = ["names", "owner", "reflect", "reflect_table", "resolved"]

MAIN = "main"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A row of sqlite_master."""

    schema: str | None
    kind: str
    name: str
    table: str
    sql: str


def reflect(connection: Connection, schemas: Sequence[str | None], server: Server) -> Schema:
    """Return everything in the databases ``schemas`` of the connection (None: main).

    Raises:
        OperationError: a database is not attached, or a stored statement cannot be understood.
    """
    attached = [row[1] for row in _rows(connection, "PRAGMA database_list")]
    wanted: list[str | None] = []
    for schema in schemas:
        schema = None if schema in (None, MAIN) else schema
        if schema is not None and schema not in attached:
            raise OperationError(f"schema {schema} is no attached database; ATTACH it when the connection opens")
        if schema not in wanted:
            wanted.append(schema)
    stored = _stored(connection, wanted)
    virtual = _virtual(connection, stored, server)
    tables, dependants = _tables(stored, virtual)
    _check(tables, _columns(connection, wanted))
    views = {Name(row.name, row.schema): row for row in stored if row.kind == "view"}
    views_by_key = {(name.schema, ascii_lower(name.name)): name for name in views}
    return Schema(
        server=server,
        tables={name: replace(table, dependants=tuple(dependants[name])) for name, table in tables.items()},
        schemas=frozenset(schema for schema in wanted if schema is not None),
        dependants={name: _view(row) for name, row in views.items()},
        routines=tuple(_trigger(row, views_by_key[key]) for row in stored if (key := _key(row)) in views_by_key),
        complete=True,
    )


def reflect_table(connection: Connection, name: Name) -> Table | None:
    """Return one table with its indexes and triggers as they stand, or None where there is none of that name.

    Nothing is read but that table and the ones that its foreign keys point at.
    """
    rows = _stored(connection, [name.schema], only=[name.name])
    mine = next((row for row in rows if row.kind == "table" and not _is_virtual(row.sql)), None)
    if mine is None:
        return None
    found = Name(mine.name, name.schema)
    referents = {key.referent.name for key in _understood(mine, lambda: parse_table(mine.sql, found)).foreign_keys}
    referents.discard(mine.name)
    others = _stored(connection, [name.schema], only=sorted(referents)) if referents else []
    rows += [row for row in others if row.kind == "table" and row.name != mine.name and not _is_virtual(row.sql)]
    tables, dependants = _tables(rows, frozenset())
    _check({found: tables[found]}, _columns(connection, [name.schema], only=[mine.name]))
    return replace(tables[found], dependants=tuple(dependants[found]))


def owner(connection: Connection, index: str, schema: str | None) -> Name | None:
    """Return the table of an index; None where there is no such index."""
    statement = f"SELECT name, tbl_name FROM {_quoted(schema or MAIN)}.sqlite_master WHERE type = 'index'"
    found = {row[0]: row[1] for row in _rows(connection, statement)}
    return Name(found[index], schema) if index in found else None


def names(connection: Connection, schema: str | None) -> list[str]:
    """Return the names of everything in one database."""
    found = _rows(connection, f"SELECT name FROM {_quoted(schema or MAIN)}.sqlite_master")
    return [row[0] for row in found]


def _rows(connection: Connection, statement: str) -> Sequence[Any]:
    found: Sequence[Any] = connection.exec_driver_sql(statement).all()
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _of_each(schemas: Iterable[str | None], select: str, among: str = "") -> str:
    """Return one statement that asks every database: ``select`` with its name as an identifier and as a literal."""
    names = [schema or MAIN for schema in schemas]
    parts = [select.format(quoted=_quoted(name), literal=_literal(name), among=among) for name in names]
    return " UNION ALL ".join(parts)


def _among(column: str, only: Sequence[str] | None) -> str:
    """Return a condition that picks the names ``only``, in any case; none where all are wanted."""
    if only is None:
        return ""
    return f" AND {column} COLLATE NOCASE IN ({', '.join(map(_literal, only))})"


def _stored(connection: Connection, schemas: Sequence[str | None], only: Sequence[str] | None = None) -> list[_Stored]:
    select = (
        "SELECT {literal}, type, name, tbl_name, sql, rowid FROM {quoted}.sqlite_master "
        "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'{among}"
    )
    rows = _rows(connection, _of_each(schemas, select, _among("tbl_name", only)) + " ORDER BY 1, 3, 6")
    return [_Stored(None if row[0] == MAIN else row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _virtual(connection: Connection, stored: Sequence[_Stored], server: Server) -> frozenset[Name]:
    """Return the names of virtual tables and of the shadow tables in which they keep their content."""
    virtual = {Name(row.name, row.schema) for row in stored if row.kind == "table" and _is_virtual(row.sql)}
    if not virtual:
        return frozenset()
    if server.version and server.version < (3, 37):
        # No pragma tells. Shadow tables are called after the virtual table that they belong to.
        return frozenset(
            Name(row.name, row.schema)
            for row in stored
            for owner in virtual
            if row.schema == owner.schema and (row.name == owner.name or _is_shadow_name(row.name, owner.name))
        )
    rows = _rows(connection, "SELECT schema, name FROM pragma_table_list WHERE type IN ('virtual', 'shadow')")
    return frozenset(Name(row[1], None if row[0] == MAIN else row[0]) for row in rows)


# The endings of shadow tables of fts3, fts4, fts5 and rtree (SQLite manual, "The Virtual Table Mechanism", xShadowName).
_SHADOWS = frozenset(
    ["config", "content", "data", "docsize", "idx", "node", "parent", "rowid", "segdir", "segments", "stat"]
)


def _is_shadow_name(name: str, owner: str) -> bool:
    return name.startswith(f"{owner}_") and name.removeprefix(f"{owner}_") in _SHADOWS


def _is_virtual(sql: str) -> bool:
    cursor = Cursor(sql)
    return cursor.accept("CREATE", "VIRTUAL", "TABLE")


def _tables(
    stored: Sequence[_Stored], virtual: frozenset[Name]
) -> tuple[dict[Name, Table], defaultdict[Name, list[Dependant]]]:
    tables: dict[Name, Table] = {}
    dependants: defaultdict[Name, list[Dependant]] = defaultdict(list)
    names: dict[tuple[str | None, str], Name] = {}
    for row in stored:
        name = Name(row.name, row.schema)
        if row.kind == "table" and name not in virtual:
            tables[name] = _understood(row, lambda row=row, name=name: parse_table(row.sql, name))
            names[row.schema, ascii_lower(row.name)] = name
    for row in stored:
        owner = names.get((row.schema, ascii_lower(row.table)))
        if owner is None:
            continue
        if row.kind == "index":
            index = _understood(row, lambda row=row, owner=owner: parse_index(row.sql, row.name, tables[owner]))
            tables[owner] = replace(tables[owner], indexes=(*tables[owner].indexes, index))
        elif row.kind == "trigger":
            dependants[owner].append(_trigger(row, owner))
    return {name: finish_table(resolved(table, tables, names)) for name, table in tables.items()}, dependants


def _key(row: _Stored) -> tuple[str | None, str] | None:
    """Return what a trigger is on; None for anything else."""
    return (row.schema, ascii_lower(row.table)) if row.kind == "trigger" else None


def _view(row: _Stored) -> Dependant:
    written = _written(row.name, row.schema)
    return Dependant(
        kind="view", name=row.name, schema=row.schema, sql=_in_schema(row, "VIEW"), drop=f"DROP VIEW {written}"
    )


def _trigger(row: _Stored, owner: Name) -> Dependant:
    written = _written(row.name, row.schema)
    return Dependant(
        kind="trigger", name=row.name, table=owner, sql=_in_schema(row, "TRIGGER"), drop=f"DROP TRIGGER {written}"
    )


def _written(name: str, schema: str | None) -> str:
    return _quoted(name) if schema is None else f"{_quoted(schema)}.{_quoted(name)}"


def _in_schema(row: _Stored, kind: str) -> str:
    """Return a stored statement for the attached database that it is stored in, which it does not name itself."""
    head = f"CREATE {kind} "
    if row.schema is None or not row.sql.startswith(head):
        return row.sql
    return f"{head}{_quoted(row.schema)}.{row.sql.removeprefix(head)}"


def _understood(row: _Stored, parse: Any) -> Any:
    try:
        return parse()
    except (Unexpected, TokenError) as error:
        raise OperationError(
            f"{row.kind} {row.name}: its stored SQL cannot be understood ({error}); please report it, with the SQL"
        ) from error


def resolved(table: Table, tables: Mapping[Name, Table], names: Mapping[tuple[str | None, str], Name]) -> Table:
    """Return ``table`` with its foreign keys as their referents spell themselves.

    A foreign key that names no columns points at the primary key (SQLite manual, "Foreign Key Support").
    """
    keys = []
    for key in table.foreign_keys:
        referent = tables.get(names.get((key.referent.schema, ascii_lower(key.referent.name)), key.referent))
        if referent is not None:
            spelled = {ascii_lower(column.name): column.name for column in referent.columns}
            columns = tuple(spelled.get(ascii_lower(name), name) for name in key.referent_columns)
            if not columns and referent.primary_key is not None:
                columns = referent.primary_key.columns
            key = replace(key, referent=referent.name, referent_columns=columns)
        keys.append(key)
    return replace(table, foreign_keys=tuple(keys))


def _columns(
    connection: Connection, schemas: Sequence[str | None], only: Sequence[str] | None = None
) -> dict[Name, list[tuple[str, bool, int, int]]]:
    """Return what the pragma says of every table's columns: name, NOT NULL, place in the primary key, hidden."""
    select = (
        'SELECT {literal}, m.name, x.name, x."notnull", x.pk, x.hidden, x.cid '
        "FROM {quoted}.sqlite_master AS m JOIN pragma_table_xinfo(m.name, {literal}) AS x WHERE m.type = 'table'{among}"
    )
    found: dict[Name, list[tuple[str, bool, int, int]]] = defaultdict(list)
    for schema, table, column, notnull, key, hidden, _ in _rows(
        connection, _of_each(schemas, select, _among("m.name", only)) + " ORDER BY 1, 2, 7"
    ):
        found[Name(table, None if schema == MAIN else schema)].append((column, bool(notnull), key, hidden))
    return found


def _check(tables: Mapping[Name, Table], columns: Mapping[Name, list[tuple[str, bool, int, int]]]) -> None:
    """Compare what was read from the SQL with what SQLite itself has read from it.

    Raises:
        OperationError: they differ. To go on would mean to report, or to rebuild, a table that is not there.
    """
    for name, table in tables.items():
        ours = [_facts(table, column.name) for column in table.columns]
        theirs = [(column, key, hidden, notnull) for column, notnull, key, hidden in columns.get(name, [])]
        for mine, other in zip(ours, theirs, strict=False):
            if mine[:3] != other[:3] or (other[3] and not mine[3]):
                raise _misread(name, f"column {other[0]}")
        if len(ours) != len(theirs):
            raise _misread(name, "number of columns")


def _facts(table: Table, column_name: str) -> tuple[str, int, int, bool]:
    column = table.column(column_name)
    assert column is not None
    key = table.primary_key
    place = key.columns.index(column_name) + 1 if key is not None and column_name in key.columns else 0
    hidden = 0
    if isinstance(column.default, Computed):
        hidden = 3 if column.default.stored else 2
    return (column.name, place, hidden, not column.nullable)


def _misread(name: Name, what: str) -> OperationError:
    return OperationError(
        f"table {name}: its stored SQL has been misunderstood ({what}); please report it, with the SQL of the table"
    )
