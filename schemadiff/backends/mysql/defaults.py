"""Server defaults: literals as the server stores them, and the ON UPDATE that SQLAlchemy's users write behind them.

The server converts a literal default to the column's type when the table is made (``DEFAULT '1'`` of a DECIMAL(10,2) comes back as
``1.00``). The common conversions are done here, so that a comparison without a server is quiet too; the judge knows the rest.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import canonical_expression, is_string, lexicon_for, string_literal, string_value
from schemadiff.backends.mysql.types import TypeSpec, parse_type
from schemadiff.backends.tokens import Lexicon, Token, TokenError, strip_parentheses, tokenize
from schemadiff.schema import DataType

__all__ = ["canonical_default", "clause", "default_clause", "is_null", "split_on_update"]

_NOW = frozenset({"now", "current_timestamp", "localtime", "localtimestamp"})
_INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_STRINGS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "enum", "set"})


_ON_UPDATE = re.compile(r"(?P<default>.*?)\s*\bON\s+UPDATE\s+(?P<update>.+?)\s*\Z", re.IGNORECASE | re.DOTALL)


def split_on_update(sql: str, lexicon: Lexicon) -> tuple[str | None, str | None]:
    """Split "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP" into the default and the ON UPDATE.

    It is the way in which SQLAlchemy's documentation has ON UPDATE written: in ``server_default=text(...)``. "NULL ON UPDATE ..."
    and a bare "ON UPDATE ..." are understood too.
    """
    # Most say nothing of it, and the pattern would be tried at every character of them.
    found = _ON_UPDATE.match(sql) if "update" in sql.lower() else None
    if found is None:
        return sql, None
    try:
        update = tokenize(found["update"], lexicon)
    except TokenError:
        return sql, None
    if not update or update[0].kind != "word" or update[0].text.lower() not in _NOW:
        return sql, None
    return found["default"].strip() or None, found["update"]


def is_null(sql: str, lexicon: Lexicon) -> bool:
    """Return True for ``DEFAULT NULL``, which is no default."""
    return canonical_expression(sql, lexicon) == "null"


def canonical_default(sql: str, type_: DataType | None, facts: Facts) -> str:
    """Return the canonical spelling of a default of a column of ``type_``; ON UPDATE is an option of the column, and no part of it."""
    return _canonical(sql, None if type_ is None else type_.sql, lexicon_for(facts))


@lru_cache(maxsize=4096)
def _canonical(sql: str, type_sql: str | None, lexicon: Lexicon) -> str:
    sql = split_on_update(sql, lexicon)[0] or "NULL"
    text = canonical_expression(sql, lexicon)
    if type_sql is None:
        return text
    spec = parse_type(type_sql, lexicon)
    literal = _literal(sql, lexicon)
    if spec is None or literal is None:
        return text
    return _converted(literal, spec) or text


def _literal(sql: str, lexicon: Lexicon) -> str | None:
    """Return the value of a literal, as text: of a string, a number with its sign, TRUE and FALSE."""
    try:
        tokens = strip_parentheses(tuple(t for t in tokenize(sql, lexicon) if t.kind != "comment"))
    except TokenError:
        return None
    sign = ""
    if len(tokens) == 2 and tokens[0].text in "+-" and tokens[1].kind == "number":
        sign, tokens = tokens[0].text.strip("+"), tokens[1:]
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.kind == "number" and not token.text.lower().startswith("0x"):
        return sign + token.text
    if is_string(token):
        return string_value(token.text, backslash_escapes=lexicon.backslash_escapes)
    return {"true": "1", "false": "0"}.get(token.text.lower()) if token.kind == "word" else None


def _converted(value: str, spec: TypeSpec) -> str | None:
    """Return the spelling of a literal once it is converted to the type; None where that is better left to the server."""
    if spec.base in _STRINGS:
        if spec.base == "enum" and value not in spec.arguments:
            value = next((member for member in spec.arguments if member.lower() == value.lower()), value)
        return string_literal(value, backslash_escapes=False)
    if spec.base in _INTEGERS:
        return _number(value, 0)
    if spec.base == "decimal":
        return _number(value, int(spec.arguments[1]) if len(spec.arguments) > 1 else 0)
    if spec.base in ("float", "double") and not spec.arguments:
        try:
            return repr(float(value))
        except ValueError:
            return None
    if spec.base in ("date", "datetime", "timestamp", "time"):
        return _moment(value, spec)
    return None


def _number(value: str, scale: int) -> str | None:
    try:
        number = Decimal(value.strip()).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return None
    # Zero has no sign in a column.
    return format(abs(number) if number == 0 else number, "f")


_DATE = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_TIME = r"(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?"


def _moment(value: str, spec: TypeSpec) -> str | None:
    precision = int(spec.arguments[0]) if spec.arguments else 0
    if spec.base == "time":
        found = re.fullmatch(_TIME, value)
        return None if found is None else _time(found.groups(), precision)
    if spec.base == "date":
        found = re.fullmatch(_DATE, value)
        return None if found is None else _date(found.groups())
    found = re.fullmatch(rf"{_DATE}(?:[ T]{_TIME})?", value)
    if found is None:
        return None
    groups = found.groups()
    time = _time(groups[3:] if groups[3] is not None else ("0", "0", "0", None), precision)
    return None if time is None else f"{_date(groups[:3])[:-1]} {time[1:]}"


def _date(groups: tuple[str | None, ...]) -> str:
    year, month, day = (int(part or 0) for part in groups)
    return f"'{year:04}-{month:02}-{day:02}'"


def _time(groups: tuple[str | None, ...], precision: int) -> str | None:
    hours, minutes, seconds = (int(part or 0) for part in groups[:3])
    fraction = (groups[3] or "").ljust(precision, "0")
    if len(fraction) > precision:
        # Rounded or cut off: sql_mode decides (TIME_ROUND_FRACTIONAL).
        return None
    return f"'{hours:02}:{minutes:02}:{seconds:02}{'.' + fraction if precision else ''}'"


def clause(sql: str, lexicon: Lexicon) -> str:
    """Return what stands after DEFAULT for an expression: in parentheses, unless it is a literal or a form of CURRENT_TIMESTAMP.

    MySQL: "Data Type Default Values"; MariaDB takes the same.
    """
    try:
        tokens = tuple(t for t in tokenize(sql, lexicon) if t.kind != "comment")
    except TokenError:
        return sql
    if not tokens or _needs_none(tokens) or strip_parentheses(tokens) != tokens:
        return sql
    return f"({sql})"


@lru_cache(maxsize=4096)
def default_clause(sql: str, lexicon: Lexicon) -> str:
    """Return what stands after DEFAULT, an ON UPDATE behind it included."""
    default, on_update = split_on_update(sql, lexicon)
    if on_update is None:
        return clause(sql, lexicon)
    return f"{clause(default or 'NULL', lexicon)} ON UPDATE {on_update}"


def _needs_none(tokens: tuple[Token, ...]) -> bool:
    first = tokens[0]
    if len(tokens) == 1:
        return first.kind in ("number", "string") or (
            first.kind == "word" and first.text.lower() in _NOW | {"null", "true", "false"}
        )
    if len(tokens) == 2:
        return first.text in "+-" and tokens[1].kind == "number"
    called = first.kind == "word" and first.text.lower() in _NOW and tokens[1].kind == "open"
    return called and tokens[-1].kind == "close" and len(tokens) <= 4
