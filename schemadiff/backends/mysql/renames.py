"""The renaming of constraints, for which MariaDB and MySQL have no statement."""

from __future__ import annotations

from schemadiff.errors import OperationError, UnsupportedOperation
from schemadiff.operations import (
    AddConstraint,
    DropConstraint,
    Operation,
    RenameConstraint,
    RenameIndex,
    constraint_kind,
)

__all__ = ["taken_apart"]


def taken_apart(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return ``operations``, the renaming of a constraint as that of its index, or as a constraint that goes and one that comes.

    Raises:
        OperationError: the constraint is not known.
    """
    found: list[Operation] = []
    for each in operations:
        if not isinstance(each, RenameConstraint):
            found.append(each)
            continue
        kind = each.kind if each.constraint is None else constraint_kind(each.constraint)
        renamed = each.renamed()
        if kind == "primary":
            raise UnsupportedOperation(f"{each.describe()}: a primary key has no name of its own here; take it out")
        if kind == "unique":
            found.append(RenameIndex(table=each.table, name=each.name, new_name=each.new_name))
        elif renamed is None:
            raise OperationError(
                f"{each.describe()}: it has to be dropped and added again, and nobody knows what it is; give existing="
            )
        else:
            found += [
                DropConstraint(table=each.table, name=each.name, kind=kind, constraint=each.constraint),
                AddConstraint(table=each.table, constraint=renamed),
            ]
    return tuple(found)
