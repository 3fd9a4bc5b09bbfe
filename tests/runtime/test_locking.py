"""One upgrade at a time: replicas that start together, who holds the lock, and how long anybody waits."""

from __future__ import annotations

import ast
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.backends import connected_backend
from schemadiff.errors import MigrationFailed
from schemadiff.revisions.directory import load_graph
from schemadiff.runtime.migration import MigrationContext, Options, Step
from schemadiff.runtime.versions import VersionTable
from tests.support.replicas import Replica, run_at_once
from tests.support.running import Project
from tests.support.servers import Backend

REPLICAS = 16

ENV = """
    from schemadiff import context
    from sqlalchemy import create_engine, pool

    engine = create_engine(context.config.url, poolclass=pool.NullPool, future=True{engine})
    with engine.connect() as connection:
        {before}
        context.configure(connection=connection{configure})
        with context.begin_transaction():
            context.run_migrations()
        {after}
"""


def _history(project: Project, *, concurrently: bool = True) -> list[str]:
    """Write revisions, each of which notes that it ran; the third leaves its transaction where the database makes a difference."""
    table = """
        op.create_table("ran", sa.Column("revision", sa.String(10)), sa.Column("at", sa.String(10)))
        op.create_table("account", sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(50)))
    """
    note = "op.execute(\"INSERT INTO ran VALUES ('{0}', 'start')\")"
    index = """
        with op.get_context().autocommit_block():
            op.create_index("ix_account_email", "account", ["email"], postgresql_concurrently=True)
    """
    project.revision("r1", f"{_dedented(table)}\n{note.format('r1')}")
    project.revision("r2", f"import time\n{note.format('r2')}\ntime.sleep(0.2)", "r1")
    project.revision("r3", f"{note.format('r3')}\n{_dedented(index) if concurrently else ''}", "r2")
    project.revision("r4", f"op.add_column('account', sa.Column('name', sa.String(50)))\n{note.format('r4')}", "r3")
    return ["r1", "r2", "r3", "r4"]


def _dedented(text: str) -> str:
    return textwrap.dedent(text).strip()


def _check(backend: Backend, url: str, replicas: list[Replica], revisions: list[str]) -> None:
    assert [each.status for each in replicas] == [0] * len(replicas), [each.err for each in replicas if each.status]
    with backend.engine(url).connect() as connection:
        ran = connection.execute(sa.text("SELECT revision FROM ran")).scalars().all()
        assert sorted(ran) == revisions
        assert connection.execute(sa.text("SELECT version_num FROM schemadiff_version")).scalars().all() == [
            revisions[-1]
        ]
        assert {column["name"] for column in sa.inspect(connection).get_columns("account")} == {"id", "email", "name"}
    started = sorted(line for each in replicas for line in each.err.splitlines() if line.startswith("Running "))
    assert started == [
        f"Running upgrade {below} -> {each}, {each}"
        for below, each in zip(["base", *revisions[:-1]], revisions, strict=True)
    ]


def test_replicas_that_start_at_once(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    revisions = _history(project)
    replicas = run_at_once(project.folder, REPLICAS, "upgrade", "head")
    _check(backend, url, replicas, revisions)
    with backend.engine(url).connect() as connection:
        indexes = [index["name"] for index in sa.inspect(connection).get_indexes("account")]
        assert indexes == ["ix_account_email"]
    told = [line for each in replicas for line in each.err.splitlines() if line.startswith("Waiting for ")]
    assert told
    holder = {"postgresql": "the lock is held by process ", "mysql": "the lock is held by session "}.get(backend.name)
    assert holder is None or any(holder in line for line in told)


# As env.py's own connection may be: one transaction for all, a transaction of env.py's own, each statement by itself, and asynchronous.
MODES = {
    "one transaction": ("", "", ", transaction_per_migration=False", ""),
    "env.py's transaction": ("", "transaction = connection.begin()", "", "transaction.commit()"),
    "autocommit": (', isolation_level="AUTOCOMMIT"', "", "", ""),
}


@pytest.mark.parametrize("mode", MODES)
def test_replicas_with_a_connection_of_their_own_kind(backend: Backend, tmp_path: Path, mode: str) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    engine, before, configure, after = MODES[mode]
    project.env(ENV.format(engine=engine, before=before or "pass", configure=configure, after=after or "pass"))
    revisions = _history(project, concurrently=mode == "autocommit")
    _check(backend, url, run_at_once(project.folder, 5, "upgrade", "head"), revisions)


def test_a_lock_that_is_not_had_in_time(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    project.revision("r1")
    with backend.engine(url).connect() as connection:
        context = MigrationContext(connection.dialect, connection)
        with context.locked(), context.transaction():
            for command in (("upgrade",), ("stamp", "head")):
                line = project.error(*command, "--lock-timeout", "0.1")
                assert "did not let go of it in 0.1 s" in line
                assert "--lock-timeout" in line
                holder = {"postgresql": "process ", "mysql": "session "}.get(backend.name, "another connection")
                assert line.startswith(f"error: {holder}")
    project.ok("upgrade", "--lock-timeout", "0.1")


@pytest.mark.backends("postgresql", "mysql")
def test_the_lock_on_another_connection(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    project.revision("r1")
    engine = backend.engine(url)
    with engine.connect() as connection:
        context = MigrationContext(connection.dialect, connection, Options(lock_url=url))
        with context.locked():
            assert not connection.in_transaction()
            assert "holds the lock" in project.error("upgrade", "--lock-timeout", "0", "--lock-url", url)
            assert "holds the lock" in project.error("upgrade", "--lock-timeout", "0")
    assert "lock_url is of sqlite" in project.error("upgrade", "--lock-url", "sqlite://")
    project.ok("upgrade", "--lock-url", url)


@pytest.mark.parametrize("primary_key", [True, False])
def test_two_that_know_nothing_of_each_other_move_the_first_row_once(
    backend: Backend, tmp_path: Path, primary_key: bool
) -> None:
    """As behind a pooler that loses the lock: whoever comes second fails, and does not note its work as done."""
    engine = backend.engine(backend.new_database())
    table = VersionTable(connected(engine), primary_key=primary_key)
    gate = threading.Barrier(2)

    def move(_: int) -> str | None:
        with engine.connect() as connection:
            own = VersionTable(connected_backend(connection), primary_key=primary_key)
            connection.rollback()
            gate.wait()
            try:
                with own._backend.transaction(connection):
                    own.move(connection, (), ("r1",))
            except (MigrationFailed, sa.exc.DBAPIError) as error:
                return str(error)
        return None

    # There is no table at first, and an empty one the second time.
    for _ in range(2):
        with ThreadPoolExecutor(2) as pool:
            said = [each for each in pool.map(move, range(2)) if each is not None]
        assert len(said) == 1, said
        with engine.begin() as connection:
            assert table.read(connection) == ("r1",)
            connection.execute(table.table.delete())


def connected(engine: sa.Engine):
    with engine.connect() as connection:
        return connected_backend(connection)


SETTINGS = {
    "postgresql": ("SHOW lock_timeout", "SHOW statement_timeout"),
    "mysql": ("SELECT @@SESSION.lock_wait_timeout", "SELECT @@SESSION.max_statement_time"),
    "sqlite": ("PRAGMA busy_timeout", "SELECT 1"),
}
LIMITED = {"postgresql": ["2s", "30s"], "mysql": [2, 30.0], "sqlite": [2000, 1]}


def test_limits_hold_for_the_run_and_are_taken_back(backend: Backend, tmp_path: Path) -> None:
    inside = tmp_path / "seen"
    body = f"""
def seen():
    return [op.get_bind().exec_driver_sql(sql).scalar() for sql in {SETTINGS[backend.name]!r}]
found = [seen()]
with op.get_context().autocommit_block():
    found.append(seen())
found.append(seen())
open({str(inside)!r}, "w").write(repr(found))
"""
    (tmp_path / "r1.py").write_text(
        f"from schemadiff import op\nrevision = 'r1'\ndown_revision = None\ndef upgrade():\n{textwrap.indent(body, '    ')}"
    )
    (revision,) = load_graph([tmp_path]).order
    with backend.engine().connect() as connection:
        before = [connection.exec_driver_sql(sql).scalar() for sql in SETTINGS[backend.name]]
        connection.rollback()
        options = Options(table_lock_timeout=2, statement_timeout=30)
        MigrationContext(connection.dialect, connection, options).run([Step(revision, "upgrade", (), ("r1",))])
        assert ast.literal_eval(inside.read_text()) == [LIMITED[backend.name]] * 3
        assert [connection.exec_driver_sql(sql).scalar() for sql in SETTINGS[backend.name]] == before


@pytest.mark.parametrize("leaves", ["", "with op.get_context().autocommit_block(): pass"])
def test_a_table_that_is_held_is_tried_again_where_all_was_rolled_back(
    backend: Backend, tmp_path: Path, leaves: str
) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    tries = tmp_path / "tries"
    held = "SELECT * FROM account FOR UPDATE" if backend.name != "sqlite" else "SELECT 1"
    with backend.engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE account (id int)")
        connection.exec_driver_sql("INSERT INTO account VALUES (1)")
    update = "op.execute('UPDATE account SET id = 2')"
    if backend.name == "sqlite":
        # Nothing is in the way inside of the transaction; the server's error is made.
        update += "\nimport sqlite3\ne = sqlite3.OperationalError('database is locked')\ne.sqlite_errorcode = 5\nif first: raise sa.exc.OperationalError('COMMIT', {}, e)"
    note = f"path = {str(tries)!r}\nopen(path, 'a').write('x')\nfirst = len(open(path).read()) == 1"
    project.revision("r1", f"{note}\n{leaves}\n{update}")
    engine = backend.engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(held)
        if backend.name == "sqlite":
            connection.rollback()
        again = not leaves and backend.name != "mysql"
        done = threading.Event()

        def let_go() -> None:
            # After the first try has given up; where there is no second one, after the run.
            while not (done.is_set() or (again and tries.exists() and tries.read_text())):
                time.sleep(0.02)
            done.wait(1.5)
            connection.rollback()

        holder = threading.Thread(target=let_go)
        holder.start()
        result = project.run("upgrade", "--table-lock-timeout", "0.5" if backend.name != "mysql" else "1")
        done.set()
        holder.join()
    assert (result.status == 0) == again, result.err
    assert ("trying again" in result.err) == again
    assert (len(tries.read_text()) > 1) == again
