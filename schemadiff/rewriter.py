"""Changes to what autogen found, by the type of the operation: for ``process_revision_directives`` of env.py.

from schemadiff.operations import AddColumn
from schemadiff.rewriter import Rewriter

writer = Rewriter()

@writer.rewrites(AddColumn)
def with_server_default(context, revision, operation):
    ...
    return operation                    # or several, or none at all

context.configure(..., process_revision_directives=writer)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from schemadiff.errors import OperationError
from schemadiff.operations import BatchAlterTable, Operation
from schemadiff.runtime.directives import DowngradeOps, MigrationScript, OpContainer, UpgradeOps

__all__ = ["DowngradeOps", "MigrationScript", "Rewriter", "UpgradeOps"]

Hook = Callable[[Any, Any, list[MigrationScript]], object]
Rewrite = TypeVar("Rewrite", bound=Callable[..., Any])

_CONTAINERS = (MigrationScript, OpContainer)


class Rewriter:
    """A hook that gives operations to functions by their type. It is itself what ``process_revision_directives`` takes."""

    def __init__(self) -> None:
        self._functions: dict[type, Callable[..., Any]] = {}
        self._next: Hook | None = None

    def rewrites(self, *types: type) -> Callable[[Rewrite], Rewrite]:
        """Return a decorator for a function that rewrites operations of ``types``.

        The function is called as ``function(context, revision, operation)``, for each operation of just this type in either
        direction, those inside of batches included; what it returns takes the operation's place: an operation, several, or none
        (None, an empty list). For :class:`MigrationScript`, :class:`UpgradeOps` and :class:`DowngradeOps` it is called before what
        they hold, and may change them in place.

        Args:
            types: classes of :mod:`schemadiff.operations`, or those three.

        Raises:
            OperationError: one of them is no such class.
        """
        for each in types:
            if not (isinstance(each, type) and issubclass(each, (Operation, *_CONTAINERS))):
                raise OperationError(
                    f"rewrites({each!r}): that is no class of operations; take one of schemadiff.operations"
                )

        def known(function: Rewrite) -> Rewrite:
            self._functions.update(dict.fromkeys(types, function))
            return function

        return known

    def chain(self, other: Hook) -> Rewriter:
        """Return a hook that runs this one, and then ``other``, which may be any hook."""
        chained = Rewriter()
        chained._functions = self._functions
        following = self._next

        def both(context: Any, revision: Any, directives: list[MigrationScript]) -> None:
            if following is not None:
                following(context, revision, directives)
            other(context, revision, directives)

        chained._next = both
        return chained

    def __call__(self, context: Any, revision: Any, directives: list[MigrationScript]) -> None:
        """Rewrite what ``directives`` hold."""
        for script in directives:
            self._container(context, revision, script)
            for container in (script.upgrade_ops, script.downgrade_ops):
                self._container(context, revision, container)
                container.ops = [
                    found for operation in container.ops for found in self._rewritten(context, revision, operation)
                ]
        if self._next is not None:
            self._next(context, revision, directives)

    def _container(self, context: Any, revision: Any, thing: Any) -> None:
        function = self._functions.get(type(thing))
        if function is not None:
            function(context, revision, thing)

    def _rewritten(self, context: Any, revision: Any, operation: Operation) -> list[Operation]:
        if isinstance(operation, BatchAlterTable):
            inner = [found for each in operation.operations for found in self._rewritten(context, revision, each)]
            operation = replace(operation, operations=tuple(inner))
            if not inner and operation.recreate != "always":
                return []
        function = self._functions.get(type(operation))
        if function is None:
            return [operation]
        returned = function(context, revision, operation)
        if returned is None:
            return []
        found = (
            [returned] if isinstance(returned, Operation) else list(returned) if _is_several(returned) else [returned]
        )
        for each in found:
            if not isinstance(each, Operation):
                name = getattr(function, "__name__", "a function")
                raise OperationError(
                    f"{name}(): it rewrites {type(operation).__name__} as a {type(each).__name__}: return an operation, or several"
                )
        return found


def _is_several(thing: Any) -> bool:
    return isinstance(thing, Iterable) and not isinstance(thing, (str, bytes))
