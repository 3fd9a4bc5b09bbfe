"""Which expressions the server finds equal: it is made to print both, and the prints are compared.

MariaDB does it in one statement, whatever the number of questions: a compound statement (``BEGIN NOT ATOMIC``) makes a temporary table for
each question, with the columns that the expressions mention and with both expressions, has SHOW CREATE TABLE print it, and drops it. Each
question stands in a block of its own, whose handler takes the error of an expression that the server does not understand. A temporary table
is not subject to a rollback, so a DROP follows in any case; CREATE TEMPORARY TABLE commits nothing.

MySQL has compound statements in stored programs only. There, tokens decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.base import Question, Verdict
from schemadiff.backends.mysql.defaults import clause, split_on_update
from schemadiff.backends.mysql.server import Facts, collation_clause
from schemadiff.backends.mysql.text import CATALOG, lexicon_for, quoted, string_literal
from schemadiff.backends.mysql.types import parse_type, spell
from schemadiff.backends.tokens import Token, TokenError, is_one_expression, tokenize
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Column, Expression

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["judge"]

_TABLE = "schemadiff judge"
_LEFT, _RIGHT = "schemadiff left", "schemadiff right"


def judge(connection: Connection, questions: Sequence[Question], facts: Facts) -> Verdict:
    """Ask the server which expressions are equal. It leaves nothing behind, whatever happens."""
    if not questions:
        return Verdict({})
    if not facts.mariadb:
        return Verdict({}, "MySQL cannot be asked which expressions are equal: they are compared by their spelling")
    asked = {i: text for i, question in enumerate(questions) if (text := _definition(question, facts)) is not None}
    if not asked:
        return Verdict({})
    try:
        printed = _print(connection, asked, facts)
    except sa.exc.DBAPIError as error:
        return Verdict({}, f"the server could not be asked which expressions are equal: {_first_line(error)}")
    if printed is None:
        return Verdict({}, "the driver cannot read what the server prints: expressions are compared by their spelling")
    equal = {questions[i]: answer for i, text in printed.items() if (answer := _answer(text)) is not None}
    return Verdict(equal)


def _first_line(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).splitlines()[0]


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
            # MariaDB has no indexes on expressions: there is nothing to print them in.
            return None
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


def _print(connection: Connection, asked: dict[int, str], facts: Facts) -> dict[int, str] | None:
    """Return what SHOW CREATE TABLE says of each definition that the server accepts."""
    table = quoted(_TABLE) if facts.schema is not None else f"{quoted('information_schema')}.{quoted(_TABLE)}"
    blocks = [_block(number, definition, table, facts) for number, definition in asked.items()]
    drop = f"DROP TEMPORARY TABLE IF EXISTS {table}"
    try:
        result = connection.exec_driver_sql(
            f"BEGIN NOT ATOMIC {' '.join(blocks)} END", execution_options={"no_parameters": True}
        )
        try:
            return _results(result.cursor)
        finally:
            result.close()
    finally:
        connection.exec_driver_sql(drop, execution_options={"no_parameters": True})


def _block(number: int, definition: str, table: str, facts: Facts) -> str:
    def immediate(statement: str) -> str:
        return f"EXECUTE IMMEDIATE {string_literal(statement, backslash_escapes=facts.backslash_escapes)};"

    return (
        "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; "
        + immediate(f"DROP TEMPORARY TABLE IF EXISTS {table}")
        + immediate(f"CREATE TEMPORARY TABLE {table} ({definition})")
        + f" SELECT {number}; "
        + immediate(f"SHOW CREATE TABLE {table}")
        + " END;"
    )


def _results(cursor: Any) -> dict[int, str] | None:
    """Return the prints of a compound statement's results: each is one row, of a number or of a table and its print."""
    if not hasattr(cursor, "nextset"):
        return None
    printed: dict[int, str] = {}
    number: int | None = None
    while True:
        rows = cursor.fetchall() if cursor.description else ()
        for row in rows:
            if len(row) == 1:
                number = int(row[0])
            elif number is not None:
                text = row[1]
                printed[number] = text.decode() if isinstance(text, (bytes, bytearray)) else str(text)
        if not cursor.nextset():
            return printed


# -- the answer


def _answer(printed: str) -> bool | None:
    """Return whether the two definitions in a CREATE TABLE are the same but for their names."""
    try:
        parts = list(_parts(tokenize(printed, CATALOG)))
    except TokenError:
        return None
    found = {}
    for part in parts:
        names = [token.text for token in part if token.kind == "identifier"]
        for name in (_LEFT, _RIGHT):
            if names[:1] == [name]:
                found[name] = [token for token in part if token.text != name]
    return found[_LEFT] == found[_RIGHT] if len(found) == 2 else None


def _parts(tokens: Sequence[Token]) -> Iterator[list[Token]]:
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
