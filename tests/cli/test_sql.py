"""Scripts of SQL through the command line: all commands that change a database, and what a script leaves that stops half-way."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.running import Project
from tests.support.servers import Backend

# The clients as a hurried user calls them: nothing tells psql or sqlite3 to stop at the first error.
_CLIENTS = {
    "sqlite": lambda url: ["sqlite3", url.database],
    "postgresql": lambda url: [
        *("psql", "-q", "-h", url.host or url.query["host"], "-p", str(url.port or 5432)),
        *("-U", url.username, url.database),
    ],
    "mysql": lambda url: ["mariadb", "-h", url.host, "-P", str(url.port or 3306), "-u", url.username, url.database],
}


def _feed(backend: Backend, url: str, script: str) -> str:
    """Run a script with the database's client; return what it says of errors."""
    command = _CLIENTS[backend.name](sa.make_url(url))
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    return "\n".join(line for line in done.stderr.splitlines() if not line.startswith("NOTICE:"))


def _state(backend: Backend, url: str) -> tuple[set[str], list[str]]:
    with backend.engine(url).connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        rows = list(connection.exec_driver_sql("SELECT version_num FROM schemadiff_version").scalars())
    return tables - {"schemadiff_version", "schemadiff_version_checksum"}, rows


def _create(name: str) -> str:
    return f'op.create_table("{name}", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def url(backend: Backend) -> str:
    return backend.new_database()


@pytest.fixture
def project(url: str, tmp_path: Path) -> Project:
    """Three revisions, each of which makes a table and drops it."""
    made = Project(tmp_path / "app", url)
    for before, name in ((None, "a1"), ("a1", "b2"), ("b2", "c3")):
        made.revision(name, _create(name), before, f'op.drop_table("{name}")')
    return made


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_ranges_and_stamps(backend: Backend, project: Project, url: str) -> None:
    def fed(*arguments: str) -> tuple[set[str], list[str]]:
        assert _feed(backend, url, project.ok(*arguments, "--sql").out) == ""
        return _state(backend, url)

    assert fed("upgrade", "b2") == ({"a1", "b2"}, ["b2"])
    assert fed("upgrade", "b2:c3") == ({"a1", "b2", "c3"}, ["c3"])
    assert fed("downgrade", "c3:a1") == ({"a1"}, ["a1"])
    assert fed("stamp", "a1:b2") == ({"a1"}, ["b2"])
    assert fed("stamp", "c3") == ({"a1"}, ["c3"])
    assert fed("stamp", "base") == ({"a1"}, [])
    assert fed("stamp", "base:a1") == ({"a1"}, ["a1"])
    assert fed("downgrade", "a1:base") == (set(), [])
    assert fed("upgrade", "base:head") == ({"a1", "b2", "c3"}, ["c3"])


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_a_stamp_makes_the_version_table(backend: Backend, project: Project, url: str) -> None:
    assert _feed(backend, url, project.ok("stamp", "head", "--sql").out) == ""
    assert _state(backend, url) == (set(), ["c3"])


@pytest.mark.backends("sqlite", "postgresql", "mysql")
@pytest.mark.parametrize("arguments", [("upgrade", "b2:c3"), ("downgrade", "c3:b2"), ("stamp", "c3:b2"), ("upgrade",)])
def test_a_script_for_another_state_changes_nothing(
    backend: Backend, project: Project, url: str, arguments: tuple[str, ...]
) -> None:
    project.ok("upgrade", "a1")
    said = _feed(backend, url, project.ok(*arguments, "--sql").out)
    assert said
    if backend.name != "sqlite":
        assert "the database does not stand at" in said
    # psql goes on, and the revisions that fit run.
    whole = backend.name == "postgresql" and arguments == ("upgrade",)
    assert _state(backend, url) == (({"a1", "b2", "c3"}, ["c3"]) if whole else ({"a1"}, ["a1"]))


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_the_version_moves_with_its_revision_alone(backend: Backend, project: Project, url: str) -> None:
    project.ok("upgrade", "a1")
    project.revision("b2", f'{_create("b2")}\nop.drop_table("nowhere")\n{_create("later")}', "a1")
    said = _feed(backend, url, project.ok("upgrade", "a1:c3", "--sql").out)
    assert "nowhere" in said
    kept = {"b2"} if backend.name == "mysql" else set()
    assert _state(backend, url) == ({"a1", *kept}, ["a1"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('op.get_bind().execute(sa.text("SELECT 1"))', "op.get_bind() needs a database"),
        ('sa.inspect(op.get_bind()).get_table_names()', "op.get_bind() needs a database"),
        ('op.execute("SELECT 1").fetchall()', "NoneType"),
        ('op.get_context().connection.execute(sa.text("SELECT 1"))', "NoneType"),
        ('op.get_context().bind.scalar(sa.text("SELECT 1"))', "NoneType"),
        ('with op.batch_alter_table("a1") as batch:\n    batch.alter_column("id", type_=sa.String(9))', "give copy_from="),
        ('op.execute(sa.select(sa.literal(object())))', ""),
        ('op.execute(".shell touch x")', "write one SQL statement"),
    ],
)  # fmt: skip
def test_what_needs_a_database_fails_and_prints_nothing(tmp_path: Path, body: str, reason: str) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    project.revision("a1", _create("a1"))
    path = project.revision("b2", body, "a1")
    result = project.run("upgrade", "--sql")
    assert (result.status, result.out) == (2, "")
    assert f"{path.name}:{10 + body.count(chr(10))}: upgrade of revision b2 failed: " in result.err or (
        f"{path.name}:11: upgrade of revision b2 failed: " in result.err
    ), result.err
    assert reason in result.err
    assert "nothing was printed" in result.err
    assert not (tmp_path / "app.db").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("downgrade", "a1"), "write the range"),
        (("upgrade", "+1"), "name a revision"),
        (("stamp", "+1"), "name a revision"),
        (("upgrade", "c3:a1"), "downgrade"),
        (("downgrade", "a1:c3"), ""),
        (("upgrade", "a1:nowhere"), "nowhere"),
    ],
)
def test_wrong_ranges(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    for before, name in ((None, "a1"), ("a1", "b2"), ("b2", "c3")):
        project.revision(name, _create(name), before, f'op.drop_table("{name}")')
    assert reason in project.error(*arguments, "--sql")


_TWO = """
    import io, sys
    from schemadiff import context

    for name, where in (("first", {first}), ("second", {second})):
        with where as buffer:
            context.configure(dialect_name="sqlite", output_buffer=buffer)
            with context.begin_transaction():
                context.run_migrations(name=name)
            {after}
"""


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("per_migration", [True, False])
def test_several_databases_are_printed_together_or_not(tmp_path: Path, broken: bool, per_migration: bool) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    first, second = tmp_path / "first.sql", tmp_path / "second.sql"
    env = _TWO.format(first=f"open({str(first)!r}, 'w')", second=f"open({str(second)!r}, 'w')", after="pass")
    if not per_migration:
        env = env.replace("output_buffer", "transaction_per_migration=False, output_buffer")
    project.env(env)
    fails = "1 / 0" if broken else "pass"
    path = project.revision("a1", f'op.execute("SELECT " + repr(name))\nif name == "second":\n    {fails}')
    path.write_text(path.read_text().replace("def upgrade()", "def upgrade(name)"))
    result = project.run("upgrade", "--sql")
    assert result.out == ""
    if broken:
        assert result.status == 2
        assert "a1.py:13" in result.err
        assert not first.read_text()
        assert not second.exists() or not second.read_text()
        return
    assert result.status == 0, result.err
    for file, own, other in ((first, "first", "second"), (second, "second", "first")):
        text = file.read_text()
        assert f"SELECT '{own}'" in text
        assert other not in text
        assert text.count("COMMIT;") == (2 if per_migration else 1)


def test_a_buffer_in_memory_can_be_read_by_env(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    project.env(_TWO.format(first="io.StringIO()", second="io.StringIO()", after="sys.stdout.write(buffer.getvalue())"))
    path = project.revision("a1", 'op.execute("SELECT " + repr(name))')
    path.write_text(path.read_text().replace("def upgrade()", "def upgrade(name)"))
    out = project.ok("upgrade", "--sql").out
    assert out.index("SELECT 'first'") < out.index("SELECT 'second'")
    assert out.count("COMMIT;") == 4
