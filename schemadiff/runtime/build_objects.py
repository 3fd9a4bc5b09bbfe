"""Builders of operations on enum types, sequences, schemas and views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AlterEnum,
    AlterSequence,
    CreateDependant,
    CreateEnum,
    CreateSchema,
    CreateSequence,
    CreateView,
    DropDependant,
    DropEnum,
    DropSchema,
    DropSequence,
    DropView,
    EnumColumn,
    Operation,
)
from schemadiff.reflection.metadata import lower_sequence, lower_table
from schemadiff.runtime.site import Site
from schemadiff.schema import UNSET, Dependant, Enum, Expression, Unset, View
from schemadiff.schema import Sequence as SequenceNoun

__all__ = [
    "EnumColumnSpec",
    "SequenceOptions",
    "alter_enum",
    "alter_sequence",
    "create_dependant",
    "create_enum",
    "create_schema",
    "create_sequence",
    "create_view",
    "drop_dependant",
    "drop_enum",
    "drop_schema",
    "drop_sequence",
    "drop_view",
    "type_column",
]


@dataclass(frozen=True, slots=True)
class EnumColumnSpec:
    """A column of an enum type, as ``op.enum_column()`` names it."""

    table_name: str
    column_name: str
    schema: str | None = None
    array: bool = False
    server_default: Any = None
    new_server_default: Any = False


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """The options of a sequence, as users write them; None is the database's own default."""

    data_type: sa.types.TypeEngine[Any] | None = None
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None
    comment: str | None = None
    unlogged: bool = False
    owned_by: tuple[str, str] | None = None


def create_enum(
    site: Site, name: str, values: Sequence[str], *, schema: str | None, comment: str | None, if_not_exists: bool
) -> Operation:
    """Return the operation that creates an enum type."""
    enum = Enum(name=site.name(name, schema), values=tuple(map(str, values)), comment=comment)
    return CreateEnum(enum=enum, if_not_exists=if_not_exists)


def drop_enum(site: Site, name: str, *, schema: str | None, if_exists: bool) -> Operation:
    """Return the operation that drops an enum type."""
    return DropEnum(name=site.name(name, schema), if_exists=if_exists)


def alter_enum(
    site: Site,
    name: str,
    values: Sequence[str],
    *,
    existing_values: Sequence[str],
    columns: Sequence[EnumColumnSpec | EnumColumn | tuple[str, str]],
    remake: bool,
    comment: str | None | Unset,
    existing_comment: str | None | Unset,
    schema: str | None,
) -> Operation:
    """Return the operation that changes the values of an enum type."""
    return AlterEnum(
        name=site.name(name, schema),
        before=tuple(map(str, existing_values)),
        after=tuple(map(str, values)),
        columns=tuple(
            type_column(site, column, sa.Enum(*map(str, values), name=name, schema=schema)) for column in columns
        ),
        remake=remake,
        comment=comment,
        existing_comment=existing_comment,
    )


def type_column(site: Site, column: EnumColumnSpec | EnumColumn | tuple[str, str], element: Any) -> EnumColumn:
    """Return a column of a type that is to change.

    Args:
        site: what the operation is built for.
        column: the column, as users name it.
        element: the type that its default is a value of.
    """
    if isinstance(column, EnumColumn):
        return column
    spec = EnumColumnSpec(*column) if isinstance(column, tuple) else column
    type_ = postgresql.ARRAY(element) if spec.array else element
    default = _default(site, spec, type_, spec.server_default)
    new = default if spec.new_server_default is False else _default(site, spec, type_, spec.new_server_default)
    return EnumColumn(
        table=site.name(spec.table_name, spec.schema),
        name=spec.column_name,
        array=spec.array,
        default=default,
        new_default=new,
    )


def _default(site: Site, spec: EnumColumnSpec, type_: Any, server_default: Any) -> Expression | None:
    if server_default is None:
        return None
    scratch: sa.Column[Any] = sa.Column(spec.column_name, type_, server_default=server_default)
    table = sa.Table(spec.table_name, site.metadata(), scratch, schema=spec.schema)
    found = lower_table(table, site.backend, resolve=False).columns[0].default
    return found if isinstance(found, Expression) else None


def create_sequence(
    site: Site, name: str, options: SequenceOptions, *, schema: str | None, if_not_exists: bool
) -> Operation:
    """Return the operation that creates a sequence."""
    return CreateSequence(sequence=_sequence(site, name, schema, options), if_not_exists=if_not_exists)


def alter_sequence(
    site: Site, name: str, existing: SequenceOptions, changes: Mapping[str, Any], *, schema: str | None
) -> Operation:
    """Return the operation that changes a sequence. Changes that are UNSET are none."""
    after = replace(existing, **{key: value for key, value in changes.items() if value is not UNSET})
    return AlterSequence(before=_sequence(site, name, schema, existing), after=_sequence(site, name, schema, after))


def drop_sequence(site: Site, name: str, *, schema: str | None, if_exists: bool) -> Operation:
    """Return the operation that drops a sequence."""
    return DropSequence(name=site.name(name, schema), if_exists=if_exists)


def _sequence(site: Site, name: str, schema: str | None, options: SequenceOptions) -> SequenceNoun:
    values = asdict(options)
    owner = values.pop("owned_by")
    said = {
        "comment": values.pop("comment"),
        "unlogged": values.pop("unlogged"),
        "owner": None if owner is None else (str(owner[0]), str(owner[1])),
    }
    sequence = sa.Sequence(name, schema=schema, **values)
    return replace(lower_sequence(sequence, site.backend), **said)


def create_schema(name: str, *, if_not_exists: bool) -> Operation:
    """Return the operation that creates a schema."""
    return CreateSchema(name=str(name), if_not_exists=if_not_exists)


def drop_schema(name: str, *, if_exists: bool) -> Operation:
    """Return the operation that drops a schema."""
    return DropSchema(name=str(name), if_exists=if_exists)


def create_view(
    site: Site, name: str, definition: Any, *, schema: str | None, materialized: bool, comment: str | None
) -> Operation:
    """Return the operation that creates a view."""
    sql = definition
    if not isinstance(definition, str):
        dialect = site.backend.dialect
        sql = str(definition.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    view = View(name=site.name(name, schema), sql=sql, materialized=materialized, comment=comment)
    return CreateView(view=view)


def drop_view(site: Site, name: str, *, schema: str | None, materialized: bool) -> Operation:
    """Return the operation that drops a view."""
    return DropView(name=site.name(name, schema), materialized=materialized)


def create_dependant(
    site: Site, kind: str, name: str, statements: tuple[str, ...], *, table: str | None, schema: str | None
) -> Operation:
    """Return the operation that makes a trigger, view or the like by statements as they are."""
    first, *rest = statements
    return CreateDependant(dependant=replace(_dependant(site, kind, name, table, schema), sql=first, also=tuple(rest)))


def drop_dependant(
    site: Site, kind: str, name: str, statement: str, *, table: str | None, schema: str | None
) -> Operation:
    """Return the operation that drops a trigger, view or the like by a statement as it is."""
    return DropDependant(dependant=replace(_dependant(site, kind, name, table, schema), drop=statement))


def _dependant(site: Site, kind: str, name: str, table: str | None, schema: str | None) -> Dependant:
    if table is not None:
        return Dependant(kind=kind, name=name, sql="", table=site.name(table, schema))
    return Dependant(kind=kind, name=name, sql="", schema=site.name(name, schema).schema)
