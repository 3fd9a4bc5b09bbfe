"""What only SHOW CREATE TABLE tells of a table: the catalog keeps silent about it.

That is the block size and the parser of a key, periods and keys WITHOUT OVERLAPS, partitions as they were stated, and a few options
("CREATE TABLE", MariaDB). MariaDB prints all tables in one statement, a compound one with a result for each. MySQL has compound statements
in stored programs only, and some asynchronous drivers read one result only: there, each table whose rows in the catalog say that it may have
such a thing takes a statement of its own, and block sizes of keys are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.mysql.partitions import without_engines
from schemadiff.backends.mysql.server import Facts, prints_at_once
from schemadiff.backends.mysql.text import catalog_lexicon, is_string, quoted, respell, string_value
from schemadiff.backends.tokens import Lexicon, Token, TokenError, tokenize
from schemadiff.frozen import dataclass

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Shown", "definitions", "hint", "in_bytes", "parse", "read_prints"]

Table = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a print tells beyond the catalog.

    Args:
        options: options of the table.
        keys: options of its keys, by their names; the primary one is PRIMARY.
        partitions: what stands behind PARTITION BY; None where the table has no partitions.
        defaults: the defaults of columns that are no text, as hexadecimal literals; the catalog has question marks in them.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    partitions: str | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)


# -- reading

# So many SHOW statements stay far below max_allowed_packet.
_AT_ONCE = 10_000


def read_prints(
    connection: Connection,
    facts: Facts,
    tables: Sequence[Table],
    hinted: set[Table],
    triggers: Sequence[Mapping[str, Any]],
) -> tuple[dict[Table, str], dict[Table, str]]:
    """Return what SHOW CREATE TABLE says of each table, and SHOW CREATE TRIGGER of each trigger; what cannot be shown is left out.

    Of a trigger, the catalog has the text with the strings in it written anew: ``'\\\\n'`` becomes ``'\\n'``, and introducers are gone.

    Args:
        connection: the connection.
        facts: the server.
        tables: all tables.
        hinted: those of which the catalog says that there may be more to see.
        triggers: the rows of the catalog.
    """
    wanted = [_Print("TABLE", name, name in hinted) for name in tables]
    for row in triggers:
        has_strings = bool(set("'\"\\") & set(row["statement"]))
        wanted.append(_Print("TRIGGER", (row["schema"], row["name"]), has_strings))
    printed = _printed(connection, facts, wanted) if wanted else {}
    return (
        {each.name: text for each, text in printed.items() if each.kind == "TABLE"},
        {each.name: text for each, text in printed.items() if each.kind == "TRIGGER"},
    )


@dataclass(frozen=True, slots=True)
class _Print:
    """What is to be shown.

    Args:
        kind: TABLE or TRIGGER.
        name: its schema and name.
        hinted: the catalog says that there may be more to see.
    """

    kind: str
    name: Table
    hinted: bool

    @property
    def statement(self) -> str:
        """The statement that shows it."""
        return f"SHOW CREATE {self.kind} {quoted(self.name[0])}.{quoted(self.name[1])}"

    @property
    def column(self) -> int:
        """The position of the text in the row that it gives."""
        return 1 if self.kind == "TABLE" else 2


def _printed(connection: Connection, facts: Facts, wanted: Sequence[_Print]) -> dict[_Print, str]:
    printed: dict[_Print, str] = {}
    if prints_at_once(connection, facts):
        for some in _batches(wanted):
            printed |= _print_at_once(connection, some)
        return printed
    for each in wanted:
        if each.hinted:
            try:
                row: Any = _send(connection, each.statement).one()
                printed[each] = _text(row[each.column])
            except sa.exc.DBAPIError as error:
                if error.connection_invalidated:
                    raise
    return printed


def _batches(wanted: Sequence[_Print]) -> Iterator[Sequence[_Print]]:
    return (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))


def _print_at_once(connection: Connection, wanted: Sequence[_Print]) -> dict[_Print, str]:
    # What cannot be shown gives a row of one NULL in its place.
    handler = "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SELECT NULL"
    shows = " ".join(f"{each.statement};" for each in wanted)
    result = _send(connection, in_bytes(shows, handler=f"{handler};"))
    rows: list[Sequence[Any]] = []
    try:
        cursor: Any = result.cursor
        while cursor is not None:
            if cursor.description:
                rows += cursor.fetchall()
            if not cursor.nextset():
                break
    finally:
        result.close()
    return {each: _text(row[each.column]) for each, row in zip(wanted, rows, strict=True) if len(row) > 1}


def in_bytes(statements: str, *, handler: str = "") -> str:
    """Return a compound statement that runs ``statements`` with results in bytes: the default of a binary column need not be text."""
    saved = "DECLARE results varchar(64) DEFAULT @@character_set_results;"
    return (
        f"BEGIN NOT ATOMIC {saved} {handler} SET character_set_results = binary; {statements} "
        "SET character_set_results = results; END"
    )


def _send(connection: Connection, statement: str) -> sa.CursorResult[Any]:
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _text(value: Any) -> str:
    return (
        bytes(value).decode(errors="surrogateescape")
        if isinstance(value, (bytes, bytearray, memoryview))
        else str(value)
    )


_COMPARED = re.compile(r"(`[^`]+`|\"[^\"]+\") < (`[^`]+`|\"[^\"]+\")")


def hint(
    tables: Iterable[Mapping[str, Any]], keys: Iterable[Mapping[str, Any]], checks: Iterable[Mapping[str, Any]]
) -> set[Table]:
    """Return the tables whose rows in the catalog say that SHOW CREATE TABLE may tell more.

    They have partitions, another engine than InnoDB, a full-text index, or a key with a gap where a period stands; a period is shown as a check
    that one column is less than another.
    """
    found = {
        (row["schema"], row["name"])
        for row in tables
        if "partitioned" in str(row["create_options"]) or str(row["engine"]).lower() != "innodb"
    }
    positions: dict[tuple[str, str, str], int] = {}
    for row in keys:
        key = (row["schema"], row["table"], row["name"])
        positions[key] = positions.get(key, 0) + 1
        if row["method"] == "FULLTEXT" or int(row["position"]) > positions[key]:
            found.add((row["schema"], row["table"]))
    return found | {(row["schema"], row["table"]) for row in checks if _COMPARED.fullmatch(str(row["clause"]))}


# -- parsing

# A print without any of these tells nothing that the catalog does not.
_TELLING = (
    "KEY_BLOCK_SIZE=",
    "WITH PARSER",
    "PERIOD FOR",
    "WITHOUT OVERLAPS",
    "UNION=",
    "INSERT_METHOD=",
    "CONNECTION=",
    " DIRECTORY=",
    "TRANSACTIONAL=",
    "PARTITION BY",
)
_NO_TEXT = re.compile("[\udc80-\udcff]")


def _tells(printed: str) -> bool:
    # Looking for one word after the other is many times faster than one pattern of all.
    return any(word in printed for word in _TELLING) or (not printed.isascii() and _NO_TEXT.search(printed) is not None)


def parse(printed: str, facts: Facts) -> Shown:
    """Return what a print tells beyond the catalog."""
    if not _tells(printed):
        return Shown()
    lexicon = catalog_lexicon(facts)
    try:
        tokens = list(_unwrapped(tokenize(printed, lexicon), lexicon))
    except TokenError:
        return Shown()
    options: dict[str, Any] = {}
    keys: dict[str, Mapping[str, Any]] = {}
    defaults: dict[str, str] = {}
    for part in definitions(tokens):
        words = [token.text for token in part if token.kind == "word"]
        names = [token.text for token in part if token.kind == "identifier"]
        if words[:2] == ["PERIOD", "FOR"] and "SYSTEM_TIME" not in words:
            options["period"] = tuple(names)
        elif words[:1] == ["KEY"] or words[1:2] == ["KEY"]:
            keys["PRIMARY" if words[0] == "PRIMARY" else names[0]] = dict(_key_options(part))
        elif (literal := _binary_default(part)) is not None:
            defaults[names[0]] = literal
    tail = tokens[_closing(tokens) + 1 :]
    start = next((i for i in range(len(tail) - 1) if (tail[i].text, tail[i + 1].text) == ("PARTITION", "BY")), None)
    partitions = None if start is None else respell(_written(without_engines(tail[start + 2 :])), facts)
    options |= _table_options(tail[:start], lexicon)
    return Shown(options, keys, partitions, defaults)


def _unwrapped(tokens: Iterable[Token], lexicon: Lexicon) -> Iterator[Token]:
    """Yield the tokens, and those inside of comments that servers read: MySQL prints partitions and parsers so."""
    for token in tokens:
        inner = re.fullmatch(r"/\*!\d*\s(.*)\*/", token.text, re.DOTALL) if token.kind == "comment" else None
        if inner is None:
            yield token
        else:
            yield from tokenize(inner.group(1), lexicon)


def _closing(tokens: Sequence[Token]) -> int:
    """Return where the outer parenthesis of CREATE TABLE closes."""
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and token.kind == "close":
            return i
    return len(tokens)


def definitions(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the definitions between the outer parentheses of CREATE TABLE."""
    depth = 0
    part: list[Token] = []
    for token in tokens:
        depth -= token.kind == "close"
        if depth == 0 and token.kind == "close":
            yield part
            return
        if depth == 1 and token.kind == "comma":
            yield part
            part = []
        elif depth >= 1:
            part.append(token)
        depth += token.kind == "open"


_NO_TEXT = re.compile("[\udc80-\udcff]")


def _binary_default(part: Sequence[Token]) -> str | None:
    """Return the default of a column as a hexadecimal literal where it is no text."""
    for word, value in pairwise(part):
        if word.text == "DEFAULT" and is_string(value) and _NO_TEXT.search(value.text):
            return f"x'{string_value(value.text, backslash_escapes=True).encode(errors='surrogateescape').hex()}'"
    return None


def _key_options(part: Sequence[Token]) -> Iterator[tuple[str, Any]]:
    for token, second, third in zip(part, part[1:], part[2:], strict=False):
        match token.kind, token.text, second.text:
            case "word", "KEY_BLOCK_SIZE", "=":
                yield "key_block_size", int(third.text)
            case "word", "WITH", "PARSER":
                yield "with_parser", third.text
            case "identifier", name, "WITHOUT":
                yield "without_overlaps", name


_NAMED = {
    ("UNION",): "union",
    ("INSERT_METHOD",): "insert_method",
    ("CONNECTION",): "connection",
    ("DATA", "DIRECTORY"): "data_directory",
    ("INDEX", "DIRECTORY"): "index_directory",
    ("TRANSACTIONAL",): "transactional",
}


def _table_options(tail: Sequence[Token], lexicon: Lexicon) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i, token in enumerate(tail):
        if token.text != "=" or token.kind != "operator":
            continue
        words = tuple(each.text for each in tail[max(i - 2, 0) : i] if each.kind == "word")
        name = _NAMED.get(words) or _NAMED.get(words[-1:])
        if name is None or i + 1 == len(tail):
            continue
        value = tail[i + 1]
        if name == "union":
            end = next(j for j in range(i, len(tail)) if tail[j].kind == "close")
            found[name] = tuple(each.text for each in tail[i + 2 : end] if each.kind == "identifier")
        else:
            found[name] = string_value(value.text, backslash_escapes=True) if is_string(value) else value.text
    return found


def _written(tokens: Iterable[Token]) -> str:
    return " ".join(quoted(token.text) if token.kind == "identifier" else token.text for token in tokens)
