"""Reads expressions as the grammar of MariaDB and MySQL does: tokens to a tree, by its table of precedence.

A tree is a tuple whose first word says what the rest is; parentheses are gone. Where comparisons follow one another without parentheses, or where
reading depends on ``sql_mode`` (``||``), nothing is understood: then nobody is told anything about the expression.

Source: "Operator Precedence" in either manual.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from schemadiff.backends.mysql.text import introducer_of, is_string, string_value
from schemadiff.backends.reading import DEEPEST, NotUnderstood, Reader
from schemadiff.backends.tokens import Lexicon, Token, TokenError, tokenize

__all__ = ["Node", "parse"]

Node = tuple[Any, ...]


_COMPARISONS = frozenset(["=", "<=>", ">=", ">", "<=", "<", "<>", "!="])
# From loose to tight.
_LEVELS = (("|",), ("&",), ("<<", ">>"), ("+", "-"), ("*", "/", "%", "div", "mod"), ("^",))
_TESTS = frozenset(["null", "true", "false", "unknown"])
# Words that are no names and no functions, where they are not quoted.
_WORDS = """
    all and any as asc between binary by case cast collate convert default desc distinct div else end escape exists for from in interval is like
    match mod not null or over regexp rlike row select separator some sounds then true false union using values when where xor
    """
_RESERVED = frozenset(_WORDS.split())
# Functions that are called without parentheses too.
_BARE = frozenset(
    [
        "current_date",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "utc_date",
        "utc_timestamp",
    ]
)
_NUMBER = re.compile(r"(\d+)(\.\d*)?([eE][+-]?\d+)?|(\.\d+)([eE][+-]?\d+)?")


@lru_cache(maxsize=4096)
def parse(sql: str, lexicon: Lexicon) -> Node:
    """Return the tree of an expression.

    Args:
        sql: its text.
        lexicon: how the server spells tokens.

    Raises:
        NotUnderstood: there is something in it that this does not know, or it is no expression.
    """
    try:
        tokens = tokenize(sql, lexicon)
    except TokenError as error:
        raise NotUnderstood(str(error)) from error
    # Two minus signs are a comment to the one and none to the other.
    if any(token.kind == "comment" for token in tokens):
        raise NotUnderstood("a comment")
    parser = _Parser(tokens, lexicon)
    node = parser.expression()
    if not parser.at_end:
        raise NotUnderstood("more than one expression")
    return node


class _Parser(Reader):
    def __init__(self, tokens: tuple[Token, ...], lexicon: Lexicon) -> None:
        super().__init__(tokens)
        self._lexicon = lexicon

    # -- tokens

    @property
    def _word(self) -> str:
        return self._token.text.lower() if self._token.kind == "word" else ""

    def _accept(self, *words: str) -> bool:
        """Take one of these words or marks, where it is next."""
        if self._word in words or (
            self._token.kind not in ("word", "identifier", "string") and self._token.text in words
        ):
            self._next()
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise NotUnderstood(f"{text!r} was expected instead of {self._token.text!r}")

    def _plain_word(self) -> str:
        token = self._next()
        if token.kind != "word":
            raise NotUnderstood(f"{token.text!r} is no word")
        return token.text.lower()

    # -- expressions, from loose to tight

    def expression(self) -> Node:
        """Read an expression."""
        self._deeper()
        if self._is("||"):
            raise NotUnderstood("||")
        left = self._either()
        while self._accept("or"):
            left = ("or", left, self._either())
        self._depth -= 1
        return left

    def _either(self) -> Node:
        left = self._both()
        while self._accept("xor"):
            left = ("xor", left, self._both())
        return left

    def _both(self) -> Node:
        left = self._not()
        while self._accept("and", "&&"):
            left = ("and", left, self._not())
        return left

    def _not(self) -> Node:
        times = 0
        while self._accept("not"):
            times += 1
        if times > DEEPEST:
            raise NotUnderstood("it is too deep")
        node = self._compared()
        for _ in range(times):
            node = ("not", node)
        return node

    def _compared(self) -> Node:
        left = self._level(0)
        found = self._comparison(left)
        if found is None:
            return left
        # How the next one would go together with this one, the grammars of versions do not agree upon.
        if self._comparison(found) is not None:
            raise NotUnderstood("a comparison of comparisons")
        return found

    def _comparison(self, left: Node) -> Node | None:
        token = self._token
        if token.kind == "operator" and token.text in _COMPARISONS:
            self._next()
            return ("compare", "<>" if token.text == "!=" else token.text, left, self._level(0))
        if self._accept("is"):
            negated = self._accept("not")
            word = self._plain_word()
            if word not in _TESTS:
                raise NotUnderstood(f"IS {word}")
            word = "null" if word == "unknown" else word
            return ("test", f"not {word}" if negated else word, left)
        negated = self._accept("not")
        if self._accept("in"):
            return ("in", negated, left, *self._list())
        if self._accept("between"):
            low = self._level(0)
            self._expect("and")
            return ("between", negated, left, low, self._level(0))
        if self._accept("like"):
            pattern = self._level(0)
            return ("like", negated, left, pattern, *([self._unary()] if self._accept("escape") else []))
        if self._accept("regexp", "rlike"):
            found: Node = ("regexp", left, self._level(0))
            return ("not", found) if negated else found
        if negated:
            raise NotUnderstood("NOT of nothing")
        return None

    def _level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self._unary()
        left = self._level(number + 1)
        while True:
            token = self._token
            name = self._word or (token.text if token.kind == "operator" else "")
            if name not in _LEVELS[number]:
                return left
            self._next()
            if self._word == "interval":
                if number != 3:
                    raise NotUnderstood("an interval")
                left = ("interval", name, left, *self._span()[1:])
            else:
                left = ("binary", "mod" if name == "%" else name, left, self._level(number + 1))

    def _span(self) -> Node:
        self._expect("interval")
        amount = self._unary()
        return ("span", amount, self._plain_word())

    def _unary(self) -> Node:
        signs = []
        while self._is("-") or self._is("+") or self._is("~") or self._is("!"):
            signs.append(self._next().text)
        if "!" in signs[:-1] or len(signs) > DEEPEST:
            # It binds more tightly than the others.
            raise NotUnderstood("! before another sign")
        if self._accept("binary"):
            node: Node = ("cast", "char charset binary", self._collated())
        else:
            node = self._collated()
        for sign in reversed(signs):
            node = ("not", node) if sign == "!" else ("unary", sign, node)
        return node

    def _collated(self) -> Node:
        node = self._primary()
        while self._accept("collate"):
            token = self._next()
            if token.kind not in ("word", "identifier", "string"):
                raise NotUnderstood("COLLATE of no name")
            node = ("collate", token.text.lower().strip("'\""), node)
        return node

    # -- what stands by itself

    def _primary(self) -> Node:
        token = self._token
        if token.kind == "number":
            return self._number()
        if token.kind == "string":
            return self._string()
        if self._accept("("):
            node = self.expression()
            self._expect(")")
            return node
        if token.kind == "identifier":
            return self._named()
        if token.kind == "word":
            return self._worded(self._word)
        raise NotUnderstood(f"{token.text!r} is not understood")

    def _number(self) -> Node:
        text = self._next().text
        found = _NUMBER.fullmatch(text)
        if found is None:
            raise NotUnderstood(f"the number {text}")
        whole, point, exponent, fraction, other = found.groups()
        if exponent or other:
            return ("number", text)
        if fraction is not None:
            return ("number", f"0{fraction}")
        digits = whole.lstrip("0") or "0"
        return ("number", digits + (point if point not in (None, ".") else ""))

    def _string(self) -> Node:
        token = self._next()
        if not is_string(token) or self._token.kind == "string":
            raise NotUnderstood("a string that is no plain one")
        value = string_value(token.text, backslash_escapes=self._lexicon.backslash_escapes)
        return ("string", introducer_of(token.text), value)

    def _worded(self, word: str) -> Node:
        if word in ("true", "false"):
            self._next()
            return ("number", "1" if word == "true" else "0")
        if word == "null":
            self._next()
            return ("null",)
        if word == "case":
            return self._case()
        if word in ("cast", "convert") and self._is("(", 1):
            return self._cast(word)
        if word in ("date", "time", "timestamp") and self._tokens[self._position + 1].kind == "string":
            self._next()
            return ("literal", word, self._string())
        if word == "mod" and self._is("(", 1):
            self._next()
            return ("call", "mod", *self._list())
        if word in _RESERVED:
            raise NotUnderstood(f"{word} is not understood")
        if self._is("(", 1):
            return self._call(word)
        if word in _BARE:
            self._next()
            return ("call", word)
        return self._named()

    def _named(self) -> Node:
        parts = []
        while True:
            token = self._next()
            if token.kind not in ("word", "identifier"):
                raise NotUnderstood(f"{token.text!r} is no name")
            parts.append(token.text.lower())
            if not self._accept("."):
                break
        if self._is("("):
            raise NotUnderstood("a function of some schema")
        return ("name", tuple(parts))

    def _list(self) -> list[Node]:
        self._expect("(")
        items: list[Node] = []
        if not self._accept(")"):
            items.append(self._item())
            while self._accept(","):
                items.append(self._item())
            self._expect(")")
        return items

    def _item(self) -> Node:
        return self._span() if self._word == "interval" else self.expression()

    def _call(self, word: str) -> Node:
        self._next()
        if word == "trim":
            return self._trim()
        if word in ("extract", "position", "timestampdiff", "timestampadd"):
            self._expect("(")
            if word == "position":
                part = self._level(0)
                self._expect("in")
                node: Node = ("call", "locate", part, self.expression())
            else:
                unit = self._plain_word()
                self._expect("from" if word == "extract" else ",")
                node = ("call", word, ("unit", unit), self.expression())
                while self._accept(","):
                    node = (*node, self.expression())
            self._expect(")")
            return node
        if word in ("substring", "substr", "mid"):
            self._expect("(")
            arguments = [self.expression()]
            while self._accept("from", "for", ","):
                arguments.append(self.expression())
            self._expect(")")
            return ("call", "substr", *arguments)
        return ("call", word, *self._list())

    def _trim(self) -> Node:
        self._expect("(")
        side = self._plain_word() if self._word in ("both", "leading", "trailing") else "both"
        what: Node | None = None if self._word == "from" else self.expression()
        if self._accept("from"):
            whole = self.expression()
        elif what is not None:
            whole, what = what, None
        else:
            raise NotUnderstood("TRIM of nothing")
        self._expect(")")
        name = {"both": "trim", "leading": "ltrim", "trailing": "rtrim"}[side]
        return ("call", name, whole) if what is None else ("trim", side, what, whole)

    def _case(self) -> Node:
        self._expect("case")
        parts: list[Node] = [("nothing",) if self._word == "when" else self.expression()]
        while self._accept("when"):
            parts.append(self.expression())
            self._expect("then")
            parts.append(self.expression())
        parts.append(self.expression() if self._accept("else") else ("nothing",))
        self._expect("end")
        return ("case", *parts)

    def _cast(self, word: str) -> Node:
        self._next()
        self._expect("(")
        argument = self.expression()
        if word == "convert" and self._accept("using"):
            charset = self._plain_word()
            self._expect(")")
            return ("using", charset, argument)
        self._expect("as" if word == "cast" else ",")
        words: list[str] = []
        while not self._accept(")"):
            token = self._next()
            if token.kind == "open":
                numbers = [self._next().text]
                while self._accept(","):
                    numbers.append(self._next().text)
                self._expect(")")
                if not all(number.isdigit() for number in numbers):
                    raise NotUnderstood("a type with arguments that are no numbers")
                words.append(f"({','.join(numbers)})")
            elif token.kind == "word":
                words.append(token.text.lower())
            else:
                raise NotUnderstood(f"{token.text!r} in a type")
        return ("cast", " ".join(words), argument)
