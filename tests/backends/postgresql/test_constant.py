"""Law 8: the number of statements does not depend on the number of tables and schemas; reading leaves no trace."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from schemadiff.backends import connected_backend
from schemadiff.comparison.compare import compare
from schemadiff.reflection.metadata import lower
from tests.backends.postgresql.models import Written
from tests.backends.postgresql.support import create, run_script, schemas_of


def model(tables: int, schemas: int) -> sa.MetaData:
    metadata = sa.MetaData()
    for number in range(tables):
        schema = f"s{number % schemas}" if schemas > 1 else None
        sa.Table(
            f"t{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("v", sa.String(10), server_default=sa.text("lower('X')"), index=True),
            sa.CheckConstraint("v IN ('a', 'b')", name="ck"),
            schema=schema,
        )
    return metadata


def statements(engine: sa.Engine, metadata: sa.MetaData) -> int:
    with engine.connect() as connection:
        create(connection, metadata)
    with engine.connect() as connection:
        sent: list[str] = []
        sa.event.listen(connection, "before_cursor_execute", lambda c, cur, statement, *rest: sent.append(statement))
        backend = connected_backend(connection)
        source, target = backend.reflect(connection, schemas_of(metadata)), lower(metadata, backend)
        first = compare(source, target, backend)
        assert len(first.questions) >= len(metadata.tables)
        verdict = backend.judge(connection, first.questions, source, target)
        assert compare(source, target, backend, verdict.equal).operations == ()
        assert not connection.in_transaction()
    return len(sent)


def test_constant(postgresql: Any) -> None:
    few = statements(postgresql.engine(), model(10, 1))
    assert statements(postgresql.engine(), model(300, 4)) == few
    assert few < 30


def test_reading_in_a_transaction_that_is_open(postgresql: Any) -> None:
    metadata = model(2, 1)
    engine = postgresql.engine()
    with engine.connect() as connection:
        metadata.create_all(connection)
        # Nothing is committed yet, and nothing is ended by reading.
        backend = connected_backend(connection)
        assert len(backend.reflect(connection, [None]).tables) == 2
        assert connection.in_transaction()
        connection.rollback()
        assert backend.reflect(connection, [None]).tables == {}
        assert not connection.in_transaction()


def test_left_out(postgresql: Any) -> None:
    script = """
        CREATE EXTENSION citext;
        CREATE SCHEMA other; CREATE TABLE other.t (a int); CREATE TYPE other.e AS ENUM ('a'); CREATE SEQUENCE other.s;
        CREATE TABLE parted (a int) PARTITION BY LIST (a);
        CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
        CREATE TEMPORARY TABLE gone (a int);
        CREATE TEMPORARY SEQUENCE gone_seq;
        CREATE TYPE pg_temp.gone_type AS ENUM ('a');
        CREATE VIEW v AS SELECT * FROM parted;
        CREATE TABLE plain (a citext, b int);
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER tr BEFORE INSERT ON plain FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE POLICY po ON plain FOR SELECT TO PUBLIC USING (b > 0);
        CREATE RULE ru AS ON DELETE TO plain DO INSTEAD NOTHING;
        CREATE STATISTICS st ON a, b FROM plain"""
    with postgresql.engine().connect() as connection:
        run_script(connection, script)
        backend = connected_backend(connection)
        found = backend.reflect(connection, [None])
    assert {str(name) for name in found.tables} == {"parted", "plain"}
    assert {str(name) for name in found.dependants} == {"v"}
    assert (found.enums, found.sequences, found.views, found.schemas) == ({}, {}, {}, frozenset())
    plain = next(table for table in found.tables.values() if table.name.name == "plain")
    assert {dependant.kind for dependant in plain.dependants} == {"trigger", "policy", "rule", "statistics"}
    assert all(dependant.sql.startswith("CREATE ") for dependant in plain.dependants)
    assert plain.columns[0].type.sql == "citext"


def test_search_path(postgresql: Any) -> None:
    """The default schema is the connection's own; an extension that stands on its path is found without its schema."""
    with postgresql.engine().connect() as connection:
        run_script(
            connection,
            "CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; CREATE SCHEMA shop;"
            "SET search_path = shop, extensions",
        )
        metadata = sa.MetaData()
        sa.Table(
            "t",
            metadata,
            sa.Column("a", Written("citext"), server_default="x"),
            sa.Column("b", sa.Enum("x", name="mood"), server_default="x"),
            sa.Column("c", sa.Enum("y", name="other", schema="public"), server_default=sa.text("'y'::public.other")),
        )
        sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="public")
        metadata.create_all(connection)
        connection.commit()
        backend = connected_backend(connection)
        assert backend.server.default_schema == "shop"
        source, target = backend.reflect(connection, [None, "public"]), lower(metadata, backend)
        assert {str(name) for name in source.tables} == {"t", "public.t"}
        assert source.tables == target.tables
        assert source.enums == target.enums
        assert connection.exec_driver_sql("SHOW search_path").scalar_one() == "shop, extensions"
