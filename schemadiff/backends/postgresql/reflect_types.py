"""Types of the database's own: enums, domains and the like, by what the catalog says of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemadiff.backends.postgresql.rows import Rows, read_name
from schemadiff.backends.postgresql.types import own_type, spelled, sqlalchemy_type
from schemadiff.backends.postgresql.vocabulary import BUILTIN_TYPES
from schemadiff.backends.records import Record
from schemadiff.schema import DataType, Enum, Name

if TYPE_CHECKING:
    pass

__all__ = ["Types"]


class Types:
    """The types of the database's own, by the oid of the type and of its array."""

    def __init__(self, rows: Rows, default: str | None) -> None:
        self._default = default
        self._rows = {row.oid: row for row in rows}
        self._arrays = {row.array_oid: row for row in rows if row.array_oid}
        self._known: dict[tuple[int, str], DataType] = {}

    def of(self, oid: int, written: str) -> DataType:
        """Return the type of a column.

        Args:
            oid: its type's oid.
            written: what ``format_type()`` prints.
        """
        key = (oid, written)
        if key not in self._known:
            self._known[key] = self._found(oid, written)
        return self._known[key]

    def _found(self, oid: int, written: str) -> DataType:
        row = self._rows.get(oid) or self._arrays.get(oid)
        if row is None or row.extension:
            sql, named = spelled(written, self._default)
            return DataType(sql, named)
        name = read_name(row.name, row.schema, self._default)
        sql = own_type(name, row.schema)
        origin = self._origin(row)
        if oid == row.array_oid:
            return DataType(f"{sql}[]", name, None if origin is None else pg.ARRAY(origin))
        return DataType(sql, name, origin)

    def _origin(self, row: Record) -> sa.types.TypeEngine[Any] | None:
        """Return the SQLAlchemy type of an enum or domain, which its name alone could not tell."""
        schema = None if row.schema == self._default and row.name not in BUILTIN_TYPES else row.schema
        if row.kind == "e":
            return pg.ENUM(*(row.labels or ()), name=row.name, schema=schema, create_type=False)
        if row.kind == "d":
            # Only its name is ever used.
            base = sqlalchemy_type(DataType(*spelled(row.base, self._default)), None)
            return pg.DOMAIN(row.name, base, schema=schema, create_type=False)
        return None

    def users(self, oid: int) -> tuple[str, ...]:
        """Return what hangs on a type and is no part of a table."""
        return tuple(self._rows[oid].users or ()) if oid in self._rows else ()

    def domains(self) -> Iterable[Record]:
        """Return the rows of the domains of the schemas that are read, those of extensions excepted."""
        return [row for row in self._rows.values() if row.domain is not None and not row.extension]

    def enums(self, schemas: Iterable[str]) -> dict[Name, Enum]:
        """Return the enum types of ``schemas``, those of extensions excepted."""
        wanted = set(schemas)
        found = (row for row in self._rows.values() if row.kind == "e" and row.schema in wanted and not row.extension)
        enums = (
            Enum(
                name=read_name(row.name, row.schema, self._default),
                values=tuple(row.labels or ()),
                comment=row.comment,
                used_by=tuple(row.users or ()),
            )
            for row in found
        )
        return {enum.name: enum for enum in sorted(enums, key=lambda enum: enum.name)}
