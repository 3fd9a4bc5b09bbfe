"""A snapshot comes from a pull request: nothing of what it says is executed, and what it calls things stays text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import oracle
from tests.support.running import Project
from tests.support.servers import Backend

# A sequence counts whatever is rolled back, so that it tells whether anything was executed.
DATABASES = {
    "sqlite": [
        "CREATE TABLE account (id INTEGER PRIMARY KEY, email VARCHAR(20) DEFAULT 'x', n INTEGER CHECK (n > 0))",
        "CREATE VIEW seen AS SELECT email FROM account",
        "CREATE VIEW seen_too AS SELECT n FROM account",
    ],
    "postgresql": [
        "CREATE SEQUENCE canary",
        "CREATE TYPE mood AS ENUM ('a', 'b')",
        "CREATE DOMAIN positive AS integer",
        "CREATE TABLE account (id integer PRIMARY KEY, email varchar(20) DEFAULT 'x', n integer DEFAULT 1 + 1 CHECK (n > 0), p positive, m mood)",
        "CREATE VIEW seen AS SELECT email FROM account",
    ],
    "mysql": [
        "CREATE TABLE canary (i integer) ENGINE=MyISAM",
        "CREATE TABLE account (id integer PRIMARY KEY, email varchar(20) DEFAULT 'x', n integer DEFAULT (1 + 1) CHECK (n > 0))",
        "CREATE VIEW seen AS SELECT email FROM account",
    ],
}
CALL = {"sqlite": "1", "postgresql": "nextval('canary')", "mysql": "sleep(30)"}
UNSEEN = "it\"s'`\\ \x1b[31mred\n\r\u202e%s%(a)s{0}[/b]"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Callable[[str], None]]]:
    """Yield each text of a document: where it stands, without numbers, and what sets it."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in entries:
        where = f"{path}.{key}" if isinstance(key, str) else path
        if isinstance(each, str):
            yield where, lambda text, key=key: value.__setitem__(key, text)
        else:
            yield from _leaves(each, where)


def _attempts(kinds: set[str], call: str) -> Iterator[tuple[set[str], str]]:
    """Yield what is put where, to get out of the place: into types, into expressions, and into all names at once."""
    for kind in sorted(kinds):
        if kind.endswith(".type.sql"):
            yield {kind}, f"integer); SELECT {call}; CREATE TABLE x (i integer); SELECT (1"
        elif kind.endswith("sql"):
            yield {kind}, f"1)); CREATE TABLE x (i int); SELECT ({call}"
    yield {kind for kind in kinds if not kind.endswith(("sql", "canonical", "kind"))}, UNSEEN


def test_nothing_gets_out(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    engine = backend.engine(url)
    with engine.begin() as connection:
        for statement in DATABASES[backend.name]:
            connection.exec_driver_sql(statement)
    project = Project(tmp_path / "app", url)
    text = project.ok("snapshot").out
    before = oracle.dump(engine)
    kinds = {where for where, _ in _leaves(json.loads(text)) if not where.startswith(".server")}
    assert len(kinds) > 10
    for number, (chosen, payload) in enumerate(_attempts(kinds, CALL[backend.name])):
        document = json.loads(text)
        for where, put in _leaves(document):
            if where in chosen:
                put(payload)
        (project.folder / "hostile.json").write_text(json.dumps(document))
        result = project.run("diff", *((url, "hostile.json") if number % 2 else ("hostile.json", url)))
        said = (chosen, payload, result)
        assert result.status == 0 or (result.status == 2 and result.err.count("error: ") == 1), said
        assert "--traceback" not in result.err, said
        assert not {"\x1b", "\u202e", "\r"} & {*result.out, *result.err}, said
    oracle.assert_same(oracle.dump(engine), before)


@pytest.mark.parametrize("complete", [True, False])
def test_types_that_are_made_for_a_question(complete: bool, postgresql: Backend, tmp_path: Path) -> None:
    """PostgreSQL is asked with types and tables in the temporary schema, which are of what a snapshot says."""
    url = postgresql.new_database()
    engine = postgresql.engine(url)
    with engine.begin() as connection:
        for statement in DATABASES["postgresql"]:
            connection.exec_driver_sql(statement)
    project = Project(tmp_path / "app", url)
    document = {**json.loads(project.ok("snapshot").out), "complete": complete}
    hostile = "integer; SELECT nextval('canary')"
    (account,) = document["tables"]
    columns = {column["name"]: column for column in account["columns"]}
    columns["email"]["type"] = {"sql": "text"}
    columns["n"]["default"] = {"sql": "2 - 0", "canonical": "2 - 0"}
    columns["p"]["type"] = {"sql": hostile}
    document["domains"].append({"name": "fresh", "type": {"sql": hostile}})
    (project.folder / "hostile.json").write_text(json.dumps(document))
    compared = project.run("diff", url, "hostile.json")
    assert "could not be asked" not in compared.err
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT is_called FROM canary").scalar() is False


def test_sqlite_opens_no_other_file(tmp_path: Path) -> None:
    """What hangs on tables is compiled in a database of our own, which has to stay without the others of this machine."""
    victim = tmp_path / "victim.db"
    with sa.create_engine(f"sqlite:///{victim}").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE precious (id INTEGER)")
    content = victim.read_bytes()
    url = f"sqlite:///{tmp_path}/own.db"
    with sa.create_engine(url).begin() as connection:
        for statement in (*DATABASES["sqlite"], "CREATE TRIGGER tr AFTER INSERT ON account BEGIN SELECT 1; END"):
            connection.exec_driver_sql(statement)
    project = Project(tmp_path / "app", url)
    document = json.loads(project.ok("snapshot").out)
    new = tmp_path / "new.db"
    for first, second in (
        (f"ATTACH '{victim}' AS v", "DROP TABLE v.precious"),
        (f"ATTACH '{new}' AS n", "CREATE TABLE n.t (i)"),
        (f"VACUUM INTO '{new}'", "SELECT 1"),
        (f"CREATE VIEW a AS SELECT 1; ATTACH '{new}' AS n", f"/* CREATE VIEW */ ATTACH '{new}' AS n"),
        (
            "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
            "PRAGMA writable_schema = 1",
        ),
    ):
        for each, sql in zip(document["dependants"], (first, second), strict=True):
            each["sql"] = sql
        document["tables"][0]["dependants"][0]["sql"] = first
        (project.folder / "hostile.json").write_text(json.dumps(document))
        for sides in (["hostile.json"], ["hostile.json", url], [url, "hostile.json"]):
            assert project.run("diff", *sides).status in (0, 2)
    assert victim.read_bytes() == content
    assert not new.exists()


def test_python_gets_it_as_text(tmp_path: Path) -> None:
    """What autogen writes from a snapshot is a file in which names and defaults are text."""
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    column = {"name": UNSEEN, "type": {"sql": "TEXT"}, "default": {"sql": '\'"""); import os #\'', "canonical": ""}}
    document = {
        "schemadiff_snapshot": 1,
        "server": {"dialect": "sqlite", "default_schema": "main"},
        "tables": [{"name": 'x"""\nimport os', "columns": [column], "comment": '"""\nimport os'}],
    }
    (project.folder / "hostile.json").write_text(json.dumps(document))
    project.ok("autogen", "--source", "hostile.json", "-m", "x")
    (made,) = project.files
    text = made.read_text(encoding="utf-8")
    assert "\nimport os" not in text
    compile(text, str(made), "exec")
