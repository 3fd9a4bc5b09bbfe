"""The form in which the server can carry operations out.

What ALTER TABLE can do only together goes into a batch, which is one ALTER TABLE here: a primary key and its AUTO_INCREMENT, an index that
a foreign key needs and the one that takes its place, the two columns of a period. Foreign keys go off while the type of their columns changes. The indexes that the
server makes for foreign keys are hidden from comparison; here they come back, as operations that say what happens to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from schemadiff.backends.mysql.batch_order import RANKS, in_batch_order, with_columns
from schemadiff.backends.mysql.behind import behind_sources, plain_before_counting
from schemadiff.backends.mysql.canonical import is_column_check
from schemadiff.backends.mysql.names import covers, implicit_indexes, leading_columns, next_name
from schemadiff.backends.mysql.partitions import PARTITION_WORDS
from schemadiff.backends.mysql.refusals import possible
from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import lexicon_for
from schemadiff.backends.mysql.types import has_collation, parse_type
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Operation,
    SetTableComment,
    evolve,
    evolve_all,
)
from schemadiff.operations.touch import mentioned
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Constraint,
    DataType,
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


def in_place(before: Column, after: Column, table: Table) -> bool:
    """Return True where MODIFY COLUMN can turn ``before`` into ``after``.

    A generated column is computed from no generated column that stands behind it in ``table``.
    "Nongenerated columns can be altered to stored but not virtual generated columns", and back; "virtual generated columns cannot be altered to
    stored generated columns, or vice versa" ("ALTER TABLE and Generated Columns", MySQL; MariaDB has the same rules).
    """
    names = [column.name for column in table.columns]
    behind = table.columns[names.index(before.name) + 1 :]
    if isinstance(after.default, Computed):
        sources = mentioned(after.default.expression)
        if any(isinstance(column.default, Computed) and column.name in sources for column in behind):
            return False
    kinds = {_generation(before), _generation(after)}
    return len(kinds) == 1 or kinds == {"plain", "stored"}


def _generation(column: Column) -> str:
    if not isinstance(column.default, Computed):
        return "plain"
    return "stored" if column.default.stored else "virtual"


def arrange(
    operations: Sequence[Operation],
    source: Schema,
    target: Schema,
    facts: Facts,
    stated: Callable[[DataType], str | None],
) -> tuple[Operation, ...]:
    """Return ``operations`` in the form in which the server can carry them out.

    Args:
        operations: the operations, in no order.
        source, target: what they lead from and to.
        facts: the server.
        stated: gives the collation that a model's type states.
    """
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
    result = [_with_column_checks(each) for operation in others if (each := _without_comment(operation)) is not None]
    pointed_at = _referenced(source) | _referenced(target)
    for name, own in by_table.items():
        referenced = {columns for table, columns in pointed_at if table == name}
        result += _Arrangement(source.tables[name], target.tables[name], facts, referenced).arranged(own)
    return tuple(_with_stated_collations(operation, target, stated) for operation in result)


def _referenced(schema: Schema) -> set[tuple[Name, tuple[str, ...]]]:
    """Return what foreign keys point at: InnoDB needs an index on it, if not a unique one."""
    return {(key.referent, key.referent_columns) for table in schema.tables.values() for key in table.foreign_keys}


def _without_comment(operation: Operation) -> Operation | None:
    """Return the change of a sequence without its comment where a model says none: SQLAlchemy's Sequence has no word for it."""
    if not isinstance(operation, AlterSequence) or operation.after.origin is None or operation.after.comment:
        return operation
    after = replace(operation.after, comment=operation.before.comment)
    return None if after == operation.before else replace(operation, after=after)


def _with_column_checks(operation: Operation) -> Operation:
    """Return the making or dropping of a table with its columns' own checks among their options: so they come with the columns.

    Those of a model stay: they are rendered where the model has them.
    """
    if not isinstance(operation, (CreateTable, DropTable)) or operation.table is None:
        return operation
    table = operation.table
    own = {check.name: check for check in table.checks if is_column_check(check) and check.origin is None}
    columns = tuple(
        replace(column, options=_checked(column.options, own[column.name].expression.sql))
        if column.name in own
        else column
        for column in table.columns
    )
    checks = tuple(check for check in table.checks if own.get(check.name) is not check)
    return replace(operation, table=replace(table, columns=columns, checks=checks))


def _with_stated_collations(
    operation: Operation, target: Schema, stated: Callable[[DataType], str | None]
) -> Operation:
    """Return ``operation`` with the collations that the model states, also where the table would give the column the same.

    An operation is read without its table, so what it says must hold whatever the table's collation is.
    """

    def column(item: Column) -> Column:
        return replace(item, collation=stated(item.type) or item.collation)

    match operation:
        case CreateTable(table=table):
            return replace(operation, table=replace(table, columns=tuple(map(column, table.columns))))
        case AddColumn():
            return replace(operation, column=column(operation.column))
        case AlterColumn(after=after, before=before) if {"type", "collation"} & after.known().keys():
            wanted = target.tables[operation.table].column(operation.name)
            said = None if wanted is None else stated(wanted.type)
            return (
                operation
                if said in (None, before.collation)
                else replace(operation, after=replace(after, collation=said))
            )
        case BatchAlterTable(operations=operations):
            parts = tuple(_with_stated_collations(each, target, stated) for each in operations)
            return replace(operation, operations=parts)
    return operation


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

    def __init__(self, source: Table, target: Table, facts: Facts, referenced: set[tuple[str, ...]]) -> None:
        self.source = source
        self.referenced = referenced
        self.target = target
        self.facts = facts
        self.name = target.name
        self.come: set[str] = set()
        """The columns that are added, those that are made anew among them."""

    def arranged(self, operations: list[Operation]) -> list[Operation]:
        self.come = {o.column.name for o in operations if isinstance(o, AddColumn)}
        operations = list(possible(operations, self.source, self.target, self.facts))
        operations = self._names(self._column_checks(self._on_updates(operations)))
        operations = self._block_sizes(self._transactional(operations))
        operations = self._collations(operations)
        operations = self._implicit_indexes(operations)
        operations = behind_sources(plain_before_counting(operations), self.source, self.target)
        keys = [o for o in operations if _is_foreign_key(o)]
        rest = [o for o in operations if not _is_foreign_key(o)]
        all_go = {c.name for c in self.source.columns} == {o.name for o in rest if isinstance(o, DropColumn)}
        if len(rest) > 1 and (all_go or any(self._hangs_together(operation) for operation in rest)):
            order = in_batch_order(rest, self._batch_rank)
            batch = BatchAlterTable(
                table=self.name, operations=with_columns(order, self.source, self.target) if all_go else order
            )
            return [batch, *keys]
        if len(rest) == 1 and (_moves(rest[0]) or (keys and (_changes_table(rest[0]) or self._serves_key(rest[0])))):
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
        return isinstance(constraint, CheckConstraint) and is_column_check(constraint)

    # ON UPDATE

    def _on_updates(self, operations: list[Operation]) -> list[Operation]:
        """State the default anew where ON UPDATE changes: SQLAlchemy's users write the two as one text."""
        result: list[Operation] = []
        for operation in operations:
            if isinstance(operation, AlterColumn) and not isinstance(operation.after.options, Unset):
                before, after = self.source.column(operation.name), self.target.column(operation.name)
                assert before is not None
                assert after is not None
                if option(before.options, "on_update") != option(after.options, "on_update"):
                    operation = replace(operation, after=replace(operation.after, default=after.default))
            result.append(operation)
        return result

    # Checks that belong to a column

    def _column_checks(self, operations: list[Operation]) -> list[Operation]:
        """Make checks that are part of a column's definition a part of its operations: they cannot be added or dropped by name."""
        if self.facts.mysql:
            return operations
        old = {c.name: c for c in self.source.checks if is_column_check(c)}
        new = {c.name: c for c in self.target.checks if is_column_check(c)}
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
        added = {o.column.name: o.column for o in operations if isinstance(o, AddColumn)}
        standing = {column.name: column for column in self.source.columns if column.name not in touched} | added
        extra: list[Operation] = []
        for name, column in standing.items():
            old = None if name in added else before.get(name)
            if old != after.get(name):
                # A column is added without its check, which SQLAlchemy's words for a column cannot hold.
                state = ColumnState.of(column)
                extra.append(AlterColumn(table=self.name, name=name, after=ColumnState(), before=state))
        return operations + extra

    def _with_check(
        self, operation: Operation, before: dict[str | None, str], after: dict[str | None, str]
    ) -> Operation:
        match operation:
            case AlterColumn(name=name) if name in before or name in after:
                old, new = None if name in self.come else before.get(name), after.get(name)
                own = () if isinstance(operation.before.options, Unset) else operation.before.options
                given = operation.after.options
                changed = replace(operation, before=replace(operation.before, options=_checked(own, old)))
                if old == new and isinstance(given, Unset):
                    return changed
                options_after = _checked(own if isinstance(given, Unset) else given, new)
                return replace(changed, after=replace(operation.after, options=options_after))
            case DropColumn(column=Column() as column) if column.name in before:
                return replace(operation, column=replace(column, options=_checked(column.options, before[column.name])))
        return operation

    # Collations

    def _collations(self, operations: list[Operation]) -> list[Operation]:
        """State each column anew that follows the table's collation, where that changes: it changes no column by itself."""
        if option(self.source.options, "collate") == option(self.target.options, "collate"):
            return operations
        touched = {o.name for o in operations if isinstance(o, (AlterColumn, DropColumn))}
        extra: list[Operation] = []
        for column in self.source.columns:
            wanted = self.target.column(column.name)
            follows = column.collation is None and self._is_collated(column)
            if follows and wanted is not None and column.name not in touched:
                after = ColumnState(type=wanted.type)
                extra.append(AlterColumn(table=self.name, name=column.name, after=after, before=ColumnState.of(column)))
        return operations + extra

    def _is_collated(self, column: Column) -> bool:
        spec = parse_type(column.type.sql, lexicon_for(self.facts))
        return spec is not None and has_collation(spec)

    # What only some engines know

    def _transactional(self, operations: list[Operation]) -> list[Operation]:
        """Take TRANSACTIONAL off while the table has the engine that knows it, and give it back behind that: to others it is an unknown option."""
        result: list[Operation] = []
        for operation in operations:
            if isinstance(operation, AlterTable) and self._moves_transactional(dict(operation.after)):
                result.append(_reduced(operation, lambda key: key == "transactional"))
                operation = _reduced(operation, lambda key: key != "transactional")
            result.append(operation)
        return result

    def _moves_transactional(self, after: dict[str, object]) -> bool:
        if not {"engine", "transactional"} <= after.keys():
            return False
        with_it = self.source if after["transactional"] is None else self.target
        without = self.target if with_it is self.source else self.source
        knows = (option(with_it.options, "engine") or self.facts.engine) in ("Aria", "InnoDB")
        return knows and option(without.options, "transactional") is None

    # Block sizes of keys

    def _block_sizes(self, operations: list[Operation]) -> list[Operation]:
        """Make each key anew where the table's KEY_BLOCK_SIZE changes: it would keep the old one as its own."""
        if not any(isinstance(o, AlterTable) and "key_block_size" in dict(o.after) for o in operations):
            return operations
        touched = {(o.kind, o.name) for o in operations if isinstance(o, DropConstraint)}
        touched |= {(None, o.name) for o in operations if isinstance(o, DropIndex)}
        extra: list[Operation] = []
        if self.source.primary_key is not None and self.source.primary_key == self.target.primary_key:
            again = AddConstraint(table=self.name, constraint=self.source.primary_key)
            extra += [again.reverse(), again]
        for unique in self.source.uniques:
            if ("unique", unique.name) not in touched:
                made = AddConstraint(table=self.name, constraint=unique)
                extra += [made.reverse(), made]
        for index in self.source.indexes:
            if (None, index.name) not in touched:
                created = CreateIndex(table=self.name, index=index)
                extra += [created.reverse(), created]
        return operations + extra

    # Indexes that the server makes

    def _implicit_indexes(self, operations: list[Operation]) -> list[Operation]:
        """Add what becomes of the hidden indexes; take out what would make one that is there, or drop one that stays.

        A foreign key that is put back under another name than its hidden index has takes the index over, name and all. So that index is
        made anew before, as one of its own.
        """
        before, after = list(implicit_indexes(self.source)), list(implicit_indexes(self.target))
        added = [o.constraint for o in operations if isinstance(o, AddConstraint)]
        for index in tuple(before):
            same = next((each for each in after if each.elements == index.elements), None)
            keys = [key for key in added if isinstance(key, ForeignKey) and key.columns == index.columns]
            if same is not None and all(key.name == index.name == same.name for key in keys):
                before.remove(index)
                after.remove(same)
        dropped = [o for o in operations if isinstance(o, DropIndex)]
        # Also one that the target has in plain sight: it is to be an index of its own.
        extra: list[Operation] = [CreateIndex(table=self.name, index=index).reverse() for index in before]
        needless: list[Operation] = []
        for index in after:
            stays = next((o for o in dropped if o.index is not None and _same(o.index, index)), None)
            (extra if stays is None else needless).append(
                CreateIndex(table=self.name, index=index) if stays is None else stays
            )
        return [o for o in operations if not any(o is each for each in needless)] + extra

    # What hangs together

    def _hangs_together(self, operation: Operation) -> bool:
        if _changes_table(operation) or _moves(operation):
            return True
        match operation:
            case AddConstraint(constraint=PrimaryKey()) | DropConstraint(kind="primary"):
                return True
            case AlterColumn(after=ColumnState(autoincrement=bool())):
                return True
            case AlterColumn(name=name) if name in self.come and self.source.column(name) is not None:
                return True
            case AlterColumn(name=name) if name in self._ends_of_period():
                # "Fields of PERIOD have different types", unless they change theirs together.
                return True
            case AddColumn(column=Column(autoincrement=True)) | DropColumn(column=Column(autoincrement=True)):
                return True
        columns = _key_columns(operation)
        automatic = {c.name for table in (self.source, self.target) for c in table.columns if c.autoincrement}
        return bool(columns) and (columns[0] in automatic or self._serves_key(operation))

    def _batch_rank(self, operation: Operation) -> tuple[int, tuple[str, ...]]:
        """The order inside a batch. Its mirror image is an order for the way back."""
        match operation:
            case AlterTable(after=after) if dict(after).get("system_versioning", True) is None:
                # Only then its columns can change; and before it comes back.
                return -1, operation.about
            case AlterTable(after=(("transactional", value),)):
                # The engine that knows it is about to go, or has just come.
                return -3 if value is None else len(RANKS) + 1, operation.about
            case AlterColumn(name=name) if name in self.come:
                # A column that comes gets its check when it is there, with the key that it may need.
                return len(RANKS), operation.about
            case AlterColumn(name=name, after=ColumnState(autoincrement=True)) if _is_computed(self.source, name):
                # It is plain by now, and counts once it has its key; the way back is the mirror image.
                return len(RANKS), operation.about
            case AlterColumn(name=name, after=ColumnState(autoincrement=False)) if _is_computed(self.target, name):
                return -1, operation.about
            case DropColumn(column=Column() as column) if self._is_left_out(column):
                return -2, operation.about
            case AddColumn(column=column) if self._is_left_out(column):
                return len(RANKS), operation.about
        return RANKS.index(type(operation)), operation.about

    def _is_left_out(self, column: Column) -> bool:
        """Return True for a column that only a table with system versioning can have, where that begins or ends."""
        begins_or_ends = bool(option(self.source.options, "system_versioning")) != bool(
            option(self.target.options, "system_versioning")
        )
        return begins_or_ends and bool(option(column.options, "without_system_versioning"))

    def _ends_of_period(self) -> tuple[str, ...]:
        period = option(self.source.options, "period")
        return () if period is None else tuple(period[1:])

    def _serves_key(self, operation: Operation) -> bool:
        columns = _key_columns(operation)
        keys = {key.columns for key in (*self.source.foreign_keys, *self.target.foreign_keys)} | self.referenced
        return bool(columns) and any(covers(columns, key) for key in keys)


def _checked(values: Options, check: str | None) -> Options:
    return options({**dict(values), "check": check})


def _is_foreign_key(operation: Operation) -> bool:
    match operation:
        case AddConstraint(constraint=ForeignKey()) | DropConstraint(kind="foreignkey"):
            return True
    return False


def _is_computed(table: Table, name: str) -> bool:
    column = table.column(name)
    return column is not None and isinstance(column.default, Computed)


def _moves(operation: Operation) -> bool:
    return isinstance(operation, AlterColumn) and (operation.place or operation.reverse_place) is not None


_OF_THE_WHOLE = {"engine", "collate", "key_block_size", "period", "system_versioning", *PARTITION_WORDS}


def _changes_table(operation: Operation) -> bool:
    """Return True for a change of engine, of the collation that columns follow, of the keys' block size, of a period, versioning or partitions."""
    return isinstance(operation, AlterTable) and bool(_OF_THE_WHOLE & dict(operation.after).keys())


def _reduced(operation: AlterTable, wanted: Callable[[str], bool]) -> AlterTable:
    """Return the change of those options that are ``wanted``."""
    before = operation.before
    if not isinstance(before, Unset):
        before = tuple(pair for pair in before if wanted(pair[0]))
    return replace(operation, after=tuple(pair for pair in operation.after if wanted(pair[0])), before=before)


def _same(one: Index, other: Index) -> bool:
    return (one.name, one.elements, one.unique) == (other.name, other.elements, other.unique)


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
