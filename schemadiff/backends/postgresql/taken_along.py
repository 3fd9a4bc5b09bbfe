"""What a table has of its own of a column that it inherits, where a change of its parents takes it along.

ALTER TABLE on a parent sets a default, a storage and a statistics target of its children too, and a new type or collation takes off their storage
and compression ("ALTER TABLE"; ``ATExecAlterColumnType`` in src/backend/commands/tablecmds.c). So what a child has of its own is made as its
parent's before that, and its own again after it: in two operations, so that the way back does the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from typing import Any

from schemadiff.backends.postgresql.parents import column_of, kept_parents
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.operations import AlterColumn
from schemadiff.schema import Column, ColumnState, Computed, Name, Schema, option, options

__all__ = ["Followed", "Parents"]

_TYPE = frozenset({"type", "collation"})
_ALWAYS_THE_PARENTS = _TYPE | {"nullable"}
# What a change of type takes off, or casts.
_UNDER_A_TYPE = frozenset({"default", "storage", "compression"})
_RECURSING_SETTINGS = ("statistics", "storage")
_SETTINGS = frozenset({"compression", *_RECURSING_SETTINGS})


@dataclass(frozen=True)
class Followed:
    """What becomes of a column of a table as its parents change.

    Args:
        column: as it stands once they have changed.
        lost: what it has of its own and would lose: fields, and names of settings.
        off: what makes it as its parents' before that; None where it loses nothing.
    """

    column: Column
    lost: frozenset[str] = frozenset()
    off: AlterColumn | None = None

    def put_back(self, wanted: Column, before: Column) -> Column:
        """Return ``wanted``, which a model says, with the settings of ``before`` that a model need not say and that would get lost.

        Raises:
            UnsupportedOperation: it has the usual setting beside another one of its parent's, which no model says.
        """
        settings = dict(wanted.options)
        for name in sorted(self.lost & _SETTINGS - settings.keys()):
            value = option(before.options, name)
            if value is None and option(self.column.options, name) is not None and self.off is not None:
                raise UnsupportedOperation(
                    f"Alter column {self.off.table}.{before.name}: its {name} is the usual one and not its parent's, which changes and takes it "
                    f"along; state it, or write the change with op.execute()"
                )
            settings[name] = value
        return replace(wanted, options=options(settings))


@dataclass(frozen=True)
class Parents:
    """The parents of tables on both sides.

    Args:
        source, target: the two sides.
        recursing: the fields of a column that come from a parent to its children.
    """

    source: Schema
    target: Schema
    recursing: frozenset[str]
    _kept: dict[Name, tuple[Name, ...]] = field(default_factory=dict, compare=False)

    def kept(self, table: Name) -> tuple[Name, ...]:
        """Return the parents of a table on both sides."""
        if table not in self._kept:
            before, after = self.source.tables.get(table), self.target.tables.get(table)
            found: tuple[Name, ...] = ()
            if before is not None and after is not None:
                found = kept_parents(before, after, self.source, self.target)
            self._kept[table] = found
        return self._kept[table]

    def followed(self, column: Column, table: Name) -> Followed:
        """Return what becomes of a column of the source as the parents of its table change.

        Raises:
            UnsupportedOperation: two parents take it along to different ends.
        """
        ways: dict[str, tuple[Any, Any]] = {}
        for parent in self.kept(table):
            old, new = (column_of(parent, column.name, side) for side in (self.source, self.target))
            if old is None or new is None:
                continue
            for name in self._moved(column.name, parent):
                way = _value(old, name), _new_value(old, new, name, is_complete=self.target.complete)
                if ways.setdefault(name, way) != way and name not in _ALWAYS_THE_PARENTS:
                    raise UnsupportedOperation(
                        f"Alter column {table}.{column.name}: its parents change its {name}, each to another one; "
                        "split the change into two revisions"
                    )
                ways[name] = way
        if not ways:
            return Followed(column)
        own = {name for name in ways.keys() - _ALWAYS_THE_PARENTS if _value(column, name) != ways[name][0]}
        if "default" in own and _is_computed(column.default, *ways["default"]):
            own.remove("default")
        result = _with(column, {name: new for name, (_, new) in ways.items()})
        if not own:
            return Followed(result)
        aside = ColumnState.of(_with(column, {name: ways[name][0] for name in own}))
        # Nullability is not known of it: so it is never the same as the operation that comes after.
        before = ColumnState.of(column).only({"type", "collation", "default", "options"})
        after = aside.only({"options" if name in _SETTINGS else name for name in own})
        return Followed(result, frozenset(own), AlterColumn(table=table, name=column.name, after=after, before=before))

    def _moved(self, column: str, parent: Name) -> frozenset[str]:
        """Return what a change of a column of ``parent``, or of what that inherits from, sets in its children: fields and settings."""
        found: set[str] = set()
        todo, seen = [parent], set[Name]()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                old, new = (column_of(name, column, side) for side in (self.source, self.target))
                if old is not None and new is not None:
                    found |= set(_changed(old, new, self.recursing, is_complete=self.target.complete))
                todo += self.kept(name)
        return frozenset(found)


def _changed(old: Column, new: Column, recursing: frozenset[str], *, is_complete: bool) -> Iterator[str]:
    changed = {name for name in recursing if getattr(old, name) != getattr(new, name)}
    # The type is set together with the collation.
    yield from changed | (_TYPE | _UNDER_A_TYPE if changed & _TYPE else set())
    for name in _RECURSING_SETTINGS:
        if _value(old, name) != _new_value(old, new, name, is_complete=is_complete):
            yield name


def _value(column: Column, name: str) -> Any:
    return option(column.options, name) if name in _SETTINGS else getattr(column, name)


def _new_value(old: Column, new: Column, name: str, *, is_complete: bool) -> Any:
    """Return what a child gets: of a compression none, and what a model does not say of its parent stays as it is."""
    if name == "compression":
        return None
    value = _value(new, name)
    return _value(old, name) if value is None and name in _SETTINGS and not is_complete else value


def _with(column: Column, values: dict[str, Any]) -> Column:
    settings = dict(column.options) | {name: value for name, value in values.items() if name in _SETTINGS}
    fields = {name: value for name, value in values.items() if name not in _SETTINGS}
    return replace(column, options=options(settings), **fields)


def _is_computed(*defaults: object) -> bool:
    return any(isinstance(default, Computed) for default in defaults)
