"""A SQLAlchemy MetaData, lowered into a Schema that is canonical for one backend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from schemadiff.backends import Backend
from schemadiff.collector import paused_collector
from schemadiff.errors import ModelError, TargetError
from schemadiff.reflection.compiling import Compiler
from schemadiff.reflection.domains import lower_domain_type
from schemadiff.reflection.elements import lower_column, lower_constraint, lower_index, table_name
from schemadiff.schema import (
    CheckConstraint,
    Domain,
    Enum,
    ExcludeConstraint,
    ForeignKey,
    Name,
    Options,
    PrimaryKey,
    Schema,
    Table,
    UniqueConstraint,
    View,
)
from schemadiff.schema import Sequence as SequenceNoun

__all__ = ["lower", "lower_sequence", "lower_table"]


def lower(metadata: sa.MetaData | Iterable[sa.MetaData], backend: Backend) -> Schema:
    """Return what ``create_all()`` of ``metadata`` makes on the backend's server, as plain data.

    Args:
        metadata: one MetaData, or several that have no table in common.
        backend: the backend of the database that it will be compared with.

    Raises:
        TargetError: two metadatas have a table of the same name.
        ModelError: the model names a table that it does not have, or something cannot be compiled for the dialect.
    """
    with paused_collector():
        return _lower([metadata] if isinstance(metadata, sa.MetaData) else metadata, backend)


def _lower(metadata: Iterable[sa.MetaData], backend: Backend) -> Schema:
    compiler = Compiler(backend)
    tables: dict[Name, Table] = {}
    enums: dict[Name, Enum] = {}
    domains: dict[Name, Domain] = {}
    sequences: dict[Name, SequenceNoun] = {}
    views: dict[Name, View] = {}
    for each in metadata:
        for source in each.tables.values():
            if getattr(source, "is_view", False):
                view = lower_view(source, compiler)
                views[view.name] = view
                continue
            table = _lower_table(source, compiler, resolve=True)
            if table.name in tables:
                raise TargetError(f"table {table.name} is defined twice in the target; keep one of the definitions")
            tables[table.name] = table
            of_types = (
                [compiler.of_type(column.type) for column in source.columns] if compiler.meets_named_types else []
            )
            for enum in (found.enum for found in of_types if found.enum is not None):
                if enums.setdefault(enum.name, enum).values != enum.values:
                    raise ModelError(
                        f"enum type {enum.name} is defined twice with different values; give one of them another name"
                    )
            for domain in (lower_domain_type(each, backend) for found in of_types for each in found.domains):
                if domains.setdefault(domain.name, domain) != domain:
                    raise ModelError(f"domain {domain.name} is defined twice, not alike; give one of them another name")
        for sequence in _sequences(each, backend):
            lowered = lower_sequence(sequence, backend)
            sequences[lowered.name] = lowered
    named = {name.schema for name in (*tables, *enums, *domains, *sequences, *views)}
    return Schema(
        server=backend.server,
        tables=tables,
        enums=enums,
        domains=domains,
        sequences=sequences,
        views=views,
        schemas=frozenset(schema for schema in named if schema is not None),
    )


def lower_view(source: sa.Table, compiler: Compiler) -> View:
    """Return a view that SQLAlchemy 2.1's ``CreateView(..., metadata=...)`` has put among the tables of a MetaData."""
    creator: Any = source._creator_ddl  # type: ignore[attr-defined, unused-ignore]
    name = table_name(source.schema, source.name, compiler)
    sql = compiler.statement(creator.selectable, f"view {name}")
    return View(name=name, sql=sql, materialized=bool(getattr(creator, "materialized", False)), origin=source)


def lower_table(source: sa.Table, backend: Backend, *, resolve: bool = True) -> Table:
    """Return one table, lowered.

    Args:
        source: the table.
        backend: the backend.
        resolve: see :func:`~schemadiff.reflection.elements.lower_constraint`.

    Raises:
        ModelError: as for :func:`lower`.
    """
    return _lower_table(source, Compiler(backend), resolve=resolve)


def _lower_table(source: sa.Table, compiler: Compiler, *, resolve: bool) -> Table:
    found: dict[type[Any], list[Any]] = {}
    columns = list(source.columns)
    for constraint in _sorted_constraints(source, columns):
        if compiler.applies(constraint, source):
            lowered = lower_constraint(constraint, compiler, resolve=resolve)
            found.setdefault(type(lowered), []).append(lowered)
    indexes = [lower_index(index, compiler) for index in source.indexes if compiler.applies(index, source)]
    return compiler.backend.finish_table(
        Table(
            name=table_name(source.schema, source.name, compiler),
            columns=tuple([lower_column(column, compiler) for column in columns if not column.system]),
            primary_key=next(iter(found.get(PrimaryKey, ())), None),
            uniques=tuple(found.get(UniqueConstraint, ())),
            checks=tuple(found.get(CheckConstraint, ())),
            foreign_keys=tuple(found.get(ForeignKey, ())),
            excludes=tuple(found.get(ExcludeConstraint, ())),
            indexes=tuple(sorted(indexes, key=attrgetter("name"))),
            comment=source.comment,
            options=_options(source, compiler),
            origin=source,
        )
    )


def _options(source: sa.Table, compiler: Compiler) -> Options:
    arguments = compiler.plain(compiler.arguments(source), f"table {source.name}")
    if source._prefixes:
        arguments["prefixes"] = [str(prefix) for prefix in source._prefixes]
    return compiler.backend.options("table", arguments) if arguments else compiler.bare_options["table"]


def _sorted_constraints(source: sa.Table, columns: Iterable[sa.Column[Any]]) -> Sequence[sa.Constraint]:
    """Return the constraints in the order in which they were declared, which decides the names that servers give them.

    A CHECK that was put into a column is a constraint of the column's for SQLAlchemy, and one of the table's for every database.
    """
    found = list(source.constraints)
    for column in columns:
        if column.constraints:
            found += column.constraints
    return sorted(found, key=_creation_order)


def _creation_order(constraint: sa.Constraint) -> int:
    return getattr(constraint, "_creation_order", 0)


def _sequences(metadata: sa.MetaData, backend: Backend) -> list[sa.Sequence]:
    """Return the sequences that ``create_all`` makes: an optional one only where the database cannot do without."""
    if not backend.has_sequences:
        return []
    found = [sequence for _, sequence in sorted(metadata._sequences.items(), key=lambda item: str(item[0]))]
    return [s for s in found if not (s.optional and backend.dialect.sequences_optional)]


def lower_sequence(source: sa.Sequence, backend: Backend) -> SequenceNoun:
    """Return a free sequence, lowered."""
    name = table_name(source.schema, source.name, Compiler(backend))
    return backend.finish_sequence(
        SequenceNoun(
            name=name,
            type=None if source.data_type is None else backend.data_type(sa.types.to_instance(source.data_type)),
            start=source.start,
            increment=source.increment,
            minvalue=source.minvalue,
            maxvalue=source.maxvalue,
            cycle=bool(source.cycle),
            cache=source.cache,
            origin=source,
        )
    )
