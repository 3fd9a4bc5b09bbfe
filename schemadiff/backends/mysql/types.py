"""Column types: what the server makes of a spelling, and SQLAlchemy types from and to the server's spelling.

The rules are those of "Data Types" in the manuals of MariaDB and MySQL; the canonical spelling is that of
``information_schema.columns.column_type``, without the display widths that say nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from schemadiff.backends.mysql.server import Facts, max_bytes
from schemadiff.backends.mysql.text import is_string, lexicon_for, string_literal, string_value
from schemadiff.backends.tokens import Lexicon, Token, TokenError, tokenize
from schemadiff.errors import UnrenderableType
from schemadiff.frozen import dataclass

__all__ = ["TypeSpec", "canonical_type", "has_collation", "parse_type", "spell", "to_sqlalchemy"]


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """A type, taken apart.

    Args:
        base: its name in lower case.
        arguments: lengths and the like, or the values of ENUM and SET.
        unsigned, zerofill: the attributes of numbers.
        charset, collation: as written; None where they are not.
        binary: the attribute BINARY: the ``_bin`` collation of the character set.
        compressed: MariaDB's attribute COMPRESSED, which its catalog tells in a comment.
    """

    base: str
    arguments: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    charset: str | None = None
    collation: str | None = None
    binary: bool = False
    compressed: bool = False


_TWO_WORDS = {
    ("double", "precision"): "double",
    ("character", "varying"): "varchar",
    ("char", "varying"): "varchar",
    ("long", "varchar"): "mediumtext",
    ("long", "varbinary"): "mediumblob",
}
_SYNONYMS = {
    "bool": "tinyint",
    "boolean": "tinyint",
    "int1": "tinyint",
    "int2": "smallint",
    "int3": "mediumint",
    "middleint": "mediumint",
    "int4": "int",
    "integer": "int",
    "int8": "bigint",
    "dec": "decimal",
    "numeric": "decimal",
    "fixed": "decimal",
    "number": "decimal",
    "float4": "float",
    "float8": "double",
    "character": "char",
    "varcharacter": "varchar",
    "varchar2": "varchar",
    "long": "mediumtext",
    "clob": "longtext",
    "raw": "varbinary",
    "geometrycollection": "geometrycollection",
    "geomcollection": "geometrycollection",
}
# The widths that information_schema shows for integers that do not say one: signed, unsigned.
_WIDTHS = {"tinyint": (4, 3), "smallint": (6, 5), "mediumint": (9, 8), "int": (11, 10), "bigint": (20, 20)}
_TEXTS = ("tinytext", "text", "mediumtext", "longtext")
_BLOBS = ("tinyblob", "blob", "mediumblob", "longblob")
_SIZES = (255, 65535, 16777215, 4294967295)
_BINARY_OF = {"char": "binary", "varchar": "varbinary", **dict(zip(_TEXTS, _BLOBS, strict=True))}
_COLLATED = frozenset(("char", "varchar", "enum", "set", *_TEXTS))
_NATIONAL = {"nchar": "char", "nvarchar": "varchar"}


_COMPRESSED = re.compile(r"/\*M?!\d+ COMPRESSED\*/")


def has_collation(spec: TypeSpec) -> bool:
    """Return True for types whose columns have a character set and a collation."""
    return spec.base in _COLLATED


@lru_cache(maxsize=4096)
def parse_type(sql: str, lexicon: Lexicon) -> TypeSpec | None:
    """Return the type that ``sql`` spells, taken apart; None where it is spelled in a way that is not known."""
    try:
        tokens = list(tokenize(sql, lexicon))
    except TokenError:
        return None
    words: list[str] = []
    arguments: tuple[str, ...] = ()
    seen = False
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.kind == "open" and not seen:
            end = next((j for j in range(i, len(tokens)) if tokens[j].kind == "close"), None)
            if end is None:
                return None
            arguments = tuple(_argument(t, lexicon) for t in tokens[i + 1 : end] if t.kind != "comma")
            seen = True
            i = end + 1
            continue
        if token.kind == "comment" and _COMPRESSED.fullmatch(token.text):
            words.append("compressed")
            i += 1
            continue
        if token.kind not in ("word", "identifier", "string"):
            return None
        text = string_value(token.text, backslash_escapes=False) if is_string(token) else token.text
        words.append(text.lower())
        i += 1
    return _assembled(words, arguments)


def _argument(token: Token, lexicon: Lexicon) -> str:
    return string_value(token.text, backslash_escapes=lexicon.backslash_escapes) if is_string(token) else token.text


def _assembled(words: list[str], arguments: tuple[str, ...]) -> TypeSpec | None:
    if not words:
        return None
    national = words[0] == "national" or words[0] in _NATIONAL
    if words[0] == "national":
        words = words[1:] or ["char"]
    base = _NATIONAL.get(words[0], words[0])
    rest = words[1:]
    if rest and (base, rest[0]) in _TWO_WORDS:
        base, rest = _TWO_WORDS[base, rest[0]], rest[1:]
    if base in ("bool", "boolean") and not arguments:
        arguments = ("1",)
    base = _SYNONYMS.get(base, base)
    plain = re.fullmatch(r"[a-z0-9_]+", base) and (base in ("enum", "set") or all(a.isdigit() for a in arguments))
    spec = TypeSpec(base, arguments, charset="utf8mb3" if national else None)
    return _with_attributes(spec, rest) if plain else None


def _with_attributes(spec: TypeSpec, words: list[str]) -> TypeSpec | None:
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "character" and waiting[:1] == ["set"]:
            waiting.pop(0)
            word = "charset"
        match word:
            case "unsigned":
                spec = replace(spec, unsigned=True)
            case "signed":
                pass
            case "zerofill":
                spec = replace(spec, zerofill=True, unsigned=True)
            case "binary":
                spec = replace(spec, binary=True)
            case "compressed":
                spec = replace(spec, compressed=True)
            case "ascii":
                spec = replace(spec, charset="latin1")
            case "unicode":
                spec = replace(spec, charset="ucs2")
            case "byte":
                spec = replace(spec, charset="binary")
            case "charset" if waiting:
                spec = replace(spec, charset=waiting.pop(0))
            case "collate" if waiting:
                spec = replace(spec, collation=waiting.pop(0))
            case _:
                return None
    return spec


def canonical_type(spec: TypeSpec, facts: Facts, *, collation: str | None = None) -> TypeSpec:
    """Return what the server makes of ``spec``.

    Args:
        spec: the type as written.
        facts: the server.
        collation: the collation of the column, which decides how many bytes TEXT(n) needs; None for the database's default.
    """
    if spec.charset == "binary" and spec.base in _BINARY_OF:
        spec = replace(spec, base=_BINARY_OF[spec.base], charset=None, collation=None, binary=False)
    base, arguments = spec.base, spec.arguments
    if base == "real":
        base = "float" if facts.real_is_float else "double"
    if base in _WIDTHS:
        arguments = _integer_width(replace(spec, base=base), facts)
    elif base == "decimal":
        precision = arguments[0] if arguments and arguments[0] != "0" else "10"
        arguments = (precision, arguments[1] if len(arguments) > 1 else "0")
    elif base == "float" and len(arguments) == 1:
        base, arguments = ("float" if int(arguments[0]) <= 24 else "double"), ()
    elif base in ("char", "binary", "bit"):
        arguments = arguments or ("1",)
    elif base == "year" and arguments != ("2",):
        arguments = ()
    elif base in ("time", "datetime", "timestamp"):
        arguments = () if arguments == ("0",) else arguments
    elif base in ("text", "blob"):
        base, arguments = _sized(base, arguments, 1 if base == "blob" else max_bytes(collation or facts.collation))
    elif base in (*_TEXTS, *_BLOBS):
        arguments = ()
    elif base in ("enum", "set"):
        # "Trailing spaces are automatically deleted from ENUM member values" (MySQL; MariaDB does the same).
        arguments = tuple(value.rstrip(" ") for value in arguments)
    return replace(spec, base=base, arguments=arguments)


def _integer_width(spec: TypeSpec, facts: Facts) -> tuple[str, ...]:
    default = str(_WIDTHS[spec.base][spec.unsigned])
    width = spec.arguments[0] if spec.arguments and spec.arguments[0] != "0" else default
    if spec.zerofill:
        return (width,)
    boolean = spec.base == "tinyint" and width == "1" and not spec.unsigned
    return (width,) if width != default and (facts.shows_widths or boolean) else ()


def _sized(base: str, arguments: tuple[str, ...], bytes_per_character: int) -> tuple[str, tuple[str, ...]]:
    names = _TEXTS if base == "text" else _BLOBS
    if not arguments or arguments[0] == "0":
        return base, ()
    needed = int(arguments[0]) * bytes_per_character
    return next((name for name, size in zip(names, _SIZES, strict=True) if needed <= size), names[-1]), ()


def spell(spec: TypeSpec, facts: Facts) -> str:
    """Return the spelling of a canonical type: what stands in DDL, without the collation."""
    text = spec.base
    if spec.arguments:
        arguments = spec.arguments
        if spec.base in ("enum", "set"):
            arguments = tuple(string_literal(a, backslash_escapes=facts.backslash_escapes) for a in arguments)
        text += f"({','.join(arguments)})"
    if spec.compressed:
        text += " compressed"
    if spec.zerofill:
        return f"{text} unsigned zerofill"
    return f"{text} unsigned" if spec.unsigned else text


# -- SQLAlchemy types


def to_sqlalchemy(sql: str, facts: Facts, collation: str | None) -> sa.types.TypeEngine[Any]:
    """Return a SQLAlchemy type for a canonical spelling.

    Raises:
        UnrenderableType: SQLAlchemy has none.
    """
    spec = parse_type(sql, lexicon_for(facts))
    made = None if spec is None or spec.compressed else _made(spec, collation)
    if made is None:
        raise UnrenderableType(f"the column type {sql} has no SQLAlchemy type; register a renderer for it")
    return made


_GENERIC: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "date": sa.Date,
    "json": sa.JSON,
    "uuid": sa.UUID,
    "blob": sa.LargeBinary,
    "tinyblob": mysql.TINYBLOB,
    "mediumblob": mysql.MEDIUMBLOB,
    "longblob": mysql.LONGBLOB,
}
_INTEGERS: dict[str, tuple[type[sa.types.TypeEngine[Any]] | None, type[sa.types.TypeEngine[Any]]]] = {
    "tinyint": (None, mysql.TINYINT),
    "smallint": (sa.SmallInteger, mysql.SMALLINT),
    "mediumint": (None, mysql.MEDIUMINT),
    "int": (sa.Integer, mysql.INTEGER),
    "bigint": (sa.BigInteger, mysql.BIGINT),
}
_STRINGS: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "tinytext": mysql.TINYTEXT,
    "mediumtext": mysql.MEDIUMTEXT,
    "longtext": mysql.LONGTEXT,
    "text": sa.Text,
}


def _made(spec: TypeSpec, collation: str | None) -> sa.types.TypeEngine[Any] | None:
    numbers = [int(a) for a in spec.arguments if a.isdigit()] if spec.base not in ("enum", "set") else []
    collated: dict[str, Any] = {"collation": collation} if collation is not None else {}
    if spec.base in _INTEGERS:
        return _integer(spec, numbers)
    if spec.base in ("decimal", "float", "double"):
        return _fraction(spec, numbers)
    if spec.base in _GENERIC:
        return _GENERIC[spec.base]()
    if spec.base in _STRINGS:
        return _STRINGS[spec.base](**collated)
    match spec.base:
        case "varchar":
            return sa.String(numbers[0], **collated)
        case "char":
            return sa.CHAR(numbers[0], **collated)
        case "binary":
            return sa.BINARY(*numbers)
        case "varbinary":
            return sa.VARBINARY(*numbers)
        case "bit":
            return mysql.BIT(*numbers)
        case "year":
            return mysql.YEAR(*numbers)
        case "enum":
            return mysql.ENUM(*spec.arguments, **collated)
        case "set":
            # SQLAlchemy refuses a SET with an empty member unless it is told to read it as bits.
            return mysql.SET(*spec.arguments, retrieve_as_bitwise="" in spec.arguments, **collated)
        case "time":
            return mysql.TIME(fsp=numbers[0]) if numbers else sa.Time()
        case "datetime":
            return mysql.DATETIME(fsp=numbers[0]) if numbers else sa.DateTime()
        case "timestamp":
            return mysql.TIMESTAMP(fsp=numbers[0]) if numbers else sa.TIMESTAMP()
        case "inet4" | "inet6":
            found = getattr(mysql, spec.base.upper(), None)
            return None if found is None else found()
    return None


def _integer(spec: TypeSpec, numbers: list[int]) -> sa.types.TypeEngine[Any]:
    generic, own = _INTEGERS[spec.base]
    options: dict[str, Any] = {}
    if numbers:
        options["display_width"] = numbers[0]
    if spec.unsigned:
        options["unsigned"] = True
    if spec.zerofill:
        options["zerofill"] = True
    return generic() if generic is not None and not options else own(**options)


def _fraction(spec: TypeSpec, numbers: list[int]) -> sa.types.TypeEngine[Any]:
    options: dict[str, Any] = {name: True for name in ("unsigned", "zerofill") if getattr(spec, name)}
    precision, scale = numbers if len(numbers) == 2 else (None, None)
    if spec.base == "decimal":
        return mysql.DECIMAL(precision, scale, **options) if options else sa.Numeric(precision, scale)
    if spec.base == "float":
        return mysql.FLOAT(precision, scale, **options) if options or numbers else sa.Float()
    return mysql.DOUBLE(precision, scale, **options) if options or numbers else sa.Double()
