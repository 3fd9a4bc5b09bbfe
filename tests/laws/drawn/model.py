"""What a model is, as plain data, and what makes it one that a server takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tests.laws.drawn.kinds import kinds


@dataclass(frozen=True)
class Identity:
    """GENERATED AS IDENTITY, with the options that are said."""

    always: bool = False
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Col:
    """A column.

    ``computed`` is one of the expressions of ``build.py`` over another column of its table; ``default`` a number that picks
    one of its type's; ``sequence`` the name of a sequence that the default takes its value from; ``enum`` that of a named
    enum type, ``domain`` that of a domain. ``auto`` is the column's autoincrement: SERIAL, AUTO_INCREMENT.
    """

    kind: str
    nullable: bool = True
    default: int | None = None
    comment: str | None = None
    computed: tuple[str, str] | None = None
    stored: bool = True
    identity: Identity | None = None
    sequence: str | None = None
    enum: str | None = None
    domain: str | None = None
    auto: bool = False


@dataclass(frozen=True)
class Thing:
    """A constraint or an index: what it is, its name (None: unnamed), its columns, and options by name.

    A foreign key's ``target`` is (table, its columns).
    """

    what: str
    name: str | None
    columns: tuple[str, ...]
    options: tuple[tuple[str, object], ...] = ()
    target: tuple[str, tuple[str, ...]] | None = None

    def option(self, name: str, default: object = None) -> object:
        return dict(self.options).get(name, default)


@dataclass(frozen=True)
class Tab:
    """A table. ``elsewhere``: in the second schema."""

    columns: Mapping[str, Col]
    key: tuple[str, ...] = ()
    key_name: str | None = None
    things: tuple[Thing, ...] = ()
    comment: str | None = None
    options: tuple[tuple[str, object], ...] = ()
    elsewhere: bool = False

    def option(self, name: str) -> object:
        return dict(self.options).get(name)


@dataclass(frozen=True)
class Model:
    """A model. ``server`` is the key of the server: "postgresql18" has more than "postgresql"."""

    dialect: str
    server: str
    tables: Mapping[str, Tab] = field(default_factory=dict)
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    domains: Mapping[str, tuple[tuple[str, object], ...]] = field(default_factory=dict)
    sequences: Mapping[str, tuple[tuple[str, object], ...]] = field(default_factory=dict)

    def with_table(self, name: str, tab: Tab) -> Model:
        return replace(self, tables={**self.tables, name: tab})

    def without_table(self, name: str) -> Model:
        return replace(self, tables={other: tab for other, tab in self.tables.items() if other != name})


def sound(model: Model) -> Model:
    """Return the model without what has no ground to stand on, or what the server would refuse."""
    while True:
        tables = {name: _sound(model, name, tab) for name, tab in model.tables.items()}
        if tables == model.tables:
            return model
        model = replace(model, tables=tables)


def _sound(model: Model, name: str, tab: Tab) -> Tab:
    columns = {column: _column(model, tab, column, col) for column, col in tab.columns.items()}
    tab = replace(tab, columns=columns)
    key = tuple(column for column in tab.key if column in columns and can_be_key(model, columns[column]))
    if key != tab.key or not key:
        tab = replace(
            tab, key=key, options=_without(tab.options, "without rowid", "autoincrement") if not key else tab.options
        )
    if tab.option("autoincrement") and not _is_rowid(tab):
        tab = replace(tab, options=_without(tab.options, "autoincrement"))
    if tab.option("autoincrement") and tab.key_name is not None:
        # SQLAlchemy writes no name for such a key.
        tab = replace(tab, options=_without(tab.options, "autoincrement"))
    if tab.option("without rowid") and tab.option("autoincrement"):
        tab = replace(tab, options=_without(tab.options, "autoincrement"))
    things = tuple(thing for thing in tab.things if _stands(model, name, tab, thing))
    return replace(tab, things=tuple(_once(things)))


def _without(options: tuple[tuple[str, object], ...], *names: str) -> tuple[tuple[str, object], ...]:
    return tuple((key, value) for key, value in options if key not in names)


def _is_rowid(tab: Tab) -> bool:
    return len(tab.key) == 1 and tab.columns[tab.key[0]].kind == "integer"


def can_be_key(model: Model, col: Col) -> bool:
    """Tell whether a column can stand in a primary or foreign key."""
    return kinds(model.dialect)[col.kind].key and col.computed is None


def can_be_computed_from(col: Col | None) -> bool:
    """Tell whether a column can stand in the expression of a generated one."""
    numbers = ("integer", "bigint", "smallint")
    return col is not None and col.kind in numbers and not col.computed and not col.auto and col.identity is None


def _column(model: Model, tab: Tab, name: str, col: Col) -> Col:
    available = kinds(model.dialect)
    if tab.option("strict") and not available[col.kind].strict:
        col = replace(col, kind="text", default=None, computed=None, enum=None)
    if col.enum is not None and (col.kind not in ("named enum", "enums") or col.enum not in model.enums):
        col = replace(col, enum=None)
    if col.enum is None and col.kind in ("named enum", "enums"):
        col = replace(col, kind="text", default=None)
    if col.domain is not None and (col.kind != "domain" or col.domain not in model.domains):
        col = replace(col, domain=None)
    if col.domain is None and col.kind == "domain":
        col = replace(col, kind="text", default=None)
    if col.sequence is not None and (col.sequence not in model.sequences or col.kind not in ("integer", "bigint")):
        col = replace(col, sequence=None)
    if col.computed is not None:
        base = tab.columns.get(col.computed[1])
        in_key = col.computed[1] in tab.key and model.dialect == "mysql"
        if not can_be_computed_from(base) or in_key or base is col:
            col = replace(col, computed=None)
        elif col.kind not in ("integer", "bigint", "numeric"):
            col = replace(col, kind="bigint")
    if col.computed is not None:
        # No more than its expression and its type: whether it may be NULL is left out on purpose.
        stored = col.stored or model.server == "postgresql"
        col = replace(col, default=None, identity=None, sequence=None, auto=False, nullable=True, stored=stored)
    if col.identity is not None and (
        model.dialect != "postgresql" or col.kind not in ("integer", "bigint", "smallint") or col.auto
    ):
        col = replace(col, identity=None)
    if col.identity is not None:
        col = replace(col, default=None, sequence=None, nullable=False)
    if col.auto and (
        name not in tab.key or len(tab.key) > 1 or col.kind not in ("integer", "bigint", "smallint", "unsigned")
    ):
        col = replace(col, auto=False)
    if col.auto:
        col = replace(col, default=None, sequence=None, nullable=False)
    if name in tab.key:
        col = replace(col, nullable=False)
    if col.sequence is not None:
        col = replace(col, default=None)
    return col


def _stands(model: Model, name: str, tab: Tab, thing: Thing) -> bool:
    available = kinds(model.dialect)
    named = [*thing.columns, *(str(column) for column in thing.option("include", ()))]  # type: ignore[attr-defined]
    if not all(column in tab.columns for column in named):
        return False
    own = [tab.columns[column] for column in thing.columns]
    if thing.what == "fulltext" or (model.dialect == "mysql" and thing.option("using") == "hash"):
        # Beside such an index MariaDB makes one of its own for a foreign key, or does not, by the order of the statements.
        referring = {column for each in tab.things if each.what == "foreign key" for column in each.columns}
        if referring & set(thing.columns):
            return False
    if thing.what == "exclude":
        return own[0].kind in ("range", "integer")
    if thing.what == "fulltext":
        return own[0].kind in ("varchar", "longer", "text") and tab.option("engine") in (None, "InnoDB", "MyISAM")
    if thing.what == "check":
        return (
            own[0].computed is None
            and available[own[0].kind].family in ("number", "string")
            and not own[0].auto
            and own[0].kind != "constrained enum"
        )
    if not all(available[col.kind].key for col in own):
        return False
    if thing.option("opclass") and own[0].kind == "char":
        return False
    if model.dialect == "postgresql" and thing.option("using") == "hash" and len(thing.columns) > 1:
        return False
    if thing.what != "foreign key":
        virtual = any(col.computed is not None and not col.stored for col in own)
        return not (virtual and (model.dialect != "sqlite" or thing.what == "unique"))
    return all(col.computed is None for col in own) and _refers(model, tab, thing, own)


def _refers(model: Model, tab: Tab, thing: Thing, own: list[Col]) -> bool:
    assert thing.target is not None
    other_name, referred = thing.target
    other = model.tables.get(other_name)
    if other is None or not all(column in other.columns for column in referred):
        return False
    if [col.kind for col in own] != [other.columns[column].kind for column in referred]:
        return False
    is_key = other.key == referred or any(
        each.what == "unique" and each.columns == referred and not each.option("deferrable") for each in other.things
    )
    if not is_key or (model.dialect == "sqlite" and tab.elsewhere != other.elsewhere):
        return False
    if "SET NULL" in (thing.option("ondelete"), thing.option("onupdate")) and not all(col.nullable for col in own):
        return False
    # A permanent table may refer to permanent tables only; MyISAM has no foreign keys.
    if other.option("unlogged") and not tab.option("unlogged"):
        return False
    if "MyISAM" in (tab.option("engine"), other.option("engine")):
        return False
    # MySQL: neither a generated column's base nor one that a check names may be changed by an action.
    if model.dialect == "mysql" and (thing.option("ondelete") or thing.option("onupdate")):
        based = {col.computed[1] for col in tab.columns.values() if col.computed is not None}
        based |= {column for each in tab.things if each.what == "check" for column in each.columns}
        if based & set(thing.columns):
            return False
    charsets = [(each.option("charset"), each.option("collate")) for each in (tab, other)]
    return charsets[0] == charsets[1] or all(col.kind in ("integer", "bigint", "smallint", "unsigned") for col in own)


def _once(things: tuple[Thing, ...]) -> Iterator[Thing]:
    """Leave out the second of two that a server would take for one."""
    seen: set[object] = set()
    for thing in things:
        if "unique" in thing.what:
            same: object = ("unique", frozenset(thing.columns))
        elif thing.what == "foreign key":
            same = ("foreign key", thing.columns)
        else:
            same = (thing.what, thing.columns, thing.options)
        if same not in seen and ("name", thing.name) not in seen:
            seen.add(same)
            if thing.name is not None:
                seen.add(("name", thing.name))
            yield thing
