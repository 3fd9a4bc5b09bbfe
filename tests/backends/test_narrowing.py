"""Which changes of type are said to lose values or to be refused, against what each database does with such a value."""

from __future__ import annotations

import contextlib
from collections import defaultdict

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.errors import MigrationFailed
from schemadiff.operations import Operation
from schemadiff.rendering.hazards import flattened, hazards
from schemadiff.schema import Name
from tests.rendering.recording import backend_of
from tests.support.servers import Backend

# The type before, the type after, a value, and what is said. Where nothing is said, the value comes back when the change is taken back; where
# it is "refused", the database refuses this value; anything else makes another value of it.
Case = tuple[str, str, str, list[str]]

POSTGRESQL: list[Case] = [
    ("varchar(100)", "varchar(50)", "repeat('x', 60)", ["values longer than 50 characters are refused"]),
    ("varchar(50)", "varchar(100)", "repeat('x', 50)", []),
    ("varchar(50)", "text", "repeat('x', 50)", []),
    ("text", "varchar(5)", "'abcdef'", ["values longer than 5 characters are refused"]),
    ("text", "char(5)", "'abcdef'", ["values longer than 5 characters are refused"]),
    ("text", "integer", "'seven'", ["values that cannot be read as integer are refused"]),
    ("text", "uuid", "'x'", ["values that cannot be read as uuid are refused"]),
    ("integer", "text", "7", []),
    ("integer", "varchar(11)", "-2147483648", []),
    ("integer", "varchar(3)", "1234", ["values longer than 3 characters are refused"]),
    ("numeric(6,2)", "varchar(8)", "-1234.56", []),
    ("uuid", "varchar(36)", "gen_random_uuid()", []),
    ("uuid", "varchar(35)", "gen_random_uuid()", ["values longer than 35 characters are refused"]),
    ("bigint", "integer", "5000000000", ["values outside of -2147483648 to 2147483647 are refused"]),
    ("integer", "bigint", "2147483647", []),
    ("integer", "smallint", "70000", ["values outside of -32768 to 32767 are refused"]),
    ("integer", "numeric(12,2)", "2147483647", []),
    ("integer", "numeric(5,2)", "1234", ["values with more than 3 digits before the point are refused"]),
    ("integer", "double precision", "2147483647", []),
    ("bigint", "double precision", "9007199254740993", ["digits beyond the 15th are rounded"]),
    ("integer", "real", "16777217", ["digits beyond the 6th are rounded"]),
    ("double precision", "real", "1.23456789012", ["digits beyond the 6th are rounded"]),
    ("real", "double precision", "1.5", []),
    ("numeric(10,2)", "numeric(8,2)", "12345678.5", ["values with more than 6 digits before the point are refused"]),
    ("numeric(10,4)", "numeric(8,2)", "1.2345", ["decimal places beyond 2 are rounded"]),
    ("numeric(8,2)", "numeric(10,2)", "123456.78", []),
    ("numeric", "double precision", "1.23456789012345678901", ["digits beyond the 15th are rounded"]),
    ("numeric(8,2)", "integer", "1.5", ["decimal places are rounded"]),
    ("numeric(8,2)", "numeric", "1.25", []),
    ("integer", "boolean", "7", ["every number but 0 becomes true"]),
    ("boolean", "integer", "true", []),
    ("timestamp", "date", "'2020-01-02 03:04:05'", ["the time of day is lost"]),
    ("date", "timestamp", "'2020-01-02'", []),
    (
        "timestamptz",
        "timestamp",
        "'2020-10-25 00:30:00+00'",
        ["the time zone is lost: values become those of the session's time zone"],
    ),
    ("timestamp(6)", "timestamp(0)", "'2020-01-02 03:04:05.6'", ["fractions of a second are rounded"]),
    ("timestamp(3)", "timestamp", "'2020-01-02 03:04:05.678'", []),
    ("timestamp", "time", "'2020-01-02 03:04:05'", ["the date is lost"]),
    ("interval", "interval(0)", "'1.75 s'", ["fields that the new type does not have are lost, or rounded"]),
    ("json", "jsonb", """'{"b": 1,  "a": 1}'""", ["spaces, the order of keys and repeated keys are lost"]),
    ("jsonb", "json", """'{"a": 1}'""", []),
    ("inet", "cidr", "'10.0.0.1/8'", ["the bits to the right of the netmask become 0"]),
    ("integer[]", "integer", "'{1,2}'", ["all elements of the arrays but the first are lost"]),
    ("integer", "integer[]", "1", []),
    ("integer[]", "text", "'{1,2}'", []),
    ("varchar(9)[]", "varchar(2)[]", "'{abc}'", ["values longer than 2 characters are refused"]),
    ("bit varying(8)", "bit varying(4)", "B'11111'", ["values longer than 4 bits are refused"]),
    ("bytea", "text", "'a'", []),
]

MYSQL: list[Case] = [
    ("varchar(100)", "varchar(50)", "repeat('x', 60)", ["values longer than 50 characters are refused"]),
    ("varchar(50)", "varchar(100)", "repeat('x', 50)", []),
    ("varchar(50)", "text", "repeat('x', 50)", []),
    ("varchar(60)", "tinytext", "repeat('x', 60)", []),
    ("varchar(300)", "tinytext", "repeat('x', 300)", ["values longer than 255 bytes are refused"]),
    ("text", "varchar(5)", "'abcdef'", ["values longer than 5 characters are refused"]),
    ("longtext", "text", "repeat('x', 70000)", ["values longer than 65535 bytes are refused"]),
    ("text", "longtext", "'x'", []),
    ("varbinary(20)", "varchar(20) charset utf8mb4", "x'fffe'", ["values that are no text are refused"]),
    ("varchar(20) charset utf8mb4", "varbinary(20)", "repeat('ä', 20)", ["values longer than 20 bytes are refused"]),
    ("text", "int", "'seven'", ["values that cannot be read as int are refused"]),
    ("int", "varchar(11)", "-2147483648", []),
    ("int", "varchar(3)", "1234", ["values longer than 3 characters are refused"]),
    ("bigint", "int", "5000000000", ["values outside of -2147483648 to 2147483647 are refused"]),
    ("int", "bigint", "2147483647", []),
    ("int", "int unsigned", "-1", ["values outside of 0 to 4294967295 are refused"]),
    ("int unsigned", "int", "4000000000", ["values outside of -2147483648 to 2147483647 are refused"]),
    ("int unsigned", "bigint", "4000000000", []),
    ("int", "tinyint(1)", "700", ["values outside of -128 to 127 are refused"]),
    ("bit(8)", "bit(4)", "255", ["values outside of 0 to 15 are refused"]),
    ("decimal(10,4)", "decimal(8,2)", "1.2345", ["decimal places beyond 2 are rounded"]),
    ("decimal(10,2)", "decimal(8,2)", "12345678.5", ["values with more than 6 digits before the point are refused"]),
    ("double", "decimal(20,2)", "1.239", [
        "values with more than 18 digits before the point are refused", "decimal places beyond 2 are rounded"]),
    ("double", "float", "1.23456789012", ["digits beyond the 6th are rounded"]),
    ("datetime", "date", "'2020-01-02 03:04:05'", ["the time of day is lost"]),
    ("date", "datetime", "'2020-01-02'", []),
    ("datetime(6)", "datetime", "'2020-01-02 03:04:05.6'", ["fractions of a second are lost"]),
    ("datetime", "timestamp", "'1920-01-02 03:04:05'", ["values outside of 1970 to 2038 are refused"]),
    ("datetime", "bigint", "'2020-01-02 03:04:05'", []),
    ("time", "datetime", "'03:04:05'", []),
    ("enum('a','b','c')", "enum('b','a')", "'c'", ["rows that hold 'c' are refused"]),
    ("enum('a','b')", "enum('b','a','c')", "'b'", []),
    ("enum('a','bc')", "varchar(2)", "'bc'", []),
    ("set('a','b')", "set('a')", "'b'", ["rows that hold 'b' are refused"]),
]  # fmt: skip

SQLITE: list[Case] = [
    ("VARCHAR(100)", "VARCHAR(50)", "'" + "x" * 60 + "'", []),
    ("TEXT", "INTEGER", "'007'", ["texts that look like numbers become numbers: '007' becomes 7"]),
    ("VARCHAR(9)", "DATE", "'007'", ["texts that look like numbers become numbers: '007' becomes 7"]),
    ("BIGINT", "INTEGER", "5000000000", []),
    ("INTEGER", "VARCHAR(3)", "12345", []),
    ("INTEGER", "FLOAT", "9007199254740993", ["digits beyond the 15th are rounded"]),
    ("FLOAT", "INTEGER", "3.5", []),
    ("NUMERIC(10, 4)", "NUMERIC(5, 2)", "12345.6789", []),
    ("DATETIME", "DATE", "'2020-01-02 03:04:05'", []),
]

CASES = {"postgresql": POSTGRESQL, "mysql": MYSQL, "sqlite": SQLITE}


def tables(backend: Backend, types: list[str]) -> sa.Engine:
    engine = backend.engine()
    with engine.begin() as connection:
        for number, type_ in enumerate(types):
            connection.exec_driver_sql(f"CREATE TABLE c{number} (v {type_})")
    return engine


def by_table(operations: tuple[Operation, ...]) -> dict[Name, list[Operation]]:
    found: dict[Name, list[Operation]] = defaultdict(list)
    for operation in operations:
        found[next(flattened([operation])).table].append(operation)  # type: ignore[attr-defined]
    return found


def test_narrowings(backend: Backend) -> None:
    cases = CASES[backend.name]
    before, after = (tables(backend, [case[side] for case in cases]) for side in (0, 1))
    with before.connect() as connection:
        if backend.name == "postgresql":
            # An hour that there was twice on that day.
            connection.exec_driver_sql("SET TIME ZONE 'Europe/Berlin'")
            connection.commit()
        difference = schemadiff.diff(connection, schemadiff.reflect(after))
        connection.rollback()
        up, down = by_table(difference.upgrade), by_table(difference.downgrade)
        found = hazards(difference.upgrade, difference.backend)
        wrong: list[object] = []
        for number, (old, new, value, words) in enumerate(cases):
            name = Name(f"c{number}")
            said = [hazard.words for hazard in found if hazard.table == name]
            connection.exec_driver_sql(
                f"INSERT INTO {name} VALUES ({value})", execution_options={"no_parameters": True}
            )
            connection.commit()
            happened = what_happens(connection, name, up[name], down[name])
            refused = any(word.endswith("are refused") for word in words)
            expected = "kept" if not words else "refused" if refused and happened != "changed" else "changed"
            if (said, happened) != (words, expected):
                wrong.append((old, new, said, happened))
        assert wrong == [], "\n".join(map(str, wrong))


def what_happens(connection: sa.Connection, name: Name, up: list[Operation], down: list[Operation]) -> str:
    """Return what becomes of a value: ``refused``, ``changed`` or ``kept``, when the change is made and taken back."""
    query = f"SELECT v{'::text' if connection.dialect.name == 'postgresql' else ''} FROM {name}"
    (value,) = connection.exec_driver_sql(query).scalars().all()
    connection.rollback()
    try:
        schemadiff.apply(connection, up)
        connection.commit()
    except MigrationFailed:
        connection.rollback()
        return "refused"
    with contextlib.suppress(MigrationFailed):
        schemadiff.apply(connection, down)
        connection.commit()
    connection.rollback()
    (again,) = connection.exec_driver_sql(query).scalars().all()
    connection.rollback()
    return "kept" if again == value else "changed"


GENERIC = [
    ("VARCHAR(100)", "VARCHAR(50)", ["values longer than 50 characters are refused or cut"]),
    ("VARCHAR(50)", "CLOB", []),
    ("BIGINT", "INTEGER", ["values outside of -2147483648 to 2147483647 are refused or cut"]),
    ("DECIMAL(10, 4)", "DECIMAL(8, 2)", ["decimal places beyond 2 are rounded or cut"]),
    ("TIMESTAMP", "DATE", ["the time of day is lost"]),
    ("GEOMETRY", "GEOGRAPHY", ["values that cannot be read as GEOGRAPHY are refused or cut"]),
]


@pytest.mark.parametrize(("old", "new", "words"), GENERIC)
def test_a_database_that_nobody_knows(old: str, new: str, words: list[str]) -> None:
    backend = backend_of("oracle")
    said = backend.narrowings(schemadiff.schema.DataType(old), schemadiff.schema.DataType(new))
    assert [each.words for each in said] == words
