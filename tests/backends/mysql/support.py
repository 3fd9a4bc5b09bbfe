"""A change, made and taken back: what each way of running it leaves behind, by the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa

import schemadiff
from schemadiff.backends import backend_for
from schemadiff.operations import Operation
from tests import oracle
from tests.oracle import OpenNames
from tests.support.servers import Backend

Build = Callable[[sa.MetaData], object]


def model(build: Build) -> sa.MetaData:
    metadata = sa.MetaData()
    build(metadata)
    return metadata


def made(mysql: Backend, metadata: sa.MetaData) -> sa.Engine:
    """Return an engine on a new database that ``metadata`` made."""
    engine = mysql.engine()
    metadata.create_all(engine)
    return engine


def run_script(engine: sa.Engine, script: str | Iterable[str]) -> None:
    """Run statements as they are; in a string they are separated by semicolons."""
    statements = script.split(";") if isinstance(script, str) else script
    with engine.connect() as connection:
        for statement in statements:
            if statement.strip():
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        connection.commit()


def functions(difference: schemadiff.Diff) -> dict[str, Callable[[], None]]:
    """Return ``upgrade`` and ``downgrade`` as a revision file has them."""
    rendered = schemadiff.render(difference)
    text = "\n".join(
        [*rendered.imports, f"def upgrade():\n{rendered.upgrade}", f"def downgrade():\n{rendered.downgrade}"]
    )
    namespace: dict[str, Callable[[], None]] = {}
    exec(compile(text, "revision", "exec"), namespace)
    return namespace


def forward(operations: Iterable[Operation]) -> list[Operation]:
    return [operation.forward() for operation in operations]


def check_change(
    database: sa.Engine, twin: sa.Engine, wanted: sa.Engine, target: sa.MetaData | sa.Engine, open_names: OpenNames
) -> int:
    """Turn ``database`` into ``target`` and back, twice, by the file that the diff renders; and ``twin`` by its SQL.

    ``database`` and ``twin`` are the same, and ``wanted`` is what they shall be like. Return the number of operations.
    """
    before, after = oracle.dump(database), oracle.dump(wanted)
    difference = schemadiff.diff(database, target)
    revision = functions(difference)
    upgrade = schemadiff.record(revision["upgrade"], database.dialect)
    downgrade = schemadiff.record(revision["downgrade"], database.dialect)
    assert forward(upgrade) == forward(difference.upgrade)
    apply(database, upgrade)
    oracle.assert_same(oracle.dump(database), after, open_names=open_names, about="after the upgrade")
    again = schemadiff.diff(database, target)
    assert not again, again.upgrade
    # The second time, the file finds what its own downgrade has left.
    apply(database, downgrade)
    apply(database, upgrade)
    apply(database, downgrade)
    oracle.assert_same(oracle.dump(database), before, open_names=open_names, about="after the downgrade")
    # Offline nothing is known of the server.
    offline = sa.make_url("mysql+pymysql://").get_dialect()()
    for name, expected in (("upgrade", after), ("downgrade", before)):
        operations = schemadiff.record(revision[name], offline)
        run_script(twin, [text for operation in operations for text in backend_for(offline).statements(operation)])
        oracle.assert_same(oracle.dump(twin), expected, open_names=open_names, about=f"after the offline {name}")
    return len(difference.upgrade)


def apply(engine: sa.Engine, operations: Iterable[Operation]) -> None:
    with engine.connect() as connection:
        schemadiff.apply(connection, operations)
        connection.commit()
