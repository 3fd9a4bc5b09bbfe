"""Changes of a model, one rule each: what the laws of convergence and reversal are tried on.

A case is what stands in a table ``t`` before and after (beside which ``parent`` always stands), or, with ``whole``, functions that fill a
MetaData. ``on`` names the dialects that have the thing, ``rows`` are inserted before the change.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

ALL = ("sqlite", "postgresql", "mysql")
PG, MY, LITE = ("postgresql",), ("mysql",), ("sqlite",)


@dataclass(frozen=True)
class Case:
    """A change. ``before`` and ``after`` take a MetaData where ``whole`` is set, else nothing."""

    before: Callable[..., Sequence[Any] | None]
    after: Callable[..., Sequence[Any] | None]
    on: tuple[str, ...] = ALL
    rows: tuple[str, ...] = ()
    whole: bool = False

    def metadata(self, side: str) -> sa.MetaData:
        """Return the model of one side."""
        metadata = sa.MetaData()
        make = self.before if side == "before" else self.after
        if self.whole:
            make(metadata)
            return metadata
        code = sa.Column("code", sa.String(9), unique=True, nullable=False)
        sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True), code)
        items = list(make() or ())
        keywords = {key: value for item in items if isinstance(item, dict) for key, value in item.items()}
        arguments = [item for item in items if not isinstance(item, dict)]
        keyed = (a for a in arguments if isinstance(a, sa.PrimaryKeyConstraint) or getattr(a, "primary_key", False))
        if not any(True for _ in keyed):
            arguments.insert(0, sa.Column("id", sa.Integer, primary_key=True))
        sa.Table("t", metadata, *arguments, **keywords)
        return metadata


def one(*args: Any, **kw: Any) -> Callable[[], Sequence[Any]]:
    """A table of one column, ``c``."""
    return lambda: [sa.Column("c", *args, **kw)]


def nothing(*_: Any) -> Sequence[Any]:
    """A table without columns of its own."""
    return []


def with_(*items: Callable[[], Any]) -> Callable[[], Sequence[Any]]:
    """A table of three columns, with ``items``."""
    return lambda: [
        sa.Column("c", sa.Integer),
        sa.Column("d", sa.Integer),
        sa.Column("s", sa.String(30)),
        *(i() for i in items),
    ]


def fk(**kw: Any) -> Callable[[], Any]:
    return lambda: sa.ForeignKeyConstraint(["c"], ["parent.id"], **kw)


def uq(*columns: str, **kw: Any) -> Callable[[], Any]:
    return lambda: sa.UniqueConstraint(*columns, **kw)


def ck(text: str, **kw: Any) -> Callable[[], Any]:
    return lambda: sa.CheckConstraint(text, **kw)


def ix(*columns: Any, **kw: Any) -> Callable[[], Any]:
    return lambda: sa.Index("ix_t", *columns, **kw)


def computed(text: str, **kw: Any) -> Callable[[], Any]:
    return lambda: sa.Column("g", sa.Integer, sa.Computed(text, **kw))


def key(*columns: str) -> Callable[[], Sequence[Any]]:
    """A table of two columns, with a primary key of some of them."""

    def make() -> Sequence[Any]:
        a, b = (sa.Column(name, sa.Integer, nullable=False) for name in "ab")
        return [a, b, sa.PrimaryKeyConstraint(*columns, name="pk_t")]

    return make


class Mood(enum.Enum):
    """An enum of Python."""

    SAD = "sad"
    OK = "ok"


def cycle(metadata: sa.MetaData) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        reference = sa.ForeignKey(f"{other}.id", name=f"fk_{name}_{other}")
        sa.Table(
            name, metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("other", sa.Integer, reference)
        )


def keyed(*columns: str) -> Callable[[sa.MetaData], None]:
    """Two tables, one of which points at a key of the other that is not the primary one."""

    def make(metadata: sa.MetaData) -> None:
        x, y = (sa.Column(name, sa.Integer, nullable=False) for name in "xy")
        sa.Table(
            "p", metadata, x, y, sa.UniqueConstraint("x", name="uq_x"), sa.PrimaryKeyConstraint(*columns, name="pk_p")
        )
        px = sa.Column("px", sa.Integer, sa.ForeignKey("p.x", name="fk_q_p"))
        sa.Table("q", metadata, sa.Column("id", sa.Integer, primary_key=True), px)

    return make


def referred(*extra: Any) -> Callable[[sa.MetaData], None]:
    """Two tables, one of which points at the primary key of the other, which has one name or another."""

    def make(metadata: sa.MetaData) -> None:
        sa.Table("p", metadata, sa.Column("x", sa.Integer, nullable=False), sa.PrimaryKeyConstraint("x", name=extra[0]))
        px = sa.Column("px", sa.Integer, sa.ForeignKey("p.x", name="fk_q_p"))
        sa.Table("q", metadata, sa.Column("id", sa.Integer, primary_key=True), px)

    return make


def pointing(
    metadata: sa.MetaData, *prefixes: str, keyed: bool = True, parent: bool = True, engine: str | None = None
) -> None:
    """Two tables, the first of which points at the second; or the first one alone."""
    key = [sa.ForeignKey("p.id", name="fk_a")] if keyed and parent else []
    sa.Table(
        "a",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("p", sa.Integer, *key),
        prefixes=list(prefixes),
        mysql_engine=engine,
    )
    if parent:
        sa.Table(
            "p", metadata, sa.Column("id", sa.Integer, primary_key=True), prefixes=list(prefixes), mysql_engine=engine
        )


def same_name(metadata: sa.MetaData) -> None:
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order", sa.Integer),
        sa.Index("ix", "order"),
    )


def row(value: str) -> tuple[str, ...]:
    return (f"INSERT INTO t (id, c) VALUES (1, {value})",)


ENUM_AB = lambda **kw: sa.Enum("a", "b", name="e", **kw)  # noqa: E731
NOW = sa.func.now()
STAMP = sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
WHERE = [{f"{d}_where": sa.text(f"d > {n}") for d in ("postgresql", "sqlite")} for n in (0, 1)]

CASES: dict[str, Case] = {
    # columns
    "column comes": Case(nothing, one(sa.String(20))),
    "column that must not be empty comes": Case(nothing, one(sa.Integer, nullable=False, server_default="5"), rows=("INSERT INTO t (id) VALUES (1)",)),
    "column with a function as default comes": Case(nothing, one(sa.DateTime, server_default=NOW)),
    "column of a hostile name comes": Case(nothing, lambda: [sa.Column("it's \"50%\" `:x` order", sa.Integer, server_default="7")]),
    "one column for another": Case(one(sa.Integer), lambda: [sa.Column("new", sa.Integer)]),
    "column and its index go": Case(with_(ix("c")), lambda: [sa.Column("d", sa.Integer)]),
    # types
    "varchar longer": Case(one(sa.String(10)), one(sa.String(20)), rows=row("'x'")),
    "varchar to text": Case(one(sa.String(10)), one(sa.Text), rows=row("'x'")),
    "integer to bigint": Case(one(sa.Integer), one(sa.BigInteger), rows=row("1")),
    "integer to varchar": Case(one(sa.Integer), one(sa.String(20)), rows=row("42")),
    "varchar to integer": Case(one(sa.String(20)), one(sa.Integer), rows=row("'42'")),
    "integer to varchar under a default": Case(one(sa.Integer, server_default="1"), one(sa.String(5), server_default="1")),
    "boolean to integer under a default": Case(one(sa.Boolean, server_default=sa.false()), one(sa.Integer, server_default="0")),
    "numeric scale": Case(one(sa.Numeric(10, 2)), one(sa.Numeric(12, 4)), rows=row("1.25")),
    "float to double": Case(one(sa.Float(24)), one(sa.Double)),
    "date to datetime": Case(one(sa.Date), one(sa.DateTime)),
    "timestamp gets a zone": Case(one(sa.DateTime), one(sa.DateTime(timezone=True)), on=PG),
    "timestamp precision": Case(one(postgresql.TIMESTAMP(precision=3)), one(postgresql.TIMESTAMP(precision=0)), on=PG),
    "integer to array": Case(one(sa.Integer), one(postgresql.ARRAY(sa.Integer)), on=PG, rows=row("1")),
    "json to jsonb": Case(one(postgresql.JSON, server_default="{}"), one(postgresql.JSONB, server_default='{"a": "50%"}'), on=PG, rows=row("'[1]'")),
    "unsigned": Case(one(mysql.INTEGER), one(mysql.INTEGER(unsigned=True)), on=MY),
    "character set": Case(one(mysql.VARCHAR(20)), one(mysql.VARCHAR(20, charset="latin1", collation="latin1_bin")), on=MY),
    "collation": Case(one(sa.String(20)), one(sa.String(20, collation="C")), on=PG),
    "collation nocase": Case(one(sa.String(20)), one(sa.String(20, collation="NOCASE")), on=LITE),
    # what else a column has
    "no more nulls": Case(one(sa.Integer), one(sa.Integer, nullable=False), rows=row("42")),
    "default comes": Case(one(sa.String(20)), one(sa.String(20), server_default="it's \\ 50% :x \"q\"")),
    "default goes": Case(one(sa.String(20), server_default=""), one(sa.String(20))),
    "default changes": Case(one(sa.Integer, server_default="1"), one(sa.Integer, server_default=sa.text("2"))),
    "default becomes a function": Case(one(sa.DateTime, server_default="2020-01-01 00:00:00"), one(sa.DateTime, server_default=NOW)),
    "comment comes": Case(one(sa.Integer), one(sa.Integer, comment="it's 50% \\ \"x\""), on=PG + MY),
    "comment goes": Case(one(sa.Integer, comment="x"), one(sa.Integer), on=PG + MY),
    "on update comes": Case(one(mysql.TIMESTAMP, nullable=True), one(mysql.TIMESTAMP, nullable=True, server_default=STAMP), on=MY),
    # enums and checks of types
    "native enum": Case(one(sa.String(10)), one(sa.Enum(Mood, name="mood")), rows=row("'OK'")),
    "enum column comes": Case(nothing, one(sa.Enum(Mood, name="mood"), server_default="OK")),
    "enum value at the end": Case(one(ENUM_AB()), one(sa.Enum("a", "b", "c", name="e")), rows=row("'a'"), on=PG + MY),
    "enum value in front, used at once": Case(one(ENUM_AB(), server_default="a"), one(sa.Enum("z", "a", "b", name="e"), server_default="z"), rows=row("'a'")),
    "enum value goes": Case(one(sa.Enum("a", "b", "c", name="e"), server_default="a"), one(ENUM_AB(), server_default="a"), rows=row("'a'"), on=PG + MY),
    "enum values of an array": Case(one(postgresql.ARRAY(ENUM_AB())), one(postgresql.ARRAY(sa.Enum("c", "b", name="e"))), on=PG, rows=row("'{b}'")),
    "enum of a check": Case(
        one(sa.Enum("a", "b", native_enum=False, create_constraint=True, name="ck_e")),
        one(sa.Enum("a", "b", "c", native_enum=False, create_constraint=True, name="ck_e")),
        rows=row("'a'"),
    ),
    "boolean gets a check": Case(one(sa.Boolean), one(sa.Boolean(create_constraint=True, name="ck_bool")), on=LITE + MY),
    # generated values
    "computed comes": Case(with_(), with_(computed("c + d", persisted=True)), rows=("INSERT INTO t (id, c, d) VALUES (1, 2, 3)",)),
    "computed changes under an index": Case(
        with_(computed("c + d", persisted=True), lambda: sa.Index("ix_g", "g")),
        with_(computed("c * d", persisted=True), lambda: sa.Index("ix_g", "g")),
        rows=("INSERT INTO t (id, c, d) VALUES (1, 2, 3)",),
    ),
    "computed becomes plain": Case(with_(computed("c + d", persisted=True)), with_(lambda: sa.Column("g", sa.Integer))),
    "stored becomes virtual": Case(with_(computed("c + d", persisted=True)), with_(computed("c + d", persisted=False)), on=LITE + MY),
    "identity comes": Case(one(sa.Integer, nullable=False), one(sa.Integer, sa.Identity(always=True, start=5)), on=PG),
    "identity changes": Case(one(sa.Integer, sa.Identity(increment=2)), one(sa.Integer, sa.Identity(always=True, increment=3, cycle=True)), on=PG),
    "identity goes": Case(one(sa.Integer, sa.Identity()), one(sa.Integer, nullable=False), on=PG),
    "serial to identity": Case(nothing, lambda: [sa.Column("id", sa.Integer, sa.Identity(), primary_key=True)], on=PG),
    "serial to plain": Case(nothing, lambda: [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)], on=PG + MY),
    # keys
    "primary key of other columns": Case(key("a"), key("b", "a"), rows=("INSERT INTO t (a, b) VALUES (1, 2)",)),
    "primary key beside a foreign key": Case(keyed("x", "y"), keyed("y"), whole=True),
    "primary key under a foreign key": Case(referred("pk_one"), referred("pk_two"), whole=True),
    "unique comes": Case(with_(), with_(uq("c", "d", name="uq_t"))),
    "unnamed unique comes": Case(with_(), with_(uq("c", "d"))),
    "unnamed unique goes": Case(with_(uq("c")), with_()),
    "unique of other order": Case(with_(uq("c", "d", name="uq_t")), with_(uq("d", "c", name="uq_t"))),
    "unique deferrable": Case(with_(uq("c", name="uq_t")), with_(uq("c", name="uq_t", deferrable=True, initially="DEFERRED")), on=PG),
    "unique becomes an index": Case(with_(uq("c", name="ix_t")), with_(ix("c", unique=True)), on=PG + LITE),
    "check comes": Case(with_(), with_(ck("c > 0 AND d IN (1, 2)", name="ck_t"))),
    "unnamed check comes": Case(with_(), with_(ck("c > 0"))),
    "check changes": Case(with_(ck("c > 0", name="ck_t")), with_(ck("c BETWEEN 1 AND 9 OR s LIKE '50%'", name="ck_t"))),
    "check goes": Case(with_(ck("c != 0", name="ck_t")), with_()),
    "foreign key comes": Case(with_(), with_(fk(name="fk_t", ondelete="CASCADE"))),
    "unnamed foreign key comes": Case(with_(), with_(fk())),
    "unnamed foreign key goes": Case(with_(fk()), with_()),
    "foreign key acts otherwise": Case(with_(fk(name="fk_t")), with_(fk(name="fk_t", ondelete="SET NULL", onupdate="CASCADE"))),
    "foreign key deferrable": Case(with_(fk(name="fk_t")), with_(fk(name="fk_t", deferrable=True, initially="DEFERRED")), on=PG + LITE),
    "foreign key to itself": Case(with_(), with_(lambda: sa.ForeignKeyConstraint(["c"], ["t.id"], name="fk_self"))),
    "foreign key to a key that comes with it": Case(with_(), with_(uq("d", name="z_uq"), lambda: sa.ForeignKeyConstraint(["c"], ["t.d"], name="a_fk"))),
    "exclusion comes": Case(
        lambda: [sa.Column("r", postgresql.INT4RANGE)],
        lambda: [sa.Column("r", postgresql.INT4RANGE), postgresql.ExcludeConstraint(("r", "&&"), name="ex_t", where=sa.text("NOT isempty(r)"))],
        on=PG,
    ),
    # indexes
    "index comes": Case(with_(), with_(ix("c", "d"))),
    "index goes": Case(with_(ix("c")), with_()),
    "index becomes unique": Case(with_(ix("c")), with_(ix("c", unique=True))),
    "index turns round": Case(with_(ix("c")), with_(ix(sa.text("c DESC"))), on=PG + LITE),
    "index on an expression": Case(with_(), with_(ix(sa.text("lower(s)"), "c")), on=PG + LITE),
    "index predicate changes": Case(with_(ix("c", **WHERE[0])), with_(ix("c", **WHERE[1])), on=PG + LITE),
    "index operator class, include, fill": Case(
        with_(ix("s")), with_(ix("s", postgresql_ops={"s": "varchar_pattern_ops"}, postgresql_include=["c"], postgresql_with={"fillfactor": 50})), on=PG
    ),
    "index method": Case(with_(ix("s")), with_(ix("s", postgresql_using="hash")), on=PG),
    "index prefix": Case(with_(ix("s")), with_(ix("s", mysql_length=5)), on=MY),
    "index fulltext": Case(with_(ix("s")), with_(ix("s", mysql_prefix="FULLTEXT")), on=MY),
    # tables
    "tables in a cycle come": Case(nothing, cycle, whole=True),
    "tables in a cycle go": Case(cycle, nothing, whole=True),
    "table of a reserved column comes": Case(nothing, same_name, whole=True),
    "table comment comes": Case(with_(), with_(lambda: {"comment": "it's 50%"}), on=PG + MY),
    "table comment goes": Case(with_(lambda: {"comment": "x"}), with_(), on=PG + MY),
    "table becomes strict": Case(lambda: [sa.Column("c", sa.Integer)], lambda: [sa.Column("c", sa.Integer), {"sqlite_strict": True}], on=LITE, rows=row("1")),
    "engine": Case(with_(), with_(lambda: {"mysql_engine": "MyISAM"}), on=MY),
    "unlogged table's key counts": Case(
        lambda: [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), {"prefixes": ["UNLOGGED"]}],
        lambda: [sa.Column("id", sa.Integer, primary_key=True), {"prefixes": ["UNLOGGED"]}],
        on=PG,
    ),
    "table is logged and its key counts": Case(
        lambda: [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), {"prefixes": ["UNLOGGED"]}],
        lambda: [sa.Column("id", sa.Integer, primary_key=True)],
        on=PG,
    ),
    "tables are logged that point at each other": Case(lambda metadata: pointing(metadata, "UNLOGGED"), pointing, on=PG, whole=True),
    "a table is logged and points at an unlogged one no more": Case(
        lambda metadata: pointing(metadata, "UNLOGGED"),
        lambda metadata: pointing(metadata, parent=False),
        on=PG,
        whole=True,
    ),
    "engine has foreign keys now": Case(
        lambda metadata: pointing(metadata, engine="MyISAM", keyed=False), lambda metadata: pointing(metadata, engine="InnoDB"), on=MY, whole=True
    ),
    "sequence turns round": Case(
        lambda metadata: sa.Sequence("numbers", start=-1, increment=-1, metadata=metadata),
        lambda metadata: sa.Sequence("numbers", start=10, metadata=metadata),
        on=PG + MY,
        whole=True,
    ),
    "table's collation and a column that is made anew": Case(
        lambda: [sa.Column("n", sa.Integer), sa.Column("c", sa.Integer), sa.Column("d", sa.Enum("x", "y")), {"mysql_collate": "utf8mb4_general_ci"}],
        lambda: [
            sa.Column("n", sa.Integer),
            sa.Column("c", sa.Integer, sa.Computed("n + 1", persisted=False)),
            sa.Column("d", sa.Enum("x", "y", "z")),
            {"mysql_collate": "latin1_swedish_ci"},
        ],
        on=MY,
    ),
    "type under a check and a predicate": Case(
        lambda: [sa.Column("c", sa.BigInteger), sa.CheckConstraint("c + 1 > 1", name="ck_t"), sa.Index("ix_t", sa.text("(c * 2)"), postgresql_where=sa.text("c IN (1, 2)"))],
        lambda: [sa.Column("c", sa.Numeric), sa.CheckConstraint("c + 1 > 1", name="ck_t"), sa.Index("ix_t", sa.text("(c * 2)"), postgresql_where=sa.text("c IN (1, 2)"))],
        on=PG + LITE,
        rows=row("1"),
    ),
    "every column goes and others come": Case(
        lambda: [sa.Column("c", sa.Integer), sa.PrimaryKeyConstraint("c", name="pk_t")],
        lambda: [sa.Column("d", sa.Integer), sa.Column("e", sa.Integer, primary_key=True)],
        on=LITE,
        rows=("INSERT INTO t (c) VALUES (1), (5)",),
    ),
    "another key, and a column that is made anew": Case(
        lambda: [sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.Integer), sa.Column("g", sa.Integer, sa.Computed("c + 1", persisted=False))],
        lambda: [
            sa.Column("id", sa.Integer, autoincrement=False),
            sa.Column("c", sa.Integer, nullable=False, autoincrement=False),
            sa.Column("g", sa.Integer, nullable=False),
            sa.PrimaryKeyConstraint("c", "g"),
        ],
        on=MY,
    ),
    "sequence starts at its bound or not": Case(nothing, lambda metadata: sa.Sequence("numbers", start=1, minvalue=-5, metadata=metadata), on=PG, whole=True),
    "storage parameter": Case(with_(), with_(lambda: {"postgresql_with": {"fillfactor": 50}}), on=PG),
    "autoincrement keyword": Case(with_(), with_(lambda: {"sqlite_autoincrement": True}), on=LITE),
}  # fmt: skip

# Arguments of a table that came after SQLAlchemy 2.0.0.
_VERSION = tuple(int(part) for part in sa.__version__.split(".")[:3] if part.isdigit())
for _name, _since in {"table becomes strict": (2, 0, 37), "storage parameter": (2, 1)}.items():
    if _since > _VERSION:
        del CASES[_name]
