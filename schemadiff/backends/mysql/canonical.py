"""What the server makes of what a model says: the last step of lowering, and of reflection too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import sqlalchemy as sa

from schemadiff.backends.dialect_arguments import dialect_arguments
from schemadiff.backends.mysql.defaults import canonical_default, is_null, split_on_update
from schemadiff.backends.mysql.names import implicit_indexes, natural_key, with_names, without_implicit_indexes
from schemadiff.backends.mysql.options import collation_name, default_method, relative
from schemadiff.backends.mysql.server import Facts, charset_of
from schemadiff.backends.mysql.text import canonical_expression, lexicon_for, quoted
from schemadiff.backends.mysql.types import TypeSpec, canonical_type, has_collation, parse_type, spell
from schemadiff.backends.tokens import Lexicon
from schemadiff.schema import (
    CheckConstraint,
    Column,
    DataType,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    Table,
    UniqueConstraint,
    changed,
    option,
    options,
    sorted_by_name,
)
from schemadiff.schema import Sequence as SequenceNoun

__all__ = [
    "canonical_now",
    "column_collation",
    "finish_column",
    "finish_sequence",
    "finish_table",
    "is_column_check",
    "type_from",
]


def type_from(sql: str, facts: Facts, *, collation: str | None = None, origin: Any = None) -> DataType:
    """Return the canonical type that ``sql`` spells."""
    spec = parse_type(sql, lexicon_for(facts))
    if spec is None:
        # A type that this backend does not know, e.g. one of a plugin: it equals only its own spelling.
        return DataType(" ".join(sql.lower().split()), origin=origin)
    return DataType(
        spell(canonical_type(spec, facts, collation=_written(spec, facts) or collation), facts), origin=origin
    )


def column_collation(sql: str, facts: Facts, origin: Any) -> str | None:
    """Return the collation that a type states, by itself or through a character set; None where it states none.

    Args:
        sql: the type as the dialect spells it.
        facts: the server.
        origin: the SQLAlchemy type: one that is no string of SQLAlchemy's own says its collation beside.
    """
    spec = parse_type(sql, lexicon_for(facts))
    if spec is None or not has_collation(canonical_type(spec, facts)):
        return None
    beside = getattr(origin, "collation", None)
    return _written(spec, facts) or (collation_name(str(beside)) if beside else None)


def _written(spec: TypeSpec, facts: Facts) -> str | None:
    if spec.collation is not None:
        return collation_name(spec.collation)
    if spec.binary:
        return f"{charset_of(spec.charset or facts.collation or 'utf8mb4')}_bin"
    return None if spec.charset is None else facts.default_collation(spec.charset)


# -- columns


def finish_column(column: Column, origin: sa.Column[Any], facts: Facts) -> Column:
    """Return ``column`` with what MariaDB or MySQL makes of it.

    Args:
        column: lowered from ``origin``.
        origin: the SQLAlchemy column.
        facts: the server.
    """
    default, on_update = column.default, None
    if isinstance(default, Expression):
        lexicon = lexicon_for(facts)
        text, on_update = split_on_update(default.sql, lexicon)
        if on_update is None and is_null(text or "NULL", lexicon):
            default = None
    settings = column.options
    if on_update is not None:
        settings = options({**dict(settings), "on_update": canonical_now(on_update, lexicon_for(facts))})
    autoincrement = column.autoincrement or _is_autoincrement(origin)
    if not autoincrement and default is column.default and settings is column.options and column.comment != "":
        # So it is with nearly all.
        return column
    return changed(
        column,
        default=None if autoincrement else default,
        autoincrement=autoincrement,
        nullable=column.nullable and not autoincrement,
        comment=column.comment or None,
        options=settings,
    )


def canonical_now(sql: str, lexicon: Lexicon) -> str:
    """Return the canonical spelling of an ON UPDATE: ``current_timestamp(6)``."""
    return canonical_expression(sql, lexicon).replace(" ", "").removesuffix("()")


def _is_autoincrement(column: sa.Column[Any]) -> bool:
    """The rule by which SQLAlchemy's DDL compiler for MySQL writes AUTO_INCREMENT: a model has it in the primary key only.

    In a revision file, a column that says ``autoincrement=True`` and leads another key has it too, as the server allows: so it is written
    of a column that was read from a database.
    """
    table = column.table
    if not isinstance(table, sa.Table):
        return False
    if table.primary_key._autoincrement_column is not column and not (
        column.autoincrement is True and table.metadata.info.get("schemadiff_scratch") and _leads_key(column, table)
    ):
        return False
    if column.server_default is not None and not isinstance(column.server_default, sa.Identity):
        return False
    return not (isinstance(column.default, sa.Sequence) and not column.default.optional)


def _leads_key(column: sa.Column[Any], table: sa.Table) -> bool:
    """Return True where ``column`` is the first of a key other than the primary one, or may be, where the table has none."""
    keys: list[Any] = [item for item in table.constraints if isinstance(item, sa.UniqueConstraint)]
    return not table.primary_key.columns or any(list(key.columns)[:1] == [column] for key in [*keys, *table.indexes])


# -- tables


def finish_table(table: Table, facts: Facts) -> Table:
    """Return ``table`` as the server keeps it; idempotent."""
    if facts.lower_case_names:
        table = _lower_case(table)
    own = option(table.options, "collate") or facts.collation_of(table.name.schema)
    engine = str(option(table.options, "engine") or facts.engine)
    table = changed(
        table,
        columns=_with_timestamps(tuple([_column(column, table, own, facts) for column in table.columns]), facts),
        options=relative(table.options, table.name.schema, facts),
        comment=table.comment or _written_comment(table),
        primary_key=None if table.primary_key is None else _primary_key(table.primary_key, facts),
        foreign_keys=tuple([key if key.match is None else changed(key, match=None) for key in table.foreign_keys]),
        checks=tuple([_check(check, facts) for check in table.checks]),
    )
    table = with_names(_with_unique_nouns(table, engine, facts), facts)
    table = without_implicit_indexes(table)
    if engine.lower() in _WITHOUT_FOREIGN_KEYS:
        # The clause is read and forgotten, but for the index that it asks for.
        table = changed(table, indexes=(*table.indexes, *implicit_indexes(table)), foreign_keys=())
    return changed(
        table,
        uniques=_sorted(table.uniques),
        checks=_sorted(table.checks),
        foreign_keys=_sorted(table.foreign_keys),
        indexes=tuple(sorted(table.indexes, key=lambda index: index.name)),
    )


_WITHOUT_FOREIGN_KEYS = frozenset({"myisam", "aria", "memory", "csv", "archive", "blackhole", "merge", "rocksdb"})
AnyConstraint = TypeVar("AnyConstraint", UniqueConstraint, CheckConstraint, ForeignKey)


def _sorted(items: Iterable[AnyConstraint]) -> tuple[AnyConstraint, ...]:
    """Sort by name, numbers in it by their value: unnamed ones get their numbers again in the order in which they stand."""
    return sorted_by_name(items, natural_key)


def _lower_case(table: Table) -> Table:
    keys = tuple(
        changed(key, referent=changed(key.referent, name=key.referent.name.lower())) for key in table.foreign_keys
    )
    return changed(table, name=changed(table.name, name=table.name.name.lower()), foreign_keys=keys)


def _column(column: Column, table: Table, table_collation: str, facts: Facts) -> Column:
    """Return a column with what its table decides: NOT NULL of keys, the collation that goes without saying, the size of TEXT(n)."""
    if column.nullable and table.primary_key is not None and column.name in table.primary_key.columns:
        column = changed(column, nullable=False)
    if column.collation is not None and column.collation == table_collation and not _is_scratch(table):
        column = changed(column, collation=None)
    written = column.type.origin
    if isinstance(written, sa.Text) and isinstance(length := written.length, int) and column.type.sql.endswith("text"):
        resized = type_from(f"text({length})", facts, collation=column.collation or table_collation)
        # In a table of another character set it is another type, and no longer what the model's object says.
        column = changed(column, type=column.type if resized == column.type else resized)
    return column


def _written_comment(table: Table) -> str | None:
    """Return the comment that a model gives as an option: the way of SQLAlchemy's users before tables had comments."""
    arguments = dialect_arguments(table.origin)
    return arguments.get("mysql_comment") or arguments.get("mariadb_comment") or None


def _is_scratch(table: Table) -> bool:
    """Return True for the table around a column that an operation adds or changes: what the real one's collation is, nobody knows."""
    if not isinstance(table.origin, sa.Table) or len(table.columns) > 1 or table.primary_key is not None:
        return False
    return bool(table.origin.metadata.info.get("schemadiff_scratch"))


def _with_timestamps(columns: tuple[Column, ...], facts: Facts) -> tuple[Column, ...]:
    """Give TIMESTAMP columns the defaults that they get where explicit_defaults_for_timestamp is off.

    "The first TIMESTAMP column, if not explicitly declared with the NULL attribute or an explicit DEFAULT or ON UPDATE attribute, is
    automatically declared with DEFAULT CURRENT_TIMESTAMP and ON UPDATE CURRENT_TIMESTAMP"; the others get the zero date
    ("explicit_defaults_for_timestamp", MySQL; MariaDB does the same).
    """
    if facts.explicit_timestamps:
        return columns
    result: list[Column] = []
    first = True
    for column in columns:
        if column.type.sql.startswith("timestamp"):
            bare = not column.nullable and column.default is None and option(column.options, "on_update") is None
            if bare:
                column = _stamped(column, facts) if first else _zero_stamped(column, facts)
            first = False
        result.append(column)
    return tuple(result)


def _stamped(column: Column, facts: Facts) -> Column:
    precision = column.type.sql.removeprefix("timestamp").strip("()")
    now = f"current_timestamp({precision})"
    default = Expression(f"{now} ON UPDATE {now}", canonical_default(now, column.type, facts))
    on_update = canonical_now(now, lexicon_for(facts))
    return changed(column, default=default, options=options({**dict(column.options), "on_update": on_update}))


def _zero_stamped(column: Column, facts: Facts) -> Column:
    precision = int(column.type.sql.removeprefix("timestamp").strip("()") or 0)
    zero = "'0000-00-00 00:00:00" + ("." + "0" * precision if precision else "") + "'"
    return changed(column, default=Expression(zero, canonical_default(zero, column.type, facts)))


def _primary_key(key: PrimaryKey, facts: Facts) -> PrimaryKey:
    """A primary key has no name, and a b-tree whatever it says; the lengths and directions of its parts are its own."""
    if not key.options:
        return changed(key, name=None, comment=None, implicit=True)
    found = {name: value for name, value in key.options if name in _OF_PRIMARY_KEYS}
    descending = found.pop("descending", None) or ()
    if facts.descending_indexes:
        found["descending"] = tuple(column for column in key.columns if column in descending) or None
    return changed(key, name=None, options=options(_with_block_size(found, facts)), comment=None, implicit=True)


_OF_PRIMARY_KEYS = frozenset({"comment", "descending", "key_block_size", "length", "without_overlaps"})


def _with_block_size(found: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """Return options of a key, the block size as a number, or left out where no server tells it."""
    size = found.pop("key_block_size", None)
    return found | ({"key_block_size": int(size)} if size and facts.shows_block_sizes else {})


def _check(check: CheckConstraint, facts: Facts) -> CheckConstraint:
    """A check that MariaDB reads with a column, not with the table, is called as the column; nobody can call it otherwise.

    It has an option that tells it from a check of the table: SHOW CREATE TABLE does too, and neither becomes the other by itself.
    """
    column = getattr(check.origin, "parent", None)
    if not facts.mysql and check.name is None and isinstance(column, sa.Column):
        return changed(check, name=str(column.name), implicit=True, options=(("column", True),))
    # "[NOT] ENFORCED" is MySQL's alone ("CHECK Constraints").
    known = {"column"} if facts.mariadb else {"column", "not_enforced"}
    return changed(check, options=tuple(pair for pair in check.options if pair[0] in known and pair[1]))


def is_column_check(check: CheckConstraint) -> bool:
    """Return True for a check that is part of a column's definition: its name is the column's, and nobody gave it."""
    return bool(option(check.options, "column"))


# -- unique constraints and indexes


def _with_unique_nouns(table: Table, engine: str, facts: Facts) -> Table:
    """Give each key the one noun that it has here: a unique constraint and a unique index are the same thing."""
    if not table.uniques and not table.indexes:
        return table
    indexes: list[Index] = []
    uniques = [changed(unique, options=()) for unique in table.uniques]
    for index in table.indexes:
        index = _index(index, engine, facts)
        if index.unique and _is_plain(index):
            # What a model says of an index for other dialects cannot be said of a constraint.
            origin = None if dialect_arguments(index.origin) else index.origin
            uniques.append(
                UniqueConstraint(name=index.name, columns=index.columns, comment=index.comment, origin=origin)
            )
        else:
            indexes.append(index)
    return changed(table, uniques=tuple(uniques), indexes=tuple(indexes))


def _is_plain(index: Index) -> bool:
    plain = all(isinstance(e.what, str) and not e.descending and e.length is None for e in index.elements)
    return plain and index.method is None and not index.options


def _index(index: Index, engine: str, facts: Facts) -> Index:
    method = index.method or _written_method(index)
    if method == default_method(engine) or (method in ("btree", "hash") and engine != "MEMORY"):
        # Other engines have b-trees only, whatever the statement says. (MariaDB makes a unique key over a hash where it is told to, and
        # forgets it with the next ALTER TABLE, whatever that changes.)
        method = None
    elements = tuple([_element(element, method, facts) for element in index.elements])
    if not index.options:
        return changed(index, method=method, elements=elements, comment=index.comment or None)
    found = _with_block_size({key: value for key, value in index.options if key != "using" and value}, facts)
    return changed(index, method=method, elements=elements, comment=index.comment or None, options=options(found))


def _written_method(index: Index) -> str | None:
    """Return the method that a model states; lowering leaves a b-tree out, which is not what a MEMORY table makes by itself."""
    arguments = dialect_arguments(index.origin)
    written = arguments.get("mariadb_using") or arguments.get("mysql_using")
    return None if written is None or index.method is not None else str(written).lower()


def _element(element: IndexElement, method: str | None, facts: Facts) -> IndexElement:
    if method in ("fulltext", "spatial"):
        return changed(element, length=None, descending=False)
    if element.collation is not None:
        # There is no other collation than the column's but in an expression.
        inner = quoted(element.what) if isinstance(element.what, str) else f"({element.what.sql})"
        text = f"{inner} collate {element.collation}"
        what = Expression(text, canonical_expression(text, lexicon_for(facts)))
        element = changed(element, what=what, collation=None)
    return changed(element, descending=False) if element.descending and not facts.descending_indexes else element


# -- sequences

_LARGEST = 9223372036854775806


def finish_sequence(sequence: SequenceNoun) -> SequenceNoun:
    """Return a sequence with the options that MariaDB writes out where a model leaves them open ("CREATE SEQUENCE")."""
    increment = 1 if sequence.increment is None else sequence.increment
    rising = increment >= 0
    low = (1 if rising else -_LARGEST - 1) if sequence.minvalue is None else sequence.minvalue
    high = (_LARGEST if rising else -1) if sequence.maxvalue is None else sequence.maxvalue
    return changed(
        sequence,
        type=None,
        start=(low if rising else high) if sequence.start is None else sequence.start,
        increment=increment,
        minvalue=low,
        maxvalue=high,
        cache=1000 if sequence.cache is None else sequence.cache,
        comment=sequence.comment or None,
    )
