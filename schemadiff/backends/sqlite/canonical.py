"""What SQLite makes of what a model says.

SQLite stores the text of a definition as it was written, so there is little: comments are nowhere to be kept, expressions lose the
parentheses that DEFAULT needs around them, and a few keys make their columns NOT NULL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Literal

import sqlalchemy as sa

from schemadiff.backends.dialect_arguments import dialect_arguments
from schemadiff.backends.tokens import Lexicon, Token, TokenError, canonical, scan, strip_parentheses, tokenize
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    Expression,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    Table,
    UniqueConstraint,
    ascii_lower,
    changed,
    option,
    options,
    sorted_by_name,
)

__all__ = [
    "LEXICON",
    "collation_name",
    "default_text",
    "expression",
    "finish_column",
    "finish_table",
    "finished_check",
    "is_constant",
    "is_rowid_alias",
    "lowered_options",
    "model_arguments",
    "unqualified",
    "without_comments",
]

LEXICON = Lexicon(identifier_quotes='"`[')

_BUILTIN_COLLATIONS = frozenset({"BINARY", "NOCASE", "RTRIM"})

# The literals that are spelled as words. Any other bare word after DEFAULT is a string (SQLite manual, "CREATE TABLE").
_LITERAL_WORDS = frozenset({"null", "true", "false"})
_CURRENT = frozenset({"current_date", "current_time", "current_timestamp"})


def expression(
    sql: str,
    kind: Literal["default", "check", "computed", "index", "predicate"],
    *,
    origin: Any = None,
) -> Expression:
    """Return an expression; the text of a default is what may stand after DEFAULT.

    Args:
        sql: the text.
        kind: what it is.
        origin: the SQLAlchemy construct or plain string it came from.
    """
    if kind == "default":
        text = default_text(sql)
        return Expression(text, _canonical_default(text), origin)
    with contextlib.suppress(TokenError):
        sql = without_comments(sql)
    return Expression(sql, canonical(sql, LEXICON), origin)


def _canonical_default(text: str) -> str:
    tokens = _tokens(text)
    if tokens is not None and len(tokens) == 1:
        (token,) = tokens
        if token.kind == "identifier" or (
            token.kind == "word" and ascii_lower(token.text) not in _LITERAL_WORDS | _CURRENT
        ):
            return "'" + token.text.replace("'", "''") + "'"
    return canonical(text, LEXICON)


def default_text(sql: str) -> str:
    """Return ``sql`` as it may stand after DEFAULT: a literal, a signed number or CURRENT_TIMESTAMP bare, the rest in parentheses.

    Source: the syntax of column-constraint in the SQLite manual, "CREATE TABLE".
    """
    tokens = _tokens(sql)
    if tokens is None:
        return sql
    inner = strip_parentheses(tokens)
    text = _inner_text(sql, (len(tokens) - len(inner)) // 2)
    if _is_literal(inner) or (len(inner) == 1 and (inner == tokens or ascii_lower(inner[0].text) in _CURRENT)):
        return text
    return f"({text})"


def _inner_text(sql: str, depth: int) -> str:
    """Return ``sql`` without comments and without ``depth`` pairs of parentheses around it."""
    spans = [(start, end) for token, start, end in scan(sql, LEXICON) if token.kind != "comment"]
    return without_comments(sql[spans[depth][0] : spans[-1 - depth][1]])


def is_constant(default: Expression) -> bool:
    """Return True where ADD COLUMN takes the default: it is a literal, and not NULL."""
    tokens = _tokens(default.sql)
    return tokens is not None and _is_literal(tokens) and ascii_lower(tokens[0].text) != "null"


def _is_literal(tokens: tuple[Token, ...]) -> bool:
    match tokens:
        case (Token(kind="number" | "string"),):
            return True
        case (Token(kind="operator", text="+" | "-"), Token(kind="number")):
            return True
        case (Token(kind="word", text=text),):
            return ascii_lower(text) in _LITERAL_WORDS
    return False


def _tokens(sql: str) -> tuple[Token, ...] | None:
    try:
        return tuple(token for token in tokenize(sql, LEXICON) if token.kind != "comment") or None
    except TokenError:
        return None


def without_comments(sql: str) -> str:
    """Return ``sql`` with each comment replaced by a space."""
    if "--" not in sql and "/*" not in sql:
        return sql.strip()
    result, position = "", 0
    for token, start, end in scan(sql, LEXICON):
        if token.kind == "comment":
            result += sql[position:start] + " "
            position = end
    return (result + sql[position:]).strip()


def unqualified(sql: str, table: str) -> str:
    """Return ``sql`` without the table's own name in front of its columns: ``account.id`` becomes ``id``.

    A table is rebuilt under another name, and its expressions must hold there too.
    """
    if "." not in sql:
        return sql
    try:
        spans = list(scan(sql, LEXICON))
    except TokenError:
        return sql
    result, position = "", 0
    for i, (token, start, _) in enumerate(spans[:-2]):
        dotted = spans[i + 1][0].text == "." and spans[i + 1][0].kind == "operator"
        leading = i == 0 or spans[i - 1][0].text != "."
        if (
            dotted
            and leading
            and token.kind in ("word", "identifier")
            and ascii_lower(token.text) == ascii_lower(table)
        ):
            result += sql[position:start]
            position = spans[i + 1][2]
    return result + sql[position:]


def collation_name(name: str | None) -> str | None:
    """Return a collation in its canonical case; None for BINARY, which every column has on its own."""
    if name is None or name.upper() == "BINARY":
        return None
    return name.upper() if name.upper() in _BUILTIN_COLLATIONS else name


def lowered_options(kind: str, arguments: Mapping[str, Any]) -> Options:
    """Return the options of a table, column or constraint, those that say what holds anyway left out.

    AUTOINCREMENT of a table is a matter of its column (:func:`finish_column`).
    """
    if not arguments:
        return ()
    found = {key: value for key, value in arguments.items() if value is not None}
    if kind == "table":
        found.pop("autoincrement", None)
        found = {
            key: bool(value) if key in ("strict", "with_rowid") else value
            for key, value in found.items()
            if not (key == "strict" and not value) and not (key == "with_rowid" and value)
        }
    return options({key: value.upper() if key.startswith("on_conflict") else value for key, value in found.items()})


def model_arguments(item: Table | Column | Index | Constraint) -> Options:
    """Return the dialect arguments, without ``sqlite_``, that make a model lower to ``item``."""
    if isinstance(item, Table) and any(column.autoincrement for column in item.columns):
        return options({**dict(item.options), "autoincrement": True})
    return item.options


def finish_column(column: Column, origin: sa.Column[Any]) -> Column:
    """Return ``column`` as SQLite keeps it: without a comment, AUTOINCREMENT where SQLAlchemy writes it."""
    autoincrement = column.autoincrement
    if getattr(origin, "table", None) is not None:
        autoincrement = _has_autoincrement(origin)
    collation = column.collation and collation_name(column.collation)
    if (
        autoincrement is column.autoincrement
        and column.comment is None
        and collation == column.collation
        and column.origin is origin
    ):
        # So it is with nearly all.
        return column
    return changed(column, comment=None, collation=collation, autoincrement=autoincrement, origin=origin)


def _has_autoincrement(column: sa.Column[Any]) -> bool:
    """The rule by which SQLAlchemy's DDL compiler writes PRIMARY KEY AUTOINCREMENT into the column."""
    return bool(
        column.primary_key
        and dialect_arguments(column.table).get("sqlite_autoincrement")
        and len(column.table.primary_key.columns) == 1
        and issubclass(column.type._type_affinity, sa.Integer)  # type: ignore[arg-type]
        and not column.foreign_keys
    )


def finish_table(table: Table) -> Table:
    """Return ``table`` as SQLite keeps it. It is idempotent; tables read from a database pass through it too.

    - In expressions a column is the same with and without the table's name in front of it.
    - Members of a primary key are NOT NULL in STRICT and WITHOUT ROWID tables, and a column that is the rowid holds no NULL.
    - AUTOINCREMENT is written into its column, where SQLAlchemy gives the key no name.
    - ON CONFLICT of a column's own key belongs to the key.
    - A foreign key into another (attached) database does not exist.
    - A constraint that nobody named has no name: the library gives none.
    """
    return changed(
        table,
        columns=_finished_columns(table),
        primary_key=None if table.primary_key is None else _finished_key(table, table.primary_key),
        uniques=_sorted([_finished_unique(table, unique) for unique in table.uniques]),
        checks=_sorted([finished_check(check, table) for check in table.checks]),
        foreign_keys=_sorted(
            [
                changed(fk, comment=None, implicit=False)
                for fk in table.foreign_keys
                if fk.referent.schema == table.name.schema
            ]
        ),
        indexes=tuple(sorted([_finished_index(table, index) for index in table.indexes], key=attrgetter("name"))),
        comment=None,
    )


def finished_check(check: CheckConstraint, table: Table) -> CheckConstraint:
    """Return a check of ``table`` as SQLite keeps it."""
    return changed(check, expression=_own(check.expression, table), comment=None, implicit=False)


def _sorted(constraints: Any) -> tuple[Any, ...]:
    return sorted_by_name(constraints)


def _finished_columns(table: Table) -> tuple[Column, ...]:
    key = () if table.primary_key is None else table.primary_key.columns
    return tuple(
        [
            # The usual column is kept as it is. Of the key, what is said of its members is the same before and after it is finished.
            _finished_column(table, column)
            if column.options
            or column.name in key
            or column.comment is not None
            or isinstance(column.default, Computed)
            else column
            for column in table.columns
        ]
    )


def _finished_column(table: Table, column: Column) -> Column:
    in_key = table.primary_key is not None and column.name in table.primary_key.columns
    never_null = in_key and (
        option(table.options, "strict", False)
        or not option(table.options, "with_rowid", True)
        or is_rowid_alias(table, column)
    )
    kept = tuple(item for item in column.options if item[0] not in _KEY_OPTIONS)
    default = column.default
    if isinstance(default, Computed):
        default = changed(default, expression=_own(default.expression, table))
    return changed(column, nullable=column.nullable and not never_null, default=default, comment=None, options=kept)


def _own(found: Expression, table: Table) -> Expression:
    """Return an expression of ``table``, canonical as such.

    Capitals say nothing in the name of a column. What stands in double quotes and is no column's name may be a string (SQLite manual,
    "Double-quoted String Literals Are Accepted").
    """
    names = frozenset(ascii_lower(column.name) for column in table.columns)
    return changed(found, canonical=canonical(unqualified(found.sql, table.name.name), LEXICON, names=names))


_KEY_OPTIONS = ("on_conflict_primary_key", "on_conflict_unique")


def _finished_key(table: Table, key: PrimaryKey) -> PrimaryKey:
    of_a_model = key.origin is not None
    key = _with_conflict(table, key, "on_conflict_primary_key")
    nameless = (
        of_a_model
        and key.name is not None
        and any(column.autoincrement for column in table.columns if column.name in key.columns)
        and not option(key.options, "on_column", False)
    )
    return changed(key, name=None if nameless else key.name, comment=None, implicit=False)


def _finished_unique(table: Table, unique: UniqueConstraint) -> UniqueConstraint:
    finished: UniqueConstraint = _with_conflict(table, unique, "on_conflict_unique")
    return changed(finished, comment=None, implicit=False)


def _with_conflict(table: Table, key: Any, name: str) -> Any:
    """Move ON CONFLICT from the only column of a key to the key, as SQLAlchemy's DDL compiler does."""
    if len(key.columns) != 1 or option(key.options, "on_conflict") is not None:
        return key
    column = table.column(key.columns[0])
    found = None if column is None else option(column.options, name)
    return key if found is None else changed(key, options=options({**dict(key.options), "on_conflict": found}))


def _finished_index(table: Table, index: Index) -> Index:
    if index.where is None and index.comment is None and all(map(_is_plain, index.elements)):
        return index

    def finished(element: IndexElement) -> IndexElement:
        element = _with_written_collation(element, table)
        if isinstance(element.what, Expression):
            element = changed(element, what=_own(element.what, table))
        column = table.column(element.what) if isinstance(element.what, str) else None
        own = None if column is None else column.collation
        name = collation_name(element.collation)
        if element.collation is not None and name is None and own is not None:
            return changed(element, collation="BINARY", nulls_first=None)
        return changed(element, collation=None if name == own else name, nulls_first=None)

    where = None if index.where is None else _own(index.where, table)
    return changed(index, elements=tuple(map(finished, index.elements)), where=where, comment=None)


def _is_plain(element: IndexElement) -> bool:
    return isinstance(element.what, str) and element.collation is None and element.nulls_first is None


def _with_written_collation(element: IndexElement, table: Table) -> IndexElement:
    """Take the COLLATE out of an element that a model writes as text, as reading does with the stored text."""
    if not isinstance(element.what, Expression) or element.collation is not None:
        return element
    try:
        found = [each for each in scan(element.what.sql, LEXICON) if each[0].kind != "comment"]
    except TokenError:
        return element
    if len(found) < 3 or found[-2][0].kind != "word" or found[-2][0].text.upper() != "COLLATE":
        return element
    tokens = strip_parentheses(tuple(token for token, _, _ in found[:-2]))
    what: str | Expression | None = None
    if len(tokens) == 1 and tokens[0].kind in ("word", "identifier"):
        names = (column.name for column in table.columns)
        what = next((name for name in names if ascii_lower(name) == ascii_lower(tokens[0].text)), None)
    text = element.what.sql[: found[-2][1]].rstrip()
    return changed(element, what=what or expression(text, "index"), collation=found[-1][0].text)


def is_rowid_alias(table: Table, column: Column) -> bool:
    """Return True where ``column`` is the table's rowid: the only member of the primary key, of the declared type INTEGER.

    Source: the SQLite manual, "ROWIDs and the INTEGER PRIMARY KEY". PRIMARY KEY DESC written on the column itself is the exception there.
    """
    key = table.primary_key
    return (
        key is not None
        and key.columns == (column.name,)
        and column.type.sql == "INTEGER"
        and bool(option(table.options, "with_rowid", True))
        and not (option(key.options, "on_column", False) and option(key.options, "desc") == (True,))
    )
