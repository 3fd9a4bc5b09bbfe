"""Builders of operations on constraints and indexes.

Each builds the SQLAlchemy object on a scratch table that has the columns which are named, and lowers it as it would lower a
model's, so that a file and a model mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import visitors

from schemadiff.backends.exclusions import ExcludeConstraint
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddConstraint,
    ConstraintKind,
    CreateIndex,
    DropConstraint,
    DropIndex,
    Operation,
    RenameConstraint,
    RenameIndex,
    constraint_kind,
)
from schemadiff.operations.touch import mentioned
from schemadiff.reflection.compiling import Compiler
from schemadiff.reflection.elements import lower_constraint, lower_index
from schemadiff.runtime.build_tables import for_backend
from schemadiff.runtime.site import Site
from schemadiff.schema import Constraint, Expression, ForeignKey, Index

__all__ = [
    "check_constraint",
    "create_index",
    "drop_constraint",
    "drop_index",
    "exclude_constraint",
    "foreign_key",
    "lower_item_index",
    "lower_scratch",
    "primary_key",
    "rename_constraint",
    "rename_index",
    "unique_constraint",
]


def primary_key(
    site: Site, name: str | None, table_name: str, columns: Sequence[str], *, schema: str | None, **kw: Any
) -> Operation:
    """Return the operation that adds a primary key."""
    return _add(site, table_name, schema, columns, sa.PrimaryKeyConstraint(*columns, name=name, **kw))


def unique_constraint(
    site: Site, name: str | None, table_name: str, columns: Sequence[str], *, schema: str | None, **kw: Any
) -> Operation:
    """Return the operation that adds a unique constraint."""
    return _add(site, table_name, schema, columns, sa.UniqueConstraint(*columns, name=name, **kw))


def check_constraint(
    site: Site, name: str | None, table_name: str, condition: Any, *, schema: str | None, **kw: Any
) -> Operation:
    """Return the operation that adds a check constraint."""
    own = _detached(condition)
    return _add(site, table_name, schema, _names(own), sa.CheckConstraint(own, name=name, **kw))


def foreign_key(
    site: Site,
    name: str | None,
    source_table: str,
    referent_table: str,
    local_cols: Sequence[str],
    remote_cols: Sequence[str],
    *,
    source_schema: str | None,
    referent_schema: str | None,
    **kw: Any,
) -> Operation:
    """Return the operation that adds a foreign key."""
    metadata = site.metadata()
    own = (str(source_table), source_schema) == (str(referent_table), referent_schema)
    # Columns, not "table.column": a name with a dot in it cannot be written so.
    # Empty names are those of the primary key, whichever it is; SQLAlchemy has no columns that are called so.
    whichever = bool(remote_cols) and not any(remote_cols)
    remote_cols = local_cols if whichever else remote_cols
    names = list(dict.fromkeys([*map(str, local_cols), *(map(str, remote_cols) if own else ())]))
    source = _scratch(metadata, source_table, source_schema, names)
    referent = source if own else _scratch(metadata, referent_table, referent_schema, remote_cols)
    constraint = sa.ForeignKeyConstraint(
        [str(column) for column in local_cols], [referent.c[str(column)] for column in remote_cols], name=name, **kw
    )
    source.append_constraint(constraint)
    lowered = lower_constraint(constraint, Compiler(site.backend), resolve=False)
    if whichever and isinstance(lowered, ForeignKey):
        lowered = replace(lowered, referent_columns=())
    return _adding(site, lowered, source_table, source_schema)


def exclude_constraint(
    site: Site,
    name: str | None,
    table_name: str,
    *elements: tuple[Any, str],
    schema: str | None,
    where: Any,
    ops: Mapping[str, str] | None,
    **kw: Any,
) -> Operation:
    """Return the operation that adds an exclusion constraint."""
    own = [(_detached(element), operator) for element, operator in elements]
    names = [found for element, _ in own for found in ([element] if isinstance(element, str) else _names(element))]
    predicate = _detached(where)
    constraint = ExcludeConstraint(*own, name=name, where=predicate, ops=dict(ops or {}), **kw)
    return _add(site, table_name, schema, [*names, *_names(predicate)], constraint)


def drop_constraint(
    site: Site,
    name: str | None,
    table_name: str,
    type_: ConstraintKind | None,
    *,
    schema: str | None,
    if_exists: bool,
    existing: sa.Constraint | None,
) -> Operation:
    """Return the operation that drops a constraint.

    Raises:
        UnsupportedOperation: nothing says which constraint is meant, or ``type_`` is none of the kinds.
    """
    _refuse_kind("drop_constraint", type_)
    # What is there has the name that it has, whatever the naming convention would make of it.
    unconventional = replace(site, naming_convention={})
    constraint = None if existing is None else lower_scratch(unconventional, existing, table_name, schema)
    if name is None and type_ != "primary" and constraint is None:
        raise UnsupportedOperation(
            f"drop_constraint(None, {table_name!r}): nothing says which constraint: give its name, or existing=sa.UniqueConstraint(...)"
        )
    final = None if name is None else _final_name(site, name, table_name, schema, type_)
    if constraint is not None and final is not None:
        constraint = replace(constraint, name=final, implicit=False)
    return DropConstraint(
        table=site.name(table_name, schema), name=final, kind=type_, constraint=constraint, if_exists=if_exists
    )


def create_index(
    site: Site,
    name: str | None,
    table_name: str,
    columns: Sequence[Any],
    *,
    schema: str | None,
    unique: bool,
    if_not_exists: bool,
    **kw: Any,
) -> Operation:
    """Return the operation that creates an index."""
    if isinstance(columns, str):
        raise UnsupportedOperation(f"create_index({name!r}): columns is a string: write a list of names")
    elements = [_detached(column) for column in columns]
    keywords = {key: _detached(value) for key, value in kw.items()}
    comment = keywords.pop("comment", None)
    further = [value for key, value in keywords.items() if key.endswith(("_where", "_include"))]
    names = [found for item in (*elements, *further) for found in _names(item)]
    index = sa.Index(name, *elements, unique=unique, **keywords)
    _scratch(site.metadata(), table_name, schema, names, index)
    lowered = lower_index(index, Compiler(site.backend))
    if comment is not None:
        lowered = replace(lowered, comment=comment)
    if any(str(kw.get(f"{prefix}_using")).lower() == "btree" for prefix in site.backend.option_prefixes):
        # A table of a model says whether a b-tree goes without saying; here nobody knows the table (MySQL's MEMORY makes hashes).
        lowered = replace(lowered, method="btree")
    return CreateIndex(table=site.name(table_name, schema), index=lowered, if_not_exists=if_not_exists)


def _detached(item: Any) -> Any:
    """Return a column of a user's own table, or an expression over some, as one over names: it belongs to no table."""
    if isinstance(item, sa.Column):
        return str(item.name)
    if not isinstance(item, sa.ClauseElement):
        return item

    def named(element: Any, **kw: Any) -> Any:
        return sa.column(str(element.name), element.type) if isinstance(element, sa.Column) else None

    return visitors.replacement_traverse(item, {}, named)


def drop_index(
    site: Site, name: str, table_name: str | None, *, schema: str | None, if_exists: bool, **kw: Any
) -> Operation:
    """Return the operation that drops an index.

    Raises:
        UnsupportedOperation: an argument has no dialect before it.
    """
    concurrently = bool(for_backend(site, kw).get("concurrently"))
    table = None if table_name is None else site.name(table_name, schema)
    own = site.name("", schema).schema
    return DropIndex(table=table, name=str(name), schema=own, if_exists=if_exists, concurrently=concurrently)


def rename_constraint(
    site: Site,
    name: str,
    new_name: str,
    table_name: str,
    type_: ConstraintKind | None,
    *,
    schema: str | None,
    existing: sa.Constraint | None,
) -> Operation:
    """Return the operation that renames a constraint.

    Raises:
        UnsupportedOperation: ``type_`` is none of the kinds.
    """
    _refuse_kind("rename_constraint", type_)
    constraint = None
    if existing is not None:
        constraint = lower_scratch(replace(site, naming_convention={}), existing, table_name, schema)
    if constraint is not None:
        constraint = replace(constraint, name=str(name), implicit=False)
        type_ = type_ or constraint_kind(constraint)
    return RenameConstraint(
        table=site.name(table_name, schema), name=str(name), new_name=str(new_name), kind=type_, constraint=constraint
    )


def rename_index(
    site: Site, name: str, new_name: str, table_name: str | None, *, schema: str | None, existing: sa.Index | None
) -> Operation:
    """Return the operation that renames an index."""
    table = None if table_name is None else site.name(table_name, schema)
    index = None
    if existing is not None:
        index = replace(lower_item_index(site, existing, table_name or "t", schema), name=str(name))
    own = site.name("", schema).schema
    return RenameIndex(table=table, name=str(name), new_name=str(new_name), schema=own, index=index)


def lower_item_index(site: Site, index: sa.Index, table_name: str, schema: str | None) -> Index:
    """Return an index that stands in no table, or in a user's own, lowered as one of the table ``table_name``."""
    if getattr(index, "table", None) is None:
        _scratch(site.metadata(), table_name, schema, _index_columns(index), index)
    return lower_index(index, Compiler(site.backend))


def _index_columns(index: sa.Index) -> list[str]:
    pending = [each for each in getattr(index, "_pending_colargs", ()) if each is not None]
    texts = [each for each in index.expressions if not isinstance(each, str)]
    where = [each for kwargs in index.dialect_options.values() for key, each in kwargs.items() if key == "where"]
    return [found for item in (*pending, *texts, *where) for found in _names(item)]


def _refuse_kind(function: str, type_: str | None) -> None:
    kinds = ("primary", "unique", "check", "foreignkey", "exclude")
    if type_ is not None and type_ not in kinds:
        raise UnsupportedOperation(f"{function}(): type_={type_!r} is none of {', '.join(kinds)}")


def lower_scratch(site: Site, constraint: sa.Constraint, table_name: str, schema: str | None) -> Constraint | None:
    """Return a constraint that stands in no table, or in a user's own, lowered as one of the table ``table_name``."""
    if getattr(constraint, "parent", None) is not None:
        return lower_constraint(constraint, Compiler(site.backend), resolve=False)
    table = _scratch(site.metadata(), table_name, schema, _constraint_columns(constraint))
    table.append_constraint(constraint)
    return lower_constraint(constraint, Compiler(site.backend), resolve=False)


def _constraint_columns(constraint: sa.Constraint) -> list[str]:
    match constraint:
        case sa.ForeignKeyConstraint():
            return [str(key) for key in constraint.column_keys]
        case sa.PrimaryKeyConstraint() | sa.UniqueConstraint():
            pending = getattr(constraint, "_pending_colargs", ())
            return [item if isinstance(item, str) else str(item.name) for item in pending if item is not None]
        case postgresql.ExcludeConstraint():
            return [found for expression, _, _ in constraint._render_exprs for found in _names(expression)]
        case sa.CheckConstraint():
            return _names(constraint.sqltext)
    return []


def _add(
    site: Site, table_name: str, schema: str | None, columns: Iterable[str], constraint: sa.Constraint
) -> Operation:
    table = _scratch(site.metadata(), table_name, schema, columns)
    table.append_constraint(constraint)
    return _added(site, constraint, table_name, schema)


def _added(site: Site, constraint: sa.Constraint, table_name: str, schema: str | None) -> Operation:
    return _adding(site, lower_constraint(constraint, Compiler(site.backend), resolve=False), table_name, schema)


def _adding(site: Site, lowered: Constraint | None, table_name: str, schema: str | None) -> Operation:
    if lowered is None:
        raise UnsupportedOperation(f"a constraint of {table_name} without columns: name them")
    return AddConstraint(table=site.name(table_name, schema), constraint=lowered)


def _scratch(
    metadata: sa.MetaData, table_name: str, schema: str | None, names: Iterable[str], *items: sa.schema.SchemaItem
) -> sa.Table:
    """Return a table that has columns called ``names``, of no type, and ``items``."""
    columns = [sa.Column(name, sa.types.NULLTYPE) for name in dict.fromkeys(map(str, names)) if name]
    return sa.Table(str(table_name), metadata, *columns, *items, schema=schema)


def _names(expression: Any) -> list[str]:
    """Return every name of a column that ``expression`` may mention; names too many do no harm on a scratch table."""
    if expression is None:
        return []
    if isinstance(expression, (list, tuple)):
        return [name for item in expression for name in _names(item)]
    if isinstance(expression, str):
        # A plain string is the name of a column in an index, and an expression in a check.
        return list(dict.fromkeys([expression, *sorted(mentioned(Expression(expression, expression)))]))
    found: dict[str, None] = {}
    for node in visitors.iterate(expression):
        if isinstance(node, sa.sql.elements.TextClause):
            found.update(dict.fromkeys(sorted(mentioned(Expression(node.text, node.text)))))
        elif isinstance(node, sa.sql.elements.ColumnClause):
            found[str(node.name)] = None
    return list(found)


def _final_name(site: Site, name: str, table_name: str, schema: str | None, type_: ConstraintKind | None) -> str:
    """Return the name that the naming convention makes of ``name``, where it makes something of given names."""
    if type_ != "check" or "constraint_name" not in str(site.naming_convention.get("ck", "")):
        return str(name)
    constraint = sa.CheckConstraint("1 = 1", name=name)
    _scratch(site.metadata(), table_name, schema, ()).append_constraint(constraint)
    return Compiler(site.backend).name(constraint, f"table {table_name}") or str(name)
