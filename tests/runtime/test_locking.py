"""One upgrade at a time: replicas that start together, who holds the lock, and how long anybody waits."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.support.replicas import Replica, run_at_once
from tests.support.running import Project
from tests.support.servers import Backend

REPLICAS = 16

ENV = """
    from schemadiff import context
    from sqlalchemy import create_engine, pool

    engine = create_engine(context.config.url, poolclass=pool.NullPool, **{engine})
    with engine.connect() as connection:
        {before}
        context.configure(connection=connection, **{configure})
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
    import textwrap

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
        (index,) = sa.inspect(connection).get_indexes("account")
        assert index["name"] == "ix_account_email"
    told = [line for each in replicas for line in each.err.splitlines() if line.startswith("Waiting for ")]
    assert told
    holder = {"postgresql": "the lock is held by process ", "mysql": "the lock is held by session "}.get(backend.name)
    assert holder is None or any(holder in line for line in told)
