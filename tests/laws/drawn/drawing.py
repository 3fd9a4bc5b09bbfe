"""Drawing models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from tests.laws.drawn.build import CHECKS, COMPUTED, VERSION
from tests.laws.drawn.kinds import TEXTS, kinds
from tests.laws.drawn.model import Col, Identity, Model, Tab, Thing, can_be_computed_from, sound

T = TypeVar("T")

NAMES = ["a", "b", "order", "Mixed", "it's", 'q"q', "50%", "x:y", "é", "z_9"]
TABLES = ["t", "Users", "order", "it's 50%", "invoice", "x.y", "é", "line item"]
LABELS = ["x", "y", "it's", "Z z", "50%", "new", "é"]
ENUMS = ["kind", "Mood"]
DOMAINS = ["price", "Code"]
SEQUENCES = ["counter", "Numbers"]

OPTIONS: list[tuple[tuple[str, object], ...]] = [
    (),
    (("start", 10),),
    (("increment", 5),),
    (("start", -1), ("increment", -1)),
    (("minvalue", -5), ("start", 1)),
    (("maxvalue", 1000),),
    (("cycle", True),),
    (("cache", 7),),
]


def some(rng: Random, items: Sequence[T], least: int, most: int) -> list[T]:
    """Return ``least`` to ``most`` of the items, none twice, in any order."""
    return rng.sample(list(items), rng.randint(min(least, len(items)), min(most, len(items))))


def maybe(rng: Random, item: T) -> T | None:
    """Return the item or None."""
    return item if rng.random() < 0.5 else None


def flag(rng: Random) -> bool:
    """Return one of two."""
    return rng.random() < 0.5


def comment(rng: Random) -> str | None:
    """Return a comment, mostly none."""
    return rng.choice(TEXTS[1:]) if rng.random() < 0.3 else None


def column(rng: Random, model: Model, bases: Sequence[str] = ()) -> Col:
    """Return a column; a computed one is computed from one of ``bases``."""
    kind = rng.choice(sorted(kinds(model.dialect)))
    default = maybe(rng, rng.randint(0, 11))
    col = Col(kind, flag(rng), default, comment(rng))
    special = rng.choice(["", "", "", "computed", "identity", "sequence", "enum"])
    if special == "computed" and bases:
        how = (rng.choice(COMPUTED), rng.choice(bases))
        col = replace(col, kind=rng.choice(["integer", "bigint"]), computed=how, stored=flag(rng))
    elif special == "identity" and model.dialect == "postgresql":
        col = replace(col, kind=rng.choice(["integer", "bigint", "smallint"]), identity=identity(rng))
    elif special == "sequence" and model.sequences:
        col = replace(col, kind="integer", sequence=rng.choice(sorted(model.sequences)))
    elif special == "enum":
        col = replace(col, kind="named enum")
    if model.domains and col.kind in ("domain", "text"):
        col = replace(col, kind="domain", domain=rng.choice(sorted(model.domains)))
    if model.enums and col.kind in ("named enum", "enums"):
        col = replace(col, enum=rng.choice(sorted(model.enums)))
    return col


def identity(rng: Random) -> Identity:
    """Return an identity."""
    return Identity(flag(rng), rng.choice(OPTIONS))


def domain(rng: Random) -> tuple[tuple[str, object], ...]:
    """Return what a domain says."""
    check = rng.choice([None, "length", "list"])
    default = rng.choice([None, "'1'", "'2'"])
    return _given({"short": flag(rng), "check": check, "default": default, "not null": rng.random() < 0.2})


def options(rng: Random, dialect: str) -> tuple[tuple[str, object], ...]:
    """Return the options of a table."""
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
    return rng.choice([(), (), (), *choices[dialect]])


def table(rng: Random, model: Model) -> Tab:
    """Return a table, without constraints but its key."""
    key = rng.choice([("id",), ("id",), ("id",), ("id", "part"), ("part", "id"), ("code",), ()])
    drawn: dict[str, Col] = {}
    for name in key:
        kind = "varchar" if name == "code" else rng.choice(["integer", "integer", "bigint", "smallint"])
        drawn[name] = Col(kind, False)
    if key == ("id",):
        how = rng.choice(["auto", "auto", "identity", ""])
        if how == "auto":
            drawn["id"] = replace(drawn["id"], auto=True)
        elif how == "identity":
            drawn["id"] = replace(drawn["id"], identity=identity(rng))
    for name in some(rng, NAMES, 0, 4):
        bases = sorted(n for n, col in drawn.items() if can_be_computed_from(col))
        drawn[name] = column(rng, model, bases)
    if not drawn:
        drawn["a"] = Col("integer")
    # An index by the name of a key is one for the whole schema on PostgreSQL.
    key_name = maybe(rng, f"pk_{rng.randint(0, 99)}_{len(model.tables)}")
    elsewhere = model.dialect != "sqlite" and rng.random() < 0.15
    return Tab(drawn, key, key_name, (), comment(rng), options(rng, model.dialect), elsewhere)


def with_thing(rng: Random, model: Model, table: str, number: int) -> Model:
    """Return the model with one more constraint or index on a table, where one can stand."""
    whats = ["unique", "check", "foreign key", "foreign key", "index", "index", "unique index"]
    whats += {"postgresql": ["exclude"], "mysql": ["fulltext"], "sqlite": []}[model.dialect]
    what = rng.choice(whats)
    name = f"{rng.choice(['n', 'N%', 'é'])}{number}_{table}"
    if what == "foreign key":
        return _with_foreign_key(rng, model, table, maybe(rng, name))
    new = thing(rng, model, table, what, name)
    return model if new is None else sound(_and(model, table, new))


def _and(model: Model, table: str, *new: Thing) -> Model:
    tab = model.tables[table]
    return model.with_table(table, replace(tab, things=(*tab.things, *new)))


def thing(rng: Random, model: Model, table: str, what: str, name: str) -> Thing | None:
    """Return a constraint or an index other than a foreign key; None where none can stand."""
    tab, dialect = model.tables[table], model.dialect
    given: dict[str, Any] = {}
    if what in ("check", "exclude", "fulltext"):
        families = {"check": ("number", "string"), "exclude": ("range", "number"), "fulltext": ("string",)}[what]
        fitting = sorted(n for n, col in tab.columns.items() if kinds(dialect)[col.kind].family in families)
        if not fitting:
            return None
        if what == "check":
            given = {"how": rng.choice(CHECKS)}
        elif what == "exclude":
            given = {"where": flag(rng), "deferrable": flag(rng)}
        return Thing(what, name if what == "fulltext" else maybe(rng, name), (rng.choice(fitting),), _given(given))
    plain = sorted(n for n, col in tab.columns.items() if kinds(dialect)[col.kind].key)
    if not plain:
        return None
    chosen = tuple(some(rng, plain, 1, 3))
    if what != "unique":
        return Thing(what, name, chosen, _given(_index_options(rng, model, tab, what)))
    if dialect == "postgresql":
        given = {"nulls not distinct": flag(rng) and VERSION >= (2, 0, 16)}
        if flag(rng):
            given |= {"deferrable": True, "initially": rng.choice([None, "DEFERRED", "IMMEDIATE"])}
    if dialect == "sqlite":
        given = {"on conflict": rng.choice([None, None, "IGNORE", "REPLACE"])}
    return Thing(what, maybe(rng, name), chosen, _given(given))


def _given(options: dict[str, Any]) -> tuple[tuple[str, object], ...]:
    return tuple((key, value) for key, value in options.items() if value)


def _index_options(rng: Random, model: Model, tab: Tab, what: str) -> dict[str, Any]:
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
        "mysql": [{"length": 5}, {"using": "btree"}, {"using": "hash"}],
        "sqlite": [],
    }
    own = choices[model.dialect] + (
        []
        if model.dialect == "mysql"
        else [{"where": "null"}, {"where": "value"}, {"expression": True}, {"desc": True}]
    )
    chosen = some(rng, [{}, *own], 0, 2)
    merged = {key: value for each in chosen for key, value in each.items()}
    if merged.get("using"):
        # Methods other than btree have no order and carry no other columns.
        merged = {name: merged[name] for name in ("using", "where") if name in merged}
    return merged


def _with_foreign_key(rng: Random, model: Model, table: str, name: str | None) -> Model:
    """Return the model with a foreign key to a table's key or to one of its unique constraints, by columns of the same types."""
    tab = model.tables[table]
    targets = [(other, each.key) for other, each in model.tables.items() if each.key]
    targets += [
        (other, each.columns) for other, those in model.tables.items() for each in those.things if each.what == "unique"
    ]
    if not targets:
        return model
    other, referred = rng.choice(sorted(targets))
    own: dict[str, Col] = {}
    for there in referred:
        col = model.tables[other].columns[there]
        fitting = sorted(
            n for n, c in tab.columns.items() if c.kind == col.kind and c.computed is None and n not in own
        )
        # Mostly a column of its own, as models have it.
        mine = rng.choice(fitting) if fitting and rng.random() < 0.3 else f"{other}_{there}"[:30]
        own[mine] = tab.columns.get(mine, Col(col.kind, nullable=rng.random() < 0.7))
    given = foreign_key_options(rng, model)
    model = model.with_table(table, replace(tab, columns={**tab.columns, **own}))
    return sound(_and(model, table, Thing("foreign key", name, tuple(own), given, (other, referred))))


def foreign_key_options(rng: Random, model: Model) -> tuple[tuple[str, object], ...]:
    """Return what a foreign key says but its columns."""
    actions = [None, None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION"]
    given: dict[str, Any] = {"ondelete": rng.choice(actions), "onupdate": rng.choice(actions)}
    if model.dialect != "mysql" and flag(rng):
        given |= {"deferrable": True, "initially": rng.choice([None, "DEFERRED", "IMMEDIATE"])}
    if model.dialect == "postgresql" and rng.random() < 0.2:
        given["match"] = "FULL"
    return _given(given)


def models(rng: Random, dialect: str, server: str, *, most: int = 3) -> Model:
    """Return a model of one table to ``most``."""
    model = Model(dialect, server)
    for name in some(rng, ENUMS, 0, 2):
        model = replace(model, enums={**model.enums, name: tuple(some(rng, LABELS, 1, 4))})
    if dialect == "postgresql":
        for name in some(rng, DOMAINS, 0, 1):
            model = replace(model, domains={**model.domains, name: domain(rng)})
    if dialect != "sqlite":
        for name in some(rng, SEQUENCES, 0, 1):
            model = replace(model, sequences={**model.sequences, name: rng.choice(OPTIONS)})
    for name in some(rng, TABLES, 1, most):
        model = model.with_table(name, table(rng, model))
    model = sound(model)
    for number in range(rng.randint(0, 3 * most)):
        model = with_thing(rng, model, rng.choice(sorted(model.tables)), number)
    return model
