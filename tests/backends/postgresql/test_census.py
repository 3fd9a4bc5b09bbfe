"""What the census of a database finds nothing of, the queries that are left out would have found nothing of either."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.backends.postgresql import reflect
from schemadiff.backends.postgresql.census import Census
from tests.backends.postgresql.test_catalog import CASES
from tests.corpus.cases import cases
from tests.laws.test_constant import statements
from tests.support.servers import Backend

# Things that no pair has, and a diff meets.
OTHERS = {
    "nothing": "",
    "a schema without anything": "CREATE SCHEMA other",
    "a base type's shell": "CREATE TYPE shell",
    "a composite type": "CREATE TYPE pair AS (a int, b int)",
    "a range type": "CREATE TYPE span AS RANGE (subtype = int4)",
    "rows as a column": "CREATE TABLE t (a int); CREATE TABLE u (t t, many t[])",
    "a function that nothing uses": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "rights on a schema": "CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC",
    "rights on a column": "CREATE TABLE t (a int); GRANT SELECT (a) ON t TO PUBLIC",
    "rights on a type": "CREATE DOMAIN d AS int; REVOKE USAGE ON DOMAIN d FROM PUBLIC",
    "rights by default": "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; CREATE TABLE t (a int)",
    "a cluster": "CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t CLUSTER ON t_pkey",
    "a replica identity": "CREATE TABLE t (a int); ALTER TABLE t REPLICA IDENTITY FULL",
    "row level security": "CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    "a publication": "CREATE TABLE t (a int); CREATE PUBLICATION p FOR TABLE t",
    "statistics of an index": "CREATE TABLE t (a int); CREATE INDEX i ON t ((a + 1)); ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 7",
    "settings of an operator class": "CREATE TABLE t (a tsvector); CREATE INDEX i ON t USING gist (a tsvector_ops (siglen = 100))",
    "a collation of an index": 'CREATE TABLE t (a text); CREATE INDEX i ON t (a COLLATE "C")',
    "an index on the whole row": "CREATE TABLE t (a int); CREATE INDEX i ON t ((t.*))",
    "an extension": "CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE TABLE t (a int)",
    "a view of another schema": "CREATE SCHEMA other; CREATE TABLE t (a int); CREATE VIEW other.v AS SELECT a FROM t",
}


def _scripts() -> dict[str, str]:
    pairs = {f"{case.name}-{side}": getattr(case, side) for case in cases("postgresql") for side in ("before", "after")}
    names = sorted(pairs)
    if os.environ.get("SCHEMADIFF_TEST_PAIRS") != "all":
        names = names[::8]
    return OTHERS | CASES | {name: pairs[name] for name in names}


def _plain(value: Any) -> Any:
    """Return all that a schema holds, what is not compared too."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (
            type(value),
            {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name != "origin"},
        )
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


@pytest.mark.backends("postgresql", "postgresql18")
def test_nothing_is_missed(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """All scripts run in one database, each in a transaction that is rolled back."""
    engine = backend.engine()
    tried = 0
    with engine.connect() as connection:
        found = connected_backend(connection)
        for name, script in _scripts().items():
            try:
                connection.exec_driver_sql(script or "SELECT 1", execution_options={"no_parameters": True})
            except sa.exc.DBAPIError:
                # It needs a newer server, or cannot run inside a transaction.
                connection.rollback()
                continue
            schemas = (
                connection.exec_driver_sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information)'")
                .scalars()
                .all()
            )
            narrow = reflect.reflect(connection, found.server, schemas)
            with monkeypatch.context() as patched:
                patched.setattr(reflect.Census, "of", classmethod(lambda cls, rows: Census()))
                whole = reflect.reflect(connection, found.server, schemas)
            connection.rollback()
            assert _plain(narrow) == _plain(whole), name
            tried += 1
    assert tried > 100


# Something of each kind that a query of its own is about.
EVERYTHING = """
    CREATE TYPE mood AS ENUM ('sad', 'glad');
    CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE > 0);
    CREATE TYPE pair AS (a int, b int);
    CREATE SEQUENCE counter;
    CREATE TABLE t (id serial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY, feeling mood, cost price, label text, UNIQUE (label));
    CREATE INDEX i ON t (label COLLATE "C", lower(label));
    CREATE TABLE p (a int) PARTITION BY RANGE (a);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
    CREATE VIEW v AS SELECT id FROM t;
    CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
    CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER changed BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g();
    GRANT SELECT ON t TO PUBLIC;
"""


@pytest.mark.backends("postgresql", "postgresql18")
def test_at_most_fourteen_statements(backend: Backend) -> None:
    """However many kinds of things there are."""
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql(EVERYTHING)
    with engine.connect() as connection, statements(engine) as sent:
        schemadiff.reflect(connection)
    reading = [statement for statement in sent if "pg_catalog" in statement]
    assert len(reading) == 14, reading
