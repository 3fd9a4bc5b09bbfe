"""Operations on domains."""

from __future__ import annotations

from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation, relation_key, schema_keys, type_key
from schemadiff.operations.touch import domain_effects
from schemadiff.operations.types import EnumColumn, moved_columns
from schemadiff.schema import Domain, Name

__all__ = ["AlterDomain", "CreateDomain", "DropDomain"]


@dataclass(frozen=True, kw_only=True)
class CreateDomain(Operation):
    """CREATE DOMAIN; nothing on databases without domains."""

    domain: Domain
    if_not_exists: bool = False

    def reverse(self) -> DropDomain:
        return DropDomain(name=self.domain.name, domain=self.domain)

    def effects(self) -> Effects:
        return domain_effects(self.domain)

    def describe(self) -> str:
        return f"Create domain {self.domain.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.domain.name.schema or "", "", "1", self.domain.name.name)


@dataclass(frozen=True, kw_only=True)
class DropDomain(Operation):
    """DROP DOMAIN. ``domain`` is what ``reverse()`` makes again."""

    name: Name
    domain: Domain | None = None
    if_exists: bool = False

    def reverse(self) -> CreateDomain:
        if self.domain is None:
            raise self.irreversible("what the domain is made of")
        return CreateDomain(domain=self.domain)

    def forward(self) -> DropDomain:
        return replace(self, domain=None)

    def effects(self) -> Effects:
        if self.domain is not None:
            return domain_effects(self.domain).reversed()
        return Effects(removes=frozenset({type_key(self.name)}), releases=schema_keys(self.name.schema))

    def describe(self) -> str:
        return f"Drop domain {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name.schema or "", "", "8", self.name.name)


@dataclass(frozen=True, kw_only=True)
class AlterDomain(Operation):
    """Change a domain.

    Its default, NOT NULL and its constraints are changed in place. For another base type or collation the domain is made anew, and the columns
    that use it are moved over.

    Args:
        before, after: the whole domain.
        columns: the columns that use it, before and after; needed where it is made anew.
        remake: make it anew even where ALTER DOMAIN could do it: the server refuses to check the values inside of arrays.
    """

    before: Domain
    after: Domain
    columns: tuple[EnumColumn, ...] = ()
    remake: bool = False

    def reverse(self) -> AlterDomain:
        columns = tuple(column.reverse() for column in self.columns)
        return replace(self, before=self.after, after=self.before, columns=columns)

    @property
    def name(self) -> Name:
        """The domain's name."""
        return self.after.name

    @property
    def in_place(self) -> bool:
        """True where ALTER DOMAIN does it."""
        same = (self.before.type, self.before.collation) == (self.after.type, self.after.collation)
        return same and not self.remake

    def effects(self) -> Effects:
        tables = frozenset(relation_key(column.table) for column in self.columns)
        return Effects(
            modifies=frozenset({type_key(self.name)}) | moved_columns(self.columns),
            requires=tables | domain_effects(self.after).requires,
            releases=tables | domain_effects(self.before).requires,
        )

    def describe(self) -> str:
        return f"Alter domain {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name.schema or "", "", "2", self.name.name)
