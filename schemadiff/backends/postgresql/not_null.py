"""The names of NOT NULL constraints, which are constraints like others since PostgreSQL 18: a name is free before it is given again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends.postgresql.column_options import not_null_name
from schemadiff.backends.postgresql.naming import choose
from schemadiff.operations import AddColumn, AlterColumn, DropColumn, Effects, Key, Operation
from schemadiff.operations.base import constraint_key
from schemadiff.schema import UNSET, Column, ColumnState, Name, Options, Schema, Table, Unset, options

__all__ = ["name_effects", "names_in_turn"]


def name_effects(operation: Operation, between: tuple[Schema, Schema] | None = None) -> Effects:
    """Return which names of NOT NULL constraints ``operation`` takes and gives back, among those of its table's constraints.

    Args:
        operation: the operation.
        between: the two sides, where they are known. A name that neither has is one that a column has between two operations, see
            :func:`names_in_turn`: nothing waits for it.
    """
    match operation:
        case AddColumn(table=table, column=column):
            return Effects(provides=_key(table, _of(table, column)))
        case DropColumn(table=table, column=Column() as column):
            return Effects(removes=_key(table, _of(table, column)))
        case AlterColumn(table=table):
            before, after = _names(operation)
            if before == after:
                return Effects()
            if between is not None and before is not None and after is not None:
                known = _known_names(side.tables[table] for side in between if table in side.tables)
                before, after = (name if name in known else None for name in (before, after))
            return Effects(provides=_key(table, after), removes=_key(table, before))
    return Effects()


def _key(table: Name, name: str | None) -> frozenset[Key]:
    return frozenset() if name is None else frozenset({constraint_key(table, name)})


def _of(table: Name, column: Column) -> str | None:
    return _name(table, column.name, column.nullable, column.options)


def _name(table: Name, column: str, nullable: bool | Unset, options: Options | Unset) -> str | None:
    return None if nullable is not False else not_null_name(table, column, () if options is UNSET else options)


def _names(operation: AlterColumn) -> tuple[str | None, str | None]:
    """Return the name of a column's constraint before and after; None for one that has none, or of which nobody knows."""
    before, after = operation.before, operation.after.over(operation.before)
    found = (_name(operation.table, operation.name, each.nullable, each.options) for each in (before, after))
    return next(found), next(found)


def names_in_turn(operations: Sequence[Operation], source: Schema, target: Schema) -> list[Operation]:
    """Return ``operations`` with one column given a name of its own first where columns change the names of their NOT NULL in a ring.

    The constraint stays, as it has to in a primary key and on an identity, and no row is looked at again.
    """
    result = list(operations)
    by_table: dict[Name, dict[str, AlterColumn]] = {}
    for operation in operations:
        if isinstance(operation, AlterColumn) and (names := _names(operation))[0] != names[1] and names[0] is not None:
            by_table.setdefault(operation.table, {})[names[0]] = operation
    for table, holders in by_table.items():
        for ring in _rings(holders):
            opener = ring[0]
            between = _renamed(opener.before.options, _free_name(opener, source.tables[table], target.tables[table]))
            off = AlterColumn(table=table, name=opener.name, after=ColumnState(options=between), before=opener.before)
            result[result.index(opener)] = replace(opener, before=replace(opener.before, options=between))
            result.append(off)
    return result


def _free_name(operation: AlterColumn, source: Table, target: Table) -> str:
    """Return a name that no constraint has before or after."""
    taken = _known_names((source, target)) | {not_null_name(operation.table, operation.name, ())}
    return choose(operation.table.name, operation.name, "not_null", taken)


def _known_names(tables: Iterable[Table]) -> frozenset[str]:
    names: set[str | None] = set()
    for table in tables:
        names |= {constraint.name for constraint in table.constraints()}
        names |= {_of(table.name, column) for column in (*table.columns, *table.inherited)}
    return frozenset(name for name in names if name is not None)


def _renamed(settings: Options | Unset, name: str) -> Options:
    said = dict(settings if settings is not UNSET else ())
    said["not_null"] = options(dict(said.get("not_null", ())) | {"name": name})
    return options(said)


def _rings(holders: Mapping[str, AlterColumn]) -> Iterator[tuple[AlterColumn, ...]]:
    """Yield the rings among operations, each of which gives a name that the next one has. They are given by the names that their columns have before."""
    seen: set[str] = set()
    for start in sorted(holders):
        chain: list[str] = []
        name: str | None = start
        while name is not None and name in holders and name not in seen and name not in chain:
            chain.append(name)
            name = _names(holders[name])[1]
        if name in chain:
            yield tuple(holders[each] for each in chain[chain.index(name) :])
        seen |= set(chain)
