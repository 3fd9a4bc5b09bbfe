"""Law 1, thing by thing: what ``create_all`` makes is reflected as what the model is lowered to."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from schemadiff.backends import connected_backend
from schemadiff.comparison.compare import compare
from schemadiff.reflection.metadata import lower
from tests.backends.postgresql.models import MODELS, metadata_of


def create_schemas(connection: sa.Connection, metadata: sa.MetaData) -> list[str | None]:
    schemas = {table.schema for table in metadata.tables.values()} - {None, "public"}
    for schema in sorted(schemas):
        connection.execute(sa.schema.CreateSchema(schema))
    return [None, *sorted(schemas)]


def differences(connection: sa.Connection, metadata: sa.MetaData, schemas: list[str | None]) -> tuple[Any, ...]:
    backend = connected_backend(connection)
    source, target = backend.reflect(connection, schemas), lower(metadata, backend)
    first = compare(source, target, backend)
    verdict = backend.judge(connection, first.questions, source, target)
    assert verdict.warning is None
    assert set(verdict.equal) == set(first.questions)
    return compare(source, target, backend, verdict.equal).operations


@pytest.mark.parametrize("name", MODELS)
def test_quiet(postgresql: Any, name: str) -> None:
    metadata = metadata_of(name)
    with postgresql.engine(postgresql.new_database()).connect() as connection:
        schemas = create_schemas(connection, metadata)
        metadata.create_all(connection)
        connection.commit()
        assert differences(connection, metadata, schemas) == ()
