"""What a diagram shows: tables as boxes of rows, foreign keys as lines between rows, and what changes of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemadiff.frozen import dataclass
from schemadiff.operations import Operation
from schemadiff.rendering.labels import Sign
from schemadiff.rendering.signs import Signs, signs
from schemadiff.schema import Column, ForeignKey, Name, Schema, Table
from schemadiff.schema.words import constraint_name, constraint_words

__all__ = ["Box", "Diagram", "Line", "Row", "diagram", "difference_diagram"]


@dataclass(frozen=True, slots=True)
class Row:
    """A column.

    Args:
        name, type: its own. Texts are raw: whoever shows them escapes them.
        keys: the keys that it is in: ``PK``, ``FK``, ``UQ`` (unique by itself).
        not_null: it is NOT NULL.
        sign: what happens to it; None where nothing does.
    """

    name: str
    type: str
    keys: tuple[str, ...] = ()
    not_null: bool = False
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A table. ``outside`` says that it is no part of the schema, and only pointed at: nothing is known of its columns."""

    name: Name
    rows: tuple[Row, ...]
    sign: Sign | None = None
    comment: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A foreign key.

    Args:
        table, columns: what refers.
        referent, referent_columns: what it points at.
        words: the foreign key in words.
        unique: at most one row refers to a row.
        optional: a row need not refer to one, as a column may be NULL.
        sign: what happens to it.
    """

    table: Name
    columns: tuple[str, ...]
    referent: Name
    referent_columns: tuple[str, ...]
    words: str
    unique: bool = False
    optional: bool = False
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and lines, each sorted. ``default_schema`` is the schema of tables whose name says none; None where there is none."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    default_schema: str | None = None

    @property
    def signed(self) -> bool:
        """It shows a difference."""
        return any(box.sign is not None for box in self.boxes)


def diagram(schema: Schema) -> Diagram:
    """Return the diagram of a schema: its tables and their foreign keys."""
    return difference_diagram(schema, schema, ())


def difference_diagram(source: Schema, target: Schema, operations: Iterable[Operation]) -> Diagram:
    """Return the diagram of ``target`` with what ``operations`` add, drop and change in it; what is dropped stands in it too.

    Args:
        source: what was before.
        target: what is after.
        operations: what leads from the one to the other.
    """
    known = signs(operations)
    names = sorted({*target.tables, *(name for name in source.tables if known.table(name) == "-")})
    pairs = [(source.tables.get(known.was(name)), target.tables.get(name)) for name in names]
    boxes = [_box(name, *pair, known) for name, pair in zip(names, pairs, strict=True)]
    lines = [line for name, pair in zip(names, pairs, strict=True) for line in _lines(name, *pair, known)]
    outside = sorted({line.referent for line in lines} - set(names))
    boxes += [Box(name, (), outside=True) for name in outside]
    return Diagram(tuple(boxes), tuple(lines), target.server.default_schema)


def _box(name: Name, before: Table | None, after: Table | None, known: Signs) -> Box:
    sign = known.table(name)
    shown = after if after is not None else before
    assert shown is not None
    rows = [_row(column, shown, known.part(name, "column", column.name)) for column in shown.columns]
    if before is not None and shown is not before:
        gone = [column for column in before.columns if known.part(name, "column", column.name) == "-"]
        there = {column.name for column in shown.columns}
        rows += [_row(column, before, "-") for column in gone if column.name not in there]
    return Box(name, tuple(rows), sign, shown.comment)


def _row(column: Column, table: Table, sign: Sign | None) -> Row:
    keys = []
    if table.primary_key is not None and column.name in table.primary_key.columns:
        keys.append("PK")
    if any(column.name in key.columns for key in table.foreign_keys):
        keys.append("FK")
    if (column.name,) in set(_unique_sets(table, primary=False)):
        keys.append("UQ")
    return Row(column.name, column.type.sql, tuple(keys), not column.nullable, sign)


def _lines(name: Name, before: Table | None, after: Table | None, known: Signs) -> Iterator[Line]:
    shown = after if after is not None else before
    assert shown is not None
    own = {constraint_name(key) for key in shown.foreign_keys}
    for key in shown.foreign_keys:
        yield _line(name, shown, key, known.part(name, "foreign key", constraint_name(key)) or known.alone(name))
    if before is not None and shown is not before:
        for key in before.foreign_keys:
            called = constraint_name(key)
            if called not in own and known.part(name, "foreign key", called) == "-":
                yield _line(name, before, key, "-")


def _line(name: Name, table: Table, key: ForeignKey, sign: Sign | None) -> Line:
    nullable = any(column.nullable for column in table.columns if column.name in key.columns)
    words = f"{name} {constraint_words(key)}" if key.name is None else f"{key.name}: {name} {constraint_words(key)}"
    unique = any(set(columns) <= set(key.columns) for columns in _unique_sets(table))
    return Line(name, key.columns, key.referent, key.referent_columns, words, unique, nullable, sign)


def _unique_sets(table: Table, *, primary: bool = True) -> Iterator[tuple[str, ...]]:
    """Yield the columns that each key tells rows apart by."""
    if primary and table.primary_key is not None:
        yield table.primary_key.columns
    for constraint in table.uniques:
        yield constraint.columns
    for index in table.indexes:
        # The columns in INCLUDE tell nothing apart.
        plain = tuple(element.what for element in index.elements if isinstance(element.what, str))
        if index.unique and index.where is None and len(plain) == len(index.elements):
            yield plain
