"""The parts of a SQLAlchemy table, lowered: columns, constraints and indexes.

Everything here is the same for all databases; what differs is asked of the backend.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, CollationClause, Label, TextClause, UnaryExpression
from sqlalchemy.types import NullType

from schemadiff.backends.base import OptionKind
from schemadiff.backends.dialect_arguments import dialect_arguments
from schemadiff.backends.tokens import TokenError, tokenize
from schemadiff.errors import ModelError
from schemadiff.reflection.compiling import Compiler
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    Default,
    ExcludeConstraint,
    ExcludeElement,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    Options,
    PrimaryKey,
    UniqueConstraint,
    changed,
)

__all__ = ["lower_column", "lower_constraint", "lower_default", "lower_index", "table_name"]


def table_name(schema: str | None, name: str, compiler: Compiler) -> Name:
    """Return the qualified name, the default schema written out being no schema."""
    default = compiler.backend.server.default_schema
    return Name(str(name), None if schema is None or schema == default else str(schema))


# -- columns


def lower_column(column: sa.Column[Any], compiler: Compiler) -> Column:
    """Return a column, lowered.

    Raises:
        ModelError: it has no type, or its type or default cannot be compiled for the dialect.
    """
    type_ = column.type
    backend = compiler.backend
    if isinstance(type_, NullType):
        raise ModelError(f"{_where(column)} has no type; give it one")
    try:
        found = compiler.of_type(type_)
    except exc.CompileError as error:
        raise ModelError(
            f"{_where(column)}: {error}; use a type that {backend.dialect.name} has, or with_variant()"
        ) from error
    data_type = DataType(found.data_type.sql, found.data_type.named, type_)
    # Most columns have none of the three.
    valued = column.server_default is not None or column.computed is not None or column.identity is not None
    lowered = Column(
        name=str(column.name),
        type=data_type,
        nullable=bool(column.nullable),
        default=lower_default(column, data_type, compiler, _where(column)) if valued else None,
        collation=found.collation,
        comment=column.comment,
        options=_options("column", column, compiler),
        origin=column,
    )
    return backend.finish_column(lowered, column)


def _where(item: sa.Column[Any] | sa.Constraint) -> str:
    """Return what a message calls a column, or the table of a constraint."""
    if isinstance(item, sa.Column):
        table = getattr(item, "table", None)
        return f"column {item.name}" if table is None else f"column {table.name}.{item.name}"
    parent = item.parent
    return f"table {parent.table.name if isinstance(parent, sa.Column) else parent.name}"


def _options(kind: OptionKind, item: sa.Column[Any] | sa.Constraint, compiler: Compiler) -> Options:
    """Return the options of a part of a table; most have none."""
    if not dialect_arguments(item):
        return compiler.bare_options[kind]
    where = _where(item)
    plain = {str(name): compiler.plain(value, where) for name, value in compiler.arguments(item).items()}
    return compiler.backend.options(kind, plain)


def lower_default(column: sa.Column[Any], data_type: DataType, compiler: Compiler, where: str) -> Default | None:
    """Return the server default, generated expression or identity of ``column``."""
    backend = compiler.backend
    if column.computed is not None:
        text = compiler.expression(column.computed.sqltext, where)
        expression = backend.expression(text, "computed", type_=data_type, origin=column.computed.sqltext)
        return Computed(expression, stored=_stored(column.computed, compiler))
    if column.identity is not None and backend.has_identities:
        found = column.identity
        return Identity(
            always=bool(found.always),
            start=found.start,
            increment=found.increment,
            minvalue=found.minvalue,
            maxvalue=found.maxvalue,
            cycle=bool(found.cycle),
            cache=found.cache,
        )
    default = column.server_default
    if not isinstance(default, sa.DefaultClause):
        # FetchedValue: the value comes from a trigger or the like, and stands in no column definition.
        return None
    text_or_none = compiler.server_default(column, where)
    if text_or_none is None:
        return None
    return backend.expression(text_or_none, "default", type_=data_type, origin=default.arg)


def _stored(computed: sa.Computed, compiler: Compiler) -> bool:
    """Return whether a generated column is stored; the compiler knows what a dialect makes of one that does not say."""
    if computed.persisted is not None:
        return computed.persisted
    text = str(compiler.computed(computed))
    return re.search(r"\b(STORED|PERSISTENT|PERSISTED)\s*\Z", text.upper()) is not None


# -- constraints


def lower_constraint(constraint: sa.Constraint, compiler: Compiler, *, resolve: bool = True) -> Constraint | None:
    """Return a constraint, lowered; None for one without columns (an empty primary key).

    Args:
        constraint: a constraint that belongs to a table.
        compiler: of the backend.
        resolve: the tables that foreign keys point at must be in the same MetaData; a revision's operations name them only.

    Raises:
        ModelError: a foreign key points at a table or column that the model does not have, or an expression cannot be compiled.
    """
    name = compiler.name(constraint, _where(constraint)) if constraint.name else None
    common: dict[str, Any] = {
        "name": name,
        "implicit": name is None,
        "comment": getattr(constraint, "comment", None),
        "origin": constraint,
    }
    timing: dict[str, Any] = {
        "deferrable": bool(constraint.deferrable),
        "initially_deferred": _deferred(constraint.initially),
    }
    backend = compiler.backend
    match constraint:
        case sa.PrimaryKeyConstraint():
            if not constraint.columns:
                return None
            columns = tuple([str(column.name) for column in _in_order(constraint)])
            return PrimaryKey(columns=columns, options=_options("primary", constraint, compiler), **timing, **common)
        case sa.UniqueConstraint():
            columns = tuple([str(column.name) for column in constraint.columns])
            if not columns:
                return None
            return UniqueConstraint(
                columns=columns, options=_options("unique", constraint, compiler), **timing, **common
            )
        case sa.ForeignKeyConstraint():
            referent, referent_columns = _referent(constraint, compiler, resolve=resolve)
            return ForeignKey(
                columns=tuple([str(element.parent.name) for element in constraint.elements]),
                referent=referent,
                referent_columns=referent_columns,
                onupdate=_action(constraint.onupdate, backend.default_action),
                ondelete=_action(constraint.ondelete, backend.default_action),
                match=_match(constraint.match),
                options=_options("foreignkey", constraint, compiler),
                **timing,
                **common,
            )
        case _ if constraint.__visit_name__ == "exclude_constraint":
            return _exclude(constraint, compiler, timing, common)
        case sa.CheckConstraint():
            text = compiler.expression(constraint.sqltext, _where(constraint))
            expression = backend.expression(text, "check", origin=constraint.sqltext)
            return CheckConstraint(expression=expression, options=_options("check", constraint, compiler), **common)
    raise ModelError(
        f"{_where(constraint)}: constraints of type {type(constraint).__name__} are not known; leave it out with include_object"
    )


def _in_order(constraint: sa.PrimaryKeyConstraint) -> Iterable[sa.Column[Any]]:
    """SQLAlchemy puts an autoincrement column first in PRIMARY KEY where the key was not declared as a constraint of its own."""
    return constraint.columns_autoinc_first if getattr(constraint, "_implicit_generated", False) else constraint.columns


def _deferred(initially: str | None) -> bool:
    return initially is not None and initially.upper() == "DEFERRED"


def _action(action: str | None, default: str) -> str | None:
    if action is None:
        return None
    # Columns that it lists (PostgreSQL's SET NULL (a, "B")) are names.
    words, bracket, columns = action.partition("(")
    words = " ".join(words.upper().split()) + (f" ({columns}" if bracket else "")
    return None if words == default else words


def _match(match: str | None) -> str | None:
    return None if match is None or match.upper() == "SIMPLE" else match.upper()


def _referent(
    constraint: sa.ForeignKeyConstraint, compiler: Compiler, *, resolve: bool
) -> tuple[Name, tuple[str, ...]]:
    if not resolve:
        where = _where(constraint)
        tokens = [_written(element) for element in constraint.elements]
        schema, name, _ = tokens[0]
        if any(column is None for _, _, column in tokens):
            raise ModelError(f"{where}: the foreign key to {name} names no column; write it as 'table.column'")
        names = tuple(str(column) for _, _, column in tokens)
        # An empty name stands for a column of the primary key, where nobody knows how it is called.
        return table_name(schema, name, compiler), names if any(names) else ()
    try:
        columns = [element.column for element in constraint.elements]
    except exc.InvalidRequestError as error:  # NoReferencedTableError and NoReferencedColumnError are of this family
        target = constraint.elements[0].target_fullname
        own = ", ".join(str(element.parent.name) for element in constraint.elements)
        raise ModelError(
            f"{_where(constraint)}: the foreign key on {own} points at {target}, which is not in the MetaData; "
            "import the module that defines it, or mend the name"
        ) from error
    table = columns[0].table
    return table_name(table.schema, table.name, compiler), tuple([str(column.name) for column in columns])


def _written(element: sa.ForeignKey) -> tuple[str | None, str, str | None]:
    """Return schema, table and column that a foreign key names, whether or not there is such a table."""
    if isinstance(element._colspec, sa.Column):
        column = element._colspec
        return column.table.schema, str(column.table.name), str(column.name)
    schema, name, column_name = element._column_tokens
    return schema, name, column_name


def _exclude(constraint: Any, compiler: Compiler, timing: dict[str, Any], common: dict[str, Any]) -> ExcludeConstraint:
    backend = compiler.backend
    where = _where(constraint)
    elements = []
    for expression, name, operator in constraint._render_exprs:
        opclass = constraint.ops.get(name) or constraint.ops.get(getattr(expression, "key", None))
        element = _index_element(expression, compiler, where, constraint.table)
        elements.append(ExcludeElement(element.what, operator, opclass))
    predicate = None
    if constraint.where is not None:
        predicate = backend.expression(
            compiler.expression(constraint.where, where), "predicate", origin=constraint.where
        )
    return ExcludeConstraint(
        elements=tuple(elements),
        method=constraint.using.lower(),
        where=predicate,
        options=_options("exclude", constraint, compiler),
        **timing,
        **common,
    )


# -- indexes


def lower_index(index: sa.Index, compiler: Compiler) -> Index:
    """Return an index, lowered.

    Raises:
        ModelError: it has no name, or an expression cannot be compiled.
    """
    table = index.table
    if table is None:
        raise ModelError(f"index {index.name} belongs to no table; put it into the table, or name a column of it")
    where = f"table {table.name}"
    name = compiler.name(index, where)
    if name is None:
        raise ModelError(f"{where}: an index on {', '.join(map(str, index.expressions))} has no name; give it one")
    where = f"index {name}"
    backend = compiler.backend
    arguments = compiler.arguments(index)
    if not arguments:
        return Index(
            name=name,
            elements=tuple([_index_element(each, compiler, where, table) for each in index.expressions]),
            unique=bool(index.unique),
            options=compiler.bare_options["index"],
            origin=index,
        )
    predicate = arguments.pop("where", None)
    method = arguments.pop("using", None)
    prefix = arguments.get("prefix")
    if isinstance(prefix, str) and prefix.upper() in ("FULLTEXT", "SPATIAL"):
        method = arguments.pop("prefix")
    include = tuple(
        str(item.name if isinstance(item, sa.Column) else table.c[item].name if item in table.c else item)
        for item in arguments.pop("include", None) or ()
    )
    ops = arguments.pop("ops", None) or {}
    lengths = arguments.pop("length", None)
    elements = []
    for expression in index.expressions:
        element = _index_element(expression, compiler, where, table)
        key = getattr(expression, "key", None)
        length = lengths.get(element.what, lengths.get(key)) if isinstance(lengths, dict) else lengths
        elements.append(changed(element, opclass=ops.get(key) if key is not None else None, length=length))
    return Index(
        name=name,
        elements=tuple(elements),
        unique=bool(index.unique),
        where=None
        if predicate is None
        else backend.expression(compiler.expression(predicate, where), "predicate", origin=predicate),
        method=None if not method or str(method).lower() == "btree" else str(method).lower(),
        include=include,
        options=backend.options("index", compiler.plain(arguments, where)),
        origin=index,
    )


_NULLS = re.compile(r"\s+NULLS\s+(FIRST|LAST)\s*\Z", re.IGNORECASE)
_DIRECTION = re.compile(r"\s+(ASC|DESC)\s*\Z", re.IGNORECASE)


def _index_element(expression: Any, compiler: Compiler, where: str, table: sa.Table) -> IndexElement:
    if isinstance(expression, sa.Column):
        return IndexElement(what=str(expression.name))
    descending, nulls_first, collation = False, None, None
    if isinstance(expression, Label):
        expression = expression.element
    while isinstance(expression, UnaryExpression) and expression.modifier is not None:
        modifier = expression.modifier
        if modifier is operators.desc_op:
            descending = True
        elif modifier in (operators.nulls_first_op, operators.nulls_last_op):
            nulls_first = modifier is operators.nulls_first_op
        elif modifier is not operators.asc_op:
            break
        expression = expression.element
    if isinstance(expression, BinaryExpression) and expression.operator is operators.collate:
        inner, clause = expression.left, expression.right
        if isinstance(clause, CollationClause):
            expression, collation = inner, str(clause.collation)
    if isinstance(expression, sa.Column):
        what: str | Expression = str(expression.name)
    else:
        text = compiler.expression(expression, where)
        if isinstance(expression, (TextClause, str)):
            text, descending, nulls_first = _written_order(text)
        what = _column_or_expression(text, expression, compiler, table)
    if nulls_first is not None and nulls_first == descending:
        # NULLS FIRST is what DESC means anyway, NULLS LAST what ASC means.
        nulls_first = None
    return IndexElement(what=what, descending=descending, nulls_first=nulls_first, collation=collation)


def _written_order(text: str) -> tuple[str, bool, bool | None]:
    """Take ASC, DESC and NULLS FIRST or LAST off the end of an element that is written as text."""
    nulls_first: bool | None = None
    if nulls := _NULLS.search(text):
        nulls_first = nulls.group(1).upper() == "FIRST"
        text = text[: nulls.start()]
    descending = False
    if direction := _DIRECTION.search(text):
        descending = direction.group(1).upper() == "DESC"
        text = text[: direction.start()]
    return text.strip(), descending, nulls_first


def _column_or_expression(text: str, origin: Any, compiler: Compiler, table: sa.Table) -> str | Expression:
    backend = compiler.backend
    try:
        tokens = tokenize(text, backend.lexicon)
    except TokenError:
        tokens = ()
    if len(tokens) == 1 and tokens[0].kind in ("word", "identifier"):
        names = {str(column.name) for column in table.columns}
        for name in (tokens[0].text, tokens[0].text.lower()):
            if name in names:
                return name
    return backend.expression(text, "index", origin=origin)
