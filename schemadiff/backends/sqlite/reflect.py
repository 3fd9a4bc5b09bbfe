"""SQLite's catalog to a Schema, in one statement: two where there are virtual tables, one more where other databases are asked for.

The stored SQL tells everything; the pragmas are there to check that it has been understood, and to tell real tables from the
shadow tables of virtual ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.engine import Connection

from schemadiff.backends.sqlite.canonical import finish_table
from schemadiff.backends.sqlite.cursor import Cursor, Unexpected
from schemadiff.backends.sqlite.parse import Parts, parse_table
from schemadiff.backends.sqlite.reader import Reader
from schemadiff.backends.tokens import TokenError
from schemadiff.errors import OperationError
from schemadiff.frozen import dataclass
from schemadiff.schema import (
    Computed,
    Dependant,
    ForeignKey,
    Index,
    Name,
    OtherRelation,
    Schema,
    Server,
    Table,
    ascii_lower,
    sorted_by_name,
)

__all__ = ["names", "owner", "reflect", "reflect_table"]

MAIN = "main"

T = TypeVar("T")

# What tells a table from all others: its schema, and its name as it spells itself or folded.
_Key = tuple[str | None, str]


class _Stored(NamedTuple):
    """A row of sqlite_master, and of a table what :data:`_FACTS` says of its columns."""

    schema: str | None
    kind: str
    name: str
    table: str
    sql: str
    facts: str | None

    @property
    def key(self) -> _Key:
        """What tells the table or view that it is, or hangs on."""
        return (self.schema, ascii_lower(self.table))


def reflect(connection: Connection, schemas: Sequence[str | None], server: Server) -> Schema:
    """Return everything in the databases ``schemas`` of the connection (None: main).

    Raises:
        OperationError: a database is not attached, or a stored statement cannot be understood.
    """
    wanted = list(dict.fromkeys(None if schema == MAIN else schema for schema in schemas))
    others = [schema for schema in wanted if schema is not None]
    attached = [row[1] for row in _rows(connection, "PRAGMA database_list")] if others else []
    for schema in others:
        if schema not in attached:
            raise OperationError(f"schema {schema} is no attached database; ATTACH it when the connection opens")
    stored = _stored(connection, wanted)
    virtual = _virtual(connection, stored, server)
    tables = _tables(stored, virtual)
    _check(tables, stored)
    views = {Name(row.name, row.schema): row for row in stored if row.kind == "view"}
    views_by_key = {(name.schema, ascii_lower(name.name)): name for name in views}
    return Schema(
        server=server,
        tables=tables,
        schemas=frozenset(schema for schema in wanted if schema is not None),
        dependants={name: _view(row) for name, row in views.items()},
        routines=tuple(
            _trigger(row, views_by_key[row.key]) for row in stored if row.kind == "trigger" and row.key in views_by_key
        ),
        others={name: OtherRelation(name=name, kind="virtual table") for name in virtual},
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
    referents = {key.referent.name for key in _understood(mine, parse_table, mine.sql, found).foreign_keys}
    referents.discard(mine.name)
    others = _stored(connection, [name.schema], only=sorted(referents)) if referents else []
    rows += [row for row in others if row.kind == "table" and row.name != mine.name and not _is_virtual(row.sql)]
    table = _tables(rows, frozenset())[found]
    _check({found: table}, rows)
    return table


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


# Stands between two columns; nothing that SQLite stores has it.
_BETWEEN = "\0"

# What the pragma says of a table's columns, each as its place in the primary key, a space, hidden and NOT NULL as a digit each, and its
# name. One text for a table is far quicker to fetch than a row for each column. Virtual tables are asked about too: where the module of one
# is missing, SQLite says so here, and could not tell its shadow tables from others.
_FACTS = (
    "(SELECT group_concat("
    "CASE WHEN x.pk OR x.hidden THEN x.pk || ' ' || x.hidden || x.\"notnull\" || x.name "
    "WHEN x.\"notnull\" THEN '0 01' || x.name ELSE '0 00' || x.name END, char(0)) "
    "FROM pragma_table_xinfo(m.name, {literal}) AS x)"
)


def _stored(connection: Connection, schemas: Sequence[str | None], only: Sequence[str] | None = None) -> list[_Stored]:
    select = (
        f"SELECT {{literal}}, type, name, tbl_name, sql, CASE type WHEN 'table' THEN {_FACTS} END, rowid "
        "FROM {quoted}.sqlite_master AS m WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'{among}"
    )
    rows = _rows(connection, _of_each(schemas, select, _among("tbl_name", only)) + " ORDER BY 1, 3, 7")
    return [
        _Stored(None if schema == MAIN else schema, kind, name, table, sql, facts)
        for schema, kind, name, table, sql, facts, _ in rows
    ]


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
    # SQLite itself begins what it stores of a table.
    return not sql.startswith("CREATE TABLE ") and Cursor(sql).accept("CREATE", "VIRTUAL", "TABLE")


@dataclass(slots=True)
class _Read:
    """What has been read of a table so far."""

    name: Name
    parts: Parts
    names: frozenset[str]
    indexes: list[Index] = field(default_factory=list)
    triggers: list[Dependant] = field(default_factory=list)


def _tables(stored: Sequence[_Stored], virtual: frozenset[Name]) -> dict[Name, Table]:
    readers = {schema: Reader(schema) for schema in {row.schema for row in stored}}
    found: list[_Read] = []
    by_key: dict[_Key, _Read] = {}
    for row in stored:
        if row.kind != "table":
            continue
        name = Name(row.name, row.schema)
        if name not in virtual:
            parts = _understood(row, readers[row.schema].table, row.sql)
            table = _Read(name, parts, frozenset([column.name for column in parts.columns]))
            found.append(table)
            by_key[row.schema, row.name] = by_key[row.key] = table
    for row in stored:
        if row.kind == "table" or row.kind == "view":
            continue
        # What hangs on a table mostly spells it as it spells itself.
        owner = by_key.get((row.schema, row.table)) or by_key.get(row.key)
        if owner is None:
            continue
        if row.kind == "index":
            read = readers[row.schema].index
            owner.indexes.append(_understood(row, read, row.sql, row.name, owner.parts.columns, owner.names))
        elif row.kind == "trigger":
            owner.triggers.append(_trigger(row, owner.name))
    for table in found:
        if table.parts.foreign_keys:
            # Sorted as they will be, or the table is made twice.
            resolved = [_resolved(key, by_key) for key in table.parts.foreign_keys]
            table.parts.foreign_keys = list(sorted_by_name(resolved))
    return {each.name: finish_table(each.parts.table(each.name, each.indexes, each.triggers)) for each in found}


def _resolved(key: ForeignKey, tables: Mapping[_Key, _Read]) -> ForeignKey:
    """Return a foreign key as its referent spells itself.

    One that names no columns points at the primary key (SQLite manual, "Foreign Key Support").
    """
    schema, name = key.referent.schema, key.referent.name
    referent = tables.get((schema, name)) or tables.get((schema, ascii_lower(name)))
    if referent is None:
        return key
    written = key.referent_columns
    if referent.name.name == name and written and referent.names.issuperset(written):
        return key
    spelled = {ascii_lower(name): name for name in referent.names}
    columns = tuple(spelled.get(ascii_lower(name), name) for name in written)
    if not columns and referent.parts.primary_key is not None:
        columns = referent.parts.primary_key.columns
    return replace(key, referent=referent.name, referent_columns=columns)


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


def _understood(row: _Stored, parse: Callable[..., T], *arguments: Any) -> T:
    try:
        return parse(*arguments)
    except (Unexpected, TokenError) as error:
        raise OperationError(
            f"{row.kind} {row.name}: its stored SQL cannot be understood ({error}); please report it, with the SQL"
        ) from error


def _check(tables: Mapping[Name, Table], stored: Iterable[_Stored]) -> None:
    """Compare what was read from the SQL with what SQLite itself has read from it.

    Raises:
        OperationError: they differ. To go on would mean to report, or to rebuild, a table that is not there.
    """
    columns = {(row.schema, row.name): row.facts for row in stored if row.facts is not None}
    for name, table in tables.items():
        found = columns.get((name.schema, name.name))
        told = [] if found is None else found.split(_BETWEEN)
        key = () if table.primary_key is None else table.primary_key.columns
        for column, facts in zip(table.columns, told, strict=False):
            place = key.index(column.name) + 1 if column.name in key else 0
            hidden = (3 if column.default.stored else 2) if isinstance(column.default, Computed) else 0
            if facts == f"{place} {hidden}{0 if column.nullable else 1}{column.name}":
                continue
            # Of what is NOT NULL by itself the pragma says nothing.
            if column.nullable or facts != f"{place} {hidden}0{column.name}":
                raise _misread(name, f"column {facts.partition(' ')[2][2:]}")
        if len(told) != len(table.columns):
            raise _misread(name, "number of columns")


def _misread(name: Name, what: str) -> OperationError:
    return OperationError(
        f"table {name}: its stored SQL has been misunderstood ({what}); please report it, with the SQL of the table"
    )
