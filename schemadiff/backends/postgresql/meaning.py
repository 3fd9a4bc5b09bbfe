"""What PostgreSQL makes of an expression, without a server: the tree that it would store, every cast that it adds in place.

Two expressions whose trees are the same are stored as the same. It is what tells ``v IN ('a', 'b')`` of a model to be the server's own
``(v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])`` where no server can be asked. Where trees differ, or
where there is anything that we do not know all about (a function of somebody's own, a domain, a subquery), nothing is said.

It takes for granted that nobody has defined operators or functions of the names of PostgreSQL's own on PostgreSQL's own types.

Trees are tuples whose first word says what the rest is. In print a cast that was written looks like one that PostgreSQL has put in (both get
``::``), so trees do not tell them apart, but in the few places where the latter are not printed (see ``_hidden()``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from functools import lru_cache, singledispatchmethod
from typing import Any

from schemadiff.backends.postgresql.constants import number, value
from schemadiff.backends.postgresql.parser import parse
from schemadiff.backends.postgresql.resolution import (
    UNKNOWN,
    becomes,
    common_type,
    element_type,
    function,
    is_known,
    operator,
)
from schemadiff.backends.postgresql.signatures import Signature
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
from schemadiff.backends.postgresql.types import spelled
from schemadiff.backends.questions import Answer, ExpressionKind, Question
from schemadiff.backends.reading import NotUnderstood
from schemadiff.frozen import dataclass
from schemadiff.schema import Name, Schema, Table

__all__ = ["Types", "answers", "meaning"]

Tree = tuple[Any, ...]

# The same few types come again and again.
_spelled = lru_cache(maxsize=1024)(spelled)

_INTERNAL = {
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "character varying": "varchar",
    "character": "bpchar",
    "bit varying": "varbit",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
    '"char"': "char",
}
_VALUES = {
    "current_date": "date",
    "current_time": "timetz",
    "current_timestamp": "timestamptz",
    "localtime": "time",
    "localtimestamp": "timestamp",
}
_OPEN_MODIFIER = "?"
_DOMAIN = "domain "
_DOMAIN_BASES = frozenset(
    [
        "text",
        "varchar",
        "bpchar",
        "bool",
        "int2",
        "int4",
        "int8",
        "numeric",
        "float4",
        "float8",
        "date",
        "timestamp",
        "timestamptz",
        "uuid",
    ]
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A part of the tree.

    Args:
        tree: what it is.
        type: its type, by the names of :mod:`~schemadiff.backends.postgresql.resolution`.
        modifier: what the type is restricted to: ``(5)`` for a column of VARCHAR(5), ``?`` where that is not known.
    """

    tree: Tree
    type: str
    modifier: str = ""


@dataclass(frozen=True)
class Types:
    """Names of types in a database.

    Args:
        default_schema: the schema of unqualified names.
        enums: the enum types that there are.
        domains: the domains that there are, each with the type that it is made of.
    """

    default_schema: str | None
    enums: frozenset[Name]
    domains: Mapping[Name, str] = field(default_factory=dict)

    def of_column(self, sql: str) -> tuple[str, str]:
        """Return the type of a column; a domain as that of which it is made, marked.

        Raises:
            NotUnderstood: as for :meth:`type`.
        """
        text, named = _spelled(sql, self.default_schema)
        if named is None or named not in self.domains or text.endswith("[]"):
            return self.type(sql)
        base, _ = self.type(self.domains[named])
        if base not in _DOMAIN_BASES:
            raise NotUnderstood(f"a domain over {base}")
        return f"{_DOMAIN}{base}", _OPEN_MODIFIER

    def type(self, sql: str) -> tuple[str, str]:
        """Return a type by its internal name, and what it is restricted to.

        Raises:
            NotUnderstood: it is a domain, or some other type that we do not know.
        """
        text, named = _spelled(sql, self.default_schema)
        brackets = "[]" if text.endswith("[]") else ""
        text = text.removesuffix("[]")
        if named is not None:
            if named not in self.enums:
                raise NotUnderstood(f"the type {sql}")
            return f"enum {named.schema or ''}.{named.name}{brackets}", ""
        modifier = re.search(r"\(([^()]*)\)", text)
        if modifier is not None:
            text = text.replace(modifier.group(), "", 1)
        internal = _INTERNAL.get(text, text)
        if not is_known(internal):
            raise NotUnderstood(f"the type {sql}")
        return internal + brackets, modifier.group() if modifier is not None else ""


_RULE = "PostgreSQL reads both as the same expression, casts and operators included"


def answers(
    questions: Iterable[Question], source: Schema, target: Schema, default_schema: str | None
) -> dict[Question, Answer]:
    """Return which questions are surely answered with yes; see :meth:`schemadiff.backends.base.Backend.answers_without_server`."""
    domains = {**source.domains, **target.domains}
    bases = {name: domain.type.sql for name, domain in domains.items()}
    types = Types(default_schema, frozenset({*source.enums, *target.enums}) - domains.keys(), bases)
    found: dict[Question, Answer] = {}
    for question in questions:
        # A text of thousands of operators makes a tree that is too deep to look at.
        with suppress(NotUnderstood, RecursionError):
            left, right = (
                meaning(sql, question.kind, question.table, question.column, types)
                for sql in (question.left, question.right)
            )
            if left == right:
                found[question] = Answer(True, rule=_RULE)
    return found


def meaning(sql: str, kind: ExpressionKind, table: Table, column: str | None, types: Types) -> Tree:
    """Return the tree that PostgreSQL stores for an expression.

    Args:
        sql: its text.
        kind: what it is.
        table: the table that it belongs to.
        column: the column of a default or generated column.
        types: the types that there are.

    Raises:
        NotUnderstood: we do not know what PostgreSQL makes of it.
    """
    found = _Analysis(table, types).of(parse(sql))
    wanted = "bool" if kind in ("check", "predicate") else "text"
    if kind in ("default", "computed"):
        own = None if column is None else table.column(column)
        if own is None:
            raise NotUnderstood("a default of no column")
        wanted, modifier = types.type(own.type.sql)
        if wanted == "interval" and (modifier or own.type.sql != "interval"):
            raise NotUnderstood("an interval of some fields")
    # What is no constant is made to fit the column when it is stored; that is the same for both.
    return (_coerced(found, wanted) if found.type == UNKNOWN else found).tree


class _Analysis:
    """Gives the parts of an expression their types, as PostgreSQL's parse analysis does (src/backend/parser/parse_expr.c)."""

    def __init__(self, table: Table, types: Types) -> None:
        self._table = table
        self._types = types

    @singledispatchmethod
    def of(self, node: Node) -> Typed:
        """Return the typed tree of a part of an expression.

        Raises:
            NotUnderstood: we do not know what PostgreSQL makes of it.
        """
        raise NotUnderstood(type(node).__name__)

    def _all(self, nodes: Iterable[Node]) -> list[Typed]:
        return [self.of(node) for node in nodes]

    # -- what stands by itself

    @of.register
    def _number(self, node: Number) -> Typed:
        type_, text = number(node.text)
        return Typed(("constant", type_, text), type_)

    @of.register
    def _constant(self, node: Constant) -> Typed:
        if isinstance(node.value, bool):
            return Typed(("constant", "bool", "true" if node.value else "false"), "bool")
        return Typed(("open", node.value), UNKNOWN)

    @of.register
    def _reference(self, node: Reference) -> Typed:
        if len(node.parts) > 2 or (len(node.parts) == 2 and node.parts[0] != self._table.name.name):
            raise NotUnderstood("a column of another table")
        column = self._table.column(node.parts[-1])
        if column is None:
            raise NotUnderstood(f"no column {node.parts[-1]}")
        try:
            type_, modifier = self._types.of_column(column.type.sql)
        except NotUnderstood:
            # It may yet be asked whether it is NULL.
            type_, modifier = f"other {column.type.sql}", _OPEN_MODIFIER
        return Typed(("column", column.name), type_, modifier)

    @of.register
    def _value(self, node: Value) -> Typed:
        return Typed(("value", node.word), _VALUES.get(node.word, "name"))

    # -- casts

    @of.register
    def _cast(self, node: Cast) -> Typed:
        type_, modifier = self._types.type(node.type)
        element = element_type(type_)
        if isinstance(node.argument, Array) and element is not None:
            # An ARRAY that is cast is one of elements that are cast (transformTypeCast()).
            if modifier or any(isinstance(item, Array) for item in node.argument.items):
                raise NotUnderstood("a cast array of arrays, or of restricted elements")
            items = (_cast_to(item, element, "").tree for item in self._all(node.argument.items))
            return Typed(("array", element, *items), type_)
        return _cast_to(self.of(node.argument), type_, modifier)

    @of.register
    def _array(self, node: Array) -> Typed:
        items = self._all(node.items)
        if not items:
            raise NotUnderstood("an empty array of no type")
        if any(isinstance(item, Array) for item in node.items):
            raise NotUnderstood("an array of arrays")
        type_ = _common(items)
        if type_.endswith("[]"):
            raise NotUnderstood("an array of arrays")
        return Typed(("array", type_, *(_coerced(item, type_).tree for item in items)), f"{type_}[]")

    @of.register
    def _collate(self, node: Collate) -> Typed:
        argument = self.of(node.argument)
        if argument.type == UNKNOWN:
            return Typed(("collate", node.collation, argument.tree), UNKNOWN)
        return _collated(Typed(("collate", node.collation), argument.type), argument)

    # -- operators and functions

    @of.register
    def _operation(self, node: Operation) -> Typed:
        arguments = self._all(node.arguments)
        if node.over:
            return self._over(node.name, node.over, *arguments)
        return _operated(node.name, *arguments)

    def _over(self, name: str, over: str, left: Typed, right: Typed) -> Typed:
        """Return an operator over the elements of an array (make_scalar_array_op())."""
        element = UNKNOWN if right.type == UNKNOWN else element_type(right.type)
        if element is None:
            raise NotUnderstood(f"{over} of no array")
        found = _resolved(operator, name, left.type, element)
        if found.result != "bool":
            raise NotUnderstood("an operator that says neither yes nor no")
        elements = _coerced(right, f"{found.arguments[1]}[]")
        return Typed(
            ("over", over, name, found.arguments, _coerced(left, found.arguments[0]).tree, elements.tree), "bool"
        )

    @of.register
    def _in(self, node: In) -> Typed:
        """IN is an operator over an array of those items that are no columns, where there are several (transformAExprIn())."""
        name, over, word = ("<>", "all", "and") if node.negated else ("=", "any", "or")
        left, items = self.of(node.argument), self._all(node.items)
        if not items:
            raise NotUnderstood("IN of nothing")
        fixed = [item for item in items if not _has_column(item.tree)]
        parts: list[Tree] = []
        types = [_base(each.type) for each in (left, *fixed)]
        type_ = common_type(types) if len(fixed) > 1 else None
        if type_ is not None and not type_.endswith("[]"):
            array = Typed(("array", type_, *(_coerced(item, type_).tree for item in fixed)), f"{type_}[]")
            parts.append(self._over(name, over, left, array).tree)
            items = [item for item in items if _has_column(item.tree)]
        elif type_ is not None:
            raise NotUnderstood("IN of arrays")
        parts += [_operated(name, left, item).tree for item in items]
        return Typed(parts[0] if len(parts) == 1 else (word, *parts), "bool")

    @of.register
    def _distinct(self, node: Distinct) -> Typed:
        left, right = self.of(node.left), self.of(node.right)
        null = ("open", None)
        if right.tree == null or left.tree == null:
            # It is a test for NULL then (make_nulltest_from_distinct()).
            other = left if right.tree == null else right
            return Typed(("test", "null" if node.negated else "not null", other.tree), "bool")
        tree: Tree = ("distinct", *_operated("=", left, right).tree[1:])
        return Typed(("not", tree) if node.negated else tree, "bool")

    @of.register
    def _call(self, node: Call) -> Typed:
        arguments = self._all(node.arguments)
        found = _resolved(function, node.name, *(argument.type for argument in arguments))
        # SUBSTRING(... FROM pattern) is printed as the function that it is.
        syntax = "" if (node.syntax, found.arguments) == ("substring", ("text", "text")) else node.syntax
        coerced = _hidden if syntax else _coerced
        trees = (
            argument.tree if type_ == "any" else coerced(argument, type_).tree
            for argument, type_ in zip(arguments, found.arguments, strict=True)
        )
        return Typed(("call", node.name, syntax, found.arguments, *trees), found.result)

    # -- logic

    @of.register
    def _logic(self, node: Logic) -> Typed:
        arguments = [_boolean(argument) for argument in self._all(node.arguments)]
        first = arguments[0]
        if node.word != "not" and first[0] == node.word:
            return Typed((*first, *arguments[1:]), "bool")
        return Typed((node.word, *arguments), "bool")

    @of.register
    def _test(self, node: Test) -> Typed:
        argument = self.of(node.argument)
        tree = argument.tree if node.words.endswith("null") else _boolean(argument)
        return Typed(("test", node.words, tree), "bool")

    @of.register
    def _case(self, node: Case) -> Typed:
        results = _fitted(self._all([node.otherwise, *(result for _, result in node.whens)]))
        argument = None if node.argument is None else _with_type(self.of(node.argument))
        whens = []
        for (condition, _), result in zip(node.whens, results[1:], strict=True):
            found = self.of(condition)
            whens.append((self._when(argument, found), result.tree))
        tree = None if argument is None else argument.tree
        return Typed(("case", tree, tuple(whens), results[0].tree), results[0].type, _modifier(results))

    def _when(self, argument: Typed | None, condition: Typed) -> Tree:
        if argument is None:
            return _boolean(condition)
        found = _resolved(operator, "=", argument.type, condition.type)
        return ("equals", found.arguments, _hidden(condition, found.arguments[1]).tree)

    @of.register
    def _choice(self, node: Choice) -> Typed:
        arguments = self._all(node.arguments)
        if node.word == "nullif":
            found = _operated("=", *arguments)
            return Typed(("nullif", *found.tree[1:]), found.tree[2][0], _OPEN_MODIFIER)
        if not arguments:
            raise NotUnderstood(f"{node.word} of nothing")
        fitted = _fitted(arguments)
        type_ = fitted[0].type
        return Typed((node.word, type_, *(each.tree for each in fitted)), type_, _modifier(fitted))


def _base(type_: str) -> str:
    """Return what a domain is made of; any other type as it is."""
    return type_.removeprefix(_DOMAIN)


def _resolved(resolve: Callable[[str, tuple[str, ...]], Signature], name: str, *types: str) -> Signature:
    """Return which operator or function is meant. One of a domain is one of what it is made of, but for generic ones."""
    found = resolve(name, tuple(map(_base, types)))
    if found.generic and any(type_.startswith(_DOMAIN) for type_ in types):
        raise NotUnderstood(f"{name} of a domain")
    return found


def _operated(name: str, *arguments: Typed) -> Typed:
    found = _resolved(operator, name, *(argument.type for argument in arguments))
    trees = (_coerced(argument, type_).tree for argument, type_ in zip(arguments, found.arguments, strict=True))
    return Typed(("operator", name, found.arguments, *trees), found.result)


def _common(items: Sequence[Typed]) -> str:
    for item in items:
        if item.type != UNKNOWN and not is_known(_base(item.type)):
            raise NotUnderstood(f"the type {item.type}")
    if all(item.type.startswith(_DOMAIN) for item in items):
        raise NotUnderstood("a choice among domains")
    type_ = common_type([_base(item.type) for item in items])
    if type_ is None:
        raise NotUnderstood("expressions of types that do not fit together")
    return type_


def _fitted(items: Sequence[Typed]) -> list[Typed]:
    """Return expressions as those of the type that they have in common."""
    type_ = _common(items)
    return [_coerced(item, type_) for item in items]


def _modifier(items: Sequence[Typed]) -> str:
    """Return what the type of a choice among expressions is restricted to."""
    return _OPEN_MODIFIER if any(item.modifier for item in items) else ""


def _boolean(found: Typed) -> Tree:
    if _base(found.type) not in ("bool", UNKNOWN):
        raise NotUnderstood("a condition that says neither yes nor no")
    return _coerced(found, "bool").tree


def _with_type(found: Typed) -> Typed:
    """Return a constant that nothing gives a type as text."""
    return _coerced(found, "text") if found.type == UNKNOWN else found


def _coerced(found: Typed, type_: str) -> Typed:
    """Return an expression as one of another type, that it becomes by itself (coerce_type())."""
    if found.type == type_:
        return found
    if found.tree[0] == "collate":
        return _collated(found, _coerced(_without_collation(found), type_))
    if found.type == UNKNOWN:
        text = found.tree[1]
        return Typed(("null", type_) if text is None else ("constant", type_, value(type_, text)), type_)
    if not becomes(_base(found.type), type_):
        raise NotUnderstood(f"{found.type} is no {type_}")
    return _wrapped(found, type_, "")


def _hidden(found: Typed, type_: str) -> Typed:
    """Return the same where PostgreSQL does not print the casts that it puts in, but does print those that were written."""
    if found.type != UNKNOWN and not becomes(_base(found.type), type_):
        raise NotUnderstood(f"{found.type} is no {type_}")
    return _coerced(found, type_) if found.type == UNKNOWN else found


def _cast_to(found: Typed, type_: str, modifier: str) -> Typed:
    """Return an expression as it is after a cast that was written."""
    if found.tree[0] == "collate":
        return _collated(found, _cast_to(_without_collation(found), type_, modifier))
    if found.type == UNKNOWN:
        if type_ == "interval" and modifier:
            raise NotUnderstood("an interval of some precision")
        found = _coerced(found, type_)
    if (found.type, found.modifier) == (type_, modifier):
        return found
    return _wrapped(found, type_, modifier)


def _without_collation(found: Typed) -> Typed:
    return Typed(found.tree[2], found.type, found.modifier)


def _collated(found: Typed, inner: Typed) -> Typed:
    """Return ``inner`` with the COLLATE of ``found``: a cast of what has one is pushed under it (coerce_type())."""
    if (element_type(inner.type) or _base(inner.type)) not in ("text", "varchar", "bpchar", "name"):
        raise NotUnderstood(f"COLLATE of {inner.type}")
    return Typed(("collate", found.tree[1], inner.tree), inner.type, inner.modifier)


def _wrapped(found: Typed, type_: str, modifier: str) -> Typed:
    element = element_type(type_)
    if found.tree[0] == "array" and element is not None and not modifier:
        # What PostgreSQL prints of a cast of a whole ARRAY, it reads as an ARRAY of casts.
        own = found.tree[1]
        items = (_cast_to(Typed(item, own), element, "").tree for item in found.tree[2:])
        return Typed(("array", element, *items), type_)
    return Typed(("cast", type_, modifier, found.tree), type_, modifier)


def _has_column(tree: Tree) -> bool:
    return tree[0] == "column" or any(isinstance(each, tuple) and bool(each) and _has_column(each) for each in tree)
