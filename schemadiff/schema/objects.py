"""Objects that stand beside tables: enum types and sequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from schemadiff.schema.names import Name
from schemadiff.schema.values import DataType

__all__ = ["Enum", "Sequence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """A named enum type. The order of its values counts."""

    name: Name
    values: tuple[str, ...]
    comment: str | None = None
    origin: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A sequence that no column owns. All options are written out, as for :class:`~schemadiff.schema.columns.Identity`."""

    name: Name
    type: DataType | None = None
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None
    comment: str | None = None
    origin: Any = field(default=None, compare=False, repr=False)
