"""A model as a MetaData."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.laws.drawn.kinds import kinds
from tests.laws.drawn.model import Col, Model, Tab, Thing

VERSION = tuple(int(part) for part in sa.__version__.split(".")[:3] if part.isdigit())

COMPUTED = ("plus", "times", "coalesce", "case")
CHECKS = ("0", "1", "2", "3", "4")


def metadata(model: Model, second: str | None = None) -> sa.MetaData:
    """Return the MetaData of a model; ``second`` is the name of the second schema."""
    made = sa.MetaData()
    sequences = {
        name: sa.Sequence(name, metadata=made, **dict(options))  # type: ignore[arg-type]
        for name, options in model.sequences.items()
    }
    enums = {name: sa.Enum(*labels, name=name) for name, labels in model.enums.items()}
    types: dict[str, Any] = enums | {name: _domain(name, dict(said)) for name, said in model.domains.items()}
    for name, tab in model.tables.items():
        columns = [_column(model, n, c, types, sequences) for n, c in tab.columns.items()]
        items: list[Any] = list(columns)
        if tab.key:
            items.append(sa.PrimaryKeyConstraint(*tab.key, name=tab.key_name))
        schema = second if tab.elsewhere else None
        table = sa.Table(name, made, *items, comment=tab.comment, schema=schema, **_options(tab))
        for thing in tab.things:
            if thing.what != "foreign key":
                _attach(model, table, thing)
    for name, tab in model.tables.items():
        for thing in tab.things:
            if thing.what == "foreign key":
                assert thing.target is not None
                other = model.tables[thing.target[0]]
                target = made.tables[table_key(thing.target[0], second if other.elsewhere else None)]
                _foreign_key(made.tables[table_key(name, second if tab.elsewhere else None)], thing, target)
    return made


def table_key(name: str, schema: str | None) -> str:
    """Return what a table is called by in ``MetaData.tables``."""
    return name if schema is None else f"{schema}.{name}"


def _options(tab: Tab) -> dict[str, Any]:
    names = {
        "unlogged": ("prefixes", lambda value: ["UNLOGGED"]),
        "fillfactor": ("postgresql_with", lambda value: {"fillfactor": value}),
        "engine": ("mysql_engine", None),
        "charset": ("mysql_charset", None),
        "collate": ("mysql_collate", None),
        "row format": ("mysql_row_format", None),
        "strict": ("sqlite_strict", None),
        "without rowid": ("sqlite_with_rowid", lambda value: False),
        "autoincrement": ("sqlite_autoincrement", None),
    }
    made = {}
    for option, value in tab.options:
        keyword, convert = names[option]
        made[keyword] = value if convert is None else convert(value)
    return made


def _column(
    model: Model, name: str, col: Col, types: dict[str, Any], sequences: dict[str, sa.Sequence]
) -> sa.Column[Any]:
    kind = kinds(model.dialect)[col.kind]
    type_ = kind.make()
    if col.enum is not None:
        type_ = postgresql.ARRAY(types[col.enum]) if col.kind == "enums" else types[col.enum]
    elif col.domain is not None:
        type_ = types[col.domain]
    extra: list[Any] = []
    default: Any = None
    if col.computed is not None:
        extra.append(sa.Computed(expression(*col.computed), persisted=col.stored))
    elif col.identity is not None:
        extra.append(sa.Identity(always=col.identity.always, **dict(col.identity.options)))  # type: ignore[arg-type]
    elif col.sequence is not None:
        default = sequences[col.sequence].next_value()
    elif col.default is not None:
        default = _default(model, col, kind.defaults)
    # Of what is computed nullability is left unsaid, and of an identity that it counts by itself.
    said = {} if col.computed is not None else {"nullable": col.nullable}
    said |= {} if col.identity is not None else {"autoincrement": col.auto}
    return sa.Column(name, type_, *extra, server_default=default, comment=col.comment, **said)


def _domain(name: str, said: dict[str, Any]) -> Any:
    texts = {"length": "length(VALUE) > 0", "list": "VALUE IN ('1', '2', '3')"}
    check = said.get("check")
    return postgresql.DOMAIN(
        name,
        sa.String(20) if said.get("short") else sa.Text(),
        default=said.get("default"),
        not_null=said.get("not null"),
        constraint_name=None if check is None else f"ck_{name}",
        check=None if check is None else texts[check],
    )


def _default(model: Model, col: Col, defaults: Sequence[Any]) -> Any:
    assert col.default is not None
    if col.enum is not None:
        labels = model.enums[col.enum]
        label = labels[col.default % len(labels)]
        return label if col.kind == "named enum" else '{"' + label.replace('"', '\\"') + '"}'
    return defaults[col.default % len(defaults)]() if defaults else None


def expression(how: str, base: str) -> Any:
    """Return what a generated column is computed from ``base`` by."""
    column = sa.column(base, sa.Integer)
    return {
        "plus": column + 1,
        "times": column * 2,
        "coalesce": sa.func.coalesce(column, 0),
        "case": sa.case((column > 5, 1), else_=0),
    }[how]


def _attach(model: Model, table: sa.Table, thing: Thing) -> None:
    own = [table.c[name] for name in thing.columns]
    given = dict(thing.options)
    match thing.what:
        case "unique":
            extra: dict[str, Any] = {}
            if given.get("deferrable"):
                extra = {"deferrable": True, "initially": given.get("initially")}
            if given.get("nulls not distinct"):
                extra["postgresql_nulls_not_distinct"] = True
            if given.get("on conflict"):
                extra["sqlite_on_conflict"] = given["on conflict"]
            table.append_constraint(sa.UniqueConstraint(*own, name=thing.name, **extra))
        case "check":
            table.append_constraint(sa.CheckConstraint(check(own[0], str(given["how"])), name=thing.name))
        case "exclude":
            operator = "&&" if isinstance(own[0].type, postgresql.INT4RANGE) else "="
            using = "gist" if operator == "&&" else "btree"
            where = own[0].is_not(None) if given.get("where") else None
            exclude = postgresql.ExcludeConstraint(
                (own[0], operator),
                name=thing.name,
                using=using,
                where=where,
                deferrable=given.get("deferrable") or None,
            )
            table.append_constraint(exclude)
        case "fulltext":
            sa.Index(thing.name, *own, mysql_prefix="FULLTEXT")
        case _:
            _index(model, table, thing, own)


def check(column: sa.Column[Any], how: str) -> Any:
    """Return the condition of a check."""
    if isinstance(column.type, (sa.String, sa.Text)):
        return {
            "0": column != "",
            "1": column.like("%1%") | column.is_not(None),
            "2": column.in_(["1", "2", "3", "it's"]),
            "3": sa.func.length(column) > 0,
            "4": sa.func.lower(column) == column,
        }[how]
    return {
        "0": column > 0,
        "1": column.between(1, 9),
        "2": sa.or_(column.in_([1, 2, 3]), column.is_(None)),
        "3": column + 1 > 1,
        "4": sa.not_(column < 0),
    }[how]


def _index(model: Model, table: sa.Table, thing: Thing, own: list[Any]) -> None:
    given = dict(thing.options)
    elements: list[Any] = list(own)
    is_text = isinstance(own[0].type, sa.String)
    if given.get("expression"):
        elements[0] = sa.func.lower(own[0]) if is_text else (own[0] + 1).self_group()
    if given.get("desc"):
        elements[0] = elements[0].desc()
    if given.get("nulls"):
        elements[0] = elements[0].nulls_last() if given["nulls"] == "last" else elements[0].nulls_first()
    extra: dict[str, Any] = {}
    if given.get("where"):
        how = own[0].is_not(None) if given["where"] == "null" else (own[0] != ("x" if is_text else 7))
        extra[f"{model.dialect}_where"] = how
    if given.get("include"):
        extra["postgresql_include"] = list(given["include"])  # type: ignore[call-overload]
    if given.get("using"):
        extra[f"{model.dialect}_using"] = given["using"]
    if given.get("opclass") and is_text and not given.get("expression") and isinstance(own[0].type, sa.String):
        extra["postgresql_ops"] = {own[0].name: "text_pattern_ops"}
    if given.get("fillfactor"):
        extra["postgresql_with"] = {"fillfactor": given["fillfactor"]}
    if given.get("length") and is_text:
        extra["mysql_length"] = {own[0].name: given["length"]}
    if given.get("nulls not distinct") and thing.what == "unique index":
        extra["postgresql_nulls_not_distinct"] = True
    sa.Index(thing.name, *elements, unique=thing.what == "unique index", **extra)


def _foreign_key(table: sa.Table, thing: Thing, target: sa.Table) -> None:
    assert thing.target is not None
    options = {key: value for key, value in thing.options if value}
    constraint = sa.ForeignKeyConstraint(
        [table.c[name] for name in thing.columns],
        [target.c[name] for name in thing.target[1]],
        name=thing.name,
        **options,  # type: ignore[arg-type]
    )
    table.append_constraint(constraint)
