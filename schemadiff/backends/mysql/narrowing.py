"""Which changes of type lose values, and which are refused over them: MariaDB and MySQL.

Sources: the manuals, "Data Types" and "ALTER TABLE", and what MariaDB 10.11 does in strict mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemadiff.backends.mysql.types import TypeSpec, parse_type
from schemadiff.backends.narrowing import Choice, Moment, Narrowing, Number, Other, Shape, Text, Words, between, integer
from schemadiff.backends.tokens import Lexicon
from schemadiff.schema import DataType

__all__ = ["narrowings"]

_STRICT = Words(cut="are lost")

_BITS: Mapping[str, int] = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}

_BYTES: Mapping[str, int] = {"tiny": 2**8 - 1, "": 2**16 - 1, "medium": 2**24 - 1, "long": 2**32 - 1}

_PLAIN: Mapping[str, Shape] = {
    "float": Number(digits=6),
    "double": Number(digits=15),
    "date": Moment(date=True),
    "uuid": Other("uuid", 36),
    "inet4": Other("inet4", 15),
    "inet6": Other("inet6", 39),
    **{f"{size}text": Text(limit, "bytes of text") for size, limit in _BYTES.items()},
    **{f"{size}blob": Text(limit, "bytes") for size, limit in _BYTES.items()},
}


def narrowings(old: DataType, new: DataType, lexicon: Lexicon) -> tuple[Narrowing, ...]:
    """Return which values of ``old`` a column of ``new`` does not hold as they are.

    What does not fit is refused in strict mode, which is the default of both; without it, it is cut.
    """
    left, right = parse_type(old.sql, lexicon), parse_type(new.sql, lexicon)
    if left is None or right is None:
        same = old.sql == new.sql
        return () if same else between(Other(old.sql), Other(new.sql), new.sql, _STRICT)
    one, other = _shape(left), _shape(right)
    if isinstance(one, Text) and isinstance(other, Text):
        return _texts(one, other, new.sql)
    if isinstance(one, Moment) and isinstance(other, Number):
        # A moment is read as the number of its digits: 20200102030405.
        digits = 8 * one.date + 6 * one.clock
        return between(Number(0, 10**digits - 1, 0), other, new.sql, _STRICT)
    if isinstance(one, Moment) and isinstance(other, Moment) and other.date and not one.date:
        # Times get the date of the day on which the change runs.
        return between(replace(one, date=True), replace(other, years=None), new.sql, _STRICT)
    return between(one, other, new.sql, _STRICT)


def _texts(old: Text, new: Text, name: str) -> tuple[Narrowing, ...]:
    """A text type is measured in bytes, and so is what it holds: any character may have as many as there are at most."""
    if old.unit == "bytes" and new.unit != "bytes":
        shorter = between(Text(old.length), Text(new.length), name, _STRICT)
        return (*between(old, Text(), name, _STRICT), *shorter)
    if new.unit == "bytes of text":
        longest = old.length if old.unit == new.unit else None if old.length is None else 4 * old.length
        return between(Text(longest, "bytes"), Text(new.length, "bytes"), name, _STRICT)
    if old.unit == "bytes of text":
        # A text of so many bytes has as many characters at most.
        return between(Text(old.length, new.unit), new, name, _STRICT)
    return between(old, new, name, _STRICT)


def _shape(spec: TypeSpec) -> Shape:
    numbers = [int(argument) for argument in spec.arguments if argument.isdigit()]
    first = numbers[0] if numbers else None
    second = numbers[1] if len(numbers) > 1 else None
    if spec.base in _BITS:
        return integer(_BITS[spec.base], unsigned=spec.unsigned)
    if spec.base == "decimal" or (spec.base in ("float", "double") and second is not None):
        return Number.decimal(first, second, unsigned=spec.unsigned)
    if spec.base in _PLAIN:
        plain = _PLAIN[spec.base]
        return Number(low=0, digits=plain.digits) if isinstance(plain, Number) and spec.unsigned else plain
    match spec.base:
        case "varchar" | "char":
            return Text(first)
        case "varbinary" | "binary":
            return Text(first, "bytes")
        case "bit":
            return integer(first or 1, unsigned=True)
        case "enum" | "set":
            return Choice(spec.arguments, spec.base == "set")
        case "time":
            return Moment(clock=True, fraction=first or 0)
        case "datetime":
            return Moment(date=True, clock=True, fraction=first or 0)
        case "timestamp":
            return Moment(date=True, clock=True, fraction=first or 0, years=(1970, 2038))
    return Other(" ".join([spec.base, *spec.arguments]))
