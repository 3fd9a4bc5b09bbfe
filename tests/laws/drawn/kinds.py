"""The types that columns are drawn of, with the server defaults and the values that go with each."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

TEXTS = ["", "plain", "it's", 'say "x"', "50%", ":x", "a\\b", "{}", "ü", "two\nlines"]

Make = Callable[[], Any]


@dataclass(frozen=True)
class Kind:
    """A type.

    ``defaults`` are the server defaults that go with it; ``family`` the types that it casts to with every value of it;
    ``key`` says that a key or an index can stand on it; ``values`` are what rows hold, each different where it can be.
    ``strict``: SQLite's STRICT tables take it.
    """

    make: Make
    defaults: tuple[Make, ...] = ()
    family: str = ""
    key: bool = False
    values: tuple[Any, ...] = (None, None, None)
    strict: bool = False


def _literals(*values: Any) -> tuple[Make, ...]:
    return tuple(lambda value=value: value for value in values)


_STRINGS = _literals(*TEXTS, sa.text("('a' || 'b')"))
# MySQL and MariaDB take "||" for OR, and an expression only in parentheses.
_MYSQL_STRINGS = _literals(*TEXTS, sa.text("(concat('a', 'b'))"))
_NUMBERS = (1, 2, 3)
_LETTERS = ("1", "2", "3")
_DAYS = tuple(datetime.datetime(2020, 1, day, 12) for day in (1, 2, 3))
_MONEY = tuple(decimal.Decimal(number) for number in _NUMBERS)

COMMON: dict[str, Kind] = {
    "integer": Kind(sa.Integer, _literals("1", "-7", sa.text("3")), "number", True, _NUMBERS, True),
    "bigint": Kind(sa.BigInteger, _literals("1", "-7", sa.text("3")), "number", True, _NUMBERS),
    "smallint": Kind(sa.SmallInteger, _literals("0"), "number", True, _NUMBERS),
    "varchar": Kind(lambda: sa.String(30), _STRINGS, "string", True, _LETTERS),
    "longer": Kind(lambda: sa.String(60), _STRINGS, "string", True, _LETTERS),
    "text": Kind(sa.Text, _literals(sa.text("('x')")), "string", False, _LETTERS, True),
    "char": Kind(lambda: sa.CHAR(3), _literals("x", ""), "string", True, _LETTERS),
    "boolean": Kind(sa.Boolean, _literals(sa.true(), sa.false()), "boolean", False, (True, False, True)),
    "numeric": Kind(lambda: sa.Numeric(10, 2), _literals("1.50", "0", sa.text("2.25")), "number", False, _MONEY),
    "numeric4": Kind(lambda: sa.Numeric(12, 4), _literals("1.5"), "number", False, _MONEY),
    "whole": Kind(lambda: sa.Numeric(10), _literals("7"), "number", False, _MONEY),
    "double": Kind(sa.Double, _literals("1.5"), "number", False, (1.0, 2.0, 3.0)),
    "float": Kind(sa.Float, _literals("1.5"), "number", False, (1.0, 2.0, 3.0)),
    "date": Kind(sa.Date, _literals("2020-01-31"), "date", False, tuple(day.date() for day in _DAYS)),
    "datetime": Kind(sa.DateTime, _literals(sa.func.now(), "2020-01-31 12:00:00"), "date", False, _DAYS),
    "binary": Kind(lambda: sa.LargeBinary(), (), "binary", False, (b"1", b"2", b"3"), True),
    "named enum": Kind(lambda: None, (), "enum", False),
    "checked enum": Kind(
        lambda: sa.Enum("1", "2", "3", native_enum=False, length=10), _literals("2"), "string", False, _LETTERS
    ),
    "constrained enum": Kind(
        lambda: sa.Enum("1", "2", "3", "it's", native_enum=False, create_constraint=True),
        _literals("2"),
        "string",
        False,
        _LETTERS,
    ),
    "json": Kind(sa.JSON, (), "json", False, ({"a": 1}, [], "x")),
}

OWN: dict[str, dict[str, Kind]] = {
    "postgresql": {
        "jsonb": Kind(postgresql.JSONB, _literals("{}", '{"a": "it\'s"}'), "json", False, ({"a": 1}, [], "x")),
        "uuid": Kind(
            sa.Uuid, _literals(sa.func.gen_random_uuid()), "uuid", False, tuple(uuid.UUID(int=n) for n in _NUMBERS)
        ),
        "array": Kind(
            lambda: postgresql.ARRAY(sa.Integer),
            _literals("{}", sa.text("ARRAY[1, 2]")),
            "array",
            False,
            ([1], [], [3, 4]),
        ),
        "texts": Kind(lambda: postgresql.ARRAY(sa.Text), _literals("{}", "{a,b}"), "arrays", False, (["1"], [], ["2"])),
        "timestamptz": Kind(
            lambda: sa.DateTime(timezone=True), _literals(sa.func.now(), sa.text("CURRENT_TIMESTAMP")), "moment"
        ),
        "precise": Kind(lambda: postgresql.TIMESTAMP(precision=3), (), "date", False, _DAYS),
        "time": Kind(sa.Time, _literals("12:00", sa.text("LOCALTIME")), "time"),
        "interval": Kind(
            sa.Interval, _literals("1 day"), "interval", False, tuple(datetime.timedelta(n) for n in _NUMBERS)
        ),
        "inet": Kind(postgresql.INET, _literals("10.0.0.0/8"), "inet"),
        "real": Kind(lambda: sa.Float(24), _literals("1"), "number", False, (1.0, 2.0, 3.0)),
        "collated": Kind(lambda: sa.String(30, collation="C"), _STRINGS, "string", True, _LETTERS),
        "enums": Kind(lambda: None, (), "enums"),
        "domain": Kind(lambda: None, (), "domain", False, _LETTERS),
        "range": Kind(postgresql.INT4RANGE, _literals("empty", "[1,5)"), "range"),
        "bits": Kind(lambda: postgresql.BIT(4, varying=True), _literals("101"), "bits"),
    },
    "mysql": {
        "unsigned": Kind(lambda: mysql.INTEGER(unsigned=True), _literals("1"), "number", True, _NUMBERS),
        "tiny": Kind(mysql.TINYINT, _literals("1"), "number", False, _NUMBERS),
        "zerofill": Kind(
            lambda: mysql.INTEGER(unsigned=True, zerofill=True, display_width=5), _literals("1"), "number"
        ),
        "mediumtext": Kind(mysql.MEDIUMTEXT, (), "string", False, _LETTERS),
        "set": Kind(lambda: mysql.SET("x", "y"), _literals("x", "x,y", ""), "set", False, ({"x"}, {"y"}, {"x", "y"})),
        "bigger set": Kind(
            lambda: mysql.SET("x", "y", "it's"), _literals("x"), "set", False, ({"x"}, {"y"}, {"x", "y"})
        ),
        "fraction": Kind(lambda: mysql.DATETIME(fsp=3), _literals(sa.text("CURRENT_TIMESTAMP(3)")), "date"),
        "updated": Kind(
            lambda: mysql.TIMESTAMP(),
            _literals(sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"), sa.text("CURRENT_TIMESTAMP")),
            "moment",
        ),
        "latin": Kind(lambda: mysql.VARCHAR(20, charset="latin1"), _literals("plain", "it's"), "string"),
        "binary collation": Kind(
            lambda: sa.String(30, collation="utf8mb4_bin"), _MYSQL_STRINGS, "string", True, _LETTERS
        ),
        "year": Kind(mysql.YEAR, _literals("2020"), "year", False, (2001, 2002, 2003)),
        "varbinary": Kind(lambda: mysql.VARBINARY(9), _literals("x"), "binary", False, (b"1", b"2", b"3")),
    },
    "sqlite": {
        "nocase": Kind(lambda: sa.String(30, collation="NOCASE"), _STRINGS, "string", True, _LETTERS),
        "time": Kind(sa.Time, (), "time"),
        "real": Kind(lambda: sa.REAL(), _literals("1.5"), "number", False, (1.0, 2.0, 3.0), True),
    },
}

for _name in ("varchar", "longer"):
    OWN["mysql"][_name] = Kind(COMMON[_name].make, _MYSQL_STRINGS, "string", True, _LETTERS)


def kinds(dialect: str) -> dict[str, Kind]:
    """Return the types that are drawn on ``dialect``."""
    return COMMON | OWN[dialect]
