"""Operations as calls of ``op``: one function per class of operation.

A user's own operation (:class:`schemadiff.operations.CustomOperation`) is a call of what it is registered as.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import singledispatch
from typing import Any

from schemadiff.errors import ModelError
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    BatchAlterTable,
    BulkInsert,
    CreateDependant,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateView,
    CustomOperation,
    DropColumn,
    DropDependant,
    DropSchema,
    DropTable,
    DropView,
    Execute,
    Operation,
    Place,
    RenameTable,
    SetTableComment,
)
from schemadiff.rendering.alter import alter_column_keywords
from schemadiff.rendering.columns import column_item, copy_from, dependants_node, table_items, table_keywords
from schemadiff.rendering.constraints import (
    constraint_item,
    constraint_keywords,
    index_parts,
    name_node,
    referent_names,
)
from schemadiff.rendering.context import OP, Rendering, sa_call
from schemadiff.rendering.dialects import option_keywords
from schemadiff.rendering.tree import (
    Assign,
    Call,
    Comment,
    Dict,
    Expression,
    List,
    Method,
    Node,
    Pass,
    Raw,
    Statement,
    With,
    call,
    parse_expression,
    value,
)
from schemadiff.schema import UNSET, Dependant, ForeignKey, PrimaryKey

__all__ = ["Directive", "directives", "flags", "statements_of"]

Directive = Statement | Call | Method | Raw | Iterable[Statement | Call | Method | Raw]

_ESCAPED_COLON = re.compile(r"\\(:\w+)(?!:)")

_STATEMENTS = (Assign, Comment, Expression, Pass, With)


@singledispatch
def directives(operation: Operation, rendering: Rendering) -> Directive:
    """Return what a revision file says for ``operation``: a statement, a call, or several of them.

    Raises:
        ModelError: nobody registered the Python of such an operation, or a part of it cannot be rendered.
    """
    kind = f"{type(operation).__module__}.{type(operation).__qualname__}"
    raise ModelError(
        f"{operation.describe()}: {kind} has no Python form; derive it from op.CustomOperation, and register it with op.register()"
    )


def statements_of(operation: Operation, rendering: Rendering) -> tuple[Statement, ...]:
    """Return ``operation`` as statements."""
    found = directives(operation, rendering)
    several = [found] if isinstance(found, (*_STATEMENTS, Call, Method, Raw)) else list(found)
    return tuple([each if isinstance(each, _STATEMENTS) else Expression(each) for each in several])


def flags(**wanted: bool) -> dict[str, object]:
    """Return the keyword arguments that are wanted, each of them True."""
    return {name: True for name, each in wanted.items() if each}


# -- tables


@directives.register(CreateTable)
def _create_table(operation: CreateTable, rendering: Rendering) -> Directive:
    table = operation.table
    keywords: dict[str, object] = dict(table_keywords(table, rendering))
    keywords |= flags(if_not_exists=operation.if_not_exists)
    items = table_items(table, rendering, own_checks=True)
    return call("op.create_table", table.name.name, *items, imports=OP, **keywords)


@directives.register(DropTable)
def _drop_table(operation: DropTable, rendering: Rendering) -> Directive:
    return rendering.directive("drop_table", table=operation.name, keywords=flags(if_exists=operation.if_exists))


@directives.register(RenameTable)
def _rename_table(operation: RenameTable, rendering: Rendering) -> Directive:
    return rendering.directive("rename_table", operation.new_name, table=operation.name)


@directives.register(AlterTable)
def _alter_table(operation: AlterTable, rendering: Rendering) -> Directive:
    where = f"table {operation.name}"
    keywords: dict[str, object] = dict(option_keywords("table", operation.after, rendering, where))
    if operation.before is not UNSET:
        existing = option_keywords("table", operation.before, rendering, where)
        keywords["existing_options"] = Dict(tuple([(value(name), each) for name, each in existing.items()]))
    return rendering.directive("alter_table", table=operation.name, keywords=keywords)


@directives.register(SetTableComment)
def _set_table_comment(operation: SetTableComment, rendering: Rendering) -> Directive:
    keywords = {} if operation.before is UNSET else {"existing_comment": operation.before}
    if operation.comment is None:
        return rendering.directive("drop_table_comment", table=operation.name, keywords=keywords)
    return rendering.directive("create_table_comment", operation.comment, table=operation.name, keywords=keywords)


# -- columns


@directives.register(AddColumn)
def _add_column(operation: AddColumn, rendering: Rendering) -> Directive:
    where = f"{operation.table}.{operation.column.name}"
    keys = [_inline_key(each, rendering, where) for each in operation.inline if isinstance(each, ForeignKey)]
    column = column_item(operation.column, rendering, where, constraints=keys)
    keywords = flags(
        if_not_exists=operation.if_not_exists,
        inline_references=any(isinstance(each, ForeignKey) for each in operation.inline),
        inline_primary_key=any(isinstance(each, PrimaryKey) for each in operation.inline),
    ) | _place(operation.place)
    if any(isinstance(each, PrimaryKey) for each in operation.inline):
        column = replace(column, keywords=(*column.keywords, ("primary_key", value(True))))
    return rendering.directive("add_column", column, table=operation.table, keywords=keywords)


def _inline_key(key: ForeignKey, rendering: Rendering, where: str) -> Node:
    (referent,) = referent_names(key)
    if "." in f"{key.referent.name}{referent}" or not referent:
        raise ModelError(
            f"column {where}: a foreign key to {key.referent} cannot stand in a column; add it as a constraint"
        )
    keywords: dict[str, object] = dict(constraint_keywords(key, rendering, f"column {where}"))
    if key.name is not None:
        keywords["name"] = name_node(key.name, key.origin)
    return sa_call("ForeignKey", f"{key.referent}.{referent}", **keywords)


def _place(place: Place | None) -> dict[str, object]:
    """Return what a batch says of a column's place; outside of one there is no word for it."""
    if place is None or place.first:
        return {}
    return {"insert_before": place.before} if place.before is not None else {"insert_after": place.after}


@directives.register(DropColumn)
def _drop_column(operation: DropColumn, rendering: Rendering) -> Directive:
    keywords = flags(if_exists=operation.if_exists)
    return rendering.directive("drop_column", operation.name, table=operation.table, keywords=keywords)


@directives.register(AlterColumn)
def _alter_column(operation: AlterColumn, rendering: Rendering) -> Directive:
    keywords = alter_column_keywords(operation, rendering) | _place(operation.place)
    return rendering.directive("alter_column", operation.name, table=operation.table, keywords=keywords)


# -- schemas, views, statements


@directives.register(CreateSchema)
def _create_schema(operation: CreateSchema, rendering: Rendering) -> Directive:
    keywords = flags(if_not_exists=operation.if_not_exists)
    return rendering.directive("create_schema", operation.name, keywords=keywords)


@directives.register(DropSchema)
def _drop_schema(operation: DropSchema, rendering: Rendering) -> Directive:
    return rendering.directive("drop_schema", operation.name, keywords=flags(if_exists=operation.if_exists))


@directives.register(CreateView)
def _create_view(operation: CreateView, rendering: Rendering) -> Directive:
    view = operation.view
    keywords = flags(materialized=view.materialized)
    if view.comment is not None:
        keywords["comment"] = view.comment
    return rendering.directive("create_view", view.sql, table=view.name, keywords=keywords)


@directives.register(DropView)
def _drop_view(operation: DropView, rendering: Rendering) -> Directive:
    keywords = flags(materialized=operation.materialized)
    return rendering.directive("drop_view", table=operation.name, keywords=keywords)


@directives.register(CreateDependant)
def _create_dependant(operation: CreateDependant, rendering: Rendering) -> Directive:
    made = operation.dependant
    return _dependant("create_dependant", made, (made.sql, *made.also))


@directives.register(DropDependant)
def _drop_dependant(operation: DropDependant, rendering: Rendering) -> Directive:
    return _dependant("drop_dependant", operation.dependant, (operation.dependant.drop,))


def _dependant(directive: str, dependant: Dependant, statements: tuple[str, ...]) -> Directive:
    # It stands outside of batches, whatever it hangs on.
    keywords: dict[str, object] = {}
    schema = dependant.schema
    if dependant.table is not None:
        keywords["table_name"], schema = dependant.table.name, dependant.table.schema
    if schema is not None:
        keywords["schema"] = schema
    return call(f"op.{directive}", dependant.kind, dependant.name, *statements, imports=OP, **keywords)


@directives.register(Execute)
def _execute(operation: Execute, rendering: Rendering) -> Directive:
    # A plain string is sent as it is, but for \:name, which means :name.
    return rendering.directive("execute", _ESCAPED_COLON.sub(r"\\\\\1", operation.sql))


@directives.register(BulkInsert)
def _bulk_insert(operation: BulkInsert, rendering: Rendering) -> Directive:
    from schemadiff.rendering.types import with_variants

    table: Any = operation.table
    columns = [sa_call("column", str(c.name), with_variants(c.type, rendering)) for c in table.columns]
    target = sa_call("table", str(table.name), *columns, schema=getattr(table, "schema", None))
    rows = [{str(key): each for key, each in row.items()} for row in operation.rows]
    return rendering.directive("bulk_insert", target, rows)


@directives.register(CustomOperation)
def _custom(operation: CustomOperation, rendering: Rendering) -> Directive:
    imports = {*OP, *operation.imports}
    text = operation.python()
    if text is not None:
        try:
            node = parse_expression(text, imports)
            if not isinstance(node, Call | Method | Raw):
                raise ValueError("it is no call")
            return Expression(node)
        except (ValueError, TypeError) as error:
            raise ModelError(f"{operation.describe()}: its python() gives {text!r}: give one call") from error
    if not operation.directive or not is_dataclass(operation):
        raise ModelError(
            f"{operation.describe()}: {type(operation).__qualname__} has no Python form: register it with op.register(), as a dataclass, "
            "or give it a python()"
        )
    args: list[object] = []
    keywords: dict[str, object] = {}
    for each in fields(operation):
        given = getattr(operation, each.name)
        if each.default is MISSING and each.default_factory is MISSING and not each.kw_only:
            args.append(given)
        elif each.init and given != (each.default if each.default_factory is MISSING else each.default_factory()):
            keywords[each.name] = given
    return call(f"op.{operation.directive}", *args, imports=frozenset(imports), **keywords)


# -- batches


def _rebuilt(operation: BatchAlterTable, rendering: Rendering) -> dict[str, object]:
    """Return what is said of the rebuilt table."""
    where = f"table {operation.table}"
    if operation.overrides:
        raise ModelError(f"{where}: what reflect_args says of a column cannot be written as Python; leave it out")
    found: dict[str, object] = {}
    if operation.reordering:
        found["partial_reordering"] = [list(group) for group in operation.reordering]
    items: list[Node] = []
    for each in operation.additions:
        if isinstance(each, AddConstraint):
            items.append(constraint_item(each.constraint, rendering, where))
        elif isinstance(each, CreateIndex):
            items.append(index_parts(each.index, rendering, where).item())
        elif isinstance(each, AlterTable):
            options = option_keywords("table", each.after, rendering, where)
            found["table_kwargs"] = Dict(tuple([(value(name), node) for name, node in options.items()]))
    if items:
        found["table_args"] = List(tuple(items))
    if operation.naming_convention is not None:
        found["naming_convention"] = dict(operation.naming_convention)
    return found


@directives.register(BatchAlterTable)
def _batch(operation: BatchAlterTable, rendering: Rendering) -> Directive:
    if rendering.batch is not None:
        raise ModelError(f"{operation.describe()}: a batch stands inside another one; take it out")
    keywords: dict[str, object] = {}
    if operation.recreate != "auto":
        keywords["recreate"] = operation.recreate
    keywords |= _rebuilt(operation, rendering)
    if operation.copy_from is not None:
        keywords["copy_from"] = copy_from(operation.copy_from, rendering)
        dependants = dependants_node(operation.copy_from)
        if dependants is not None:
            keywords["dependants"] = dependants
    inner = rendering.in_batch("batch_op")
    body = tuple([statement for each in operation.operations for statement in statements_of(each, inner)])
    return With(rendering.directive("batch_alter_table", table=operation.table, keywords=keywords), "batch_op", body)
