"""Operations to SQLite's statements, as far as its ALTER TABLE goes. What it cannot do is a rebuild (:mod:`.rebuild`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatchmethod
from typing import Any

from sqlalchemy.engine import Dialect

from schemadiff.backends.sqlite.canonical import LEXICON, is_constant
from schemadiff.backends.tokens import is_one_expression
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    BulkInsert,
    CreateDependant,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateTable,
    CreateView,
    DropColumn,
    DropDependant,
    DropDomain,
    DropEnum,
    DropIndex,
    DropSequence,
    DropTable,
    DropView,
    Execute,
    Operation,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Constraint,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
    ascii_lower,
    option,
)

__all__ = ["Ddl"]

# Words that are no names without quotes, and that SQLAlchemy does not quote.
_KEYWORDS = frozenset({"nothing", "returning"})


class Ddl:
    """Writes statements for one dialect.

    Args:
        dialect: quotes identifiers.
        version: of the library that will run them; an empty one is a current version.
    """

    def __init__(self, dialect: Dialect, version: tuple[int, ...]) -> None:
        self._preparer = dialect.identifier_preparer
        self.version = version or (9, 99)

    # -- names and texts

    def quote(self, identifier: str) -> str:
        """Return ``identifier``, quoted where it needs to be."""
        if ascii_lower(identifier) in _KEYWORDS:
            return '"' + identifier.replace('"', '""') + '"'
        return str(self._preparer.quote(identifier))

    def name(self, name: Name) -> str:
        """Return a qualified name."""
        return self.quote(name.name) if name.schema is None else f"{self.quote(name.schema)}.{self.quote(name.name)}"

    def _names(self, names: tuple[str, ...]) -> str:
        return ", ".join(map(self.quote, names))

    @staticmethod
    def text(sql: str, where: str) -> str:
        """Return ``sql`` where it is one expression.

        Raises:
            UnsupportedOperation: it is not: it would break out of the place that it is meant for.
        """
        if not is_one_expression(sql, LEXICON):
            raise UnsupportedOperation(f"{where}: {sql!r} is not one SQL expression; write it as one")
        return sql

    # -- parts of tables

    def column(self, table: Name, column: Column, key: PrimaryKey | None = None, constraints: str = "") -> str:
        """Return the definition of ``column``.

        Args:
            table: its table, for messages.
            column: the column.
            key: the primary key, where it has to be written into the column.
            constraints: constraints of the column's own, ready to be written.
        """
        where = f"column {table}.{column.name}"
        parts = [self.quote(column.name)]
        if column.type.sql:
            parts.append(self.text(column.type.sql, where))
        if column.collation is not None:
            parts.append(f"COLLATE {self._quoted(column.collation)}")
        if isinstance(column.default, Expression):
            parts.append(f"DEFAULT {self.text(column.default.sql, where)}")
        if not column.nullable:
            parts.append("NOT NULL" + self._conflict(option(column.options, "on_conflict_not_null")))
        if key is not None:
            parts.append(self._own_key(column, key))
        match column.default:
            case Computed(expression=expression, stored=stored):
                text = self.text(expression.sql, where)
                parts.append(f"GENERATED ALWAYS AS ({text}) {'STORED' if stored else 'VIRTUAL'}")
            case Identity():
                raise UnsupportedOperation(f"{where}: SQLite has no identity columns; use an INTEGER primary key")
        return " ".join(parts) + constraints

    @staticmethod
    def _quoted(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    @staticmethod
    def _conflict(action: str | None) -> str:
        if action is None:
            return ""
        if not action.isalpha():
            raise UnsupportedOperation(
                f"ON CONFLICT {action!r} is no action; use one of ROLLBACK, FAIL, IGNORE, REPLACE"
            )
        return f" ON CONFLICT {action}"

    def _own_key(self, column: Column, key: PrimaryKey) -> str:
        text = f"{self._constraint_name(key.name)}PRIMARY KEY"
        if option(key.options, "desc") == (True,):
            text += " DESC"
        text += self._conflict(option(key.options, "on_conflict"))
        return text + (" AUTOINCREMENT" if column.autoincrement else "")

    def _constraint_name(self, name: str | None) -> str:
        return "" if name is None else f"CONSTRAINT {self.quote(name)} "

    def constraint(self, table: Name, constraint: Constraint) -> str:
        """Return the definition of ``constraint`` as one of the table.

        Raises:
            UnsupportedOperation: SQLite has no such constraint.
        """
        head = self._constraint_name(constraint.name)
        match constraint:
            case PrimaryKey():
                return f"{head}PRIMARY KEY {self._key(constraint)}"
            case UniqueConstraint():
                return f"{head}UNIQUE {self._key(constraint)}"
            case CheckConstraint(expression=expression):
                text = self.text(expression.sql, f"a check of table {table}")
                return f"{head}CHECK ({text}){self._conflict(option(constraint.options, 'on_conflict'))}"
            case ForeignKey(columns=columns):
                return f"{head}FOREIGN KEY ({self._names(columns)}) {self._references(table, constraint)}"
        raise UnsupportedOperation(f"table {table}: SQLite has no EXCLUDE constraints; take {constraint.name} out")

    def _key(self, key: PrimaryKey | UniqueConstraint) -> str:
        nothing = (None,) * len(key.columns)
        collations, directions = option(key.options, "collate", nothing), option(key.options, "desc", nothing)
        inner = ", ".join(
            self.quote(column)
            + ("" if collation is None else f" COLLATE {self._quoted(collation)}")
            + (" DESC" if descending else "")
            for column, collation, descending in zip(key.columns, collations, directions, strict=True)
        )
        return f"({inner}){self._conflict(option(key.options, 'on_conflict'))}"

    def _references(self, table: Name, key: ForeignKey) -> str:
        if key.referent.schema != table.schema:
            raise UnsupportedOperation(
                f"table {table}: a foreign key cannot point at {key.referent} in another database; drop the foreign key"
            )
        text = f"REFERENCES {self.quote(key.referent.name)}"
        if key.referent_columns:
            text += f" ({self._names(key.referent_columns)})"
        if key.match is not None:
            text += f" MATCH {self._words(key.match, table)}"
        for event, action in (("DELETE", key.ondelete), ("UPDATE", key.onupdate)):
            if action is not None:
                text += f" ON {event} {self._words(action, table)}"
        if key.deferrable:
            text += " DEFERRABLE"
            text += " INITIALLY DEFERRED" if key.initially_deferred else ""
        return text

    @staticmethod
    def _words(text: str, table: Name) -> str:
        if not text.replace(" ", "").isalpha():
            raise UnsupportedOperation(f"table {table}: {text!r} is no option of a foreign key")
        return text

    # -- whole tables and indexes

    def create_table(self, table: Table, *, if_not_exists: bool = False) -> str:
        """Return CREATE TABLE, its indexes not included."""
        key = table.primary_key
        on_column = None if key is None else self._key_column(table, key)
        lines = [self.column(table.name, column, key if column is on_column else None) for column in table.columns]
        lines += [
            self.constraint(table.name, constraint)
            for constraint in table.constraints()
            if not (constraint is key and on_column is not None)
        ]
        prefixes = "".join(f" {self.text(prefix, 'a prefix')}" for prefix in option(table.options, "prefixes", ()))
        existing = " IF NOT EXISTS" if if_not_exists else ""
        body = ",\n\t".join(lines)
        settings = []
        if not option(table.options, "with_rowid", True):
            settings.append("WITHOUT ROWID")
        if option(table.options, "strict", False):
            settings.append("STRICT")
        tail = " " + ", ".join(settings) if settings else ""
        return f"CREATE{prefixes} TABLE{existing} {self.name(table.name)} (\n\t{body}\n){tail}"

    @staticmethod
    def _key_column(table: Table, key: PrimaryKey) -> Column | None:
        """Return the column that the primary key has to be written into: AUTOINCREMENT and PRIMARY KEY DESC stand nowhere else."""
        if len(key.columns) != 1:
            return None
        column = table.column(key.columns[0])
        return column if column is not None and (column.autoincrement or option(key.options, "on_column")) else None

    def create_index(self, table: Name, index: Index, *, if_not_exists: bool = False) -> str:
        """Return CREATE INDEX."""
        if index.method is not None or index.include:
            what = f"USING {index.method}" if index.method is not None else "INCLUDE"
            raise UnsupportedOperation(f"index {index.name}: SQLite has no {what}; leave it out")
        existing = " IF NOT EXISTS" if if_not_exists else ""
        elements = ", ".join(self._element(index, element, table) for element in index.elements)
        name = self.name(Name(index.name, table.schema))
        text = (
            f"CREATE {'UNIQUE ' if index.unique else ''}INDEX{existing} {name} ON {self.quote(table.name)} ({elements})"
        )
        if index.where is not None:
            text += f" WHERE {self.text(index.where.sql, f'index {index.name}')}"
        return text

    def _element(self, index: Index, element: IndexElement, table: Name) -> str:
        if isinstance(element.what, str):
            text = self.quote(element.what)
        else:
            text = self.text(element.what.sql, f"index {index.name}")
        if element.collation is not None:
            text += f" COLLATE {self._quoted(element.collation)}"
        return f"{text} DESC" if element.descending else text

    # -- operations

    @singledispatchmethod
    def statements(self, operation: Operation) -> Iterator[str]:
        """Yield the statements that carry ``operation`` out.

        Raises:
            UnsupportedOperation: SQLite cannot do it in place, or not at all.
        """
        if isinstance(operation, (CreateEnum, AlterEnum, DropEnum, CreateDomain, AlterDomain, DropDomain)):
            # A column of an enum type is text here, and one of a domain of what that is made of.
            return iter(())
        table = getattr(operation, "table", None) or getattr(operation, "name", None)
        if isinstance(table, Name) and not isinstance(operation, (CreateView, DropView, DropSequence)):
            raise self._needs_batch(operation, table)
        raise UnsupportedOperation(f"{operation.describe()}: SQLite has no such thing; take it out of the revision")

    @staticmethod
    def _needs_batch(operation: Operation, table: Name) -> UnsupportedOperation:
        return UnsupportedOperation(
            f"{operation.describe()}: SQLite cannot do this in place; put it into op.batch_alter_table({table.name!r})"
        )

    @statements.register
    def _(self, operation: CreateTable) -> Iterator[str]:
        yield self.create_table(operation.table, if_not_exists=operation.if_not_exists)

    @statements.register
    def _(self, operation: DropTable) -> Iterator[str]:
        yield f"DROP TABLE {'IF EXISTS ' if operation.if_exists else ''}{self.name(operation.name)}"

    @statements.register
    def _(self, operation: RenameTable) -> Iterator[str]:
        old, new = operation.name, Name(operation.new_name, operation.name.schema)
        if ascii_lower(old.name) == ascii_lower(new.name):
            # SQLite finds the new name taken, by the table itself.
            between = replace(old, name=f"_schemadiff_tmp_{old.name}")
            yield f"ALTER TABLE {self.name(old)} RENAME TO {self.quote(between.name)}"
            old = between
        yield f"ALTER TABLE {self.name(old)} RENAME TO {self.quote(new.name)}"

    @statements.register
    def _(self, operation: SetTableComment) -> Iterator[str]:
        yield from ()

    @statements.register
    def _(self, operation: AddColumn) -> Iterator[str]:
        if not self.can_add(operation.column) or not all(isinstance(each, ForeignKey) for each in operation.inline):
            raise self._needs_batch(operation, operation.table)
        self._refuse_condition(operation, operation.if_not_exists)
        keys = (each for each in operation.inline if isinstance(each, ForeignKey))
        constraints = "".join(
            f" {self._constraint_name(each.name)}{self._references(operation.table, each)}" for each in keys
        )
        definition = self.column(operation.table, operation.column, constraints=constraints)
        yield f"ALTER TABLE {self.name(operation.table)} ADD COLUMN {definition}"

    @staticmethod
    def _refuse_condition(operation: Operation, wanted: bool) -> None:
        if wanted:
            raise UnsupportedOperation(
                f"{operation.describe()}: SQLite has no IF EXISTS for columns, and without a database nobody knows what is there; "
                "leave it out, or give copy_from= to op.batch_alter_table"
            )

    @statements.register
    def _(self, operation: DropColumn) -> Iterator[str]:
        if not self.can_drop_columns:
            raise self._needs_batch(operation, operation.table)
        self._refuse_condition(operation, operation.if_exists)
        yield f"ALTER TABLE {self.name(operation.table)} DROP COLUMN {self.quote(operation.name)}"

    @statements.register
    def _(self, operation: AlterColumn) -> Iterator[str]:
        if not self.can_alter(operation.after):
            raise self._needs_batch(operation, operation.table)
        if isinstance(operation.after.name, str) and operation.after.name != operation.name:
            old, new = self.quote(operation.name), self.quote(operation.after.name)
            yield f"ALTER TABLE {self.name(operation.table)} RENAME COLUMN {old} TO {new}"

    @statements.register
    def _(self, operation: CreateIndex) -> Iterator[str]:
        yield self.create_index(operation.table, operation.index, if_not_exists=operation.if_not_exists)

    @statements.register
    def _(self, operation: DropIndex) -> Iterator[str]:
        schema = operation.schema if operation.table is None else operation.table.schema
        name = self.name(Name(operation.name, schema))
        yield f"DROP INDEX {'IF EXISTS ' if operation.if_exists else ''}{name}"

    @statements.register
    def _(self, operation: RenameIndex) -> Iterator[str]:
        renamed = operation.renamed()
        if renamed is None or operation.table is None:
            raise UnsupportedOperation(
                f"{operation.describe()}: SQLite drops an index and creates it again, and without a database nobody knows what it is; "
                "give table_name= and existing=sa.Index(...)"
            )
        yield f"DROP INDEX {self.name(Name(operation.name, operation.table.schema))}"
        yield self.create_index(operation.table, renamed)

    @statements.register
    def _(self, operation: CreateView) -> Iterator[str]:
        yield f"CREATE VIEW {self.name(operation.view.name)} AS {operation.view.sql}"

    @statements.register
    def _(self, operation: DropView) -> Iterator[str]:
        yield f"DROP VIEW {self.name(operation.name)}"

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

    # -- what ALTER TABLE can do

    def can_add(self, column: Column) -> bool:
        """Return True where ALTER TABLE ... ADD COLUMN takes the column, whatever rows the table has.

        Source: the SQLite manual, "ALTER TABLE ADD COLUMN": no PRIMARY KEY, no STORED, a constant default, and one that is not NULL for
        a column that is NOT NULL.
        """
        if column.autoincrement:
            return False
        match column.default:
            case None:
                return column.nullable
            case Expression() as default:
                constant = is_constant(default)
                return constant or (column.nullable and default.canonical == "null")
            case Computed(stored=stored):
                return not stored and column.nullable
        return False

    @property
    def can_drop_columns(self) -> bool:
        """ALTER TABLE ... DROP COLUMN came with SQLite 3.35."""
        return self.version >= (3, 35)

    def can_alter(self, after: ColumnState) -> bool:
        """Return True where nothing but the name and the comment of a column changes; RENAME COLUMN came with SQLite 3.25."""
        changed: dict[str, Any] = after.known()
        renames = "name" in changed
        return set(changed) <= {"name", "comment"} and (not renames or self.version >= (3, 25))
