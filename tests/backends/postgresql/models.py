"""Small models, one for each thing that a PostgreSQL table can have."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import base as postgresql_base

Model = Callable[[sa.MetaData], Any]
MODELS: dict[str, Model] = {}


def model(function: Model) -> Model:
    MODELS[function.__name__] = function
    return function


def metadata_of(name: str) -> sa.MetaData:
    metadata = sa.MetaData()
    MODELS[name](metadata)
    return metadata


def accepted(construct: type, **arguments: Any) -> dict[str, Any]:
    """Return those of the dialect's arguments that the installed SQLAlchemy knows: some came with later releases of 2.0."""
    known = dict(pg.dialect.construct_arguments).get(construct, {})
    return {f"postgresql_{name}": value for name, value in arguments.items() if name in known}


TYPES: dict[str, Any] = {
    "smallint": sa.SmallInteger,
    "integer": sa.Integer,
    "bigint": sa.BigInteger,
    "numeric": sa.Numeric,
    "numeric_10": sa.Numeric(10),
    "numeric_10_2": sa.Numeric(10, 2),
    "float": sa.Float,
    "float_24": sa.Float(24),
    "float_25": sa.Float(25),
    "float_53": sa.Float(53),
    "double": sa.Double,
    "real": sa.REAL,
    "boolean": sa.Boolean,
    "string": sa.String,
    "string_20": sa.String(20),
    "text": sa.Text,
    "unicode": sa.Unicode(30),
    "unicode_text": sa.UnicodeText,
    "char": sa.CHAR,
    "char_3": sa.CHAR(3),
    "nvarchar_unsupported_as_varchar": sa.VARCHAR(7),
    "collated": sa.String(20, collation="C"),
    "collated_text": sa.Text(collation="POSIX"),
    "binary": sa.LargeBinary,
    "bytea": pg.BYTEA,
    "date": sa.Date,
    "time": sa.Time,
    "time_tz": sa.Time(timezone=True),
    "time_3": pg.TIME(precision=3),
    "timestamp": sa.DateTime,
    "timestamp_tz": sa.DateTime(timezone=True),
    "timestamp_0": pg.TIMESTAMP(precision=0),
    "timestamp_tz_6": pg.TIMESTAMP(timezone=True, precision=6),
    "interval": sa.Interval,
    "interval_fields": pg.INTERVAL(fields="YEAR TO MONTH"),
    "interval_day_second_3": pg.INTERVAL(fields="DAY TO SECOND", precision=3),
    "interval_3": pg.INTERVAL(precision=3),
    "interval_second_2": pg.INTERVAL(fields="SECOND", precision=2),
    "uuid": sa.Uuid,
    "uuid_text": sa.Uuid(native_uuid=False),
    "pg_uuid": pg.UUID,
    "json": sa.JSON,
    "pg_json": pg.JSON,
    "jsonb": pg.JSONB,
    "json_variant": sa.JSON().with_variant(pg.JSONB(), "postgresql"),
    "inet": pg.INET,
    "cidr": pg.CIDR,
    "macaddr": pg.MACADDR,
    "macaddr8": pg.MACADDR8,
    "money": pg.MONEY,
    "oid": pg.OID,
    "regclass": pg.REGCLASS,
    "regconfig": pg.REGCONFIG,
    "bit": pg.BIT,
    "bit_5": pg.BIT(5),
    "varbit": pg.BIT(varying=True),
    "varbit_7": pg.BIT(7, varying=True),
    "tsvector": pg.TSVECTOR,
    "tsquery": pg.TSQUERY,
    "jsonpath": pg.JSONPATH,
    "int4range": pg.INT4RANGE,
    "int8range": pg.INT8RANGE,
    "numrange": pg.NUMRANGE,
    "daterange": pg.DATERANGE,
    "tsrange": pg.TSRANGE,
    "tstzrange": pg.TSTZRANGE,
    "int4multirange": pg.INT4MULTIRANGE,
    "tstzmultirange": pg.TSTZMULTIRANGE,
    "array": pg.ARRAY(sa.Integer),
    "array_2d": pg.ARRAY(sa.Text, dimensions=2),
    "generic_array": sa.ARRAY(sa.String(10)),
    "array_of_numeric": pg.ARRAY(sa.Numeric(6, 3)),
    "array_of_timestamps": pg.ARRAY(sa.DateTime(timezone=True)),
    "array_collated": pg.ARRAY(sa.String(10, collation="C")),
}


class Lower(sa.types.TypeDecorator[str]):
    impl = sa.String(40)
    cache_ok = True


class Numbers(sa.types.TypeDecorator[Any]):
    impl = pg.ARRAY(sa.BigInteger)
    cache_ok = True


class Written(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def __init__(self, spec: str) -> None:
        self.spec = spec

    def get_col_spec(self, **kw: Any) -> str:
        return self.spec


SPELLINGS = (
    "int4", "INT", "int2", "int8", "float4", "float8", "FLOAT(10)", "bool", "varchar", "VARCHAR ( 12 )", "char", "nchar(4)",
    "character varying(9)", "national character varying(8)", "bpchar", "timestamptz", "timestamptz(3)", "timetz", "timestamp with time zone",
    "timestamp(2) with time zone", "decimal(8,3)", "dec", "varbit", "bit varying(4)", "bit(3)", '"char"', '"bit"', "xml", "point", "box",
    "int[]", "integer[3][3]", "text ARRAY", "text ARRAY[4]", "pg_catalog.int4", "pg_catalog.timestamptz(3)", '"timestamp"', "name", "xid8",
    "interval hour to minute", "pg_lsn", "pg_catalog.\"char\"", "double  precision", "VARCHAR(20)[]",
)  # fmt: skip


class Colour(enum.Enum):
    red = "r"
    green = "g"


@model
def types(m: sa.MetaData) -> None:
    sa.Table("every_type", m, *(sa.Column(name, type_) for name, type_ in TYPES.items()))


@model
def written_types(m: sa.MetaData) -> None:
    sa.Table("spelled", m, *(sa.Column(f"c{i}", Written(spec)) for i, spec in enumerate(SPELLINGS)))


@model
def decorated_types(m: sa.MetaData) -> None:
    sa.Table(
        "decorated",
        m,
        sa.Column("a", Lower),
        sa.Column("b", Numbers),
        sa.Column("c", sa.String(5).with_variant(sa.Text(), "postgresql")),
        sa.Column("d", Lower(12).with_variant(pg.JSONB(), "postgresql")),
    )


@model
def enums(m: sa.MetaData) -> None:
    mood = sa.Enum("sad", "it's", 'a "b"', "100%", "a:b", "ünï", name="mood")
    sa.Table("account", m, sa.Column("mood", mood), sa.Column("moods", pg.ARRAY(mood)), sa.Column("other", mood))
    sa.Table(
        "painting",
        m,
        sa.Column("colour", sa.Enum(Colour)),
        sa.Column("quoted", sa.Enum("a", "b", name="Mixed Case")),
        sa.Column("reserved", sa.Enum("a", name="user")),
        sa.Column("not_native", sa.Enum("a", "b", name="plain", native_enum=False)),
        sa.Column("checked", sa.Enum("a", "b", name="checked", native_enum=False, create_constraint=True)),
        sa.Column("flag", sa.Boolean(create_constraint=True, name="flag")),
        sa.Column("pg", pg.ENUM("x", "y", name="pg_kind"), server_default="x"),
        sa.Column("listed", pg.ARRAY(pg.ENUM("x", "y", name="pg_kind")), server_default="{x}"),
    )


@model
def domains(m: sa.MetaData) -> None:
    sa.Table(
        "contact",
        m,
        sa.Column("email", pg.DOMAIN("email", sa.Text, check=r"VALUE ~ '@'")),
        sa.Column("code", pg.DOMAIN("Code", sa.String(3), not_null=True), nullable=False),
    )


DEFAULTS: dict[str, tuple[Any, Any]] = {
    "text": (sa.Text, "x"),
    "quote": (sa.Text, "it's"),
    "empty": (sa.String(10), ""),
    "backslash": (sa.Text, r"a\b"),
    "newline": (sa.Text, "a\nb"),
    "percent": (sa.String(20), "100%% %s %(x)s"),
    "colon": (sa.Text, "a:b ::c"),
    "number_text": (sa.Text, "5"),
    "integer": (sa.Integer, "5"),
    "integer_text": (sa.Integer, sa.text("5")),
    "negative": (sa.Integer, sa.text("-5")),
    "negative_string": (sa.BigInteger, "-5"),
    "big": (sa.BigInteger, sa.text("9999999999")),
    "zero": (sa.Integer, sa.text("0")),
    "numeric": (sa.Numeric(10, 2), "1.50"),
    "numeric_zero": (sa.Numeric(10, 2), sa.text("0")),
    "numeric_plain": (sa.Numeric, sa.text("0.00")),
    "numeric_negative": (sa.Numeric, sa.text("-1.5")),
    "double": (sa.Double, "0.1"),
    "double_number": (sa.Double, sa.text("0.25")),
    "real": (sa.REAL, sa.text("-2")),
    "true": (sa.Boolean, sa.true()),
    "false": (sa.Boolean, sa.text("false")),
    "boolean_string": (sa.Boolean, "t"),
    "boolean_number": (sa.Boolean, "1"),
    "boolean_off": (sa.Boolean, sa.text("'off'")),
    "null": (sa.Text, sa.text("NULL")),
    "null_varchar": (sa.String(10), sa.text("NULL")),
    "null_numeric": (sa.Numeric(4, 1), sa.null()),
    "now": (sa.DateTime, sa.func.now()),
    "current_timestamp": (sa.DateTime(timezone=True), sa.text("CURRENT_TIMESTAMP")),
    "current_date": (sa.Date, sa.func.current_date()),
    "utc": (sa.DateTime, sa.text("timezone('utc', now())")),
    "timestamp": (sa.DateTime, "2020-01-01"),
    "date": (sa.Date, sa.text("'2020-01-01'::date")),
    "cast": (sa.Text, sa.text("'x'::text")),
    "cast_word": (sa.String(9), sa.text("CAST('x' AS VARCHAR)")),
    "cast_length": (sa.String(9), sa.text("'x'::varchar(9)")),
    "json": (sa.JSON, "{}"),
    "jsonb": (pg.JSONB, sa.text("""'{"a": [1, 2], "b": "it''s"}'::jsonb""")),
    "jsonb_string": (pg.JSONB, '{"a":1}'),
    "uuid": (sa.Uuid, sa.text("gen_random_uuid()")),
    "uuid_value": (sa.Uuid, "00000000-0000-0000-0000-000000000001"),
    "array": (pg.ARRAY(sa.Integer), "{}"),
    "array_cast": (pg.ARRAY(sa.Text), sa.text("'{a,b}'::text[]")),
    "array_expression": (pg.ARRAY(sa.Integer), sa.text("ARRAY[1, 2]")),
    "interval": (sa.Interval, sa.text("'1 day'::interval")),
    "interval_word": (sa.Interval, sa.text("interval '1 hour'")),
    "sum": (sa.Integer, sa.text("1 + 1")),
    "function": (sa.Text, sa.text("lower('X' || 'y')")),
    "case": (sa.Text, sa.text("CASE WHEN 1 > 0 THEN 'a' ELSE 'b' END")),
    "char": (sa.CHAR(3), "ab"),
    "bytea": (sa.LargeBinary, sa.text(r"'\xdeadbeef'")),
    "escape_string": (sa.Text, sa.text(r"E'a\nb'")),
    "dollar": (sa.Text, sa.text("$$it's$$")),
    "bit": (pg.BIT(3), sa.text("B'101'")),
    "inet": (pg.INET, "127.0.0.1"),
    "current_user": (sa.Text, sa.text("current_user")),
    "upper_null": (sa.Integer, sa.text("Null")),
    "literal": (sa.Integer, sa.literal(7)),
    "func_with_args": (sa.Text, sa.func.repeat("a", 3)),
    "date_literal": (sa.Date, sa.literal(datetime.date(2020, 1, 2), literal_execute=True)),
}


@model
def defaults(m: sa.MetaData) -> None:
    sa.Table("defaulted", m, *(sa.Column(n, type_, server_default=d) for n, (type_, d) in DEFAULTS.items()))


@model
def python_defaults(m: sa.MetaData) -> None:
    sa.Table(
        "python_defaults",
        m,
        sa.Column("id", sa.Integer, primary_key=True, default=lambda: 1),
        sa.Column("a", sa.Integer, default=1, onupdate=2),
        sa.Column("b", sa.Integer, server_default=sa.FetchedValue()),
    )


@model
def serials(m: sa.MetaData) -> None:
    sa.Table("plain", m, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("big", m, sa.Column("id", sa.BigInteger, primary_key=True))
    sa.Table("small", m, sa.Column("id", sa.SmallInteger, primary_key=True))
    sa.Table("not_auto", m, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    sa.Table("Weird Näme", m, sa.Column("Ïd 'x'", sa.Integer, primary_key=True))
    sa.Table("composite", m, sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.Integer, primary_key=True))
    sa.Table(
        "composite_auto",
        m,
        sa.Column("a", sa.Integer, primary_key=True),
        sa.Column("b", sa.Integer, primary_key=True, autoincrement=True),
    )
    sa.Table("child", m, sa.Column("id", sa.ForeignKey("plain.id"), primary_key=True))
    sa.Table("text_key", m, sa.Column("id", sa.Text, primary_key=True))
    sa.Table("silent", m, sa.Column("id", sa.Text, primary_key=True), sa.Column("n", sa.Integer, autoincrement=True))
    sa.Table("variant", m, sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True))


@model
def sequences(m: sa.MetaData) -> None:
    counter = sa.Sequence("counter", metadata=m)
    sa.Sequence("down", start=-5, increment=-2, minvalue=-1000, maxvalue=-1, cycle=True, cache=10, metadata=m)
    sa.Sequence("Small One", data_type=sa.SmallInteger, metadata=m)
    sa.Table("uses", m, sa.Column("id", sa.Integer, counter, server_default=counter.next_value(), primary_key=True))
    sa.Table("python_side", m, sa.Column("id", sa.Integer, sa.Sequence("python_seq"), primary_key=True))
    sa.Table("optional", m, sa.Column("id", sa.Integer, sa.Sequence("optional_seq", optional=True), primary_key=True))
    sa.Table("text_default", m, sa.Column("n", sa.BigInteger, server_default=sa.text("nextval('counter')")))
    sa.Table(
        "qualified", m, sa.Column("n", sa.BigInteger, server_default=sa.text("nextval('public.counter'::regclass)"))
    )


@model
def identities(m: sa.MetaData) -> None:
    sa.Table("by_default", m, sa.Column("id", sa.Integer, sa.Identity(), primary_key=True))
    sa.Table("always", m, sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True))
    sa.Table(
        "options",
        m,
        sa.Column(
            "id", sa.Integer, sa.Identity(start=100, increment=10, minvalue=10, maxvalue=1000, cycle=True, cache=5)
        ),
    )
    sa.Table("down", m, sa.Column("id", sa.SmallInteger, sa.Identity(start=-1, increment=-1)))
    sa.Table("unlimited", m, sa.Column("id", sa.BigInteger, sa.Identity(nominvalue=True, nomaxvalue=True)))


@model
def computed(m: sa.MetaData) -> None:
    sa.Table(
        "box_of",
        m,
        sa.Column("w", sa.Integer),
        sa.Column("h", sa.Integer),
        sa.Column("area", sa.Integer, sa.Computed("w * h", persisted=True)),
        sa.Column("label", sa.String(20), sa.Computed("'x' || w::text || 'y'", persisted=True)),
        sa.Column("n", sa.Numeric(10, 2), sa.Computed("w / 3.0", persisted=True), nullable=False),
    )


@model
def keys(m: sa.MetaData) -> None:
    sa.Table(
        "named_key",
        m,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Text),
        sa.PrimaryKeyConstraint("b", "a", name="pk x"),
    )
    sa.Table(
        "deferred", m, sa.Column("a", sa.Integer), sa.PrimaryKeyConstraint("a", deferrable=True, initially="DEFERRED")
    )
    sa.Table(
        "uniques",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, unique=True),
        sa.Column("b", sa.Integer),
        sa.Column("c", sa.Integer),
        sa.UniqueConstraint("b", "c"),
        sa.UniqueConstraint("c", "b", name="named"),
        sa.UniqueConstraint("c", name="deferred_unique", deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("a", "c", name="including", **accepted(sa.UniqueConstraint, include=["b"])),
    )
    sa.Table(
        "doubled",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, unique=True),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("a"),
        sa.UniqueConstraint("a", name="named_later"),
    )
    sa.Table(
        "key_named_by_unique", m, sa.Column("id", sa.Integer, primary_key=True), sa.UniqueConstraint("id", name="uq_id")
    )
    sa.Table("no_key", m, sa.Column("a", sa.Integer))
    sa.Table(
        "including_key",
        m,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Text),
        sa.PrimaryKeyConstraint("a", **accepted(sa.PrimaryKeyConstraint, include=["b"])),
    )


@model
def nulls_not_distinct(m: sa.MetaData) -> None:
    sa.Table(
        "nulls",
        m,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer),
        sa.UniqueConstraint("a", **accepted(sa.UniqueConstraint, nulls_not_distinct=True)),
        sa.UniqueConstraint("b", **accepted(sa.UniqueConstraint, nulls_not_distinct=False)),
        sa.Index("ix_nulls", "a", "b", unique=True, **accepted(sa.Index, nulls_not_distinct=True)),
    )


@model
def checks(m: sa.MetaData) -> None:
    sa.Table(
        "checked",
        m,
        sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0")),
        sa.Column("b", sa.String(10)),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("Mixed", sa.Integer),
        sa.CheckConstraint("b IN ('x', 'y', 'it''s')"),
        sa.CheckConstraint("b in ('x', 'y')", name="second"),
        sa.CheckConstraint("a > 0 AND b IS NOT NULL"),
        sa.CheckConstraint("price >= 0 and price < 1000.5", name="Price Check"),
        sa.CheckConstraint('"Mixed" between 1 and 10'),
        sa.CheckConstraint("length(b) > 2 OR b LIKE '%z%'"),
        sa.CheckConstraint("b ~ '^[a-z]+$'"),
        sa.CheckConstraint("b != 'q' /* not q */"),
        sa.CheckConstraint("1 = 1"),
        sa.CheckConstraint("checked.a < 100", name="qualified"),
        sa.CheckConstraint("a IS DISTINCT FROM 3", name="noted", comment="what for"),
        sa.CheckConstraint("lower(b) = b", postgresql_not_valid=True),
    )
    table = sa.Table("constructed", m, sa.Column("a", sa.Integer), sa.Column("b", sa.String(5)))
    table.append_constraint(sa.CheckConstraint(table.c.a.in_([1, 2, 3])))
    table.append_constraint(sa.CheckConstraint(sa.and_(table.c.a > 1, table.c.b.like("a%"))))
    table.append_constraint(sa.CheckConstraint(sa.func.length(table.c.b) < 4, name="short"))


@model
def foreign_keys(m: sa.MetaData) -> None:
    sa.Table(
        "parent",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer),
        sa.Column("y", sa.Integer),
        sa.UniqueConstraint("x", "y"),
    )
    sa.Table(
        "child",
        m,
        sa.Column("a", sa.ForeignKey("parent.id")),
        sa.Column("b", sa.ForeignKey("parent.id", ondelete="CASCADE", onupdate="SET NULL", name="fk_b")),
        sa.Column("c", sa.ForeignKey("parent.id", deferrable=True, initially="DEFERRED", ondelete="restrict")),
        sa.Column("d", sa.ForeignKey("parent.id", ondelete="NO ACTION", deferrable=True, match="FULL")),
        sa.Column("x", sa.Integer),
        sa.Column("y", sa.Integer),
        sa.ForeignKeyConstraint(["x", "y"], ["parent.x", "parent.y"], onupdate="SET DEFAULT"),
        sa.ForeignKeyConstraint(["y", "x"], ["parent.y", "parent.x"], name="crossed", match="SIMPLE", comment="c"),
    )
    sa.Table("node", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("parent_id", sa.ForeignKey("node.id")))
    sa.Table(
        "left_one",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("r", sa.ForeignKey("right_one.id", use_alter=True, name="fk_lr")),
    )
    sa.Table(
        "right_one", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("l", sa.ForeignKey("left_one.id"))
    )


@model
def set_null_of_columns(m: sa.MetaData) -> None:
    # SQLAlchemy takes a list of columns since 2.0.42.
    listed = hasattr(postgresql_base.PGDDLCompiler, "_fk_ondelete_pattern")
    first, second = ("SET NULL (owner_id)", 'set null ("Tenant",second_id)') if listed else ("SET NULL", "set default")
    sa.Table(
        "owner", m, sa.Column("Tenant", sa.Integer, primary_key=True), sa.Column("id", sa.Integer, primary_key=True)
    )
    sa.Table(
        "thing",
        m,
        sa.Column("Tenant", sa.Integer),
        sa.Column("owner_id", sa.Integer),
        sa.Column("second_id", sa.Integer),
        sa.ForeignKeyConstraint(["Tenant", "owner_id"], ["owner.Tenant", "owner.id"], ondelete=first),
        sa.ForeignKeyConstraint(["Tenant", "second_id"], ["owner.Tenant", "owner.id"], ondelete=second),
    )


@model
def indexes(m: sa.MetaData) -> None:
    t = sa.Table(
        "indexed",
        m,
        sa.Column("a", sa.Integer, index=True),
        sa.Column("b", sa.String(20)),
        sa.Column("c", sa.Text),
        sa.Column("d", pg.JSONB),
        sa.Column("e", pg.TSVECTOR),
        sa.Column("f", sa.DateTime),
        sa.Column("g", pg.INT4RANGE),
        sa.Column("s", sa.Enum("x", "y", name="state")),
        sa.Column("Mixed", sa.Text),
    )
    sa.Index("ix_unique", t.c.a, t.c.b, unique=True)
    sa.Index("ix_desc", t.c.a.desc(), t.c.b.asc())
    sa.Index(
        "ix_nulls", t.c.a.desc().nulls_last(), t.c.b.nulls_first(), t.c.c.desc().nullsfirst(), t.c.f.asc().nulls_last()
    )
    sa.Index("ix_lower", sa.func.lower(t.c.b))
    sa.Index("ix_lower_desc", sa.func.lower(t.c.b).desc(), t.c.a)
    sa.Index("ix_text", sa.text("lower(c) DESC NULLS LAST"), _table=t)
    sa.Index("ix_text_column", sa.text("c desc"), _table=t)
    sa.Index("ix_concat", (t.c.b + t.c.c))
    sa.Index("ix_arithmetic", t.c.a + 1, t.c.a % 10)
    sa.Index("ix_collate", t.c.b.collate("C"))
    sa.Index("ix_collate_desc", t.c.b.collate("C").desc())
    sa.Index("ix_collate_expression", sa.func.lower(t.c.b).collate("C"))
    sa.Index("ix_cast", sa.cast(t.c.a, sa.Text))
    sa.Index("ix_coalesce", sa.func.coalesce(t.c.b, ""))
    sa.Index("ix_date", sa.func.date_trunc("day", t.c.f))
    sa.Index("ix_json", t.c.d["a"].astext)
    sa.Index("ix_json_path", t.c.d[("a", "b")])
    sa.Index("ix_hash", t.c.a, postgresql_using="hash")
    sa.Index("ix_gin", t.c.d, postgresql_using="gin")
    sa.Index("ix_gin_path", t.c.d, postgresql_using="GIN", postgresql_ops={"d": "jsonb_path_ops"})
    sa.Index("ix_gist", t.c.g, postgresql_using="gist")
    sa.Index("ix_brin", t.c.f, postgresql_using="brin", postgresql_with={"pages_per_range": 32})
    sa.Index("ix_pattern", t.c.b, postgresql_ops={"b": "varchar_pattern_ops"})
    sa.Index("ix_default_ops", t.c.b, postgresql_ops={"b": "text_ops"}, postgresql_using="btree")
    sa.Index("ix_expression_ops", sa.func.lower(t.c.b).label("low"), postgresql_ops={"low": "text_pattern_ops"})
    sa.Index("ix_include", t.c.a, postgresql_include=["b", "c"])
    sa.Index("ix_fill", t.c.a, postgresql_with={"deduplicate_items": False, "fillfactor": 50})
    sa.Index("ix_partial", t.c.a, postgresql_where=t.c.b == "x")
    sa.Index("ix_partial_unique", t.c.a, unique=True, postgresql_where=t.c.f.is_(None))
    sa.Index("ix_partial_in", t.c.a, postgresql_where=t.c.b.in_(["x", "y"]))
    sa.Index("ix_partial_between", t.c.a, postgresql_where=t.c.a.between(1, 5))
    sa.Index("ix_partial_like", t.c.a, postgresql_where=t.c.b.like("a%"))
    sa.Index("ix_partial_not", t.c.a, postgresql_where=sa.and_(t.c.b != "z", ~t.c.c.is_(None)))
    sa.Index("ix_partial_text", t.c.a, postgresql_where=sa.text("b <> 'q' AND a > 0"))
    sa.Index("ix_partial_enum", t.c.a, postgresql_where=t.c.s == "x")
    sa.Index('ix "quoted" %', t.c["Mixed"])
    sa.Index("ix_tablespace", t.c.a, postgresql_tablespace="pg_default")
    sa.Index("ix_twice_1", t.c.a)


@model
def excludes(m: sa.MetaData) -> None:
    t = sa.Table(
        "booking",
        m,
        sa.Column("room", pg.INT4RANGE),
        sa.Column("during", pg.TSRANGE),
        sa.Column("cancelled", sa.Boolean),
        pg.ExcludeConstraint(("room", "="), ("during", "&&"), name="no_overlap"),
        pg.ExcludeConstraint(("during", "&&"), where=sa.text("NOT cancelled"), deferrable=True, initially="DEFERRED"),
        pg.ExcludeConstraint((sa.text("int4range(lower(room), upper(room))"), "&&"), name="expression"),
    )
    t.append_constraint(pg.ExcludeConstraint((t.c.during, "-|-"), using="gist", name="adjacent"))


@model
def comments(m: sa.MetaData) -> None:
    sa.Table(
        "commented",
        m,
        sa.Column("a", sa.Integer, comment="it's \\ 100% :x\nand more"),
        sa.Column("b", sa.Integer, comment=""),
        sa.UniqueConstraint("a", name="uq", comment="unique"),
        comment='the "table"',
    )


@model
def schemas(m: sa.MetaData) -> None:
    mood = sa.Enum("a", "b", name="mood", schema="shop")
    sa.Table(
        "account",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mood", mood, server_default="a"),
        schema="shop",
    )
    sa.Table(
        "account",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("other", sa.ForeignKey("shop.account.id")),
        sa.Column("mood", mood),
    )
    sa.Table(
        "public_one",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("k", sa.Enum("q", name="k", schema="public")),
        schema="public",
    )
    sa.Table(
        "child",
        m,
        sa.Column("id", sa.ForeignKey("public.public_one.id"), primary_key=True),
        sa.Index("ix_shop", "id"),
        schema="shop",
    )
    sa.Sequence("counter", schema="shop", metadata=m)
    sa.Table("Weird Schema Table", m, sa.Column("id", sa.Integer, primary_key=True), schema='we"ird %S')


@model
def table_options(m: sa.MetaData) -> None:
    sa.Table(
        "filled",
        m,
        sa.Column("a", sa.Integer),
        **accepted(sa.Table, **{"with": {"autovacuum_enabled": False, "fillfactor": 70}}),
    )
    sa.Table("unlogged", m, sa.Column("a", sa.Integer), prefixes=["UNLOGGED"])
    sa.Table("parted", m, sa.Column("k", sa.Integer), sa.Column("t", sa.Text), postgresql_partition_by="RANGE (k, T)")
    sa.Table("heaped", m, sa.Column("k", sa.Integer), **accepted(sa.Table, using="heap", tablespace="pg_default"))
    sa.Table("base", m, sa.Column("a", sa.Integer), sa.CheckConstraint("a > 0", name="positive"))
    sa.Table("derived", m, sa.Column("b", sa.Integer), postgresql_inherits="base").add_is_dependent_on(m.tables["base"])
    sa.Table("empty", m)


LONG = "n" * 63
WIDE = "ñ" * 31


@model
def hostile_names(m: sa.MetaData) -> None:
    for name in (
        "select",
        "a.b",
        'qu"ote',
        "new\nline",
        "per%cent",
        "co:lon",
        "Mixed",
        " space ",
        "tab\t",
        "back\\slash",
        "'",
        LONG,
        WIDE,
        "between",
        "time",
    ):
        t = sa.Table(
            name,
            m,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(name, sa.Integer, unique=True, comment=name),
            sa.Column("ref", sa.Integer, sa.ForeignKey(sa.Column("id", sa.Integer)))
            if False
            else sa.Column("ref", sa.Integer),
            comment=name,
        )
        t.append_constraint(sa.CheckConstraint(t.c[name] > 0))
        sa.Index(f"ix{name}"[:60], t.c[name], postgresql_where=t.c[name] > 3)


@model
def long_names(m: sa.MetaData) -> None:
    table = "a_table_whose_name_is_quite_a_bit_longer_than_usual"
    column = "a_column_whose_name_is_long_as_well"
    sa.Table(
        table,
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(column, sa.Integer, unique=True),
        sa.Column(column + "_2", sa.Integer, sa.ForeignKey(f"{table}.id")),
        sa.UniqueConstraint(column, column + "_2"),
        sa.CheckConstraint(f"{column} > 0"),
        sa.CheckConstraint(f"{column} > 1"),
    )


@model
def conventions(m: sa.MetaData) -> None:
    m.naming_convention = {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
    sa.Table("parent", m, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "a_child_table_with_a_name_that_makes_the_convention_overflow",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_identifier", sa.ForeignKey("parent.id"), index=True),
        sa.Column("code", sa.Integer, sa.CheckConstraint("code > 0", name="positive"), unique=True),
    )
