"""Columns that tables inherit.

A table need not say the columns of its parents, and a model mostly does, since it maps them. So a column that one side inherits and the other one
says is one column. What a table inherits on both sides is compared as its parents are, but for a default of its own. And what comes to a table
from the change of its parents is no change of its own: a column that they get, what becomes of one that it inherits, a check of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from schemadiff.schema import Column, Name, Schema, Table, option

__all__ = ["with_inherited"]


def with_inherited(source: Schema, target: Schema) -> tuple[Schema, Schema]:
    """Return both sides with the inherited columns that are to be compared among the columns of their tables."""
    left, right = dict(source.tables), dict(target.tables)
    for name in source.tables.keys() & target.tables.keys():
        before, after = source.tables[name], target.tables[name]
        if any(_parents(before, source)) or after.inherited or any(_parents(after, target)):
            names = set(_compared(before, after, source, target))
            right[name] = _saying(after, names)
            kept = _with_kept_checks(_saying(before, names), after, source, target)
            left[name] = _followed(kept, after, source, target)
            if not target.complete:
                right[name] = _without_checks(right[name], before, source, target)
                right[name] = _with_unsaid(right[name], left[name], target)
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


def _followed(table: Table, after: Table, source: Schema, target: Schema) -> Table:
    """Return a table of the source as it stands once its parents have changed, where the target says the columns itself.

    ALTER TABLE recurses to the children for the type, the default and NOT NULL of a column, and ADD COLUMN does.
    """
    said = {column.name: column for column in after.columns}
    columns = {column.name: column for column in table.columns}
    for parent in _kept_parents(table, after, source, target):
        for name, column in said.items():
            old, new = (_column(parent, name, side) for side in (source, target))
            if new is None:
                continue
            if old is None:
                if column.comment is None and not target.complete:
                    columns.setdefault(name, replace(new, comment=None))
            elif name in columns:
                columns[name] = _changed_with(columns[name], old, new)
    return replace(table, columns=tuple(columns.values()))


def _changed_with(column: Column, old: Column, new: Column) -> Column:
    """Return ``column`` with what changes from ``old`` to ``new``, those of its parent."""
    if (old.type, old.collation) != (new.type, new.collation):
        column = replace(column, type=new.type, collation=new.collation)
    if old.nullable != new.nullable:
        column = replace(column, nullable=new.nullable)
    return column if old.default == new.default else replace(column, default=new.default)


def _with_kept_checks(table: Table, after: Table, source: Schema, target: Schema) -> Table:
    """Return a table of the source with the checks of the parents that it leaves: they stay with it, as its own."""
    kept = _kept_parents(table, after, source, target)
    checks = {check.name: check for check in table.checks}
    for parent in _parents(table, source):
        for check in source.tables[parent].checks if parent not in kept else ():
            if not option(check.options, "no_inherit"):
                checks.setdefault(check.name, check)
    return table if len(checks) == len(table.checks) else replace(table, checks=tuple(checks.values()))


def _without_checks(table: Table, before: Table, source: Schema, target: Schema) -> Table:
    """Return a table of the target without the checks that it says again and that come to it from a parent."""
    own = {check.name for check in before.checks}
    theirs = {
        (check.name, check.expression.canonical)
        for parent in _kept_parents(before, table, source, target)
        for check in target.tables[parent].checks
        if check.name is not None and check.name not in own
    }
    kept = tuple(check for check in table.checks if (check.name, check.expression.canonical) not in theirs)
    return table if len(kept) == len(table.checks) else replace(table, checks=kept)


def _with_unsaid(table: Table, before: Table, target: Schema) -> Table:
    """Return a table of a model with the columns that it leaves to its parents, where ``before`` has them as its own: they stay.

    They have the types of the parents' and are NOT NULL where those are ("ALTER TABLE", INHERIT).
    """
    said = {column.name for column in table.columns}
    inherited = _of_parents(table, target)
    found = tuple(
        replace(
            column,
            type=inherited[column.name].type,
            collation=inherited[column.name].collation,
            nullable=column.nullable and inherited[column.name].nullable,
        )
        for column in before.columns
        if column.name in inherited and column.name not in said
    )
    return replace(table, columns=(*table.columns, *found)) if found else table


def _of_parents(table: Table, schema: Schema) -> dict[str, Column]:
    """Return the columns of all that ``table`` inherits from."""
    found: dict[str, Column] = {}
    todo, seen = list(_parents(table, schema)), set[Name]()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            parent = schema.tables[name]
            found = {column.name: column for column in (*parent.columns, *parent.inherited)} | found
            todo += _parents(parent, schema)
    return found


def _follows(name: str, table: Table, source: Schema, target: Schema) -> bool:
    """Return True where the default of an inherited column changes in a parent, too."""
    for parent in _parents(table, source):
        one, other = (_column(parent, name, side) for side in (source, target))
        if one is not None and other is not None and one.default != other.default:
            return True
    return False


# A name as it stands behind INHERITS, in both sides' canonical spelling: bare or quoted, with a schema or without.
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def _parents(table: Table, schema: Schema) -> Iterator[Name]:
    """Yield the tables of ``schema`` that ``table`` inherits from."""
    for parent in option(table.options, "inherits") or ():
        *before, last = (quoted.replace('""', '"') or bare for quoted, bare in _PART.findall(str(parent)))
        name = Name(last, before[-1] if before else None)
        if name in schema.tables:
            yield name


def _kept_parents(before: Table, after: Table, source: Schema, target: Schema) -> tuple[Name, ...]:
    """Return the parents of a table on both sides."""
    there = set(_parents(after, target))
    return tuple(parent for parent in _parents(before, source) if parent in there)


def _column(name: Name, column: str, schema: Schema) -> Column | None:
    table = schema.tables.get(name)
    return None if table is None else (table.column(column) or _inherited(table).get(column))
