"""Operations to the Python of a revision file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

import schemadiff.rendering.domains
import schemadiff.rendering.keys
import schemadiff.rendering.objects  # noqa: F401  (likewise)
from schemadiff.frozen import dataclass
from schemadiff.operations import BatchAlterTable, Operation
from schemadiff.rendering.context import Rendering, RenderOptions
from schemadiff.rendering.directives import statements_of
from schemadiff.rendering.formatting import format_body
from schemadiff.rendering.tree import Statement, imports_of

if TYPE_CHECKING:
    from schemadiff.backends import Backend

__all__ = ["RenderOptions", "Rendered", "render", "render_operations"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The Python of both directions.

    Args:
        upgrade: the body of ``upgrade()``, indented by four spaces and in black's layout; ``pass`` where there is nothing to do.
        downgrade: the body of ``downgrade()``.
        imports: the import lines that the bodies need, sorted, each once.
    """

    upgrade: str
    downgrade: str
    imports: tuple[str, ...]

    @property
    def source(self) -> str:
        """Both functions, below the imports that they need."""
        functions = [
            f"def {name}() -> None:\n{body.rstrip()}\n"
            for name, body in (("upgrade", self.upgrade), ("downgrade", self.downgrade))
        ]
        imports = "".join(f"{line}\n" for line in self.imports)
        return "\n\n".join([imports, *functions] if imports else functions)


def render(
    upgrade: Iterable[Operation],
    downgrade: Iterable[Operation],
    backend: Backend,
    options: RenderOptions | None = None,
) -> Rendered:
    """Return the Python of both directions of a change.

    Args:
        upgrade, downgrade: the operations, in order.
        backend: the backend that they are canonical for.
        options: what the user set.

    Raises:
        UnrenderableType: a type has no Python form that we know; the message names the column.
        ModelError: something else of an operation cannot be written as Python.
    """
    upgrade, downgrade = tuple(upgrade), tuple(downgrade)
    rendering = Rendering.of(backend, options, _convention((*upgrade, *downgrade)))
    up = _statements(upgrade, rendering)
    down = _statements(downgrade, rendering)
    mode = rendering.options.mode
    return Rendered(format_body(up, mode), format_body(down, mode), imports_of([*up, *down]))


def render_operations(
    operations: Iterable[Operation], backend: Backend, *, options: RenderOptions | None = None
) -> list[Statement]:
    """Return ``operations`` as statements of the call tree. Errors are those of :func:`render`."""
    operations = tuple(operations)
    return _statements(operations, Rendering.of(backend, options, _convention(operations)))


def _convention(operations: Iterable[Operation]) -> Mapping[Any, Any] | None:
    """Return the naming convention of the model that ``operations`` come from; None where nothing in them comes from one."""
    for operation in operations:
        inner = _convention(operation.operations) if isinstance(operation, BatchAlterTable) else None
        if inner is not None:
            return inner
        for name in ("table", "column", "constraint", "index"):
            origin = getattr(getattr(operation, name, None), "origin", None)
            if isinstance(origin, sa.Constraint):
                origin = getattr(origin, "parent", None)  # a check that is written in a Column has the column here
            table = origin if isinstance(origin, sa.Table) else getattr(origin, "table", None)
            if isinstance(table, sa.Table):
                return table.metadata.naming_convention
    return None


def _statements(operations: Iterable[Operation], rendering: Rendering) -> list[Statement]:
    return [statement for operation in operations for statement in statements_of(operation, rendering)]
