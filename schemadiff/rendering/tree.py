"""The call tree: Python code as data.

What is rendered is built of these nodes and never of strings, so that a name, a comment or a default that came from a
database can be nothing but a value: it reaches the source only through ``Literal``, hence through ``repr``. Each node
carries the import lines that it needs. ``layout.layout`` prints statements as black would leave them.

    >>> SA = frozenset({"import sqlalchemy as sa"})
    >>> column = call("sa.Column", "name", call("sa.String", length=50, imports=SA), nullable=False, imports=SA)
    >>> column.function, column.keywords
    ('sa.Column', (('nullable', Literal(value=False)),))
    >>> statement = Expression(call("op.add_column", "user", column))
    >>> imports_of([statement])
    ('import sqlalchemy as sa',)

    >>> from schemadiff.rendering.layout import layout
    >>> print(layout([statement]), end="")
        op.add_column("user", sa.Column("name", sa.String(length=50), nullable=False))
    >>> batch = With(call("op.batch_alter_table", "user"), "batch_op", (Expression(call("batch_op.drop_column", "x")),))
    >>> print(layout([Comment("leaves the data alone"), batch], indent=0), end="")
    # leaves the data alone
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_column("x")

A method on the result of a call is a ``Method`` on that call:

    >>> variant = method(call("sa.Enum", "a"), "with_variant", call("postgresql.ENUM", "a"), "postgresql")
    >>> print(layout([Assign("kind", variant)], indent=0), end="")
    kind = sa.Enum("a").with_variant(postgresql.ENUM("a"), "postgresql")

Plain Python values become nodes through ``value`` (``call`` and ``method`` do that themselves), and the ``repr`` of
something foreign, such as a user's column type, becomes one through ``parse_expression``.
"""

from __future__ import annotations

import ast
import datetime
import decimal
import keyword
import math
import re
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from schemadiff.errors import ModelError
from schemadiff.frozen import dataclass

__all__ = [
    "Assign",
    "Call",
    "Comment",
    "Dict",
    "Expression",
    "List",
    "Literal",
    "Method",
    "Name",
    "Node",
    "Pass",
    "Raw",
    "Scalar",
    "Statement",
    "Tuple",
    "With",
    "call",
    "imports_of",
    "is_opaque",
    "method",
    "parse_expression",
    "value",
]

Scalar: TypeAlias = str | bytes | int | float | bool | None

_NO_IMPORTS: frozenset[str] = frozenset()
_IMPORT_LINE = re.compile(r"(?:import [\w.]+(?: as \w+)?|from [\w.]+ import \w+(?: as \w+)?)\Z")


@lru_cache(maxsize=4096)
def _require_dotted(text: str) -> None:
    """Raise ValueError unless ``text`` is one identifier, or several joined by dots."""
    for part in text.split("."):
        if not part.isidentifier() or keyword.iskeyword(part):
            raise ValueError(f"{text!r} is not a dotted Python name; give a value as Literal, other code as Raw")


@lru_cache(maxsize=4096)
def _require_identifier(text: str) -> None:
    """Raise ValueError unless ``text`` is one identifier."""
    if not text.isidentifier() or keyword.iskeyword(text):
        raise ValueError(f"{text!r} is not a Python identifier")


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant, spelled through ``repr`` and black's normal form of it.

    Infinities and NaN have no literal: use ``value``.
    """

    value: Scalar

    def __post_init__(self) -> None:
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise ValueError(f"{self.value!r} has no literal; use value({self.value!r})")


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, or several joined by dots: ``sa.true``. Anything else raises ValueError."""

    text: str
    imports: frozenset[str] = _NO_IMPORTS

    def __post_init__(self) -> None:
        _require_dotted(self.text)


@dataclass(frozen=True, slots=True)
class Raw:
    """One expression as source text that the caller vouches for; made by ``parse_expression`` where it can.

    It is the one node that ``layout`` cannot split as black would, so what holds one goes through black (``is_opaque``).
    Text that is not one expression raises ValueError; comments and line breaks in it are not kept.
    """

    text: str
    imports: frozenset[str] = _NO_IMPORTS

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", ast.unparse(_parsed(self.text)))


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a dotted name: ``sa.Column("id", sa.Integer(), nullable=False)``."""

    function: str
    args: tuple[Node, ...] = ()
    keywords: tuple[tuple[str, Node], ...] = ()
    imports: frozenset[str] = _NO_IMPORTS

    def __post_init__(self) -> None:
        _require_dotted(self.function)
        for name, _ in self.keywords:
            _require_identifier(name)


@dataclass(frozen=True, slots=True)
class Method:
    """A call of a method on what another call returned: ``<on>.<name>(...)``."""

    on: Call | Method
    name: str
    args: tuple[Node, ...] = ()
    keywords: tuple[tuple[str, Node], ...] = ()
    imports: frozenset[str] = _NO_IMPORTS

    def __post_init__(self) -> None:
        _require_identifier(self.name)
        for name, _ in self.keywords:
            _require_identifier(name)


@dataclass(frozen=True, slots=True)
class List:
    """A list display."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple display, in its parentheses."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Dict:
    """A dictionary display: pairs of key and value."""

    items: tuple[tuple[Node, Node], ...] = ()


Node: TypeAlias = Literal | Name | Raw | Call | Method | List | Tuple | Dict


@dataclass(frozen=True, slots=True)
class Expression:
    """A statement that is a call."""

    node: Call | Method | Raw


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = node``; the target is a plain identifier."""

    target: str
    node: Node

    def __post_init__(self) -> None:
        _require_identifier(self.target)


@dataclass(frozen=True, slots=True)
class With:
    """``with <call> as <target>:`` and its body; without a target there is no ``as``, an empty body is ``pass``."""

    call: Call | Method
    target: str | None
    body: tuple[Statement, ...]

    def __post_init__(self) -> None:
        if self.target is not None:
            _require_identifier(self.target)


@dataclass(frozen=True, slots=True)
class Pass:
    """The empty statement."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One or more comment lines, without the leading ``#``. Control characters in them are shown escaped."""

    text: str


Statement: TypeAlias = Expression | Assign | With | Pass | Comment


def call(function: str, /, *args: object, imports: Iterable[str] = _NO_IMPORTS, **keywords: object) -> Call:
    """Return a ``Call`` whose arguments are nodes, or plain values that ``value`` takes. Keywords keep their order."""
    return Call(
        function,
        tuple([value(each) for each in args]),
        tuple([(name, value(each)) for name, each in keywords.items()]),
        frozenset(imports),
    )


def method(
    on: Call | Method, name: str, /, *args: object, imports: Iterable[str] = _NO_IMPORTS, **keywords: object
) -> Method:
    """Return a ``Method`` whose arguments are nodes, or plain values that ``value`` takes. Keywords keep their order."""
    return Method(
        on,
        name,
        tuple([value(each) for each in args]),
        tuple([(keyword_name, value(each)) for keyword_name, each in keywords.items()]),
        frozenset(imports),
    )


_NODES = (Literal, Name, Raw, Call, Method, List, Tuple, Dict)


def value(thing: object) -> Node:
    """Return the node for a plain Python value; a node is returned as it is.

    Taken are None, bool, int, float, str, bytes, Decimal, UUID, date, time, datetime, timedelta, and lists, tuples and
    dictionaries of those; a subclass is written as the base class's value (an ``IntEnum`` member as its number).

    Raises:
        ModelError: the value has no Python form that we know.
    """
    match thing:
        case None | bool():
            return Literal(thing)
        case str():
            return Literal(str.__str__(thing))
        case int():
            return Literal(int(thing))
        case float():
            number = float(thing)
            return Literal(number) if math.isfinite(number) else Call("float", (Literal(repr(number)),))
        case bytes() | bytearray() | memoryview():
            return Literal(bytes(thing))
        case list():
            return List(tuple([value(each) for each in thing]))
        case tuple():
            return Tuple(tuple([value(each) for each in thing]))
        case dict():
            return Dict(tuple([(value(key), value(each)) for key, each in thing.items()]))
        case decimal.Decimal():
            return Call("decimal.Decimal", (Literal(str(thing)),), imports=frozenset({"import decimal"}))
        case uuid.UUID():
            return Call("uuid.UUID", (Literal(str(thing)),), imports=frozenset({"import uuid"}))
        case datetime.datetime() | datetime.date() | datetime.time() | datetime.timedelta():
            return _temporal(thing)
    if isinstance(thing, _NODES):
        return thing
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
    raise ModelError(f"{thing!r} of {kind} has no Python form that schemadiff knows; give it as a node")


def _temporal(thing: datetime.date | datetime.time | datetime.timedelta) -> Node:
    """Return the call that makes a date, a time or an interval, as its own ``repr`` spells it."""
    zone = getattr(thing, "tzinfo", None)
    if zone is not None and not isinstance(zone, datetime.timezone):
        kind = type(zone).__qualname__
        raise ModelError(f"{thing!r} has a time zone of class {kind}; use a datetime.timezone, such as datetime.UTC")
    return parse_expression(repr(thing), {"import datetime"})


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} is not one Python expression") from error


def parse_expression(text: str, imports: Iterable[str] = _NO_IMPORTS) -> Node:
    """Return the node for one expression given as source text, such as the ``repr`` of a user's column type.

    What the tree has nodes for becomes those, the rest ``Raw``; nothing is evaluated. The import lines are put on the
    outermost node that can carry them.

    Raises:
        ValueError: the text is not one expression.
    """
    lines = frozenset(imports)
    node = _node(_parsed(text))
    match node:
        case Call():
            return Call(node.function, node.args, node.keywords, lines)
        case Method():
            return Method(node.on, node.name, node.args, node.keywords, lines)
        case Name():
            return Name(node.text, lines)
        case Raw():
            return Raw(node.text, lines)
    return node if not lines else Raw(text, lines)


def _node(tree: ast.expr) -> Node:
    match tree:
        case ast.Constant(value=None | bool() | int() | str() | bytes() as constant):
            return Literal(constant)
        case ast.Constant(value=float() as number) if math.isfinite(number):
            return Literal(number)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if (
            not isinstance(number, bool) and math.isfinite(number) and number
        ):
            return Literal(-number)
        case ast.List(elts=elements) if not _starred(elements):
            return List(tuple([_node(each) for each in elements]))
        case ast.Tuple(elts=elements) if not _starred(elements):
            return Tuple(tuple([_node(each) for each in elements]))
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return Dict(tuple([(_node(k), _node(v)) for k, v in zip(keys, values, strict=True) if k is not None]))
        case ast.Call(func=function, args=arguments, keywords=keywords) if not _starred(arguments) and all(
            each.arg for each in keywords
        ):
            args = tuple([_node(each) for each in arguments])
            pairs = tuple([(each.arg or "", _node(each.value)) for each in keywords])
            dotted = _dotted(function)
            if dotted is not None:
                return Call(dotted, args, pairs)
            if isinstance(function, ast.Attribute):
                on = _node(function.value)
                if isinstance(on, Call | Method):
                    return Method(on, function.attr, args, pairs)
    dotted = _dotted(tree)
    return Raw(ast.unparse(tree)) if dotted is None else Name(dotted)


def _starred(elements: Sequence[ast.expr]) -> bool:
    return any(isinstance(each, ast.Starred) for each in elements)


def _dotted(tree: ast.expr) -> str | None:
    """Return the dotted name that an expression is, or None."""
    parts: list[str] = []
    while isinstance(tree, ast.Attribute):
        parts.append(tree.attr)
        tree = tree.value
    if not isinstance(tree, ast.Name):
        return None
    return ".".join([tree.id, *reversed(parts)])


def _walk(roots: Iterable[Node | Statement]) -> Iterable[Node | Statement]:
    """Yield every node and statement below ``roots``, without recursion, in no order that counts."""
    stack: list[Node | Statement] = list(roots)
    while stack:
        node = stack.pop()
        yield node
        match node:
            case Call():
                stack.extend(node.args)
                stack.extend([each for _, each in node.keywords])
            case Method():
                stack.append(node.on)
                stack.extend(node.args)
                stack.extend([each for _, each in node.keywords])
            case List() | Tuple():
                stack.extend(node.items)
            case Dict():
                stack.extend([each for pair in node.items for each in pair])
            case Expression() | Assign():
                stack.append(node.node)
            case With():
                stack.append(node.call)
                stack.extend(node.body)


def imports_of(nodes: Iterable[Node | Statement]) -> tuple[str, ...]:
    """Return the import lines that the nodes and statements need, each once: ``import`` lines first, then ``from`` lines.

    Raises:
        ValueError: a node carries something that is not one import of one name.
    """
    lines: set[str] = set()
    for node in _walk(nodes):
        if isinstance(node, Name | Raw | Call | Method):
            lines |= node.imports
    for line in lines:
        if not _IMPORT_LINE.match(line):
            raise ValueError(f"{line!r} is not an import line; write 'import a.b as c' or 'from a.b import c'")
    return tuple(sorted(lines, key=lambda line: (line.startswith("from "), line.casefold(), line)))


def is_opaque(statements: Iterable[Statement]) -> bool:
    """Say whether source text that only black can lay out (``Raw``) stands anywhere in the statements."""
    return any(isinstance(node, Raw) for node in _walk(statements))
