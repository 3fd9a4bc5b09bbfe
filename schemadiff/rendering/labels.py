"""What operations change, in words: for the log, the terminal and reports.

A user's own operation says its words itself (:meth:`schemadiff.operations.CustomOperation.label`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Literal

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
    from_to,
    index_words,
    shown,
)

__all__ = ["Change", "Sign", "changes", "log_line", "shown"]

Sign = Literal["+", "-", "~"]

_VERBS: dict[Sign, str] = {"+": "added", "-": "dropped", "~": "changed"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in words. Texts are raw: whoever shows them escapes them (:func:`shown`).

    Args:
        sign: added, dropped or changed.
        kind: what changes: ``table``, ``column``, ``index`` ...
        table: the table (or view, type, sequence) that it is about, or stands in; None for what stands in none, such as a schema.
        name: its name inside of the table; None where the change is about ``table`` itself.
        details: short texts that say more: the type of an added column, ``type: INTEGER → BIGINT``.
    """

    sign: Sign
    kind: str
    table: Name | None
    name: str | None = None
    details: tuple[str, ...] = ()

    @property
    def qualified(self) -> str:
        """The whole name: ``shop.account.email``."""
        return ".".join(str(part) for part in (self.table, self.name) if part is not None)


def log_line(change: Change) -> str:
    """Return what the log says of a change: ``Detected added table 'account'``."""
    details = f" ({'; '.join(change.details)})" if change.details and change.sign == "~" else ""
    return shown(f"Detected {_VERBS[change.sign]} {change.kind} '{change.qualified}'{details}")


@singledispatch
def changes(operation: Operation) -> Iterable[Change]:
    """Return what ``operation`` changes. Of an operation that nobody registered it is its own description."""
    return [Change("~", "operation", None, operation.describe())]


# -- tables, schemas and what else stands by itself


@changes.register(CreateTable)
def _create_table(operation: CreateTable) -> Iterable[Change]:
    return [Change("+", "table", operation.table.name, None, table_details(operation.table))]


def table_details(table: Table) -> tuple[str, ...]:
    """Return one line for each column and constraint of a table."""
    columns = [f"{column.name} {column_words(column)}" for column in table.columns]
    constraints = [
        f"{CONSTRAINT_KINDS[constraint_kind(each)]} {'' if each.name is None else f'{each.name} '}{constraint_words(each)}"
        for each in table.constraints()
    ]
    return (*columns, *constraints)


@changes.register(DropTable)
def _drop_table(operation: DropTable) -> Iterable[Change]:
    return [Change("-", "table", operation.name)]


@changes.register(RenameTable)
def _rename_table(operation: RenameTable) -> Iterable[Change]:
    return [Change("~", "table", operation.name, None, (f"name: {operation.name.name} → {operation.new_name}",))]


@changes.register(AlterTable)
def _alter_table(operation: AlterTable) -> Iterable[Change]:
    before = {} if operation.before is UNSET else dict(operation.before)
    details = tuple(from_to(name, before.get(name, UNSET), each) for name, each in operation.after)
    return [Change("~", "table", operation.name, None, details)]


@changes.register(SetTableComment)
def _set_table_comment(operation: SetTableComment) -> Iterable[Change]:
    return [Change("~", "table", operation.name, None, (from_to("comment", operation.before, operation.comment),))]


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
    return [Change("+", "enum type", operation.enum.name, None, (", ".join(operation.enum.values),))]


@changes.register(DropEnum)
def _drop_enum(operation: DropEnum) -> Iterable[Change]:
    return [Change("-", "enum type", operation.name)]


@changes.register(AlterEnum)
def _alter_enum(operation: AlterEnum) -> Iterable[Change]:
    details: tuple[str, ...] = ()
    if operation.before != operation.after:
        details = (f"values: {', '.join(operation.before)} → {', '.join(operation.after)}",)
    if operation.comment is not UNSET:
        details = (*details, from_to("comment", operation.existing_comment, operation.comment))
    return [Change("~", "enum type", operation.name, None, details)]


@changes.register(CreateDomain)
def _create_domain(operation: CreateDomain) -> Iterable[Change]:
    return [Change("+", "domain", operation.domain.name, None, tuple(_domain_words(operation.domain).values()))]


@changes.register(DropDomain)
def _drop_domain(operation: DropDomain) -> Iterable[Change]:
    return [Change("-", "domain", operation.name)]


@changes.register(AlterDomain)
def _alter_domain(operation: AlterDomain) -> Iterable[Change]:
    before, after = _domain_words(operation.before), _domain_words(operation.after)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        Change(
            "~", "domain", operation.name, None, tuple(from_to(n, before.get(n), after.get(n)) for n in sorted(names))
        )
    ]


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
    return [Change("~", "sequence", after.name, None, tuple(from_to(n, b, a) for n, b, a in details if a != b))]


# -- columns, constraints and indexes


@changes.register(AddColumn)
def _add_column(operation: AddColumn) -> Iterable[Change]:
    return [Change("+", "column", operation.table, operation.column.name, (column_words(operation.column),))]


@changes.register(DropColumn)
def _drop_column(operation: DropColumn) -> Iterable[Change]:
    return [Change("-", "column", operation.table, operation.name)]


@changes.register(AlterColumn)
def _alter_column(operation: AlterColumn) -> Iterable[Change]:
    before = operation.before.known() | {"name": operation.name}
    details = [from_to(name, before.get(name, UNSET), each) for name, each in operation.after.known().items()]
    return [Change("~", "column", operation.table, operation.name, tuple(details))]


@changes.register(AddConstraint)
def _add_constraint(operation: AddConstraint) -> Iterable[Change]:
    constraint = operation.constraint
    kind = CONSTRAINT_KINDS[constraint_kind(constraint)]
    words = () if constraint.name is None else (constraint_words(constraint),)
    return [Change("+", kind, operation.table, constraint_name(constraint), words)]


@changes.register(DropConstraint)
def _drop_constraint(operation: DropConstraint) -> Iterable[Change]:
    words = () if operation.constraint is None else (constraint_words(operation.constraint),)
    name = operation.name if operation.name is not None else " ".join(words) or "(unnamed)"
    details = words if operation.name is not None else ()
    return [Change("-", CONSTRAINT_KINDS[operation.kind], operation.table, name, details)]


@changes.register(CreateIndex)
def _create_index(operation: CreateIndex) -> Iterable[Change]:
    return [Change("+", "index", operation.table, operation.index.name, (index_words(operation.index),))]


@changes.register(DropIndex)
def _drop_index(operation: DropIndex) -> Iterable[Change]:
    words = () if operation.index is None else (index_words(operation.index),)
    return [Change("-", "index", operation.table, operation.name, words)]


@changes.register(RenameConstraint)
def _rename_constraint(operation: RenameConstraint) -> Iterable[Change]:
    words = (f"name: {operation.name} → {operation.new_name}",)
    return [Change("~", CONSTRAINT_KINDS[operation.kind], operation.table, operation.name, words)]


@changes.register(RenameIndex)
def _rename_index(operation: RenameIndex) -> Iterable[Change]:
    return [Change("~", "index", operation.table, operation.name, (f"name: {operation.name} → {operation.new_name}",))]


@changes.register(CustomOperation)
def _custom(operation: CustomOperation) -> Iterable[Change]:
    sign, kind, name = operation.label()
    return [Change(sign, kind, None, name)]


@changes.register(BatchAlterTable)
def _batch(operation: BatchAlterTable) -> Iterable[Change]:
    return [change for each in operation.in_place for change in changes(each)]
