"""What a user says of the comparison of types and server defaults: ``compare_type`` and ``compare_server_default``."""

from __future__ import annotations

from collections.abc import Callable

from schemadiff.frozen import dataclass
from schemadiff.schema import Column

__all__ = ["DEFAULT_RULES", "ColumnRule", "Rules"]

ColumnRule = Callable[[Column, Column], bool | None]
"""Given a column of the source and the same one of the target: do they differ? None leaves it to the comparison."""


@dataclass(frozen=True)
class Rules:
    """The user's rules.

    Args:
        types: True compares types, False leaves them alone, a callable is asked for each pair of columns.
        defaults: the same for server defaults; generated expressions and identities are always compared.
    """

    types: bool | ColumnRule = True
    defaults: bool | ColumnRule = True

    @property
    def quiet(self) -> bool:
        """True where no rule can find a difference between equal columns."""
        return not (callable(self.types) or callable(self.defaults))

    def decided(self, left: Column, right: Column) -> dict[str, bool]:
        """Return, for each field that the rules have an answer about, whether it differs."""
        answers = {}
        for name, rule in (("type", self.types), ("default", self.defaults)):
            answer = rule(left, right) if callable(rule) else (None if rule else False)
            if answer is not None:
                answers[name] = answer
        return answers


DEFAULT_RULES = Rules()
