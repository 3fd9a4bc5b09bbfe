"""The differences in enum types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemadiff.errors import OperationError
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropEnum,
    EnumColumn,
    Operation,
)
from schemadiff.schema import (
    UNSET,
    CheckConstraint,
    Column,
    Enum,
    Expression,
    Name,
    Schema,
)

__all__ = ["columns_of", "enum_operations", "refuse_kind_changes", "refuse_used", "texts", "with_types"]


def enum_operations(source: Schema, target: Schema) -> Iterator[Operation]:
    """Yield what becomes of enum types.

    A type that the target does not name is dropped where a column of the source uses it (then the diff takes its last use away), or
    where the target is a whole database. A type that nothing used is not the model's, and stays.
    """
    names = sorted(source.enums.keys() | target.enums.keys())
    if not names:
        return
    used = {c.type.named for table in source.tables.values() for c in table.columns if c.type.named is not None}
    for name in names:
        before, after = source.enums.get(name), target.enums.get(name)
        if before is None and after is not None:
            yield CreateEnum(enum=after)
        elif after is None and before is not None:
            if target.complete or name in used:
                yield DropEnum(name=name, enum=before)
        elif before is not None and after is not None and _differ(before, after, target):
            columns = tuple(columns_of(name, source, target)) if before.values != after.values else ()
            change = AlterEnum(name=name, before=before.values, after=after.values, columns=columns)
            if target.complete and before.comment != after.comment:
                change = replace(change, comment=after.comment, existing_comment=before.comment)
            yield change


def _differ(before: Enum, after: Enum, target: Schema) -> bool:
    """A model cannot state comments of types, so only a whole database says that there is none."""
    return before.values != after.values or (target.complete and before.comment != after.comment)


def refuse_used(kind: str, name: Name, used_by: Sequence[str]) -> None:
    """Refuse to make a type anew where something hangs on it that cannot be moved over.

    Raises:
        OperationError: something does.
    """
    if used_by:
        raise OperationError(
            f"{kind} {name} has to be made anew, and {used_by[0]} hangs on it; "
            "take that off in a revision before, and put it back in one after"
        )


def refuse_kind_changes(source: Schema, target: Schema) -> None:
    """Refuse to put a type of another kind in the place of one under its name, while columns are of it.

    Raises:
        OperationError: an enum type becomes a domain, or a domain an enum type.
    """
    changes = [
        *((name, "enum type", "domain") for name in source.enums.keys() & target.domains.keys()),
        *((name, "domain", "enum type") for name in source.domains.keys() & target.enums.keys()),
    ]
    if not changes:
        return
    kept = set(_columns_by_type(source)) & set(_columns_by_type(target))
    for name, one, other in sorted(changes):
        columns = sorted(f"{table}.{column}" for type_, table, column in kept if type_ == name)
        if columns:
            raise OperationError(
                f"{one} {name} becomes a {other} while column {columns[0]} is of it; "
                "give the columns another type in a revision before, and the new one in a revision after"
            )


def _columns_by_type(schema: Schema) -> Iterator[tuple[Name, Name, str]]:
    for table in schema.tables.values():
        for column in table.columns:
            if column.type.named is not None:
                yield column.type.named, table.name, column.name


def columns_of(name: Name, source: Schema, target: Schema) -> Iterator[EnumColumn]:
    """Yield the columns that are of the type ``name``, or of an array of it, on both sides.

    One that is an array on one side only is moved over as it stands, without a default: its own change gives it the other form.
    """
    for table_name in sorted(source.tables.keys() & target.tables.keys()):
        for column in source.tables[table_name].columns:
            other = target.tables[table_name].column(column.name)
            if other is not None and column.type.named == name and other.type.named == name:
                yield EnumColumn(
                    table=table_name,
                    name=column.name,
                    array=_is_array(column),
                    default=_expression(column),
                    new_default=_expression(other) if _is_array(column) == _is_array(other) else None,
                )


def _is_array(column: Column) -> bool:
    return column.type.sql.endswith("[]")


def _changes_form(operation: AlterColumn, source: Schema, target: Schema) -> bool:
    """Return True where a column of a type becomes one of its arrays, or the other way round."""
    sides = (schema.tables[operation.table].column(operation.name) for schema in (source, target))
    return len({_is_array(column) for column in sides if column is not None}) > 1


def _expression(column: Column) -> Expression | None:
    return column.default if isinstance(column.default, Expression) else None


def with_types(
    operations: Iterable[Operation], types: Iterable[Operation], source: Schema, target: Schema
) -> list[Operation]:
    """Return all operations, changes of enums and domains among them, so that each new value is there when it is used.

    Where a type has to be made anew, the change of its columns' defaults is part of that: no default can hold an old value and stand on
    the new type, or the other way round. A column that becomes an array, or none any more, gets its default with its form: between the two
    changes it has none.
    """
    operations = list(operations)
    result: list[Operation] = []
    taken_over: set[tuple[Name, str]] = set()
    for change in types:
        if isinstance(change, AlterEnum):
            fresh = {repr_literal(value) for value in set(change.after) ^ set(change.before)}
            at_once = any(literal in text for text in texts(operations) for literal in fresh)
            at_once = at_once or any(_is_computed_at_once(each, change.name) for each in operations)
            change = replace(change, remake=not replace(change, remake=False).in_place or at_once)
            if change.in_place:
                change = replace(change, remake=False)
            else:
                refuse_used("enum type", change.name, source.enums[change.name].used_by)
        if isinstance(change, (AlterEnum, AlterDomain)) and not change.in_place:
            taken_over |= {(column.table, column.name) for column in change.columns}
        result.append(change)
    for operation in operations:
        if isinstance(operation, AlterColumn) and (operation.table, operation.name) in taken_over:
            if _changes_form(operation, source, target):
                operation = _without_default_before(operation)
            else:
                operation = replace(operation, after=replace(operation.after, default=UNSET))
            if not operation.after.known():
                continue
        result.append(operation)
    return result


def _without_default_before(operation: AlterColumn) -> AlterColumn:
    default = operation.before.default if operation.after.default is UNSET else operation.after.default
    return replace(
        operation,
        before=replace(operation.before, default=None),
        after=replace(operation.after, default=UNSET if default is None else default),
    )


def _is_computed_at_once(operation: Operation, type_: Name) -> bool:
    """Return True where rows get a value of a type that an expression computes, which may be one that is new, there or on the way back."""
    column = operation.column if isinstance(operation, (AddColumn, DropColumn)) else None
    default = None if column is None or column.type.named != type_ else column.default
    return isinstance(default, Expression) and "(" in default.sql


def repr_literal(value: str) -> str:
    """Return a value as it stands in SQL text."""
    return "'" + value.replace("'", "''") + "'"


def texts(operations: Iterable[Operation]) -> Iterator[str]:
    """Yield the text of every expression that the operations bring in, or take away (which is brought in on the way back)."""
    for operation in operations:
        match operation:
            case CreateTable(table=table):
                yield from _column_texts(table.columns)
                yield from (check.expression.sql for check in table.checks)
            case AddColumn(column=column):
                yield from _column_texts((column,))
            case AlterColumn(before=before, after=after):
                for default in (before.default, after.default):
                    if isinstance(default, Expression):
                        yield default.sql
            case AddConstraint(constraint=CheckConstraint(expression=expression)):
                yield expression.sql
            case CreateIndex(index=index):
                yield from (e.what.sql for e in index.elements if isinstance(e.what, Expression))
                if index.where is not None:
                    yield index.where.sql


def _column_texts(columns: Iterable[Column]) -> Iterator[str]:
    for column in columns:
        if isinstance(column.default, Expression):
            yield column.default.sql
