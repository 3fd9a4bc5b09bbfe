"""Pairs of models, before and after a change, that the laws about rendering hold for on every backend."""

from __future__ import annotations

import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from tests.support.projects import import_fixture, shop_metadata

HOSTILE = 'it\'s "odd" \\ \n\t%s {x} :y `z` [w] ü \N{SNOWMAN}'


class Mood(enum.Enum):
    """Values that are no identifiers stand behind the names."""

    FINE = 1
    SAD = 2


class Cents(sa.types.TypeDecorator[Decimal]):
    """A type of the user's own, with an argument."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, currency: str, precision: int = 10) -> None:
        super().__init__(precision, 2)
        self.currency = currency


class Code(sa.types.UserDefinedType[str]):
    """A type of the user's own that spells itself."""

    cache_ok = True

    def __init__(self, length: int) -> None:
        self.length = length

    def get_col_spec(self, **_: Any) -> str:
        return f"VARCHAR({self.length})"


def nothing(dialect: str, schema: str | None) -> sa.MetaData:
    """Return a model without tables."""
    return sa.MetaData()


def blog(dialect: str, schema: str | None) -> sa.MetaData:
    """Return the blog's models."""
    metadata: sa.MetaData = import_fixture("blog", "blog.models").Base.metadata
    return metadata


def shop(dialect: str, schema: str | None) -> sa.MetaData:
    """Return the shop's models."""
    return shop_metadata(dialect, schema)


def store(dialect: str, schema: str | None) -> sa.MetaData:
    """Return tables with what a column, a constraint and an index can say on every database."""
    metadata = sa.MetaData()
    sa.Table(
        "customer",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False, server_default="it's"),
        sa.Column("mood", sa.Enum(Mood, name="mood"), server_default="FINE"),
        sa.Column("size", sa.Enum("s", "m", "l", name="size", native_enum=False, create_constraint=True)),
        sa.Column("balance", Cents("EUR"), nullable=False, server_default=sa.text("0")),
        sa.Column("code", Code(7)),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
        sa.Column("note", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), comment=HOSTILE),
        sa.Column("seen", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("pages", sa.Integer, nullable=False, server_default="1"),
        sa.Column("twice", sa.Integer, sa.Computed("pages * 2", persisted=dialect != "sqlite")),
        sa.Column("order", sa.SmallInteger, server_default="1"),
        sa.CheckConstraint("balance >= 0 AND name <> '\\:x'", name="ck_customer_balance"),
        sa.UniqueConstraint("name", "code", name="uq_customer_name_code"),
        sa.UniqueConstraint("code"),
        sa.Index("ix_customer_seen", sa.desc("seen"), "name"),
        comment="Who buys",
        mysql_engine="InnoDB",
    )
    sa.Table(
        "order item",
        metadata,
        sa.Column("Order", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.ForeignKey("customer.id", name="fk_item", ondelete="CASCADE", onupdate="CASCADE")),
        sa.Column("parent_order", sa.BigInteger),
        sa.Column("parent_line", sa.Integer),
        sa.Column("text", sa.String(40), index=True),
        sa.ForeignKeyConstraint(["parent_order", "parent_line"], ["order item.Order", "order item.line"]),
        sa.CheckConstraint(sa.column("line") > 0),
    )
    return metadata


def store_changed(dialect: str, schema: str | None) -> sa.MetaData:
    """Return the same tables after changes of every kind."""
    convention = {
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(column_0_name)s",
        "ix": "ix_%(column_0_label)s",
    }
    metadata = sa.MetaData(naming_convention=convention)
    sa.Table(
        "customer",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), server_default=""),
        sa.Column("mood", sa.Enum("FINE", "SAD", "ANGRY", name="mood"), nullable=False, server_default="SAD"),
        sa.Column("size", sa.String(3)),
        sa.Column("balance", Cents("EUR", 12), nullable=False),
        sa.Column("code", Code(9), comment="new"),
        sa.Column("data", sa.JSON()),
        sa.Column("note", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), comment="less odd"),
        sa.Column("seen", sa.DateTime(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("pages", sa.Integer, nullable=False, server_default="1"),
        sa.Column("twice", sa.Integer, sa.Computed("pages * 3", persisted=dialect != "sqlite")),
        sa.Column("added", sa.Uuid, index=True, comment=HOSTILE),
        sa.Column("weight", sa.Float(53)),
        sa.CheckConstraint("weight > 0", name="weight"),
        sa.CheckConstraint("balance >= -1", name=sa.schema.conv("ck_customer_balance")),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("code", "name", name="uq_customer_name_code"),
        sa.Index("ix_customer_seen", "seen", unique=True),
        sa.Index("ix_customer_lower", sa.func.lower(sa.column("name")))
        if dialect != "mysql"
        else sa.Index("ix_n", "name"),
        comment=HOSTILE,
    )
    sa.Table(
        "invoice",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.ForeignKey("customer.id", deferrable=True, initially="DEFERRED"))
        if dialect != "mysql"
        else sa.Column("customer_id", sa.ForeignKey("customer.id")),
        sqlite_autoincrement=True,
    )
    return metadata


def keyless(dialect: str, schema: str | None) -> sa.MetaData:
    """Return tables without primary keys."""
    metadata = sa.MetaData()
    sa.Table("entry", metadata, sa.Column("text", sa.String(20)), sa.Column("kind", sa.Integer, nullable=False))
    sa.Table("kind", metadata, sa.Column("id", sa.Integer, nullable=False), sa.Column("name", sa.String(20)))
    return metadata


def keyed(dialect: str, schema: str | None) -> sa.MetaData:
    """Return the same tables with primary keys, of a new column and of an old one."""
    metadata = sa.MetaData()
    sa.Table(
        "entry",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(20)),
        sa.Column("kind", sa.ForeignKey("kind.id"), nullable=False),
    )
    sa.Table("kind", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    return metadata


def special(dialect: str, schema: str | None) -> sa.MetaData:
    """Return tables with what one database has alone."""
    metadata = sa.MetaData()
    items: dict[str, list[Any]] = {
        "sqlite": [
            sa.Column("id", sa.Integer, nullable=False),
            sa.Column("key", sa.String(20, collation="NOCASE"), sqlite_on_conflict_not_null="FAIL", nullable=False),
            sa.Column("stamp", sqlite.DATETIME(), server_default=sa.text("(strftime('%s', 'now') || ':00')")),
            sa.PrimaryKeyConstraint("id", "key", sqlite_on_conflict="REPLACE"),
            sa.UniqueConstraint("stamp", sqlite_on_conflict="IGNORE"),
            sa.Index("ix_part", "key", sqlite_where=sa.text("key <> '%'")),
            sa.Index("ix_ordered", sa.column("stamp").desc(), sa.column("key").collate("RTRIM")),
        ],
        "postgresql": [
            sa.Column("id", sa.Integer, sa.Identity(always=True, start=10, increment=5), primary_key=True),
            sa.Column("serial", sa.BigInteger, sa.Identity()),
            sa.Column("tags", postgresql.ARRAY(sa.Enum("a", "b", name="tag"))),
            sa.Column("data", postgresql.JSONB, server_default=sa.text("'{\"a\": 1}'::jsonb"), nullable=False),
            sa.Column("during", postgresql.TSTZRANGE),
            sa.Column("room", sa.Integer),
            sa.Column("key", sa.String(20, collation="C")),
            sa.Column("bits", postgresql.BIT(5, varying=True)),
            postgresql.ExcludeConstraint((sa.column("during"), "&&"), name="ex_during", where=sa.text("room > 1")),
            sa.UniqueConstraint("key", name="uq_key", deferrable=True, initially="DEFERRED"),
            sa.Index("ix_gin", "data", postgresql_using="gin", postgresql_ops={"data": "jsonb_path_ops"}),
            sa.Index("ix_inc", "room", postgresql_include=["key"], postgresql_with={"fillfactor": 70}),
            sa.Index(
                "ix_lower",
                sa.func.lower(sa.column("key")).label("low"),
                sa.column("room").desc().nulls_last(),
                postgresql_ops={"low": "text_pattern_ops"},
                postgresql_where=sa.column("room") > 5,
            ),
        ],
        "mysql": [
            sa.Column("id", mysql.INTEGER(unsigned=True), primary_key=True),
            sa.Column("kind", mysql.ENUM("a", "b"), nullable=False),
            sa.Column("flags", mysql.SET("x", "y")),
            sa.Column("at", mysql.DATETIME(fsp=3)),
            sa.Column(
                "changed",
                sa.TIMESTAMP,
                server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
                nullable=False,
            ),
            sa.Column("body", mysql.TEXT(charset="latin1")),
            sa.Column("key", sa.String(200, collation="utf8mb4_bin")),
            sa.Index("ix_prefix", "key", mysql_length={"key": 10}),
            sa.Index("ix_full", "body", mysql_prefix="FULLTEXT"),
        ],
    }
    options: dict[str, Any] = {"sqlite_with_rowid": False, "mysql_engine": "InnoDB", "mysql_row_format": "DYNAMIC"}
    sa.Table("special", metadata, *items[dialect], **options)
    return metadata


Model = Callable[[str, str | None], sa.MetaData]

PAIRS: dict[str, tuple[Model, Model]] = {
    "blog is made": (nothing, blog),
    "blog goes": (blog, nothing),
    "shop is made": (nothing, shop),
    "shop goes": (shop, nothing),
    "store is made": (nothing, store),
    "store changes": (store, store_changed),
    "store changes back": (store_changed, store),
    "store goes": (store, nothing),
    "keys come": (keyless, keyed),
    "keys go": (keyed, keyless),
    "special is made": (nothing, special),
    "special goes": (special, nothing),
}
"""What a test is named after, the model before and the one after."""

MODELS: dict[str, Model] = {model.__name__: model for pair in PAIRS.values() for model in pair}
"""The models by their names."""
