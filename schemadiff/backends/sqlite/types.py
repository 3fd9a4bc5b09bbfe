"""SQLite's types: a column has whatever type its declaration names, and the declared text is all that there is to compare.

The canonical spelling is the declared text in upper case, one space between words, arguments as in ``NUMERIC(10, 2)``. A column
declared without a type has the empty one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from schemadiff.backends.declared import DeclaredType
from schemadiff.backends.sqlite.canonical import LEXICON
from schemadiff.backends.tokens import Token, TokenError, tokenize
from schemadiff.errors import UnrenderableType
from schemadiff.schema import DataType

__all__ = ["compiled_collation", "data_type", "sqlalchemy_type", "type_text"]


def data_type(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> DataType:
    """Return the canonical type of a column of ``type_``.

    Raises:
        sqlalchemy.exc.CompileError: SQLite's compiler does not know the type.
    """
    if isinstance(type_, sa.types.NullType):
        return DataType("", origin=type_)
    return DataType(type_text(_without_collation(_tokens(_compiled(type_, dialect)))), origin=type_)


def compiled_collation(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> str | None:
    """Return the collation that ``type_`` writes into its own declaration, or None."""
    tokens = _tokens(_compiled(type_, dialect))
    kept = _without_collation(tokens)
    return tokens[len(kept) + 1].text if len(tokens) > len(kept) + 1 else None


def _compiled(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> str:
    return str(dialect.type_compiler_instance.process(type_))


def _tokens(sql: str) -> tuple[Token, ...]:
    try:
        return tokenize(sql, LEXICON)
    except TokenError as error:
        raise UnrenderableType(f"type {sql!r}: {error}; a type's declaration must be whole tokens") from error


def _without_collation(tokens: Sequence[Token]) -> tuple[Token, ...]:
    for i, token in enumerate(tokens):
        if token.kind == "word" and token.text.upper() == "COLLATE":
            return tuple(tokens[:i])
    return tuple(tokens)


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

# Words that are no part of a type without quotes (SQLite manual, "SQLite Keywords", those that are no names either), and NULL and the
# like, which end one.
_RESERVED = frozenset(
    word
    for line in """
    ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE
    ESCAPE EXISTS FOREIGN FROM GENERATED GROUP HAVING IN INDEX INSERT INTO IS ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER
    PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO TRANSACTION UNIQUE UPDATE USING VALUES WHEN WHERE
    """.splitlines()
    for word in line.split()
)


def type_text(tokens: Sequence[Token]) -> str:
    """Return the canonical spelling of the declared type that ``tokens`` are.

    A type that stands in quotes as a whole is the text inside; the quotes are kept where it could not be written without.
    """
    tokens = [token for token in tokens if token.kind != "comment"]
    if len(tokens) == 1 and tokens[0].kind in ("identifier", "string"):
        tokens = _plain_type(_name(tokens[0])) or tokens
    text = ""
    for token in tokens:
        if token.kind in ("word", "identifier", "string"):
            name = _name(token).upper()
            plain = token.kind == "word" or (_PLAIN.match(name) and name not in _RESERVED)
            part = name if plain else '"' + name.replace('"', '""') + '"'
            text += part if not text or text.endswith(("(", " ")) else f" {part}"
        elif token.kind == "comma":
            text += ", "
        else:
            text += token.text
    return text


_PLAIN_TYPE = re.compile(r"[A-Za-z_]\w*(\s+[A-Za-z_]\w*)*\s*(\(\s*[+-]?[\d.]+\s*(,\s*[+-]?[\d.]+\s*)?\))?", re.ASCII)


def _plain_type(text: str) -> Sequence[Token] | None:
    """Return the tokens of a type that needs no quotes: words, then one or two numbers; None for any other."""
    if not _PLAIN_TYPE.fullmatch(text) or set(re.findall(r"\w+", text.upper())) & _RESERVED:
        return None
    return _tokens(text)


def _name(token: Token) -> str:
    if token.kind == "string":
        return token.text[1:-1].replace("''", "'")
    return token.text


_NAME_AND_ARGUMENTS = re.compile(r"([\w ]+)(?:\((.*)\))?\Z")


def sqlalchemy_type(type_: DataType, collation: str | None, dialect: Dialect) -> sa.types.TypeEngine[Any]:
    """Return a SQLAlchemy type that is declared as ``type_``: one of SQLAlchemy's own where there is one, else a DeclaredType."""
    if not type_.sql:
        return sa.types.NullType()
    match = _NAME_AND_ARGUMENTS.match(type_.sql)
    if match is not None:
        name, arguments = match.groups()
        numbers = [int(number) for number in re.findall(r"-?\d+", arguments or "")]
        for candidate in _candidates(name, dialect):
            made = _made(candidate, numbers, collation)
            if made is not None and _declares(made, type_, dialect):
                return made
    return DeclaredType(type_.sql)


def _candidates(name: str, dialect: Dialect) -> list[type[sa.types.TypeEngine[Any]]]:
    known = getattr(dialect, "ischema_names", {})
    found = [known.get(name), getattr(sa.types, name.replace(" ", "_"), None)]
    return [item for item in found if isinstance(item, type) and issubclass(item, sa.types.TypeEngine)]


def _made(
    candidate: type[sa.types.TypeEngine[Any]], numbers: list[int], collation: str | None
) -> sa.types.TypeEngine[Any] | None:
    keywords: dict[str, Any] = {}
    if issubclass(candidate, sa.String):
        # The second argument of a string type is its collation.
        if len(numbers) > 1:
            return None
        keywords = {"collation": collation} if collation else {}
    try:
        return candidate(*numbers, **keywords)
    except TypeError:
        return None


def _declares(made: sa.types.TypeEngine[Any], type_: DataType, dialect: Dialect) -> bool:
    try:
        return data_type(made, dialect).sql == type_.sql
    except sa.exc.CompileError:
        return False
