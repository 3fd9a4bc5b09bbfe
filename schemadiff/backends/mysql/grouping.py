"""Which operations of a batch go into one ALTER TABLE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from schemadiff.backends.mysql.options import table_clauses
from schemadiff.backends.mysql.partitions import PARTITION_WORDS
from schemadiff.backends.mysql.renames import taken_apart
from schemadiff.backends.mysql.server import Facts
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    BatchAlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    RenameIndex,
    RenameTable,
)
from schemadiff.schema import Computed, ForeignKey, Name, Options, PrimaryKey, UniqueConstraint

__all__ = ["collation_ahead", "grouped", "groups", "histories"]


def grouped(batch: BatchAlterTable, facts: Facts) -> tuple[Operation, ...]:
    """Return operations of one statement each that do what ``batch`` does; the batch itself, where its statements hang together."""
    parts = groups(batch)
    return (batch,) if collation_ahead(batch, facts) or any(histories(parts)) else tuple(parts)


def groups(batch: BatchAlterTable) -> list[BatchAlterTable | RenameTable]:
    """Return the operations of a batch: those that go into one ALTER TABLE as a batch of their own, and renamings of the table."""
    found: list[BatchAlterTable | RenameTable] = []
    name, group = batch.table, _Group()

    def end() -> None:
        if group.operations:
            found.append(BatchAlterTable(table=name, operations=tuple(group.operations)))

    dropped = {each.name for each in batch.operations if isinstance(each, DropColumn)}
    for each in _partitions_last(_counting_inside(taken_apart(batch.in_place))):
        if isinstance(each, RenameTable) or group.refuses(each):
            end()
            group = _Group()
        if isinstance(each, RenameTable):
            found.append(each)
            name = Name(each.new_name, name.schema)
        else:
            group.add(replace(each, table=name) if isinstance(each, (AddColumn, AlterColumn)) else each)
            # The column is to go in another statement than this: what hangs together with that is not torn apart.
            group.ended |= isinstance(each, AlterColumn) and each.name in dropped
    end()
    return found


def _counting_inside(operations: tuple[Operation, ...]) -> list[Operation]:
    """Return ``operations``, those that make a column AUTO_INCREMENT behind the key that it needs, those that end it in front.

    In one statement the order of the clauses does not count, but there may be several.
    """
    found = list(operations)
    for each in operations:
        if not isinstance(each, AlterColumn):
            continue
        place = found.index(each)
        if each.after.autoincrement is True:
            keys = [
                place for place, other in enumerate(found) if _first_of_key(other) == str(each.after.name or each.name)
            ]
            if keys and keys[-1] > place:
                found.insert(keys[-1], found.pop(place))
        elif each.after.autoincrement is False and not isinstance(each.after.default, Computed):
            found.insert(0, found.pop(place))
    return found


def _partitions_last(operations: list[Operation]) -> list[Operation]:
    """Return ``operations`` with the change of the partitions behind what it has to go together with: a key has the columns that they are by.

    System versioning takes a statement of its own, and its partitions come after it, and go before.
    """
    settings = [each for each in operations if isinstance(each, AlterTable)]
    if any("system_versioning" in dict(each.after) for each in settings):
        return operations
    last = [each for each in settings if dict(each.after).keys() & set(PARTITION_WORDS)]
    return [each for each in operations if not any(each is other for other in last)] + last


def _first_of_key(operation: Operation) -> object:
    """Return the first column of the key or index that ``operation`` makes."""
    match operation:
        case AddConstraint(constraint=PrimaryKey(columns=columns) | UniqueConstraint(columns=columns)):
            return columns[0]
        case CreateIndex(index=index):
            return index.elements[0].what
    return None


def collation_ahead(batch: BatchAlterTable, facts: Facts) -> list[str]:
    """Return the clause for the table's collation where it has to come first.

    A column that states no collation gets the table's when its clause runs: with the new one in a later statement, it would keep the old
    one as its own.
    """
    first = _Group()
    for each in batch.in_place:
        if first.refuses(each):
            break
        if isinstance(each, AlterTable) and "collate" in dict(each.after):
            return []
        first.add(each)
    collations = (
        (key, value)
        for each in batch.operations
        if isinstance(each, AlterTable)
        for key, value in each.after
        if key == "collate"
    )
    clauses = table_clauses(tuple(collations), facts, schema=batch.table.schema)
    return [" ".join(clauses)] if clauses else []


def _stands_alone(after: Options) -> bool:
    """Return True for a change behind which no other may stand in a statement: of partitions, of system versioning, of TRANSACTIONAL alone.

    A column that is left out of the versioning can be added once there is one. TRANSACTIONAL goes before the engine that knows it.
    """
    names = dict(after).keys()
    return bool(names & {*PARTITION_WORDS, "system_versioning"}) or names == {"transactional"}


def histories(parts: Iterable[BatchAlterTable | RenameTable]) -> Iterator[bool]:
    """Yield for each part of a batch whether it changes a table that has a history, which the server does only where it is told to.

    Here the history is either new, or about to go.
    """
    begun = False
    for part in parts:
        operations = () if isinstance(part, RenameTable) else part.operations
        settings = [dict(each.after) for each in operations if isinstance(each, AlterTable)]
        ends = any(each.get("system_versioning", True) is None for each in settings)
        yield bool(operations) and (begun or (ends and len(operations) > 1))
        begun |= any(each.get("system_versioning") for each in settings)


@dataclass
class _Group:
    """Operations that go into one ALTER TABLE.

    Its clauses are about the table as it stands: what one of them has made, another cannot change. A column is made anew in one statement
    only where a key or index is too: it may be one that AUTO_INCREMENT or a foreign key needs at every moment. Without that, an index that
    has the column would go on with the new one. And a foreign key is not dropped and
    added in one statement ("ALTER TABLE Examples" of MySQL: only with ALGORITHM=INPLACE).
    """

    operations: list[Operation] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    dropped_index: bool = False
    dropped_key: bool = False
    added_key: bool = False
    ended: bool = False

    def refuses(self, operation: Operation) -> bool:
        """Return True where ``operation`` needs what is already here to be done."""
        if self.ended:
            return True
        match operation:
            case AddColumn(column=column):
                made_anew = column.name in self.gone and self.dropped_index
                return column.name in self.columns and not made_anew
            case AlterColumn(name=name, after=after):
                return name in self.columns or (isinstance(after.name, str) and after.name in self.columns)
            case DropColumn(name=name):
                return name in self.columns
            case DropConstraint(name=str() as name, kind=kind):
                return name in self.made or (kind == "foreignkey" and self.added_key)
            case DropIndex(name=name) | RenameIndex(name=name):
                return name in self.made
            case AddConstraint(constraint=ForeignKey()):
                return self.dropped_key
        return False

    def add(self, operation: Operation) -> None:
        """Add an operation."""
        self.operations.append(operation)
        match operation:
            case AlterTable(after=after) if _stands_alone(after):
                self.ended = True
            case AddColumn(column=column):
                self.columns.add(column.name)
                self.gone.discard(column.name)
            case AlterColumn(name=name, after=after):
                self.columns |= {name, str(after.name)} if isinstance(after.name, str) else {name}
            case DropColumn(name=name):
                self.columns.add(name)
                self.gone.add(name)
            case DropConstraint(kind="foreignkey"):
                self.dropped_key = True
            case DropIndex() | DropConstraint(kind="primary" | "unique"):
                self.dropped_index = True
            case AddConstraint(constraint=constraint):
                self.made.add(constraint.name or "")
                self.added_key |= isinstance(constraint, ForeignKey)
            case CreateIndex(index=index):
                self.made.add(index.name)
            case RenameIndex(new_name=new_name):
                self.made.add(new_name)
