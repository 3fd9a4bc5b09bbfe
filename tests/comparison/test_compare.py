"""The comparison on plain data: what is paired with what, what is asked, what hangs together."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from schemadiff.backends import backend_for
from schemadiff.comparison import compare
from schemadiff.comparison.rules import Rules
from schemadiff.operations import AlterColumn, AlterEnum, BatchAlterTable, Operation, reverse_all
from schemadiff.reflection.metadata import lower
from schemadiff.schema import Column, Name, Schema

BACKEND = backend_for(postgresql.dialect())


def schema(*items: object, **keywords: object) -> Schema:
    metadata = sa.MetaData()
    if items:
        sa.Table("t", metadata, *items, **keywords)
    return lower(metadata, BACKEND)


def as_read(side: Schema) -> Schema:
    """The schema as a database would give it: no origins, and every name has been given by somebody."""
    tables = {}
    for name, table in side.tables.items():
        named = {
            field: tuple(replace(c, implicit=False, origin=None) for c in getattr(table, field))
            for field in ("uniques", "checks", "foreign_keys", "excludes")
        }
        key = None if table.primary_key is None else replace(table.primary_key, implicit=False, origin=None)
        tables[name] = replace(table, **named, primary_key=key, origin=None)
    return replace(side, tables=tables, complete=True)


def described(source: Schema, target: Schema, **keywords: object) -> list[str]:
    return [operation.describe() for operation in compare(as_read(source), target, BACKEND, **keywords).operations]


def columns() -> list[sa.Column[int]]:
    return [sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer)]


def test_equal_sides_ask_nothing_and_say_nothing() -> None:
    side = schema(*columns(), sa.UniqueConstraint("a"), sa.CheckConstraint("a > 0"))
    result = compare(as_read(side), side, BACKEND)
    assert result.operations == ()
    assert result.questions == ()


@pytest.mark.parametrize("name", ["t_a_key", "whatever"])
def test_an_open_name_matches_any_name(name: str) -> None:
    assert (
        described(schema(*columns(), sa.UniqueConstraint("a", name=name)), schema(*columns(), sa.UniqueConstraint("a")))
        == []
    )


def test_a_given_name_matches_only_itself() -> None:
    there, wanted = sa.UniqueConstraint("a", name="one"), sa.UniqueConstraint("a", name="two")
    assert described(schema(*columns(), there), schema(*columns(), wanted)) == [
        "Drop unique constraint one of t",
        "Add unique constraint two to t",
    ]


def test_open_names_are_matched_one_to_one() -> None:
    two = [sa.CheckConstraint("a > 0", name="x"), sa.CheckConstraint("a > 0", name="y")]
    assert described(schema(*columns(), *two), schema(*columns(), sa.CheckConstraint("a > 0"))) == [
        "Drop check constraint y of t"
    ]


def test_a_difference_of_tokens_is_asked_once_and_the_answer_counts() -> None:
    source = as_read(schema(*columns(), sa.CheckConstraint("a = ANY (ARRAY[1, 2])", name="c")))
    target = schema(*columns(), sa.CheckConstraint("a IN (1, 2)", name="c"))
    first = compare(source, target, BACKEND)
    (question,) = first.questions
    assert (question.kind, question.left, question.right) == ("check", "a = ANY (ARRAY[1, 2])", "a IN (1, 2)")
    assert len(first.operations) == 2
    assert compare(source, target, BACKEND, {question: True}).operations == ()
    assert len(compare(source, target, BACKEND, {question: False}).operations) == 2


def test_all_of_an_index_is_asked_at_once() -> None:
    def side(one: str, other: str, where: str) -> Schema:
        index = sa.Index("i", sa.text(one), sa.text(other), postgresql_where=sa.text(where))
        return schema(*columns(), index)

    source = as_read(side("abs((a)::int)", "abs((b)::int)", "(a)::int > 0"))
    target = side("abs(a)", "abs(b)", "a > 0")
    first = compare(source, target, BACKEND)
    # Nobody asks twice: what is not asked now would be taken as different.
    assert {question.kind for question in first.questions} == {"index", "predicate"}
    assert compare(source, target, BACKEND, dict.fromkeys(first.questions, True)).operations == ()


def test_what_the_model_does_not_name_stays_unless_the_diff_takes_its_last_use() -> None:
    mood = sa.Enum("a", name="mood")
    used = schema(*columns(), sa.Column("m", mood))
    unused = replace(used, tables=schema(*columns()).tables)
    plain = schema(*columns())
    assert described(used, plain) == ["Drop column t.m", "Drop enum type mood"]
    assert described(unused, plain) == []
    assert described(unused, replace(plain, complete=True)) == ["Drop enum type mood"]


@pytest.mark.parametrize(
    ("before", "after", "default", "in_place"),
    [
        (("a",), ("a", "b"), "a", True),
        (("b",), ("a", "b"), "b", True),
        (("a", "b"), ("b", "a"), "a", False),
        (("a", "b"), ("a",), "a", False),
        # A value cannot be used in the transaction that adds it.
        (("a",), ("a", "b"), "b", False),
    ],
)
def test_an_enum_is_changed_in_place_where_that_can_be(
    before: tuple[str, ...], after: tuple[str, ...], default: str, in_place: bool
) -> None:
    def side(values: tuple[str, ...], default: str) -> Schema:
        return schema(*columns(), sa.Column("m", sa.Enum(*values, name="mood"), server_default=default))

    operations = compare(as_read(side(before, before[0])), side(after, default), BACKEND).operations
    (change,) = [operation for operation in operations if isinstance(operation, AlterEnum)]
    assert change.in_place is in_place
    assert change.reverse().reverse() == change


def test_foreign_keys_make_way_for_the_key_that_they_point_at() -> None:
    def side(name: str) -> Schema:
        metadata = sa.MetaData()
        sa.Table("a_parent", metadata, sa.Column("id", sa.Integer), sa.PrimaryKeyConstraint("id", name=name))
        sa.Table("child", metadata, sa.Column("p", sa.Integer, sa.ForeignKey("a_parent.id", name="fk")))
        return lower(metadata, BACKEND)

    assert described(side("one"), side("two")) == [
        "Drop foreign key fk of child",
        "Drop primary key one of a_parent",
        "Add primary key two to a_parent",
        "Add foreign key fk to child",
    ]


def test_a_replaced_column_takes_what_stands_on_it_along() -> None:
    def side(text: str) -> Schema:
        return schema(
            *columns(),
            sa.Column("g", sa.Integer, sa.Computed(text)),
            sa.Index("ix", "g"),
            sa.UniqueConstraint("g", name="u"),
        )

    assert described(side("a + b"), side("a * b")) == [
        "Drop index ix of t",
        "Drop unique constraint u of t",
        "Drop column t.g",
        "Add column t.g",
        "Add unique constraint u to t",
        "Create index ix on t",
    ]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(), ["Alter column t.c: default, type"]),
        (Rules(types=False), ["Alter column t.c: default"]),
        # PostgreSQL states the old default again for the new type.
        (Rules(defaults=False), ["Alter column t.c: default, type"]),
        (Rules(types=lambda left, right: False, defaults=lambda left, right: None), ["Alter column t.c: default"]),
        (Rules(types=False, defaults=False), []),
    ],
)
def test_the_users_rules(rules: Rules, expected: list[str]) -> None:
    source = schema(sa.Column("c", sa.Integer, server_default="1"))
    target = schema(sa.Column("c", sa.BigInteger, server_default="2"))
    assert described(source, target, rules=rules) == expected


def test_a_default_that_is_left_alone_stays_as_it_was() -> None:
    source = as_read(schema(sa.Column("c", sa.Integer, server_default="1")))
    target = schema(sa.Column("c", sa.BigInteger, server_default="2"))
    (alter,) = compare(source, target, BACKEND, rules=Rules(defaults=False)).operations
    assert isinstance(alter, AlterColumn)
    assert alter.after.default == source.tables[Name("t")].columns[0].default


def test_a_rule_may_see_a_difference_where_we_see_none() -> None:
    side = schema(sa.Column("c", sa.Integer))
    assert described(side, side, rules=Rules(types=lambda left, right: True)) == ["Alter column t.c: type"]


def test_a_cycle_is_broken_on_sqlite_too_so_that_the_file_runs_elsewhere() -> None:
    backend = backend_for(sqlite.dialect())
    metadata = sa.MetaData()
    for name, other in (("a", "b"), ("b", "a")):
        key = sa.ForeignKey(f"{other}.id", name=f"fk_{name}")
        sa.Table(
            name, metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("o", sa.Integer, key, index=True)
        )
    up = compare(Schema(server=backend.server), lower(metadata, backend), backend).operations
    assert [operation.describe() for operation in up] == [
        "Create table a",
        "Create index ix_a_o on a",
        "Create table b",
        "Alter table a: Add foreign key fk_a to a",
        "Create index ix_b_o on b",
        "Alter table b: Add foreign key fk_b to b",
    ]
    assert [operation.describe() for operation in reverse_all(up)] == [
        "Alter table b: Drop foreign key fk_b of b",
        "Alter table a: Drop foreign key fk_a of a",
        "Drop table b",
        "Drop table a",
    ]


@pytest.mark.parametrize(
    ("dialect", "moved"), [(sqlite.dialect(), False), (mysql.dialect(), True)], ids=["sqlite", "mysql"]
)
def test_what_is_computed_from_a_new_column_moves_where_the_order_of_columns_counts(dialect, moved: bool) -> None:
    backend = backend_for(dialect)

    def side(*generated: sa.Column[int]) -> Schema:
        metadata = sa.MetaData()
        sa.Table("t", metadata, sa.Column("a", sa.Integer), *generated)
        return lower(metadata, backend)

    def computed(name: str, text: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer, sa.Computed(text, persisted=False))

    found = compare(side(computed("g", "a + 1")), side(computed("g", "h + 1"), computed("h", "a * 2")), backend)
    described = " ".join(each.describe() for operation in found.operations for each in parts(operation))
    assert ("Drop column t.g" in described) is moved
    assert ("Alter column t.g" in described) is not moved


def parts(operation: Operation) -> tuple[Operation, ...]:
    return operation.operations if isinstance(operation, BatchAlterTable) else (operation,)


def test_a_key_into_a_unique_constraint_that_changes_goes_off_and_on_though_its_own_table_stays() -> None:
    def both(*, deferrable: bool | None) -> Schema:
        metadata = sa.MetaData()
        sa.Table(
            "parent", metadata, sa.Column("a", sa.Integer), sa.UniqueConstraint("a", name="u", deferrable=deferrable)
        )
        sa.Table("child", metadata, sa.Column("a", sa.Integer), sa.ForeignKeyConstraint(["a"], ["parent.a"], name="fk"))
        return lower(metadata, BACKEND)

    found = described(both(deferrable=True), both(deferrable=None))
    assert [line for line in found if "fk" in line] == [found[0], found[-1]]
    assert len(found) == 4


@pytest.mark.parametrize("differs", [True, None])
def test_a_rule_of_the_users_is_asked_about_equal_tables_too(differs: bool | None) -> None:
    asked = []

    def rule(before: Column, after: Column) -> bool | None:
        asked.append(after.name)
        return differs

    side = schema(*columns())
    result = compare(as_read(side), side, BACKEND, rules=Rules(types=rule))
    assert asked == ["id", "a", "b"]
    assert len(result.operations) == (3 if differs else 0)
