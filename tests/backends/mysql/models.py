"""Models, each of one feature. :data:`QUIET` are made once and must differ from their database in nothing; :data:`CHANGES` are pairs."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from tests.backends.mysql.support import Build

Column, Integer, String, text = sa.Column, sa.Integer, sa.String, sa.text
Part = Callable[[], object]

# Older versions of SQLAlchemy do not escape backslashes and percent signs in ENUM.
ODD_MEMBERS = ("f\\g", "h%i") if "\\\\" in str(mysql.ENUM("\\").compile(dialect=mysql.dialect())) else ("f", "h")


def col(*args: object, **kw: object) -> Part:
    """A column, made anew each time; arguments that are functions of nothing are called."""
    return lambda: Column(*[a() if callable(a) and not isinstance(a, type) else a for a in args], **kw)  # type: ignore[arg-type]


def fk(*args: object, **kw: object) -> Part:
    return lambda: sa.ForeignKey(*args, **kw)  # type: ignore[arg-type]


def tables(*definitions: tuple[object, ...], sequences: tuple[str, ...] = ()) -> Build:
    """Tables: each a name, parts, and as the last item perhaps keyword arguments."""

    def build(metadata: sa.MetaData) -> None:
        for name, *parts in definitions:
            keywords = parts.pop() if parts and isinstance(parts[-1], dict) else {}
            items = [part() if callable(part) else part for part in parts]
            sa.Table(str(name), metadata, *items, **keywords)  # type: ignore[arg-type]
        for name in sequences:
            sa.Sequence(name, start=5, metadata=metadata)

    return build


ID = col("id", Integer, primary_key=True)
PARENT = ("p", ID)
BASE = ("t", ID, col("a", Integer), col("b", String(20)))
NOW = "CURRENT_TIMESTAMP"


def unique(*columns: str, **kw: object) -> Part:
    return lambda: sa.UniqueConstraint(*columns, **kw)  # type: ignore[arg-type]


def check(condition: str, **kw: object) -> Part:
    return lambda: sa.CheckConstraint(condition, **kw)  # type: ignore[arg-type]


def index(name: str, *columns: object, **kw: object) -> Part:
    return lambda: sa.Index(name, *[text(c[1:]) if str(c).startswith("=") else c for c in columns], **kw)  # type: ignore[arg-type, index]


def columns(**types: object) -> tuple[object, ...]:
    """A table of columns, each given as a type, or a type and keyword arguments."""
    parts = []
    for name, each in types.items():
        type_, *rest = each if isinstance(each, tuple) else (each,)
        keywords = rest.pop() if rest and isinstance(rest[-1], dict) else {}
        parts.append(col(name, type_, *rest, **keywords))
    return ("t", ID, *parts)


def default(value: object) -> dict[str, object]:
    return {"server_default": value}


QUIET: dict[str, Build] = {
    "bytes that are no text": tables(
        (
            "t",
            col("a", mysql.VARBINARY(9), server_default=text("x'00FF'")),
            col("b", mysql.BINARY(3), server_default=text("0xfe0a")),
            col("c", mysql.VARBINARY(9), server_default=text("'?'")),
        )
    ),
    "integers": tables(
        columns(a=sa.SmallInteger, b=sa.BigInteger, c=mysql.TINYINT, d=mysql.MEDIUMINT, e=mysql.INTEGER(5))
    ),
    "unsigned and zerofill": tables(
        columns(
            a=mysql.INTEGER(unsigned=True),
            b=mysql.INTEGER(zerofill=True),
            c=mysql.TINYINT(1, unsigned=True),
            d=mysql.BIGINT(8, zerofill=True),
        )
    ),
    "booleans": tables(
        columns(
            a=sa.Boolean, b=sa.Boolean(create_constraint=True), c=(sa.Boolean, default(sa.true())), d=mysql.TINYINT(1)
        )
    ),
    "fractions": tables(
        columns(
            a=sa.Numeric,
            b=sa.Numeric(5),
            c=sa.Numeric(10, 2),
            d=sa.Float,
            e=sa.Float(24),
            f=sa.Float(53),
            g=sa.Double,
            h=sa.REAL,
            i=mysql.FLOAT(7, 2),
            j=mysql.DOUBLE(8, 3),
            k=mysql.DECIMAL(5, unsigned=True),
        )
    ),
    "strings": tables(
        columns(
            a=String(5),
            b=sa.CHAR,
            c=sa.CHAR(3),
            d=sa.Unicode(30),
            e=sa.Text,
            f=sa.UnicodeText,
            g=mysql.TINYTEXT,
            h=mysql.LONGTEXT,
            i=mysql.NCHAR(3),
            j=mysql.NVARCHAR(3),
            k=sa.Text(50),
            l=sa.Text(63),
            m=sa.Text(64),
            n=sa.Text(20000),
            o=sa.Text(5_000_000),
        )
    ),
    "binaries": tables(
        columns(
            a=sa.LargeBinary,
            b=sa.LargeBinary(200),
            c=sa.LargeBinary(70000),
            d=sa.BINARY(16),
            e=sa.VARBINARY(3),
            f=mysql.MEDIUMBLOB,
            g=mysql.BIT,
            h=mysql.BIT(9),
        )
    ),
    "character sets": tables(
        columns(
            a=String(5, collation="utf8mb4_bin"),
            b=mysql.VARCHAR(5, charset="latin1"),
            c=mysql.VARCHAR(5, charset="latin1", collation="latin1_bin"),
            d=mysql.TEXT(charset="utf8mb3"),
            e=mysql.VARCHAR(5, binary=True),
            f=mysql.VARCHAR(5, ascii=True),
            g=mysql.CHAR(3, charset="binary"),
            h=mysql.TEXT(100, charset="latin1"),
            i=mysql.ENUM("x", charset="latin1"),
            j=String(5, collation="utf8mb4_general_ci"),
        )
    ),
    "times": tables(
        columns(
            a=sa.Date,
            b=sa.Time,
            c=sa.DateTime,
            d=sa.DateTime(timezone=True),
            e=sa.TIMESTAMP,
            f=(sa.TIMESTAMP, {"nullable": False}),
            g=mysql.DATETIME(fsp=6),
            h=mysql.TIME(fsp=3),
            i=mysql.TIMESTAMP(fsp=2),
            j=sa.Interval,
            k=mysql.YEAR,
            l=mysql.YEAR(4),
        )
    ),
    "enums and sets": tables(
        columns(
            a=sa.Enum("a", "b'c", "d,e", *ODD_MEMBERS, "j:k", "", "é", "line\nbreak"),
            b=mysql.SET("x", "y"),
            c=sa.Enum("a", "b", native_enum=False),
            d=sa.Enum("a", "b", native_enum=False, create_constraint=True, name="e"),
            e=(sa.Enum("A", "b"), default("B")),
            f=mysql.ENUM("trail ", "x"),
        )
    ),
    "json and uuid": tables(
        columns(
            a=sa.JSON,
            b=(sa.JSON, {"nullable": False}),
            c=(sa.JSON, default('{"a": 1}')),
            d=sa.Uuid,
            e=sa.Uuid(native_uuid=False),
        )
    ),
    "variants": tables(
        columns(a=sa.JSON().with_variant(mysql.LONGTEXT(), "mysql"), b=sa.Text().with_variant(String(5), "mysql"))
    ),
    "literal defaults": tables(
        columns(
            a=(Integer, default("1")),
            b=(Integer, default(text("-1"))),
            c=(sa.Numeric(10, 2), default("1")),
            d=(sa.Numeric(3, 1), default(text("'.5'"))),
            e=(sa.Float, default(text("1e3"))),
            f=(sa.Double, default("1.10")),
            g=(String(50), default("it's \\ %s :x \n \" é")),
            h=(String(5), default("")),
            i=(String(5), default(text("5"))),
            j=(sa.Text, default("x")),
            k=(sa.Date, default("2020-1-1")),
            l=(sa.DateTime, default("2020-01-01")),
            m=(mysql.DATETIME(fsp=3), default("2020-01-01 10:00:00.5")),
            n=(sa.Time, default("1:02:03")),
            o=(mysql.SET("a", "b"), default("b,a")),
            p=(mysql.YEAR, default("99")),
            q=(mysql.BIT(8), default(text("5"))),
            r=(sa.VARBINARY(5), default(text("x'41'"))),
            s=(Integer, default(text("NULL"))),
            t=(Integer, default(text("(NULL)"))),
            u=(Integer, default(text("true"))),
            v=(Integer, default(text("0x10"))),
            w=(sa.BigInteger, default(text("9223372036854775807"))),
            x=(mysql.INTEGER(zerofill=True), default("5")),
            y=(String(9), default(text('"a\'b"'))),
            z=(sa.CHAR(5), default("ab ")),
            aa=(String(5), default(text("N'x'"))),
        )
    ),
    "expression defaults": tables(
        columns(
            a=(Integer, default(text("(1 + 2)"))),
            b=(String(36), default(sa.func.uuid())),
            c=(String(20), default(text("concat('a', upper('b'))"))),
            d=(sa.Date, default(text("(curdate() + interval 1 day)"))),
            e=(Integer, default(text("(a * 2)"))),
            f=(sa.JSON, default(text("(json_array())"))),
            g=(String(9), default(text("user()"))),
            h=(sa.Double, default(text("(pi() * 2)"))),
            i=(Integer, default(text("(case when 1 > 0 then 1 else 2 end)"))),
        )
    ),
    "now": tables(
        columns(
            a=(sa.DateTime, default(sa.func.now())),
            b=(sa.DateTime, default(text(NOW))),
            c=(sa.DateTime, default(text("localtime()"))),
            d=(sa.TIMESTAMP, default(sa.func.current_timestamp())),
            e=(mysql.DATETIME(fsp=6), default(text("NOW(6)"))),
            f=(sa.Date, default(text("(now())"))),
            g=(sa.DateTime, default(text(f"{NOW} ON UPDATE {NOW}"))),
            h=(mysql.TIMESTAMP(fsp=6), default(text(f"NULL ON UPDATE {NOW}(6)"))),
            i=(sa.TIMESTAMP, {"nullable": False, **default(text("now() on update now()"))}),
            j=(sa.DateTime, default(text(f"'2020-01-01' ON UPDATE {NOW}()"))),
        )
    ),
    "generated": tables(
        columns(
            a=Integer,
            b=String(20),
            c=(Integer, lambda: sa.Computed("a + 1")),
            d=(Integer, lambda: sa.Computed("length(b) * 2", persisted=True)),
            e=(String(40), lambda: sa.Computed("concat(upper(b), '%:x')", persisted=False), {"comment": "c"}),
            f=(sa.JSON, lambda: sa.Computed("json_array(a)")),
        )
    ),
    "checks": tables(
        (
            "t",
            ID,
            col("a", Integer, check("a > 3")),
            col("b", String(9)),
            col("c", Integer),
            check("a in (1, 2)", name="k"),
            check("b <> ''"),
            check("(c)>=0"),
            check("a > 0 and (b between 'a' and 'z' or length(b) > 3)"),
            check("not (a = 1 or c is null)"),
            check("b like 'x%' escape '|'"),
            check("b != '\\\\' and b regexp '^a'"),
            check("case when a = 1 then c > 2 else true end"),
            check("a % 2 = 0"),
            check("b in ('a', \"b\", 'c''d')"),
            check("c = - 1"),
            check("a <=> c"),
            check("`c` between 1 and 3", name="back`tick"),
        )
    ),
    "unique": tables(
        (
            "t",
            ID,
            col("a", Integer, unique=True),
            col("b", Integer),
            col("c", String(9), unique=True, index=True),
            unique("a", "b"),
            unique("b", "a", name="u"),
            index("ui", "b", unique=True),
            index("du", "=b DESC", unique=True),
            index("lu", "c", unique=True, mysql_length=3),
        )
    ),
    "indexes": tables(
        (
            "t",
            ID,
            col("a", Integer, index=True),
            col("b", String(9)),
            col("c", sa.Text),
            index("i1", "=a DESC", "b"),
            index("i2", "c", mysql_length=10),
            index("i3", "b", "c", mysql_length={"c": 5}),
            index("i4", "c", mysql_prefix="FULLTEXT"),
            index("i5", "a", mysql_using="hash"),
            index("i6", "a", "b", mysql_using="btree"),
        )
    ),
    "foreign keys": tables(
        ("p", ID, col("n", String(9), unique=True), col("x", Integer), col("y", Integer), unique("x", "y", name="xy")),
        (
            "t",
            ID,
            col("a", Integer, fk("p.id")),
            col("b", Integer, fk("p.id", name="fkb", ondelete="CASCADE", onupdate="SET NULL")),
            col("c", String(9), fk("p.n"), index=True),
            col("d", Integer, fk("t.id", ondelete="RESTRICT")),
            col("e", Integer, fk("p.id", onupdate="NO ACTION"), unique=True),
            col("f", Integer),
            lambda: sa.ForeignKeyConstraint(["a", "f"], ["p.x", "p.y"]),
            lambda: sa.ForeignKeyConstraint(["f", "a"], ["p.x", "p.y"], name="fk2"),
            index("w", "b", "f"),
        ),
    ),
    "cycles": tables(
        ("a", ID, col("b", Integer, fk("b.id", name="f1"))), ("b", ID, col("a", Integer, fk("a.id", name="f2")))
    ),
    "primary keys": tables(
        ("t1", col("a", Integer, primary_key=True, autoincrement=False)),
        ("t2", col("a", Integer), col("b", Integer), lambda: sa.PrimaryKeyConstraint("b", "a", name="pk")),
        ("t3", col("a", Integer, primary_key=True), col("b", Integer, primary_key=True, autoincrement=True)),
        ("t4", col("a", Integer)),
        ("t5", col("a", Integer, lambda: sa.Identity(), primary_key=True)),
        ("t6", col("a", String(5), primary_key=True)),
        ("t7", col("u", String(9), primary_key=True), col("i", Integer, index=True)),
    ),
    "table options": tables(
        (
            *BASE,
            {
                "comment": "it's \\ %",
                "mysql_engine": "InnoDB",
                "mysql_row_format": "compressed",
                "mysql_key_block_size": "8",
            },
        ),
        (
            "latin",
            ID,
            col("a", String(9)),
            col("b", sa.Text(200)),
            col("c", String(9, collation="utf8mb4_general_ci")),
            {"mysql_charset": "latin1"},
        ),
        ("coll", ID, col("a", String(9)), {"mysql_default_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}),
        ("stats", ID, {"mysql_stats_persistent": "1", "mysql_max_rows": "10"}),
        ("old", ID, col("a", Integer, fk("t.id")), {"mysql_engine": "myisam", "mysql_auto_increment": "50"}),
        ("aria", ID, {"mysql_engine": "Aria"}),
        (
            "mem",
            ID,
            col("a", Integer, index=True),
            col("b", Integer),
            index("bt", "b", mysql_using="btree"),
            {"mysql_engine": "MEMORY"},
        ),
    ),
    "partitions": tables(
        ("h", ID, col("a", Integer), {"mysql_partition_by": "HASH(id)", "mysql_partitions": "4"}),
        ("k", ID, {"mysql_partition_by": "KEY(id)", "mysql_partitions": "2"}),
        (
            "r",
            ID,
            {
                "mysql_partition_by": "RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"
            },
        ),
        ("l", ID, {"mysql_partition_by": "LIST(id) (PARTITION p0 VALUES IN (1,2), PARTITION p1 VALUES IN (3))"}),
    ),
    "odd names": tables(
        (
            "we`ird %s:x",
            col("i`d %", Integer, primary_key=True),
            col("Sel'ect", String(5), server_default="%s :a", comment="%(x)s :y"),
            col("order", Integer, index=True),
            lambda: sa.CheckConstraint(sa.column("Sel'ect") != "%"),
            col("ключ", Integer, unique=True),
        ),
        ("n" * 64, col("c" * 64, Integer, primary_key=True)),
        ("Mixed", col("Case", Integer, primary_key=True)),
        ("mixed", col("case", Integer, primary_key=True)),
    ),
    "sequences": tables(BASE, sequences=("s1", "s`2")),
    "comments": tables(
        ("t", ID, col("a", Integer, comment=""), col("b", Integer, comment="x" * 1000), {"comment": ""})
    ),
}

CHANGES: dict[str, tuple[Build, Build]] = {
    "everything": (tables(), QUIET["foreign keys"]),
    "generated columns of a new table": (tables(), QUIET["generated"]),
    "tables with options": (tables(), QUIET["table options"]),
    "partitioned tables": (tables(), QUIET["partitions"]),
    "tables with checks": (tables(), QUIET["checks"]),
    "tables with defaults": (tables(), QUIET["literal defaults"]),
    "sequences": (tables(), QUIET["sequences"]),
    "odd names": (tables(), QUIET["odd names"]),
    "cycle": (tables(), QUIET["cycles"]),
    "add a column": (tables(BASE), tables((*BASE, col("c", String(5), nullable=False, server_default="x")))),
    "drop a column": (tables(BASE), tables(("t", ID, col("a", Integer)))),
    "types": (tables(BASE), tables(("t", ID, col("a", sa.BigInteger), col("b", String(30))))),
    "type and collation": (
        tables(BASE),
        tables(("t", ID, col("a", String(9, collation="latin1_bin")), col("b", String(20, collation="utf8mb4_bin")))),
    ),
    "nullability": (tables(BASE), tables(("t", ID, col("a", Integer, nullable=False), col("b", String(20))))),
    "defaults": (
        tables(BASE),
        tables(("t", ID, col("a", Integer, server_default="3"), col("b", String(20), server_default="it's \\"))),
    ),
    "comments": (
        tables(BASE),
        tables(("t", ID, col("a", Integer, comment="x'\\ %"), col("b", String(20)), {"comment": "t%"})),
    ),
    "add a foreign key": (
        tables(PARENT, BASE),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", String(20)))),
    ),
    "add a named foreign key": (
        tables(PARENT, BASE),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", name="f", ondelete="CASCADE")), col("b", String(20)))),
    ),
    "add a referring column": (tables(PARENT, BASE), tables(PARENT, (*BASE, col("z", Integer, fk("p.id"))))),
    "add an indexed referring column": (
        tables(PARENT, BASE),
        tables(PARENT, (*BASE, col("z", Integer, fk("p.id"), index=True))),
    ),
    "a foreign key gains an index": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id"), index=True))),
    ),
    "a foreign key gains a wider index": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", Integer))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", Integer), index("w", "a", "b"))),
    ),
    "a foreign key gains a unique constraint": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id"), unique=True))),
    ),
    "an index of a foreign key for another": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", Integer), index("w", "a", "b"))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", Integer), index("v", "a"))),
    ),
    "an index of a foreign key with its own name": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", Integer), index("a", "a", "b"))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), col("b", Integer))),
    ),
    "foreign key actions": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", ondelete="SET NULL")))),
    ),
    "NO ACTION": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", name="f")))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", name="f", onupdate="NO ACTION")))),
    ),
    "foreign key renamed": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", name="x")))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", name="y")))),
    ),
    "types on both sides": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id", name="x")))),
        tables(
            ("p", col("id", sa.BigInteger, primary_key=True)), ("t", ID, col("a", sa.BigInteger, fk("p.id", name="x")))
        ),
    ),
    "types on both sides, unnamed": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")))),
        tables(("p", col("id", sa.BigInteger, primary_key=True)), ("t", ID, col("a", sa.BigInteger, fk("p.id")))),
    ),
    "a foreign key and its column go": (
        tables(PARENT, (*BASE, col("z", Integer, fk("p.id"), index=True))),
        tables(PARENT, BASE),
    ),
    "a foreign key and its parent go": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id"), index=True))),
        tables(("t", ID, col("a", Integer))),
    ),
    "foreign keys renumbered": (
        tables(PARENT, ("t", ID, *[col(f"c{i}", Integer, fk("p.id")) for i in range(11)])),
        tables(PARENT, ("t", ID, *[col(f"c{i}", Integer, fk("p.id")) for i in range(3, 13)])),
    ),
    "primary key wider": (tables(("t", ID, col("a", Integer))), tables(("t", ID, col("a", Integer, primary_key=True)))),
    "primary key moved": (
        tables(("t", ID, col("a", Integer))),
        tables(("t", col("id", Integer), col("a", Integer, primary_key=True))),
    ),
    "auto_increment off": (tables(("t", ID)), tables(("t", col("id", Integer, primary_key=True, autoincrement=False)))),
    "primary key gone": (tables(("t", ID, col("a", Integer))), tables(("t", col("id", Integer), col("a", Integer)))),
    "primary key column gone": (
        tables(("t", ID, col("a", Integer, nullable=False))),
        tables(("t", col("a", Integer, primary_key=True))),
    ),
    "primary key order": (
        tables(("t", col("a", Integer), col("b", Integer), lambda: sa.PrimaryKeyConstraint("a", "b"))),
        tables(("t", col("a", Integer), col("b", Integer), lambda: sa.PrimaryKeyConstraint("b", "a"))),
    ),
    "primary key that is pointed at": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")))),
        tables(
            (*PARENT, col("x", Integer, primary_key=True, autoincrement=False)),
            ("t", ID, col("a", Integer, fk("p.id"))),
        ),
    ),
    "unique": (tables(BASE), tables(("t", ID, col("a", Integer, unique=True), col("b", String(20))))),
    "unique columns": (
        tables(("t", ID, col("a", Integer), col("b", Integer), unique("a", "b", name="u"))),
        tables(("t", ID, col("a", Integer), col("b", Integer), unique("b", "a", name="u"))),
    ),
    "checks": (tables(BASE), tables((*BASE, check("a > 0", name="k"), check("length(b) > 2")))),
    "check text": (tables((*BASE, check("a > 0", name="k"))), tables((*BASE, check("a > 1", name="k")))),
    "column check added": (tables(BASE), tables(("t", ID, col("a", Integer, check("a > 1")), col("b", String(20))))),
    "column check changed": (
        tables(("t", ID, col("a", Integer, check("a > 2")))),
        tables(("t", ID, col("a", Integer, check("a > 1")))),
    ),
    "column check kept": (
        tables(("t", ID, col("a", Integer, check("a > 2")))),
        tables(("t", ID, col("a", sa.BigInteger, check("a > 2")))),
    ),
    "column with a check": (tables(("t", ID)), tables(("t", ID, col("a", Integer, check("a > 2"))))),
    "generated, virtual": (
        tables((*BASE, col("g", Integer))),
        tables((*BASE, col("g", Integer, lambda: sa.Computed("a + 1")))),
    ),
    "generated, stored": (
        tables((*BASE, col("g", Integer))),
        tables((*BASE, col("g", Integer, lambda: sa.Computed("a + 1", persisted=True)))),
    ),
    "generated, text": (
        tables((*BASE, col("g", Integer, lambda: sa.Computed("a + 2")))),
        tables((*BASE, col("g", Integer, lambda: sa.Computed("a + 1")))),
    ),
    "generated, virtual to stored": (
        tables((*BASE, col("g", Integer, lambda: sa.Computed("a + 1")))),
        tables((*BASE, col("g", Integer, lambda: sa.Computed("a + 1", persisted=True)))),
    ),
    "on update": (
        tables(("t", ID, col("a", sa.DateTime))),
        tables(("t", ID, col("a", sa.DateTime, server_default=text(f"{NOW} ON UPDATE {NOW}")))),
    ),
    "on update gone": (
        tables(("t", ID, col("a", sa.TIMESTAMP, server_default=text(f"{NOW} ON UPDATE {NOW}")))),
        tables(("t", ID, col("a", sa.TIMESTAMP, server_default=text(NOW)))),
    ),
    "engine": (tables(BASE), tables((*BASE, {"mysql_engine": "MyISAM"}))),
    "engine without foreign keys": (
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")))),
        tables(PARENT, ("t", ID, col("a", Integer, fk("p.id")), {"mysql_engine": "MyISAM"})),
    ),
    "character set of the table": (tables(BASE), tables((*BASE, {"mysql_charset": "latin1"}))),
    "character sets of table and columns": (
        tables(
            (
                "t",
                ID,
                col("a", String(5)),
                col("b", String(5, collation="utf8mb4_bin")),
                col("c", String(5)),
                col("d", String(5)),
            )
        ),
        tables(
            (
                "t",
                ID,
                col("a", String(5)),
                col("b", String(5, collation="utf8mb4_bin")),
                col("c", String(5, collation="utf8mb4_general_ci")),
                col("e", String(5)),
                {"mysql_charset": "latin1"},
            )
        ),
    ),
    "collation": (tables(BASE), tables(("t", ID, col("a", Integer), col("b", String(20, collation="utf8mb4_bin"))))),
    "row format": (tables(BASE), tables((*BASE, {"mysql_row_format": "COMPACT", "mysql_stats_persistent": "1"}))),
    "json to text": (tables(("t", ID, col("a", sa.JSON))), tables(("t", ID, col("a", sa.Text)))),
    "enum members": (
        tables(("t", ID, col("a", sa.Enum("a", "b")))),
        tables(("t", ID, col("a", sa.Enum("a", "c", "b")))),
    ),
    "kinds of indexes": (
        tables(("t", ID, col("a", String(50)), col("b", sa.Text))),
        tables(
            (
                "t",
                ID,
                col("a", String(50)),
                col("b", sa.Text),
                index("i1", "=a DESC"),
                index("i2", "b", mysql_length=7),
                index("i3", "b", mysql_prefix="FULLTEXT"),
                index("i4", "a", unique=True, mysql_length=3),
            )
        ),
    ),
    "partitioned": (tables(("t", ID)), tables(("t", ID, {"mysql_partition_by": "HASH(id)", "mysql_partitions": "3"}))),
    "a boolean's check": (
        tables(("t", ID, col("a", sa.Boolean))),
        tables(("t", ID, col("a", sa.Boolean(create_constraint=True)))),
    ),
    "columns for others": (
        tables(("t", ID, col("a", Integer, fk("t.id")), col("x", Integer, index=True))),
        tables(("t", ID, col("y", Integer, unique=True))),
    ),
    "length of a text": (tables(("t", ID, col("a", sa.Text(50)))), tables(("t", ID, col("a", sa.Text(5_000_000))))),
    "unsigned": (tables(BASE), tables(("t", ID, col("a", mysql.INTEGER(unsigned=True)), col("b", String(20))))),
    "timestamp nullable": (
        tables(("t", ID, col("a", sa.TIMESTAMP, nullable=False))),
        tables(("t", ID, col("a", sa.TIMESTAMP))),
    ),
    "all gone": (tables(PARENT, ("t", ID, *[col(f"c{i}", Integer, fk("p.id")) for i in range(12)])), tables()),
}
