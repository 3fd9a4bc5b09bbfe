"""Which changes of type lose values, or are refused over them: a database that we know nothing of, by the usual names of types.

What the database does with values that do not fit is not known either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemadiff.backends.narrowing import Moment, Narrowing, Number, Other, Shape, Text, Words, between, integer
from schemadiff.schema import DataType

__all__ = ["narrowings"]

_WORDS = Words("are refused or cut", "are rounded or cut", "are rounded or cut")

_PARTS = re.compile(r"\s*([^(]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?[^)]*\)\s*([^()]*?))?\s*\Z", re.DOTALL)

_SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(("TINYINT", "BYTE"), integer(8)),
    **dict.fromkeys(("SMALLINT", "INT2", "SHORT"), integer(16)),
    **dict.fromkeys(("INTEGER", "INT", "INT4"), integer(32)),
    **dict.fromkeys(("BIGINT", "INT8", "LONG"), integer(64)),
    **dict.fromkeys(("REAL", "FLOAT4"), Number(digits=6)),
    **dict.fromkeys(("DOUBLE", "DOUBLE PRECISION", "FLOAT", "FLOAT8"), Number(digits=15)),
    **dict.fromkeys(("TEXT", "CLOB", "NCLOB", "STRING"), Text()),
    "DATE": Moment(date=True),
    "BOOLEAN": Other("BOOLEAN", 5),
    "BOOL": Other("BOOLEAN", 5),
}

_SIZED = frozenset(("VARCHAR", "VARCHAR2", "NVARCHAR", "NVARCHAR2", "CHAR", "NCHAR", "CHARACTER VARYING", "CHARACTER"))


def narrowings(old: DataType, new: DataType) -> tuple[Narrowing, ...]:
    """Return which values of ``old`` a column of ``new`` may not hold as they are."""
    return between(_shape(old.sql), _shape(new.sql), new.sql, _WORDS)


def _shape(sql: str) -> Shape:
    found = _PARTS.match(sql.upper())
    if found is None:
        return Other(sql.upper())
    name = " ".join(part for part in (found[1], found[4]) if part)
    first, second = (None if number is None else int(number) for number in (found[2], found[3]))
    if name in _SIZED:
        return Text(first)
    if name in ("NUMERIC", "DECIMAL", "NUMBER", "DEC"):
        return Number.decimal(first, second)
    if name in _SHAPES:
        return _SHAPES[name]
    if name in ("TIMESTAMP", "DATETIME", "TIMESTAMP WITHOUT TIME ZONE"):
        return Moment(date=True, clock=True, fraction=9 if first is None else first)
    if name in ("TIMESTAMP WITH TIME ZONE", "DATETIMEOFFSET", "TIMESTAMPTZ"):
        return Moment(date=True, clock=True, zone=True, fraction=9 if first is None else first)
    if name == "TIME":
        return Moment(clock=True, fraction=9 if first is None else first)
    return Other(sql.upper())
