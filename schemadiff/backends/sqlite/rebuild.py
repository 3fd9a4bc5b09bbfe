"""The rebuild of a table: what SQLite's ALTER TABLE cannot do.

It is the procedure of the SQLite manual ("ALTER TABLE", "Making Other Kinds Of Table Schema Changes"): a new table under another name, the
rows copied, the old table dropped, the new one renamed, indexes and triggers made again. It runs with foreign keys off, or
DROP TABLE would delete the rows of children; and under ``legacy_alter_table``, or the renaming would fail on views that
mention the table, and rewrite what other objects say.

Columns and tables are renamed by SQLite itself, between rebuilds where need be: it follows the name into views, triggers and foreign
keys of other tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemadiff.backends.sqlite.canonical import finished_check, is_rowid_alias, unqualified
from schemadiff.backends.sqlite.ddl import Ddl
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AlterColumn,
    BatchAlterTable,
    DropColumn,
    DropConstraint,
    Operation,
    RenameTable,
    SetTableComment,
    evolve,
    evolve_all,
    reordered,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Expression,
    ForeignKey,
    Name,
    Table,
    ascii_lower,
    option,
)

__all__ = ["Step", "finished", "is_native", "needs_rebuild", "rebuild_statements", "steps", "temporary_name"]


def is_native(operation: Operation, ddl: Ddl) -> bool:
    """Return True where ALTER TABLE and its like carry ``operation`` out, as far as the operation alone can tell."""
    try:
        tuple(ddl.statements(operation))
    except UnsupportedOperation:
        return False
    return True


def needs_rebuild(batch: BatchAlterTable, ddl: Ddl) -> bool:
    """Return True where ``batch`` rebuilds its table."""
    if batch.recreate == "auto":
        return bool(batch.reordering) or not all(
            is_native(operation, ddl) and not _rewrites(operation) for operation in batch.operations
        )
    return batch.recreate == "always"


def _rewrites(operation: Operation) -> bool:
    """A dropped column may stand in keys, checks and triggers, where DROP COLUMN refuses: a batch does not ask.

    And a column that has a place among the others gets it by a rebuild alone.
    """
    if isinstance(operation, (AddColumn, AlterColumn)) and operation.place is not None:
        return True
    return isinstance(operation, DropColumn) or is_respelling(operation)


def is_respelling(operation: Operation) -> bool:
    """Return True for a renaming that changes capitals alone.

    SQLite takes both for one name, so nothing else has to follow it. Its own renaming would change the text of views and triggers.
    """
    match operation:
        case RenameTable(name=Name(name=old), new_name=new) | AlterColumn(name=old, after=ColumnState(name=str(new))):
            return old != new and ascii_lower(old) == ascii_lower(new)
    return False


@dataclass(frozen=True)
class Step:
    """A part of a batch: a renaming that SQLite does itself, or a rebuild.

    Args:
        source: the table before the step.
        target: the table after it.
        rename: the renaming; None for a rebuild.
        operations: the operations of the rebuild.
    """

    source: Table
    target: Table
    rename: Operation | None = None
    operations: tuple[Operation, ...] = ()

    @property
    def copied(self) -> tuple[tuple[str, str], ...]:
        """The columns whose values a rebuild takes over: the name in the new table and the one in the old."""
        kept = {column.name: column.name for column in self.source.columns}
        for operation in self.operations:
            match operation:
                case DropColumn(name=name):
                    kept.pop(name, None)
                case AlterColumn(name=name, after=ColumnState(name=str(new))) if name in kept:
                    kept[new] = kept.pop(name)
        columns = (c for c in self.target.columns if c.name in kept and not isinstance(c.default, Computed))
        return tuple((column.name, kept[column.name]) for column in columns)


def steps(source: Table, batch: BatchAlterTable) -> tuple[Step, ...]:
    """Return the steps that ``batch`` takes from ``source``; there is a rebuild among them.

    Raises:
        UnsupportedOperation: an operation does not fit the table.
    """
    result: list[Step] = []
    group: list[Operation] = []
    table = source

    def close() -> None:
        nonlocal table
        if group:
            after = evolve_all(table, group)
            result.append(Step(table, after, operations=tuple(group)))
            table = after
            group.clear()

    for operation in (*batch.overrides, *batch.operations, *batch.additions):
        if isinstance(operation, SetTableComment):
            continue
        # What is spelled otherwise goes on in the group, and the rest knows the table by that.
        respells = isinstance(operation, DropConstraint) and any(map(is_respelling, group))
        rename, rest = _taken_apart(finished(operation, evolve_all(table, group) if respells else table))
        if rest is not None:
            group.append(rest)
        if rename is not None:
            close()
            after = evolve(table, rename)
            result.append(Step(table, after, rename=rename))
            table = after
    close()
    if batch.reordering:
        after = replace(table, columns=reordered(table.columns, batch.reordering))
        if result and result[-1].rename is None:
            result[-1] = replace(result[-1], target=after)
        else:
            result.append(Step(table, after))
    if all(step.rename is not None for step in result):
        result.append(Step(table, table))
    return tuple(result)


def finished(operation: Operation, table: Table) -> Operation:
    """Return ``operation`` with the constraint that it drops by its content in the form in which the table has it."""
    if not isinstance(operation, DropConstraint):
        return operation
    match operation.constraint:
        case CheckConstraint() as check:
            return replace(operation, constraint=finished_check(check, table))
        case ForeignKey() as key:
            # What it points at may have been spelled otherwise in the meantime.
            same = (each for each in table.foreign_keys if _folded(each) == _folded(key))
            return replace(operation, constraint=next(same, key))
    return operation


def _folded(key: ForeignKey) -> ForeignKey:
    referent = replace(key.referent, name=ascii_lower(key.referent.name))
    return replace(key, referent=referent, referent_columns=tuple(map(ascii_lower, key.referent_columns)))


def _taken_apart(operation: Operation) -> tuple[Operation | None, Operation | None]:
    """Return the renaming in ``operation`` that SQLite does itself, and what else there is in it."""
    if is_respelling(operation):
        return None, operation
    if isinstance(operation, RenameTable):
        return operation, None
    if not isinstance(operation, AlterColumn) or operation.after.name in (operation.name, False):
        return None, operation
    known = operation.after.known()
    if "name" not in known:
        return None, operation
    rename = replace(operation, after=operation.after.only({"name"}), place=None)
    others = operation.after.only(set(known) - {"name", "comment"})
    return rename, replace(operation, after=others) if others.known() or operation.place else None


def temporary_name(name: Name, taken: Sequence[str] = ()) -> Name:
    """Return the name under which a table is built, one that is not ``taken``."""
    known = {ascii_lower(other) for other in taken}
    candidate, number = f"_schemadiff_tmp_{name.name}", 1
    while ascii_lower(candidate) in known:
        number += 1
        candidate = f"_schemadiff_tmp{number}_{name.name}"
    return Name(candidate, name.schema)


def rebuild_statements(step: Step, ddl: Ddl, temporary: Name) -> Iterator[str]:
    """Yield the statements of one rebuild. Foreign keys are off and ``legacy_alter_table`` is on while they run."""
    source, target = step.source, step.target
    yield ddl.create_table(_as(target, temporary))
    copied = _copy(step, ddl, temporary)
    if copied is not None:
        yield copied
    if _counts(source) and _counts(target):
        yield from _counter(source.name, temporary, ddl)
    yield f"DROP TABLE {ddl.name(source.name)}"
    yield f"ALTER TABLE {ddl.name(temporary)} RENAME TO {ddl.quote(target.name.name)}"
    for index in target.indexes:
        yield ddl.create_index(target.name, index)
    for dependant in source.dependants:
        if dependant.kind == "trigger":
            yield dependant.sql


def _as(table: Table, name: Name) -> Table:
    """Return ``table`` under another name, which its expressions do not mention."""

    def plain(found: Expression) -> Expression:
        return replace(found, sql=unqualified(found.sql, table.name.name))

    def column(item: Column) -> Column:
        if not isinstance(item.default, Computed):
            return item
        return replace(item, default=replace(item.default, expression=plain(item.default.expression)))

    return replace(
        table,
        name=name,
        columns=tuple(map(column, table.columns)),
        checks=tuple(replace(check, expression=plain(check.expression)) for check in table.checks),
    )


def _copy(step: Step, ddl: Ddl, temporary: Name) -> str | None:
    """Return the statement that takes the rows over: all of them, also where the tables have no column in common."""
    new = [ddl.quote(name) for name, _ in step.copied]
    old = [ddl.quote(name) for _, name in step.copied]
    rowid = _rowid(step)
    if rowid is not None:
        new.insert(0, rowid)
        old.insert(0, rowid)
    if not new:
        plain = next((c for c in step.target.columns if not isinstance(c.default, Computed)), None)
        if plain is None:
            return None
        new.append(ddl.quote(plain.name))
        old.append(f"({plain.default.sql})" if isinstance(plain.default, Expression) else "NULL")
    insert = "INSERT OR ABORT INTO" if _resolves_conflicts(step.target) else "INSERT INTO"
    return (
        f"{insert} {ddl.name(temporary)} ({', '.join(new)}) SELECT {', '.join(old)} FROM {ddl.name(step.source.name)}"
    )


def _resolves_conflicts(table: Table) -> bool:
    """Return True where a row that a constraint does not allow may be left out, or take the place of another one.

    Nobody asked for that when the table is rebuilt; OR ABORT goes before the constraint's own ON CONFLICT ("The ON CONFLICT Clause"). The
    default that NOT NULL ON CONFLICT REPLACE puts in the place of NULL loses no row.
    """
    keys = [key for key in (table.primary_key, *table.uniques) if key is not None]
    return any(option(key.options, "on_conflict") for key in keys) or any(
        option(column.options, "on_conflict_not_null") not in (None, "REPLACE") for column in table.columns
    )


def _rowid(step: Step) -> str | None:
    """Return the name by which the rowid is carried over; None where there is none, or where a column that is copied is it."""
    tables = (step.source, step.target)
    if not all(option(table.options, "with_rowid", True) for table in tables):
        return None
    copied = {name for name, _ in step.copied}
    if any(is_rowid_alias(step.target, column) and column.name in copied for column in step.target.columns):
        return None
    taken = {ascii_lower(column.name) for table in tables for column in table.columns}
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)


def _counts(table: Table) -> bool:
    return any(column.autoincrement for column in table.columns)


def _counter(name: Name, temporary: Name, ddl: Ddl) -> Iterator[str]:
    """Yield what takes over the counter of AUTOINCREMENT, which may be ahead of every row.

    Source: the SQLite manual, "SQLite Autoincrement": sqlite_sequence is an ordinary table.
    """
    counters = ddl.name(Name("sqlite_sequence", name.schema))
    new, old = _literal(temporary.name), _literal(name.name)
    yield f"DELETE FROM {counters} WHERE name = {new}"
    yield f"INSERT INTO {counters} (name, seq) SELECT {new}, seq FROM {counters} WHERE name = {old}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
