"""The user's filters: ``include_name`` and ``include_object``, with the arguments that Alembic's users know.

What a filter leaves out is taken off both sides, so that it is neither created, changed nor dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa

from schemadiff.backends import Backend
from schemadiff.errors import UnrenderableType
from schemadiff.frozen import dataclass
from schemadiff.schema import Column, Index, Name, Schema, Table, UniqueConstraint

__all__ = ["Filters", "sqlalchemy_column", "sqlalchemy_table"]

IncludeName = Callable[[str | None, str, Mapping[str, str | None]], bool]
IncludeObject = Callable[[Any, str | None, str, bool, Any], bool]

T = TypeVar("T")


@dataclass(frozen=True)
class Filters:
    """The filters of one run.

    Args:
        include_name: called as ``include_name(name, type_, parent_names)`` for every name of either side.
        include_object: called as ``include_object(object, name, type_, reflected, compare_to)`` for every object of both sides.
    """

    include_name: IncludeName | None = None
    include_object: IncludeObject | None = None

    def includes_name(self, name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        """Return what ``include_name`` says; True where there is none."""
        return self.include_name is None or bool(self.include_name(name, kind, parents))

    def by_name(self, schema: Schema) -> Schema:
        """Return ``schema`` without what ``include_name`` leaves out."""
        if self.include_name is None:
            return schema
        used = {None, *schema.schemas, *(name.schema for name in schema.tables)}
        left_out = {name for name in used if not self.includes_name(name, "schema", {})}

        def inside(things: Mapping[Name, T]) -> dict[Name, T]:
            return {name: thing for name, thing in things.items() if name.schema not in left_out}

        tables = {
            name: self._parts_by_name(table)
            for name, table in inside(schema.tables).items()
            if self.includes_name(name.name, "table", {"schema_name": name.schema})
        }
        within = replace(
            schema,
            enums=inside(schema.enums),
            domains=inside(schema.domains),
            sequences=inside(schema.sequences),
            views=inside(schema.views),
            schemas=frozenset(schema.schemas - left_out),
        )
        return _with_tables(within, tables)

    def _parts_by_name(self, table: Table) -> Table:
        qualified = str(table.name)
        parents = {
            "schema_name": table.name.schema,
            "table_name": table.name.name,
            "schema_qualified_table_name": qualified,
        }

        def kept(items: Iterable[T], kind: str) -> tuple[T, ...]:
            return tuple(item for item in items if self.includes_name(getattr(item, "name"), kind, parents))  # noqa: B009

        return replace(
            table,
            columns=kept(table.columns, "column"),
            indexes=kept(table.indexes, "index"),
            uniques=kept(table.uniques, "unique_constraint"),
            foreign_keys=kept(table.foreign_keys, "foreign_key_constraint"),
        )

    def by_object(self, source: Schema, target: Schema, backend: Backend) -> tuple[Schema, Schema]:
        """Return both sides without what ``include_object`` leaves out of either."""
        if self.include_object is None:
            return source, target
        left, right = dict(source.tables), dict(target.tables)
        for name in sorted(left.keys() | right.keys()):
            before, after = left.get(name), right.get(name)
            if not self._includes_pair(before, after, "table", backend):
                left.pop(name, None)
                right.pop(name, None)
                continue
            if before is not None:
                left[name] = self._parts(before, after, backend)
            if after is not None:
                right[name] = self._parts(after, before, backend)
        return _with_tables(source, left), _with_tables(target, right)

    def _includes_pair(self, before: Table | None, after: Table | None, kind: str, backend: Backend) -> bool:
        one = None if before is None else sqlalchemy_table(before, backend)
        other = None if after is None else sqlalchemy_table(after, backend)
        return self._includes(one, other, kind)

    def _includes(self, reflected: Any, modelled: Any, kind: str) -> bool:
        if self.include_object is None:
            return True
        if modelled is not None:
            return bool(self.include_object(modelled, modelled.name, kind, False, reflected))
        return bool(self.include_object(reflected, reflected.name, kind, True, None))

    def _parts(self, table: Table, other: Table | None, backend: Backend) -> Table:
        own = sqlalchemy_table(table, backend)
        theirs = None if other is None else sqlalchemy_table(other, backend)
        modelled = table.origin is not None

        def kept(items: Iterable[T], kind: str, find: Callable[[sa.Table, T], Any]) -> tuple[T, ...]:
            found = []
            for item in items:
                here = find(own, item)
                there = None if theirs is None else find(theirs, item)
                reflected, model = (there, here) if modelled else (here, there)
                if (reflected is None and model is None) or self._includes(reflected, model, kind):
                    found.append(item)
            return tuple(found)

        return replace(
            table,
            columns=kept(table.columns, "column", _find_column),
            indexes=kept(table.indexes, "index", _find_index),
            uniques=kept(table.uniques, "unique_constraint", _find_constraint),
            foreign_keys=kept(table.foreign_keys, "foreign_key_constraint", _find_constraint),
        )


def _with_tables(schema: Schema, tables: Mapping[Name, Table]) -> Schema:
    """Return ``schema`` with fewer tables, and without the types and sequences that only the others use."""
    left_out = [schema.tables[name] for name in schema.tables.keys() - tables.keys()]
    types = _types(left_out, schema) - _types(tables.values(), schema)
    sequences = _sequences(left_out) - _sequences(tables.values())
    return replace(
        schema,
        tables=tables,
        enums={name: enum for name, enum in schema.enums.items() if name not in types},
        domains={name: domain for name, domain in schema.domains.items() if name not in types},
        sequences={name: each for name, each in schema.sequences.items() if id(each.origin) not in sequences},
    )


def _types(tables: Iterable[Table], schema: Schema) -> set[Name]:
    """Return the types that the columns of ``tables`` are of, and those that domains among them are made of."""
    found = {column.type.named for table in tables for column in table.columns if column.type.named is not None}
    todo = list(found)
    while todo:
        domain = schema.domains.get(todo.pop())
        if domain is not None and domain.type.named is not None and domain.type.named not in found:
            found.add(domain.type.named)
            todo.append(domain.type.named)
    return found


def _sequences(tables: Iterable[Table]) -> set[int]:
    """Return which of a model's sequences give its columns their values, by identity."""
    origins = [table.origin for table in tables if isinstance(table.origin, sa.Table)]
    defaults = [column.default for origin in origins for column in origin.columns]
    return {id(default) for default in defaults if isinstance(default, sa.Sequence)}


def _find_column(table: sa.Table, column: Column) -> Any:
    return next((c for c in table.columns if c.name == column.name), None)


def _find_index(table: sa.Table, index: Index) -> Any:
    return next((i for i in table.indexes if i.name == index.name), None)


def _find_constraint(table: sa.Table, constraint: Any) -> Any:
    kind = sa.UniqueConstraint if isinstance(constraint, UniqueConstraint) else sa.ForeignKeyConstraint
    for found in table.constraints:
        if isinstance(found, kind) and tuple(c.name for c in found.columns) == constraint.columns:
            return found
    return None


def sqlalchemy_table(table: Table, backend: Backend) -> sa.Table:
    """Return the SQLAlchemy table that ``table`` came from, or one that shows a filter what was read from a database."""
    if isinstance(table.origin, sa.Table):
        return table.origin
    columns = [sqlalchemy_column(column, backend) for column in table.columns]
    found = sa.Table(table.name.name, sa.MetaData(), *columns, schema=table.name.schema, comment=table.comment)
    for index in table.indexes:
        names = [found.c[name] for name in index.columns if name in found.c]
        if names:
            sa.Index(index.name, *names, unique=index.unique)
    for unique in table.uniques:
        found.append_constraint(sa.UniqueConstraint(*[found.c[name] for name in unique.columns], name=unique.name))
    for key in table.foreign_keys:
        referents = [_referent(key.referent, name) for name in key.referent_columns]
        found.append_constraint(sa.ForeignKeyConstraint(list(key.columns), referents, name=key.name))
    return found


def _referent(table: Name, column: str) -> str:
    return ".".join(part for part in (table.schema, table.name, column) if part is not None)


def sqlalchemy_column(column: Column, backend: Backend) -> sa.Column[Any]:
    """Return the SQLAlchemy column that ``column`` came from, or one that shows a hook what was read from a database."""
    if isinstance(column.origin, sa.Column):
        return column.origin
    try:
        type_ = backend.sqlalchemy_type(column.type, collation=column.collation)
    except UnrenderableType:
        type_ = sa.types.NullType()
    return sa.Column(column.name, type_, nullable=column.nullable, comment=column.comment)
