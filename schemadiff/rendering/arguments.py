"""The arguments that a type object would have to be called with again, found from its constructor and its attributes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from schemadiff.frozen import dataclass
from schemadiff.rendering.context import SA
from schemadiff.rendering.expressions import sql_string
from schemadiff.rendering.tree import Call, Node, call, parse_expression, value

__all__ = ["Arguments", "argument_node", "arguments_of", "repr_arguments"]

# What says nothing about the type in the database, or is rendered otherwise: checks as constraints, a schema as ``schema=``.
_SILENT = frozenset(
    {
        "create_constraint",
        "inherit_schema",
        "metadata",
        "omit_aliases",
        "quote",
        "sort_key_function",
        "validate_strings",
        "values_callable",
    }
)

# Constructors that take arguments by ``**kw`` alone.
_UNSIGNED: dict[type, tuple[str, ...]] = {sa.Enum: ("name", "schema", "native_enum", "length", "create_type")}

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Arguments:
    """Arguments of a call: plain values, types, and lists of both."""

    positional: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()


def arguments_of(type_: TypeEngine[Any]) -> Arguments:
    """Return the arguments in which ``type_`` differs from a bare instance of its class.

    Positional are those that the constructor needs (but for keyword-only ones), keywords all others, in the order of the signatures.
    """
    cls: Any = type(type_)
    required, optional = _parameters(cls)
    positional: list[Any] = []
    keywords: list[tuple[str, Any]] = []
    for parameter in required:
        found = _attribute(type_, parameter.name)
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positional.extend(found if isinstance(found, list | tuple) else ())
        elif found is not _ABSENT and parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            keywords.append((parameter.name, found))
        elif found is not _ABSENT:
            positional.append(found)
    bare = _bare(type_, positional, dict(keywords))
    for parameter in optional:
        if parameter.name in _SILENT or parameter.name.startswith("_"):
            continue
        found = _attribute(type_, parameter.name)
        usual = parameter.default if bare is None else _attribute(bare, parameter.name)
        if found is not _ABSENT and not callable(found) and not inspect.ismodule(found) and not _same(found, usual):
            keywords.append((parameter.name, found))
    if isinstance(type_, TypeDecorator):
        keywords += _impl_keywords(type_, {name for name, _ in keywords} | {p.name for p in (*required, *optional)})
    return Arguments(tuple(positional), tuple(keywords))


@cache
def _parameters(cls: Any) -> tuple[tuple[inspect.Parameter, ...], tuple[inspect.Parameter, ...]]:
    """Return the parameters of the constructor of ``cls``: those without a default, and those with one.

    Where a constructor passes ``**kw`` on, those of the next class's constructor count as well.
    """
    required: dict[str, inspect.Parameter] = {}
    optional: dict[str, inspect.Parameter] = {}
    own = True
    for definer, constructor in _constructors(cls):
        passes_on = False
        for parameter in list(inspect.signature(constructor).parameters.values())[1:]:
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                passes_on = True
            elif parameter.kind is inspect.Parameter.VAR_POSITIONAL or parameter.default is inspect.Parameter.empty:
                if own:
                    required.setdefault(parameter.name, parameter)
            elif parameter.name not in required:
                optional.setdefault(parameter.name, parameter)
        own = False
        for name in _UNSIGNED.get(definer, ()):
            optional.setdefault(name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None))
        if not passes_on:
            break
    return tuple(required.values()), tuple(optional.values())


def _constructors(cls: Any) -> Iterator[tuple[type, Any]]:
    """Yield the classes of the inheritance that define a constructor, with it; those of the bases of all types take no arguments of their own."""
    for each in cls.__mro__:
        if each in (object, TypeDecorator, TypeEngine, UserDefinedType):
            continue
        constructor = each.__dict__.get("__init__")
        if constructor is not None and inspect.isfunction(constructor):
            yield each, constructor


def _attribute(thing: Any, name: str) -> Any:
    for each in (name, f"_{name}"):
        found = getattr(thing, each, _ABSENT)
        if found is not _ABSENT:
            return found
    return _ABSENT


def _bare(type_: TypeEngine[Any], positional: list[Any], keywords: dict[str, Any]) -> TypeEngine[Any] | None:
    """Return an instance made with nothing but what the constructor needs; None where that fails."""
    cls: type[TypeEngine[Any]] = type(type_)
    try:
        return cls(*positional, **keywords)
    except Exception:
        return None


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, TypeEngine) and isinstance(other, TypeEngine):
        return type(one) is type(other) and repr(one) == repr(other)
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:
        return False


def _impl_keywords(type_: TypeDecorator[Any], known: set[str]) -> list[tuple[str, Any]]:
    """Return what a decorator passes on to the type that it decorates: the arguments in which that differs from a bare one."""
    if not isinstance(type(type_).impl, type) or not _passes_on(type(type_)):
        return []
    arguments = arguments_of(type_.impl_instance)
    return [(name, found) for name, found in arguments.keywords if name not in known]


def _passes_on(cls: Any) -> bool:
    """Return True where the constructor of a decorator takes what the decorated type takes."""
    for _, constructor in _constructors(cls):
        return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in inspect.signature(constructor).parameters.values())
    return True


def argument_node(thing: Any) -> Node:
    """Return the node of a plain argument, or of an SQL expression.

    Raises:
        ModelError: it has no Python form.
    """
    if isinstance(thing, sa.ClauseElement):
        return call("sa.text", sql_string(str(thing.compile(compile_kwargs={"literal_binds": True}))), imports=SA)
    return value(thing)


def repr_arguments(type_: TypeEngine[Any]) -> Call | None:
    """Return the call that ``repr(type_)`` is, for a class of the user's that defines its own; else None."""
    definer = next(cls for cls in type(type_).__mro__ if "__repr__" in cls.__dict__)
    if definer.__module__.split(".")[0] in ("sqlalchemy", "builtins"):
        return None
    try:
        node = parse_expression(repr(type_))
    except ValueError:
        return None
    if not isinstance(node, Call) or node.function.rpartition(".")[2] != type(type_).__name__:
        return None
    return node
