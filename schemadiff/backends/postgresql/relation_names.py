"""Names that relations and types share: a table, index, sequence or view has one among all of its schema, and rows of a table are a type.

Sources: the PostgreSQL manual, "CREATE TABLE" ("the name must be distinct from the name of any other relation"; "CREATE TABLE also automatically
creates a data type"), and "pg_class".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from schemadiff.backends.records import Record
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AlterColumn,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumn,
    DropSequence,
    DropTable,
    Effects,
    Key,
    Operation,
)
from schemadiff.operations.base import index_key, relation_key, type_key
from schemadiff.schema import Name, OtherRelation, Schema

if TYPE_CHECKING:
    pass

__all__ = ["OTHERS", "read_others", "refuse_taken", "relation_effects"]

# What has the name of a relation or type, and is none of what the other queries read. What an identity's sequence or a partition belongs to is told.
OTHERS = """
    SELECT n.nspname::text AS schema, c.relname::text AS name,
        CASE WHEN c.relkind = 'f' THEN 'foreign table' WHEN c.relkind = 'c' THEN 'composite type' WHEN c.relkind = 'S' THEN 'sequence'
            WHEN c.relkind = 'v' THEN 'view' WHEN c.relkind = 'm' THEN 'materialized view' WHEN c.relkind IN ('i', 'I') THEN 'index'
            WHEN c.relispartition THEN 'partition' ELSE 'table' END AS kind,
        o.relname::text AS owner, a.attname::text AS owner_column, m.nspname::text AS owner_schema
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
    LEFT JOIN pg_catalog.pg_depend AS d
        ON c.relkind = 'S' AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i'
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0
    LEFT JOIN pg_catalog.pg_class AS o ON o.oid = CASE WHEN d.refobjid IS NOT NULL THEN d.refobjid
        WHEN c.relispartition THEN pg_catalog.pg_partition_root(c.oid) WHEN t.relispartition THEN pg_catalog.pg_partition_root(t.oid) END
    LEFT JOIN pg_catalog.pg_namespace AS m ON m.oid = o.relnamespace
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE n.nspname::text = ANY (CAST(:schemas AS text[])) AND c.relpersistence <> 't' AND (
        c.relkind IN ('f', 'c') OR c.relispartition OR t.relispartition OR t.relkind = 'm' OR d.objid IS NOT NULL
        OR EXISTS (
            SELECT FROM pg_catalog.pg_depend AS e
            WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid IN (c.oid, t.oid) AND e.deptype = 'e'
        )
    )
    UNION ALL
    SELECT n.nspname::text, y.typname::text, CASE y.typtype WHEN 'r' THEN 'range type' WHEN 'm' THEN 'multirange type' ELSE 'type' END,
        NULL, NULL, NULL
    FROM pg_catalog.pg_type AS y JOIN pg_catalog.pg_namespace AS n ON n.oid = y.typnamespace
    WHERE n.nspname::text = ANY (CAST(:schemas AS text[])) AND y.typtype IN ('b', 'r', 'm')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS e WHERE e.typarray = y.oid)
    ORDER BY 1, 2
"""


def read_others(rows: Iterable[Record], default: str | None) -> dict[Name, OtherRelation]:
    """Return what the rows of ``OTHERS`` tell."""

    def name(schema: str, bare: str) -> Name:
        return Name(bare, None if schema == default else schema)

    found = (
        OtherRelation(
            name=name(row.schema, row.name),
            kind=row.kind,
            table=None if row.owner is None else name(row.owner_schema, row.owner),
            column=row.owner_column,
        )
        for row in rows
    )
    return {each.name: each for each in found}


def relation_effects(operation: Operation, effects: Effects) -> Effects:
    """Return which names of relations and types ``operation`` takes and gives back, by its ``effects``."""
    rows = not isinstance(operation, (CreateSequence, DropSequence))
    return Effects(provides=_names(effects.provides, rows=rows), removes=_names(effects.removes, rows=rows))


def _names(keys: Iterable[Key], *, rows: bool = True) -> frozenset[Key]:
    """Return the names among ``keys``; with ``rows``, those of relations are types too."""
    found: set[Key] = set()
    for kind, *rest in keys:
        if kind in ("relation", "index"):
            found.add(("name of a relation", *rest))
        if kind == "type" or (kind == "relation" and rows):
            found.add(("name of a type", *rest))
    return frozenset(found)


@dataclass(frozen=True)
class _Standing:
    """What has a name: in words, and the table and column with which it goes."""

    words: str
    table: Name | None = None
    column: str | None = None

    def goes(self, operations: Iterable[Operation]) -> bool:
        """Return True where one of ``operations`` may take it away with what it belongs to."""
        return self.table is not None and any(self._is_met(each) for each in operations)

    def _is_met(self, operation: Operation) -> bool:
        match operation:
            case DropTable(name=name):
                return name == self.table
            case DropColumn(table=table, name=column) | AlterColumn(table=table, name=column):
                return (table, column) == (self.table, self.column)
        return False


def refuse_taken(operations: Sequence[Operation], source: Schema) -> None:
    """Refuse to give a name to a relation that something else has, which stays: nothing that is not a model's is dropped for it.

    A view whose name a table takes is not meant here: it is taken off, or refused, with what else is in the way.

    Raises:
        UnsupportedOperation: an operation would do so.
    """
    named = [(operation, relation_effects(operation, operation.effects())) for operation in operations]
    made = [(operation, keys) for operation, effects in named if (keys := _given(operation, effects.provides))]
    if not made:
        return
    freed = {key for _, effects in named for key in effects.removes}
    standing = {key: found for found, keys in _standing(source) for key in keys if key not in freed}
    for operation, keys in made:
        for key in sorted(keys & standing.keys()):
            found = standing[key]
            of_view = found.words.startswith(("view ", "materialized view ")) and _is_relation(operation)
            if not of_view and not found.goes(operations):
                raise UnsupportedOperation(
                    f"{operation.describe()}: {found.words} has this name, and is not the model's; "
                    "rename or drop it in a revision before this one, or choose another name"
                )


def _is_relation(operation: Operation) -> bool:
    return isinstance(operation, (CreateTable, CreateView, CreateSequence))


def _given(operation: Operation, given: frozenset[Key]) -> frozenset[Key]:
    """Return the names ``given`` by an operation, but for those that CREATE TABLE leaves to the server: it takes one that is free."""
    if not isinstance(operation, CreateTable):
        return given
    open_ = [each for each in operation.table.constraints() if each.implicit and each.name is not None]
    return given - _names(index_key(operation.table.name, str(each.name)) for each in open_)


def _standing(source: Schema) -> Iterator[tuple[_Standing, frozenset[Key]]]:
    for name, table in source.tables.items():
        yield _Standing(f"table {name}"), _names({relation_key(name)})
        for index in table.indexes:
            yield _Standing(f"index {index.name} of table {name}"), _names({index_key(name, index.name)})
        for constraint in (table.primary_key, *table.uniques, *table.excludes):
            if constraint is not None and constraint.name is not None:
                words = f"constraint {constraint.name} of table {name}"
                yield _Standing(words), _names({index_key(name, constraint.name)})
    yield from ((_Standing(f"enum type {name}"), _names({type_key(name)})) for name in source.enums)
    yield from ((_Standing(f"domain {name}"), _names({type_key(name)})) for name in source.domains)
    for name in source.sequences:
        yield _Standing(f"sequence {name}"), _names({relation_key(name)}, rows=False)
    for name, owned in source.owned.items():
        words = f"the sequence of column {owned.table}.{owned.column}"
        yield _Standing(words, owned.table, owned.column), _names({relation_key(name)}, rows=False)
    for name, view in source.dependants.items():
        yield _Standing(str(view)), _names({relation_key(name)})
    for name, other in source.others.items():
        yield _Standing(f"{other.kind} {name}", other.table, other.column), _other(name, other)


def _other(name: Name, other: OtherRelation) -> frozenset[Key]:
    if other.kind.endswith("range type") or other.kind == "type":
        return _names({type_key(name)})
    return _names({relation_key(name)}, rows=other.kind not in ("sequence", "index"))
