"""What the catalog says of an operation that was under way: before it, or after it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from schemadiff import op
from schemadiff.backends import connected_backend
from schemadiff.operations import CreateIndex, Operation
from schemadiff.runtime.executor import Online, Recording, activate
from schemadiff.runtime.landing import landing
from schemadiff.runtime.site import Site
from tests.support.servers import Backend

# One after the other, each on what those before it have left.
CASES = """
op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.String(20), server_default="x"), comment="c")
op.create_table("b", sa.Column("a_id", sa.Integer, sa.ForeignKey("a.id")), sa.Column("q", sa.Integer), sa.CheckConstraint("q > 1", name="q_ck"))
op.add_column("a", sa.Column("m", sa.Numeric(10, 2), server_default=sa.text("1.5"), comment="it's"))
op.add_column("a", sa.Column("twice", sa.String(60), sa.Computed("concat(n, n)", persisted=True)))
op.add_column("b", sa.Column("other", sa.Integer, sa.ForeignKey("a.id", name="other_fk")))
op.alter_column("a", "n", nullable=False, existing_type=sa.String(20))
op.alter_column("a", "n", type_=sa.String(40), existing_nullable=False, existing_type=sa.String(20))
op.alter_column("a", "n", server_default="y", existing_type=sa.String(40))
op.alter_column("a", "n", new_column_name="name", existing_type=sa.String(40))
op.create_index("name_ix", "a", ["name", "m"])
op.create_unique_constraint("name_uq", "a", ["name"])
op.create_check_constraint("m_ck", "a", "m > 0 and m <> 7")
op.create_foreign_key("self_fk", "b", "a", ["q"], ["id"], ondelete="CASCADE")
op.create_table_comment("a", "another", existing_comment="c")
op.rename_table("a", "aa")
op.execute(sa.text("INSERT INTO aa (id, name) VALUES (1, 'z')"))
op.bulk_insert(sa.table("aa", sa.column("id", sa.Integer)), [{"id": 2}])
op.drop_constraint("self_fk", "b", type_="foreignkey")
op.drop_constraint("m_ck", "aa", type_="check")
op.drop_constraint("name_uq", "aa", type_="unique")
op.rename_index("name_ix", "new_ix", "aa")
op.drop_index("new_ix", "aa")
op.drop_column("aa", "m")
op.create_sequence("s", start=3)
op.drop_sequence("s")
op.drop_table("b")
op.drop_table("aa")
"""


@pytest.mark.backends("mysql")
def test_before_and_after(backend: Backend) -> None:
    with backend.engine().connect() as connection:
        ours = connected_backend(connection)
        for line in CASES.strip().splitlines():
            recording = Recording(Site(ours))
            with activate(recording):
                exec(line, {"op": op, "sa": sa})
            for operation in recording.operations:
                assert landing(connection, ours, operation) == "before", line
                Online(Site(ours), connection).run(operation)
                expected = "before" if ours.shares_transaction(operation) else "after"
                assert landing(connection, ours, operation) == expected, line
                connection.commit()


@pytest.mark.backends("mysql")
@pytest.mark.parametrize(
    "line",
    [
        'op.create_table("a", sa.Column("id", sa.BigInteger, primary_key=True))',
        'op.add_column("a", sa.Column("n", sa.String(30)))',
        'op.create_index("ix", "a", ["id", "n"])',
        'op.create_check_constraint("ck", "a", "id > 3")',
        'op.alter_column("a", "n", type_=sa.String(50), existing_type=sa.String(30))',
        'op.execute("ALTER TABLE a ADD x INTEGER")',
        'op.rename_table("b", "c")',
    ],
)
def test_neither_before_nor_after(backend: Backend, line: str) -> None:
    with backend.engine().connect() as connection:
        for statement in (
            "CREATE TABLE a (id INTEGER PRIMARY KEY, n VARCHAR(20), CONSTRAINT ck CHECK (id > 2))",
            "CREATE INDEX ix ON a (n)",
        ):
            connection.exec_driver_sql(statement)
        ours = connected_backend(connection)
        recording = Recording(Site(ours))
        with activate(recording):
            exec(line, {"op": op, "sa": sa})
        (operation,) = recording.operations
        assert landing(connection, ours, operation) == "unknown"


@pytest.mark.backends("postgresql")
def test_an_index_that_is_not_valid(backend: Backend) -> None:
    with backend.engine(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE a (id integer, lower text)")
        ours = connected_backend(connection)
        recording = Recording(Site(ours))
        with activate(recording):
            op.create_index(
                "ix", "a", [sa.text("lower(lower)")], postgresql_where=sa.text("id > 1"), postgresql_concurrently=True
            )
        (operation,) = recording.operations

        def said(operation: Operation = operation) -> str:
            return landing(connection, ours, operation)

        assert isinstance(operation, CreateIndex)
        assert said() == "before"
        Online(Site(ours), connection).run(operation)
        assert said() == "after"
        connection.exec_driver_sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass")
        assert said() == "remains"
        connection.exec_driver_sql("DROP INDEX ix; CREATE INDEX ix ON a (id)")
        assert said() == "unknown"
