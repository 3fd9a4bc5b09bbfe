"""What the laws about rendering share: a diff of a live database, and what its text does when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import schemadiff
from schemadiff import Diff
from schemadiff.operations import Operation
from schemadiff.rendering import Rendered
from schemadiff.runtime.executor import Recording, activate
from schemadiff.runtime.site import Site
from tests.laws.pairs import PAIRS
from tests.support.servers import Backend


@dataclass(frozen=True)
class Case:
    """A pair of models on one server, and the diff of a database that the one made with the other."""

    diff: Diff
    target: sa.MetaData


def case(backend: Backend, pair: str) -> Case:
    """Return the diff of a pair on a new database of ``backend``."""
    schema = backend.new_schema_name() if backend.has_schemas else None
    before, after = [model(backend.name, schema) for model in PAIRS[pair]]
    engine = backend.engine()
    with engine.begin() as connection:
        for name in sorted({table.schema for table in before.tables.values() if table.schema is not None}):
            connection.execute(sa.schema.CreateSchema(name))
        before.create_all(connection)
    with engine.connect() as connection:
        schemas = {table.schema for table in before.tables.values()}
        return Case(schemadiff.diff(connection, after, schemas=schemas), after)


def module_text(rendered: Rendered) -> str:
    """Return a module with both directions, as a revision file has them."""
    imports = "\n".join(rendered.imports)
    return (
        f"{imports}\n\n\ndef upgrade() -> None:\n{rendered.upgrade}\n\ndef downgrade() -> None:\n{rendered.downgrade}"
    )


def recorded(rendered: Rendered, function: str, case: Case) -> tuple[Operation, ...]:
    """Return the operations that ``upgrade`` or ``downgrade`` of the text carries out."""
    namespace: dict[str, Any] = {}
    exec(compile(module_text(rendered), "<rendered>", "exec"), namespace)
    recording = Recording(Site(case.diff.backend, dict(case.target.naming_convention)))
    with activate(recording):
        namespace[function]()
    return tuple(recording.operations)
