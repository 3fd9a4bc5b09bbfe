"""Operations in the form in which PostgreSQL can carry them out.

Some changes of a column do not go while other things stand on it. Those are taken off before, and put back after: in operations of
their own, so that the way back does the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemadiff.backends.postgresql.casts import are_comparable, spells_alike
from schemadiff.backends.postgresql.inheritance import refuse_leaving
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    AlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Operation,
)
from schemadiff.operations.touch import mentioned
from schemadiff.schema import (
    UNSET,
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Index,
    Name,
    Schema,
    Table,
    option,
)

__all__ = ["arranged", "in_place"]


def in_place(before: Column, after: Column, table: Table, major: int) -> bool:
    """Return True where ALTER can turn ``before`` into ``after``, and back.

    A stored generated column becomes a plain one in place (DROP EXPRESSION, PostgreSQL 13), which keeps its values; the other way it is made
    anew by the operation itself.

    Args:
        before, after: the column.
        table: its table, as it stands.
        major: the server's major version.
    """
    old, new = before.default, after.default
    if not isinstance(old, Computed) and not isinstance(new, Computed):
        return True
    if not isinstance(old, Computed) or not isinstance(new, Computed):
        computed = old if isinstance(old, Computed) else new
        return major >= 13 and isinstance(computed, Computed) and computed.stored and before.type == after.type
    if before.type != after.type or old.stored != new.stored:
        return False
    if old == new:
        return True
    # SET EXPRESSION came with PostgreSQL 17; of a virtual column (18) it is refused where the table has check constraints.
    return major >= 17 and (old.stored or not table.checks)


def arranged(operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
    """Return ``operations`` with what has to be off for a while.

    - The default of a column that changes its type is stated again.
    - An index or constraint on a column that is made anew goes with it.
    - A column that a generated column is computed from cannot change its type, so the generated column goes and comes back.
    - A check, a predicate or an expression of an index over a column whose type becomes another one.
    - A foreign key between columns whose types cannot be compared while only one of them has changed.
    - A foreign key between tables that both become logged or unlogged: no logged table may refer to an unlogged one.

    Raises:
        UnsupportedOperation: the partitioning of a table would change, or the type of a column that it is partitioned by; or a table
            would leave a parent for good.
    """
    for operation in operations:
        if isinstance(operation, AlterTable):
            _refuse_partitioning(operation)
            refuse_leaving(operation, source)
        elif isinstance(operation, AlterColumn) and operation.table in source.tables:
            _refuse_new_key_type(operation, source.tables[operation.table])
    return _Arrangement(list(operations), source, target).result()


def _refuse_partitioning(operation: AlterTable) -> None:
    """Refuse to change how a table is partitioned.

    Raises:
        UnsupportedOperation: the operation would do so.
    """
    for name, value in operation.after:
        if name == "partition_by":
            what = (
                "make a partitioned table a plain one"
                if value is None
                else f"partition a table that is there by {value}"
            )
            raise UnsupportedOperation(
                f"{operation.describe()}: PostgreSQL cannot {what} (postgresql_partition_by); "
                "create a new table in a revision of your own, copy the rows, and put it in the place of the old one"
            )


def _refuse_new_key_type(operation: AlterColumn, table: Table) -> None:
    """Refuse to change the type of a column that the table is partitioned by.

    Raises:
        UnsupportedOperation: the operation would do so.
    """
    key = option(table.options, "partition_by")
    if key is None or not {"type", "collation"} & operation.after.known().keys():
        return
    columns = key[key.index("(") :] if "(" in key else key
    if operation.name in mentioned(Expression(columns, columns)):
        raise UnsupportedOperation(
            f"{operation.describe()}: PostgreSQL cannot change the type of a column of the partition key {key} (postgresql_partition_by); "
            "create a new table in a revision of your own, copy the rows, and put it in the place of the old one"
        )


@dataclass
class _Arrangement:
    """The operations, to which more are added."""

    operations: list[Operation]
    source: Schema
    target: Schema

    def result(self) -> tuple[Operation, ...]:
        self.operations = [self._with_default(operation) for operation in self.operations]
        for table, column in self._generated_from_retyped():
            self._replace(table, column)
        for operation in tuple(self.operations):
            if isinstance(operation, AlterColumn) and _is_remade(operation):
                self._off_and_on(self.source.tables[operation.table], operation.name)
        for table, retyped in self._recast():
            self._expressions_off_and_on(table, retyped)
        for name, key in (*self._keys_between_types(), *self._keys_between_unlogged()):
            self._constraint_off_and_on(name, key)
        return tuple(self.operations)

    def _with_default(self, operation: Operation) -> Operation:
        """State the default of a column whose type changes under it: the server would keep it with a cast from the old type."""
        if not isinstance(operation, AlterColumn) or not isinstance(operation.after.type, DataType):
            return operation
        table = self.target.tables.get(operation.table)
        column = None if table is None else table.column(operation.name)
        if column is None or operation.after.default is not UNSET or not isinstance(column.default, Expression):
            return operation
        default = column.default
        before = operation.before.default
        if isinstance(before, Expression) and before.canonical != default.canonical:
            # The two are as good as equal, or the user wants defaults left alone.
            default = before
        return replace(operation, after=replace(operation.after, default=default))

    # -- what changes

    def _retyped(self) -> dict[Name, dict[str, tuple[DataType, DataType]]]:
        """Return the columns whose types change, with the old and the new type."""
        found: dict[Name, dict[str, tuple[DataType, DataType]]] = {}
        for operation in self.operations:
            if isinstance(operation, AlterColumn):
                old, new = operation.before.type, operation.after.type
                if isinstance(new, DataType) and isinstance(old, DataType):
                    found.setdefault(operation.table, {})[operation.name] = (old, new)
                elif operation.after.collation is not UNSET and isinstance(old, DataType):
                    found.setdefault(operation.table, {})[operation.name] = (old, old)
            elif isinstance(operation, (AlterDomain, AlterEnum)):
                for column in operation.columns:
                    # Made anew in one of the two directions, the type is two types for a while.
                    kinds = DataType(str(operation.name)), DataType(f"{operation.name} anew")
                    found.setdefault(column.table, {})[column.name] = kinds
        return found

    def _generated_from_retyped(self) -> Iterator[tuple[Table, Column]]:
        for name, columns in self._retyped().items():
            table = self.source.tables.get(name)
            for column in () if table is None else table.columns:
                if isinstance(column.default, Computed) and mentioned(column.default.expression) & columns.keys():
                    assert table is not None
                    yield table, column

    def _recast(self) -> Iterator[tuple[Table, str]]:
        """Yield the columns over which the server would write expressions anew, with casts that stay when the type comes back."""
        for name, columns in self._retyped().items():
            table = self.source.tables.get(name)
            for column, (old, new) in columns.items() if table is not None else ():
                if not spells_alike(old, new):
                    assert table is not None
                    yield table, column

    def _keys_between_types(self) -> Iterator[tuple[Name, ForeignKey]]:
        retyped = self._retyped()
        for name, table in self.source.tables.items() if retyped else ():
            for key in table.foreign_keys:
                own, other = retyped.get(name, {}), retyped.get(key.referent, {})
                pairs = zip(key.columns, key.referent_columns, strict=True)
                changes = [c for here, there in pairs for c in (own.get(here), other.get(there)) if c is not None]
                if any(not are_comparable(old, new) for old, new in changes):
                    yield name, key

    def _keys_between_unlogged(self) -> Iterator[tuple[Name, ForeignKey]]:
        changing = {o.name for o in self.operations if isinstance(o, AlterTable) and "prefixes" in dict(o.after)}
        for name in sorted(changing & self.source.tables.keys()):
            for key in self.source.tables[name].foreign_keys:
                if key.referent in changing and key.referent != name:
                    yield name, key

    # -- off and on

    def _is_dropped(self, table: Name, name: str | None, kind: type[Operation]) -> bool:
        return any(
            isinstance(o, kind) and getattr(o, "table", None) == table and getattr(o, "name", None) == name
            for o in self.operations
        ) or any(isinstance(o, DropTable) and o.name == table for o in self.operations)

    def _replace(self, table: Table, column: Column) -> None:
        """Let a generated column go and come back as the target has it, with what stands on it."""
        after = self.target.tables[table.name].column(column.name) if table.name in self.target.tables else None
        if after is None or self._is_dropped(table.name, column.name, DropColumn):
            return
        self.operations = [
            o
            for o in self.operations
            if not (isinstance(o, AlterColumn) and o.table == table.name and o.name == column.name)
        ]
        self.operations.append(DropColumn(table=table.name, name=column.name, column=column))
        self.operations.append(AddColumn(table=table.name, column=after))
        self._off_and_on(table, column.name)

    def _off_and_on(self, table: Table, column: str) -> None:
        """Take every index and constraint that stands on ``column`` off, and put it back."""
        for index in table.indexes:
            if column in _index_columns(index) and not self._is_dropped(table.name, index.name, DropIndex):
                self.operations.append(DropIndex(table=table.name, name=index.name, index=index))
                self.operations.append(CreateIndex(table=table.name, index=index))
        for constraint in table.constraints():
            if column in _constraint_columns(constraint):
                self._constraint_off_and_on(table.name, constraint)
        for name, other in self.source.tables.items():
            for key in other.foreign_keys:
                if key.referent == table.name and column in key.referent_columns:
                    self._constraint_off_and_on(name, key)

    def _expressions_off_and_on(self, table: Table, column: str) -> None:
        """Take every index and constraint off, and put it back, that has an expression over ``column``."""
        for index in table.indexes:
            parts = [*(element.what for element in index.elements), *(() if index.where is None else (index.where,))]
            if column in _mentioned(parts) and not self._is_dropped(table.name, index.name, DropIndex):
                drop = DropIndex(table=table.name, name=index.name, index=index)
                self.operations += [drop, drop.reverse()]
        for constraint in table.constraints():
            match constraint:
                case CheckConstraint(expression=expression):
                    parts = [expression]
                case ExcludeConstraint(elements=elements, where=where):
                    parts = [*(element.what for element in elements), *(() if where is None else (where,))]
                case _:
                    parts = []
            if column in _mentioned(parts):
                self._constraint_off_and_on(table.name, constraint)

    def _constraint_off_and_on(self, table: Name, constraint: Constraint) -> None:
        if not self._is_dropped(table, constraint.name, DropConstraint):
            add = AddConstraint(table=table, constraint=constraint)
            self.operations += [add.reverse(), add]


def _is_remade(operation: AlterColumn) -> bool:
    """Return True where the operation, or its reverse, drops the column and adds it again."""
    old, new = operation.before.default, operation.after.default
    if old is UNSET or new is UNSET:
        return False
    return isinstance(old, Computed) != isinstance(new, Computed)


def _names(parts: Iterable[str | Expression]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for part in parts:
        found |= {part} if isinstance(part, str) else mentioned(part)
    return found


def _mentioned(parts: Iterable[str | Expression]) -> frozenset[str]:
    """Return the columns that the expressions among ``parts`` mention."""
    return _names(part for part in parts if isinstance(part, Expression))


def _index_columns(index: Index) -> frozenset[str]:
    where = () if index.where is None else (index.where,)
    return _names([*index.include, *(element.what for element in index.elements), *where])


def _constraint_columns(constraint: Constraint) -> frozenset[str]:
    match constraint:
        case CheckConstraint(expression=expression):
            return mentioned(expression)
        case ExcludeConstraint(elements=elements, where=where):
            return _names([*(element.what for element in elements), *(() if where is None else (where,))])
        case _:
            return frozenset(constraint.columns)
