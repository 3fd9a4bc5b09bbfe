"""What the parts of a table provide and require: the effects that operations are put together from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise, takewhile

from schemadiff.operations.base import (
    Effects,
    Key,
    column_key,
    constraint_key,
    data_type_keys,
    index_key,
    key_key,
    lookup_key,
    relation_key,
    schema_keys,
    type_key,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    Domain,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Index,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
    View,
    option,
)

__all__ = [
    "column_effects",
    "constraint_effects",
    "domain_effects",
    "index_effects",
    "mentioned",
    "table_effects",
    "view_effects",
]

# Words, and quoted identifiers of all dialects. What is found need not be a column: a key that nothing provides orders nothing.
_IDENTIFIER = re.compile(r'"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|([^\W\d]\w*)')


def mentioned(expression: Expression) -> frozenset[str]:
    """Return every name that ``expression`` may mention: its identifiers, unquoted, and its words in their own and in lower case."""
    # PostgreSQL's text[] looks like an empty name in brackets.
    return frozenset(name for match in _IDENTIFIER.finditer(expression.sql) for name in _spelled(match)) - {""}


def _qualified(expression: Expression) -> frozenset[tuple[str, str]]:
    """Return every pair of names that ``expression`` may mention with a point between them: a schema and what is in it."""
    matches = list(_IDENTIFIER.finditer(expression.sql))
    return frozenset(
        (schema, name)
        for left, right in pairwise(matches)
        if expression.sql[left.end() : right.start()].strip() == "."
        for schema in _spelled(left)
        for name in _spelled(right)
    )


def _spelled(match: re.Match[str]) -> tuple[str, ...]:
    """Return the names that an identifier may spell: a word stands for itself, and for itself in lower case."""
    double, back, bracket, word = match.groups()
    if word is not None:
        return (word, word.lower())
    if double is not None:
        return (double.replace('""', '"'),)
    return (back.replace("``", "`") if back is not None else bracket,)


def _columns(table: Name, names: tuple[str, ...] | frozenset[str]) -> frozenset[Key]:
    return frozenset(column_key(table, name) for name in names)


def _expression(table: Name, expression: Expression | None) -> frozenset[Key]:
    """The columns, types and sequences that an expression may need."""
    if expression is None:
        return frozenset()
    names = mentioned(expression)
    # A bare name inside an expression has no certain schema: types and sequences are looked for in the table's and the default one.
    found = {Name(name, schema) for name in names for schema in (table.schema, None)}
    found |= {Name(name, schema) for schema, name in _qualified(expression)}
    others = {key(name) for name in found for key in (type_key, relation_key)}
    # In a string literal ('"shop".account_id_seq'::regclass) the words are found as well, which is what is wanted.
    return _columns(table, names) | frozenset(others) - {relation_key(table)}


def _lookups(table: Name, columns: tuple[str, ...]) -> frozenset[Key]:
    return frozenset(lookup_key(table, columns[:length]) for length in range(1, len(columns) + 1))


def column_effects(table: Name, column: Column) -> Effects:
    """The effects of adding ``column``."""
    requires = data_type_keys(column.type)
    if isinstance(column.default, Expression):
        requires |= frozenset(key for key in _expression(table, column.default) if key[0] != "column")
    elif isinstance(column.default, Computed):
        requires |= _expression(table, column.default.expression) - {column_key(table, column.name)}
    return Effects(provides=frozenset({column_key(table, column.name)}), requires=requires | {relation_key(table)})


def index_effects(table: Name, index: Index) -> Effects:
    """The effects of creating ``index``."""
    provides = {index_key(table, index.name)}
    if index.unique and index.where is None and all(isinstance(e.what, str) for e in index.elements):
        provides.add(key_key(table, tuple(e.what for e in index.elements if isinstance(e.what, str))))
    columns = [element.what for element in index.elements]
    plain = tuple(takewhile(lambda what: isinstance(what, str), columns))
    provides |= _lookups(table, tuple(map(str, plain)))
    requires = _columns(table, index.columns) | _expression(table, index.where)
    for element in index.elements:
        if isinstance(element.what, Expression):
            requires |= _expression(table, element.what)
    requires |= {relation_key(table)}
    return Effects(provides=frozenset(provides), requires=requires, modifies=_uniqueness(provides))


def constraint_effects(table: Name, constraint: Constraint) -> Effects:
    """The effects of adding ``constraint``."""
    requires: frozenset[Key] = frozenset({relation_key(table)})
    provides = {constraint_key(table, constraint.name, constraint)}
    match constraint:
        case PrimaryKey(columns=columns) | UniqueConstraint(columns=columns):
            provides |= {key_key(table, columns), *_lookups(table, columns)}
            if constraint.name is not None:
                # Its index takes a name in the index name space.
                provides.add(index_key(table, constraint.name))
            requires |= _columns(table, columns)
        case ForeignKey(columns=columns, referent=referent, referent_columns=referent_columns):
            requires |= _columns(table, columns) | _columns(referent, referent_columns)
            uniqueness = key_key(referent, referent_columns)
            requires |= {relation_key(referent), uniqueness, *_uniqueness([uniqueness])}
            requires |= {lookup_key(referent, referent_columns)}
        case CheckConstraint(expression=expression):
            requires |= _expression(table, expression)
        case ExcludeConstraint(elements=elements, where=where):
            requires |= _expression(table, where)
            for element in elements:
                if isinstance(element.what, Expression):
                    requires |= _expression(table, element.what)
                else:
                    requires |= {column_key(table, element.what)}
            if constraint.name is not None:
                provides.add(index_key(table, constraint.name))
    return Effects(provides=frozenset(provides), requires=requires, modifies=_uniqueness(provides))


def _uniqueness(keys: Iterable[Key]) -> frozenset[Key]:
    """Return the keys of what gives the uniqueness among ``keys``.

    Several indexes may give the same one, and a foreign key stands on one of them: it goes before any of them comes or goes, and comes after.
    """
    return frozenset(("unique by", *key[1:]) for key in keys if key[0] == "unique")


def table_effects(table: Table) -> Effects:
    """The effects of creating ``table`` with its columns, constraints and (a dropped table has them) indexes.

    What the table needs of itself (a self-referencing foreign key) is no requirement.
    """
    provides: set[Key] = {relation_key(table.name)}
    requires: set[Key] = set(schema_keys(table.name.schema))
    # The parents of a table that inherits.
    for parent in option(table.options, "inherits") or ():
        requires |= {key for key in _expression(table.name, Expression(parent, parent)) if key[0] == "relation"}
    parts = [column_effects(table.name, column) for column in table.columns]
    parts += [constraint_effects(table.name, constraint) for constraint in table.constraints()]
    parts += [index_effects(table.name, index) for index in table.indexes]
    for part in parts:
        provides |= part.provides
        requires |= part.requires
    return Effects(provides=frozenset(provides), requires=frozenset(requires - provides))


def domain_effects(domain: Domain) -> Effects:
    """The effects of creating ``domain``: it needs its type, and what its default and its checks may mention."""
    requires = schema_keys(domain.name.schema) | data_type_keys(domain.type)
    for expression in (domain.default, *(check.expression for check in domain.checks)):
        requires |= frozenset(key for key in _expression(domain.name, expression) if key[0] != "column")
    own = frozenset({type_key(domain.name)})
    return Effects(provides=own, requires=requires - own)


def view_effects(view: View) -> Effects:
    """The effects of creating ``view``: it needs every table that its query may mention."""
    names = mentioned(Expression(view.sql, view.sql))
    relations = {relation_key(Name(name, schema)) for name in names for schema in (view.name.schema, None)}
    requires = frozenset(relations) - {relation_key(view.name)} | schema_keys(view.name.schema)
    return Effects(provides=frozenset({relation_key(view.name)}), requires=requires)
