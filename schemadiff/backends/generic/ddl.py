"""Operations to statements: SQLAlchemy's DDL compilers, and the standard's ALTER TABLE for columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc, schema
from sqlalchemy.engine import Dialect

from schemadiff.backends.generic.build import Builder
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    BatchAlterTable,
    BulkInsert,
    CreateDependant,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumn,
    DropConstraint,
    DropDependant,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropView,
    Execute,
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.schema import Column, ColumnState, DataType, Expression, Name, Unset

__all__ = ["Ddl", "Spelling"]


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """How ALTER TABLE is spelled. The default is that of the SQL standard.

    Each is a format over ``table``, ``column`` and what else its name says, quoted where ``old`` and ``new`` are literals.
    """

    add_column: str = "ALTER TABLE {table} ADD COLUMN {definition}"
    drop_column: str = "ALTER TABLE {table} DROP COLUMN {exists}{column}"
    set_type: str = "ALTER TABLE {table} ALTER COLUMN {column} SET DATA TYPE {type}"
    set_not_null: str = "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"
    drop_not_null: str = "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
    set_default: str = "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"
    drop_default: str = "ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT"
    rename_column: str = "ALTER TABLE {table} RENAME COLUMN {column} TO {new}"
    rename_table: str = "ALTER TABLE {table} RENAME TO {new}"
    rename_index: str = "ALTER INDEX {old_name} RENAME TO {new}"
    rename_constraint: str = "ALTER TABLE {table} RENAME CONSTRAINT {column} TO {new}"
    if_column: bool = True
    nullable_needs_type: bool = False


# Sources: "ALTER TABLE" in the manuals of Transact-SQL and of Oracle Database.
_SPELLINGS: Mapping[str, Spelling] = {
    "mssql": Spelling(
        add_column="ALTER TABLE {table} ADD {definition}",
        set_type="ALTER TABLE {table} ALTER COLUMN {column} {type}{null}",
        set_not_null="ALTER TABLE {table} ALTER COLUMN {column} {type} NOT NULL",
        drop_not_null="ALTER TABLE {table} ALTER COLUMN {column} {type} NULL",
        set_default="ALTER TABLE {table} ADD DEFAULT {default} FOR {column}",
        drop_default=(
            "DECLARE @name sysname = (SELECT name FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID({old_table}) "
            "AND COL_NAME(parent_object_id, parent_column_id) = {old_column}); "
            "IF @name IS NOT NULL EXEC('ALTER TABLE {escaped_table} DROP CONSTRAINT ' + QUOTENAME(@name))"
        ),
        rename_column="EXEC sp_rename {old_path}, {new_literal}, 'COLUMN'",
        rename_table="EXEC sp_rename {old_table}, {new_literal}",
        rename_index="EXEC sp_rename {old_path}, {new_literal}, 'INDEX'",
        rename_constraint="EXEC sp_rename {old_literal}, {new_literal}, 'OBJECT'",
        if_column=False,
        nullable_needs_type=True,
    ),
    "oracle": Spelling(
        add_column="ALTER TABLE {table} ADD {definition}",
        set_type="ALTER TABLE {table} MODIFY {column} {type}",
        set_not_null="ALTER TABLE {table} MODIFY {column} NOT NULL",
        drop_not_null="ALTER TABLE {table} MODIFY {column} NULL",
        set_default="ALTER TABLE {table} MODIFY {column} DEFAULT {default}",
        drop_default="ALTER TABLE {table} MODIFY {column} DEFAULT NULL",
        if_column=False,
    ),
}


class Ddl:
    """Writes statements for one dialect.

    Args:
        dialect: compiles them.
        builder: builds constructs for it.
    """

    def __init__(self, dialect: Dialect, builder: Builder) -> None:
        self._dialect = dialect
        self._builder = builder
        self._spelling = _SPELLINGS.get(dialect.name, Spelling())

    def _compiled(self, element: Any) -> str:
        return str(element.compile(dialect=self._dialect)).strip()

    def _name(self, name: Name) -> str:
        return str(self._dialect.identifier_preparer.format_table(self._builder.bare_table(name)))

    def _quote(self, identifier: str) -> str:
        return str(self._dialect.identifier_preparer.quote(identifier))

    def run(self, operation: Operation) -> Iterator[str]:
        """Yield the statements that carry ``operation`` out.

        Raises:
            UnsupportedOperation: the dialect cannot say it.
        """
        try:
            yield from self.statements(operation)
        except (exc.CompileError, NotImplementedError, exc.ArgumentError) as error:
            reason = " ".join(str(error).split())
            raise UnsupportedOperation(
                f"{operation.describe()}: {self._dialect.name} cannot do it ({reason}); write it with op.execute()"
            ) from error

    @singledispatchmethod
    def statements(self, operation: Operation) -> Iterator[str]:
        """Yield the statements of one operation; see :meth:`run`."""
        raise UnsupportedOperation(
            f"{operation.describe()}: {self._dialect.name} has no such thing that we know of; write it with op.execute()"
        )

    @statements.register
    def _(self, operation: CreateDependant) -> Iterator[str]:
        yield operation.dependant.sql
        yield from operation.dependant.also

    @statements.register
    def _(self, operation: DropDependant) -> Iterator[str]:
        yield operation.dependant.drop

    @statements.register
    def _(self, operation: Execute) -> Iterator[str]:
        yield operation.sql

    @statements.register
    def _(self, operation: BulkInsert) -> Iterator[str]:
        yield from operation.sql

    @statements.register
    def _(self, operation: BatchAlterTable) -> Iterator[str]:
        for inner in operation.in_place:
            yield from self.statements(inner)

    # -- tables

    @statements.register
    def _(self, operation: CreateTable) -> Iterator[str]:
        table = self._builder.table(operation.table)
        yield self._compiled(schema.CreateTable(table, if_not_exists=operation.if_not_exists))
        if self._dialect.supports_comments and not self._dialect.inline_comments:
            if table.comment is not None:
                yield self._compiled(schema.SetTableComment(table))
            for column in table.columns:
                if column.comment is not None:
                    yield self._compiled(schema.SetColumnComment(column))

    @statements.register
    def _(self, operation: DropTable) -> Iterator[str]:
        table = self._builder.bare_table(operation.name)
        yield self._compiled(schema.DropTable(table, if_exists=operation.if_exists))

    @statements.register
    def _(self, operation: RenameTable) -> Iterator[str]:
        new = operation.new_name
        yield self._spelled("rename_table", operation.name, "", new=self._quote(new), new_literal=_literal(new))

    @statements.register
    def _(self, operation: SetTableComment) -> Iterator[str]:
        if not self._dialect.supports_comments:
            return
        table = self._builder.bare_table(operation.name)
        table.comment = operation.comment
        made = schema.DropTableComment(table) if operation.comment is None else schema.SetTableComment(table)
        yield self._compiled(made)

    # -- columns

    def _definition(self, table: Name, column: Column) -> str:
        made = self._builder.column(column)
        self._builder.bare_table(table).append_column(made)
        compiler = self._dialect.ddl_compiler(self._dialect, None)  # type: ignore[arg-type]
        return str(compiler.get_column_specification(made))

    def _spelled(self, what: str, table: Name, column: str, **others: str) -> str:
        quoted = self._name(table)
        values = {
            "table": quoted,
            "column": self._quote(column) if column else "",
            "old_table": _literal(quoted),
            "old_column": _literal(column),
            "old_path": _literal(f"{quoted}.{self._quote(column) if column else ''}"),
            "escaped_table": quoted.replace("'", "''"),
            "null": "",
            **others,
        }
        text: str = getattr(self._spelling, what)
        return text.format_map(values)

    @statements.register
    def _(self, operation: AddColumn) -> Iterator[str]:
        definition = self._if_column(operation, operation.if_not_exists, "IF NOT EXISTS")
        definition += self._definition(operation.table, operation.column)
        yield self._spelled("add_column", operation.table, operation.column.name, definition=definition)
        if operation.column.comment is not None:
            yield from self._comment(operation.table, operation.column.name, operation.column.comment)
        for constraint in operation.inline:
            yield from self.statements(AddConstraint(table=operation.table, constraint=constraint))

    def _if_column(self, operation: Operation, wanted: bool, words: str) -> str:
        if wanted and not self._spelling.if_column:
            raise UnsupportedOperation(
                f"{operation.describe()}: {self._dialect.name} has no {words} here; leave it out"
            )
        return f"{words} " if wanted else ""

    @statements.register
    def _(self, operation: DropColumn) -> Iterator[str]:
        exists = self._if_column(operation, operation.if_exists, "IF EXISTS")
        yield self._spelled("drop_column", operation.table, operation.name, exists=exists)

    @statements.register
    def _(self, operation: AlterColumn) -> Iterator[str]:
        table, name, after = operation.table, operation.name, operation.after
        whole = after.over(operation.before)
        known = set(after.known())
        refused = known - {"name", "type", "nullable", "default", "comment", "collation", "autoincrement"}
        default = after.default
        if refused or not (isinstance(default, (Expression, Unset)) or default is None):
            what = ", ".join(sorted(refused)) or "a generated column or an identity"
            raise UnsupportedOperation(
                f"{operation.describe()}: {what} cannot be changed in place; drop the column and add it"
            )
        if {"type", "collation"} & known:
            yield self._spelled("set_type", table, name, type=self._type(operation, whole), null=_null(whole))
        if "nullable" in known and not (self._spelling.nullable_needs_type and {"type", "collation"} & known):
            what = "drop_not_null" if after.nullable else "set_not_null"
            type_ = self._type(operation, whole) if self._spelling.nullable_needs_type else ""
            yield self._spelled(what, table, name, type=type_)
        if isinstance(default, Expression):
            if self._spelling.set_default.find(" ADD DEFAULT ") > 0:
                yield self._spelled("drop_default", table, name)
            yield self._spelled("set_default", table, name, default=default.sql)
        elif default is None:
            yield self._spelled("drop_default", table, name)
        if not isinstance(after.comment, Unset):
            yield from self._comment(table, name, after.comment)
        if isinstance(after.name, str) and after.name != name:
            new = after.name
            yield self._spelled("rename_column", table, name, new=self._quote(new), new_literal=_literal(new))

    def _type(self, operation: AlterColumn, state: ColumnState) -> str:
        if not isinstance(state.type, DataType):
            raise UnsupportedOperation(
                f"{operation.describe()}: {self._dialect.name} needs the column's type; give existing_type="
            )
        collation = "" if not isinstance(state.collation, str) else f" COLLATE {state.collation}"
        return f"{state.type.sql}{collation}"

    def _comment(self, table: Name, name: str, comment: str | None) -> Iterator[str]:
        if not self._dialect.supports_comments:
            return
        column: sa.Column[Any] = sa.Column(name, comment=comment)
        self._builder.bare_table(table).append_column(column)
        yield self._compiled(schema.SetColumnComment(column))

    # -- constraints and indexes

    @statements.register
    def _(self, operation: AddConstraint) -> Iterator[str]:
        columns = getattr(operation.constraint, "columns", ())
        table = self._builder.bare_table(operation.table, tuple(dict.fromkeys(columns)))
        yield self._compiled(schema.AddConstraint(self._builder.constraint(table, operation.constraint)))

    @statements.register
    def _(self, operation: DropConstraint) -> Iterator[str]:
        if operation.name is None:
            raise UnsupportedOperation(f"{operation.describe()}: nobody knows its name; give the constraint one")
        table = self._builder.bare_table(operation.table)
        made = sa.CheckConstraint("", name=operation.name)
        table.append_constraint(made)
        yield self._compiled(schema.DropConstraint(made, if_exists=operation.if_exists))

    @statements.register
    def _(self, operation: CreateIndex) -> Iterator[str]:
        made = self._builder.index(operation.table, operation.index)
        yield self._compiled(schema.CreateIndex(made, if_not_exists=operation.if_not_exists))

    @statements.register
    def _(self, operation: DropIndex) -> Iterator[str]:
        if operation.table is None and self._dialect.name == "mssql":
            raise UnsupportedOperation(f"{operation.describe()}: mssql needs its table; give table_name=")
        owner = operation.table or Name("unknown", operation.schema)
        made = sa.Index(operation.name)
        made._set_parent(self._builder.bare_table(owner))
        yield self._compiled(schema.DropIndex(made, if_exists=operation.if_exists))

    @statements.register
    def _(self, operation: RenameIndex) -> Iterator[str]:
        if operation.table is None and "{old_path}" in self._spelling.rename_index:
            raise UnsupportedOperation(
                f"{operation.describe()}: {self._dialect.name} needs its table; give table_name="
            )
        owner = operation.table or Name(operation.name, operation.schema)
        yield self._spelled(
            "rename_index",
            owner,
            operation.name,
            old_name=self._name(Name(operation.name, owner.schema)),
            new=self._quote(operation.new_name),
            new_literal=_literal(operation.new_name),
        )

    @statements.register
    def _(self, operation: RenameConstraint) -> Iterator[str]:
        yield self._spelled(
            "rename_constraint",
            operation.table,
            operation.name,
            old_literal=_literal(self._name(Name(operation.name, operation.table.schema))),
            new=self._quote(operation.new_name),
            new_literal=_literal(operation.new_name),
        )

    # -- other objects

    @statements.register
    def _(self, operation: CreateSchema) -> Iterator[str]:
        yield self._compiled(schema.CreateSchema(operation.name, if_not_exists=operation.if_not_exists))

    @statements.register
    def _(self, operation: DropSchema) -> Iterator[str]:
        yield self._compiled(schema.DropSchema(operation.name, if_exists=operation.if_exists))

    @statements.register
    def _(self, operation: CreateSequence) -> Iterator[str]:
        made = self._builder.sequence(operation.sequence)
        yield self._compiled(schema.CreateSequence(made, if_not_exists=operation.if_not_exists))

    @statements.register
    def _(self, operation: DropSequence) -> Iterator[str]:
        made = sa.Sequence(operation.name.name, schema=operation.name.schema)
        yield self._compiled(schema.DropSequence(made, if_exists=operation.if_exists))

    @statements.register
    def _(self, operation: CreateView) -> Iterator[str]:
        yield f"CREATE VIEW {self._name(operation.view.name)} AS {operation.view.sql}"

    @statements.register
    def _(self, operation: DropView) -> Iterator[str]:
        yield f"DROP VIEW {self._name(operation.name)}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _null(state: ColumnState) -> str:
    """What Transact-SQL has to be told again with a type, or it makes the column nullable."""
    return "" if isinstance(state.nullable, Unset) else " NULL" if state.nullable else " NOT NULL"
