"""What the functions of ``op`` mean, as operations."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemadiff import op
from schemadiff.api import record
from schemadiff.backends import backend_for
from schemadiff.errors import NotRecordable, OperationError, SchemadiffError, UnsupportedOperation
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterEnum,
    AlterTable,
    BatchAlterTable,
    BulkInsert,
    CreateIndex,
    CreateTable,
    DropConstraint,
    DropTable,
    Execute,
    Operation,
    RenameTable,
    SetTableComment,
)
from schemadiff.runtime.executor import Offline, Recording, activate
from schemadiff.runtime.site import Site
from schemadiff.schema import UNSET, CheckConstraint, Expression, ForeignKey, Name, UniqueConstraint

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def recorded(function: Callable[[], object], dialect: str = "postgresql", **convention: str) -> tuple[Operation, ...]:
    live = sa.make_url(f"{dialect}://").get_dialect()()
    if dialect == "postgresql":
        live.default_schema_name = "public"
    backend = backend_for(live)
    recording = Recording(Site(backend, convention))
    with activate(recording):
        function()
    return tuple(recording.operations)


def one(function: Callable[[], object], dialect: str = "postgresql", **convention: str) -> Any:
    (operation,) = recorded(function, dialect, **convention)
    return operation


# -- tables and columns


def test_create_table_gives_its_indexes_too() -> None:
    operations = recorded(
        lambda: op.create_table(
            "account",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("email", sa.String(9), unique=True),
            sa.Column("name", sa.String(9), index=True),
            sa.Index("by_both", "name", sa.text("lower(email)")),
            sa.ForeignKeyConstraint(["id"], ["other.person.id"]),
            schema="public",
            comment="c",
        )
    )
    create, *indexes = operations
    assert isinstance(create, CreateTable)
    assert create.table.name == Name("account")
    assert create.table.indexes == ()
    assert [index.index.name for index in indexes] == ["by_both", "ix_public_account_name"]  # type: ignore[attr-defined]
    assert [unique.columns for unique in create.table.uniques] == [("email",)]
    assert create.table.foreign_keys[0].referent == Name("person", "other")
    assert create.table.comment == "c"


def test_create_table_returns_the_table() -> None:
    def upgrade() -> None:
        table = op.create_table("account", sa.Column("id", sa.Integer), sa.Column("name", sa.String))
        op.bulk_insert(table, [{"id": 1, "name": "o'%:x"}, {"id": 2, "name": None}])

    _, insert = recorded(upgrade)
    assert isinstance(insert, BulkInsert)
    assert insert.sql == (
        "INSERT INTO account (id, name) VALUES (1, 'o''%:x')",
        "INSERT INTO account (id, name) VALUES (2, NULL)",
    )


def test_add_column_gives_what_the_column_asks_for() -> None:
    column = sa.Column("owner_id", sa.ForeignKey("owner.id", ondelete="cascade"), index=True, nullable=False)
    column.type = sa.Integer()
    add, key, index = recorded(lambda: op.add_column("account", column, schema="shop"))
    assert isinstance(add, AddColumn)
    assert (add.table, add.column.name, add.column.nullable) == (Name("account", "shop"), "owner_id", False)
    assert isinstance(key, AddConstraint)
    assert isinstance(key.constraint, ForeignKey)
    assert (key.constraint.ondelete, key.constraint.referent) == ("CASCADE", Name("owner"))
    assert isinstance(index, CreateIndex)


def test_add_column_takes_a_column_of_a_model() -> None:
    model = sa.Table("account", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("email", sa.String(9)))
    add = one(lambda: op.add_column("account", model.c.email))
    assert add.column.type.sql.lower() == "character varying(9)"


# Keyword arguments of alter_column, then the fields that the operation sets, and those that it knows from before.
ALTERED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "nothing": ({"existing_type": sa.Integer()}, {}, {}),
    "nullable": ({"nullable": False}, {"nullable": False}, {}),
    "nullable, with what was": (
        {"nullable": False, "existing_nullable": True, "existing_comment": None},
        {"nullable": False},
        {"nullable": True, "comment": None},
    ),
    "drop the default": ({"server_default": None}, {"default": None}, {}),
    "comment": ({"comment": "x", "existing_comment": "y"}, {"comment": "x"}, {"comment": "y"}),
    "drop the comment": ({"comment": None}, {"comment": None}, {}),
    "name": ({"new_column_name": "y"}, {"name": "y"}, {}),
    "its own name": ({"new_column_name": "x"}, {}, {}),
    "autoincrement": (
        {"autoincrement": True, "existing_autoincrement": False},
        {"autoincrement": True},
        {"autoincrement": False},
    ),
    "collation appears": (
        {"type_": sa.Text(collation="C"), "existing_type": sa.Text()},
        {"collation": "C"},
        {"collation": None},
    ),
    "collation goes": (
        {"type_": sa.Text(), "existing_type": sa.Text(collation="C")},
        {"collation": None},
        {"collation": "C"},
    ),
}


@pytest.mark.parametrize("case", ALTERED)
def test_alter_column(case: str) -> None:
    arguments, after, before = ALTERED[case]
    operations = recorded(lambda: op.alter_column("account", "x", **arguments))
    if not after:
        assert operations == ()
        return
    (alter,) = operations
    assert isinstance(alter, AlterColumn)
    assert alter.after.known() == after
    assert before.items() <= alter.before.known().items()


def test_alter_column_type_and_default() -> None:
    alter = one(
        lambda: op.alter_column(
            "account",
            "x",
            type_=sa.Integer,
            existing_type=sa.String(9, collation="C"),
            server_default=sa.text("7"),
            existing_server_default="it's",
            postgresql_using="x::integer",
        )
    )
    assert alter.after.type.sql.lower() == "integer"
    assert alter.after.collation is None
    assert str(alter.after.default) == "7"
    assert "it''s" in str(alter.before.default)
    assert alter.using == "x::integer"
    assert alter.reverse().after.type.sql.lower() == "character varying(9)"


def test_a_type_keeps_the_collation_that_it_keeps() -> None:
    old, new = sa.String(9, collation="C"), sa.String(10, collation="C")
    alter = one(lambda: op.alter_column("account", "x", type_=new, existing_type=old))
    assert set(alter.after.known()) == {"type"}
    assert alter.before.collation == "C"


def test_alter_column_identity_and_computed() -> None:
    alter = one(lambda: op.alter_column("a", "x", server_default=sa.Identity(start=5), existing_type=sa.Integer()))
    assert alter.after.default.start == 5
    alter = one(
        lambda: op.alter_column(
            "a", "x", server_default=None, existing_server_default=sa.Computed("y + 1"), existing_type=sa.Integer()
        )
    )
    assert alter.after.known() == {"default": None}
    assert str(alter.before.default.expression) == "y + 1"


def test_options_of_other_dialects_are_left_out() -> None:
    def upgrade() -> None:
        op.alter_table("account", mysql_engine="InnoDB", existing_options={"mysql_engine": "MyISAM"})
        op.alter_column("account", "x", nullable=False, mysql_on_update="now()", existing_mysql_on_update=None)

    (alter,) = recorded(upgrade)
    assert alter.after.known() == {"nullable": False}  # type: ignore[attr-defined]
    table, column = recorded(upgrade, "mysql+pymysql")
    assert isinstance(table, AlterTable)
    assert dict(table.after) == {"engine": "InnoDB"}
    assert column.after.options == (("on_update", "now()"),)  # type: ignore[attr-defined]


# -- constraints and indexes


def test_names_follow_the_convention() -> None:
    def upgrade() -> None:
        op.create_unique_constraint(None, "account", ["email"])
        op.create_foreign_key(None, "account", "owner", ["owner_id"], ["id"])
        op.create_check_constraint("positive", "account", "x > 0")
        op.create_check_constraint(op.f("as_it_is"), "account", "x > 0")
        op.create_primary_key(None, "account", ["id"])
        op.create_index(None, "account", ["email"])
        op.drop_constraint("positive", "account", "check")
        op.drop_constraint(op.f("as_it_is"), "account", "check")

    names = [
        getattr(o, "name", None) or getattr(getattr(o, "constraint", None) or o.index, "name")  # type: ignore[attr-defined]  # noqa: B009
        for o in recorded(upgrade, **CONVENTION)
    ]
    assert names == [
        "uq_account_email",
        "fk_account_owner_id_owner",
        "ck_account_positive",
        "as_it_is",
        "pk_account",
        "ix_account_email",
        "ck_account_positive",
        "as_it_is",
    ]
    unnamed = recorded(lambda: op.create_unique_constraint(None, "account", ["email"]))[0]
    assert isinstance(unnamed, AddConstraint)
    assert unnamed.constraint.name is None
    assert unnamed.constraint.implicit


def test_names_with_dots_in_them() -> None:
    key = one(
        lambda: op.create_foreign_key("k", "a.b", "c.d", ["x.y"], ["z.w"], source_schema="s.t", referent_schema="u.v")
    )
    assert key.table == Name("a.b", "s.t")
    assert key.constraint.referent == Name("c.d", "u.v")
    assert (key.constraint.columns, key.constraint.referent_columns) == (("x.y",), ("z.w",))


def test_foreign_key_to_its_own_table() -> None:
    key = one(
        lambda: op.create_foreign_key(
            "k", "node", "node", ["parent_id"], ["id"], ondelete="set null", initially="deferred"
        )
    )
    assert key.constraint.referent == key.table
    assert key.constraint.ondelete == "SET NULL"
    assert key.constraint.initially_deferred


def test_create_index_elements() -> None:
    index = one(
        lambda: op.create_index(
            "i",
            "account",
            ["Mixed", sa.text("lower(name) DESC"), sa.column("x").desc().nulls_last(), sa.func.upper(sa.column("y"))],
            unique=True,
            postgresql_where=sa.column("z") > 5,
            postgresql_include=["w"],
            postgresql_ops={"Mixed": "text_pattern_ops"},
        )
    ).index
    assert [str(element.what) for element in index.elements] == ["Mixed", "lower(name)", "x", "upper(y)"]
    assert [element.descending for element in index.elements] == [False, True, True, False]
    assert index.elements[2].nulls_first is False
    assert index.elements[0].opclass == "text_pattern_ops"
    assert (index.unique, str(index.where), index.include) == (True, "z > 5", ("w",))


def test_exclude_constraint() -> None:
    added = one(
        lambda: op.create_exclude_constraint(
            "e", "booking", ("room", "="), (sa.text("tsrange(a, b)"), "&&"), where=sa.text("room > 0"), using="gist"
        )
    ).constraint
    assert [(str(element.what), element.operator) for element in added.elements] == [
        ("room", "="),
        ("tsrange(a, b)", "&&"),
    ]
    assert str(added.where) == "room > 0"


EXISTING: dict[str, tuple[Any, Any]] = {
    "unique": (sa.UniqueConstraint("a", "b"), UniqueConstraint(name=None, columns=("a", "b"))),
    "check": (
        sa.CheckConstraint("a > 0"),
        CheckConstraint(name=None, expression=Expression("a > 0", "a > 0")),
    ),
    "foreignkey": (
        sa.ForeignKeyConstraint(["a"], ["other.id"], ondelete="CASCADE"),
        ForeignKey(name=None, columns=("a",), referent=Name("other"), referent_columns=("id",), ondelete="CASCADE"),
    ),
}


@pytest.mark.parametrize("kind", EXISTING)
def test_drop_an_unnamed_constraint_by_what_it_is(kind: Any) -> None:
    existing, expected = EXISTING[kind]
    dropped = one(lambda: op.drop_constraint(None, "account", kind, existing=existing), "sqlite", **CONVENTION)
    assert isinstance(dropped, DropConstraint)
    assert dropped.constraint == expected
    assert dropped.reverse().constraint == expected
    named = one(lambda: op.drop_constraint("n", "account", kind, existing=_copy(existing)), "sqlite")
    assert named.constraint == replace(expected, name="n")


def _copy(constraint: Any) -> Any:
    return constraint._copy() if hasattr(constraint, "_copy") else constraint


# -- batches


def test_batch() -> None:
    def upgrade() -> None:
        before = sa.Table("account", sa.MetaData(), sa.Column("id", sa.Integer), sa.Index("i", "id"))
        with op.batch_alter_table(
            "account", copy_from=before, recreate="always", dependants=[("trigger", "t", "CREATE TRIGGER t ...")]
        ) as batch_op:
            batch_op.add_column(sa.Column("name", sa.String(9)))
            batch_op.alter_column("id", nullable=False)
            batch_op.drop_column("old")
            batch_op.create_unique_constraint("u", ["name"])
            batch_op.create_foreign_key("k", "other", ["name"], ["id"])
            batch_op.create_check_constraint("c", "id > 0")
            batch_op.create_primary_key("p", ["id"])
            batch_op.drop_constraint("u", "unique")
            batch_op.create_index("j", ["name"], unique=True)
            batch_op.drop_index("i")
            batch_op.create_table_comment("x")
            batch_op.drop_table_comment(existing_comment="x")
            batch_op.rename_table("accounts")

    batch = one(upgrade, "sqlite")
    assert isinstance(batch, BatchAlterTable)
    assert (batch.table, batch.recreate) == (Name("account"), "always")
    assert [type(operation).__name__ for operation in batch.operations] == [
        "AddColumn", "AlterColumn", "DropColumn", "AddConstraint", "AddConstraint", "AddConstraint", "AddConstraint",
        "DropConstraint", "CreateIndex", "DropIndex", "SetTableComment", "SetTableComment", "RenameTable",
    ]  # fmt: skip
    assert all(getattr(each, "table", Name("account")) == Name("account") for each in batch.operations)
    assert batch.copy_from is not None
    assert [index.name for index in batch.copy_from.indexes] == ["i"]
    assert batch.copy_from.dependants[0].name == "t"


def test_an_empty_batch_is_nothing() -> None:
    def upgrade() -> None:
        with op.batch_alter_table("account"):
            pass

    assert recorded(upgrade, "sqlite") == ()


def test_a_batch_that_fails_does_nothing() -> None:
    def fail() -> None:
        with op.batch_alter_table("account") as batch_op:
            batch_op.drop_column("x")
            raise ZeroDivisionError

    def upgrade() -> None:
        with pytest.raises(ZeroDivisionError):
            fail()

    assert recorded(upgrade, "sqlite") == ()


def _placed_twice() -> None:
    with op.batch_alter_table("a") as batch_op:
        batch_op.add_column(sa.Column("x", sa.Integer), insert_before="y", insert_after="z")


REFUSED: dict[str, Callable[[], object]] = {
    "recreate": lambda: op.batch_alter_table("a", recreate=lambda _: True).__enter__(),
    "reflect_kwargs": lambda: op.batch_alter_table("a", reflect_kwargs={"x": 1}).__enter__(),
    "table_args holds a int": lambda: op.batch_alter_table("a", table_args=[5]).__enter__(),
    "reflect_args holds a str": lambda: op.batch_alter_table("a", reflect_args=["x"]).__enter__(),
    "contradict each other": lambda: _placed_twice(),
    "rename_constraint(): type_='nonsense'": lambda: op.rename_constraint("c", "d", "a", "nonsense"),  # type: ignore[arg-type]
    "type_='nonsense'": lambda: op.drop_constraint("c", "a", "nonsense"),  # type: ignore[arg-type]
    "which constraint": lambda: op.drop_constraint(None, "a", "unique"),
    "columns is a string": lambda: op.create_index("i", "a", "name"),
    "no option of a dialect": lambda: op.alter_table("a", engine="InnoDB"),
    "without columns": lambda: op.create_unique_constraint("u", "a", []),
    "not a int": lambda: op.execute(5),  # type: ignore[arg-type]
    "list of dictionaries": lambda: op.bulk_insert(sa.table("a"), {"x": 1}),  # type: ignore[arg-type]
    "sa.table": lambda: op.bulk_insert("a", [{"x": 1}]),  # type: ignore[arg-type]
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_refused(words: str) -> None:
    with pytest.raises(SchemadiffError) as caught:
        recorded(REFUSED[words])
    assert words in str(caught.value)


def test_unknown_arguments_are_errors() -> None:
    with pytest.raises(TypeError):
        recorded(lambda: op.alter_column("a", "b", nonsense=1))
    with pytest.raises(UnsupportedOperation, match="nonsense"):
        recorded(lambda: op.drop_index("a", nonsense=1))
    with pytest.raises(UnsupportedOperation, match="mssql_drop_check"):
        recorded(lambda: op.drop_column("a", "b", mssql_drop_check=True), "mssql+pyodbc")
    assert recorded(lambda: op.drop_column("a", "b", mssql_drop_check=True))


def test_an_index_is_dropped_concurrently() -> None:
    dropped = one(lambda: op.drop_index("a", postgresql_concurrently=True, if_exists=True))
    assert postgresql_statements(dropped) == ("DROP INDEX CONCURRENTLY IF EXISTS a",)
    assert one(lambda: op.drop_index("a", postgresql_concurrently=True), "sqlite").concurrently is False


def postgresql_statements(operation: Operation) -> tuple[str, ...]:
    return backend_for(pg.dialect()).statements(operation)


def test_create_index_takes_columns_of_a_model() -> None:
    model = sa.Table("account", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("email", sa.String(9)))
    index = one(
        lambda: op.create_index(
            "i", "account", [model.c.id, sa.func.lower(model.c.email)], postgresql_where=model.c.id > 5
        )
    ).index
    assert [str(element.what) for element in index.elements] == ["id", "lower(email)"]
    assert str(index.where) == "id > 5"
    check = one(lambda: op.create_check_constraint("c", "account", model.c.id > 5)).constraint
    assert str(check.expression) == "id > 5"
    assert model.indexes == set()
    assert len(model.constraints) == 1


# -- statements


@pytest.mark.parametrize(
    ("given", "sql"),
    [
        ("SELECT '100%', ':x', 12:30", "SELECT '100%', ':x', 12:30"),
        (r"SELECT '\:x'::text", "SELECT ':x'::text"),
        (sa.text("SELECT :x").bindparams(x="it's"), "SELECT 'it''s'"),
        (sa.select(sa.column("a")).where(sa.column("a") == op.inline_literal("%")), "SELECT a \nWHERE a = '%'"),
    ],
)
def test_execute(given: Any, sql: str) -> None:
    execute = one(lambda: op.execute(given))
    assert isinstance(execute, Execute)
    assert execute.sql == sql


def test_what_has_no_literal_form_cannot_be_recorded() -> None:
    value = object()
    table = sa.table("a", sa.column("x", sa.PickleType))
    with pytest.raises(NotRecordable, match="cannot be written as SQL"):
        recorded(lambda: op.execute(table.insert().values(x=sa.bindparam("x", value, sa.types.PickleType()))))


# -- types


def test_alter_enum() -> None:
    alter = one(
        lambda: op.alter_enum(
            "mood",
            ["ok", "happy"],
            existing_values=["sad", "ok"],
            columns=[
                op.enum_column("person", "mood", server_default="sad", new_server_default="ok"),
                op.enum_column("person", "moods", array=True, schema="shop"),
                ("other", "mood"),
            ],
            remake=True,
        )
    )
    assert isinstance(alter, AlterEnum)
    assert (alter.before, alter.after, alter.remake) == (("sad", "ok"), ("ok", "happy"), True)
    first, second, third = alter.columns
    assert "sad" in str(first.default)
    assert "ok" in str(first.new_default)
    assert (second.table, second.array, second.default) == (Name("person", "shop"), True, None)
    assert third.table == Name("other")


def test_sequences() -> None:
    created = one(lambda: op.create_sequence("s", start=5, comment="c")).sequence
    assert (created.start, created.increment, created.comment) == (5, 1, "c")
    altered = one(lambda: op.alter_sequence("s", increment=2, existing_start=5, existing_comment="c", comment=None))
    assert (altered.before.start, altered.after.start) == (5, 5)
    assert (altered.before.increment, altered.after.increment) == (1, 2)
    assert (altered.before.comment, altered.after.comment) == ("c", None)


def test_the_default_schema_written_out_is_none() -> None:
    operations = recorded(
        lambda: (
            op.drop_table("a", schema="public"),
            op.rename_table("a", "b", schema="public"),
            op.create_table_comment("a", "x", schema="public", existing_comment=None),
            op.drop_table("a", schema="other"),
        )
    )
    assert operations == (
        DropTable(name=Name("a")),
        RenameTable(name=Name("a"), new_name="b"),
        SetTableComment(name=Name("a"), comment="x", before=None),
        DropTable(name=Name("a", "other")),
    )
    assert one(lambda: op.create_table_comment("a", "x")).before is UNSET


# -- who is active


def test_outside_of_a_migration() -> None:
    with pytest.raises(OperationError, match=r"test_op\.py:\d+: op\.drop_table\(\) works only while a migration runs"):
        op.drop_table("a")


def test_reading_cannot_be_recorded() -> None:
    with pytest.raises(NotRecordable, match=r"test_op\.py:\d+: op\.get_bind\(\)"):
        record(lambda: op.get_bind(), "postgresql")
    with pytest.raises(NotRecordable, match=r"test_op\.py:\d+: op\.get_context\(\)"):
        record(lambda: op.get_context(), "postgresql")


def test_threads_and_tasks_are_apart() -> None:
    found: dict[str, tuple[Operation, ...]] = {}
    barrier = threading.Barrier(2)

    def work(name: str) -> None:
        def upgrade() -> None:
            barrier.wait(5)
            op.drop_table(name)
            barrier.wait(5)
            op.drop_table(name)

        found[name] = recorded(upgrade)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: (DropTable(name=Name(name)),) * 2 for name in "ab"}

    async def task(name: str) -> list[Operation]:
        recording = Recording(Site(backend_for(pg.dialect())))
        with activate(recording):
            for _ in range(3):
                await asyncio.sleep(0)
                op.drop_table(name)
        return recording.operations

    async def both() -> list[list[Operation]]:
        return await asyncio.gather(task("a"), task("b"))

    assert asyncio.run(both()) == [[DropTable(name=Name(name))] * 3 for name in "ab"]


def test_batch_without_a_table_cannot_be_printed() -> None:
    def upgrade() -> None:
        with op.batch_alter_table("account") as batch_op:
            batch_op.alter_column("x", type_=sa.Integer(), existing_type=sa.String(5))

    backend = backend_for(sa.make_url("sqlite://").get_dialect()())
    with activate(Offline(Site(backend), [].append)), pytest.raises(UnsupportedOperation, match="copy_from"):
        upgrade()
