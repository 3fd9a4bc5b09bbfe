"""What hangs on a table outlives every change of it, or is named; and what the server refuses to judge is decided by tokens."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.errors import UnsupportedOperation
from tests import oracle
from tests.corpus.trial import load
from tests.laws.scripts import fed, script
from tests.laws.test_constant import statements
from tests.laws.test_round_trip import described, run

TRIGGERS = {
    "sqlite": ["CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t WHERE id = new.id AND 1 = 0; END"],
    "mysql": ["CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW SET new.c = coalesce(new.c, ':x 50%')"],
    "postgresql": [
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (new.c <> ':x 50%') EXECUTE FUNCTION f()",
        "CREATE STATISTICS st (ndistinct) ON id, c FROM t",
        "CREATE POLICY po ON t FOR SELECT USING (c = 'x')",
    ],
}


def _model() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.String(20), index=True))
    return metadata


def test_a_dropped_table_comes_back_with_its_triggers(backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        _model().create_all(connection)
        for statement in TRIGGERS[backend.name]:
            connection.execute(sa.text(statement.replace(":x", r"\:x")))
    before = oracle.dump(engine)
    with engine.connect() as connection:
        rendered = schemadiff.render(schemadiff.diff(connection, sa.MetaData()))
    with engine.begin() as connection:
        run(connection, rendered.upgrade, rendered.imports)
    with engine.begin() as connection:
        run(connection, rendered.downgrade, rendered.imports)
    oracle.assert_same(oracle.dump(engine), before)


def test_a_view_on_a_dropped_table_is_named(backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        _model().create_all(connection)
        connection.execute(sa.text("CREATE VIEW stands_on_it AS SELECT id FROM t"))
    with (
        engine.connect() as connection,
        pytest.raises(UnsupportedOperation, match=r"^view stands_on_it uses table t, which the diff drops: "),
    ):
        schemadiff.diff(connection, sa.MetaData())


# Names and texts that mean something in Python, in SQL, in a format string and for a driver.
ODD = """it''s \\ %s %(a)s {x} :y"""
IN_THE_WAY = {
    "postgresql": f"""
        CREATE TABLE "t ""x" (id integer PRIMARY KEY, "c%s:c" varchar(20), d text, state integer);
        CREATE VIEW "v %s :v {{0}}" AS SELECT id, "c%s:c", '{ODD}'::text AS odd FROM "t ""x";
        COMMENT ON VIEW "v %s :v {{0}}" IS '{ODD}';
        CREATE MATERIALIZED VIEW "m""\\m" AS SELECT "c%s:c" AS c FROM "v %s :v {{0}}";
        CREATE INDEX "i %s" ON "m""\\m" (c);
        GRANT SELECT ("c%s:c") ON "v %s :v {{0}}" TO PUBLIC;
        CREATE POLICY "p'; --" ON "t ""x" USING ("c%s:c" <> '{ODD}');
        COMMENT ON POLICY "p'; --" ON "t ""x" IS '{ODD}';
        CREATE TRIGGER "tr""'" BEFORE UPDATE OF "c%s:c" ON "t ""x" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger('{ODD}');
        CREATE RULE "r :r" AS ON UPDATE TO "t ""x" WHERE new."c%s:c" = '{ODD}' DO INSTEAD NOTHING;
        CREATE STATISTICS "s %s" ON d, state FROM "t ""x";
        GRANT UPDATE (d) ON "t ""x" TO pg_monitor;
        CREATE TABLE gone (id integer PRIMARY KEY);
        CREATE POLICY "p :p" ON gone USING (id > 0);
        GRANT SELECT ON gone TO pg_monitor;
    """,
    "mysql": f"""
        CREATE TABLE `t "x` (id int PRIMARY KEY, `c%s:c` varchar(20), d text);
        CREATE VIEW `v %s :v` AS SELECT id, `c%s:c`, '{ODD}' AS odd FROM `t "x`;
        CREATE TABLE gone (id int PRIMARY KEY, c varchar(40));
        CREATE TRIGGER `tr"'` BEFORE INSERT ON gone FOR EACH ROW SET new.c = '{ODD}';
    """,
    "sqlite": f"""
        CREATE TABLE "t ""x" (id INTEGER PRIMARY KEY, "c%s:c" varchar(20), d text);
        CREATE VIEW "v %s :v" AS SELECT id, "c%s:c", '{ODD}' AS odd FROM "t ""x";
        CREATE TRIGGER "tr""'" AFTER UPDATE OF "c%s:c" ON "t ""x" BEGIN SELECT '{ODD}', new."c%s:c"; END;
        CREATE TABLE gone (id INTEGER PRIMARY KEY, c varchar(40));
        CREATE TRIGGER "tr:2" AFTER INSERT ON gone BEGIN UPDATE gone SET c = '{ODD}' WHERE id = new.id; END;
    """,
}


def _wider() -> sa.MetaData:
    """Return the model of what is in the way above: a type changes, a column and a table go."""
    metadata = sa.MetaData()
    columns = [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("c%s:c", sa.String(40))]
    sa.Table('t "x', metadata, *columns)
    return metadata


@pytest.mark.parametrize("how", ["online", "script"])
def test_both_directions_keep_what_is_in_the_way(backend, how: str) -> None:
    url = backend.new_database()
    engine = backend.engine(url)
    load(engine, IN_THE_WAY[backend.name])
    start = oracle.dump(engine)
    difference = schemadiff.diff(engine, _wider())
    rendered = schemadiff.render(difference)
    for body in (rendered.upgrade, rendered.downgrade):
        if how == "script":
            fed(engine.url, script(engine, body, rendered.imports))
        else:
            with engine.begin() as connection:
                run(connection, body, rendered.imports)
        if body is rendered.upgrade:
            assert described(schemadiff.diff(engine, _wider())) == []
            lost = [line for line in start.text() if line not in oracle.dump(engine).text()]
            kinds = ("VIEW", "RULE", "TRIGGER", "COMMENT", "view", "trigger")
            on_gone = ("gone", "tr:2", "tr\"'`")
            assert not [line for line in lost if any(k in line for k in kinds) and not any(g in line for g in on_gone)]
    oracle.assert_same(start, oracle.dump(engine))


def test_what_is_put_back_is_recorded_as_it_is(backend) -> None:
    engine = backend.engine()
    load(engine, IN_THE_WAY[backend.name])
    difference = schemadiff.diff(engine, _wider())
    rendered = schemadiff.render(difference)
    told = difference.backend.statements
    for body, operations in ((rendered.upgrade, difference.upgrade), (rendered.downgrade, difference.downgrade)):
        namespace: dict[str, object] = {}
        exec("\n".join((*rendered.imports, "def revision():", body)), namespace)
        again = schemadiff.record(namespace["revision"], engine.dialect)
        assert [each.forward() for each in again] == [each.forward() for each in operations]
        assert [s for each in again for s in told(each)] == [s for each in operations for s in told(each)]


@pytest.mark.backends("postgresql")
def test_statements_do_not_grow_with_what_is_in_the_way(backend) -> None:
    counted = []
    for size in (1, 40):
        engine = backend.engine()
        load(
            engine,
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';"
            + "".join(
                f"CREATE TABLE t{i} (id integer PRIMARY KEY, c varchar(20)); CREATE VIEW v{i} AS SELECT c FROM t{i};"
                f"CREATE TRIGGER tr BEFORE UPDATE OF c ON t{i} FOR EACH ROW EXECUTE FUNCTION f();"
                f"CREATE FUNCTION f{i}(t{i}) RETURNS integer LANGUAGE sql RETURN ($1).id;"
                f"CREATE POLICY p ON t{i} USING (c > ''); GRANT SELECT ON t{i} TO PUBLIC;"
                for i in range(size)
            ),
        )
        metadata = sa.MetaData()
        for i in range(size):
            columns = [
                sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
                sa.Column("c", sa.String(40)),
            ]
            sa.Table(f"t{i}", metadata, *columns)
        with statements(engine) as sent:
            difference = schemadiff.diff(engine, metadata)
        assert len(difference.upgrade) == size * 7
        counted.append(len(sent))
    assert counted[0] == counted[1]


@pytest.mark.backends("postgresql")
def test_what_others_own_stays_theirs(backend) -> None:
    """A view, a table and a function of another owner come back as theirs."""
    engine = backend.engine()
    load(
        engine,
        """
        CREATE TYPE mood AS ENUM ('a', 'b', 'c');
        CREATE TABLE t (id integer PRIMARY KEY, c varchar(20), m mood);
        CREATE VIEW v AS SELECT c FROM t;
        CREATE FUNCTION f(mood) RETURNS integer LANGUAGE sql RETURN 1;
        CREATE TABLE gone (id integer PRIMARY KEY);
        ALTER VIEW v OWNER TO pg_monitor;
        ALTER FUNCTION f(mood) OWNER TO pg_monitor;
        ALTER TABLE gone OWNER TO pg_monitor;
        GRANT SELECT ON gone TO pg_read_all_stats;
        REVOKE INSERT ON gone FROM pg_monitor;
        """,
    )
    start = oracle.dump(engine)
    metadata = sa.MetaData()
    columns = [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("c", sa.String(40))]
    sa.Table("t", metadata, *columns, sa.Column("m", sa.Enum("a", "c", name="mood")))
    rendered = schemadiff.render(schemadiff.diff(engine, metadata))
    with engine.begin() as connection:
        run(connection, rendered.upgrade, rendered.imports)
    dumped = oracle.dump(engine).text()
    assert [line for line in dumped if "OWNER TO pg_monitor" in line] == [
        line for line in start.text() if "OWNER TO pg_monitor" in line and "gone" not in line
    ]
    with engine.begin() as connection:
        run(connection, rendered.downgrade, rendered.imports)
    oracle.assert_same(start, oracle.dump(engine))


@pytest.mark.backends("mysql")
def test_rights_on_tables_and_columns_stay(backend) -> None:
    """MariaDB keeps rights by name, apart from what they are on."""
    engine = backend.engine()
    load(engine, "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE TABLE gone (id int PRIMARY KEY);")
    user = "'dependants'@'nowhere.invalid'"
    load(
        engine,
        f"CREATE OR REPLACE USER {user}; GRANT SELECT (a, b), UPDATE (b) ON t TO {user}; GRANT INSERT ON gone TO {user};",
    )
    try:
        start = oracle.dump(engine)
        assert any("GRANT" in line for line in start.text())
        metadata = sa.MetaData()
        columns = [sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("a", sa.BigInteger)]
        sa.Table("t", metadata, *columns)
        rendered = schemadiff.render(schemadiff.diff(engine, metadata))
        with engine.begin() as connection:
            run(connection, rendered.upgrade, rendered.imports)
        assert _rights(oracle.dump(engine)) == _rights(start)
        with engine.begin() as connection:
            run(connection, rendered.downgrade, rendered.imports)
        oracle.assert_same(start, oracle.dump(engine))
    finally:
        load(engine, f"DROP USER {user};")


if tuple(int(part) for part in sa.__version__.split(".")[:2]) >= (2, 1):
    # Views of a model came with SQLAlchemy 2.1.
    def test_a_view_of_the_models_takes_the_place_of_one_that_cannot_stay(backend) -> None:
        """The view in the database uses a column that goes, and the model says what it is to be instead."""
        engine = backend.engine()
        load(engine, "CREATE TABLE t (id integer PRIMARY KEY, c integer); CREATE VIEW v AS SELECT id, c FROM t;")
        start = oracle.dump(engine)
        metadata = sa.MetaData()
        table = sa.Table(
            "t",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("d", sa.Integer),
        )
        sa.schema.CreateView(sa.select(table.c.id, table.c.d), "v", metadata=metadata)
        rendered = schemadiff.render(schemadiff.diff(engine, metadata))
        with engine.begin() as connection:
            run(connection, rendered.upgrade, rendered.imports)
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT d FROM v")).all() == []
        with engine.begin() as connection:
            run(connection, rendered.downgrade, rendered.imports)
        oracle.assert_same(start, oracle.dump(engine))

    @pytest.mark.parametrize("view", ["album", "Album"])
    def test_a_table_gives_way_to_a_view_of_the_models(backend, view) -> None:
        """Names that differ in capitals alone may be one name to the database: the table goes before the view comes."""

        def model(*, with_view: bool) -> sa.MetaData:
            metadata = sa.MetaData()
            record = sa.Table("record", metadata, sa.Column("id", sa.Integer, primary_key=True))
            if with_view:
                sa.schema.CreateView(sa.select(record.c.id), view, metadata=metadata)
            else:
                sa.Table("album", metadata, sa.Column("id", sa.Integer, primary_key=True))
            return metadata

        engine, goal = backend.engine(), backend.engine()
        model(with_view=False).create_all(engine)
        model(with_view=True).create_all(goal)
        start = oracle.dump(engine)
        rendered = schemadiff.render(schemadiff.diff(engine, model(with_view=True)))
        with engine.begin() as connection:
            run(connection, rendered.upgrade, rendered.imports)
        oracle.assert_same(oracle.dump(goal), oracle.dump(engine))
        assert described(schemadiff.diff(engine, model(with_view=True))) == []
        if view == "album":
            # That the model has the view no more does not say that it may be dropped.
            with pytest.raises(UnsupportedOperation, match=r"view album has the name of a table that the diff creates"):
                schemadiff.diff(engine, model(with_view=False))
        with engine.begin() as connection:
            run(connection, rendered.downgrade, rendered.imports)
        oracle.assert_same(start, oracle.dump(engine))

    @pytest.mark.backends("sqlite")
    def test_a_view_of_the_models_is_found_in_other_capitals(backend) -> None:
        engine = backend.engine()
        load(engine, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY); CREATE VIEW V AS SELECT id FROM t;")
        metadata = sa.MetaData()
        table = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
        sa.schema.CreateView(sa.select(table.c.id), "v", metadata=metadata)
        assert described(schemadiff.diff(engine, metadata)) == []


def _rights(dump: oracle.Dump) -> list[str]:
    return [line for line in dump.text() if line.startswith("GRANT")]


@pytest.mark.backends("postgresql", "sqlite", "mysql")
def test_what_two_databases_do_not_have_alike_is_told(backend) -> None:
    one, other = backend.engine(), backend.engine()
    load(
        one,
        "CREATE TABLE t (id integer PRIMARY KEY, c integer); CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT c FROM t;",
    )
    load(
        other,
        "CREATE TABLE t (id integer PRIMARY KEY, c integer); CREATE VIEW v AS SELECT c FROM t; CREATE VIEW w AS SELECT c FROM t;",
    )
    difference = schemadiff.diff(one, other)
    assert described(difference) == []
    assert difference.warnings == ("not compared, but for what is in the way of a change; they differ: view v",)
    assert schemadiff.diff(one, one).warnings == ()


@pytest.mark.backends("mysql")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((sa.Enum("a", "b"), "a"), (sa.Enum("b", "c"), "c")),
        ((sa.String(20), "abc"), (sa.Integer, "5")),
        ((sa.String(20), "a" * 20), (sa.String(5), "bbbbb")),
    ],
)
def test_where_the_server_refuses_every_question_tokens_decide(backend, before, after) -> None:
    def model(type_, default) -> sa.MetaData:
        metadata = sa.MetaData()
        column = sa.Column("c", type_, server_default=default)
        sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
        return metadata

    engine = backend.engine()
    model(*before).create_all(engine)
    assert described(schemadiff.diff(engine, model(*after))) == ["Alter column t.c: default, type"]


def test_a_check_that_mentions_no_column_is_quiet(backend) -> None:
    metadata = sa.MetaData()
    check = sa.CheckConstraint("1 % 2 = 1", name="ck")
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), check)
    engine = backend.engine()
    metadata.create_all(engine)
    assert described(schemadiff.diff(engine, metadata)) == []


@pytest.mark.backends("postgresql")
def test_a_sequence_goes_with_the_last_default_that_uses_it(backend) -> None:
    def model(*default) -> sa.MetaData:
        metadata = sa.MetaData()
        column = sa.Column("n", sa.Integer, server_default=default[0].next_value() if default else None)
        sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
        for sequence in default:
            sequence._set_metadata(metadata)
        return metadata

    engine = backend.engine()
    model(sa.Sequence("sq", start=5)).create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE somebody_elses")
    assert described(schemadiff.diff(engine, model())) == ["Alter column t.n: default", "Drop sequence sq"]


@pytest.mark.backends("postgresql")
def test_a_sequence_of_the_same_name_in_another_schema_stays(backend) -> None:
    def model(used: bool) -> sa.MetaData:
        metadata = sa.MetaData()
        default = sa.text("nextval('one.sq')") if used else None
        sa.Table("t", metadata, sa.Column("n", sa.Integer, server_default=default), schema="one")
        sa.Table("u", metadata, sa.Column("n", sa.Integer), schema="two")
        return metadata

    engine = backend.engine()
    with engine.begin() as connection:
        for schema in ("one", "two"):
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            connection.exec_driver_sql(f"CREATE SEQUENCE {schema}.sq")
    model(True).create_all(engine)
    assert described(schemadiff.diff(engine, model(False))) == ["Alter column one.t.n: default"]


@pytest.mark.backends("postgresql")
def test_a_sequence_that_only_a_default_names_stays(backend) -> None:
    metadata = sa.MetaData()
    column = sa.Column("n", sa.Integer, server_default=sa.text("nextval('sq')"))
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SEQUENCE sq")
    metadata.create_all(engine)
    assert described(schemadiff.diff(engine, metadata)) == []
