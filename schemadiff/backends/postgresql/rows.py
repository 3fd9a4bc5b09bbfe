"""What the readers of the catalog share: rows, names, expressions, storage parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemadiff.backends.postgresql.canonical import canonical, rereadable
from schemadiff.backends.questions import ExpressionKind
from schemadiff.backends.records import Record
from schemadiff.schema import DataType, Expression, Name

if TYPE_CHECKING:
    pass

__all__ = ["Rows", "read_expression", "read_name", "storage_parameters"]

Rows = Sequence[Record]


def read_name(name: str, schema: str | None, default: str | None) -> Name:
    """Return a qualified name; the default schema is no schema."""
    return Name(name, None if schema == default else schema)


def read_expression(sql: str, kind: ExpressionKind, default: str | None, type_: DataType | None = None) -> Expression:
    """Return an expression that the server printed."""
    sql = rereadable(sql)
    return Expression(sql, canonical(sql, kind, type_, default))


def storage_parameters(values: Sequence[str] | None, prefix: str = "") -> dict[str, str]:
    """Return storage parameters, ``["fillfactor=70"]`` in the catalog."""
    pairs = (value.partition("=") for value in values or ())
    return {prefix + name: setting.lower() for name, _, setting in pairs}
