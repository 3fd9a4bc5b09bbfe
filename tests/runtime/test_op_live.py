"""What the functions of ``op`` do to real databases, beside what the laws try with every diff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from schemadiff import op
from schemadiff.backends import backend_for
from schemadiff.errors import MigrationFailed, SchemadiffError
from schemadiff.runtime.migration import MigrationContext, Options
from schemadiff.runtime.script import Script
from tests.support.servers import Backend


def run(engine: sa.Engine, function: Callable[[], object]) -> None:
    """Run a function that calls ``op``, in a transaction."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.backend.transaction(connection), context.operations():
            function()


def script(dialect: str, function: Callable[[], object]) -> str:
    """Return what a function that calls ``op`` prints."""
    own = sa.make_url(f"{dialect}://").get_dialect()()
    made = Script(backend_for(own))
    context = MigrationContext(own, None, Options(), script=made)
    with context.operations():
        function()
    # Whatever the client is told first stands at the head of each script.
    return made.text().removeprefix("".join(f"{line}\n\n" for line in context.backend.script_header))


@pytest.fixture
def engine(backend: Backend) -> sa.Engine:
    """An engine on a database of two tables that point at each other, with rows."""
    made = backend.engine()
    metadata = sa.MetaData()
    sa.Table("owner", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "account",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(50)),
        sa.Column("age", sa.Integer),
        sa.Column("owner_id", sa.Integer),
        sa.UniqueConstraint("email", name="uq_email"),
        sa.CheckConstraint("age > 0", name="ck_age"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_owner"),
        sa.Index("ix_age", "age"),
    )
    metadata.create_all(made)
    with made.begin() as connection:
        connection.execute(metadata.tables["owner"].insert(), [{"id": 1}])
        row = {"id": 1, "email": "a", "age": 3, "owner_id": 1}
        connection.execute(metadata.tables["account"].insert(), [row])
    return made


def names(engine: sa.Engine, table: str = "account") -> dict[str, list[Any]]:
    """Return the names of what hangs on a table."""
    inspector = sa.inspect(engine)
    return {
        "columns": [column["name"] for column in inspector.get_columns(table)],
        "unique": sorted(str(each["name"]) for each in inspector.get_unique_constraints(table)),
        "check": sorted(str(each["name"]) for each in inspector.get_check_constraints(table)),
        "foreignkey": sorted(str(each["name"]) for each in inspector.get_foreign_keys(table)),
        "index": sorted(str(each["name"]) for each in inspector.get_indexes(table)),
    }


def rows(engine: sa.Engine, table: str = "account") -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


# -- renaming


def test_rename_constraint(engine: sa.Engine) -> None:
    kinds = {"unique": "uq_email", "check": "ck_age", "foreignkey": "fk_owner"}

    def rename(prefix: str, other: str, *, with_kind: bool) -> None:
        with op.batch_alter_table("account") as batch_op:
            for kind, name in kinds.items():
                known: Any = kind if with_kind or kind == "unique" else None
                batch_op.rename_constraint(prefix + name, other + name, known)

    before = names(engine)
    run(engine, lambda: rename("", "new ", with_kind=True))
    for kind, name in kinds.items():
        assert f"new {name}" in names(engine)[kind]
        assert name not in names(engine)[kind]
    run(engine, lambda: rename("new ", "", with_kind=False))
    after = names(engine)
    # Behind a foreign key there is an index, which has taken the name that the key had.
    assert {**after, "index": []} == {**before, "index": []}
    assert rows(engine) == 1


@pytest.mark.backends("postgresql", "mysql")
def test_rename_constraint_outside_of_a_batch(engine: sa.Engine) -> None:
    run(engine, lambda: op.rename_constraint("ck_age", "ck_years", "account"))
    run(engine, lambda: op.rename_constraint("uq_email", "uq_mail", "account", "unique"))
    assert (names(engine)["check"], names(engine)["unique"]) == (["ck_years"], ["uq_mail"])


def test_rename_index(engine: sa.Engine) -> None:
    run(engine, lambda: op.rename_index("ix_age", "ix years", "account"))
    assert "ix years" in names(engine)["index"]
    assert "ix_age" not in names(engine)["index"]

    def batch() -> None:
        with op.batch_alter_table("account") as batch_op:
            batch_op.rename_index("ix years", "ix_age")

    run(engine, batch)
    assert "ix_age" in names(engine)["index"]


@pytest.mark.backends("sqlite", "postgresql")
def test_rename_index_without_its_table(engine: sa.Engine) -> None:
    run(engine, lambda: op.rename_index("ix_age", "ix_years"))
    assert "ix_years" in names(engine)["index"]


def test_rename_index_that_is_not_there(engine: sa.Engine) -> None:
    with pytest.raises(SchemadiffError, match="nothing"):
        run(engine, lambda: op.rename_index("nothing", "x", "account"))


# What stands behind each statement for SQL Server: the end of a batch, and a stop after an error.
_GO = "\nGO\nIF @@ERROR <> 0 SET NOEXEC ON;\nGO"

# The dialect, a call, and what is printed.
PRINTED: list[tuple[str, Callable[[], object], str]] = [
    ("postgresql", lambda: op.rename_index("a", "B", schema="s"), 'ALTER INDEX s.a RENAME TO "B";'),
    ("postgresql", lambda: op.rename_constraint("a", "b", "t"), "ALTER TABLE t RENAME CONSTRAINT a TO b;"),
    ("mysql", lambda: op.rename_index("a", "b", "t"), "ALTER TABLE `t` RENAME INDEX `a` TO `b`;"),
    ("mysql", lambda: op.rename_constraint("a", "b", "t", "unique"), "ALTER TABLE `t` RENAME INDEX `a` TO `b`;"),
    (
        "mysql",
        lambda: op.rename_constraint("a", "b", "t", existing=sa.CheckConstraint("x > 0")),
        "ALTER TABLE `t` DROP CONSTRAINT `a`;\n\nALTER TABLE `t` ADD CONSTRAINT `b` CHECK (x > 0);",
    ),
    (
        "sqlite",
        lambda: op.rename_index("a", "b", "t", existing=sa.Index("a", "x", unique=True)),
        "DROP INDEX a;\n\nCREATE UNIQUE INDEX b ON t (x);",
    ),
    ("oracle", lambda: op.rename_index("a", "b"), "ALTER INDEX a RENAME TO b\n/"),
    ("oracle", lambda: op.rename_constraint("a", "b", "t"), "ALTER TABLE t RENAME CONSTRAINT a TO b\n/"),
    ("mssql+pyodbc", lambda: op.rename_index("a", "b", "t", schema="s"), f"EXEC sp_rename 's.t.a', 'b', 'INDEX';{_GO}"),
    (
        "mssql+pyodbc",
        lambda: op.rename_constraint("a", "b", "t", schema="s"),
        f"EXEC sp_rename 's.a', 'b', 'OBJECT';{_GO}",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "call", "printed"), PRINTED, ids=[f"{d}: {p}" for d, _, p in PRINTED])
def test_printed(dialect: str, call: Callable[[], object], printed: str) -> None:
    assert script(dialect, call).strip() == printed


# The dialect, a call that cannot be printed, and what is said.
UNPRINTED: list[tuple[str, Callable[[], object], str]] = [
    ("sqlite", lambda: op.rename_index("a", "b", "t"), "existing=sa.Index"),
    ("sqlite", lambda: op.rename_constraint("a", "b", "t"), "op.batch_alter_table('t')"),
    ("sqlite", lambda: op.add_column("t", sa.Column("x", sa.Integer), if_not_exists=True), "IF EXISTS"),
    ("sqlite", lambda: op.drop_column("t", "x", if_exists=True), "IF EXISTS"),
    ("mysql", lambda: op.rename_index("a", "b"), "table_name="),
    ("mysql", lambda: op.rename_constraint("a", "b", "t"), "existing="),
    ("mysql", lambda: op.rename_constraint("a", "b", "t", "primary"), "no name of its own"),
    ("mssql+pyodbc", lambda: op.rename_index("a", "b"), "table_name="),
    ("oracle", lambda: op.drop_column("t", "x", if_exists=True), "IF EXISTS"),
]


@pytest.mark.parametrize(("dialect", "call", "said"), UNPRINTED, ids=[f"{d}: {s}" for d, _, s in UNPRINTED])
def test_what_cannot_be_printed_is_refused(dialect: str, call: Callable[[], object], said: str) -> None:
    with pytest.raises(SchemadiffError) as caught:
        script(dialect, call)
    assert said in str(caught.value)


# -- if_exists and if_not_exists


def test_what_is_there_stays_and_what_is_not_is_not_missed(engine: sa.Engine) -> None:
    def upgrade() -> None:
        op.create_table("owner", sa.Column("id", sa.Integer, primary_key=True), if_not_exists=True)
        op.drop_table("nothing", if_exists=True)
        op.create_index("ix_age", "account", ["age"], if_not_exists=True)
        op.drop_index("nothing", "account", if_exists=True)
        op.add_column("account", sa.Column("age", sa.Integer), if_not_exists=True)
        op.add_column("account", sa.Column("height", sa.Integer), if_not_exists=True)
        op.drop_column("account", "nothing", if_exists=True)
        op.drop_column("account", "height", if_exists=True)
        with op.batch_alter_table("account") as batch_op:
            batch_op.add_column(sa.Column("age", sa.Integer), if_not_exists=True)
            batch_op.drop_column("nothing", if_exists=True)
            batch_op.drop_constraint("nothing", "check", if_exists=True)
            batch_op.create_index("ix_age", ["age"], if_not_exists=True)
            batch_op.drop_index("nothing", if_exists=True)
            batch_op.drop_constraint("ck_age", "check", if_exists=True)

    run(engine, upgrade)
    after = names(engine)
    assert after["columns"] == ["id", "email", "age", "owner_id"]
    assert after["check"] == []
    assert rows(engine) == 1


def test_a_primary_key_that_is_not_there_is_not_missed(backend: Backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER NOT NULL, CONSTRAINT pk PRIMARY KEY (x))")
    for _ in range(2):
        run(engine, _without_key)
    assert sa.inspect(engine).get_pk_constraint("t")["constrained_columns"] == []


def _without_key() -> None:
    with op.batch_alter_table("t") as batch_op:
        batch_op.drop_constraint("pk", "primary", if_exists=True)


# -- columns


def test_references_inline(engine: sa.Engine) -> None:
    column = sa.Column("second_id", sa.Integer, sa.ForeignKey("owner.id", name="fk_second", ondelete="CASCADE"))
    run(engine, lambda: op.add_column("account", column, inline_references=True))
    keys = {key["constrained_columns"][0]: key for key in sa.inspect(engine).get_foreign_keys("account")}
    if engine.dialect.name == "sqlite":
        assert "CONSTRAINT fk_second REFERENCES owner (id) ON DELETE CASCADE" in stored(engine)
    else:
        assert keys["second_id"]["options"] == {"ondelete": "CASCADE"}
        assert keys["second_id"]["name"] == "fk_second"


def test_primary_key_inline(backend: Backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")

    def upgrade() -> None:
        with op.batch_alter_table("t") as batch_op:
            column = sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
            batch_op.add_column(column, inline_primary_key=True)

    run(engine, upgrade)
    assert sa.inspect(engine).get_pk_constraint("t")["constrained_columns"] == ["id"]


@pytest.mark.backends("sqlite", "mysql")
def test_columns_have_their_place(engine: sa.Engine) -> None:
    def upgrade() -> None:
        with op.batch_alter_table("account") as batch_op:
            batch_op.add_column(sa.Column("name", sa.String(9)), insert_after="id")
            batch_op.add_column(sa.Column("very_first", sa.Integer), insert_before="id")
            batch_op.alter_column("owner_id", insert_before="email")

    run(engine, upgrade)
    assert names(engine)["columns"] == ["very_first", "id", "name", "owner_id", "email", "age"]
    assert rows(engine) == 1
    run(engine, lambda: op.alter_column("account", "very_first", new_column_name="last", existing_type=sa.Integer()))


@pytest.mark.backends("postgresql")
def test_a_place_that_the_database_cannot_give_is_no_error(engine: sa.Engine) -> None:
    def upgrade() -> None:
        with op.batch_alter_table("account") as batch_op:
            batch_op.add_column(sa.Column("name", sa.String(9)), insert_after="id")
            batch_op.alter_column("age", insert_before="id")

    run(engine, upgrade)
    assert names(engine)["columns"] == ["id", "email", "age", "owner_id", "name"]


# -- batches on SQLite, whose tables are rebuilt


def batched(engine: sa.Engine, work: Callable[[Any], object] | None = None, **arguments: Any) -> None:
    def upgrade() -> None:
        with op.batch_alter_table("account", **arguments) as batch_op:
            if work is not None:
                work(batch_op)

    run(engine, upgrade)


def stored(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'account'").scalar_one())


@pytest.mark.backends("sqlite")
def test_partial_reordering(engine: sa.Engine) -> None:
    batched(engine, partial_reordering=[("age", "email"), ("owner_id", "id")])
    assert names(engine)["columns"] == ["age", "email", "owner_id", "id"]
    assert rows(engine) == 1
    for wrong, said in ([("nothing", "id")], "nothing"), ([("id", "age"), ("age", "id")], "contradict"):
        with pytest.raises(SchemadiffError, match=said):
            batched(engine, partial_reordering=wrong)


@pytest.mark.backends("sqlite")
def test_table_args_are_what_the_table_has_not_yet(engine: sa.Engine) -> None:
    def arguments() -> list[Any]:
        return [
            sa.CheckConstraint("age > 0", name="ck_age"),
            sa.CheckConstraint("age < 200", name="ck_old"),
            sa.Index("ix_age", "age"),
            sa.Index("ix_both", "age", "email"),
        ]

    for _ in range(2):
        batched(engine, lambda b: b.alter_column("age", nullable=False), table_args=arguments())
        after = names(engine)
        assert (after["check"], after["index"]) == (["ck_age", "ck_old"], ["ix_age", "ix_both"])
    unchanged = stored(engine)
    # Only a table that is rebuilt gets them.
    batched(engine, lambda b: b.create_index("ix_c", ["age"]), table_args=[sa.CheckConstraint("age < 9", name="n")])
    assert stored(engine) == unchanged


@pytest.mark.backends("sqlite")
def test_table_kwargs_and_reflect_args(engine: sa.Engine) -> None:
    batched(
        engine,
        recreate="always",
        table_kwargs={"sqlite_with_rowid": False, "mysql_engine": "InnoDB"},
        reflect_args=[sa.Column("email", sa.Text, nullable=False, server_default="x")],
        reflect_kwargs={"resolve_fks": False},
    )
    assert stored(engine).endswith("WITHOUT ROWID")
    assert "email TEXT DEFAULT 'x' NOT NULL" in stored(engine)
    assert rows(engine) == 1


@pytest.mark.backends("sqlite")
def test_constraints_without_names_are_known_by_the_convention(backend: Backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE owner (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE account (id INTEGER, email TEXT, owner_id INTEGER REFERENCES owner (id), UNIQUE (email), PRIMARY KEY (id))"
        )
    convention = {
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }

    def work(batch_op: Any) -> None:
        batch_op.drop_constraint("uq_account_email", "unique")
        batch_op.drop_constraint("fk_account_owner_id_owner")

    batched(engine, work, naming_convention=convention)
    assert "UNIQUE" not in stored(engine)
    assert "REFERENCES" not in stored(engine)
    batched(engine, lambda b: b.rename_constraint("pk_account", "the_key"), naming_convention=convention)
    assert "CONSTRAINT the_key PRIMARY KEY (id)" in stored(engine)


@pytest.mark.backends("sqlite")
def test_recreate(engine: sa.Engine) -> None:
    with pytest.raises(SchemadiffError, match="batch"):
        batched(engine, lambda b: b.alter_column("age", nullable=False), recreate="never")
    before = stored(engine)
    batched(engine, lambda b: b.create_index("ix_b", ["age"]))
    assert stored(engine) == before
    batched(engine, recreate="always")
    assert stored(engine) != before  # SQLite writes the renamed table's name in quotes
    with pytest.raises(MigrationFailed, match="does not exist"):
        run(engine, _empty_batch)


def _empty_batch() -> None:
    with op.batch_alter_table("nothing", recreate="always"):
        pass
