"""The names that the server gives, and the indexes that it makes for foreign keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import quoted
from schemadiff.schema import (
    CheckConstraint,
    Constraint,
    Dependant,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    Table,
    UniqueConstraint,
    changed,
)

__all__ = [
    "covers",
    "hidden_indexes",
    "implicit_indexes",
    "leading_columns",
    "natural_key",
    "next_name",
    "with_names",
    "without_implicit_indexes",
]

Named = TypeVar("Named", UniqueConstraint, CheckConstraint, ForeignKey)


def with_names(table: Table, facts: Facts) -> Table:
    """Return ``table`` with the names that the server gives its unnamed constraints. They stay implicit."""
    taken = key_names(table)
    uniques: list[UniqueConstraint] = []
    for unique in table.uniques:
        name = unique.name
        if name is None:
            name = key_name(unique.columns[0], taken)
            taken.add(name.lower())
        uniques.append(changed(unique, name=name))
    return changed(
        table,
        uniques=tuple(uniques),
        foreign_keys=_numbered(table.foreign_keys, lambda n: f"{table.name.name}_ibfk_{n}", after_highest=True),
        checks=_numbered(table.checks, lambda n: check_name(table, n, facts), after_highest=not facts.mariadb),
    )


def next_name(table: Table, constraint: Constraint, facts: Facts) -> str | None:
    """Return the name that the server gives ``constraint`` when it is added to ``table`` without one."""
    match constraint:
        case PrimaryKey():
            return None
        case UniqueConstraint(columns=columns):
            return key_name(columns[0], key_names(table))
        case ForeignKey():
            keys = _numbered(
                (*table.foreign_keys, constraint), lambda n: f"{table.name.name}_ibfk_{n}", after_highest=True
            )
            return keys[-1].name
        case CheckConstraint():
            checks = (*table.checks, constraint)
            return _numbered(checks, lambda n: check_name(table, n, facts), after_highest=not facts.mariadb)[-1].name
    return constraint.name


def key_names(table: Table) -> set[str]:
    """Return the names of a table's keys in lower case: they share one name space."""
    named = {unique.name for unique in table.uniques} | {index.name for index in table.indexes}
    return {name.lower() for name in named if name is not None}


def key_name(column: str, taken: Iterable[str]) -> str:
    """Return the name of a key that nobody named: its first column's, with _2, _3 ... where that is taken."""
    names = {*taken, "primary"}
    candidate, number = column, 1
    while candidate.lower() in names:
        number += 1
        candidate = f"{column}_{number}"
    return candidate


_TEXT_AND_NUMBER = re.compile(r"(\D*)(\d*)")


def natural_key(name: str) -> tuple[tuple[str, int], ...]:
    """Return a key by which ``t_ibfk_2`` comes before ``t_ibfk_10``."""
    return tuple((text, int(number or 0)) for text, number in _TEXT_AND_NUMBER.findall(name))


def check_name(table: Table, number: int, facts: Facts) -> str:
    """Return the name of the check constraint ``number`` that nobody named."""
    return f"CONSTRAINT_{number}" if facts.mariadb else f"{table.name.name}_chk_{number}"


def _numbered(items: tuple[Named, ...], name: Callable[[int], str], *, after_highest: bool) -> tuple[Named, ...]:
    """Name those without a name by number.

    InnoDB counts on from the highest number in use, MariaDB's checks take the lowest that is free.
    """
    if not any(item.name is None for item in items):
        return items
    taken = {item.name.lower() for item in items if item.name is not None}
    highest = 0
    if after_highest:
        prefix = name(0)[:-1].lower()
        numbers = [text.removeprefix(prefix) for text in taken if text.startswith(prefix)]
        highest = max((int(number) for number in numbers if number.isdigit()), default=0)
    number = highest
    result: list[Named] = []
    for item in items:
        if item.name is None:
            number += 1
            while name(number).lower() in taken:
                number += 1
            item = changed(item, name=name(number))
        result.append(item)
    return tuple(result)


# -- indexes that the server makes for foreign keys


def covers(columns: Iterable[str], key: Iterable[str]) -> bool:
    """Return True where an index over ``columns`` has those of ``key`` as its first ones, in their order.

    "MySQL requires indexes on foreign keys ... the foreign key columns are listed as the first columns in the same order" ("FOREIGN KEY
    Constraints", MySQL; InnoDB in MariaDB is the same).
    """
    wanted = tuple(name.lower() for name in key)
    return tuple(name.lower() for name in columns)[: len(wanted)] == wanted


def leading_columns(index: Index) -> tuple[str, ...]:
    """Return the leading columns of an index that can serve a foreign key: whole columns of a b-tree."""
    names: list[str] = []
    if index.method in ("fulltext", "spatial"):
        return ()
    for element in index.elements:
        if not isinstance(element.what, str) or element.length is not None:
            break
        names.append(element.what)
    return tuple(names)


def _other_keys(table: Table, but: Index | None = None) -> list[tuple[str, ...]]:
    keys = [leading_columns(index) for index in table.indexes if index is not but]
    keys += [unique.columns for unique in table.uniques]
    return keys if table.primary_key is None else [*keys, table.primary_key.columns]


def implicit_indexes(table: Table) -> tuple[Index, ...]:
    """Return the indexes that InnoDB makes for the foreign keys of ``table``: for those that no other index covers.

    Such an index is called as its constraint, or where nobody named that one, as its first column. One that was read has the name that it has.
    """
    keys = _other_keys(table)
    bare = [key for key in table.foreign_keys if not any(covers(columns, key.columns) for columns in keys)]
    taken = key_names(table)
    made: list[Index] = []
    for i, key in enumerate(bare):
        # A longer key serves a shorter one that begins alike, and of two alike the first is made.
        others = (other for j, other in enumerate(bare) if j < i or (j > i and len(other.columns) > len(key.columns)))
        if any(covers(other.columns, key.columns) for other in others):
            continue
        found = (d.name for d in table.dependants if d.sql == _hidden_sql(table, d.name, key.columns))
        name = next(found, None) or _implicit_name(table, key, taken)
        taken.add(name.lower())
        made.append(Index(name=name, elements=tuple(IndexElement(what=column) for column in key.columns)))
    return tuple(made)


def _implicit_name(table: Table, key: ForeignKey, taken: set[str]) -> str:
    return key_name(key.columns[0], taken) if _is_unnamed(table, key) or key.name is None else key.name


def _is_unnamed(table: Table, key: ForeignKey) -> bool:
    if key.implicit or key.name is None:
        return True
    number = key.name.removeprefix(f"{table.name.name}_ibfk_")
    return number != key.name and number.isdigit()


def without_implicit_indexes(table: Table) -> Table:
    """Return ``table`` without the indexes that the server made for foreign keys, or that cannot be told from such.

    It goes by itself as soon as another index covers the foreign key, so an index that is needed by one, that is over its very columns
    and has the name that the server would give, is the server's own: no part of the table's indexes, on either side of a comparison.
    """
    kept = tuple([index for index in table.indexes if not _is_implicit(index, table)])
    return table if len(kept) == len(table.indexes) else changed(table, indexes=kept)


def hidden_indexes(read: Table, finished: Table) -> tuple[Dependant, ...]:
    """Return the indexes of a table that :func:`without_implicit_indexes` has taken out of it, as dependants: their names are needed yet."""
    kept = {index.name for index in finished.indexes} | {unique.name for unique in finished.uniques}
    return tuple(
        Dependant(kind="index", name=index.name, sql=_hidden_sql(read, index.name, index.columns))
        for index in sorted(read.indexes, key=lambda index: index.name)
        if index.name not in kept
    )


def _hidden_sql(table: Table, name: str, columns: Iterable[str]) -> str:
    parts = [table.name.name] if table.name.schema is None else [table.name.schema, table.name.name]
    return f"CREATE INDEX {quoted(name)} ON {'.'.join(map(quoted, parts))} ({', '.join(map(quoted, columns))})"


def _is_implicit(index: Index, table: Table) -> bool:
    if index.unique or index.options or index.comment or index.method:
        return False
    if not any(_would_be_called(table, key, index.name) for key in table.foreign_keys):
        # Its name alone tells, of nearly all.
        return False
    columns = leading_columns(index)
    if len(columns) != len(index.elements) or any(element.descending for element in index.elements):
        return False
    keys = [key for key in table.foreign_keys if len(key.columns) == len(columns) and covers(columns, key.columns)]
    if not any(_would_be_called(table, key, index.name) for key in keys):
        return False
    return not any(covers(other, keys[0].columns) for other in _other_keys(table, but=index))


def _would_be_called(table: Table, key: ForeignKey, name: str) -> bool:
    if key.name is not None and key.name.lower() == name.lower():
        return True
    # The end of a name alone tells, of nearly all, that it is not made of the column's.
    return (
        name[len(key.columns[0]) :][:1] in ("", "_")
        and _is_unnamed(table, key)
        and re.fullmatch(rf"{re.escape(key.columns[0])}(_\d+)?", name, re.IGNORECASE) is not None
    )
