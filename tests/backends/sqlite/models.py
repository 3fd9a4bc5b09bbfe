"""Small models, one per feature, that SQLite's backend must understand."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import quoted_name

CASES: dict[str, Callable[[sa.MetaData], Any]] = {}


def case(function: Callable[[sa.MetaData], Any]) -> Callable[[sa.MetaData], Any]:
    CASES[function.__name__] = function
    return function


def metadata(name: str) -> sa.MetaData:
    made = sa.MetaData()
    CASES[name](made)
    return made


class Colour(enum.Enum):
    red = "r"
    green = "g"


class Money(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "money( 12,2 )"


class Folded(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "varchar(20) collate nocase"


class Upper(sa.types.TypeDecorator[str]):
    impl = sa.String(17)
    cache_ok = True


@case
def types(m: sa.MetaData) -> None:
    plain: list[Any] = [
        sa.BigInteger, sa.SmallInteger, sa.Integer, sa.Boolean, sa.Date, sa.DateTime, sa.Time, sa.Float, sa.Double, sa.Numeric,
        sa.Text, sa.String, sa.Unicode, sa.UnicodeText, sa.LargeBinary, sa.JSON, sa.Uuid, sa.Interval, sa.PickleType,
        sa.TIMESTAMP, sa.REAL, sa.DOUBLE_PRECISION, sa.CLOB, sa.BLOB, sa.Enum(Colour), sa.VARCHAR(3), sa.CHAR(4),
        sa.NVARCHAR(5), sa.NCHAR(6), sa.BINARY(7), sa.VARBINARY(8), sa.Numeric(10), sa.Numeric(10, 2), sa.Float(24),
        sa.DateTime(timezone=True), sa.Enum("a", "b", name="ab"), sa.String(30).with_variant(sa.Text(), "sqlite"), Upper(),
        sqlite.JSON, sqlite.DATETIME, Money, sa.Enum("x'y", "%z", native_enum=False, create_constraint=True, name="tricky"),
    ]  # fmt: skip
    sa.Table("t", m, *(sa.Column(f"c{i}", type_) for i, type_ in enumerate(plain)))


@case
def collations(m: sa.MetaData) -> None:
    sa.Table(
        "t",
        m,
        sa.Column("a", sa.String(collation="NOCASE")),
        sa.Column("b", sa.Text(collation="rtrim")),
        sa.Column("c", sa.String(10, collation="BINARY")),
        sa.Column("d", Folded),
        sa.Column("e", sa.String(10), unique=True),
    )


@case
def defaults(m: sa.MetaData) -> None:
    texts = [
        "('a' COLLATE nocase)", "1", "-1", "+1.5", "1e3", "NULL", "TRUE", "false", "CURRENT_TIMESTAMP", "current_date", "(1 + 2)",
        "(abs(-1))", "X'00ff'", "(('x'))", "((1) + (2))", "bare", '"quoted"', "(strftime('%Y', 'now'))", "('a' || 'b')",
    ]  # fmt: skip
    sa.Table(
        "t",
        m,
        *(sa.Column(f"d{i}", sa.String, server_default=sa.text(text)) for i, text in enumerate(texts)),
        sa.Column("s0", sa.String, server_default="it's"),
        sa.Column("s1", sa.String, server_default=""),
        sa.Column("s2", sa.String, server_default='{"a": "b", "c": [1, 2]}'),
        sa.Column("s3", sa.String, server_default="100% :x ? \\ \n newline"),
        sa.Column("s4", sa.Integer, server_default="5"),
        sa.Column("f0", sa.DateTime, server_default=sa.func.now()),
        sa.Column("f1", sa.DateTime, server_default=sa.func.current_timestamp()),
        sa.Column("f2", sa.Boolean, server_default=sa.true()),
        sa.Column("f3", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("f4", sa.Integer, server_default=sa.literal(3) + 4),
        sa.Column("f5", sa.Integer, server_default=sa.func.abs(-3)),
        sa.Column("f6", sa.String, server_default=sa.null()),
        sa.Column("f7", sa.Integer, server_default=sa.FetchedValue()),
    )


@case
def primary_keys(m: sa.MetaData) -> None:
    sa.Table("alias", m, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("nullable", m, sa.Column("id", sa.Integer, primary_key=True, nullable=True))
    sa.Table("text", m, sa.Column("id", sa.String(5), primary_key=True))
    sa.Table("big", m, sa.Column("id", sa.BigInteger, primary_key=True))
    sa.Table("pair", m, sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.Integer, primary_key=True))
    sa.Table("named", m, sa.Column("id", sa.Integer), sa.PrimaryKeyConstraint("id", name="pk_named"))
    sa.Table("counted", m, sa.Column("id", sa.Integer, primary_key=True), sqlite_autoincrement=True)
    sa.Table(
        "counted_named",
        m,
        sa.Column("id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="x"),
        sqlite_autoincrement=True,
    )
    sa.Table("none", m, sa.Column("x", sa.Integer))
    sa.Table(
        "reordered",
        m,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer),
        sa.PrimaryKeyConstraint("b", "a", sqlite_on_conflict="REPLACE"),
    )
    sa.Table("text_counted", m, sa.Column("id", sa.String, primary_key=True), sqlite_autoincrement=True)
    sa.Table(
        "identity", m, sa.Column("id", sa.Integer, sa.Identity(start=5), primary_key=True), sa.Column("x", sa.Integer)
    )
    sa.Table("sequence", m, sa.Column("id", sa.Integer, sa.Sequence("s"), primary_key=True))


@case
def table_options(m: sa.MetaData) -> None:
    sa.Table("without_rowid", m, sa.Column("id", sa.Integer, primary_key=True, nullable=True), sqlite_with_rowid=False)
    sa.Table("with_rowid", m, sa.Column("id", sa.Integer, primary_key=True), sqlite_with_rowid=True)


@case
def uniques(m: sa.MetaData) -> None:
    sa.Table(
        "t",
        m,
        sa.Column("a", sa.Integer, unique=True),
        sa.Column("b", sa.Integer),
        sa.Column("c", sa.Integer, unique=True, sqlite_on_conflict_unique="IGNORE"),
        sa.Column("d", sa.Integer, nullable=False, sqlite_on_conflict_not_null="FAIL"),
        sa.UniqueConstraint("a", "b"),
        sa.UniqueConstraint("b", "a", name="uq b"),
        sa.UniqueConstraint("b", name="uq", sqlite_on_conflict="rollback"),
    )


@case
def checks(m: sa.MetaData) -> None:
    t = sa.Table("t", m, sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0")), sa.Column("b", sa.String(10)))
    t.append_constraint(sa.CheckConstraint("a IN (1, 2) -- few\n AND b <> ')'", name="few"))
    t.append_constraint(sa.CheckConstraint(t.c.a.between(1, 5) & t.c.b.like("%x%")))
    t.append_constraint(sa.CheckConstraint("t.a + 1 > 0 /* qualified */", name="qualified"))
    t.append_constraint(sa.CheckConstraint("b <> 'it''s'", name="percent %"))
    t.append_constraint(sa.CheckConstraint("json_valid(b)"))
    t.append_column(sa.Column("c", sa.Boolean(create_constraint=True)))
    t.append_column(sa.Column("d", sa.Boolean(create_constraint=True, name="ck_d")))


@case
def computed(m: sa.MetaData) -> None:
    sa.Table(
        "t",
        m,
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer, sa.Computed("a + 1")),
        sa.Column("c", sa.Integer, sa.Computed("a * 2", persisted=True)),
        sa.Column("d", sa.String, sa.Computed("'(' || a || ')'", persisted=False), nullable=False),
    )


@case
def foreign_keys(m: sa.MetaData) -> None:
    sa.Table(
        "p",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer),
        sa.UniqueConstraint("id", "x"),
    )
    sa.Table(
        "c",
        m,
        sa.Column("id", sa.Integer, sa.ForeignKey("p.id"), primary_key=True),
        sa.Column("a", sa.Integer, sa.ForeignKey("p.id", ondelete="CASCADE", onupdate="set null")),
        sa.Column("b", sa.Integer, sa.ForeignKey("p.id", ondelete="NO ACTION", name="fk_b")),
        sa.Column("d", sa.Integer, sa.ForeignKey("c.id", deferrable=True, initially="DEFERRED")),
        sa.Column("e", sa.Integer, sa.ForeignKey("p.id", deferrable=True)),
        sa.Column(
            "f",
            sa.Integer,
            sa.ForeignKey("p.id", match="FULL", ondelete="SET DEFAULT", deferrable=True, initially="IMMEDIATE"),
        ),
        sa.ForeignKeyConstraint(["a", "b"], ["p.id", "p.x"], name="fk two", ondelete="RESTRICT"),
    )


@case
def cyclic_foreign_keys(m: sa.MetaData) -> None:
    sa.Table(
        "a", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("b_id", sa.Integer, sa.ForeignKey("b.id"))
    )
    sa.Table(
        "b", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a_id", sa.Integer, sa.ForeignKey("a.id"))
    )
    sa.Table("s", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("up", sa.Integer, sa.ForeignKey("s.id")))


@case
def indexes(m: sa.MetaData) -> None:
    t = sa.Table(
        "t",
        m,
        sa.Column("a", sa.Integer, index=True),
        sa.Column("b", sa.String, index=True, unique=True),
        sa.Column("c", sa.String(collation="NOCASE")),
        sa.Column("where", sa.Integer),
        sa.Column("Mixed", sa.Integer),
    )
    sa.Index("i1", t.c.a, t.c.b.desc())
    sa.Index("i2", sa.func.lower(t.c.b))
    sa.Index("i3", t.c.a, sqlite_where=t.c.a > 5)
    sa.Index("i4", t.c.b.collate("NOCASE"), t.c.c.collate("NOCASE"), t.c.c.collate("BINARY").desc())
    sa.Index("i5", sa.text("a DESC"), sa.text("lower(b)"), unique=True)
    sa.Index("i6", (t.c.a + 1).desc(), t.c.a * t.c["where"])
    sa.Index("i7", t.c.Mixed, sqlite_where=t.c.b.in_(["x'", "%y", ":z"]))
    sa.Index("i8", t.c.a, sqlite_where=sa.and_(t.c.b != "q", t.c.b.between("a", "b"), t.c.b.like("z%")))
    sa.Index("Mixed Index", t.c.a.asc())
    sa.Index("i9", sa.text("(a)"), sa.text('"Mixed"'))


@case
def comments(m: sa.MetaData) -> None:
    t = sa.Table("t", m, sa.Column("a", sa.Integer, comment="of column"), comment="of table")
    sa.Table("u", m, sa.Column("a", sa.Integer, comment=""), comment="")
    t.append_constraint(sa.CheckConstraint("a > 0", name="c"))


HOSTILE = [
    'quo"te', "sing'le", "per%cent", "col:on", "quest?ion", "back\\slash", "new\nline", "select", "Mixed", "üñïcode", "😀", "sp ace",
    "semi;colon", "--dash", "/*star*/", "back`tick", "[bracket]", "brack]et", "x" * 63, "tab\t", "dot.ted", "(paren", "comma,",
    "%(x)s", "{x}", "$1", "0digit", "rowid", "generated", "always", "strict", "constraint", "as", "nulls", "key",
]  # fmt: skip


@case
def hostile_names(m: sa.MetaData) -> None:
    for i, name in enumerate(HOSTILE):
        t = sa.Table(
            name,
            m,
            sa.Column(name, sa.Integer, primary_key=True),
            sa.Column(f"{name}2", sa.String, server_default=name),
            sa.Column("parent", sa.Integer),
            sa.UniqueConstraint(f"{name}2", name=f"uq {name}"),
        )
        t.append_constraint(sa.CheckConstraint(t.c[name] > 0, name=f"ck {name}"))
        t.append_constraint(sa.ForeignKeyConstraint([t.c.parent], [t.c[name]], name=f"fk {name}"))
        sa.Index(f"ix {name} {i}", t.c[f"{name}2"], sqlite_where=t.c[f"{name}2"] != name)


@case
def naming_convention(m: sa.MetaData) -> None:
    m.naming_convention = {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
    sa.Table("p", m, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "c",
        m,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, sa.ForeignKey("p.id"), index=True, unique=True),
        sa.Column("b", sa.Boolean(create_constraint=True, name="bool")),
        sa.CheckConstraint("a > 0", name="positive"),
    )


@case
def quoted(m: sa.MetaData) -> None:
    sa.Table(
        quoted_name("forced", quote=True),
        m,
        sa.Column(quoted_name("plain", quote=True), sa.Integer, primary_key=True),
        sa.Column(quoted_name("also", quote=True), sa.Integer, index=True),
        sa.CheckConstraint('"plain" > 0'),
    )


@case
def only_on_sqlite(m: sa.MetaData) -> None:
    t = sa.Table("t", m, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
    t.append_constraint(sa.CheckConstraint("a > 0", name="yes").ddl_if(dialect="sqlite"))
    t.append_constraint(sa.CheckConstraint("a > 1", name="no").ddl_if(dialect="postgresql"))
    sa.Index("ix_yes", t.c.a).ddl_if(dialect="sqlite")
    sa.Index("ix_no", t.c.a, postgresql_using="gin").ddl_if(dialect="postgresql")


if tuple(int(part) for part in sa.__version__.split(".")[:2]) >= (2, 1):

    @case
    def strict_tables(m: sa.MetaData) -> None:
        sa.Table("t", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Text), sqlite_strict=True)
        sa.Table(
            "u",
            m,
            sa.Column("id", sa.Text, primary_key=True, nullable=True),
            sa.Column("a", sa.REAL),
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )
