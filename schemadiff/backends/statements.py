"""What can be told of a statement from its words: whether it is one, whether it changes rows alone, whether it only reads."""

from __future__ import annotations

from schemadiff.backends.tokens import Lexicon, TokenError, scan

__all__ = ["changes_rows", "only_reads", "words"]

_ROWS = frozenset(["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"])
_QUERIES = frozenset(["SELECT", "VALUES", "TABLE", "WITH"])
_SHOWS = frozenset(["SHOW", "EXPLAIN", "DESCRIBE", "DESC", "PRAGMA"])


def words(sql: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words of one statement, in capitals; nothing where it is none, or several."""
    try:
        tokens = [token for token, _, _ in scan(sql, lexicon) if token.kind != "comment"]
    except TokenError:
        return ()
    while tokens and tokens[-1].kind == "semicolon":
        tokens.pop()
    if any(token.kind == "semicolon" for token in tokens) or not tokens or tokens[0].kind not in ("word", "open"):
        return ()
    return tuple(token.text.upper() for token in tokens if token.kind == "word")


def changes_rows(sql: str, lexicon: Lexicon) -> bool:
    """Return True for one statement that changes rows, or reads them, so that it takes part in a transaction on every database."""
    found = words(sql, lexicon)
    return bool(found) and found[0] in _ROWS | _QUERIES and "INTO" not in _selected(found)


def only_reads(sql: str, lexicon: Lexicon) -> bool:
    """Return True for one statement that reads, as far as its words tell."""
    found = words(sql, lexicon)
    return bool(found) and found[0] in _QUERIES | _SHOWS and not _ROWS & set(found) and "INTO" not in _selected(found)


def _selected(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a SELECT, whose INTO makes a table or a file."""
    return found if found and found[0] not in _ROWS else ()
