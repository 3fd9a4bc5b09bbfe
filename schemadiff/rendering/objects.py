"""Operations on enum types and sequences, as calls of ``op``."""

from __future__ import annotations

from dataclasses import replace

from schemadiff.operations import (
    AlterEnum,
    AlterSequence,
    CreateEnum,
    CreateSequence,
    DropEnum,
    DropSequence,
    EnumColumn,
)
from schemadiff.rendering.context import OP, Rendering
from schemadiff.rendering.directives import Directive, directives
from schemadiff.rendering.expressions import clause_node
from schemadiff.rendering.tree import Call, List, Node, call, value
from schemadiff.rendering.types import render_type
from schemadiff.schema import UNSET, Sequence

__all__ = ["column_call"]


@directives.register(CreateEnum)
def _create_enum(operation: CreateEnum, rendering: Rendering) -> Directive:
    enum = operation.enum
    keywords: dict[str, object] = {}
    if enum.comment is not None:
        keywords["comment"] = enum.comment
    if operation.if_not_exists:
        keywords["if_not_exists"] = True
    return rendering.directive("create_enum", list(enum.values), table=enum.name, keywords=keywords)


@directives.register(DropEnum)
def _drop_enum(operation: DropEnum, rendering: Rendering) -> Directive:
    keywords = {"if_exists": True} if operation.if_exists else {}
    return rendering.directive("drop_enum", table=operation.name, keywords=keywords)


@directives.register(AlterEnum)
def _alter_enum(operation: AlterEnum, rendering: Rendering) -> Directive:
    keywords: dict[str, object] = {"existing_values": list(operation.before)}
    if operation.columns:
        keywords["columns"] = List(tuple([column_call("enum_column", column) for column in operation.columns]))
    if operation.remake:
        keywords["remake"] = True
    for name in ("comment", "existing_comment"):
        if getattr(operation, name) is not UNSET:
            keywords[name] = getattr(operation, name)
    return rendering.directive("alter_enum", list(operation.after), table=operation.name, keywords=keywords)


def column_call(function: str, column: EnumColumn) -> Call:
    """Return the call of ``op`` that names a column of a type."""
    keywords: dict[str, object] = {}
    if column.table.schema is not None:
        keywords["schema"] = column.table.schema
    if column.array:
        keywords["array"] = True
    if column.default is not None:
        keywords["server_default"] = clause_node(column.default)
    if column.new_default != column.default:
        keywords["new_server_default"] = None if column.new_default is None else clause_node(column.new_default)
    return call(f"op.{function}", column.table.name, column.name, imports=OP, **keywords)


# -- sequences

_OPTIONS = ("start", "increment", "minvalue", "maxvalue", "cache")


def _settings(sequence: Sequence, usual: Sequence, rendering: Rendering) -> dict[str, Node]:
    """Return the options in which ``sequence`` differs from ``usual``, by the names that ``op`` knows them by."""
    found: dict[str, Node] = {}
    if sequence.type is not None and sequence.type != usual.type:
        found["data_type"] = render_type(sequence.type, rendering, f"sequence {sequence.name}")
    for name in _OPTIONS:
        if getattr(sequence, name) != getattr(usual, name):
            found[name] = value(getattr(sequence, name))
    if sequence.cycle != usual.cycle:
        found["cycle"] = value(sequence.cycle)
    if sequence.unlogged != usual.unlogged:
        found["unlogged"] = value(sequence.unlogged)
    if sequence.owner != usual.owner:
        found["owned_by"] = value(sequence.owner)
    if sequence.comment != usual.comment:
        found["comment"] = value(sequence.comment)
    return found


def _usual(sequence: Sequence, rendering: Rendering) -> Sequence:
    """Return the sequence that the database makes where only what its other options hang on is said: its direction and its type."""
    said = Sequence(name=sequence.name, type=sequence.type, increment=sequence.increment)
    full = rendering.backend.finish_sequence(said)
    bounded = replace(said, minvalue=sequence.minvalue, maxvalue=sequence.maxvalue)
    bare = rendering.backend.finish_sequence(Sequence(name=sequence.name))
    return Sequence(
        name=sequence.name,
        type=bare.type,
        # A sequence that says nothing of its start starts at its bound.
        start=rendering.backend.finish_sequence(bounded).start,
        increment=bare.increment,
        minvalue=full.minvalue,
        maxvalue=full.maxvalue,
        cycle=full.cycle,
        cache=full.cache,
    )


@directives.register(CreateSequence)
def _create_sequence(operation: CreateSequence, rendering: Rendering) -> Directive:
    sequence = operation.sequence
    keywords: dict[str, object] = dict(_settings(sequence, _usual(sequence, rendering), rendering))
    if operation.if_not_exists:
        keywords["if_not_exists"] = True
    return rendering.directive("create_sequence", table=sequence.name, keywords=keywords)


@directives.register(DropSequence)
def _drop_sequence(operation: DropSequence, rendering: Rendering) -> Directive:
    keywords = {"if_exists": True} if operation.if_exists else {}
    return rendering.directive("drop_sequence", table=operation.name, keywords=keywords)


@directives.register(AlterSequence)
def _alter_sequence(operation: AlterSequence, rendering: Rendering) -> Directive:
    before, after = operation.before, operation.after
    existing = _settings(before, _usual(before, rendering), rendering)
    unusual = _settings(after, _usual(after, rendering), rendering)
    # What the database took by itself before, and would not take after the change, has to be said although it stays.
    keywords: dict[str, object] = {name: node for name, node in unusual.items() if name not in existing}
    keywords |= _settings(after, before, rendering)
    keywords |= {f"existing_{name}": node for name, node in existing.items()}
    return rendering.directive("alter_sequence", table=after.name, keywords=keywords)
