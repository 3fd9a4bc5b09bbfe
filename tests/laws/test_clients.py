"""Law 7 where the text is hostile: what a client would take for a command, a terminator or an end of line reaches the server as it is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from schemadiff import op
from schemadiff.backends import backend_for
from schemadiff.errors import UnsupportedOperation
from schemadiff.runtime.executor import Offline, activate
from schemadiff.runtime.script import Script
from schemadiff.runtime.site import Site
from tests.laws.scripts import fed
from tests.support.servers import Backend

VALUES = [
    'it\'s; "quoted" `ticks` $$dollars$$ $a$',
    "back\\slash \\c other \\! touch x \\\\",
    "ends with a backslash\\",
    "\\c postgres\n\\! touch x\n\\q\n\\g;\n\\.\n",
    "one\n.read x\n.quit\n.shell touch x\n#x\n/\ngo\nGO\n;\n/\n",
    "delimiter $$\nDELIMITER //\nquit;\nsource x;\n",
    "-- no comment\n# none\n/* none */ /*! none */ --",
    "CR LF\r\nCR LF CR\r\n\r and CR alone \r, LF\n",
    ":name :'name' %(name)s %s %% ? ${name} &name {{name}}",
    "\t\b\x0b\x1b[31m \u2028 é 漢 \U0001f600",
    "COMMIT;\nROLLBACK;\n",
    "",
]


def _script(engine: sa.Engine) -> Script:
    return Script(backend_for(engine.dialect))


def _offline(engine: sa.Engine, script: Script) -> Offline:
    return Offline(Site(backend_for(engine.dialect)), script.statement)


def _rows(engine: sa.Engine, query: str) -> list[str]:
    with engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql(query)]


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_values_arrive(backend: Backend) -> None:
    engine = backend.engine()
    values = [*VALUES, *([] if backend.name == "postgresql" else ["NUL \0 and \0", "\\\0", "\0"])]
    script = _script(engine)
    with activate(_offline(engine, script)):
        table = op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.Text))
        op.bulk_insert(table, [{"id": number, "body": value} for number, value in enumerate(values, 1)])
        op.execute(table.update().where(table.c.id == 1).values(body=table.c.body + "; \r\n\\"))
        script.comment("note\n\\c other\r\n.read x")
    fed(engine.url, script.text())
    wanted = [values[0] + "; \r\n\\", *values[1:]]
    assert _rows(engine, "SELECT body FROM note ORDER BY id") == wanted


# From the catalog: the oldest SQLAlchemy leaves escapes in what it reads of MariaDB.
COMMENTS = {
    "postgresql": (
        "SELECT obj_description('note'::regclass)",
        "SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'note'::regclass AND attnum > 1 ORDER BY attnum",
    ),
    "mysql": (
        "SELECT table_comment FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'note'",
        "SELECT column_comment FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'note' AND column_name <> 'id' "
        "ORDER BY ordinal_position",
    ),
}


@pytest.mark.backends("postgresql", "mysql")
def test_comments_and_defaults_arrive(backend: Backend) -> None:
    engine = backend.engine()
    values = [value for value in VALUES if "\x1b" not in value and value]
    script = _script(engine)
    with activate(_offline(engine, script)):
        columns = [
            sa.Column(f"column {number}", sa.String(200), server_default=value, comment=value)
            for number, value in enumerate(values)
        ]
        op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), *columns, comment=VALUES[3])
    fed(engine.url, script.text())
    of_table, of_columns = COMMENTS[backend.name]
    assert _rows(engine, of_table) == [VALUES[3]]
    assert _rows(engine, of_columns) == values
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO note (id) VALUES (1)")
        assert list(connection.exec_driver_sql("SELECT * FROM note").one())[1:] == values


_BODIES = {
    "sqlite": [
        "CREATE TRIGGER t AFTER INSERT ON note BEGIN UPDATE note SET body = 'a;\n.read x\n/\n' WHERE id = 1; "
        "UPDATE note SET body = body || CASE WHEN 1 THEN ';' END\n WHERE id = 2; END",
        "CREATE VIEW v AS SELECT 12\n/\n4 AS go",
        "CREATE TABLE half (id INTEGER CHECK (id\n/\n2 > 0))",
        "/* first\n.read x\n*/ SELECT\n'x' AS\ngo\n",
    ],
    "postgresql": [
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN\n/*\n\\c x\n*/ RETURN 1; END $$",
        "CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
        'CREATE VIEW v AS SELECT (ARRAY[1, 2, 3])[1:"USER"] AS a FROM (SELECT 2 AS "USER") AS x',
        "CREATE RULE r AS ON INSERT TO note DO ALSO (SELECT 1; SELECT ';\\c x')",
        "COMMENT ON VIEW v IS E'it\\'s\n\\\\c x'",
    ],
    "mysql": [
        "CREATE TRIGGER t BEFORE INSERT ON note FOR EACH ROW BEGIN DECLARE delimiter INT; SET delimiter = 1;\n"
        "IF delimiter = 1 THEN SET NEW.body = 'a; // \\\\ $$'; END IF; END",
        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT '//'; END",
        "CREATE VIEW v AS SELECT 1 AS `delimiter x`, '\\\\c' AS b",
    ],
}


@pytest.mark.backends("sqlite", "postgresql", "mysql")
def test_bodies_arrive(backend: Backend) -> None:
    engine = backend.engine()
    script = _script(engine)
    with activate(_offline(engine, script)):
        op.create_table("note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.Text))
        for body in _BODIES[backend.name]:
            op.execute(body)
        op.create_table("last", sa.Column("id", sa.Integer, primary_key=True))
    fed(engine.url, script.text())
    assert "last" in sa.inspect(engine).get_table_names()
    assert "v" in sa.inspect(engine).get_view_names()


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("sqlite", ".shell touch x"),
        ("sqlite", "-- why\n.shell touch x"),
        ("sqlite", "#shell"),
        ("sqlite", "CREATE TABLE x (a TEXT DEFAULT 'a\r\nb')"),
        ("sqlite", 'CREATE TABLE "a\0b" (a TEXT)'),
        ("postgresql", "\\! touch x"),
        ("postgresql", "SELECT 1 \\gexec"),
        ("postgresql", "SELECT 'a\0b'"),
        ("mysql", "\\! touch x"),
        ("mysql", "SELECT 1 \\! touch x"),
        ("mysql", "CREATE TABLE `a\r\nb` (a INT)"),
    ],
)
def test_what_no_client_reads_is_refused(dialect: str, statement: str) -> None:
    backend = backend_for(sa.make_url(f"{dialect}://").get_dialect()())
    with pytest.raises(UnsupportedOperation, match=r"^statement "):
        Script(backend).statement(statement)
