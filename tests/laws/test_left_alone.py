"""What a diff neither creates, changes nor drops: what is out of scope, somebody else's, or filtered out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import schemadiff
from tests.support.servers import Backend


def described(difference: schemadiff.Diff) -> list[str]:
    return [operation.describe() for operation in difference.upgrade]


def account(metadata: sa.MetaData | None = None, *more: Any, schema: str | None = None) -> sa.MetaData:
    """Return a model of one table."""
    metadata = metadata or sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True), *more, schema=schema)
    return metadata


def both(backend: Backend, model: sa.MetaData, script: str = "") -> sa.Engine:
    """Return a database that a model made, and then a script."""
    engine = backend.engine()
    with engine.begin() as connection:
        model.create_all(connection)
        for statement in script.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    return engine


# -- views


def test_views_that_one_of_two_databases_has_are_told_and_neither_made_nor_dropped(backend: Backend) -> None:
    ours = both(backend, account(), "CREATE VIEW aged AS SELECT id FROM account; CREATE VIEW same AS SELECT 1 AS one")
    theirs = both(
        backend, account(), "CREATE VIEW newer AS SELECT id FROM account; CREATE VIEW same AS SELECT 1 AS one"
    )
    difference = schemadiff.diff(ours, theirs)
    assert described(difference) == []
    assert [warning.partition(": ")[2] for warning in difference.warnings] == ["view aged, view newer"]
    assert described(schemadiff.diff(ours, account())) == []
    assert described(schemadiff.diff(account(), ours)) == []


# -- filters


def not_named(*names: str) -> Callable[..., bool]:
    """Return an ``include_name`` that leaves names out."""
    return lambda name, kind, parents: name not in names


def test_a_name_that_is_left_out_is_neither_created_nor_dropped(backend: Backend) -> None:
    engine = both(backend, account(), "CREATE TABLE theirs (id INTEGER)")
    model = account()
    sa.Table("ours", model, sa.Column("id", sa.Integer))
    assert len(described(schemadiff.diff(engine, model))) == 2
    assert not schemadiff.diff(engine, model, include_name=not_named("theirs", "ours"))
    assert not schemadiff.diff(engine, schemadiff.reflect(engine), include_name=not_named("theirs"))


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("column", lambda: sa.Column("x", sa.String(10))),
        ("index", lambda: sa.Index("x", "n")),
        ("unique_constraint", lambda: sa.UniqueConstraint("n", name="x")),
        ("foreign_key_constraint", lambda: sa.ForeignKeyConstraint(["n"], ["account.id"], name="x")),
    ],
)
@pytest.mark.parametrize("how", ["include_name", "include_object"])
def test_a_part_of_a_table_that_is_left_out(backend: Backend, kind: str, item: Callable[[], Any], how: str) -> None:
    asked: list[tuple[str, bool]] = []

    def include_name(name: str | None, type_: str, parents: dict[str, str | None]) -> bool:
        return not (type_ == kind and name == "x")

    def include_object(thing: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
        if name == "x":
            asked.append((type_, reflected))
        return not (type_ == kind and name == "x")

    filters: dict[str, Any] = {how: {"include_name": include_name, "include_object": include_object}[how]}
    without = account(None, sa.Column("n", sa.Integer))
    holding = account(None, sa.Column("n", sa.Integer), item())
    engine = both(backend, without)
    assert described(schemadiff.diff(engine, holding))
    assert described(schemadiff.diff(engine, holding, **filters)) == []
    engine = both(backend, holding)
    assert described(schemadiff.diff(engine, without))
    # The index that MySQL makes for a foreign key bears its name and is not another object.
    assert described(schemadiff.diff(engine, without, **filters)) == []
    if how == "include_object":
        assert {(kind, False), (kind, True)} <= set(asked)


@pytest.mark.backends("postgresql", "mysql")
def test_a_schema_that_is_left_out(backend: Backend) -> None:
    name = backend.new_schema_name()
    model = account(account(), schema=name)
    sa.Table(
        "kinds",
        model,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("k", sa.Enum("a", name="kind")),
        schema=name,
    )
    engine = both(backend, account())
    assert len(described(schemadiff.diff(engine, model))) >= 2
    left_out = not_named(name)
    assert described(schemadiff.diff(engine, model, include_name=left_out)) == []
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
        model.create_all(connection)
    assert described(schemadiff.diff(engine, account(), schemas=[name]))
    assert described(schemadiff.diff(engine, account(), schemas=[name], include_name=left_out)) == []


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("how", ["include_name", "include_object"])
def test_types_and_sequences_of_a_table_that_is_left_out(backend: Backend, how: str) -> None:
    def model(*tables: str) -> sa.MetaData:
        metadata = account()
        kind, number = sa.Enum("a", "b", name="kind", metadata=metadata), sa.Sequence("number", metadata=metadata)
        for name in tables:
            sa.Table(name, metadata, sa.Column("id", sa.Integer, number), sa.Column("kind", kind))
        return metadata

    def include_object(thing: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
        return name != "theirs"

    filters: dict[str, Any] = {how: {"include_name": not_named("theirs"), "include_object": include_object}[how]}
    engine = both(backend, account())
    assert described(schemadiff.diff(engine, model("theirs"), **filters)) == []
    assert len(described(schemadiff.diff(engine, model("theirs", "ours"), **filters))) == 3
    engine = both(backend, model("theirs"))
    assert described(schemadiff.diff(engine, model(), **filters)) == []


# -- scope


@pytest.mark.backends("postgresql", "mysql")
def test_schemas_that_nobody_names(backend: Backend) -> None:
    name = backend.new_schema_name()
    engine = both(backend, account())
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
        account(schema=name).create_all(connection)
    assert described(schemadiff.diff(engine, account())) == []
    assert described(schemadiff.diff(engine, account(), schemas=[name])) != []


def test_the_default_schema_written_out(backend: Backend) -> None:
    engine = backend.engine()
    with engine.connect() as connection:
        default = connection.dialect.default_schema_name
    assert default is not None
    written, plain = account(schema=default), account()
    for model, target in ((written, f"{default}.account.id"), (plain, "account.id")):
        schema = None if model is plain else default
        sa.Table(
            "child",
            model,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("parent", sa.ForeignKey(target)),
            sa.Column("kind", sa.Enum("a", "b", name="kind", schema=schema)),
            schema=schema,
        )
    with engine.begin() as connection:
        plain.create_all(connection)
    assert described(schemadiff.diff(engine, plain)) == []
    assert described(schemadiff.diff(engine, written)) == []


# -- not the model's


TEMPORARY = "CREATE TEMPORARY TABLE scratch (id INTEGER)"


def test_temporary_tables(backend: Backend) -> None:
    engine = both(backend, account())
    with engine.connect() as connection:
        connection.exec_driver_sql(TEMPORARY)
        assert described(schemadiff.diff(connection, account())) == []
        # One that hides the table of the model.
        connection.exec_driver_sql("CREATE TEMPORARY TABLE account (other INTEGER)")
        assert described(schemadiff.diff(connection, account())) == []
        assert connection.exec_driver_sql("SELECT count(*) FROM scratch").scalar_one() == 0


@pytest.mark.backends("postgresql")
def test_what_belongs_to_an_extension(backend: Backend) -> None:
    script = """
        CREATE TABLE settings (id integer PRIMARY KEY, other integer REFERENCES settings);
        CREATE TYPE mood AS ENUM ('a');
        CREATE SEQUENCE counter;
        CREATE EXTENSION citext;
        ALTER EXTENSION citext ADD TABLE settings;
        ALTER EXTENSION citext ADD TYPE mood;
        ALTER EXTENSION citext ADD SEQUENCE counter;
    """
    engine = both(backend, account(), script)
    assert described(schemadiff.diff(engine, account())) == []
    assert described(schemadiff.diff(engine, schemadiff.reflect(engine))) == []
    other = both(backend, account())
    assert described(schemadiff.diff(engine, other)) == []
    assert described(schemadiff.diff(other, engine)) == []


def test_our_own_table(backend: Backend) -> None:
    engine = both(backend, account(), "CREATE TABLE schemadiff_version (version_num VARCHAR(32))")
    ours = [schemadiff.schema.Name("schemadiff_version")]
    assert described(schemadiff.diff(engine, account(), ignore=ours)) == []


def test_system_tables(backend: Backend) -> None:
    """Statistics and counters of SQLite, the schemas of the servers."""
    engine = both(
        backend,
        account(),
        {"sqlite": "ANALYZE", "postgresql": "ANALYZE", "mysql": "ANALYZE TABLE account"}[backend.name],
    )
    assert described(schemadiff.diff(engine, account())) == []
