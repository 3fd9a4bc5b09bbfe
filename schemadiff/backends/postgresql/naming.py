"""The names that PostgreSQL gives what nobody named, and the length that it cuts all names to.

The rules are those of ``makeObjectName``, ``ChooseIndexName`` and ``ChooseConstraintName`` in the server's sources
(src/backend/commands/indexcmds.c and src/backend/catalog/pg_constraint.c), the same from PostgreSQL 12 to 18.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from schemadiff.backends.tokens import Lexicon, TokenError, strip_parentheses, tokenize
from schemadiff.schema import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    PrimaryKey,
    Table,
    UniqueConstraint,
)

__all__ = ["MAX_BYTES", "choose", "clip", "constraint_name", "object_name"]

MAX_BYTES = 63
"""The length of an identifier in bytes (NAMEDATALEN - 1)."""


def clip(name: str, size: int = MAX_BYTES) -> str:
    """Return ``name`` cut to ``size`` bytes, no character cut in two: what the server makes of a longer identifier."""
    if len(name) <= size and name.isascii():
        return name
    data = name.encode()
    return name if len(data) <= size else data[:size].decode(errors="ignore")


def object_name(first: str, second: str | None, label: str) -> str:
    """Return ``first_second_label``, the longer of the two shortened until it fits."""
    parts = [first, label] if second is None else [first, second, label]
    name = "_".join(parts)
    if len(name) <= MAX_BYTES and name.isascii():
        return name
    left, right = len(first.encode()), len((second or "").encode())
    available = MAX_BYTES - len(label.encode()) - 1 - (0 if second is None else 1)
    while left + right > available:
        if left > right:
            left -= 1
        else:
            right -= 1
    return "_".join([clip(first, left), label] if second is None else [clip(first, left), clip(second, right), label])


def choose(first: str, second: str | None, label: str, taken: Collection[str]) -> str:
    """Return the first name that is free: the label gets a number where the plain one is taken."""
    name = object_name(first, second, label)
    number = 0
    while name in taken:
        number += 1
        name = object_name(first, second, f"{label}{number}")
    return name


def constraint_name(table: Table, constraint: Constraint, taken: Collection[str], lexicon: Lexicon) -> str:
    """Return the name that the server gives an unnamed ``constraint`` of ``table``.

    Args:
        table: the table; its name and its columns' names are used.
        constraint: the constraint.
        taken: names that other constraints of the table have.
        lexicon: how expressions are spelled.
    """
    match constraint:
        case PrimaryKey():
            return choose(table.name.name, None, "pkey", taken)
        case UniqueConstraint(columns=columns):
            return choose(table.name.name, _joined(columns), "key", taken)
        case ForeignKey(columns=columns):
            return choose(table.name.name, _joined(columns), "fkey", taken)
        case ExcludeConstraint(elements=elements):
            # Several expressions are told apart by numbers: expr, expr1 (ChooseIndexColumnNames).
            names: list[str] = []
            for element in elements:
                base = element.what if isinstance(element.what, str) else _called(element.what, lexicon)
                name, number = base, 0
                while name in names:
                    number += 1
                    name = f"{base}{number}"
                names.append(name)
            return choose(table.name.name, _joined(names), "excl", taken)
        case CheckConstraint(expression=expression):
            columns_used = mentioned_columns(table, expression, lexicon)
            column = columns_used[0] if len(columns_used) == 1 else None
            return choose(table.name.name, column, "check", taken)


def _called(expression: Expression, lexicon: Lexicon) -> str:
    """Return what an expression is called in the name of an index: as the function that it calls (``FigureIndexColname``), or ``expr``."""
    try:
        tokens = strip_parentheses(tokenize(expression.sql, lexicon))
    except TokenError:
        return "expr"
    depth = 0
    for i, token in enumerate(tokens[1:], 1):
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth == 0 and i < len(tokens) - 1:
            return "expr"
    if len(tokens) < 3 or tokens[0].kind not in ("word", "identifier"):
        return "expr"
    return tokens[0].text.lower() if tokens[0].kind == "word" else tokens[0].text


def _joined(names: Iterable[str]) -> str:
    """Join names as ChooseIndexNameAddition does: it stops once the buffer of twice an identifier's size is full."""
    text = ""
    for name in names:
        if text:
            text += "_"
        text += name
        if len(text.encode()) >= MAX_BYTES + 1:
            break
    return text


def mentioned_columns(table: Table, expression: Expression, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the columns of ``table`` that ``expression`` mentions, each once."""
    try:
        tokens = tokenize(expression.sql, lexicon)
    except TokenError:
        return ()
    names = {column.name for column in table.columns}
    found: dict[str, None] = {}
    for i, token in enumerate(tokens):
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        previous = tokens[i - 1].text if i else ""
        if token.kind not in ("word", "identifier") or following == "(" or previous == "::":
            continue
        name = token.text if token.kind == "identifier" else token.text.lower()
        if name in names:
            found[name] = None
    return tuple(found)
