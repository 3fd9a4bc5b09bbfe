"""Which changes of type need a USING expression.

ALTER COLUMN ... TYPE casts by itself where an assignment cast exists (PostgreSQL manual, "ALTER TABLE"): from ``pg_cast``, and from any type to
a string (``pg_cast``'s automatic I/O conversions). No USING is given then: an explicit cast to VARCHAR(20) would cut what an assignment
refuses to.
"""

from __future__ import annotations

from schemadiff.backends.postgresql.lexicon import quoted
from schemadiff.backends.postgresql.types import base_of
from schemadiff.schema import Column, DataType

__all__ = ["are_comparable", "converted", "using", "using_back"]

# The types that any other is assigned to by its text, and cast from. ("char" is none of them.)
_STRINGS = frozenset(["text", "character varying", "bpchar", "name"])
_NUMBERS = frozenset(["smallint", "integer", "bigint", "numeric", "real", "double precision"])
_INTEGERS = frozenset(["smallint", "integer", "bigint"])
_OID_ALIASES = tuple(
    f"reg{name}"
    for name in (
        *("class", "collation", "config", "dictionary", "namespace", "oper", "operator", "proc", "procedure", "role"),
        "type",
    )
)

# Groups of types with an implicit or assignment cast from each to every other, and single casts, from pg_cast of PostgreSQL 15 and 18.
_GROUPS = (
    _NUMBERS,
    frozenset(["bytea"]),
    frozenset(["json", "jsonb"]),
    frozenset(["cidr", "inet"]),
    frozenset(["macaddr", "macaddr8"]),
    frozenset(['"bit"', "bit varying"]),
    frozenset(["date", "timestamp without time zone", "timestamp with time zone"]),
    frozenset(["time without time zone", "time with time zone"]),
    frozenset(["integer", "bigint", "oid"]),
    frozenset(["path", "polygon"]),
    frozenset(["text", "character varying", "bpchar", "name"]),
    frozenset(["text", "character varying", "bpchar", '"char"']),
    frozenset(["numeric", "money"]),
)
_ASSIGNED = frozenset(
    [
        ("integer", "money"),
        ("bigint", "money"),
        ("smallint", "oid"),
        ("timestamp without time zone", "time without time zone"),
        ("timestamp with time zone", "time without time zone"),
        ("timestamp with time zone", "time with time zone"),
        ("time without time zone", "interval"),
        ("interval", "time without time zone"),
        ("point", "box"),
        ("box", "polygon"),
        ("text", "citext"),
        ("character varying", "citext"),
        ("bpchar", "citext"),
        ("boolean", "citext"),
        ("inet", "citext"),
        *((number, alias) for number in (*sorted(_INTEGERS), "oid") for alias in _OID_ALIASES),
        *((alias, number) for number in ("integer", "bigint", "oid") for alias in _OID_ALIASES),
    ]
)

# Casts that have to be asked for: col::type.
_EXPLICIT = frozenset(
    [
        ("integer", "boolean"),
        ("boolean", "integer"),
        ("integer", '"bit"'),
        ("bigint", '"bit"'),
        ('"bit"', "integer"),
        ('"bit"', "bigint"),
        ("xid8", "xid"),
        ("box", "circle"),
        ("box", "point"),
        ("box", "lseg"),
        ("circle", "box"),
        ("circle", "point"),
        ("circle", "polygon"),
        ("lseg", "point"),
        ("polygon", "box"),
        ("polygon", "circle"),
        ("polygon", "point"),
        *((f"{name}range", f"{name}multirange") for name in ("int4", "int8", "num", "date", "ts", "tstz")),
        *(("jsonb", name) for name in (*sorted(_NUMBERS), "boolean")),
    ]
)


def are_comparable(one: DataType, other: DataType) -> bool:
    """Return True where a foreign key can stand between columns of the two types."""
    left, right = base_of(one.sql), base_of(other.sql)
    families = (_NUMBERS, _STRINGS)
    return left == right or any(left in family and right in family for family in families)


def spells_alike(one: DataType, other: DataType) -> bool:
    """Return True where an expression over a column of one type comes back as it was after the column has had the other.

    The server reads its own print of an expression again when a type changes, and prints a constant with the type that it was given then.
    Between strings it casts the column alone.
    """
    left, right = base_of(one.sql), base_of(other.sql)
    return left == right or {left, right} == {"text", "character varying"}


def using(before: Column, after: Column) -> str | None:
    """Return the USING expression that turns ``before`` into the type of ``after``, or None where none is needed.

    What has no cast goes through its text, as the server's own explicit casts to and from strings do.
    """
    old, new = before.type, after.type
    column = quoted(before.name)
    old_array, new_array = old.sql.endswith("[]"), new.sql.endswith("[]")
    if new_array and not old_array:
        element = DataType(new.sql.removesuffix("[]"), new.named)
        value = converted(column, old, element) or column
        return f"CASE WHEN {column} IS NOT NULL THEN ARRAY[{value}]::{new.sql} END"
    if old_array and not new_array and base_of(new.sql) not in _STRINGS:
        element = DataType(old.sql.removesuffix("[]"), old.named)
        return converted(f"{column}[1]", element, new) or f"{column}[1]"
    return converted(column, old, new)


def using_back(before: Column, after: Column) -> str | None:
    """Return the USING expression that turns what :func:`using` made of ``before`` back into it.

    What became an array of one gives its element back, also where an array of strings could become a string; what became the text of an
    array is read as one.
    """
    old, new = before.type, after.type
    column = quoted(after.name)
    old_array, new_array = old.sql.endswith("[]"), new.sql.endswith("[]")
    if new_array and not old_array:
        element = DataType(new.sql.removesuffix("[]"), new.named)
        return converted(f"{column}[1]", element, old) or f"{column}[1]"
    if old_array and base_of(new.sql) in _STRINGS:
        return f"{column}::{old.sql}"
    return using(after, before)


def converted(value: str, old: DataType, new: DataType) -> str | None:
    """Return ``value``, of the type ``old``, as an expression of the type ``new``; None where an assignment casts it by itself."""
    one, other = base_of(old.sql), base_of(new.sql)
    array = one.endswith("[]") and other.endswith("[]")
    one_element, other_element = (one.removesuffix("[]"), other.removesuffix("[]")) if array else (one, other)
    if one == "uuid" and other in _STRINGS and new.sql.endswith("(32)"):
        # Thirty-two characters are a UUID without its hyphens, as SQLAlchemy's Uuid keeps it on databases that have no such type.
        return f"replace({value}::text, '-', '')"
    if one.endswith("multirange") and other == f"{one.removesuffix('multirange')}range":
        return f"range_merge({value})"
    if _is_assigned(one_element, other_element, old, new):
        return None
    if (one_element, other_element) in _EXPLICIT or one_element in _STRINGS:
        return f"{value}::{new.sql}"
    if one_element == "boolean" and other_element in _NUMBERS:
        return f"{value}::integer::{new.sql}"
    if one_element in _NUMBERS and other_element == "boolean":
        return f"({value} <> 0)"
    return f"{value}::text{'[]' if array else ''}::{new.sql}"


def _is_assigned(one: str, other: str, old: DataType, new: DataType) -> bool:
    if one == other or (one, other) in _ASSIGNED or any(one in group and other in group for group in _GROUPS):
        return True
    return other in _STRINGS or (one == "citext" and other in _STRINGS)
