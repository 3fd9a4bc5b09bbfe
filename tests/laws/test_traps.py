"""The traps that other tools have been measured to step into, one test each, on every database that they concern.

Each is a change of one model into another, tried through the rendered text: quiet before and after, convergent, reversible, judged by the oracle.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff import op
from tests.laws.test_round_trip import there_and_back
from tests.support.servers import Backend


def _model(*items: Any, name: str = "track", metadata: sa.MetaData | None = None, **options: Any) -> sa.MetaData:
    """Return a model of one table with a key and ``items``, beside what ``metadata`` has already."""
    metadata = sa.MetaData() if metadata is None else metadata
    key = () if any(_is_key(item) for item in items) else (sa.Column("id", sa.Integer, primary_key=True),)
    sa.Table(name, metadata, *key, *items, **options)
    return metadata


def _is_key(item: Any) -> bool:
    return isinstance(item, sa.PrimaryKeyConstraint) or bool(getattr(item, "primary_key", False))


# -- An index on col.collate() or with between, in_, like, != comes back in another spelling.

_COLLATIONS = {"sqlite": "NOCASE", "postgresql": "C", "mysql": "utf8mb4_bin"}
_EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "between": lambda seconds, title: seconds.between(5, 60),
    "not between": lambda seconds, title: ~seconds.between(5, 60),
    "in": lambda seconds, title: seconds.in_([1, 2, 3]),
    "not in": lambda seconds, title: title.not_in(["a", "it's", "100%"]),
    "like": lambda seconds, title: title.like("a%"),
    "like with escape": lambda seconds, title: title.like("a/%%", escape="/"),
    "not like": lambda seconds, title: title.not_like("%:b_"),
    "ilike": lambda seconds, title: title.ilike("A%"),
    "startswith": lambda seconds, title: title.startswith("a_", autoescape=True),
    "unequal": lambda seconds, title: title != "it's",
    "is null": lambda seconds, title: title.is_not(None),
    "and, or, not": lambda seconds, title: sa.or_(sa.and_(seconds > 1, seconds < 5), sa.not_(title == "x")),
    "arithmetic": lambda seconds, title: (seconds + 1) * 2 - seconds % 7 > 9,
    "functions": lambda seconds, title: sa.func.coalesce(sa.func.lower(title), "") == "a",
    "case": lambda seconds, title: sa.case((seconds > 5, "long"), else_=title) == "long",
    "cast": lambda seconds, title: sa.cast(title, sa.String(3)) == "abc",
}


def _indexed(*expressions: Callable[[Any, Any], Any]) -> sa.MetaData:
    """Return a model with expressions as predicates of indexes and in checks."""
    metadata = _model(sa.Column("seconds", sa.Integer), sa.Column("title", sa.String(40)))
    table = metadata.tables["track"]
    for number, expression in enumerate(expressions):
        condition = expression(table.c.seconds, table.c.title)
        sa.Index(f"ix_{number}", table.c.seconds, sqlite_where=condition, postgresql_where=condition)
        table.append_constraint(sa.CheckConstraint(condition, name=f"ck_{number}"))
    return metadata


def test_indexes_and_checks_with_operators(backend: Backend) -> None:
    expressions = list(_EXPRESSIONS.values())
    there_and_back(backend, _indexed(), _indexed(*expressions))
    there_and_back(backend, _indexed(*expressions), _indexed(*expressions[1:], expressions[0]))


@pytest.mark.backends("sqlite", "postgresql")
def test_indexes_on_expressions(backend: Backend) -> None:
    after = _indexed()
    table = after.tables["track"]
    for number, expression in enumerate(_EXPRESSIONS.values()):
        sa.Index(f"ix_{number}", expression(table.c.seconds, table.c.title), table.c.title.desc())
    there_and_back(backend, _indexed(), after)


@pytest.mark.backends("sqlite", "postgresql")
def test_index_on_a_collated_column(backend: Backend) -> None:
    before, after = _indexed(), _indexed()
    for metadata, direction in ((before, sa.asc), (after, sa.desc)):
        title = metadata.tables["track"].c.title
        sa.Index("ix_collated", direction(title.collate(_COLLATIONS[backend.name])), unique=direction is sa.desc)
        sa.Index("ix_lower", sa.func.lower(title).collate(_COLLATIONS[backend.name]))
    there_and_back(backend, before, after)
    there_and_back(backend, _indexed(), after)


# -- server_default="it's", '' and a JSON default crash or churn.

_DEFAULTS = (
    "it's",
    "",
    "''",
    '{"a": [1, "it\'s", ":x", "50%"]}',
    "null",
    "now()",
    "back\\slash",
    "%s %(x)s",
    ":p",
    "?",
)


def test_defaults_that_need_quotes(backend: Backend) -> None:
    def model(*texts: str | None) -> sa.MetaData:
        columns = [sa.Column(f"c{n}", sa.String(80), server_default=text) for n, text in enumerate(texts)]
        return _model(*columns)

    rows, keeps = ["INSERT INTO track (id, c0) VALUES (1, 'kept')"], "SELECT * FROM track"
    there_and_back(backend, model(*_DEFAULTS), model(*_DEFAULTS[1:], _DEFAULTS[0]), rows, keeps)
    there_and_back(backend, model(*[None] * len(_DEFAULTS)), model(*_DEFAULTS), rows, keeps)


def test_json_default(backend: Backend) -> None:
    def model(text: str | None) -> sa.MetaData:
        return _model(sa.Column("data", sa.JSON, server_default=text, nullable=False))

    for before, after in ((None, '{"a": "it\'s"}'), ("[]", '{"a": ":b", "c": "%"}'), ('""', "{}")):
        there_and_back(backend, model(before), model(after), ["INSERT INTO track (id, data) VALUES (1, '[]')"])


# -- Float(24) is REAL.


def test_float_with_precision(backend: Backend) -> None:
    def model(*types: Any) -> sa.MetaData:
        return _model(*(sa.Column(f"c{number}", each) for number, each in enumerate(types)))

    kinds = [sa.Float(1), sa.Float(24), sa.Float(25), sa.Float(53), sa.Float(), sa.Double()]
    rows = ["INSERT INTO track (id, c0, c5) VALUES (1, 0.5, 0.25)"]
    for number in (1, 3):
        there_and_back(backend, model(*kinds), model(*kinds[number:], *kinds[:number]), rows, "SELECT * FROM track")
    there_and_back(backend, model(*[sa.Integer()] * len(kinds)), model(*kinds))


# -- Enum columns added to an existing table miss CREATE TYPE, and downgrade leaves the type behind.


class Mood(enum.Enum):
    glad = "glad"
    sad = "sad"


@pytest.mark.parametrize(
    "kind", [sa.Enum(Mood), sa.Enum("a", "it's", name="letter"), sa.Enum("a", "b", native_enum=False)]
)
def test_enum_column_added(backend: Backend, kind: sa.Enum) -> None:
    column = sa.Column("mood", kind, nullable=False, server_default=kind.enums[0])
    there_and_back(backend, _model(), _model(column), ["INSERT INTO track (id) VALUES (1)"], "SELECT id FROM track")


# -- A new enum value cannot be used in the transaction that adds it.


def test_new_enum_value_is_used_at_once(backend: Backend) -> None:
    def model(*values: str, default: str, items: tuple[Any, ...] = ()) -> sa.MetaData:
        kind = sa.Enum(*values, name="state")
        metadata = _model(sa.Column("state", kind, server_default=default, nullable=False), *items)
        more = [sa.Column("then", kind, server_default=default)] if items else []
        return _model(*more, name="album", metadata=metadata)

    check = sa.CheckConstraint("state <> 'late'", name="ck_state")
    rows = ["INSERT INTO track (id, state) VALUES (1, 'done')"]
    before, after = model("open", "done", default="open"), model("open", "late", "done", default="late", items=(check,))
    there_and_back(backend, before, after, rows, "SELECT id, state FROM track")


# -- Dropping a table before the foreign key of a surviving table that points at it.


@pytest.mark.parametrize("name", [None, "fk_album"])
def test_table_dropped_that_a_survivor_pointed_at(backend: Backend, name: str | None) -> None:
    before = _model(sa.Column("title", sa.String(20)), name="album")
    _model(sa.Column("album", sa.Integer, sa.ForeignKey("album.id", name=name, ondelete="CASCADE")), metadata=before)
    after = _model(sa.Column("album", sa.Integer))
    there_and_back(backend, before, after, ["INSERT INTO track (id) VALUES (1)"], "SELECT id, album FROM track")


# -- A foreign key created before the unique constraint that it needs.


@pytest.mark.parametrize("kind", ["constraint", "index", "key"])
def test_foreign_key_and_the_key_that_it_needs(backend: Backend, kind: str) -> None:
    def model(*, keyed: bool) -> sa.MetaData:
        items: list[Any] = [sa.Column("code", sa.String(20), nullable=False)]
        if kind == "key":
            items = [sa.Column("code", sa.String(20), nullable=False, primary_key=keyed)]
            items += [] if keyed else [sa.Column("id", sa.Integer, primary_key=True)]
        elif keyed:
            items.append(sa.UniqueConstraint("code") if kind == "constraint" else sa.Index("ux", "code", unique=True))
        # The child's name comes first, whatever order names would give.
        metadata = _model(*items, name="z_album")
        own = [sa.ForeignKey("z_album.code")] if keyed else []
        return _model(sa.Column("album", sa.String(20), *own), name="a_track", metadata=metadata)

    there_and_back(backend, model(keyed=False), model(keyed=True))


# -- DROP NOT NULL on a column that is still in the primary key.


def test_column_leaves_the_key_and_may_be_null(backend: Backend) -> None:
    def model(*, both: bool) -> sa.MetaData:
        return _model(
            sa.Column("album", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("number", sa.Integer, primary_key=both, autoincrement=False, nullable=not both),
        )

    rows = ["INSERT INTO track (album, number) VALUES (1, 7)"]
    there_and_back(backend, model(both=True), model(both=False), rows, "SELECT album, number FROM track")


# -- Circular foreign keys, on create and on drop.


@pytest.mark.parametrize("named", [True, False])
def test_circular_foreign_keys(backend: Backend, named: bool) -> None:
    def model() -> sa.MetaData:
        metadata = sa.MetaData()
        ring = ("a", "b", "c")
        for name, following in zip(ring, (*ring[1:], ring[0]), strict=True):
            key = sa.ForeignKey(f"{following}.id", name=f"fk_{name}" if named else None, use_alter=named)
            _model(
                sa.Column("next", sa.Integer, key),
                sa.Column("own", sa.Integer, sa.ForeignKey(f"{name}.id")),
                name=name,
                metadata=metadata,
            )
        return metadata

    there_and_back(backend, sa.MetaData(), model())
    there_and_back(backend, model(), sa.MetaData())


# -- A chain of thousands of foreign keys must not recurse.


def _chain(length: int) -> sa.MetaData:
    metadata = sa.MetaData()
    for number in range(length):
        # Numbered so that no order of names is that of the chain.
        own = f"t{number * 7919 % 100_003:06}"
        previous = f"t{(number - 1) * 7919 % 100_003:06}"
        columns = [] if not number else [sa.Column("link", sa.Integer, sa.ForeignKey(f"{previous}.id"))]
        _model(*columns, name=own, metadata=metadata)
    return metadata


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_chain_of_thousands_is_ordered(backend: Backend) -> None:
    # More than Python's limit of calls inside one another; thousands where everything is tried.
    length = 3000 if os.environ.get("SCHEMADIFF_TEST_PAIRS") == "all" else 1200
    with backend.engine().connect() as connection:
        difference = schemadiff.diff(connection, _chain(length))
    made = [operation.table.name.name for operation in difference.upgrade]
    assert made == [f"t{number * 7919 % 100_003:06}" for number in range(length)]
    assert [operation.name.name for operation in difference.downgrade] == made[::-1]
    rendered = schemadiff.render(difference)
    assert rendered.upgrade.count("op.create_table(") == rendered.downgrade.count("op.drop_table(") == length


def test_chain_of_hundreds_is_made(backend: Backend) -> None:
    there_and_back(backend, sa.MetaData(), _chain(120))


# -- Unnamed constraints that cannot be dropped on downgrade.


def test_unnamed_constraints_are_dropped_on_the_way_back(backend: Backend) -> None:
    def model(*, bare: bool) -> sa.MetaData:
        metadata = _model(name="album")
        columns = [sa.Column("album", sa.Integer), sa.Column("code", sa.String(20)), sa.Column("size", sa.Integer)]
        constraints = [
            sa.ForeignKeyConstraint(["album"], ["album.id"]),
            sa.UniqueConstraint("code"),
            sa.UniqueConstraint("code", "size"),
            sa.CheckConstraint("size > 0"),
            sa.CheckConstraint("size < 9"),
        ]
        return _model(*columns, *([] if bare else constraints), metadata=metadata)

    rows = ["INSERT INTO track (id, code, size) VALUES (1, 'x', 5)"]
    there_and_back(backend, model(bare=True), model(bare=False), rows, "SELECT * FROM track")
    there_and_back(backend, model(bare=False), model(bare=True), rows, "SELECT * FROM track")


# -- Case-only renames on SQLite and MariaDB.


@pytest.mark.backends("sqlite", "mysql")
def test_column_renamed_in_capitals_alone(backend: Backend) -> None:
    def model(name: str) -> sa.MetaData:
        column = sa.Column(name, sa.String(20), nullable=False, server_default="x")
        return _model(
            column,
            sa.UniqueConstraint(name, name="uq"),
            sa.Index("ix", name, "id"),
            sa.CheckConstraint(f"{name} <> ''", name="ck"),
        )

    rows = ["INSERT INTO track (id, title) VALUES (1, 'YYZ')"]
    there_and_back(backend, model("title"), model("Title"), rows, "SELECT id, TITLE FROM track")


@pytest.mark.backends("sqlite", "mysql")
def test_table_renamed_in_capitals_alone(backend: Backend) -> None:
    rows = ["INSERT INTO track (id, title) VALUES (1, 'YYZ')"]
    models = [_model(sa.Column("title", sa.String(20), index=True), name=name) for name in ("track", "Track")]
    # MariaDB on Linux tells them apart: they are two tables.
    there_and_back(backend, *models, rows, "SELECT * FROM TRACK" if backend.name == "sqlite" else "")


def test_index_renamed_in_capitals_alone(backend: Backend) -> None:
    models = [_model(sa.Column("title", sa.String(20)), sa.Index(name, "title")) for name in ("ix_title", "IX_title")]
    there_and_back(backend, *models)


# -- STRICT ANY columns.


@pytest.mark.backends("sqlite")
def test_strict_any(backend: Backend) -> None:
    def model(*items: Any) -> sa.MetaData:
        return _model(sa.Column("data", op.declared_type("ANY")), *items, sqlite_strict=True)

    rows = ["INSERT INTO track (id, data) VALUES (1, '1'), (2, 1), (3, x'01')"]
    keeps = "SELECT id, data, typeof(data) FROM track ORDER BY id"
    more = sa.Column("more", op.declared_type("ANY"), nullable=False, server_default="7")
    there_and_back(backend, model(), model(more, sa.UniqueConstraint("more", "data")), rows, keeps)
    there_and_back(backend, sa.MetaData(), model())
    rendered = there_and_back(backend, model(), sa.MetaData())
    assert "sqlite_strict=True" in rendered.downgrade


# -- Generated columns lost in a rebuild.


def test_generated_columns_stay(backend: Backend) -> None:
    virtual = {"postgresql": True}.get(backend.name, False)

    def model(*, nullable: bool) -> sa.MetaData:
        return _model(
            sa.Column("price", sa.Integer, nullable=nullable),
            sa.Column("twice", sa.Integer, sa.Computed("price * 2", persisted=True)),
            sa.Column("thrice", sa.Integer, sa.Computed("price * 3", persisted=virtual)),
            sa.Index("ix_twice", "twice"),
        )

    rows = ["INSERT INTO track (id, price) VALUES (1, 5)"]
    keeps = "SELECT id, price, twice, thrice FROM track"
    there_and_back(backend, model(nullable=True), model(nullable=False), rows, keeps)


# -- What a table inherits, which a model says again for its mapping.


@pytest.mark.backends("postgresql")
def test_inherited_columns_follow_their_parent(backend: Backend) -> None:
    def model(type_: type[sa.types.TypeEngine[Any]], default: str | None) -> sa.MetaData:
        def shared() -> tuple[Any, ...]:
            price = sa.Column("price", type_, server_default=default)
            return price, sa.CheckConstraint("price > 0", name="positive")

        metadata = sa.MetaData()
        sa.Table("track", metadata, sa.Column("title", sa.Text), *shared())
        extended = (sa.Column("title", sa.Text), *shared(), sa.Column("bonus", sa.Text))
        sa.Table("extended_track", metadata, *extended, postgresql_inherits="track")
        return metadata

    rows = ["INSERT INTO extended_track (title, price) VALUES ('YYZ', 5)"]
    there_and_back(backend, model(sa.Integer, None), model(sa.BigInteger, "1"), rows, "SELECT title, price FROM track")
