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
from tests.laws.pairs import MODELS, PAIRS
from tests.support.servers import Backend


@dataclass(frozen=True)
class Case:
    """The diff of a database that one model made with the next one."""

    diff: Diff
    target: sa.MetaData


def prepared(backend: Backend, model: str) -> tuple[str, str | None]:
    """Make a database with a model; return its URL and the name of its second schema."""
    schema = backend.new_schema_name() if backend.has_schemas else None
    url = backend.new_database()
    metadata = MODELS[model](backend.name, schema)
    with backend.engine(url).begin() as connection:
        for name in sorted({table.schema for table in metadata.tables.values() if table.schema is not None}):
            connection.execute(sa.schema.CreateSchema(name))
        metadata.create_all(connection)
    return str(url), schema


def compared(url: str, dialect: str, schema: str | None, pair: str) -> Diff:
    """Return the diff of a database that the first model of a pair made, with the second."""
    after = PAIRS[pair][1](dialect, schema)
    return schemadiff.diff(url, after, schemas=[schema] if schema else ())


def case(backend: Backend, pair: str) -> Case:
    """Return the diff of a pair on a new database of ``backend``."""
    before, after = PAIRS[pair]
    url, schema = prepared(backend, before.__name__)
    return Case(compared(url, backend.name, schema, pair), after(backend.name, schema))


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
