"""Text as MariaDB and MySQL write it: strings with their escapes, quoted names, and the canonical spelling of expressions."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.tokens import Lexicon, Token, TokenError, scan, strip_parentheses, tokenize

__all__ = [
    "canonical_expression",
    "catalog_lexicon",
    "introducer_of",
    "is_string",
    "lexicon_for",
    "quoted",
    "respell",
    "string_literal",
    "string_value",
    "without_schema",
]

# "String Literals" in either manual. \% and \_ keep their backslash, any other \x is x.
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def lexicon_for(facts: Facts) -> Lexicon:
    """Return how expressions are spelled under the server's sql_mode."""
    return _lexicon(facts.ansi_quotes, facts.backslash_escapes)


@lru_cache(maxsize=4)
def _lexicon(ansi_quotes: bool, backslash_escapes: bool) -> Lexicon:
    # It is asked for at every column.
    return Lexicon(
        identifier_quotes='`"' if ansi_quotes else "`",
        string_quotes="'" if ansi_quotes else "'\"",
        backslash_escapes=backslash_escapes,
        hash_comments=True,
    )


def catalog_lexicon(facts: Facts) -> Lexicon:
    """Return how the server prints expressions: it escapes with backslashes also where sql_mode has NO_BACKSLASH_ESCAPES."""
    return replace(lexicon_for(facts), backslash_escapes=True)


def quoted(name: str) -> str:
    """Return an identifier in backticks, which every sql_mode understands."""
    return "`" + name.replace("`", "``") + "`"


def string_literal(value: str, *, backslash_escapes: bool) -> str:
    """Return ``value`` as a string literal."""
    if backslash_escapes:
        value = value.replace("\\", "\\\\").replace("\0", "\\0")
    return "'" + value.replace("'", "''") + "'"


_INTRODUCER = re.compile(r"(_\w+|[nN])?\s*(?=['\"])")


def string_value(text: str, *, backslash_escapes: bool) -> str:
    """Return what the string literal ``text`` means; an introducer (``_utf8mb4``, ``N``) is left out."""
    head = _INTRODUCER.match(text)
    text = text[head.end() if head else 0 :]
    quote, body = text[0], text[1:-1]
    result: list[str] = []
    position = 0
    while position < len(body):
        char = body[position]
        if char == "\\" and backslash_escapes and position + 1 < len(body):
            following = body[position + 1]
            result.append(_ESCAPES.get(following, following))
            position += 2
            continue
        result.append(char)
        position += 2 if char == quote and body.startswith(quote, position + 1) else 1
    return "".join(result)


def introducer_of(text: str) -> str:
    """Return the character set that the string literal ``text`` states, where it is none of Unicode's."""
    head = _INTRODUCER.match(text)
    introducer = (head.group(1) or "").lower() if head else ""
    return "" if introducer in ("", "n", "_utf8mb4", "_utf8mb3", "_utf8") else introducer


def is_string(token: Token) -> bool:
    """Return True for a character string, False for anything else, bit and hexadecimal strings included."""
    return token.kind == "string" and token.text[:1] not in "bBxX"


_PLAIN = re.compile(r"[a-z_$][a-z0-9_$]*\Z")
_NOW = frozenset({"now", "current_timestamp", "localtime", "localtimestamp"})
_SYNONYMS = {"curdate": "current_date", "curtime": "current_time"}
# Functions of one name without parentheses.
_BARE = _NOW | {"current_date", "current_time", "current_user", "current_role", "utc_date", "utc_time", "utc_timestamp"}
_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "xor",
        "null",
        "true",
        "false",
        "is",
        "in",
        "like",
        "rlike",
        "regexp",
        "between",
        "case",
        "when",
        "then",
        "else",
        "end",
        "div",
        "mod",
        "interval",
        "binary",
        "collate",
        "escape",
        "exists",
        "distinct",
        "select",
        "from",
        "where",
        "as",
        "cast",
        "convert",
        "default",
        "current_date",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "utc_date",
        "utc_time",
        "utc_timestamp",
        "values",
        "using",
        "by",
        "asc",
        "desc",
        "for",
        "if",
        "left",
        "right",
        "replace",
        "repeat",
        "insert",
        "char",
        "row",
    ]
)


@lru_cache(maxsize=4096)
def canonical_expression(sql: str, lexicon: Lexicon) -> str:
    """Return a spelling of ``sql`` that does not depend on layout, case, needless quotes or the way a string is escaped.

    What the server rewrites beyond that (parentheses, names of functions) is the judge's to know.
    """
    try:
        tokens = tuple(token for token in tokenize(sql, lexicon) if token.kind != "comment")
    except TokenError:
        return sql.strip()
    tokens = strip_parentheses(tokens)
    return " ".join(_canonical_tokens(tokens, lexicon))


def _canonical_tokens(tokens: tuple[Token, ...], lexicon: Lexicon) -> list[str]:
    words: list[str] = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        called = following is not None and following.kind == "open"
        qualified = i > 0 and tokens[i - 1].text == "."
        if token.kind == "word" and not qualified:
            word = token.text.lower()
            word = _SYNONYMS.get(word, word) if called or word not in _SYNONYMS else word
            if word in _NOW and (called or word != "now"):
                word = "current_timestamp"
            words.append(word)
            if word in _BARE and not called:
                words += ["(", ")"]
        else:
            words.append(_canonical_token(token, lexicon))
    return words


def _canonical_token(token: Token, lexicon: Lexicon) -> str:
    if token.kind == "word":
        return token.text.lower()
    if token.kind == "identifier":
        name = token.text.lower()
        return name if _PLAIN.match(name) and name not in _RESERVED else quoted(name)
    if is_string(token):
        value = string_value(token.text, backslash_escapes=lexicon.backslash_escapes)
        return introducer_of(token.text) + "'" + value.replace("'", "''") + "'"
    if token.kind == "string":
        return token.text.lower()
    if token.kind == "operator" and token.text == "!=":
        return "<>"
    return token.text


def respell(sql: str, facts: Facts) -> str:
    """Return catalog text as the server reads it under its sql_mode: strings escaped, or not, as that says."""
    if facts.backslash_escapes and not facts.ansi_quotes:
        return sql
    try:
        tokens = tokenize(sql, catalog_lexicon(facts))
    except TokenError:
        return sql
    text = ""
    for i, token in enumerate(tokens):
        # "now ()" is no function call, unless sql_mode has IGNORE_SPACE.
        close = token.text in "(." or (i > 0 and tokens[i - 1].text == ".")
        text += ("" if close or not text else " ") + _respelled(token, facts)
    return text


def without_schema(sql: str, schema: str | None, lexicon: Lexicon) -> str:
    """Return ``sql`` without the name of the default database before other names: ``nextval(`shop`.`number`)``."""
    if schema is None or schema not in sql:
        return sql
    try:
        found = list(scan(sql, lexicon))
    except TokenError:
        return sql
    text, position = "", 0
    for (token, start, _), (dot, _, end) in pairwise(found):
        if token.kind == "identifier" and token.text == schema and dot.text == ".":
            text += sql[position:start]
            position = end
    return text + sql[position:]


def _respelled(token: Token, facts: Facts) -> str:
    if token.kind == "identifier":
        return quoted(token.text)
    if is_string(token):
        head = _INTRODUCER.match(token.text)
        introducer = (head.group(1) or "") if head else ""
        value = string_value(token.text, backslash_escapes=True)
        return introducer + string_literal(value, backslash_escapes=facts.backslash_escapes)
    return token.text
