"""Leaving changes out of a revision before it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemadiff.backends import Backend
    from schemadiff.commands.directives import Hook
    from schemadiff.operations.choosing import Choices

__all__ = ["Ask", "choosing"]

Ask = Callable[["Choices", "Backend", "str | None"], Collection[int]]
"""Is asked which groups are left out of what was found on a database; the last argument is its name, where there are several."""


def choosing(ask: Ask) -> Hook:
    """Return a hook for :func:`schemadiff.commands.autogen` that leaves out of both directions what ``ask`` says.

    No transaction of ours is open while it is asked, so that nobody waits for the answer.
    """

    def hook(context: Any, revision: object, directives: Sequence[Any]) -> None:
        from schemadiff.operations import reverse_all
        from schemadiff.operations.choosing import Choices

        context.roll_back()
        backend = context.backend
        for script in directives:
            choices = Choices.of(script.upgrade_ops.ops, backend.effects)
            left_out = ask(choices, backend, context.options.engine_name) if choices.groups else ()
            if left_out:
                kept = choices.without(left_out, backend.effects)
                script.upgrade_ops.ops = list(kept)
                script.downgrade_ops.ops = list(reverse_all(kept, shared_index_names=backend.shared_index_names))

    return hook
