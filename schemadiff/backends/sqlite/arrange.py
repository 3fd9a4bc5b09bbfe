"""What ALTER TABLE can do in place, and what goes into the rebuild of a table.

All operations on a table that has to be rebuilt go into one batch, those on its indexes included: a rebuild makes every index again,
so it has to know which there are. A table is rebuilt as soon as one of the operations on it, or the way back of one, needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemadiff.backends.sqlite.ddl import Ddl
from schemadiff.backends.sqlite.rebuild import is_native, is_respelling
from schemadiff.errors import IrreversibleError, UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    BatchAlterTable,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    SetTableComment,
    evolve_all,
    ordered,
)
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Column, ColumnState, Computed, Expression, Name, Schema, Table, ascii_lower

__all__ = ["arrange", "refuse_taken"]


def arrange(operations: Sequence[Operation], source: Schema, ddl: Ddl) -> tuple[Operation, ...]:
    """Return ``operations`` with those on a table that has to be rebuilt gathered into one batch.

    Args:
        operations: in any order.
        source: the schema that they start from.
        ddl: knows what the library's version can do.
    """
    by_table: dict[Name, list[Operation]] = {}
    result: list[Operation] = []
    operations = [part for operation in operations for part in _counting(operation)]
    for operation in operations:
        owner = _table_of(operation)
        if owner is None or owner not in source.tables:
            result.append(operation)
        else:
            by_table.setdefault(owner, []).append(operation)
    moved = _moved_indexes(operations)
    for name, found in by_table.items():
        table = source.tables[name]
        if all(_stays_plain(operation, table, found, source, ddl) for operation in found):
            result += found
        else:
            freed = [o for o in found if isinstance(o, DropIndex) and o.name in moved]
            found = [o for o in found if o not in freed]
            table = evolve_all(table, freed)
            result += freed
            # What is spelled otherwise is called so by all the rest.
            spelled = [operation for operation in found if is_respelling(operation)]
            rest = [operation for operation in found if not is_respelling(operation)]
            inner = (*spelled, *ordered(rest, keys_need_referents=False))
            result.append(BatchAlterTable(table=name, operations=inner, copy_from=table))
    return tuple(result)


def refuse_taken(operations: Sequence[Operation], source: Schema) -> None:
    """Refuse to create a table whose name a virtual table has, or one in which such a table keeps its content: nothing drops it.

    Raises:
        UnsupportedOperation: an operation would do so.
    """
    taken = {(name.schema, ascii_lower(name.name)): name for name in source.others}
    for operation in operations:
        if isinstance(operation, CreateTable):
            name = operation.table.name
            other = taken.get((name.schema, ascii_lower(name.name)))
            if other is not None:
                raise UnsupportedOperation(
                    f"{operation.describe()}: {other} is a virtual table, or keeps the content of one, which schemadiff leaves alone; leave it out "
                    "of the models or filter it with include_object, drop it in a revision before this one, or choose another name"
                )


def _counting(operation: Operation) -> Iterator[Operation]:
    """Yield ``operation``, AUTOINCREMENT of a column that comes or goes as a change of its own: no definition of a single column says it."""
    match operation:
        case AddColumn(table=table, column=Column(autoincrement=True) as column):
            plain = replace(column, autoincrement=False)
            yield replace(operation, column=plain)
            yield _count(table, plain, column)
        case DropColumn(table=table, column=Column(autoincrement=True) as column):
            plain = replace(column, autoincrement=False)
            yield _count(table, column, plain)
            yield replace(operation, column=plain)
        case _:
            yield operation


def _count(table: Name, before: Column, after: Column) -> AlterColumn:
    state = ColumnState(autoincrement=after.autoincrement)
    return AlterColumn(table=table, name=after.name, after=state, before=ColumnState.of(before))


def _moved_indexes(operations: Sequence[Operation]) -> set[str]:
    """Return the names of indexes that one table loses and another one gets, be it a new one.

    They are dropped before any rebuild: two tables that change names with each other would wait for each other.
    """
    owners = {o.index.name: o.table for o in operations if isinstance(o, CreateIndex)}
    return {o.name for o in operations if isinstance(o, DropIndex) and owners.get(o.name, o.table) != o.table}


def _table_of(operation: Operation) -> Name | None:
    """Return the table that ``operation`` changes; None for one that makes, drops or renames a table, or is about something else."""
    match operation:
        case (
            AddColumn(table=table)
            | DropColumn(table=table)
            | AlterColumn(table=table)
            | AddConstraint(table=table)
            | DropConstraint(table=table)
            | CreateIndex(table=table)
            | DropIndex(table=table)
        ):
            return table
        case AlterTable(name=name) | SetTableComment(name=name):
            return name
    return None


def _stays_plain(operation: Operation, table: Table, others: Sequence[Operation], source: Schema, ddl: Ddl) -> bool:
    try:
        back = operation.reverse()
    except IrreversibleError:
        back = operation
    if is_respelling(operation) or not (is_native(operation, ddl) and is_native(back, ddl)):
        return False
    if isinstance(operation, DropColumn):
        return _is_alone(operation.name, table, others, source)
    return True


def _is_alone(name: str, table: Table, others: Sequence[Operation], source: Schema) -> bool:
    """Return True where nothing but the column itself speaks of the column ``name``: DROP COLUMN refuses otherwise.

    Source: the SQLite manual, "ALTER TABLE DROP COLUMN". Indexes that are dropped in the same change do not count.
    """
    dropped = {operation.name for operation in others if isinstance(operation, DropIndex)}
    for constraint in table.constraints():
        columns = getattr(constraint, "columns", ())
        expression = getattr(constraint, "expression", None)
        if name in columns or (expression is not None and _speaks_of(expression, name)):
            return False
    for index in table.indexes:
        if index.name not in dropped and (name in index.columns or any(_speaks_of(e, name) for e in _texts(index))):
            return False
    for column in table.columns:
        if isinstance(column.default, Computed) and _speaks_of(column.default.expression, name):
            return False
    if any(name in key.referent_columns for other in source.tables.values() for key in other.foreign_keys):
        return False
    texts = [dependant.sql for dependant in (*table.dependants, *source.dependants.values())]
    return not any(_speaks_of(Expression(text, text), name) for text in texts)


def _texts(index: object) -> Iterator[Expression]:
    for element in getattr(index, "elements", ()):
        if isinstance(element.what, Expression):
            yield element.what
    where = getattr(index, "where", None)
    if where is not None:
        yield where


def _speaks_of(expression: Expression, name: str) -> bool:
    return ascii_lower(name) in {ascii_lower(found) for found in mentioned(expression)}
