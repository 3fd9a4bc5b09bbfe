"""Operations on whole tables and on schemas."""

from __future__ import annotations

from dataclasses import replace

from schemadiff.frozen import dataclass
from schemadiff.operations.base import Effects, Operation, relation_key, schema_key, schema_keys
from schemadiff.operations.touch import table_effects, view_effects
from schemadiff.schema import UNSET, Name, Options, Table, Unset, View

__all__ = [
    "AlterTable",
    "CreateSchema",
    "CreateTable",
    "CreateView",
    "DropSchema",
    "DropTable",
    "DropView",
    "RenameTable",
    "SetTableComment",
]


@dataclass(frozen=True, kw_only=True)
class CreateSchema(Operation):
    """CREATE SCHEMA."""

    name: str
    if_not_exists: bool = False

    def reverse(self) -> DropSchema:
        return DropSchema(name=self.name)

    def effects(self) -> Effects:
        return Effects(provides=frozenset({schema_key(self.name)}))

    def describe(self) -> str:
        return f"Create schema {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name, "", "0")


@dataclass(frozen=True, kw_only=True)
class DropSchema(Operation):
    """DROP SCHEMA, of an empty schema: never CASCADE."""

    name: str
    if_exists: bool = False

    def reverse(self) -> CreateSchema:
        return CreateSchema(name=self.name)

    def effects(self) -> Effects:
        return Effects(removes=frozenset({schema_key(self.name)}))

    def describe(self) -> str:
        return f"Drop schema {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (self.name, "", "9")


@dataclass(frozen=True, kw_only=True)
class CreateTable(Operation):
    """CREATE TABLE with columns and constraints. Its indexes are operations of their own: ``table.indexes`` is empty."""

    table: Table
    if_not_exists: bool = False

    def reverse(self) -> DropTable:
        return DropTable(name=self.table.name, table=self.table)

    def forward(self) -> CreateTable:
        return replace(self, table=replace(self.table, dependants=()))

    def effects(self) -> Effects:
        return table_effects(self.table)

    def describe(self) -> str:
        return f"Create table {self.table.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.table.name.sort_key, "1")


@dataclass(frozen=True, kw_only=True)
class DropTable(Operation):
    """DROP TABLE, never CASCADE. ``table``, its indexes included, is what :func:`~schemadiff.operations.reverse_all` makes again."""

    name: Name
    table: Table | None = None
    if_exists: bool = False

    def reverse(self) -> CreateTable:
        if self.table is None:
            raise self.irreversible("the table's columns")
        return CreateTable(table=self.table)

    def forward(self) -> DropTable:
        return replace(self, table=None)

    def effects(self) -> Effects:
        if self.table is None:
            return Effects(removes=frozenset({relation_key(self.name)}), releases=schema_keys(self.name.schema))
        return table_effects(self.table).reversed()

    def describe(self) -> str:
        return f"Drop table {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.name.sort_key, "9")


@dataclass(frozen=True, kw_only=True)
class RenameTable(Operation):
    """Rename a table within its schema."""

    name: Name
    new_name: str

    def reverse(self) -> RenameTable:
        return RenameTable(name=Name(self.new_name, self.name.schema), new_name=self.name.name)

    def effects(self) -> Effects:
        return Effects(
            removes=frozenset({relation_key(self.name)}),
            provides=frozenset({relation_key(Name(self.new_name, self.name.schema))}),
        )

    def describe(self) -> str:
        return f"Rename table {self.name} to {self.new_name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.name.sort_key, "2")


@dataclass(frozen=True, kw_only=True)
class AlterTable(Operation):
    """Change the dialect's options of a table. ``after`` and ``before`` hold the changed ones only; None means the default."""

    name: Name
    after: Options
    before: Options | Unset = UNSET

    def reverse(self) -> AlterTable:
        if self.before is UNSET:
            raise self.irreversible("the options' old values (existing_options=)")
        return AlterTable(name=self.name, after=self.before, before=self.after)

    def forward(self) -> AlterTable:
        return replace(self, before=UNSET)

    def effects(self) -> Effects:
        # What the options forbid goes before they change, what they allow comes after: a foreign key of a MyISAM table, or one of
        # a logged table to an unlogged one.
        return Effects(modifies=frozenset({relation_key(self.name)}))

    def describe(self) -> str:
        return f"Alter table {self.name}: {', '.join(name for name, _ in self.after)}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.name.sort_key, "2")


@dataclass(frozen=True, kw_only=True)
class SetTableComment(Operation):
    """Set, change or (None) drop the comment of a table."""

    name: Name
    comment: str | None
    before: str | None | Unset = UNSET

    def reverse(self) -> SetTableComment:
        if self.before is UNSET:
            raise self.irreversible("the old comment (existing_comment=)")
        return SetTableComment(name=self.name, comment=self.before, before=self.comment)

    def forward(self) -> SetTableComment:
        return replace(self, before=UNSET)

    def effects(self) -> Effects:
        return Effects(requires=frozenset({relation_key(self.name)}), releases=frozenset({relation_key(self.name)}))

    def describe(self) -> str:
        return f"{'Drop' if self.comment is None else 'Set'} comment of table {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.name.sort_key, "8")


@dataclass(frozen=True, kw_only=True)
class CreateView(Operation):
    """CREATE VIEW, of a view that is the model's own."""

    view: View

    def reverse(self) -> DropView:
        return DropView(name=self.view.name, view=self.view)

    def effects(self) -> Effects:
        return Effects(provides=frozenset({relation_key(self.view.name)}), requires=schema_keys(self.view.name.schema))

    def describe(self) -> str:
        return f"Create view {self.view.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.view.name.sort_key, "1")


@dataclass(frozen=True, kw_only=True)
class DropView(Operation):
    """DROP VIEW. ``view`` is what ``reverse()`` makes again."""

    name: Name
    view: View | None = None
    materialized: bool = False

    def reverse(self) -> CreateView:
        if self.view is None:
            raise self.irreversible("the view's query")
        return CreateView(view=self.view)

    def forward(self) -> DropView:
        return replace(self, view=None)

    def effects(self) -> Effects:
        if self.view is None:
            return Effects(removes=frozenset({relation_key(self.name)}), releases=schema_keys(self.name.schema))
        return view_effects(self.view).reversed()

    def describe(self) -> str:
        return f"Drop view {self.name}"

    @property
    def about(self) -> tuple[str, ...]:
        return (*self.name.sort_key, "0")
