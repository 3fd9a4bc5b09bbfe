"""Reads the CREATE TABLE and CREATE INDEX statements that SQLite stores.

They are the only place where names of constraints, CHECKs, collations, generated expressions, AUTOINCREMENT, DEFERRABLE and ON CONFLICT
stand. The grammar is that of the SQLite manual ("CREATE TABLE", "CREATE INDEX"), with what its parser lets pass beyond: no comma
between constraints, names written as strings, constraints of a column in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Any, TypeVar

from schemadiff.backends.sqlite.canonical import collation_name, expression
from schemadiff.backends.sqlite.cursor import Cursor, Unexpected
from schemadiff.backends.sqlite.types import type_text
from schemadiff.backends.tokens import strip_parentheses
from schemadiff.frozen import dataclass
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Default,
    Dependant,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    Options,
    PrimaryKey,
    Table,
    UniqueConstraint,
    ascii_lower,
    options,
)

__all__ = ["TABLE_CLAUSES", "Parts", "parse_definition", "parse_index", "parse_options", "parse_parts", "parse_table"]

_COLUMN_CLAUSES = ("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS")
TABLE_CLAUSES = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
_ON_CONFLICT = ("ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE")


def parse_table(sql: str, name: Name) -> Table:
    """Return the table that ``sql`` creates, named ``name``. A foreign key that names no columns has no ``referent_columns``.

    Raises:
        Unexpected: the text is no CREATE TABLE statement with columns.
        TokenError: it is not made of whole tokens.
    """
    return parse_parts(sql, name.schema).table(name)


def parse_parts(sql: str, schema: str | None) -> Parts:
    """Return what ``sql`` says of the table of ``schema`` that it creates.

    Raises:
        Unexpected, TokenError: as for :func:`parse_table`.
    """
    return _Parser(Cursor(sql), schema).table().settle()


def parse_definition(text: str, schema: str | None, *, first: bool = False) -> Parts:
    """Return what one of the definitions between the parentheses of CREATE TABLE says: a column, or constraints of the table.

    Args:
        text: the definition, without the comma before and behind it.
        schema: the schema of the table.
        first: it is the first one, which is a column.

    Raises:
        Unexpected, TokenError: as for :func:`parse_table`.
    """
    # What stands behind a definition is a comma or this parenthesis, and either ends it.
    parser = _Parser(Cursor(f"{text})"), schema)
    parser.definition(first)
    return parser.parts


def parse_options(text: str) -> Options:
    """Return the options of a table that stand behind the parentheses of CREATE TABLE.

    Raises:
        Unexpected, TokenError: as for :func:`parse_table`.
    """
    return _Parser(Cursor(text), None).options()


def parse_index(sql: str, name: str, columns: Sequence[Column]) -> Index:
    """Return the index that ``sql`` creates on a table of ``columns``.

    Raises:
        Unexpected, TokenError: as for :func:`parse_table`.
    """
    cursor = Cursor(sql)
    cursor.expect("CREATE")
    unique = cursor.accept("UNIQUE")
    cursor.expect("INDEX")
    cursor.accept("IF", "NOT", "EXISTS")
    _qualified(cursor)
    cursor.expect("ON")
    cursor.name()
    elements = tuple(_index_element(cursor, columns, written) for written in _elements(cursor))
    where = None
    if cursor.accept("WHERE"):
        start = cursor.at
        while not cursor.done and not cursor.is_mark(";"):
            cursor.take()
        where = expression(cursor.text(start, cursor.at), "predicate")
    return Index(name=name, elements=elements, unique=unique, where=where)


@dataclass(frozen=True)
class _Written:
    """One element of a key as it is written: what comes before COLLATE and the direction, as a range of tokens."""

    start: int
    end: int
    collation: str | None
    descending: bool
    autoincrement: bool = False


def _elements(cursor: Cursor) -> list[_Written]:
    """Read the parenthesised elements of a key or index."""
    cursor.expect_mark("(")
    found: list[_Written] = []
    while True:
        start = cursor.at
        depth = 0
        while depth or not (cursor.is_mark(",") or cursor.is_mark(")")):
            depth += cursor.is_mark("(") - cursor.is_mark(")")
            cursor.take()
        found.append(_written(cursor, start, cursor.at))
        if cursor.accept_mark(")"):
            return found
        cursor.expect_mark(",")


def _written(cursor: Cursor, start: int, end: int) -> _Written:
    tokens = cursor.tokens(start, end)

    def last(*words: str) -> bool:
        return len(tokens) > 1 and tokens[-1].kind == "word" and tokens[-1].text.upper() in words

    autoincrement = last("AUTOINCREMENT")
    tokens = tokens[:-1] if autoincrement else tokens
    descending = last("DESC")
    tokens = tokens[:-1] if last("ASC", "DESC") else tokens
    collation = None
    if len(tokens) > 2 and tokens[-2].kind == "word" and tokens[-2].text.upper() == "COLLATE":
        collation = tokens[-1].text
        tokens = tokens[:-2]
    return _Written(start, start + len(tokens), collation, descending, autoincrement)


def _index_element(cursor: Cursor, columns: Sequence[Column], written: _Written) -> IndexElement:
    what: Any = None
    tokens = strip_parentheses(cursor.tokens(written.start, written.end))
    if len(tokens) == 1 and tokens[0].kind in ("word", "identifier"):
        what = _stored_name(tokens[0].text, columns)
    if what is None:
        what = expression(cursor.text(written.start, written.end), "index")
    return IndexElement(what=what, descending=written.descending, collation=written.collation)


def _stored_name(name: str, columns: Sequence[Column]) -> str | None:
    return next((column.name for column in columns if ascii_lower(column.name) == ascii_lower(name)), None)


def _qualified(cursor: Cursor) -> None:
    cursor.name()
    if cursor.accept_mark("."):
        cursor.name()


@dataclass
class Parts:
    """What has been read of a table.

    Args:
        columns: its columns.
        primary_key, uniques, checks, foreign_keys: its constraints.
        autoincrement: AUTOINCREMENT stands somewhere.
        late: DEFERRABLE stands where no foreign key has been read before.
        options: its options.
    """

    columns: list[Column] = field(default_factory=list)
    primary_key: PrimaryKey | None = None
    autoincrement: bool = False
    uniques: list[UniqueConstraint] = field(default_factory=list)
    checks: list[CheckConstraint] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    late: bool = False
    options: Options = ()

    def add(self, other: Parts) -> None:
        """Add what the next definition of the table says."""
        self.columns += other.columns
        self.primary_key = other.primary_key or self.primary_key
        self.autoincrement = self.autoincrement or other.autoincrement
        self.uniques += other.uniques
        self.checks += other.checks
        self.foreign_keys += other.foreign_keys

    def settle(self) -> Parts:
        """Let the constraints spell the table's columns as they spell themselves, and AUTOINCREMENT be its column's; return the parts."""
        names = [column.name for column in self.columns]
        key = self.primary_key
        if key is not None:
            key = _spelled(key, names)
            if self.autoincrement:
                self.columns = [
                    replace(column, autoincrement=True) if column.name in key.columns else column
                    for column in self.columns
                ]
                if key.name is not None:
                    # SQLAlchemy's DDL gives such a key no name, so it has to be said that this one has one.
                    key = replace(key, options=options({**dict(key.options), "on_column": True}))
            self.primary_key = key
        self.uniques = [_spelled(unique, names) for unique in self.uniques]
        self.foreign_keys = [_spelled(each, names) for each in self.foreign_keys]
        return self

    def table(self, name: Name, indexes: Iterable[Index] = (), dependants: Iterable[Dependant] = ()) -> Table:
        """Return the table ``name`` that the parts make."""
        return Table(
            name=name,
            columns=tuple(self.columns),
            primary_key=self.primary_key,
            uniques=tuple(self.uniques),
            checks=tuple(self.checks),
            foreign_keys=tuple(self.foreign_keys),
            indexes=tuple(indexes),
            options=self.options,
            dependants=tuple(dependants),
        )


_Key = TypeVar("_Key", PrimaryKey, UniqueConstraint, ForeignKey)


def _spelled(key: _Key, names: Sequence[str]) -> _Key:
    """Return a constraint with its columns as they spell themselves."""
    for column in key.columns:
        if column not in names:
            folded = {ascii_lower(name): name for name in names}
            return replace(key, columns=tuple(folded.get(ascii_lower(name), name) for name in key.columns))
    return key


class _Parser:
    def __init__(self, cursor: Cursor, schema: str | None) -> None:
        self.cursor = cursor
        self.schema = schema
        self.parts = Parts()

    def table(self) -> Parts:
        cursor = self.cursor
        cursor.expect("CREATE")
        if not cursor.accept("TEMP"):
            cursor.accept("TEMPORARY")
        cursor.expect("TABLE")
        cursor.accept("IF", "NOT", "EXISTS")
        _qualified(cursor)
        cursor.expect_mark("(")
        self._column()
        while cursor.accept_mark(","):
            if cursor.is_word(*TABLE_CLAUSES):
                break
            self._column()
        self._constraints()
        cursor.expect_mark(")")
        self.parts.options = self.options()
        return self.parts

    def definition(self, first: bool) -> None:
        """Read one definition, which a parenthesis ends."""
        cursor = self.cursor
        if not first and cursor.is_word(*TABLE_CLAUSES):
            self._constraints()
        else:
            self._column()
        cursor.expect_mark(")")
        if not cursor.done:
            raise cursor.unexpected("the end of the definition")

    def options(self) -> Options:
        """Read what stands behind the parentheses."""
        found: dict[str, Any] = {}
        while not self.cursor.done and not self.cursor.is_mark(";"):
            if self.cursor.accept("WITHOUT", "ROWID"):
                found["with_rowid"] = False
            elif self.cursor.accept("STRICT"):
                found["strict"] = True
            else:
                raise self.cursor.unexpected("WITHOUT ROWID or STRICT")
            self.cursor.accept_mark(",")
        return options(found)

    # -- columns

    def _column(self) -> None:
        cursor = self.cursor
        name = cursor.name()
        start = cursor.at
        while not self._type_ends():
            if cursor.is_mark("("):
                cursor.parenthesised()
                break
            cursor.take()
        column = Column(name=name, type=DataType(type_text(cursor.tokens(start, cursor.at))))
        constraint_name: str | None = None
        while not (cursor.is_mark(",") or cursor.is_mark(")")):
            if cursor.accept("CONSTRAINT"):
                constraint_name = cursor.name()
                continue
            column = self._column_clause(column, constraint_name)
            constraint_name = None
        self.parts.columns.append(column)

    def _type_ends(self) -> bool:
        cursor = self.cursor
        if cursor.is_word("GENERATED") and cursor.is_word("ALWAYS", ahead=1):
            return True
        return cursor.is_mark(",") or cursor.is_mark(")") or cursor.is_word(*_COLUMN_CLAUSES)

    def _column_clause(self, column: Column, name: str | None) -> Column:
        cursor, parts = self.cursor, self.parts
        if cursor.accept("PRIMARY", "KEY"):
            descending = cursor.accept("DESC")
            cursor.accept("ASC")
            found = self._conflict()
            if descending:
                found |= {"desc": (True,), "on_column": True}
            parts.autoincrement = cursor.accept("AUTOINCREMENT") or parts.autoincrement
            parts.primary_key = PrimaryKey(name=name, columns=(column.name,), options=options(found))
        elif cursor.accept("NOT", "NULL"):
            found = {f"{key}_not_null": value for key, value in self._conflict().items()}
            column = replace(column, nullable=False, options=options(found))
        elif cursor.accept("NULL"):
            self._conflict()
        elif cursor.accept("UNIQUE"):
            found = self._conflict()
            parts.uniques.append(UniqueConstraint(name=name, columns=(column.name,), options=options(found)))
        elif cursor.accept("CHECK"):
            self._check(name)
        elif cursor.accept("DEFAULT"):
            column = replace(column, default=expression(self._default(), "default"))
        elif cursor.accept("COLLATE"):
            column = replace(column, collation=collation_name(cursor.name()))
        elif cursor.accept("REFERENCES"):
            self._references(name, (column.name,))
        elif cursor.is_word("DEFERRABLE") or (cursor.is_word("NOT") and cursor.is_word("DEFERRABLE", ahead=1)):
            self._late_timing()
        elif cursor.accept("GENERATED", "ALWAYS", "AS") or cursor.accept("AS"):
            column = replace(column, default=self._computed())
        else:
            raise cursor.unexpected("a constraint of the column")
        return column

    def _default(self) -> str:
        cursor = self.cursor
        start = cursor.at
        if cursor.is_mark("("):
            cursor.parenthesised()
        else:
            if not cursor.accept_mark("-"):
                cursor.accept_mark("+")
            cursor.take()
        return cursor.text(start, cursor.at)

    def _computed(self) -> Default:
        text = self.cursor.parenthesised()
        stored = self.cursor.accept("STORED")
        self.cursor.accept("VIRTUAL")
        return Computed(expression(text, "computed"), stored=stored)

    # -- constraints

    def _constraints(self) -> None:
        while self.cursor.is_word(*TABLE_CLAUSES):
            self._constraint()
            self.cursor.accept_mark(",")

    def _constraint(self) -> None:
        cursor, parts = self.cursor, self.parts
        name = cursor.name() if cursor.accept("CONSTRAINT") else None
        if cursor.accept("PRIMARY", "KEY"):
            columns, found = self._key()
            parts.primary_key = PrimaryKey(name=name, columns=columns, options=options(found))
        elif cursor.accept("UNIQUE"):
            columns, found = self._key()
            parts.uniques.append(UniqueConstraint(name=name, columns=columns, options=options(found)))
        elif cursor.accept("CHECK"):
            self._check(name)
        elif cursor.accept("FOREIGN", "KEY"):
            columns = self._names()
            cursor.expect("REFERENCES")
            self._references(name, columns)
        elif name is None:
            raise cursor.unexpected("a constraint of the table")
        # SQLite lets a name pass that no constraint follows.

    def _key(self) -> tuple[tuple[str, ...], dict[str, Any]]:
        written = _elements(self.cursor)
        self.parts.autoincrement = any(item.autoincrement for item in written) or self.parts.autoincrement
        columns = tuple(Cursor(self.cursor.text(item.start, item.end)).name() for item in written)
        found: dict[str, Any] = self._conflict()
        if any(item.collation is not None for item in written):
            found["collate"] = tuple(item.collation for item in written)
        if any(item.descending for item in written):
            found["desc"] = tuple(item.descending for item in written)
        return columns, found

    def _check(self, name: str | None) -> None:
        text = self.cursor.parenthesised()
        found = self._conflict()
        self.parts.checks.append(
            CheckConstraint(name=name, expression=expression(text, "check"), options=options(found))
        )

    def _names(self) -> tuple[str, ...]:
        cursor = self.cursor
        cursor.expect_mark("(")
        names = [cursor.name()]
        while cursor.accept_mark(","):
            names.append(cursor.name())
        cursor.expect_mark(")")
        return tuple(names)

    def _references(self, name: str | None, columns: tuple[str, ...]) -> None:
        cursor = self.cursor
        referent = cursor.name()
        referent_columns = self._names() if cursor.is_mark("(") else ()
        actions: dict[str, str | None] = {}
        match = None
        while True:
            if cursor.accept("ON"):
                event = cursor.take().text.lower()
                actions[event] = self._action()
            elif cursor.accept("MATCH"):
                match = cursor.name().upper()
            else:
                break
        key = ForeignKey(
            name=name,
            columns=columns,
            referent=Name(referent, self.schema),
            referent_columns=referent_columns,
            onupdate=actions.get("update"),
            ondelete=actions.get("delete"),
            match=None if match == "SIMPLE" else match,
        )
        self.parts.foreign_keys.append(key)
        self._late_timing()

    def _late_timing(self) -> None:
        """Read [NOT] DEFERRABLE [INITIALLY ...], which belongs to the foreign key before it."""
        cursor = self.cursor
        negated = cursor.is_word("NOT") and cursor.is_word("DEFERRABLE", ahead=1)
        if not negated and not cursor.is_word("DEFERRABLE"):
            return
        cursor.accept("NOT")
        cursor.expect("DEFERRABLE")
        deferred = cursor.accept("INITIALLY", "DEFERRED")
        cursor.accept("INITIALLY", "IMMEDIATE")
        if not self.parts.foreign_keys:
            self.parts.late = True
        else:
            key = self.parts.foreign_keys[-1]
            changed = replace(key, deferrable=not negated, initially_deferred=deferred and not negated)
            self.parts.foreign_keys[-1] = changed

    def _action(self) -> str | None:
        cursor = self.cursor
        for words in (("SET", "NULL"), ("SET", "DEFAULT"), ("CASCADE",), ("RESTRICT",)):
            if cursor.accept(*words):
                return " ".join(words)
        cursor.expect("NO", "ACTION")
        return None

    def _conflict(self) -> dict[str, Any]:
        cursor = self.cursor
        if not cursor.accept("ON", "CONFLICT"):
            return {}
        word = cursor.take().text.upper()
        if word not in _ON_CONFLICT:
            raise Unexpected(f"expected one of {', '.join(_ON_CONFLICT)} instead of {word}")
        # ABORT is what happens anyway.
        return {} if word == "ABORT" else {"on_conflict": word}
