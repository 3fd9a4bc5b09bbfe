"""A file that was generated on one database upgrades the others too, as far as its model is written for them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.runtime.executor import Online, activate
from schemadiff.runtime.site import Site
from tests.laws.pairs import MODELS
from tests.laws.rendered import module_text
from tests.support.projects import import_fixture
from tests.support.servers import Backend


@pytest.mark.parametrize("source", ["sqlite", "postgresql", "mysql"])
@pytest.mark.parametrize("name", ["blog", "store"])
def test_portable(backend: Backend, source: str, name: str) -> None:
    _made_on(source, MODELS[name]("common", None), backend)


def _shop(*parts: str) -> sa.MetaData:
    metadata = sa.MetaData(naming_convention=import_fixture("shop", "shop").NAMING)
    for part in parts:
        module = import_fixture("shop", f"shop.models.{part}")
        module.add_tables(metadata, None) if part == "common" else module.add_tables(metadata)
    return metadata


def test_shop_made_on_sqlite(backend: Backend) -> None:
    """The tables that the shop has on every database, foreign keys in a cycle among them."""
    _made_on("sqlite", _shop("common"), backend)


@pytest.mark.backends("sqlite", "postgresql")
def test_odd_names_made_on_sqlite(backend: Backend) -> None:
    """Names that have to be quoted inside expressions too: MariaDB quotes them in another way, so such a file does not carry over to it."""
    _made_on("sqlite", _shop("common", "odd"), backend)


def _made_on(source: str, model: sa.MetaData, backend: Backend) -> None:
    diff = schemadiff.diff(schemadiff.from_metadata(sa.MetaData(), source), model)
    namespace: dict[str, Any] = {}
    exec(compile(module_text(schemadiff.render(diff)), f"<from {source}>", "exec"), namespace)
    with backend.engine().connect() as connection:
        own = connected_backend(connection)
        connection.rollback()
        with own.transaction(connection), activate(Online(Site(own, dict(model.naming_convention)), connection)):
            namespace["upgrade"]()
        assert [operation.describe() for operation in schemadiff.diff(connection, model).upgrade] == []
        connection.rollback()
        with own.transaction(connection), activate(Online(Site(own), connection)):
            namespace["downgrade"]()
        assert sa.inspect(connection).get_table_names() == []
