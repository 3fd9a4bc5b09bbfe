"""Canonical spellings of expressions, and what the server makes of options that a model states or leaves open.

Two expressions get one spelling only where PostgreSQL is certain to store the same thing for both. Everything else is the judge's
or, where no server can be asked, :mod:`~schemadiff.backends.postgresql.meaning`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schemadiff.backends.base import OptionKind
from schemadiff.backends.postgresql.lexicon import LEXICON, literal, quoted
from schemadiff.backends.postgresql.types import base_of, spelled
from schemadiff.backends.postgresql.vocabulary import INTEGER_TYPES
from schemadiff.backends.questions import ExpressionKind
from schemadiff.backends.tokens import Token, TokenError, scan, strip_parentheses, tokenize
from schemadiff.schema import DataType, Options, Server, options

__all__ = [
    "bare_string",
    "canonical",
    "has_length_coercion",
    "lowered_options",
    "plain_string",
    "rereadable",
    "without_comments",
    "without_parentheses",
]


def canonical(sql: str, kind: ExpressionKind, type_: DataType | None, default_schema: str | None) -> str:
    """Return the canonical spelling of an expression.

    Args:
        sql: its text.
        kind: what it is.
        type_: the type of the column that a default is for.
        default_schema: the schema of unqualified names.
    """
    try:
        tokens = tuple(token for token in tokenize(sql, LEXICON) if token.kind != "comment")
    except TokenError:
        return sql.strip()
    tokens = strip_parentheses(tokens)
    if kind == "default" and type_ is not None:
        constant = _constant(tokens, type_, default_schema)
        if constant is not None:
            return constant
    return " ".join(_spelled(token) for token in _without_regclass(tokens, default_schema))


def _spelled(token: Token) -> str:
    if token.kind == "word":
        return _ascii_lower(token.text)
    if token.kind == "identifier":
        return quoted(token.text)
    if token.kind == "string":
        return plain_string(token.text) or token.text
    return token.text


def _ascii_lower(text: str) -> str:
    """PostgreSQL folds the letters A to Z; others depend on the database's encoding and locale, so they are left alone."""
    return re.sub("[A-Z]+", lambda match: match.group().lower(), text)


_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def plain_string(text: str) -> str | None:
    """Return a string constant in the plain form ``'...'``; None for one that cannot be told (bit strings, unicode escapes)."""
    if text.startswith("'"):
        return text
    if text.startswith("$"):
        size = text.index("$", 1) + 1
        return "'" + text[size:-size].replace("'", "''") + "'"
    if text[0] in "eE":
        body = text[2:-1].replace("''", "'")
        if re.search(r"\\[0-7xuU]", body):
            return None
        body = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(1)), body, flags=re.DOTALL)
        return "'" + body.replace("'", "''") + "'"
    return None


# -- constants as defaults

_NUMERIC = frozenset(["smallint", "integer", "bigint", "numeric", "real", "double precision"])
_EXACT = frozenset(["smallint", "integer", "bigint", "numeric"])
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)\Z")
_TRUE = frozenset(["t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"])
_FALSE = frozenset(["f", "fa", "fal", "fals", "false", "n", "no", "off", "0"])


def _constant(tokens: tuple[Token, ...], type_: DataType, default_schema: str | None) -> str | None:
    """Return the spelling of a default that is a constant of the column's own type; None for any other.

    The server prints ``'x'::character varying`` for ``'x'``, ``'-1'::integer`` for ``-1``, ``true`` for ``'t'``.
    """
    base = base_of(type_.sql)
    constant, cast = _with_cast(tokens, default_schema)
    if constant is None:
        return None
    kind, text = constant
    if kind == "null":
        return "null" if cast in (None, base, type_.sql) else None
    if base in _NUMERIC:
        # The server folds the cast of a string, which is how it prints a negative number, and keeps that of a number.
        casts = {None, _type_of(text)} if kind == "number" else {None, base, *_EXACT}
        return _number(text) if kind in ("number", "string") and _NUMBER.match(text) and cast in casts else None
    if base == "boolean" and cast in (None, "boolean"):
        word = text.strip().lower()
        if kind == "word":
            return word
        if kind == "string" and word in _TRUE | _FALSE:
            return "true" if word in _TRUE else "false"
        return None
    if kind == "string" and cast in (None, base):
        return "'" + text.replace("'", "''") + "'"
    return None


def _type_of(number: str) -> str:
    """Return the type that a number has by itself.

    Source: the PostgreSQL manual, "Numeric Constants" (section 4.1.2.6).
    """
    if not number.removeprefix("-").isdigit():
        return "numeric"
    return next((name for name, bits in (("integer", 31), ("bigint", 63)) if abs(int(number)) < 2**bits), "numeric")


def _number(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    digits = text.removeprefix("-").lstrip("0")
    if not digits or digits.startswith("."):
        digits = f"0{digits}"
    # The server knows no negative zero among exact numbers.
    return digits if not digits.strip("0.") else sign + digits


def _with_cast(tokens: tuple[Token, ...], default_schema: str | None) -> tuple[tuple[str, str] | None, str | None]:
    """Return the (kind, text) of a constant and the type that it is cast to; (None, None) for anything but a constant."""
    position = next((i for i, token in enumerate(tokens) if token.text == "::"), None)
    if position is not None:
        constant = _literal(strip_parentheses(tokens[:position]))
        return (None, None) if constant is None else (constant, _type_name(tokens[position + 1 :], default_schema))
    if len(tokens) > 4 and tokens[0].kind == "word" and tokens[0].text.lower() == "cast" and tokens[1].text == "(":
        inner = tokens[2:-1]
        position = next(
            (i for i, token in enumerate(inner) if token.kind == "word" and token.text.lower() == "as"), None
        )
        if position is not None and tokens[-1].text == ")":
            constant = _literal(strip_parentheses(inner[:position]))
            return (None, None) if constant is None else (constant, _type_name(inner[position + 1 :], default_schema))
    return _literal(tokens), None


def _type_name(tokens: tuple[Token, ...], default_schema: str | None) -> str:
    if any(token.text == "::" or token.kind == "string" for token in tokens):
        return "?"
    text = " ".join(_written(token) for token in tokens)
    return spelled(text, default_schema)[0]


def _written(token: Token) -> str:
    return '"' + token.text.replace('"', '""') + '"' if token.kind == "identifier" else token.text


def _literal(tokens: tuple[Token, ...]) -> tuple[str, str] | None:
    """Return ("string" | "number" | "word" | "null", value) of a constant."""
    if len(tokens) == 2 and tokens[0].text in ("-", "+") and tokens[1].kind == "number":
        return "number", (tokens[0].text + tokens[1].text).removeprefix("+")
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.kind == "number":
        return "number", token.text
    if token.kind == "string":
        plain = plain_string(token.text)
        return None if plain is None else ("string", plain[1:-1].replace("''", "'"))
    if token.kind == "word" and token.text.lower() in ("true", "false"):
        return "word", token.text.lower()
    if token.kind == "word" and token.text.lower() == "null":
        return "null", ""
    return None


def _without_regclass(tokens: tuple[Token, ...], default_schema: str | None) -> tuple[Token, ...]:
    """Leave ``::regclass`` out of ``nextval('name'::regclass)``, and the default schema out of the name."""
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        ahead = [t.text.lower() if t.kind == "word" else t.text for t in tokens[position : position + 6]]
        if (
            token.kind == "string"
            and [t.text.lower() for t in tokens[max(position - 2, 0) : position]] == ["nextval", "("]
            and (ahead[1:4] == ["::", "regclass", ")"] or ahead[1:2] == [")"])
        ):
            result.append(Token("string", _without_schema(token.text, default_schema)))
            position += 3 if ahead[1] == "::" else 1
            continue
        result.append(token)
        position += 1
    return tuple(result)


def _without_schema(text: str, default_schema: str | None) -> str:
    plain = plain_string(text)
    if plain is None or default_schema is None:
        return text
    try:
        parts = tokenize(plain[1:-1].replace("''", "'"), LEXICON)
    except TokenError:
        return text
    names = [_spelled(token) for token in parts if token.kind in ("word", "identifier")]
    if len(parts) == 3 and len(names) == 2 and names[0] == quoted(default_schema):
        names = names[1:]
    elif len(parts) not in (1, 3):
        return plain
    return "'" + ".".join(names).replace("'", "''") + "'"


def bare_string(spelling: str) -> str | None:
    """Return a canonical default that is a string constant as SQL, without a cast; None where it is none."""
    try:
        found = _literal(tokenize(spelling, LEXICON))
    except TokenError:
        return None
    return literal(found[1]) if found is not None and found[0] == "string" else None


def has_length_coercion(type_: DataType) -> bool:
    """Return True where a value of the type has to be cut or rounded to it: VARCHAR(20), NUMERIC(10,2), TIMESTAMP(3), ...

    ``DEFAULT NULL`` is no default at all, but such a type keeps it, as the call of a function that cuts NULL.
    """
    return "(" in type_.sql or type_.sql.startswith("interval ")


def without_parentheses(sql: str) -> str:
    """Return ``sql`` without parentheses that enclose the whole of it."""
    text = sql.strip()
    while text.startswith("(") and text.endswith(")"):
        try:
            tokens = tokenize(text, LEXICON)
        except TokenError:
            return text
        if len(strip_parentheses(tokens)) == len(tokens):
            return text
        text = text[1:-1].strip()
    return text


def without_comments(sql: str) -> str | None:
    """Return ``sql`` with a space in the place of each comment; None where it is not made of whole tokens."""
    parts: list[str] = []
    position = 0
    try:
        for token, start, end in scan(sql, LEXICON):
            if token.kind == "comment":
                parts += [sql[position:start], " "]
                position = end
    except TokenError:
        return None
    return "".join([*parts, sql[position:]])


def rereadable(sql: str) -> str:
    """Return an expression that the server printed in a form that it reads as what it printed.

    ``IN`` of a VARCHAR column is printed as ``(ARRAY['a'::character varying])::text[]``. Read again, the cast would go to each element, since the server
    looks through the parentheses of a cast ARRAY (``transformTypeCast`` in src/backend/parser/parse_expr.c); a cast of the array to its own type
    in between keeps it whole.
    """
    if "ARRAY[" not in sql:
        return sql
    try:
        tokens = list(scan(sql, LEXICON))
    except TokenError:
        return sql
    insertions: list[tuple[int, str]] = []
    for i in range(1, len(tokens) - 1):
        if tokens[i][0].text != "ARRAY" or tokens[i][0].kind != "word" or tokens[i - 1][0].text != "(":
            continue
        end, element = _array(sql, tokens, i + 1)
        if element is None or end + 3 >= len(tokens):
            continue
        if tokens[end + 1][0].text == ")" and tokens[end + 2][0].text == "::":
            after = sql[tokens[end + 2][2] :]
            if "[]" in after and after.partition("[]")[0].strip() != element:
                insertions += [(tokens[i - 1][1], "("), (tokens[end + 1][2], f"::{element}[])")]
    for position, text in sorted(insertions, reverse=True):
        sql = sql[:position] + text + sql[position:]
    return sql


def _array(sql: str, tokens: list[tuple[Token, int, int]], opening: int) -> tuple[int, str | None]:
    """Return the position of the bracket that closes an ARRAY, and the type that each of its elements is cast to, if it is one."""
    casts: set[str | None] = set()
    depth = 0
    cast: int | None = None
    for i in range(opening, len(tokens)):
        token, start, end = tokens[i]
        if depth == 1 and (token.kind == "comma" or token.text == "]"):
            casts.add(None if cast is None else sql[cast:start].strip())
            cast = None
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth == 0:
            return i, casts.pop() if len(casts) == 1 else None
        if depth == 1 and token.text == "::":
            cast = end
    return len(tokens), None


# -- options


# What a model says that is no state of the database: how to send a statement, or what SQLAlchemy does with it.
_NO_STATE = frozenset(["concurrently", "ignore_search_path", "on_commit", "with_oids", "invalid", "ops"])


def lowered_options(kind: OptionKind, arguments: Mapping[str, Any], server: Server) -> Options:
    """Return the options of one object of a model, spelled as the catalog has them."""
    if not arguments:
        return ()
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in _NO_STATE or value is None or value is False or value in ("", (), [], {}):
            continue
        found[name] = _column_option(name, value) if kind == "column" else _option(name, value)
    if kind == "table":
        prefixes = tuple(str(prefix).upper() for prefix in found.pop("prefixes", ()))
        if "UNLOGGED" in prefixes:
            found["prefixes"] = ("UNLOGGED",)
    # What the database does anyway is stated nowhere in the catalog.
    if str(found.get("using", "")).lower() == server.setting("access_method", "heap"):
        del found["using"]
    if found.get("tablespace") == server.setting("tablespace", "pg_default"):
        del found["tablespace"]
    return options(found)


def _column_option(name: str, value: Any) -> Any:
    if name == "attributes":
        return {str(key): str(setting) for key, setting in dict(value).items()}
    if name in ("not_null", "sequence"):
        return dict(value)
    if name == "statistics":
        return int(value)
    return str(value).upper() if name == "storage" else str(value)


def _option(name: str, value: Any) -> Any:
    if name == "statistics":
        return {str(position): int(target) for position, target in dict(value).items()}
    if name == "with" and isinstance(value, Mapping):
        return {str(key).lower(): storage_value(setting) for key, setting in value.items()}
    if name == "partition_by":
        return partition_key(str(value))
    if name == "inherits":
        return tuple(_parent(parent) for parent in (value if isinstance(value, (list, tuple)) else (value,)))
    if name == "include":
        return tuple(str(getattr(column, "name", column)) for column in value)
    if name == "prefixes":
        return tuple(value)
    return value if isinstance(value, bool) else str(value)


def _parent(name: Any) -> str:
    """Return the name of a parent as it stands behind INHERITS: a string is a name, ``quoted_name(..., quote=False)`` is SQL."""
    if getattr(name, "quote", None) is not False:
        return quoted(str(name))
    try:
        tokens = tokenize(str(name), LEXICON)
    except TokenError:
        return str(name)
    return "".join(_spelled(token) for token in tokens)


def storage_value(value: Any) -> str:
    """Return a storage parameter as ``pg_class.reloptions`` has it: a parameter without a value is true."""
    return "true" if value is None else str(value).lower()


def partition_key(sql: str) -> str:
    """Return the text behind PARTITION BY in one spelling; the strategy in upper case, as the server prints it."""
    try:
        tokens = tokenize(sql, LEXICON)
    except TokenError:
        return sql
    words = [_spelled(token) for token in tokens]
    text = " ".join([words[0].upper(), *words[1:]]) if words else ""
    return re.sub(r"\s*,\s*", ", ", text).replace("( ", "(").replace(" )", ")")


# -- sequences


def sequence_options(
    type_name: str,
    *,
    start: int | None,
    increment: int | None,
    minvalue: int | None,
    maxvalue: int | None,
    cache: int | None,
) -> dict[str, int]:
    """Return all options of a sequence, what is None by the server's rules (PostgreSQL manual, "CREATE SEQUENCE")."""
    low, high = INTEGER_TYPES.get(type_name, INTEGER_TYPES["bigint"])
    step = 1 if increment is None else increment
    least = (1 if step > 0 else low) if minvalue is None else minvalue
    most = (high if step > 0 else -1) if maxvalue is None else maxvalue
    first = (least if step > 0 else most) if start is None else start
    return {"start": first, "increment": step, "minvalue": least, "maxvalue": most, "cache": cache or 1}
