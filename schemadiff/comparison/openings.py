"""What a model leaves open, taken over from the other side before the two are compared.

A model says nothing of some things that a database keeps of a table (how a column is stored, what a table is clustered on). What it does not
say is no difference, and stays as it is: so it is read as saying what is there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from schemadiff.backends import Backend
from schemadiff.schema import (
    Column,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Index,
    Options,
    PrimaryKey,
    Schema,
    Table,
    UniqueConstraint,
)

__all__ = ["reconciled"]

Item = TypeVar("Item", Column, Index, Table, PrimaryKey, UniqueConstraint, ExcludeConstraint)


def reconciled(source: Schema, target: Schema, backend: Backend) -> tuple[Schema, Schema]:
    """Return both schemas with what a model leaves open filled in from the other one."""
    source, target = _with_named_sequences(source, target), _with_named_sequences(target, source)
    if not target.complete:
        target = _filled(target, source, backend.left_open)
    if not source.complete:
        source = _filled(source, target, backend.left_open)
    return source, target


def _filled(model: Schema, other: Schema, names: frozenset[str]) -> Schema:
    changed = {}
    for name, table in model.tables.items() if names else ():
        found = other.tables.get(name)
        if found is not None and _has_any(found, names) and (filled := _table(table, found, names)) != table:
            changed[name] = filled
    return replace(model, tables={**model.tables, **changed}) if changed else model


def _has_any(table: Table, names: frozenset[str]) -> bool:
    items = (table, *table.columns, *table.inherited, *table.indexes, *table.constraints())
    return any(name in names for item in items for name, _ in item.options)


def _table(table: Table, other: Table, names: frozenset[str]) -> Table:
    columns = {column.name: column for column in (*other.inherited, *other.columns)}
    indexes = {index.name: index for index in other.indexes}
    constraints = {_identity(each): each for each in other.constraints()}

    def filled(item: Item, found: object) -> Item:
        if not isinstance(found, type(item)):
            return item
        merged = _options(item.options, found.options, names)
        # What is rendered is the noun: the model's object says less.
        return item if merged == item.options else replace(item, options=merged, origin=None)

    key = table.primary_key
    options = _options(table.options, other.options, names)
    return replace(
        table,
        columns=tuple(filled(column, columns.get(column.name)) for column in table.columns),
        primary_key=None if key is None else filled(key, other.primary_key),
        uniques=tuple(filled(each, constraints.get(_identity(each))) for each in table.uniques),
        excludes=tuple(filled(each, constraints.get(_identity(each))) for each in table.excludes),
        indexes=tuple(filled(index, indexes.get(index.name)) for index in table.indexes),
        options=options,
    )


def _identity(constraint: Constraint) -> tuple[object, ...]:
    columns = () if isinstance(constraint, ForeignKey) else getattr(constraint, "columns", constraint.name)
    return (type(constraint), columns)


def _options(own: Options, other: Options, names: frozenset[str]) -> Options:
    said = dict(own)
    more = {name: value for name, value in other if name in names and name not in said}
    return tuple(sorted({**said, **more}.items())) if more else own


def _with_named_sequences(database: Schema, model: Schema) -> Schema:
    """Return ``database`` with the sequences behind its columns as objects of their own, where the model names them as such."""
    named = [database.owned[name] for name in database.owned if name in model.sequences]
    tables = dict(database.tables)
    sequences = dict(database.sequences)
    for owned in named:
        table = tables.get(owned.table)
        if table is None:
            continue

        def plain(column: Column, default: Expression = owned.default) -> Column:
            kept = tuple(item for item in column.options if item[0] != "sequence")
            return replace(column, autoincrement=False, default=default, options=kept)

        columns = tuple(plain(c) if c.name == owned.column and c.autoincrement else c for c in table.columns)
        tables[owned.table] = replace(table, columns=columns)
        sequences[owned.sequence.name] = owned.sequence
    return replace(database, tables=tables, sequences=sequences) if named else database
