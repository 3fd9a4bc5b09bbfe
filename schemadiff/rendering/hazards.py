"""What running operations may cost: data that is lost, and rows that are there and keep a statement from running.

It is told from the operations alone, and of any rows that there may be: nobody looks at the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from functools import singledispatch
from typing import Literal

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    BatchAlterTable,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropSequence,
    DropTable,
    Operation,
    constraint_kind,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ExcludeConstraint,
    Expression,
    ForeignKey,
    Identity,
    Index,
    Name,
    PrimaryKey,
    UniqueConstraint,
)
from schemadiff.schema.values import option
from schemadiff.schema.words import CONSTRAINT_KINDS, constraint_name, shown

__all__ = ["Hazard", "HazardKind", "Surroundings", "flattened", "hazards", "hazards_of"]

HazardKind = Literal["loses data", "may fail"]
"""``loses data``: what is there is gone afterwards, without a word. ``may fail``: rows that are there may make the database refuse it."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """What one operation may cost. Texts are raw: whoever shows them escapes them.

    Args:
        kind: whether data is lost, or the statement may be refused.
        what: what it is about: ``table``, ``column``, ``unique constraint`` ...
        table: the table (or type, sequence) that it is about, or stands in.
        name: its name inside of the table; None where it is about ``table`` itself.
        words: what is lost, or which rows are in the way.
        operation: the operation; one inside of a batch, where it stands in one.
    """

    kind: HazardKind
    what: str
    table: Name | None
    name: str | None
    words: str
    operation: Operation = field(compare=False, repr=False)

    @property
    def column(self) -> str | None:
        """The column that it is about, if it is about one."""
        return self.name if self.what == "column" else None

    @property
    def qualified(self) -> str:
        """The whole name: ``shop.account.email``."""
        return ".".join(str(part) for part in (self.table, self.name) if part is not None)

    def __str__(self) -> str:
        return shown(f"{self.what} {self.qualified} {self.kind}: {self.words}")


@dataclass(frozen=True)
class Surroundings:
    """What the other operations of a list say of the rows that one of them meets.

    Args:
        backend: the database.
        created: tables that the list creates: no rows are in them.
        added: columns that it adds, by table and name.
        unique: the columns that are unique before, by their table, of the keys and indexes that it drops.
        dropped: the constraints that it drops, by their table.
    """

    backend: Backend
    created: frozenset[Name] = frozenset()
    added: dict[tuple[Name, str], Column] = field(default_factory=dict)
    unique: frozenset[tuple[Name, frozenset[str]]] = frozenset()
    dropped: frozenset[tuple[Name, object]] = frozenset()

    @classmethod
    def of(cls, operations: Iterable[Operation], backend: Backend) -> Surroundings:
        """Return what ``operations`` say."""
        created: set[Name] = set()
        added: dict[tuple[Name, str], Column] = {}
        unique: set[tuple[Name, frozenset[str]]] = set()
        dropped: set[tuple[Name, object]] = set()
        for operation in flattened(operations):
            match operation:
                case CreateTable(table=table):
                    created.add(table.name)
                case AddColumn(table=name, column=column):
                    added[name, column.name] = column
                case DropConstraint(table=name, constraint=PrimaryKey() | UniqueConstraint() as key):
                    unique.add((name, frozenset(key.columns)))
                case DropConstraint(table=name, constraint=ForeignKey() | CheckConstraint() as constraint):
                    dropped.add((name, _meaning(constraint)))
                case DropIndex(table=Name() as name, index=Index(unique=True, where=None) as index):
                    unique.add((name, frozenset(map(str, _parts(index)))))
        return cls(backend, frozenset(created), added, frozenset(unique), frozenset(dropped))

    def are_null(self, table: Name, columns: Sequence[str]) -> bool:
        """Return True where one of ``columns`` is new, and NULL in all rows."""
        found = [self.added[table, name] for name in columns if (table, name) in self.added]
        return any(column.nullable and column.default is None and not column.autoincrement for column in found)

    def are_unique(self, table: Name, columns: Iterable[str]) -> bool:
        """Return True where no two rows can be equal in ``columns``: some of them were unique, or are counted."""
        wanted = frozenset(columns)
        if any(name == table and key <= wanted for name, key in self.unique):
            return True
        found = [self.added[table, name] for name in wanted if (table, name) in self.added]
        return any(column.autoincrement or isinstance(column.default, Identity) for column in found)


def _meaning(constraint: Constraint) -> object:
    """Return what two constraints that let the same rows in have in common."""
    match constraint:
        case ForeignKey():
            return (constraint.columns, constraint.referent, constraint.referent_columns)
        case CheckConstraint():
            return constraint.expression.canonical
    return constraint


def flattened(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield operations, those inside of batches one by one."""
    for operation in operations:
        if isinstance(operation, BatchAlterTable):
            yield from flattened(operation.in_place)
        else:
            yield operation


def hazards(operations: Iterable[Operation], backend: Backend) -> tuple[Hazard, ...]:
    """Return what running ``operations`` may cost, in their order.

    Args:
        operations: the operations of one direction: ``diff.upgrade``.
        backend: the backend that they run on: ``diff.backend``.
    """
    every = tuple(operations)
    around = Surroundings.of(every, backend)
    return tuple(hazard for operation in flattened(every) for hazard in hazards_of(operation, around))


@singledispatch
def hazards_of(operation: Operation, around: Surroundings) -> Iterable[Hazard]:
    """Return what one operation, which is no batch, may cost; of one that nobody registered it is nothing."""
    return ()


@hazards_of.register(DropTable)
def _drop_table(operation: DropTable, around: Surroundings) -> Iterable[Hazard]:
    again = "; it is made anew" if operation.name in around.created else ""
    yield Hazard("loses data", "table", operation.name, None, f"its rows are lost{again}", operation)


@hazards_of.register(DropSequence)
def _drop_sequence(operation: DropSequence, around: Surroundings) -> Iterable[Hazard]:
    yield Hazard("loses data", "sequence", operation.name, None, "where it stands is lost", operation)


@hazards_of.register(DropColumn)
def _drop_column(operation: DropColumn, around: Surroundings) -> Iterable[Hazard]:
    if operation.column is not None and isinstance(operation.column.default, Computed):
        return
    again = "; it is made anew" if (operation.table, operation.name) in around.added else ""
    yield Hazard("loses data", "column", operation.table, operation.name, f"its values are lost{again}", operation)


@hazards_of.register(AddColumn)
def _add_column(operation: AddColumn, around: Surroundings) -> Iterable[Hazard]:
    column = operation.column
    filled = column.nullable or column.default is not None or column.autoincrement or around.backend.fills_not_null
    if not filled and operation.table not in around.created:
        words = "it is NOT NULL without a default, which any row is in the way of"
        yield Hazard("may fail", "column", operation.table, column.name, words, operation)
    for constraint in operation.inline:
        yield from _new_constraint(operation, operation.table, constraint, around)


@hazards_of.register(AlterColumn)
def _alter_column(operation: AlterColumn, around: Surroundings) -> Iterable[Hazard]:
    before, after = operation.before, operation.after

    def hazard(kind: HazardKind, words: str) -> Hazard:
        return Hazard(kind, "column", operation.table, operation.name, words, operation)

    if isinstance(before.type, DataType) and isinstance(after.type, DataType):
        for narrowing in around.backend.narrowings(before.type, after.type):
            yield hazard("may fail" if narrowing.refused else "loses data", narrowing.words)
    if isinstance(after.default, Computed) and not isinstance(before.default, Computed):
        yield hazard("loses data", "its values are lost: computed ones take their place")
    elif after.nullable is False and before.nullable is not False:
        yield hazard("may fail", "rows where it is NULL are refused")


@hazards_of.register(AlterEnum)
def _alter_enum(operation: AlterEnum, around: Surroundings) -> Iterable[Hazard]:
    gone = [value for value in operation.before if value not in operation.after]
    if gone:
        words = f"rows that hold {', '.join(map(repr, gone))} are refused"
        yield Hazard("may fail", "enum type", operation.name, None, words, operation)


@hazards_of.register(AlterDomain)
def _alter_domain(operation: AlterDomain, around: Surroundings) -> Iterable[Hazard]:
    before, after = operation.before, operation.after

    def hazard(kind: HazardKind, words: str) -> Hazard:
        return Hazard(kind, "domain", operation.name, None, words, operation)

    for narrowing in around.backend.narrowings(before.type, after.type):
        yield hazard("may fail" if narrowing.refused else "loses data", narrowing.words)
    if before.nullable and not after.nullable:
        yield hazard("may fail", "rows where it is NULL are refused")
    known = {check.expression.canonical for check in before.checks}
    if any(check.expression.canonical not in known for check in after.checks):
        yield hazard("may fail", "values that do not satisfy its new checks are refused")


@hazards_of.register(AddConstraint)
def _add_constraint(operation: AddConstraint, around: Surroundings) -> Iterable[Hazard]:
    return _new_constraint(operation, operation.table, operation.constraint, around)


def _new_constraint(
    operation: Operation, table: Name, constraint: Constraint, around: Surroundings
) -> Iterable[Hazard]:
    if table in around.created or _is_not_checked(constraint) or (table, _meaning(constraint)) in around.dropped:
        return
    match constraint:
        case PrimaryKey() | UniqueConstraint():
            null = isinstance(constraint, UniqueConstraint) and around.are_null(table, constraint.columns)
            if null or around.are_unique(table, constraint.columns):
                return
            words = f"rows that are equal in {', '.join(constraint.columns)} are refused"
        case ForeignKey():
            if around.are_null(table, constraint.columns):
                return
            words = f"rows whose {', '.join(constraint.columns)} is not in {constraint.referent} are refused"
        case ExcludeConstraint():
            words = "rows that exclude each other are refused"
        case _:
            words = "rows that do not satisfy it are refused"
    kind = CONSTRAINT_KINDS[constraint_kind(constraint)]
    yield Hazard("may fail", kind, table, constraint_name(constraint), words, operation)


def _is_not_checked(constraint: Constraint) -> bool:
    """Return True where the database does not look at the rows that are there: ``NOT VALID``, ``NOT ENFORCED``."""
    given = getattr(constraint, "options", ())
    return any(bool(option(given, name)) for name in ("not_valid", "not_enforced"))


def _parts(index: Index) -> tuple[str | Expression, ...]:
    return tuple(element.what for element in index.elements)


@hazards_of.register(CreateIndex)
def _create_index(operation: CreateIndex, around: Surroundings) -> Iterable[Hazard]:
    index, table = operation.index, operation.table
    if not index.unique or table in around.created:
        return
    columns = list(map(str, _parts(index)))
    whole = all(element.length is None for element in index.elements)
    if around.are_null(table, columns) or (whole and around.are_unique(table, columns)):
        return
    words = f"rows that are equal in {', '.join(columns)} are refused"
    yield Hazard("may fail", "index", table, index.name, words, operation)
