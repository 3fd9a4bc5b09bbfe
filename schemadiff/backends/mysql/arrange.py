"""The form in which the server can carry operations out.

What ALTER TABLE can do only together goes into a batch, which is one ALTER TABLE here: a primary key and its AUTO_INCREMENT, an index that
a foreign key needs and the one that takes its place. Foreign keys go off while the type of their columns changes. The indexes that the
server makes for foreign keys are hidden from comparison; here they come back, as operations that say what happens to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from schemadiff.backends.mysql.canonical import is_column_check
from schemadiff.backends.mysql.names import covers, implicit_indexes, leading_columns, next_name
from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import lexicon_for
from schemadiff.backends.mysql.types import has_collation, parse_type
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    BatchAlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    SetTableComment,
    evolve,
    evolve_all,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Constraint,
    ForeignKey,
    Index,
    Name,
    Options,
    PrimaryKey,
    Schema,
    Table,
    UniqueConstraint,
    Unset,
    option,
    options,
)

__all__ = ["arrange", "in_place"]


def in_place(before: Column, after: Column) -> bool:
    """Return True where MODIFY COLUMN can turn ``before`` into ``after``.

    "Nongenerated columns can be altered to stored but not virtual generated columns", and back; "virtual generated columns cannot be altered to
    stored generated columns, or vice versa" ("ALTER TABLE and Generated Columns", MySQL; MariaDB has the same rules).
    """
    kinds = {_generation(before), _generation(after)}
    return len(kinds) == 1 or kinds == {"plain", "stored"}


def _generation(column: Column) -> str:
    if not isinstance(column.default, Computed):
        return "plain"
    return "stored" if column.default.stored else "virtual"


def arrange(operations: Sequence[Operation], source: Schema, target: Schema, facts: Facts) -> tuple[Operation, ...]:
    """Return ``operations`` in the form in which the server can carry them out."""
    by_table: dict[Name, list[Operation]] = defaultdict(list)
    others: list[Operation] = []
    for operation in operations:
        name = _table_of(operation)
        if name is not None and name in source.tables and name in target.tables:
            by_table[name].append(operation)
        else:
            others.append(operation)
    for name, keys in _keys_in_the_way(by_table, source, target).items():
        by_table[name] += keys
    result = list(others)
    for name, own in by_table.items():
        result += _Arrangement(source.tables[name], target.tables[name], facts).arranged(own)
    return tuple(result)


def _table_of(operation: Operation) -> Name | None:
    match operation:
        case (
            AddColumn()
            | AlterColumn()
            | DropColumn()
            | AddConstraint()
            | DropConstraint()
            | CreateIndex()
            | DropIndex()
        ):
            return operation.table
        case AlterTable() | SetTableComment():
            return operation.name
    return None


# -- foreign keys in the way of a change of type


def _keys_in_the_way(
    by_table: dict[Name, list[Operation]], source: Schema, target: Schema
) -> dict[Name, list[Operation]]:
    """Return the taking off and putting back of foreign keys whose columns change their types.

    InnoDB refuses to change a column that a foreign key uses, on either side ("FOREIGN KEY Constraints").
    """
    changed = {
        (name, operation.name)
        for name, operations in by_table.items()
        for operation in operations
        if isinstance(operation, AlterColumn) and {"type", "collation"} & operation.after.known().keys()
    }
    changed |= {(name, column) for name in by_table for column in _recollated(source.tables[name], target.tables[name])}
    found: dict[Name, list[Operation]] = defaultdict(list)
    if not changed:
        return found
    for name, before in source.tables.items():
        after = target.tables.get(name)
        if after is None:
            continue
        moved = {o.constraint for o in by_table.get(name, ()) if isinstance(o, DropConstraint)}
        for key in before.foreign_keys:
            columns = {(name, c) for c in key.columns} | {(key.referent, c) for c in key.referent_columns}
            again = next((k for k in after.foreign_keys if replace(k, name=key.name) == key), None)
            if columns & changed and key not in moved and again is not None:
                found[name] += [
                    AddConstraint(table=name, constraint=key).reverse(),
                    # It keeps its name, also where the model leaves that open.
                    AddConstraint(table=name, constraint=replace(again, name=key.name, implicit=False)),
                ]
    return found


def _recollated(source: Table, target: Table) -> set[str]:
    """Return the columns whose collation follows the table's."""
    if option(source.options, "collate") == option(target.options, "collate"):
        return set()
    return {c.name for c in source.columns if c.collation is None and target.column(c.name) is not None}


# -- one table


class _Arrangement:
    """Arranges the operations on one table."""

    def __init__(self, source: Table, target: Table, facts: Facts) -> None:
        self.source = source
        self.target = target
        self.facts = facts
        self.name = target.name

    def arranged(self, operations: list[Operation]) -> list[Operation]:
        operations = self._names(self._column_checks(operations))
        operations = self._collations(operations)
        operations = self._implicit_indexes(operations)
        keys = [o for o in operations if _is_foreign_key(o)]
        rest = [o for o in operations if not _is_foreign_key(o)]
        if len(rest) > 1 and any(self._hangs_together(operation) for operation in rest):
            batch = BatchAlterTable(table=self.name, operations=tuple(sorted(rest, key=_batch_rank)))
            return [batch, *keys]
        if len(rest) == 1 and keys and (_changes_engine(rest[0]) or self._serves_key(rest[0])):
            # In a batch it runs after a foreign key that goes and before one that comes.
            return [BatchAlterTable(table=self.name, operations=tuple(rest)), *keys]
        return operations

    # Names that the server gives

    def _names(self, operations: list[Operation]) -> list[Operation]:
        """Give constraints that nobody named the names that they get in the table as it stands: a new table would number them otherwise."""
        dropped = [o for o in operations if isinstance(o, (DropConstraint, DropIndex))]
        standing = evolve_all(self.source, dropped)
        standing = replace(standing, indexes=(*standing.indexes, *implicit_indexes(self.target)))
        result: list[Operation] = []
        for operation in operations:
            if isinstance(operation, AddConstraint) and not isinstance(operation.constraint, PrimaryKey):
                constraint = operation.constraint
                if constraint.implicit and not self._is_own(constraint):
                    name = next_name(standing, replace(constraint, name=None), self.facts)
                    constraint = replace(constraint, name=name)
                    operation = replace(operation, constraint=constraint)
                standing = evolve(standing, operation)
            result.append(operation)
        return result

    def _is_own(self, constraint: Constraint) -> bool:
        return isinstance(constraint, CheckConstraint) and is_column_check(constraint, self.target.columns, self.facts)

    # Checks that belong to a column

    def _column_checks(self, operations: list[Operation]) -> list[Operation]:
        """Make checks that are part of a column's definition a part of its operations: they cannot be added or dropped by name."""
        if not self.facts.mariadb:
            return operations
        old = {c.name: c for c in self.source.checks if is_column_check(c, self.source.columns, self.facts)}
        new = {c.name: c for c in self.target.checks if is_column_check(c, self.target.columns, self.facts)}
        if not old and not new:
            return operations
        kept: list[Operation] = []
        before = {name: check.expression.sql for name, check in old.items()}
        after = dict(before)
        for operation in operations:
            match operation:
                case DropConstraint(constraint=CheckConstraint() as check) if old.get(check.name) is check:
                    after.pop(check.name)
                case AddConstraint(constraint=CheckConstraint() as check) if new.get(check.name) is check:
                    after[check.name] = check.expression.sql
                case _:
                    kept.append(operation)
        return [self._with_check(o, before, after) for o in self._altered(kept, before, after)]

    def _altered(
        self, operations: list[Operation], before: dict[str | None, str], after: dict[str | None, str]
    ) -> list[Operation]:
        """Add an alteration of each column whose check changes, where nothing else is done to it."""
        touched = {o.name for o in operations if isinstance(o, (AlterColumn, DropColumn))}
        touched |= {o.column.name for o in operations if isinstance(o, AddColumn)}
        extra: list[Operation] = []
        for column in self.source.columns:
            if before.get(column.name) != after.get(column.name) and column.name not in touched:
                state = ColumnState.of(column)
                extra.append(AlterColumn(table=self.name, name=column.name, after=ColumnState(), before=state))
        return operations + extra

    def _with_check(
        self, operation: Operation, before: dict[str | None, str], after: dict[str | None, str]
    ) -> Operation:
        match operation:
            case AlterColumn(name=name) if name in before or name in after:
                old, new = before.get(name), after.get(name)
                own = () if isinstance(operation.before.options, Unset) else operation.before.options
                given = operation.after.options
                changed = replace(operation, before=replace(operation.before, options=_checked(own, old)))
                if old == new and isinstance(given, Unset):
                    return changed
                options_after = _checked(own if isinstance(given, Unset) else given, new)
                return replace(changed, after=replace(operation.after, options=options_after))
            case AddColumn(column=column) if column.name in after:
                return replace(operation, column=replace(column, options=_checked(column.options, after[column.name])))
            case DropColumn(column=Column() as column) if column.name in before:
                return replace(operation, column=replace(column, options=_checked(column.options, before[column.name])))
        return operation

    # Collations that follow the table's

    def _collations(self, operations: list[Operation]) -> list[Operation]:
        """Say the collation of each column outright where the table's changes, since that changes no column by itself."""
        table_before, table_after = self._collation(self.source), self._collation(self.target)
        if table_before == table_after:
            return operations
        columns = {c.name: c for c in self.source.columns if self._is_collated(c)}
        altered = {o.name: o for o in operations if isinstance(o, AlterColumn)}
        gone = {o.name for o in operations if isinstance(o, DropColumn)}
        result = [o for o in operations if not isinstance(o, AlterColumn)]
        result = [self._with_collation(o, table_before, table_after) for o in result]
        for name, column in columns.items():
            wanted = self.target.column(name)
            if name in gone or wanted is None:
                continue
            old, new = column.collation or table_before, wanted.collation or table_after
            known = altered.pop(name, None) or AlterColumn(
                table=self.name, name=name, after=ColumnState(), before=ColumnState.of(column)
            )
            if old == new and not known.after.known().keys() - {"collation"}:
                continue
            # Also where only something else changes: the definition is stated whole.
            after = replace(known.after, collation=new if self._is_collated(wanted) else None)
            result.append(replace(known, before=replace(known.before, collation=old), after=after))
        return result + list(altered.values())

    def _with_collation(self, operation: Operation, before: str, after: str) -> Operation:
        match operation:
            case AddColumn(column=column) if column.collation is None and self._is_collated(column):
                return replace(operation, column=replace(column, collation=after))
            case DropColumn(column=Column() as column) if column.collation is None and self._is_collated(column):
                return replace(operation, column=replace(column, collation=before))
        return operation

    def _collation(self, table: Table) -> str:
        return str(option(table.options, "collate") or self.facts.collation_of(table.name.schema))

    def _is_collated(self, column: Column) -> bool:
        spec = parse_type(column.type.sql, lexicon_for(self.facts))
        return spec is not None and has_collation(spec)

    # Indexes that the server makes

    def _implicit_indexes(self, operations: list[Operation]) -> list[Operation]:
        """Add what becomes of the hidden indexes; take out what would make one that is there, or drop one that stays."""
        hidden_before = {index.name.lower(): index for index in implicit_indexes(self.source)}
        hidden_after = {index.name.lower(): index for index in implicit_indexes(self.target)}
        if hidden_before == hidden_after:
            return operations
        created = {o.index.name.lower(): o for o in operations if isinstance(o, CreateIndex)}
        dropped = {o.name.lower(): o for o in operations if isinstance(o, DropIndex)}
        extra: list[Operation] = []
        needless: list[Operation] = []
        for name, index in hidden_before.items():
            if _same(hidden_after.get(name), index):
                continue
            if name in created and _same(created[name].index, index):
                needless.append(created[name])
            else:
                extra.append(CreateIndex(table=self.name, index=index).reverse())
        for name, index in hidden_after.items():
            if _same(hidden_before.get(name), index):
                continue
            if name in dropped and dropped[name].index is not None and _same(dropped[name].index, index):
                needless.append(dropped[name])
            else:
                extra.append(CreateIndex(table=self.name, index=index))
        return [o for o in operations if not any(o is each for each in needless)] + extra

    # What hangs together

    def _hangs_together(self, operation: Operation) -> bool:
        if _changes_engine(operation):
            return True
        match operation:
            case AddConstraint(constraint=PrimaryKey()) | DropConstraint(kind="primary"):
                return True
            case AlterColumn(after=ColumnState(autoincrement=bool())):
                return True
            case AddColumn(column=Column(autoincrement=True)) | DropColumn(column=Column(autoincrement=True)):
                return True
        columns = _key_columns(operation)
        automatic = {c.name for table in (self.source, self.target) for c in table.columns if c.autoincrement}
        return bool(columns) and (columns[0] in automatic or self._serves_key(operation))

    def _serves_key(self, operation: Operation) -> bool:
        columns = _key_columns(operation)
        keys = (*self.source.foreign_keys, *self.target.foreign_keys)
        return bool(columns) and any(covers(columns, key) for key in keys)


def _checked(values: Options, check: str | None) -> Options:
    return options({**dict(values), "check": check})


def _is_foreign_key(operation: Operation) -> bool:
    match operation:
        case AddConstraint(constraint=ForeignKey()) | DropConstraint(kind="foreignkey"):
            return True
    return False


def _changes_engine(operation: Operation) -> bool:
    """Return True for a change of engine: another engine may know no foreign keys."""
    return isinstance(operation, AlterTable) and "engine" in dict(operation.after)


def _same(one: Index | None, other: Index) -> bool:
    return one is not None and one.elements == other.elements and one.unique == other.unique


def _key_columns(operation: Operation) -> tuple[str, ...]:
    """Return the leading columns of the key that an operation makes or drops; nothing for other operations."""
    match operation:
        case CreateIndex(index=index) | DropIndex(index=Index() as index):
            return leading_columns(index)
        case AddConstraint(constraint=UniqueConstraint(columns=columns)):
            return columns
        case DropConstraint(constraint=UniqueConstraint(columns=columns)):
            return columns
    return ()


_RANKS = (
    DropIndex,
    DropConstraint,
    DropColumn,
    AlterColumn,
    AddColumn,
    AddConstraint,
    CreateIndex,
    AlterTable,
    SetTableComment,
)


def _batch_rank(operation: Operation) -> tuple[int, tuple[str, ...]]:
    """The order inside a batch. Its mirror image is an order for the way back."""
    return _RANKS.index(type(operation)), operation.about
