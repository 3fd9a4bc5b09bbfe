"""Rows that a change of a model must keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from tests.laws.drawn.build import table_key
from tests.laws.drawn.kinds import kinds
from tests.laws.drawn.model import Col, Model, Tab

Values = dict[str, Any]


def fill(
    before: Model, after: Model, engines: tuple[sa.Engine, sa.Engine], seconds: tuple[str | None, str | None]
) -> None:
    """Put rows into the tables that both models have: those that both databases take, with the columns that both have.

    What is refused by one of them is no row that a change could keep: a unique constraint that comes, a column that may not be
    NULL and comes without a default.
    """
    metadatas = (_plain(engines[0], before, seconds[0]), _plain(engines[1], after, seconds[1]))
    with engines[0].begin() as first, engines[1].begin() as second:
        for connection in (first, second):
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        for name in _in_order(before):
            there = after.tables.get(name)
            if there is None or there.elsewhere != before.tables[name].elsewhere:
                continue
            tables = [
                made[table_key(name, where if there.elsewhere else None)]
                for made, where in zip(metadatas, seconds, strict=True)
            ]
            if not _can_hold(before.tables[name], there):
                continue
            for number in range(3):
                left, right = _row(before, after, before.tables[name], there, number)
                if not _insert(second, tables[1], right):
                    continue
                if not _insert(first, tables[0], left):
                    break


def _can_hold(old: Tab, new: Tab) -> bool:
    """Tell whether rows can be kept at all: what was computed stays as values, which no key need hold for."""
    turned = {
        name
        for name in old.columns.keys() & new.columns.keys()
        if (old.columns[name].computed is None) != (new.columns[name].computed is None)
    }
    return all(tab.columns[name].nullable for name in turned for tab in (old, new)) and not any(
        turned & set(thing.columns) for tab in (old, new) for thing in tab.things
    )


def _in_order(model: Model) -> Iterator[str]:
    """Yield the tables, those that others point at first, as far as there is such an order."""
    left = dict(model.tables)
    while left:
        free = [
            name
            for name, tab in left.items()
            if not any(thing.target and thing.target[0] in left and thing.target[0] != name for thing in tab.things)
        ]
        for name in sorted(free or left)[: None if free else 1]:
            yield name
            del left[name]


def _plain(engine: sa.Engine, model: Model, second: str | None) -> dict[str, sa.Table]:
    """Return the tables with bare columns: what is inserted goes through no default of SQLAlchemy's."""
    made = sa.MetaData()
    for name, tab in model.tables.items():
        columns = [sa.Column(n, _type(model, c)) for n, c in tab.columns.items()]
        sa.Table(name, made, *columns, schema=second if tab.elsewhere else None)
    return dict(made.tables)


def _type(model: Model, col: Col) -> Any:
    # Labels and values of domains go as they are: PostgreSQL takes an untyped string for them.
    return sa.types.NullType() if col.enum or col.domain else kinds(model.dialect)[col.kind].make()


def _insert(connection: sa.Connection, table: sa.Table, row: Values) -> bool:
    savepoint = connection.begin_nested()
    try:
        # None in a column of JSON would be JSON's null.
        values = {name: sa.null() if value is None else value for name, value in row.items()}
        # Not with ON CONFLICT of the table's own, which takes no row and says nothing.
        insert = table.insert().prefix_with("OR ABORT", dialect="sqlite")
        connection.execute(insert.values(values) if row else insert)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise sa.exc.IntegrityError("foreign_key_check", None, Exception("violated"))
    except sa.exc.DBAPIError:
        savepoint.rollback()
        return False
    savepoint.commit()
    return True


def _row(before: Model, after: Model, old: Tab, new: Tab, number: int) -> tuple[Values, Values]:
    available = kinds(before.dialect)
    left: Values = {}
    right: Values = {}
    for name in old.columns.keys() & new.columns.keys():
        was, is_ = old.columns[name], new.columns[name]
        if was.computed or is_.computed:
            continue
        if was.enum is not None or is_.enum is not None:
            label = _label(before, after, was, is_, number)
            left[name] = right[name] = label
        elif available[was.kind].family == available[is_.kind].family:
            left[name], right[name] = available[was.kind].values[number], available[is_.kind].values[number]
        else:
            left[name] = right[name] = None
    return _allowed(left, old), _allowed(right, new)


def _allowed(row: Values, tab: Tab) -> Values:
    """Return a row without what the database alone may give a value."""
    always = {name for name, col in tab.columns.items() if col.identity is not None and col.identity.always}
    return {name: value for name, value in row.items() if name not in always}


def _label(before: Model, after: Model, was: Col, is_: Col, number: int) -> str | None:
    if was.kind != "named enum" or is_.kind != "named enum" or was.enum is None or is_.enum is None:
        return None
    common = [label for label in before.enums[was.enum] if label in after.enums[is_.enum]]
    return common[number % len(common)] if common else None


def kept(before: Model, after: Model, engine: sa.Engine, second: str | None) -> dict[str, list[Any]]:
    """Return what has to be the same before a change and after it: the rows of each table, by the columns that stay as they are."""
    found = {}
    with engine.connect() as connection:
        for name, old in before.tables.items():
            new = after.tables.get(name)
            if new is None or new.elsewhere != old.elsewhere:
                continue
            same = sorted(
                column
                for column in old.columns.keys() & new.columns.keys()
                if _same(before, after, old.columns[column], new.columns[column])
            )
            table = sa.table(name, *(sa.column(column) for column in same), schema=second if old.elsewhere else None)
            rows = connection.execute(
                sa.select(*(table.c[column] for column in same), sa.literal(1)).select_from(table)
            )
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def _same(before: Model, after: Model, was: Col, is_: Col) -> bool:
    return (
        (was.kind, was.enum, was.domain, was.computed) == (is_.kind, is_.enum, is_.domain, is_.computed)
        and was.kind != "updated"
        and was.computed is None
    )
