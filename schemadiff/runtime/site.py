"""What operations are built for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.schema import Name

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Site"]


@dataclass(frozen=True, slots=True)
class Site:
    """What operations are built for.

    Args:
        backend: the backend that types, names and expressions are canonical for.
        naming_convention: the naming convention of the target's MetaData.
        literals: every value has to be written into the SQL, since there is no connection that could send it beside.
    """

    backend: Backend
    naming_convention: Mapping[str, Any] = field(default_factory=dict)
    literals: bool = False

    def metadata(self) -> sa.MetaData:
        """Return a scratch MetaData with the naming convention. It says that it is one: a table in it may be a part of a table."""
        import sqlalchemy as sa

        return sa.MetaData(naming_convention=dict(self.naming_convention) or None, info={"schemadiff_scratch": True})

    def name(self, name: str, schema: str | None) -> Name:
        """Return a qualified name; the default schema written out is no schema."""
        return Name(str(name), None if schema is None or schema == self.backend.server.default_schema else str(schema))
