"""Random models, and random changes of them.

A model is drawn as plain data (:class:`Model`), so that it can be changed, printed and shrunk; :meth:`Model.metadata` makes the
MetaData of it. Columns never hang on what is not there: whatever drops a column drops what stands on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql

NAMES = ["a", "b", "order", "Mixed", "it's", 'q"q', "50%", "x:y", "é", "z_9"]
TEXTS = ["", "plain", "it's", 'say "x"', "50%", ":x", "a\\b", "{}", "ü", "two\nlines"]


@dataclass(frozen=True)
class Kind:
    """A type, and the server defaults that go with it."""

    make: Callable[[], Any]
    defaults: tuple[Callable[[], Any], ...] = ()
    family: str = ""
    key: bool = False


def _literals(*values: Any) -> tuple[Callable[[], Any], ...]:
    return tuple(lambda value=value: value for value in values)


_STRINGS = _literals(*TEXTS)

COMMON: dict[str, Kind] = {
    "integer": Kind(sa.Integer, _literals("1", "-7", sa.text("3")), "number", True),
    "bigint": Kind(sa.BigInteger, _literals("1", "-7", sa.text("3")), "number", True),
    "smallint": Kind(sa.SmallInteger, _literals("0"), "number", True),
    "varchar": Kind(lambda: sa.String(30), _STRINGS, "string", True),
    "longer": Kind(lambda: sa.String(60), _STRINGS, "string", True),
    "text": Kind(sa.Text, (), "long"),
    "boolean": Kind(sa.Boolean, _literals(sa.true(), sa.false()), "boolean"),
    "numeric": Kind(lambda: sa.Numeric(10, 2), _literals("1.50", "0", sa.text("2.25")), "number"),
    "numeric4": Kind(lambda: sa.Numeric(12, 4), _literals("1.5"), "number"),
    "double": Kind(sa.Double, _literals("1.5"), "number"),
    "date": Kind(sa.Date, _literals("2020-01-31"), "date"),
    "datetime": Kind(sa.DateTime, _literals(sa.func.now(), "2020-01-31 12:00:00"), "date"),
    "binary": Kind(lambda: sa.LargeBinary(), (), "binary"),
    "enum": Kind(lambda: sa.Enum("x", "y", "it's", name="kind"), _literals("x", "it's"), "enum"),
    "checked": Kind(lambda: sa.Enum("x", "y", native_enum=False, length=10), _literals("y"), "string"),
    "json": Kind(sa.JSON, (), "json"),
}

OWN: dict[str, dict[str, Kind]] = {
    "postgresql": {
        "jsonb": Kind(postgresql.JSONB, _literals("{}", '{"a": "it\'s"}'), "json"),
        "uuid": Kind(sa.Uuid, _literals(sa.func.gen_random_uuid()), "uuid"),
        "array": Kind(lambda: postgresql.ARRAY(sa.Integer), _literals("{}", sa.text("ARRAY[1, 2]")), "array"),
        "timestamptz": Kind(
            lambda: sa.DateTime(timezone=True), _literals(sa.func.now(), sa.text("CURRENT_TIMESTAMP")), "date"
        ),
        "precise": Kind(lambda: postgresql.TIMESTAMP(precision=3), (), "date"),
        "interval": Kind(sa.Interval, _literals("1 day"), "interval"),
        "inet": Kind(postgresql.INET, _literals("10.0.0.0/8"), "inet"),
        "real": Kind(lambda: sa.Float(24), _literals("1"), "number"),
        "collated": Kind(lambda: sa.String(30, collation="C"), _STRINGS, "string"),
        "enums": Kind(lambda: postgresql.ARRAY(sa.Enum("x", "y", "it's", name="kind")), _literals("{x,y}"), "enums"),
    },
    "mysql": {
        "unsigned": Kind(lambda: mysql.INTEGER(unsigned=True), _literals("1"), "number"),
        "tiny": Kind(mysql.TINYINT, _literals("1"), "number"),
        "mediumtext": Kind(mysql.MEDIUMTEXT, (), "long"),
        "set": Kind(lambda: mysql.SET("x", "y"), _literals("x"), "set"),
        "fraction": Kind(lambda: mysql.DATETIME(fsp=3), _literals(sa.text("CURRENT_TIMESTAMP(3)")), "date"),
        "latin": Kind(lambda: mysql.VARCHAR(20, charset="latin1"), _literals("plain", "it's"), "string"),
        "year": Kind(mysql.YEAR, _literals("2020"), "year"),
    },
    "sqlite": {
        "nocase": Kind(lambda: sa.String(30, collation="NOCASE"), _STRINGS, "string"),
        "time": Kind(sa.Time, (), "date"),
    },
}


def kinds(dialect: str) -> dict[str, Kind]:
    """Return the types that are drawn on ``dialect``."""
    return COMMON | OWN[dialect]


@dataclass(frozen=True)
class Col:
    """A column."""

    kind: str
    nullable: bool = True
    default: int | None = None
    comment: str | None = None
    computed: str | None = None


@dataclass(frozen=True)
class Thing:
    """A constraint or index: what it is, its name (None: unnamed), its columns, and one more word."""

    what: str
    name: str | None
    columns: tuple[str, ...]
    extra: str = ""


@dataclass(frozen=True)
class Tab:
    """A table. Its key is ``id``, or ``id`` and ``part``."""

    columns: dict[str, Col]
    things: tuple[Thing, ...] = ()
    comment: str | None = None
    wide_key: bool = False


@dataclass(frozen=True)
class Model:
    """A model."""

    dialect: str
    tables: dict[str, Tab] = field(default_factory=dict)

    def metadata(self) -> sa.MetaData:
        """Return the MetaData."""
        metadata = sa.MetaData()
        for name, tab in self.tables.items():
            key = [sa.Column("id", sa.Integer, primary_key=True)]
            if tab.wide_key:
                key.append(sa.Column("part", sa.Integer, primary_key=True))
            columns = [self._column(n, c) for n, c in tab.columns.items()]
            table = sa.Table(name, metadata, *key, *columns, comment=tab.comment)
            for thing in tab.things:
                self._attach(table, thing)
        return metadata

    def _column(self, name: str, col: Col) -> sa.Column[Any]:
        kind = kinds(self.dialect)[col.kind]
        if col.computed is not None:
            return sa.Column(name, kind.make(), sa.Computed(col.computed, persisted=True), comment=col.comment)
        default = (
            None if col.default is None or not kind.defaults else kind.defaults[col.default % len(kind.defaults)]()
        )
        return sa.Column(name, kind.make(), nullable=col.nullable, server_default=default, comment=col.comment)

    def _attach(self, table: sa.Table, thing: Thing) -> None:
        own = [table.c[name] for name in thing.columns]
        match thing.what:
            case "unique":
                table.append_constraint(sa.UniqueConstraint(*own, name=thing.name))
            case "check":
                table.append_constraint(sa.CheckConstraint(_check(own[0], thing.extra), name=thing.name))
            case "foreign key":
                target, _, action = thing.extra.partition("/")
                options = {} if not action else {"ondelete": action}
                table.append_constraint(sa.ForeignKeyConstraint(own, [f"{target}.id"], name=thing.name, **options))
            case "index" | "unique index":
                options = {}
                elements: list[Any] = list(own)
                if "desc" in thing.extra and self.dialect != "mysql":
                    elements[0] = own[0].desc()
                if "where" in thing.extra and self.dialect != "mysql":
                    options[f"{self.dialect}_where"] = own[0].is_not(None)
                sa.Index(thing.name, *elements, unique=thing.what == "unique index", **options)


def _check(column: sa.Column[Any], how: str) -> Any:
    if isinstance(column.type, (sa.String, sa.Text)):
        return {"0": column != "", "1": column.like("a%"), "2": column.in_(["x", "it's"])}[how]
    return {"0": column > 0, "1": column.between(1, 9), "2": sa.or_(column.in_([1, 2]), column.is_(None))}[how]


# -- drawing


@st.composite
def columns(draw: st.DrawFn, dialect: str) -> Col:
    """A column."""
    kind = draw(st.sampled_from(sorted(kinds(dialect))))
    default = draw(st.none() | st.integers(0, 9))
    comment = draw(st.none() | st.sampled_from(TEXTS[1:]))
    return Col(kind, draw(st.booleans()), default, comment)


@st.composite
def things(draw: st.DrawFn, model: Model, table: str, number: int) -> Thing | None:
    """A constraint or index on a table that is there."""
    tab = model.tables[table]
    available = kinds(model.dialect)
    plain = [n for n, c in tab.columns.items() if available[c.kind].key and c.computed is None]
    if not plain:
        return None
    what = draw(st.sampled_from(["unique", "check", "foreign key", "index", "unique index"]))
    name: str | None = f"{draw(st.sampled_from(['n', 'N%', 'é']))}{number}_{table}"
    if what == "check":
        column = draw(st.sampled_from(plain))
        return Thing(what, name if draw(st.booleans()) else None, (column,), draw(st.sampled_from("012")))
    if what == "foreign key":
        numbers = [n for n in plain if tab.columns[n].kind == "integer"]
        targets = [n for n, t in model.tables.items() if not t.wide_key]
        if not numbers or not targets:
            return None
        action = draw(st.sampled_from(["", "CASCADE", "RESTRICT"]))
        target = draw(st.sampled_from(targets))
        return Thing(what, name, (draw(st.sampled_from(numbers)),), f"{target}/{action}")
    chosen = tuple(draw(st.lists(st.sampled_from(plain), min_size=1, max_size=2, unique=True)))
    if what == "unique":
        return Thing(what, name if draw(st.booleans()) else None, chosen)
    return Thing(what, name, chosen, draw(st.sampled_from(["", "desc", "where"])))


@st.composite
def models(draw: st.DrawFn, dialect: str) -> Model:
    """A model of one to three tables."""
    model = Model(dialect)
    for name in draw(
        st.lists(st.sampled_from(["t", "Users", "order", "it's 50%"]), min_size=1, max_size=3, unique=True)
    ):
        names = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique_by=str.lower))
        tab = Tab({n: draw(columns(dialect)) for n in names}, (), draw(st.none() | st.sampled_from(TEXTS[1:])))
        model = replace(model, tables=model.tables | {name: tab})
    for number, name in enumerate(draw(st.lists(st.sampled_from(sorted(model.tables)), max_size=5))):
        model = _with_thing(model, name, draw(things(model, name, number)))
    return model


def _with_thing(model: Model, table: str, thing: Thing | None) -> Model:
    tab = model.tables[table]
    if thing is None or any(
        (t.what, t.columns, t.extra) == (thing.what, thing.columns, thing.extra) for t in tab.things
    ):
        return model
    if thing.what == "foreign key" and any(t.what == "foreign key" and t.columns == thing.columns for t in tab.things):
        return model
    if "unique" in thing.what and any("unique" in t.what and set(t.columns) == set(thing.columns) for t in tab.things):
        return model
    return replace(model, tables=model.tables | {table: replace(tab, things=(*tab.things, thing))})


CHANGES = [
    "add column",
    "drop column",
    "alter column",
    "retype column",
    "add thing",
    "drop thing",
    "add table",
    "drop table",
    "comment",
]


@st.composite
def changed(draw: st.DrawFn, model: Model) -> Model:
    """The model after 1 to 10 changes."""
    for number in range(draw(st.integers(1, 10))):
        change = draw(st.sampled_from(CHANGES))
        if change == "add table" or not model.tables:
            name = draw(st.sampled_from(["new", "t", "Users", "z z"]))
            if name not in model.tables:
                tab = Tab({"a": draw(columns(model.dialect))})
                model = replace(model, tables=model.tables | {name: tab})
            continue
        name = draw(st.sampled_from(sorted(model.tables)))
        tab = model.tables[name]
        if change == "drop table":
            model = _without_table(model, name)
        elif change == "add thing":
            model = _with_thing(model, name, draw(things(model, name, 100 + number)))
        elif change == "drop thing" and tab.things:
            gone = draw(st.sampled_from(tab.things))
            model = _with_tab(model, name, replace(tab, things=tuple(t for t in tab.things if t is not gone)))
        elif change == "comment":
            model = _with_tab(model, name, replace(tab, comment=draw(st.none() | st.sampled_from(TEXTS[1:]))))
        elif change == "add column":
            column = draw(st.sampled_from(NAMES))
            if column.lower() not in {n.lower() for n in tab.columns}:
                model = _with_tab(
                    model, name, replace(tab, columns=tab.columns | {column: draw(columns(model.dialect))})
                )
        elif tab.columns:
            column = draw(st.sampled_from(sorted(tab.columns)))
            model = _with_tab(model, name, _changed_column(draw, model.dialect, tab, column, change))
    return model


def _changed_column(draw: st.DrawFn, dialect: str, tab: Tab, column: str, change: str) -> Tab:
    old = tab.columns[column]
    if change == "drop column":
        left = {n: c for n, c in tab.columns.items() if n != column}
        return replace(tab, columns=left, things=tuple(t for t in tab.things if column not in t.columns))
    if change == "alter column":
        new = draw(columns(dialect))
        return replace(tab, columns=tab.columns | {column: replace(new, kind=old.kind)})
    if change == "retype column" and all(column not in t.columns for t in tab.things):
        available = kinds(dialect)
        same = sorted(n for n, k in available.items() if k.family == available[old.kind].family)
        return replace(
            tab, columns=tab.columns | {column: replace(old, kind=draw(st.sampled_from(same)), default=None)}
        )
    return tab


def _with_tab(model: Model, name: str, tab: Tab) -> Model:
    return replace(model, tables=model.tables | {name: tab})


def _without_table(model: Model, name: str) -> Model:
    left = {}
    for other, tab in model.tables.items():
        if other != name:
            kept = tuple(t for t in tab.things if not (t.what == "foreign key" and t.extra.partition("/")[0] == name))
            left[other] = replace(tab, things=kept)
    return replace(model, tables=left)
