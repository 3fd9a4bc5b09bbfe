"""Scripts of SQL as the client ``sqlite3`` reads them."""

from __future__ import annotations

import re

from schemadiff.backends.script import Guard, refuse_command, respelled, spans, stripped, terminated
from schemadiff.backends.sqlite.canonical import LEXICON
from schemadiff.backends.tokens import Token
from schemadiff.errors import UnsupportedOperation

__all__ = ["HEADER", "guard", "statement"]

# The client goes on after an error, and a COMMIT that follows would keep half a revision.
HEADER = (".bail on",)

_DATA = frozenset({"delete", "insert", "replace", "select", "update", "with"})
# A line that says nothing else ends the statement ("Command Line Shell For SQLite", section on ending statements).
_ENDS = re.compile(r"\n[ \t]*(?=(?:/|go)[ \t\r]*(?:\n|\Z))", re.IGNORECASE)


def statement(sql: str) -> str:
    """Return a statement with its terminator; empty where it says nothing.

    The client reads CR LF as LF, ends a statement at NUL and at lines of ``/`` or ``go``. In the values of rows such characters
    are written as ``char(13)``; where the text of a schema holds one, it cannot be printed.

    Raises:
        UnsupportedOperation: it holds what the client cannot read.
    """
    text = stripped(sql, LEXICON)
    if not text:
        return ""
    refuse_command(text, LEXICON, client="sqlite3")
    if "\0" in text or "\r\n" in text:
        text = _without_control_characters(text)
    if _ENDS.search(text):
        text = _joined(text)
    return terminated(text)


def _without_control_characters(text: str) -> str:
    first = next((token.text.lower() for token, _, _ in spans(text, LEXICON) or () if token.kind != "comment"), "")
    is_data = first in _DATA

    def spell(token: Token, written: str) -> str:
        if "\0" not in written and "\r\n" not in written:
            return written
        if token.kind == "comment":
            return written.replace("\0", " ")
        if token.kind == "string" and is_data:
            parts = re.split(r"(\0|\r(?=\n))", written[1:-1])
            return (
                "(" + " || ".join(f"char({ord(part)})" if part in ("\0", "\r") else f"'{part}'" for part in parts) + ")"
            )
        raise _unreadable(text)

    result = respelled(text, LEXICON, spell)
    if "\0" in result:
        raise _unreadable(text)
    return result


def _unreadable(text: str) -> UnsupportedOperation:
    shown = " ".join(text.replace("\0", "\\0").split())[:60]
    return UnsupportedOperation(
        f"statement {shown!r}: it holds a NUL or CR LF inside quotes, which sqlite3 does not read as it is written: run it without --sql"
    )


def _joined(text: str) -> str:
    """Return a statement without lines that would end it: between tokens a space does as well as a new line."""
    found = spans(text, LEXICON)
    if found is None:
        return text
    result, position = "", 0
    for _, start, end in found:
        gap = text[position:start]
        line_ends_behind = text[end:].partition("\n")[0].strip() == ""
        if "\n" in gap and text[start:end].lower() in ("/", "go") and line_ends_behind and not _after_comment(result):
            gap = " "
        result += gap + text[start:end]
        position = end
    return result + text[position:]


def _after_comment(text: str) -> bool:
    return "--" in text.rpartition("\n")[2]


def guard(wanted: Guard) -> tuple[str, ...]:
    """Return what fails where the database does not stand where it should: the version column takes no NULL."""
    return (f"INSERT INTO {wanted.table} ({wanted.column}) SELECT NULL WHERE NOT ({wanted.holds})",)
