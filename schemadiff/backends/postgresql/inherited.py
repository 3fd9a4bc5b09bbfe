"""Columns that tables inherit.

A table need not say the columns of its parents, and a model mostly does, since it maps them. So a column that one side inherits and the other one
says is one column. What a table inherits on both sides is compared as its parents are, but for what it may have of its own: a default, a NOT NULL, a
comment, settings. And what comes to a table from the change of its parents is no change of its own: a column that they get, what becomes of one that it inherits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from schemadiff.errors import UnsupportedOperation
from schemadiff.schema import Column, Name, Options, Schema, Table, option, options

__all__ = ["kept_parents", "parents_of", "with_inherited"]


def with_inherited(source: Schema, target: Schema, *, own_not_null: bool) -> tuple[Schema, Schema]:
    """Return both sides with the inherited columns that are to be compared among the columns of their tables.

    Args:
        source, target: the two sides.
        own_not_null: the NOT NULL of a column is that of its table alone, and what its parents say is not read (PostgreSQL 18).
    """
    left, right = dict(source.tables), dict(target.tables)
    for name, before in source.tables.items():
        after = target.tables.get(name)
        if after is None or not (before.options or after.options or after.inherited):
            # Most tables say nothing that could make them another's children.
            continue
        if any(parents_of(before, source)) or after.inherited or any(parents_of(after, target)):
            recursing = _RECURSING - {"nullable"} if own_not_null else _RECURSING
            names = set(_compared(before, after, source, target, recursing))
            arriving = _arriving(before, after, source, target, own_not_null=own_not_null)
            leaving = _arriving(after, before, target, source, own_not_null=own_not_null)
            right[name] = _with(_saying(after, names | arriving.keys()), leaving)
            left[name] = _followed(
                _with(_saying(before, names | leaving.keys()), arriving), after, source, target, recursing
            )
            if not target.complete:
                right[name] = _without_checks(right[name], before, source, target)
                right[name] = _with_unsaid(right[name], left[name], target)
                if own_not_null:
                    right[name] = _with_not_null_of_parents(right[name], left[name], source, target)
    return replace(source, tables=left), replace(target, tables=right)


def _saying(table: Table, names: set[str]) -> Table:
    found = tuple(column for column in table.inherited if column.name in names)
    return replace(table, columns=(*table.columns, *found)) if found else table


def _with(table: Table, columns: dict[str, Column]) -> Table:
    """Return ``table`` with further columns that it inherits."""
    more = tuple(columns.values())
    return replace(table, columns=(*table.columns, *more), inherited=(*table.inherited, *more)) if more else table


def _arriving(before: Table, after: Table, source: Schema, target: Schema, *, own_not_null: bool) -> dict[str, Column]:
    """Return the columns that come to a table with those that its parents get, as they come, where the table shall have something of its own of them.

    Neither a comment nor attributes nor a compression comes along; nor does what is an own NOT NULL of each table.
    """
    found: dict[str, Column] = {}
    said = {column.name for column in (*before.columns, *before.inherited, *after.columns)}
    for name, column in _inherited(after).items():
        for parent in kept_parents(before, after, source, target) if name not in said else ():
            new = _column(parent, name, target)
            if new is not None and _column(parent, name, source) is None:
                coming = tuple(item for item in new.options if item[0] in _RECURSING_SETTINGS)
                arrived = replace(new, comment=None, options=coming, nullable=new.nullable or own_not_null)
                if _own_state(arrived) != _own_state(column):
                    found[name] = arrived
                break
    return found


def _inherited(table: Table) -> dict[str, Column]:
    return {column.name: column for column in table.inherited}


# What ALTER TABLE recurses to the children for, of a column; for ADD COLUMN it does as well.
_RECURSING = frozenset({"type", "collation", "nullable", "default"})
# Of its options too. Not for the compression and the attributes, which are each table's own.
_RECURSING_SETTINGS = ("statistics", "storage")
_SETTINGS = ("attributes", "compression", *_RECURSING_SETTINGS)


def _compared(before: Table, after: Table, source: Schema, target: Schema, recursing: frozenset[str]) -> Iterator[str]:
    old, new = _inherited(before), _inherited(after)
    for name in old.keys() | new.keys():
        if name in old and name in new:
            # The parents' own changes come to it by themselves.
            changed = _followed_column(old[name], before, after, source, target, recursing)
            if _own_state(changed) != _own_state(new[name]):
                yield name
        elif before.column(name) is not None or after.column(name) is not None:
            yield name


def _own_state(column: Column) -> tuple[object, ...]:
    """Return what a table may have of its own of a column that it inherits."""
    return column.default, column.nullable, column.comment, *(option(column.options, name) for name in _SETTINGS)


def _followed(table: Table, after: Table, source: Schema, target: Schema, recursing: frozenset[str]) -> Table:
    """Return a table of the source as it stands once its parents have changed, where the target says the columns itself."""
    said = {column.name: column for column in after.columns}
    columns = {column.name: column for column in table.columns}
    for name in said.keys() & columns.keys():
        columns[name] = _followed_column(columns[name], table, after, source, target, recursing)
    if not target.complete:
        for parent in kept_parents(table, after, source, target):
            for name, column in said.items():
                new = _column(parent, name, target)
                if new is not None and _column(parent, name, source) is None and column.comment is None:
                    columns.setdefault(name, replace(new, comment=None))
    return replace(table, columns=tuple(columns.values()))


def _followed_column(
    column: Column, table: Table, after: Table, source: Schema, target: Schema, recursing: frozenset[str]
) -> Column:
    """Return a column of the source as it stands once the parents of its table have changed theirs.

    Raises:
        UnsupportedOperation: its default or a setting is not its parent's, and would get lost.
    """
    for parent in kept_parents(table, after, source, target):
        old, new = (_column(parent, column.name, side) for side in (source, target))
        if old is not None and new is not None:
            changed = {field for field in recursing if getattr(old, field) != getattr(new, field)}
            if "default" in changed and column.default != old.default:
                raise UnsupportedOperation(
                    f"Alter column {table.name}.{column.name}: it has a default of its own, and that of its parent {parent} changes, which takes "
                    f"it along in either direction; write ALTER TABLE ONLY {parent} with op.execute()"
                )
            # The type is set together with the collation.
            changed |= {"type", "collation"} if changed & {"type", "collation"} else set()
            settings = _followed_settings(column, old, new, table, parent, is_complete=target.complete)
            column = replace(column, options=settings, **{field: getattr(new, field) for field in changed})
    return column


def _followed_settings(
    column: Column, old: Column, new: Column, table: Table, parent: Name, *, is_complete: bool
) -> Options:
    settings = dict(column.options)
    if (old.type != new.type or old.collation != new.collation) and (
        "compression" in settings or settings.get("storage") != option(old.options, "storage")
    ):
        raise UnsupportedOperation(
            f"Alter column {table.name}.{column.name}: its storage or compression is its own, and the type or collation of its parent {parent} "
            f"changes, which takes it off in either direction; write the change with op.execute()"
        )
    for name in _RECURSING_SETTINGS:
        before, after = option(old.options, name), option(new.options, name)
        # What a model does not say stays as it is.
        if before == after or (after is None and not is_complete):
            continue
        if settings.get(name) != before:
            raise UnsupportedOperation(
                f"Alter column {table.name}.{column.name}: its {name} is not that of its parent {parent}, which changes and takes it along in "
                f"either direction; write ALTER TABLE ONLY {parent} with op.execute()"
            )
        settings[name] = after
    return options(settings)


def _without_checks(table: Table, before: Table, source: Schema, target: Schema) -> Table:
    """Return a table of the target without the checks that it says again and that come to it from a parent."""
    own = {check.name for check in before.checks}
    theirs = {
        (check.name, check.expression.canonical)
        for parent in kept_parents(before, table, source, target)
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
    todo, seen = list(parents_of(table, schema)), set[Name]()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            parent = schema.tables[name]
            found = {column.name: column for column in (*parent.columns, *parent.inherited)} | found
            todo += parents_of(parent, schema)
    return found


def _with_not_null_of_parents(table: Table, before: Table, source: Schema, target: Schema) -> Table:
    """Return a table of a model without the NOT NULL that ``before`` has from its parents alone, and goes on to have."""
    inherited = (_of_parents(before, source), _of_parents(table, target))
    old = {column.name: column for column in before.columns}

    def left_open(column: Column) -> bool:
        there = column.name in old and old[column.name].nullable
        return there and not column.nullable and all(_is_not_null(side.get(column.name)) for side in inherited)

    columns = tuple(replace(each, nullable=True) if left_open(each) else each for each in table.columns)
    return table if columns == table.columns else replace(table, columns=columns)


def _is_not_null(column: Column | None) -> bool:
    return (
        column is not None and not column.nullable and not option(option(column.options, "not_null", ()), "no_inherit")
    )


# A name as it stands behind INHERITS, in both sides' canonical spelling: bare or quoted, with a schema or without.
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def parents_of(table: Table, schema: Schema) -> Iterator[Name]:
    """Yield the tables of ``schema`` that ``table`` inherits from."""
    for parent in option(table.options, "inherits") or ():
        *before, last = (quoted.replace('""', '"') or bare for quoted, bare in _PART.findall(str(parent)))
        name = Name(last, before[-1] if before else None)
        if name in schema.tables:
            yield name


def kept_parents(before: Table, after: Table, source: Schema, target: Schema) -> tuple[Name, ...]:
    """Return the parents of a table on both sides."""
    there = set(parents_of(after, target))
    return tuple(parent for parent in parents_of(before, source) if parent in there)


def _column(name: Name, column: str, schema: Schema) -> Column | None:
    table = schema.tables.get(name)
    return None if table is None else (table.column(column) or _inherited(table).get(column))
