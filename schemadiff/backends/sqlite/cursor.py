"""A cursor over the tokens of stored SQL, which knows the text that each token came from."""

from __future__ import annotations

from schemadiff.backends.sqlite.canonical import LEXICON, without_comments
from schemadiff.backends.tokens import Token, scan

__all__ = ["Cursor", "Unexpected", "name_of"]


_MARKS = frozenset({"open", "close", "comma", "semicolon", "operator"})

# A word that is not there ends what is asked for, and what is asked for ahead is the word behind the next one.
_AHEAD = 2


class Unexpected(ValueError):
    """The text is not what the grammar says; the message quotes where."""


def name_of(token: Token) -> str:
    """Return the name that ``token`` stands for. SQLite takes a string for a name where only a name can stand."""
    if token.kind == "string":
        return token.text[1:-1].replace("''", "'")
    return token.text


class Cursor:
    """Reads tokens one after the other; comments are passed over.

    Args:
        sql: one statement.

    Raises:
        TokenError: it is not made of whole tokens.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._items = [item for item in scan(sql, LEXICON) if item[0].kind != "comment"]
        # What the next token is asked for most: a word in capitals, and a mark; "" behind the end too.
        self._words = [token.text.upper() if token.kind == "word" else "" for token, _, _ in self._items]
        self._marks = [token.text if token.kind in _MARKS else "" for token, _, _ in self._items]
        self._words += [""] * _AHEAD
        self._marks += [""]
        self.at = 0

    @property
    def done(self) -> bool:
        """True where no token is left."""
        return self.at >= len(self._items)

    def peek(self) -> Token | None:
        """Return the next token, or None behind the end."""
        return self._items[self.at][0] if self.at < len(self._items) else None

    def is_word(self, *words: str, ahead: int = 0) -> bool:
        """Return True where the token ``ahead`` is one of the unquoted ``words``, given in capitals."""
        return self._words[self.at + ahead] in words

    def is_mark(self, mark: str) -> bool:
        """Return True where the next token is the mark ``mark``: a parenthesis, a comma, a dot."""
        return self._marks[self.at] == mark

    def take(self) -> Token:
        """Return the next token, and move behind it."""
        token = self.peek()
        if token is None:
            raise Unexpected("the text ends too soon")
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Move behind ``words`` where they stand here one after the other; return whether they do."""
        at = self.at
        for word in words:
            if self._words[at] != word:
                return False
            at += 1
        self.at = at
        return True

    def accept_mark(self, mark: str) -> bool:
        """Move behind ``mark`` where it stands here; return whether it does."""
        if self._marks[self.at] != mark:
            return False
        self.at += 1
        return True

    def expect(self, *words: str) -> None:
        """Move behind ``words``, which must stand here."""
        if not self.accept(*words):
            raise self.unexpected(" ".join(words))

    def expect_mark(self, mark: str) -> None:
        """Move behind ``mark``, which must stand here."""
        if not self.accept_mark(mark):
            raise self.unexpected(mark)

    def name(self) -> str:
        """Return the name that stands here, and move behind it."""
        token = self.peek()
        if token is None or token.kind not in ("word", "identifier", "string"):
            raise self.unexpected("a name")
        return name_of(self.take())

    def parenthesised(self) -> str:
        """Return the text inside the parentheses that open here, without comments, and move behind them."""
        self.expect_mark("(")
        start = self.at
        self.skip_to_close()
        text = self.text(start, self.at)
        self.expect_mark(")")
        return text

    def skip_to_close(self) -> None:
        """Move to the parenthesis that closes the one before here."""
        depth = 0
        while True:
            token = self.peek()
            if token is None:
                raise Unexpected("a parenthesis is not closed")
            if token.kind == "close" and depth == 0:
                return
            depth += (token.kind == "open") - (token.kind == "close")
            self.at += 1

    def text(self, start: int, end: int) -> str:
        """Return the text from the token at ``start`` to the one before ``end``, without comments."""
        if start == end:
            return ""
        return without_comments(self.sql[self._items[start][1] : self._items[end - 1][2]])

    def rest(self) -> str:
        """Return the text from here to the end of the statement, as it is written."""
        if self.done:
            return ""
        last = self._items[-2 if self._items[-1][0].kind == "semicolon" else -1]
        return self.sql[self._items[self.at][1] : last[2]]

    def tokens(self, start: int, end: int) -> tuple[Token, ...]:
        """Return the tokens from ``start`` to before ``end``."""
        return tuple(token for token, _, _ in self._items[start:end])

    def unexpected(self, wanted: str) -> Unexpected:
        """Return the error that says what should stand here."""
        where = self._items[self.at][1] if not self.done else len(self.sql)
        return Unexpected(f"expected {wanted} at {self.sql[where : where + 30]!r}")
