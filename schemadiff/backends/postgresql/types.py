"""SQLAlchemy types to the spellings of ``format_type()``, and back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from schemadiff.backends.declared import DeclaredType
from schemadiff.backends.postgresql.lexicon import LEXICON, is_qualified_collation, qualified_collation, quoted
from schemadiff.backends.postgresql.vocabulary import BUILTIN_TYPES
from schemadiff.backends.tokens import Token, TokenError, tokenize
from schemadiff.schema import DataType, Enum, Name

__all__ = [
    "base_of",
    "collation_of",
    "data_type",
    "domains",
    "element_of",
    "enum",
    "named_type",
    "own_type",
    "spelled",
    "sqlalchemy_type",
    "unwrapped",
]

AnyType = sa.types.TypeEngine[Any]


# -- SQLAlchemy to PostgreSQL


def unwrapped(type_: AnyType, dialect: Dialect) -> AnyType:
    """Return what ``type_`` is on PostgreSQL, with every variant chosen and every TypeDecorator taken off."""
    found = type_.dialect_impl(dialect)
    while isinstance(found, sa.types.TypeDecorator):
        found = found.impl_instance.dialect_impl(dialect)
    return found


def data_type(type_: AnyType, dialect: Dialect, default_schema: str | None) -> DataType:
    """Return the canonical type of a column of ``type_``.

    Args:
        type_: the type.
        dialect: the dialect that compiles it.
        default_schema: the schema of unqualified names.

    Raises:
        sqlalchemy.exc.CompileError: PostgreSQL has no such type, or an enum has no name.
    """
    found = unwrapped(type_, dialect)
    if isinstance(found, sa.types.ARRAY):
        inner = data_type(found.item_type, dialect, default_schema)
        return DataType(_array_of(inner.sql), inner.named, type_)
    if _is_native_enum(found) or isinstance(found, postgresql.DOMAIN):
        name = named_type(found, default_schema)
        return DataType(own_type(name, getattr(found, "schema", None)), name, type_)
    text = dialect.type_compiler_instance.process(type_)
    sql, named = spelled(text, default_schema)
    return DataType(sql, named, type_)


def _is_native_enum(type_: AnyType) -> bool:
    return isinstance(type_, sa.Enum) and bool(type_.native_enum)


def named_type(type_: Any, default_schema: str | None) -> Name:
    """Return the name of an enum or domain.

    Raises:
        sqlalchemy.exc.CompileError: it has none.
    """
    if not type_.name:
        raise exc.CompileError("PostgreSQL ENUM type requires a name")
    schema = None if type_.schema is None or str(type_.schema) == default_schema else str(type_.schema)
    return Name(str(type_.name), schema)


def element_of(type_: AnyType, dialect: Dialect) -> AnyType:
    """Return the type of the elements of an array, unwrapped; ``type_`` itself, unwrapped, where it is none."""
    found = unwrapped(type_, dialect)
    while isinstance(found, sa.types.ARRAY):
        found = unwrapped(found.item_type, dialect)
    return found


def enum(type_: AnyType, dialect: Dialect, default_schema: str | None) -> Enum | None:
    """Return the enum type that a column of ``type_``, or of an array of it, needs."""
    found = element_of(type_, dialect)
    if not _is_native_enum(found) or not found.enums:  # type: ignore[attr-defined]
        return None
    return Enum(name=named_type(found, default_schema), values=tuple(found.enums), origin=found)  # type: ignore[attr-defined]


def domains(type_: AnyType, dialect: Dialect) -> tuple[postgresql.DOMAIN, ...]:
    """Return the domains that a column of ``type_``, or of an array of it, needs, but for those that somebody else makes."""
    found: list[postgresql.DOMAIN] = []
    element = element_of(type_, dialect)
    while isinstance(element, postgresql.DOMAIN):
        if element.create_type:
            found.append(element)
        element = element_of(element.data_type, dialect)
    return tuple(found)


def collation_of(type_: AnyType, dialect: Dialect) -> str | None:
    """Return the collation that ``type_`` states."""
    collation = getattr(element_of(type_, dialect), "collation", None)
    # A domain's collation is the domain's, not the column's.
    if collation is None or isinstance(unwrapped(type_, dialect), postgresql.DOMAIN):
        return None
    # SQLAlchemy 2.1 names the schema of a collation.
    schema = getattr(element_of(type_, dialect), "collation_schema", None)
    visible = (None, "pg_catalog", getattr(dialect, "default_schema_name", None))
    return str(collation) if schema in visible else qualified_collation(str(schema), str(collation))


# -- spelling

# Types of the grammar and of pg_type that format_type() prints by another name.
_SPELLINGS = {
    "int": "integer",
    "int4": "integer",
    "int2": "smallint",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "decimal": "numeric",
    "dec": "numeric",
    "varchar": "character varying",
    "char varying": "character varying",
    "nchar varying": "character varying",
    "national char varying": "character varying",
    "national character varying": "character varying",
    "char": "character",
    "nchar": "character",
    "national char": "character",
    "national character": "character",
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
}

_GRAMMAR = frozenset(
    [
        *("integer", "smallint", "bigint", "real", "double precision", "float", "boolean", "numeric"),
        *("character varying", "character", "bit", "bit varying"),
        *("timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone"),
    ]
)


def spelled(sql: str, default_schema: str | None) -> tuple[str, Name | None]:
    """Return a type as ``format_type()`` prints it, and its name where it is no type of ``pg_catalog``.

    A COLLATE clause is left out; so are the sizes of arrays, which PostgreSQL does not keep. What is not understood is returned as it is.
    """
    try:
        tokens = [token for token in tokenize(sql, LEXICON) if token.kind != "comment"]
    except TokenError:
        return sql.strip(), None
    for position, token in enumerate(tokens):
        if token.kind == "word" and token.text.lower() == "collate":
            tokens = tokens[:position]
            break
    tokens, is_array = _without_dimensions(tokens)
    names, arguments = _taken_apart(tokens)
    if not names:
        return sql.strip(), None
    text, named = _scalar(names, arguments, default_schema)
    return (_array_of(text) if is_array else text), named


def _array_of(sql: str) -> str:
    return sql if sql.endswith("[]") else f"{sql}[]"


def _without_dimensions(tokens: list[Token]) -> tuple[list[Token], bool]:
    for position, token in enumerate(tokens):
        if token.text == "[" or (position and token.kind == "word" and token.text.lower() == "array"):
            return tokens[:position], True
    return tokens, False


def _taken_apart(tokens: list[Token]) -> tuple[list[Token], str]:
    """Return the tokens outside of parentheses, and the arguments inside them: ``"(10,2)"`` or an empty string."""
    outside: list[Token] = []
    inside: list[str] = []
    depth = 0
    for token in tokens:
        depth -= token.kind == "close"
        if depth > 0:
            inside.append(_folded(token) if token.kind != "identifier" else quoted(token.text))
        elif token.kind not in ("open", "close"):
            outside.append(token)
        depth += token.kind == "open"
    return outside, f"({''.join(inside)})" if inside else ""


def _folded(token: Token) -> str:
    return token.text.lower() if token.kind == "word" else token.text


def _scalar(names: list[Token], arguments: str, default_schema: str | None) -> tuple[str, Name | None]:
    if all(token.kind == "word" for token in names):
        found = _built_in(" ".join(_folded(token) for token in names), arguments)
        if found is not None:
            return found, None
    parts = [_folded(token) for token in names if token.text != "."]
    schema = parts[0] if len(parts) > 1 else None
    name = parts[-1]
    if schema == "pg_catalog" or (schema is None and name in BUILTIN_TYPES):
        return _internal(name, arguments), None
    if schema == default_schema:
        schema = None
    named = Name(name, schema)
    return quoted_type(named) + arguments, named


def _built_in(phrase: str, arguments: str) -> str | None:
    """Return the spelling of a type that the grammar knows, or that is named without quotes."""
    if phrase.split(" ")[0] == "interval":
        return f"interval{phrase.removeprefix('interval')}{arguments}"
    if phrase == "bpchar":
        return f"character{arguments}" if arguments else "bpchar"
    phrase = _SPELLINGS.get(phrase, phrase)
    if phrase not in _GRAMMAR:
        return None
    if phrase == "float":
        # PostgreSQL manual, "Floating-Point Types": float(1) to float(24) is real, anything else is double precision.
        return "real" if arguments and int(arguments[1:-1]) <= 24 else "double precision"
    if phrase == "numeric" and arguments and "," not in arguments:
        return f"numeric({arguments[1:-1]},0)"
    if phrase in ("character", "bit"):
        return phrase + (arguments or "(1)")
    first, space, rest = phrase.partition(" ")
    if first in ("timestamp", "time"):
        return f"{first}{arguments}{space}{rest}"
    return phrase + arguments


def _internal(name: str, arguments: str) -> str:
    """Return the spelling of a type that is named as ``pg_type`` has it, in quotes or qualified."""
    if name in ("char", "bit") and not arguments:
        # char, bare, is character(1), and bit is bit(1); the types of these names proper are printed in quotes.
        return f'"{name}"'
    return _built_in(name, arguments) or name + arguments


def own_type(name: Name, schema: str | None) -> str:
    """Return the name of an enum or domain as a column's definition has it.

    One that is called like a type of ``pg_catalog`` is found by its qualified name only: unqualified, it is the other one.

    Args:
        name: its name.
        schema: its schema as it is written out, the default one too.
    """
    if name.schema is None and schema is not None and name.name in BUILTIN_TYPES:
        return f"{quoted(schema)}.{quoted(name.name)}"
    return quoted_type(name)


def quoted_type(name: Name) -> str:
    """Return the name of a type of the database's own, quoted where it has to be."""
    bare = quoted(name.name)
    return bare if name.schema is None else f"{quoted(name.schema)}.{bare}"


def base_of(sql: str) -> str:
    """Return a canonical type without its modifiers, as the server prints it in the cast of a literal: ``'a'::bpchar``."""
    array = sql.endswith("[]")
    text = sql.removesuffix("[]")
    start, end = text.find("("), text.find(")")
    if not text.startswith('"') and 0 < start < end:
        text = text[:start] + text[end + 1 :]
    if text.startswith("interval"):
        text = "interval"
    text = {"character": "bpchar", "bit": '"bit"'}.get(text, text)
    return text + ("[]" if array else "")


# -- PostgreSQL to SQLAlchemy

_PLAIN: dict[str, Any] = {
    "smallint": sa.SmallInteger,
    "integer": sa.Integer,
    "bigint": sa.BigInteger,
    "real": sa.REAL,
    "double precision": sa.Double,
    "boolean": sa.Boolean,
    "bytea": sa.LargeBinary,
    "date": sa.Date,
    "uuid": sa.Uuid,
    "json": postgresql.JSON,
    "jsonb": postgresql.JSONB,
    "inet": postgresql.INET,
    "cidr": postgresql.CIDR,
    "macaddr": postgresql.MACADDR,
    "macaddr8": postgresql.MACADDR8,
    "money": postgresql.MONEY,
    "oid": postgresql.OID,
    "regclass": postgresql.REGCLASS,
    "regconfig": postgresql.REGCONFIG,
    "tsvector": postgresql.TSVECTOR,
    "tsquery": postgresql.TSQUERY,
    "jsonpath": postgresql.JSONPATH,
    **({"citext": postgresql.CITEXT} if hasattr(postgresql, "CITEXT") else {}),  # since SQLAlchemy 2.0.7
    "hstore": postgresql.HSTORE,
    "int4range": postgresql.INT4RANGE,
    "int8range": postgresql.INT8RANGE,
    "numrange": postgresql.NUMRANGE,
    "daterange": postgresql.DATERANGE,
    "tsrange": postgresql.TSRANGE,
    "tstzrange": postgresql.TSTZRANGE,
    "int4multirange": postgresql.INT4MULTIRANGE,
    "int8multirange": postgresql.INT8MULTIRANGE,
    "nummultirange": postgresql.NUMMULTIRANGE,
    "datemultirange": postgresql.DATEMULTIRANGE,
    "tsmultirange": postgresql.TSMULTIRANGE,
    "tstzmultirange": postgresql.TSTZMULTIRANGE,
}


def sqlalchemy_type(type_: DataType, collation: str | None) -> AnyType:
    """Return a SQLAlchemy type that compiles to ``type_``; where SQLAlchemy has none, one that is nothing but the text."""
    if type_.origin is not None:
        found: AnyType = type_.origin
        return found
    if type_.sql.endswith("[]"):
        inner = DataType(type_.sql.removesuffix("[]"), type_.named)
        return postgresql.ARRAY(sqlalchemy_type(inner, collation))
    stated = _text_type(type_.sql, collation)
    if stated is None and collation is None:
        stated = _other_type(type_.sql)
    return DeclaredType(type_.sql, collation) if stated is None else stated


def _numbers(sql: str) -> list[int]:
    start, end = sql.find("("), sql.find(")")
    if start < 0:
        return []
    try:
        return [int(number) for number in sql[start + 1 : end].split(",")]
    except ValueError:
        return []


def _text_type(sql: str, collation: str | None) -> AnyType | None:
    if collation is not None and is_qualified_collation(collation):
        # No class of SQLAlchemy 2.0 takes the schema of a collation.
        return None
    stated: dict[str, Any] = {} if collation is None else {"collation": collation}
    if numbers := _numbers(sql):
        stated["length"] = numbers[0]
    if sql == "text":
        return sa.Text(**stated)
    if sql.partition("(")[0] == "character varying":
        return sa.String(**stated)
    if sql.partition("(")[0] == "character":
        return sa.CHAR(**stated)
    return None


def _other_type(sql: str) -> AnyType | None:
    numbers = _numbers(sql)
    precision = numbers[0] if numbers else None
    if sql in _PLAIN:
        plain: AnyType = _PLAIN[sql]()
        return plain
    if sql.partition("(")[0] == "numeric":
        scale = numbers[1] if len(numbers) > 1 else None
        return sa.Numeric(precision, scale)
    if sql.startswith(("timestamp", "time")) and sql.endswith("time zone"):
        timezone = sql.endswith(" with time zone")
        stamp = sql.startswith("timestamp")
        if precision is None:
            return (sa.DateTime if stamp else sa.Time)(timezone=timezone)
        return (postgresql.TIMESTAMP if stamp else postgresql.TIME)(timezone=timezone, precision=precision)
    if sql == "interval":
        return sa.Interval()
    if sql.startswith("interval"):
        fields = sql.removeprefix("interval").partition("(")[0].strip()
        return postgresql.INTERVAL(fields=fields.upper() or None, precision=precision)
    if sql.startswith("bit varying"):
        return postgresql.BIT(precision, varying=True)
    if sql.startswith("bit("):
        return postgresql.BIT(precision)
    return None
