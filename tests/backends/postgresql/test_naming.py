"""The names that the server gives are the ones foretold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemadiff.backends import connected_backend
from schemadiff.backends.postgresql.naming import choose, clip, object_name
from schemadiff.reflection.metadata import lower_table
from tests.backends.postgresql.support import create, use_schema

NAMES = ["t", "T t", "a" * 30, "b" * 63, "ñ" * 31, "x" + "€" * 20, 'q"%:']


def table(metadata: sa.MetaData, name: str, column: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(column, sa.Integer, unique=True),
        sa.Column("plain", pg.INT4RANGE),
        sa.Column("lower", sa.Integer),
        sa.ForeignKeyConstraint([column], [f"{name}.id"]) if "." not in name else sa.UniqueConstraint("plain"),
        sa.UniqueConstraint(column, "plain", "lower"),
        sa.CheckConstraint(sa.column(column) > 0),
        sa.CheckConstraint(sa.column(column) > 1),
        sa.CheckConstraint(sa.column(column) > sa.column("lower")),
        sa.CheckConstraint("1 = 1"),
        sa.CheckConstraint("lower('x') = 'x'"),
        sa.CheckConstraint("id::text <> 'plain'"),
        pg.ExcludeConstraint(("plain", "&&")),
        pg.ExcludeConstraint((sa.text("int4range(id, id + 1)"), "&&"), (sa.text("plain"), "&&")),
    )


def test_foretold(postgresql: Any) -> None:
    pairs = [(name, column) for name in NAMES for column in NAMES]
    with postgresql.engine().connect() as connection:
        for number, (name, column) in enumerate(pairs):
            metadata = sa.MetaData()
            source = table(metadata, name, column)
            # Names are chosen so that they are free in the schema.
            use_schema(connection, f"s{number}")
            create(connection, metadata)
            backend = connected_backend(connection)
            lowered = lower_table(source, backend)
            found = backend.reflect(connection, [None]).tables[lowered.name]
            assert {c.name for c in lowered.constraints()} == {c.name for c in found.constraints()}
            assert all(c.implicit for c in lowered.constraints())


def test_cut() -> None:
    assert clip("ñ" * 40) == "ñ" * 31
    assert clip("x" + "€" * 40) == "x" + "€" * 20
    assert object_name("a" * 60, "b" * 60, "key") == f"{'a' * 29}_{'b' * 29}_key"
    assert object_name("t", None, "pkey") == "t_pkey"
    assert choose("t", "c", "key", {"t_c_key", "t_c_key1"}) == "t_c_key2"
