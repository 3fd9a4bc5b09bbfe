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

# Words that would end a type: they mean a type only in quotes.
_ENDS = frozenset(
    [
        "AS",
        "CHECK",
        "COLLATE",
        "CONSTRAINT",
        "DEFAULT",
        "FOREIGN",
        "GENERATED",
        "NOT",
        "NULL",
        "ON",
        "PRIMARY",
        "REFERENCES",
        "UNIQUE",
    ]
)


def type_text(tokens: Sequence[Token]) -> str:
    """Return the canonical spelling of the declared type that ``tokens`` are."""
    text = ""
    for token in tokens:
        if token.kind == "comment":
            continue
        if token.kind in ("word", "identifier", "string"):
            name = _name(token)
            plain = _PLAIN.match(name) and (token.kind == "word" or name.upper() not in _ENDS)
            part = name.upper() if plain or token.kind == "word" else '"' + name.replace('"', '""') + '"'
            text += part if not text or text.endswith(("(", " ")) else f" {part}"
        elif token.kind == "comma":
            text += ", "
        else:
            text += token.text
    return text


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
