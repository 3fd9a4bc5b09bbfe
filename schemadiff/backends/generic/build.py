"""Nouns back to SQLAlchemy's constructs, which the dialect's own DDL compiler then writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from schemadiff.backends.declared import DeclaredType
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    Options,
    PrimaryKey,
    Sequence,
    Table,
    UniqueConstraint,
)

__all__ = ["Builder"]


class Builder:
    """Builds constructs for one dialect.

    Args:
        dialect: spells types; its name is the prefix of its own arguments.
        type_of: makes a SQLAlchemy type.
    """

    def __init__(self, dialect: Dialect, type_of: Callable[[DataType], sa.types.TypeEngine[Any]]) -> None:
        self._dialect = dialect
        self._prefix = dialect.name
        self._type_of = type_of

    def table(self, table: Table) -> sa.Table:
        """Return a table with its columns and constraints, in a MetaData of its own."""
        made = sa.Table(
            table.name.name,
            sa.MetaData(),
            *(self.column(column) for column in table.columns),
            schema=table.name.schema,
            comment=table.comment,
            **self._arguments(table.options),
        )
        for constraint in table.constraints():
            self.constraint(made, constraint)
        return made

    def bare_table(self, name: Name, columns: tuple[str, ...] = ()) -> sa.Table:
        """Return a table of which nothing but the names counts."""
        return sa.Table(name.name, sa.MetaData(), *(sa.Column(column) for column in columns), schema=name.schema)

    def column(self, column: Column) -> sa.Column[Any]:
        """Return a column."""
        extra: list[Any] = []
        keywords: dict[str, Any] = {}
        match column.default:
            case Computed(expression=expression, stored=stored):
                extra.append(sa.Computed(_text(expression), persisted=stored))
            case Identity() as found:
                extra.append(
                    sa.Identity(
                        always=found.always,
                        start=found.start,
                        increment=found.increment,
                        minvalue=found.minvalue,
                        maxvalue=found.maxvalue,
                        cycle=found.cycle or None,
                        cache=found.cache,
                    )
                )
            case Expression() as expression:
                keywords["server_default"] = _default(expression)
        # The declaration is all that DDL needs, and a type of the model's would bring its own CHECK along. A column that counts
        # must be an integer to SQLAlchemy.
        counts = column.autoincrement or isinstance(column.default, Identity)
        type_ = self._type_of(column.type) if counts else DeclaredType(self._declaration(column))
        return sa.Column(
            column.name,
            type_,
            *extra,
            nullable=column.nullable,
            autoincrement=counts,
            comment=column.comment,
            **keywords,
            **self._arguments(column.options),
        )

    def _declaration(self, column: Column) -> str:
        if isinstance(column.type.origin, sa.types.TypeEngine) and not isinstance(
            column.type.origin, sa.types.NullType
        ):
            return str(self._dialect.type_compiler_instance.process(column.type.origin))
        if column.collation is None:
            return column.type.sql
        return f"{column.type.sql} COLLATE {self._dialect.identifier_preparer.quote(column.collation)}"

    def constraint(self, table: sa.Table, constraint: Constraint) -> sa.Constraint:
        """Return a constraint, put into ``table``."""
        keywords: dict[str, Any] = {"name": constraint.name, **self._arguments(constraint.options)}
        if isinstance(constraint, (PrimaryKey, UniqueConstraint, ForeignKey)) and constraint.deferrable:
            keywords["deferrable"] = True
            keywords["initially"] = "DEFERRED" if constraint.initially_deferred else None
        made: sa.Constraint
        match constraint:
            case PrimaryKey(columns=columns):
                made = sa.PrimaryKeyConstraint(*(table.c[name] for name in columns), **keywords)
            case UniqueConstraint(columns=columns):
                made = sa.UniqueConstraint(*(table.c[name] for name in columns), **keywords)
            case CheckConstraint(expression=expression):
                made = sa.CheckConstraint(_text(expression), **keywords)
            case ForeignKey():
                made = self._foreign_key(table, constraint, keywords)
            case ExcludeConstraint():
                raise NotImplementedError(f"{constraint.name}: EXCLUDE constraints exist in PostgreSQL only")
        table.append_constraint(made)
        return made

    def _foreign_key(self, table: sa.Table, key: ForeignKey, keywords: dict[str, Any]) -> sa.ForeignKeyConstraint:
        own = (table.name, table.schema) == (key.referent.name, key.referent.schema)
        target = table if own else self._target(table.metadata, key)
        return sa.ForeignKeyConstraint(
            [table.c[name] for name in key.columns],
            [target.c[name] for name in key.referent_columns],
            onupdate=key.onupdate,
            ondelete=key.ondelete,
            match=key.match,
            **keywords,
        )

    @staticmethod
    def _target(metadata: sa.MetaData, key: ForeignKey) -> sa.Table:
        target = sa.Table(key.referent.name, metadata, schema=key.referent.schema, keep_existing=True)
        for name in key.referent_columns:
            if name not in target.c:
                target.append_column(sa.Column(name))
        return target

    def index(self, table: Name, index: Index) -> sa.Index:
        """Return an index."""
        names = tuple(dict.fromkeys(index.columns))
        owner = self.bare_table(table, names)
        keywords = self._arguments(index.options)
        if index.where is not None:
            keywords[f"{self._prefix}_where"] = _text(index.where)
        if index.include:
            keywords[f"{self._prefix}_include"] = list(index.include)
        if index.method is not None:
            keywords[f"{self._prefix}_using"] = index.method
        elements = [self._element(owner, element) for element in index.elements]
        made = sa.Index(index.name, *elements, unique=index.unique, **keywords)
        if made.table is None:
            made._set_parent(owner)
        return made

    @staticmethod
    def _element(table: sa.Table, element: IndexElement) -> Any:
        made: Any = table.c[element.what] if isinstance(element.what, str) else _text(element.what)
        if element.collation is not None:
            made = sa.collate(made, element.collation)
        if element.descending:
            made = sa.desc(made)
        if element.nulls_first is not None:
            made = sa.nulls_first(made) if element.nulls_first else sa.nulls_last(made)
        return made

    @staticmethod
    def sequence(sequence: Sequence) -> sa.Sequence:
        """Return a sequence."""
        return sa.Sequence(
            sequence.name.name,
            schema=sequence.name.schema,
            start=sequence.start,
            increment=sequence.increment,
            minvalue=sequence.minvalue,
            maxvalue=sequence.maxvalue,
            cycle=sequence.cycle or None,
            cache=sequence.cache,
        )

    def _arguments(self, found: Options) -> dict[str, Any]:
        return {
            key if key == "prefixes" else f"{self._prefix}_{key}": list(value) if isinstance(value, tuple) else value
            for key, value in found
        }


def _text(expression: Expression) -> sa.ColumnClause[Any]:
    """Return the text of an expression as it is: a colon in it is no parameter."""
    return sa.literal_column(expression.sql)


def _default(expression: Expression) -> Any:
    """Return a server default: the model's own where there is one, since some dialects write a text otherwise than a construct."""
    if isinstance(expression.origin, (str, sa.ClauseElement)):
        return expression.origin
    return sa.text(expression.sql.replace(":", "\\:"))
