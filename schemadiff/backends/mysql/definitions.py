"""The definitions that CREATE TABLE and ALTER TABLE are made of: columns, keys, constraints, indexes."""

from __future__ import annotations

from collections.abc import Iterable

from schemadiff.backends.mysql.defaults import clause, split_on_update
from schemadiff.backends.mysql.server import Facts, collation_clause
from schemadiff.backends.mysql.text import lexicon_for, quoted, string_literal
from schemadiff.backends.mysql.types import has_collation, parse_type
from schemadiff.errors import OperationError, UnsupportedOperation
from schemadiff.schema import (
    UNSET,
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    Options,
    PrimaryKey,
    UniqueConstraint,
    option,
)

__all__ = [
    "column_definition",
    "constraint_definition",
    "index_definition",
    "index_elements",
    "name_sql",
    "state_definition",
]


def name_sql(name: Name) -> str:
    """Return a qualified name, quoted."""
    return quoted(name.name) if name.schema is None else f"{quoted(name.schema)}.{quoted(name.name)}"


def literal(text: str, facts: Facts) -> str:
    """Return a string literal under the server's sql_mode."""
    return string_literal(text, backslash_escapes=facts.backslash_escapes)


# -- columns


def column_definition(column: Column, facts: Facts, *, check: str | None = None) -> str:
    """Return a column as CREATE TABLE and ADD COLUMN take it. ``check`` is the column's own check."""
    return state_definition(column.name, ColumnState.of(column), facts, about=column.name, check=check)


def state_definition(name: str, state: ColumnState, facts: Facts, *, about: str, check: str | None = None) -> str:
    """Return a column's definition from what is known of it.

    What is not known is not there, but for the type and for whether it is nullable: they must be.

    Raises:
        OperationError: the type, or NULL or NOT NULL, is not known.
    """
    missing = [f"existing_{field}=" for field in ("type", "nullable") if getattr(state, field) is UNSET]
    if missing or state.type is UNSET:
        raise OperationError(
            f"column {about}: MySQL and MariaDB state a changed column whole, and its {' and '.join(missing)} "
            f"is not known; give it to op.alter_column()"
        )
    values = {
        "default": None,
        "autoincrement": False,
        "collation": None,
        "comment": None,
        "options": (),
    } | state.known()
    parts = [quoted(name), state.type.sql]
    spec = parse_type(state.type.sql, lexicon_for(facts))
    if values["collation"] is not None and (spec is None or has_collation(spec)):
        parts.append(collation_clause(values["collation"]))
    parts += _value_clauses(state, values, facts)
    if option(values["options"], "invisible"):
        parts.append("INVISIBLE")
    if option(values["options"], "without_system_versioning"):
        parts.append("WITHOUT SYSTEM VERSIONING")
    if values["comment"]:
        parts.append(f"COMMENT {literal(values['comment'], facts)}")
    check = check or option(values["options"], "check")
    if check is not None:
        parts.append(f"CHECK ({check})")
    return " ".join(parts)


def _value_clauses(state: ColumnState, values: dict[str, object], facts: Facts) -> list[str]:
    default = values["default"]
    system_time = option(values["options"], "system_time")  # type: ignore[arg-type]
    if system_time is not None:
        return [f"GENERATED ALWAYS AS ROW {'START' if system_time == 'start' else 'END'}"]
    if isinstance(default, Identity):
        raise UnsupportedOperation("MySQL and MariaDB have no identity columns; use autoincrement=True")
    if isinstance(default, Computed):
        stored = "STORED" if default.stored else "VIRTUAL"
        parts = [f"GENERATED ALWAYS AS ({default.expression.sql}) {stored}"]
        # MariaDB takes no NOT NULL here.
        return [*parts, "NOT NULL"] if facts.mysql and not state.nullable else parts
    parts = []
    if not state.nullable:
        parts.append("NOT NULL")
    elif str(state.type).startswith("timestamp"):
        # Without explicit_defaults_for_timestamp such a column is NOT NULL unless it says otherwise.
        parts.append("NULL")
    if isinstance(default, Expression):
        text = split_on_update(default.sql, lexicon_for(facts))[0]
        if text is not None:
            parts.append(f"DEFAULT {clause(text, lexicon_for(facts))}")
    on_update = option(values["options"], "on_update")  # type: ignore[arg-type]
    if on_update is not None:
        parts.append(f"ON UPDATE {on_update}")
    if values["autoincrement"]:
        parts.append("AUTO_INCREMENT")
    return parts


# -- constraints and indexes


def columns_sql(columns: Iterable[str]) -> str:
    """Return names in parentheses."""
    return f"({', '.join(map(quoted, columns))})"


def constraint_definition(constraint: Constraint, facts: Facts, *, name: str | None = None) -> str:
    """Return a constraint as CREATE TABLE and ALTER TABLE ... ADD take it.

    Args:
        constraint: the constraint.
        facts: the server.
        name: its name; None leaves it to the server.

    Raises:
        UnsupportedOperation: there are no such constraints.
    """
    given = "" if name is None else f"CONSTRAINT {quoted(name)} "
    match constraint:
        case PrimaryKey(columns=columns):
            lengths = dict(option(constraint.options, "length", ()))
            descending = option(constraint.options, "descending", ())
            elements = (
                IndexElement(what=each, length=lengths.get(each), descending=each in descending) for each in columns
            )
            comment = option(constraint.options, "comment")
            return (
                f"PRIMARY KEY ({index_elements(elements)}{_without_overlaps(constraint.options)})"
                f"{_block_size(constraint.options)}{f' COMMENT {literal(comment, facts)}' if comment else ''}"
            )
        case UniqueConstraint(columns=columns):
            comment = f" COMMENT {literal(constraint.comment, facts)}" if constraint.comment else ""
            return f"UNIQUE KEY {'' if name is None else quoted(name) + ' '}{columns_sql(columns)}{comment}"
        case CheckConstraint(expression=expression):
            enforced = " NOT ENFORCED" if option(constraint.options, "not_enforced") else ""
            return f"{given}CHECK ({expression.sql}){enforced}"
        case ForeignKey(columns=columns, referent=referent, referent_columns=referent_columns):
            text = f"{given}FOREIGN KEY {columns_sql(columns)} REFERENCES {name_sql(referent)} {columns_sql(referent_columns)}"
            text += f" ON DELETE {constraint.ondelete}" if constraint.ondelete else ""
            return text + (f" ON UPDATE {constraint.onupdate}" if constraint.onupdate else "")
        case ExcludeConstraint():
            raise UnsupportedOperation(f"constraint {constraint.name}: MySQL and MariaDB have no exclusion constraints")


def index_definition(index: Index, facts: Facts) -> str:
    """Return an index as ALTER TABLE ... ADD and CREATE take it, from the name on.

    Raises:
        UnsupportedOperation: it is partial, or has columns beside its key.
    """
    text = f"{quoted(index.name)} ({index_elements(index.elements)}{_without_overlaps(index.options)})"
    if index.method is not None and index.method not in ("fulltext", "spatial"):
        text += f" USING {index.method.upper()}"
    text += _block_size(index.options)
    parser = option(index.options, "with_parser")
    if parser is not None:
        text += f" WITH PARSER {quoted(str(parser))}"
    if index.comment:
        text += f" COMMENT {literal(index.comment, facts)}"
    if option(index.options, "ignored"):
        text += " INVISIBLE" if facts.mysql else " IGNORED"
    return text


def _without_overlaps(values: Options) -> str:
    """Return the part of a key that is a period ("Application-Time Periods", MariaDB)."""
    period = option(values, "without_overlaps")
    return "" if period is None else f", {quoted(period)} WITHOUT OVERLAPS"


def _block_size(values: Options) -> str:
    size = option(values, "key_block_size")
    return "" if size is None else f" KEY_BLOCK_SIZE={size}"


def index_kind(index: Index) -> str:
    """Return the words before INDEX, with a space behind."""
    if index.method in ("fulltext", "spatial"):
        return f"{index.method.upper()} "
    return "UNIQUE " if index.unique else ""


def index_elements(elements: Iterable[IndexElement]) -> str:
    """Return the key of an index, without parentheses around it."""
    return ", ".join(map(_element, elements))


def _element(element: IndexElement) -> str:
    if isinstance(element.what, Expression):
        text = f"({element.what.sql})"
    else:
        text = quoted(element.what) + (f"({element.length})" if element.length is not None else "")
        text = f"({text} COLLATE {element.collation})" if element.collation is not None else text
    return f"{text} DESC" if element.descending else text
