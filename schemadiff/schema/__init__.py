"""Nouns: a schema as frozen, plain data, canonical for one backend."""

from schemadiff.schema.columns import Column, ColumnState, Computed, Default, Identity
from schemadiff.schema.constraints import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ExcludeElement,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    UniqueConstraint,
    sorted_by_name,
)
from schemadiff.schema.names import Name, ascii_lower
from schemadiff.schema.objects import Domain, Enum, OtherRelation, OwnedSequence, Sequence
from schemadiff.schema.schema import Schema, Server
from schemadiff.schema.tables import Dependant, Table, View
from schemadiff.schema.values import UNSET, DataType, Expression, Options, Unset, changed, option, options

__all__ = [
    "UNSET",
    "CheckConstraint",
    "Column",
    "ColumnState",
    "Computed",
    "Constraint",
    "DataType",
    "Default",
    "Dependant",
    "Domain",
    "Enum",
    "ExcludeConstraint",
    "ExcludeElement",
    "Expression",
    "ForeignKey",
    "Identity",
    "Index",
    "IndexElement",
    "Name",
    "Options",
    "OtherRelation",
    "OwnedSequence",
    "PrimaryKey",
    "Schema",
    "Sequence",
    "Server",
    "Table",
    "UniqueConstraint",
    "Unset",
    "View",
    "ascii_lower",
    "changed",
    "option",
    "options",
    "sorted_by_name",
]
