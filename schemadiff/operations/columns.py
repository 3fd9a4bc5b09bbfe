"""Operations on columns."""

from __future__ import annotations

from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation, column_key, data_type_keys, relation_key, schema_keys
from schemadiff.operations.touch import column_effects, constraint_effects
from schemadiff.schema import UNSET, Column, ColumnState, Constraint, DataType, Name, Unset

__all__ = ["AddColumn", "AlterColumn", "DropColumn", "Place"]

NOTHING_KNOWN = ColumnState()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands: before or after another one. The order of columns is no part of a difference.

    Args:
        before: the column that follows it.
        after: the column that it follows.
        first: it stands before all others.
    """

    before: str | None = None
    after: str | None = None
    first: bool = False


@dataclass(frozen=True, kw_only=True)
class AddColumn(Operation):
    """ALTER TABLE ... ADD COLUMN.

    Args:
        table: its table.
        column: the column.
        if_not_exists: leave an existing column as it is.
        inline: the primary key and the foreign keys of this column alone that are written into its definition.
        place: where it stands among the others, where the database can say it.
    """

    table: Name
    column: Column
    if_not_exists: bool = False
    inline: tuple[Constraint, ...] = ()
    place: Place | None = None

    def reverse(self) -> DropColumn:
        return DropColumn(table=self.table, name=self.column.name, column=self.column)

    def effects(self) -> Effects:
        total = column_effects(self.table, self.column)
        for constraint in self.inline:
            total |= constraint_effects(self.table, constraint)
        return replace(total, requires=total.requires - total.provides)

    def describe(self) -> str:
        return f"Add column {self.table}.{self.column.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "3", self.column.name)


@dataclass(frozen=True, kw_only=True)
class DropColumn(Operation):
    """ALTER TABLE ... DROP COLUMN. ``column`` is what ``reverse()`` makes again."""

    table: Name
    name: str
    column: Column | None = None
    if_exists: bool = False

    def reverse(self) -> AddColumn:
        if self.column is None:
            raise self.irreversible("the column's type")
        return AddColumn(table=self.table, column=self.column)

    def forward(self) -> DropColumn:
        return replace(self, column=None)

    def effects(self) -> Effects:
        if self.column is None:
            removes = frozenset({column_key(self.table, self.name)})
            return Effects(removes=removes, releases=frozenset({relation_key(self.table)}))
        return column_effects(self.table, self.column).reversed()

    def describe(self) -> str:
        return f"Drop column {self.table}.{self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "5", self.name)


@dataclass(frozen=True, kw_only=True)
class AlterColumn(Operation):
    """Change a column in place.

    Args:
        table: its table.
        name: the column's name before the change.
        after: what changes, and nothing else.
        before: what is known of the column as it stands. ``reverse()`` needs of it what ``after`` sets; MySQL, which states a
            column whole, needs the rest as well.
        using: PostgreSQL's USING expression of a type change.
        reverse_using: the same for the way back.
        place: where it stands afterwards; None where it stays.
        reverse_place: the same for the way back.
    """

    table: Name
    name: str
    after: ColumnState
    before: ColumnState = NOTHING_KNOWN
    using: str | None = None
    reverse_using: str | None = None
    place: Place | None = None
    reverse_place: Place | None = None

    def reverse(self) -> AlterColumn:
        known = self.before.known() | {"name": self.name}
        missing = sorted(set(self.after.known()) - set(known))
        if missing:
            raise self.irreversible(" and ".join(f"the existing {name}" for name in missing))
        before = replace(self.after.over(self.before), name=UNSET)
        return AlterColumn(
            table=self.table,
            name=self.name if self.after.name is UNSET else self.after.name,
            after=ColumnState(**{name: known[name] for name in self.after.known()}),
            before=before,
            using=self.reverse_using,
            reverse_using=self.using,
            place=self.reverse_place,
            reverse_place=self.place,
        )

    def forward(self) -> AlterColumn:
        return replace(self, before=NOTHING_KNOWN, reverse_using=None, reverse_place=None)

    def effects(self) -> Effects:
        here = column_key(self.table, self.name)
        relation = frozenset({relation_key(self.table)})
        requires, releases = relation, relation
        if isinstance(self.after.type, DataType):
            requires |= data_type_keys(self.after.type)
            if isinstance(self.before.type, DataType):
                releases |= data_type_keys(self.before.type)
        # A changed default or expression may hang on other things just as a new column's does.
        if not isinstance(self.after.default, Unset):
            probe = Column(name=self.name, type=DataType(""), default=self.after.default)
            requires |= column_effects(self.table, probe).requires
            if not isinstance(self.before.default, Unset):
                probe = Column(name=self.name, type=DataType(""), default=self.before.default)
                releases |= column_effects(self.table, probe).requires
        if self.after.name is not UNSET and self.after.name != self.name:
            return Effects(
                removes=frozenset({here}),
                provides=frozenset({column_key(self.table, self.after.name)}),
                requires=requires - {here},
                releases=releases - {here},
            )
        return Effects(
            modifies=frozenset({here}),
            requires=requires - {here} | schema_keys(self.table.schema),
            releases=releases - {here},
        )

    def describe(self) -> str:
        return f"Alter column {self.table}.{self.name}: {', '.join(sorted(self.after.known()))}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.sort_key, "4", self.name)
