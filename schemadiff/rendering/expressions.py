"""SQL expressions and server defaults as Python: portable where the model's own construct is, else as text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import functions
from sqlalchemy.sql.compiler import BIND_PARAMS, BIND_PARAMS_ESC
from sqlalchemy.sql.elements import BindParameter, False_, Null, TextClause, True_

from schemadiff.rendering.context import SA, Rendering, sa_call
from schemadiff.rendering.tree import Call, Node, value
from schemadiff.schema import Column, Computed, Default, Expression, Identity, Name, Table

__all__ = ["clause_node", "default_node", "sql_string", "text_node"]


def sql_string(sql: str) -> str:
    """Return ``sql`` as ``sa.text()`` has to be given it: no colon in it is a parameter.

    The same holds for the strings that ``sa.CheckConstraint`` and ``sa.Computed`` take. A backslash goes before what would be a parameter,
    and before a backslash that would be taken off.
    """
    places = {match.start() for match in (*BIND_PARAMS.finditer(sql), *BIND_PARAMS_ESC.finditer(sql))}
    return "".join(f"\\{char}" if i in places else char for i, char in enumerate(sql)) if places else sql


def text_node(expression: Expression) -> Call:
    """Return ``sa.text(...)`` of an expression."""
    return sa_call("text", sql_string(expression.sql))


def clause_node(expression: Expression) -> Node:
    """Return an expression as an SQLAlchemy construct: the model's own where that has a plain form, else ``sa.text(...)``."""
    node = None if expression.origin is None else _portable(expression.origin)
    return text_node(expression) if node is None else node


def _portable(clause: Any) -> Node | None:
    """Return the node of a construct that means the same on every database, or that its author wrote as text; None else."""
    match clause:
        case str():
            return value(clause)
        case True_():
            return sa_call("true")
        case False_():
            return sa_call("false")
        case Null():
            return sa_call("null")
        case TextClause() if not clause._bindparams:
            return sa_call("text", clause.text)
        case functions.Function() | functions.GenericFunction():
            return _function(clause)
    return None


def _function(function: Any) -> Node | None:
    names = (*getattr(function, "packagenames", ()), function.name)
    if not all(isinstance(name, str) and name.isidentifier() and not name.startswith("_") for name in names):
        return None
    if type(function).__module__ != functions.__name__ or isinstance(function, functions.next_value):
        # Somebody's own function class compiles as its author likes; a sequence's next value names the sequence.
        return None
    arguments: list[Node] = []
    for argument in function.clauses:
        if isinstance(argument, BindParameter):
            if argument.callable is not None or type(argument.value) not in (str, int, bool):
                return None
            arguments.append(value(argument.value))
        else:
            node = _portable(argument)
            if node is None:
                return None
            arguments.append(node)
    return Call(f"sa.func.{'.'.join(names)}", tuple(arguments), imports=SA)


# -- server defaults


def default_node(default: Default | None, column: Column | None, rendering: Rendering, where: str) -> Node:
    """Return what ``server_default=`` is given: a string for a literal, ``sa.text()``, an expression, ``sa.Computed`` or ``sa.Identity``.

    Args:
        default: the default; None gives None.
        column: the column that has it, for what the database takes by itself.
        rendering: the context.
        where: what it belongs to, for messages.
    """
    origin = column.origin if column is not None else None
    match default:
        case None:
            return value(None)
        case Expression():
            hooked = rendering.item("server_default", getattr(origin, "server_default", None), where)
            return _expression_default(default, rendering) if hooked is None else hooked
        case Computed(expression=expression, stored=stored):
            return _computed(expression, stored, origin)
        case Identity():
            return _identity(default, column, rendering)


def _expression_default(default: Expression, rendering: Rendering) -> Node:
    if default.origin is None:
        # A literal that was read from a database: as a plain string it means the same to every database.
        plain = default.sql[1:-1].replace("''", "'")
        if len(default.sql) >= 2 and rendering.backend.literal(plain) == default.sql:
            return value(plain)
    return clause_node(default)


def _computed(expression: Expression, stored: bool, origin: Any) -> Node:
    model = getattr(origin, "computed", None)
    persisted = stored if model is None else model.persisted
    sql = sql_string(expression.sql)
    if isinstance(expression.origin, TextClause) and not expression.origin._bindparams:
        sql = expression.origin.text
    return sa_call("Computed", sql, persisted=persisted)


_IDENTITY_OPTIONS = ("start", "increment", "minvalue", "maxvalue", "cycle", "cache")


def _identity(identity: Identity, column: Column | None, rendering: Rendering) -> Node:
    model = getattr(None if column is None else column.origin, "identity", None)
    if model is not None:
        names = ("always", "start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache")
        given = {name: getattr(model, name, None) for name in names}
        return sa_call(
            "Identity", **{name: each for name, each in given.items() if each is not None and each is not False}
        )
    usual = _usual_identity(identity, column, rendering)
    given = {"always": identity.always or None}
    for name in _IDENTITY_OPTIONS:
        setting = getattr(identity, name)
        if setting != getattr(usual, name):
            given[name] = setting
    return sa_call("Identity", **given)


def _usual_identity(identity: Identity, column: Column | None, rendering: Rendering) -> Identity:
    """Return the identity that the database makes where only its direction is said."""
    usual = Identity(always=identity.always, increment=identity.increment)
    bounded = replace(usual, minvalue=identity.minvalue, maxvalue=identity.maxvalue)
    if column is not None:
        usual, bounded = (_finished(each, column, rendering) for each in (usual, bounded))
    # The increment itself is said where it is not the one that everybody takes.
    return Identity(
        always=usual.always,
        # An identity that says nothing of its start starts at its bound.
        start=bounded.start,
        increment=1 if usual.increment is not None else None,
        minvalue=usual.minvalue,
        maxvalue=usual.maxvalue,
        cycle=usual.cycle,
        cache=usual.cache,
    )


def _finished(identity: Identity, column: Column, rendering: Rendering) -> Identity:
    """Return an identity of ``column`` as the database makes it."""
    type_ = column.type.origin or rendering.backend.sqlalchemy_type(column.type)
    said = sa.Identity(increment=identity.increment, minvalue=identity.minvalue, maxvalue=identity.maxvalue)
    scratch = sa.Table("t", sa.MetaData(), sa.Column("c", type_, said))
    probe = Column(name="c", type=column.type, nullable=False, default=identity)
    probe = rendering.backend.finish_column(probe, scratch.columns["c"])
    found = rendering.backend.finish_table(Table(name=Name("t"), columns=(probe,))).columns[0].default
    return found if isinstance(found, Identity) else identity
