"""Which tables a table inherits from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemadiff.schema import Column, Name, Schema, Table, option

__all__ = ["column_of", "kept_parents", "parents_of"]

# A name as it stands behind INHERITS, in both sides' canonical spelling: bare or quoted, with a schema or without.
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def parents_of(table: Table, schema: Schema) -> Iterator[Name]:
    """Yield the tables of ``schema`` that ``table`` inherits from."""
    for parent in option(table.options, "inherits") or ():
        *before, last = (quoted.replace('""', '"') or bare for quoted, bare in _PART.findall(str(parent)))
        name = Name(last, before[-1] if before else None)
        if name in schema.tables:
            yield name


def kept_parents(before: Table, after: Table, source: Schema, target: Schema) -> tuple[Name, ...]:
    """Return the parents of a table on both sides."""
    there = set(parents_of(after, target))
    return tuple(parent for parent in parents_of(before, source) if parent in there)


def column_of(name: Name, column: str, schema: Schema) -> Column | None:
    """Return the column of a table that it says or inherits; None where there is none."""
    table = schema.tables.get(name)
    if table is None:
        return None
    return table.column(column) or next((each for each in table.inherited if each.name == column), None)
