"""The schema of a PostgreSQL database, by ``pg_dump --schema-only`` of the server's own version."""

from __future__ import annotations

import functools
import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from tests.oracle.dumps import Dump, Line, Name
from tests.oracle.tokens import Token, closing, find, joined, split, tokenize
from tests.support import embedded

_KINDS = {
    ("PRIMARY", "KEY"): "primary_key",
    ("FOREIGN", "KEY"): "foreign_key",
    ("NOT", "NULL"): "not_null",
    ("UNIQUE",): "unique",
    ("CHECK",): "check",
    ("EXCLUDE",): "exclude",
}

# What these set is said again by the statements that depend on it, in _statements below.
_STATE = ("default_tablespace", "default_table_access_method")
_STATE_DEFAULTS = {"default_tablespace": "''", "default_table_access_method": "heap"}


@functools.cache
def _programs() -> dict[int, str]:
    """Return the pg_dump programs of this machine by major version."""
    found: dict[int, str] = {}
    installed = embedded.installation()
    candidates = [shutil.which("pg_dump"), *sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_dump"))]
    candidates.append(str(installed / "bin" / "pg_dump") if installed else None)
    for program in candidates:
        if program is None or not os.access(program, os.X_OK):
            continue
        version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        match = re.search(r"\) (\d+)", version)
        if match:
            found.setdefault(int(match.group(1)), program)
    return found


def _pg_dump(url: sa.URL, major: int, leave_out: Sequence[str]) -> str:
    # A newer pg_dump reads older servers, an older one refuses newer servers (PostgreSQL manual, "pg_dump").
    fitting = [version for version in _programs() if version >= major]
    if not fitting:
        raise RuntimeError(f"no pg_dump for PostgreSQL {major}; there are {_programs()}")
    target = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = [_programs()[min(fitting)], "--schema-only", f"--dbname={target}"]
    command += [f'--exclude-table=*."{name}"' for name in leave_out]
    environment = {**os.environ, "PGPASSWORD": url.password or "", "PGCLIENTENCODING": "UTF8", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    if done.returncode:
        raise RuntimeError(f"pg_dump failed: {done.stderr.strip()}")
    return done.stdout


def dump(engine: sa.Engine, leave_out: Sequence[str]) -> Dump:
    """Return the dump of the database of ``engine``, without the tables that ``leave_out`` names."""
    with engine.connect() as connection:
        major = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000
    statements = list(_statements(_pg_dump(engine.url, major, leave_out)))
    sequences = dict(name for statement in statements for name in _owned_sequences(statement))
    return Dump("postgresql", tuple(line for statement in statements for line in _lines(statement, sequences)))


def _statements(text: str) -> Iterator[list[Token]]:
    r"""Yield the statements that make something: no SET, no \restrict, no comment."""
    # psql's commands stand on lines of their own. A string may hold such a line too, so that only the very first and
    # the very last one count: pg_dump writes \restrict before all statements and \unrestrict after them.
    text = re.sub(r"\A((?:--[^\n]*\n|\n)*)\\restrict [^\n]*\n", r"\1", text)
    text = re.sub(r"\n\\unrestrict [^\n]*\n*\Z", "\n", text)
    state = dict(_STATE_DEFAULTS)
    for statement in _split_statements(tokenize("postgresql", text)):
        if statement[0].is_word("SET"):
            if statement[1].text in _STATE:
                state[statement[1].text] = joined(statement[3:])
            continue
        if joined(statement).startswith("SELECT pg_catalog.set_config("):
            continue
        said = [f" [{name} = {value}]" for name, value in state.items() if value != _STATE_DEFAULTS[name]]
        if (
            said
            and statement[0].is_word("CREATE")
            and any(token.is_word("TABLE", "INDEX", "VIEW") for token in statement[:4])
        ):
            statement = [*statement, Token("mark", "".join(said))]
        yield _with_parameters_in_order(_with_casts_on_elements(statement))


def _with_casts_on_elements(tokens: list[Token]) -> list[Token]:
    """Write ``(ARRAY[a, b])::text[]`` as ``ARRAY[(a)::text, (b)::text]``.

    The server does so itself when it reads an expression (transformTypeCast in src/backend/parser/parse_expr.c), but writes
    the first form for an array that it has made from IN: text that it has written comes back changed.
    """
    position = 0
    while position + 2 < len(tokens):
        if [token.text for token in tokens[position : position + 3]] == ["(", "ARRAY", "["]:
            end = closing(tokens, position)
            tail = end + 1
            while tail < len(tokens) and (tokens[tail].text in ("::", ".") or tokens[tail].kind in ("word", "quoted")):
                tail += 1
            elements = _elements(tokens[position + 3 : end - 1])
            # What is cast is the array alone, and no more of an expression that begins with one.
            alone = tokens[end - 1].text == "]" and not any(
                token.text == "]" for token in _outside(tokens[position + 3 : end - 1])
            )
            is_cast = (
                alone
                and tokens[end + 1].text == "::"
                and [token.text for token in tokens[tail : tail + 2]] == ["[", "]"]
            )
            if is_cast and not any(element[0].is_word("ARRAY") for element in elements if element):
                cast = tokens[end + 1 : tail]
                inside: list[Token] = []
                for number, element in enumerate(elements):
                    inside += [Token("mark", ",")] if number else []
                    opening = Token("mark", "(", " " if number else "")
                    first = Token(element[0].kind, element[0].text)
                    inside += [opening, first, *element[1:], Token("mark", ")"), *cast]
                array = Token("word", "ARRAY", tokens[position].before)
                tokens = [
                    *tokens[:position],
                    array,
                    Token("mark", "["),
                    *inside,
                    Token("mark", "]"),
                    *tokens[tail + 2 :],
                ]
        position += 1
    return tokens


def _with_parameters_in_order(tokens: list[Token]) -> list[Token]:
    """Sort the storage parameters, ``WITH (fillfactor='70', ...)``, of a table, index or constraint: the server keeps the order they were set in."""
    if not any(token.is_word("TABLE", "INDEX") for token in tokens[1:4]):
        return tokens
    depth = 0
    for position in range(len(tokens) - 1):
        depth += {"(": 1, ")": -1}.get(tokens[position].text, 0) if tokens[position].kind == "mark" else 0
        if not depth and tokens[position].is_word("WITH") and tokens[position + 1].text == "(":
            end = closing(tokens, position + 1)
            parts = split(tokens[position + 2 : end], ",")
            inside: list[Token] = []
            for number, part in enumerate(sorted(parts, key=lambda part: [token.text for token in part])):
                first = Token(part[0].kind, part[0].text, " " if number else "")
                inside += [*([Token("mark", ",")] if number else []), first, *part[1:]]
            tokens = [*tokens[: position + 2], *inside, *tokens[end:]]
    return tokens


def _outside(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the brackets that close what is not open here."""
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth < 0:
            yield token
            depth = 0


def _elements(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split at the commas that no bracket encloses."""
    elements: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if token.kind == "mark" and token.text == "," and depth == 0:
            elements.append([])
        else:
            elements[-1].append(token)
    return elements


def _split_statements(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Split at semicolons, but for those in the body of a function in standard SQL (BEGIN ATOMIC … END)."""
    statement: list[Token] = []
    nested = 0
    for token in tokens:
        if token.is_word("ATOMIC") and statement and statement[-1].is_word("BEGIN"):
            nested = 1
        elif nested and token.is_word("CASE"):
            nested += 1
        elif nested and token.is_word("END"):
            nested -= 1
        if token.kind == "mark" and token.text == ";" and not nested:
            if statement:
                yield statement
            statement = []
        else:
            statement.append(token)
    if statement:
        yield statement


def _owned_sequences(statement: list[Token]) -> Iterator[tuple[str, Name]]:
    """Yield the sequences that stand behind SERIAL and IDENTITY columns, as written, qualified by their schema."""
    if [token.text for token in statement[:2]] == ["ALTER", "SEQUENCE"]:
        for position, token in enumerate(statement[:-2]):
            if token.is_word("OWNED") and statement[position + 1].is_word("BY"):
                yield _sequence(statement[2:position], statement[position + 2 :])
    for position, token in enumerate(statement[:-4]):
        if token.is_word("SEQUENCE") and statement[position + 1].is_word("NAME"):
            column = next(at for at, token in enumerate(statement) if token.is_word("COLUMN")) + 1
            owner = [*statement[column - 5 : column - 2], Token("mark", "."), statement[column]]
            yield _sequence(statement[position + 2 : position + 5], owner)


def _sequence(sequence: list[Token], owner: list[Token]) -> tuple[str, Name]:
    """Return a sequence as written, and its name; ``owner`` is schema.table.column."""
    placeholder = f"<sequence of {joined(owner)}>"
    return joined(sequence), Name("postgresql", owner[2].name, "sequence", sequence[2].name, placeholder=placeholder)


def _lines(statement: list[Token], sequences: Mapping[str, Name]) -> Iterator[Line]:
    words = [token.text for token in statement[:3]]
    if words[0] == "CREATE" and "TABLE" in words:
        yield from _table_lines(statement, sequences)
    else:
        yield _with_names(_table_of(statement), _with_sorted_columns(statement), sequences)


def _with_sorted_columns(statement: list[Token]) -> list[Token]:
    """Sort the columns of extended statistics and of a publication.

    The server keeps them as sets, and writes them in the order of the table's columns, which does not count (``stxkeys`` of
    pg_statistic_ext, ``prattrs`` of pg_publication_rel).
    """
    words = [token.text for token in statement[:2]]
    if words == ["CREATE", "STATISTICS"]:
        start = next(position for position, token in enumerate(statement) if token.is_word("ON")) + 1
        end = next(position for position in range(start, len(statement)) if statement[position].is_word("FROM"))
    elif words == ["ALTER", "PUBLICATION"] and any(token.text == "(" for token in statement):
        start = find(statement, "(")
        # A filter of rows has its parenthesis behind WHERE.
        if statement[start - 1].is_word("WHERE"):
            return statement
        start, end = start + 1, closing(statement, start)
    else:
        return statement
    columns = sorted(joined(part) for part in split(statement[start:end], ","))
    return [*statement[:start], Token("mark", ", ".join(columns), " "), *statement[end:]]


def _table_lines(statement: list[Token], sequences: Mapping[str, Name]) -> Iterator[Line]:
    """Yield a line for each column and constraint of CREATE TABLE, and one for what stands around them."""
    opening = find(statement, "(")
    head = statement if opening < 0 else statement[:opening]
    title = joined(head)
    if opening < 0:
        yield (title,)
        return
    end = closing(statement, opening)
    table = _last_name(head)
    yield (f"{title} (…) {joined(statement[end + 1 :])}",)
    for part in split(statement[opening + 1 : end], ","):
        if part:
            yield (f"{title}: ", *_with_names(table, part, sequences))


def _last_name(tokens: Sequence[Token]) -> str:
    named = [token for token in tokens if token.kind in ("word", "quoted")]
    return named[-1].name if named else ""


def _table_of(statement: list[Token]) -> str:
    """Return the table of an ALTER TABLE or COMMENT ON CONSTRAINT; "" for other statements."""
    start = 0
    if [token.text for token in statement[:2]] == ["ALTER", "TABLE"]:
        start = 3 if statement[2].is_word("ONLY") else 2
    elif [token.text for token in statement[:3]] == ["COMMENT", "ON", "CONSTRAINT"]:
        start = next((at + 1 for at, token in enumerate(statement) if at > 3 and token.is_word("ON")), 0)
    if not start:
        return ""
    while start + 2 < len(statement) and statement[start + 1].text == ".":
        start += 2
    return statement[start].name


def _with_names(table: str, tokens: Sequence[Token], sequences: Mapping[str, Name]) -> Line:
    """Return the text of ``tokens`` with the names of constraints and of owned sequences taken apart."""
    parts: list[str | Name] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        before = token.before if position else ""
        qualified = joined(tokens[position : position + 3])
        kind = _constraint_kind(tokens, position)
        if kind is not None:
            # pg_dump does not tell a constraint's name where it is the one that NOT NULL gets by itself. An open name is
            # left out in the same way, with the word CONSTRAINT.
            lead = (parts.pop() + before) if kind == "not_null" and isinstance(parts[-1], str) else ""
            parts += [] if lead else [before]
            parts.append(Name("postgresql", table, kind, token.name, placeholder="" if lead else "?", lead=lead))
        elif qualified in sequences:
            parts += [before + joined(tokens[position : position + 2]), sequences[qualified]]
            position += 2
        elif token.kind == "string" and token.text[1:-1].replace("''", "'") in sequences:
            name = sequences[token.text[1:-1].replace("''", "'")]
            parts += [before + "'", name, "'"]
        else:
            parts.append(before + token.text)
        position += 1
    return tuple(parts)


def _constraint_kind(tokens: Sequence[Token], position: int) -> str | None:
    """Tell what kind of constraint the token names, or None where it is not the name of one."""
    if (
        not position
        or not tokens[position - 1].is_word("CONSTRAINT")
        or tokens[position].kind not in ("word", "quoted")
    ):
        return None
    following = tuple(token.text for token in tokens[position + 1 : position + 3])
    for words, kind in _KINDS.items():
        if following[: len(words)] == words:
            return kind
    return None
