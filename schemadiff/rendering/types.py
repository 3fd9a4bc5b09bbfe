"""Column types as Python: the model's own objects, with their variants, arguments and imports.

A type is written as the call of its class with the arguments in which it differs from a bare instance. Whatever comes out is evaluated,
and must give a type that is canonically equal to the one that it was rendered from; a type for which nothing does is an error that says how
to give it a renderer:

    from schemadiff.rendering.types import type_node

    @type_node.register(Money)
    def _(type_, rendering):
        return call("shop.types.Money", type_.currency, imports=["import shop.types"])
"""

from __future__ import annotations

import sys
from functools import singledispatch
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from schemadiff.backends.declared import DeclaredType
from schemadiff.errors import ModelError, SchemadiffError, UnrenderableType
from schemadiff.rendering.arguments import Arguments, arguments_of, repr_arguments
from schemadiff.rendering.context import OP, SA, Evaluated, Rendering
from schemadiff.rendering.layout import layout
from schemadiff.rendering.tree import Call, Expression, Literal, Method, Node, call, imports_of, method
from schemadiff.schema import DataType

__all__ = ["evaluate", "render_type", "type_node"]


def render_type(type_: DataType, rendering: Rendering, where: str, *, collation: str | None = None) -> Node:
    """Return the node of a column's type.

    Args:
        type_: the type. Where it comes from a model, the model's object is rendered; else the backend makes one from its spelling.
        rendering: the context.
        where: the column, for messages: ``column shop.account.balance``.
        collation: the column's collation, for a type that does not come from a model.

    Raises:
        UnrenderableType: nothing that we can write evaluates to the type.
    """
    if type_.origin is not None:
        hooked = rendering.item("type", type_.origin, where)
        if hooked is not None:
            return hooked
        return _checked(type_.origin, type_, rendering, where)
    try:
        made = rendering.backend.sqlalchemy_type(type_, collation=collation)
    except UnrenderableType:
        made = DeclaredType(type_.sql, collation)
    if isinstance(made, sa.types.NullType):
        # SQLite's columns may be declared without a type.
        made = DeclaredType("")
    hooked = rendering.item("type", made, where)
    if hooked is not None:
        return hooked
    return _generic(made, type_, rendering) or _checked(made, type_, rendering, where)


def _generic(made: TypeEngine[Any], wanted: DataType, rendering: Rendering) -> Node | None:
    """Return SQLAlchemy's generic type in place of a database's own (``sa.String`` for VARCHAR) where the two mean the same here.

    A file that says so runs on other databases too.
    """
    try:
        generic = made.as_generic()
        node = with_variants(generic, rendering)
        same = _evaluated(node, rendering).type == wanted
    except (NotImplementedError, UnrenderableType, sa.exc.CompileError):
        return None
    return node if same and getattr(generic, "collation", None) == getattr(made, "collation", None) else None


@singledispatch
def type_node(type_: TypeEngine[Any], rendering: Rendering) -> Node:
    """Return the node of an SQLAlchemy type, its variants excepted. Register a function for a class to render it in another way.

    Raises:
        UnrenderableType: the class cannot be imported, or an argument has no Python form.
    """
    return _call(type_, arguments_of(type_), rendering)


@type_node.register(DeclaredType)
def _declared(type_: DeclaredType, rendering: Rendering) -> Node:
    keywords = {} if type_.collation is None else {"collation": type_.collation}
    return call("op.declared_type", type_.declaration, imports=OP, **keywords)


@type_node.register(sa.Boolean)
def _boolean(type_: sa.Boolean, rendering: Rendering) -> Node:
    # Its name is that of its check constraint.
    node = _call(type_, Arguments(), rendering)
    return _with_own_check(node, type_, rendering, named=False)


@type_node.register(sa.Enum)
def _enum(type_: sa.Enum, rendering: Rendering) -> Node:
    node = _call(type_, arguments_of(type_), rendering)
    return _with_own_check(node, type_, rendering, named=type_.native_enum)


def _with_own_check(node: Call, type_: sa.Boolean | sa.Enum, rendering: Rendering, *, named: bool) -> Call:
    """Add the type's own check constraint to the call of a type.

    Args:
        node: the call.
        type_: the type.
        rendering: the context.
        named: the name of the type is its own, and not that of the check alone.
    """
    if rendering.check is None or not type_.create_constraint:
        return node
    keywords = dict(node.keywords)
    if rendering.check.name is not None and not named:
        keywords["name"] = rendering.check.name
    keywords["create_constraint"] = Literal(True)
    return Call(node.function, node.args, tuple(keywords.items()), node.imports)


def _call(type_: TypeEngine[Any], arguments: Arguments, rendering: Rendering) -> Call:
    name, imports = class_reference(type(type_))
    positional = tuple([_argument(each, rendering, type_) for each in arguments.positional])
    keywords = tuple([(key, _argument(each, rendering, type_)) for key, each in arguments.keywords])
    return Call(name, positional, keywords, imports)


def _argument(thing: Any, rendering: Rendering, type_: TypeEngine[Any]) -> Node:
    from schemadiff.rendering.arguments import argument_node

    if isinstance(thing, TypeEngine):
        return with_variants(thing, rendering)
    if isinstance(thing, type) and issubclass(thing, TypeEngine):
        return with_variants(thing(), rendering)
    try:
        return argument_node(thing)
    except ModelError as error:
        raise UnrenderableType(f"an argument of {type(type_).__qualname__} has no Python form: {error}") from error


def with_variants(type_: TypeEngine[Any], rendering: Rendering) -> Node:
    """Return the node of a type with a ``with_variant()`` for each of its variants."""
    node = type_node(type_, rendering)
    variants: list[tuple[TypeEngine[Any], list[str]]] = []
    for dialect, variant in type_._variant_mapping.items():
        for known, dialects in variants:
            if known is variant:
                dialects.append(dialect)
                break
        else:
            variants.append((variant, [dialect]))
    for variant, dialects in variants:
        if not isinstance(node, Call | Method):
            raise UnrenderableType("a type with variants must be rendered as a call")
        node = method(node, "with_variant", type_node(variant, rendering), *dialects)
    return node


# -- the name of a class


def class_reference(cls: type) -> tuple[str, frozenset[str]]:
    """Return how ``cls`` is called, and the import that it needs: ``sa.String``, ``postgresql.JSONB``, ``blog.types.Money``.

    Raises:
        UnrenderableType: it cannot be imported: it is local to a function, or its module is a script.
    """
    if getattr(sa, cls.__name__, None) is cls:
        return f"sa.{cls.__name__}", SA
    module = cls.__module__
    if module.startswith("sqlalchemy.dialects."):
        dialect = module.split(".")[2]
        if getattr(sys.modules.get(f"sqlalchemy.dialects.{dialect}"), cls.__name__, None) is cls:
            return f"{dialect}.{cls.__name__}", frozenset({f"from sqlalchemy.dialects import {dialect}"})
    for home in _homes(module):
        if _found(sys.modules.get(home), cls.__qualname__) is cls:
            return f"{home}.{cls.__qualname__}", frozenset({f"import {home}"})
    raise UnrenderableType(
        f"the class {module}.{cls.__qualname__} cannot be imported; define it at the top level of a module"
    )


def _homes(module: str) -> list[str]:
    """Return the modules that a class may be taken from: its own, or where that is private the nearest package that is not."""
    if module == "__main__":
        return []
    parts = module.split(".")
    homes = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    public = [home for home in homes if not any(part.startswith("_") for part in home.split("."))]
    return [*public, *[home for home in homes if home not in public]]


def _found(module: object, qualified: str) -> object:
    thing: object = module
    for part in qualified.split("."):
        thing = getattr(thing, part, None)
    return thing


# -- the check


def _checked(origin: TypeEngine[Any], wanted: DataType, rendering: Rendering, where: str) -> Node:
    """Return the first candidate that evaluates to a type which is ``wanted`` to the backend."""
    reasons: list[str] = []
    for candidate in (with_variants, _from_repr):
        try:
            node = candidate(origin, rendering)
            if node is None:
                continue
            found = _evaluated(node, rendering)
        except UnrenderableType as error:
            reasons.append(str(error))
            continue
        if found.type == wanted and found.enums == _enums(origin):
            return node
        same = found.type.sql == wanted.sql
        reasons.append(
            f"{_text(node)} is {'another ' if same else ''}{found.type} and not {'this one' if same else wanted}"
        )
    raise UnrenderableType(
        f"the type {origin!r} of {where} cannot be written as Python: {reasons[0]}; give it a renderer: render_item in "
        "context.configure(), or schemadiff.rendering.types.type_node.register"
    )


def _from_repr(type_: TypeEngine[Any], rendering: Rendering) -> Node | None:
    """Return what a class that says its own ``__repr__`` says; None for one that does not."""
    arguments = repr_arguments(type_)
    if arguments is None:
        return None
    name, imports = class_reference(type(type_))
    return Call(name, arguments.args, arguments.keywords, imports | arguments.imports)


def _evaluated(node: Node, rendering: Rendering) -> Evaluated:
    known = rendering.checked.get(node)
    if known is None:
        made = evaluate(node)
        known = rendering.checked[node] = Evaluated(rendering.backend.data_type(made), _enums(made))
    return known


def _enums(type_: TypeEngine[Any]) -> tuple[tuple[str, ...], ...]:
    """Return the values of the enums that a type, its variants and the items of an array are: not every database shows them."""
    inner = getattr(type_, "item_type", type_)
    types = [inner, *type_._variant_mapping.values()]
    return tuple(tuple(each.enums) for each in types if isinstance(each, sa.Enum))


def _text(node: Node) -> str:
    assert isinstance(node, Call | Method)
    return layout([Expression(node)], indent=0, line_length=100_000).strip()


def evaluate(node: Node) -> TypeEngine[Any]:
    """Return the type that a node is the Python of.

    Raises:
        UnrenderableType: it does not evaluate to a type.
    """
    namespace: dict[str, Any] = {}
    text = _text(node)
    try:
        for line in imports_of([node]):
            exec(line, namespace)
        found = eval(text, namespace)
    except SchemadiffError:
        raise
    except Exception as error:
        raise UnrenderableType(f"{text} fails: {type(error).__name__}: {error}") from error
    if not isinstance(found, TypeEngine):
        raise UnrenderableType(f"{text} is no SQLAlchemy type")
    return found
