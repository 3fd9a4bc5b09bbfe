"""When two parts of a table are the same.

Expressions are the same where their canonical spellings are, or where the judge has said so. What the judge has not been asked yet is
noted as a question, and taken as different.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from schemadiff.backends import Question
from schemadiff.backends.questions import ExpressionKind
from schemadiff.comparison.rules import DEFAULT_RULES, Rules
from schemadiff.frozen import dataclass
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ExcludeConstraint,
    Expression,
    Index,
    Name,
    Table,
)

__all__ = ["Equality"]


@dataclass
class Equality:
    """Compares the parts of one pair of tables.

    Args:
        table: the table as the target has it.
        answers: the judge's answers.
        rules: what the user says of types and defaults.
        asked: the questions that came up, in order. This and ``ruled`` are what changes here.
        ruled: what the user's rules said: for a table, a column and a field of it, whether it differs.
    """

    table: Table
    answers: Mapping[Question, bool]
    rules: Rules = DEFAULT_RULES
    asked: dict[Question, None] = field(default_factory=dict)
    ruled: dict[tuple[Name, str, str], bool] = field(default_factory=dict)

    def expressions(
        self, kind: ExpressionKind, left: Expression | None, right: Expression | None, column: str | None = None
    ) -> bool:
        """Return True where two expressions are the same."""
        if left is None or right is None:
            return left is right
        if left.canonical == right.canonical:
            return True
        question = Question(
            kind=kind, name=self.table.name, column=column, left=left.sql, right=right.sql, table=self.table
        )
        self.asked.setdefault(question)
        return self.answers.get(question, False)

    def elements(self, left: str | Expression, right: str | Expression) -> bool:
        """Return True where two elements of an index or exclusion constraint are the same column or expression."""
        if isinstance(left, Expression) and isinstance(right, Expression):
            return self.expressions("index", left, right)
        return left == right

    def defaults(self, left: Column, right: Column) -> bool:
        """Return True where two columns get the same value by default."""
        match left.default, right.default:
            case Expression() as one, Expression() as other:
                return self.expressions("default", one, other, right.name)
            case Computed() as one, Computed() as other:
                same = self.expressions("computed", one.expression, other.expression, right.name)
                return same and one.stored == other.stored
        return left.default == right.default

    def changed_fields(self, left: Column, right: Column) -> frozenset[str]:
        """Return the names of the fields in which two columns differ."""
        if left == right and self.rules.quiet:
            return frozenset()
        plain = ("type", "nullable", "autoincrement", "collation", "comment", "options")
        changed = {name for name in plain if getattr(left, name) != getattr(right, name)}
        if not self.defaults(left, right):
            changed.add("default")
        for name, differs in self.rules.decided(left, right).items():
            self.ruled[self.table.name, right.name, name] = differs
            (changed.add if differs else changed.discard)(name)
        return frozenset(changed)

    def constraints(self, left: Constraint, right: Constraint) -> bool:
        """Return True where two constraints are the same but for their names."""
        if type(left) is not type(right):
            return False
        if isinstance(left, CheckConstraint) and isinstance(right, CheckConstraint):
            rest = replace(left, name=right.name, expression=right.expression) == right
            return rest and self.expressions("check", left.expression, right.expression)
        if isinstance(left, ExcludeConstraint) and isinstance(right, ExcludeConstraint):
            rest = replace(left, name=right.name, elements=right.elements, where=right.where) == right
            return rest and self._elements_and_predicate(left, right)
        return bool(_named(left, right.name) == right)

    def indexes(self, left: Index, right: Index) -> bool:
        """Return True where two indexes are the same but for their names."""
        rest = replace(left, name=right.name, elements=right.elements, where=right.where) == right
        return rest and self._elements_and_predicate(left, right)

    def _elements_and_predicate(self, left: Index | ExcludeConstraint, right: Index | ExcludeConstraint) -> bool:
        pairs: list[tuple[Any, Any]] = list(zip(left.elements, right.elements, strict=False))
        if len(left.elements) != len(right.elements):
            return False
        if any(replace(one, what=other.what) != other for one, other in pairs):
            return False
        # All of them are looked at, also after one that differs: the judge is asked once, about everything that it may have to find equal.
        same = [self.elements(one.what, other.what) for one, other in pairs]
        same.append(self.expressions("predicate", left.where, right.where))
        return all(same)


def _named(constraint: Any, name: str | None) -> Any:
    return replace(constraint, name=name)
