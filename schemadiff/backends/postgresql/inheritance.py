"""Tables that get a parent, or leave one."""

from __future__ import annotations

from schemadiff.backends.postgresql.clauses import qualified
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import AddColumn, AlterColumn, AlterTable, DropColumn, Effects, Key, Operation
from schemadiff.schema import Options, Schema, Unset

__all__ = ["inheritance_effects", "refuse_leaving"]


def inheritance_effects(operation: Operation) -> Effects:
    """Return what decides when a table gets a parent or leaves it: while it has one, their columns are of the same types.

    Source: the PostgreSQL manual, "ALTER TABLE", INHERIT.
    """
    match operation:
        case AddColumn(table=table) | AlterColumn(table=table) | DropColumn(table=table):
            return Effects(modifies=frozenset({_columns_key(qualified(table))}))
        case AlterTable(name=name, before=before, after=after):
            old, new = frozenset[str]() if isinstance(before, Unset) else _parents(before), _parents(after)
            own = frozenset({qualified(name)})
            joined, left = new - old, old - new
            return Effects(
                requires=frozenset(map(_columns_key, joined | own if joined else ())),
                releases=frozenset(map(_columns_key, left | own if left else ())),
            )
    return Effects()


def _columns_key(table: str) -> Key:
    return ("columns", table)


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
