"""The call tree: what becomes which node, what may not, and the imports that come out."""

from __future__ import annotations

import ast
import datetime
import decimal
import enum
import uuid
from fractions import Fraction

import pytest

from schemadiff.errors import ModelError
from schemadiff.rendering.layout import layout
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
    Raw,
    Tuple,
    With,
    call,
    imports_of,
    is_opaque,
    method,
    parse_expression,
    value,
)


class Colour(enum.IntEnum):
    RED = 1


class Quoted(str):
    """A string that would print itself as code."""

    def __repr__(self) -> str:
        return "import os"

    def __str__(self) -> str:
        return "import os"


UTC = datetime.timezone(datetime.timedelta(hours=5, minutes=30), "IST")

VALUES: list[tuple[object, Node]] = [
    (None, Literal(None)),
    (True, Literal(True)),
    (Colour.RED, Literal(1)),
    (Quoted("name"), Literal("name")),
    (bytearray(b"x"), Literal(b"x")),
    (float("nan"), call("float", "nan")),
    (float("-inf"), call("float", "-inf")),
    ([1, (2,)], List((Literal(1), Tuple((Literal(2),))))),
    ({"a": [None]}, Dict(((Literal("a"), List((Literal(None),))),))),
    (Name("sa.true"), Name("sa.true")),
    (decimal.Decimal("1.50"), call("decimal.Decimal", "1.50", imports={"import decimal"})),
    (uuid.UUID(int=1), call("uuid.UUID", "00000000-0000-0000-0000-000000000001", imports={"import uuid"})),
    (datetime.date(2024, 2, 29), call("datetime.date", 2024, 2, 29, imports={"import datetime"})),
    (datetime.timedelta(days=-1), call("datetime.timedelta", days=-1, imports={"import datetime"})),
]


@pytest.mark.parametrize(("thing", "expected"), VALUES, ids=[repr(thing) for thing, _ in VALUES])
def test_value(thing: object, expected: Node) -> None:
    found = value(thing)
    assert found == expected
    assert repr(found) == repr(expected)


MOMENTS = [
    datetime.datetime(2024, 2, 29, 12, 30, 1, 5),
    datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC),
    datetime.datetime(2024, 2, 29, 12, 30, tzinfo=UTC, fold=1),
    datetime.time(12, 30),
    datetime.timedelta(days=1, microseconds=3),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=repr)
def test_a_moment_comes_back_equal(moment: object) -> None:
    body = [Assign("x", value(moment))]
    assert imports_of(body) == ("import datetime",)
    assert not is_opaque(body)
    names: dict[str, object] = {"datetime": datetime}
    exec(layout(body, indent=0), names)
    assert names["x"] == moment


class Zone(datetime.tzinfo):
    """A time zone of a user's own."""


@pytest.mark.parametrize("thing", [Fraction(1, 2), object(), {1, 2}, datetime.datetime(2024, 1, 1, tzinfo=Zone())])
def test_a_value_without_a_form_is_an_error(thing: object) -> None:
    with pytest.raises(ModelError):
        value(thing)


EXPRESSIONS = {
    "Money(precision=10, names=['a', -1, None])": call("Money", precision=10, names=["a", -1, None]),
    "a.b.Money()": Call("a.b.Money"),
    "a.b.NONE": Name("a.b.NONE"),
    "(1,)": Tuple((Literal(1),)),
    "{'a': b'x', 1: ()}": Dict(((Literal("a"), Literal(b"x")), (Literal(1), Tuple()))),
    "f(1).g(x=2).h()": method(method(call("f", 1), "g", x=2), "h"),
    "f(lambda x:x)": Call("f", (Raw("lambda x: x"),)),
    "f(*a)": Raw("f(*a)"),
    "f(**{'a b': 1})": Raw("f(**{'a b': 1})"),
    "a['b']": Raw("a['b']"),
    "1 + (\n1)": Raw("1 + 1"),
    "'a' 'b'": Literal("ab"),
    "-1.5": Literal(-1.5),
    "- - 1": Raw("--1"),
    "f'{x}'": Raw("f'{x}'"),
    "1j": Raw("1j"),
    "1e999": Raw("1e309"),
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_parse_expression(text: str) -> None:
    node = parse_expression(text)
    assert node == EXPRESSIONS[text]
    again = layout([Assign("x", node)], indent=0).removeprefix("x = ")
    assert ast.dump(ast.parse(again.strip(), mode="eval")) == ast.dump(ast.parse(text, mode="eval"))


def test_parse_expression_puts_the_imports_on_the_node() -> None:
    node = parse_expression("Money(1)", ["from shop.types import Money"])
    assert imports_of([node]) == ("from shop.types import Money",)
    assert imports_of([parse_expression("[Money(1)]", ["import shop"])]) == ("import shop",)


@pytest.mark.parametrize("text", ["", "import os", "x = 1", "f(", "a; b", "x\n\nimport os", "\x00"])
def test_what_is_not_one_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not one Python expression"):
        parse_expression(text)
    with pytest.raises(ValueError, match="not one Python expression"):
        Raw(text)


@pytest.mark.parametrize("text", ["", "a b", "a.", "class", "a.if", "f()", "1", "a\n", "a;b", "a#"])
def test_what_is_not_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a dotted Python name"):
        Name(text)
    with pytest.raises(ValueError, match="not a dotted Python name"):
        Call(text)
    for make in (
        lambda: Assign(text, Name("x")),
        lambda: Method(Call("f"), text),
        lambda: Call("f", (), ((text, Name("x")),)),
        lambda: Method(Call("f"), "g", (), ((text, Name("x")),)),
        lambda: With(Call("f"), text, ()),
    ):
        with pytest.raises(ValueError, match="not a Python identifier"):
            make()


def test_infinity_has_no_literal() -> None:
    with pytest.raises(ValueError, match="no literal"):
        Literal(float("inf"))


def test_imports_are_found_everywhere_and_sorted() -> None:
    def carrier(line: str) -> Call:
        return Call("f", imports=frozenset({line}))

    body = [
        Comment("import nothing"),
        With(
            carrier("import b"),
            "x",
            (Expression(call("f", [carrier("from b import a")], {carrier("import a as z"): carrier("import C")})),),
        ),
        Assign(
            "y", method(method(carrier("from a.b import c as d"), "g", carrier("import b")), "h", imports={"import e"})
        ),
    ]
    assert imports_of(body) == (
        "import a as z",
        "import b",
        "import C",
        "import e",
        "from a.b import c as d",
        "from b import a",
    )


@pytest.mark.parametrize("line", ["import os; x", "import os\nx", "os", "from a import *", "import a, b", "import a\n"])
def test_what_is_not_one_import_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not an import line"):
        imports_of([Name("a", frozenset({line}))])


def test_opaque() -> None:
    assert is_opaque([Expression(call("f", [Raw("a[0]")]))])
    assert not is_opaque([Expression(call("f", ["a[0]"]))])
