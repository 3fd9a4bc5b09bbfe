"""What is written alike is parsed once: the short cut reads what parsing the whole statement reads, whatever the statement is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from schemadiff.backends.sqlite import parse, reader
from schemadiff.backends.sqlite.cursor import Unexpected
from schemadiff.backends.sqlite.parse import parse_index, parse_parts
from schemadiff.backends.sqlite.reader import Reader
from schemadiff.backends.tokens import TokenError
from schemadiff.schema import Column, DataType
from tests.corpus.cases import FOLDER

TABLES = [
    "CREATE TABLE t (a INTEGER NOT NULL, b VARCHAR(10), PRIMARY KEY (a))",
    "CREATE TABLE t (\n\tid INTEGER NOT NULL, \n\tname NUMERIC(10, 2) DEFAULT '(,' NOT NULL, \n\tPRIMARY KEY (id), \n\tFOREIGN KEY(name) REFERENCES u (id) ON DELETE SET NULL\n)",
    'CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "u_id" bigint NOT NULL REFERENCES "u" ("id") DEFERRABLE INITIALLY DEFERRED)',
    "CREATE TABLE t (a int CONSTRAINT x UNIQUE, CONSTRAINT y CHECK (a > 0 AND a <> ','), CONSTRAINT z UNIQUE (A) ON CONFLICT IGNORE)",
    "CREATE TABLE t (a int, CONSTRAINT y FOREIGN KEY (A) REFERENCES t, CONSTRAINT k PRIMARY KEY (a DESC)) WITHOUT ROWID, STRICT",
    "CREATE TABLE t(a int references u,b int deferrable initially deferred)",
    "CREATE TABLE t (a int references u deferrable, b int not deferrable, c int)",
    "CREATE TABLE t (a int check (a <> ' references x '), b text default ' REFERENCES y ' references z)",
    "CREATE TABLE t (a int references u references v, constraint b constraint c check (a) unique (a))",
    "CREATE TABLE t (a int, -- one, (\nb int /* two, ( */, c int)",
    "CREATE TABLE t (a int, b int) -- )",
    "CREATE TABLE t (a int -- one, two\n, b int)",
    "CREATE TABLE t (a int -- one\n)",
    "CREATE TABLE t (\n  -- the (first), it's\n  a int, -- 'the' second\n  b int /* default 1, */ default 2 -- or 3\n)",
    "CREATE TABLE t (a int default 1 - 1, b int default (1 --1\n), c int check (a / b * c - -1 > 0))",
    "CREATE TABLE t (a int, /* REFERENCES x */ foreign key (a) /* CONSTRAINT y */ references z)",
    "CREATE TABLE t (a int, b int) /* ) */",
    "CREATE TABLE t (a int, b int) STRICT;",
    "CREATE TABLE t (a int, b int)\xa0",
    "CREATE TABLE t (a int, b int)\n",
    "CREATE TABLE t ([a b] int, `c,d` int, \"e\"\"f)\" text, 'g' int, \"h\" as (a || ')') stored)",
    "CREATE TABLE t (_x 'int', x'00' int, _y REFERENCES _z 'w')",
    "CREATE TABLE t (a, b int(1, 2) generated always as (((max(a, (1))))) virtual, generated int, always)",
    "CREATE TABLE t (a int collate nocase, unique (a collate rtrim), primary key (a) on conflict replace check (a))",
    "CREATE TABLE t (a int check (b in (1, (2), ((3)), (((4)))), b int, check ((((((a)))))))",
    "CREATE TABLE t (a int, a_b int, CONSTRAINT primary_a CHECK (a), constraint_b int)",
    "CREATE TABLE t (a int, check (a), b int)",
    "CREATE TABLE t (é int, ı int, unıque (a), UNİQUE int)",
    "CREATE TABLE t (check int, a int)",
    "CREATE TABLE t (a int,)",
    "CREATE TABLE t (a int,, b int)",
    "CREATE TABLE t (a int) b int)",
    "CREATE TABLE t (a int, b int check (a (b), c int)",
    "CREATE TABLE t ()",
    "CREATE TABLE t",
    "CREATE TEMP TABLE IF NOT EXISTS main.t (a)",
    "create table t (A int, b int, PRIMARY KEY (a, B))",
]  # fmt: skip


def _outcome(read, *arguments):
    try:
        # Not only what is compared: the text of an expression too.
        return repr(read(*arguments))
    except (Unexpected, TokenError) as error:
        return str(error)


def _stored() -> list[str]:
    """Return the statements of the pairs' tables, as SQLite stores them."""
    found = []
    for script in sorted((FOLDER / "sqlite").glob("*/*.sql")):
        engine = sa.create_engine("sqlite://")
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.executescript(script.read_text())
            rows = cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE %'")
            found += [row[0] for row in rows]
        engine.dispose()
    return found


def test_every_table_is_read_as_a_whole_statement_is():
    tables = [*TABLES, *_stored()]
    for schema in (None, "other"):
        shared = Reader(schema)
        for sql in [*tables, *tables]:
            assert _outcome(shared.table, sql) == _outcome(parse_parts, sql, schema)


PIECES = ["--", "/*", "*/", "'", '"', "`", "[", "]", "(", ")", ",", ";", " ", "\n", "a", "_", "\0", "\1", '"\0"', "é", "1", "CONSTRAINT ", "check ", " REFERENCES x", " PRIMARY KEY", " DEFERRABLE", " NOT", " DEFAULT "]  # fmt: skip


@given(
    sql=st.sampled_from(TABLES),
    edits=st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 3), st.sampled_from(["", *PIECES])), min_size=1, max_size=3
    ),
)
def test_a_table_that_is_no_table_is_read_as_a_whole_statement_is(sql, edits):
    for position, length, piece in edits:
        position %= len(sql)
        sql = sql[:position] + piece + sql[position + length :]
    shared = Reader(None)
    shared.table(TABLES[0])
    assert _outcome(shared.table, sql) == _outcome(parse_parts, sql, None)
    assert _outcome(shared.table, sql) == _outcome(parse_parts, sql, None)


INDEXES = [
    "CREATE INDEX i ON t (a)",
    "CREATE UNIQUE INDEX i ON t (a, b)",
    'CREATE INDEX "i" ON "t"("a","b")',
    "CREATE INDEX i ON t (A)",
    "CREATE INDEX i ON t (a DESC, b COLLATE nocase)",
    "CREATE INDEX i ON t (a) WHERE b > 0",
    "CREATE INDEX i ON t ((a), lower(b))",
    'CREATE INDEX i ON t ("a,b")',
    "CREATE INDEX i ON t ('a', [b])",
    'CREATE INDEX i ON t ("nothing")',
    "CREATE INDEX i ON t (a -- b\n)",
    "CREATE INDEX i ON t (a,)",
    "CREATE INDEX i ON t ()",
]


def test_every_index_is_read_as_a_whole_statement_is():
    columns = [Column(name=name, type=DataType("INT")) for name in ("a", "b", '"a', 'b"', "a,b")]
    names = frozenset(column.name for column in columns)
    shared = Reader(None)
    for sql in [*INDEXES, *INDEXES]:
        assert _outcome(shared.index, sql, "i", columns, names) == _outcome(parse_index, sql, "i", columns)


@pytest.mark.parametrize("mark", ["", '"'])
def test_what_is_written_alike_is_parsed_once(monkeypatch, mark):
    parsed = []
    for module, name in ((reader, "parse_definition"), (reader, "parse_parts"), (reader, "parse_index")):
        real = getattr(parse, name)
        monkeypatch.setattr(module, name, lambda *a, real=real, **k: parsed.append(a) or real(*a, **k))
    shared = Reader(None)
    counts = []
    for n in range(100):
        table, own, key = (f"{mark}{name}_{n}{mark}" for name in ("t", "c", "k"))
        found = shared.table(
            f"CREATE TABLE {table} (id INTEGER NOT NULL, {own} VARCHAR(10) NOT NULL, parent INTEGER, PRIMARY KEY (id), "
            f"CONSTRAINT {key} UNIQUE (parent), FOREIGN KEY(parent) REFERENCES t_{n} (id) ON DELETE CASCADE)"
        )
        names = frozenset(column.name for column in found.columns)
        assert names == {"id", f"c_{n}", "parent"}
        assert [each.name for each in found.uniques] == [f"k_{n}"]
        assert [each.referent.name for each in found.foreign_keys] == [f"t_{n}"]
        index = shared.index(f"CREATE INDEX i_{n} ON {table} ({own}, parent)", f"i_{n}", found.columns, names)
        assert (index.name, index.columns) == (f"i_{n}", (f"c_{n}", "parent"))
        counts.append(len(parsed))
    assert counts[0] == counts[-1] > 0
