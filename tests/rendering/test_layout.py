"""The layout against black itself: what ``layout`` prints, black leaves as it is, and it means what the tree says."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence

import black
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemadiff.rendering.layout import layout, supports
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
    Statement,
    Tuple,
    With,
    call,
    method,
    value,
)

HOSTILE = (
    "it's",
    'say "hi"',
    """'""'""",
    '"' * 5 + "'" * 4,
    "\\",
    "\\'\\\"",
    "\n\r\t\x0b\x0c\x1c\x85\u2028\u2029",
    "\x00\x1b[0m\x7f",
    "\ud800\udfff",
    "\u202e\u200b\ufeff\xa0",
    "表示テーブル",
    "naïve ﬁ e\u0301",
    "🐍🏳️‍🌈",
    "{} %s %(x)s :name",
    "# fmt: off",
    '"""',
    "'''",
    "\\N{DASH}\\x41\\u0041",
    "'); import os; os.system('x') #",
    "x" * 70,
    "word " * 30,
)

words = st.sampled_from(["id", "user_id", "name", "_", "créé", "postgresql_where", "sqlite_autoincrement", "a" * 37])
functions = st.sampled_from(
    ["f", "op.create_table", "sa.Column", "sa.Enum", "postgresql.ENUM", "package.module.types.Money", "z" * 45]
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30), st.text("'\"\\\na ", max_size=12), words)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.binary(max_size=12),
    texts,
)
leaves = st.one_of(scalars.map(Literal), functions.map(Name), functions.map(Call))


def _keywords(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[tuple[str, Node], ...]]:
    return st.dictionaries(words, nodes, max_size=4).map(lambda pairs: tuple(pairs.items()))


def _calls(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Call | Method]:
    args = st.lists(nodes, max_size=5).map(tuple)
    calls = st.builds(Call, functions, args, _keywords(nodes))
    once = st.builds(Method, calls, words, args, _keywords(nodes))
    links = st.lists(st.tuples(words, args, _keywords(nodes)), min_size=1, max_size=4)
    return st.one_of(calls, calls, once, st.builds(_chained, calls, links))


def _chained(start: Call, links: Sequence[tuple[str, tuple[Node, ...], tuple[tuple[str, Node], ...]]]) -> Call | Method:
    node: Call | Method = start
    for name, args, keywords in links:
        node = Method(node, name, args, keywords)
    return node


def _displays(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    items = st.lists(nodes, max_size=5).map(tuple)
    return st.one_of(
        st.builds(List, items),
        st.builds(Tuple, items),
        st.builds(Dict, st.lists(st.tuples(st.one_of(leaves, leaves, nodes), nodes), max_size=4).map(tuple)),
    )


nodes: st.SearchStrategy[Node] = st.recursive(
    leaves, lambda inner: st.one_of(_calls(inner), _calls(inner), _displays(inner)), max_leaves=25
)
calls = _calls(nodes)
simple_statements: st.SearchStrategy[Statement] = st.one_of(
    st.builds(Expression, calls),
    st.builds(Expression, calls),
    st.builds(Assign, words, nodes),
    st.builds(Comment, texts),
    st.builds(Pass),
)


def _with(bodies: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    return st.builds(With, calls, st.one_of(st.none(), words), st.lists(bodies, max_size=2).map(tuple))


statements = st.one_of(simple_statements, _with(st.one_of(simple_statements, _with(simple_statements))))


def as_black_leaves_it(source: str, **mode: object) -> str:
    return black.format_str(source, mode=black.Mode(**mode))  # type: ignore[arg-type]


def module(body: str) -> str:
    return f"def upgrade() -> None:\n{body}"


@given(st.lists(statements, max_size=3), st.integers(40, 120), st.booleans())
def test_black_leaves_the_layout_as_it_is(body: list[Statement], line_length: int, modern: bool) -> None:
    source = module(layout(body, line_length=line_length, parenthesized_with=modern))
    targets = {black.TargetVersion.PY311} if modern else set()
    assert as_black_leaves_it(source, line_length=line_length, target_versions=targets) == source


data = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(scalars, inner, max_size=3),
    ),
    max_leaves=12,
)


@given(data, st.integers(40, 120))
@example(list(HOSTILE), 60)
@example(10**5000, 60)
@example(-(10**5000), 60)
@example([-0.0, 1e16, 5e-324, b"'\"\\\x00\xff"], 60)
def test_a_value_comes_back_equal_from_the_source(thing: object, line_length: int) -> None:
    source = layout([Assign("x", value(thing))], indent=0, line_length=line_length)
    assert source.replace("\n", "").isprintable()
    found = ast.literal_eval(ast.parse(source).body[0].value)  # type: ignore[attr-defined]
    assert (found, shape(found)) == (thing, shape(thing))


def shape(thing: object) -> object:
    """Return the types in a value: equality alone takes 1 for True, and -0.0 for 0.0."""
    match thing:
        case list() | tuple():
            return [type(thing), *[shape(each) for each in thing]]
        case dict():
            return [(shape(key), shape(each)) for key, each in thing.items()]
        case float():
            return repr(thing)
    return type(thing)


@given(statements, st.integers(40, 120))
def test_the_source_means_what_the_tree_says(statement: Statement, line_length: int) -> None:
    wide = layout([statement], indent=0, line_length=100_000)
    narrow = layout([statement], indent=0, line_length=line_length)
    assert ast.dump(ast.parse(narrow)) == ast.dump(ast.parse(wide))


COLUMN = call("sa.Column", "name", call("sa.String", length=50), nullable=False)
VARIANT = method(
    method(
        call("sa.Enum", "active", "deleted", name="state"), "with_variant", call("postgresql.ENUM", "a"), "postgresql"
    ),
    "with_variant",
    call("mysql.ENUM", "active", "deleted"),
    "mysql",
)

CASES = {
    "fits": (
        [Expression(call("op.add_column", "user", COLUMN))],
        'op.add_column("user", sa.Column("name", sa.String(length=50), nullable=False))\n',
    ),
    "arguments on one line of their own": (
        [Expression(call("op.create_foreign_key", None, "article", "user", ["author_id"], ["id"], ondelete="CASCADE"))],
        'op.create_foreign_key(\n    None, "article", "user", ["author_id"], ["id"], ondelete="CASCADE"\n)\n',
    ),
    "one argument per line": (
        [Expression(call("op.add_column", "user", call("sa.Column", "name", VARIANT, nullable=False), schema="other"))],
        "op.add_column(\n"
        '    "user",\n'
        "    sa.Column(\n"
        '        "name",\n'
        '        sa.Enum("active", "deleted", name="state")\n'
        '        .with_variant(postgresql.ENUM("a"), "postgresql")\n'
        '        .with_variant(mysql.ENUM("active", "deleted"), "mysql"),\n'
        "        nullable=False,\n"
        "    ),\n"
        '    schema="other",\n'
        ")\n",
    ),
    "items of a display never share a line": (
        [Assign("names", value(["x" * 30, "y" * 30, "z"]))],
        f'names = [\n    "{"x" * 30}",\n    "{"y" * 30}",\n    "z",\n]\n',
    ),
    "one item gets no comma": ([Assign("names", value(["x" * 70]))], f'names = [\n    "{"x" * 70}"\n]\n'),
    "a one-tuple keeps its comma": ([Assign("names", value(("x" * 70,)))], f'names = (\n    "{"x" * 70}",\n)\n'),
    "parentheses around a long value": (
        [Assign("n" * 10, Literal("x" * 70))],
        f'{"n" * 10} = (\n    "{"x" * 70}"\n)\n',
    ),
    "no parentheses where they do not help": ([Assign("n", Literal("x" * 90))], f'n = "{"x" * 90}"\n'),
    "wide characters take two columns": (
        [Expression(call("f", "表" * 30, 1))],
        f'f("{"表" * 30}", 1)\n',
    ),
    "wide characters are split in time": (
        [Expression(call("f", "表" * 40, 1))],
        f'f(\n    "{"表" * 40}",\n    1,\n)\n',
    ),
    "a with statement": (
        [
            With(
                call("op.batch_alter_table", "user", schema="other", recreate="always"),
                "batch_op",
                (Expression(call("batch_op.drop_column", "name")),),
            )
        ],
        "with op.batch_alter_table(\n"
        '    "user", schema="other", recreate="always"\n'
        ") as batch_op:\n"
        '    batch_op.drop_column("name")\n',
    ),
    "an empty body": ([With(call("f"), None, ())], "with f():\n    pass\n"),
    "nothing": ([], "pass\n"),
    "only a comment": ([Comment("nothing to do")], "# nothing to do\npass\n"),
    "comments hold their line": (
        [Comment("a\nimport os\r\x1b[0m\u2028b"), Pass()],
        "# a\n# import os\n# \\x1b[0m\n# b\npass\n",
    ),
    "comments give no orders": (
        [Comment("fmt: off"), Comment("type: ignore"), Comment("of type: x"), Pass()],
        "# fmt : off\n# type : ignore\n# of type: x\npass\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_layout(name: str) -> None:
    body, expected = CASES[name]
    assert layout(body, indent=0, line_length=80) == expected
    assert as_black_leaves_it(expected, line_length=80) == expected


@pytest.mark.parametrize(
    ("version", "default_style", "expected"),
    [
        ("24.1.0", True, True),
        ("25.1.0", True, True),
        ("26.10.1", True, True),
        ("26.10.1", False, False),
        ("23.12.1", True, False),
        ("26.11.0", True, False),
        ("27.1.0", True, False),
        ("unknown", True, False),
    ],
)
def test_supports(version: str, default_style: bool, expected: bool) -> None:
    assert supports(version, default_style=default_style) is expected


def test_hundreds_of_arguments_and_links() -> None:
    chain: Call | Method = call("f")
    for number in range(300):
        chain = method(chain, "then", number)
    body = [Expression(call("f", *range(900), chain, **{f"k{number}": number for number in range(900)}))]
    source = module(layout(body))
    assert source.count("\n") == 1 + 1 + 900 + 301 + 900 + 1
    assert as_black_leaves_it(source) == source


def test_what_is_laid_out_takes_calls_in_proportion() -> None:
    column = [
        call("sa.Column", f"column_{n}", call("sa.String", length=50), nullable=False, comment="a comment that is long")
        for n in range(12)
    ]
    body = [Expression(call("op.create_table", f"table_{n:03}", *column, schema="other")) for n in range(200)]
    one, hundred, two_hundred = (calls_of(lambda some=body[:n]: layout(some)) for n in (1, 100, 200))
    assert two_hundred - hundred == pytest.approx(hundred, rel=0.05)
    assert one < 2000


def calls_of(function: Callable[[], object]) -> int:
    """Return how many functions are called while ``function`` runs."""
    found = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return found
