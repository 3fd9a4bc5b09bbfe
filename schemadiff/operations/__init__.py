"""Verbs: the operation tree, and the order in which operations run."""

from schemadiff.operations.base import Effects, Key, Operation
from schemadiff.operations.batch import BatchAlterTable, Recreate
from schemadiff.operations.columns import AddColumn, AlterColumn, DropColumn, Place
from schemadiff.operations.constraints import (
    AddConstraint,
    ConstraintKind,
    CreateIndex,
    DropConstraint,
    DropIndex,
    constraint_kind,
)
from schemadiff.operations.custom import CustomOperation
from schemadiff.operations.dependants import CreateDependant, DropDependant
from schemadiff.operations.domains import AlterDomain, CreateDomain, DropDomain
from schemadiff.operations.evolve import evolve, evolve_all, reordered
from schemadiff.operations.order import ordered
from schemadiff.operations.renames import RenameConstraint, RenameIndex
from schemadiff.operations.reverse import reverse_all
from schemadiff.operations.statements import BulkInsert, Execute
from schemadiff.operations.tables import (
    AlterTable,
    CreateSchema,
    CreateTable,
    CreateView,
    DropSchema,
    DropTable,
    DropView,
    RenameTable,
    SetTableComment,
)
from schemadiff.operations.types import (
    AlterEnum,
    AlterSequence,
    CreateEnum,
    CreateSequence,
    DropEnum,
    DropSequence,
    EnumColumn,
)

__all__ = [
    "AddColumn",
    "AddConstraint",
    "AlterColumn",
    "AlterDomain",
    "AlterEnum",
    "AlterSequence",
    "AlterTable",
    "BatchAlterTable",
    "BulkInsert",
    "ConstraintKind",
    "CreateDependant",
    "CreateDomain",
    "CreateEnum",
    "CreateIndex",
    "CreateSchema",
    "CreateSequence",
    "CreateTable",
    "CreateView",
    "CustomOperation",
    "DropColumn",
    "DropConstraint",
    "DropDependant",
    "DropDomain",
    "DropEnum",
    "DropIndex",
    "DropSchema",
    "DropSequence",
    "DropTable",
    "DropView",
    "Effects",
    "EnumColumn",
    "Execute",
    "Key",
    "Operation",
    "Place",
    "Recreate",
    "RenameConstraint",
    "RenameIndex",
    "RenameTable",
    "SetTableComment",
    "constraint_kind",
    "evolve",
    "evolve_all",
    "ordered",
    "reordered",
    "reverse_all",
]
