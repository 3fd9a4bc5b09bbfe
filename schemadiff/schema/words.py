"""The parts of a schema, and how they change, in words."""

from __future__ import annotations

import unicodedata
from typing import Any

from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Identity,
    Index,
)

__all__ = [
    "CONSTRAINT_KINDS",
    "column_words",
    "constraint_name",
    "constraint_words",
    "default_words",
    "index_words",
    "setting_words",
    "shown",
]


CONSTRAINT_KINDS = {
    "primary": "primary key",
    "unique": "unique constraint",
    "check": "check constraint",
    "foreignkey": "foreign key",
    "exclude": "exclude constraint",
    None: "constraint",
}
"""What the kinds of constraints are called, by the names that ``op.drop_constraint(type_=...)`` takes."""


def shown(text: str) -> str:
    """Return ``text`` on one line, with every character that cannot be seen, or that changes how others are shown, escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char == " " or (char.isprintable() and unicodedata.category(char)[0] != "C") else _escaped(char)
        for char in text
    )


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def column_words(column: Column) -> str:
    """Return what a column is: ``VARCHAR(50) NOT NULL DEFAULT 'x'``."""
    words = [column.type.sql]
    if column.collation is not None:
        words.append(f"COLLATE {column.collation}")
    if not column.nullable:
        words.append("NOT NULL")
    match column.default:
        case Expression(sql=sql):
            words.append(f"DEFAULT {sql}")
        case Computed() | Identity():
            words.append(default_words(column.default))
    return " ".join(words)


def default_words(default: Any) -> str:
    """Return what a column's default is; ``none`` where there is none."""
    match default:
        case None:
            return "none"
        case Expression(sql=sql):
            return sql
        case Computed(expression=expression, stored=stored):
            return f"GENERATED ALWAYS AS ({expression.sql}) {'STORED' if stored else 'VIRTUAL'}"
        case Identity(always=always):
            options = [
                f"{name.upper()} {setting}"
                for name in ("start", "increment", "minvalue", "maxvalue", "cache")
                if (setting := getattr(default, name)) is not None
            ]
            if default.cycle:
                options.append("CYCLE")
            return f"GENERATED {'ALWAYS' if always else 'BY DEFAULT'} AS IDENTITY ({' '.join(options)})"
    return str(default)


def constraint_words(constraint: Constraint) -> str:
    """Return what a constraint says: ``(author_id) → users(id) ON DELETE CASCADE``."""
    match constraint:
        case CheckConstraint(expression=expression):
            return f"({expression.sql})"
        case ForeignKey():
            words = (
                f"({', '.join(constraint.columns)}) → {constraint.referent}({', '.join(constraint.referent_columns)})"
            )
            actions = (
                ("ON UPDATE", constraint.onupdate),
                ("ON DELETE", constraint.ondelete),
                ("MATCH", constraint.match),
            )
            return " ".join([words, *[f"{word} {each}" for word, each in actions if each is not None]])
        case ExcludeConstraint():
            elements = ", ".join(f"{e.what} WITH {e.operator}" for e in constraint.elements)
            return f"USING {constraint.method} ({elements})"
        case _:
            return f"({', '.join(constraint.columns)})"


def index_words(index: Index) -> str:
    """Return what an index is on: ``UNIQUE (email) WHERE deleted IS NULL``."""
    elements = [f"{e.what}{' DESC' if e.descending else ''}" for e in index.elements]
    words = [f"({', '.join(elements)})"]
    if index.unique:
        words.insert(0, "UNIQUE")
    if index.method is not None:
        words.insert(0, index.method.upper())
    if index.include:
        words.append(f"INCLUDE ({', '.join(index.include)})")
    if index.where is not None:
        words.append(f"WHERE {index.where.sql}")
    return " ".join(words)


def constraint_name(constraint: Constraint) -> str:
    """Return the name of a constraint, or what it says where it has none."""
    return constraint.name if constraint.name is not None else constraint_words(constraint)


def setting_words(name: str, setting: Any) -> str:
    """Return the value of the setting ``name`` of a column, a table or a sequence."""
    if name == "default":
        return default_words(setting)
    if name == "nullable":
        return "NULL" if setting else "NOT NULL"
    if name == "comment" and setting is not None:
        return repr(setting)
    if name == "options":
        return ", ".join(f"{key}={each}" for key, each in setting) or "none"
    return "none" if setting is None else str(setting)
