"""A tokenizer that is just good enough for the DDL that servers print.

It shares no code with the package, which has its own: the oracle judges the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_STANDARD_STRING = r"'(?:[^']|'')*'"
_ESCAPED_STRING = r"'(?:[^'\\]|\\.|'')*'"
_DOUBLE = r'"(?:[^"]|"")*"'
_BACKTICK = r"`(?:[^`]|``)*`"

_PATTERNS = {
    "postgresql": {
        "comment": r"--[^\n]*|/\*.*?\*/",
        "string": rf"[eE]{_ESCAPED_STRING}|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|{_STANDARD_STRING}",
        "quoted": _DOUBLE,
    },
    "mysql": {
        "comment": r"--[^\n]*|/\*.*?\*/",
        "string": rf'{_ESCAPED_STRING}|"(?:[^"\\]|\\.|"")*"',
        "quoted": _BACKTICK,
    },
    "sqlite": {
        "comment": r"--[^\n]*|/\*.*?\*/",
        "string": rf"[xX]?{_STANDARD_STRING}",
        "quoted": rf"{_DOUBLE}|{_BACKTICK}|\[[^\]]*\]",
    },
}

_SCANNERS = {
    dialect: re.compile(
        "|".join(
            [
                r"(?P<space>\s+)",
                *(f"(?P<{kind}>{pattern})" for kind, pattern in patterns.items()),
                r"(?P<number>\d[\w.]*)",
                r"(?P<word>[^\W\d][\w$]*)",
                r"(?P<mark><=|>=|<>|!=|\|\||::|.)",
            ]
        ),
        re.DOTALL,
    )
    for dialect, patterns in _PATTERNS.items()
}


@dataclass(frozen=True)
class Token:
    """A token: its kind, its text as written, and the whitespace and comments before it."""

    kind: str
    text: str
    before: str = ""

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words

    @property
    def name(self) -> str:
        """The identifier that the token spells, without its quotes. SQLite takes a string for one where only a name can stand."""
        if self.kind not in ("quoted", "string"):
            return self.text
        close = {"[": "]"}.get(self.text[0], self.text[0])
        return self.text[1:-1].replace(close * 2, close)


def tokenize(dialect: str, text: str) -> list[Token]:
    """Split ``text`` into tokens, whitespace and comments being kept with the token that follows."""
    tokens: list[Token] = []
    before = ""
    for match in _SCANNERS[dialect].finditer(text):
        kind = "string" if match.lastgroup == "tag" else match.lastgroup or ""
        if kind in ("space", "comment"):
            before += match.group()
        else:
            tokens.append(Token(kind, match.group(), before))
            before = ""
    return tokens


def joined(tokens: Iterable[Token]) -> str:
    """Return the text of ``tokens`` as written, without what stands before the first."""
    return "".join(token.text if not position else token.before + token.text for position, token in enumerate(tokens))


def split(tokens: Sequence[Token], mark: str) -> list[list[Token]]:
    """Split at each ``mark`` that no parenthesis encloses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "mark" and token.text == mark and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the position of the parenthesis that closes the one at ``opening``."""
    depth = 0
    for position in range(opening, len(tokens)):
        if tokens[position].kind == "mark":
            depth += {"(": 1, ")": -1}.get(tokens[position].text, 0)
        if depth == 0:
            return position
    raise ValueError(f"no closing parenthesis in: {joined(tokens)}")


def find(tokens: Sequence[Token], mark: str, start: int = 0) -> int:
    """Return the position of the first ``mark`` from ``start`` on; -1 where there is none."""
    for position in range(start, len(tokens)):
        if tokens[position].kind == "mark" and tokens[position].text == mark:
            return position
    return -1
