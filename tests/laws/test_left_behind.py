"""Nothing is left behind by a diff: no temporary table, no transaction, no setting, however it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

import schemadiff
from tests.support.servers import Backend


def model(dialect: str, *, changed: bool = False) -> sa.MetaData:
    """Return a model with expressions that a server prints in its own way: tokens alone do not settle them."""
    metadata = sa.MetaData()
    sa.Table(
        "invoice",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("amount", sa.Integer, server_default=sa.text("(1 + 2 + 3)")),
        sa.Column("state", sa.String(20)),
        sa.Column("double", sa.Integer, sa.Computed("amount + (amount)", persisted=True)),
        *([sa.Column("note", sa.String(9))] if changed else []),
        sa.CheckConstraint("NOT (state IN ('a', 'b') AND amount BETWEEN 1 AND 9)", name="ck_state"),
        *([sa.CheckConstraint("amount <> 7", name="ck_amount")] if changed else []),
    )
    return metadata


@pytest.fixture
def database(backend: Backend) -> sa.Engine:
    """A database of the model, with a row that no transaction of a test's has written."""
    engine = backend.engine()
    with engine.begin() as connection:
        model(backend.name).create_all(connection)
    return engine


# -- what could be left behind

_MYSQL_VOLATILE = {"timestamp", "last_insert_id", "insert_id", "warning_count", "error_count", "rand_seed1", "rand_seed2",
                   "in_transaction", "identity", "last_gtid", "gtid_binlog_pos", "gtid_current_pos", "gtid_domain_id", "gtid_seq_no"}  # fmt: skip
_PRAGMAS = ("foreign_keys", "legacy_alter_table", "defer_foreign_keys", "ignore_check_constraints", "writable_schema",
            "query_only", "recursive_triggers", "case_sensitive_like", "busy_timeout", "journal_mode", "synchronous",
            "temp_store", "reverse_unordered_selects", "user_version", "schema_version", "isolation_level")  # fmt: skip


def session(connection: sa.Connection) -> dict[str, Any]:
    """Return what can be seen of a session from inside: its settings, and what it has for itself alone."""
    driver: Any = connection.connection.driver_connection

    def rows(query: str) -> list[tuple[Any, ...]]:
        # Past SQLAlchemy, which would begin a transaction for it, and whose hooks are the test's.
        cursor = driver.cursor()
        try:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    if connection.dialect.name == "sqlite":
        return {
            "pragmas": [rows(f"PRAGMA {name}") for name in _PRAGMAS],
            "temporary": rows("SELECT name FROM temp.sqlite_master"),
            "attached": rows("PRAGMA database_list"),
            "isolation": driver.isolation_level,
            "transaction": driver.in_transaction,
        }
    if connection.dialect.name == "mysql":
        settings = {name: value for name, value in rows("SHOW SESSION VARIABLES") if name not in _MYSQL_VOLATILE}
        return {"settings": settings, "temporary": _temporary(rows), "autocommit": driver.get_autocommit()}
    transaction = driver.info.transaction_status
    found = {
        "transaction": transaction,
        "autocommit": driver.autocommit,
        # Those of PL/pgSQL come up with the language, at its first use.
        "settings": rows("SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%' ORDER BY name"),
        "temporary": rows("SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() ORDER BY relname"),
        "functions": rows("SELECT proname FROM pg_proc WHERE pronamespace = pg_my_temp_schema()"),
        "types": rows("SELECT typname FROM pg_type WHERE typnamespace = pg_my_temp_schema() ORDER BY typname"),
        "cursors": rows("SELECT name FROM pg_cursors WHERE name NOT LIKE '<unnamed%'"),
        "prepared": rows("SELECT name FROM pg_prepared_statements WHERE name NOT LIKE '\\_pg%'"),
    }
    if transaction == 0:  # idle: what was read here began a transaction of its own
        driver.rollback()
    return found


def _temporary(rows: Callable[[str], list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """Return MariaDB's temporary tables, which no catalog of it lists before version 11: a name is one's if it can be read."""
    import pymysql

    try:
        return rows("SHOW CREATE TABLE `schemadiff judge`")
    except pymysql.err.ProgrammingError:
        return []


def open_transactions(backend: Backend, engine: sa.Engine, session_id: int | None) -> list[Any]:
    """Return the transactions of a session, as another one sees them."""
    if backend.name == "sqlite":
        return []
    query = (
        "SELECT state FROM pg_stat_activity WHERE pid = :id AND state <> 'idle'"
        if backend.name == "postgresql"
        else "SELECT trx_state FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = :id"
    )
    with engine.connect() as other:
        return list(other.execute(sa.text(query), {"id": session_id}).scalars())


def identity(connection: sa.Connection) -> int | None:
    """Return the number of the session on its server."""
    query = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}.get(connection.dialect.name)
    if query is None:
        return None
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    cursor.execute(query)
    found = int(cursor.fetchone()[0])
    cursor.close()
    driver.rollback()
    return found


# -- a diff that ends


@pytest.mark.parametrize("changed", [False, True])
def test_after_a_diff(backend: Backend, database: sa.Engine, changed: bool) -> None:
    with database.connect() as connection:
        number = identity(connection)
        before = session(connection)
        schemadiff.diff(connection, model(backend.name, changed=changed))
        assert not connection.in_transaction()
        assert open_transactions(backend, database, number) == []
        assert session(connection) == before
        schemadiff.reflect(connection)
        assert not connection.in_transaction()


def test_a_transaction_of_the_callers_stays(backend: Backend, database: sa.Engine) -> None:
    with database.connect() as connection:
        transaction = connection.begin()
        _work(connection)
        before = session(connection)
        schemadiff.diff(connection, model(backend.name, changed=True))
        assert session(connection) == before
        assert transaction.is_active
        assert _rows(connection) == [("uncommitted",)]
        transaction.rollback()
        assert _rows(connection) == []


def test_in_autocommit_mode(backend: Backend, database: sa.Engine) -> None:
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = session(connection)
        schemadiff.diff(connection, model(backend.name, changed=True))
        assert session(connection) == before


def _work(connection: sa.Connection) -> None:
    """Do what the caller would not lose."""
    connection.exec_driver_sql("INSERT INTO invoice (id, amount, state) VALUES (1, 5, 'uncommitted')")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '7s'")


def _rows(connection: sa.Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql("SELECT state FROM invoice").all()]


# -- a diff that is interrupted


class Stop(Exception):
    """What ends a diff in the middle: SQLAlchemy keeps the connection open."""


@contextmanager
def _interrupted(engine: sa.Engine, number: int, error: type[BaseException]) -> Iterator[list[str]]:
    """Raise an error instead of the n-th statement; give the statements that were to be sent."""
    sent: list[str] = []

    def hook(connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)
        if len(sent) == number:
            raise error

    sa.event.listen(engine, "before_cursor_execute", hook)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", hook)


def _statements(backend: Backend, database: sa.Engine, times: int = 1) -> int:
    """Return how many statements the last of several diffs on one connection sends."""
    with database.connect() as connection:
        for _ in range(times):
            with _interrupted(database, -1, Stop) as sent:
                schemadiff.diff(connection, model(backend.name, changed=True))
    return len(sent)


def test_stopped_at_each_statement(backend: Backend, database: sa.Engine) -> None:
    """Nothing is left on a connection of the caller's, and its uncommitted work is still there."""
    target = model(backend.name, changed=True)
    again = _statements(backend, database, times=2)
    for number in range(1, _statements(backend, database) + 1):
        with database.connect() as connection:
            session_id = identity(connection)
            transaction = connection.begin()
            _work(connection)
            before = session(connection)
            with _interrupted(database, number, Stop) as sent, pytest.raises(Stop):
                schemadiff.diff(connection, target)
            where = f"stopped at statement {number}: {sent[number - 1]}"
            assert session(connection) == before, where
            assert _rows(connection) == [("uncommitted",)], where
            transaction.rollback()
            assert open_transactions(backend, database, session_id) == [], where
            # The connection is as good as it was, and is left in no transaction where it was in none. What is asked of a connection once is
            # not asked again.
            with _interrupted(database, min(number, again), Stop), pytest.raises(Stop):
                schemadiff.diff(connection, target)
            assert not connection.in_transaction(), where
            assert schemadiff.diff(connection, model(backend.name)).upgrade == ()


def test_interrupted_at_each_statement(backend: Backend, database: sa.Engine) -> None:
    """SQLAlchemy closes a connection that is interrupted while a statement runs; nothing of it is left on the server."""
    target = model(backend.name, changed=True)
    for number in range(1, _statements(backend, database) + 1):
        with database.connect() as connection:
            session_id = identity(connection)
            with _interrupted(database, number, KeyboardInterrupt) as sent, pytest.raises(KeyboardInterrupt):
                schemadiff.diff(connection, target)
            where = f"interrupted in statement {number}: {sent[number - 1]}"
            assert not connection.in_transaction() or connection.invalidated, where
        assert open_transactions(backend, database, session_id) == [], where
        with _interrupted(database, number, KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
            schemadiff.diff(database, target)
        with database.begin() as connection:
            # Nobody holds a lock on the table.
            if backend.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            connection.exec_driver_sql("ALTER TABLE invoice RENAME TO kept")
            connection.exec_driver_sql("ALTER TABLE kept RENAME TO invoice")


# -- who may only read


@contextmanager
def _reader(backend: Backend, database: sa.Engine, kind: str) -> Iterator[sa.Engine]:
    """Give an engine of somebody who may only read."""
    url = database.url
    if backend.name == "sqlite":
        yield backend.engine(f"sqlite:///file:{url.database}?mode=ro&uri=true")
        return
    name = f"{url.database}_reader"
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        if backend.name == "mysql":
            admin.exec_driver_sql(f"CREATE USER '{name}'@'%%' IDENTIFIED BY 'secret'")
        try:
            if backend.name == "mysql":
                admin.exec_driver_sql(f"GRANT SELECT ON `{url.database}`.* TO '{name}'@'%%'")
                yield backend.engine(url.set(username=name, password="secret").render_as_string(hide_password=False))
            elif kind == "no right":
                admin.exec_driver_sql(f'CREATE ROLE "{name}" LOGIN')
                admin.exec_driver_sql(f'REVOKE TEMPORARY ON DATABASE "{url.database}" FROM PUBLIC')
                admin.exec_driver_sql(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{name}"')
                yield backend.engine(url.set(username=name).render_as_string(hide_password=False))
            else:
                yield backend.engine(
                    url.render_as_string(hide_password=False),
                    connect_args={"options": "-c default_transaction_read_only=on"},
                )
        finally:
            if backend.name == "mysql":
                admin.exec_driver_sql(f"DROP USER '{name}'@'%%'")
            elif kind == "no right":
                admin.exec_driver_sql(f'DROP OWNED BY "{name}"')
                admin.exec_driver_sql(f'GRANT TEMPORARY ON DATABASE "{url.database}" TO PUBLIC')
                admin.exec_driver_sql(f'DROP ROLE "{name}"')


_KINDS = {"postgresql": ("no right", "read only"), "mysql": ("no right",), "sqlite": ("read only",)}


def test_who_may_only_read(backend: Backend, database: sa.Engine) -> None:
    target = model(backend.name, changed=True)
    by_tokens = schemadiff.diff(database, target, judge=False)
    judged = [operation.describe() for operation in schemadiff.diff(database, target).upgrade]
    for kind in _KINDS[backend.name]:
        with _reader(backend, database, kind) as engine, engine.connect() as connection:
            before = session(connection)
            found = schemadiff.diff(connection, target)
            assert session(connection) == before
            assert not connection.in_transaction()
            described = [operation.describe() for operation in found.upgrade]
            assert described == [operation.describe() for operation in by_tokens.upgrade]
            assert set(judged) <= set(described)
            # SQLite keeps what was written: nobody is asked, and nothing is to be warned of. Nor is it where tokens decided nothing.
            left = [each for each in found.explanations if "no judge" in each.decided_by]
            assert len(found.warnings) == (1 if left and backend.name != "sqlite" else 0), found.warnings
