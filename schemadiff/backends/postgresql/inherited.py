"""Columns that tables inherit.

A table need not say the columns of its parents, and a model mostly does, since it maps them. So a column that one side inherits and the other one
says is one column. What a table inherits on both sides is compared as its parents are, but for what it may have of its own: a default, a NOT NULL, a
comment, settings. And what comes to a table from the change of its parents is no change of its own: a column that they get, what becomes of one that it inherits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from schemadiff.backends.postgresql.parents import column_of, kept_parents, parents_of
from schemadiff.backends.postgresql.taken_along import Followed, Parents
from schemadiff.operations import Operation
from schemadiff.schema import Column, Name, Schema, Table, option

__all__ = ["with_inherited"]


def with_inherited(
    source: Schema, target: Schema, *, own_not_null: bool
) -> tuple[Schema, Schema, tuple[Operation, ...]]:
    """Return both sides with the inherited columns that are to be compared among the columns of their tables.

    Args:
        source, target: the two sides.
        own_not_null: the NOT NULL of a column is that of its table alone, and what its parents say is not read (PostgreSQL 18).

    Returns:
        both sides, and what comes before the changes of parents that take along what a table has of its own.
    """
    left, right = dict(source.tables), dict(target.tables)
    parents = Parents(source, target, _RECURSING - {"nullable"} if own_not_null else _RECURSING)
    first: list[Operation] = []
    for name in sorted(source.tables.keys() & target.tables.keys()):
        before, after = source.tables[name], target.tables[name]
        if not (before.options or after.options or after.inherited):
            # Most tables say nothing that could make them another's children.
            continue
        if any(parents_of(before, source)) or after.inherited or any(parents_of(after, target)):
            moves = {each.name: parents.followed(each, name) for each in (*before.inherited, *before.columns)}
            names = set(_compared(before, after, moves))
            arriving = _arriving(before, after, source, target, own_not_null=own_not_null)
            leaving = _arriving(after, before, target, source, own_not_null=own_not_null)
            right[name] = _with(_saying(after, names | arriving.keys()), leaving)
            left[name] = _with(_saying(before, names | leaving.keys()), arriving)
            if not target.complete:
                left[name], right[name] = _with_own_settings(left[name], right[name], moves)
            left[name] = _followed(left[name], right[name], moves, source, target)
            first += (move.off for move in moves.values() if move.off is not None)
            if not target.complete:
                right[name] = _without_checks(right[name], before, source, target)
                right[name] = _with_unsaid(right[name], left[name], target)
                if own_not_null:
                    right[name] = _with_not_null_of_parents(right[name], left[name], source, target)
    return replace(source, tables=left), replace(target, tables=right), tuple(first)


def _saying(table: Table, names: Set[str]) -> Table:
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
            new = column_of(parent, name, target)
            if new is not None and column_of(parent, name, source) is None:
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


def _compared(before: Table, after: Table, moves: Mapping[str, Followed]) -> Iterator[str]:
    old, new = _inherited(before), _inherited(after)
    for name in old.keys() | new.keys():
        if name in old and name in new:
            # The parents' own changes come to it by themselves.
            if _own_state(moves[name].column) != _own_state(new[name]):
                yield name
        elif before.column(name) is not None or after.column(name) is not None:
            yield name


def _own_state(column: Column) -> tuple[object, ...]:
    """Return what a table may have of its own of a column that it inherits."""
    return column.default, column.nullable, column.comment, *(option(column.options, name) for name in _SETTINGS)


def _followed(table: Table, after: Table, moves: Mapping[str, Followed], source: Schema, target: Schema) -> Table:
    """Return a table of the source as it stands once its parents have changed, where the target says the columns itself."""
    said = {column.name: column for column in after.columns}
    columns = {column.name: column for column in table.columns}
    for name in said.keys() & columns.keys() & moves.keys():
        columns[name] = moves[name].column
    if not target.complete:
        for parent in kept_parents(table, after, source, target):
            for name, column in said.items():
                new = column_of(parent, name, target)
                if new is not None and column_of(parent, name, source) is None and column.comment is None:
                    columns.setdefault(name, replace(new, comment=None))
    return replace(table, columns=tuple(columns.values()))


def _with_own_settings(before: Table, after: Table, moves: Mapping[str, Followed]) -> tuple[Table, Table]:
    """Return both sides with what a table has of its own, and a model need not say, where its parents would take it along."""
    old = {column.name: column for column in (*before.inherited, *before.columns)}
    new = {column.name: column for column in after.columns}
    for name, move in moves.items():
        if move.off is not None:
            unsaid = replace(move.column, default=old[name].default, nullable=old[name].nullable)
            new[name] = move.put_back(new.get(name, unsaid), old[name])
    return _saying(before, new.keys() - {column.name for column in before.columns}), replace(
        after, columns=tuple(new.values())
    )


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
