"""Why two columns, constraints or indexes are unequal: part by part, with what decided each.

The comparison (:mod:`schemadiff.comparison.equality`) only says whether they are. This looks again at what it found unequal, with the same
answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from schemadiff.backends import Question
from schemadiff.backends.questions import ExpressionKind
from schemadiff.comparison.evidence import Evidence, Part, Side
from schemadiff.frozen import dataclass
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    Default,
    ExcludeElement,
    Expression,
    Index,
    IndexElement,
    Name,
    Options,
    Table,
)
from schemadiff.schema.words import default_words, setting_words

__all__ = ["Reasons", "side_of", "simple_part"]

_VALUES = "tokens: the values differ"
_TOKENS = "tokens: the canonical forms differ"
_SAME = "tokens: the canonical forms are the same"

_COLUMN_ATTRIBUTES = {
    "nullable": "nullability",
    "default": "server default",
    "options": "options",
    "name": "name",
}
_ATTRIBUTES = {
    "initially_deferred": "INITIALLY DEFERRED",
    "deferrable": "DEFERRABLE",
    "referent": "referenced table",
    "referent_columns": "referenced columns",
    "onupdate": "ON UPDATE",
    "ondelete": "ON DELETE",
    "match": "MATCH",
    "where": "predicate",
    "unique": "UNIQUE",
    "include": "INCLUDE",
    "elements": "elements",
    "nulls_first": "NULLS FIRST",
    "descending": "DESC",
    "opclass": "operator class",
    "length": "prefix length",
}


def side_of(value: Any, name: str = "") -> Side:
    """Return a value as one side says it. ``name`` is the field that it is the value of."""
    match value:
        case None:
            return Side(None)
        case Expression(sql=sql, canonical=canonical):
            return Side(sql, canonical)
        case Computed(expression=expression, stored=stored):
            kind = "STORED" if stored else "VIRTUAL"
            return Side(default_words(value), f"{expression.canonical} {kind}")
        case DataType(sql=sql, origin=origin):
            return Side(sql if origin is None else _type_words(origin, sql), sql)
        case IndexElement() | ExcludeElement():
            return Side(str(value.what))
        case bool() if name != "nullable":
            return Side("yes" if value else "no")
        case tuple():
            return Side("(" + ", ".join(str(side_of(each).spelling) for each in value) + ")")
    return Side(default_words(value) if name == "default" else setting_words(name, value))


def _type_words(origin: Any, sql: str) -> str:
    """Return a model's type as Python shows it."""
    try:
        return repr(origin)
    except Exception:
        # A type of the user's own may show itself in any way, or in none.
        return f"{type(origin).__name__} ({sql})"


def simple_part(attribute: str, before: Any, after: Any, name: str = "") -> Part:
    """Return a part whose values are equal where they are equal as data."""
    equal = before == after
    return Part(attribute, side_of(before, name), side_of(after, name), equal, _SAME if equal else _VALUES)


@dataclass(frozen=True)
class Reasons:
    """Finds out why the parts of two states of one table are unequal.

    Args:
        name: the table.
        table: the table as the target has it, which questions to the judge are about.
        evidence: what decided.
    """

    name: Name
    table: Table | None
    evidence: Evidence

    # -- columns

    def field(self, column: str, name: str, before: Any, after: Any) -> Iterator[Part]:
        """Yield the parts of one field of a column, before and after."""
        if name == "options":
            yield from self.options(before, after)
            return
        part = self._default(column, before, after) if name == "default" else self._plain(name, before, after)
        ruled = self.evidence.ruled.get((self.name, column, name))
        if ruled is not None and ruled == part.equal:
            rule = "compare_type" if name == "type" else "compare_server_default"
            said = "they differ" if ruled else "they do not differ"
            part = Part(part.attribute, part.source, part.target, not ruled, f"rule: {rule} says that {said}")
        yield part

    def columns(self, before: Column, after: Column) -> Iterator[Part]:
        """Yield the parts of two columns of one name."""
        for each in fields(Column):
            if each.compare and each.name != "name":
                yield from self.field(after.name, each.name, getattr(before, each.name), getattr(after, each.name))

    def _plain(self, name: str, before: Any, after: Any) -> Part:
        part = simple_part(_COLUMN_ATTRIBUTES.get(name, name), before, after, name)
        if name == "type" and not part.equal:
            return Part(part.attribute, part.source, part.target, False, _TOKENS)
        return part

    def _default(self, column: str, before: Default | None, after: Default | None) -> Part:
        match before, after:
            case Expression(), Expression():
                return self.expressions("server default", "default", before, after, column)
            case Computed(), Computed():
                part = self.expressions("generated expression", "computed", before.expression, after.expression, column)
                if before.stored == after.stored:
                    return part
                return Part(part.attribute, side_of(before), side_of(after), False, "tokens: STORED and VIRTUAL")
        kinds = {type(each) for each in (before, after) if each is not None}
        attribute = {Computed: "generated expression", Expression: "server default"}.get(next(iter(kinds), Expression))
        if len(kinds) > 1:
            attribute = "default"
        return simple_part(attribute or "identity", before, after, "default")

    # -- constraints and indexes

    def nouns(self, before: Constraint | Index, after: Constraint | Index) -> Iterator[Part]:
        """Yield the parts of two constraints or indexes of one kind."""
        for each in fields(before):
            if each.compare:
                yield from self._noun_field(each.name, before, after)

    def _noun_field(self, name: str, left: Any, right: Any) -> Iterator[Part]:
        before, after = getattr(left, name), getattr(right, name)
        attribute = _ATTRIBUTES.get(name, name)
        if name == "options":
            yield from self.options(before, after)
        elif name == "name":
            if not (left.__class__ is not Index and (left.implicit or right.implicit)):
                yield simple_part(attribute, before, after)
        elif isinstance(before, Expression) and isinstance(after, Expression):
            kind: ExpressionKind = "check" if isinstance(left, CheckConstraint) else "predicate"
            yield self.expressions(attribute, kind, before, after)
        elif name == "elements" and len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
                yield from self._elements(f"element {number}", one, other)
        else:
            yield simple_part(attribute, before, after, name)

    def _elements(self, attribute: str, before: Any, after: Any) -> Iterator[Part]:
        for each in fields(before):
            one, other = getattr(before, each.name), getattr(after, each.name)
            if isinstance(one, Expression) and isinstance(other, Expression):
                yield self.expressions(attribute, "index", one, other)
            elif each.name == "what":
                yield simple_part(attribute, one, other)
            else:
                yield simple_part(f"{attribute}, {_ATTRIBUTES.get(each.name, each.name)}", one, other)

    # -- what they are made of

    def options(self, before: Options, after: Options) -> Iterator[Part]:
        """Yield one part for each option that one of the two has."""
        old, new = dict(before), dict(after)
        for name in sorted(old.keys() | new.keys()):
            left, right = old.get(name), new.get(name)
            if name == "check" and isinstance(left, str) and isinstance(right, str):
                # The check of a column, which MariaDB keeps in the column's definition.
                yield self.expressions("check", "check", self._check(left), self._check(right))
            else:
                yield simple_part(f"option {name}", left, right)

    def _check(self, sql: str) -> Expression:
        checks = () if self.table is None else self.table.checks
        return next((each.expression for each in checks if each.expression.sql == sql), Expression(sql, sql))

    def expressions(
        self, attribute: str, kind: ExpressionKind, before: Expression, after: Expression, column: str | None = None
    ) -> Part:
        """Return whether two expressions are equal, and what decided it."""
        if before.canonical == after.canonical:
            return Part(attribute, side_of(before), side_of(after), True, _SAME)
        assert self.table is not None
        question = Question(
            kind=kind, name=self.name, column=column, left=before.sql, right=after.sql, table=self.table
        )
        equal, decided_by = self.evidence.about(question)
        left, right = self.evidence.printed(question)
        return Part(
            attribute,
            Side(before.sql, before.canonical, left),
            Side(after.sql, after.canonical, right),
            equal,
            decided_by,
        )
