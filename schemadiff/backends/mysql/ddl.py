"""Operations to statements.

Two single-dispatch functions: :func:`alteration` gives the clause of ALTER TABLE that an operation on a table is, :func:`statements` the
statements of anything. A batch is one ALTER TABLE as far as the server can take its operations together.
"""

from __future__ import annotations

from functools import singledispatch

from schemadiff.backends.mysql.canonical import is_column_check
from schemadiff.backends.mysql.definitions import (
    column_definition,
    columns_sql,
    constraint_definition,
    index_definition,
    index_kind,
    literal,
    name_sql,
    state_definition,
)
from schemadiff.backends.mysql.grouping import collation_ahead, groups, histories
from schemadiff.backends.mysql.names import natural_key
from schemadiff.backends.mysql.options import partition_clause, table_clauses
from schemadiff.backends.mysql.partitions import PARTITION_WORDS
from schemadiff.backends.mysql.renames import taken_apart
from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.text import quoted
from schemadiff.errors import OperationError, UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
    BulkInsert,
    CreateDependant,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumn,
    DropConstraint,
    DropDependant,
    DropDomain,
    DropEnum,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropView,
    Execute,
    Operation,
    Place,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.schema import (
    UNSET,
    CheckConstraint,
    ForeignKey,
    Name,
    Sequence,
    Table,
    option,
)

__all__ = ["alteration", "statements"]


@singledispatch
def statements(operation: Operation, facts: Facts) -> tuple[str, ...]:
    """Return the statements that carry ``operation`` out.

    Raises:
        UnsupportedOperation: there are none.
        OperationError: the operation does not say enough.
    """
    table = getattr(operation, "table", None) or getattr(operation, "name", None)
    if not isinstance(table, Name):
        raise UnsupportedOperation(f"{operation.describe()}: there is no statement for it on MySQL or MariaDB")
    return (f"ALTER TABLE {name_sql(table)} {alteration(operation, facts)}",)


@singledispatch
def alteration(operation: Operation, facts: Facts) -> str:
    """Return the clause of ALTER TABLE that ``operation`` is.

    Raises:
        UnsupportedOperation: there is none.
        OperationError: the operation does not say enough.
    """
    raise UnsupportedOperation(f"{operation.describe()}: it cannot be a part of ALTER TABLE on MySQL or MariaDB")


def _exists(wanted: bool, words: str, operation: Operation, facts: Facts) -> str:
    """Return IF EXISTS or IF NOT EXISTS inside ALTER TABLE: MariaDB has it, MySQL has not."""
    if wanted and facts.mysql:
        raise UnsupportedOperation(f"{operation.describe()}: MySQL has no {words} here; leave it out")
    return f"{words} " if wanted else ""


# -- columns


@alteration.register
def _add_column(operation: AddColumn, facts: Facts) -> str:
    exists = _exists(operation.if_not_exists, "IF NOT EXISTS", operation, facts)
    parts = [f"ADD COLUMN {exists}{column_definition(operation.column, facts)}{_place(operation, operation.place)}"]
    parts += [f"ADD {constraint_definition(each, facts, name=each.name)}" for each in operation.inline]
    return ", ".join(parts)


def _place(operation: Operation, place: Place | None) -> str:
    """Return where a column is put."""
    if place is None:
        return ""
    if place.first:
        return " FIRST"
    if place.after is None:
        raise OperationError(
            f"{operation.describe()}: which column {place.before} follows only a database can tell; give insert_after="
        )
    return f" AFTER {quoted(place.after)}"


@alteration.register
def _drop_column(operation: DropColumn, facts: Facts) -> str:
    return f"DROP COLUMN {_exists(operation.if_exists, 'IF EXISTS', operation, facts)}{quoted(operation.name)}"


@alteration.register
def _alter_column(operation: AlterColumn, facts: Facts) -> str:
    after = operation.after
    if set(after.known()) == {"name"} and operation.place is None:
        return f"RENAME COLUMN {quoted(operation.name)} TO {quoted(str(after.name))}"
    state = after.over(operation.before)
    about = f"{operation.table}.{operation.name}"
    if after.name is not UNSET and after.name != operation.name:
        definition = state_definition(str(after.name), state, facts, about=about)
        return f"CHANGE COLUMN {quoted(operation.name)} {definition}{_place(operation, operation.place)}"
    definition = state_definition(operation.name, state, facts, about=about)
    return f"MODIFY COLUMN {definition}{_place(operation, operation.place)}"


# -- constraints and indexes


@alteration.register
def _add_constraint(operation: AddConstraint, facts: Facts) -> str:
    return f"ADD {constraint_definition(operation.constraint, facts, name=operation.constraint.name)}"


@alteration.register
def _drop_constraint(operation: DropConstraint, facts: Facts) -> str:
    if operation.kind == "primary":
        exists = _exists(operation.if_exists, "IF EXISTS", operation, facts)
        return f"DROP CONSTRAINT {exists}`PRIMARY`" if exists else "DROP PRIMARY KEY"
    if operation.name is None:
        raise OperationError(f"{operation.describe()}: give the constraint's name, which SHOW CREATE TABLE tells")
    exists = _exists(operation.if_exists, "IF EXISTS", operation, facts)
    words = {"unique": "INDEX", "foreignkey": "FOREIGN KEY"}
    return f"DROP {words.get(operation.kind or '', 'CONSTRAINT')} {exists}{quoted(operation.name)}"


@alteration.register
def _create_index(operation: CreateIndex, facts: Facts) -> str:
    exists = _exists(operation.if_not_exists, "IF NOT EXISTS", operation, facts)
    return f"ADD {index_kind(operation.index)}INDEX {exists}{index_definition(operation.index, facts)}"


@alteration.register
def _drop_index(operation: DropIndex, facts: Facts) -> str:
    return f"DROP INDEX {_exists(operation.if_exists, 'IF EXISTS', operation, facts)}{quoted(operation.name)}"


@statements.register
def _drop_index_alone(operation: DropIndex, facts: Facts) -> tuple[str, ...]:
    if operation.table is None:
        raise OperationError(f"{operation.describe()}: MySQL and MariaDB need the index's table; give table_name=")
    return (f"ALTER TABLE {name_sql(operation.table)} {alteration(operation, facts)}",)


@alteration.register
def _rename_index(operation: RenameIndex, facts: Facts) -> str:
    return f"RENAME INDEX {quoted(operation.name)} TO {quoted(operation.new_name)}"


@statements.register
def _rename_index_alone(operation: RenameIndex, facts: Facts) -> tuple[str, ...]:
    if operation.table is None:
        raise OperationError(f"{operation.describe()}: MySQL and MariaDB need the index's table; give table_name=")
    return (f"ALTER TABLE {name_sql(operation.table)} {alteration(operation, facts)}",)


@statements.register
def _rename_constraint(operation: RenameConstraint, facts: Facts) -> tuple[str, ...]:
    found = taken_apart((operation,))
    return tuple(statement for each in found for statement in statements(each, facts))


# -- tables


@alteration.register
def _set_comment(operation: SetTableComment, facts: Facts) -> str:
    return f"COMMENT {literal(operation.comment or '', facts)}"


@alteration.register
def _alter_table(operation: AlterTable, facts: Facts) -> str:
    after = dict(operation.after)
    words = " ".join(table_clauses(operation.after, facts, schema=operation.name.schema))
    parts = [*([words] if words else []), *_period_clauses(operation)]
    if "system_versioning" in after:
        parts.append("ADD SYSTEM VERSIONING" if after["system_versioning"] else "DROP SYSTEM VERSIONING")
    clauses = [", ".join(parts)] if parts else []
    if after.keys() & set(PARTITION_WORDS):
        # Partitions are stated whole, and at the end.
        if "partition_by" not in after:
            raise UnsupportedOperation(
                f"{operation.describe()}: partitions cannot be changed one by one; state partition_by too, or use op.execute()"
            )
        stated = tuple((key, value) for key, value in operation.after if value is not None)
        clauses.append("REMOVE PARTITIONING" if after["partition_by"] is None else partition_clause(stated))
    if not clauses:
        raise UnsupportedOperation(f"{operation.describe()}: there is no clause for it on MySQL or MariaDB")
    return " ".join(clauses)


def _period_clauses(operation: AlterTable) -> list[str]:
    """Return the clauses that take a period of two columns off, and put another in its place."""
    if "period" not in dict(operation.after):
        return []
    old = operation.before if isinstance(operation.before, tuple) else ()
    before, after = option(old, "period"), option(operation.after, "period")
    if after is None and before is None:
        raise OperationError(f"{operation.describe()}: the period to drop is not known; give existing_options=")
    found = [] if before is None else [f"DROP PERIOD FOR {quoted(before[0])}"]
    return found if after is None else [*found, f"ADD {_period(after)}"]


def _period(period: tuple[str, ...]) -> str:
    return f"PERIOD FOR {quoted(period[0])} {columns_sql(period[1:])}"


@statements.register
def _create_table(operation: CreateTable, facts: Facts) -> tuple[str, ...]:
    table = operation.table
    own = {check.name: check for check in table.checks if is_column_check(check)}
    lines = [column_definition(column, facts, check=_text(own.get(column.name))) for column in table.columns]
    times = {option(column.options, "system_time"): column.name for column in table.columns}
    if "start" in times and "end" in times:
        lines.append(f"PERIOD FOR SYSTEM_TIME {columns_sql((times['start'], times['end']))}")
    period = option(table.options, "period")
    if period is not None:
        lines.append(_period(period))
    lines += _table_constraints(table, facts, without=own)
    exists = "IF NOT EXISTS " if operation.if_not_exists else ""
    words = "".join(f"{word} " for word in option(table.options, "prefixes", ()))
    text = f"CREATE {words}TABLE {exists}{name_sql(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"
    tail = table_clauses(table.options, facts, schema=table.name.schema)
    if table.comment:
        tail.append(f"COMMENT={literal(table.comment, facts)}")
    if option(table.options, "system_versioning"):
        tail.append("WITH SYSTEM VERSIONING")
    partitions = partition_clause(table.options)
    return (" ".join([text, *tail, *([partitions] if partitions else [])]),)


def _text(check: CheckConstraint | None) -> str | None:
    return None if check is None else check.expression.sql


def _table_constraints(table: Table, facts: Facts, *, without: dict[str | None, CheckConstraint]) -> list[str]:
    """Return the constraints of CREATE TABLE.

    A check or a foreign key that nobody named stays unnamed: MariaDB and MySQL number them in ways of their own, and the index that the
    server makes for an unnamed foreign key is called otherwise. They stand in the order of the numbers that they will get. Foreign keys that
    are called as the server would call them are unnamed too: so a table that was read comes back with the indexes that it had.
    """
    lines = [] if table.primary_key is None else [constraint_definition(table.primary_key, facts)]
    lines += [constraint_definition(unique, facts, name=unique.name) for unique in table.uniques]
    numbered: list[CheckConstraint | ForeignKey] = [
        check for check in table.checks if check is not without.get(check.name)
    ]
    numbered += table.foreign_keys
    numbered.sort(key=lambda item: (isinstance(item, ForeignKey), natural_key(item.name or "")))
    unnamed = _server_given(table) | {item.name for item in numbered if item.implicit}
    return lines + [constraint_definition(i, facts, name=None if i.name in unnamed else i.name) for i in numbered]


def _server_given(table: Table) -> set[str | None]:
    """Return the names of foreign keys that number them from 1 without a gap, as InnoDB does."""
    names = {key.name for key in table.foreign_keys}
    numbered: set[str | None] = set()
    while (name := f"{table.name.name}_ibfk_{len(numbered) + 1}") in names:
        numbered.add(name)
    return numbered if all(name in numbered or "_ibfk_" not in str(name) for name in names) else set()


@statements.register
def _drop_table(operation: DropTable, facts: Facts) -> tuple[str, ...]:
    return (f"DROP TABLE {'IF EXISTS ' if operation.if_exists else ''}{name_sql(operation.name)}",)


@statements.register
def _rename_table(operation: RenameTable, facts: Facts) -> tuple[str, ...]:
    return (f"RENAME TABLE {name_sql(operation.name)} TO {name_sql(Name(operation.new_name, operation.name.schema))}",)


@statements.register
def _batch(operation: BatchAlterTable, facts: Facts) -> tuple[str, ...]:
    found: list[str] = []
    parts = groups(operation)
    for each, has_history in zip(parts, histories(parts), strict=True):
        if isinstance(each, RenameTable):
            found += statements(each, facts)
            continue
        clauses = [] if found else collation_ahead(operation, facts)
        clauses += [alteration(part, facts) for part in each.operations]
        told = "SET STATEMENT system_versioning_alter_history = KEEP FOR " if has_history else ""
        found.append(f"{told}ALTER TABLE {name_sql(each.table)} {_joined(clauses)}")
    return tuple(found)


def _joined(clauses: list[str]) -> str:
    """Return the clauses of one ALTER TABLE; partitions stand at its end, behind no comma ("ALTER TABLE")."""
    *others, last = clauses
    if others and last.startswith(("PARTITION BY", "REMOVE PARTITIONING")):
        return f"{', '.join(others)} {last}"
    return ", ".join(clauses)


# -- schemas, views, sequences, and what is nothing here


@statements.register
def _create_schema(operation: CreateSchema, facts: Facts) -> tuple[str, ...]:
    return (f"CREATE DATABASE {'IF NOT EXISTS ' if operation.if_not_exists else ''}{quoted(operation.name)}",)


@statements.register
def _drop_schema(operation: DropSchema, facts: Facts) -> tuple[str, ...]:
    """DROP DATABASE takes everything in it along, so a statement goes before it that fails where there is something."""
    name = literal(operation.name, facts)
    guard = (
        f"SELECT (SELECT 1 FROM information_schema.tables WHERE table_schema = {name} UNION ALL "
        f"SELECT 1 FROM information_schema.routines WHERE routine_schema = {name} UNION ALL SELECT 1) AS is_empty"
    )
    return (guard, f"DROP DATABASE {'IF EXISTS ' if operation.if_exists else ''}{quoted(operation.name)}")


@statements.register
def _create_view(operation: CreateView, facts: Facts) -> tuple[str, ...]:
    if operation.view.materialized:
        raise UnsupportedOperation(f"{operation.describe()}: MySQL and MariaDB have no materialized views")
    return (f"CREATE VIEW {name_sql(operation.view.name)} AS {operation.view.sql}",)


@statements.register
def _drop_view(operation: DropView, facts: Facts) -> tuple[str, ...]:
    return (f"DROP VIEW {name_sql(operation.name)}",)


@statements.register
def _create_sequence(operation: CreateSequence, facts: Facts) -> tuple[str, ...]:
    _needs_sequences(operation, facts)
    exists = "IF NOT EXISTS " if operation.if_not_exists else ""
    sequence = operation.sequence
    comment = f" COMMENT={literal(sequence.comment, facts)}" if sequence.comment else ""
    return (f"CREATE SEQUENCE {exists}{name_sql(sequence.name)} {_sequence(sequence)}{comment}",)


@statements.register
def _alter_sequence(operation: AlterSequence, facts: Facts) -> tuple[str, ...]:
    _needs_sequences(operation, facts)
    before, after = operation.before, operation.after
    found = [f"ALTER SEQUENCE {name_sql(after.name)} {_sequence(after)}{_restart(before, after)}"]
    if before.comment != after.comment:
        # Its comment is that of a table.
        found.append(f"ALTER TABLE {name_sql(after.name)} COMMENT={literal(after.comment or '', facts)}")
    return tuple(found)


def _restart(before: Sequence, after: Sequence) -> str:
    """Return RESTART where the old limits and the new ones have no value in common: the server refuses a next value outside of them.

    Where they have some, the sequence goes on from where it stands, or the server refuses: with a cache nobody knows what was given out.
    """
    limits = (before.minvalue, before.maxvalue, after.minvalue, after.maxvalue)
    low, high, new_low, new_high = limits
    if low is None or high is None or new_low is None or new_high is None or (low <= new_high and new_low <= high):
        return ""
    return " RESTART" if after.start is None else f" RESTART WITH {after.start}"


@statements.register
def _drop_sequence(operation: DropSequence, facts: Facts) -> tuple[str, ...]:
    _needs_sequences(operation, facts)
    return (f"DROP SEQUENCE {'IF EXISTS ' if operation.if_exists else ''}{name_sql(operation.name)}",)


def _needs_sequences(operation: Operation, facts: Facts) -> None:
    if facts.mysql:
        raise UnsupportedOperation(f"{operation.describe()}: MySQL has no sequences; use autoincrement")


def _sequence(sequence: Sequence) -> str:
    words = (
        ("START WITH", sequence.start),
        ("INCREMENT BY", sequence.increment),
        ("MINVALUE", sequence.minvalue),
        ("MAXVALUE", sequence.maxvalue),
        ("CACHE", sequence.cache),
    )
    return " ".join(
        [*(f"{word} {value}" for word, value in words if value is not None), "CYCLE" if sequence.cycle else "NOCYCLE"]
    )


@statements.register(CreateDomain)
@statements.register(DropDomain)
@statements.register(AlterDomain)
@statements.register(CreateEnum)
@statements.register(DropEnum)
@statements.register(AlterEnum)
def _enum(operation: CreateEnum | DropEnum | AlterEnum, facts: Facts) -> tuple[str, ...]:
    """ENUM is a type of a column here, not an object: its columns are altered."""
    return ()


@statements.register
def _create_dependant(operation: CreateDependant, facts: Facts) -> tuple[str, ...]:
    return (operation.dependant.sql, *operation.dependant.also)


@statements.register
def _drop_dependant(operation: DropDependant, facts: Facts) -> tuple[str, ...]:
    return (operation.dependant.drop,)


@statements.register
def _execute(operation: Execute, facts: Facts) -> tuple[str, ...]:
    return (operation.sql,)


@statements.register
def _bulk_insert(operation: BulkInsert, facts: Facts) -> tuple[str, ...]:
    return operation.sql
