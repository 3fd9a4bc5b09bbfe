"""The names of NOT NULL constraints, which are constraints like others since PostgreSQL 18: a name is free before it is given again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends.postgresql.column_options import not_null_name
from schemadiff.frozen import dataclass
from schemadiff.operations import AddColumn, AlterColumn, DropColumn, Effects, Key, Operation
from schemadiff.operations.base import constraint_key
from schemadiff.schema import UNSET, Column, ColumnState, Identity, Name, Options, Schema, Table, Unset

__all__ = ["name_effects", "names_in_turn"]


def name_effects(operation: Operation) -> Effects:
    """Return which names of NOT NULL constraints ``operation`` takes and gives back, among those of its table's constraints."""
    match operation:
        case AddColumn(table=table, column=column):
            return Effects(provides=_key(table, _of(table, column)))
        case DropColumn(table=table, column=Column() as column):
            return Effects(removes=_key(table, _of(table, column)))
        case AlterColumn(table=table):
            before, after = _names(operation)
            return Effects() if before == after else Effects(provides=_key(table, after), removes=_key(table, before))
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


@dataclass(frozen=True)
class _Ring:
    """Operations on columns of one table, each of which gives a name that the next one has."""

    operations: tuple[AlterColumn, ...]

    def opener(self, source: Table, target: Table) -> AlterColumn | None:
        """Return the operation on a column that can be without NOT NULL for a while: it is in no primary key, and no identity."""
        keys = [table.primary_key.columns for table in (source, target) if table.primary_key is not None]
        return next(
            (o for o in self.operations if not any(o.name in key for key in keys) and not _is_identity(o)), None
        )


def _is_identity(operation: AlterColumn) -> bool:
    return any(isinstance(each.default, Identity) for each in (operation.before, operation.after))


def names_in_turn(operations: Sequence[Operation], source: Schema, target: Schema) -> list[Operation]:
    """Return ``operations`` with one column let go of its NOT NULL first where columns change the names of theirs in a ring.

    Where every column of a ring has to keep it (in a primary key), they are left as they are, and cannot be put in an order.
    """
    result = list(operations)
    by_table: dict[Name, dict[str, AlterColumn]] = {}
    for operation in operations:
        if isinstance(operation, AlterColumn) and (names := _names(operation))[0] != names[1] and names[0] is not None:
            by_table.setdefault(operation.table, {})[names[0]] = operation
    for table, holders in by_table.items():
        for ring in _rings(holders):
            opener = ring.opener(source.tables[table], target.tables[table])
            if opener is not None:
                off = AlterColumn(table=table, name=opener.name, after=ColumnState(nullable=True), before=opener.before)
                on = replace(
                    opener,
                    after=replace(opener.after, nullable=False),
                    before=replace(opener.before, nullable=True),
                )
                result[result.index(opener)] = on
                result.append(off)
    return result


def _rings(holders: Mapping[str, AlterColumn]) -> Iterator[_Ring]:
    """Yield the rings among operations, which are given by the names that their columns have before."""
    seen: set[str] = set()
    for start in sorted(holders):
        chain: list[str] = []
        name: str | None = start
        while name is not None and name in holders and name not in seen and name not in chain:
            chain.append(name)
            name = _names(holders[name])[1]
        if name in chain:
            yield _Ring(tuple(holders[each] for each in chain[chain.index(name) :]))
        seen |= set(chain)
