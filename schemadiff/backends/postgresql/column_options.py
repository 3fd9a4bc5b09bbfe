"""What PostgreSQL knows of a column beside its type, NOT NULL and default: how it is stored, and how its NOT NULL is called.

The options of a column, each of which a model may leave open:

storage
    PLAIN, EXTERNAL, EXTENDED or MAIN, where it is not the type's own (PostgreSQL manual, "TOAST").
compression
    pglz or lz4.
statistics
    the statistics target.
attributes
    n_distinct and n_distinct_inherited, as (name, value) pairs.
not_null
    of the NOT NULL constraint (PostgreSQL 18, where it is one): ``name``, where it is not the usual one, ``no_inherit``, ``not_valid``
    and ``comment``.
sequence
    of the sequence behind a SERIAL: what SERIAL would have made otherwise, by the names of :class:`~schemadiff.schema.Sequence`. This is
    not left open: a model's SERIAL has a plain one.
sequence_name
    the name of that sequence, where it is not the usual one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.clauses import comma, qualified, sequence_clauses, storage_setting, text_or_null
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.naming import object_name
from schemadiff.backends.postgresql.types import base_of
from schemadiff.backends.postgresql.vocabulary import INTEGER_TYPES
from schemadiff.backends.records import Record
from schemadiff.schema import Column, DataType, Name, Options, Sequence, Server, option, options

if TYPE_CHECKING:
    pass

__all__ = [
    "COLUMN_OPTIONS",
    "altered_sequence",
    "column_comment",
    "known_options",
    "later_statements",
    "names_not_null",
    "not_null_changes",
    "not_null_later",
    "not_null_name",
    "owned_sequence",
    "read_column_options",
    "read_serial_options",
    "serial_changes",
    "setting_changes",
    "settings_lost",
]

COLUMN_OPTIONS = ("attributes", "compression", "not_null", "sequence", "sequence_name", "statistics", "storage")

_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}

# The only ones that ALTER TABLE takes (PostgreSQL manual, "ALTER TABLE"); a server may keep others, of its own, in the same place.
_ATTRIBUTES = frozenset(["n_distinct", "n_distinct_inherited"])

# Types of a fixed length, which are always stored plain (typstorage in pg_type).
_PLAIN = frozenset(
    [
        *(
            "boolean",
            '"char"',
            "name",
            "smallint",
            "integer",
            "bigint",
            "real",
            "double precision",
            "money",
            "oid",
            "tid",
        ),
        *(
            "xid",
            "cid",
            "xid8",
            "point",
            "lseg",
            "box",
            "line",
            "circle",
            "macaddr",
            "macaddr8",
            "date",
            "interval",
            "uuid",
        ),
        *("time without time zone", "time with time zone", "timestamp without time zone", "timestamp with time zone"),
        *("pg_lsn", "tsquery"),
    ]
)
_MAIN = frozenset(["inet", "cidr", "numeric"])


def read_column_options(row: Record, table: str) -> Options:
    """Return the options of a column but for its sequence.

    Args:
        row: its row of COLUMNS.
        table: the name of its table.
    """
    attributes = sorted(
        tuple(each.split("=", 1)) for each in (row.attributes or "").split() if each.split("=", 1)[0] in _ATTRIBUTES
    )
    return options(
        {
            "storage": _STORAGE[row.storage] if row.storage else None,
            "compression": _COMPRESSION.get(row.compression),
            "statistics": row.statistics,
            "attributes": tuple(attributes) or None,
            "not_null": _read_not_null(row, table) or None,
        }
    )


def _read_not_null(row: Record, table: str) -> dict[str, Any]:
    if not row.not_null_named:
        return {}
    found = {
        # A long one is cut, which the query does not know.
        "name": None if row.not_null_name == _usual_name(table, row.name) else row.not_null_name,
        "no_inherit": row.not_null_no_inherit,
        "not_valid": not row.not_null_validated,
        "comment": row.not_null_comment,
    }
    return {name: value for name, value in found.items() if value}


def _usual_name(table: str, column: str) -> str:
    return object_name(table, column, "not_null")


def names_not_null(server: Server) -> bool:
    """Return True where NOT NULL is a constraint: since PostgreSQL 18. A server that is not known is taken as current."""
    return not server.version or server.version[0] >= 18


def known_options(column: Column, backend: Backend) -> Column:
    """Return ``column`` without options that the server does not know: NOT NULL is a constraint since PostgreSQL 18."""
    if names_not_null(backend.server) or option(column.options, "not_null") is None:
        return column
    return replace(column, options=tuple(item for item in column.options if item[0] != "not_null"))


def later_statements(table: Name, column: Column) -> Iterator[str]:
    """Yield what follows the making of a column: its settings, a NOT NULL that is NOT VALID, the options of its own sequence, its comment."""
    yield from setting_changes(table, column.name, column.type, (), column.options)
    if not column.nullable:
        yield from not_null_later(table, column.name, column.options)
    if column.autoincrement:
        yield from serial_changes(table, column.name, column.type, (), column.type, column.options)
    if column.comment is not None:
        yield column_comment(table, column.name, column.comment)


def column_comment(table: Name, column: str, comment: str | None) -> str:
    """Return COMMENT ON COLUMN."""
    return f"COMMENT ON COLUMN {qualified(table)}.{quoted(column)} IS {text_or_null(comment)}"


# -- storage, compression, statistics, attributes


def setting_changes(table: Name, column: str, type_: DataType | None, old: Options, new: Options) -> Iterator[str]:
    """Yield the statements that bring the settings of a column from ``old`` to ``new``.

    Args:
        table, column: the column.
        type_: its type, where it is known.
        old, new: its options.
    """
    alter = f"ALTER TABLE {qualified(table)} ALTER COLUMN {quoted(column)}"
    for name in ("storage", "compression", "statistics"):
        before, after = option(old, name), option(new, name)
        if before != after:
            yield f"{alter} SET {name.upper()} {_setting(name, after, type_)}"
    before_attributes, after_attributes = dict(option(old, "attributes", ())), dict(option(new, "attributes", ()))
    if gone := sorted(before_attributes.keys() - after_attributes.keys()):
        yield f"{alter} RESET ({comma(map(quoted, gone))})"
    changed = {name: value for name, value in after_attributes.items() if before_attributes.get(name) != value}
    if changed:
        yield f"{alter} SET ({comma(storage_setting(name, value) for name, value in sorted(changed.items()))})"


def _setting(name: str, value: Any, type_: DataType | None) -> str:
    if name == "statistics":
        return str(-1 if value is None else int(value))
    if name == "compression":
        return "default" if value is None else quoted(str(value))
    # SET STORAGE DEFAULT came with PostgreSQL 16.
    return _usual_storage(type_) if value is None else quoted(str(value).lower()).upper()


def _usual_storage(type_: DataType | None) -> str:
    base = "" if type_ is None else base_of(type_.sql)
    return "PLAIN" if base in _PLAIN else "MAIN" if base in _MAIN else "EXTENDED"


def settings_lost(settings: Options, type_: DataType) -> Options:
    """Return what ALTER COLUMN ... TYPE takes off ``settings``, as far as the new type can have it: storage and compression."""
    if base_of(type_.sql) in _PLAIN:
        return ()
    return tuple(item for item in settings if item[0] in ("storage", "compression"))


# -- NOT NULL


def _not_null(settings: Options) -> Mapping[str, Any]:
    return dict(option(settings, "not_null", ()))


def not_null_name(table: Name, column: str, settings: Options) -> str:
    """Return the name of a column's NOT NULL constraint."""
    name = _not_null(settings).get("name")
    return _usual_name(table.name, column) if name is None else str(name)


def not_null_later(table: Name, column: str, settings: Options) -> Iterator[str]:
    """Yield the statements that follow a column whose definition has :func:`~schemadiff.backends.postgresql.clauses.not_null_clause`."""
    if _not_null(settings).get("not_valid"):
        yield _added(table, column, settings)
    if comment := _not_null(settings).get("comment"):
        yield _comment(table, column, settings, str(comment))


def _added(table: Name, column: str, settings: Options) -> str:
    said = _not_null(settings)
    name = quoted(not_null_name(table, column, settings))
    inherited = " NO INHERIT" if said.get("no_inherit") else ""
    validity = " NOT VALID" if said.get("not_valid") else ""
    return f"ALTER TABLE {qualified(table)} ADD CONSTRAINT {name} NOT NULL {quoted(column)}{inherited}{validity}"


def _comment(table: Name, column: str, settings: Options, comment: str | None) -> str:
    name = quoted(not_null_name(table, column, settings))
    return f"COMMENT ON CONSTRAINT {name} ON {qualified(table)} IS {text_or_null(comment)}"


def not_null_changes(
    table: Name, column: str, *, was_nullable: bool | None, old: Options, nullable: bool, new: Options
) -> Iterator[str]:
    """Yield the statements that bring a column's NOT NULL from one state to another.

    Args:
        table, column: the column.
        was_nullable: whether it was nullable; None where nobody knows.
        old, new: its options.
        nullable: whether it shall be nullable.
    """
    alter = f"ALTER TABLE {qualified(table)}"
    before, after = _not_null(old), _not_null(new)
    if nullable:
        if was_nullable is not True:
            yield f"{alter} ALTER COLUMN {quoted(column)} DROP NOT NULL"
        return
    if was_nullable is not False or (after.get("not_valid") and not before.get("not_valid")):
        if was_nullable is False:
            yield f"{alter} ALTER COLUMN {quoted(column)} DROP NOT NULL"
        yield _added(table, column, new) if after else f"{alter} ALTER COLUMN {quoted(column)} SET NOT NULL"
        if after.get("comment"):
            yield _comment(table, column, new, str(after["comment"]))
        return
    one, other = not_null_name(table, column, old), not_null_name(table, column, new)
    if one != other:
        yield f"{alter} RENAME CONSTRAINT {quoted(one)} TO {quoted(other)}"
    if bool(before.get("no_inherit")) != bool(after.get("no_inherit")):
        yield f"{alter} ALTER CONSTRAINT {quoted(other)} {'NO ' if after.get('no_inherit') else ''}INHERIT"
    if before.get("not_valid") and not after.get("not_valid"):
        yield f"{alter} VALIDATE CONSTRAINT {quoted(other)}"
    if before.get("comment") != after.get("comment"):
        yield _comment(table, column, new, after.get("comment"))


# -- the sequence of a SERIAL


def read_serial_options(sequence: Sequence, type_: DataType, table: str, column: str) -> Options:
    """Return how the sequence of a column of ``type_`` differs from what SERIAL makes."""
    usual = _serial_sequence(type_, ())
    found = {name: value for name, value in _stated(sequence).items() if value != usual[name]}
    high = INTEGER_TYPES.get(str(found.get("type", type_.sql)), (0, 0))[1]
    if found.get("maxvalue") == high:
        del found["maxvalue"]
    # A name that was taken gets a number.
    name = sequence.name.name
    is_usual = any(name == object_name(table, column, f"seq{number or ''}") for number in range(10))
    return options({"sequence": found or None, "sequence_name": None if is_usual else name})


def _stated(sequence: Sequence) -> dict[str, Any]:
    names = ("start", "increment", "minvalue", "maxvalue", "cycle", "cache")
    return {name: getattr(sequence, name) for name in names} | {
        "type": "" if sequence.type is None else sequence.type.sql
    }


def _serial_sequence(type_: DataType, settings: Options) -> dict[str, Any]:
    """Return all options of the sequence of a SERIAL of ``type_``."""
    said = dict(option(settings, "sequence", ()))
    kind = str(said.get("type", type_.sql))
    high = INTEGER_TYPES.get(kind, INTEGER_TYPES["bigint"])[1]
    usual = {"start": 1, "increment": 1, "minvalue": 1, "maxvalue": high, "cycle": False, "cache": 1}
    return {**usual, **said, "type": kind}


def serial_changes(
    table: Name, column: str, old_type: DataType, old: Options, new_type: DataType, new: Options
) -> Iterator[str]:
    """Yield the statements that make of the sequence of one SERIAL that of another, where they differ."""
    usual = object_name(table.name, column, "seq")
    name = option(new, "sequence_name", usual)
    if name != option(old, "sequence_name", usual):
        rename = literal(f" RENAME TO {quoted(str(name))}")
        body = f"BEGIN EXECUTE 'ALTER SEQUENCE ' || {owned_sequence(table, column)} || {rename}; END"
        yield f"DO {dollar_quoted(body)}"
    before, after = _serial_sequence(old_type, old), _serial_sequence(new_type, new)
    if before == after:
        return
    kind = after.pop("type")
    clauses = sequence_clauses(Sequence(name=table, **after), kind, whole=True)
    if before["type"] != kind:
        clauses.insert(0, f"AS {kind}")
    yield altered_sequence(
        table, column, "ALTER SEQUENCE %s " + " ".join(clauses), after["minvalue"], after["maxvalue"]
    )


def owned_sequence(table: Name, column: str) -> str:
    """Return the expression that gives the name of the sequence behind a column, quoted where it has to be."""
    return f"pg_get_serial_sequence({literal(qualified(table))}, {literal(column)})"


def altered_sequence(table: Name, column: str, alter: str, low: int, high: int) -> str:
    """Return a change of the limits of the sequence behind a column; where it stands outside of them, it begins anew.

    The server refuses limits that the last value lies outside of.

    Args:
        table, column: the column.
        alter: the statement; ``%s`` in it stands for the sequence.
        low, high: the new limits.
    """
    body = (
        f"DECLARE sequence_name text := {owned_sequence(table, column)}; inside boolean;\n"
        f"BEGIN EXECUTE {literal(f'SELECT last_value BETWEEN {low} AND {high} FROM ')} || sequence_name INTO inside;\n"
        f"EXECUTE replace({literal(alter)}, '%s', sequence_name) || CASE WHEN inside THEN '' ELSE ' RESTART' END; END"
    )
    return f"DO {dollar_quoted(body)}"
