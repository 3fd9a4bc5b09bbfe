"""Changes: a model before and after, and rows that have to live through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from tests.backends.postgresql.models import accepted

__all__ = ["CHANGES", "Change"]

Build = Callable[[sa.MetaData], Any]


@dataclass(frozen=True)
class Change:
    """One change.

    Args:
        before, after: what builds the two models.
        rows: statements that fill the tables before the change.
        one_way: what the second model does not name is not its own to drop, so that the change back is another one.
    """

    before: Build
    after: Build
    rows: tuple[str, ...] = ()
    one_way: bool = False

    def metadatas(self) -> tuple[sa.MetaData, sa.MetaData]:
        pair = sa.MetaData(), sa.MetaData()
        self.before(pair[0])
        self.after(pair[1])
        return pair


CHANGES: dict[str, Change] = {}


def table(name: str = "t", **kw: Any) -> Callable[..., Build]:
    """Return a function that takes the items of a table, types standing for a column called ``c``."""

    def of(*items: Any) -> Build:
        def build(metadata: sa.MetaData) -> None:
            made = [item() if callable(item) else item for item in items]
            sa.Table(name, metadata, *made, **kw)

        return build

    return of


def column(type_: Any, *args: Any, name: str = "c", **kw: Any) -> Callable[[], sa.Column[Any]]:
    return lambda: sa.Column(
        name,
        type_() if isinstance(type_, type) else type_.copy() if hasattr(type_, "create") else type_,
        *(a() for a in args),
        **kw,
    )


def change(name: str, before: Any, after: Any, *rows: str, **kw: Any) -> None:
    """Note a change of table ``t``; ``before`` and ``after`` are its items, or one of them."""

    def items(side: Any) -> Build:
        return (
            side
            if getattr(side, "is_build", False)
            else table(**kw)(*(side if isinstance(side, (list, tuple)) else [side]))
        )

    assert name not in CHANGES, name
    CHANGES[name] = Change(items(before), items(after), rows)


def build(function: Build) -> Build:
    function.is_build = True  # type: ignore[attr-defined]
    return function


# -- types

_TYPES: list[tuple[str, Any, Any, str]] = [
    ("varchar_longer", sa.String(10), sa.String(20), "'abc'"),
    ("varchar_shorter", sa.String(20), sa.String(10), "'abc'"),
    ("varchar_unlimited", sa.String(10), sa.String(), "'abc'"),
    ("varchar_text", sa.String(10), sa.Text(), "'abc'"),
    ("char_varchar", sa.CHAR(3), sa.String(3), "'abc'"),
    ("integer_bigint", sa.Integer(), sa.BigInteger(), "5"),
    ("integer_smallint", sa.Integer(), sa.SmallInteger(), "5"),
    ("integer_numeric", sa.Integer(), sa.Numeric(10, 2), "5"),
    ("numeric_scales", sa.Numeric(10, 2), sa.Numeric(10, 4), "5.25"),
    ("numeric_precision", sa.Numeric(10, 2), sa.Numeric(10), "5"),
    ("numeric_plain", sa.Numeric(10), sa.Numeric(), "5"),
    ("real_double", sa.REAL(), sa.Double(), "5.5"),
    ("integer_text", sa.Integer(), sa.Text(), "5"),
    ("text_integer", sa.Text(), sa.Integer(), "'5'"),
    ("integer_boolean", sa.Integer(), sa.Boolean(), "1"),
    ("smallint_boolean", sa.SmallInteger(), sa.Boolean(), "1"),
    ("boolean_text", sa.Boolean(), sa.Text(), "true"),
    ("date_timestamp", sa.Date(), sa.DateTime(), "'2020-01-01'"),
    ("timestamp_timestamptz", sa.DateTime(), sa.DateTime(timezone=True), "'2020-01-01 10:00'"),
    ("timestamp_precision", sa.DateTime(), pg.TIMESTAMP(precision=3), "'2020-01-01 10:00'"),
    ("text_date", sa.Text(), sa.Date(), "'2020-01-01'"),
    ("text_uuid", sa.Text(), sa.Uuid(), "'00000000-0000-0000-0000-000000000001'"),
    ("text_json", sa.Text(), sa.JSON(), "'{}'"),
    ("text_jsonb", sa.Text(), pg.JSONB(), "'{}'"),
    ("json_jsonb", sa.JSON(), pg.JSONB(), "'{}'"),
    ("jsonb_integer", pg.JSONB(), sa.Integer(), "'5'"),
    ("text_bytea", sa.Text(), sa.LargeBinary(), "'abc'"),
    ("text_inet", sa.Text(), pg.INET(), "'127.0.0.1'"),
    ("inet_cidr", pg.INET(), pg.CIDR(), "'127.0.0.1'"),
    ("interval_precision", sa.Interval(), pg.INTERVAL(precision=3), "'1 hour'"),
    ("interval_fields", sa.Interval(), pg.INTERVAL(fields="DAY TO HOUR"), "'1 hour'"),
    ("time_timetz", sa.Time(), sa.Time(timezone=True), "'10:00'"),
    ("integer_array", sa.Integer(), pg.ARRAY(sa.Integer()), "5"),
    ("text_array", sa.Text(), pg.ARRAY(sa.Integer()), "'5'"),
    ("array_elements", pg.ARRAY(sa.Integer()), pg.ARRAY(sa.BigInteger()), "'{1,2}'"),
    ("array_of_text", pg.ARRAY(sa.Integer()), pg.ARRAY(sa.Text()), "'{1,2}'"),
    ("array_from_text", pg.ARRAY(sa.Text()), pg.ARRAY(sa.Integer()), "'{1,2}'"),
    ("bit_varbit", pg.BIT(3), pg.BIT(varying=True), "B'101'"),
    ("bit_length", pg.BIT(3), pg.BIT(3, varying=True), "B'101'"),
    ("range_multirange", pg.INT4RANGE(), pg.INT4MULTIRANGE(), "'[1,3)'"),
    ("money_numeric", pg.MONEY(), sa.Numeric(), "5"),
    ("collation", sa.String(10), sa.String(10, collation="C"), "'abc'"),
    ("collation_and_type", sa.String(10, collation="C"), sa.Text(collation="POSIX"), "'abc'"),
    ("collation_kept", sa.String(10, collation="C"), sa.Text(collation="C"), "'abc'"),
    ("enum_of_text", sa.Text(), sa.Enum("a", "b", name="mood"), "'a'"),
    ("enum_of_enum", sa.Enum("a", "b", name="mood"), sa.Enum("a", "b", "c", name="temper"), "'a'"),
    ("enum_array", sa.Enum("a", "b", name="mood"), pg.ARRAY(sa.Enum("a", "b", name="mood")), "'a'"),
    ("enum_not_native", sa.Enum("a", "b", name="mood"), sa.Enum("a", "b", name="mood", native_enum=False), "'a'"),
    ("enum_checked", sa.Enum("a", "b", name="mood"), sa.Enum("a", "b", name="mood", native_enum=False, create_constraint=True), "'a'"),
    ("uuid_text", sa.Uuid(), sa.Uuid(native_uuid=False), "'00000000-0000-0000-0000-000000000001'"),
    ("text_interval", sa.Text(), sa.Interval(), "'1 hour'"),
    ("integer_date", sa.Text(), sa.Time(), "'10:00'"),
    ("oid_integer", pg.OID(), sa.BigInteger(), "5"),
    ("timestamptz_date", sa.DateTime(timezone=True), sa.Date(), "'2020-01-01 10:00Z'"),
    ("timestamp_text", sa.DateTime(), sa.String(40), "'2020-01-01 10:00'"),
]  # fmt: skip


def _types() -> Iterator[None]:
    for name, before, after, value in _TYPES:
        change(f"type_{name}", column(before), column(after), f"INSERT INTO t VALUES ({value}), (NULL)")
    yield None


list(_types())

# A type changes under a default, which may stay or change too.
change(
    "type_under_default",
    column(sa.String(10), server_default="5"),
    column(sa.Text, server_default="5"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_against_default",
    column(sa.Text, server_default="5"),
    column(sa.Integer, server_default="5"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_and_default",
    column(sa.Text, server_default="5"),
    column(sa.Integer, server_default="6"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_number_default",
    column(sa.Integer, server_default="-5"),
    column(sa.BigInteger, server_default="-5"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_fraction_default",
    column(sa.Numeric, server_default=sa.text("0.5")),
    column(sa.Double, server_default="0.5"),
    "INSERT INTO t DEFAULT VALUES",
)
change("type_default_goes", column(sa.Text, server_default="5"), column(sa.Integer), "INSERT INTO t DEFAULT VALUES")
change("type_default_comes", column(sa.Text), column(sa.Integer, server_default="6"), "INSERT INTO t DEFAULT VALUES")
change(
    "type_enum_default",
    column(sa.Text, server_default="a"),
    column(sa.Enum("a", "b", name="mood"), server_default="a"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_boolean_default",
    column(sa.Integer, server_default=sa.text("0")),
    column(sa.Boolean, server_default=sa.false()),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_function_default",
    column(sa.Date, server_default=sa.func.now()),
    column(sa.DateTime, server_default=sa.func.now()),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_array_default",
    column(pg.ARRAY(sa.Integer), server_default="{}"),
    column(pg.ARRAY(sa.Text), server_default="{}"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_json_default",
    column(sa.JSON, server_default="{}"),
    column(pg.JSONB, server_default="{}"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "type_with_check_and_index",
    [
        column(sa.String(10)),
        lambda: sa.CheckConstraint("c IN ('a', 'b')", name="ck"),
        lambda: sa.CheckConstraint("length(c) < 4", name="ck2"),
        lambda: sa.Index("ix", "c"),
        lambda: sa.Index("ix2", sa.text("lower(c)")),
    ],
    [
        column(sa.Text),
        lambda: sa.CheckConstraint("c IN ('a', 'b')", name="ck"),
        lambda: sa.CheckConstraint("length(c) < 4", name="ck2"),
        lambda: sa.Index("ix", "c"),
        lambda: sa.Index("ix2", sa.text("lower(c)")),
    ],
    "INSERT INTO t VALUES ('a')",
)
change(
    "type_with_partial_index",
    [
        column(sa.String(10)),
        column(sa.Integer, name="d"),
        lambda: sa.Index("ix", "d", postgresql_where=sa.text("c = 'x'")),
    ],
    [
        column(sa.Enum("x", "y", name="mood")),
        column(sa.Integer, name="d"),
        lambda: sa.Index("ix", "d", postgresql_where=sa.text("c = 'x'")),
    ],
    "INSERT INTO t VALUES ('x', 1)",
)
change(
    "type_of_key",
    [column(sa.Integer, name="id", primary_key=True), column(sa.Integer, sa_fk := (lambda: sa.ForeignKey("t.id")))],
    [column(sa.BigInteger, name="id", primary_key=True), column(sa.BigInteger, sa_fk)],
    "INSERT INTO t (c) VALUES (1)",
)
change(
    "type_across_foreign_key",
    [
        column(sa.Text, name="id", primary_key=True),
        column(sa.Text, lambda: sa.ForeignKey("t.id", name="fk", ondelete="CASCADE")),
    ],
    [
        column(sa.Uuid, name="id", primary_key=True),
        column(sa.Uuid, lambda: sa.ForeignKey("t.id", name="fk", ondelete="CASCADE")),
    ],
    "INSERT INTO t VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001')",
)
change(
    "type_under_computed",
    [
        column(sa.Integer),
        column(sa.Integer, lambda: sa.Computed("c * 2", persisted=True), name="d"),
        lambda: sa.Index("ix", "d"),
    ],
    [
        column(sa.BigInteger),
        column(sa.Integer, lambda: sa.Computed("c * 2", persisted=True), name="d"),
        lambda: sa.Index("ix", "d"),
    ],
    "INSERT INTO t VALUES (5)",
)

# -- nullability, defaults, comments
change("not_null", column(sa.Integer), column(sa.Integer, nullable=False), "INSERT INTO t VALUES (5)")
change("default_added", column(sa.Integer), column(sa.Integer, server_default="5"), "INSERT INTO t VALUES (5)")
change(
    "default_changed",
    column(sa.Text, server_default="a"),
    column(sa.Text, server_default="it's"),
    "INSERT INTO t DEFAULT VALUES",
)
change(
    "default_expression",
    column(sa.DateTime, server_default=sa.func.now()),
    column(sa.DateTime, server_default=sa.text("timezone('utc', now())")),
)
change(
    "default_not_null",
    column(sa.Integer),
    column(sa.Integer, server_default="5", nullable=False),
    "INSERT INTO t VALUES (5)",
)
change("comment", column(sa.Integer), column(sa.Integer, comment="it's 100% :x"))
change("comment_of_table", column(sa.Integer), [column(sa.Integer)], comment="a")
CHANGES["comment_of_table"] = Change(table()(column(sa.Integer)), table(comment='the "table"')(column(sa.Integer)))

# -- columns
change(
    "column_added",
    column(sa.Integer),
    [column(sa.Integer), column(sa.Text, name="d", nullable=False, server_default="x", comment="d")],
    "INSERT INTO t VALUES (5)",
)
change(
    "column_of_enum_added",
    column(sa.Integer),
    [column(sa.Integer), column(sa.Enum("a", "b", name="mood"), name="d", server_default="a")],
    "INSERT INTO t VALUES (5)",
)
change(
    "column_with_all",
    column(sa.Integer),
    [
        column(sa.Integer),
        lambda: sa.Column("d", sa.Integer, sa.ForeignKey("t.c"), index=True),
        lambda: sa.UniqueConstraint("c"),
    ],
    "INSERT INTO t VALUES (5)",
)
change(
    "column_identity_added",
    column(sa.Integer),
    [column(sa.Integer), column(sa.Integer, lambda: sa.Identity(always=True), name="d")],
    "INSERT INTO t VALUES (5)",
)
change(
    "column_computed_added",
    column(sa.Integer),
    [column(sa.Integer), column(sa.Integer, lambda: sa.Computed("c + 1", persisted=True), name="d", nullable=False)],
    "INSERT INTO t VALUES (5)",
)
change(
    "column_serial_added",
    column(sa.Integer, name="x"),
    [column(sa.Integer, name="x"), column(sa.Integer, name="id", primary_key=True)],
    "INSERT INTO t VALUES (5)",
)

# -- generated columns
_plain = [column(sa.Integer), column(sa.Integer, name="d"), lambda: sa.Index("ix", "d")]


def _generated(text: str, **kw: Any) -> list[Any]:
    return [
        column(sa.Integer),
        column(sa.Integer, lambda: sa.Computed(text, persisted=True), name="d", **kw),
        lambda: sa.Index("ix", "d"),
    ]


change("computed_of_plain", _plain, _generated("c + 1"), "INSERT INTO t VALUES (5, 6)")
change("computed_expression", _generated("c + 1"), _generated("c + 2"), "INSERT INTO t VALUES (5)")
change("computed_not_null", _generated("c + 1"), _generated("c + 1", nullable=False), "INSERT INTO t VALUES (5)")
change(
    "computed_of_plain_with_key",
    [
        column(sa.Integer),
        column(sa.Integer, name="d", nullable=False),
        lambda: sa.UniqueConstraint("d", name="u"),
        lambda: sa.CheckConstraint("d > 0", name="ck"),
        lambda: sa.ForeignKeyConstraint(["c"], ["t.d"], name="fk"),
    ],
    [
        column(sa.Integer),
        column(sa.Integer, lambda: sa.Computed("5 + 1", persisted=True), name="d", nullable=False, comment="d"),
        lambda: sa.UniqueConstraint("d", name="u"),
        lambda: sa.CheckConstraint("d > 0", name="ck"),
        lambda: sa.ForeignKeyConstraint(["c"], ["t.d"], name="fk"),
    ],
    "INSERT INTO t VALUES (6, 6)",
)
change(
    "computed_of_default",
    [column(sa.Integer), column(sa.Integer, name="d", server_default="5")],
    _generated("c + 1")[:2],
    "INSERT INTO t VALUES (5)",
)
change(
    "computed_type",
    _generated("c + 1"),
    [
        column(sa.Integer),
        column(sa.BigInteger, lambda: sa.Computed("c + 1", persisted=True), name="d"),
        lambda: sa.Index("ix", "d"),
    ],
    "INSERT INTO t VALUES (5)",
)

# -- sources of key values
_serial = column(sa.Integer, primary_key=True)
_manual = column(sa.Integer, primary_key=True, autoincrement=False)
_rows = "INSERT INTO t VALUES (7), (9)"
change("serial_of_plain", _manual, _serial, _rows)
change("identity_of_plain", _manual, column(sa.Integer, sa.Identity, primary_key=True), _rows)
change("identity_of_serial", _serial, column(sa.Integer, sa.Identity, primary_key=True), _rows)
change(
    "identity_always",
    column(sa.Integer, sa.Identity, primary_key=True),
    column(sa.Integer, lambda: sa.Identity(always=True), primary_key=True),
    _rows,
)
change(
    "identity_options",
    column(sa.Integer, sa.Identity, primary_key=True),
    column(
        sa.Integer,
        lambda: sa.Identity(start=10, increment=5, minvalue=1, maxvalue=500, cycle=True, cache=3),
        primary_key=True,
    ),
    _rows,
)
change(
    "identity_type",
    column(sa.Integer, sa.Identity, primary_key=True),
    column(sa.BigInteger, sa.Identity, primary_key=True),
    _rows,
)
change("serial_type", _serial, column(sa.BigInteger, primary_key=True), _rows)
change("serial_type_to_text", column(sa.Integer, primary_key=True), column(sa.Text, primary_key=True), _rows)
change("identity_on_nullable", column(sa.Integer), column(sa.Integer, sa.Identity), _rows)
change("default_to_identity", column(sa.Integer, server_default="1"), column(sa.Integer, sa.Identity), _rows)

# -- constraints
_two = [
    column(sa.Integer, name="a", nullable=False),
    column(sa.Integer, name="b", nullable=False),
    column(sa.Text, name="s"),
]
_data = "INSERT INTO t VALUES (1, 2, 'x'), (3, 4, 'y')"


def constraint(name: str, before: list[Any], after: list[Any]) -> None:
    change(f"constraint_{name}", [*_two, *before], [*_two, *after], _data)


constraint("primary_key", [], [lambda: sa.PrimaryKeyConstraint("a", "b")])
constraint(
    "primary_key_order", [lambda: sa.PrimaryKeyConstraint("a", "b")], [lambda: sa.PrimaryKeyConstraint("b", "a")]
)
constraint(
    "primary_key_name",
    [lambda: sa.PrimaryKeyConstraint("a", "b", name="key")],
    [lambda: sa.PrimaryKeyConstraint("a", "b", name="pk")],
)
constraint("unique", [], [lambda: sa.UniqueConstraint("a", "b")])
constraint("unique_order", [lambda: sa.UniqueConstraint("a", "b")], [lambda: sa.UniqueConstraint("b", "a")])
constraint(
    "unique_deferrable",
    [lambda: sa.UniqueConstraint("a", name="u")],
    [lambda: sa.UniqueConstraint("a", name="u", deferrable=True)],
)
constraint(
    "unique_comment",
    [lambda: sa.UniqueConstraint("a", name="u")],
    [lambda: sa.UniqueConstraint("a", name="u", comment="c")],
)
constraint("unique_to_index", [lambda: sa.UniqueConstraint("a", name="u")], [lambda: sa.Index("u", "a", unique=True)])
constraint("check", [], [lambda: sa.CheckConstraint("a > 0")])
constraint(
    "check_text", [lambda: sa.CheckConstraint("a > 0", name="ck")], [lambda: sa.CheckConstraint("a >= 0", name="ck")]
)
constraint("check_unnamed_text", [lambda: sa.CheckConstraint("a > 0")], [lambda: sa.CheckConstraint("a >= 0")])
constraint(
    "foreign_key",
    [lambda: sa.UniqueConstraint("a")],
    [lambda: sa.UniqueConstraint("a"), lambda: sa.ForeignKeyConstraint(["a"], ["t.a"], name="fk")],
)
constraint(
    "foreign_key_options",
    [lambda: sa.UniqueConstraint("a"), lambda: sa.ForeignKeyConstraint(["a"], ["t.a"], name="fk")],
    [
        lambda: sa.UniqueConstraint("a"),
        lambda: sa.ForeignKeyConstraint(
            ["a"], ["t.a"], name="fk", ondelete="CASCADE", onupdate="SET NULL", deferrable=True, initially="DEFERRED"
        ),
    ],
)
constraint(
    "key_under_foreign_key",
    [lambda: sa.UniqueConstraint("a", name="u1"), lambda: sa.ForeignKeyConstraint(["a"], ["t.a"], name="fk")],
    [lambda: sa.UniqueConstraint("a", name="u2"), lambda: sa.ForeignKeyConstraint(["a"], ["t.a"], name="fk")],
)
constraint(
    "exclude", [], [lambda: pg.ExcludeConstraint((sa.text("int4range(a, b)"), "&&"), name="x", where=sa.text("a < b"))]
)
constraint("index", [], [lambda: sa.Index("ix", "a", sa.text("b DESC"), unique=True)])
constraint(
    "index_options",
    [lambda: sa.Index("ix", "a")],
    [
        lambda: sa.Index(
            "ix", "a", postgresql_include=["b"], postgresql_with={"fillfactor": 50}, postgresql_where=sa.text("a > 0")
        )
    ],
)
constraint("index_method", [lambda: sa.Index("ix", "a")], [lambda: sa.Index("ix", "a", postgresql_using="hash")])
constraint(
    "index_opclass",
    [lambda: sa.Index("ix", "s")],
    [lambda: sa.Index("ix", "s", postgresql_ops={"s": "text_pattern_ops"})],
)

# -- enums


def enum(
    name: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
    default: str | None = None,
    new_default: str | None = None,
) -> None:
    def items(values: tuple[str, ...], default: str | None) -> list[Any]:
        return [
            lambda: sa.Column("c", sa.Enum(*values, name="mood"), server_default=default),
            lambda: sa.Column(
                "l",
                pg.ARRAY(sa.Enum(*values, name="mood")),
                server_default=None if default is None else "{" + default + "}",
            ),
        ]

    rows = f"INSERT INTO t VALUES ('{before[0]}', '{{{before[0]}}}'), (NULL, NULL)"
    change(
        f"enum_{name}", items(before, default), items(after, new_default if new_default is not None else default), rows
    )


enum("appended", ("a", "b"), ("a", "b", "c"))
enum("prepended", ("a", "b"), ("z", "y", "a", "b"))
enum("inserted", ("a", "b"), ("a", "x", "y", "b", "z"))
enum("hostile", ("a", "b"), ("a", "it's", 'q"', "b", "100%", "a:b", "back\\slash"))
enum("removed", ("a", "b", "c"), ("a", "c"))
enum("reordered", ("a", "b", "c"), ("c", "b", "a"))
enum("default_kept", ("a", "b", "c"), ("a", "c"), "a")
enum("new_value_as_default", ("a", "b"), ("a", "b", "c"), "a", "c")
enum("removed_default", ("a", "b", "c"), ("a", "b"), "c", "a")


@build
def _enum_checks_before(m: sa.MetaData) -> None:
    _enum_with_dependants(m, "a", "b", "c")


@build
def _enum_checks_after(m: sa.MetaData) -> None:
    _enum_with_dependants(m, "a", "b")


def _enum_with_dependants(m: sa.MetaData, *values: str) -> None:
    mood = sa.Enum(*values, name="mood")
    sa.Table(
        "t",
        m,
        sa.Column("c", mood, server_default="a"),
        sa.Column("n", sa.Integer),
        sa.CheckConstraint("c <> 'b' OR n > 0", name="ck"),
        sa.Index("ix", "c"),
        sa.Index("ix_partial", "n", postgresql_where=sa.text("c = 'a'")),
        sa.UniqueConstraint("c", "n"),
    )
    sa.Table("other", m, sa.Column("x", mood), sa.Column("y", pg.ARRAY(mood)))


change("enum_with_dependants", _enum_checks_before, _enum_checks_after, "INSERT INTO t VALUES ('a', 1)")

# -- tables, schemas, sequences


@build
def _nothing(m: sa.MetaData) -> None:
    sa.Table("t", m, sa.Column("c", sa.Integer))


@build
def _sequences_before(m: sa.MetaData) -> None:
    _nothing(m)
    sa.Sequence("changed", metadata=m)
    sa.Sequence("narrowed", metadata=m)


@build
def _sequences_after(m: sa.MetaData) -> None:
    _nothing(m)
    sa.Sequence("changed", start=5, increment=-1, minvalue=-10, maxvalue=10, cycle=True, cache=7, metadata=m)
    sa.Sequence("narrowed", data_type=sa.SmallInteger, minvalue=100, start=200, metadata=m)
    sa.Sequence("new_one", metadata=m)


@build
def _two_schemas(m: sa.MetaData) -> None:
    _nothing(m)
    mood = sa.Enum("a", name="mood", schema="shop")
    sa.Table("t", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("m", mood), schema="shop")
    sa.Table(
        "u", m, sa.Column("id", sa.ForeignKey("shop.t.id"), primary_key=True), sa.Index("ix", "id"), schema="Other Shop"
    )


@build
def _cycle(m: sa.MetaData) -> None:
    _nothing(m)
    sa.Table("one", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.ForeignKey("two.id")))
    sa.Table("two", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.ForeignKey("one.id")))


CHANGES["schemas"] = Change(_nothing, _two_schemas, one_way=True)
change("cycle", _nothing, _cycle)
CHANGES["table_options"] = Change(
    table(**accepted(sa.Table, **{"with": {"fillfactor": 50}}))(column(sa.Integer)),
    table(**accepted(sa.Table, **{"with": {"autovacuum_enabled": False}}), prefixes=["UNLOGGED"])(column(sa.Integer)),
    ("INSERT INTO t VALUES (1)",),
)
CHANGES["sequences"] = Change(_sequences_before, _sequences_after, one_way=True)
