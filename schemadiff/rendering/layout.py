"""Statements as text, as black would leave them.

``layout`` is what black's stable style makes of the code, for the versions and settings that ``supports`` names; its test
runs black over what it prints. For any other version or setting, and for source that is not made of our nodes, the
text goes through black: ``formatting`` does the choosing.

The tree is printed in one walk. A node that fits stands on one line. One that does not is split at its own brackets: its
contents on an indented line of their own if they fit there, else one item per line, each with a comma after it. The
items of a list, tuple or dictionary never share a line once it is split. Lines where several bracket pairs could be
split at are left to ``splitting``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from schemadiff.rendering.spelling import comment_lines, spell, width
from schemadiff.rendering.splitting import split_line
from schemadiff.rendering.tree import (
    Assign,
    Call,
    Comment,
    Dict,
    Expression,
    List,
    Literal,
    Method,
    Name,
    Node,
    Pass,
    Raw,
    Statement,
    Tuple,
    With,
)

__all__ = ["layout", "supports"]

DEFAULT_LINE_LENGTH = 88

# Oldest and newest release of black (year, month) that the layout is tested on, both included.
TESTED_BLACK = ((24, 1), (26, 10))


def supports(black_version: str, *, default_style: bool) -> bool:
    """Say whether ``layout`` prints what this black would leave alone.

    Args:
        black_version: as in ``black.__version__``.
        default_style: no setting but line length and target versions differs from black's defaults (no preview or
            unstable style, no skipped string normalisation, no skipped magic trailing comma).
    """
    year, _, rest = black_version.partition(".")
    month = rest.partition(".")[0]
    if not (default_style and year.isdigit() and month.isdigit()):
        return False
    return TESTED_BLACK[0] <= (int(year), int(month)) <= TESTED_BLACK[1]


def layout(
    statements: Sequence[Statement],
    *,
    indent: int = 1,
    line_length: int = DEFAULT_LINE_LENGTH,
    parenthesized_with: bool = False,
) -> str:
    """Return the statements as source, each line ended by a newline; no statement but comments gives ``pass``.

    Args:
        statements: what to print, in order.
        indent: levels of four spaces before each statement.
        line_length: black's setting, in columns.
        parenthesized_with: all of black's target versions know parentheses after ``with`` (Python 3.9 and later).
    """
    printer = _Printer(line_length, parenthesized_with=parenthesized_with)
    printer.block(statements, indent)
    return "\n".join([*printer.lines, ""])


# What stands before an item, the item, and for an item of a dictionary its key.
_Part: TypeAlias = tuple[str, Node, Node | None]


class _Printer:
    """Collects the lines of one layout. Texts are kept by the identity of nodes, which the caller holds meanwhile."""

    def __init__(self, line_length: int, *, parenthesized_with: bool) -> None:
        self.limit = line_length
        self.parenthesized_with = parenthesized_with
        self.lines: list[str] = []
        self.texts: dict[int, str] = {}

    def block(self, statements: Sequence[Statement], indent: int) -> None:
        """Print the statements of a body."""
        margin = "    " * indent
        empty = True
        for statement in statements:
            empty = empty and isinstance(statement, Comment)
            match statement:
                case Expression():
                    self.item("", statement.node, "", indent, inside=False)
                case Assign():
                    self.assign(statement, indent)
                case With():
                    self.header(statement, indent)
                    self.block(statement.body, indent + 1)
                case Comment():
                    self.lines.extend([margin + line for line in comment_lines(statement.text)])
                case Pass():
                    self.lines.append(f"{margin}pass")
        if empty:
            self.lines.append(f"{margin}pass")

    def assign(self, statement: Assign, indent: int) -> None:
        """Print an assignment."""
        node = statement.node
        prefix = f"{statement.target} = "
        if self.fits(f"{prefix}{self.text(node)}", indent) or self.splits_at(prefix, node, indent):
            self.item(prefix, node, "", indent, inside=False)
            return
        parens = not isinstance(node, Tuple)  # a tuple has parentheses of its own
        self.split([(statement.target, True), ("=", True)], node, indent=indent, inside=False, optional_parens=parens)

    def header(self, statement: With, indent: int) -> None:
        """Print the first line of a ``with`` statement."""
        node = statement.call
        suffix = ":" if statement.target is None else f" as {statement.target}:"
        if self.fits(f"with {self.text(node)}{suffix}", indent) or self.splits_at("with ", node, indent):
            self.item("with ", node, suffix, indent, inside=False)
            return
        after = [] if statement.target is None else ["as", statement.target]
        parens = self.parenthesized_with
        self.split([("with", True)], node, after, ":", indent=indent, inside=False, optional_parens=parens)

    def splits_at(self, prefix: str, node: Node, indent: int) -> bool:
        """Say whether the node has one bracket pair to split at, and the line up to it fits."""
        match node:
            case Call():
                return bool(node.args or node.keywords) and self.fits(f"{prefix}{node.function}(", indent)
            case List() | Tuple() | Dict():
                return bool(node.items) and self.fits(f"{prefix}(", indent)
        return False

    def fits(self, text: str, indent: int) -> bool:
        """Say whether a line is short enough."""
        return 4 * indent + width(text) <= self.limit

    def item(
        self, prefix: str, node: Node, suffix: str, indent: int, *, key: Node | None = None, inside: bool = True
    ) -> None:
        """Print a node with what stands before and after it on its line, split where it is too long.

        Args:
            prefix: the text before it, ``name=`` for a keyword argument.
            node: the node.
            suffix: the text after it.
            indent: levels of four spaces.
            key: the key that the prefix is made of, for an item of a dictionary.
            inside: whether the line stands in brackets that are split around it.
        """
        margin = "    " * indent
        line = f"{margin}{prefix}{self.text(node)}{suffix}"
        if width(line) <= self.limit:
            self.lines.append(line)
            return
        if isinstance(node, Method) or (key is not None and not isinstance(key, Literal | Name)):
            before: list[tuple[str | Node, bool]] = []
            if key is not None:
                before = [(key, False), (":", True)]
            elif prefix:
                before = [(prefix.removesuffix("="), False), ("=", False)]
            self.split(before, node, end=suffix, indent=indent, inside=inside)
            return
        match node:
            case Call() if node.args or node.keywords:
                self.lines.append(f"{margin}{prefix}{node.function}(")
                self.contents(_arguments(node), indent + 1)
                self.lines.append(f"{margin}){suffix}")
            case List(items) if items:
                self.lines.append(f"{margin}{prefix}[")
                self.contents([("", each, None) for each in items], indent + 1, display=True)
                self.lines.append(f"{margin}]{suffix}")
            case Tuple(items) if items:
                self.lines.append(f"{margin}{prefix}(")
                last = "," if len(items) == 1 else ""
                self.contents([("", each, None) for each in items], indent + 1, display=True, last=last)
                self.lines.append(f"{margin}){suffix}")
            case Dict(pairs) if pairs:
                self.lines.append(f"{margin}{prefix}{{")
                parts: list[_Part] = [(f"{self.text(key)}: ", each, key) for key, each in pairs]
                self.contents(parts, indent + 1, display=True)
                self.lines.append(f"{margin}}}{suffix}")
            case _:
                self.lines.append(line)

    def contents(self, parts: Sequence[_Part], indent: int, *, display: bool = False, last: str = "") -> None:
        """Print what stands in a bracket pair that is split: on one line, or one item per line.

        Args:
            parts: the items.
            indent: levels of four spaces.
            display: the brackets are of a list, tuple or dictionary, whose items never share a line.
            last: what follows a single item (the comma of a one-tuple).
        """
        if len(parts) == 1:
            [(prefix, node, key)] = parts
            self.item(prefix, node, last, indent, key=key)
            return
        if not display:
            line = ", ".join([prefix + self.text(node) for prefix, node, _ in parts])
            if self.fits(line, indent):
                self.lines.append("    " * indent + line)
                return
        for prefix, node, key in parts:
            self.item(prefix, node, ",", indent, key=key)

    def split(
        self,
        before: Sequence[tuple[str | Node, bool]],
        node: Node,
        after: Sequence[str] = (),
        end: str = "",
        *,
        indent: int,
        inside: bool,
        optional_parens: bool = False,
    ) -> None:
        """Print a line whose brackets depend on each other."""
        self.lines.extend(
            split_line(
                before,
                node,
                after,
                end,
                indent=indent,
                line_length=self.limit,
                inside=inside,
                optional_parens=optional_parens,
            )
        )

    def text(self, node: Node) -> str:
        """Return the node on one line."""
        text = self.texts.get(id(node))
        if text is None:
            text = self.texts[id(node)] = self.one_line(node)
        return text

    def one_line(self, node: Node) -> str:
        """Make the one-line form of a node."""
        text = self.text
        match node:
            case Literal():
                return spell(node.value)
            case Call():
                return f"{node.function}({', '.join([prefix + text(each) for prefix, each, _ in _arguments(node)])})"
            case Method():
                return _chain(node, text)
            case List():
                return f"[{', '.join([text(each) for each in node.items])}]"
            case Tuple():
                comma = "," if len(node.items) == 1 else ""
                return f"({', '.join([text(each) for each in node.items])}{comma})"
            case Dict():
                return f"{{{', '.join([f'{text(key)}: {text(each)}' for key, each in node.items])}}}"
            case Name() | Raw():
                return node.text


def _arguments(node: Call | Method) -> list[_Part]:
    parts: list[_Part] = [("", each, None) for each in node.args]
    for name, each in node.keywords:
        parts.append((f"{name}=", each, None))
    return parts


def _chain(node: Method, text: Callable[[Node], str]) -> str:
    """Return a chain of method calls on one line; it may be longer than Python lets functions nest."""
    links: list[str] = []
    on: Call | Method = node
    while isinstance(on, Method):
        links.append(f".{on.name}({', '.join([prefix + text(each) for prefix, each, _ in _arguments(on)])})")
        on = on.on
    return "".join([text(on), *reversed(links)])
