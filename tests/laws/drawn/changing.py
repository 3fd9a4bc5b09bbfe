"""Random changes of a model, of every kind that a diff must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.laws.drawn.drawing import (
    LABELS,
    NAMES,
    OPTIONS,
    column,
    comment,
    domain,
    flag,
    foreign_key_options,
    identity,
    maybe,
    options,
    some,
    table,
    thing,
    with_thing,
)
from tests.laws.drawn.kinds import kinds
from tests.laws.drawn.model import Col, Model, Tab, Thing, can_be_computed_from, can_be_key, sound

Change = Callable[[Random, Model, int], Model]


def changed(rng: Random, model: Model, *, most: int = 10) -> Model:
    """Return the model after one change to ``most``."""
    after = model
    for number in range(rng.randint(1, most)):
        change = rng.choice([each for each in sorted(CHANGES) for _ in range(_OFTEN.get(each, 1))])
        after = sound(CHANGES[change](rng, after, 100 + number))
    return _with_names(model, after)


def _with_names(before: Model, after: Model) -> Model:
    """Return ``after`` with the names of the constraints that are the same but for having lost theirs.

    A constraint that a model does not name has whatever name it has in the database: that is no change.
    """
    for name in before.tables.keys() & after.tables.keys():
        old, new = before.tables[name], after.tables[name]
        named = {(each.what, each.columns, each.options, each.target): each.name for each in old.things}
        things_ = tuple(
            replace(each, name=each.name or named.get((each.what, each.columns, each.options, each.target)))
            for each in new.things
        )
        key_name = new.key_name or (old.key_name if old.key == new.key else None)
        after = after.with_table(name, replace(new, things=things_, key_name=key_name))
    return after


def _in_table(change: Callable[[Random, Model, Tab], Tab]) -> Change:
    """A change of one table."""

    def changed(rng: Random, model: Model, number: int) -> Model:
        if not model.tables:
            return model
        name = rng.choice(sorted(model.tables))
        return model.with_table(name, change(rng, model, model.tables[name]))

    return changed


def _in_column(change: Callable[[Random, Model, Tab, Col], Col]) -> Change:
    """A change of one column."""

    def changed(rng: Random, model: Model, tab: Tab) -> Tab:
        name = rng.choice(sorted(tab.columns))
        return replace(tab, columns={**tab.columns, name: change(rng, model, tab, tab.columns[name])})

    return _in_table(changed)


# -- tables


def _add_table(rng: Random, model: Model, number: int) -> Model:
    name = rng.choice(["new", "t", "Users", "z z"])
    return model if name in model.tables else model.with_table(name, table(rng, model))


def _drop_table(rng: Random, model: Model, number: int) -> Model:
    return model.without_table(rng.choice(sorted(model.tables))) if model.tables else model


def _move_table(rng: Random, model: Model, tab: Tab) -> Tab:
    return tab if model.dialect == "sqlite" else replace(tab, elsewhere=not tab.elsewhere)


def _comment_table(rng: Random, model: Model, tab: Tab) -> Tab:
    return replace(tab, comment=comment(rng))


def _options(rng: Random, model: Model, tab: Tab) -> Tab:
    return replace(tab, options=options(rng, model.dialect))


# -- keys


def _key(rng: Random, model: Model, tab: Tab) -> Tab:
    """Other columns, another order, none at all."""
    fitting = sorted(name for name, col in tab.columns.items() if can_be_key(model, col))
    key = tuple(some(rng, fitting, 0, 3))
    cols = {
        name: replace(col, nullable=flag(rng)) if name in tab.key and name not in key else col
        for name, col in tab.columns.items()
    }
    return replace(tab, key=key, columns=cols)


def _key_name(rng: Random, model: Model, tab: Tab) -> Tab:
    return replace(tab, key_name=f"pk_{rng.randint(0, 999)}")


def _retype_key(rng: Random, model: Model, number: int) -> Model:
    """A column that foreign keys point at gets another type, and they with it."""
    pointing = [(n, each) for n, tab in model.tables.items() for each in tab.things if each.what == "foreign key"]
    if not pointing:
        return model
    where, key = rng.choice(pointing)
    start = rng.choice(key.columns)
    family = kinds(model.dialect)[model.tables[where].columns[start].kind].family
    fitting = sorted(n for n, k in kinds(model.dialect).items() if k.key and k.family == family)
    kind = rng.choice(fitting)
    todo, done = [(where, start)], set()
    while todo:
        here = todo.pop()
        if here in done:
            continue
        done.add(here)
        for name, each in pointing:
            assert each.target is not None
            for own, other in zip(each.columns, each.target[1], strict=True):
                pair = ((name, own), (each.target[0], other))
                if here in pair:
                    todo += pair
    for name, there in sorted(done):
        tab = model.tables[name]
        col = replace(tab.columns[there], kind=kind, default=None)
        model = model.with_table(name, replace(tab, columns={**tab.columns, there: col}))
    return model


# -- columns


def _add_column(rng: Random, model: Model, tab: Tab) -> Tab:
    name = rng.choice(NAMES)
    if name.lower() in {each.lower() for each in tab.columns}:
        return tab
    return replace(tab, columns={**tab.columns, name: column(rng, model, sorted(tab.columns))})


def _drop_column(rng: Random, model: Model, tab: Tab) -> Tab:
    if len(tab.columns) < 2:
        return tab
    gone = rng.choice(sorted(tab.columns))
    return replace(tab, columns={name: col for name, col in tab.columns.items() if name != gone})


def _retype(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    """A type that every value casts to."""
    available = kinds(model.dialect)
    family = available[col.kind].family
    kind = rng.choice(sorted(name for name, each in available.items() if each.family == family))
    return replace(col, kind=kind, default=maybe(rng, rng.randint(0, 11)))


def _replace(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    """Any type at all."""
    return replace(column(rng, model, sorted(tab.columns)), auto=col.auto)


def _nullable(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    return replace(col, nullable=not col.nullable)


def _default(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    return replace(col, default=maybe(rng, rng.randint(0, 11)))


def _comment(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    return replace(col, comment=comment(rng))


def _computed(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    """Computed to plain, plain to computed, another expression, stored to virtual."""
    if col.computed is not None and flag(rng):
        return replace(col, stored=not col.stored) if flag(rng) else replace(col, computed=None)
    how = rng.choice(["plus", "times", "coalesce", "case"])
    bases = [col.computed[1]] if col.computed is not None else sorted(n for n, c in tab.columns.items() if c is not col)
    fitting = [base for base in bases if can_be_computed_from(tab.columns.get(base))]
    if not fitting:
        return col
    kind = col.kind if col.computed is not None else "integer"
    return replace(col, computed=(how, rng.choice(fitting)), kind=kind, stored=flag(rng))


def _identity(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    """Added, removed, other options; SERIAL to identity."""
    if model.dialect != "postgresql":
        return col
    return replace(col, identity=maybe(rng, identity(rng)), auto=False)


def _auto(rng: Random, model: Model, tab: Tab) -> Tab:
    """Plain or identity to SERIAL or AUTO_INCREMENT, and back."""
    if len(tab.key) != 1:
        return tab
    col = tab.columns[tab.key[0]]
    return replace(tab, columns={**tab.columns, tab.key[0]: replace(col, auto=not col.auto, identity=None)})


def _sequence_default(rng: Random, model: Model, tab: Tab, col: Col) -> Col:
    if not model.sequences or col.auto or col.identity is not None:
        return col
    return replace(col, sequence=maybe(rng, rng.choice(sorted(model.sequences))), default=None)


# -- constraints and indexes


def _add_thing(rng: Random, model: Model, number: int) -> Model:
    if not model.tables:
        return model
    name = rng.choice(sorted(model.tables))
    return with_thing(rng, model, name, number)


def _drop_thing(rng: Random, model: Model, tab: Tab) -> Tab:
    if not tab.things:
        return tab
    gone = rng.choice(tab.things)
    return replace(tab, things=tuple(each for each in tab.things if each is not gone))


def _change_thing(rng: Random, model: Model, number: int) -> Model:
    """Other options, another order of columns, another name; an index for a constraint."""
    having = sorted(name for name, tab in model.tables.items() if tab.things)
    if not having:
        return model
    name = rng.choice(having)
    tab = model.tables[name]
    old = rng.choice(tab.things)
    how = rng.choice(["options", "order", "name", "kind"])
    new = old
    if how == "order":
        place = len(old.columns)
        target = old.target
        if target is not None and target[1] != old.columns:
            target = (target[0], target[1][1:] + target[1][:1])
        new = replace(old, columns=old.columns[1:place] + old.columns[:1], target=target)
    elif how == "name":
        new = replace(old, name=f"other{number}")
    elif how == "kind":
        other_kind = {"unique": "unique index", "unique index": "unique", "index": "unique index"}.get(old.what)
        if other_kind is not None:
            new = Thing(other_kind, old.name or f"kept{number}", old.columns)
    else:
        if old.what == "foreign key":
            new = replace(old, options=foreign_key_options(rng, model))
        elif (other := thing(rng, model, name, old.what, "")) is not None:
            new = replace(old, options=other.options)
    return model.with_table(name, replace(tab, things=tuple(new if each is old else each for each in tab.things)))


# -- types and sequences


def _enum(rng: Random, model: Model, number: int) -> Model:
    """Values added at the front, in the middle, at the end; removed; renamed."""
    if not model.enums:
        return model
    name = rng.choice(sorted(model.enums))
    labels = list(model.enums[name])
    new = [label for label in LABELS if label not in labels]
    how = rng.choice(["add", "add", "remove", "rename", "turn"])
    if how == "add" and new:
        labels.insert(rng.randint(0, len(labels)), rng.choice(new))
    elif how == "remove" and len(labels) > 1:
        labels.pop(rng.randint(0, len(labels) - 1))
    elif how == "rename" and new:
        labels[rng.randint(0, len(labels) - 1)] = rng.choice(new)
    elif how == "turn":
        labels.reverse()
    return replace(model, enums={**model.enums, name: tuple(labels)})


def _enum_goes(rng: Random, model: Model, number: int) -> Model:
    if not model.enums:
        return replace(model, enums={"kind": ("x", "it's")})
    gone = rng.choice(sorted(model.enums))
    return replace(model, enums={name: labels for name, labels in model.enums.items() if name != gone})


def _domain(rng: Random, model: Model, number: int) -> Model:
    """Another check, default or type; a domain for a plain column."""
    if not model.domains:
        return replace(model, domains={"price": domain(rng)}) if model.dialect == "postgresql" else model
    name = rng.choice(sorted(model.domains))
    return replace(model, domains={**model.domains, name: domain(rng)})


def _sequence(rng: Random, model: Model, number: int) -> Model:
    if model.dialect == "sqlite":
        return model
    # One that no model knows any more stays: nobody says whose it is.
    name = rng.choice(sorted({*model.sequences, "Numbers"}))
    return replace(model, sequences={**model.sequences, name: rng.choice(OPTIONS)})


CHANGES: dict[str, Change] = {
    "add column": _in_table(_add_column),
    "add constraint or index": _add_thing,
    "add table": _add_table,
    "autoincrement": _in_table(_auto),
    "comment": _in_column(_comment),
    "computed": _in_column(_computed),
    "constraint or index": _change_thing,
    "default": _in_column(_default),
    "domain": _domain,
    "drop column": _in_table(_drop_column),
    "drop constraint or index": _in_table(_drop_thing),
    "drop table": _drop_table,
    "enum": _enum,
    "enum goes": _enum_goes,
    "identity": _in_column(_identity),
    "key": _in_table(_key),
    "key's name": _in_table(_key_name),
    "key's type": _retype_key,
    "move table": _in_table(_move_table),
    "nullable": _in_column(_nullable),
    "options": _in_table(_options),
    "replace column": _in_column(_replace),
    "sequence": _sequence,
    "sequence default": _in_column(_sequence_default),
    "table comment": _in_table(_comment_table),
    "type": _in_column(_retype),
}

# What has many forms is drawn more often than what has one.
_OFTEN = {
    "add constraint or index": 4,
    "constraint or index": 4,
    "drop constraint or index": 2,
    "type": 2,
    "default": 2,
    "computed": 2,
    "identity": 2,
    "enum": 2,
    "options": 2,
}
