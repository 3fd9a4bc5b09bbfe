"""Statements of single operations: what is written, and what is refused and how."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff import op
from schemadiff.backends import backend_for
from schemadiff.backends.mysql import MysqlBackend
from schemadiff.errors import MigrationFailed, OperationError, UnsupportedOperation
from schemadiff.operations import (
    AddConstraint,
    AlterColumn,
    AlterTable,
    BatchAlterTable,
    CreateEnum,
    CreateSchema,
    CreateSequence,
    DropConstraint,
    DropIndex,
    DropSchema,
    Operation,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    DataType,
    Enum,
    ExcludeConstraint,
    Expression,
    Name,
    Sequence,
    Server,
    Table,
    UniqueConstraint,
)
from tests.backends.mysql.support import apply, run_script
from tests.support.servers import Backend

T = Name("t")


def backend(**settings: str) -> MysqlBackend:
    server = Server(dialect="mysql", version=(10, 11), flavour="mariadb", settings=tuple(settings.items()))
    return MysqlBackend(sa.make_url("mysql+pymysql://").get_dialect()(), server)


def mysql8() -> MysqlBackend:
    return MysqlBackend(
        sa.make_url("mysql+pymysql://").get_dialect()(), Server(dialect="mysql", version=(8, 4), flavour="mysql")
    )


def recorded(function: Callable[[], object], dialect: str = "mysql") -> list[str]:
    found = backend_for(sa.make_url(f"{dialect}+pymysql://").get_dialect()())
    operations = schemadiff.record(function, f"{dialect}+pymysql")
    return [text for operation in operations for text in found.statements(operation)]


# What op writes offline, where it is not known what server will read it.
WRITTEN: dict[str, tuple[Callable[[], object], list[str]]] = {
    "rename a column": (
        lambda: op.alter_column("t", "a", new_column_name="b"),
        ["ALTER TABLE `t` RENAME COLUMN `a` TO `b`"],
    ),
    "rename and change": (
        lambda: op.alter_column(
            "t", "a", new_column_name="b", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False
        ),
        ["ALTER TABLE `t` CHANGE COLUMN `a` `b` bigint NOT NULL"],
    ),
    "nullable": (
        lambda: op.alter_column(
            "t", "a", nullable=False, existing_type=sa.String(5), existing_server_default="x", existing_comment="it's"
        ),
        ["ALTER TABLE `t` MODIFY COLUMN `a` varchar(5) NOT NULL DEFAULT 'x' COMMENT 'it''s'"],
    ),
    "a unique constraint": (lambda: op.drop_constraint("u", "t", type_="unique"), ["ALTER TABLE `t` DROP INDEX `u`"]),
    "a foreign key": (
        lambda: op.drop_constraint("f", "t", type_="foreignkey"),
        ["ALTER TABLE `t` DROP FOREIGN KEY `f`"],
    ),
    "a check": (lambda: op.drop_constraint("c", "t", type_="check"), ["ALTER TABLE `t` DROP CONSTRAINT `c`"]),
    "something": (lambda: op.drop_constraint("c", "t"), ["ALTER TABLE `t` DROP CONSTRAINT `c`"]),
    "a primary key": (
        lambda: op.drop_constraint("PRIMARY", "t", type_="primary"),
        ["ALTER TABLE `t` DROP PRIMARY KEY"],
    ),
    "an index": (lambda: op.drop_index("i", table_name="t"), ["ALTER TABLE `t` DROP INDEX `i`"]),
    "an index in a schema": (
        lambda: op.create_index("i", "t", ["a"], schema="s"),
        ["ALTER TABLE `s`.`t` ADD INDEX `i` (`a`)"],
    ),
    "a full-text index": (
        lambda: op.create_index("i", "t", ["a"], mysql_prefix="FULLTEXT", mysql_with_parser="ngram"),
        ["ALTER TABLE `t` ADD FULLTEXT INDEX `i` (`a`) WITH PARSER `ngram`"],
    ),
    "an expression": (
        lambda: op.create_index("i", "t", [sa.text("lower(a)")]),
        ["ALTER TABLE `t` ADD INDEX `i` ((lower(a)))"],
    ),
    "a table": (lambda: op.rename_table("t", "u", schema="s"), ["RENAME TABLE `s`.`t` TO `s`.`u`"]),
    "a schema": (lambda: op.create_schema("s"), ["CREATE DATABASE `s`"]),
    "a character set": (
        lambda: op.create_table("t", sa.Column("a", sa.String(5)), mysql_charset="utf8mb4", mysql_engine="InnoDB"),
        ["CREATE TABLE `t` (\n  `a` varchar(5)\n) DEFAULT CHARACTER SET utf8mb4"],
    ),
    "a batch": (
        lambda: batch(),
        ["ALTER TABLE `t` DROP COLUMN `a`, ADD COLUMN `b` int, ADD INDEX `i` (`b`)", "ALTER TABLE `t` DROP INDEX `i`"],
    ),
}


def batch() -> None:
    with op.batch_alter_table("t") as changes:
        changes.drop_column("a")
        changes.add_column(sa.Column("b", sa.Integer))
        changes.create_index("i", ["b"])
        changes.drop_index("i")


@pytest.mark.parametrize("name", WRITTEN)
def test_written(name: str) -> None:
    function, statements = WRITTEN[name]
    assert recorded(function) == statements


STATE = ColumnState(type=DataType("int"))
REFUSED: dict[str, tuple[Operation, str]] = {
    "unknown type": (
        AlterColumn(table=T, name="a", after=ColumnState(nullable=False)),
        r"column t\.a: .* existing_type= is not known",
    ),
    "unknown nullability": (
        AlterColumn(table=T, name="a", after=STATE),
        r"column t\.a: .* existing_nullable= is not known",
    ),
    "an index without a table": (DropIndex(table=None, name="i"), "need the index's table; give table_name="),
    "an unnamed constraint": (DropConstraint(table=T, name=None, kind="unique"), "give the constraint's name"),
    "an exclusion": (
        AddConstraint(table=T, constraint=ExcludeConstraint(name="x", elements=())),
        "no exclusion constraints",
    ),
    "a part of a partitioning": (AlterTable(name=T, after=(("partitions", "3"),)), "cannot be changed one by one"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    operation, message = REFUSED[name]
    with pytest.raises(OperationError, match=message):
        backend().statements(operation)


def test_mysql_has_no_sequences_and_no_if_exists() -> None:
    with pytest.raises(UnsupportedOperation, match="MySQL has no sequences"):
        mysql8().statements(CreateSequence(sequence=Sequence(name=Name("s"))))
    with pytest.raises(UnsupportedOperation, match="MySQL has no IF EXISTS here"):
        mysql8().statements(DropIndex(table=T, name="i", if_exists=True))
    assert backend().statements(DropIndex(table=T, name="i", if_exists=True)) == (
        "ALTER TABLE `t` DROP INDEX IF EXISTS `i`",
    )


def test_an_enum_is_no_object() -> None:
    assert backend().statements(CreateEnum(enum=Enum(name=Name("e"), values=("a",)))) == ()


def test_backslashes_by_sql_mode() -> None:
    state = ColumnState(type=DataType("int"), nullable=True, comment="a\\b")
    operation = AlterColumn(table=T, name="a", after=state)
    assert backend().statements(operation)[0].endswith(r"COMMENT 'a\\b'")
    assert backend(sql_mode="NO_BACKSLASH_ESCAPES").statements(operation)[0].endswith(r"COMMENT 'a\b'")


def test_names_that_the_server_gives() -> None:
    check = CheckConstraint(name="CONSTRAINT_1", expression=Expression("a > 0", "a > 0"))
    table = Table(name=T, columns=(Column(name="a", type=DataType("int")),), checks=(check,))
    unnamed = CheckConstraint(name=None, expression=Expression("a > 1", "a > 1"))
    assert backend().constraint_name(table, unnamed) == "CONSTRAINT_2"
    assert mysql8().constraint_name(table, unnamed) == "t_chk_1"
    assert backend().constraint_name(table, UniqueConstraint(name=None, columns=("a",))) == "a"


def test_what_a_file_leaves_open_is_read_from_the_catalog(mysql: Backend) -> None:
    engine = mysql.engine()
    run_script(
        engine,
        "CREATE TABLE t (a int NOT NULL AUTO_INCREMENT COMMENT 'x' KEY, b varchar(5) NOT NULL DEFAULT 'y' COMMENT 'z' CHECK (b <> ''), "
        "c json, d timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())",
    )

    def change() -> None:
        op.alter_column("t", "a", type_=sa.BigInteger())
        op.alter_column("t", "b", nullable=True)
        op.alter_column("t", "c", comment="j")
        with op.batch_alter_table("t") as batch:
            batch.alter_column("d", comment="d")
            batch.alter_column("d", new_column_name="e")

    apply(engine, schemadiff.record(change, engine.dialect))
    with engine.connect() as connection:
        text = connection.exec_driver_sql("SHOW CREATE TABLE t").all()[0][1]
    assert "`a` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'x'" in text
    assert "`b` varchar(5) DEFAULT 'y' COMMENT 'z' CHECK (`b` <> '')" in text
    assert "DEFAULT NULL COMMENT 'j' CHECK (json_valid(`c`))" in text
    assert "`e` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp() COMMENT 'd'" in text


def test_a_database_that_is_not_empty_is_not_dropped(mysql: Backend) -> None:
    name = mysql.new_schema_name()
    engine = mysql.engine()
    apply(engine, [CreateSchema(name=name)])
    run_script(engine, f"CREATE TABLE `{name}`.t (a int)")
    with pytest.raises((UnsupportedOperation, MigrationFailed), match=r"not empty \(t\); drop what is in it first"):
        apply(engine, [DropSchema(name=name)])
    # The statements alone do not drop it either.
    with pytest.raises(sa.exc.DBAPIError, match="more than 1 row"):
        run_script(engine, backend().statements(DropSchema(name=name)))
    run_script(engine, f"DROP TABLE `{name}`.t")
    run_script(engine, backend().statements(DropSchema(name=name)))
    assert name not in sa.inspect(engine).get_schema_names()


def test_a_batch_goes_on_where_one_statement_cannot(mysql: Backend) -> None:
    engine = mysql.engine()
    run_script(engine, "CREATE TABLE t (a int, b int)")
    state = ColumnState(type=DataType("int"), nullable=True)
    operation = BatchAlterTable(
        table=T,
        operations=(
            AlterColumn(table=T, name="a", after=ColumnState(name="c"), before=state),
            AlterColumn(table=T, name="c", after=ColumnState(type=DataType("bigint")), before=state),
        ),
    )
    assert len(backend().statements(operation)) == 2
    apply(engine, [operation])
    assert [column["name"] for column in sa.inspect(engine).get_columns("t")] == ["c", "b"]
