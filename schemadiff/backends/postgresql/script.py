"""Scripts of SQL as ``psql`` reads them."""

from __future__ import annotations

import re

from schemadiff.backends.postgresql.lexicon import LEXICON, dollar_quoted, literal
from schemadiff.backends.script import Guard, refuse_command, spans, stripped, terminated
from schemadiff.errors import UnsupportedOperation

__all__ = ["HEADER", "guard", "statement"]

# The script is UTF-8, and the client's own encoding hangs on where it runs.
HEADER = ("SET client_encoding = 'UTF8';",)

_VARIABLE = re.compile(r"(?<!:):(?=[\w'\"{])")


def statement(sql: str) -> str:
    """Return a statement with its terminator; empty where it says nothing.

    Raises:
        UnsupportedOperation: it holds a backslash outside of quotes, which begins a command of psql's, or a NUL.
    """
    text = stripped(sql, LEXICON)
    if not text:
        return ""
    refuse_command(text, LEXICON, client="psql", marks="\\")
    if "\0" in text:
        shown = " ".join(text.replace("\0", "\\0").split())[:60]
        raise UnsupportedOperation(f"statement {shown!r}: PostgreSQL's texts hold no NUL: take it out")
    return terminated(_without_variables(text))


def _without_variables(text: str) -> str:
    """Return a statement in which psql finds no variable of its own: ``:name`` in ``a[1:name]`` is none of them ("Variables")."""
    found = spans(text, LEXICON) if _VARIABLE.search(text) else None
    if found is None:
        return text
    quoted = [(start, end) for token, start, end in found if token.kind in ("string", "identifier", "comment")]

    def spaced(match: re.Match[str]) -> str:
        inside = any(start < match.start() < end for start, end in quoted)
        return ":" if inside else ": "

    return _VARIABLE.sub(spaced, text)


def guard(wanted: Guard) -> tuple[str, ...]:
    """Return what fails where the database does not stand where it should.

    Until the transaction ends nobody else moves the version: two scripts at once follow one another, and the second fails.
    """
    message = literal(wanted.message)
    body = f" BEGIN IF NOT ({wanted.holds}) THEN RAISE EXCEPTION USING MESSAGE = {message}; END IF; END "
    return (f"LOCK TABLE {wanted.table} IN SHARE ROW EXCLUSIVE MODE", f"DO {dollar_quoted(body)}")
