"""Random changes of a model, of every kind that a diff must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from tests.laws.drawn.drawing import (
    LABELS,
    NAMES,
    columns,
    identities,
    options,
    sequence_options,
    tables,
    things,
    with_thing,
)
from tests.laws.drawn.kinds import TEXTS, kinds
from tests.laws.drawn.model import Col, Model, Tab, Thing, can_be_key, sound

Change = Callable[[st.DrawFn, Model, int], Model]

_COMMENTS = st.none() | st.sampled_from(TEXTS[1:])


@st.composite
def changed(draw: st.DrawFn, model: Model, *, changes: int = 10) -> Model:
    """The model after one change to ``changes``."""
    after = model
    for number in range(draw(st.integers(1, changes))):
        change = draw(st.sampled_from(sorted(CHANGES)))
        after = sound(CHANGES[change](draw, after, 100 + number))
    return _with_names(model, after)


def _with_names(before: Model, after: Model) -> Model:
    """Return ``after`` with the names of the constraints that are the same but for having lost theirs.

    A constraint that a model does not name has whatever name it has in the database: that is no change.
    """
    for name in before.tables.keys() & after.tables.keys():
        old, new = before.tables[name], after.tables[name]
        named = {(thing.what, thing.columns, thing.options, thing.target): thing.name for thing in old.things}
        things_ = tuple(
            replace(each, name=each.name or named.get((each.what, each.columns, each.options, each.target)))
            for each in new.things
        )
        key_name = new.key_name or (old.key_name if old.key == new.key else None)
        after = after.with_table(name, replace(new, things=things_, key_name=key_name))
    return after


def _in_table(change: Callable[[st.DrawFn, Model, Tab], Tab]) -> Change:
    """A change of one table."""

    def changed(draw: st.DrawFn, model: Model, number: int) -> Model:
        if not model.tables:
            return model
        name = draw(st.sampled_from(sorted(model.tables)))
        return model.with_table(name, change(draw, model, model.tables[name]))

    return changed


def _in_column(change: Callable[[st.DrawFn, Model, Tab, Col], Col]) -> Change:
    """A change of one column."""

    def changed(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
        name = draw(st.sampled_from(sorted(tab.columns)))
        return replace(tab, columns={**tab.columns, name: change(draw, model, tab, tab.columns[name])})

    return _in_table(changed)


# -- tables


def _add_table(draw: st.DrawFn, model: Model, number: int) -> Model:
    name = draw(st.sampled_from(["new", "t", "Users", "z z"]))
    return model if name in model.tables else model.with_table(name, draw(tables(model)))


def _drop_table(draw: st.DrawFn, model: Model, number: int) -> Model:
    return model.without_table(draw(st.sampled_from(sorted(model.tables)))) if model.tables else model


def _move_table(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    return tab if model.dialect == "sqlite" else replace(tab, elsewhere=not tab.elsewhere)


def _comment_table(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    return replace(tab, comment=draw(_COMMENTS))


def _options(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    return replace(tab, options=draw(options(model.dialect)))


# -- keys


def _key(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    """Other columns, another order, none at all."""
    fitting = sorted(name for name, col in tab.columns.items() if can_be_key(model, col))
    key = tuple(draw(st.lists(st.sampled_from(fitting), max_size=3, unique=True))) if fitting else ()
    cols = {
        name: replace(col, nullable=draw(st.booleans())) if name in tab.key and name not in key else col
        for name, col in tab.columns.items()
    }
    return replace(tab, key=key, columns=cols)


def _key_name(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    return replace(tab, key_name=f"pk_{draw(st.integers(0, 999))}")


def _retype_key(draw: st.DrawFn, model: Model, number: int) -> Model:
    """A column that foreign keys point at gets another type, and they with it."""
    pointing = [(n, thing) for n, tab in model.tables.items() for thing in tab.things if thing.what == "foreign key"]
    if not pointing:
        return model
    table, thing = draw(st.sampled_from(pointing))
    assert thing.target is not None
    place = draw(st.integers(0, len(thing.columns) - 1))
    family = kinds(model.dialect)[model.tables[table].columns[thing.columns[place]].kind].family
    fitting = sorted(n for n, k in kinds(model.dialect).items() if k.key and k.family == family)
    kind = draw(st.sampled_from(fitting))
    todo, done = [(table, thing.columns[place])], set()
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
    for name, column in done:
        tab = model.tables[name]
        col = replace(tab.columns[column], kind=kind, default=None)
        model = model.with_table(name, replace(tab, columns={**tab.columns, column: col}))
    return model


# -- columns


def _add_column(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    name = draw(st.sampled_from(NAMES))
    if name.lower() in {each.lower() for each in tab.columns}:
        return tab
    return replace(tab, columns={**tab.columns, name: draw(columns(model, tuple(sorted(tab.columns))))})


def _drop_column(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    if len(tab.columns) < 2:
        return tab
    gone = draw(st.sampled_from(sorted(tab.columns)))
    return replace(tab, columns={name: col for name, col in tab.columns.items() if name != gone})


def _retype(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    """A type that every value casts to."""
    available = kinds(model.dialect)
    family = available[col.kind].family
    kind = draw(st.sampled_from(sorted(name for name, each in available.items() if each.family == family)))
    return replace(col, kind=kind, default=draw(st.none() | st.integers(0, 11)))


def _replace(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    """Any type at all."""
    return replace(draw(columns(model, tuple(sorted(tab.columns)))), auto=col.auto)


def _nullable(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    return replace(col, nullable=not col.nullable)


def _default(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    return replace(col, default=draw(st.none() | st.integers(0, 11)))


def _comment(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    return replace(col, comment=draw(_COMMENTS))


def _computed(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    """Computed to plain, plain to computed, another expression, stored to virtual."""
    if col.computed is not None and draw(st.booleans()):
        return replace(col, stored=not col.stored) if draw(st.booleans()) else replace(col, computed=None)
    how = draw(st.sampled_from(["plus", "times", "coalesce", "case"]))
    base = col.computed[1] if col.computed is not None else draw(st.sampled_from(sorted(tab.columns)))
    kind = col.kind if col.computed is not None else "integer"
    return replace(col, computed=(how, base), kind=kind, stored=draw(st.booleans()))


def _identity(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    """Added, removed, other options; SERIAL to identity."""
    if model.dialect != "postgresql":
        return col
    return replace(col, identity=draw(st.none() | identities()), auto=False)


def _auto(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    """Plain or identity to SERIAL or AUTO_INCREMENT, and back."""
    if len(tab.key) != 1:
        return tab
    col = tab.columns[tab.key[0]]
    return replace(tab, columns={**tab.columns, tab.key[0]: replace(col, auto=not col.auto, identity=None)})


def _sequence_default(draw: st.DrawFn, model: Model, tab: Tab, col: Col) -> Col:
    if not model.sequences or col.auto or col.identity is not None:
        return col
    return replace(col, sequence=draw(st.none() | st.sampled_from(sorted(model.sequences))), default=None)


# -- constraints and indexes


def _add_thing(draw: st.DrawFn, model: Model, number: int) -> Model:
    if not model.tables:
        return model
    name = draw(st.sampled_from(sorted(model.tables)))
    return with_thing(model, name, draw(things(model, name, number)))


def _drop_thing(draw: st.DrawFn, model: Model, tab: Tab) -> Tab:
    if not tab.things:
        return tab
    gone = draw(st.sampled_from(tab.things))
    return replace(tab, things=tuple(thing for thing in tab.things if thing is not gone))


def _change_thing(draw: st.DrawFn, model: Model, number: int) -> Model:
    """Other options, another order of columns, another name; an index for a constraint."""
    having = sorted(name for name, tab in model.tables.items() if tab.things)
    if not having:
        return model
    name = draw(st.sampled_from(having))
    tab = model.tables[name]
    old = draw(st.sampled_from(tab.things))
    how = draw(st.sampled_from(["options", "order", "name", "kind"]))
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
        kinds_ = {"unique": "unique index", "unique index": "unique", "index": "unique index"}
        named = old.name or f"kept{number}"
        new = Thing(kinds_.get(old.what, old.what), named, old.columns, (), old.target)
    else:
        other = draw(things(model, name, number))
        if other is not None and other.what == old.what:
            new = replace(old, options=other.options)
    return model.with_table(name, replace(tab, things=tuple(new if thing is old else thing for thing in tab.things)))


# -- types and sequences


def _enum(draw: st.DrawFn, model: Model, number: int) -> Model:
    """Values added at the front, in the middle, at the end; removed; renamed."""
    if not model.enums:
        return model
    name = draw(st.sampled_from(sorted(model.enums)))
    labels = list(model.enums[name])
    new = [label for label in LABELS if label not in labels]
    how = draw(st.sampled_from(["add", "add", "remove", "rename", "turn"]))
    if how == "add" and new:
        labels.insert(draw(st.integers(0, len(labels))), draw(st.sampled_from(new)))
    elif how == "remove" and len(labels) > 1:
        labels.pop(draw(st.integers(0, len(labels) - 1)))
    elif how == "rename" and new:
        labels[draw(st.integers(0, len(labels) - 1))] = draw(st.sampled_from(new))
    elif how == "turn":
        labels.reverse()
    return replace(model, enums={**model.enums, name: tuple(labels)})


def _enum_goes(draw: st.DrawFn, model: Model, number: int) -> Model:
    if not model.enums:
        return replace(model, enums={"kind": ("x", "it's")})
    gone = draw(st.sampled_from(sorted(model.enums)))
    return replace(model, enums={name: labels for name, labels in model.enums.items() if name != gone})


def _sequence(draw: st.DrawFn, model: Model, number: int) -> Model:
    if model.dialect == "sqlite":
        return model
    # One that no model knows any more stays: nobody says whose it is.
    name = draw(st.sampled_from(sorted({*model.sequences, "Numbers"})))
    return replace(model, sequences={**model.sequences, name: draw(sequence_options())})


CHANGES: dict[str, Change] = {
    "add column": _in_table(_add_column),
    "add constraint or index": _add_thing,
    "add table": _add_table,
    "autoincrement": _in_table(_auto),
    "comment": _in_column(_comment),
    "computed": _in_column(_computed),
    "constraint or index": _change_thing,
    "default": _in_column(_default),
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
