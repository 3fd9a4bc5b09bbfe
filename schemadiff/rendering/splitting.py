"""Splitting one logical line that is too long, token by token, by black's rules.

``layout`` knows the outcome for plain calls and displays from the tree alone. This module is for the lines whose outcome
depends on several brackets at one level: chains of method calls, and assignments and ``with`` headers where black weighs
putting parentheses around. The rules are those of black's stable style, 24.1 to 26.10:

- A line that fits stays.
- Inside brackets, split at the delimiters of the highest priority: commas first, then dots after a closing bracket if
  there are at least two of them.
- Else split at the last bracket pair with something in it: head, indented body, tail. Where the head is then too long,
  try again with trailing bracket pairs left whole, from the right, as long as what is left whole fits in one line.
- Around the right side of an assignment stand optional parentheses. They are used when there are several delimiters in
  them, or nothing else to split on; or as a second opinion when the first line is still too long.

A comma before a closing bracket makes black split there the next time that it formats ("magic trailing comma"). What is
printed here has such a comma only where the bracket pair is split already, so the next run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemadiff.frozen import dataclass
from schemadiff.rendering.spelling import spell, width
from schemadiff.rendering.tree import Call, Dict, List, Literal, Method, Name, Node, Raw, Tuple

__all__ = ["split_line"]

_COMMA = 18
_DOT = 1


class _CannotSplit(Exception):
    """The line has no place where this kind of split could be made."""


class _Token:
    """A token of a line. Optional parentheses have no text until a split makes them visible."""

    __slots__ = ("depth", "display", "opener", "opens", "optional", "space", "text")

    def __init__(self, text: str, depth: int, *, space: bool = False) -> None:
        self.text = text
        self.depth = depth  # number of brackets around it; a bracket itself stands outside of its pair
        self.space = space  # a blank before it
        self.opens = False
        self.optional = False
        self.display = False  # opens a list, tuple, dictionary, or optional parentheses: no call
        self.opener: _Token | None = None  # of a closing bracket


@dataclass(slots=True)
class _Line:
    tokens: list[_Token]
    indent: int
    inside: bool = False  # within brackets that were split around it
    exploded: bool = False  # must be split at its commas whether or not it fits

    def __str__(self) -> str:
        return "    " * self.indent + "".join([f" {t.text}" if t.space else t.text for t in self.tokens])


class _Tokens:
    """Writes nodes out as tokens."""

    def __init__(self) -> None:
        self.out: list[_Token] = []
        self.depth = 0

    def add(self, text: str, *, space: bool = False) -> _Token:
        token = _Token(text, self.depth, space=space)
        self.out.append(token)
        return token

    def open(self, text: str, *, display: bool, space: bool = False) -> _Token:
        token = self.add(text, space=space)
        token.opens = True
        token.display = display
        self.depth += 1
        return token

    def close(self, text: str, opener: _Token) -> None:
        self.depth -= 1
        self.add(text).opener = opener

    def dotted(self, text: str, *, space: bool) -> None:
        first, *rest = text.split(".")
        self.add(first, space=space)
        for part in rest:
            self.add(".")
            self.add(part)

    def node(self, node: Node, *, space: bool = False) -> None:
        match node:
            case Literal():
                text = spell(node.value)
                if text[0] == "-":
                    self.add("-", space=space)
                    text, space = text[1:], False
                self.add(text, space=space)
            case Name():
                self.dotted(node.text, space=space)
            case Raw():
                self.add(node.text, space=space)
            case Call():
                self.dotted(node.function, space=space)
                self.arguments(node.args, node.keywords)
            case Method():
                chain = [node]
                while isinstance(chain[-1].on, Method):
                    chain.append(chain[-1].on)
                self.node(chain[-1].on, space=space)
                for link in reversed(chain):
                    self.add(".")
                    self.add(link.name)
                    self.arguments(link.args, link.keywords)
            case List():
                self.display("[", node.items, "]", space=space)
            case Tuple():
                self.display("(", node.items, ")", space=space)
            case Dict():
                opener = self.open("{", display=True, space=space)
                for index, (key, item) in enumerate(node.items):
                    if index:
                        self.add(",")
                    self.node(key, space=index > 0)
                    self.add(":")
                    self.node(item, space=True)
                self.close("}", opener)

    def arguments(self, args: Sequence[Node], keywords: Sequence[tuple[str, Node]]) -> None:
        opener = self.open("(", display=False)
        space = False
        for each in args:
            if space:
                self.add(",")
            self.node(each, space=space)
            space = True
        for name, each in keywords:
            if space:
                self.add(",")
            self.add(name, space=space)
            self.add("=")
            self.node(each)
            space = True
        self.close(")", opener)

    def display(self, opening: str, items: Sequence[Node], closing: str, *, space: bool) -> None:
        opener = self.open(opening, display=True, space=space)
        for index, each in enumerate(items):
            if index:
                self.add(",")
            self.node(each, space=index > 0)
        if opening == "(" and len(items) == 1:
            self.add(",")
        self.close(closing, opener)


def split_line(
    before: Sequence[tuple[str | Node, bool]],
    node: Node,
    after: Sequence[str] = (),
    end: str = "",
    *,
    indent: int,
    line_length: int,
    inside: bool,
    optional_parens: bool = False,
) -> list[str]:
    """Return the lines that black makes of one logical line: ``before node after end``.

    Args:
        before: what stands before the node: tokens or nodes, each with whether a blank follows it.
        node: the expression.
        after: the words that follow it, a blank before each.
        end: the token that ends the line without a blank: a comma, a colon, or nothing.
        indent: levels of four spaces.
        line_length: black's setting.
        inside: the line stands within brackets that are split around it (an argument, an item), else it is a statement.
        optional_parens: black may put parentheses around ``node after``.
    """
    writer = _Tokens()
    space = False
    for each, followed in before:
        if isinstance(each, str):
            writer.add(each, space=space)
        else:
            writer.node(each, space=space)
        space = followed
    if optional_parens:
        opener = writer.open("", display=True, space=space)
        opener.optional = True
        writer.node(node)
        for word in after:
            writer.add(word, space=True)
        writer.close("", opener)
    else:
        writer.node(node, space=space)
        for word in after:
            writer.add(word, space=True)
    if end:
        writer.add(end)
    return [str(line) for line in _transform(_Line(writer.out, indent, inside), line_length, parens=False)]


def _transform(line: _Line, limit: int, *, parens: bool) -> list[_Line]:
    text = str(line)
    if not line.exploded and width(text) <= limit:
        return [line]
    for by_delimiter in (True, False) if line.inside else (False,):
        try:
            return _attempt(line, text, limit, by_delimiter=by_delimiter, parens=parens)
        except _CannotSplit:
            continue
    return [line]


def _attempt(line: _Line, text: str, limit: int, *, by_delimiter: bool, parens: bool) -> list[_Line]:
    """Split in one way, then each line that came of it. ``parens`` forces the optional parentheses."""
    optional = [] if by_delimiter or parens else _optional_pairs(line)
    result: list[_Line] = []
    for part in _delimiter_split(line) if by_delimiter else _bracket_split(line, limit, parens=parens):
        if str(part) == text:
            raise _CannotSplit
        result.extend(_transform(part, limit, parens=parens))
    if not optional or any(token.text for token in optional) or width(str(result[0])) <= limit:
        return result
    second = _attempt(_copied(line), text, limit, by_delimiter=False, parens=True)
    return second if all(width(str(each)) <= limit for each in second) else result


def _optional_pairs(line: _Line) -> list[_Token]:
    """Return the openers of the still invisible parentheses that begin and end on the line."""
    return [
        token.opener
        for token in line.tokens
        if token.opener is not None and token.opener.optional and token.opener in line.tokens
    ]


def _copied(line: _Line) -> _Line:
    copies: dict[int, _Token] = {}
    for token in line.tokens:
        copy = _Token(token.text, token.depth, space=token.space)
        copy.opens, copy.optional, copy.display = token.opens, token.optional, token.display
        copy.opener = copies.get(id(token.opener), token.opener) if token.opener is not None else None
        copies[id(token)] = copy
    return _Line(list(copies.values()), line.indent, line.inside, line.exploded)


def _delimiters(line: _Line) -> dict[int, int]:
    """Return the places after which the line may be split, by index of the token, with their priorities."""
    found: dict[int, int] = {}
    tokens = line.tokens
    level = tokens[0].depth
    for index, token in enumerate(tokens):
        if token.depth == level:
            if token.text == ",":
                found[index] = _COMMA
            elif token.text == "." and index and tokens[index - 1].opener is not None:
                found[index - 1] = _DOT
    return found


def _delimiter_split(line: _Line) -> Iterator[_Line]:
    found = _delimiters(line)
    last = len(line.tokens) - 1
    candidates = [priority for index, priority in found.items() if index != last]
    if not candidates:
        raise _CannotSplit
    priority = max(candidates)
    if priority == _DOT and sum(1 for each in found.values() if each == _DOT) == 1:
        raise _CannotSplit
    start = 0
    for index in [index for index, each in found.items() if each == priority]:
        yield _part(line, line.tokens[start : index + 1])
        start = index + 1
    if start <= last:
        rest = line.tokens[start:]
        if priority == _COMMA:
            rest = [*rest, _Token(",", line.tokens[0].depth)]
        yield _part(line, rest)


def _part(line: _Line, tokens: list[_Token]) -> _Line:
    tokens[0].space = False
    return _Line(tokens, line.indent, line.inside)


@dataclass(slots=True)
class _Pieces:
    head: _Line
    body: _Line
    tail: _Line
    opener: _Token
    closer: _Token


def _bracket_split(line: _Line, limit: int, *, parens: bool) -> list[_Line]:
    """Split at the last bracket pair that leaves a first line which fits, else at the last one."""
    for omit in _trailers_to_omit(line, limit):
        lines = _split_at_last(line, limit, omit, parens=parens)
        if width(str(lines[0])) <= limit:
            return lines
    return _split_at_last(line, limit, frozenset(), parens=parens)


def _trailers_to_omit(line: _Line, limit: int) -> Iterator[frozenset[int]]:
    """Yield growing sets of closing brackets (by id) that are left whole, from the right, while they fit in one line."""
    omit: set[int] = set()
    inner: set[int] = set()
    yield frozenset()
    length = 4 * line.indent
    opener: _Token | None = None
    closer: _Token | None = None
    tokens = line.tokens
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        length += len(token.text) + token.space
        if length > limit:
            return
        if opener is not None:
            if token is opener:
                opener = None
            elif token.opener is not None:
                inner.add(id(token))
        elif token.opener is not None and not (index and tokens[index - 1].opens):
            if closer is not None:
                omit |= {id(closer), *inner}
                inner.clear()
                yield frozenset(omit)
            if token.text:
                opener, closer = token.opener, token


def _pieces(line: _Line, omit: frozenset[int]) -> _Pieces:
    """Cut the line at its last bracket pair that is not empty and not omitted."""
    tokens = line.tokens
    index = len(tokens) - 1
    while index >= 0:
        closer = tokens[index]
        if closer.opener is not None and id(closer) not in omit:
            start = index - 1
            while start >= 0 and tokens[start] is not closer.opener:
                start -= 1
            if start < 0:
                break
            if start < index - 1:
                body = _Line(tokens[start + 1 : index], line.indent + 1, inside=True)
                body.exploded = _explodes(body, tokens[start])
                return _Pieces(
                    _Line(tokens[: start + 1], line.indent),
                    body,
                    _Line(tokens[index:], line.indent),
                    tokens[start],
                    closer,
                )
            index = start
        index -= 1
    raise _CannotSplit


def _explodes(body: _Line, opener: _Token) -> bool:
    """Say whether the body must have one item per line: it holds several items of a display."""
    last = len(body.tokens) - 1
    return opener.display and any(index != last for index, each in _delimiters(body).items() if each == _COMMA)


def _split_at_last(line: _Line, limit: int, omit: frozenset[int], *, parens: bool) -> list[_Line]:
    pieces = _pieces(line, omit)
    while not parens and pieces.opener.optional and not pieces.opener.text and _may_omit(pieces.body):
        omit |= {id(pieces.closer)}
        try:
            pieces = _pieces(line, omit)
        except _CannotSplit:
            if len(pieces.body.tokens) < 2 and width(str(pieces.body)) > limit:
                raise
            break
    if pieces.opener.optional:
        pieces.opener.text, pieces.closer.text = "(", ")"
    return [pieces.head, pieces.body, pieces.tail]


def _may_omit(body: _Line) -> bool:
    """Say whether optional parentheses around the body may be left out: not with two dots to split at, or a comma."""
    found = _delimiters(body)
    return not found or (max(found.values()) == _DOT and len(found) == 1)
