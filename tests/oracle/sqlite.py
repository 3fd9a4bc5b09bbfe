"""The schema of a SQLite database, by its pragmas and by the SQL that it stores.

A rebuilt table stores other text than one that was made at once: other quotes, other whitespace, a column's constraint
written behind the columns. So a table's SQL is taken apart into clauses, and a clause on one column is written as the
clause on the table that means the same. Views, triggers and virtual tables are compared byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import sqlalchemy as sa

from tests.oracle.dumps import Dump, Line, Name
from tests.oracle.tokens import Token, closing, find, split, tokenize

# Words that are no names where DDL writes them without quotes; their case does not count.
_KEYWORDS = frozenset(
    word
    for line in """
    ABORT ACTION ALWAYS AND AS ASC AUTOINCREMENT BETWEEN BY CASCADE CASE CAST CHECK COLLATE CONFLICT CONSTRAINT CREATE
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DEFAULT DEFERRABLE DEFERRED DELETE DESC ELSE END ESCAPE EXISTS FAIL
    FALSE FOREIGN FROM GENERATED GLOB IF IGNORE IMMEDIATE IN INDEX INITIALLY IS ISNULL KEY LIKE MATCH NO NOT NOTNULL
    NULL NULLS ON OR PRIMARY REFERENCES REPLACE RESTRICT ROLLBACK ROWID SELECT SET STORED STRICT TABLE TEMP THEN TRUE
    UNIQUE UPDATE USING VIRTUAL WHEN WHERE WITHOUT
    """.splitlines()
    for word in line.split()
)
_CONSTRAINT_STARTS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
_CLAUSE_STARTS = (*_CONSTRAINT_STARTS, "NOT", "NULL", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS")
_LITERAL_WORDS = ("NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP")
_COLLATIONS = ("BINARY", "NOCASE", "RTRIM")


def dump(engine: sa.Engine, leave_out: Sequence[str]) -> Dump:
    """Return the dump of the database of ``engine``, without the tables that ``leave_out`` names."""
    with engine.connect() as connection:
        return Dump("sqlite", tuple(_Reader(connection).lines(leave_out)))


def _canonical(tokens: Sequence[Token]) -> str:
    """Return tokens with one space between them, names in double quotes, keywords in capitals."""
    return " ".join(_canonical_token(token) for token in tokens)


def _canonical_token(token: Token) -> str:
    if token.kind == "word" and token.text.upper() in _KEYWORDS:
        return token.text.upper()
    if token.kind in ("word", "quoted"):
        return _quoted(token.name)
    return token.text


def _expression(tokens: Sequence[Token], columns: Sequence[str]) -> str:
    """Return an expression over ``columns`` without parentheses around the whole, names in lower case.

    What stands in quotes and is no column may be a string (SQLite manual, "Double-quoted String Literals"): it keeps its case.
    """
    while tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    names = {_fold(column) for column in columns}
    return " ".join(
        _quoted(_fold(token.name))
        if _fold(token.name) in names or (token.kind == "word" and token.text.upper() not in _KEYWORDS)
        else _canonical_token(token)
        for token in tokens
    )


def _fold(name: str) -> str:
    """Return a name without its capitals: SQLite does not tell the letters A to Z from small ones, and no others."""
    return re.sub("[A-Z]", lambda match: match.group().lower(), name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Reader:
    """Reads one database; the connection answers pragmas."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def _rows(self, query: str, *parameters: str) -> list[sa.RowMapping]:
        return list(self._connection.exec_driver_sql(query, tuple(parameters)).mappings())

    def lines(self, leave_out: Sequence[str]) -> Iterator[Line]:
        for row in self._rows("SELECT type, name, tbl_name, sql FROM sqlite_master"):
            kind, name, table, text = row["type"], row["name"], row["tbl_name"], row["sql"]
            if table in leave_out or name.startswith("sqlite_"):
                continue
            if kind == "table" and not text.upper().startswith("CREATE VIRTUAL"):
                yield from self._table(name, text)
            elif kind == "index":
                yield (f"index {name} on {table}: {_index(tokenize('sqlite', text), self._columns(table))}",)
            else:
                yield (f"{kind} {name} on {table}: {text}",)

    def _table(self, table: str, text: str) -> Iterator[Line]:
        title = f"table {table}: "
        tokens = tokenize("sqlite", text)
        opening = find(tokens, "(")
        end = closing(tokens, opening)
        columns: dict[str, list[str]] = {}
        constraints: list[Line] = []
        for part in split(tokens[opening + 1 : end], ","):
            if part[0].is_word(*_CONSTRAINT_STARTS):
                constraints.append(self._constraint(table, None, part))
            else:
                about, own = self._column(table, part)
                columns[part[0].name] = about
                constraints += own
        facts = self._rows("SELECT * FROM pragma_table_list WHERE schema = 'main' AND name = ?", table)
        yield (f"{title}type {facts[0]['type']}, strict {facts[0]['strict']}, without rowid {facts[0]['wr']}",)
        infos = self._rows("SELECT * FROM pragma_table_xinfo(?)", table)
        alias = _rowid_alias(infos, without_rowid=bool(facts[0]["wr"]))
        for info in infos:
            kind = _canonical(tokenize("sqlite", info["type"].upper()))
            default = None if info["dflt_value"] is None else _default(info["dflt_value"])
            # The column that is the rowid never holds NULL, whatever is declared (SQLite manual, "ROWIDs and the INTEGER
            # PRIMARY KEY").
            notnull = "never" if info["name"] == alias else info["notnull"]
            said = f"type {kind}, not null {notnull}, default {default}, pk {info['pk']}, hidden {info['hidden']}"
            yield (f"{title}column {info['name']}: {said} {' '.join(sorted(columns[info['name']]))}",)
        for constraint in constraints:
            yield (title, *constraint)
        yield from self._foreign_keys(table)
        yield from self._indexes(table)

    def _foreign_keys(self, table: str) -> Iterator[Line]:
        keys: dict[int, list[sa.RowMapping]] = {}
        for row in self._rows("SELECT * FROM pragma_foreign_key_list(?) ORDER BY id, seq", table):
            keys.setdefault(row["id"], []).append(row)
        for rows in keys.values():
            target = self._stored_table(rows[0]["table"])
            known = {_fold(column): column for column in self._columns(target)}
            to = [row["to"] for row in rows]
            referred = self._primary_key(target) if to[0] is None else [known.get(_fold(name), name) for name in to]
            pairs = ", ".join(f"{row['from']} -> {column}" for row, column in zip(rows, referred, strict=False))
            options = f"on update {rows[0]['on_update']} on delete {rows[0]['on_delete']} match {rows[0]['match']}"
            yield (f"table {table}: foreign key to {target} ({pairs}) {options}",)

    def _stored_table(self, name: str) -> str:
        """Return a table's name as it is stored: SQLite does not tell capitals from small letters in names."""
        found = self._rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", name)
        return str(found[0]["name"]) if found else name

    def _primary_key(self, table: str) -> list[str]:
        return [row["name"] for row in self._rows("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", table)]

    @cache  # noqa: B019  # a reader lives as long as one dump
    def _columns(self, table: str) -> tuple[str, ...]:
        return tuple(row["name"] for row in self._rows("SELECT name FROM pragma_table_xinfo(?)", table))

    def _indexes(self, table: str) -> Iterator[Line]:
        for index in self._rows("SELECT * FROM pragma_index_list(?)", table):
            columns = self._rows("SELECT * FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno", index["name"])
            said = ", ".join(
                f"{column['name']} {_collation(column['coll'])} desc {column['desc']}" for column in columns
            )
            name = "?" if index["name"].startswith("sqlite_autoindex_") else index["name"]
            options = f"unique {index['unique']} origin {index['origin']} partial {index['partial']}"
            yield (f"table {table}: index {name} ({said}) {options}",)

    def _column(self, table: str, tokens: list[Token]) -> tuple[list[str], list[Line]]:
        """Take a column's definition apart: what is its own, and its constraints as those of the table.

        Its type, its default and whether it may be NULL are what the pragma says.
        """
        own: list[str] = []
        constraints: list[Line] = []
        column = tokens[0]
        for clause in _clauses(tokens[1:]):
            if clause[0].is_word("CONSTRAINT") and len(clause) == 2:
                # SQLite lets a name pass that nothing follows.
                continue
            start = clause[2] if clause[0].is_word("CONSTRAINT") else clause[0]
            if start.is_word("COLLATE"):
                # BINARY is what every column has that does not say.
                if _collation(clause[-1].name) != "BINARY":
                    own.append(f"collate {_collation(clause[-1].name)}")
            elif start.is_word("GENERATED", "AS"):
                opening = find(clause, "(")
                inner = clause[opening : closing(clause, opening) + 1]
                own.append(f"as {_expression(inner, self._columns(table))}")
            elif start.is_word("NOT"):
                # Its name is told nowhere, not even in an error.
                own += filter(None, [_conflict(clause)])
            elif start.is_word("PRIMARY", "UNIQUE", "CHECK", "REFERENCES"):
                constraints.append(self._constraint(table, column, clause))
        return own, constraints

    def _constraint(self, table: str, column: Token | None, tokens: list[Token]) -> Line:
        """Return a constraint as one of the table; ``column`` is the one that it was written on."""
        head: list[str | Name] = []
        body = tokens
        if tokens[0].is_word("CONSTRAINT"):
            body = tokens[2:]
            # SQLite gives no names: where a name is open, having none is as good.
            kind = _kind(body[0])
            head = [Name("sqlite", table, kind, tokens[1].name, placeholder="", lead="constraint ", tail=": ")]
        if body[0].is_word("CHECK"):
            end = closing(body, 1)
            inner = _unqualified(body[1 : end + 1], table)
            return (
                *head,
                f"CHECK ( {_expression(inner, self._columns(table))} ) {_conflict(body[end + 1 :])}".rstrip(),
            )
        if body[0].is_word("REFERENCES", "FOREIGN"):
            return (*head, self._foreign_key(table, column, body))
        words = 2 if body[0].is_word("PRIMARY") else 1
        rest = body[words:]
        if column is not None:
            # Only these words belong to the key's column; ON CONFLICT belongs to the key.
            of_column = [token for token in rest if token.is_word("ASC", "DESC", "AUTOINCREMENT")]
            rest = [token for token in rest if token not in of_column]
            inner, tail = [[column, *of_column]], rest
        else:
            end = closing(rest, 0)
            inner, tail = split(rest[1:end], ","), rest[end + 1 :]
        parts = [self._key_part(table, part) for part in inner]
        return (*head, f"{_canonical(body[:words])} ({', '.join(parts)}) {_conflict(tail)}".rstrip())

    def _key_part(self, table: str, tokens: list[Token]) -> str:
        """Return one column of a key with its collation and direction; ASC is the default order."""
        said = [self._spelled(table, [tokens[0]])]
        for position, token in enumerate(tokens[1:], 1):
            if tokens[position - 1].is_word("COLLATE"):
                said.append(_collation(token.name))
            elif not token.is_word("ASC"):
                said.append(_canonical([token]))
        return " ".join(said)

    def _spelled(self, table: str, names: list[Token]) -> str:
        """Return columns as the table spells them: no name tells capitals from small letters."""
        known = {_fold(column): column for column in self._columns(table)}
        return " , ".join(_quoted(known.get(_fold(token.name), token.name)) for token in names)

    def _foreign_key(self, table: str, column: Token | None, tokens: list[Token]) -> str:
        """Return a foreign key; REFERENCES without columns means the primary key of the other table."""
        start = next(position for position, token in enumerate(tokens) if token.is_word("REFERENCES"))
        local = [column] if column is not None else tokens[3 : start - 1 : 2]
        target, rest = self._stored_table(tokens[start + 1].name), tokens[start + 2 :]
        if rest and rest[0].text == "(":
            end = closing(rest, 0)
            referred, rest = self._spelled(target, rest[1:end:2]), rest[end + 1 :]
        else:
            referred = " , ".join(_quoted(name) for name in self._primary_key(target))
        ends = f"( {self._spelled(table, local)} ) REFERENCES {_quoted(target)} ( {referred} )"
        return f"FOREIGN KEY {ends} {_options(rest)}".rstrip()


def _conflict(tokens: Sequence[Token]) -> str:
    """Return the ON CONFLICT clause; ABORT is what happens anyway (SQLite manual, "The ON CONFLICT Clause")."""
    for position, token in enumerate(tokens):
        if token.is_word("CONFLICT") and not tokens[position + 1].is_word("ABORT"):
            return f"ON CONFLICT {tokens[position + 1].text.upper()}"
    return ""


def _options(tokens: list[Token]) -> str:
    """Return the options of a foreign key, sorted; MATCH SIMPLE, NOT DEFERRABLE and INITIALLY IMMEDIATE hold anyway.

    The actions are what the pragma says. NOT DEFERRABLE INITIALLY DEFERRED is not deferred (SQLite manual, "Foreign Key Support").
    """
    found, position = [], 0
    while position < len(tokens):
        if tokens[position].is_word("ON"):
            position += 4 if tokens[position + 2].is_word("SET", "NO") else 3
        elif tokens[position].is_word("MATCH"):
            match = tokens[position + 1].name.upper()
            found += [] if match == "SIMPLE" else [f"MATCH {match}"]
            position += 2
        elif tokens[position].is_word("NOT"):
            position = len(tokens)
        else:
            found.append(_canonical(tokens[position:]).replace("INITIALLY IMMEDIATE", "").rstrip())
            position = len(tokens)
    return " ".join(found)


def _unqualified(tokens: list[Token], table: str) -> list[Token]:
    """Return an expression of a table without the table's name in front of its columns."""
    found: list[Token] = []
    for position, token in enumerate(tokens):
        dot = position + 1 if token.text != "." else position
        owner = dot - 1
        if owner >= 0 and dot < len(tokens) and tokens[dot].text == "." and _fold(tokens[owner].name) == _fold(table):
            continue
        found.append(token)
    return found


def _collation(name: str) -> str:
    return name.upper() if name.upper() in _COLLATIONS else name


def _default(text: str) -> str:
    """Return a default without the parentheses around it: DEFAULT (1) is DEFAULT 1.

    A bare word and a name in quotes are strings there (SQLite manual, "CREATE TABLE", and "Double-quoted String Literals").
    """
    tokens = tokenize("sqlite", text)
    while tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    if len(tokens) == 1 and tokens[0].kind in ("word", "quoted") and not tokens[0].is_word(*_LITERAL_WORDS):
        return "'" + tokens[0].name.replace("'", "''") + "'"
    return _canonical(tokens)


def _index(tokens: list[Token], columns: Sequence[str]) -> str:
    """Return the elements and the predicate of an index; direction and collation are what the pragma says."""
    opening = find(tokens, "(")
    end = closing(tokens, opening)
    elements = []
    for part in split(tokens[opening + 1 : end], ","):
        if part[-1].is_word("ASC", "DESC"):
            part = part[:-1]
        if len(part) > 2 and part[-2].is_word("COLLATE"):
            part = part[:-2]
        elements.append(_expression(part, columns))
    predicate = f" WHERE {_expression(tokens[end + 2 :], columns)}" if tokens[end + 1 :] else ""
    return f"({', '.join(elements)}){predicate}"


def _rowid_alias(infos: Sequence[sa.RowMapping], *, without_rowid: bool) -> str | None:
    keys = [info for info in infos if info["pk"]]
    if without_rowid or len(keys) != 1 or keys[0]["type"].upper() != "INTEGER":
        return None
    return str(keys[0]["name"])


def _kind(token: Token) -> str:
    kinds = {"PRIMARY": "primary_key", "UNIQUE": "unique", "CHECK": "check"}
    return kinds.get(token.text.upper(), "foreign_key")


def _clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split what follows a column's name into its type and its clauses."""
    clauses: list[list[Token]] = [[]]
    depth = 0
    for position, token in enumerate(tokens):
        starts = depth == 0 and token.is_word(*_CLAUSE_STARTS)
        previous = tokens[position - 1] if position else None
        if starts and previous is not None:
            named = position >= 2 and tokens[position - 2].is_word("CONSTRAINT")
            inside = (
                # SET NULL, SET DEFAULT, ON UPDATE …, DEFAULT NULL, NOT NULL, GENERATED ALWAYS AS, NOT DEFERRABLE
                (token.is_word("NULL", "DEFAULT") and previous.is_word("SET", "NOT", "DEFAULT"))
                or (token.is_word("AS") and previous.is_word("ALWAYS"))
                or (token.is_word("NOT") and position + 1 < len(tokens) and tokens[position + 1].is_word("DEFERRABLE"))
            )
            starts = not (named or inside)
        if starts:
            clauses.append([])
        clauses[-1].append(token)
        if token.kind == "mark":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
    return [clause for clause in clauses if clause and clause[0].is_word(*_CLAUSE_STARTS)]
