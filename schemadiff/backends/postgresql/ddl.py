"""Operations to statements.

``statements`` dispatches on the type of the operation. An operation of a user's own registers its DDL with
``@statements.register``; the function takes the operation and the backend, and returns the statements in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch
from typing import Any

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.clauses import (
    column_definition,
    comma,
    constraint_clause,
    index_statement,
    qualified,
    storage_clause,
    storage_setting,
    text_or_null,
)
from schemadiff.backends.postgresql.column_options import known_options, later_statements
from schemadiff.backends.postgresql.guards import type_guards
from schemadiff.backends.postgresql.lexicon import quoted
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddConstraint,
    AlterTable,
    BatchAlterTable,
    BulkInsert,
    CreateDependant,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateView,
    DropConstraint,
    DropDependant,
    DropIndex,
    DropSchema,
    DropTable,
    DropView,
    Execute,
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.schema import Column, Constraint, Name, Options, PrimaryKey, Table, option

__all__ = ["statements"]

Statements = tuple[str, ...]


@singledispatch
def statements(operation: Operation, backend: Backend) -> Statements:
    """Return the statements that carry ``operation`` out, each without a terminator.

    Args:
        operation: the operation.
        backend: the backend of the database.

    Raises:
        UnsupportedOperation: PostgreSQL cannot do it, or nobody has registered how.
    """
    raise UnsupportedOperation(
        f"{operation.describe()}: PostgreSQL has no DDL for {type(operation).__name__}; register it with "
        "schemadiff.backends.postgresql.ddl.statements.register"
    )


def _exists(condition: bool, words: str) -> str:
    return f"{words} " if condition else ""


# -- tables


@statements.register
def _(operation: CreateTable, backend: Backend) -> Statements:
    table = operation.table
    guards = type_guards([column.type for column in table.columns], backend)
    prefix = "UNLOGGED " if option(table.options, "prefixes") else ""
    exists = _exists(operation.if_not_exists, "IF NOT EXISTS")
    columns = [known_options(column, backend) for column in table.columns]
    typed = option(table.options, "of")
    parts = [part for column in columns if (part := _typed(column) if typed else column_definition(column))]
    # The server chooses the names of constraints that nobody named, so that they can clash with nothing.
    inline = [c for c in table.constraints() if not option(c.options, "not_valid")]
    parts += [constraint_clause(c, named=not c.implicit or bool(c.comment)) for c in inline]
    body = "(\n\t" + ",\n\t".join(parts) + "\n)" if parts else "" if typed else "()"
    if typed:
        body = f"OF {typed} {body}".rstrip()
    create = f"CREATE {prefix}TABLE {exists}{qualified(table.name)} {body}{''.join(_table_clauses(table.options))}"
    # CREATE TABLE would take them as valid.
    later = [_addition(table.name, c) for c in table.constraints() if c not in inline]
    settings = [each for column in columns for each in later_statements(table.name, column)]
    return (*guards, create, *settings, *later, *_comments(table))


def _typed(column: Column) -> str:
    """Return what a typed table says of a column, which is its type's; nothing where it says nothing."""
    bare = column_definition(replace(column, default=None, nullable=True))
    said = column_definition(column).removeprefix(bare)
    return f"{quoted(column.name)} WITH OPTIONS{said}" if said else ""


def _addition(table: Name, constraint: Constraint) -> str:
    return f"ALTER TABLE {qualified(table)} ADD {constraint_clause(constraint)}"


def _table_clauses(options: Options) -> Iterator[str]:
    if parents := option(options, "inherits"):
        yield f"\nINHERITS ({comma(parents)})"
    if key := option(options, "partition_by"):
        yield f"\nPARTITION BY {key}"
    if method := option(options, "using"):
        yield f"\nUSING {quoted(method)}"
    if parameters := option(options, "with"):
        yield f"\n{storage_clause(parameters)}"
    if tablespace := option(options, "tablespace"):
        yield f"\nTABLESPACE {quoted(tablespace)}"


def _comments(table: Table) -> Iterator[str]:
    if table.comment is not None:
        yield _table_comment(table.name, table.comment)
    for constraint in table.constraints():
        yield from _constraint_comment(table.name, constraint)


def _table_comment(table: Name, comment: str | None) -> str:
    return f"COMMENT ON TABLE {qualified(table)} IS {text_or_null(comment)}"


def _constraint_comment(table: Name, constraint: Constraint) -> Iterator[str]:
    comment = constraint.comment
    if comment is not None and constraint.name is not None:
        yield f"COMMENT ON CONSTRAINT {quoted(constraint.name)} ON {qualified(table)} IS {text_or_null(comment)}"


@statements.register
def _(operation: DropTable, backend: Backend) -> Statements:
    return (f"DROP TABLE {_exists(operation.if_exists, 'IF EXISTS')}{qualified(operation.name)}",)


@statements.register
def _(operation: RenameTable, backend: Backend) -> Statements:
    return (f"ALTER TABLE {qualified(operation.name)} RENAME TO {quoted(operation.new_name)}",)


@statements.register
def _(operation: SetTableComment, backend: Backend) -> Statements:
    return (_table_comment(operation.name, operation.comment),)


@statements.register
def _(operation: AlterTable, backend: Backend) -> Statements:
    before = dict(operation.before) if isinstance(operation.before, tuple) else {}
    found: list[str] = []
    for name, value in operation.after:
        found += [
            f"ALTER TABLE {qualified(operation.name)} {action}"
            for action in _table_option(operation, name, value, before)
        ]
    return tuple(found)


def _table_option(operation: AlterTable, name: str, value: Any, before: dict[str, Any]) -> Iterator[str]:
    old = before.get(name)
    match name:
        case "prefixes":
            yield "SET UNLOGGED" if value else "SET LOGGED"
        case "with":
            settings, gone = value or (), sorted(dict(old or ()).keys() - dict(value or ()).keys())
            if gone:
                yield f"RESET ({comma('.'.join(map(quoted, key.split('.', 1))) for key in gone)})"
            if settings:
                yield f"SET ({comma(storage_setting(key, setting) for key, setting in settings)})"
        case "tablespace":
            yield f"SET TABLESPACE {quoted(value or 'pg_default')}"
        case "using":
            yield f"SET ACCESS METHOD {quoted(value or 'heap')}"
        case "inherits":
            yield from (f"NO INHERIT {parent}" for parent in old or () if parent not in (value or ()))
            yield from (f"INHERIT {parent}" for parent in value or () if parent not in (old or ()))
        case "of":
            yield "NOT OF" if value is None else f"OF {value}"
        case _:
            raise UnsupportedOperation(
                f"{operation.describe()}: PostgreSQL cannot change {name} of a table that is there; create a new table and copy the rows"
            )


# -- constraints and indexes


@statements.register
def _(operation: AddConstraint, backend: Backend) -> Statements:
    constraint = operation.constraint
    return (_addition(operation.table, constraint), *_constraint_comment(operation.table, constraint))


@statements.register
def _(operation: DropConstraint, backend: Backend) -> Statements:
    name = operation.name
    if name is None and operation.constraint is not None:
        name = backend.constraint_name(Table(name=operation.table, columns=()), operation.constraint)
    if name is None and operation.kind == "primary":
        name = backend.constraint_name(Table(name=operation.table, columns=()), PrimaryKey(name=None, columns=()))
    if name is None:
        raise UnsupportedOperation(f"{operation.describe()}: PostgreSQL drops constraints by name; give the name")
    exists = _exists(operation.if_exists, "IF EXISTS")
    return (f"ALTER TABLE {qualified(operation.table)} DROP CONSTRAINT {exists}{quoted(name)}",)


def is_concurrent(operation: CreateIndex | DropIndex) -> bool:
    """Return True where ``operation`` says CONCURRENTLY, or the index that it was given; it is no trait of the index itself."""
    arguments = getattr(getattr(operation.index, "origin", None), "dialect_kwargs", {})
    return bool(getattr(operation, "concurrently", False) or arguments.get("postgresql_concurrently"))


@statements.register
def _(operation: CreateIndex, backend: Backend) -> Statements:
    index, concurrently = operation.index, is_concurrent(operation)
    create = index_statement(index, operation.table, if_not_exists=operation.if_not_exists, concurrently=concurrently)
    name = qualified(Name(index.name, operation.table.schema))
    targets = option(index.options, "statistics", ())
    later = [f"ALTER INDEX {name} ALTER COLUMN {int(at)} SET STATISTICS {int(target)}" for at, target in targets]
    if index.comment is None:
        return (create, *later)
    return (create, *later, f"COMMENT ON INDEX {name} IS {text_or_null(index.comment)}")


@statements.register
def _(operation: DropIndex, backend: Backend) -> Statements:
    schema = operation.schema if operation.table is None else operation.table.schema
    concurrently = "CONCURRENTLY " if is_concurrent(operation) else ""
    exists = _exists(operation.if_exists, "IF EXISTS")
    return (f"DROP INDEX {concurrently}{exists}{qualified(Name(operation.name, schema))}",)


@statements.register
def _(operation: RenameIndex, backend: Backend) -> Statements:
    schema = operation.schema if operation.table is None else operation.table.schema
    return (f"ALTER INDEX {qualified(Name(operation.name, schema))} RENAME TO {quoted(operation.new_name)}",)


@statements.register
def _(operation: RenameConstraint, backend: Backend) -> Statements:
    old, new = quoted(operation.name), quoted(operation.new_name)
    return (f"ALTER TABLE {qualified(operation.table)} RENAME CONSTRAINT {old} TO {new}",)


# -- schemas and views


@statements.register
def _(operation: CreateSchema, backend: Backend) -> Statements:
    return (f"CREATE SCHEMA {_exists(operation.if_not_exists, 'IF NOT EXISTS')}{quoted(operation.name)}",)


@statements.register
def _(operation: DropSchema, backend: Backend) -> Statements:
    return (f"DROP SCHEMA {_exists(operation.if_exists, 'IF EXISTS')}{quoted(operation.name)}",)


@statements.register
def _(operation: CreateView, backend: Backend) -> Statements:
    view = operation.view
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    create = f"CREATE {kind} {qualified(view.name)} AS {view.sql}"
    if view.comment is None:
        return (create,)
    return (create, f"COMMENT ON {kind} {qualified(view.name)} IS {text_or_null(view.comment)}")


@statements.register
def _(operation: DropView, backend: Backend) -> Statements:
    materialized = operation.materialized or (operation.view is not None and operation.view.materialized)
    return (f"DROP {'MATERIALIZED VIEW' if materialized else 'VIEW'} {qualified(operation.name)}",)


# -- batches and statements of the user's own


@statements.register
def _(operation: BatchAlterTable, backend: Backend) -> Statements:
    # PostgreSQL alters in place whatever a batch holds, so there is nothing to rebuild.
    return tuple(statement for each in operation.in_place for statement in backend.statements(each))


@statements.register
def _(operation: CreateDependant, backend: Backend) -> Statements:
    return (operation.dependant.sql, *operation.dependant.also)


@statements.register
def _(operation: DropDependant, backend: Backend) -> Statements:
    return (operation.dependant.drop,)


@statements.register
def _(operation: Execute, backend: Backend) -> Statements:
    return (operation.sql,)


@statements.register
def _(operation: BulkInsert, backend: Backend) -> Statements:
    return operation.sql
