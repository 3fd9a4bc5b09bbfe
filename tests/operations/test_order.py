"""The order of operations: cases, and the properties that hold for all of them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterEnum,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    Effects,
    Operation,
    ordered,
    reverse_all,
)
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ColumnState,
    Computed,
    DataType,
    Enum,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Table,
    UniqueConstraint,
)

INTEGER = DataType("integer")
MOOD = DataType("mood", Name("mood"))


def table(name: str, *referents: str, columns: tuple[Column, ...] = (), schema: str | None = None) -> Table:
    keys = tuple(
        ForeignKey(name=f"{name}_{r}_fkey", columns=("other",), referent=Name(r), referent_columns=("id",))
        for r in referents
    )
    own = (Column(name="id", type=INTEGER), Column(name="other", type=INTEGER), *columns)
    primary_key = PrimaryKey(name=f"{name}_pkey", columns=("id",))
    return Table(name=Name(name, schema), columns=own, primary_key=primary_key, foreign_keys=keys)


def expression(sql: str) -> Expression:
    return Expression(sql, sql)


A, B = Name("a"), Name("b")
KEY = UniqueConstraint(name="u", columns=("x",))
REFERENCE = ForeignKey(name="f", columns=("y",), referent=A, referent_columns=("x",))
CHECK = CheckConstraint(name="c", expression=expression("x > 0"))
INDEX = Index(name="i", elements=(IndexElement(what="x"),))
X = Column(name="x", type=INTEGER)
COMPUTED = Column(name="z", type=INTEGER, default=Computed(expression("x + 1")))

CASES: dict[str, list[Operation]] = {
    # Each list is in the one order in which it can run; names run against it, so that no tie-break gives the order by chance.
    "a schema before its table": [CreateSchema(name="z"), CreateTable(table=table("a", schema="z"))],
    "a referent before who refers to it": [CreateTable(table=table("z")), CreateTable(table=table("a", "z"))],
    "a dropped table after who refers to it": [
        DropTable(name=Name("z"), table=table("z", "a")),
        DropTable(name=A, table=table("a")),
    ],
    "a foreign key off before its referent goes": [
        DropConstraint(table=Name("z"), name="f", kind="foreignkey", constraint=REFERENCE),
        DropTable(name=A, table=Table(name=A, columns=(X,), uniques=(KEY,))),
    ],
    "a key before the foreign key that needs it": [
        AddConstraint(table=A, constraint=KEY),
        AddConstraint(table=A, constraint=REFERENCE),
    ],
    "a type before its column, and gone after it": [
        CreateEnum(enum=Enum(name=Name("mood"), values=("a",))),
        AddColumn(table=A, column=Column(name="m", type=MOOD)),
    ],
    "a type gone after its column": [
        DropColumn(table=Name("z"), name="m", column=Column(name="m", type=MOOD)),
        DropEnum(name=Name("mood"), enum=Enum(name=Name("mood"), values=("a",))),
    ],
    "a value before the column that may hold it": [
        AlterEnum(name=Name("mood"), before=("a",), after=("a", "b")),
        AddColumn(table=A, column=Column(name="m", type=MOOD)),
    ],
    "a column before the index on it": [AddColumn(table=A, column=X), CreateIndex(table=A, index=INDEX)],
    "an index off before its column": [
        DropIndex(table=A, name="i", index=INDEX),
        DropColumn(table=A, name="x", column=X),
    ],
    "a check off, its column changed, a check on": [
        DropConstraint(table=A, name="c", kind="check", constraint=CHECK),
        AlterColumn(table=A, name="x", after=ColumnState(type=INTEGER), before=ColumnState(type=DataType("text"))),
        AddConstraint(table=A, constraint=CheckConstraint(name="c", expression=expression("x > 1"))),
    ],
    "a column before the generated one": [AddColumn(table=A, column=X), AddColumn(table=A, column=COMPUTED)],
    "a generated column off before what it is made from": [
        DropColumn(table=A, name="z", column=COMPUTED),
        DropColumn(table=A, name="x", column=X),
    ],
    "a name is free before it is given again": [
        DropIndex(table=A, name="u", index=Index(name="u", elements=INDEX.elements, unique=True)),
        AddConstraint(table=A, constraint=KEY),
    ],
    "a column replaced": [DropColumn(table=A, name="x", column=X), AddColumn(table=A, column=X)],
}


@pytest.mark.parametrize("operations", CASES.values(), ids=CASES.keys())
def test_case(operations: list[Operation]) -> None:
    expected = tuple(operations)
    for seed in range(6):
        random.Random(seed).shuffle(operations)
        assert ordered(operations) == expected
    # The way back needs no sorting, and sorting it changes nothing that matters.
    assert ordered(reverse_all(expected)) == reverse_all(expected)


def test_a_cycle_is_broken_by_its_foreign_keys() -> None:
    up = ordered([CreateTable(table=table("a", "b")), CreateTable(table=table("b", "a"))])
    assert [operation.describe() for operation in up] == [
        "Create table a",
        "Create table b",
        "Add foreign key a_b_fkey to a",
        "Add foreign key b_a_fkey to b",
    ]
    assert [operation.describe() for operation in reverse_all(up)] == [
        "Drop foreign key b_a_fkey of b",
        "Drop foreign key a_b_fkey of a",
        "Drop table b",
        "Drop table a",
    ]


def test_only_the_cycle_is_broken() -> None:
    up = ordered(CreateTable(table=t) for t in (table("a", "b"), table("b", "a"), table("c", "a"), table("d", "d")))
    created = {operation.table.name.name: operation.table for operation in up if isinstance(operation, CreateTable)}
    assert [len(created[name].foreign_keys) for name in "abcd"] == [0, 0, 1, 1]


def test_where_keys_cannot_come_later_and_need_no_referents_nothing_is_split() -> None:
    operations = [CreateTable(table=table("a", "b")), CreateTable(table=table("b", "a"))]
    up = ordered(operations, keys_need_referents=False, later_keys=lambda table, keys: ())
    assert [operation.describe() for operation in up] == ["Create table a", "Create table b"]


def test_a_chain_of_thousands_does_not_recurse() -> None:
    chain = [CreateTable(table=table(f"t{i:05}", f"t{i + 1:05}")) for i in range(5000)]
    up = ordered(chain)
    assert [operation.describe() for operation in up] == [f"Create table t{i:05}" for i in reversed(range(5000))]


@given(st.sets(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg"))), st.randoms(use_true_random=False))
def test_every_graph_of_foreign_keys_can_be_created(edges: set[tuple[str, str]], shuffle: random.Random) -> None:
    tables = [table(name, *sorted(b for a, b in edges if a == name)) for name in "abcdefg"]
    operations: list[Operation] = [CreateTable(table=t) for t in tables]
    shuffle.shuffle(operations)
    up = ordered(operations)
    assert up == ordered(reversed(operations))
    _runs(up, set())
    _runs(reverse_all(up), set("abcdefg"))


def _runs(operations: tuple[Operation, ...], there: set[str]) -> None:
    """Play the operations through: every foreign key finds its table, and no table goes while one points at it."""
    pointing: set[tuple[str, str]] = set()
    if there:
        for operation in operations:
            match operation:
                case DropTable(table=Table() as t):
                    pointing |= {(t.name.name, k.referent.name) for k in t.foreign_keys}
                case DropConstraint(table=t_name, constraint=ForeignKey() as k):
                    pointing.add((t_name.name, k.referent.name))
    for operation in operations:
        match operation:
            case CreateTable(table=t):
                there.add(t.name.name)
                assert {k.referent.name for k in t.foreign_keys} <= there
                pointing |= {(t.name.name, k.referent.name) for k in t.foreign_keys}
            case AddConstraint(table=t_name, constraint=ForeignKey() as k):
                assert k.referent.name in there
                pointing.add((t_name.name, k.referent.name))
            case DropConstraint(table=t_name, constraint=ForeignKey() as k):
                pointing.remove((t_name.name, k.referent.name))
            case DropTable(name=name):
                pointing = {(a, b) for a, b in pointing if a != name.name}
                assert not {a for a, b in pointing if b == name.name}
                there.remove(name.name)


def test_what_a_database_says_that_operations_touch_decides() -> None:
    def named(operation: Operation) -> Effects:
        match operation:
            case AddConstraint(constraint=constraint):
                return Effects(provides=frozenset({("name", str(constraint.name))}))
            case DropConstraint(name=name):
                return Effects(removes=frozenset({("name", str(name))}))
        return Effects()

    key = ForeignKey(name="fk_owner", columns=("other",), referent=Name("owner"), referent_columns=("id",))
    come = AddConstraint(table=Name("berth"), constraint=key)
    go = AddConstraint(table=Name("boat"), constraint=key).reverse()
    assert ordered([go, come]) == (come, go)
    assert ordered([go, come], effects=lambda operation: operation.effects() | named(operation)) == (go, come)
