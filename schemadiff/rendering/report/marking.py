"""Which part of a text has changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

__all__ = ["Pieces", "marked"]

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether the other text has it otherwise."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MANY = 1000


def marked(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Return two texts in pieces, by words."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MANY:
        return _marked_ends(old, new)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    left = [("".join(old[i:j]), tag != "equal") for tag, i, j, _, _ in blocks if i < j]
    right = [("".join(new[i:j]), tag != "equal") for tag, _, _, i, j in blocks if i < j]
    return tuple(left), tuple(right)


def _marked_ends(old: Sequence[str], new: Sequence[str]) -> tuple[Pieces, Pieces]:
    """Return what lies between the beginning and the end that both have, marked as one: for long texts, in linear time."""
    begin = _common(zip(old, new, strict=False))
    end = min(_common(zip(reversed(old), reversed(new), strict=False)), len(old) - begin, len(new) - begin)

    def pieces(words: Sequence[str]) -> Pieces:
        stop = len(words) - end
        three = ((words[:begin], False), (words[begin:stop], True), (words[stop:], False))
        return tuple(("".join(part), changed) for part, changed in three if part)

    return pieces(old), pieces(new)


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count
