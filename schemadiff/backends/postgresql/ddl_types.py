"""The statements of operations on enum types and sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.clauses import comma, default_text, qualified, sequence_clauses, text_or_null
from schemadiff.backends.postgresql.ddl import Statements, statements
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.naming import object_name
from schemadiff.backends.postgresql.types import own_type
from schemadiff.operations import (
    AlterEnum,
    AlterSequence,
    CreateEnum,
    CreateSequence,
    DropEnum,
    DropSequence,
    EnumColumn,
)
from schemadiff.schema import Name
from schemadiff.schema import Sequence as SequenceNoun


def type_name(name: Name, backend: Backend) -> str:
    """Return the name of a type in a statement: qualified where a type of ``pg_catalog`` would be found instead."""
    return own_type(name, backend.server.default_schema)


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
    return (create, f"COMMENT ON TYPE {name} IS {text_or_null(enum.comment)}")


@statements.register
def _(operation: DropEnum, backend: Backend) -> Statements:
    return (f"DROP TYPE {'IF EXISTS ' if operation.if_exists else ''}{type_name(operation.name, backend)}",)


@statements.register
def _(operation: AlterEnum, backend: Backend) -> Statements:
    return tuple(_added_values(operation, backend) if operation.in_place else _remade(operation, backend))


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


# Checks and indexes whose expressions hold a value of the type: they cannot stand on a column that has another type already. They are put
# back from the server's own definitions, taken before the type is renamed.
_DEPENDANTS = """
DECLARE
    item record;
    definitions text[] := '{{}}';
BEGIN
    FOR item IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) AS off,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS back,
            format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, k.conrelid::regclass, c.description) AS remark, c.description
        FROM pg_constraint AS k
        LEFT JOIN pg_description AS c ON c.objoid = k.oid AND c.classoid = 'pg_constraint'::regclass AND c.objsubid = 0
        WHERE k.contype = 'c' AND k.conislocal AND k.conrelid <> 0 AND EXISTS (
            SELECT FROM pg_depend AS d JOIN pg_type AS t ON d.refobjid IN (t.oid, t.typarray)
            WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_type'::regclass
                AND t.oid = {type}::regtype
        )
        UNION ALL
        SELECT format('DROP INDEX %s', x.indexrelid::regclass), pg_get_indexdef(x.indexrelid),
            format('COMMENT ON INDEX %s IS %L', x.indexrelid::regclass, c.description), c.description
        FROM pg_index AS x
        JOIN pg_class AS i ON i.oid = x.indexrelid AND NOT i.relispartition
        LEFT JOIN pg_description AS c ON c.objoid = x.indexrelid AND c.classoid = 'pg_class'::regclass AND c.objsubid = 0
        WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.indexrelid) AND EXISTS (
            SELECT FROM pg_depend AS d JOIN pg_type AS t ON d.refobjid IN (t.oid, t.typarray)
            WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid AND d.refclassid = 'pg_type'::regclass
                AND t.oid = {type}::regtype
        )
    LOOP
        EXECUTE item.off;
        definitions := definitions || item.back;
        IF item.description IS NOT NULL THEN
            definitions := definitions || item.remark;
        END IF;
    END LOOP;
    {statements};
    FOR item IN SELECT definition FROM unnest(definitions) AS d (definition) LOOP
        EXECUTE item.definition;
    END LOOP;
END
"""


def _remade(operation: AlterEnum, backend: Backend) -> Iterator[str]:
    """Yield the statements that put a new type in the place of the old one, and move every column over by its text."""
    wanted = type_name(operation.name, backend)

    def value(column: EnumColumn) -> str:
        brackets = "[]" if column.array else ""
        return f"{quoted(column.name)}::text{brackets}::{wanted}{brackets}"

    create = (_create_type(wanted, operation.after),)
    yield from remade(operation.name, create, "TYPE", operation.columns, value, backend)


def remade(
    name: Name,
    create: Sequence[str],
    kind: str,
    columns: Sequence[EnumColumn],
    value: Callable[[EnumColumn], str],
    backend: Backend,
) -> Iterator[str]:
    """Yield the statements that put a new type in the place of the old one, and move the columns that use it over.

    Args:
        name: the type.
        create: what makes the new one.
        kind: TYPE or DOMAIN.
        columns: the columns.
        value: returns the USING expression of a column.
        backend: the backend of the database.
    """
    old = Name(object_name(name.name, None, "old"), name.schema)
    own = type_name(name, backend)
    moved = [statement for column in columns for statement in _moved(column, own, value(column))]
    swap = [
        f"ALTER {kind} {own} RENAME TO {quoted(old.name)}",
        *create,
        *moved,
        f"DROP {kind} {qualified(old)}",
    ]
    if not columns:
        yield from swap
        return
    body = _DEPENDANTS.format(type=literal(own), statements=";\n    ".join(swap))
    yield f"DO {dollar_quoted(body)}"


def _moved(column: EnumColumn, type_name: str, value: str) -> Iterator[str]:
    alter = f"ALTER TABLE {qualified(column.table)} ALTER COLUMN {quoted(column.name)}"
    wanted = f"{type_name}[]" if column.array else type_name
    if column.default is not None:
        yield f"{alter} DROP DEFAULT"
    yield f"{alter} TYPE {wanted} USING {value}"
    if column.new_default is not None:
        yield f"{alter} SET DEFAULT {default_text(column.new_default)}"


# -- sequences


def _type(sequence: SequenceNoun) -> str:
    return "bigint" if sequence.type is None else sequence.type.sql


@statements.register
def _(operation: CreateSequence, backend: Backend) -> Statements:
    sequence = operation.sequence
    exists = "IF NOT EXISTS " if operation.if_not_exists else ""
    parts = [f"CREATE SEQUENCE {exists}{qualified(sequence.name)}"]
    if _type(sequence) != "bigint":
        parts.append(f"AS {_type(sequence)}")
    parts += sequence_clauses(sequence, _type(sequence))
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
    if before.comment != after.comment:
        found.append(f"COMMENT ON SEQUENCE {qualified(after.name)} IS {text_or_null(after.comment)}")
    return tuple(found)


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
