"""What hooks of env.py make of a difference before it is shown or written."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.commands.placing import AT_HEAD, Place
from schemadiff.commands.shared import texts
from schemadiff.errors import ConfigError
from schemadiff.revisions.template import NewRevision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.operations import Operation
    from schemadiff.runtime.directives import MigrationScript
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["Hook", "as_batches", "directed", "directed_diff", "finished", "hooks_of", "place_of"]

Hook = Callable[[Any, Any, Any], object]


def directed(
    context: MigrationContext,
    difference: Diff,
    standing: Collection[str],
    *,
    message: str | None = None,
    place: Place = AT_HEAD,
    hook: Hook | None = None,
) -> MigrationScript | None:
    """Return the revision that autogen shall write, after the hooks; None where one of them wants none.

    Args:
        context: the migration context, whose options have ``process_revision_directives``.
        difference: what was found.
        standing: where the database stands.
        message, place: what the command was given.
        hook: a hook that the command was given; it runs before that of env.py.

    Raises:
        ConfigError: a hook leaves something that is no list of one revision.
    """
    from schemadiff.runtime.directives import DowngradeOps, MigrationScript, UpgradeOps
    from schemadiff.runtime.explaining import named_hook

    script = MigrationScript(
        place.rev_id,
        UpgradeOps(difference.upgrade),
        DowngradeOps(difference.downgrade),
        message=message,
        head=_plain(place.head),
        splice=place.splice,
        branch_label=_plain(place.branch_label),
        version_path=place.version_path,
        depends_on=_plain(place.depends_on),
    )
    directives: list[Any] = [script]
    for each in hooks_of(context, hook):
        with named_hook("process_revision_directives"):
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


def hooks_of(context: MigrationContext, hook: Hook | None = None) -> tuple[Hook, ...]:
    """Return the hooks that a revision goes through: that of the command, and that of env.py."""
    given: Hook | None = context.options.given.get("process_revision_directives")
    return tuple(each for each in (hook, given) if each is not None)


def _plain(names: str | Sequence[str]) -> str | Sequence[str] | None:
    """Return names as hooks know them: one as a text, none as None."""
    return names if len(texts(names)) > 1 else next(iter(texts(names)), None)


def _check(script: MigrationScript) -> None:
    from schemadiff.operations import Operation

    for name in ("upgrade_ops", "downgrade_ops"):
        made = getattr(script, name)
        if not isinstance(getattr(made, "ops", None), list | tuple):
            raise ConfigError(f"process_revision_directives: {name} is {made!r}: set the list {name}.ops, and not it")
        for operation in made.ops:
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


def place_of(script: MigrationScript) -> Place:
    """Return where the revision stands, as the hooks have left it.

    Raises:
        ConfigError: a hook leaves something that is no place.
    """
    given = {name: getattr(script, name) for name in ("head", "branch_label", "depends_on")}
    for name, value in given.items():
        if value is not None and not _is_names(value):
            raise ConfigError(f"process_revision_directives: {name} is {value!r}: set a text, several, or None")
    for name in ("rev_id", "message"):
        value = getattr(script, name)
        if not isinstance(value, str | None):
            raise ConfigError(f"process_revision_directives: {name} is {value!r}: set a text, or None")
    if not isinstance(script.version_path, str | os.PathLike | None):
        raise ConfigError(f"process_revision_directives: version_path is {script.version_path!r}: set a path, or None")
    return Place(
        rev_id=script.rev_id,
        head=given["head"] or "head",
        splice=bool(script.splice),
        branch_label=given["branch_label"] or (),
        depends_on=given["depends_on"] or (),
        version_path=None if script.version_path is None else os.fspath(script.version_path),
    )


def _is_names(value: object) -> bool:
    several = (value,) if isinstance(value, str) else value
    return isinstance(several, list | tuple | set | frozenset) and all(isinstance(each, str) for each in several)


def finished(planned: NewRevision, script: MigrationScript, context: MigrationContext) -> NewRevision:
    """Return ``planned`` with the imports of hooks, and with the variables that env.py gives to the template."""
    return replace(
        planned,
        imports=tuple(sorted({*planned.imports, *script.imports})),
        template_args=dict(context.options.given.get("template_args") or {}),
    )


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
