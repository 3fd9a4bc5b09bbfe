"""What views and triggers use, as SQLite's authorizer tells."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends.sqlite.uses import with_uses
from schemadiff.operations.base import column_key, relation_key
from schemadiff.schema import Name

TABLE = "CREATE TABLE account (id INTEGER PRIMARY KEY, email TEXT, age INTEGER)"
VIEW = "CREATE VIEW address AS SELECT id, email FROM account"


@pytest.mark.parametrize(
    ("statements", "name", "uses"),
    [
        ([VIEW], "address", {relation_key(Name("account")), column_key(Name("account"), "email")}),
        (
            [VIEW, "CREATE TRIGGER moved INSTEAD OF UPDATE ON address BEGIN UPDATE account SET email = NEW.email; END"],
            "moved",
            {relation_key(Name("account")), column_key(Name("account"), "email")},
        ),
        (["CREATE VIEW shape AS SELECT name FROM pragma_table_info('account')"], "shape", set()),
    ],
    ids=["view", "trigger of a view", "view of a pragma"],
)
def test_uses(statements: list[str], name: str, uses: set[object]) -> None:
    connection = sqlite3.connect(":memory:")
    for statement in (TABLE, *statements):
        connection.execute(statement)
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.pool.StaticPool)
    found = {each.name: each.uses for each in with_uses(schemadiff.reflect(engine))}
    assert uses <= found[name]
    assert not {key for key in found[name] if key[-1] == "age"}
    engine.dispose()
