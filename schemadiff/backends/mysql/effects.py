"""What operations touch on MySQL and MariaDB, where other things share a name space, and a foreign key stands on an index of its own table too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.backends.mysql.server import Facts
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    BatchAlterTable,
    CreateTable,
    DropConstraint,
    DropTable,
    Effects,
    Key,
    Operation,
)
from schemadiff.operations.base import lookup_key
from schemadiff.schema import CheckConstraint, Constraint, ForeignKey, Name, Table

__all__ = ["effects"]


def effects(operation: Operation, facts: Facts) -> Effects:
    """Return what ``operation`` touches.

    - The name of a foreign key is unique in its database ("FOREIGN KEY Constraints", InnoDB), and in MySQL that of a check too.
    - A foreign key that a table gets or loses needs an index on its own columns, as it needs one on those that it points at.
    - The name of an index is unique in its table alone.
    """
    found = operation.effects()
    for part in _parts(operation, facts):
        found |= part
    if isinstance(operation, BatchAlterTable):
        # What one operation of the batch makes and another uses is settled inside the batch.
        found = replace(found, requires=found.requires - found.provides, releases=found.releases - found.removes)
    table = _table(operation)
    return found if table is None else _with_own_indexes(found, table)


def _names(table: Name, constraint: Constraint, facts: Facts) -> frozenset[Key]:
    """Return the name of ``constraint`` where it is unique in the database."""
    kind = type(constraint)
    if constraint.name is None or not (kind is ForeignKey or (facts.mysql and kind is CheckConstraint)):
        return frozenset()
    return frozenset({(f"name of a {kind.__name__}", table.schema or "", constraint.name.lower())})


def _parts(operation: Operation, facts: Facts) -> Iterator[Effects]:
    match operation:
        case AddConstraint(table=table, constraint=constraint):
            yield _added(table, constraint, facts)
        case DropConstraint(table=table, constraint=constraint) if constraint is not None:
            yield _added(table, constraint, facts).reversed()
        case AddColumn(table=table, inline=inline):
            yield from (Effects(provides=_names(table, constraint, facts)) for constraint in inline)
        case CreateTable(table=created):
            # Its foreign keys get their indexes with it.
            yield from (Effects(provides=_names(created.name, each, facts)) for each in created.constraints())
        case DropTable(table=Table() as dropped):
            yield from (Effects(removes=_names(dropped.name, each, facts)) for each in dropped.constraints())
        case BatchAlterTable(operations=operations):
            for each in operations:
                yield from _parts(each, facts)


def _added(table: Name, constraint: Constraint, facts: Facts) -> Effects:
    needs = frozenset({lookup_key(table, constraint.columns)} if isinstance(constraint, ForeignKey) else ())
    return Effects(provides=_names(table, constraint, facts), requires=needs)


def _table(operation: Operation) -> Name | None:
    match operation:
        case CreateTable(table=created):
            return created.name
        case DropTable(name=name):
            return name
    table = getattr(operation, "table", None)
    return table if isinstance(table, Name) else None


def _with_own_indexes(found: Effects, table: Name) -> Effects:
    """Return ``found`` with the names of indexes as names in ``table``."""

    def own(keys: frozenset[Key]) -> frozenset[Key]:
        return frozenset((*key, table.name) if key[0] == "index" else key for key in keys)

    return Effects(*map(own, (found.provides, found.requires, found.removes, found.releases, found.modifies)))
