"""Types of a dialect that we know nothing of: SQLAlchemy's compiler spells them, and SQLAlchemy's reflection reads them."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Dialect

from schemadiff.backends.declared import DeclaredType
from schemadiff.schema import DataType

__all__ = ["compiled", "data_type", "same", "sqlalchemy_type"]

_COLLATE = re.compile(r"\s+COLLATE\s+\S+\s*\Z", re.IGNORECASE)
_PARTS = re.compile(r"\s*([^(]*?)\s*(?:\((.*?)\)\s*([^()]*?))?\s*\Z", re.DOTALL)


def compiled(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> str:
    """Return the declaration of ``type_`` without a collation, in one case and spacing; empty for a type that nobody knows."""
    if isinstance(type_, sa.types.NullType):
        return ""
    text = _COLLATE.sub("", str(dialect.type_compiler_instance.process(type_)))
    return re.sub(r"\s*,\s*", ", ", " ".join(text.split()))


def data_type(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> DataType:
    """Return the canonical type of a column of ``type_``.

    Raises:
        sqlalchemy.exc.CompileError: the dialect does not know the type.
    """
    return DataType(compiled(type_, dialect), origin=type_)


def sqlalchemy_type(type_: DataType, dialect: Dialect) -> sa.types.TypeEngine[Any]:
    """Return a SQLAlchemy type for ``type_``: the one that it was read as, else one that is declared the same."""
    if isinstance(type_.origin, sa.types.TypeEngine):
        return type_.origin
    if not type_.sql:
        return sa.types.NullType()
    match = _PARTS.match(type_.sql)
    name = type_.sql if match is None else match.group(1)
    numbers = [int(number) for number in re.findall(r"\d+", (match and match.group(2)) or "")]
    known = getattr(dialect, "ischema_names", {})
    for candidate in (
        known.get(name),
        known.get(name.lower()),
        getattr(sa.types, name.upper().replace(" ", "_"), None),
    ):
        made = _made(candidate, numbers)
        if made is not None and _declares(made, type_.sql, dialect):
            return made
    return DeclaredType(type_.sql)


def _made(candidate: Any, numbers: list[int]) -> sa.types.TypeEngine[Any] | None:
    if not (isinstance(candidate, type) and issubclass(candidate, sa.types.TypeEngine)):
        return None
    if issubclass(candidate, sa.String) and len(numbers) > 1:
        return None
    try:
        made: sa.types.TypeEngine[Any] = candidate(*numbers)
    except TypeError:
        return None
    return made


def _declares(made: sa.types.TypeEngine[Any], sql: str, dialect: Dialect) -> bool:
    try:
        return compiled(made, dialect) == sql
    except exc.CompileError:
        return False


# Words for one type. Databases take the one and print the other.
_SYNONYMS = (
    frozenset({"NUMERIC", "DECIMAL", "NUMBER", "DEC"}),
    frozenset({"INTEGER", "INT"}),
    frozenset({"DOUBLE", "DOUBLE PRECISION", "FLOAT"}),
    frozenset({"BOOLEAN", "BOOL", "BIT"}),
    frozenset({"VARCHAR", "CHARACTER VARYING", "VARCHAR2"}),
    frozenset({"CHAR", "CHARACTER"}),
    frozenset({"TIMESTAMP", "DATETIME", "TIMESTAMP WITHOUT TIME ZONE"}),
    frozenset({"BLOB", "BYTEA", "BINARY LARGE OBJECT"}),
)


def same(found: DataType, wanted: DataType) -> bool:
    """Return True where ``found`` may well be what the database made of ``wanted``.

    A type that SQLAlchemy's reflection does not know, or whose arguments it does not tell, equals any. What both sides say must
    agree.
    """
    if not found.sql or found.sql.lower() == wanted.sql.lower():
        return True
    left, right = _PARTS.match(found.sql.upper()), _PARTS.match(wanted.sql.upper())
    if left is None or right is None:
        return False
    names = {_whole(left), _whole(right)}
    if len(names) > 1 and not any(names <= synonyms for synonyms in _SYNONYMS):
        return False
    one, other = _arguments(left), _arguments(right)
    if not one or not other:
        return True
    # NUMERIC(10) is NUMERIC(10, 0).
    length = max(len(one), len(other))
    return one + ["0"] * (length - len(one)) == other + ["0"] * (length - len(other))


def _whole(match: re.Match[str]) -> str:
    return " ".join(part for part in (match.group(1), match.group(3)) if part)


def _arguments(match: re.Match[str]) -> list[str]:
    return [part.strip() for part in match.group(2).split(",")] if match.group(2) else []
