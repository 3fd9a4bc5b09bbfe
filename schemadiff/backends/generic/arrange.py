"""Leaves alone what the Inspector does not see: a difference that nobody can see on both sides is no difference.

No Inspector tells dialect options. Many tell no names of unnamed or inline constraints, no collations, no direction of an index's
columns, no timing of constraints; where one says nothing of it, the model may say what it likes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from schemadiff.backends.generic.types import same
from schemadiff.operations import (
    AddConstraint,
    AlterColumn,
    AlterTable,
    CreateIndex,
    CreateTable,
    DropConstraint,
    DropIndex,
    Operation,
    constraint_kind,
)
from schemadiff.schema import (
    UNSET,
    Constraint,
    DataType,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    UniqueConstraint,
)

__all__ = ["arrange"]


def arrange(operations: Sequence[Operation], source: Schema) -> tuple[Operation, ...]:
    """Return ``operations`` without those that are only there because ``source`` could not be seen whole."""
    unseen = {kind for key, kind in source.server.settings if key == "unseen"}
    skipped = {name for key, name in source.server.settings if key == "unseen_index"}
    created = {operation.table.name for operation in operations if isinstance(operation, CreateTable)}
    alike = _alike(operations)
    return tuple(
        kept
        for operation in operations
        if id(operation) not in alike
        for kept in (
            (operation,) if getattr(operation, "table", None) in created else _seen(operation, unseen, skipped)
        )
    )


def _seen(operation: Operation, unseen: set[str], skipped: set[str]) -> Iterator[Operation]:
    match operation:
        case AddConstraint(constraint=constraint) if constraint_kind(constraint) in unseen:
            return
        case CreateIndex(index=index) if "index" in unseen or index.name in skipped:
            return
        case AlterTable():
            return
        case AlterColumn():
            yield from _seen_of_column(operation)
        case _:
            yield operation


def _seen_of_column(operation: AlterColumn) -> Iterator[Operation]:
    before, after = operation.before, operation.after
    if isinstance(before.type, DataType) and isinstance(after.type, DataType) and same(before.type, after.type):
        after = replace(after, type=UNSET)
    if before.collation is None:
        after = replace(after, collation=UNSET)
    # Inspectors tell no options, and of few columns whether they count by themselves.
    after = replace(after, autoincrement=UNSET, options=UNSET)
    if after.known():
        yield replace(operation, after=after)


def _alike(operations: Sequence[Operation]) -> set[int]:
    """Return the ids of the operations that take off a constraint or index and put back what looks the same."""
    found: set[int] = set()
    for drop in operations:
        for add in operations:
            if id(add) in found or not _replaces(drop, add):
                continue
            found |= {id(drop), id(add)}
            break
    return found


def _replaces(drop: Operation, add: Operation) -> bool:
    match drop, add:
        case (
            DropConstraint(table=table, constraint=before),
            AddConstraint(table=other, constraint=after),
        ) if before is not None:
            return table == other and _looks_like(before, after)
        case DropIndex(table=table, index=Index() as before), CreateIndex(table=other, index=after):
            return table == other and _index_looks_like(before, after)
    return False


def _looks_like(found: Constraint, wanted: Constraint) -> bool:
    if type(found) is not type(wanted):
        return False
    unsaid: dict[str, Any] = {"options": wanted.options}
    if found.name is None:
        unsaid["name"] = wanted.name
    if isinstance(found, (PrimaryKey, UniqueConstraint, ForeignKey)) and not found.deferrable:
        unsaid |= {"deferrable": getattr(wanted, "deferrable", False)}
        unsaid |= {"initially_deferred": getattr(wanted, "initially_deferred", False)}
    if isinstance(found, ForeignKey) and isinstance(wanted, ForeignKey) and found.match is None:
        unsaid["match"] = wanted.match
    return replace(found, **unsaid) == wanted


def _index_looks_like(found: Index, wanted: Index) -> bool:
    sorted_ = any(element.descending for element in found.elements)
    if len(found.elements) != len(wanted.elements):
        return False
    elements = tuple(
        replace(
            one,
            descending=one.descending if sorted_ else other.descending,
            nulls_first=other.nulls_first,
            opclass=other.opclass,
            length=other.length,
            collation=one.collation or other.collation,
        )
        for one, other in zip(found.elements, wanted.elements, strict=True)
    )
    return replace(found, elements=elements, options=wanted.options, method=found.method or wanted.method) == wanted
