"""Operations on constraints and indexes, as calls of ``op``."""

from __future__ import annotations

from schemadiff.operations import AddConstraint, CreateIndex, DropConstraint, DropIndex, RenameConstraint, RenameIndex
from schemadiff.rendering.constraints import (
    check_text,
    constraint_item,
    constraint_keywords,
    exclude_elements,
    index_parts,
    name_node,
    referent_names,
    stays_unnamed,
)
from schemadiff.rendering.context import OP, Rendering, op_f
from schemadiff.rendering.directives import Directive, directives, flags
from schemadiff.rendering.tree import Call, List, Node, call, value
from schemadiff.schema import CheckConstraint, ExcludeConstraint, ForeignKey, PrimaryKey, UniqueConstraint

__all__: list[str] = []


@directives.register(AddConstraint)
def _add_constraint(operation: AddConstraint, rendering: Rendering) -> Directive:
    constraint = operation.constraint
    table = operation.table
    if constraint.name is not None:
        name: Node = name_node(constraint.name, constraint.origin)
    else:
        name = op_f(None) if stays_unnamed(constraint, rendering) else value(None)
    where = f"table {table}"
    keywords: dict[str, object] = dict(constraint_keywords(constraint, rendering, where))
    match constraint:
        case PrimaryKey(columns=columns):
            columns_node = list(columns)
            return rendering.directive(
                "create_primary_key", columns_node, table=table, first=(name,), keywords=keywords
            )
        case UniqueConstraint(columns=columns):
            columns_node = list(columns)
            return rendering.directive(
                "create_unique_constraint", columns_node, table=table, first=(name,), keywords=keywords
            )
        case CheckConstraint():
            text = check_text(constraint)
            return rendering.directive("create_check_constraint", text, table=table, first=(name,), keywords=keywords)
        case ExcludeConstraint():
            elements = exclude_elements(constraint)
            return rendering.directive(
                "create_exclude_constraint", *elements, table=table, first=(name,), keywords=keywords
            )
        case ForeignKey():
            return _create_foreign_key(operation, constraint, name, keywords, rendering)


def _create_foreign_key(
    operation: AddConstraint, key: ForeignKey, name: Node, keywords: dict[str, object], rendering: Rendering
) -> Call:
    local, remote = list(key.columns), referent_names(key)
    if rendering.batch is None and operation.table.schema is not None:
        keywords["source_schema"] = operation.table.schema
    if key.referent.schema is not None:
        keywords["referent_schema"] = key.referent.schema
    if rendering.batch is not None:
        return rendering.directive(
            "create_foreign_key", key.referent.name, local, remote, first=(name,), keywords=keywords
        )
    return call(
        "op.create_foreign_key", name, operation.table.name, key.referent.name, local, remote, imports=OP, **keywords
    )


@directives.register(DropConstraint)
def _drop_constraint(operation: DropConstraint, rendering: Rendering) -> Directive:
    keywords: dict[str, object] = {} if operation.kind is None else {"type_": operation.kind}
    if operation.name is None and operation.kind != "primary" and operation.constraint is not None:
        # Known by its content alone. What is there has the name that it has, whatever a naming convention would make of it.
        keywords["existing"] = constraint_item(
            operation.constraint, rendering.without_convention(), f"table {operation.table}"
        )
    keywords |= flags(if_exists=operation.if_exists)
    name = value(None) if operation.name is None else op_f(operation.name)
    return rendering.directive("drop_constraint", table=operation.table, first=(name,), keywords=keywords)


@directives.register(RenameConstraint)
def _rename_constraint(operation: RenameConstraint, rendering: Rendering) -> Directive:
    keywords: dict[str, object] = {} if operation.kind is None else {"type_": operation.kind}
    if operation.constraint is not None:
        keywords["existing"] = constraint_item(
            operation.constraint, rendering.without_convention(), f"table {operation.table}"
        )
    return rendering.directive(
        "rename_constraint", table=operation.table, first=(operation.name, operation.new_name), keywords=keywords
    )


@directives.register(RenameIndex)
def _rename_index(operation: RenameIndex, rendering: Rendering) -> Directive:
    keywords: dict[str, object] = {}
    if operation.index is not None:
        keywords["existing"] = index_parts(operation.index, rendering, f"index {operation.name}").item()
    names = (operation.name, operation.new_name)
    if operation.table is None and operation.schema is not None:
        keywords["schema"] = operation.schema
    return rendering.directive("rename_index", table=operation.table, first=names, keywords=keywords)


@directives.register(CreateIndex)
def _create_index(operation: CreateIndex, rendering: Rendering) -> Directive:
    parts = index_parts(operation.index, rendering, f"index {operation.index.name}")
    keywords: dict[str, object] = dict(parts.keywords)
    if parts.comment is not None:
        keywords["comment"] = parts.comment
    keywords |= flags(if_not_exists=operation.if_not_exists)
    columns = List(parts.elements)
    return rendering.directive("create_index", columns, table=operation.table, first=(parts.name,), keywords=keywords)


@directives.register(DropIndex)
def _drop_index(operation: DropIndex, rendering: Rendering) -> Directive:
    keywords = flags(if_exists=operation.if_exists, postgresql_concurrently=operation.concurrently)
    name = op_f(operation.name)
    if operation.table is None and operation.schema is not None:
        keywords["schema"] = operation.schema
    return rendering.directive("drop_index", table=operation.table, first=(name,), keywords=keywords)
