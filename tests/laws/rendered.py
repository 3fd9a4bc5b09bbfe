"""What the laws about rendering share: a diff of a live database, and what its text does when it runs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import schemadiff
from schemadiff import Diff
from schemadiff.operations import Operation
from schemadiff.rendering import Rendered
from schemadiff.runtime.executor import Recording, activate
from schemadiff.runtime.site import Site
from tests.laws.pairs import PAIRS


def difference(backend: Any, pair: str) -> Diff:
    """Return the diff of a pair on a new database of ``backend``."""
    before, after = PAIRS[pair]
    engine = backend.engine()
    with engine.begin() as connection:
        before(backend.name).create_all(connection)
    with engine.connect() as connection:
        return schemadiff.diff(connection, after(backend.name))


def module_text(rendered: Rendered) -> str:
    """Return a module with both directions, as a revision file has them."""
    imports = "\n".join(rendered.imports)
    return f'{imports}\n\n\ndef upgrade() -> None:\n{rendered.upgrade}\n\ndef downgrade() -> None:\n{rendered.downgrade}'


def recorded(rendered: Rendered, function: str, diff: Diff, metadata: sa.MetaData) -> tuple[Operation, ...]:
    """Return the operations that ``upgrade`` or ``downgrade`` of the text carries out."""
    namespace: dict[str, Any] = {}
    exec(compile(module_text(rendered), "<rendered>", "exec"), namespace)
    recording = Recording(Site(diff.backend, dict(metadata.naming_convention)))
    with activate(recording):
        namespace[function]()
    return tuple(recording.operations)
