"""The value of a constant of a type, in a spelling of its own: two constants of one spelling are the same to PostgreSQL.

What is not known to be the same keeps its text, so it equals only itself.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from schemadiff.backends.postgresql.resolution import element_type
from schemadiff.backends.reading import NotUnderstood

__all__ = ["number", "value"]

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,3}))?")
_RANGES = {"int2": 15, "int4": 31, "int8": 63}
_BOOLEANS = dict.fromkeys(("t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"), "true") | dict.fromkeys(
    ("f", "fa", "fal", "fals", "false", "n", "no", "off", "0"), "false"
)
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?")
_ZONE = re.compile(r"[+-]\d{2}(?::?\d{2})?")


def number(text: str) -> tuple[str, str]:
    """Return the type of a number as it stands in an expression, and its value.

    Raises:
        NotUnderstood: it is out of all bounds.
    """
    if text.lstrip("-").isdigit():
        for type_ in ("int4", "int8"):
            if _fits(int(text), type_):
                return type_, str(int(text))
    return "numeric", _numeric(text)


def value(type_: str, text: str) -> str:
    """Return the value of ``text`` as a constant of a type: what the type's input function makes of it.

    Raises:
        NotUnderstood: it depends on more than the text, or is no value of the type.
    """
    bare = text.strip(" \t\n\r\f\v")
    if type_ in _RANGES:
        if not re.fullmatch(r"[-+]?\d+", bare) or not _fits(int(bare), type_):
            raise NotUnderstood(f"{text!r} as {type_}")
        return str(int(bare))
    if type_ == "numeric":
        return _numeric(bare)
    if type_ == "float8" and _NUMBER.fullmatch(bare):
        return repr(float(bare))
    if type_ == "bool":
        if bare.lower() not in _BOOLEANS:
            raise NotUnderstood(f"{text!r} as {type_}")
        return _BOOLEANS[bare.lower()]
    if type_ == "bytea":
        return _bytes(text)
    if type_ == "uuid":
        return bare.lower()
    if type_ == "jsonb":
        return _jsonb(text)
    if type_ in ("date", "timestamp", "timestamptz", "time", "timetz"):
        return _moment(type_, bare)
    if type_ == "interval":
        return _interval(bare)
    if (element_type(type_) or type_) in _OF_MOMENTS:
        # "now" may be in it, or a day in the order of DateStyle; or it depends on what is in the database.
        raise NotUnderstood(f"{text!r} as {type_}")
    return text


_OF_MOMENTS_WORDS = """
    date timestamp timestamptz time timetz interval daterange tsrange tstzrange datemultirange tsmultirange tstzmultirange money
    regclass
    """
_OF_MOMENTS = frozenset(_OF_MOMENTS_WORDS.split())


def _fits(value_: int, type_: str) -> bool:
    bits = _RANGES[type_]
    return -(1 << bits) <= value_ < 1 << bits


def _numeric(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    if found is None or abs(int(found.group(1) or 0)) > 100:
        raise NotUnderstood(f"{text!r} as numeric")
    plain = format(Decimal(text), "f")
    # There is no negative zero; the digits behind the point count.
    return plain.lstrip("-") if not plain.strip("-0.") else plain


def _bytes(text: str) -> str:
    r"""Return bytes in the form ``\x``, which is how they are printed unless ``bytea_output`` says otherwise."""
    if re.fullmatch(r"\\x(?:[0-9a-fA-F]{2})*", text):
        return text.lower()
    if "\\" in text or not text.isascii():
        raise NotUnderstood(f"{text!r} as bytea")
    return "\\x" + text.encode().hex()


def _jsonb(text: str) -> str:
    def refused(word: str) -> Any:
        raise NotUnderstood(f"{word} in jsonb")

    def exact(digits: str) -> Decimal:
        # An exponent is written out, and the digits behind the point stay.
        return Decimal(_numeric(digits))

    try:
        found = json.loads(text, parse_float=exact, parse_int=exact, parse_constant=refused)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"{text!r} as jsonb") from error
    return json.dumps(_tagged(found), sort_keys=True)


def _tagged(found: Any) -> Any:
    """Return a JSON value whose strings are told from numbers. Of a key that comes twice, the last one counts, there and here."""
    if isinstance(found, dict):
        return {key: _tagged(each) for key, each in found.items()}
    if isinstance(found, list):
        return [_tagged(each) for each in found]
    return f"{type(found).__name__} {found}" if isinstance(found, (str, Decimal)) else found


def _moment(type_: str, text: str) -> str:
    """Return a date, a time or both, in the only form that is the same whatever DateStyle is."""
    rest = text
    parts: list[str] = []
    if type_ in ("date", "timestamp", "timestamptz"):
        date = _DATE.match(rest)
        if date is None:
            raise NotUnderstood(f"{text!r} as {type_}")
        parts.append(date.group())
        rest = rest[date.end() :]
        if type_ == "date":
            if rest:
                raise NotUnderstood(f"{text!r} as {type_}")
            return parts[0]
        rest = rest[1:] if rest[:1] in (" ", "T") else rest if not rest else "?"
    time = _TIME.match(rest)
    if time is not None:
        hour, minute, second, fraction = time.groups()
        fraction = (fraction or "").rstrip("0")
        parts.append(f"{hour}:{minute}:{second or '00'}" + (f".{fraction}" if fraction else ""))
        rest = rest[time.end() :]
    elif type_ == "timestamp" and not rest:
        parts.append("00:00:00")
    else:
        raise NotUnderstood(f"{text!r} as {type_}")
    if type_ in ("timestamptz", "timetz"):
        # Without a zone, it is the session's.
        if not _ZONE.fullmatch(rest):
            raise NotUnderstood(f"{text!r} as {type_}")
        parts.append(rest)
    elif rest:
        raise NotUnderstood(f"{text!r} as {type_}")
    return " ".join(parts)


_UNITS = {
    "microsecond": (0, 0, 1),
    "millisecond": (0, 0, 1000),
    "second": (0, 0, 10**6),
    "sec": (0, 0, 10**6),
    "minute": (0, 0, 60 * 10**6),
    "min": (0, 0, 60 * 10**6),
    "hour": (0, 0, 3600 * 10**6),
    "day": (0, 1, 0),
    "week": (0, 7, 0),
    "month": (1, 0, 0),
    "mon": (1, 0, 0),
    "year": (12, 0, 0),
}
_SPAN = re.compile(r"\s*(?:(\d{1,6})\s*([a-z]+)|(\d{2,3}):([0-5]\d):([0-5]\d))", re.IGNORECASE)


def _interval(text: str) -> str:
    """Return an interval of whole units as its months, days and microseconds, which PostgreSQL keeps apart."""
    total = [0, 0, 0]
    position = 0
    while position < len(text):
        found = _SPAN.match(text, position)
        if found is None:
            raise NotUnderstood(f"{text!r} as interval")
        position = found.end()
        amount, unit, hours, minutes, seconds = found.groups()
        if amount is None:
            span = (0, 0, (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 10**6)
        else:
            name = unit.lower()
            one = _UNITS.get(name) or _UNITS.get(name.removesuffix("s"))
            if one is None:
                raise NotUnderstood(f"{text!r} as interval")
            span = (one[0] * int(amount), one[1] * int(amount), one[2] * int(amount))
        total = [before + more for before, more in zip(total, span, strict=True)]
    if not text:
        raise NotUnderstood("an empty interval")
    return "{} months {} days {} microseconds".format(*total)
