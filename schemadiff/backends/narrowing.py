"""What becomes of the values of a column whose type changes: the rules that databases share.

A backend says what its types hold (:data:`Shape`); :func:`between` tells which values of the one do not fit into the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemadiff.frozen import dataclass

__all__ = ["Choice", "Moment", "Narrowing", "Number", "Other", "Shape", "Text", "Words", "between", "integer"]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Values that a column's new type does not hold as they are.

    Args:
        words: which values, and what becomes of them: ``values longer than 50 characters are refused``.
        refused: the database refuses the change where there are such values; False where it makes other values of them.
    """

    words: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Text:
    """Characters or bytes.

    Args:
        length: how many at most; None for any number.
        unit: what is counted.
    """

    length: int | None = None
    unit: str = "characters"


@dataclass(frozen=True, slots=True)
class Number:
    """Numbers, and truth values where they are numbers.

    Args:
        low, high: the smallest and the largest; None for no limit.
        scale: how many decimal places at most; None for any number.
        digits: how many digits are kept where the point floats; None where all are.
        whole: how many digits stand before the point at most, which says the limits of a decimal better; None where they are no such limits.
    """

    low: int | None = None
    high: int | None = None
    scale: int | None = None
    digits: int | None = None
    whole: int | None = None

    @classmethod
    def decimal(cls, precision: int | None, scale: int | None, *, unsigned: bool = False) -> Number:
        """Return the numbers of ``NUMERIC(precision, scale)``."""
        if precision is None:
            return cls()
        whole = precision - (scale or 0)
        limit = 10**whole - 1 if whole >= 0 else 0
        return cls(0 if unsigned else -limit, limit, scale or 0, whole=whole)


def integer(bits: int, *, unsigned: bool = False) -> Number:
    """Return the numbers of an integer of ``bits``."""
    return Number(0, 2**bits - 1, 0) if unsigned else Number(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 0)


@dataclass(frozen=True, slots=True)
class Moment:
    """Dates and times.

    Args:
        date, clock, zone: whether the date, the time of day and the offset of a time zone are kept.
        fraction: how many digits of the fractions of a second are.
        years: the first and the last year, where they are few.
    """

    date: bool = False
    clock: bool = False
    zone: bool = False
    fraction: int = 0
    years: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list of texts, or several where the type is a set of them."""

    values: tuple[str, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A type that is known by its name alone.

    Args:
        name: its name, arguments included.
        written: how many characters its longest text has; None where that is not known.
    """

    name: str
    written: int | None = None


Shape = Text | Number | Moment | Choice | Other
"""What a type holds."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a database deals with what does not fit.

    Args:
        refused: what it does with values that do not fit.
        rounded: what it does with decimal places that do not.
        cut: what it does with fractions of a second that do not.
    """

    refused: str = "are refused"
    rounded: str = "are rounded"
    cut: str = "are rounded"


def between(old: Shape, new: Shape, name: str, words: Words) -> tuple[Narrowing, ...]:
    """Return which values of ``old`` a column of ``new`` does not hold as they are.

    Args:
        old, new: the two types.
        name: what the new type is called.
        words: how the database deals with them.
    """
    return tuple(_narrowings(old, new, name, words))


def _narrowings(old: Shape, new: Shape, name: str, words: Words) -> Iterator[Narrowing]:
    match old, new:
        case Number(), Number():
            yield from _numbers(old, new, words)
        case Moment(), Moment():
            yield from _moments(old, new, words)
        case Choice(), Choice():
            gone = [value for value in old.values if value not in new.values]
            if gone:
                yield Narrowing(f"rows that hold {_listed(gone)} {words.refused}", True)
            if old.several and not new.several:
                yield Narrowing(f"rows that hold more than one value {words.refused}", True)
        case Text(unit="bytes"), Text(unit="characters"):
            yield Narrowing(f"values that are no text {words.refused}", True)
        case (_, Text(length=int() as length)):
            longest = _longest(old, new)
            if longest is None or longest > length:
                yield Narrowing(f"values longer than {length} {new.unit} {words.refused}", True)
        case (_, Text()):
            return
        case _ if old != new:
            yield Narrowing(f"values that cannot be read as {name} {words.refused}", True)


def _listed(values: list[str]) -> str:
    shown = ", ".join(repr(value) for value in values[:5])
    return shown if len(values) <= 5 else f"{shown} or one of {len(values) - 5} more"


# The longest character that a character set in use has.
_BYTES = 4


def _longest(old: Shape, new: Text) -> int | None:
    """Return how long a value of ``old`` is at most where it is written as ``new`` counts; None for any length."""
    longest: int | None = None
    match old:
        case Text(length=length, unit=unit):
            longest = length if unit == new.unit or length is None else length * _BYTES
        case Number(low=int() as low, high=int() as high, scale=int() as scale):
            longest = max(len(str(low)), len(str(high))) + (scale + 1 if scale else 0)
        case Moment():
            longest = 10 * old.date + 8 * old.clock + (old.date and old.clock)
            longest += (old.fraction + 1 if old.fraction else 0) + 6 * old.zone
        case Choice(values=values, several=False):
            longest = max((len(value) for value in values), default=0)
        case Other(written=written):
            longest = written
    return longest


def _numbers(old: Number, new: Number, words: Words) -> Iterator[Narrowing]:
    if _reaches_beyond(old, new):
        if new.whole is not None:
            limit = f"with more than {new.whole} digit{'' if new.whole == 1 else 's'} before the point"
            limit = f"below 0 or {limit}" if new.low == 0 and old.low != 0 else limit
        else:
            limit = f"outside of {new.low} to {new.high}"
        yield Narrowing(f"values {limit} {words.refused}", True)
    if new.scale is not None and (old.scale is None or old.scale > new.scale):
        beyond = f" beyond {new.scale}" if new.scale else ""
        yield Narrowing(f"decimal places{beyond} {words.rounded}", False)
    elif new.digits is not None and not _keeps_digits(old, new.digits):
        yield Narrowing(f"digits beyond the {new.digits}th {words.rounded}", False)


def _reaches_beyond(old: Number, new: Number) -> bool:
    low = new.low is not None and (old.low is None or old.low < new.low)
    high = new.high is not None and (old.high is None or old.high > new.high)
    return low or high


def _keeps_digits(old: Number, digits: int) -> bool:
    """Return True where no number of ``old`` has more than ``digits`` digits."""
    if old.digits is not None:
        return old.digits <= digits
    if old.scale is None or old.low is None or old.high is None:
        return False
    return len(str(max(abs(old.low), old.high))) + old.scale <= digits


def _moments(old: Moment, new: Moment, words: Words) -> Iterator[Narrowing]:
    if old.clock and not new.clock:
        yield Narrowing("the time of day is lost", False)
    elif old.fraction > new.fraction:
        beyond = f" beyond {new.fraction} digits" if new.fraction else ""
        yield Narrowing(f"fractions of a second{beyond} {words.cut}", False)
    if old.date and not new.date:
        yield Narrowing("the date is lost", False)
    elif new.date and not old.date:
        yield Narrowing(f"values that have no date {words.refused}", True)
    if old.zone and not new.zone and new.clock:
        yield Narrowing("the time zone is lost: values become those of the session's time zone", False)
    if new.years is not None and old.years is None:
        first, last = new.years
        yield Narrowing(f"values outside of {first} to {last} {words.refused}", True)
