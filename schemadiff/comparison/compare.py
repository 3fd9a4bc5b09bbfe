"""The comparison itself, in two pure steps around the judge's impure one.

``compare(source, target, backend)`` gives operations and the questions that tokens could not settle. The backend's judge answers
them all at once, and ``compare(source, target, backend, answers)`` finishes. Tables that are equal cost one comparison each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends import Backend, Question
from schemadiff.comparison.dependants import with_dependants, with_places
from schemadiff.comparison.domains import domain_operations
from schemadiff.comparison.equality import Equality
from schemadiff.comparison.openings import reconciled
from schemadiff.comparison.respelled import Respelled, respelled
from schemadiff.comparison.rules import DEFAULT_RULES, Rules
from schemadiff.comparison.sequences import sequence_operations
from schemadiff.comparison.tables import TableChange, put_back, table_change
from schemadiff.comparison.types import enum_operations, refuse_kind_changes, with_types
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    BatchAlterTable,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateView,
    DropSchema,
    DropTable,
    DropView,
    Operation,
    ordered,
)
from schemadiff.schema import ForeignKey, Name, Schema, Table

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """The outcome.

    Args:
        operations: what turns the source into the target, in order.
        questions: pairs of expressions that differ as tokens. Those without an answer are taken as different.
        ruled: what the user's rules said: for a table, a column and a field of it, whether it differs.
        refused: what cannot be done, a line each: then ``operations`` must not be carried out.
    """

    operations: tuple[Operation, ...]
    questions: tuple[Question, ...]
    ruled: Mapping[tuple[Name, str, str], bool]
    refused: tuple[str, ...] = ()


def compare(
    source: Schema,
    target: Schema,
    backend: Backend,
    answers: Mapping[Question, bool] | None = None,
    rules: Rules = DEFAULT_RULES,
) -> Comparison:
    """Compare two schemas that are canonical for one backend.

    Args:
        source: what is there.
        target: what shall be there.
        backend: knows what can be changed in place, and arranges the operations.
        answers: the judge's answers to an earlier call's questions.
        rules: what the user says of types and defaults.

    Raises:
        OperationError: the operations cannot be put in an order.
    """
    source, target = reconciled(source, target, backend)
    asked: dict[Question, None] = {}
    ruled: dict[tuple[Name, str, str], bool] = {}
    changes: dict[Name, TableChange] = {}
    source, target, first = backend.with_inherited(source, target)
    spelled = respelled(source, target, backend)
    source = spelled.tables
    operations: list[Operation] = [*_schema_operations(source, target), *spelled.operations, *first]
    # Where a user's rules decide, they are asked about equal tables as well.
    for name in spelled.differing if rules.quiet else sorted(source.tables.keys() | target.tables.keys()):
        before, after = spelled.columns.tables.get(name), target.tables.get(name)
        if before is None and after is not None:
            operations.extend(_create(after))
        elif after is None and before is not None:
            operations.append(DropTable(name=name, table=source.tables[name]))
        elif before is not None and after is not None:
            equality = Equality(after, answers or {}, rules)
            changes[name] = table_change(before, after, equality, backend)
            operations.extend(changes[name].operations)
            asked.update(equality.asked)
            ruled.update(equality.ruled)
    if backend.keys_need_referents:
        operations.extend(_dependent_keys(spelled.columns, target, changes))
    refuse_kind_changes(source, target)
    domains = domain_operations(source, target, answers or {})
    asked.update(dict.fromkeys(domains.asked))
    types = [*enum_operations(source, target), *domains.operations]
    operations = with_types(operations, types, source, target)
    operations.extend(sequence_operations(source, target))
    operations.extend(_view_operations(source, target, backend))
    standing = [_as_it_stands(each, spelled) for each in backend.arrange(operations, spelled.columns, target)]
    arranged, refused = with_dependants(standing, source, target, backend)

    def later_keys(table: Table, keys: tuple[ForeignKey, ...]) -> Sequence[Operation]:
        whole = target.tables.get(table.name) or source.tables[table.name]
        return backend.later_keys(replace(table, indexes=whole.indexes), keys)

    in_order = ordered(
        arranged,
        keys_need_referents=backend.keys_need_referents,
        later_keys=later_keys,
        effects=with_places(backend.effects_between(source, target, first), backend),
    )
    return Comparison(in_order, tuple(asked), ruled, refused)


def _as_it_stands(operation: Operation, spelled: Respelled) -> Operation:
    """Return a batch with the table that it starts from, whose columns are not yet spelled anew."""
    if not isinstance(operation, BatchAlterTable) or operation.copy_from is None:
        return operation
    standing = spelled.tables.tables.get(operation.table)
    if standing is None or standing is spelled.columns.tables[operation.table]:
        return operation
    names = {index.name for index in operation.copy_from.indexes}
    indexes = tuple(index for index in standing.indexes if index.name in names)
    return replace(operation, copy_from=replace(standing, indexes=indexes))


def _create(table: Table) -> Iterator[Operation]:
    yield CreateTable(table=replace(table, indexes=()))
    for index in table.indexes:
        yield CreateIndex(table=table.name, index=index)


def _dependent_keys(source: Schema, target: Schema, changes: Mapping[Name, TableChange]) -> Iterator[Operation]:
    """Yield the taking off and putting back of foreign keys whose key or column goes away for a while, those of unchanged tables too."""
    freed = {name: change.freed for name, change in changes.items() if change.freed}
    if not freed:
        return
    for name in sorted(source.tables.keys() & target.tables.keys()):
        table = source.tables[name]
        kept = changes[name].kept_foreign_keys if name in changes else [(key, key) for key in table.foreign_keys]
        pairs = tuple(
            (before, after)
            for before, after in kept
            if frozenset(before.referent_columns) in freed.get(before.referent, ())
        )
        yield from put_back(table, pairs)


def _schema_operations(source: Schema, target: Schema) -> Iterator[Operation]:
    for name in sorted(target.schemas - source.schemas):
        yield CreateSchema(name=name)
    if target.complete:
        for name in sorted(source.schemas - target.schemas):
            yield DropSchema(name=name)


def _view_operations(source: Schema, target: Schema, backend: Backend) -> Iterator[Operation]:
    """Yield what becomes of the views that models make. A view that the model does not name is not the model's, and stays.

    A database's views are dependants: their text, as the server prints it, is not comparable with a model's query, so a view that is there is
    taken as the model's, whichever way the database lets its name be spelled. One that only one of two databases has is neither made nor
    dropped.
    """

    def folded(name: Name) -> Name:
        return replace(name, name=backend.fold_table(name.name))

    there = {folded(name) for name in source.dependants.keys() | target.dependants.keys()}
    for name in sorted(source.views.keys() | target.views.keys()):
        if folded(name) in there:
            continue
        before, after = source.views.get(name), target.views.get(name)
        if before == after:
            continue
        if before is not None and (after is not None or target.complete):
            yield DropView(name=name, view=before, materialized=before.materialized)
        if after is not None:
            yield CreateView(view=after)
