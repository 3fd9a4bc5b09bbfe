"""What operations change, in words: for the log, the terminal and reports.

A user's own operation says its words itself (:meth:`schemadiff.operations.CustomOperation.label`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import singledispatch
from typing import Any, Literal

from schemadiff.backends import Backend
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
    CreateDependant,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    CustomOperation,
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
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
    constraint_kind,
)
from schemadiff.rendering.hazards import Hazard, Surroundings, flattened, hazards_of
from schemadiff.schema import (
    UNSET,
    Dependant,
    Domain,
    Name,
    Table,
)
from schemadiff.schema.words import (
    CONSTRAINT_KINDS,
    column_words,
    constraint_name,
    constraint_words,
    index_words,
    setting_words,
    shown,
)

__all__ = [
    "Change",
    "Detail",
    "Sign",
    "changes",
    "changes_of",
    "changes_with_hazards",
    "log_line",
    "shown",
    "table_details",
]

Sign = Literal["+", "-", "~"]

_VERBS: dict[Sign, str] = {"+": "added", "-": "dropped", "~": "changed"}


@dataclass(frozen=True, slots=True)
class Detail:
    """A short text that says more of a change.

    Args:
        text: what there is after it: the type of an added column, the new value of a setting.
        name: the setting that changes; empty where the text is about the whole.
        before: its value before; None where it is not known.
        kind: what the text describes, where it is a part of what changes: ``column``, ``primary key`` ...
    """

    text: str
    name: str = ""
    before: str | None = None
    kind: str = ""

    def __str__(self) -> str:
        words = self.text if self.before is None else f"{self.before} → {self.text}"
        return f"{self.name}: {words}" if self.name else words


def _setting(name: str, before: Any, after: Any) -> Detail:
    known = None if before is UNSET else setting_words(name, before)
    return Detail(setting_words(name, after), name, known)


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in words. Texts are raw: whoever shows them escapes them (:func:`shown`).

    Args:
        sign: added, dropped or changed.
        kind: what changes: ``table``, ``column``, ``index`` ...
        table: the table (or view, type, sequence) that it is about, or stands in; None for what stands in none, such as a schema.
        name: its name inside of the table; None where the change is about ``table`` itself.
        parts: what more there is to say.
        hazards: what it may cost; empty where nobody has asked.
    """

    sign: Sign
    kind: str
    table: Name | None
    name: str | None = None
    parts: tuple[Detail, ...] = ()
    hazards: tuple[Hazard, ...] = ()

    @property
    def details(self) -> tuple[str, ...]:
        """What more there is to say, as texts: the type of an added column, ``type: INTEGER → BIGINT``."""
        return tuple(map(str, self.parts))

    @property
    def qualified(self) -> str:
        """The whole name: ``shop.account.email``."""
        return ".".join(str(part) for part in (self.table, self.name) if part is not None)


def log_line(change: Change) -> str:
    """Return what the log says of a change: ``Detected added table 'account'``."""
    details = f" ({'; '.join(change.details)})" if change.details and change.sign == "~" else ""
    return shown(f"Detected {_VERBS[change.sign]} {change.kind} '{change.qualified}'{details}")


def changes_with_hazards(operations: Iterable[Operation], backend: Backend | None) -> tuple[Change, ...]:
    """Return what ``operations`` change, in their order, each with what it may cost.

    A constraint or index that is dropped and added again under its name is one change.

    Args:
        operations: the operations of one direction.
        backend: the backend that they run on; None where nothing is to be said of hazards.
    """
    every = tuple(operations)
    if backend is None:
        return tuple(changes_of(every, lambda operation: ()))
    around = Surroundings.of(every, backend)
    return tuple(changes_of(every, lambda operation: tuple(hazards_of(operation, around))))


def changes_of(operations: Iterable[Operation], hazards: Callable[[Operation], tuple[Hazard, ...]]) -> list[Change]:
    """Return what ``operations`` change; see :func:`changes_with_hazards`.

    Args:
        operations: the operations.
        hazards: says what each of them, which is no batch, may cost.
    """
    found: list[Change] = []
    for operation in flattened(operations):
        own = list(changes(operation))
        if own:
            own[0] = replace(own[0], hazards=hazards(operation))
        found += own
    return _joined(found)


def _joined(found: Iterable[Change]) -> list[Change]:
    """Return changes with what is dropped and added again under its name as one that is changed: a constraint, an index."""
    result: list[Change] = []
    dropped: dict[tuple[str, Name | None, str | None], int] = {}
    for change in found:
        key = (change.kind, change.table, change.name)
        if change.sign == "-" and len(change.parts) == 1:
            dropped[key] = len(result)
        elif change.sign == "+" and len(change.parts) == 1 and key in dropped:
            place = dropped.pop(key)
            old = result[place]
            part = replace(change.parts[0], before=old.parts[0].text)
            result[place] = replace(old, sign="~", parts=(part,), hazards=(*old.hazards, *change.hazards))
            continue
        result.append(change)
    return result


@singledispatch
def changes(operation: Operation) -> Iterable[Change]:
    """Return what ``operation`` changes. Of an operation that nobody registered it is its own description."""
    return [Change("~", "operation", None, operation.describe())]


# -- tables, schemas and what else stands by itself


@changes.register(CreateTable)
def _create_table(operation: CreateTable) -> Iterable[Change]:
    return [Change("+", "table", operation.table.name, None, table_details(operation.table))]


def table_details(table: Table) -> tuple[Detail, ...]:
    """Return one detail for each column and constraint of a table."""
    columns = [Detail(f"{column.name} {column_words(column)}", kind="column") for column in table.columns]
    constraints = []
    for each in table.constraints():
        kind = CONSTRAINT_KINDS[constraint_kind(each)]
        name = "" if each.name is None else f"{each.name} "
        constraints.append(Detail(f"{kind} {name}{constraint_words(each)}", kind=kind))
    return (*columns, *constraints)


@changes.register(DropTable)
def _drop_table(operation: DropTable) -> Iterable[Change]:
    return [Change("-", "table", operation.name)]


@changes.register(RenameTable)
def _rename_table(operation: RenameTable) -> Iterable[Change]:
    return [Change("~", "table", operation.name, None, (Detail(operation.new_name, "name", operation.name.name),))]


@changes.register(AlterTable)
def _alter_table(operation: AlterTable) -> Iterable[Change]:
    before = {} if operation.before is UNSET else dict(operation.before)
    details = tuple(_setting(name, before.get(name, UNSET), each) for name, each in operation.after)
    return [Change("~", "table", operation.name, None, details)]


@changes.register(SetTableComment)
def _set_table_comment(operation: SetTableComment) -> Iterable[Change]:
    return [Change("~", "table", operation.name, None, (_setting("comment", operation.before, operation.comment),))]


@changes.register(CreateSchema)
def _create_schema(operation: CreateSchema) -> Iterable[Change]:
    return [Change("+", "schema", None, operation.name)]


@changes.register(DropSchema)
def _drop_schema(operation: DropSchema) -> Iterable[Change]:
    return [Change("-", "schema", None, operation.name)]


@changes.register(CreateView)
def _create_view(operation: CreateView) -> Iterable[Change]:
    return [Change("+", "view", operation.view.name)]


@changes.register(DropView)
def _drop_view(operation: DropView) -> Iterable[Change]:
    return [Change("-", "view", operation.name)]


@changes.register(CreateDependant)
def _create_dependant(operation: CreateDependant) -> Iterable[Change]:
    return [_dependant("+", operation.dependant)]


@changes.register(DropDependant)
def _drop_dependant(operation: DropDependant) -> Iterable[Change]:
    return [_dependant("-", operation.dependant)]


def _dependant(sign: Sign, dependant: Dependant) -> Change:
    if dependant.table is not None:
        return Change(sign, dependant.kind, dependant.table, dependant.name)
    return Change(sign, dependant.kind, Name(dependant.name, dependant.schema))


@changes.register(CreateEnum)
def _create_enum(operation: CreateEnum) -> Iterable[Change]:
    return [Change("+", "enum type", operation.enum.name, None, (Detail(", ".join(operation.enum.values)),))]


@changes.register(DropEnum)
def _drop_enum(operation: DropEnum) -> Iterable[Change]:
    return [Change("-", "enum type", operation.name)]


@changes.register(AlterEnum)
def _alter_enum(operation: AlterEnum) -> Iterable[Change]:
    details: tuple[Detail, ...] = ()
    if operation.before != operation.after:
        details = (Detail(", ".join(operation.after), "values", ", ".join(operation.before)),)
    if operation.comment is not UNSET:
        details = (*details, _setting("comment", operation.existing_comment, operation.comment))
    return [Change("~", "enum type", operation.name, None, details)]


@changes.register(CreateDomain)
def _create_domain(operation: CreateDomain) -> Iterable[Change]:
    return [
        Change("+", "domain", operation.domain.name, None, tuple(map(Detail, _domain_words(operation.domain).values())))
    ]


@changes.register(DropDomain)
def _drop_domain(operation: DropDomain) -> Iterable[Change]:
    return [Change("-", "domain", operation.name)]


@changes.register(AlterDomain)
def _alter_domain(operation: AlterDomain) -> Iterable[Change]:
    before, after = _domain_words(operation.before), _domain_words(operation.after)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    details = tuple(_setting(name, before.get(name), after.get(name)) for name in sorted(names))
    return [Change("~", "domain", operation.name, None, details)]


def _domain_words(domain: Domain) -> dict[str, str]:
    """Return what is said of a domain, by the names of its parts."""
    words = {"type": domain.type.sql, "nullable": None if domain.nullable else "NOT NULL"}
    words |= {"default": None if domain.default is None else domain.default.sql, "collation": domain.collation}
    words |= {f"check {check.name}": constraint_words(check) for check in domain.checks}
    words["comment"] = domain.comment
    return {name: text for name, text in words.items() if text is not None}


@changes.register(CreateSequence)
def _create_sequence(operation: CreateSequence) -> Iterable[Change]:
    return [Change("+", "sequence", operation.sequence.name)]


@changes.register(DropSequence)
def _drop_sequence(operation: DropSequence) -> Iterable[Change]:
    return [Change("-", "sequence", operation.name)]


@changes.register(AlterSequence)
def _alter_sequence(operation: AlterSequence) -> Iterable[Change]:
    before, after = operation.before, operation.after
    names = ("type", "start", "increment", "minvalue", "maxvalue", "cycle", "cache", "unlogged", "owner", "comment")
    details = [(name, getattr(before, name), getattr(after, name)) for name in names]
    return [Change("~", "sequence", after.name, None, tuple(_setting(n, b, a) for n, b, a in details if a != b))]


# -- columns, constraints and indexes


@changes.register(AddColumn)
def _add_column(operation: AddColumn) -> Iterable[Change]:
    return [Change("+", "column", operation.table, operation.column.name, (Detail(column_words(operation.column)),))]


@changes.register(DropColumn)
def _drop_column(operation: DropColumn) -> Iterable[Change]:
    return [Change("-", "column", operation.table, operation.name)]


@changes.register(AlterColumn)
def _alter_column(operation: AlterColumn) -> Iterable[Change]:
    before = operation.before.known() | {"name": operation.name}
    details = [_setting(name, before.get(name, UNSET), each) for name, each in operation.after.known().items()]
    return [Change("~", "column", operation.table, operation.name, tuple(details))]


@changes.register(AddConstraint)
def _add_constraint(operation: AddConstraint) -> Iterable[Change]:
    constraint = operation.constraint
    kind = CONSTRAINT_KINDS[constraint_kind(constraint)]
    words = () if constraint.name is None else (Detail(constraint_words(constraint)),)
    return [Change("+", kind, operation.table, constraint_name(constraint), words)]


@changes.register(DropConstraint)
def _drop_constraint(operation: DropConstraint) -> Iterable[Change]:
    words = () if operation.constraint is None else (constraint_words(operation.constraint),)
    name = operation.name if operation.name is not None else " ".join(words) or "(unnamed)"
    details = tuple(map(Detail, words)) if operation.name is not None else ()
    return [Change("-", CONSTRAINT_KINDS[operation.kind], operation.table, name, details)]


@changes.register(CreateIndex)
def _create_index(operation: CreateIndex) -> Iterable[Change]:
    return [Change("+", "index", operation.table, operation.index.name, (Detail(index_words(operation.index)),))]


@changes.register(DropIndex)
def _drop_index(operation: DropIndex) -> Iterable[Change]:
    words = () if operation.index is None else (Detail(index_words(operation.index)),)
    return [Change("-", "index", operation.table, operation.name, words)]


@changes.register(RenameConstraint)
def _rename_constraint(operation: RenameConstraint) -> Iterable[Change]:
    words = (Detail(operation.new_name, "name", operation.name),)
    return [Change("~", CONSTRAINT_KINDS[operation.kind], operation.table, operation.name, words)]


@changes.register(RenameIndex)
def _rename_index(operation: RenameIndex) -> Iterable[Change]:
    words = (Detail(operation.new_name, "name", operation.name),)
    return [Change("~", "index", operation.table, operation.name, words)]


@changes.register(CustomOperation)
def _custom(operation: CustomOperation) -> Iterable[Change]:
    sign, kind, name = operation.label()
    return [Change(sign, kind, None, name)]


@changes.register(BatchAlterTable)
def _batch(operation: BatchAlterTable) -> Iterable[Change]:
    return [change for each in operation.in_place for change in changes(each)]
