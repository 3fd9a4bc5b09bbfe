"""What operations may cost: a table of cases, each with what is said of it."""

from __future__ import annotations

import pytest

from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    BatchAlterTable,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropSequence,
    DropTable,
    DropView,
    Operation,
    RenameTable,
)
from schemadiff.rendering.hazards import hazards
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    DataType,
    Domain,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
)
from tests.rendering.recording import backend_of

T, S = Name("t"), Name("t", "s")
INTEGER, BIGINT = DataType("integer"), DataType("bigint")
ONE = Expression("1", "1")
PLAIN = Column(name="c", type=INTEGER)
FILLED = Column(name="c", type=INTEGER, nullable=False, default=ONE)
NEEDED = Column(name="c", type=INTEGER, nullable=False)
COUNTED = Column(name="c", type=INTEGER, nullable=False, default=Identity())
COMPUTED = Column(name="c", type=INTEGER, default=Computed(ONE))
UNIQUE = UniqueConstraint(name="u", columns=("c",))
WIDER = UniqueConstraint(name="w", columns=("c", "d"))
PRIMARY = PrimaryKey(name="p", columns=("c",))
KEY = ForeignKey(name="f", columns=("c",), referent=Name("o"), referent_columns=("id",))
CHECK = CheckConstraint(name="k", expression=ONE)
LATER = CheckConstraint(name="k", expression=ONE, options=(("not_valid", True),))
INDEX = Index(name="i", elements=(IndexElement(what="c"),), unique=True)
PARTIAL = Index(name="i", elements=(IndexElement(what=Expression("lower(c)", "lower(c)")),), unique=True)


def altered(before: ColumnState, after: ColumnState) -> AlterColumn:
    return AlterColumn(table=T, name="c", before=before, after=after)


def adds(constraint: object) -> AddConstraint:
    return AddConstraint(table=T, constraint=constraint)  # type: ignore[arg-type]


def drops(constraint: object) -> DropConstraint:
    return adds(constraint).reverse()


CASES: list[tuple[str, list[Operation], list[str]]] = [
    ("a table", [DropTable(name=S)], ["table s.t loses data: its rows are lost"]),
    ("a table made anew", [DropTable(name=T), CreateTable(table=Table(name=T, columns=(PLAIN,)))], [
        "table t loses data: its rows are lost; it is made anew"]),
    ("a sequence", [DropSequence(name=T)], ["sequence t loses data: where it stands is lost"]),
    ("a column", [DropColumn(table=S, name="c")], ["column s.t.c loses data: its values are lost"]),
    ("in a batch", [BatchAlterTable(table=T, operations=(DropColumn(table=T, name="c"),))], [
        "column t.c loses data: its values are lost"]),
    ("a column made anew", [DropColumn(table=T, name="c"), AddColumn(table=T, column=FILLED)], [
        "column t.c loses data: its values are lost; it is made anew"]),
    ("a computed column", [DropColumn(table=T, name="c", column=COMPUTED)], []),
    ("a view, an enum type, a name", [DropView(name=T), DropEnum(name=T), RenameTable(name=T, new_name="u")], []),
    ("a narrower type", [altered(ColumnState(type=BIGINT), ColumnState(type=INTEGER))], [
        "column t.c may fail: values outside of -2147483648 to 2147483647 are refused"]),
    ("a type that rounds", [altered(ColumnState(type=DataType("numeric(8,2)")), ColumnState(type=DataType("numeric(8,0)")))], [
        "column t.c loses data: decimal places are rounded"]),
    ("a wider type", [altered(ColumnState(type=INTEGER), ColumnState(type=BIGINT))], []),
    ("a type that nobody knows", [altered(ColumnState(), ColumnState(type=INTEGER))], []),
    ("NOT NULL", [altered(ColumnState(nullable=True), ColumnState(nullable=False))], [
        "column t.c may fail: rows where it is NULL are refused"]),
    ("NULL", [altered(ColumnState(nullable=False), ColumnState(nullable=True))], []),
    ("a column that is computed now", [altered(ColumnState(default=None), ColumnState(default=Computed(ONE)))], [
        "column t.c loses data: its values are lost: computed ones take their place"]),
    ("another expression", [altered(ColumnState(default=Computed(ONE)), ColumnState(default=Computed(ONE)))], []),
    ("a new column", [AddColumn(table=T, column=PLAIN), AddColumn(table=T, column=FILLED)], []),
    ("a new column without a value", [AddColumn(table=T, column=NEEDED)], [
        "column t.c may fail: it is NOT NULL without a default, which any row is in the way of"]),
    ("a new column that counts", [AddColumn(table=T, column=COUNTED), adds(PRIMARY)], []),
    ("values of an enum type", [AlterEnum(name=S, before=("a", "b'"), after=("a", "c"))], [
        'enum type s.t may fail: rows that hold "b\'" are refused']),
    ("a domain", [AlterDomain(
        before=Domain(name=T, type=BIGINT), after=Domain(name=T, type=INTEGER, nullable=False, checks=(CHECK,)))], [
        "domain t may fail: values outside of -2147483648 to 2147483647 are refused",
        "domain t may fail: rows where it is NULL are refused",
        "domain t may fail: values that do not satisfy its new checks are refused"]),
    ("a unique constraint", [adds(UNIQUE)], ["unique constraint t.u may fail: rows that are equal in c are refused"]),
    ("of a new table", [CreateTable(table=Table(name=T, columns=(PLAIN,))), adds(UNIQUE), adds(KEY)], []),
    ("of a new column, NULL", [AddColumn(table=T, column=PLAIN), adds(UNIQUE), adds(KEY)], []),
    ("of a new column, 1", [AddColumn(table=T, column=FILLED), adds(UNIQUE)], [
        "unique constraint t.u may fail: rows that are equal in c are refused"]),
    ("what is unique already", [drops(UNIQUE), adds(WIDER)], []),
    ("what is not yet unique", [drops(WIDER), adds(UNIQUE)], [
        "unique constraint t.u may fail: rows that are equal in c are refused"]),
    ("a primary key", [adds(PRIMARY)], ["primary key t.p may fail: rows that are equal in c are refused"]),
    ("a foreign key", [adds(KEY)], ["foreign key t.f may fail: rows whose c is not in o are refused"]),
    ("the same foreign key", [drops(KEY), adds(KEY)], []),
    ("a check", [adds(CHECK)], ["check constraint t.k may fail: rows that do not satisfy it are refused"]),
    ("a check that does not look", [adds(LATER)], []),
    ("a unique index", [CreateIndex(table=T, index=INDEX)], ["index t.i may fail: rows that are equal in c are refused"]),
    ("a unique index on an expression", [CreateIndex(table=T, index=PARTIAL)], [
        "index t.i may fail: rows that are equal in lower(c) are refused"]),
    ("an index for a constraint", [drops(UNIQUE), CreateIndex(table=T, index=INDEX)], []),
    ("a constraint for an index", [DropIndex(table=T, name="i", index=INDEX), adds(UNIQUE)], []),
    ("hostile names", [DropTable(name=Name("a\x1b[31m"))], ["table a\\x1b[31m loses data: its rows are lost"]),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_hazards(operations: list[Operation], said: list[str]) -> None:
    assert [str(hazard) for hazard in hazards(operations, backend_of("postgresql"))] == said


def test_a_hazard_names_what_it_is_about() -> None:
    operation = DropColumn(table=S, name="c")
    (hazard,) = hazards([operation], backend_of("postgresql"))
    assert (hazard.kind, hazard.table, hazard.column, hazard.operation) == ("loses data", S, "c", operation)
    (hazard,) = hazards([adds(UNIQUE)], backend_of("postgresql"))
    assert (hazard.kind, hazard.table, hazard.column, hazard.name) == ("may fail", T, None, "u")


def test_a_database_that_fills_new_columns() -> None:
    assert hazards([AddColumn(table=T, column=NEEDED)], backend_of("mysql")) == ()
