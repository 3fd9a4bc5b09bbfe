"""Scripts of SQL as the client ``mariadb`` (or ``mysql``) reads them."""

from __future__ import annotations

import re

from schemadiff.backends.mysql.text import string_literal
from schemadiff.backends.script import Guard, refuse_command, respelled, spans, stripped, terminated
from schemadiff.backends.tokens import Lexicon, Token
from schemadiff.errors import UnsupportedOperation

__all__ = ["HEADER", "guard", "statement"]

# The script is UTF-8, and the client's own character set hangs on where it runs.
HEADER = ("SET NAMES utf8mb4;",)

_DELIMITERS = ("//", "$$", "%%", "@@", ";;")


def statement(sql: str, lexicon: Lexicon) -> str:
    """Return a statement with its terminator; empty where it says nothing.

    The client reads CR LF as LF and takes no NUL, so both are written as escapes; it takes ``delimiter`` for a command of its own
    wherever it stands; and it ends a statement at the first semicolon, unless another delimiter is given before.

    Raises:
        UnsupportedOperation: it holds what the client cannot read.
    """
    text = stripped(sql, lexicon)
    if not text:
        return ""
    refuse_command(text, lexicon, client="mariadb", marks="\\")
    text = respelled(text, lexicon, lambda token, written: _spelled(token, written, text, lexicon))
    if "\0" in text:
        raise _unreadable(text)
    found = spans(text, lexicon)
    if found is None or not any(token.kind == "semicolon" for token, _, _ in found):
        return terminated(text)
    delimiter = next((each for each in _DELIMITERS if each not in text), None)
    if delimiter is None:
        raise UnsupportedOperation(
            f"statement {' '.join(text.split())[:60]!r}: it holds all of {' '.join(_DELIMITERS)}, so that no delimiter is left for it"
        )
    return f"DELIMITER {delimiter}\n{text}\n{delimiter}\nDELIMITER ;"


def _spelled(token: Token, written: str, text: str, lexicon: Lexicon) -> str:
    if token.kind == "word" and token.text.lower() == "delimiter":
        return f"`{written}`"
    if "\0" not in written and "\r\n" not in written:
        return written
    if token.kind == "comment":
        return written.replace("\0", " ")
    if token.kind == "string" and lexicon.backslash_escapes:
        return _ESCAPED.sub(_escape, written)
    raise _unreadable(text)


# What is escaped already, and what has to be.
_ESCAPED = re.compile(r"\\(.)|\0|\r(?=\n)", re.DOTALL)


def _escape(match: re.Match[str]) -> str:
    char = match.group(1) or match.group()
    return {"\0": "\\0", "\r": "\\r"}.get(char, match.group())


def _unreadable(text: str) -> UnsupportedOperation:
    shown = " ".join(text.replace("\0", "\\0").split())[:60]
    return UnsupportedOperation(
        f"statement {shown!r}: it holds a NUL or CR LF in a name, which mariadb does not read as it is written: run it without --sql"
    )


def guard(wanted: Guard) -> tuple[str, ...]:
    """Return what fails where the database does not stand where it should.

    Neither MySQL nor MariaDB lets a plain statement raise an error on a condition; what is prepared may be chosen by one.
    """
    column = "`" + wanted.message.replace("`", "``") + "`"
    refusal = string_literal(f"DO {column}", backslash_escapes=True)
    return (
        f"SET @schemadiff = IF({wanted.holds}, 'DO 0', {refusal})",
        "PREPARE schemadiff_guard FROM @schemadiff",
        "DEALLOCATE PREPARE schemadiff_guard",
    )
