"""What the scripts of ``--sql`` have in common on all databases: where a statement ends, and what a client would take for its own.

A script is read by a client (psql, mariadb, sqlite3, sqlcmd, SQL*Plus) before the server sees it, and each client has commands of its
own among the statements. What a statement says must reach the server as it is, or not be printed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from schemadiff.backends.tokens import Lexicon, Token, TokenError, scan
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass

__all__ = ["Guard", "refuse_command", "respelled", "spans", "stripped", "terminated"]

Span = tuple[Token, int, int]


@dataclass(frozen=True, slots=True)
class Guard:
    """What has to be true of the version table where a revision of a script begins.

    Args:
        table: the version table, quoted.
        column: its column, quoted.
        holds: the condition, in SQL that every database understands.
        message: what is wrong where it is not true.
    """

    table: str
    column: str
    holds: str
    message: str


def spans(sql: str, lexicon: Lexicon) -> tuple[Span, ...] | None:
    """Return the tokens of a statement with their places; None for a text that is not made of whole tokens."""
    try:
        return tuple(scan(sql, lexicon))
    except TokenError:
        return None


def stripped(sql: str, lexicon: Lexicon) -> str:
    """Return a statement without terminators and spaces at its end; comments at the end stay. Empty where it says nothing."""
    text = sql.strip()
    found = spans(text, lexicon)
    if found is None:
        return text.removesuffix(";").rstrip()
    said = [span for span in found if span[0].kind not in ("comment", "semicolon")]
    if not said:
        return ""
    result, end = "", len(text)
    for token, start, stop in reversed(found):
        if token.kind == "semicolon":
            result = text[stop:end] + result
            end = start
        elif token.kind != "comment":
            break
    return (text[:end].rstrip() + result).rstrip()


def terminated(sql: str, terminator: str = ";") -> str:
    """Return a statement with its terminator, which a comment at the end must not swallow."""
    last = sql.rpartition("\n")[2]
    return f"{sql}\n{terminator}" if "--" in last or "#" in last else f"{sql}{terminator}"


def refuse_command(sql: str, lexicon: Lexicon, *, client: str, marks: Collection[str] = ()) -> None:
    """Refuse a text in which a client would find a command of its own.

    Args:
        sql: the statement.
        lexicon: how it is spelled.
        client: the client, for the message.
        marks: characters that begin a command wherever they stand outside of quotes.

    Raises:
        UnsupportedOperation: there is one.
    """
    found = [span for span in spans(sql, lexicon) or () if span[0].kind != "comment"]
    begins = bool(found) and found[0][0].kind not in ("word", "open")
    if begins or any(token.text in marks for token, _, _ in found if token.kind == "operator"):
        shown = " ".join(sql.split())[:60]
        raise UnsupportedOperation(
            f"statement {shown!r}: {client} would take it for a command of its own: write one SQL statement"
        )


def respelled(sql: str, lexicon: Lexicon, spell: Callable[[Token, str], str]) -> str:
    """Return a statement in which each token is spelled as ``spell`` says, given the token and its text as written."""
    found = spans(sql, lexicon)
    if found is None:
        return sql
    result, position = "", 0
    for token, start, end in found:
        result += sql[position:start] + spell(token, sql[start:end])
        position = end
    return result + sql[position:]
