"""Tables that inherit: in which order what they have of their own, and what comes to them from their parents, is given and taken.

A column, a check and (since PostgreSQL 18) a NOT NULL of a child may be its own, its parents', or both. What is its own it does not lose with
theirs. What a parent has as well cannot be taken from the child alone, and what a child has before it begins to inherit stays its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends.postgresql.clauses import qualified
from schemadiff.backends.postgresql.parents import kept_parents, parents_of
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropTable,
    Effects,
    Key,
    Operation,
)
from schemadiff.operations.base import relation_key
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    Name,
    Options,
    Schema,
    Table,
    Unset,
    option,
)

__all__ = ["Lineage", "given_anew", "refuse_leaving", "with_lineage"]

Item = tuple[str, str]
"""What children inherit: (``column``, name), (``not null``, column) or (``check``, name)."""


@dataclass(frozen=True)
class Lineage:
    """Who inherits from whom, on either side.

    Args:
        ancestors, descendants: of each table that has any.
        joined, left: (child, parent) of those that begin, or stop, to inherit while both stay.
    """

    ancestors: Mapping[Name, frozenset[Name]]
    descendants: Mapping[Name, frozenset[Name]]
    joined: frozenset[tuple[Name, Name]]
    left: frozenset[tuple[Name, Name]]

    @classmethod
    def of(cls, source: Schema, target: Schema) -> Lineage:
        """Return the lineage of the tables of both sides."""
        before, after = set(_edges(source)), set(_edges(target))
        parents: dict[Name, set[Name]] = defaultdict(set)
        for child, parent in before | after:
            parents[child].add(parent)
        ancestors = {child: _reached(child, parents) for child in parents}
        descendants: dict[Name, set[Name]] = defaultdict(set)
        for child, found in ancestors.items():
            for each in found:
                descendants[each].add(child)
        stay = source.tables.keys() & target.tables.keys()
        return cls(
            ancestors,
            {name: frozenset(found) for name, found in descendants.items()},
            frozenset(edge for edge in after - before if stay.issuperset(edge)),
            frozenset(edge for edge in before - after if stay.issuperset(edge)),
        )

    def changes(self, parent: Name) -> bool:
        """Return True where a table begins or stops to inherit from ``parent``."""
        return any(each == parent for _, each in self.joined | self.left)


def _edges(schema: Schema) -> Iterator[tuple[Name, Name]]:
    for name, table in schema.tables.items():
        for parent in parents_of(table, schema):
            yield name, parent


def _reached(start: Name, parents: Mapping[Name, Iterable[Name]]) -> frozenset[Name]:
    todo, found = [start], set[Name]()
    while todo:
        new = set(parents.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return frozenset(found - {start})


# -- the order


def with_lineage(
    effects: Effects, operation: Operation, lineage: Lineage, first: Sequence[Operation], *, own_not_null: bool
) -> Effects:
    """Return the effects of an operation with what decides about its order among those on its table's parents and children.

    - What a child gives itself it gives before a parent does, which then becomes its as well; what it takes from itself it takes after.
    - All that is taken, from parent or child, is taken before any of it is given.
    - While a table begins or stops to inherit the columns of both are of the same types, and the child has all that the parent has. So a parent
      gives what is new after that, and its child gets it; and takes what goes before.

    Source: the PostgreSQL manual, "ALTER TABLE", INHERIT, and "Inheritance".

    Args:
        effects: those that the operation has by itself.
        operation: the operation.
        lineage: of the two sides.
        first: what comes before the changes of parents that take along what a child has of its own.
        own_not_null: NOT NULL is a constraint, which a child has of its own or from a parent.
    """
    if isinstance(operation, AlterTable):
        return _of_inherits(effects, operation, lineage)
    table = getattr(operation, "table", None)
    if not isinstance(table, Name) or not (table in lineage.ancestors or table in lineage.descendants):
        return effects
    above = lineage.ancestors.get(table, frozenset())
    match operation:
        case AddColumn(column=column):
            effects |= Effects(provides=frozenset({_arrival_key(table, column.name)}))
        case DropColumn(name=name):
            effects |= Effects(provides=frozenset({_arrival_key(table, name)})).reversed()
        case AlterColumn(name=name):
            # What a child has of its own of a column, it has once its parent has got that, and as long as it has it.
            arrivals = frozenset(_arrival_key(each, name) for each in above)
            effects |= Effects(requires=arrivals, releases=arrivals)
    given, taken = _given(operation, own_not_null), _taken(operation, own_not_null)
    effects |= _giving(table, given, lineage, lineage.joined) | _giving(table, taken, lineage, lineage.left).reversed()
    if isinstance(operation, AlterColumn) and operation.after.known().keys() & _TAKING_ALONG:
        # A parent's type, default, storage or statistics target takes along what the child has, which before it lets go of its own, and then gets it.
        own = frozenset({_own_key(table, operation.name)})
        others = frozenset(_own_key(each, operation.name) for each in above)
        if operation in first:
            effects |= Effects(modifies=own, releases=others)
        else:
            effects |= Effects(modifies=own, requires=others)
    # A child is made equal to its parent before it begins to inherit; of a parent only what it has already.
    if not (lineage.changes(table) and (given or taken)):
        effects |= Effects(modifies=frozenset({_columns_key(table)}))
    return effects


def _giving(table: Name, items: Iterable[Item], lineage: Lineage, moved: Iterable[tuple[Name, Name]]) -> Effects:
    provides: set[Key] = set()
    requires: set[Key] = set()
    for kind, name in items:
        provides.add(("own", kind, *table.sort_key, name))
        provides |= {("given", kind, *owner.sort_key, name) for owner in (table, *lineage.ancestors.get(table, ()))}
        requires |= {("own", kind, *child.sort_key, name) for child in lineage.descendants.get(table, ())}
    if provides and lineage.changes(table):
        provides.add(_state_key(table))
        requires |= {_edge_key(child, parent) for child, parent in moved if parent == table}
    return Effects(provides=frozenset(provides), requires=frozenset(requires))


def _of_inherits(effects: Effects, operation: AlterTable, lineage: Lineage) -> Effects:
    if "inherits" not in dict(operation.after):
        return effects
    relation = frozenset({relation_key(operation.name)})
    effects = replace(effects, modifies=effects.modifies - relation)
    effects |= Effects(requires=relation, releases=relation)
    for edges, is_joined in ((lineage.joined, True), (lineage.left, False)):
        for child, parent in edges:
            if child == operation.name:
                found = Effects(
                    provides=frozenset({_edge_key(child, parent), _state_key(parent)}),
                    requires=frozenset({_columns_key(child), _columns_key(parent)}),
                )
                effects |= found if is_joined else found.reversed()
    return effects


def _arrival_key(table: Name, column: str) -> Key:
    return ("column that children inherit", *table.sort_key, column)


def _own_key(table: Name, column: str) -> Key:
    return ("own default and settings", *table.sort_key, column)


def _columns_key(table: Name) -> Key:
    return ("columns", *table.sort_key)


def _state_key(parent: Name) -> Key:
    return ("what children have to have", *parent.sort_key)


def _edge_key(child: Name, parent: Name) -> Key:
    return ("inherits", *child.sort_key, *parent.sort_key)


def _given(operation: Operation, own_not_null: bool) -> frozenset[Item]:
    """Return what the table of an operation has once it has run, and had not before."""
    match operation:
        case AddColumn(column=column):
            found = {("column", column.name)}
            return frozenset(found | ({("not null", column.name)} if own_not_null and not column.nullable else set()))
        case AlterColumn(name=name, after=ColumnState(nullable=False)) if own_not_null:
            return frozenset({("not null", name)})
        case AddConstraint(constraint=CheckConstraint(name=str(name))):
            return frozenset({("check", name)})
    return frozenset()


def _taken(operation: Operation, own_not_null: bool) -> frozenset[Item]:
    match operation:
        case DropColumn(column=Column() as column):
            return _given(AddColumn(table=operation.table, column=column), own_not_null)
        case AlterColumn(name=name, after=ColumnState(nullable=True)) if own_not_null:
            return frozenset({("not null", name)})
        case DropConstraint(constraint=CheckConstraint(name=str(name))):
            return frozenset({("check", name)})
    return frozenset()


# -- what has to go for a while


def given_anew(
    operations: Sequence[Operation], source: Schema, target: Schema, *, own_not_null: bool
) -> tuple[Operation, ...]:
    """Return ``operations`` with a check or NOT NULL of a parent off for a while where a child gets one like it of its own, or loses it.

    Raises:
        UnsupportedOperation: it is the NOT NULL of a primary key; or a column would become a child's own, or stop to be.
    """
    lineage = Lineage.of(source, target)
    if not lineage.ancestors:
        return tuple(operations)
    result = [part for operation in operations for part in _in_parts(operation, lineage, own_not_null)]
    result += _own_of_new_tables(operations, source, target, own_not_null)
    changed = {(getattr(o, "table", None), item) for o in result for item in _touched(o, own_not_null)}
    anew: set[tuple[Name, Item]] = set()
    for child, ancestors in lineage.ancestors.items():
        if child not in source.tables or child not in target.tables:
            continue
        before, after = source.tables[child], target.tables[child]
        kept = kept_parents(before, after, source, target)
        _refuse_disowning(before, after, kept, source, target)
        moves = {parent for edge, parent in lineage.joined | lineage.left if edge == child}
        for ancestor in sorted(ancestors & source.tables.keys() & target.tables.keys()):
            sides = [set(_own(side.tables[ancestor], own_not_null)) for side in (source, target)]
            for item in sorted(set.intersection(*sides)):
                had, has = item in set(_own(before, own_not_null)), item in set(_own(after, own_not_null))
                through = (child, ancestor)
                stays = had == has
                if moves and not (ancestor in kept and ancestor not in moves):
                    stays = has if through not in lineage.left else had
                if not stays and (ancestor, item) not in changed:
                    _refuse_key(child, ancestor, item, source, target)
                    anew.add((ancestor, item))
    for ancestor, item in sorted(anew):
        result += _off_and_on(source.tables[ancestor], target.tables[ancestor], item)
    return tuple(result)


def _in_parts(operation: Operation, lineage: Lineage, own_not_null: bool) -> Iterator[Operation]:
    """Yield an operation in the parts that have places of their own in the order."""
    match operation:
        case AlterTable(after=settings, before=before) if "inherits" in dict(settings) and len(settings) > 1:
            for wanted in (True, False):
                own, was = (_only(side, wanted) for side in (settings, before))
                yield replace(operation, after=own, before=was)
        case AlterColumn(table=table, name=name, after=ColumnState(nullable=bool(nullable)) as after) if (
            own_not_null and lineage.changes(table) and len(after.known()) > 1
        ):
            rest = after.only(after.known().keys() - {"nullable"})
            yield replace(operation, after=rest)
            state = rest.over(operation.before)
            yield AlterColumn(table=table, name=name, after=ColumnState(nullable=nullable), before=state)
        case _:
            yield operation


def _own_of_new_tables(
    operations: Sequence[Operation], source: Schema, target: Schema, own_not_null: bool
) -> Iterator[Operation]:
    """Yield what gives tables that are created, or dropped, what they have of their own of the columns that they do not say."""
    for operation in operations:
        match operation:
            case CreateTable(table=table) if table.inherited:
                yield from _own_of_inherited(table, target, own_not_null)
            case DropTable(table=Table() as table) if table.inherited:
                yield from (each.reverse() for each in _own_of_inherited(table, source, own_not_null))


_TAKING_ALONG = frozenset({"type", "collation", "default", "options"})
_OWN = ("default", "nullable", "comment", "options")
_SETTINGS = frozenset({"attributes", "compression", "statistics", "storage"})


def _own_of_inherited(table: Table, schema: Schema, own_not_null: bool) -> Iterator[AlterColumn]:
    parents = [schema.tables[name] for name in parents_of(table, schema)]
    theirs = {column.name: column for parent in reversed(parents) for column in (*parent.inherited, *parent.columns)}
    for column in table.inherited:
        given = theirs.get(column.name)
        if given is None:
            continue
        given = replace(given, nullable=True) if own_not_null else given
        # What comes with a column is neither its comment nor its statistics target nor its attributes ("CREATE TABLE", INHERITS).
        coming = tuple(item for item in given.options if item[0] in ("compression", "storage"))
        given = replace(given, comment=None, options=coming)
        wanted = tuple(item for item in column.options if item[0] in _SETTINGS)
        column = replace(column, options=wanted)
        changed = {field for field in _OWN if getattr(given, field) != getattr(column, field)}
        if isinstance(given.default, Computed) or isinstance(column.default, Computed):
            changed.discard("default")
        if changed:
            before, after = ColumnState.of(given), ColumnState.of(column).only(changed)
            yield AlterColumn(table=table.name, name=column.name, after=after, before=before)


def _only(settings: Options | Unset, inherits: bool) -> Options:
    return (
        () if isinstance(settings, Unset) else tuple(each for each in settings if (each[0] == "inherits") == inherits)
    )


def _touched(operation: Operation, own_not_null: bool) -> frozenset[Item]:
    return _given(operation, own_not_null) | _taken(operation, own_not_null)


def _own(table: Table, own_not_null: bool) -> Iterator[Item]:
    """Yield the checks and NOT NULLs that a table says itself, and its children inherit."""
    for check in table.checks:
        if check.name is not None and not option(check.options, "no_inherit"):
            yield "check", check.name
    for column in table.columns if own_not_null else ():
        if not column.nullable and not option(option(column.options, "not_null", ()), "no_inherit"):
            yield "not null", column.name


def _off_and_on(before: Table, after: Table, item: Item) -> Iterator[Operation]:
    kind, name = item
    if kind == "check":
        check = next(each for each in before.checks if each.name == name)
        again = next(each for each in after.checks if each.name == name)
        yield AddConstraint(table=before.name, constraint=check).reverse()
        yield AddConstraint(table=before.name, constraint=again)
        return
    old, new = before.column(name), after.column(name)
    assert old is not None
    assert new is not None
    off = ColumnState(nullable=True)
    yield AlterColumn(table=before.name, name=name, after=off, before=ColumnState.of(old))
    again_off = replace(ColumnState.of(new), nullable=True)
    yield AlterColumn(table=before.name, name=name, after=ColumnState(nullable=False), before=again_off)


# -- what is refused


def _refuse_key(child: Name, ancestor: Name, item: Item, source: Schema, target: Schema) -> None:
    kind, column = item
    keys = [side.tables[ancestor].primary_key for side in (source, target)]
    if kind == "not null" and any(key is not None and column in key.columns for key in keys):
        raise UnsupportedOperation(
            f"Alter column {child}.{column}: one side has a NOT NULL of its own beside that of {ancestor}, and the primary key of "
            f"{ancestor} has to go before that can change; state it in both, or write the change with op.execute()"
        )


def _refuse_disowning(before: Table, after: Table, kept: Sequence[Name], source: Schema, target: Schema) -> None:
    """Refuse to make a column that a table has from its parents alone one of its own, or the other way.

    Raises:
        UnsupportedOperation: the change would do so.
    """
    if not kept or not source.complete:
        return
    theirs = [{column.name for column in table.inherited} for table in (before, after)]
    own = [
        {column.name for column in table.columns} - inherited
        for table, inherited in zip((before, after), theirs, strict=True)
    ]
    for name in sorted(theirs[0] & own[1]):
        gone = not any(target.tables[parent].column(name) for parent in kept)
        if target.complete or gone:
            raise UnsupportedOperation(
                f"Alter column {after.name}.{name}: it comes from {', '.join(map(str, kept))} and would become the table's own, which no way "
                f"back undoes; write ALTER TABLE ONLY or NO INHERIT with op.execute()"
            )
    for name in sorted(own[0] & theirs[1]):
        raise UnsupportedOperation(
            f"Alter column {after.name}.{name}: it is the table's own and would come from {', '.join(map(str, kept))} alone, which nothing does "
            f"to a column that is there; let {after.name} have it too, or create the table anew in a revision of your own"
        )


def _parents(settings: Options) -> frozenset[str]:
    return frozenset(dict(settings).get("inherits") or ())


def refuse_leaving(operation: AlterTable, source: Schema) -> None:
    """Refuse to take a table out of a parent from which it has columns that it does not say itself.

    They become its own, and stay so when it comes back: nothing but a new table has them from its parents alone.

    Raises:
        UnsupportedOperation: the operation would do so.
    """
    table = source.tables.get(operation.name)
    if table is None or isinstance(operation.before, Unset):
        return
    left = _parents(operation.before) - _parents(operation.after)
    if not left:
        return
    kept = [name for name in source.tables if qualified(name) in _parents(operation.after)]
    told = {column.name for name in kept for column in (*source.tables[name].columns, *source.tables[name].inherited)}
    lost = sorted(column.name for column in table.inherited if column.name not in told)
    if lost:
        raise UnsupportedOperation(
            f"{operation.describe()}: column {lost[0]} would become the table's own, which no way back undoes; write "
            f"ALTER TABLE {qualified(operation.name)} NO INHERIT {', '.join(sorted(left))} with op.execute()"
        )
