"""What MariaDB and MySQL make of an expression, without a server: a tree in which every thing has one name.

Both print an expression much as it was written, but for parentheses, the names of functions that have several (``length`` is ``octet_length``),
and conditions that are turned round (``NOT (a > 0)`` is ``a <= 0``). Two expressions whose trees are the same are stored as the same. Where trees
differ, or where there is anything that we do not know all about, nothing is said.

It takes for granted that ``sql_mode`` has no HIGH_NOT_PRECEDENCE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from schemadiff.backends.mysql.parser import Node, parse
from schemadiff.backends.questions import Answer, ExpressionKind, Question
from schemadiff.backends.reading import NotUnderstood
from schemadiff.backends.tokens import Lexicon
from schemadiff.schema import Table

__all__ = ["answers", "meaning"]

_RULE = (
    "the server reads both as the same expression, whatever parentheses and names of functions they are written with"
)

# Functions that have several names.
_SYNONYMS = {
    "length": "octet_length",
    "lower": "lcase",
    "upper": "ucase",
    "character_length": "char_length",
    "ceil": "ceiling",
    "power": "pow",
    "day": "dayofmonth",
    "sha1": "sha",
    "nvl": "ifnull",
    "now": "current_timestamp",
    "localtime": "current_timestamp",
    "localtimestamp": "current_timestamp",
    "curdate": "current_date",
    "curtime": "current_time",
}
_TURNED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_SHIFTS = {"date_add": "+", "adddate": "+", "date_sub": "-", "subdate": "-"}
_TYPES = {
    "unsigned integer": "unsigned",
    "signed integer": "signed",
    "integer": "signed",
    "int": "signed",
    "decimal": "decimal (10,0)",
    "binary": "char charset binary",
}
_ZERO: Node = ("number", "0")


def answers(questions: Iterable[Question], lexicon: Lexicon) -> dict[Question, Answer]:
    """Return which questions are surely answered with yes; see :meth:`schemadiff.backends.base.Backend.answers_without_server`."""
    found: dict[Question, Answer] = {}
    for question in questions:
        # A text of thousands of operators makes a tree that is too deep to look at.
        with suppress(NotUnderstood, RecursionError):
            left, right = (
                meaning(sql, question.kind, question.table, lexicon) for sql in (question.left, question.right)
            )
            if left == right:
                found[question] = Answer(True, rule=_RULE)
    return found


def meaning(sql: str, kind: ExpressionKind, table: Table, lexicon: Lexicon) -> Node:
    """Return the tree of an expression.

    Args:
        sql: its text.
        kind: what it is.
        table: the table that it belongs to.
        lexicon: how the server spells tokens.

    Raises:
        NotUnderstood: we do not know what the server makes of it.
    """
    columns = frozenset(column.name.lower() for column in table.columns)
    tree = _settled(parse(sql, lexicon), columns, table.name.name.lower())
    return _condition(tree) if kind == "check" else tree


def _settled(node: Node, columns: frozenset[str], table: str) -> Node:
    """Return a tree with one name for each thing, and columns told from other words."""
    if node[0] == "name":
        *before, name = node[1]
        if name not in columns or before not in ([], [table]):
            raise NotUnderstood(f"no column {name}")
        return ("column", name)
    parts = tuple(_settled(part, columns, table) if isinstance(part, tuple) else part for part in node)
    rewrite = _REWRITES.get(str(parts[0]))
    return parts if rewrite is None else rewrite(parts)


def _condition(node: Node) -> Node:
    """Return what a condition is stored as: of a column alone, that it is not zero."""
    return ("compare", "<>", node, _ZERO) if node[0] == "column" else node


def _joined(node: Node) -> Node:
    """Return AND or OR of all that is joined by it, parentheses or not."""
    word, *parts = node
    conditions = [_condition(part) for part in parts]
    return (word, *(each for part in conditions for each in (part[1:] if part[0] == word else (part,))))


def _negated(node: Node) -> Node:
    """Return NOT of a condition, which is turned round where it can be."""
    argument = _condition(node[1])
    match argument:
        case ("compare", operator, left, right) if operator in _TURNED:
            return ("compare", _TURNED[operator], left, right)
        case ("and" | "or" as word, *parts):
            return ("or" if word == "and" else "and", *(_negated(("not", part)) for part in parts))
        case ("xor", left, right):
            return ("xor", _negated(("not", left)), right)
        case ("in" | "between" | "like" as word, negated, *parts):
            return (word, not negated, *parts)
        case ("test", "null" | "not null" as words, tested):
            return ("test", "not null" if words == "null" else "null", tested)
    return ("not", argument)


def _in(node: Node) -> Node:
    """Return IN of one thing as what it is: a comparison."""
    _, negated, argument, *items = node
    if not items:
        raise NotUnderstood("IN of nothing")
    return node if len(items) > 1 else ("compare", "<>" if negated else "=", argument, items[0])


def _unary(node: Node) -> Node:
    sign: str = node[1]
    argument: Node = node[2]
    if sign == "+":
        return argument
    if sign == "-" and argument[0] == "number":
        text = argument[1]
        return ("number", text[1:] if text.startswith("-") else f"-{text}")
    return node


def _cast(node: Node) -> Node:
    _, type_, argument = node
    if type_.startswith(("char", "nchar")) and "charset" not in type_:
        # It gets the character set of the connection.
        raise NotUnderstood("a cast to strings of some character set")
    return ("cast", _TYPES.get(type_, type_), argument)


def _call(node: Node) -> Node:
    _, name, *arguments = node
    if name in _SHIFTS and len(arguments) == 2:
        moment, span = arguments
        shift = span[1:] if span[0] == "span" else (span, "day")
        if span[0] != "span" and not name.startswith(("adddate", "subdate")):
            raise NotUnderstood(f"{name} of no interval")
        return ("interval", _SHIFTS[name], moment, *shift)
    if any(argument[0] == "span" for argument in arguments):
        raise NotUnderstood("an interval")
    match name, arguments:
        case "mod", [left, right]:
            return ("binary", "mod", left, right)
        case "instr", [whole, part]:
            return ("call", "locate", part, whole)
        case "isnull", [argument]:
            return ("test", "null", argument)
        case "date", [argument]:
            return ("cast", "date", argument)
    return ("call", _SYNONYMS.get(name, name), *arguments)


_REWRITES: dict[str, Callable[[Node], Node]] = {
    "and": _joined,
    "or": _joined,
    "not": _negated,
    "in": _in,
    "unary": _unary,
    "cast": _cast,
    "call": _call,
}
