"""The difference between two states of one table."""

from __future__ import annotations

from collections.abc import Iterator

from schemadiff.backends import Backend
from schemadiff.comparison.equality import Equality
from schemadiff.comparison.pairing import pair_constraints
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    SetTableComment,
)
from schemadiff.operations.touch import mentioned
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Index,
    PrimaryKey,
    Table,
)

__all__ = ["TableChange", "table_change"]


@dataclass(frozen=True)
class TableChange:
    """What becomes of one table.

    Args:
        operations: the operations on it, in no particular order.
        kept_foreign_keys: its foreign keys that stay, source and target form: what they point at may yet force them off and on again.
        freed: the sets of columns whose uniqueness is taken away, if only for a while.
    """

    operations: tuple[Operation, ...]
    kept_foreign_keys: tuple[tuple[ForeignKey, ForeignKey], ...]
    freed: frozenset[frozenset[str]]


def table_change(source: Table, target: Table, equality: Equality, backend: Backend) -> TableChange:
    """Compare two states of a table of one name."""
    operations: list[Operation] = []
    old = {column.name: column for column in source.columns}
    new = {column.name: column for column in target.columns}
    replaced: set[str] = set()
    for name, column in new.items():
        if name not in old:
            operations.append(AddColumn(table=target.name, column=column))
        elif fields := equality.changed_fields(old[name], column):
            if backend.in_place(old[name], column, source):
                operations.append(_alter(source, old[name], column, fields, backend))
            else:
                replaced.add(name)
    replaced |= _generated_from(replaced, old, new, backend)
    operations = [o for o in operations if not (isinstance(o, AlterColumn) and o.name in replaced)]
    for name, column in old.items():
        if name not in new or name in replaced:
            operations.append(DropColumn(table=source.name, name=name, column=column))
        if name in replaced:
            operations.append(AddColumn(table=target.name, column=new[name]))
    gone = replaced | (set(old) - set(new))
    constraint_operations, kept, freed = _constraints(source, target, equality, gone)
    operations += constraint_operations
    index_operations, freed_by_indexes = _indexes(source, target, equality, gone)
    operations += index_operations
    if source.comment != target.comment:
        operations.append(SetTableComment(name=target.name, comment=target.comment, before=source.comment))
    operations += _options(source, target)
    return TableChange(tuple(operations), tuple(kept), frozenset(freed | freed_by_indexes))


def _alter(source: Table, before: Column, after: Column, fields: frozenset[str], backend: Backend) -> AlterColumn:
    type_changes = "type" in fields
    return AlterColumn(
        table=source.name,
        name=before.name,
        after=ColumnState.of(after).only(fields),
        before=ColumnState.of(before),
        using=backend.cast(before, after) if type_changes else None,
        reverse_using=backend.cast_back(before, after) if type_changes else None,
    )


def _generated_from(replaced: set[str], old: dict[str, Column], new: dict[str, Column], backend: Backend) -> set[str]:
    """Return the generated columns that have to go and come back because of those that they are, or were, computed from.

    A column that comes back stands behind all others, and so does a new one, and on the way back one that goes: what is computed from
    them would stand before them, which not every database lets it do.
    """
    moved = set(replaced)
    if backend.generated_in_order:
        sides = ({**old, **new}[name] for name in old.keys() ^ new.keys())
        moved |= {column.name for column in sides if isinstance(column.default, Computed)}
    found: set[str] = set()
    while True:
        more = {
            name
            for name in (old.keys() & new.keys()) - moved
            if isinstance(new[name].default, Computed)
            # A plain column that becomes one can move behind its sources in place.
            and not (backend.generated_in_order and not isinstance(old[name].default, Computed))
            and (_sources(old[name]) | _sources(new[name])) & moved
        }
        if not more:
            return found
        found |= more
        moved |= more


def _sources(column: Column) -> frozenset[str]:
    return mentioned(column.default.expression) if isinstance(column.default, Computed) else frozenset()


def _constraints(
    source: Table, target: Table, equality: Equality, gone: set[str]
) -> tuple[list[Operation], list[tuple[ForeignKey, ForeignKey]], set[frozenset[str]]]:
    operations: list[Operation] = []
    kept_keys: list[tuple[ForeignKey, ForeignKey]] = []
    freed: set[frozenset[str]] = set()
    kinds: tuple[tuple[tuple[Constraint, ...], tuple[Constraint, ...]], ...] = (
        (_maybe(source.primary_key), _maybe(target.primary_key)),
        (source.uniques, target.uniques),
        (source.checks, target.checks),
        (source.excludes, target.excludes),
        (source.foreign_keys, target.foreign_keys),
    )
    for left, right in kinds:
        pairing = pair_constraints(left, right, equality)
        dropped, added = list(pairing.dropped), list(pairing.added)
        for before, after in pairing.kept:
            if _constraint_columns(before) & gone:
                dropped.append(before)
                added.append(after)
            elif isinstance(before, ForeignKey) and isinstance(after, ForeignKey):
                kept_keys.append((before, after))
        for constraint in dropped:
            operations.append(AddConstraint(table=source.name, constraint=constraint).reverse())
            if not isinstance(constraint, (CheckConstraint, ExcludeConstraint, ForeignKey)):
                freed.add(frozenset(constraint.columns))
        operations += [AddConstraint(table=target.name, constraint=constraint) for constraint in added]
    return operations, kept_keys, freed


def _maybe(primary_key: PrimaryKey | None) -> tuple[PrimaryKey, ...]:
    return () if primary_key is None else (primary_key,)


def _constraint_columns(constraint: Constraint) -> frozenset[str]:
    match constraint:
        case CheckConstraint(expression=expression):
            return mentioned(expression)
        case ExcludeConstraint(elements=elements, where=where):
            found = frozenset() if where is None else mentioned(where)
            for element in elements:
                found |= _element_columns(element.what)
            return found
        case _:
            return frozenset(constraint.columns)


def _element_columns(what: str | Expression) -> frozenset[str]:
    return frozenset({what}) if isinstance(what, str) else mentioned(what)


def _index_columns(index: Index) -> frozenset[str]:
    found = frozenset(index.include)
    for element in index.elements:
        found |= _element_columns(element.what)
    return found if index.where is None else found | mentioned(index.where)


def _indexes(
    source: Table, target: Table, equality: Equality, gone: set[str]
) -> tuple[list[Operation], set[frozenset[str]]]:
    old = {index.name: index for index in source.indexes}
    new = {index.name: index for index in target.indexes}
    operations: list[Operation] = []
    freed: set[frozenset[str]] = set()
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if (
            before is not None
            and after is not None
            and equality.indexes(before, after)
            and not _index_columns(before) & gone
        ):
            continue
        if before is not None:
            operations.append(DropIndex(table=source.name, name=name, index=before))
            if before.unique and before.where is None:
                freed.add(frozenset(e.what for e in before.elements if isinstance(e.what, str)))
        if after is not None:
            operations.append(CreateIndex(table=target.name, index=after))
    return operations, freed


def _options(source: Table, target: Table) -> Iterator[AlterTable]:
    before, after = dict(source.options), dict(target.options)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if names:
        yield AlterTable(
            name=target.name,
            after=tuple((name, after.get(name)) for name in names),
            before=tuple((name, before.get(name)) for name in names),
        )


def put_back(source: Table, pairs: tuple[tuple[ForeignKey, ForeignKey], ...]) -> Iterator[Operation]:
    """Take foreign keys off, and put them back when the key that they point at is there again."""
    for before, after in pairs:
        yield DropConstraint(table=source.name, name=before.name, kind="foreignkey", constraint=before)
        yield AddConstraint(table=source.name, constraint=after)
