"""What hangs on tables and is not a model's, from the catalog: each with its definition, what is said about it, and what it stands on.

What depends on what is the server's own record, ``pg_depend``: it is what ALTER and DROP go by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from schemadiff.backends.postgresql import dependant_queries as queries
from schemadiff.backends.postgresql.census import Census
from schemadiff.backends.postgresql.lexicon import quoted
from schemadiff.backends.records import Record
from schemadiff.operations import AlterColumn, AlterDomain, AlterEnum, Key, Operation
from schemadiff.operations.base import (
    column_key,
    constraint_key,
    index_key,
    key_key,
    relation_key,
    schema_key,
    type_key,
)
from schemadiff.schema import UNSET, Computed, Dependant, Name

if TYPE_CHECKING:
    pass

__all__ = ["Dependants", "disturbed"]

Rows = Sequence[Record]
_Own = tuple[str, int]
"""Kind and oid: what tells a dependant in the catalog."""

_GO_ALONG = frozenset({"statistics", "grant", "replica identity", "cluster", "partition"})
"""Kinds that mean nothing without what they stand on. Without the rest, something else would happen than what was asked for."""


def disturbed(operation: Operation) -> frozenset[Key]:
    """Return what nothing may stand on while ``operation`` runs, or its reverse: what goes away, and columns whose type changes.

    Source: the PostgreSQL manual, "Dependency Tracking"; for types ``RememberAllDependentForRebuilding`` in
    src/backend/commands/tablecmds.c.
    """
    match operation:
        case AlterColumn(before=before, after=after):
            remade = isinstance(before.default, Computed) != isinstance(after.default, Computed)
            if after.type is UNSET and after.collation is UNSET and (after.default is UNSET or not remade):
                return operation.effects().removes
            changed = {column_key(operation.table, operation.name), _row_key(operation.table)}
            return operation.effects().removes | changed
        case AlterEnum() | AlterDomain() if not (operation.in_place and operation.reverse().in_place):
            columns = frozenset(column_key(column.table, column.name) for column in operation.columns)
            return columns | {_definition_key(operation.name)}
    return operation.effects().removes


def _row_key(table: Name) -> Key:
    """The key of the type of a table's rows."""
    return ("row type", *table.sort_key)


def _definition_key(name: Name) -> Key:
    """The key of what a type is: it changes where the type is made anew, which keeps the rights on it."""
    return ("definition of type", *name.sort_key)


class Dependants:
    """All dependants of the schemas that are read."""

    def __init__(self, read: Callable[[str], Rows], census: Census, default: str | None) -> None:
        """Read them.

        Args:
            read: runs one of the queries.
            census: what there may be at all.
            default: the default schema.
        """
        self._default = default
        standing = read(queries.STANDING) if census.standing else ()
        self._functions = {row.oid: row for row in standing if not row.kind.endswith("view")}
        self._views = [row for row in standing if row.kind.endswith("view")]
        self._uses = self._edges(read(queries.EDGES) if census.edges else ())
        self._grants: dict[int, list[Dependant]] = defaultdict(list)
        self._standing_grants: list[Dependant] = []
        for row in read(queries.GRANTS) if census.grants else ():
            self._grant(row)
        self._said: dict[_Own, list[str]] = defaultdict(list)
        self._of_tables: dict[int, list[Record]] = defaultdict(list)
        for row in read(queries.PARTS) if census.parts else ():
            if row.relation is None:
                self._said[row.kind, row.oid].append(row.sql)
            else:
                self._of_tables[row.relation].append(row)

    def _name(self, schema: str, name: str) -> Name:
        return Name(name, None if schema == self._default else schema)

    # -- what stands on what

    def _edges(self, rows: Rows) -> Mapping[_Own, set[Key]]:
        found: dict[_Own, set[Key]] = defaultdict(set)
        self._others: dict[str, set[Key]] = defaultdict(set)
        for row in rows:
            keys = set(self._keys(row))
            if row.other is not None:
                self._others[row.other] |= keys
            else:
                found[row.kind, row.oid] |= keys
        return found

    def _keys(self, row: Record) -> tuple[Key, ...]:
        if row.on_kind == "function":
            function = self._functions.get(row.function)
            return () if function is None else (self._function_key(function),)
        name = self._name(row.schema, row.name)
        match row.on_kind:
            case "type":
                return (type_key(name), _definition_key(name))
            case "row type":
                return (_row_key(name),)
            case "index":
                return (index_key(name, name.name),)
            case "constraint" if row.columns is not None:
                # A query that groups by a key needs it to be one, whatever it is called.
                return (key_key(name, tuple(row.columns)),)
            case "constraint":
                return (constraint_key(name, row.part),)
        if row.part is None:
            return (relation_key(name),)
        return (relation_key(name), column_key(name, row.part))

    def _function_key(self, row: Record) -> Key:
        return ("function", *self._name(row.schema, row.name).sort_key)

    # -- rights

    def _grant(self, row: Record) -> None:
        """Note who has got which rights on an object, or has lost those that go without saying."""
        part = f" ({quoted(row.part)})" if row.kind == "column" else ""
        rights = ", ".join(f"{privilege}{part}" for privilege in row.privileges)
        option = " WITH GRANT OPTION" if row.grantable else ""
        give = f"GRANT {rights} ON {row.written} TO {row.grantee}"
        take = f"REVOKE {rights} ON {row.written} FROM {row.grantee}"
        sql, drop = (give + option, take) if row.given else (take, give)
        words = f"{rights} {'to' if row.given else 'not to'} {row.grantee}{option.lower()}"
        if row.kind in ("type", "schema"):
            uses = type_key(self._name(row.schema, row.part)) if row.kind == "type" else schema_key(row.schema)
            found = Dependant(
                kind="grant",
                name=f"{words} on {row.written}",
                sql=sql,
                drop=drop,
                uses=frozenset({uses}),
                goes_along=True,
            )
            self._standing_grants.append(found)
            return
        if row.kind == "sequence":
            words = f"{words} on {row.written}"
        # The column is put in where the table is known.
        uses_column = frozenset({("column", row.part)} if row.kind == "column" else ())
        grant = Dependant(kind="grant", name=words, sql=sql, drop=drop, uses=uses_column, goes_along=True)
        self._grants[row.oid if row.relation is None else row.relation].append(grant)

    # -- what is found

    def of_table(self, oid: int, table: Name) -> tuple[Dependant, ...]:
        """Return what is a part of a table, in the order in which it is made again."""
        rows = self._of_tables.get(oid, ())
        found = [self._part(row, table) for row in rows if row.kind != "partition"]
        for grant in self._grants.get(oid, ()):
            uses = frozenset(column_key(table, column) for _, column in grant.uses)
            found.append(replace(grant, table=table, uses=uses))
        found.extend(self._part(row, table) for row in rows if row.kind == "partition")
        return tuple(found)

    def _part(self, row: Record, table: Name) -> Dependant:
        uses = self._uses.get((row.kind, row.oid), set()) - {relation_key(table)}
        if row.index_name is not None:
            uses = {index_key(table, row.index_name)}
        return Dependant(
            kind=row.kind,
            name=row.name,
            table=table,
            sql=row.sql,
            also=(*self._said.get((row.kind, row.oid), ()), *(row.also or ())),
            drop=row.off or "",
            uses=frozenset(uses),
            goes_along=row.kind in _GO_ALONG,
        )

    def views(self) -> dict[Name, Dependant]:
        """Return the views of all schemas, with what hangs on them."""
        views = {}
        for row in self._views:
            name = self._name(row.schema, row.name)
            views[name] = Dependant(
                kind=row.kind,
                name=row.name,
                schema=name.schema,
                sql=_view_statement(row),
                also=(
                    *self._said.get(("relation", row.oid), ()),
                    *(grant.sql for grant in self._grants.get(row.oid, ())),
                ),
                drop=f"DROP {row.kind.upper()} {row.written}",
                uses=frozenset(self._uses.get(("relation", row.oid), ())) - {relation_key(name)},
                provides=frozenset({relation_key(name)}),
            )
        return views

    def routines(self) -> tuple[Dependant, ...]:
        """Return functions that stand on tables or types, rights on types and schemas, and what else is in the way of dropping a function."""
        functions = []
        for row in self._functions.values():
            name = self._name(row.schema, row.name)
            own = self._function_key(row)
            functions.append(
                Dependant(
                    kind=row.kind,
                    name=row.name,
                    schema=name.schema,
                    sql="" if row.sql is None else row.sql.rstrip(),
                    also=(
                        *self._said.get(("function", row.oid), ()),
                        *(grant.sql for grant in self._grants.get(row.oid, ())),
                    ),
                    drop="" if row.sql is None else f"DROP {row.kind.upper()} {row.written}",
                    uses=frozenset(self._uses.get(("function", row.oid), ())) - {own},
                    provides=frozenset({own}),
                )
            )
        others = [
            Dependant(kind="the", name=name, sql="", uses=frozenset(keys))
            for name, keys in self._others.items()
            if keys
        ]
        return (*functions, *self._standing_grants, *others)


def _view_statement(row: Record) -> str:
    method = f" USING {row.method}" if row.method else ""
    parameters = f" WITH ({', '.join(map(_parameter, row.parameters))})" if row.parameters else ""
    tablespace = f" TABLESPACE {row.tablespace}" if row.tablespace else ""
    data = "" if row.populated else "\nWITH NO DATA"
    query = row.sql.rstrip().removesuffix(";")
    return f"CREATE {row.kind.upper()} {row.written}{method}{parameters}{tablespace} AS\n{query}{data}"


def _parameter(setting: str) -> str:
    name, _, value = setting.partition("=")
    return f"{name}='" + value.replace("'", "''") + "'"
