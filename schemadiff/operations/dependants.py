"""Operations on what hangs on tables and is not the model's: it is taken off and put back, in the server's own words."""

from __future__ import annotations

from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation
from schemadiff.schema import Dependant

__all__ = ["CreateDependant", "DropDependant"]

_NOTHING: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class CreateDependant(Operation):
    """Make a view, trigger, policy or the like by the statements that the server itself gave: the first makes it, the others are about it."""

    dependant: Dependant

    def reverse(self) -> DropDependant:
        if not self.dependant.drop:
            raise self.irreversible("how it is dropped")
        return DropDependant(dependant=self.dependant)

    def forward(self) -> CreateDependant:
        bare = replace(self.dependant, drop="", uses=_NOTHING, provides=_NOTHING, goes_along=False)
        return replace(self, dependant=bare)

    def effects(self) -> Effects:
        return Effects(provides=self.dependant.provides, requires=self.dependant.uses)

    def describe(self) -> str:
        return f"Create {self.dependant}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*_where(self.dependant), "9", *self.dependant.identity)


@dataclass(frozen=True, kw_only=True)
class DropDependant(Operation):
    """Take a view, trigger, policy or the like off. ``dependant.sql`` is what ``reverse()`` makes again."""

    dependant: Dependant

    def reverse(self) -> CreateDependant:
        if not self.dependant.sql:
            raise self.irreversible("its definition")
        return CreateDependant(dependant=self.dependant)

    def forward(self) -> DropDependant:
        bare = replace(self.dependant, sql="", also=(), uses=_NOTHING, provides=_NOTHING, goes_along=False)
        return replace(self, dependant=bare)

    def effects(self) -> Effects:
        return Effects(removes=self.dependant.provides, releases=self.dependant.uses)

    def describe(self) -> str:
        return f"Drop {self.dependant}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*_where(self.dependant), "0", *self.dependant.identity)


def _where(dependant: Dependant) -> tuple[str, str]:
    if dependant.table is not None:
        schema, name = dependant.table.sort_key
        return (schema, name)
    return (dependant.schema or "", dependant.name)
