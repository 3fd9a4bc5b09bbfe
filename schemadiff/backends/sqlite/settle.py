"""What the operations of a batch mean for the table as it stands: those that are done already, constraints known by a convention's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from schemadiff.backends.sqlite.rebuild import finished
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    BatchAlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    RenameConstraint,
    constraint_kind,
    evolve,
)
from schemadiff.schema import (
    CheckConstraint,
    Constraint,
    ForeignKey,
    PrimaryKey,
    Table,
    UniqueConstraint,
    ascii_lower,
)

__all__ = ["is_conditional", "is_done", "settled"]


def is_conditional(operation: Operation) -> bool:
    """Return True where what ``operation`` does hangs on what is there, and SQLite has no words for it."""
    match operation:
        case AddColumn(if_not_exists=True) | DropColumn(if_exists=True) | DropConstraint(if_exists=True):
            return True
    return False


def is_done(operation: Operation, table: Table) -> bool:
    """Return True for an operation that says IF EXISTS or IF NOT EXISTS, and has nothing to do on ``table``."""
    match operation:
        case AddColumn(if_not_exists=True, column=column):
            return ascii_lower(column.name) in {ascii_lower(each.name) for each in table.columns}
        case DropColumn(if_exists=True, name=name):
            return ascii_lower(name) not in {ascii_lower(each.name) for each in table.columns}
        case CreateIndex(if_not_exists=True, index=index):
            return index.name in {each.name for each in table.indexes}
        case DropIndex(if_exists=True, name=name):
            return name not in {each.name for each in table.indexes}
        case DropConstraint(if_exists=True, name=name, kind="primary"):
            return table.primary_key is None
        case DropConstraint(if_exists=True, name=name):
            return name not in {each.name for each in table.constraints()}
    return False


def settled(batch: BatchAlterTable, table: Table) -> BatchAlterTable:
    """Return ``batch`` as it is to be done on ``table``: without what is done already, and with constraints as the table has them.

    Args:
        batch: the batch.
        table: the table as it stands before it.
    """
    operations: list[Operation] = []
    for operation in batch.operations:
        operation = _known(operation, table, batch.naming_convention)
        if is_done(operation, table):
            continue
        if isinstance(operation, (AddColumn, CreateIndex)):
            operation = replace(operation, if_not_exists=False)
        elif isinstance(operation, (DropColumn, DropIndex, DropConstraint)):
            operation = replace(operation, if_exists=False)
        operations.append(operation)
        table = evolve(table, finished(operation, table))
    additions: list[Operation] = []
    for operation in batch.additions:
        if not _has(table, operation):
            additions.append(operation)
            table = evolve(table, operation)
    return replace(batch, operations=tuple(operations), additions=tuple(additions))


def _has(table: Table, operation: Operation) -> bool:
    match operation:
        case AddConstraint(constraint=constraint):
            return any(_same(each, constraint) for each in table.constraints())
        case CreateIndex(index=index):
            return index.name in {each.name for each in table.indexes}
    return False


def _same(one: Constraint, other: Constraint) -> bool:
    """Return True for constraints that are alike; a name that one of them has not counts for nothing."""
    if one.name is None or other.name is None:
        one, other = replace(one, name=None), replace(other, name=None)
    return one == other


# -- names by convention


def _known(operation: Operation, table: Table, convention: Mapping[Any, Any] | None) -> Operation:
    """Return ``operation`` on a constraint as one on the constraint without a name that the convention calls so."""
    if not isinstance(operation, (DropConstraint, RenameConstraint)) or operation.name is None or not convention:
        return operation
    if any(each.name == operation.name for each in table.constraints()):
        return operation
    for constraint in table.constraints():
        kind = constraint_kind(constraint)
        if (
            constraint.name is None
            and operation.kind in (None, kind)
            and operation.name in _names(constraint, table, convention)
        ):
            if isinstance(operation, RenameConstraint):
                return replace(operation, kind=kind, constraint=constraint)
            return replace(operation, name=None, kind=kind, constraint=constraint)
    return operation


def _names(constraint: Constraint, table: Table, convention: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the name that the convention gives an unnamed constraint."""
    made = _made(constraint)
    if made is None:
        return
    metadata = sa.MetaData(naming_convention=dict(convention))
    if isinstance(constraint, ForeignKey):
        referent = constraint.referent
        if referent != table.name:
            columns: list[sa.Column[Any]] = [sa.Column(name) for name in dict.fromkeys(constraint.referent_columns)]
            sa.Table(referent.name, metadata, *columns, schema=referent.schema)
    sa.Table(table.name.name, metadata, *(sa.Column(c.name) for c in table.columns), made, schema=table.name.schema)
    if made.name is not None:
        yield str(made.name)


def _made(constraint: Constraint) -> sa.Constraint | None:
    match constraint:
        case PrimaryKey(columns=columns):
            return sa.PrimaryKeyConstraint(*columns)
        case UniqueConstraint(columns=columns):
            return sa.UniqueConstraint(*columns)
        case CheckConstraint(expression=expression):
            return sa.CheckConstraint(sa.text(expression.sql.replace(":", "\\:")))
        case ForeignKey(columns=columns, referent=referent, referent_columns=names):
            remote = names or ("",) * len(columns)
            return sa.ForeignKeyConstraint(columns, [f"{referent}.{name}" for name in remote])
    return None
