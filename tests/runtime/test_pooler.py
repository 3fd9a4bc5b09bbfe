"""Behind a pooler of transactions, which gives away the session that holds the lock: nothing runs twice, and --lock-url keeps all in line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.replicas import Replica, run_at_once
from tests.support.running import Project
from tests.support.servers import Backend

Pooler = Callable[[str, int], AbstractContextManager[str]]

REPLICAS = 5
REVISIONS = ("r1", "r2", "r3")

# Statements that are prepared in one session are not there in the next one.
ENV = """
    from schemadiff import context
    from sqlalchemy import create_engine, pool

    engine = create_engine(context.config.url, poolclass=pool.NullPool, connect_args={"prepare_threshold": None})
    with engine.connect() as connection:
        context.configure(connection=connection)
        context.run_migrations()
"""


def _project(folder: Path, url: str) -> Project:
    project = Project(folder, url)
    project.env(ENV)
    project.revision("r1", "op.create_table('ran', sa.Column('revision', sa.String(10)))\n" + _note("r1"))
    project.revision("r2", f"import time\n{_note('r2')}\ntime.sleep(0.1)", "r1")
    project.revision("r3", _note("r3"), "r2")
    return project


def _note(revision: str) -> str:
    return f"op.execute(\"INSERT INTO ran VALUES ('{revision}')\")"


def _assert_each_ran_once(backend: Backend, url: str, replicas: list[Replica]) -> None:
    with backend.engine(url).connect() as connection:
        assert sorted(connection.execute(sa.text("SELECT revision FROM ran")).scalars()) == list(REVISIONS)
        assert connection.execute(sa.text("SELECT version_num FROM schemadiff_version")).scalars().all() == ["r3"]
    running = sorted(line for each in replicas for line in each.err.splitlines() if line.startswith("Running "))
    assert len(set(running)) == len(REVISIONS)


@pytest.mark.parametrize("sessions", [1, 4])
def test_a_lock_that_is_lost_runs_nothing_twice(
    pooler: Pooler, postgresql: Backend, tmp_path: Path, sessions: int
) -> None:
    url = postgresql.new_database()
    with pooler(url, sessions) as through:
        project = _project(tmp_path / "app", through)
        replicas = run_at_once(project.folder, REPLICAS, "upgrade", "--lock-timeout", "5")
    _assert_each_ran_once(postgresql, url, replicas)
    assert 0 in [each.status for each in replicas]
    for each in replicas:
        refused = ("somebody else migrates", "nothing of it was kept", "holds the lock")
        assert each.status == 0 or any(words in each.err for words in refused), each.err


def test_a_lock_at_the_server_itself(pooler: Pooler, postgresql: Backend, tmp_path: Path) -> None:
    url = postgresql.new_database()
    with pooler(url, 4) as through:
        project = _project(tmp_path / "app", through)
        replicas = run_at_once(project.folder, REPLICAS, "upgrade", "--lock-url", url)
    _assert_each_ran_once(postgresql, url, replicas)
    assert [each.status for each in replicas] == [0] * REPLICAS, [each.err for each in replicas if each.status]
    assert not [each.err for each in replicas if "the lock for migrations was gone" in each.err]
    assert len([line for each in replicas for line in each.err.splitlines() if line.startswith("Running ")]) == 3
