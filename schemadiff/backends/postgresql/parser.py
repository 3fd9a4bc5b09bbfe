"""Reads expressions as PostgreSQL's grammar does: tokens to a tree, by its table of precedence.

It knows what expressions of tables are mostly made of. Anything else (subqueries, rows, subscripts, window functions, ...) it does not understand,
and says so: then nobody is told anything about the expression.

Source: "Operator Precedence" in the manual, and src/backend/parser/gram.y and scan.l.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from schemadiff.backends.postgresql.canonical import plain_string
from schemadiff.backends.postgresql.lexicon import LEXICON
from schemadiff.backends.postgresql.syntax import (
    Array,
    Call,
    Case,
    Cast,
    Choice,
    Collate,
    Constant,
    Distinct,
    In,
    Logic,
    Node,
    Number,
    Operation,
    Reference,
    Test,
    Value,
)
from schemadiff.backends.postgresql.vocabulary import KEYWORDS
from schemadiff.backends.reading import NotUnderstood, Reader
from schemadiff.backends.tokens import Token, TokenError, scan
from schemadiff.schema import ascii_lower

__all__ = ["parse"]


# -- the tokens


_SYMBOLS = frozenset("+-*/<>=~!@#%^&|`?")
# A name of several marks ends in a plus or minus only where one of these is in it, which no operator of standard SQL has ("Lexical Structure").
_OWN = frozenset("~!@#%^&|`?")


def _tokens(sql: str) -> tuple[Token, ...]:
    """Return the tokens of ``sql``, operators as PostgreSQL takes them apart."""
    found: list[Token] = []
    run, end_of_run = "", -1
    try:
        for token, start, end in scan(sql, LEXICON):
            if token.kind == "comment":
                continue
            if token.kind == "operator" and set(token.text) <= _SYMBOLS:
                if run and start != end_of_run:
                    found += _operators(run)
                    run = ""
                run, end_of_run = run + token.text, end
                continue
            if run:
                found += _operators(run)
                run = ""
            found.append(token)
    except TokenError as error:
        raise NotUnderstood(str(error)) from error
    return (*found, *_operators(run))


def _operators(run: str) -> list[Token]:
    found: list[Token] = []
    while run:
        size = len(run)
        while size > 1 and run[size - 1] in "+-" and not _OWN & set(run[:size]):
            size -= 1
        name, run = run[:size], run[size:]
        found.append(Token("operator", "<>" if name == "!=" else name))
    return found


# -- precedence, from loose to tight

_OR, _AND, _NOT, _IS, _COMPARISON, _LIKE, _OTHER, _SUM, _PRODUCT, _POWER, _AT, _COLLATE, _SIGN, _CAST = range(1, 15)

_BINARY = {
    **dict.fromkeys(("<", ">", "=", "<=", ">=", "<>"), _COMPARISON),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "%"), _PRODUCT),
    "^": _POWER,
}
_MATCHES = {"like": "~~", "ilike": "~~*", "similar": "~"}
_NEGATED = {"~~": "!~~", "~~*": "!~~*", "~": "!~"}
_VALUES_WORDS = """
    current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime localtimestamp
    session_user user
    """
_VALUES = frozenset(_VALUES_WORDS.split())
_CHOICES = frozenset(["coalesce", "greatest", "least", "nullif"])
_TRIMS = {"both": "btrim", "leading": "ltrim", "trailing": "rtrim"}
# Types that a string may stand behind: DATE '2020-01-01'.
_LITERAL_TYPES = frozenset(["date", "time", "timestamp", "timestamptz", "timetz", "interval", "uuid", "json", "jsonb"])
# Keywords that name a function where a parenthesis follows, and are no syntax of their own.
_CALLABLE = frozenset(["left", "right", "substring"])
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


@lru_cache(maxsize=4096)
def parse(sql: str) -> Node:
    """Return the tree of an expression.

    Raises:
        NotUnderstood: there is something in it that this does not know, or it is no expression.
    """
    parser = _Parser(_tokens(sql))
    node = parser.expression(0)
    if not parser.at_end:
        raise NotUnderstood("more than one expression")
    return node


class _Parser(Reader):
    # -- tokens

    def _word(self, ahead: int = 0) -> str:
        """Return the word that is next, folded; an empty string where it is none."""
        position = self._position + ahead
        if position >= len(self._tokens) or self._tokens[position].kind != "word":
            return ""
        return ascii_lower(self._tokens[position].text)

    def _accept(self, *words: str) -> bool:
        """Take these words, where they are next."""
        if any(self._word(i) != word for i, word in enumerate(words)):
            return False
        self._position += len(words)
        return True

    def _take(self, text: str) -> bool:
        """Take a mark or an operator, where it is next."""
        if not self._is(text):
            return False
        self._position += 1
        return True

    def _expect(self, text: str) -> None:
        if not (self._take(text) or (text.isalpha() and self._accept(text))):
            raise NotUnderstood(f"{text!r} was expected instead of {self._token.text!r}")

    # -- expressions

    def expression(self, least: int) -> Node:
        """Read an expression of operators that bind at least as tightly as ``least``."""
        self._deeper()
        left = self._prefix(least)
        bound = 0
        while (found := self._infix(left, least, bound)) is not None:
            left, bound = found
        self._depth -= 1
        return left

    def _prefix(self, least: int) -> Node:
        if self._word() == "not":
            if least > _NOT:
                raise NotUnderstood("NOT stands in an operator")
            self._next()
            return Logic("not", (self.expression(_NOT),))
        if self._take("-"):
            argument = self.expression(_SIGN)
            if isinstance(argument, Number):
                # The sign goes into the constant, parentheses or not (doNegate() in gram.y).
                text = argument.text
                return Number(text[1:] if text.startswith("-") else "-" + text)
            return Operation("-", (argument,))
        if self._take("+"):
            return Operation("+", (self.expression(_SIGN),))
        if self._token.kind == "operator" and self._token.text not in _BINARY and set(self._token.text) <= _SYMBOLS:
            return Operation(self._next().text, (self.expression(_OTHER + 1),))
        return self._primary()

    def _infix(self, left: Node, least: int, bound: int) -> tuple[Node, int] | None:
        """Read one operator and what is on its right; None where what follows binds less tightly than ``least``.

        ``bound`` is the level of the operator before, of which some must not follow one another.
        """
        level, read = self._operator()
        if read is None or level < least:
            return None
        if level == bound and level in (_IS, _COMPARISON, _LIKE):
            raise NotUnderstood("operators that do not associate")
        return read(left), level

    def _operator(self) -> tuple[int, Callable[[Node], Node] | None]:
        token, word = self._token, self._word()
        if token.kind == "operator":
            if token.text == "::":
                return _CAST, self._cast
            if set(token.text) <= _SYMBOLS:
                return _BINARY.get(token.text, _OTHER), self._binary
            raise NotUnderstood(f"{token.text!r} is not understood")
        match word:
            case "or":
                return _OR, self._or
            case "and":
                return _AND, self._and
            case "is" | "isnull" | "notnull":
                return _IS, self._is_test
            case "in" | "between" | "like" | "ilike" | "similar":
                return _LIKE, self._pattern
            case "not" if self._word(1) in ("in", "between", "like", "ilike", "similar"):
                return _LIKE, self._pattern
            case "at" if self._word(1) == "time":
                return _AT, self._at_time_zone
            case "collate":
                return _COLLATE, self._collate
        return 0, None

    def _or(self, left: Node) -> Node:
        self._next()
        return _joined("or", left, self.expression(_OR + 1))

    def _and(self, left: Node) -> Node:
        self._next()
        return _joined("and", left, self.expression(_AND + 1))

    def _binary(self, left: Node) -> Node:
        name = self._next().text
        level = _BINARY.get(name, _OTHER)
        if self._word() in ("any", "some", "all") and self._is("(", 1):
            return self._over(name, left)
        return Operation(name, (left, self.expression(level + 1)))

    def _over(self, name: str, left: Node) -> Node:
        over = "all" if ascii_lower(self._next().text) == "all" else "any"
        (right,) = self._list(1)
        return Operation(name, (left, right), over)

    def _is_test(self, left: Node) -> Node:
        if self._accept("isnull"):
            return Test(left, "null")
        if self._accept("notnull"):
            return Test(left, "not null")
        self._expect("is")
        negated = self._accept("not")
        if self._accept("distinct", "from"):
            return Distinct(left, self.expression(_IS + 1), negated)
        word = ascii_lower(self._next().text)
        if word not in ("null", "true", "false", "unknown"):
            raise NotUnderstood(f"IS {word}")
        return Test(left, f"not {word}" if negated else word)

    def _pattern(self, left: Node) -> Node:
        negated = self._accept("not")
        word = ascii_lower(self._next().text)
        if word == "in":
            return In(left, tuple(self._list()), negated)
        if word == "between":
            return self._between(left, negated)
        if word == "similar":
            self._expect("to")
        name = _NEGATED[_MATCHES[word]] if negated else _MATCHES[word]
        if word != "similar" and self._word() in ("any", "some", "all") and self._is("(", 1):
            return self._over(name, left)
        right = self.expression(_LIKE + 1)
        escape = (self.expression(_LIKE + 1),) if self._accept("escape") else ()
        if word == "similar":
            right = Call("similar_to_escape", (right, *escape))
        elif escape:
            right = Call("like_escape", (right, *escape))
        return Operation(name, (left, right))

    def _between(self, left: Node, negated: bool) -> Node:
        symmetric = self._accept("symmetric")
        self._accept("asymmetric")
        low = self.expression(_LIKE + 1)
        self._expect("and")
        high = self.expression(_LIKE + 1)
        bounds = ((low, high), (high, low)) if symmetric else ((low, high),)
        names, inner, outer = (("<", ">"), "or", "and") if negated else ((">=", "<="), "and", "or")
        parts = tuple(
            Logic(inner, tuple(Operation(name, (left, limit)) for name, limit in zip(names, pair, strict=True)))
            for pair in bounds
        )
        return parts[0] if len(parts) == 1 else Logic(outer, parts)

    def _at_time_zone(self, left: Node) -> Node:
        for word in ("at", "time", "zone"):
            self._expect(word)
        return Call("timezone", (self.expression(_AT + 1), left), "at time zone")

    def _collate(self, left: Node) -> Node:
        self._next()
        return Collate(left, self._name())

    def _cast(self, left: Node) -> Node:
        self._next()
        return Cast(left, self._type())

    # -- what stands by itself

    def _primary(self) -> Node:
        token = self._token
        if token.kind == "number":
            self._next()
            # Hexadecimal numbers and underscores are of PostgreSQL 16.
            if not _NUMBER.fullmatch(token.text):
                raise NotUnderstood(f"the number {token.text}")
            return Number(token.text)
        if token.kind == "string":
            self._next()
            text = plain_string(token.text)
            if text is None:
                raise NotUnderstood("a string that is no plain one")
            return Constant(text[1:-1].replace("''", "'"))
        if self._take("("):
            node = self.expression(0)
            self._expect(")")
            return node
        if token.kind == "identifier":
            return self._named()
        if token.kind == "word":
            return self._worded(self._word())
        raise NotUnderstood(f"{token.text!r} is not understood")

    def _worded(self, word: str) -> Node:
        if word in ("true", "false", "null"):
            self._next()
            return Constant({"true": True, "false": False, "null": None}[word])
        if word in _VALUES and not (word == "current_schema" and self._is("(", 1)):
            self._next()
            if self._is("("):
                raise NotUnderstood(f"{word} with a precision")
            return Value(word)
        if word == "case":
            return self._case()
        if word == "array" and self._is("[", 1):
            self._next()
            return self._array()
        if self._is("(", 1):
            return self._called(word)
        if word in _LITERAL_TYPES and self._tokens[self._position + 1].kind == "string":
            self._next()
            argument = self._primary()
            if word == "interval" and self._token.kind == "word" and self._word() in _FIELDS:
                raise NotUnderstood("an interval with a field")
            return Cast(argument, word)
        if word in KEYWORDS and word not in _COLUMN_KEYWORDS:
            raise NotUnderstood(f"{word} is not understood")
        return self._named()

    def _called(self, word: str) -> Node:
        match word:
            case "cast":
                self._next()
                self._expect("(")
                argument = self.expression(0)
                self._expect("as")
                type_ = self._type()
                self._expect(")")
                return Cast(argument, type_)
            case "extract":
                return self._extract()
            case "position":
                self._next()
                self._expect("(")
                part = self.expression(_LIKE + 1)
                self._expect("in")
                whole = self.expression(_LIKE + 1)
                self._expect(")")
                return Call("position", (whole, part), "position")
            case "trim":
                return self._trim()
            case "substring":
                return self._substring()
        if word in _CHOICES:
            self._next()
            return Choice(word, tuple(self._list(2 if word == "nullif" else 0)))
        if word in KEYWORDS and word not in _CALLABLE:
            raise NotUnderstood(f"{word}(...) is not understood")
        return self._named()

    def _named(self) -> Node:
        parts = self._name()
        if not self._is("("):
            if self._is("."):
                raise NotUnderstood("a field")
            return Reference(parts)
        if len(parts) > 2 or (len(parts) == 2 and parts[0] != "pg_catalog"):
            raise NotUnderstood("a function of some schema")
        return Call(parts[-1], tuple(self._list()))

    def _name(self) -> tuple[str, ...]:
        parts = []
        while True:
            token = self._next()
            if token.kind not in ("word", "identifier"):
                raise NotUnderstood(f"{token.text!r} is no name")
            parts.append(ascii_lower(token.text) if token.kind == "word" else token.text)
            if not self._take("."):
                return tuple(parts)

    def _list(self, size: int = 0) -> list[Node]:
        """Read a list in parentheses; one of ``size`` items where that is given."""
        self._expect("(")
        items: list[Node] = []
        if not self._take(")"):
            items.append(self.expression(0))
            while self._take(","):
                items.append(self.expression(0))
            self._expect(")")
        if size and len(items) != size:
            raise NotUnderstood("another number of arguments")
        return items

    def _array(self) -> Node:
        self._expect("[")
        items: list[Node] = []
        if not self._take("]"):
            while True:
                items.append(self._array() if self._is("[") else self.expression(0))
                if not self._take(","):
                    break
            self._expect("]")
        return Array(tuple(items))

    def _case(self) -> Node:
        self._expect("case")
        argument = None if self._word() == "when" else self.expression(0)
        whens = []
        while self._accept("when"):
            condition = self.expression(0)
            self._expect("then")
            whens.append((condition, self.expression(0)))
        otherwise = self.expression(0) if self._accept("else") else Constant(None)
        self._expect("end")
        if not whens:
            raise NotUnderstood("CASE without WHEN")
        return Case(argument, tuple(whens), otherwise)

    def _extract(self) -> Node:
        self._next()
        self._expect("(")
        token = self._next()
        field = ascii_lower(token.text) if token.kind == "word" else None
        if token.kind == "string" and (text := plain_string(token.text)) is not None:
            field = text[1:-1]
        if field is None:
            raise NotUnderstood("EXTRACT of no field")
        self._expect("from")
        argument = self.expression(0)
        self._expect(")")
        return Call("extract", (Constant(field), argument), "extract")

    def _trim(self) -> Node:
        self._next()
        self._expect("(")
        side = "both"
        if self._word() in _TRIMS:
            side = ascii_lower(self._next().text)
        arguments: list[Node] = []
        if self._word() != "from":
            arguments.append(self.expression(0))
        if self._accept("from"):
            arguments.insert(0, self.expression(0))
        elif self._take(","):
            arguments.append(self.expression(0))
        self._expect(")")
        return Call(_TRIMS[side], tuple(arguments), "trim")

    def _substring(self) -> Node:
        if not self._is("(", 1):
            return self._named()
        start = self._position
        self._next()
        self._expect("(")
        arguments = [self.expression(0)]
        if not self._accept("from"):
            self._position = start
            return self._named()
        arguments.append(self.expression(0))
        if self._accept("for"):
            arguments.append(self.expression(0))
        self._expect(")")
        return Call("substring", tuple(arguments), "substring")

    # -- types

    def _type(self) -> str:
        """Read the name of a type and return its text."""
        parts = [self._type_word()]
        while self._take("."):
            parts[-1] += "." + self._type_word()
        first = parts[0]
        if first == "double":
            self._expect("precision")
            parts.append("precision")
        if first == "national":
            parts.append(self._type_word())
        if parts[-1] in ("character", "char", "nchar", "bit") and self._accept("varying"):
            parts.append("varying")
        if first == "interval" and self._word() in _FIELDS:
            raise NotUnderstood("an interval with a field")
        if self._is("("):
            parts.append(self._arguments())
        if first in ("timestamp", "time"):
            parts += [f"{word} time zone" for word in ("with", "without") if self._accept(word, "time", "zone")]
        while self._take("["):
            if self._token.kind == "number":
                self._next()
            self._expect("]")
            parts.append("[]")
        if self._word() == "array":
            raise NotUnderstood("a type with ARRAY")
        return " ".join(parts)

    def _type_word(self) -> str:
        token = self._next()
        if token.kind == "identifier":
            return '"' + token.text.replace('"', '""') + '"'
        if token.kind != "word" or ascii_lower(token.text) == "setof":
            raise NotUnderstood(f"{token.text!r} is no type")
        return ascii_lower(token.text)

    def _arguments(self) -> str:
        self._expect("(")
        numbers = []
        while True:
            sign = "-" if self._take("-") else ""
            token = self._next()
            if token.kind != "number" or not token.text.isdigit():
                raise NotUnderstood("a type with arguments that are no numbers")
            numbers.append(sign + token.text)
            if not self._take(","):
                break
        self._expect(")")
        return f"({','.join(numbers)})"


_FIELDS = frozenset(["year", "month", "day", "hour", "minute", "second"])
# Keywords that may be the name of a column (ColId in gram.y).
_COLUMN_KEYWORDS_WORDS = """
    between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int integer interval
    least merge_action national nchar none normalize nullif numeric out overlay position precision real row setof smallint substring
    time timestamp treat trim values varchar
    """
_COLUMN_KEYWORDS = frozenset(_COLUMN_KEYWORDS_WORDS.split())


def _joined(word: str, left: Node, right: Node) -> Node:
    """Return AND or OR of two sides.

    ``a AND b AND c`` is one AND of three, and so is ``(a AND b) AND c``: the grammar goes on with what is on the left (makeAndExpr() in gram.y). With
    BETWEEN on the left it does not, but it does when it reads again what the server prints of that.
    """
    if isinstance(left, Logic) and left.word == word:
        return replace(left, arguments=(*left.arguments, right))
    return Logic(word, (left, right))
