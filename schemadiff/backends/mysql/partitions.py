"""Partitions of a table, as one option: everything behind PARTITION BY.

SQLAlchemy's users write them as ``partition_by``, ``partitions``, ``subpartition_by`` and ``subpartitions``, with the definitions at the end
of one of them; it is the text in that order that the server reads, and that it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemadiff.backends.mysql.text import quoted
from schemadiff.backends.tokens import Lexicon, Token, TokenError, tokenize

__all__ = ["PARTITION_WORDS", "partitioning", "without_engines"]

PARTITION_WORDS = ("partition_by", "partitions", "subpartition_by", "subpartitions")


def partitioning(arguments: Mapping[str, Any], lexicon: Lexicon) -> str | None:
    """Return what stands behind PARTITION BY where a model says it in up to four arguments; None where it says nothing."""
    if "partition_by" not in arguments:
        return None
    text = " ".join(
        (f"{word.replace('_', ' ').upper()} " if word != "partition_by" else "") + str(arguments[word])
        for word in PARTITION_WORDS
        if arguments.get(word) is not None
    )
    try:
        tokens = without_engines(tokenize(text, lexicon))
    except TokenError:
        return text
    return " ".join(quoted(token.text) if token.kind == "identifier" else token.text for token in tokens)


def without_engines(tokens: Sequence[Token]) -> list[Token]:
    """Leave out the engine of each partition: it is the table's ("Partitioning Overview": all have the same)."""
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        if tokens[position].kind == "word" and tokens[position].text.upper() == "ENGINE":
            position += 3 if tokens[position + 1 : position + 2] and tokens[position + 1].text == "=" else 2
        else:
            kept.append(tokens[position])
            position += 1
    return kept
