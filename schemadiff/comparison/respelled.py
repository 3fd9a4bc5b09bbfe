"""Tables and columns whose names differ in capitals alone, where the database does not tell such names apart.

They are what they were under another spelling: renamed, not dropped and added, so that their rows and values stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.operations import AlterColumn, Operation, RenameTable
from schemadiff.schema import ColumnState, ForeignKey, IndexElement, Name, Schema, Table

__all__ = ["Respelled", "respelled"]


@dataclass(frozen=True)
class Respelled:
    """The outcome.

    Args:
        tables: the source with its tables called as the target calls them, in foreign keys too: what the other operations start from.
        columns: the same, with the columns of these tables called so too: what is left to compare.
        differing: the names of the tables that only one side has, or that are not equal, in their order.
        operations: the renamings.
    """

    tables: Schema
    columns: Schema
    differing: tuple[Name, ...]
    operations: tuple[Operation, ...] = ()


def respelled(source: Schema, target: Schema, backend: Backend) -> Respelled:
    """Return ``source`` with its tables and columns spelled as in ``target``, and the operations that spell them so."""
    names = _respelled_tables(source, target, backend)
    tables = _with_tables_renamed(source, names) if names else source
    operations: list[Operation] = [RenameTable(name=old, new_name=new.name) for old, new in names.items()]
    columns: dict[Name, list[AlterColumn]] = {}
    differing = _differing(tables.tables, target.tables)
    for name in differing:
        before, after = tables.tables.get(name), target.tables.get(name)
        if before is None or after is None:
            continue
        if found := list(_respelled_columns(before, after, backend)):
            columns[name] = found
            operations += found
    if not columns:
        return Respelled(tables, tables, differing, tuple(operations))
    tables = _with_referents_renamed(tables, columns)
    renamed = _with_columns_renamed(tables, columns)
    return Respelled(tables, renamed, _differing(renamed.tables, target.tables), tuple(operations))


def _differing(source: Mapping[Name, Table], target: Mapping[Name, Table]) -> tuple[Name, ...]:
    found = [name for name, table in source.items() if target.get(name) != table]
    found += [name for name in target if name not in source]
    return tuple(sorted(found))


def _pairs(old: Iterable[str], new: Iterable[str], fold: Callable[[str], str]) -> dict[str, str]:
    """Return which name of ``old`` is spelled as which of ``new``, where it is not among them as it is."""
    old, new = list(old), list(new)
    if set(old) == set(new):
        return {}
    fresh = {fold(name): name for name in new if name not in old}
    return {name: fresh[fold(name)] for name in old if name not in new and fold(name) in fresh}


def _respelled_tables(source: Schema, target: Schema, backend: Backend) -> dict[Name, Name]:
    found: dict[Name, Name] = {}
    for schema in sorted({name.schema for name in source.tables}, key=str):
        old = [name.name for name in source.tables if name.schema == schema]
        new = [name.name for name in target.tables if name.schema == schema]
        pairs = _pairs(sorted(old), sorted(new), backend.fold_table)
        found |= {Name(before, schema): Name(after, schema) for before, after in pairs.items()}
    return found


def _with_tables_renamed(schema: Schema, names: Mapping[Name, Name]) -> Schema:
    def renamed(table: Table) -> Table:
        keys = tuple(replace(key, referent=names.get(key.referent, key.referent)) for key in table.foreign_keys)
        return replace(table, name=names.get(table.name, table.name), foreign_keys=keys)

    tables = map(renamed, schema.tables.values())
    return replace(schema, tables={table.name: table for table in tables})


def _respelled_columns(before: Table, after: Table, backend: Backend) -> Iterable[AlterColumn]:
    pairs = _pairs((c.name for c in before.columns), (c.name for c in after.columns), backend.fold_column)
    for old, new in sorted(pairs.items()):
        column = before.column(old)
        assert column is not None
        yield AlterColumn(table=before.name, name=old, after=ColumnState(name=new), before=ColumnState.of(column))


def _with_referents_renamed(schema: Schema, renamings: Mapping[Name, Iterable[AlterColumn]]) -> Schema:
    """Return ``schema`` with the columns renamed that foreign keys of other tables point at."""
    names = {name: {each.name: str(each.after.name) for each in found} for name, found in renamings.items()}

    def renamed(key: ForeignKey) -> ForeignKey:
        known = names.get(key.referent, {})
        return replace(key, referent_columns=tuple(known.get(column, column) for column in key.referent_columns))

    tables = {
        name: replace(
            table,
            foreign_keys=tuple(key if key.referent == name else renamed(key) for key in table.foreign_keys),
        )
        for name, table in schema.tables.items()
    }
    return replace(schema, tables=tables)


def _with_columns_renamed(schema: Schema, renamings: Mapping[Name, Iterable[AlterColumn]]) -> Schema:
    names = {name: {each.name: str(each.after.name) for each in found} for name, found in renamings.items()}
    found = (_renamed(table, names[name]) if name in names else table for name, table in schema.tables.items())
    return replace(schema, tables={table.name: table for table in found})


def _renamed(table: Table, names: Mapping[str, str]) -> Table:
    """Return ``table`` with columns renamed. In expressions any spelling of a name is as good."""

    def renamed(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(column, column) for column in columns)

    def foreign_key(key: ForeignKey) -> ForeignKey:
        referent = renamed(key.referent_columns) if key.referent == table.name else key.referent_columns
        return replace(key, columns=renamed(key.columns), referent_columns=referent)

    def element(item: IndexElement) -> IndexElement:
        return replace(item, what=names.get(item.what, item.what)) if isinstance(item.what, str) else item

    key = table.primary_key
    return replace(
        table,
        columns=tuple(replace(column, name=names.get(column.name, column.name)) for column in table.columns),
        primary_key=None if key is None else replace(key, columns=renamed(key.columns)),
        uniques=tuple(replace(unique, columns=renamed(unique.columns)) for unique in table.uniques),
        foreign_keys=tuple(map(foreign_key, table.foreign_keys)),
        indexes=tuple(replace(index, elements=tuple(map(element, index.elements))) for index in table.indexes),
    )
