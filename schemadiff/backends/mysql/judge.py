"""Which expressions the server finds equal: it is made to print both, and the prints are compared.

A temporary table is made for each question, with the columns that the expressions mention and with both expressions; SHOW CREATE TABLE prints
it, and it is dropped. A rollback does not drop a temporary table, so a DROP follows in any case; CREATE TEMPORARY TABLE commits nothing.

MariaDB does it in one statement, whatever the number of questions: a compound statement (``BEGIN NOT ATOMIC``), in which each question stands
in a block of its own, whose handler takes the error of an expression that the server does not understand. MySQL has compound statements in
stored programs only, and some asynchronous drivers read one result of a statement only: there, each question is a few statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.mysql.defaults import clause, split_on_update
from schemadiff.backends.mysql.definitions import name_sql
from schemadiff.backends.mysql.server import Facts, collation_clause, prints_at_once
from schemadiff.backends.mysql.shown import definitions, in_bytes
from schemadiff.backends.mysql.text import catalog_lexicon, lexicon_for, quoted, string_literal
from schemadiff.backends.mysql.types import parse_type, spell
from schemadiff.backends.questions import Answer, Question, Verdict
from schemadiff.backends.tokens import TokenError, is_one_expression, tokenize
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Column, Expression, Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["judge"]

_NAME = "schemadiff judge"
_LEFT, _RIGHT = "schemadiff left", "schemadiff right"


def judge(connection: Connection, questions: Sequence[Question], facts: Facts) -> Verdict:
    """Ask the server which expressions are equal. It leaves nothing behind, whatever happens."""
    asked = {i: text for i, question in enumerate(questions) if (text := _definition(question, facts)) is not None}
    answers = {question: _NOT_SENT for i, question in enumerate(questions) if i not in asked}
    if not asked:
        return Verdict(answers)
    try:
        ask = _print_at_once if prints_at_once(connection, facts) else _print_one_by_one
        # The table is temporary, but it has to be in some database.
        schema = next((q.name.schema for q in questions), None) if facts.schema is None else None
        printed = ask(connection, asked, name_sql(Name(_NAME, schema)), facts)
    except sa.exc.DBAPIError as error:
        return Verdict({}, f"the server could not be asked which expressions are equal: {_first_line(error)}")
    for i in asked:
        print_ = printed.get(i, Refused("the server gave no answer"))
        answers[questions[i]] = (
            Answer(None, refusal=str(print_)) if isinstance(print_, Refused) else _answer(print_, facts)
        )
    return Verdict(answers)


_NOT_SENT = Answer(None, refusal="not sent: one of the two, or a column's type, is not what it should be")


class Refused(str):
    """The message with which the server refused a definition, where another one was printed."""

    __slots__ = ()


def _first_line(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).splitlines()[0]


def _message(error: sa.exc.DBAPIError) -> str:
    """Return the server's message without its number."""
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    return str(arguments[1]) if len(arguments) == 2 else str(error.orig)


# -- the question


def _definition(question: Question, facts: Facts) -> str | None:
    """Return what stands between the parentheses of CREATE TABLE; None where the question cannot be asked."""
    lexicon = lexicon_for(facts)
    left, right = question.left, question.right
    if question.kind == "default":
        left, right = (split_on_update(text, lexicon)[0] or "NULL" for text in (left, right))
    if not is_one_expression(left, lexicon) or not is_one_expression(right, lexicon):
        return None
    needed = list(_needed(question))
    if not all(_is_known(column, facts) for column in needed):
        return None
    columns = [f"{quoted(column.name)} {column.type.sql}{_collation(column)}" for column in needed]
    if question.kind == "check" and not columns:
        # A table needs a column, also for a condition that mentions none.
        columns = ["`schemadiff none` int"]
    pair = ((_LEFT, left), (_RIGHT, right))
    own = next((c for c in question.table.columns if c.name == question.column), None)
    type_ = "" if own is None else own.type.sql + _collation(own)
    if own is not None and not _is_known(own, facts):
        return None
    match question.kind:
        case "check":
            parts = [f"CONSTRAINT {quoted(name)} CHECK ({text})" for name, text in pair]
        case "default" if own is not None:
            parts = [f"{quoted(name)} {type_} DEFAULT {clause(text, lexicon)}" for name, text in pair]
        case "computed" if own is not None:
            parts = [f"{quoted(name)} {type_} GENERATED ALWAYS AS ({text}) VIRTUAL" for name, text in pair]
        case _:
            # MySQL takes no index on an expression in a temporary table; a generated column prints it too.
            parts = [f"{quoted(name)} text GENERATED ALWAYS AS ({text}) VIRTUAL" for name, text in pair]
    return ", ".join([*columns, *parts])


def _needed(question: Question) -> Iterator[Column]:
    """Yield the columns that the expressions may mention, without those that are themselves generated: they are asked as plain ones."""
    names = {name.lower() for text in (question.left, question.right) for name in mentioned(Expression(text, text))}
    for column in question.table.columns:
        if column.name.lower() in names:
            yield column


def _is_known(column: Column, facts: Facts) -> bool:
    """Return True where type and collation are spelled as this backend spells them: a snapshot could hold anything."""
    spec = parse_type(column.type.sql, lexicon_for(facts))
    return (
        spec is not None
        and column.type.sql == spell(spec, facts)
        and re.fullmatch(r"\w*", column.collation or "") is not None
    )


def _collation(column: Column) -> str:
    return "" if column.collation is None else " " + collation_clause(column.collation)


# -- the statement


# A statement has to fit into max_allowed_packet, which is 16 MiB by default.
_LARGEST = 4_000_000


def _print_at_once(connection: Connection, asked: Mapping[int, str], table: str, facts: Facts) -> dict[int, str]:
    """Return what SHOW CREATE TABLE says of each definition that the server accepts."""
    printed: dict[int, str] = {}
    try:
        # Outside of any handler: where no temporary table can be made at all, this is the error that tells why.
        _send(connection, f"CREATE TEMPORARY TABLE {table} (a int)")
        for blocks in _chunks(_block(number, definition, table, facts) for number, definition in asked.items()):
            result = _send(connection, in_bytes(blocks))
            try:
                if result.cursor is not None:
                    printed |= _results(result.cursor)
            finally:
                result.close()
    finally:
        _drop(connection, table)
    return printed


def _chunks(blocks: Iterable[str]) -> Iterator[str]:
    waiting: list[str] = []
    size = 0
    for block in blocks:
        if waiting and size + len(block) > _LARGEST:
            yield " ".join(waiting)
            waiting, size = [], 0
        waiting.append(block)
        size += len(block)
    yield " ".join(waiting)


def _print_one_by_one(connection: Connection, asked: Mapping[int, str], table: str, facts: Facts) -> dict[int, str]:
    """Return the same as :func:`_print_at_once`, in some statements for each definition."""
    printed: dict[int, str] = {}
    try:
        # Where no temporary table can be made at all, this is the error that tells why.
        _send(connection, f"CREATE TEMPORARY TABLE {table} (a int)")
    finally:
        _drop(connection, table)
    for number, definition in asked.items():
        try:
            _send(connection, f"CREATE TEMPORARY TABLE {table} ({definition})")
            row: Any = _send(connection, f"SHOW CREATE TABLE {table}").one()
            printed[number] = str(row[1])
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            printed[number] = Refused(_message(error))
        finally:
            _drop(connection, table)
    return printed


def _drop(connection: Connection, table: str) -> None:
    """Drop the temporary table; where that is interrupted, again, before the interruption goes on."""
    if connection.invalidated:
        # SQLAlchemy closes the connection on KeyboardInterrupt and the like: the server drops the table with the session.
        return
    try:
        _send(connection, f"DROP TEMPORARY TABLE IF EXISTS {table}")
    except BaseException:
        if not connection.invalidated:
            _send(connection, f"DROP TEMPORARY TABLE IF EXISTS {table}")
        raise


def _send(connection: Connection, statement: str) -> sa.CursorResult[Any]:
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _block(number: int, definition: str, table: str, facts: Facts) -> str:
    def immediate(statement: str) -> str:
        return f"EXECUTE IMMEDIATE {string_literal(statement, backslash_escapes=facts.backslash_escapes)};"

    return (
        "BEGIN DECLARE message text; DECLARE EXIT HANDLER FOR SQLEXCEPTION "
        f"BEGIN GET DIAGNOSTICS CONDITION 1 message = MESSAGE_TEXT; SELECT {number}, message, 'refused'; END; "
        + immediate(f"DROP TEMPORARY TABLE IF EXISTS {table}")
        + immediate(f"CREATE TEMPORARY TABLE {table} ({definition})")
        + f" SELECT {number}; "
        + immediate(f"SHOW CREATE TABLE {table}")
        + " END;"
    )


def _results(cursor: Any) -> dict[int, str]:
    """Return the prints of a compound statement's results.

    Each is one row: of a number; of a table and its print, which is the number's; or of a number and the message of its refusal.
    """
    printed: dict[int, str] = {}
    number: int | None = None
    while True:
        rows = cursor.fetchall() if cursor.description else ()
        for row in rows:
            if len(row) == 1:
                number = int(row[0])
            elif len(row) == 3:
                printed[int(row[0])] = Refused(_text(row[1]))
            elif number is not None:
                printed[number] = _text(row[1])
        if not cursor.nextset():
            return printed


def _text(value: object) -> str:
    return value.decode(errors="backslashreplace") if isinstance(value, (bytes, bytearray)) else str(value)


# -- the answer


def _answer(printed: str, facts: Facts) -> Answer:
    """Return whether the two definitions in a CREATE TABLE are the same but for their names."""
    try:
        parts = list(definitions(tokenize(printed, catalog_lexicon(facts))))
    except TokenError as error:
        return Answer(None, refusal=f"what the server prints is not understood: {error}")
    found = {}
    for part in parts:
        names = [token.text for token in part if token.kind == "identifier"]
        for name in (_LEFT, _RIGHT):
            if names[:1] == [name]:
                found[name] = [token for token in part if token.text != name]
    if len(found) < 2:
        return Answer(None, refusal="the server does not print both")
    left, right = (" ".join(token.text for token in found[name]) for name in (_LEFT, _RIGHT))
    return Answer(found[_LEFT] == found[_RIGHT], left, right)
