"""Which changes of type lose values, and which are refused over them: PostgreSQL.

Sources: the manual, "Data Types", and what ALTER COLUMN ... TYPE does with the USING expressions of :mod:`.casts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemadiff.backends.narrowing import Moment, Narrowing, Number, Other, Shape, Text, Words, between, integer
from schemadiff.schema import DataType

__all__ = ["narrowings"]

_WORDS = Words()

_ARGUMENTS = re.compile(r"\((\d+)(?:,(-?\d+))?\)")

_SHAPES: Mapping[str, Shape] = {
    "smallint": integer(16),
    "integer": integer(32),
    "bigint": integer(64),
    "oid": integer(32, unsigned=True),
    "real": Number(digits=6),
    "double precision": Number(digits=15),
    "text": Text(),
    "citext": Text(),
    "bpchar": Text(),
    "name": Text(63, "bytes"),
    '"char"': Text(1, "bytes"),
    "date": Moment(date=True),
    "boolean": Other("boolean", 5),
    "uuid": Other("uuid", 36),
}

# A value of the one that the other makes another value of, without a word.
_LOSSES: Mapping[tuple[str, str], str] = {
    ("json", "jsonb"): "spaces, the order of keys and repeated keys are lost",
    ("inet", "cidr"): "the bits to the right of the netmask become 0",
    ("interval", "time without time zone"): "whole days are lost",
}

_SAME: frozenset[tuple[str, str]] = frozenset(
    [("jsonb", "json"), ("cidr", "inet"), ("macaddr", "macaddr8"), ("time without time zone", "interval")]
)


def narrowings(old: DataType, new: DataType) -> tuple[Narrowing, ...]:
    """Return which values of ``old`` a column of ``new`` does not hold as they are."""
    one, other = old.sql, new.sql
    if one == other:
        return ()
    if one.endswith("[]") and not other.endswith("[]"):
        if isinstance(_shape(new), Text):
            return between(Other(one), _shape(new), other, _WORDS)
        lost = Narrowing("all elements of the arrays but the first are lost", False)
        return (lost, *narrowings(DataType(one.removesuffix("[]"), old.named), new))
    if other.endswith("[]"):
        element = DataType(one.removesuffix("[]"), old.named)
        return narrowings(element, DataType(other.removesuffix("[]"), new.named))
    left, right = _shape(old), _shape(new)
    pair = (_base(one), _base(other))
    if pair in _LOSSES:
        return (Narrowing(_LOSSES[pair], False),)
    if pair in _SAME:
        return ()
    if pair[1] == "boolean" and isinstance(left, Number):
        return (Narrowing("every number but 0 becomes true", False),)
    if pair[0] == "boolean" and isinstance(right, Number):
        return ()
    if pair[0] == pair[1] == "interval":
        return (Narrowing("fields that the new type does not have are lost, or rounded", False),)
    if pair[0] == pair[1] and isinstance(left, Other) and "(" not in other:
        return ()
    return between(left, right, other, _WORDS)


def _base(sql: str) -> str:
    """Return a type without its arguments."""
    return "interval" if sql.startswith("interval") else _ARGUMENTS.sub("", sql, count=1)


def _shape(type_: DataType) -> Shape:
    if type_.named is not None and type_.named.name != "citext":
        return Other(type_.sql)
    base = _base(type_.sql)
    found = _ARGUMENTS.search(type_.sql)
    first = None if found is None else int(found[1])
    second = None if found is None or found[2] is None else int(found[2])
    if base in _SHAPES:
        return _SHAPES[base]
    if base in ("character varying", "character"):
        return Text(first)
    if base in ("bit", "bit varying"):
        return Text(first, "bits")
    if base == "numeric":
        return Number.decimal(first, second)
    if base.startswith("time"):
        fraction = 6 if first is None else first
        return Moment(base.startswith("timestamp"), True, base.endswith("with time zone"), fraction)
    return Other(type_.sql)
