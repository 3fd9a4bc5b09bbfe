"""What a catalog holds, whoever put it there, can be made again from what was reflected: the same by the oracle."""

from __future__ import annotations

from typing import Any

import pytest

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.comparison.compare import compare
from schemadiff.schema import Schema
from tests import oracle
from tests.backends.postgresql.support import apply, chunks, run_script, use_schema
from tests.support.servers import Backend

# Each a script; those whose names end in a version need that version.
CASES = {
    "validity": """
        CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE t (a int, b int REFERENCES p, c int CHECK (c > 0) NO INHERIT);
        ALTER TABLE t ADD CONSTRAINT late CHECK (a > 0) NOT VALID;
        ALTER TABLE t ADD CONSTRAINT late_fk FOREIGN KEY (a) REFERENCES p NOT VALID""",
    "foreign_keys": """
        CREATE TABLE p (a int, "B" int, PRIMARY KEY (a, "B"));
        CREATE TABLE t (
            x int, y int,
            CONSTRAINT f1 FOREIGN KEY (x, y) REFERENCES p MATCH FULL ON UPDATE CASCADE ON DELETE SET DEFAULT DEFERRABLE,
            CONSTRAINT f2 FOREIGN KEY (x, y) REFERENCES p ON DELETE RESTRICT INITIALLY DEFERRED,
            CONSTRAINT "f 3" FOREIGN KEY (y, x) REFERENCES p ON UPDATE RESTRICT)""",
    "set_null_columns_15": """
        CREATE TABLE p (a int, "B" int, PRIMARY KEY (a, "B"));
        CREATE TABLE t (x int, "Y" int, FOREIGN KEY (x, "Y") REFERENCES p ON DELETE SET NULL ("Y"))""",
    "keys": """
        CREATE TABLE t (
            a int, b int, c int, d text,
            CONSTRAINT pk PRIMARY KEY (b, a) INCLUDE (c) WITH (fillfactor = 70) DEFERRABLE,
            CONSTRAINT u UNIQUE (a) INCLUDE (b, c) WITH (fillfactor = 50) DEFERRABLE INITIALLY DEFERRED,
            UNIQUE (d));
        COMMENT ON CONSTRAINT u ON t IS 'it''s'""",
    "nulls_not_distinct_15": """
        CREATE TABLE t (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b));
        CREATE UNIQUE INDEX ix ON t (b) NULLS NOT DISTINCT WHERE a > 0""",
    "excludes": """
        CREATE TABLE t (
            r int4range, s text, p point, n int,
            CONSTRAINT x1 EXCLUDE USING gist (r WITH &&, p WITH ~=) INCLUDE (n) WHERE (n > 0) DEFERRABLE,
            CONSTRAINT x2 EXCLUDE USING gist (int4range(n, n + 1) WITH -|-),
            CONSTRAINT x3 EXCLUDE (s text_pattern_ops WITH =) WITH (fillfactor = 60),
            CONSTRAINT x4 EXCLUDE USING spgist (r WITH &&),
            CONSTRAINT x5 EXCLUDE (s COLLATE "C" DESC NULLS LAST WITH =, lower(s) COLLATE "C" WITH =))""",
    "indexes": """
        CREATE TABLE t (a int, b text, c text COLLATE "C", j jsonb, r int4range, p point, ts tsvector, arr int[], "M x" text, v varchar(9));
        CREATE INDEX i1 ON t (a DESC, b NULLS FIRST, c DESC NULLS LAST);
        CREATE INDEX i2 ON t (lower(b) COLLATE "C" text_pattern_ops DESC, (a + 1) NULLS FIRST, (b || c));
        CREATE INDEX i3 ON t (b COLLATE "C", c COLLATE "default", c);
        CREATE INDEX i4 ON t USING gin (j jsonb_path_ops, arr) WITH (fastupdate = off, gin_pending_list_limit = 100);
        CREATE INDEX i5 ON t USING gist (r, p);
        CREATE INDEX i6 ON t USING hash (v varchar_ops);
        CREATE INDEX i7 ON t USING brin (a int4_minmax_multi_ops (values_per_range = 16)) WITH (autosummarize = true, pages_per_range = 8);
        CREATE INDEX i8 ON t USING spgist (p kd_point_ops);
        CREATE INDEX i9 ON t (v varchar_pattern_ops, v text_pattern_ops) INCLUDE (a, "M x");
        CREATE UNIQUE INDEX "i ""10" ON t ("M x") WHERE "M x" <> 'it''s' AND v IN ('a', 'b');
        CREATE INDEX i11 ON t (COALESCE(b, c, 'x'), (CASE WHEN a > 0 THEN 1 ELSE 2 END));
        CREATE INDEX i12 ON t USING gist (ts tsvector_ops (siglen = 100));
        CREATE INDEX i13 ON t ((j ->> 'a'), ((j -> 'b')::text), (a::bigint));
        CREATE INDEX i14 ON t (a) WITH (fillfactor = 10);
        CREATE INDEX i15 ON t ((a IS NULL), (b COLLATE "C" || 'x'), (t.*));
        COMMENT ON INDEX i1 IS 'first'""",
    "defaults": """
        CREATE TYPE mood AS ENUM ('a', 'b c', 'it''s');
        CREATE SEQUENCE s;
        CREATE TABLE t (
            a varchar(10) DEFAULT NULL, b mood DEFAULT 'it''s', c mood[] DEFAULT '{a,"b c"}',
            f int DEFAULT -1, g numeric DEFAULT -1.5, h float DEFAULT 'NaN', i text DEFAULT E'a\\nb\\\\', j text DEFAULT U&'\\0441',
            k int DEFAULT nextval('s'), l bigint DEFAULT currval('s'), m timestamptz DEFAULT now() + interval '1 day',
            n text DEFAULT current_user, o "char" DEFAULT 'x', p char(5) DEFAULT 'ab', q bit(3) DEFAULT B'101', r bytea DEFAULT '\\x00ff',
            s int[] DEFAULT ARRAY[1, 2]::int[], t varchar[] DEFAULT ARRAY['a', 'b'], v point DEFAULT '(1,2)',
            w date DEFAULT ('now'::text)::date, x jsonb DEFAULT '{"a": 1}', y bool DEFAULT (NOT true), z int DEFAULT (1 + 2) * 3,
            aa regclass DEFAULT 'pg_class', ab interval(3) DEFAULT '1.2345 s', ac timestamp(0) DEFAULT '2020-01-01', ad money DEFAULT 5,
            ae bool DEFAULT 'yes', af text DEFAULT 'x'::varchar(3), ag int DEFAULT '5'::int, ah name DEFAULT 'n', ai numeric(4, 1) DEFAULT null)""",
    "checks": """
        CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE TABLE t (
            a int, v varchar(9), c char(3), m mood, j jsonb, arr varchar[], d date, x text,
            CONSTRAINT c1 CHECK (v IN ('a', 'b')), CONSTRAINT c2 CHECK (v = ANY (ARRAY['a'::text, 'b'])), CONSTRAINT c3 CHECK (c IN ('a', 'b')),
            CONSTRAINT c4 CHECK (m IN ('a', 'b')), CONSTRAINT c5 CHECK (v NOT IN ('a', 'b') AND a NOT IN (1, 2)), CONSTRAINT c6 CHECK (m = 'a'),
            CONSTRAINT c7 CHECK (arr && ARRAY['a', 'b']::varchar[]), CONSTRAINT c8 CHECK (v LIKE 'a%' ESCAPE '!'), CONSTRAINT c9 CHECK (d > '2020-01-01'),
            CONSTRAINT c10 CHECK (j ? 'a' AND j @> '{"b": 1}'), CONSTRAINT c11 CHECK (t IS NOT NULL), CONSTRAINT c12 CHECK (a BETWEEN 1 AND 2 OR NOT a > 5),
            CONSTRAINT c13 CHECK (extract(year FROM d) > 2000), CONSTRAINT c14 CHECK (d AT TIME ZONE 'utc' IS NOT NULL), CONSTRAINT c15 CHECK (x SIMILAR TO 'a+'),
            CONSTRAINT c16 CHECK (substring(x from 1 for 2) = 'ab'), CONSTRAINT c17 CHECK (x ~* 'A'), CONSTRAINT c18 CHECK (position('a' in x) > 0),
            CONSTRAINT c19 CHECK ((a, x) <> (1, 'y')), CONSTRAINT c20 CHECK (coalesce(a, 1) = 1), CONSTRAINT c21 CHECK (x COLLATE "C" < 'b'),
            CONSTRAINT c22 CHECK (CASE WHEN a > 0 THEN x <> '' ELSE true END), CONSTRAINT c23 CHECK (a IS DISTINCT FROM 5), CONSTRAINT c24 CHECK (v = c));
        COMMENT ON CONSTRAINT c1 ON t IS 'c'""",
    "computed": """
        CREATE TABLE t (a int, b varchar(5), c int GENERATED ALWAYS AS (a * 2) STORED NOT NULL, d text GENERATED ALWAYS AS (b || 'x') STORED,
            e varchar(3) COLLATE "C" GENERATED ALWAYS AS (upper(b)) STORED, f bool GENERATED ALWAYS AS (b IN ('a', 'b')) STORED)""",
    "virtual_18": """
        CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, c int GENERATED ALWAYS AS (a + 1) STORED)""",
    "identity": """
        CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b bigint GENERATED BY DEFAULT AS IDENTITY (START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 50 CACHE 3 CYCLE),
            c smallint GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 100), "d e" int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME t_other))""",
    "serial": """
        CREATE TABLE t (id serial PRIMARY KEY, b bigserial, s smallserial, "X y" serial);
        CREATE TABLE "We""ird" ("Id" serial)""",
    "sequences": """
        CREATE SEQUENCE s1 AS smallint START 5 INCREMENT 5 MINVALUE 5 MAXVALUE 500 CACHE 10 CYCLE;
        CREATE SEQUENCE "S 2" INCREMENT -1;
        COMMENT ON SEQUENCE s1 IS 'c'""",
    "types": """
        CREATE TYPE mood AS ENUM ('a', 'it''s', 'q"', E'b\\\\s');
        CREATE TYPE "Mixed Case" AS ENUM ();
        CREATE TYPE "path" AS ENUM ('own');
        CREATE SCHEMA "shop types"; CREATE TYPE "shop types".mood AS ENUM ('x');
        CREATE TABLE t (a mood, b mood[], c "Mixed Case", d "path"[], e types."path", f "shop types".mood, g "shop types".mood[], h "char", i "bit", j bpchar, k name,
            l int4[][], m numeric(5,0), n numeric(3,-2), o timestamptz(3)[], p interval day to second(2), q interval second(1), r varbit, s varbit(3),
            t time(1) with time zone, u txid_snapshot, v pg_lsn, w xml, x char, y oidvector);
        COMMENT ON TYPE mood IS 'c'""",
    "comments": """
        CREATE TABLE t (a int); COMMENT ON TABLE t IS E'it''s\\n"100%%" :x \\\\'; COMMENT ON COLUMN t.a IS $$it's$$""",
    "storage": """
        CREATE TABLE t (a int, b text) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = false);
        CREATE UNLOGGED TABLE u (a int)""",
    "partitioned": """
        CREATE TABLE t (k int, d date, "X" text, PRIMARY KEY (k, d)) PARTITION BY RANGE (d);
        CREATE TABLE l (k int, "X" text) PARTITION BY LIST ("X");
        CREATE TABLE h (k int, "X" text) PARTITION BY HASH (k, lower("X"));
        CREATE INDEX ix ON t (k)""",
    "inherited": """
        CREATE TABLE base (a int, b text DEFAULT 'x', CONSTRAINT positive CHECK (a > 0));
        CREATE TABLE derived (c int) INHERITS (base);
        CREATE TABLE both_of (a int, d int, CONSTRAINT own CHECK (d > 0)) INHERITS (base)""",
    "not_enforced_18": """
        CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE t (a int CONSTRAINT ck CHECK (a > 0) NOT ENFORCED, b int CONSTRAINT fk REFERENCES p NOT ENFORCED)""",
    "temporal_18": """
        CREATE TABLE p (id int4range, valid daterange, CONSTRAINT pk PRIMARY KEY (id, valid WITHOUT OVERLAPS));
        CREATE TABLE t (id int4range, valid daterange, u int4range, CONSTRAINT fk FOREIGN KEY (id, PERIOD valid) REFERENCES p (id, PERIOD valid),
            CONSTRAINT un UNIQUE (u, valid WITHOUT OVERLAPS))""",
    "schemas": """
        CREATE SCHEMA "shop schemas";
        CREATE TABLE "shop schemas".t (id serial PRIMARY KEY, a int DEFAULT 5 CHECK (a > 0) UNIQUE);
        CREATE TABLE t (id int REFERENCES "shop schemas".t, "x y" text);
        CREATE TABLE "shop schemas"."T t" (id int REFERENCES "shop schemas".t (a))""",
}  # fmt: skip


@pytest.mark.parametrize("names", chunks(CASES, 11), ids=lambda names: names[0])
def test_made_again(postgresql: Any, names: list[str]) -> None:
    first, second = postgresql.engine(), postgresql.engine()
    with first.connect() as connection, second.connect() as other:
        major = connected_backend(connection).server.version[0]
        for name in names:
            # An older server has no such thing, so that there is nothing to reflect.
            since = name.rpartition("_")[2]
            if since.isdigit() and major < int(since):
                continue
            use_schema(connection, name)
            use_schema(other, name)
            run_script(connection, CASES[name])
            backend = connected_backend(connection)
            schemas = [None, f"shop {name}"]
            found = backend.reflect(connection, schemas)
            assert found.tables or found.sequences
            apply(other, backend, compare(Schema(server=backend.server), found, backend).operations)
            # Nothing that the server was given reads otherwise the second time.
            assert compare(found, backend.reflect(other, schemas), backend).operations == (), name
    # The name of an identity's sequence is the server's.
    oracle.assert_same(oracle.dump(first), oracle.dump(second), open_names={"t_other", "t_d e_seq"})


def test_the_compiler_is_on_for_the_caller(postgresql: Backend) -> None:
    engine = postgresql.engine()
    with engine.connect() as connection:
        connection.exec_driver_sql("SET jit = on")
        connection.commit()
        for begun in (False, True):
            if begun:
                connection.exec_driver_sql("SELECT 1")
            schemadiff.reflect(connection)
            assert connection.in_transaction() is begun
            assert connection.exec_driver_sql("SHOW jit").scalar_one() == "on"
            connection.rollback()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("SET jit = on")
        schemadiff.reflect(connection)
        assert connection.exec_driver_sql("SHOW jit").scalar_one() == "on"
