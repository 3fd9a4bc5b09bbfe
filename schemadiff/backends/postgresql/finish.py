"""What the server adds to what a model says: names, options of sequences, NOT NULL of keys, serial columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from schemadiff.backends.postgresql.canonical import has_length_coercion, sequence_options
from schemadiff.backends.postgresql.lexicon import LEXICON, quoted
from schemadiff.backends.postgresql.naming import clip, constraint_name, object_name
from schemadiff.backends.postgresql.types import unwrapped
from schemadiff.backends.postgresql.vocabulary import DEFAULT_OPCLASSES, INTEGER_TYPES
from schemadiff.backends.tokens import TokenError, tokenize
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Constraint,
    DataType,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Sequence,
    Table,
    UniqueConstraint,
    changed,
    option,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

__all__ = ["finished_column", "finished_sequence", "finished_table", "is_serial"]


def is_scratch(origin: Any) -> bool:
    """Return True for a table that an operation of a revision has built, of which it may be a part only."""
    return bool(getattr(getattr(origin, "metadata", None), "info", {}).get("schemadiff_scratch"))


# -- columns


def is_serial(column: sa.Column[Any], dialect: Dialect) -> bool:
    """Return True where SQLAlchemy makes ``column`` a SERIAL: the autoincrement column of a key, with no other source of values.

    ``autoincrement=True`` makes it one whatever its server default is: so reflection gives a SERIAL back. In a revision it is enough: a
    database may have a SERIAL that is in no key, and an added column stands in no whole table.
    """
    if not column.primary_key and column.autoincrement is not True:
        # So it is with nearly all.
        return False
    table = getattr(column, "table", None)
    if not isinstance(table, sa.Table):
        return False
    stated = is_scratch(table) and column.autoincrement is True
    if not stated and (not column.primary_key or column is not table._autoincrement_column):
        return False
    if column.identity is not None or column.computed is not None or (stated and column.server_default is not None):
        return False
    plain = type(column.type) is sa.Integer and not vars(column.type)
    if not plain and not isinstance(unwrapped(column.type, dialect), sa.Integer):
        return False
    default = column.default
    return default is None or (isinstance(default, sa.Sequence) and bool(default.optional))


def finished_column(column: Column, origin: sa.Column[Any], dialect: Dialect) -> Column:
    """Return ``column`` as the server has it."""
    default = column.default
    nullable = column.nullable
    written_out = isinstance(default, Expression) and _is_own_sequence(default, column.type, origin)
    serial = written_out or is_serial(origin, dialect)
    if serial:
        default = None
    if isinstance(default, Identity):
        default, nullable = finished_identity(default, column.type), False
    elif isinstance(default, Expression) and default.canonical == "null" and not has_length_coercion(column.type):
        default = None
    name = clip(column.name)
    if (
        name is column.name
        and default is column.default
        and nullable is column.nullable
        and serial is column.autoincrement
        and column.comment != ""
    ):
        # So it is with nearly all.
        return column
    return changed(
        column,
        name=name,
        default=default,
        nullable=nullable,
        # The server takes an empty comment for none.
        comment=column.comment or None,
        autoincrement=serial,
    )


_NEXTVAL = re.compile(r"nextval \( '((?:[^']|'')*)' \)\Z")


def _is_own_sequence(default: Expression, type_: DataType, origin: sa.Column[Any]) -> bool:
    """Return True where a default is what SERIAL writes: the next value of the sequence that the server names after the column.

    So stands it in a MetaData that was reflected. A model that defines a sequence of this name itself means that one.
    """
    table = getattr(origin, "table", None)
    found = _NEXTVAL.match(default.canonical)
    if found is None or not isinstance(table, sa.Table) or type_.sql not in INTEGER_TYPES:
        return False
    try:
        *path, last = [
            t.text for t in tokenize(found.group(1).replace("''", "'"), LEXICON) if t.kind in ("word", "identifier")
        ]
    except (TokenError, ValueError):
        return False
    name = object_name(str(table.name), str(origin.name), "seq")
    defined = {str(sequence.name) for sequence in table.metadata._sequences.values()}
    return last == name and path in ([], [table.schema]) and name not in defined


def finished_identity(identity: Identity, type_: DataType) -> Identity:
    """Return ``identity`` with all its options written out."""
    filled = sequence_options(
        type_.sql,
        start=identity.start,
        increment=identity.increment,
        minvalue=identity.minvalue,
        maxvalue=identity.maxvalue,
        cache=identity.cache,
    )
    return Identity(always=identity.always, cycle=identity.cycle, **filled)


def finished_sequence(sequence: Sequence) -> Sequence:
    """Return ``sequence`` with all its options written out."""
    type_ = sequence.type if sequence.type is not None and sequence.type.sql in INTEGER_TYPES else DataType("bigint")
    filled: dict[str, Any] = sequence_options(
        type_.sql,
        start=sequence.start,
        increment=sequence.increment,
        minvalue=sequence.minvalue,
        maxvalue=sequence.maxvalue,
        cache=sequence.cache,
    )
    name = Name(clip(sequence.name.name), sequence.name.schema)
    return changed(sequence, name=name, type=type_, **filled)


# -- tables


def finished_table(table: Table) -> Table:
    """Return ``table`` as the server has it. It is idempotent."""
    revised = is_scratch(table.origin)
    key = None if table.primary_key is None else _clipped_key(table.primary_key)
    key, uniques = _without_repeated_uniques(key, tuple([_clipped_key(unique) for unique in table.uniques]))
    checks = [_said(check) for check in table.checks]
    columns = _with_not_null(tuple([_clipped_column(column) for column in table.columns]), key)
    table = changed(
        table,
        name=_clipped_name(table.name),
        comment=table.comment or None,
        columns=columns,
        primary_key=key,
        uniques=uniques,
        # CREATE TABLE marks the constraints of a new table as valid, whatever a model says. (A revision says what a database had.)
        checks=tuple(checks if revised else map(_without_not_valid, checks)),
        foreign_keys=tuple([_foreign_key(key, revised=revised) for key in table.foreign_keys]),
        excludes=tuple([_exclude(constraint) for constraint in table.excludes]),
        indexes=tuple(sorted([_index(index, columns) for index in table.indexes], key=lambda index: index.name)),
    )
    return _named(table)


AnyConstraint = TypeVar("AnyConstraint", UniqueConstraint, CheckConstraint, ForeignKey, ExcludeConstraint)


def _sorted(constraints: list[AnyConstraint]) -> tuple[AnyConstraint, ...]:
    return tuple(constraints if len(constraints) < 2 else sorted(constraints, key=lambda c: c.name or ""))


def _clipped(names: tuple[str, ...]) -> tuple[str, ...]:
    """Cut names to the length that the server cuts them to."""
    return names if all(clip(name) is name for name in names) else tuple([clip(name) for name in names])


def _clipped_name(name: Name) -> Name:
    clipped = clip(name.name)
    return name if clipped is name.name else changed(name, name=clipped)


def _clipped_column(column: Column) -> Column:
    clipped = clip(column.name)
    return column if clipped is column.name else changed(column, name=clipped)


Said = TypeVar("Said", PrimaryKey, UniqueConstraint, CheckConstraint, ForeignKey, ExcludeConstraint)
Key = TypeVar("Key", PrimaryKey, UniqueConstraint)


def _said(constraint: Said) -> Said:
    """Return a constraint with its name cut. The server takes an empty comment for none."""
    name = None if constraint.name is None else clip(constraint.name)
    if name is constraint.name and constraint.comment != "":
        return constraint
    return changed(constraint, name=name, comment=constraint.comment or None)


def _clipped_key(key: Key) -> Key:
    key, columns = _said(key), _clipped(key.columns)
    return key if columns is key.columns else changed(key, columns=columns)


def _with_not_null(columns: tuple[Column, ...], key: PrimaryKey | None) -> tuple[Column, ...]:
    members = () if key is None else key.columns
    return tuple(
        [
            changed(column, nullable=False)
            if column.nullable and (column.name in members or column.autoincrement)
            else column
            for column in columns
        ]
    )


def _without_repeated_uniques(
    key: PrimaryKey | None, uniques: tuple[UniqueConstraint, ...]
) -> tuple[PrimaryKey | None, tuple[UniqueConstraint, ...]]:
    """Leave out unique constraints on columns that the primary key or an earlier unique constraint has, in the same order.

    CREATE TABLE merges them, and gives the name of a later one to an earlier one that has none (``transformIndexConstraints`` in
    src/backend/parser/parse_utilcmd.c).
    """
    kept: list[UniqueConstraint] = []
    for unique in uniques:
        same = next((c for c in kept if _same_index(c, unique)), None)
        if key is not None and _same_index(key, unique):
            if key.implicit and not unique.implicit:
                key = changed(key, name=unique.name, implicit=False)
        elif same is None:
            kept.append(unique)
        elif same.implicit and not unique.implicit:
            kept[kept.index(same)] = changed(same, name=unique.name, implicit=False)
    return key, tuple(kept)


def _same_index(one: Any, other: Any) -> bool:
    def traits(constraint: Any) -> tuple[Any, ...]:
        return (constraint.columns, constraint.deferrable, constraint.initially_deferred, constraint.options)

    return traits(one) == traits(other)


Validated = TypeVar("Validated", CheckConstraint, ForeignKey)


def _without_not_valid(constraint: Validated) -> Validated:
    if not option(constraint.options, "not_valid"):
        return constraint
    # What is rendered is the constraint itself, not the model's object, which would say it again.
    kept = tuple(item for item in constraint.options if item[0] != "not_valid")
    return changed(constraint, options=kept, origin=None)


def _foreign_key(key: ForeignKey, *, revised: bool) -> ForeignKey:
    origin = key.origin
    columns, referent_columns = _clipped(key.columns), _clipped(key.referent_columns)
    referent = _clipped_name(key.referent)
    key = _said(key)
    if columns is not key.columns or referent_columns is not key.referent_columns or referent is not key.referent:
        key = changed(key, columns=columns, referent=referent, referent_columns=referent_columns)
    # A foreign key that SQLAlchemy adds with ALTER TABLE keeps its NOT VALID.
    if not revised and not getattr(origin, "use_alter", False):
        key = _without_not_valid(key)
    written = getattr(origin, "ondelete", None)
    return changed(key, ondelete=_set_columns(written)) if written is not None and "(" in written else key


def _set_columns(action: str) -> str:
    """Return ``SET NULL (a, b)`` with the columns spelled as reflection spells them; the action in upper case."""
    try:
        tokens = tokenize(action, LEXICON)
    except TokenError:
        return action
    opening = next(i for i, token in enumerate(tokens) if token.text == "(")
    words = " ".join(token.text.upper() for token in tokens[:opening])
    names = [t for t in tokens[opening:] if t.kind in ("word", "identifier")]
    columns = ", ".join(quoted(t.text if t.kind == "identifier" else t.text.lower()) for t in names)
    return f"{words} ({columns})"


def _opclass(method: str | None, name: str | None) -> str | None:
    return None if name is None or (method or "btree", name.lower()) in DEFAULT_OPCLASSES else name


def _exclude(constraint: ExcludeConstraint) -> ExcludeConstraint:
    elements = tuple(changed(e, opclass=_opclass(constraint.method, e.opclass)) for e in constraint.elements)
    return changed(_said(constraint), elements=elements)


def _index(index: Index, columns: Iterable[Column]) -> Index:
    name = clip(index.name)
    if name is index.name and index.method != "btree" and all(map(_is_plain, index.elements)):
        return index
    elements = []
    for element in index.elements:
        collation = element.collation
        column = None
        if collation is not None and isinstance(element.what, str):
            column = next((each for each in columns if each.name == element.what), None)
        # The collation of the column itself, stated again, is no collation of the index's own.
        if collation is not None and column is not None and collation == (column.collation or "default"):
            collation = None
        elements.append(changed(element, opclass=_opclass(index.method, element.opclass), collation=collation))
    method = None if index.method == "btree" else index.method
    return changed(index, name=name, elements=tuple(elements), method=method)


def _is_plain(element: IndexElement) -> bool:
    return element.opclass is None and element.collation is None


def _named(table: Table) -> Table:
    """Give unnamed constraints the names that the server gives them, in the order in which CREATE TABLE chooses them."""
    taken = {c.name for c in table.constraints() if c.name is not None and not c.implicit}

    def name(constraint: Any) -> Any:
        if constraint.name is not None and not constraint.implicit:
            return constraint
        chosen = constraint_name(table, constraint, taken, LEXICON)
        taken.add(chosen)
        return changed(constraint, name=chosen, implicit=True)

    checks = [name(c) for c in table.checks]
    key = None if table.primary_key is None else name(table.primary_key)
    uniques = [name(c) for c in table.uniques]
    excludes = [name(c) for c in table.excludes]
    foreign_keys = [name(c) for c in table.foreign_keys]
    return changed(
        table,
        checks=_sorted(checks),
        primary_key=key,
        uniques=_sorted(uniques),
        excludes=_sorted(excludes),
        foreign_keys=_sorted(foreign_keys),
    )


def new_name(table: Table, constraint: Constraint) -> str:
    """Return the name that the server gives ``constraint`` when it is added unnamed to ``table``."""
    taken = {c.name for c in table.constraints() if c.name is not None}
    return constraint_name(table, constraint, taken, LEXICON)
