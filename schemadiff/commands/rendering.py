"""The Python of a difference, with what the project says of it: its hooks, its black, how it renders types."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.commands.directives import as_batches, directed, directed_diff
from schemadiff.config import Config

if TYPE_CHECKING:
    from schemadiff.commands.comparing import Compared
    from schemadiff.comparison import Diff
    from schemadiff.operations import Operation
    from schemadiff.rendering import Rendered
    from schemadiff.runtime.directives import MigrationScript
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["comparison_data", "directions", "rendered", "rendered_diff"]


def directions(
    script: MigrationScript | None, context: MigrationContext
) -> tuple[tuple[Operation, ...], tuple[Operation, ...]]:
    """Return the operations of both directions, as env.py wants them rendered."""
    if script is None:
        return (), ()
    up, down = tuple(script.upgrade_ops.ops), tuple(script.downgrade_ops.ops)
    if context.options.given.get("render_as_batch"):
        return as_batches(up), as_batches(down)
    return up, down


def rendered(
    both: tuple[tuple[Operation, ...], tuple[Operation, ...]],
    difference: Diff,
    context: MigrationContext,
    config: Config,
) -> Rendered:
    """Return the Python of operations.

    Args:
        both: those of the upgrade and those of the downgrade.
        difference: the diff that they come from.
        context: the migration context, whose options say how types and names are rendered.
        config: the settings, which say where the project's black is configured.
    """
    from schemadiff.rendering import RenderOptions, render
    from schemadiff.rendering.formatting import discover_mode

    options = RenderOptions(
        mode=discover_mode(config.script_location),
        render_item=context.options.comparison.get("render_item"),
        naming_convention=context.options.naming_convention(),
    )
    return render(*both, difference.backend, options)


def rendered_diff(
    context: MigrationContext, difference: Diff, standing: Collection[str], config: Config, *, code: bool
) -> tuple[Diff, Rendered | None]:
    """Return a diff as the hooks of env.py leave it, and its Python where that is wanted.

    Args:
        context: the migration context.
        difference: what was found.
        standing: where the database stands.
        config: the settings.
        code: whether the Python is wanted.
    """
    if not code:
        return directed_diff(context, difference, standing), None
    script = directed(context, difference, standing)
    python = rendered(directions(script, context), difference, context, config)
    return replace(difference, upgrade=() if script is None else tuple(script.upgrade_ops.ops)), python


def comparison_data(compared: Compared) -> dict[str, Any]:
    """Return what :func:`schemadiff.commands.diff` found as data that ``json.dumps`` takes.

    :func:`schemadiff.rendering.data.diff_schema` is the JSON Schema of it.
    """
    from schemadiff.rendering.data import VERSION, diff_data

    databases = [
        {
            "database": each.database,
            **diff_data(each.diff.upgrade, each.diff.backend, each.diff.warnings),
            "current": None if each.current is None else list(each.current),
            "heads": list(each.heads),
        }
        for each in compared.databases
    ]
    return {"version": VERSION, "databases": databases}
