"""Each operation as a call of op: what is written, and that it does the same again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schemadiff.errors import ModelError
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
    BulkInsert,
    CreateDependant,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    DropColumn,
    DropConstraint,
    DropDependant,
    DropDomain,
    DropEnum,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropView,
    EnumColumn,
    Execute,
    Operation,
    Place,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.reflection.domains import lower_domain
from schemadiff.reflection.metadata import lower_sequence, lower_table
from schemadiff.rendering import RenderOptions, render_operations
from schemadiff.rendering.directives import directives
from schemadiff.rendering.tree import Assign, Comment, call
from schemadiff.schema import (
    UNSET,
    Column,
    ColumnState,
    Dependant,
    Domain,
    Enum,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    Table,
    UniqueConstraint,
    View,
)
from tests.rendering.recording import backend_of, same_again, text_of

T = Name("t")
S = Name("t", "s")


def columns_of(*items: Any, dialect: str = "postgresql", plain: bool = False, **keywords: Any) -> Table:
    """Lower a table; ``plain`` as if it had been read from a database, without the model's objects."""
    lowered = lower_table(sa.Table("t", sa.MetaData(), *items, **keywords), backend_of(dialect), resolve=False)
    return without_origins(lowered) if plain else lowered


def domain_of(type_: Any = sa.Text, *checks: sa.CheckConstraint, **said: Any) -> Domain:
    usual: dict[str, Any] = {"nullable": True, "server_default": None, "collation": None, "metadata": sa.MetaData()}
    return lower_domain("t", "s", type_, backend_of("postgresql"), checks=checks, **usual | said)


def without_origins(thing: Any) -> Any:
    """Return a noun without the model's objects in it."""
    if isinstance(thing, tuple):
        return tuple(without_origins(each) for each in thing)
    if not hasattr(thing, "__dataclass_fields__"):
        return thing
    kept = {name: without_origins(getattr(thing, name)) for name in thing.__dataclass_fields__ if name != "origin"}
    if hasattr(thing, "implicit") and thing.name is not None:
        kept["implicit"] = False
    return type(thing)(**kept)


def column_of(*arguments: Any, dialect: str = "postgresql", **keywords: Any) -> Column:
    return columns_of(sa.Column("c", *arguments, **keywords), dialect=dialect).columns[0]


def constraint_of(item: Any, dialect: str = "postgresql", *, plain: bool = False) -> Any:
    columns = [sa.Column(name, sa.Integer) for name in "ab"]
    table = columns_of(*columns, item, dialect=dialect, plain=plain)
    return next(iter(table.constraints()))


def index_of(*elements: Any, **keywords: Any) -> Index:
    columns = [sa.Column(name, sa.Text) for name in "ab"]
    return columns_of(*columns, sa.Index("ix", *elements, **keywords)).indexes[0]


INTEGER, BIGINT = column_of(sa.Integer).type, column_of(sa.BigInteger).type
ONE, TWO = column_of(sa.Integer, server_default="1").default, column_of(sa.Integer, server_default=sa.text("2")).default
TABLE = columns_of(sa.Column("a", sa.Integer), plain=True)

CASES: list[tuple[Operation, str]] = [
    (CreateSchema(name="s"), 'op.create_schema("s")'),
    (CreateSchema(name="s", if_not_exists=True), 'op.create_schema("s", if_not_exists=True)'),
    (DropSchema(name="s", if_exists=True), 'op.drop_schema("s", if_exists=True)'),
    (DropTable(name=S), 'op.drop_table("t", schema="s")'),
    (DropTable(name=T, if_exists=True), 'op.drop_table("t", if_exists=True)'),
    (RenameTable(name=S, new_name="u"), 'op.rename_table("t", "u", schema="s")'),
    (SetTableComment(name=T, comment="x"), 'op.create_table_comment("t", "x")'),
    (SetTableComment(name=S, comment="x", before="y"), 'op.create_table_comment("t", "x", existing_comment="y", schema="s")'),
    (SetTableComment(name=T, comment=None, before="y"), 'op.drop_table_comment("t", existing_comment="y")'),
    (DropColumn(table=S, name="c"), 'op.drop_column("t", "c", schema="s")'),
    (DropIndex(table=T, name="ix"), 'op.drop_index(op.f("ix"), "t")'),
    (DropIndex(table=T, name="ix", concurrently=True), 'op.drop_index(op.f("ix"), "t", postgresql_concurrently=True)'),
    (RenameIndex(table=S, name="ix", new_name="iy"), 'op.rename_index("ix", "iy", "t", schema="s")'),
    (RenameIndex(table=None, name="ix", new_name="iy", schema="s"), 'op.rename_index("ix", "iy", schema="s")'),
    (
        RenameIndex(table=T, name="ix", new_name="iy", index=Index(name="ix", elements=(IndexElement(what="a"),))),
        'op.rename_index("ix", "iy", "t", existing=sa.Index(op.f("ix"), "a"))',
    ),
    (
        RenameConstraint(table=S, name="k", new_name="l", kind="check"),
        'op.rename_constraint("k", "l", "t", type_="check", schema="s")',
    ),
    (
        RenameConstraint(
            table=T, name="k", new_name="l", kind="unique", constraint=UniqueConstraint(name="k", columns=("a",))
        ),
        'op.rename_constraint("k", "l", "t", type_="unique", existing=sa.UniqueConstraint("a", name=op.f("k")))',
    ),
    (
        AddColumn(
            table=T,
            column=column_of(sa.Integer),
            inline=(ForeignKey(name="k", columns=("c",), referent=S, referent_columns=("id",), ondelete="CASCADE"),),
        ),
        'op.add_column("t", sa.Column("c", sa.Integer(), sa.ForeignKey("s.t.id", ondelete="CASCADE", name=op.f("k"))),'
        " inline_references=True)",
    ),
    (
        BatchAlterTable(
            table=T,
            operations=(
                AddColumn(table=T, column=column_of(sa.Integer), place=Place(before="a")),
                AlterColumn(table=T, name="b", after=ColumnState(), place=Place(after="a")),
            ),
            reordering=(("a", "b"),),
            additions=(AddConstraint(table=T, constraint=UniqueConstraint(name="k", columns=("a",))),),
            naming_convention={"uq": "uq_%(table_name)s"},
        ),
        'with op.batch_alter_table("t", partial_reordering=[["a", "b"]], table_args=[sa.UniqueConstraint("a", name=op.f("k"))],'
        ' naming_convention={"uq": "uq_%(table_name)s"}) as batch_op:'
        ' batch_op.add_column(sa.Column("c", sa.Integer()), insert_before="a") batch_op.alter_column("b", insert_after="a")',
    ),
    (DropIndex(table=None, name="ix", schema="s"), 'op.drop_index(op.f("ix"), schema="s")'),
    (DropConstraint(table=S, name="k", kind="check"), 'op.drop_constraint(op.f("k"), "t", type_="check", schema="s")'),
    (DropConstraint(table=T, name=None, kind="primary"), 'op.drop_constraint(None, "t", type_="primary")'),
    (Execute(sql="SELECT ':x' || a::text"), "op.execute(\"SELECT ':x' || a::text\")"),
    (Execute(sql="SELECT \\:x"), 'op.execute("SELECT \\\\\\\\:x")'),
    (CreateView(view=View(name=S, sql="SELECT 1")), 'op.create_view("t", "SELECT 1", schema="s")'),
    (DropView(name=T, materialized=True), 'op.drop_view("t", materialized=True)'),
    (
        CreateDependant(dependant=Dependant(kind="view", name="v", schema="s", sql="CREATE ':x' %s", also=("GRANT",))),
        'op.create_dependant("view", "v", "CREATE \':x\' %s", "GRANT", schema="s")',
    ),
    (
        CreateDependant(dependant=Dependant(kind="trigger", name="tr", table=S, sql="CREATE", drop="DROP")),
        'op.create_dependant("trigger", "tr", "CREATE", table_name="t", schema="s")',
    ),
    (
        DropDependant(dependant=Dependant(kind="policy", name="p", table=T, sql="CREATE", drop="DROP POLICY")),
        'op.drop_dependant("policy", "p", "DROP POLICY", table_name="t")',
    ),
    (CreateEnum(enum=Enum(name=S, values=("a", "b"))), 'op.create_enum("t", ["a", "b"], schema="s")'),
    (DropEnum(name=T), 'op.drop_enum("t")'),
    (
        AlterEnum(name=T, before=("a",), after=("a", "b")),
        'op.alter_enum("t", ["a", "b"], existing_values=["a"])',
    ),
    (
        CreateDomain(domain=domain_of(sa.String(9), sa.CheckConstraint("VALUE <> '\\:x'", name="k"), nullable=False)),
        'op.create_domain("t", sa.String(length=9), nullable=False,'
        " constraints=[sa.CheckConstraint(\"VALUE <> '\\\\:x'\", name=\"k\")], schema=\"s\")",
    ),
    (DropDomain(name=S), 'op.drop_domain("t", schema="s")'),
    (
        AlterDomain(before=domain_of(server_default="x", comment="y"), after=domain_of(nullable=False, collation="C")),
        'op.alter_domain("t", nullable=False, server_default=None, collation="C", comment=None, existing_type=sa.Text(),'
        ' existing_server_default="x", existing_comment="y", schema="s")',
    ),
    (
        AlterDomain(
            before=domain_of(sa.Text, sa.CheckConstraint("VALUE <> ''", name="k")),
            after=domain_of(sa.Integer),
            columns=(EnumColumn(T, "c", array=True),),
        ),
        'op.alter_domain("t", type_=sa.Integer(), constraints=[], existing_type=sa.Text(),'
        " existing_constraints=[sa.CheckConstraint(\"VALUE <> ''\", name=\"k\")],"
        ' columns=[op.domain_column("t", "c", array=True)], schema="s")',
    ),
    (DropSequence(name=S), 'op.drop_sequence("t", schema="s")'),
    # columns
    (
        AddColumn(table=S, column=column_of(sa.String(9), nullable=False, server_default="x", comment="y")),
        'op.add_column("t", sa.Column("c", sa.String(length=9), server_default="x", nullable=False, comment="y"), schema="s")',
    ),
    (
        AddColumn(table=T, column=column_of(sa.Integer, sa.Identity(always=True, start=5))),
        'op.add_column("t", sa.Column("c", sa.Integer(), sa.Identity(always=True, start=5), nullable=False))',
    ),
    (
        AddColumn(table=T, column=without_origins(column_of(sa.Integer, sa.Identity(increment=-2, cache=7)))),
        'op.add_column("t", sa.Column("c", sa.Integer(), sa.Identity(increment=-2, cache=7), nullable=False))',
    ),
    (
        AddColumn(table=T, column=column_of(sa.Text, sa.Computed("a || '\\:x'", persisted=True))),
        'op.add_column("t", sa.Column("c", sa.Text(), sa.Computed("a || \'\\\\:x\'", persisted=True)))',
    ),
    (
        AlterColumn(table=T, name="c", after=ColumnState(type=BIGINT), before=ColumnState(type=INTEGER, nullable=False, comment=None)),
        'op.alter_column("t", "c", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)',
    ),
    (
        AlterColumn(table=T, name="c", after=ColumnState(type=BIGINT), using="c::bigint"),
        'op.alter_column("t", "c", type_=sa.BigInteger(), postgresql_using="c::bigint")',
    ),
    (
        AlterColumn(table=S, name="c", after=ColumnState(name="d", nullable=True), before=ColumnState(nullable=False)),
        'op.alter_column("t", "c", new_column_name="d", nullable=True, existing_nullable=False, schema="s")',
    ),
    (
        AlterColumn(table=T, name="c", after=ColumnState(default=TWO), before=ColumnState(default=ONE)),
        'op.alter_column("t", "c", server_default=sa.text("2"), existing_server_default="1")',
    ),
    (
        AlterColumn(table=T, name="c", after=ColumnState(default=None), before=ColumnState(default=ONE, type=INTEGER)),
        'op.alter_column("t", "c", server_default=None, existing_type=sa.Integer(), existing_server_default="1")',
    ),
    (
        AlterColumn(table=T, name="c", after=ColumnState(comment=None), before=ColumnState(comment="x")),
        'op.alter_column("t", "c", comment=None, existing_comment="x")',
    ),
    (
        AlterColumn(
            table=T,
            name="c",
            after=ColumnState(collation="C"),
            before=ColumnState(type=column_of(sa.Text).type, collation=None),
        ),
        'op.alter_column("t", "c", type_=sa.Text(collation="C"), existing_type=sa.Text())',
    ),
    # constraints
    (
        AddConstraint(table=S, constraint=constraint_of(sa.PrimaryKeyConstraint("b", "a", name="k"))),
        'op.create_primary_key("k", "t", ["b", "a"], schema="s")',
    ),
    (
        AddConstraint(table=T, constraint=constraint_of(sa.UniqueConstraint("a", name=sa.schema.conv("k"), deferrable=True))),
        'op.create_unique_constraint(op.f("k"), "t", ["a"], deferrable=True)',
    ),
    (
        AddConstraint(table=T, constraint=constraint_of(sa.CheckConstraint("a <> '\\:x'", name="k"))),
        "op.create_check_constraint(\"k\", \"t\", \"a <> '\\\\:x'\")",
    ),
    (
        AddConstraint(
            table=S,
            constraint=constraint_of(
                sa.ForeignKeyConstraint(
                    ["a"], ["r.u.x"], name="k", ondelete="cascade", match="FULL", deferrable=True, initially="DEFERRED"
                )
            ),
        ),
        'op.create_foreign_key("k", "t", "u", ["a"], ["x"], ondelete="CASCADE", match="FULL", deferrable=True,'
        ' initially="DEFERRED", source_schema="s", referent_schema="r")',
    ),
    (
        AddConstraint(
            table=T,
            constraint=constraint_of(
                postgresql.ExcludeConstraint((sa.column("a"), "="), (sa.text("int4range(a, b)"), "&&"), name="k", where=sa.text("a > 1"))
            ),
        ),
        'op.create_exclude_constraint("k", "t", (sa.column("a"), "="), (sa.text("int4range(a, b)"), "&&"), using="gist",'
        ' where=sa.text("a > 1"))',
    ),
    # indexes
    (CreateIndex(table=S, index=index_of("a", unique=True)), 'op.create_index("ix", "t", ["a"], unique=True, schema="s")'),
    (
        CreateIndex(table=T, index=index_of(sa.desc("a"), sa.text("lower(b)"))),
        'op.create_index("ix", "t", [sa.column("a").desc(), sa.text("lower(b)")])',
    ),
    (
        CreateIndex(table=T, index=index_of(sa.column("a").collate("C").desc().nulls_last())),
        'op.create_index("ix", "t", [sa.column("a").collate("C").desc().nulls_last()])',
    ),
    (
        CreateIndex(
            table=T,
            index=index_of(
                "a",
                postgresql_where=sa.column("b") == "x",
                postgresql_include=["b"],
                postgresql_with={"fillfactor": 70},
                sqlite_where=sa.text("b = 'y'"),
                mysql_length={"a": 5},
            ),
        ),
        'op.create_index("ix", "t", ["a"], mysql_length={"a": 5}, postgresql_include=["b"],'
        " postgresql_where=sa.text(\"b = 'x'\"), postgresql_with={\"fillfactor\": 70}, sqlite_where=sa.text(\"b = 'y'\"))",
    ),
    (
        CreateIndex(
            table=T,
            index=Index(
                name="ix",
                elements=(
                    IndexElement(what="a", opclass="text_pattern_ops"),
                    IndexElement(what=Expression("lower(b)", "lower ( b )"), descending=True, opclass="text_pattern_ops"),
                ),
            ),
        ),
        'op.create_index(op.f("ix"), "t", ["a", sa.literal_column("lower(b)").desc().label("expression_2")],'
        ' postgresql_ops={"a": "text_pattern_ops", "expression_2": "text_pattern_ops"})',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "text"), CASES, ids=[text[:60] for _, text in CASES])
def test_one_call(operation: Operation, text: str) -> None:
    found = text_of(operation)
    assert " ".join(found.split()).replace("( ", "(").replace(" )", ")").replace(",)", ")").replace(", )", ")") == text
    same_again([operation], "postgresql")


def test_a_sequence() -> None:
    backend = backend_of("postgresql")
    made = lower_sequence(sa.Sequence("q", start=5, increment=2, cycle=True), backend)
    assert text_of(CreateSequence(sequence=made)) == 'op.create_sequence("q", start=5, increment=2, cycle=True)'
    usual = lower_sequence(sa.Sequence("q"), backend)
    assert text_of(CreateSequence(sequence=usual)) == 'op.create_sequence("q")'
    changed = AlterSequence(before=made, after=replace(made, cycle=False, cache=9))
    assert text_of(changed).split("existing")[0].split() == ["op.alter_sequence(", '"q",', "cache=9,", "cycle=False,"]
    turned = AlterSequence(before=usual, after=lower_sequence(sa.Sequence("q", increment=-1), backend))
    for operation in (changed, changed.reverse(), turned, turned.reverse(), CreateSequence(sequence=made)):
        same_again([operation], "postgresql")


def test_an_enum_with_its_columns() -> None:
    enum = sa.Enum("a", "b", name="m")
    old, new = (column_of(enum, server_default=each).default for each in ("a", "b"))
    assert isinstance(old, Expression)
    assert isinstance(new, Expression)
    columns = (
        EnumColumn(T, "c", default=old, new_default=old),
        EnumColumn(S, "d", array=True),
        EnumColumn(T, "e", default=old, new_default=new),
        EnumColumn(T, "f", default=old),
    )
    operation = AlterEnum(name=Name("m"), before=("a", "b"), after=("b", "a"), columns=columns, remake=True)
    assert text_of(operation).splitlines()[4:9] == [
        "    columns=[",
        '        op.enum_column("t", "c", server_default="a"),',
        '        op.enum_column("t", "d", schema="s", array=True),',
        '        op.enum_column("t", "e", server_default="a", new_server_default="b"),',
        '        op.enum_column("t", "f", server_default="a", new_server_default=None),',
    ]
    same_again([operation], "postgresql")


def test_options_of_a_table() -> None:
    operation = AlterTable(name=T, after=(("engine", "InnoDB"),), before=(("engine", "MyISAM"),))
    text = 'op.alter_table(\n    "t", mysql_engine="InnoDB", existing_options={"mysql_engine": "MyISAM"}\n)'
    assert text_of(operation, "mysql") == text
    same_again([operation], "mysql")
    assert (
        text_of(AlterTable(name=T, after=(("comment", None),), before=UNSET), "mysql")
        == 'op.alter_table("t", mysql_comment=None)'
    )


def test_the_arguments_of_all_dialects_go_along() -> None:
    table = columns_of(
        sa.Column("a", sa.Integer, primary_key=True),
        sa.Column("b", sa.Integer, sqlite_on_conflict_not_null="FAIL"),
        mysql_engine="InnoDB",
        sqlite_with_rowid=False,
        prefixes=["UNLOGGED"],
        comment="x",
    )
    text = same_again([CreateTable(table=table)], "postgresql")
    for argument in (
        'mysql_engine="InnoDB"',
        "sqlite_with_rowid=False",
        'prefixes=["UNLOGGED"]',
        'on_conflict_not_null="FAIL"',
    ):
        assert argument in text


def test_an_argument_as_mysql_writes_it() -> None:
    """SQLAlchemy reflects the words of SHOW CREATE TABLE, and takes them with underscores too."""
    table = columns_of(
        sa.Column("a", sa.Integer, primary_key=True), dialect="mysql", **{"mysql_default charset": "latin1"}
    )
    assert 'mysql_default_charset="latin1"' in same_again([CreateTable(table=table)], "mysql")


def test_the_server_makes_unnamed_names() -> None:
    items = [
        sa.Column("a", sa.Integer, primary_key=True),
        sa.Column("b", sa.Integer, unique=True),
        sa.CheckConstraint("b > 1"),
    ]
    assert "name=" not in same_again([CreateTable(table=columns_of(*items))], "postgresql")


class TestNamingConventions:
    """Names that a convention made are final; a constraint that has none gets none."""

    CONVENTION = {  # noqa: RUF012
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }

    def table(self, convention: dict[str, str] | None) -> sa.Table:
        return sa.Table(
            "t",
            sa.MetaData(naming_convention=convention),
            sa.Column("a", sa.Integer, primary_key=True),
            sa.Column("b", sa.Integer, unique=True),
            sa.CheckConstraint("b > 1", name=None if convention is None else "big"),
        )

    @pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
    def test_names_of_the_convention(self, dialect: str) -> None:
        table = lower_table(self.table(self.CONVENTION), backend_of(dialect))
        text = same_again([CreateTable(table=table)], dialect, self.CONVENTION)
        assert 'name=op.f("ck_t_big")' in text
        assert 'name=op.f("uq_b")' in text

    def test_without_a_name_in_the_database(self) -> None:
        table = without_origins(lower_table(self.table(None), backend_of("sqlite")))
        text = same_again([CreateTable(table=table)], "sqlite", self.CONVENTION)
        assert text.count("name=op.f(None)") == 3
        assert "op.f" not in text_of(CreateTable(table=table), "sqlite", RenderOptions(naming_convention={"ix": "x"}))


class TestOwnChecks:
    """The checks that types make are said by the types, where a table is created."""

    def table(self, **convention: str) -> sa.Table:
        return sa.Table(
            "t",
            sa.MetaData(naming_convention=convention or None),
            sa.Column("yes", sa.Boolean(name="yes", create_constraint=True)),
            sa.Column("size", sa.Enum("s", "m", name="size", native_enum=False, create_constraint=True)),
            sa.Column("mood", sa.Enum("a", "b", name="mood", create_constraint=True)),
        )

    @pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
    def test_said_by_the_type(self, dialect: str) -> None:
        text = same_again([CreateTable(table=lower_table(self.table(), backend_of(dialect)))], dialect)
        assert text.count("create_constraint=True") == 3
        assert "CheckConstraint" not in text

    @pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
    def test_names_of_a_convention(self, dialect: str) -> None:
        convention = {"ck": "ck_%(table_name)s_%(constraint_name)s"}
        table = lower_table(self.table(**convention), backend_of(dialect))
        text = same_again([CreateTable(table=table)], dialect, convention)
        assert 'sa.Boolean(name=op.f("ck_t_yes"), create_constraint=True)' in text
        # The type's own name is not that of the check, so a type cannot say it.
        assert text.count("CheckConstraint") == (1 if dialect == "sqlite" else 0)

    def test_a_check_that_was_taken_away_stays_away(self) -> None:
        table = replace(lower_table(self.table(), backend_of("sqlite")), checks=())
        assert "create_constraint" not in same_again([CreateTable(table=table)], "sqlite")


class TestBatches:
    def batch(self, **keywords: Any) -> BatchAlterTable:
        table = columns_of(
            sa.Column("a", sa.Integer, primary_key=True),
            sa.Column("b", sa.String(9), nullable=False, server_default="x"),
            sa.UniqueConstraint("b"),
            sa.Index("ix", "b"),
            dialect="sqlite",
            plain=True,
            sqlite_autoincrement=True,
        )
        table = replace(table, dependants=(Dependant(kind="trigger", name="tr", sql="CREATE TRIGGER tr ..."),))
        unique = next(iter(table.uniques))
        operations = (
            AlterColumn(table=T, name="b", after=ColumnState(nullable=True), before=ColumnState(nullable=False)),
            DropConstraint(table=T, name=None, kind="unique", constraint=unique),
            AddConstraint(
                table=T, constraint=constraint_of(sa.ForeignKeyConstraint(["a"], ["u.x"], name="k"), "sqlite")
            ),
            DropIndex(table=T, name="ix"),
        )
        return BatchAlterTable(table=T, operations=operations, copy_from=table, **keywords)

    def test_batch(self) -> None:
        assert text_of(self.batch(recreate="always"), "sqlite").splitlines() == [
            "with op.batch_alter_table(",
            '    "t",',
            '    recreate="always",',
            "    copy_from=sa.Table(",
            '        "t",',
            "        sa.MetaData(),",
            '        sa.Column("a", sa.Integer(), nullable=False),',
            '        sa.Column("b", sa.String(length=9), server_default="x", nullable=False),',
            '        sa.PrimaryKeyConstraint("a"),',
            '        sa.UniqueConstraint("b"),',
            '        sa.Index(op.f("ix"), "b"),',
            "        sqlite_autoincrement=True,",
            "    ),",
            '    dependants=[("trigger", "tr", "CREATE TRIGGER tr ...")],',
            ") as batch_op:",
            '    batch_op.alter_column("b", nullable=True, existing_nullable=False)',
            "    batch_op.drop_constraint(",
            '        None, type_="unique", existing=sa.UniqueConstraint("b")',
            "    )",
            '    batch_op.create_foreign_key("k", "u", ["a"], ["x"])',
            '    batch_op.drop_index(op.f("ix"))',
        ]
        # The table of copy_from has a MetaData of its own, and what is dropped has the name that it has.
        assert "op.f(None)" not in same_again([self.batch()], "sqlite", {"uq": "uq_%(column_0_name)s"})

    def test_a_batch_in_a_batch(self) -> None:
        with pytest.raises(ModelError, match="a batch stands inside another one"):
            text_of(BatchAlterTable(table=T, operations=(self.batch(),)), "sqlite")


def test_names_with_dots_in_a_foreign_key() -> None:
    metadata = sa.MetaData()
    other = sa.Table("o.t", metadata, sa.Column("x.y", sa.Integer, primary_key=True), schema="s.c")
    table = sa.Table("t", metadata, sa.Column("a", sa.ForeignKey(other.c["x.y"])))
    text = same_again([CreateTable(table=lower_table(table, backend_of("postgresql")))], "postgresql")
    assert ".c['x.y']" in text.replace('"', "'")


def test_rows() -> None:
    table = sa.table("t", sa.column("a", sa.Integer), sa.column("b", sa.String(9)), schema="s")
    operation = BulkInsert(table=table, rows=({"a": 1, "b": "it's"}, {"a": 2, "b": None}))
    assert text_of(operation).splitlines() == [
        "op.bulk_insert(",
        "    sa.table(",
        '        "t",',
        '        sa.column("a", sa.Integer()),',
        '        sa.column("b", sa.String(length=9)),',
        '        schema="s",',
        "    ),",
        '    [{"a": 1, "b": "it\'s"}, {"a": 2, "b": None}],',
        ")",
    ]


@dataclass(frozen=True, kw_only=True)
class CreateTrigger(Operation):
    """An operation of a user's own."""

    name: str


class TestOwnOperations:
    def test_unknown(self) -> None:
        with pytest.raises(ModelError, match=r"CreateTrigger has no Python form; .* register it with op\.register"):
            text_of(CreateTrigger(name="x"))

    def test_registered(self) -> None:
        @dataclass(frozen=True, kw_only=True)
        class Mine(CreateTrigger):
            pass

        @directives.register(Mine)
        def _(operation: Mine, rendering: Any) -> Any:
            return [
                Comment("mine"),
                Assign("x", call("op.f", operation.name)),
                call("mine.trigger", imports=["import mine"]),
            ]

        assert text_of(Mine(name="'x'")) == "# mine\nx = op.f(\"'x'\")\nmine.trigger()"
        assert len(render_operations([Mine(name="x")], backend_of("sqlite"))) == 3
