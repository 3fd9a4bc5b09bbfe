"""The parts of DDL statements: a column's definition, a constraint, an index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemadiff.backends.postgresql.canonical import bare_string, canonical, sequence_options
from schemadiff.backends.postgresql.lexicon import is_qualified_collation, literal, quoted
from schemadiff.backends.postgresql.vocabulary import INTEGER_TYPES
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
    UniqueConstraint,
    Unset,
    option,
)

__all__ = [
    "column_definition",
    "comma",
    "computed_clause",
    "constraint_clause",
    "default_text",
    "identity_clause",
    "index_statement",
    "names",
    "not_null_clause",
    "qualified",
    "sequence_clauses",
    "storage_clause",
    "text_or_null",
    "whole",
]

_SERIAL = {"smallint": "SMALLSERIAL", "integer": "SERIAL", "bigint": "BIGSERIAL"}


def qualified(name: Name) -> str:
    """Return a qualified name."""
    return quoted(name.name) if name.schema is None else f"{quoted(name.schema)}.{quoted(name.name)}"


def comma(parts: Iterable[str]) -> str:
    """Return parts joined by commas."""
    return ", ".join(parts)


def names(columns: Iterable[str]) -> str:
    """Return column names, quoted, joined by commas."""
    return comma(quoted(column) for column in columns)


def text_or_null(text: str | None) -> str:
    """Return a string literal, or NULL: what stands behind COMMENT ON ... IS."""
    return "NULL" if text is None else literal(text)


def _parenthesized(sql: str) -> str:
    # A line comment in a model's text must not swallow the closing parenthesis.
    return f"({sql}\n)" if "--" in sql else f"({sql})"


def whole(expression: Expression) -> str:
    """Return an expression on which something may follow."""
    return f"{expression.sql}\n" if "--" in expression.sql else expression.sql


# -- columns


def default_text(default: Expression, *types: DataType | Unset) -> str:
    """Return what stands behind DEFAULT: a string without a cast, which the column's type gives it, and anything else as it is.

    (A number with a cast is kept in it: the server prints ``'0.1'::double precision`` and ``0.1`` as each was given.)

    Args:
        default: the default.
        types: types that the column has or had, for one whose type changes under its default.
    """
    if default.sql.endswith("::interval"):
        # Without its cast it would be read with the precision of the column, and be another one.
        return whole(default)
    spellings = (canonical(default.sql, "default", type_, None) for type_ in types if isinstance(type_, DataType))
    for spelling in (default.canonical, *spellings):
        if (string := bare_string(spelling)) is not None:
            return string
    return whole(default)


def column_definition(column: Column) -> str:
    """Return a column as CREATE TABLE and ADD COLUMN have it."""
    parts = [quoted(column.name)]
    parts.append(_SERIAL.get(column.type.sql, column.type.sql) if column.autoincrement else column.type.sql)
    if column.collation is not None:
        parts.append(f"COLLATE {quoted_collation(column.collation)}")
    match column.default:
        case Expression() as default:
            parts.append(f"DEFAULT {default_text(default)}")
        case Computed() as computed:
            parts.append(computed_clause(computed))
        case Identity() as identity:
            parts.append(identity_clause(identity, column.type))
    if not column.nullable and (clause := not_null_clause(column.options)) is not None:
        parts.append(clause)
    return " ".join(parts)


def not_null_clause(settings: Options) -> str | None:
    """Return NOT NULL as the definition of a column with the options ``settings`` has it; None where it can only be added later."""
    said = dict(option(settings, "not_null", ()))
    if said.get("not_valid"):
        return None
    named = f"CONSTRAINT {quoted(str(said['name']))} " if said.get("name") else ""
    return f"{named}NOT NULL{' NO INHERIT' if said.get('no_inherit') else ''}"


def quoted_collation(name: str) -> str:
    """Return the name of a collation, always quoted. One with its schema is quoted already: ``"i18n"."german"``."""
    return name if is_qualified_collation(name) else '"' + name.replace('"', '""') + '"'


def computed_clause(computed: Computed) -> str:
    """Return the clause of a generated column."""
    expression = _parenthesized(computed.expression.sql)
    return f"GENERATED ALWAYS AS {expression} {'STORED' if computed.stored else 'VIRTUAL'}"


def identity_clause(identity: Identity, type_: DataType) -> str:
    """Return the clause of an identity column; options that the server would choose itself are left out."""
    stated = " ".join(sequence_clauses(identity, type_.sql))
    return f"GENERATED {'ALWAYS' if identity.always else 'BY DEFAULT'} AS IDENTITY" + (f" ({stated})" if stated else "")


def sequence_clauses(sequence: Identity | Sequence, type_name: str, *, whole: bool = False) -> list[str]:
    """Return the options of a sequence.

    Args:
        sequence: the sequence.
        type_name: its type.
        whole: also those that the server would choose itself.
    """
    usual: dict[str, int] = sequence_options(
        type_name if type_name in INTEGER_TYPES else "bigint",
        start=None,
        increment=sequence.increment,
        minvalue=None,
        maxvalue=None,
        cache=None,
    )
    usual["increment"] = 1
    usual["start"] = _usual_start(sequence, usual)
    words = {
        "increment": "INCREMENT BY",
        "minvalue": "MINVALUE",
        "maxvalue": "MAXVALUE",
        "start": "START WITH",
        "cache": "CACHE",
    }
    found = []
    for name, keyword in words.items():
        value = getattr(sequence, name)
        if value is not None and (whole or value != usual[name]):
            found.append(f"{keyword} {value}")
    if sequence.cycle or whole:
        found.append("CYCLE" if sequence.cycle else "NO CYCLE")
    return found


def _usual_start(sequence: Identity | Sequence, usual: dict[str, int]) -> int:
    if (sequence.increment or 1) > 0:
        return usual["minvalue"] if sequence.minvalue is None else sequence.minvalue
    return usual["maxvalue"] if sequence.maxvalue is None else sequence.maxvalue


# -- constraints


def constraint_clause(constraint: Constraint, *, named: bool = True) -> str:
    """Return a constraint as CREATE TABLE and ADD CONSTRAINT have it.

    Args:
        constraint: the constraint.
        named: with its name, where it has one.
    """
    name = f"CONSTRAINT {quoted(constraint.name)} " if named and constraint.name is not None else ""
    return name + " ".join(part for part in _constraint_parts(constraint) if part)


def _constraint_parts(constraint: Constraint) -> Iterable[str]:
    match constraint:
        case PrimaryKey():
            yield f"PRIMARY KEY ({_key(constraint)})"
            yield from _index_parameters(constraint.options)
            yield _timing(constraint)
        case UniqueConstraint():
            distinct = " NULLS NOT DISTINCT" if option(constraint.options, "nulls_not_distinct") else ""
            yield f"UNIQUE{distinct} ({_key(constraint)})"
            yield from _index_parameters(constraint.options)
            yield _timing(constraint)
        case CheckConstraint(expression=expression):
            yield f"CHECK {_parenthesized(expression.sql)}"
            yield "NO INHERIT" if option(constraint.options, "no_inherit") else ""
            yield _validity(constraint.options)
        case ForeignKey():
            yield from _foreign_key(constraint)
        case ExcludeConstraint():
            elements = comma(_exclude_element(element) for element in constraint.elements)
            yield f"EXCLUDE USING {quoted(constraint.method)} ({elements})"
            yield from _index_parameters(constraint.options)
            yield "" if constraint.where is None else f"WHERE {_parenthesized(constraint.where.sql)}"
            yield _timing(constraint)


def _key(constraint: PrimaryKey | UniqueConstraint) -> str:
    columns = names(constraint.columns)
    return f"{columns} WITHOUT OVERLAPS" if option(constraint.options, "without_overlaps") else columns


def _index_parameters(options: Options) -> Iterable[str]:
    if include := option(options, "include"):
        yield f"INCLUDE ({names(include)})"
    if parameters := option(options, "with"):
        yield storage_clause(parameters)
    if tablespace := option(options, "tablespace"):
        yield f"USING INDEX TABLESPACE {quoted(tablespace)}"


def storage_clause(parameters: Any) -> str:
    """Return WITH (...) of storage parameters."""
    return f"WITH ({comma(storage_setting(name, value) for name, value in parameters)})"


def storage_setting(name: str, value: str) -> str:
    """Return one storage parameter: its name may be qualified (toast.autovacuum_enabled), its value is a literal."""
    return f"{'.'.join(quoted(part) for part in name.split('.', 1))} = {literal(str(value))}"


def _timing(constraint: Any) -> str:
    if not constraint.deferrable:
        return "INITIALLY DEFERRED" if constraint.initially_deferred else ""
    return "DEFERRABLE INITIALLY DEFERRED" if constraint.initially_deferred else "DEFERRABLE"


def _validity(options: Options) -> str:
    if option(options, "not_enforced"):
        return "NOT ENFORCED"
    return "NOT VALID" if option(options, "not_valid") else ""


def _foreign_key(key: ForeignKey) -> Iterable[str]:
    columns, referent_columns = key.columns, key.referent_columns
    own, other = names(columns), names(referent_columns)
    if option(key.options, "period"):
        own = comma([*map(quoted, columns[:-1]), f"PERIOD {quoted(columns[-1])}"])
        other = comma([*map(quoted, referent_columns[:-1]), f"PERIOD {quoted(referent_columns[-1])}"])
    yield f"FOREIGN KEY ({own}) REFERENCES {qualified(key.referent)} ({other})"
    yield f"MATCH {key.match}" if key.match else ""
    yield f"ON UPDATE {key.onupdate}" if key.onupdate else ""
    yield f"ON DELETE {key.ondelete}" if key.ondelete else ""
    yield _timing(key)
    yield _validity(key.options)


def _exclude_element(element: Any) -> str:
    what = quoted(element.what) if isinstance(element.what, str) else _parenthesized(element.what.sql)
    return f"{what}{f' {element.opclass}' if element.opclass else ''} WITH {element.operator}"


# -- indexes


def index_statement(index: Index, table: Name, *, if_not_exists: bool = False, concurrently: bool = False) -> str:
    """Return CREATE INDEX."""
    parts = ["CREATE", "UNIQUE INDEX" if index.unique else "INDEX"]
    if concurrently:
        parts.append("CONCURRENTLY")
    if if_not_exists:
        parts.append("IF NOT EXISTS")
    parts += [quoted(index.name), "ON", qualified(table)]
    if index.method is not None:
        parts += ["USING", quoted(index.method)]
    parts.append(f"({comma(_index_element(element) for element in index.elements)})")
    if index.include:
        parts.append(f"INCLUDE ({names(index.include)})")
    if option(index.options, "nulls_not_distinct"):
        parts.append("NULLS NOT DISTINCT")
    if parameters := option(index.options, "with"):
        parts.append(storage_clause(parameters))
    if tablespace := option(index.options, "tablespace"):
        parts.append(f"TABLESPACE {quoted(tablespace)}")
    if index.where is not None:
        parts.append(f"WHERE {_parenthesized(index.where.sql)}")
    return " ".join(parts)


def _index_element(element: IndexElement) -> str:
    parts = [quoted(element.what) if isinstance(element.what, str) else _parenthesized(element.what.sql)]
    if element.collation is not None:
        parts.append(f"COLLATE {quoted_collation(element.collation)}")
    if element.opclass is not None:
        parts.append(element.opclass)
    if element.descending:
        parts.append("DESC")
    if element.nulls_first is not None:
        parts.append("NULLS FIRST" if element.nulls_first else "NULLS LAST")
    return " ".join(parts)
