"""Reading a database: everything in a constant number of statements."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.backends.sqlite.cursor import Unexpected
from schemadiff.backends.sqlite.parse import parse_index, parse_table
from schemadiff.backends.sqlite.reflect import _check, _stored, reflect
from schemadiff.backends.sqlite.types import DeclaredType
from schemadiff.errors import ConnectionFailed, ModelError, OperationError
from schemadiff.operations import CreateIndex, CreateTable
from schemadiff.schema import Name, options


def _reflect(engine: sa.Engine, schemas=(None,)):
    with engine.connect() as connection:
        return connected_backend(connection).reflect(connection, schemas)


def _script(engine: sa.Engine, script: str) -> None:
    with engine.begin() as connection:
        for statement in script.split(";;"):
            connection.connection.cursor().execute(statement)


@pytest.mark.parametrize("attached", [False, True])
def test_the_number_of_statements_is_constant(sqlite, attached):
    counts = []
    for tables in (10, 300):
        engine = sqlite.engine()
        other = sqlite.engine()
        for each in (engine, other):
            with each.begin() as connection:
                for i in range(tables):
                    connection.exec_driver_sql(
                        f"CREATE TABLE t{i} (id INTEGER PRIMARY KEY, p INT REFERENCES t{max(i - 1, 0)}, CHECK (p > {i}))"
                    )
                    connection.exec_driver_sql(f"CREATE INDEX i{i} ON t{i} (p) WHERE p > 0")
                    connection.exec_driver_sql(f"CREATE TRIGGER tr{i} AFTER INSERT ON t{i} BEGIN SELECT 1; END")
                    connection.exec_driver_sql(f"CREATE VIEW v{i} AS SELECT * FROM t{i}")
                connection.exec_driver_sql("CREATE VIRTUAL TABLE f USING fts5(x)")
        seen = []
        with engine.connect() as connection:
            if attached:
                connection.exec_driver_sql(f"ATTACH '{other.url.database}' AS other")
            backend = connected_backend(connection)
            sa.event.listen(engine, "before_cursor_execute", lambda *arguments, seen=seen: seen.append(arguments[2]))
            found = backend.reflect(connection, [None, "other"] if attached else [None])
        assert len(found.tables) == tables * (1 + attached)
        assert all(len(table.indexes) == len(table.dependants) == 1 for table in found.tables.values())
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 2 + attached


def test_attached_databases_are_schemas(sqlite):
    engine, other = sqlite.engine(), sqlite.engine()
    _script(engine, "create table t (a int)")
    _script(
        other,
        "create table t (b int references u (x), id integer primary key autoincrement);;create table u (x int unique);;create index i on t (b);;create trigger tr after insert on t begin select 1; end",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH '{other.url.database}' AS \"the other\"")
        backend = connected_backend(connection)
        found = backend.reflect(connection, ["main", "the other"])
        assert set(found.tables) == {Name("t"), Name("t", "the other"), Name("u", "the other")}
        assert found.schemas == {"the other"}
        table = found.tables[Name("t", "the other")]
        assert table.foreign_keys[0].referent == Name("u", "the other")
        assert [index.name for index in table.indexes] == ["i"]
        with pytest.raises(OperationError, match="schema nowhere is no attached database"):
            backend.reflect(connection, ["nowhere"])


def test_a_table_of_an_attached_database_is_rebuilt_there(sqlite):
    from schemadiff.operations import BatchAlterTable

    engine, other = sqlite.engine(), sqlite.engine()
    _script(engine, "create table t (a int)")
    _script(
        other,
        "create table t (b int, id integer primary key autoincrement);;insert into t values (1, 7);;create index i on t (b);;create trigger tr after insert on t begin select 1; end",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH '{other.url.database}' AS o")
        backend = connected_backend(connection)
        name = Name("t", "o")
        before = backend.reflect(connection, [None, "o"])
        backend.execute(connection, BatchAlterTable(table=name, operations=(), recreate="always"))
        after = backend.reflect(connection, [None, "o"])
        assert after == before
        assert after.tables[name].dependants == before.tables[name].dependants
        assert connection.exec_driver_sql("SELECT name, seq FROM o.sqlite_sequence").all() == [("t", 7)]
        assert connection.exec_driver_sql("SELECT * FROM o.t").all() == [(1, 7)]


def test_what_is_left_out(sqlite):
    engine = sqlite.engine()
    _script(
        engine,
        "create table t (id integer primary key autoincrement);;create virtual table f using fts5(x);;create virtual table g using fts4(x);;"
        "create virtual table r using rtree(id, a, b);;create table f_mine (x);;create temp table tt (x);;analyze",
    )
    wanted = {Name("t"), Name("f_mine")}
    with engine.connect() as connection:
        server = connected_backend(connection).server
        assert set(reflect(connection, [None], server).tables) == wanted
        # Before SQLite 3.37 no pragma tells shadow tables from others.
        assert set(reflect(connection, [None], replace(server, version=(3, 36, 0))).tables) == wanted


def test_shadow_tables_of_a_missing_module_are_not_taken_for_tables(sqlite):
    engine = sqlite.engine()
    _script(
        engine,
        "create virtual table f using fts5(x);;pragma writable_schema=on;;"
        "update sqlite_master set sql = replace(sql, 'fts5', 'nowhere') where name = 'f'",
    )
    engine.dispose()
    with engine.connect() as connection, pytest.raises(ConnectionFailed, match="no such module: nowhere"):
        schemadiff.reflect(connection)


def test_views_and_triggers(sqlite):
    engine = sqlite.engine()
    view, named, trigger = (
        "CREATE VIEW v AS SELECT a /* all */ FROM t",
        "CREATE VIEW w (x) AS SELECT 1",
        "CREATE TRIGGER tr AFTER INSERT ON T BEGIN SELECT 1; END",
    )
    _script(engine, f"create table t (a int);;{view};;{named};;{trigger}")
    found = _reflect(engine)
    assert found.complete
    assert {str(name): dependant.sql for name, dependant in found.dependants.items()} == {"v": view, "w": named}
    assert found.views == {}
    assert [(d.kind, d.name, d.sql) for d in found.tables[Name("t")].dependants] == [("trigger", "tr", trigger)]


def test_names_are_those_of_what_they_point_at(sqlite):
    engine = sqlite.engine()
    _script(
        engine,
        "create table Account (Id integer primary key, Code text, unique (CODE));;create table c (a int references ACCOUNT, b text references account (code), foreign key (B) references account (ID));;create index i on C (A, lower(B))",
    )
    child = _reflect(engine).tables[Name("c")]
    assert {key.referent for key in child.foreign_keys} == {Name("Account")}
    assert [(key.columns, key.referent_columns) for key in child.foreign_keys] == [
        (("a",), ("Id",)),
        (("b",), ("Code",)),
        (("b",), ("Id",)),
    ]
    assert child.indexes[0].columns == ("a",)


SPELLINGS = [
    ("a int", "a INT"),
    ("a int default 1", "a int DEFAULT(1)"),
    ("a int default 1", "'a' int default 1"),
    ("a int, check (a > 0)", "a int check(A>0)"),
    ("a int, check (a > 0)", "a int check (((a > 0)))"),
    ("a int, check (a > 0)", 'a int check ("a" > /* x */ 0 -- y\n)'),
    ("a int, check (a > 0)", "a int check (t.a > 0)"),
    ("a int primary key", "a int, primary key (a)"),
    ("a int primary key", "a int primary key asc on conflict abort"),
    ("a int unique", "a int, unique (a)"),
    ("a int references u (b)", "a int, foreign key (a) references u (b) on delete no action match simple not deferrable initially deferred"),
    ("a int references u (b) deferrable", "a int references u (b) deferrable initially immediate"),
    ("z int, a int as (1)", "z int, a int generated always as (1) virtual"),
    ("a text", "a text collate binary null"),
    ("a varchar(10)", "a VARCHAR ( 10 )"),
    ("a decimal(10, 2)", "a decimal(10,2)"),
    ("a int, b int, constraint x check (a > 0), constraint y unique (b)", "a int, b int, constraint y unique (b) constraint x check (a > 0)"),
    ("a int constraint c check (a > 0)", "a int, constraint [c] check (a > 0)"),
    ("a int, generated int", "a int, [generated] int"),
    ("always int, b int as (always)", "[always] int, b int generated always as ([always])"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_spellings_of_the_same(sqlite, one, other):
    found = []
    for columns in (one, other):
        engine = sqlite.engine()
        _script(engine, f"create table t ({columns})")
        found.append(_reflect(engine))
    assert found[0].tables == found[1].tables


DIFFERENT = [
    ("a int", "a integer"),
    ("a int", "a"),
    ("a int", "a int not null"),
    ("a int default 1", "a int default '1'"),
    ("a int default null", "a int"),
    ("a text default x", "a text default 'X'"),
    ("a text default ' '", "a text default '  '"),
    ("a int, check (a > 0)", "a int, check (a > 1)"),
    ("a int, check (a = 'x')", "a int, check (a = 'X')"),
    ("a int, constraint c check (a > 0)", "a int, constraint d check (a > 0)"),
    ("a integer primary key", "a integer primary key autoincrement"),
    ("a integer primary key", "a integer primary key desc"),
    ("a int primary key", "a int primary key on conflict ignore"),
    ("a int not null", "a int not null on conflict ignore"),
    ("a int, b int, unique (a, b)", "a int, b int, unique (b, a)"),
    ("a text, unique (a)", "a text, unique (a collate nocase)"),
    ("a text, unique (a)", "a text, unique (a desc)"),
    ("a int references u (b)", "a int references u (c)"),
    ("a int references u (b)", "a int references v (b)"),
    ("a int references u (b)", "a int references u (b) on delete cascade"),
    ("a int references u (b)", "a int references u (b) on update set null"),
    ("a int references u (b)", "a int references u (b) deferrable initially deferred"),
    ("a int references u (b)", "a int references u (b) match full"),
    ("z int, a int as (1)", "z int, a int as (1) stored"),
    ("z int, a int as (1)", "z int, a int as (2)"),
    ("z int, a int as (1)", "z int, a int default 1"),
    ("a text", "a text collate nocase"),
    ("a int primary key", "a int primary key) without rowid --"),
    ("a int", "a int) strict --"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_differences_are_seen(sqlite, one, other):
    found = []
    for columns in (one, other):
        engine = sqlite.engine()
        _script(engine, f"create table t ({columns}\n)" if "--" not in columns else f"create table t ({columns}")
        found.append(_reflect(engine))
    assert found[0].tables != found[1].tables


TYPES = {
    "": sa.types.NullType(),
    "VARCHAR(10)": sa.VARCHAR(10),
    "VARCHAR": sa.VARCHAR(),
    "NUMERIC(10, 2)": sa.NUMERIC(10, 2),
    "DOUBLE PRECISION": sa.DOUBLE_PRECISION(),
    "DATETIME": sa.DATETIME(),
    "BLOB": sa.BLOB(),
    "JSON": sa.JSON(),
    "TIMESTAMP": sa.TIMESTAMP(),
    "BOOLEAN": sa.BOOLEAN(),
    "INT": DeclaredType("INT"),
    "ANY": DeclaredType("ANY"),
    "UNSIGNED BIG INT": DeclaredType("UNSIGNED BIG INT"),
    "VARCHAR(10, 3)": DeclaredType("VARCHAR(10, 3)"),
    '"WEIRD ""TYPE"" )"': DeclaredType('"WEIRD ""TYPE"" )"'),
    '"SELECT"': DeclaredType('"SELECT"'),
    "\"ENUM('A')\"": DeclaredType("\"ENUM('A')\""),
    "DATE(5)": DeclaredType("DATE(5)"),
    "STRING": DeclaredType("STRING"),
    "INTEGER(4)": DeclaredType("INTEGER(4)"),
}


@pytest.mark.parametrize("declared", TYPES)
def test_types_come_back(sqlite, declared):
    engine = sqlite.engine()
    _script(engine, f"create table t (a {declared})")
    with engine.begin() as connection:
        backend = connected_backend(connection)
        table = backend.reflect(connection, [None]).tables[Name("t")]
        assert table.columns[0].type.sql == declared
        found = backend.sqlalchemy_type(table.columns[0].type)
        assert repr(found) == repr(TYPES[declared])
        assert backend.data_type(found) == table.columns[0].type
        connection.exec_driver_sql("DROP TABLE t")
        for statement in backend.statements(CreateTable(table=table)):
            backend.run(connection, statement)
        assert backend.reflect(connection, [None]).tables[Name("t")] == table


HOSTILE = [
    "x'); drop table t; --",
    'x"); drop table t; --',
    "x]); drop table t; --",
    "a /* b",
    "a -- b",
    "a\nb",
    "%s :x ?",
    "\u202e😀",
    "`",
    "'",
    '"',
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_data(sqlite, name):
    quoted = '"' + name.replace('"', '""') + '"'
    index = '"i' + quoted[1:]
    literal = "'" + name.replace("'", "''") + "'"
    engine = sqlite.engine()
    _script(
        engine,
        f"create table {quoted} ({quoted} {quoted} collate nocase default {literal} constraint {quoted} check ({quoted} <> {literal}), "
        f"g text as ({quoted} || {literal}), constraint {quoted} unique ({quoted}), foreign key ({quoted}) references {quoted} ({quoted}));;"
        f"create index {index} on {quoted} ({quoted}, {quoted} || {literal}) where {quoted} <> {literal}",
    )
    found = _reflect(engine)
    table = found.tables[Name(name)]
    assert table.column(name) is not None
    assert {c.name for c in table.constraints()} == {name, None}
    other = sqlite.engine()
    with other.begin() as connection:
        backend = connected_backend(connection)
        backend.execute(connection, CreateTable(table=replace(table, indexes=())))
        backend.execute(connection, CreateIndex(table=table.name, index=table.indexes[0]))
    assert _reflect(other).tables == found.tables


@pytest.mark.parametrize("sql", ["", "CREATE TABLE t", "CREATE TABLE t (a", "CREATE TABLE t (a int) WITH", "CREATE TABLE t (a int check)", "SELECT 1", "CREATE TABLE t (a int constraint)"])  # fmt: skip
def test_what_is_no_table_is_refused(sql):
    with pytest.raises(Unexpected):
        parse_table(sql, Name("t"))


MISREAD = {
    "a column of another name": lambda table: {
        "columns": (replace(table.columns[0], name="other"), *table.columns[1:])
    },
    "a column that may hold NULL": lambda table: {"columns": tuple(replace(c, nullable=True) for c in table.columns)},
    "a column that is not generated": lambda table: {"columns": tuple(replace(c, default=None) for c in table.columns)},
    "two columns the wrong way round": lambda table: {"columns": table.columns[::-1]},
    "a column too few": lambda table: {"columns": table.columns[:-1]},
    "a column too many": lambda table: {"columns": (*table.columns, table.columns[0])},
    "no primary key": lambda table: {"primary_key": None},
    "a primary key in another order": lambda table: {
        "primary_key": replace(table.primary_key, columns=table.primary_key.columns[::-1])
    },
}


@pytest.mark.parametrize("how", MISREAD)
def test_what_sqlite_itself_reads_otherwise_is_refused(sqlite, how):
    engine = sqlite.engine()
    _script(engine, "create table t (a int, b int not null, c int as (a + b), d int, primary key (b, a)) without rowid")
    with engine.connect() as connection:
        table = _reflect(engine).tables[Name("t")]
        rows = _stored(connection, [None])
        _check({table.name: table}, rows)
        with pytest.raises(OperationError, match="table t: its stored SQL has been misunderstood"):
            _check({table.name: replace(table, **MISREAD[how](table))}, rows)


def test_parsed_parts():
    table = parse_table(
        "create table if not exists main.t (a text primary key asc, b int) strict, without rowid;", Name("t")
    )
    assert table.options == options({"strict": True, "with_rowid": False})
    index = parse_index(
        "create unique index if not exists main.i on t (B desc, (a), a || b asc) where a > 0;", "i", table.columns
    )
    assert (index.unique, index.columns, str(index.where)) == (True, ("b", "a"), "a > 0")
    assert [element.descending for element in index.elements] == [True, False, False]


def test_a_column_without_a_name_is_refused_by_name(sqlite):
    engine, goal = sqlite.engine(), sqlite.engine()
    _script(engine, "create table t (a text)")
    _script(goal, 'create table t (a text, "" text)')
    with pytest.raises(ModelError, match=r"^column t\.: it has an empty name"):
        schemadiff.render(schemadiff.diff(engine, goal))
