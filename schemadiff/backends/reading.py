"""What readers of expressions share: the tokens and a place among them, and the word for what is not understood."""

from __future__ import annotations

from schemadiff.backends.tokens import Token

__all__ = ["DEEPEST", "NotUnderstood", "Reader"]

DEEPEST = 60
"""How deep expressions may stand in one another: none of a table is as deep, and reading recurs."""

_END = Token("comment", "")


class NotUnderstood(ValueError):
    """The expression has something in it of which we do not know what the server makes of it."""


class Reader:
    """Tokens, none of them a comment, and the place of the one that is next.

    Args:
        tokens: the tokens.
    """

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = (*tokens, _END)
        self._position = 0
        self._depth = 0

    @property
    def at_end(self) -> bool:
        """Everything is read."""
        return self._position == len(self._tokens) - 1

    @property
    def _token(self) -> Token:
        return self._tokens[self._position]

    def _is(self, text: str, ahead: int = 0) -> bool:
        """Return True where a mark or an operator is next."""
        token = self._tokens[min(self._position + ahead, len(self._tokens) - 1)]
        return token.kind in ("operator", "open", "close", "comma") and token.text == text

    def _next(self) -> Token:
        """Take the next token."""
        token = self._token
        if self.at_end:
            raise NotUnderstood("it ends too early")
        self._position += 1
        return token

    def _deeper(self) -> None:
        """Take note that an expression begins inside of what is being read."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotUnderstood("it is too deep")
