"""What the server will not do to a table that is there: refused by name, when the diff is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import lexicon_for
from schemadiff.backends.mysql.types import parse_type
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    Operation,
)
from schemadiff.schema import Column, Computed, DataType, PrimaryKey, Table, UniqueConstraint, option

__all__ = ["possible"]

_PLACES = ("data_directory", "index_directory")
_NUMBERS_AND_TIMES = (
    *("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit"),
    *("year", "date", "time", "datetime", "timestamp"),
)
_SHAPES = (
    *("geometry", "point", "linestring", "polygon", "geometrycollection"),
    *("multipoint", "multilinestring", "multipolygon"),
)
# What the values of a type can be turned into: what has the same word here. Texts, bytes, ENUM and SET turn into all of it, and back.
_KINDS = {
    **dict.fromkeys(_NUMBERS_AND_TIMES, "number or time"),
    **dict.fromkeys(_SHAPES, "geometry"),
    **{name: name for name in ("inet4", "inet6", "uuid")},
}


def possible(operations: Iterable[Operation], source: Table, target: Table, facts: Facts) -> Iterator[Operation]:
    """Yield the operations on a table, without what nobody asked for.

    Raises:
        UnsupportedOperation: the server would refuse one of them.
    """
    versioned = option(source.options, "system_versioning") and option(target.options, "system_versioning")
    for operation in operations:
        if isinstance(operation, AlterTable):
            rest = _without_places(operation, source, target)
            if rest is not None:
                yield rest
            continue
        columns = tuple(_columns(operation, source, target))
        if len({option(column.options, "without_system_versioning") for column in columns}) > 1:
            # A table without versioning does not know the words, and one with it has a history.
            raise UnsupportedOperation(
                f"table {target.name}: {operation.describe()}: no column that is there can be left out of system versioning, or taken into "
                "it; write it with op.execute()"
            )
        if isinstance(operation, AlterColumn) and len(columns) == 2 and not _turns(*columns, facts):
            old, new = (column.type.sql for column in columns)
            raise UnsupportedOperation(
                f"table {target.name}: {operation.describe()}: the server turns no {old} into {new}, or back; change the column to a text "
                "that both can be turned into in a revision of its own, or drop it and add it anew"
            )
        if any(option(column.options, "system_time") for column in columns):
            raise UnsupportedOperation(
                f"table {target.name}: {operation.describe()}: the column holds the time of a system-versioned row, and comes and goes "
                "with its period alone; write ALTER TABLE ... ADD PERIOD FOR SYSTEM_TIME with op.execute()"
            )
        if versioned and not facts.alters_history and _changes_history(operation):
            # "system_versioning_alter_history: ERROR: ALTER TABLE will result in an error" ("System-Versioned Tables", MariaDB).
            raise UnsupportedOperation(
                f"table {target.name}: {operation.describe()}: the table has system versioning, and the server changes its history only "
                "in a session that says SET system_versioning_alter_history = KEEP; say so in env.py"
            )
        yield operation


def _turns(before: Column, after: Column, facts: Facts) -> bool:
    """Return True where the server can turn the values of ``before`` into those of ``after``, and back.

    MariaDB: "Cannot cast 'int' as 'inet6' in assignment" (error 4078). What is computed is computed anew. MySQL has no such types but
    geometries, and looks at each value.
    """
    if facts.mysql or (isinstance(before.default, Computed) and isinstance(after.default, Computed)):
        return True
    kinds = {_kind(before.type, facts), _kind(after.type, facts)}
    return len(kinds) == 1 or None in kinds


def _kind(type_: DataType, facts: Facts) -> str | None:
    spec = parse_type(type_.sql, lexicon_for(facts))
    return None if spec is None else _KINDS.get(spec.base)


def _without_places(operation: AlterTable, source: Table, target: Table) -> AlterTable | None:
    """Return a change of options without the directories that a model leaves open: they are no part of it.

    Raises:
        UnsupportedOperation: two databases differ in a directory, which ALTER TABLE ignores ("CREATE TABLE", "DATA DIRECTORY").
    """
    places = [name for name in _PLACES if name in dict(operation.after)]
    if not places:
        return operation
    name = places[0]
    left_open = any(table.origin is not None and option(table.options, name) is None for table in (source, target))
    if not left_open:
        raise UnsupportedOperation(
            f"table {target.name}: its {name.replace('_', ' ')} cannot be changed by ALTER TABLE; make a new table there, copy the rows "
            "and rename it, with op.execute()"
        )
    after = tuple(pair for pair in operation.after if pair[0] not in places)
    before = operation.before
    if isinstance(before, tuple):
        before = tuple(pair for pair in before if pair[0] not in places)
    return replace(operation, after=after, before=before) if after else None


def _columns(operation: Operation, source: Table, target: Table) -> Iterator[Column]:
    match operation:
        case AddColumn(column=column):
            yield column
        case AlterColumn(name=name) | DropColumn(name=name):
            yield from (each for each in (source.column(name), target.column(name)) if each is not None)


def _changes_history(operation: Operation) -> bool:
    match operation:
        case AddColumn() | AlterColumn() | DropColumn():
            return True
        case AddConstraint(constraint=constraint) | DropConstraint(constraint=constraint):
            return isinstance(constraint, (PrimaryKey, UniqueConstraint))
        case CreateIndex(index=index):
            return index.unique
    return False
