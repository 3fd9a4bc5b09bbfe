"""Drawing models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.laws.drawn.build import CHECKS, COMPUTED, VERSION
from tests.laws.drawn.kinds import TEXTS, kinds
from tests.laws.drawn.model import Col, Identity, Model, Tab, Thing, can_be_key, sound

NAMES = ["a", "b", "order", "Mixed", "it's", 'q"q', "50%", "x:y", "é", "z_9"]
TABLES = ["t", "Users", "order", "it's 50%", "invoice", "x.y", "é", "line item"]
LABELS = ["x", "y", "it's", "Z z", "50%", "new", "é"]
ENUMS = ["kind", "Mood"]
SEQUENCES = ["counter", "Numbers"]

_COMMENTS = st.none() | st.sampled_from(TEXTS[1:])
_IDENTITY: list[tuple[tuple[str, object], ...]] = [
    (),
    (("start", 10),),
    (("increment", 5),),
    (("start", -1), ("increment", -1)),
    (("minvalue", -5), ("start", 1)),
    (("maxvalue", 1000),),
    (("cycle", True),),
    (("cache", 7),),
]


@st.composite
def columns(draw: st.DrawFn, model: Model, siblings: tuple[str, ...] = ()) -> Col:
    """A column of a table that has ``siblings``."""
    kind = draw(st.sampled_from(sorted(kinds(model.dialect))))
    default = draw(st.none() | st.integers(0, 11))
    enum = draw(st.sampled_from(sorted(model.enums))) if model.enums else None
    col = Col(kind, draw(st.booleans()), default, draw(_COMMENTS), enum=enum)
    special = draw(st.sampled_from(["", "", "", "computed", "identity", "sequence"]))
    if special == "computed" and siblings:
        how = (draw(st.sampled_from(COMPUTED)), draw(st.sampled_from(siblings)))
        col = replace(col, kind=draw(st.sampled_from(["integer", "bigint"])), computed=how, stored=draw(st.booleans()))
    elif special == "identity" and model.dialect == "postgresql":
        col = replace(col, kind=draw(st.sampled_from(["integer", "bigint", "smallint"])), identity=draw(identities()))
    elif special == "sequence" and model.sequences:
        col = replace(col, kind="integer", sequence=draw(st.sampled_from(sorted(model.sequences))))
    return col


@st.composite
def identities(draw: st.DrawFn) -> Identity:
    """An identity."""
    return Identity(draw(st.booleans()), draw(st.sampled_from(_IDENTITY)))


@st.composite
def options(draw: st.DrawFn, dialect: str) -> tuple[tuple[str, object], ...]:
    """The options of a table."""
    choices: dict[str, list[tuple[tuple[str, object], ...]]] = {
        "postgresql": [(("unlogged", True),)]
        + ([(("fillfactor", 50),), (("fillfactor", 70),)] if VERSION >= (2, 1) else []),
        "mysql": [
            (("engine", "MyISAM"),),
            (("engine", "InnoDB"),),
            (("charset", "latin1"),),
            (("charset", "utf8mb4"), ("collate", "utf8mb4_bin")),
            (("row format", "COMPACT"),),
            (("row format", "DYNAMIC"),),
        ],
        "sqlite": [(("autoincrement", True),), (("without rowid", True),)]
        + ([(("strict", True),), (("strict", True), ("without rowid", True))] if VERSION >= (2, 0, 37) else []),
    }
    return draw(st.sampled_from([(), (), (), *choices[dialect]]))


@st.composite
def tables(draw: st.DrawFn, model: Model) -> Tab:
    """A table, without constraints but its key."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique_by=str.lower))
    key = draw(st.sampled_from([("id",), ("id",), ("id",), ("id", "part"), ("part", "id"), ("code",), ()]))
    drawn: dict[str, Col] = {}
    for name in key:
        kind = "varchar" if name == "code" else draw(st.sampled_from(["integer", "integer", "bigint", "smallint"]))
        drawn[name] = Col(kind, False)
    if key == ("id",):
        how = draw(st.sampled_from(["auto", "auto", "identity", ""]))
        if how == "auto":
            drawn["id"] = replace(drawn["id"], auto=True)
        elif how == "identity":
            drawn["id"] = replace(drawn["id"], identity=draw(identities()))
    for name in names:
        drawn[name] = draw(columns(model, tuple(sorted(drawn))))
    if not drawn:
        drawn["a"] = Col("integer")
    elsewhere = model.dialect != "sqlite" and draw(st.integers(0, 5)) == 5
    key_name = draw(st.none() | st.just("pk_of"))
    # An index by the name of a key is one for the whole schema on PostgreSQL.
    key_name = None if key_name is None else f"pk_{draw(st.integers(0, 9))}{draw(st.integers(0, 9))}{len(model.tables)}"
    return Tab(drawn, key, key_name, (), draw(_COMMENTS), draw(options(model.dialect)), elsewhere)


@st.composite
def things(draw: st.DrawFn, model: Model, table: str, number: int) -> Thing | None:
    """A constraint or index on a table that is there; None where nothing can stand."""
    tab, dialect = model.tables[table], model.dialect
    plain = sorted(name for name, col in tab.columns.items() if can_be_key(model, col))
    whats = ["unique", "check", "foreign key", "foreign key", "index", "index", "unique index"]
    whats += {"postgresql": ["exclude"], "mysql": ["fulltext"], "sqlite": []}[dialect]
    what = draw(st.sampled_from(whats))
    name: str | None = f"{draw(st.sampled_from(['n', 'N%', 'é']))}{number}_{table}"
    maybe = name if draw(st.booleans()) else None
    flag = st.booleans()
    if what in ("check", "exclude", "fulltext"):
        if not tab.columns:
            return None
        column = draw(st.sampled_from(sorted(tab.columns)))
        given: dict[str, Any] = {"how": draw(st.sampled_from(CHECKS))} if what == "check" else {}
        if what == "exclude":
            given = {"where": draw(flag), "deferrable": draw(flag)}
        return Thing(what, name if what == "fulltext" else maybe, (column,), _given(given))
    if not plain:
        return None
    if what == "foreign key":
        return draw(_foreign_keys(model, table, maybe))
    chosen = tuple(draw(st.lists(st.sampled_from(plain), min_size=1, max_size=3, unique=True)))
    given = {}
    if what == "unique":
        if dialect == "postgresql":
            given = {"deferrable": draw(flag), "initially": draw(st.sampled_from([None, "DEFERRED", "IMMEDIATE"]))}
            given["nulls not distinct"] = draw(flag) and VERSION >= (2, 0, 16)
        if dialect == "sqlite":
            given = {"on conflict": draw(st.sampled_from([None, None, "IGNORE", "REPLACE"]))}
        return Thing(what, maybe, chosen, _given(given))
    return Thing(what, name, chosen, _given(draw(_index_options(model, tab, what))))


def _given(options: dict[str, Any]) -> tuple[tuple[str, object], ...]:
    return tuple((key, value) for key, value in options.items() if value)


@st.composite
def _index_options(draw: st.DrawFn, model: Model, tab: Tab, what: str) -> dict[str, Any]:
    """One or two of what an index can say."""
    choices: dict[str, list[dict[str, Any]]] = {
        "postgresql": [
            {"using": "hash"} if what == "index" else {},
            {"using": "brin"} if what == "index" else {},
            {"opclass": True},
            {"include": tuple(sorted(tab.columns)[:1])},
            {"fillfactor": 50},
            {"nulls": "first"},
            {"nulls": "last", "desc": True},
            {"nulls not distinct": VERSION >= (2, 0, 16)},
        ],
        "mysql": [{"length": 5}, {"using": "btree"}],
        "sqlite": [],
    }
    own = choices[model.dialect] + (
        []
        if model.dialect == "mysql"
        else [{"where": "null"}, {"where": "value"}, {"expression": True}, {"desc": True}]
    )
    chosen = draw(st.lists(st.sampled_from([{}, *own]), max_size=2))
    merged = {key: value for each in chosen for key, value in each.items()}
    if merged.get("using"):
        # Methods other than btree have no order and carry no other columns.
        merged = {name: merged[name] for name in ("using", "where") if name in merged}
    return merged


@st.composite
def _foreign_keys(draw: st.DrawFn, model: Model, table: str, name: str | None) -> Thing | None:
    """A foreign key, to a table's key or to one of its unique constraints, by columns of the same types."""
    tab = model.tables[table]
    targets = [(other, each.key) for other, each in model.tables.items() if each.key]
    targets += [
        (other, thing.columns)
        for other, each in model.tables.items()
        for thing in each.things
        if thing.what == "unique"
    ]
    if not targets:
        return None
    other, referred = draw(st.sampled_from(sorted(targets)))
    own: list[str] = []
    for column in referred:
        kind = model.tables[other].columns[column].kind
        fitting = sorted(n for n, c in tab.columns.items() if c.kind == kind and c.computed is None and n not in own)
        if not fitting:
            return None
        own.append(draw(st.sampled_from(fitting)))
    actions = [None, None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION"]
    given: dict[str, Any] = {"ondelete": draw(st.sampled_from(actions)), "onupdate": draw(st.sampled_from(actions))}
    if model.dialect != "mysql" and draw(st.booleans()):
        given |= {"deferrable": True, "initially": draw(st.sampled_from([None, "DEFERRED", "IMMEDIATE"]))}
    if model.dialect == "postgresql" and draw(st.integers(0, 4)) == 4:
        given["match"] = "FULL"
    return Thing("foreign key", name, tuple(own), _given(given), (other, referred))


@st.composite
def models(draw: st.DrawFn, dialect: str, server: str, *, tables_: int = 3) -> Model:
    """A model of one table to ``tables_``."""
    model = Model(dialect, server)
    for name in draw(st.lists(st.sampled_from(ENUMS), max_size=2, unique=True)):
        labels = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=4, unique=True))
        model = replace(model, enums={**model.enums, name: tuple(labels)})
    if dialect != "sqlite":
        for name in draw(st.lists(st.sampled_from(SEQUENCES), max_size=1)):
            model = replace(model, sequences={**model.sequences, name: draw(sequence_options())})
    for name in draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=tables_, unique=True)):
        model = model.with_table(name, draw(tables(model)))
    model = sound(model)
    for number, name in enumerate(draw(st.lists(st.sampled_from(sorted(model.tables)), max_size=2 * tables_))):
        model = with_thing(model, name, draw(things(model, name, number)))
    return model


@st.composite
def sequence_options(draw: st.DrawFn) -> tuple[tuple[str, object], ...]:
    """The options of a sequence of its own."""
    return draw(st.sampled_from(list(_IDENTITY)))


def with_thing(model: Model, table: str, thing: Thing | None) -> Model:
    """Return the model with one more constraint or index, where it can stand."""
    if thing is None:
        return model
    tab = model.tables[table]
    return sound(model.with_table(table, replace(tab, things=(*tab.things, thing))))
