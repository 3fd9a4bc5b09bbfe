"""Real transactions on the user's own connection, which is given back as it was."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.backends.waiting import Waiting
from schemadiff.errors import LockTimeout, MigrationFailed, UnsupportedOperation
from schemadiff.operations import AddColumn, BatchAlterTable, Execute
from schemadiff.schema import Column, DataType, Name

CHILDREN = (
    "create table p (id integer primary key);;create table c (p_id int references p on delete cascade);;"
    "insert into p values (1), (2);;insert into c values (1), (2)"
)
REBUILD = BatchAlterTable(table=Name("p"), operations=(), recreate="always")


def _made(sqlite, script: str = CHILDREN, *, on_connect=(), **options) -> sa.Engine:
    """An engine that keeps its one connection, so that what is left behind on it can be seen."""
    engine = sa.create_engine(sqlite.new_database(), poolclass=sa.StaticPool, **options)
    for statement in on_connect:
        sa.event.listen(engine, "connect", lambda connection, _, statement=statement: connection.execute(statement))
    with engine.begin() as connection:
        for statement in script.split(";;"):
            connection.exec_driver_sql(statement)
    return engine


def _stored(engine: sa.Engine) -> list[object]:
    """What another connection sees."""
    other = sqlite3.connect(engine.url.database)
    try:
        return [*other.execute("SELECT sql FROM sqlite_master"), *other.execute("SELECT * FROM c")]
    finally:
        other.close()


def _settings(engine: sa.Engine) -> dict[str, object]:
    with engine.connect() as connection:
        names = ("foreign_keys", "legacy_alter_table", "defer_foreign_keys", "recursive_triggers")
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
        driver = connection.connection.dbapi_connection
        return found | {"isolation": driver.isolation_level, "begun": driver.in_transaction}


def _recipe(engine: sa.Engine) -> None:
    """SQLAlchemy's recipe for transactions that the driver does not meddle with."""

    @sa.event.listens_for(engine, "connect")
    def connect(connection, _):
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN")


ENGINES = {
    "plain": {},
    "foreign keys on": {"on_connect": ["PRAGMA foreign_keys=ON"]},
    "legacy already": {"on_connect": ["PRAGMA legacy_alter_table=ON", "PRAGMA foreign_keys=ON"]},
    "autocommit": {"isolation_level": "AUTOCOMMIT", "on_connect": ["PRAGMA foreign_keys=ON"]},
    "driver's isolation level": {"connect_args": {"isolation_level": "IMMEDIATE"}, "on_connect": ["PRAGMA foreign_keys=ON"]},
    "driver's autocommit": {"connect_args": {"isolation_level": None}},
}  # fmt: skip


@pytest.mark.parametrize("options", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("recipe", [False, True], ids=["", "recipe"])
@pytest.mark.parametrize("fails", [None, RuntimeError, KeyboardInterrupt, GeneratorExit])
def test_all_or_nothing_and_the_connection_as_it_was(sqlite, options, recipe, fails):
    engine = _made(sqlite, **options)
    if recipe:
        engine.dispose()
        engine = sa.create_engine(
            engine.url, poolclass=sa.StaticPool, **{k: v for k, v in options.items() if k != "on_connect"}
        )
        for statement in options.get("on_connect", ()):
            sa.event.listen(engine, "connect", lambda connection, _, statement=statement: connection.execute(statement))
        _recipe(engine)
    before, settings = _stored(engine), _settings(engine)
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.rollback()

        def revision() -> None:
            with backend.transaction(connection):
                connection.exec_driver_sql("CREATE TABLE new (a int)")
                backend.execute(connection, REBUILD)
                connection.execute(sa.text("INSERT INTO c VALUES (2)"))
                connection.exec_driver_sql("DROP TABLE new")
                connection.exec_driver_sql("CREATE TABLE newer (a int)")
                assert _stored(engine) == before
                if fails is not None:
                    raise fails

        if fails is not None:
            with pytest.raises(fails):
                revision()
        else:
            revision()
        assert not connection.in_transaction()
    assert _settings(engine) == settings
    if fails is not None:
        assert _stored(engine) == before
    else:
        assert ("CREATE TABLE newer (a int)",) in _stored(engine)
        assert _stored(engine)[-3:] == [(1,), (2,), (2,)]


def test_a_row_that_points_nowhere_is_refused(sqlite):
    engine = _made(sqlite, on_connect=["PRAGMA foreign_keys=ON"])
    before = _stored(engine)
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.rollback()
        message = "table c: the row with rowid 2 points at no row of p"
        with pytest.raises(MigrationFailed, match=message), backend.transaction(connection):
            connection.exec_driver_sql("DELETE FROM p WHERE id = 2")
    assert _stored(engine) == before


def test_rows_that_pointed_nowhere_before_are_no_reason(sqlite):
    engine = _made(
        sqlite,
        f"{CHILDREN};;insert into c values (99);;create table d (x int references p (nokey));;create table e (x int references p);;insert into e values (98)",
    )
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.rollback()
        with backend.transaction(connection):
            backend.execute(connection, REBUILD)
        with pytest.raises(MigrationFailed, match="points at no row of p"), backend.transaction(connection):
            connection.exec_driver_sql("INSERT INTO e VALUES (97)")
    assert _stored(engine)[-3:] == [(1,), (2,), (99,)]


def test_a_transaction_of_the_caller_is_joined_and_real(sqlite):
    engine = _made(sqlite)
    before = _stored(engine)
    with engine.connect() as connection:
        backend = connected_backend(connection)
        assert connection.in_transaction()
        with backend.transaction(connection):
            connection.exec_driver_sql("CREATE TABLE new (a int)")
            backend.execute(connection, REBUILD)
        assert connection.in_transaction()
        assert _stored(engine) == before
        connection.rollback()
    assert _stored(engine) == before


def test_apply_is_in_the_callers_transaction(sqlite):
    engine = _made(sqlite)
    before = _stored(engine)
    operations = (Execute(sql="CREATE TABLE new (a int)"), REBUILD)
    with engine.connect() as connection:
        schemadiff.apply(connection, operations)
        connection.rollback()
    assert _stored(engine) == before
    with engine.begin() as connection:
        schemadiff.apply(connection, operations)
    assert ("CREATE TABLE new (a int)",) in _stored(engine)


def test_apply_refuses_before_the_first_statement(sqlite):
    engine = _made(sqlite, on_connect=["PRAGMA foreign_keys=ON"])
    before = _stored(engine)
    operations = [Execute(sql="CREATE TABLE new (a int)"), REBUILD]
    seen: list[str] = []
    with engine.connect() as connection:
        sa.event.listen(engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
        with pytest.raises(UnsupportedOperation, match="PRAGMA foreign_keys=OFF before the transaction begins"):
            schemadiff.apply(connection, iter(operations))
        connection.commit()
        assert not any("CREATE" in statement for statement in seen)
        plain = AddColumn(table=Name("p"), column=Column(name="x", type=DataType("INT")))
        schemadiff.apply(connection, [plain])
        connection.rollback()
    assert _stored(engine) == before


def test_two_at_once_wait_for_each_other(sqlite):
    url = sqlite.new_database()
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n int)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")
    errors: list[BaseException] = []

    def run() -> None:
        try:
            engine = sa.create_engine(url, connect_args={"timeout": 30})
            with engine.connect() as connection:
                backend = connected_backend(connection)
                connection.rollback()
                for _ in range(10):
                    with backend.transaction(connection):
                        found = connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
                        connection.exec_driver_sql(f"UPDATE counter SET n = {found + 1}")
            engine.dispose()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with sa.create_engine(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar_one() == 30


@pytest.mark.parametrize("fails", [False, True])
def test_aiosqlite(sqlite, fails):
    engine = _made(sqlite)
    before = _stored(engine)

    def revision(connection: sa.Connection) -> None:
        backend = connected_backend(connection)
        connection.rollback()
        with backend.transaction(connection):
            connection.exec_driver_sql("CREATE TABLE new (a int)")
            backend.execute(connection, REBUILD)
            assert _stored(engine) == before
            if fails:
                raise RuntimeError

    async def run() -> int:
        asynchronous = create_async_engine(engine.url.set(drivername="sqlite+aiosqlite"), poolclass=sa.StaticPool)
        async with asynchronous.connect() as connection:
            await connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            await connection.rollback()
            if fails:
                with pytest.raises(RuntimeError):
                    await connection.run_sync(revision)
            else:
                await connection.run_sync(revision)
            setting = (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar_one()
        await asynchronous.dispose()
        return setting

    assert asyncio.run(run()) == 1
    assert (_stored(engine) == before) == fails
    assert _stored(engine)[-2:] == [(1,), (2,)]


def test_a_database_that_somebody_holds(sqlite):
    engine = _made(sqlite, connect_args={"timeout": 0.1}, on_connect=["PRAGMA foreign_keys=ON"])
    settings = _settings(engine)
    other = sqlite3.connect(engine.url.database, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.rollback()
        message = r"another connection holds the database \(BEGIN IMMEDIATE: database is locked\), .* in 0.2 s"
        told: list[str | None] = []
        waiting = Waiting(0.2, told.append)
        with pytest.raises(LockTimeout, match=message), backend.transaction(connection, waiting):
            raise AssertionError
        assert told == [None]
        assert not connection.in_transaction()
        threading.Timer(0.2, other.rollback).start()
        with backend.transaction(connection):
            assert connection.in_transaction()
    other.close()
    assert _settings(engine) == settings


def test_a_database_that_cannot_be_written(sqlite):
    url = _made(sqlite).url.database
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(f"file:{url}?mode=ro", uri=True))
    with engine.connect() as connection:
        backend = connected_backend(connection)
        assert len(backend.reflect(connection, [None]).tables) == 2
        connection.rollback()
        with pytest.raises(sa.exc.OperationalError, match="readonly"), backend.transaction(connection):
            connection.exec_driver_sql("CREATE TABLE x (a)")
