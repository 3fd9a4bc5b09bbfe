"""What hooks of env.py make of a difference before it is shown or written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.commands.shared import ids
from schemadiff.errors import ConfigError
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import one_line
from schemadiff.revisions.template import NewRevision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.operations import Operation
    from schemadiff.runtime.directives import MigrationScript
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["Hook", "as_batches", "directed", "directed_diff", "finished"]

Hook = Callable[[Any, Any, Any], object]


def directed(
    context: MigrationContext,
    difference: Diff,
    standing: Collection[str],
    *,
    message: str | None = None,
    rev_id: str | None = None,
    hook: Hook | None = None,
) -> MigrationScript | None:
    """Return the revision that autogen shall write, after the hooks; None where one of them wants none.

    Args:
        context: the migration context, whose options have ``process_revision_directives``.
        difference: what was found.
        standing: where the database stands.
        message, rev_id: what the command was given.
        hook: a hook that the command was given; it runs before that of env.py.

    Raises:
        ConfigError: a hook leaves something that is no list of one revision.
    """
    from schemadiff.runtime.directives import DowngradeOps, MigrationScript, UpgradeOps

    hooks = [each for each in (hook, context.options.given.get("process_revision_directives")) if each is not None]
    script = MigrationScript(
        rev_id, UpgradeOps(difference.upgrade), DowngradeOps(difference.downgrade), message=message
    )
    directives: list[Any] = [script]
    for each in hooks:
        each(context, tuple(sorted(standing)), directives)
    if not directives:
        return None
    if len(directives) > 1 or not isinstance(directives[0], MigrationScript):
        raise ConfigError(
            "process_revision_directives: it leaves something else than one revision in its list; change the one that is there, "
            "or empty the list"
        )
    made = directives[0]
    _check(made)
    return made


def _check(script: MigrationScript) -> None:
    from schemadiff.operations import Operation

    for name in ("upgrade_ops", "downgrade_ops"):
        for operation in getattr(script, name).ops:
            if not isinstance(operation, Operation):
                raise ConfigError(
                    f"process_revision_directives: {name}.ops holds a {type(operation).__name__}: "
                    "put operations of schemadiff.operations into it"
                )


def directed_diff(context: MigrationContext, difference: Diff, standing: Collection[str]) -> Diff:
    """Return ``difference`` with the operations that autogen would write: what a hook takes out is no difference."""
    if context.options.given.get("process_revision_directives") is None:
        return difference
    script = directed(context, difference, standing)
    operations: Iterable[Operation] = () if script is None else script.upgrade_ops.ops
    return replace(difference, upgrade=tuple(operations))


def finished(
    planned: NewRevision, script: MigrationScript, context: MigrationContext, graph: RevisionGraph
) -> NewRevision:
    """Return ``planned`` with what hooks have said of it, and with the variables that env.py gives to the template.

    Raises:
        ConfigError: a hook asks for what is not done.
        RevisionError: it names no revision.
    """
    if script.version_path is not None:
        raise ConfigError(
            "process_revision_directives: version_path is not supported in a hook: choose the directory on the command line"
        )
    down = planned.down_revisions
    if script.head is not None:
        heads = ids(graph.resolve(script.head))
        if not script.splice and not set(heads) <= set(ids(graph.heads)):
            raise ConfigError(
                f"process_revision_directives: {one_line(ValueError(script.head))} is no head: set splice to True, or name a head"
            )
        down = heads
    labels, needed = _names(script.branch_label), _names(script.depends_on)
    return replace(
        planned,
        down_revisions=down,
        branch_labels=labels or planned.branch_labels,
        depends_on=tuple(i for each in needed for i in ids(graph.resolve(each))) or planned.depends_on,
        imports=tuple(sorted({*planned.imports, *script.imports})),
        template_args=dict(context.options.given.get("template_args") or {}),
    )


def _names(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


def as_batches(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return ``operations`` with those that follow each other on one table gathered into a batch (``render_as_batch``).

    So a file that was generated where tables are changed in place runs where they are rebuilt.
    """
    from schemadiff.operations import AlterTable, BatchAlterTable, CreateIndex, DropIndex, SetTableComment
    from schemadiff.schema import Name

    result: list[Operation] = []
    for operation in operations:
        if isinstance(operation, (AlterTable, SetTableComment)):
            table: Any = operation.name
        else:
            table = getattr(operation, "table", None)
        alone = isinstance(operation, (CreateIndex, DropIndex)) and _is_concurrent(operation)
        if isinstance(operation, BatchAlterTable) or not isinstance(table, Name) or alone:
            result.append(operation)
            continue
        last = result[-1] if result else None
        if isinstance(last, BatchAlterTable) and last.table == table and last.copy_from is None:
            result[-1] = replace(last, operations=(*last.operations, operation))
        else:
            result.append(BatchAlterTable(table=table, operations=(operation,)))
    return tuple(result)


def _is_concurrent(operation: Any) -> bool:
    given = getattr(getattr(getattr(operation, "index", None), "origin", None), "dialect_kwargs", {})
    return bool(getattr(operation, "concurrently", False) or given.get("postgresql_concurrently"))
