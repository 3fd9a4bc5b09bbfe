"""Columns that tables inherit.

A table need not say the columns of its parents, and a model mostly does, since it maps them. So a column that one side inherits and the other one
says is one column. What a table inherits on both sides is compared as its parents are, but for a default of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.schema import Column, Name, Schema, Table

__all__ = ["with_inherited"]


def with_inherited(source: Schema, target: Schema) -> tuple[Schema, Schema]:
    """Return both sides with the inherited columns that are to be compared among the columns of their tables."""
    left, right = dict(source.tables), dict(target.tables)
    for name in sorted(source.tables.keys() & target.tables.keys()):
        before, after = source.tables[name], target.tables[name]
        if before.inherited or after.inherited:
            names = set(_compared(before, after, source, target))
            left[name], right[name] = _saying(before, names), _saying(after, names)
    return replace(source, tables=left), replace(target, tables=right)


def _saying(table: Table, names: set[str]) -> Table:
    found = tuple(column for column in table.inherited if column.name in names)
    return replace(table, columns=(*table.columns, *found)) if found else table


def _inherited(table: Table) -> dict[str, Column]:
    return {column.name: column for column in table.inherited}


def _compared(before: Table, after: Table, source: Schema, target: Schema) -> Iterator[str]:
    old, new = _inherited(before), _inherited(after)
    for name in old.keys() | new.keys():
        if name in old and name in new:
            # The parents' own changes come to it by themselves.
            if old[name].default != new[name].default and not _follows(name, before, source, target):
                yield name
        elif before.column(name) is not None or after.column(name) is not None:
            yield name


def _follows(name: str, table: Table, source: Schema, target: Schema) -> bool:
    """Return True where the default of an inherited column changes in a parent, too."""
    for parent in _parents(table, source):
        one, other = (_column(parent, name, side) for side in (source, target))
        if one is not None and other is not None and one.default != other.default:
            return True
    return False


def _parents(table: Table, schema: Schema) -> Iterator[Name]:
    """Yield the tables that may be among the parents of ``table``: their names stand in its options as SQL."""
    said = " ".join(str(each) for key, value in table.options if key == "inherits" for each in value)
    yield from (name for name in schema.tables if name.name in said.replace('"', ""))


def _column(name: Name, column: str, schema: Schema) -> Column | None:
    table = schema.tables.get(name)
    return None if table is None else (table.column(column) or _inherited(table).get(column))
