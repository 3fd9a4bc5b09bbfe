"""Builders of operations on columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import sqlalchemy as sa

from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import AddColumn, AddConstraint, AlterColumn, CreateIndex, DropColumn, Operation, Place
from schemadiff.reflection.compiling import Compiler
from schemadiff.reflection.elements import lower_default
from schemadiff.reflection.metadata import lower_table
from schemadiff.runtime.build_tables import for_backend
from schemadiff.runtime.site import Site
from schemadiff.schema import UNSET, Column, ColumnState, DataType, ForeignKey, Options, PrimaryKey

__all__ = ["add_column", "alter_column", "drop_column"]

TypeArgument = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] | None
CommentArgument = str | None | Literal[False]


def add_column(
    site: Site,
    table_name: str,
    column: sa.Column[Any],
    *,
    schema: str | None,
    if_not_exists: bool,
    inline_references: bool = False,
    inline_primary_key: bool = False,
    place: Place | None = None,
) -> tuple[Operation, ...]:
    """Return the operations that add a column, and the constraints and the index that it asks for."""
    # The column may stand in a table of the user's already, as in op.add_column("account", Account.__table__.c.email).
    own = column if getattr(column, "table", None) is None else column._copy()
    table = sa.Table(str(table_name), site.metadata(), own, schema=schema)
    lowered = lower_table(table, site.backend, resolve=False)
    name = lowered.name
    added = next(item for item in lowered.columns if item.name == str(own.name))
    given = [replace(each, name=None) if each.implicit else each for each in lowered.constraints()]
    inline = tuple(
        each
        for each in given
        if (inline_references and isinstance(each, ForeignKey)) or (inline_primary_key and isinstance(each, PrimaryKey))
    )
    constraints = [AddConstraint(table=name, constraint=each) for each in given if each not in inline]
    indexes = [CreateIndex(table=name, index=index, if_not_exists=if_not_exists) for index in lowered.indexes]
    add = AddColumn(table=name, column=added, if_not_exists=if_not_exists, inline=inline, place=place)
    return (add, *constraints, *indexes)


def drop_column(
    site: Site, table_name: str, column_name: str, *, schema: str | None, if_exists: bool, **kw: Any
) -> Operation:
    """Return the operation that drops a column.

    Raises:
        UnsupportedOperation: an argument asks for what is not done: to drop constraints along with the column.
    """
    for key, value in for_backend(site, kw).items():
        if value:
            raise UnsupportedOperation(
                f"drop_column({table_name!r}, {column_name!r}): {site.backend.option_prefixes[0]}_{key} is not supported: drop the constraint before it"
            )
    return DropColumn(table=site.name(table_name, schema), name=str(column_name), if_exists=if_exists)


def alter_column(
    site: Site,
    table_name: str,
    column_name: str,
    *,
    nullable: bool | None,
    comment: CommentArgument,
    server_default: Any,
    new_column_name: str | None,
    type_: TypeArgument,
    existing_type: TypeArgument,
    existing_server_default: Any,
    existing_nullable: bool | None,
    existing_comment: CommentArgument,
    schema: str | None,
    autoincrement: bool | None,
    existing_autoincrement: bool | None,
    postgresql_using: str | None,
    place: Place | None = None,
    **kw: Any,
) -> tuple[Operation, ...]:
    """Return the operation that changes a column; nothing where it says nothing for this dialect."""
    column_name = str(column_name)
    given_options = _column_options(site, {k: v for k, v in kw.items() if not k.startswith("existing_")})
    existing_options = _column_options(
        site, {k.removeprefix("existing_"): v for k, v in kw.items() if k.startswith("existing_")}
    )
    before = _lowered(site, table_name, column_name, schema, existing_type, existing_server_default, existing_nullable)
    after = _lowered(
        site,
        table_name,
        column_name,
        schema,
        existing_type if type_ is None else type_,
        existing_server_default if server_default is False else server_default,
        existing_nullable if nullable is None else nullable,
    )
    old = _State(
        before, existing_type, existing_server_default, existing_nullable, existing_comment, existing_autoincrement
    )
    new = _State(after, type_, server_default, nullable, comment, autoincrement)
    old_state, new_state = old.state(), new.state()
    new_state = _without_same_type(old_state, new_state)
    old_options = _merged(before, existing_options)
    new_options = _merged(after, existing_options | given_options)
    if new_options != old_options:
        new_state = replace(new_state, options=new_options)
    if before is not None and (existing_type is not None or existing_options):
        old_state = replace(old_state, options=old_options)
    if new_column_name is not None and str(new_column_name) != column_name:
        new_state = replace(new_state, name=str(new_column_name))
    using = postgresql_using if "postgresql" in site.backend.option_prefixes else None
    if not new_state.known() and place is None:
        return ()
    return (
        AlterColumn(
            table=site.name(table_name, schema),
            name=column_name,
            after=new_state,
            before=old_state,
            using=using,
            place=place,
        ),
    )


def _column_options(site: Site, given: dict[str, Any]) -> dict[str, Any]:
    unknown = [key for key in given if "_" not in key]
    if unknown:
        raise TypeError(f"alter_column() has no argument {unknown[0]!r}")
    return for_backend(site, given)


def _lowered(
    site: Site,
    table_name: str,
    column_name: str,
    schema: str | None,
    type_: TypeArgument,
    server_default: Any,
    nullable: bool | None,
) -> Column | None:
    """Return the column as far as it is known; None where its type is not."""
    items: list[Any] = []
    keywords: dict[str, Any] = {}
    if isinstance(server_default, (sa.Computed, sa.Identity)):
        items.append(server_default._copy() if server_default.column is not None else server_default)
    elif server_default is not False and server_default is not None:
        keywords["server_default"] = server_default
    if nullable is not None:
        keywords["nullable"] = nullable
    column: sa.Column[Any] = sa.Column(column_name, type_, *items, **keywords)
    table = sa.Table(str(table_name), site.metadata(), column, schema=schema)
    if type_ is not None:
        return lower_table(table, site.backend, resolve=False).columns[0]
    if not items and not keywords:
        return None
    unknown = DataType("")
    default = lower_default(column, unknown, Compiler(site.backend), f"column {table_name}.{column_name}")
    return Column(name=column_name, type=unknown, default=default)


class _State:
    """One side of a change: what the arguments say, in the spelling of the lowered column."""

    def __init__(
        self,
        column: Column | None,
        type_: TypeArgument,
        server_default: Any,
        nullable: bool | None,
        comment: CommentArgument,
        autoincrement: bool | None,
    ) -> None:
        self.column = column
        self.type_ = type_
        self.server_default = server_default
        self.nullable = nullable
        self.comment = comment
        self.autoincrement = autoincrement

    def state(self) -> ColumnState:
        """Return what is given; the collation goes with the type."""
        known: dict[str, Any] = {}
        if self.type_ is not None and self.column is not None:
            known["type"] = self.column.type
            known["collation"] = self.column.collation
        if self.server_default is None:
            known["default"] = None
        elif self.server_default is not False and self.column is not None:
            known["default"] = self.column.default
        if self.nullable is not None:
            known["nullable"] = self.nullable
        if self.comment is not False:
            known["comment"] = self.comment
        if self.autoincrement is not None:
            known["autoincrement"] = bool(self.autoincrement)
        return ColumnState(**known)


def _without_same_type(old: ColumnState, new: ColumnState) -> ColumnState:
    """Return ``new`` without a collation that does not change, and without a type that only carries a changed collation."""
    if new.type is UNSET:
        return new
    if old.type is UNSET:
        return replace(new, collation=UNSET) if new.collation is None else new
    if new.collation == old.collation:
        return replace(new, collation=UNSET)
    return replace(new, type=UNSET) if new.type == old.type else new


def _merged(column: Column | None, given: dict[str, Any]) -> Options:
    values: dict[str, Any] = {} if column is None else dict(column.options)
    values.update(given)
    return tuple(sorted((key, value) for key, value in values.items() if value is not None))
