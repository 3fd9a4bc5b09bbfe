"""The statements of operations on columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.clauses import (
    column_definition,
    constraint_clause,
    default_text,
    identity_clause,
    qualified,
    quoted_collation,
    sequence_clauses,
    whole,
)
from schemadiff.backends.postgresql.column_options import (
    column_comment,
    known_options,
    later_statements,
    not_null_changes,
    owned_sequence,
    serial_changes,
    setting_changes,
    settings_lost,
)
from schemadiff.backends.postgresql.ddl import Statements, statements
from schemadiff.backends.postgresql.finish import finished_identity
from schemadiff.backends.postgresql.guards import type_guards
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.naming import object_name
from schemadiff.backends.postgresql.vocabulary import INTEGER_TYPES
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.operations import AddColumn, AlterColumn, DropColumn
from schemadiff.schema import UNSET, Column, Computed, DataType, Expression, Identity, Name, Options, option

__all__ = ["can_set_expression"]


@statements.register
def _(operation: AddColumn, backend: Backend) -> Statements:
    column = known_options(operation.column, backend)
    exists = "IF NOT EXISTS " if operation.if_not_exists else ""
    add = f"ALTER TABLE {qualified(operation.table)} ADD COLUMN {exists}{column_definition(column)}"
    # They are of one column, so that its name goes without saying.
    own = f"({quoted(column.name)})"
    for constraint in operation.inline:
        words = constraint_clause(constraint, named=False).removeprefix(f"FOREIGN KEY {own} ")
        words = words.replace(f"PRIMARY KEY {own}", "PRIMARY KEY", 1) if words.startswith("PRIMARY KEY") else words
        named = "" if constraint.name is None or constraint.implicit else f"CONSTRAINT {quoted(constraint.name)} "
        add += f" {named}{words}"
    guards = type_guards([column.type], backend)
    return (*guards, add, *later_statements(operation.table, column))


@statements.register
def _(operation: DropColumn, backend: Backend) -> Statements:
    exists = "IF EXISTS " if operation.if_exists else ""
    return (f"ALTER TABLE {qualified(operation.table)} DROP COLUMN {exists}{quoted(operation.name)}",)


@statements.register
def _(operation: AlterColumn, backend: Backend) -> Statements:
    change = _Change(operation, backend)
    found = tuple(change.replaced()) if change.is_replacement else tuple(change.altered())
    if operation.after.name is not UNSET and operation.after.name != operation.name:
        new_name = quoted(str(operation.after.name))
        found += (f"ALTER TABLE {qualified(operation.table)} RENAME COLUMN {quoted(operation.name)} TO {new_name}",)
    return found


@dataclass(frozen=True)
class _Change:
    """One change of a column, step by step. The name changes last: all steps use the old one."""

    operation: AlterColumn
    backend: Backend

    @property
    def _table(self) -> Name:
        return self.operation.table

    @property
    def _alter(self) -> str:
        return f"ALTER TABLE {qualified(self._table)} ALTER COLUMN {quoted(self.operation.name)}"

    def _new(self, field: str) -> Any:
        """Return what ``field`` will be; UNSET where nobody says."""
        value = getattr(self.operation.after, field)
        return self._old(field) if value is UNSET else value

    def _old(self, field: str) -> Any:
        return getattr(self.operation.before, field)

    def _changes(self, field: str) -> bool:
        return getattr(self.operation.after, field) is not UNSET

    # -- as a new column

    @property
    def is_replacement(self) -> bool:
        """True where only a new column has what is wanted: nothing turns a plain column into a generated one."""
        old, new = self._old("default"), self._new("default")
        if not self._changes("default") or old is UNSET:
            return False
        if isinstance(new, Computed):
            return not isinstance(old, Computed) or old.stored != new.stored or not can_set_expression(self.backend)
        return isinstance(old, Computed) and not old.stored

    def replaced(self) -> Iterator[str]:
        """Yield DROP COLUMN and ADD COLUMN."""
        type_ = self._new("type")
        if not isinstance(type_, DataType):
            raise UnsupportedOperation(
                f"{self.operation.describe()}: PostgreSQL makes a generated column anew, for which its type is needed; "
                "give existing_type="
            )
        known = self.operation.after.over(self.operation.before).known() | {"name": self.operation.name}
        column = Column(**known)
        yield from self.backend.statements(DropColumn(table=self._table, name=self.operation.name))
        yield from self.backend.statements(AddColumn(table=self._table, column=column))

    # -- in place

    def altered(self) -> Iterator[str]:
        """Yield the statements that change the column in place."""
        changes_type = self._changes("type") or self._changes("collation")
        yield from self._source_off(changes_type)
        # The limits of an identity's sequence have to fit its type at every moment.
        limits_first = changes_type and self._narrows_identity
        if limits_first:
            yield from self._identity(self._old("default"), self._new("default"))
        if changes_type:
            yield from self._type()
        yield from self._not_null()
        yield from self._settings(changes_type)
        if not limits_first:
            yield from self._source_on(changes_type)
        if self._changes("comment"):
            yield column_comment(self._table, self.operation.name, self._new("comment"))

    def _source_off(self, changes_type: bool) -> Iterator[str]:
        """Yield what takes the old default, identity or sequence off, where it goes or is in the way of a new type."""
        old, new = self._old("default"), self._new("default")
        old_serial, new_serial = self._old("autoincrement") is True, self._new("autoincrement") is True
        if old_serial and self._changes("autoincrement") and not new_serial:
            yield f"{self._alter} DROP DEFAULT"
            yield _drop_owned_sequence(self._table, self.operation.name)
        changed = self._changes("default")
        if isinstance(old, Identity) and changed and not isinstance(new, Identity):
            yield f"{self._alter} DROP IDENTITY"
        elif isinstance(old, Computed) and changed and not isinstance(new, Computed):
            yield f"{self._alter} DROP EXPRESSION"
        elif isinstance(old, Expression) and (changes_type or (changed and not isinstance(new, Expression))):
            # The server would cast the default to the new type, and keep the cast in it or refuse.
            yield f"{self._alter} DROP DEFAULT"
        elif old is UNSET and changed and new is None:
            yield f"{self._alter} DROP DEFAULT"

    def _options(self, value: Any) -> Options:
        """Return options that the server knows; none where nobody says."""
        if value is UNSET:
            return ()
        probe = Column(name=self.operation.name, type=DataType(""), options=value)
        return known_options(probe, self.backend).options

    def _not_null(self) -> Iterator[str]:
        old, new = self._options(self._old("options")), self._options(self._new("options"))
        says_more = self._changes("options") and option(old, "not_null") != option(new, "not_null")
        was, will = self._old("nullable"), self._new("nullable")
        if self._changes("nullable") or (says_more and will is False):
            yield from not_null_changes(
                self._table,
                self.operation.name,
                was_nullable=None if was is UNSET else was,
                old=old,
                nullable=will,
                new=new,
            )

    def _settings(self, changes_type: bool) -> Iterator[str]:
        """Yield what changes in storage, compression and statistics, and what a new type would take off."""
        old, new = self._options(self._old("options")), self._options(self._new("options"))
        type_ = self._new("type")
        known = type_ if isinstance(type_, DataType) else None
        if changes_type and known is not None:
            old = tuple(item for item in old if item[0] not in ("storage", "compression"))
            kept = settings_lost(new, known)
            new = tuple(item for item in new if item[0] not in ("storage", "compression") or item in kept)
        yield from setting_changes(self._table, self.operation.name, known, old, new)

    @property
    def _narrows_identity(self) -> bool:
        """True where an identity stays one, of a smaller type."""
        old, new = (
            str(each.sql) if isinstance(each, DataType) else "" for each in (self._old("type"), self._new("type"))
        )
        is_kept = isinstance(self._old("default"), Identity) and isinstance(self._new("default"), Identity)
        return (
            is_kept
            and self._changes("default")
            and INTEGER_TYPES.get(new, (0, 0))[1] < INTEGER_TYPES.get(old, (0, 0))[1]
        )

    def _type(self) -> Iterator[str]:
        type_ = self._new("type")
        if not isinstance(type_, DataType):
            raise UnsupportedOperation(
                f"{self.operation.describe()}: PostgreSQL states a collation with the type; give existing_type="
            )
        yield from type_guards([type_], self.backend)
        collation = self._new("collation")
        collate = f" COLLATE {quoted_collation(collation)}" if isinstance(collation, str) else ""
        using = f" USING {self.operation.using}" if self.operation.using else ""
        yield f"{self._alter} TYPE {type_.sql}{collate}{using}"
        if self._stays_serial and self._changes("type"):
            yield from self._serial_sequence()

    @property
    def _stays_serial(self) -> bool:
        return self._old("autoincrement") is True and self._new("autoincrement") is True

    def _serial_sequence(self) -> Iterator[str]:
        """Yield what gives the sequence of a serial column the column's type, as ALTER COLUMN does for identities only, and its options."""
        old_type, new_type = self._old("type"), self._new("type")
        if isinstance(old_type, DataType) and isinstance(new_type, DataType):
            old, new = self._options(self._old("options")), self._options(self._new("options"))
            yield from serial_changes(self._table, self.operation.name, old_type, old, new_type, new)

    def _source_on(self, changes_type: bool) -> Iterator[str]:
        """Yield what gives the column its new default, identity or sequence."""
        old, new = self._old("default"), self._new("default")
        changed = self._changes("default")
        if isinstance(new, Expression) and (changed or (changes_type and isinstance(old, Expression))):
            # One that stays under a new type may be spelled for the type before; a new one means what it says.
            types = (self._new("type"),) if changed else (self._new("type"), self._old("type"))
            yield f"{self._alter} SET DEFAULT {default_text(new, *types)}"
        elif isinstance(new, Computed) and changed:
            yield f"{self._alter} SET EXPRESSION AS ({whole(new.expression)})"
        elif isinstance(new, Identity) and changed:
            yield from self._identity(old, new)
        if self._stays_serial and self._changes("options") and not self._changes("type"):
            yield from self._serial_sequence()
        if (
            self._changes("autoincrement")
            and self._new("autoincrement") is True
            and self._old("autoincrement") is not True
        ):
            yield from self._new_serial()

    def _identity(self, old: Any, new: Identity) -> Iterator[str]:
        type_ = self._new("type")
        known = type_ if isinstance(type_, DataType) else DataType("bigint")
        if not isinstance(old, Identity):
            new = finished_identity(new, known)
            if not self._changes("nullable") and self._old("nullable") is not False:
                yield f"{self._alter} SET NOT NULL"
            yield f"{self._alter} ADD {identity_clause(new, known)}"
            yield _after_the_rows(self._table, self.operation.name, new.increment or 1)
            return
        new = finished_identity(new, known)
        actions = []
        if old.always != new.always:
            actions.append(f"SET GENERATED {'ALWAYS' if new.always else 'BY DEFAULT'}")
        before = sequence_clauses(old, known.sql, whole=True)
        after = sequence_clauses(new, known.sql, whole=True)
        actions += [f"SET {clause}" for clause in after if clause not in before]
        if actions:
            yield self._within_limits(old, new, f"{self._alter} {' '.join(actions)}")

    def _within_limits(self, old: Identity, new: Identity, alter: str) -> str:
        """Return a change of options that holds where the sequence stands outside of its new limits: it begins anew then."""
        low, high, new_low, new_high = old.minvalue, old.maxvalue, new.minvalue, new.maxvalue
        if low is None or high is None or new_low is None or new_high is None or (low >= new_low and high <= new_high):
            return alter
        inside = literal(f"SELECT last_value BETWEEN {new_low} AND {new_high} FROM ")
        body = (
            "DECLARE inside boolean;\n"
            f"BEGIN EXECUTE {inside} || {owned_sequence(self._table, self.operation.name)} INTO inside;\n"
            f"IF inside THEN {alter}; ELSE {alter} RESTART; END IF; END"
        )
        return f"DO {dollar_quoted(body)}"

    def _new_serial(self) -> Iterator[str]:
        type_ = self._new("type")
        name = Name(object_name(self._table.name, self.operation.name, "seq"), self._table.schema)
        known = f" AS {type_.sql}" if isinstance(type_, DataType) else ""
        column = f"{qualified(self._table)}.{quoted(self.operation.name)}"
        yield f"CREATE SEQUENCE {qualified(name)}{known} OWNED BY {column}"
        if unlogged_sequences(self.backend):
            yield _as_persistent_as(self._table, name)
        yield f"{self._alter} SET DEFAULT nextval({literal(qualified(name))})"
        if isinstance(type_, DataType):
            settings = self._options(self._new("options"))
            yield from serial_changes(self._table, self.operation.name, type_, (), type_, settings)
        yield _after_the_rows(self._table, self.operation.name, 1)


def can_set_expression(backend: Backend) -> bool:
    """Return True where ALTER COLUMN ... SET EXPRESSION exists: since PostgreSQL 17. A server that is not known is taken as current."""
    version = backend.server.version
    return not version or version[0] >= 17


def unlogged_sequences(backend: Backend) -> bool:
    """Return True where the sequences of an unlogged table are unlogged too: since PostgreSQL 15."""
    version = backend.server.version
    return not version or version[0] >= 15


def _as_persistent_as(table: Name, sequence: Name) -> str:
    """Return the statement that makes a sequence unlogged where its table is, as SERIAL does."""
    body = (
        f"BEGIN IF (SELECT relpersistence FROM pg_catalog.pg_class WHERE oid = {literal(qualified(table))}::regclass) = 'u' THEN "
        f"EXECUTE {literal(f'ALTER SEQUENCE {qualified(sequence)} SET UNLOGGED')}; END IF; END"
    )
    return f"DO {dollar_quoted(body)}"


def _drop_owned_sequence(table: Name, column: str) -> str:
    """Return the statement that drops the sequence of a serial column, whatever its name is."""
    body = (
        f"DECLARE sequence_name text := {owned_sequence(table, column)};\n"
        "BEGIN IF sequence_name IS NOT NULL THEN EXECUTE 'DROP SEQUENCE ' || sequence_name; END IF; END"
    )
    return f"DO {dollar_quoted(body)}"


def _after_the_rows(table: Name, column: str, increment: int) -> str:
    """Return the statement that puts a new sequence behind the values that the column has."""
    last, ahead = ("max", ">") if increment > 0 else ("min", "<")
    sequence = f"{owned_sequence(table, column)}::regclass"
    current = f"(SELECT seqstart FROM pg_catalog.pg_sequence WHERE seqrelid = {sequence})"
    name = quoted(column)
    return f"SELECT setval({sequence}, {last}({name})) FROM {qualified(table)} HAVING {last}({name}) {ahead}= {current}"
