"""Types: to the server's spelling and back, and the casts between them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemadiff.backends import backend_for, connected_backend
from schemadiff.backends.postgresql import PostgresqlBackend
from schemadiff.backends.postgresql.types import base_of, spelled
from schemadiff.schema import Column, DataType, Name
from tests.backends.postgresql.models import SPELLINGS, TYPES, metadata_of


@pytest.fixture
def offline() -> PostgresqlBackend:
    backend = backend_for(pg.dialect())
    assert isinstance(backend, PostgresqlBackend)
    return backend


@pytest.mark.parametrize("name", TYPES)
def test_there_and_back(offline: PostgresqlBackend, name: str) -> None:
    type_ = TYPES[name]
    found = offline.data_type(type_() if isinstance(type_, type) else type_)
    assert found.origin is not None
    collation = "C" if "collated" in name else None
    again = offline.sqlalchemy_type(DataType(found.sql, found.named), collation=collation)
    assert offline.data_type(again) == found
    # Without an origin there is nothing to go by but the spelling.
    assert offline.data_type(offline.sqlalchemy_type(DataType(found.sql, found.named))).sql == found.sql


@pytest.mark.parametrize("name", ["types", "written_types", "enums", "domains"])
def test_what_the_server_prints(postgresql: Any, name: str) -> None:
    """The spelling of each type is format_type()'s, and a reflected type goes back to SQLAlchemy's."""
    metadata = metadata_of(name)
    with postgresql.engine().connect() as connection:
        metadata.create_all(connection)
        connection.commit()
        backend = connected_backend(connection)
        printed = dict(
            connection.exec_driver_sql(
                "SELECT attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                "WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')"
            ).all()  # type: ignore[arg-type]
        )
        connection.rollback()
        for table in backend.reflect(connection, [None]).tables.values():
            for column in table.columns:
                assert printed[f"{table.name}.{column.name}"] == column.type.sql
                back = backend.sqlalchemy_type(column.type, collation=column.collation)
                assert backend.data_type(back) == column.type


SPELLED = {
    "INT": "integer",
    "int4": "integer",
    '"int4"': "integer",
    "pg_catalog.int4": "integer",
    "FLOAT(24)": "real",
    "float(25)": "double precision",
    "varchar (10)": "character varying(10)",
    "CHAR": "character(1)",
    "decimal(5)": "numeric(5,0)",
    "numeric(5 , 2)": "numeric(5,2)",
    "timestamptz(3)": "timestamp(3) with time zone",
    "TIMESTAMP WITHOUT TIME ZONE": "timestamp without time zone",
    "interval day to second (3)": "interval day to second(3)",
    "VARCHAR(20) COLLATE \"C\"": "character varying(20)",
    "text[3][3]": "text[]",
    "bit": "bit(1)",
    '"bit"': '"bit"',
    '"char"': '"char"',
    "mood": "mood",
    '"Mood"': '"Mood"',
    "MOOD[]": "mood[]",
    "public.mood": "mood",
    "shop.mood": "shop.mood",
    '"Sh op"."m.x"[]': '"Sh op"."m.x"[]',
    "geometry(Point, 4326)": "geometry(point,4326)",
    "public.geometry( POINT,4326 )": "geometry(point,4326)",
    "vector(3)": "vector(3)",
    '"user"': '"user"',
}  # fmt: skip


@pytest.mark.parametrize("written", SPELLED)
def test_spelled(written: str) -> None:
    assert spelled(written, "public")[0] == SPELLED[written]
    # A spelling is its own.
    assert spelled(SPELLED[written], "public")[0] == SPELLED[written]


def test_named() -> None:
    assert spelled("shop.mood[]", "public")[1] == Name("mood", "shop")
    assert spelled("public.mood", "public")[1] == Name("mood")
    assert spelled('"Mood"', "public")[1] == Name("Mood")
    assert [spelled(written, "public")[1] for written in SPELLINGS] == [None] * len(SPELLINGS)


@pytest.mark.parametrize(
    ("type_", "base"),
    [
        ("character varying(20)", "character varying"),
        ("character(3)", "bpchar"),
        ("bit(3)", '"bit"'),
        ("numeric(10,2)[]", "numeric[]"),
        ("timestamp(3) without time zone", "timestamp without time zone"),
        ("interval day to second(2)", "interval"),
        ('"a(b)"', '"a(b)"'),
    ],
)
def test_base(type_: str, base: str) -> None:
    assert base_of(type_) == base


@pytest.mark.parametrize("type_", ["bpchar", "point", '"char"', "mood", "shop.thing[]", "vector(3)"])
def test_declared(offline: PostgresqlBackend, type_: str) -> None:
    """What SQLAlchemy has no class for is declared by its text, and comes back as it is."""
    found = DataType(*spelled(type_, "public"))
    assert offline.data_type(offline.sqlalchemy_type(found)) == found


def test_enums(offline: PostgresqlBackend) -> None:
    enum = sa.Enum("a", "b", name="mood")
    for type_ in (
        enum,
        pg.ARRAY(enum),
        sa.ARRAY(enum, dimensions=2),
        pg.ENUM("a", "b", name="mood", create_type=False),
    ):
        found = offline.enum(type_)
        assert found is not None
        assert (found.name, found.values) == (Name("mood"), ("a", "b"))
    assert offline.enum(sa.Enum("a", name="mood", native_enum=False)) is None
    assert offline.enum(sa.String()) is None
    with pytest.raises(sa.exc.CompileError, match="name"):
        offline.data_type(sa.Enum("a", "b"))


CASTS: dict[tuple[str, str], str | None] = {
    ("character varying(10)", "character varying(5)"): None,
    ("integer", "bigint"): None,
    ("numeric(10,2)", "integer"): None,
    ("integer", "text"): None,
    ("text", "integer"): "c::integer",
    ("integer", "boolean"): "c::boolean",
    ("bigint", "boolean"): "(c <> 0)",
    ("boolean", "smallint"): "c::integer::smallint",
    ("json", "jsonb"): None,
    ("jsonb", "integer"): "c::integer",
    ("text[]", "integer[]"): "c::integer[]",
    ("integer[]", "bigint[]"): None,
    ("integer", "integer[]"): "CASE WHEN c IS NOT NULL THEN ARRAY[c]::integer[] END",
    ("integer[]", "integer"): "c[1]",
    ("text[]", "integer"): "c[1]::integer",
    ("integer[]", "text"): None,
    ("date", "integer"): "c::text::integer",
    ("uuid", "character(32)"): "replace(c::text, '-', '')",
}


@pytest.mark.parametrize(("before", "after"), CASTS)
def test_casts(offline: PostgresqlBackend, before: str, after: str) -> None:
    one, other = Column(name="c", type=DataType(before)), Column(name="c", type=DataType(after))
    assert offline.cast(one, other) == CASTS[before, after]


_TRY = """
    CREATE FUNCTION tried(before text, alterations text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
    DECLARE
        alteration text;
    BEGIN
        FOREACH alteration IN ARRAY alterations LOOP
            BEGIN
                EXECUTE 'CREATE TABLE t (c ' || before || ')';
                EXECUTE 'ALTER TABLE t ALTER COLUMN c TYPE ' || alteration;
                RAISE EXCEPTION USING errcode = 'SDOK1';
            EXCEPTION
                WHEN SQLSTATE 'SDOK1' THEN NULL;
                WHEN OTHERS THEN RETURN NEXT before || ' to ' || alteration || ': ' || SQLERRM;
            END;
        END LOOP;
    END $$
"""


def test_casts_are_what_the_server_needs(postgresql: Any) -> None:
    """Where no USING is given the server casts by itself; where one is, it takes it."""
    types = [
        *("smallint", "integer", "bigint", "numeric(10,2)", "real", "double precision", "money", "oid", "boolean"),
        *("text", "character varying(20)", "character(3)", "name", '"char"', "bytea", "uuid", "json", "jsonb", "xml"),
        *("date", "time without time zone", "time with time zone", "timestamp(3) without time zone", "timestamp with time zone"),
        *("interval", "inet", "cidr", "macaddr", "macaddr8", "bit(3)", "bit varying", "tsvector", "tsquery", "regclass"),
        *("int4range", "int4multirange", "point", "box", "circle", "polygon", "path", "lseg", "integer[]", "text[]", "mood", "mood[]"),
    ]  # fmt: skip
    with postgresql.engine().connect() as connection:
        backend = connected_backend(connection)
        connection.exec_driver_sql("CREATE TYPE mood AS ENUM ('a')")
        connection.exec_driver_sql(_TRY)
        connection.commit()
        for before in types:
            suffixes = []
            for after in types:
                one, other = (Column(name="c", type=DataType(*spelled(t, "public"))) for t in (before, after))
                using = backend.cast(one, other)
                suffixes.append(after if using is None else f"{after} USING {using}")
            # The parameter is an array: one round trip for all of them.
            wrong = connection.execute(sa.text("SELECT tried(:before, :after)"), {"before": before, "after": suffixes})
            assert wrong.scalars().all() == []
