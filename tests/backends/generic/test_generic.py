"""The backend of every dialect that has none of its own: SQLite forced through it, DuckDB, and DDL for two that are not here."""

from __future__ import annotations

import warnings

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.dialects import oracle as oracle_dialect

from schemadiff.backends import backend_class, backend_for
from schemadiff.backends.generic import GenericBackend
from schemadiff.backends.generic.arrange import arrange
from schemadiff.backends.generic.types import same
from schemadiff.comparison import compare
from schemadiff.errors import UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    BatchAlterTable,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropSchema,
    DropTable,
    RenameTable,
    SetTableComment,
    reverse_all,
)
from schemadiff.reflection.metadata import lower
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    DataType,
    Enum,
    Expression,
    Index,
    IndexElement,
    Name,
    Schema,
    Sequence,
    Server,
    UniqueConstraint,
)
from tests import oracle
from tests.backends.sqlite.models import CASES, metadata

C, INT, STR = sa.Column, sa.Integer, sa.String

# What SQLAlchemy's inspector of SQLite misreads: types that it knows by affinity only, MATCH, names with newlines; before
# SQLAlchemy 2.1 also parentheses in strings.
MISREAD = {"types", "foreign_keys", "hostile_names"}
if tuple(int(part) for part in sa.__version__.split(".")[:2]) < (2, 1):
    MISREAD |= {"checks", "computed"}


def _generic(connection: sa.Connection) -> GenericBackend:
    return GenericBackend(connection.dialect)


@pytest.mark.parametrize("name", [name for name in CASES if name not in MISREAD])
def test_what_create_all_makes_differs_in_nothing(sqlite, name):
    model = metadata(name)
    with sqlite.engine().begin() as connection:
        model.create_all(connection)
        backend = _generic(connection)
        found = backend.reflect(connection, [None])
        assert compare(found, lower(model, backend), backend).operations == ()
        assert len(found.tables) == len(model.tables)


def _base(*items: object) -> sa.MetaData:
    m = sa.MetaData()
    sa.Table("p", m, C("id", INT, primary_key=True))
    sa.Table("t", m, C("id", INT, primary_key=True), C("a", STR(10), server_default="x"), *items)
    return m


CHANGES = {
    "column": (_base, lambda: _base(C("b", INT)), ["Add column t.b"]),
    "type": (lambda: _base(C("b", INT)), lambda: _base(C("b", STR(5))), ["Alter column t.b: type"]),
    "length": (lambda: _base(C("b", STR(4))), lambda: _base(C("b", STR(5))), ["Alter column t.b: type"]),
    "nullable": (lambda: _base(C("b", INT)), lambda: _base(C("b", INT, nullable=False)), ["Alter column t.b: nullable"]),
    "default": (lambda: _base(C("b", INT)), lambda: _base(C("b", INT, server_default="1")), ["Alter column t.b: default"]),
    "unique": (lambda: _base(C("b", INT)), lambda: _base(C("b", INT), sa.UniqueConstraint("b", name="u")), ["Add unique constraint u to t"]),
    "check": (lambda: _base(sa.CheckConstraint("id > 0", name="c")), lambda: _base(sa.CheckConstraint("id > 1", name="c")), ["Drop check constraint c of t", "Add check constraint c to t"]),
    "foreign key": (lambda: _base(C("b", INT)), lambda: _base(C("b", INT, sa.ForeignKey("p.id", name="f"))), ["Add foreign key f to t"]),
    "foreign key's action": (lambda: _base(C("b", INT, sa.ForeignKey("p.id", name="f"))), lambda: _base(C("b", INT, sa.ForeignKey("p.id", name="f", ondelete="CASCADE"))), ["Drop foreign key f of t", "Add foreign key f to t"]),
    "index": (lambda: _base(C("b", INT)), lambda: _base(C("b", INT, index=True)), ["Create index ix_t_b on t"]),
    "index's uniqueness": (lambda: _base(C("b", INT, index=True)), lambda: _base(C("b", INT, index=True, unique=True)), ["Drop index ix_t_b of t", "Create index ix_t_b on t"]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "wanted"), CHANGES.values(), ids=CHANGES)
def test_changes_are_seen(sqlite, before, after, wanted):
    with sqlite.engine().begin() as connection:
        before().create_all(connection)
        backend = _generic(connection)
        operations = compare(backend.reflect(connection, [None]), lower(after(), backend), backend).operations
    assert [operation.describe() for operation in operations] == wanted


@pytest.mark.parametrize("name", [name for name in CASES if name not in {"hostile_names"}])
def test_ddl_makes_what_create_all_makes(sqlite, name):
    model = metadata(name)
    theirs, ours = sqlite.engine(), sqlite.engine()
    model.create_all(theirs)
    with ours.begin() as connection:
        backend = _generic(connection)
        upgrade = compare(Schema(server=backend.server), lower(model, backend), backend).operations
        for operation in upgrade:
            backend.execute(connection, operation)
    oracle.assert_same(oracle.dump(theirs), oracle.dump(ours))
    with ours.begin() as connection:
        for operation in reverse_all(upgrade):
            backend.execute(connection, operation)
    assert oracle.dump(ours).is_empty_but_for_ours()


def test_what_is_read_can_be_made_again(sqlite):
    theirs, ours = sqlite.engine(), sqlite.engine()
    metadata("naming_convention").create_all(theirs)
    with theirs.connect() as connection:
        backend = _generic(connection)
        found = backend.reflect(connection, [None])
    with ours.begin() as connection:
        for operation in compare(Schema(server=backend.server), found, backend).operations:
            backend.execute(connection, operation)
    oracle.assert_same(oracle.dump(theirs), oracle.dump(ours))


# -- DuckDB


@pytest.fixture
def duckdb():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.StaticPool)
        yield engine
        engine.dispose()


def _duckdb_model() -> sa.MetaData:
    m = sa.MetaData()
    sa.Table("p", m, C("id", INT, primary_key=True, autoincrement=False), C("code", STR(5), unique=True))
    t = sa.Table(
        "t",
        m,
        C("id", sa.BigInteger, primary_key=True, autoincrement=False),
        C("a", STR(10), nullable=False, server_default="it's 5% :x", comment="of a"),
        C("b", sa.Numeric(10, 2)),
        C("made at", sa.DateTime, server_default=sa.func.now()),
        C("p_id", INT, sa.ForeignKey("p.id")),
        sa.UniqueConstraint("a", "b", name="u"),
        sa.CheckConstraint("b > 0"),
        comment="of t",
    )
    sa.Index("i", t.c.a, t.c.b, unique=True)
    sa.Table("other", m, C("x", INT), schema="second")
    return m


def _duckdb_dump(connection: sa.Connection) -> list[object]:
    queries = [
        "SELECT schema_name, table_name, sql, comment FROM duckdb_tables()",
        "SELECT table_name, column_name, data_type, column_default, is_nullable, comment FROM duckdb_columns() WHERE NOT internal",
        "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints()",
        "SELECT table_name, index_name, sql FROM duckdb_indexes()",
    ]
    return [sorted(connection.exec_driver_sql(query).fetchall(), key=str) for query in queries]


def test_ddl_makes_what_create_all_makes_on_duckdb(duckdb):
    model = _duckdb_model()
    assert backend_class("duckdb") is GenericBackend
    with duckdb.connect() as connection:
        connection.exec_driver_sql("CREATE SCHEMA second")
        model.create_all(connection)
        wanted = _duckdb_dump(connection)
        model.drop_all(connection)
        connection.exec_driver_sql("DROP SCHEMA second")
        backend = backend_for(connection.dialect)
        upgrade = compare(Schema(server=backend.server), lower(model, backend), backend).operations
        for operation in upgrade:
            backend.execute(connection, operation)
        assert _duckdb_dump(connection) == wanted
        for operation in reverse_all(upgrade):
            backend.execute(connection, operation)
        assert _duckdb_dump(connection) == [[], [], [], []]


def test_columns_are_altered_on_duckdb(duckdb):
    t = Name("t")
    with duckdb.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        backend = backend_for(connection.dialect)
        operations = [
            AddColumn(table=t, column=Column(name="b c", type=DataType("INTEGER"), default=Expression("1", "1"))),
            AlterColumn(table=t, name="b c", after=ColumnState(type=DataType("BIGINT"))),
            AlterColumn(table=t, name="b c", after=ColumnState(default=Expression("'2'", "'2'"), comment="it's")),
            AlterColumn(table=t, name="b c", after=ColumnState(name="b")),
            AlterColumn(table=t, name="b", after=ColumnState(nullable=False)),
            DropColumn(table=t, name="a"),
            RenameTable(name=t, new_name="u"),
            SetTableComment(name=Name("u"), comment="of u"),
        ]
        for operation in operations:
            backend.execute(connection, operation)
        columns = connection.exec_driver_sql(
            "SELECT column_name, data_type, column_default, is_nullable, comment FROM duckdb_columns() WHERE table_name = 'u'"
        ).fetchall()
        assert columns == [("b", "BIGINT", "'2'", False, "it's")]


def test_what_duckdb_does_not_tell_is_no_difference():
    model = _duckdb_model()
    backend = GenericBackend(sa.make_url("duckdb://").get_dialect()())
    target = lower(model, backend)
    seen = {name: table_without_keys(table) for name, table in target.tables.items()}
    kinds = ("primary", "unique", "check", "foreignkey", "index")
    server = Server(dialect="duckdb", settings=tuple(("unseen", kind) for kind in kinds))
    source = Schema(server=server, tables=seen, schemas=target.schemas)
    assert compare(source, target, backend).operations == ()


def table_without_keys(table):
    from dataclasses import replace

    return replace(table, primary_key=None, uniques=(), checks=(), foreign_keys=(), indexes=())


# -- dialects that are not here

T = Name("t", "s")
STATE = ColumnState(type=DataType("VARCHAR(5)"), nullable=True)
STATEMENTS = [
    (AddColumn(table=T, column=Column(name="b", type=DataType("VARCHAR(5)"), nullable=False, default=Expression("'x'", "'x'"))), "ALTER TABLE s.t ADD b VARCHAR(5) NOT NULL DEFAULT 'x'", "ALTER TABLE s.t ADD b VARCHAR(5) DEFAULT 'x' NOT NULL"),
    (DropColumn(table=T, name="select"), "ALTER TABLE s.t DROP COLUMN [select]", 'ALTER TABLE s.t DROP COLUMN "select"'),
    (AlterColumn(table=T, name="b", after=ColumnState(type=DataType("BIGINT")), before=STATE), "ALTER TABLE s.t ALTER COLUMN b BIGINT NULL", "ALTER TABLE s.t MODIFY b BIGINT"),
    (AlterColumn(table=T, name="b", after=ColumnState(nullable=False), before=STATE), "ALTER TABLE s.t ALTER COLUMN b VARCHAR(5) NOT NULL", "ALTER TABLE s.t MODIFY b NOT NULL"),
    (AlterColumn(table=T, name="b", after=ColumnState(name="c d")), "EXEC sp_rename 's.t.b', 'c d', 'COLUMN'", 'ALTER TABLE s.t RENAME COLUMN b TO "c d"'),
    (RenameTable(name=T, new_name="it's"), "EXEC sp_rename 's.t', 'it''s'", 'ALTER TABLE s.t RENAME TO "it\'s"'),
    (DropTable(name=T), "DROP TABLE s.t", "DROP TABLE s.t"),
    (AddConstraint(table=T, constraint=UniqueConstraint(name="u", columns=("a", "b"))), "ALTER TABLE s.t ADD CONSTRAINT u UNIQUE (a, b)", "ALTER TABLE s.t ADD CONSTRAINT u UNIQUE (a, b)"),
    (AddConstraint(table=T, constraint=CheckConstraint(name="c", expression=Expression("a LIKE ':x%'", ""))), "ALTER TABLE s.t ADD CONSTRAINT c CHECK (a LIKE ':x%')", "ALTER TABLE s.t ADD CONSTRAINT c CHECK (a LIKE ':x%')"),
    (DropConstraint(table=T, name="c"), "ALTER TABLE s.t DROP CONSTRAINT c", "ALTER TABLE s.t DROP CONSTRAINT c"),
    (CreateIndex(table=T, index=Index(name="i", elements=(IndexElement(what="a", descending=True),), unique=True)), "CREATE UNIQUE INDEX i ON s.t (a DESC)", "CREATE UNIQUE INDEX s.i ON s.t (a DESC)"),
    (DropIndex(table=T, name="i"), "DROP INDEX i ON s.t", "DROP INDEX s.i"),
    (CreateSchema(name="s"), "CREATE SCHEMA s", "CREATE SCHEMA s"),
    (DropSchema(name="s"), "DROP SCHEMA s", "DROP SCHEMA s"),
    (CreateSequence(sequence=Sequence(name=Name("q"), start=5)), "CREATE SEQUENCE q START WITH 5", "CREATE SEQUENCE q START WITH 5"),
    (BatchAlterTable(table=T, operations=(DropColumn(table=T, name="a"),)), "ALTER TABLE s.t DROP COLUMN a", "ALTER TABLE s.t DROP COLUMN a"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "on_mssql", "on_oracle"), STATEMENTS)
def test_statements_of_servers_that_are_not_here(operation, on_mssql, on_oracle):
    *before, last = GenericBackend(mssql.dialect()).statements(operation)
    assert last == on_mssql
    # A default is a constraint of its own, which goes before its column.
    assert all("DROP CONSTRAINT ' + QUOTENAME(@name)" in each for each in before)
    assert bool(before) == ("DROP COLUMN" in last)
    assert GenericBackend(oracle_dialect.dialect()).statements(operation) == (on_oracle,)


@pytest.mark.parametrize("dialect", [mssql.dialect, oracle_dialect.dialect])
def test_models_compile_for_servers_that_are_not_here(dialect):
    m = sa.MetaData()
    sa.Table("p", m, C("id", INT, primary_key=True), C("code", STR(5), unique=True, server_default="it's"), comment="x")
    t = sa.Table(
        "t", m, C("id", INT, primary_key=True), C("p_id", INT, sa.ForeignKey("p.id")), C("d", sa.Numeric(10, 2))
    )
    sa.Index("i", t.c.p_id)
    backend = GenericBackend(dialect())
    upgrade = compare(Schema(server=backend.server), lower(m, backend), backend).operations
    ours = [statement for operation in upgrade for statement in backend.statements(operation)]
    for table in m.sorted_tables:
        theirs = str(sa.schema.CreateTable(table).compile(dialect=dialect())).strip()
        assert theirs in ours
    assert [s for o in reverse_all(upgrade) for s in backend.statements(o)] == ["DROP TABLE t", "DROP TABLE p"]


REFUSED = [
    (CreateEnum(enum=Enum(name=Name("e"), values=("a",))), "write it with op.execute"),
    (AlterColumn(table=T, name="b", after=ColumnState(nullable=False)), "existing_type="),
    (DropConstraint(table=T, name=None), "nobody knows its name"),
    (AlterColumn(table=T, name="b", after=ColumnState(options=(("x", 1),))), "options cannot be changed in place"),
]


@pytest.mark.parametrize(("operation", "message"), REFUSED)
def test_what_it_cannot_do_it_says(operation, message):
    with pytest.raises(UnsupportedOperation, match=message):
        GenericBackend(mssql.dialect()).statements(operation)


@pytest.mark.parametrize(
    ("found", "wanted", "equal"),
    [
        ("", "ANYTHING", True),
        ("VARCHAR(5)", "VARCHAR(5)", True),
        ("VARCHAR(5)", "varchar(5)", True),
        ("VARCHAR", "VARCHAR(5)", True),
        ("NUMERIC(10, 0)", "NUMERIC(10)", True),
        ("NUMBER(10, 2)", "NUMERIC(10, 2)", True),
        ("FLOAT(53)", "FLOAT", True),
        ("VARCHAR(5)", "VARCHAR(6)", False),
        ("VARCHAR(5)", "INTEGER", False),
        ("BIGINT", "INTEGER", False),
        ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", False),
        ("TIMESTAMP(3) WITH TIME ZONE", "TIMESTAMP(3)", False),
        ("NUMERIC(10, 2)", "NUMERIC(10, 3)", False),
    ],
)
def test_types_that_may_be_the_same(found, wanted, equal):
    assert same(DataType(found), DataType(wanted)) is equal


def test_nothing_is_left_alone_where_everything_was_seen():
    operations = (
        DropIndex(table=T, name="i"),
        AddConstraint(table=T, constraint=UniqueConstraint(name="u", columns=("a",))),
    )
    assert arrange(operations, Schema(server=Server(dialect="x"))) == operations


@pytest.mark.parametrize("declared", ["VARCHAR(5)", "NUMERIC(10, 2)", "DOUBLE PRECISION", "GEOPOINT(3, 4)", ""])
def test_types_come_back(declared):
    backend = GenericBackend(mssql.dialect())
    assert backend.data_type(backend.sqlalchemy_type(DataType(declared))).sql == declared


@pytest.mark.parametrize("dialect", [mssql.dialect(), oracle_dialect.dialect()], ids=["mssql", "oracle"])
def test_the_name_of_a_constraint_that_moves_to_another_table_is_free_first(dialect: sa.Dialect) -> None:
    def model(*, on_boat: bool) -> sa.MetaData:
        found = sa.MetaData()
        sa.Table("owner", found, C("id", INT, primary_key=True))
        for name in ("berth", "boat"):
            keys = [sa.ForeignKey("owner.id", name="fk_owner")] if on_boat == (name == "boat") else []
            sa.Table(name, found, C("id", INT, primary_key=True), C("owner_id", INT, *keys))
        return found

    backend = backend_for(dialect)
    comparison = compare(lower([model(on_boat=True)], backend), lower([model(on_boat=False)], backend), backend)
    assert [operation.describe() for operation in comparison.operations] == [
        "Drop foreign key fk_owner of boat",
        "Add foreign key fk_owner to berth",
    ]
