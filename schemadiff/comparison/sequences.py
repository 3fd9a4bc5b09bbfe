"""The differences in sequences.

A sequence may be owned by a column, and a default of that column may take its values from it: each needs the other. So it is made without its
owner and given to it after, and taken from it before it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.operations import AlterSequence, CreateSequence, Operation
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Column, Expression, Name, Schema, Sequence

__all__ = ["sequence_operations"]


def sequence_operations(source: Schema, target: Schema) -> Iterator[Operation]:
    """Yield what becomes of free sequences.

    One that the target does not name is dropped where a default of the source uses it and none of the target does, where the column that owns
    it goes, or where the target is a whole database. One that nothing used is not the model's, and stays.
    """
    unnamed = source.sequences.keys() - target.sequences.keys()
    gone = _in_defaults(source.sequences, source) - _in_defaults(source.sequences, target) if unnamed else frozenset()
    for name in sorted(source.sequences.keys() | target.sequences.keys()):
        before, after = source.sequences.get(name), target.sequences.get(name)
        if before is None and after is not None:
            yield from _created(after)
        elif after is None and before is not None:
            if target.complete or name in gone or not _has_owner(before, target):
                yield from (each.reverse() for each in _created(before))
        elif before is not None and after is not None:
            # What a model cannot state is as the database has it, on whichever side the model stands.
            stated = before if source.complete or not target.complete else _settled(after, before, source)
            settled = after if target.complete else _settled(before, after, target)
            if stated != settled:
                yield AlterSequence(before=stated, after=settled)


def _created(sequence: Sequence) -> Iterator[Operation]:
    free = replace(sequence, owner=None)
    yield CreateSequence(sequence=free)
    if sequence.owner is not None:
        yield AlterSequence(before=free, after=sequence)


def _settled(before: Sequence, after: Sequence, target: Schema) -> Sequence:
    """Return ``after`` with what a model cannot state as the database has it; the owner, where it stays."""
    owner = before.owner if _has_owner(before, target) else None
    return replace(after, comment=before.comment, unlogged=before.unlogged, owner=owner)


def _has_owner(sequence: Sequence, schema: Schema) -> bool:
    """Return True where no column owns ``sequence``, or one that is in ``schema``."""
    if sequence.owner is None:
        return True
    table = schema.tables.get(Name(sequence.owner[0], sequence.name.schema))
    return table is not None and table.column(sequence.owner[1]) is not None


def _in_defaults(sequences: Iterable[Name], schema: Schema) -> frozenset[Name]:
    """Return which of ``sequences`` the server defaults of ``schema`` take their values from.

    A name in a default may lack its schema, so where sequences of two schemas share a name, none of them is taken for the one.
    """
    by_bare_name: dict[str, list[Name]] = {}
    for name in sequences:
        by_bare_name.setdefault(name.name, []).append(name)
    found: set[Name] = set()
    for table in schema.tables.values():
        for column in table.columns:
            default = _expression(column)
            if default is not None and "next" in default.sql.lower():
                candidates = (by_bare_name.get(word, []) for word in mentioned(default))
                found |= {names[0] for names in candidates if len(names) == 1}
    return frozenset(found)


def _expression(column: Column) -> Expression | None:
    return column.default if isinstance(column.default, Expression) else None
