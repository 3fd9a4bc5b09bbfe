"""Diff and apply, with nothing in between: what the law tests of this folder are made of.

Many cases share a database, each in a schema that is the default one for as long as it runs: dumps take most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from schemadiff import render
from schemadiff.backends import Backend, connected_backend
from schemadiff.comparison.compare import compare
from schemadiff.comparison.diff import Diff
from schemadiff.operations import Operation
from schemadiff.reflection.metadata import lower
from schemadiff.runtime.executor import Recording, activate
from schemadiff.runtime.site import Site

__all__ = ["apply", "check_file", "chunks", "create", "difference", "run_script", "schemas_of", "use_schema"]


def chunks(names: Iterable[str], size: int) -> list[list[str]]:
    """Return ``names`` in lists of at most ``size``."""
    found = list(names)
    return [found[start : start + size] for start in range(0, len(found), size)]


def run_script(connection: sa.Connection, script: str) -> None:
    """Run several statements as they are, and commit."""
    raw = connection.connection
    raw.cursor().execute(script)
    raw.commit()


def use_schema(connection: sa.Connection, name: str) -> None:
    """Make ``name`` the default schema of the connection, and create it where it is missing."""
    connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
    connection.exec_driver_sql(f'SET search_path TO "{name}"')
    connection.commit()


def schemas_of(*metadatas: sa.MetaData) -> list[str | None]:
    """Return the schemas that models name."""
    named = {table.schema for metadata in metadatas for table in metadata.tables.values()}
    return [None, *sorted(schema for schema in named if schema not in (None, "public"))]


def create(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Make a database as ``create_all`` does, schemas included."""
    for schema in schemas_of(metadata):
        if schema is not None:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    metadata.create_all(connection)
    connection.commit()


def difference(connection: sa.Connection, metadata: sa.MetaData, schemas: Sequence[str | None]) -> Diff:
    """Return what turns the database into what ``metadata`` says, expressions judged by the server."""
    backend = connected_backend(connection)
    source, target = backend.reflect(connection, schemas), lower(metadata, backend)
    first = compare(source, target, backend)
    verdict = backend.judge(connection, first.questions, source, target)
    assert verdict.warning is None
    assert not connection.in_transaction()
    operations = compare(source, target, backend, verdict.equal).operations
    return Diff(source=source, target=target, upgrade=operations, backend=backend)


def check_file(diff: Diff) -> None:
    """Assert law 4: what the diff's file does, in both directions, is what the diff does."""
    rendered = render(diff)
    imports = "\n".join(rendered.imports)
    namespace: dict[str, Any] = {}
    text = f"{imports}\ndef upgrade():\n{rendered.upgrade}\ndef downgrade():\n{rendered.downgrade}"
    exec(compile(text, "<rendered>", "exec"), namespace)
    for name, operations in (("upgrade", diff.upgrade), ("downgrade", diff.downgrade)):
        recording = Recording(Site(diff.backend))
        with activate(recording):
            namespace[name]()
        assert [o.forward() for o in recording.operations] == [o.forward() for o in operations]
        told = [statement for operation in operations for statement in diff.backend.statements(operation)]
        assert [s for operation in recording.operations for s in diff.backend.statements(operation)] == told


def apply(connection: sa.Connection, backend: Backend, operations: Iterable[Operation]) -> None:
    """Run operations in one transaction."""
    with connection.begin():
        for operation in operations:
            backend.execute(connection, operation)
