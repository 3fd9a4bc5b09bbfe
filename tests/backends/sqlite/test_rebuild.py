"""A rebuild loses nothing: neither of the table, nor of its rows, nor of what stands around it."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.backends import connected_backend
from schemadiff.backends.sqlite.canonical import expression
from schemadiff.errors import MigrationFailed, UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    BatchAlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    RenameTable,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    DataType,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
)
from tests import oracle

T = Name("t")

# Each is a database in which the table t is rebuilt.
CASES = {
    "data": "create table t (id integer primary key, a text, b real, c blob);;insert into t values (7, 'x', 1.5, x'00ff'), (9, null, 2, ''), (8, '%s', -1, 'blob')",
    "no columns that need quotes are spared": 'create table t ("select" text, "a b" int, "q""q" int);;insert into t values (1, 2, 3)',
    "child rows under cascade": "create table t (id integer primary key);;create table c (t_id int references t on delete cascade);;insert into t values (1), (2);;insert into c values (1), (2)",
    "child rows under set null": "create table t (id integer primary key);;create table c (t_id int references t (id) on delete set null);;insert into t values (1), (2);;insert into c values (1), (2)",
    "child rows under restrict": "create table t (id integer primary key);;create table c (t_id int references t (id) on delete restrict);;insert into t values (1), (2);;insert into c values (1), (2)",
    "child rows under set default": "create table t (id integer primary key);;create table c (t_id int default 5 references t (id) on delete set default);;insert into t values (1), (5);;insert into c values (1)",
    "child rows, deferred": "create table t (id integer primary key);;create table c (t_id int references t (id) deferrable initially deferred);;insert into t values (1);;insert into c values (1)",
    "self reference": "create table t (id integer primary key, up int references t (id) on delete cascade);;insert into t values (1, null), (2, 1), (3, 3)",
    "foreign key to a unique key": 'create table t (id integer primary key, "Code" text unique);;create table c (code text references "T" ("code"));;insert into t values (1, \'a\');;insert into c values (\'a\')',
    "own foreign keys": "create table p (id integer primary key);;create table t (id integer primary key, p_id int constraint fk_p references p on update cascade on delete set null match full deferrable initially deferred, foreign key (p_id) references p (id));;insert into p values (1);;insert into t values (1, 1)",
    "triggers": "create table log (x text);;create table t (id integer primary key, a text);;create trigger tr after update of a on t when new.a <> old.a begin insert into log values (new.a || ';' || old.a); end;;create trigger \"Tr 2\" before insert on t begin select 1; end;;insert into t values (1, 'x')",
    "triggers do not fire": "create table log (x text);;create table t (id integer primary key);;insert into t values (1);;create trigger ti after insert on t begin insert into log values ('i'); end;;create trigger td after delete on t begin insert into log values ('d'); end",
    "triggers of other tables": "create table o (x int);;create table t (id integer primary key);;create trigger tr after insert on o begin insert into t values (new.x); delete from t where id < 0; end;;insert into o values (4)",
    "indexes": "create table t (id integer primary key, a text collate nocase, b int);;create unique index i on t (a desc, b) where b > 3 and a like 'x%';;create index j on t (lower(a), b + 1 desc);;create index \"k k\" on t (a collate rtrim, a collate binary);;insert into t values (1, 'x', 4)",
    "views": "create table t (id integer primary key, a int);;create view v as select t.a, * from t -- all\n;;create view w as select v.a from v join t using (id);;create trigger tv instead of insert on v begin insert into t (a) values (new.a); end;;insert into t values (1, 2)",
    "strict": "create table t (id integer primary key, a any, b int, c blob, d text) strict;;insert into t values (1, 'x', 2, x'00', 'y'), (2, 3, 4, null, null), (3, x'01', 5, null, ''), (4, '0012', null, null, '1')",
    "without rowid": "create table t (a text, b int, c text, primary key (b, a)) without rowid;;insert into t values ('x', 1, 'y'), ('z', 1, null)",
    "strict without rowid": "create table t (a text primary key, b any) strict, without rowid;;insert into t values ('x', 1)",
    "autoincrement": "create table t (id integer primary key autoincrement, a int);;insert into t values (5, 1), (70, 1);;delete from t where id = 70",
    "autoincrement, empty": "create table t (id integer primary key autoincrement, a int);;insert into t values (70, 1);;delete from t",
    "autoincrement, never used": "create table t (id integer primary key autoincrement, a int);;create table u (id integer primary key autoincrement);;insert into u values (3)",
    "autoincrement in the table's key": "create table t (id integer, a int, constraint pk primary key (id autoincrement));;insert into t values (5, 1)",
    "rowid": "create table t (a text);;insert into t (rowid, a) values (10, 'x'), (5, 'y'), (900, 'z')",
    "rowid under another name": "create table t (rowid text, a int);;insert into t (oid, rowid, a) values (10, 'x', 1), (5, 'y', 2)",
    "no rowid to name": "create table t (rowid text, oid int, _rowid_ int);;insert into t values ('x', 1, 2)",
    "no alias": "create table t (id integer primary key desc, a int);;insert into t (rowid, id, a) values (5, 7, 1), (6, null, 2)",
    "int is no alias": "create table t (id int primary key, a int);;insert into t (rowid, id, a) values (5, 7, 1), (6, null, 2)",
    "generated columns": "create table t (a int, b int generated always as (a + 1) stored unique, c text as ('<' || a || '>') not null, d int default 4);;create index i on t (c);;insert into t (a) values (1), (2)",
    "checks": "create table t (a int constraint c1 check (a > 0) check (t.a < 100), b text, constraint \"c 2\" check (b in ('x', 'y)', '--') or b is null /* why */), check (typeof(a) = 'integer'));;insert into t values (1, 'y)')",
    "on conflict": "create table t (a int not null on conflict ignore, b int unique on conflict replace, c int, constraint u unique (c, b) on conflict rollback, primary key (a, b) on conflict fail);;insert into t values (1, 2, 3)",
    "keys with collations and directions": "create table t (a text, b text, primary key (a collate nocase desc, b), unique (b collate rtrim, a desc));;insert into t values ('x', 'y')",
    "defaults": "create table t (a int default -5, b text default 'it''s', c text default \"quoted\", d text default bare, e default (1 + 2), f default current_timestamp, g default null, h default (strftime('%Y', 'now')), i default x'00', j default true, k default ('x'));;insert into t (a) values (1)",
    "types": "create table t (a, b int, c unsigned big int, d varchar ( 10 ), e decimal(10,2), f \"my type\", h double  precision);;insert into t values ('x', 1, 2, 'y', 1.5, 'z', 2.5)",
    "comments in the definition": "create table t ( -- first, (\n a int /* , b int ) */, -- it's\n b text -- last\n);;insert into t values (1, 'x')",
    "odd spelling": "CREATE TABLE \"t\"(a INT PRIMARY KEY NOT NULL CONSTRAINT x UNIQUE NULL CHECK(a>0)DEFAULT+1,\"b\"TEXT,[c]TEXT,`d` TEXT,CONSTRAINT y CHECK(b<>c),CONSTRAINT z UNIQUE(c),UNIQUE(d),FOREIGN KEY(a)REFERENCES t(a));;insert into t values (1, 'b', 'c', 'd')",
    "other tables": "create table t (a int);;create table \"o t\" (t int, \"t.a\" text default 't', check (t <> 1));;create virtual table f using fts5(a);;insert into f values ('x');;insert into t values (1)",
    "a table in the way": "create table t (a int);;create table _schemadiff_tmp_t (b int);;insert into _schemadiff_tmp_t values (4)",
    "columns that were added and renamed": "create table t (a int, check (a > 0));;alter table t add column b text default 'x' check (b <> '');;alter table t rename column a to aa;;insert into t values (1, 'y')",
    "a table that was renamed": "create table u (a int references u (a));;create view v as select a from u;;alter table u rename to t;;insert into t values (1)",
    "dangling rows": "create table t (id integer primary key, p int references p (id));;create table p (id integer primary key);;insert into t values (1, 99)",
    "dangling table": "create table t (id integer primary key, p int references nowhere (id));;insert into t values (1, 99)",
    "names in other cases": 'create table "T" (id integer primary key, Other int);;create table c (x int references t (ID));;create index i on T (Other);;create trigger tr after insert on t begin select 1; end;;insert into t values (1, 2);;insert into c values (1)',
}  # fmt: skip

KEEPING = {
    "nothing changes": (),
    "a column and a check are added": (
        AddColumn(table=T, column=Column(name="added", type=DataType("TEXT"), default=expression("'new'", "default"))),
        AddConstraint(
            table=T, constraint=CheckConstraint(name="ck_added", expression=expression("added <> ''", "check"))
        ),
    ),
}


def _make(engine: sa.Engine, script: str, *, foreign_keys: bool = True) -> None:
    with engine.begin() as connection:
        for statement in script.split(";;"):
            connection.connection.cursor().execute(statement)


def _enforcing(engine: sa.Engine) -> sa.Engine:
    @sa.event.listens_for(engine, "connect")
    def connect(connection, record):
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _rows(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table with its rowid and the types of its values, columns by name."""
    found = {}
    with engine.connect() as connection:
        tables = connection.exec_driver_sql(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name <> 'sqlite_schema'"
        ).all()
        for name, without_rowid in tables:
            quoted = '"' + name.replace('"', '""') + '"'
            columns = connection.exec_driver_sql(f"SELECT name FROM pragma_table_xinfo({quoted})").scalars().all()
            columns = sorted(column for column in columns if column != "added")
            wanted = [f'typeof("{c}"), "{c}"'.replace('q"q', 'q""q') for c in columns]
            spare = [word for word in ("rowid", "oid", "_rowid_") if word not in columns]
            if not without_rowid and spare and name != "sqlite_sequence":
                wanted.append(spare[0])
            found[name] = sorted(
                connection.exec_driver_sql(f"SELECT {', '.join(wanted)} FROM {quoted}").all(), key=repr
            )
    return found


def _others(engine: sa.Engine) -> list[tuple[object, ...]]:
    """The stored SQL of everything but the table t and its indexes."""
    with engine.connect() as connection:
        statement = (
            "SELECT type, name, tbl_name, sql FROM sqlite_master "
            "WHERE NOT (lower(tbl_name) = 't' AND type IN ('table', 'index')) ORDER BY 1, 2"
        )
        return list(connection.exec_driver_sql(statement).all())


def _state(engine: sa.Engine):
    return _rows(engine), _others(engine)


def _live(engine: sa.Engine) -> Table:
    with engine.connect() as connection:
        tables = connected_backend(connection).reflect(connection, [None]).tables
    return next(table for name, table in tables.items() if name.name.lower() == "t")


def _run(engine: sa.Engine, operation) -> None:
    with engine.connect() as connection:
        backend = connected_backend(connection)
        connection.rollback()
        with backend.transaction(connection):
            backend.execute(connection, operation)


@pytest.mark.parametrize("operations", KEEPING.values(), ids=KEEPING)
@pytest.mark.parametrize("script", CASES.values(), ids=CASES)
def test_a_rebuild_loses_nothing(sqlite, script, operations):
    engine = sqlite.engine()
    _make(engine, script)
    _enforcing(engine)
    before, schema = _state(engine), oracle.dump(engine)
    batch = BatchAlterTable(table=T, operations=operations, recreate="always", copy_from=_live(engine))
    _run(engine, batch)
    assert _state(engine) == before
    if operations:
        assert {"added"} < {column.name for column in _live(engine).columns}
        _run(engine, batch.reverse())
        assert _state(engine) == before
    oracle.assert_same(schema, oracle.dump(engine))


@pytest.mark.parametrize("operations", KEEPING.values(), ids=KEEPING)
@pytest.mark.parametrize("script", CASES.values(), ids=CASES)
def test_a_script_does_what_the_connection_does(sqlite, tmp_path, script, operations):
    online, offline = sqlite.engine(), sqlite.engine()
    for engine in (online, offline):
        _make(engine, script)
    table = _live(online)
    before = _state(offline)
    batch = BatchAlterTable(table=table.name, operations=operations, recreate="always", copy_from=table)
    if "_schemadiff_tmp_t" in before[0]:
        # A script cannot look whether a name is taken.
        _make(offline, "drop table _schemadiff_tmp_t")
        _make(online, "drop table _schemadiff_tmp_t")
        before = _state(offline)
    _run(online, batch)
    with offline.connect() as connection:
        backend = connected_backend(connection)
    statements = [*backend.begin_script, *backend.statements(batch), *backend.commit_script]
    _shell(offline, statements)
    assert _state(offline) == before
    oracle.assert_same(oracle.dump(online), oracle.dump(offline))


def _shell(engine: sa.Engine, statements: list[str]) -> str:
    """Feed statements to SQLite's own client."""
    text = "".join(f"{statement};\n" for statement in statements)
    command = ["sqlite3", "-bail", engine.url.database]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# What changes a table, and the way back.
CHANGES = {
    "type": ("create table t (a int, b text);;insert into t values (1, '5')", [AlterColumn(table=T, name="b", after=ColumnState(type=DataType("INTEGER")), before=ColumnState(type=DataType("TEXT")))]),
    "not null": ("create table t (a int, b text);;insert into t values (1, '5')", [AlterColumn(table=T, name="b", after=ColumnState(nullable=False), before=ColumnState(nullable=True))]),
    "strict": ("create table t (a int, b text);;insert into t values (1, '5')", [AlterTable(name=T, after=(("strict", True),), before=(("strict", None),))]),
    "without rowid": ("create table t (a int primary key, b text);;insert into t values (1, '5')", [AlterTable(name=T, after=(("with_rowid", False),), before=(("with_rowid", None),)), AlterColumn(table=T, name="a", after=ColumnState(nullable=False), before=ColumnState(nullable=True))]),
    "generated": ("create table t (a int, b int);;insert into t values (1, 2)", [AlterColumn(table=T, name="b", after=ColumnState(default=Computed(expression("a + 1", "computed"))), before=ColumnState(default=None))]),
    "primary key": ("create table t (a int not null, b int);;insert into t values (1, 2)", [AddConstraint(table=T, constraint=PrimaryKey(name="pk", columns=("a",)))]),
    "dropped check": ("create table t (a int constraint c check (a > 0), b int, check (a < 9));;insert into t values (1, 2)", [DropConstraint(table=T, name="c", kind="check", constraint=CheckConstraint(name="c", expression=expression("a > 0", "check"))), DropConstraint(table=T, name=None, kind="check", constraint=CheckConstraint(name=None, expression=expression("a<9", "check")))]),
    "swapped unique": ("create table t (a int, b int, constraint u unique (a));;insert into t values (1, 2)", [DropConstraint(table=T, name="u", constraint=UniqueConstraint(name="u", columns=("a",))), AddConstraint(table=T, constraint=UniqueConstraint(name="u", columns=("b", "a")))]),
    "dropped column and index": ("create table t (a int, b int);;create index i on t (b);;insert into t values (1, null)", [DropIndex(table=T, name="i", index=Index(name="i", elements=(IndexElement(what="b"),))), DropColumn(table=T, name="b", column=Column(name="b", type=DataType("INT")))]),
    "columns renamed, expressions too": ("create table t (a int, b text check (b <> 'b' and cast(b as text) = b), c as (b || lower(b)));;create index i on t (lower(b)) where b <> '';;insert into t (a, b) values (1, '5')", [AlterColumn(table=T, name="b", after=ColumnState(name="new b")), AlterColumn(table=T, name="a", after=ColumnState(type=DataType("BIGINT")), before=ColumnState(type=DataType("INT")))]),
    "names exchanged": ("create table t (a int check (a > 0), b int);;insert into t values (1, 2)", [AlterColumn(table=T, name="a", after=ColumnState(name="x", type=DataType("TEXT")), before=ColumnState(type=DataType("INT"))), AlterColumn(table=T, name="b", after=ColumnState(name="a")), AlterColumn(table=T, name="x", after=ColumnState(name="b"))]),
    "case of a name": ("create table t (a int check (a > 0));;create index i on t (a);;insert into t values (1)", [AlterColumn(table=T, name="a", after=ColumnState(name="A", nullable=False), before=ColumnState(nullable=True))]),
}  # fmt: skip


@pytest.mark.parametrize(("script", "operations"), CHANGES.values(), ids=CHANGES)
def test_changes_come_and_go(sqlite, script, operations):
    online, offline = sqlite.engine(), sqlite.engine()
    for engine in (online, offline):
        _make(engine, script)
    before = _live(online)
    rows, dump = _rows(online), oracle.dump(online)
    batch = BatchAlterTable(table=T, operations=tuple(operations), copy_from=before)
    _run(online, batch)
    assert _live(online) != before
    with offline.connect() as connection:
        backend = connected_backend(connection)
    _shell(offline, [*backend.begin_script, *backend.statements(batch), *backend.commit_script])
    oracle.assert_same(oracle.dump(online), oracle.dump(offline))
    assert _rows(online) == _rows(offline)
    _run(online, batch.reverse())
    assert _live(online) == before
    oracle.assert_same(dump, oracle.dump(online))
    _shell(offline, [*backend.begin_script, *backend.statements(batch.reverse()), *backend.commit_script])
    oracle.assert_same(dump, oracle.dump(offline))
    if "generated" not in script and not any(
        isinstance(o.after, ColumnState) and isinstance(o.after.default, Computed)
        for o in operations
        if isinstance(o, AlterColumn)
    ):
        assert _rows(online) == rows


def test_a_renamed_column_is_followed_everywhere(sqlite):
    engine = sqlite.engine()
    _make(
        engine,
        "create table t (id integer primary key, code text unique);;create table c (code text references t (code));;"
        "create view v as select code from t;;create trigger tr after insert on t begin select new.code; end;;"
        "insert into t values (1, 'x');;insert into c values ('x')",
    )
    operations = (
        AlterColumn(table=T, name="code", after=ColumnState(name="key")),
        AlterColumn(table=T, name="key", after=ColumnState(nullable=False)),
    )
    _run(engine, BatchAlterTable(table=T, operations=operations))
    with engine.connect() as connection:
        stored = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all())
    assert stored["v"] == 'CREATE VIEW v as select "key" from t'
    assert 'new."key"' in stored["tr"]
    assert 'references t ("key")' in stored["c"]


def test_a_table_renamed_in_a_batch_is_followed(sqlite):
    engine = sqlite.engine()
    _make(engine, "create table t (id integer primary key);;create table c (x int references t (id))")
    operations = (
        AlterColumn(table=T, name="id", after=ColumnState(nullable=False, type=DataType("INT"))),
        RenameTable(name=T, new_name="new t"),
        AddColumn(table=T, column=Column(name="b", type=DataType("INT"), default=expression("1 + 1", "default"))),
    )
    _run(engine, BatchAlterTable(table=T, operations=operations))
    with engine.connect() as connection:
        tables = connected_backend(connection).reflect(connection, [None]).tables
    assert {name.name for name in tables} == {"new t", "c"}
    assert [column.name for column in tables[Name("new t")].columns] == ["id", "b"]
    assert tables[Name("c")].foreign_keys[0].referent == Name("new t")


REFUSED = {
    "a check": (AddConstraint(table=T, constraint=CheckConstraint(name="c", expression=expression("a > 5", "check"))), MigrationFailed, "table t: its rows do not fit"),
    "not null": (AlterColumn(table=T, name="b", after=ColumnState(nullable=False)), MigrationFailed, "table t: its rows do not fit"),
    "unique": (AddConstraint(table=T, constraint=UniqueConstraint(name=None, columns=("c",))), MigrationFailed, "table t: its rows do not fit"),
    "no default": (AddColumn(table=T, column=Column(name="d", type=DataType("INT"), nullable=False)), MigrationFailed, "table t: its rows do not fit"),
    "strict": (AlterTable(name=T, after=(("strict", True),)), MigrationFailed, "table t: its rows do not fit"),
    "no such column": (DropColumn(table=T, name="z"), UnsupportedOperation, "Drop column t.z: the table has no such column"),
    "no such constraint": (DropConstraint(table=T, name="z"), UnsupportedOperation, "Drop constraint z of t"),
    "the column is there": (AddColumn(table=T, column=Column(name="a", type=DataType("INT"), nullable=False)), UnsupportedOperation, "Add column t.a"),
}  # fmt: skip


@pytest.mark.parametrize(("operation", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_changes_nothing(sqlite, operation, error, message):
    engine = _enforcing(sqlite.engine())
    _make(
        engine,
        "create table t (a int, b int, c int);;create index i on t (a);;insert into t values (1, null, 2), ('x', 2, 2)",
    )
    before, dump = _state(engine), oracle.dump(engine)
    with pytest.raises(error, match=message):
        _run(engine, BatchAlterTable(table=T, operations=(operation,)))
    assert _state(engine) == before
    oracle.assert_same(dump, oracle.dump(engine))


def test_a_table_that_is_not_there(sqlite):
    with pytest.raises(MigrationFailed, match="table t does not exist"):
        _run(sqlite.engine(), BatchAlterTable(table=T, operations=(), recreate="always"))


@pytest.mark.parametrize("word", ["IGNORE", "REPLACE", "ROLLBACK", "FAIL"])
@pytest.mark.parametrize(
    "after",
    [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT {})",
        "CREATE TABLE t (id INTEGER, a TEXT PRIMARY KEY ON CONFLICT {})",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, UNIQUE (a) ON CONFLICT {})",
    ],
)
def test_no_row_is_left_out_by_on_conflict(sqlite, word, after):
    engine, goal = sqlite.engine(), sqlite.engine()
    _make(engine, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);;INSERT INTO t VALUES (1, 'x'), (2, 'x')")
    _make(goal, after.format(word))
    before = _state(engine)
    with pytest.raises(MigrationFailed, match="UNIQUE constraint failed"), engine.begin() as connection:
        schemadiff.apply(connection, schemadiff.diff(engine, goal).upgrade)
    assert _state(engine) == before


def test_enforced_foreign_keys_refuse_a_rebuild(sqlite):
    engine = _enforcing(sqlite.engine())
    _make(engine, CASES["child rows under cascade"])
    before = _state(engine)
    with engine.begin() as connection:
        backend = connected_backend(connection)
        with pytest.raises(UnsupportedOperation, match="needs foreign keys to be off"):
            backend.execute(connection, BatchAlterTable(table=T, operations=(), recreate="always"))
    assert _state(engine) == before


def test_offline_needs_the_table(sqlite):
    with sqlite.engine().connect() as connection:
        backend = connected_backend(connection)
    check = AddConstraint(table=T, constraint=CheckConstraint(name="c", expression=expression("a > 5", "check")))
    with pytest.raises(UnsupportedOperation, match="copy_from="):
        backend.statements(BatchAlterTable(table=T, operations=(check,)))
    native = CreateIndex(table=T, index=Index(name="i", elements=(IndexElement(what="a"),)))
    assert backend.statements(BatchAlterTable(table=T, operations=(native,))) == ("CREATE INDEX i ON t (a)",)


def test_what_cannot_be_done_in_place_says_so(sqlite):
    with sqlite.engine().connect() as connection:
        backend = connected_backend(connection)
    with pytest.raises(UnsupportedOperation, match=r"put it into op.batch_alter_table\('t'\)"):
        backend.statements(AlterColumn(table=T, name="a", after=ColumnState(nullable=False)))


def test_a_temporary_table_of_an_earlier_try_is_in_nobodys_way(sqlite):
    table = Table(name=T, columns=(Column(name="a", type=DataType("INT")),))
    engine = sqlite.engine()
    _make(
        engine, "create table t (a int);;create view _schemadiff_tmp_t as select 1;;create table _SCHEMADIFF_TMP2_t (a)"
    )
    _run(engine, BatchAlterTable(table=T, operations=(), recreate="always"))
    assert replace(_live(engine), dependants=()) == table


def test_temporary_triggers_are_made_again(sqlite):
    with sqlite.engine().connect() as connection:
        for statement in (
            "create table t (a int)",
            "create table o (a int)",
            'create temp trigger "t r" after insert on main.t begin delete from o; -- all\n end',
            "create temp trigger other after insert on o begin select 1; end",
        ):
            connection.exec_driver_sql(statement)
        query = "select name, tbl_name, sql from temp.sqlite_master order by name"
        before = connection.exec_driver_sql(query).all()
        batch = BatchAlterTable(table=T, operations=(), recreate="always")
        connected_backend(connection).execute(connection, batch)
        assert connection.exec_driver_sql(query).all() == before
        assert len(before) == 2


USED = {
    "a view": "create view v as select a, b from t",
    "a view of a view": "create view u as select * from t;;create view v as select b from u",
    "a trigger": "create trigger v after insert on t begin select new.b; end",
    "a trigger on update": "create trigger v after update of a on t begin select new.b; end",
    "a trigger of another table": "create table o (x int);;create trigger v after delete on o begin delete from t where b = 1; end",
    "a trigger of a view": "create view w as select 1 as x;;create trigger v instead of update on w begin update t set b = 1; end",
}  # fmt: skip


@pytest.mark.parametrize("script", USED.values(), ids=USED)
def test_what_uses_a_column_is_named_before_it_breaks(sqlite, script):
    engine = sqlite.engine()
    _make(engine, f"create table t (a int, b int, c int);;create view already as select gone from t;;{script}")
    before = _state(engine)
    drop = BatchAlterTable(table=T, operations=(DropColumn(table=T, name="b"),))
    with pytest.raises(MigrationFailed, match=r"^(view|trigger) v.* uses what goes from table t \(no such column"):
        _run(engine, drop)
    assert _state(engine) == before
    _run(engine, BatchAlterTable(table=T, operations=(DropColumn(table=T, name="c"),)))
    assert _others(engine) == before[1]


def test_a_rebuild_reads_no_more_than_it_needs(sqlite):
    counts = []
    for tables in (3, 60):
        engine = sqlite.engine()
        _make(engine, ";;".join(f"create table t{i} (a int references t{i + 1}, b int)" for i in range(tables)))
        seen = []
        with engine.connect() as connection:
            backend = connected_backend(connection)
            sa.event.listen(engine, "before_cursor_execute", lambda *arguments, seen=seen: seen.append(arguments[2]))
            backend.execute(
                connection, BatchAlterTable(table=Name("t1"), operations=(DropColumn(table=Name("t1"), name="b"),))
            )
        counts.append(len(seen))
    assert counts[0] == counts[1] < 25
