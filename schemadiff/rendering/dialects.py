"""Dialect arguments as Python: ``postgresql_where=``, ``mysql_engine=``, ``sqlite_strict=`` ...

Those of the backend's own dialect come from the noun, those of other dialects from the model's object, so that a file works on all the
databases that its model is written for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect

from schemadiff.backends.base import OptionKind
from schemadiff.errors import ModelError
from schemadiff.rendering.context import Rendering, sa_call
from schemadiff.rendering.expressions import clause_node, sql_string
from schemadiff.rendering.tree import Dict, List, Node, value
from schemadiff.schema import Column, Constraint, Expression, Index, Options, Table

__all__ = ["dialect_arguments", "option_keywords", "own_prefix"]


def dialect_arguments(
    kind: OptionKind, item: Table | Column | Index | Constraint, rendering: Rendering, where: str
) -> dict[str, Node]:
    """Return the dialect arguments of an object, by their prefixed names, in the order of the names.

    Args:
        kind: the kind of object.
        item: the object.
        rendering: the context.
        where: what it is, for messages.
    """
    if item.origin is None:
        return option_keywords(kind, rendering.backend.arguments(kind, item), rendering, where)
    if "dialect_options" not in vars(item.origin):
        # SQLAlchemy makes this attribute when the first of them is set or asked for.
        return {}
    given: Mapping[str, Any] = getattr(item.origin, "dialect_kwargs", {})
    found = {_keyword(name, where): _model_value(name, each, where) for name, each in given.items() if each is not None}
    return dict(sorted(found.items()))


def _keyword(name: str, where: str) -> str:
    """Return the name of an argument as a keyword.

    SQLAlchemy reflects ``mysql_default charset``, as the server says it, and takes ``mysql_default_charset`` for the same.
    """
    keyword = name.replace(" ", "_")
    if not keyword.isidentifier():
        raise ModelError(f"{where}: {name!r} cannot be an argument in Python; take it out of the model")
    return keyword


def option_keywords(kind: OptionKind, options: Options, rendering: Rendering, where: str) -> dict[str, Node]:
    """Return options of the backend's dialect, by their prefixed names; None stays None."""
    prefix = own_prefix(rendering)
    return {f"{prefix}_{name}": _option_value(kind, name, each, rendering, where) for name, each in options}


def own_prefix(rendering: Rendering) -> str:
    """Return the prefix of the backend's own arguments."""
    prefixes = rendering.backend.option_prefixes
    return prefixes[0] if prefixes else rendering.backend.dialect.name


def _option_value(kind: OptionKind, name: str, setting: Any, rendering: Rendering, where: str) -> Node:
    """Return an option's value in the form that the backend lowers to it: mappings and lists are frozen in a noun."""
    for form in _thawed(setting):
        if dict(rendering.backend.options(kind, {name: form})) == {name: setting}:
            return _value(form, where)
    return _value(setting, where)


def _thawed(setting: Any) -> list[Any]:
    if not isinstance(setting, tuple):
        return [setting]
    forms: list[Any] = []
    if all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in setting):
        forms.append(dict(setting))
    forms += [list(setting), setting]
    if all(isinstance(item, str) for item in setting):
        # Names that are SQL already: the parents of a table, one of which stands in another schema.
        forms.append([sa.quoted_name(item, quote=False) for item in setting])
    return forms


def _value(thing: Any, where: str) -> Node:
    if isinstance(thing, list):
        return List(tuple([_value(each, where) for each in thing]))
    if isinstance(thing, sa.quoted_name) and thing.quote is False:
        return sa_call("quoted_name", str.__str__(thing), quote=False)
    try:
        return value(thing)
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from error


# -- arguments of a model


def _model_value(name: str, thing: Any, where: str) -> Node:
    if isinstance(thing, sa.Column):
        return value(str(thing.name))
    if isinstance(thing, sa.ClauseElement):
        origin = thing if isinstance(thing, sa.TextClause) and not thing._bindparams else None
        sql = thing.text if isinstance(thing, sa.TextClause) and origin is not None else _compiled(name, thing, where)
        return clause_node(Expression(sql, sql, origin))
    if isinstance(thing, Mapping):
        return Dict(tuple([(value(str(key)), _model_value(name, each, where)) for key, each in thing.items()]))
    if isinstance(thing, list | tuple):
        return List(tuple([_model_value(name, each, where) for each in thing]))
    if name.endswith("_where") and isinstance(thing, str):
        return sa_call("text", sql_string(thing))
    return _value(thing, where)


def _compiled(name: str, clause: Any, where: str) -> str:
    """Return the SQL of an expression for the dialect that the argument ``name`` belongs to."""
    dialect = _dialect(name.partition("_")[0])
    try:
        compiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
        text: str = compiler.sql_compiler.process(clause, include_table=False, literal_binds=True)
    except (sa.exc.CompileError, NotImplementedError) as error:
        raise ModelError(f"{where}: {name}: {error}; write the expression as sa.text(...)") from error
    return text


@lru_cache(maxsize=32)
def _dialect(name: str) -> Dialect:
    dialect: Dialect = registry.load(name)(paramstyle="named")
    return dialect
