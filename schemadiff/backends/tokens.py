"""A tokenizer for SQL expressions: enough to compare two spellings, and to tell one expression from several statements.

It is the only judge on SQLite and wherever no server can be asked, and the gatekeeper of what is sent to a server's judge: text comes
from databases and snapshots that need not be friendly (see :func:`is_one_expression`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Literal

from schemadiff.frozen import dataclass
from schemadiff.schema import ascii_lower

__all__ = ["Lexicon", "Token", "TokenError", "canonical", "is_one_expression", "scan", "strip_parentheses", "tokenize"]

TokenKind = Literal[
    "word", "identifier", "string", "number", "operator", "open", "close", "comma", "semicolon", "comment"
]


class TokenError(ValueError):
    """The text is not made of whole tokens: a quote or a comment is left open, or a character fits nowhere."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Args:
        kind: ``word`` is an unquoted identifier or keyword, ``identifier`` a quoted one (its text is unquoted).
        text: the text; of strings as written, with quotes and prefix.
    """

    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How one database spells tokens.

    Args:
        identifier_quotes: the opening quotes of identifiers, of ``"``, a backtick and ``[``.
        string_quotes: the quotes of strings; MySQL has ``"`` among them.
        backslash_escapes: a backslash escapes in every string (MySQL's default), not just in ``E'...'``.
        dollar_quotes: PostgreSQL's ``$tag$...$tag$``.
        hash_comments: MySQL's ``#`` comments.
    """

    identifier_quotes: str = '"'
    string_quotes: str = "'"
    backslash_escapes: bool = False
    dollar_quotes: bool = False
    hash_comments: bool = False


# Databases take any character beyond ASCII for a letter, and no such character for a space. (What is no letter is said: it compiles in no time.)
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_WORD = re.compile(r"[^\x00-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*")
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_PARAMETER = re.compile(r"[$:@?]\w*")
_OPERATOR = re.compile(
    r"::|:=|->>|->|#>>|#>|\|\||&&|<=>|<=|>=|<>|!=|==|<<|>>|@@|@>|<@|!~\*|!~|~\*|[-+*/<>=~!@#%^&|`?:.\\]"
)
_STRING_PREFIX = re.compile(r"(?:[eE]|[bB]|[xX]|[nN]|[uU]&|_\w+\s*)?(?=')")


# What is a word or a mark on every database: most of all tokens, with the space before it; empty where the next token is no such one. A word
# right before a quote may be the prefix of a string.
_PLAIN_TOKEN = re.compile(r"[ \t\n\r\f\v]*+([^\x00-@\[-`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*+(?!['&$])|[(),;]|)")
_MARKS = {
    "(": Token("open", "("),
    ")": Token("close", ")"),
    ",": Token("comma", ","),
    ";": Token("semicolon", ";"),
}


@lru_cache(maxsize=4096)
def _plain(text: str) -> Token:
    """Return the token of a word or a mark. The same few words stand in a schema again and again."""
    return _MARKS.get(text) or Token("word", text)


@lru_cache(maxsize=4096)
def tokenize(sql: str, lexicon: Lexicon) -> tuple[Token, ...]:
    """Return the tokens of ``sql``.

    Raises:
        TokenError: a string, identifier or comment is not closed, or a character is not understood.
    """
    return tuple(token for token, _, _ in scan(sql, lexicon))


def scan(sql: str, lexicon: Lexicon) -> Iterator[tuple[Token, int, int]]:
    """Yield the tokens of ``sql``, each with the positions where it starts and ends.

    Raises:
        TokenError: as for :func:`tokenize`.
    """
    position = 0
    while position < len(sql):
        for plain in _PLAIN_TOKEN.finditer(sql, position):
            start, position = plain.span(1)
            if start == position:
                break
            yield _plain(plain[1]), start, position
        if position < len(sql):
            start = position
            token, position = _next(sql, position, lexicon)
            yield token, start, position


def _next(sql: str, position: int, lexicon: Lexicon) -> tuple[Token, int]:
    char = sql[position]
    if sql.startswith("--", position) or (lexicon.hash_comments and char == "#"):
        end = sql.find("\n", position)
        end = len(sql) if end < 0 else end
        return Token("comment", sql[position:end]), end
    if sql.startswith("/*", position):
        end = sql.find("*/", position + 2)
        if end < 0:
            raise TokenError("a comment is not closed")
        return Token("comment", sql[position : end + 2]), end + 2
    if lexicon.dollar_quotes and (dollar := _DOLLAR.match(sql, position)):
        end = sql.find(dollar.group(), dollar.end())
        if end < 0:
            raise TokenError("a dollar-quoted string is not closed")
        end += len(dollar.group())
        return Token("string", sql[position:end]), end
    prefix = _STRING_PREFIX.match(sql, position)
    if prefix is not None and (prefix.group() or char in lexicon.string_quotes):
        escapes = lexicon.backslash_escapes or prefix.group().lower() == "e"
        end = _closing(sql, prefix.end(), sql[prefix.end()], escapes)
        return Token("string", sql[position:end]), end
    if char in lexicon.string_quotes:
        end = _closing(sql, position, char, lexicon.backslash_escapes)
        return Token("string", sql[position:end]), end
    if char in lexicon.identifier_quotes:
        close = "]" if char == "[" else char
        end = _closing(sql, position, close, False)
        text = sql[position + 1 : end - 1]
        return Token("identifier", text if char == "[" else text.replace(close * 2, close)), end
    if word := _WORD.match(sql, position):
        return Token("word", word.group()), word.end()
    if number := _NUMBER.match(sql, position):
        return Token("number", number.group()), number.end()
    single: dict[str, TokenKind] = {
        "(": "open",
        ")": "close",
        "[": "open",
        "]": "close",
        ",": "comma",
        ";": "semicolon",
    }
    if char in single:
        return Token(single[char], char), position + 1
    if operator := _OPERATOR.match(sql, position):
        return Token("operator", operator.group()), operator.end()
    if parameter := _PARAMETER.match(sql, position):
        return Token("operator", parameter.group()), parameter.end()
    raise TokenError(f"{char!r} is not understood")


def _closing(sql: str, opening: int, close: str, escapes: bool) -> int:
    """Return the position after the quote that closes the one at ``opening``; a doubled quote does not close."""
    position = opening + 1
    while position < len(sql):
        char = sql[position]
        if escapes and char == "\\":
            position += 2
        elif char != close:
            position += 1
        elif close != "]" and sql.startswith(close, position + 1):
            position += 2
        else:
            return position + 1
    raise TokenError(f"a quote {close} is not closed")


def is_one_expression(sql: str, lexicon: Lexicon) -> bool:
    """Return True where ``sql`` is one balanced expression, with no comment and no top-level semicolon or comma."""
    try:
        tokens = tokenize(sql, lexicon)
    except TokenError:
        return False
    stack: list[str] = []
    for token in tokens:
        if token.kind in ("comment", "semicolon") or (token.kind == "comma" and not stack):
            return False
        if token.kind == "open":
            stack.append(")" if token.text == "(" else "]")
        elif token.kind == "close" and (not stack or stack.pop() != token.text):
            return False
    return bool(tokens) and not stack


def strip_parentheses(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return ``tokens`` without parentheses that enclose the whole."""
    while len(tokens) > 2 and tokens[0].text == "(" and tokens[0].kind == "open" and _closes(tokens) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _closes(tokens: tuple[Token, ...]) -> int:
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return i
    return -1


_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")

# Words that mean something else when they are quoted: "user" is a column, user is a function.
_NOT_NAMES = frozenset(
    [
        "all",
        "and",
        "any",
        "array",
        "as",
        "between",
        "case",
        "cast",
        "collate",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "default",
        "distinct",
        "else",
        "end",
        "exists",
        "false",
        "from",
        "glob",
        "in",
        "interval",
        "is",
        "isnull",
        "like",
        "localtime",
        "localtimestamp",
        "match",
        "not",
        "notnull",
        "null",
        "or",
        "regexp",
        "select",
        "session_user",
        "some",
        "sysdate",
        "then",
        "true",
        "unknown",
        "user",
        "utc_date",
        "utc_time",
        "utc_timestamp",
        "when",
    ]
)


def canonical(sql: str, lexicon: Lexicon, *, fold: bool = True, names: Collection[str] = ()) -> str:
    """Return a spelling of ``sql`` that does not depend on layout, on the case of words or on needless quotes.

    Outer parentheses and comments are left out. Text that is not made of whole tokens is returned stripped, as it is: it equals only itself.

    Args:
        sql: the expression.
        lexicon: the database's.
        fold: words are folded to lower case, and a quoted identifier that is all lower case equals the bare word. SQLite and MySQL
            compare names without regard to case; PostgreSQL folds words itself.
        names: names in lower case whose capitals say nothing in quotes either.
    """
    try:
        tokens = tokenize(sql, lexicon)
    except TokenError:
        return sql.strip()
    tokens = strip_parentheses(tuple(token for token in tokens if token.kind != "comment"))
    return " ".join(_spelled(token, fold, names) for token in tokens)


def _spelled(token: Token, fold: bool, names: Collection[str]) -> str:
    if token.kind == "word":
        return ascii_lower(token.text) if fold else token.text
    if token.kind == "identifier":
        text = ascii_lower(token.text) if names and ascii_lower(token.text) in names else token.text
        bare = _PLAIN.match(text) and text not in _NOT_NAMES
        return text if bare else '"' + text.replace('"', '""') + '"'
    return token.text
