"""What can be told of a statement from its words: whether it is one, whether it changes rows alone, whether it only reads."""

from __future__ import annotations

from schemadiff.backends.tokens import Lexicon, TokenError, scan
from schemadiff.schema import Name

__all__ = ["changes_rows", "filled_table", "only_reads", "words"]

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


def filled_table(sql: str, lexicon: Lexicon) -> Name | None:
    """Return the one table whose rows a statement changes, where its first words say it."""
    if not changes_rows(sql, lexicon):
        return None
    tokens = [token for token, _, _ in scan(sql, lexicon) if token.kind != "comment"]
    texts = [token.text.upper() if token.kind == "word" else token.kind for token in tokens]
    for begin, follows in (
        (["INSERT", "INTO"], None),
        (["REPLACE", "INTO"], None),
        (["UPDATE"], ["SET"]),
        (["DELETE", "FROM"], [None, "WHERE", "semicolon"]),
    ):
        if texts[: len(begin)] != begin:
            continue
        rest = tokens[len(begin) :]
        parts = [rest[0]] if rest and rest[0].kind in ("word", "identifier") else []
        if parts and len(rest) > 2 and rest[1].text == ".":
            parts.append(rest[2])
        following = texts[len(begin) + 2 * len(parts) - 1 :]
        if not parts or (follows is not None and (following[0] if following else None) not in follows):
            return None
        name = parts[-1].text
        return Name(name, parts[0].text if len(parts) > 1 else None)
    return None


def _selected(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a SELECT, whose INTO makes a table or a file."""
    return found if found and found[0] not in _ROWS else ()
