"""The statements of operations on enum types and sequences."""

from __future__ import annotations

from collections.abc import Iterator

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.clauses import comma, qualified, sequence_clauses, text_or_null
from schemadiff.backends.postgresql.ddl import Statements, statements
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.type_swap import remade, type_name
from schemadiff.operations import (
    AlterEnum,
    AlterSequence,
    CreateEnum,
    CreateSequence,
    DropEnum,
    DropSequence,
    EnumColumn,
)
from schemadiff.schema import UNSET, Name
from schemadiff.schema import Sequence as SequenceNoun


def _create_type(name: str, values: tuple[str, ...]) -> str:
    return f"CREATE TYPE {name} AS ENUM ({comma(map(literal, values))})"


@statements.register
def _(operation: CreateEnum, backend: Backend) -> Statements:
    enum = operation.enum
    name = type_name(enum.name, backend)
    create = _create_type(name, enum.values)
    if operation.if_not_exists:
        create = f"DO {dollar_quoted(f'BEGIN IF to_regtype({literal(name)}) IS NULL THEN {create}; END IF; END')}"
    if enum.comment is None:
        return (create,)
    return (create, _type_comment(name, enum.comment))


@statements.register
def _(operation: DropEnum, backend: Backend) -> Statements:
    return (f"DROP TYPE {'IF EXISTS ' if operation.if_exists else ''}{type_name(operation.name, backend)}",)


@statements.register
def _(operation: AlterEnum, backend: Backend) -> Statements:
    changed = tuple(_added_values(operation, backend) if operation.in_place else _remade(operation, backend))
    if operation.comment is UNSET or operation.comment == operation.existing_comment:
        return changed
    return (*changed, _type_comment(type_name(operation.name, backend), operation.comment))


def _type_comment(name: str, comment: str | None) -> str:
    return f"COMMENT ON TYPE {name} IS {text_or_null(comment)}"


def _added_values(operation: AlterEnum, backend: Backend) -> Iterator[str]:
    """Yield ALTER TYPE ... ADD VALUE for each new value, at its place."""
    there = list(operation.before)
    for position, value in enumerate(operation.after):
        if value in operation.before:
            continue
        if position:
            place = f" AFTER {literal(operation.after[position - 1])}"
        else:
            place = f" BEFORE {literal(there[0])}" if there else ""
        there.append(value)
        yield f"ALTER TYPE {type_name(operation.name, backend)} ADD VALUE {literal(value)}{place}"


def _remade(operation: AlterEnum, backend: Backend) -> Iterator[str]:
    """Yield the statements that put a new type in the place of the old one, and move every column over by its text."""
    wanted = type_name(operation.name, backend)

    def value(column: EnumColumn) -> str:
        brackets = "[]" if column.array else ""
        return f"{quoted(column.name)}::text{brackets}::{wanted}{brackets}"

    create = (_create_type(wanted, operation.after),)
    yield from remade(operation.name, create, "TYPE", operation.columns, value, backend)


# -- sequences


def _type(sequence: SequenceNoun) -> str:
    return "bigint" if sequence.type is None else sequence.type.sql


@statements.register
def _(operation: CreateSequence, backend: Backend) -> Statements:
    sequence = operation.sequence
    exists = "IF NOT EXISTS " if operation.if_not_exists else ""
    parts = [f"CREATE {'UNLOGGED ' if sequence.unlogged else ''}SEQUENCE {exists}{qualified(sequence.name)}"]
    if _type(sequence) != "bigint":
        parts.append(f"AS {_type(sequence)}")
    parts += sequence_clauses(sequence, _type(sequence))
    if sequence.owner is not None:
        parts.append(_owned(sequence))
    create = " ".join(parts)
    if sequence.comment is None:
        return (create,)
    return (create, f"COMMENT ON SEQUENCE {qualified(sequence.name)} IS {text_or_null(sequence.comment)}")


@statements.register
def _(operation: DropSequence, backend: Backend) -> Statements:
    return (f"DROP SEQUENCE {'IF EXISTS ' if operation.if_exists else ''}{qualified(operation.name)}",)


@statements.register
def _(operation: AlterSequence, backend: Backend) -> Statements:
    before, after = operation.before, operation.after
    found: list[str] = []
    if before.name != after.name:
        found.append(f"ALTER SEQUENCE {qualified(before.name)} RENAME TO {quoted(after.name.name)}")
    old, new = sequence_clauses(before, _type(before), whole=True), sequence_clauses(after, _type(after), whole=True)
    changed = [clause for clause in new if clause not in old]
    if _type(before) != _type(after):
        # A change of type moves the limits that were the old type's.
        changed = [f"AS {_type(after)}", *new]
    if changed:
        found.append(_altered(before, after, changed))
    if before.unlogged != after.unlogged:
        found.append(f"ALTER SEQUENCE {qualified(after.name)} SET {'UNLOGGED' if after.unlogged else 'LOGGED'}")
    if before.owner != after.owner:
        found.append(f"ALTER SEQUENCE {qualified(after.name)} {_owned(after)}")
    if before.comment != after.comment:
        found.append(f"COMMENT ON SEQUENCE {qualified(after.name)} IS {text_or_null(after.comment)}")
    return tuple(found)


def _owned(sequence: SequenceNoun) -> str:
    if sequence.owner is None:
        return "OWNED BY NONE"
    table, column = sequence.owner
    return f"OWNED BY {qualified(Name(table, sequence.name.schema))}.{quoted(column)}"


def _altered(before: SequenceNoun, after: SequenceNoun, clauses: list[str]) -> str:
    name = qualified(after.name)
    alter = f"ALTER SEQUENCE {name} {' '.join(clauses)}"
    limits = (before.minvalue, before.maxvalue, after.minvalue, after.maxvalue)
    low, high, new_low, new_high = limits
    if low is None or high is None or new_low is None or new_high is None or (low >= new_low and high <= new_high):
        return alter
    # The server refuses limits that its last value lies outside of, so a sequence that stands there begins anew.
    inside = f"(SELECT last_value FROM {name}) BETWEEN {new_low} AND {new_high}"
    return f"DO {dollar_quoted(f'BEGIN IF {inside} THEN {alter}; ELSE {alter} RESTART; END IF; END')}"
