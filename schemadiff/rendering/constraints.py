"""Constraints and indexes as Python: as items of a table, and as the arguments of directives."""

from __future__ import annotations

from dataclasses import field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from schemadiff.errors import ModelError
from schemadiff.frozen import dataclass
from schemadiff.operations import constraint_kind
from schemadiff.rendering.context import OP, SA, Rendering, op_f, sa_call
from schemadiff.rendering.dialects import dialect_arguments, own_prefix
from schemadiff.rendering.expressions import clause_node, sql_string
from schemadiff.rendering.layout import layout
from schemadiff.rendering.tree import Call, Dict, List, Method, Node, Raw, Tuple, call, method, value
from schemadiff.rendering.tree import Expression as Statement
from schemadiff.schema import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
)

__all__ = [
    "IndexParts",
    "check_text",
    "constraint_item",
    "constraint_keywords",
    "exclude_elements",
    "index_parts",
    "name_node",
    "referent_names",
    "stays_unnamed",
]

_POSTGRESQL = frozenset({"from sqlalchemy.dialects import postgresql"})


def name_node(name: str, origin: Any = None) -> Node:
    """Return a name that no naming convention changes: ``op.f()`` around it, unless the model itself gives it as it is."""
    own = getattr(origin, "name", None)
    if isinstance(own, str) and not isinstance(own, conv) and str.__str__(own) == name:
        return value(name)
    return op_f(name)


def constraint_item(constraint: Constraint, rendering: Rendering, where: str) -> Call:
    """Return a constraint as an item of ``op.create_table()`` or ``sa.Table()``. A name that nobody gave is left out."""
    if isinstance(constraint, UniqueConstraint) and isinstance(constraint.origin, sa.Index):
        # The database makes no difference between a unique index and a unique constraint; others do.
        elements = tuple([IndexElement(what=column) for column in constraint.columns])
        name = str(constraint.origin.name)
        return index_parts(
            Index(name=name, elements=elements, unique=True, origin=constraint.origin), rendering, where
        ).item()
    keywords: dict[str, Node] = {}
    given = getattr(constraint.origin, "name", None)
    if constraint.name is not None and not constraint.implicit:
        keywords["name"] = name_node(constraint.name, constraint.origin)
    elif constraint.name is None and isinstance(given, str) and given:
        # The database keeps no name of it; others do.
        keywords["name"] = name_node(str(given), constraint.origin)
    elif stays_unnamed(constraint, rendering):
        keywords["name"] = op_f(None)
    keywords |= constraint_keywords(constraint, rendering, where)
    match constraint:
        case PrimaryKey(columns=columns):
            return sa_call("PrimaryKeyConstraint", *columns, **keywords)
        case UniqueConstraint(columns=columns):
            return sa_call("UniqueConstraint", *columns, **keywords)
        case CheckConstraint():
            return sa_call("CheckConstraint", check_text(constraint), **keywords)
        case ForeignKey(columns=columns):
            return sa_call("ForeignKeyConstraint", list(columns), _referent_columns(constraint), **keywords)
        case ExcludeConstraint():
            # SQLAlchemy's own has no options.
            plain = not any(name.startswith("postgresql_") for name in keywords)
            what, imports = ("postgresql.ExcludeConstraint", _POSTGRESQL) if plain else ("op.exclude_constraint", OP)
            return call(what, *exclude_elements(constraint), imports=imports, **keywords)


# The keys of naming conventions, by the kinds of constraints; a convention may also name the class.
_CONVENTIONS: dict[str, tuple[Any, ...]] = {
    "primary": ("pk", sa.PrimaryKeyConstraint),
    "unique": ("uq", sa.UniqueConstraint),
    "check": ("ck", sa.CheckConstraint),
    "foreignkey": ("fk", sa.ForeignKeyConstraint),
    "exclude": ("ex",),
}


def stays_unnamed(constraint: Constraint, rendering: Rendering) -> bool:
    """Return True where a file has to say that a constraint has no name, since a naming convention would give it one.

    That is one that has none in the database. In a model the convention has already spoken.
    """
    if constraint.name is not None or constraint.origin is not None:
        return False
    known = rendering.convention
    if known is not None and not any(key in known for key in _CONVENTIONS[constraint_kind(constraint)]):
        return False
    if isinstance(constraint, PrimaryKey):
        # Some databases keep no names of primary keys, whatever a file says.
        probe = Table(name=Name("t"), columns=(), primary_key=replace(constraint, name="pk"))
        finished = rendering.backend.finish_table(probe).primary_key
        return finished is not None and finished.name is not None
    return True


def constraint_keywords(constraint: Constraint, rendering: Rendering, where: str) -> dict[str, Node]:
    """Return the keyword arguments of a constraint other than its name, the same for an item and for a directive."""
    found: dict[str, Any] = {}
    if isinstance(constraint, ForeignKey):
        found |= _actions(constraint)
    if isinstance(constraint, ExcludeConstraint):
        found |= {"using": constraint.method}
        if constraint.where is not None:
            found["where"] = clause_node(constraint.where)
        operator_classes = {key: e.opclass for key, e in _exclude_keys(constraint) if e.opclass is not None}
        found["ops"] = operator_classes or None
    if not isinstance(constraint, CheckConstraint):
        found["deferrable"] = True if constraint.deferrable else None
        found["initially"] = "DEFERRED" if constraint.initially_deferred else None
    found["comment"] = constraint.comment or getattr(constraint.origin, "comment", None)
    found |= dialect_arguments(constraint_kind(constraint), constraint, rendering, where)
    return {key: value(each) for key, each in found.items() if each is not None}


def _actions(key: ForeignKey) -> dict[str, str | None]:
    """Return the actions of a foreign key: the model's own, since what one database takes for the same others tell apart."""
    found = {}
    for name in ("onupdate", "ondelete", "match"):
        given = getattr(key.origin, name, None)
        found[name] = getattr(key, name) if given is None else _upper(given)
    return found


def _upper(action: str) -> str:
    """Return an action in upper case; columns that it lists (PostgreSQL's SET NULL (a, b)) stay as they are."""
    words, bracket, columns = action.partition("(")
    return " ".join(words.upper().split()) + (f" ({columns}" if bracket else "")


def check_text(constraint: CheckConstraint) -> str:
    """Return the condition as ``sa.CheckConstraint`` takes it: a string in which a colon is a colon."""
    return sql_string(constraint.expression.sql)


def referent_names(key: ForeignKey) -> list[str]:
    """Return the columns that a foreign key points at, by name; empty names where it means the primary key, whichever that is."""
    return list(key.referent_columns or ("",) * len(key.columns))


def _referent_columns(key: ForeignKey) -> Node:
    names = referent_names(key)
    if not any("." in name for name in (key.referent.name, *names)):
        return value([f"{key.referent}.{column}" for column in names])
    if not key.referent_columns:
        raise ModelError(
            f"a foreign key to {key.referent} names no columns, and there is no such table to tell them; drop it in the database first"
        )
    # SQLAlchemy splits "table.column" at the dots, so such a name can be given as a column of a table only.
    columns = [sa_call("Column", name, sa_call("Integer")) for name in dict.fromkeys(names)]
    table = sa_call("Table", key.referent.name, sa_call("MetaData"), *columns, schema=key.referent.schema)
    text = layout([Statement(table)], indent=0)
    return List(tuple([Raw(f"{text.strip()}.c[{name!r}]", SA) for name in names]))


def exclude_elements(constraint: ExcludeConstraint) -> list[Node]:
    """Return the elements of an exclusion constraint: pairs of a column or an expression, and an operator."""
    elements: list[Node] = []
    for key, element in _exclude_keys(constraint):
        what: Node
        if isinstance(element.what, str):
            what = sa_call("column", element.what)
        elif element.opclass is not None:
            what = sa_call("literal_column", key)
        else:
            what = sa_call("text", sql_string(element.what.sql))
        elements.append(Tuple((what, value(element.operator))))
    return elements


def _exclude_keys(constraint: ExcludeConstraint) -> list[tuple[str, Any]]:
    return [(e.what if isinstance(e.what, str) else e.what.sql, e) for e in constraint.elements]


# -- indexes


@dataclass(frozen=True, slots=True)
class IndexParts:
    """An index in parts.

    Args:
        name: its name.
        elements: its elements: names, or expressions.
        keywords: the other arguments of ``sa.Index`` and of ``op.create_index()``.
        comment: its comment, which ``sa.Index`` does not take.
    """

    name: Node
    elements: tuple[Node, ...]
    keywords: dict[str, Node] = field(default_factory=dict)
    comment: str | None = None

    def item(self) -> Call:
        """Return the index as an item of a table."""
        return sa_call("Index", self.name, *self.elements, **self.keywords)


def index_parts(index: Index, rendering: Rendering, where: str) -> IndexParts:
    """Return the parts of an index."""
    keyed = _keyed(index)
    keywords: dict[str, Node] = {}
    if index.unique:
        keywords["unique"] = value(True)
    keywords |= _index_arguments(index, keyed, rendering, where)
    elements = tuple([_element_node(element, key, labels=_labelled(index)) for key, element in keyed])
    return IndexParts(name_node(index.name, index.origin), elements, keywords, index.comment)


def _keyed(index: Index) -> list[tuple[str, IndexElement]]:
    """Return the elements, each with the key by which its operator class and its length are given.

    That is the name of a column, unless the index lists it twice: then, and for an expression, one that no column has.
    """
    names = [element.what for element in index.elements if isinstance(element.what, str)]
    found = []
    for position, element in enumerate(index.elements, 1):
        if isinstance(element.what, str) and names.count(element.what) == 1:
            found.append((element.what, element))
            continue
        key = f"expression_{position}" if isinstance(element.what, Expression) else f"{element.what}_{position}"
        while key in names:
            key += "_"
        found.append((key, element))
    return found


def _labelled(index: Index) -> bool:
    """Return True where expressions need a name, by which operator classes and lengths are given."""
    return any(e.opclass is not None or e.length is not None for e in index.elements)


def _element_node(element: IndexElement, key: str, *, labels: bool) -> Node:
    plain = element.nulls_first is None and not element.descending and element.collation is None
    named = labels and (element.opclass is not None or element.length is not None)
    if isinstance(element.what, str) and plain and not (named and key != element.what):
        return value(element.what)
    if isinstance(element.what, Expression) and plain and not named:
        return sa_call("text", sql_string(element.what.sql))
    node: Call | Method
    if isinstance(element.what, str):
        node = sa_call("column", element.what)
    else:
        node = sa_call("literal_column", element.what.sql)
    if element.collation is not None:
        node = method(node, "collate", element.collation)
    if element.descending:
        node = method(node, "desc")
    if element.nulls_first is not None:
        node = method(node, "nulls_first" if element.nulls_first else "nulls_last")
    return method(node, "label", key) if named else node


def _index_arguments(
    index: Index, keyed: list[tuple[str, IndexElement]], rendering: Rendering, where: str
) -> dict[str, Node]:
    """Return the dialect arguments of an index: what its fields say for the own dialect, the model's for the others."""
    found = dialect_arguments("index", index, rendering, where)
    for prefix in rendering.backend.option_prefixes:
        for name in ("where", "using", "include", "ops", "length"):
            found.pop(f"{prefix}_{name}", None)
    prefix = own_prefix(rendering)
    own: dict[str, Node] = {}
    if index.method is not None:
        own |= _method_argument(index, prefix, rendering)
    if index.where is not None:
        own[f"{prefix}_where"] = clause_node(index.where)
    if index.include:
        own[f"{prefix}_include"] = value(list(index.include))
    for name, attribute in (("ops", "opclass"), ("length", "length")):
        items = [(key, getattr(element, attribute)) for key, element in keyed]
        pairs = tuple([(value(key), value(each)) for key, each in items if each is not None])
        if pairs:
            own[f"{prefix}_{name}"] = Dict(pairs)
    return dict(sorted((found | own).items()))


def _method_argument(index: Index, prefix: str, rendering: Rendering) -> dict[str, Node]:
    """Return the argument of an access method. FULLTEXT and SPATIAL are words before INDEX, hence a prefix to SQLAlchemy."""
    assert index.method is not None
    if index.method in ("fulltext", "spatial"):
        return {f"{prefix}_prefix": value(index.method.upper())}
    return {f"{prefix}_using": value(index.method)}
