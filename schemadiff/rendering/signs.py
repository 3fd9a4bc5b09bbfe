"""What happens to each table and to each part of it, by the operations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeVar

from schemadiff.frozen import dataclass
from schemadiff.operations import AlterColumn, BatchAlterTable, Operation, RenameConstraint, RenameIndex, RenameTable
from schemadiff.rendering.labels import Sign, changes
from schemadiff.schema import UNSET, Name

__all__ = ["Signs", "flat", "signs"]

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of tables and of their parts.

    Args:
        tables: by the table's name in the target; a dropped one's in the source.
        parts: by that name, the kind of the part and its name, likewise.
        renamed: the tables that were called otherwise: their name in the source, by that in the target.
        new_names: the other way around.
        renamed_parts: likewise the parts: their name in the source, by table, kind and name in the target.
    """

    tables: Mapping[Name, Sign] = field(default_factory=dict)
    parts: Mapping[tuple[Name, str, str], Sign] = field(default_factory=dict)
    renamed: Mapping[Name, Name] = field(default_factory=dict)
    new_names: Mapping[Name, Name] = field(default_factory=dict)
    renamed_parts: Mapping[tuple[Name, str, str], str] = field(default_factory=dict)

    def table(self, name: Name) -> Sign | None:
        """Return what happens to a table."""
        return self.tables.get(name)

    def alone(self, name: Name) -> Sign | None:
        """Return the sign of a table that comes or goes as a whole, so that its parts need none of their own; else None."""
        sign = self.tables.get(name)
        return sign if sign != "~" else None

    def part(self, table: Name, kind: str, name: str) -> Sign | None:
        """Return what happens to the part ``name`` of a table."""
        return self.parts.get((table, kind, name))

    def was(self, name: Name) -> Name:
        """Return what a table of the target is called in the source."""
        return self.renamed.get(name, name)

    def now(self, name: Name) -> Name:
        """Return what a table that operations call ``name`` is called in the target."""
        return self.new_names.get(name, name)

    def part_was(self, table: Name, kind: str, name: str) -> str:
        """Return what a part of a table is called in the source."""
        return self.renamed_parts.get((table, kind, name), name)


def signs(operations: Iterable[Operation]) -> Signs:
    """Return what ``operations`` do to each table. What is taken off and put back is changed."""
    operations = tuple(flat(operations))
    now = {e.name: Name(e.new_name, e.name.schema) for e in operations if isinstance(e, RenameTable)}
    tables: dict[Name, set[Sign]] = {}
    parts: dict[tuple[Name, str, str], set[Sign]] = {}
    renamed_parts: dict[tuple[Name, str, str], str] = {}
    for operation in operations:
        for change in changes(operation):
            if change.table is None or (change.name is None and change.kind != "table"):
                continue
            name = now.get(change.table, change.table)
            if change.name is None:
                tables.setdefault(name, set()).add(change.sign)
            else:
                tables.setdefault(name, set()).add("~")
                called = _new_name(operation) or change.name
                parts.setdefault((name, change.kind, called), set()).add(change.sign)
                if called != change.name:
                    renamed_parts[name, change.kind, called] = change.name
    return Signs(_whole(tables), _whole(parts), {new: old for old, new in now.items()}, now, renamed_parts)


def _whole(found: Mapping[_Key, set[Sign]]) -> dict[_Key, Sign]:
    """Return one sign for each. What comes is new whatever else is set on it; what goes and comes has changed."""
    return {
        key: "~" if {"+", "-"} <= each else "+" if "+" in each else "-" if "-" in each else "~"
        for key, each in found.items()
    }


def _new_name(operation: Operation) -> str | None:
    """Return the name that a part of a table gets; None where it keeps its own."""
    match operation:
        case AlterColumn(after=after) if after.name is not UNSET:
            return after.name
        case RenameConstraint() | RenameIndex():
            return operation.new_name
    return None


def flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield operations, those inside of batches by themselves."""
    for operation in operations:
        if isinstance(operation, BatchAlterTable):
            yield from flat(operation.in_place)
        else:
            yield operation
