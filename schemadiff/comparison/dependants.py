"""What hangs on tables and is not the model's, around the operations of a diff.

A dependant that no operation meets is left alone, and never compared. One that an operation meets (it stands on what goes away, or on
what the database does not change while something stands on it) is taken off first, and so is what stands on it in turn. It is put back

- as it was, where the target is a model: a model knows nothing of it;
- as the target has it, where the target is a database; one that the target does not have is not put back. A view that the model itself
  makes is put back with the model's query where its own cannot be.

One whose name a new table takes is in the way as well, and what the target database has in the place of a table that goes is made.

The way back does the same from the other end. What means nothing without what it stands on (statistics, grants on a column) goes with it, and
comes back with it. Anything else that cannot be put back is refused, and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends import Backend
from schemadiff.comparison.types import texts
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    BatchAlterTable,
    CreateDependant,
    CreateView,
    DropDependant,
    DropTable,
    Effects,
    Key,
    Operation,
)
from schemadiff.operations.base import column_key, relation_key
from schemadiff.operations.touch import mentioned
from schemadiff.schema import Dependant, Expression, Name, Schema, Table, View

__all__ = ["differing", "with_dependants", "with_places"]


def with_dependants(
    operations: Sequence[Operation], source: Schema, target: Schema, backend: Backend
) -> tuple[tuple[Operation, ...], tuple[str, ...]]:
    """Return ``operations`` with those that take dependants off and put them back, in no order; and what is to be refused, a line each."""
    change = _Change.of(operations, backend)
    if not change.disturbed and not change.made:
        return tuple(operations), ()
    there = backend.dependants(source)
    ousted = [each for each in there if change.made & _relations(each.provides, backend)]
    off = _taken_off(there, ousted, change)
    theirs = None
    instead: list[Dependant] = []
    if target.complete and (off or (target.dependants and change.unmade)):
        found = backend.dependants(target)
        theirs = {each.identity: each for each in found}
        instead = [each for each in found if change.unmade & _relations(each.provides, backend)]
        instead = [each for each in instead if Name(each.name, each.schema) not in target.views]
    if not off and not instead:
        return tuple(operations), ()
    called = tuple(_called(operations, off))
    back, refused = _put_back(
        off,
        ousted,
        theirs,
        {name: _as_modelled(view, target, backend) for name, view in target.views.items()},
        change,
    )
    identities = {each.identity for each in off}
    result = [_without(operation, identities) for operation in operations]
    result += [DropDependant(dependant=each) for each in off]
    result += [CreateDependant(dependant=each) for each in (*back, *instead)]
    return tuple(result), (*refused, *called)


def _called(operations: Iterable[Operation], off: Sequence[Dependant]) -> Iterator[str]:
    """Yield what is to be said of the operations that bring in a call of a function that is off while they run."""
    functions = {
        key[-1].partition("(")[0].strip('"'): each
        for each in off
        if each.drop
        for key in each.provides
        if key[0] == "function" and each.table is None
    }
    for operation in operations if functions else ():
        for name in sorted({name for text in texts([operation]) for name in mentioned(Expression(text, text))}):
            if (function := functions.get(name)) is not None:
                yield (
                    f"{operation.describe()}: it uses {function}, which the diff cannot leave as it is: "
                    "split the change into two revisions"
                )


@dataclass(frozen=True)
class _Change:
    """What the operations do to what others stand on.

    Args:
        gone: is not there any more after them.
        made: the tables and the like that were not there before them, as the database knows their names.
        unmade: those that are not there any more, likewise.
        disturbed: nothing may stand on it while they run.
        dropped: the tables that are dropped, each with what goes away with it.
    """

    gone: frozenset[Key]
    made: frozenset[Key]
    unmade: frozenset[Key]
    disturbed: frozenset[Key]
    dropped: Mapping[Name, frozenset[Key]]

    @classmethod
    def of(cls, operations: Iterable[Operation], backend: Backend) -> _Change:
        removed: set[Key] = set()
        provided: set[Key] = set()
        disturbed: set[Key] = set()
        dropped: dict[Name, frozenset[Key]] = {}
        for operation in operations:
            effects = operation.effects()
            removed |= effects.removes
            provided |= effects.provides
            disturbed |= backend.disturbed(operation)
            if isinstance(operation, DropTable):
                dropped[operation.name] = effects.removes
        # What has only been spelled otherwise is still there.
        there = {_folded(key, backend) for key in provided}
        gone = frozenset(key for key in removed - provided if _folded(key, backend) not in there)
        made, unmade = _relations(provided, backend), _relations(removed, backend)
        return cls(gone, made - unmade, unmade - made, gone if backend.binds_late else frozenset(disturbed), dropped)

    def uses(self, dependant: Dependant) -> frozenset[Key]:
        """Return what ``dependant`` stands on; of one that goes with its table, without what goes with that table too."""
        if dependant.table is None:
            return dependant.uses
        return dependant.uses - self.dropped.get(dependant.table, frozenset())

    def goes(self, dependant: Dependant) -> bool:
        """Return True where ``dependant`` goes with its table."""
        return dependant.table in self.dropped


def _relations(keys: Iterable[Key], backend: Backend) -> frozenset[Key]:
    return frozenset(_folded(key, backend) for key in keys if key[0] == "relation")


def _folded(key: Key, backend: Backend) -> Key:
    """Return the key by which the database knows a table or a column, whichever way it is spelled."""
    match key:
        case ("relation", schema, table):
            return ("relation", schema, backend.fold_table(table))
        case ("column", schema, table, column):
            return ("column", schema, backend.fold_table(table), backend.fold_column(column))
    return key


def with_places(effects: Callable[[Operation], Effects], backend: Backend) -> Callable[[Operation], Effects]:
    """Return ``effects`` with the names that tables and views take and free as the database knows them: one goes before another comes."""

    def places(keys: Iterable[Key]) -> frozenset[Key]:
        return frozenset(("place", *key[1:]) for key in _relations(keys, backend))

    def of(operation: Operation) -> Effects:
        found = effects(operation)
        taken, freed = places(found.provides), places(found.removes)
        # A table that is only spelled otherwise stays where it is.
        return found | Effects(provides=taken - freed, removes=freed - taken)

    return of


def _taken_off(dependants: Iterable[Dependant], ousted: Iterable[Dependant], change: _Change) -> list[Dependant]:
    """Return ``ousted``, and the dependants that stand on it or on what is disturbed, if only by way of others."""
    users: dict[Key, list[Dependant]] = defaultdict(list)
    for dependant in dependants:
        for key in change.uses(dependant):
            users[key].append(dependant)
    found = {dependant.identity: dependant for dependant in ousted}
    todo = [key for key in users if key in change.disturbed]
    todo += _provided(found.values())
    while todo:
        for dependant in users.get(todo.pop(), ()):
            if dependant.identity not in found:
                found[dependant.identity] = dependant
                todo += dependant.provides
    return [found[identity] for identity in sorted(found)]


def _put_back(
    off: Sequence[Dependant],
    ousted: Sequence[Dependant],
    theirs: Mapping[tuple[str, ...], Dependant] | None,
    modelled: Mapping[Name, Dependant],
    change: _Change,
) -> tuple[list[Dependant], tuple[str, ...]]:
    """Return the dependants that are put back, as they shall be, and what is to be said of those that cannot be.

    The names of ``ousted``, which are among ``off``, are given to tables.
    """
    refused: dict[str, None] = {}
    for each in off:
        if not each.drop:
            refused[
                _refusal(each, change.uses(each) & (change.disturbed | _provided(off)), "cannot leave as it is")
            ] = None
    if theirs is not None:
        return [theirs[each.identity] for each in off if each.identity in theirs and not change.goes(each)], tuple(
            refused
        )
    refused |= dict.fromkeys(f"{each} has the name of a table that the diff creates: {_REMEDY}" for each in ousted)
    staying = [_standing(each, modelled, change) for each in off if not change.goes(each) and each not in ousted]
    gone = change.gone | _provided([each for each in off if change.goes(each) or each in ousted])
    while True:
        fallen = [each for each in staying if change.uses(each) & gone]
        if not fallen:
            return staying, tuple(refused)
        for each in fallen:
            # What stands on one that is refused need not be named.
            if not each.goes_along and (why := change.uses(each) & change.gone):
                refused[_refusal(each, why, "drops")] = None
        staying = [each for each in staying if each not in fallen]
        gone |= _provided(fallen)


def _standing(dependant: Dependant, modelled: Mapping[Name, Dependant], change: _Change) -> Dependant:
    """Return a dependant as it was; a view that cannot stand so any more, but is the model's own too, as the model has it."""
    if dependant.table is not None or not change.uses(dependant) & change.gone:
        return dependant
    wanted = modelled.get(Name(dependant.name, dependant.schema))
    if wanted is None or wanted.kind != dependant.kind:
        return dependant
    return replace(dependant, sql=wanted.sql, uses=wanted.uses)


def _as_modelled(view: View, target: Schema, backend: Backend) -> Dependant:
    """Return a view of the model's with what its query may use: the tables whose names stand in it, and columns whose names do."""
    words = mentioned(Expression(view.sql, view.sql))
    tables = [table for name, table in target.tables.items() if name.name in words]
    uses = {relation_key(table.name) for table in tables}
    uses |= {column_key(table.name, c.name) for table in tables for c in table.columns if c.name in words}
    return Dependant(
        kind="materialized view" if view.materialized else "view",
        name=view.name.name,
        schema=view.name.schema,
        sql=backend.statements(CreateView(view=view))[0],
        uses=frozenset(uses),
    )


def differing(source: Schema, target: Schema, backend: Backend) -> tuple[str, ...]:
    """Return the dependants that two databases do not have alike, for people: they are not compared.

    What is a part of a table that only one of them has is not told, nor what is in schemas that were not read.
    """
    schemas = {None} | (source.schemas & target.schemas)

    def of(schema: Schema) -> dict[tuple[str, ...], Dependant]:
        return {
            each.identity: each
            for each in backend.dependants(schema)
            if each.drop and (each.schema in schemas if each.table is None else each.table in common)
        }

    common = (source.tables.keys() & target.tables.keys()) | (source.dependants.keys() & target.dependants.keys())
    ours, theirs = of(source), of(target)
    return tuple(
        str(theirs.get(identity) or ours[identity])
        for identity in sorted(ours.keys() | theirs.keys())
        if _text(ours.get(identity)) != _text(theirs.get(identity))
    )


def _text(dependant: Dependant | None) -> tuple[str, ...]:
    return () if dependant is None else (dependant.sql, *sorted(dependant.also))


def _provided(dependants: Iterable[Dependant]) -> frozenset[Key]:
    return frozenset(key for each in dependants for key in each.provides)


def _refusal(dependant: Dependant, keys: Collection[Key], what: str) -> str:
    # Where a table goes, its columns go without saying.
    tables = {key[1:] for key in keys if key[0] == "relation"}
    found = sorted(key for key in keys if key[0] == "relation" or key[1:3] not in tables)
    on = ", ".join(_words(key) for key in found)
    return f"{dependant} uses {on}, which the diff {what}: {_REMEDY}"


_REMEDY = "drop or change it in a revision before this one"
_KINDS = {"relation": "table", "unique": "key"}


def _words(key: Key) -> str:
    kind, schema, *rest = key
    return f"{_KINDS.get(kind, kind)} {'.'.join([part for part in (schema, *rest) if part])}"


def _without(operation: Operation, off: set[tuple[str, ...]]) -> Operation:
    """Return ``operation`` without the dependants of its table that are operations of their own now."""
    match operation:
        case DropTable(table=Table() as table):
            return replace(operation, table=_bare(table, off))
        case BatchAlterTable(copy_from=Table() as table):
            return replace(operation, copy_from=_bare(table, off))
    return operation


def _bare(table: Table, off: set[tuple[str, ...]]) -> Table:
    kept = tuple(each for each in table.dependants if each.identity not in off)
    return table if len(kept) == len(table.dependants) else replace(table, dependants=kept)
