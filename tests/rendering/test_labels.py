"""What the log and the terminal say of operations."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterDomain,
    AlterEnum,
    AlterSequence,
    AlterTable,
    BatchAlterTable,
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
    DropIndex,
    DropTable,
    Execute,
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.reflection.metadata import lower_table
from schemadiff.rendering.labels import changes, log_line, shown
from schemadiff.rendering.terminal import DiffTree, summary
from schemadiff.schema import ColumnState, DataType, Dependant, Domain, Enum, Name, Sequence, View
from tests.rendering.recording import backend_of

T, S = Name("t"), Name("t", "s")

TABLE = lower_table(
    sa.Table(
        "account",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(50), nullable=False, server_default="x"),
        sa.Column("boss", sa.Integer, sa.ForeignKey("shop.account.id", ondelete="CASCADE", name="fk_boss")),
        sa.UniqueConstraint("email", name="uq_email"),
        sa.CheckConstraint("id > 0"),
        sa.Index("ix_email", sa.desc("email"), unique=True, postgresql_where=sa.text("id > 1")),
        schema="shop",
    ),
    backend_of("sqlite"),
    resolve=False,
)
UNIQUE, CHECK, KEY = TABLE.uniques[0], TABLE.checks[0], TABLE.foreign_keys[0]

CASES: list[tuple[Operation, list[str]]] = [
    (CreateSchema(name="s"), ["added schema 's'"]),
    (CreateTable(table=TABLE), ["added table 'shop.account'"]),
    (DropTable(name=T), ["dropped table 't'"]),
    (RenameTable(name=S, new_name="u"), ["changed table 's.t' (name: t → u)"]),
    (AlterTable(name=T, after=(("engine", "InnoDB"),), before=(("engine", None),)), ["changed table 't' (engine: none → InnoDB)"]),
    (AlterTable(name=T, after=(("engine", "InnoDB"),)), ["changed table 't' (engine: InnoDB)"]),
    (SetTableComment(name=T, comment="a'b", before=None), ["changed table 't' (comment: none → \"a'b\")"]),
    (AddColumn(table=S, column=TABLE.columns[1]), ["added column 's.t.email'"]),
    (DropColumn(table=T, name="c"), ["dropped column 't.c'"]),
    (
        AlterColumn(
            table=T,
            name="c",
            after=ColumnState(type=DataType("BIGINT"), nullable=False, default=TABLE.columns[1].default, name="d"),
            before=ColumnState(type=DataType("INTEGER"), nullable=True, default=None),
        ),
        ["changed column 't.c' (name: c → d; type: INTEGER → BIGINT; nullable: NULL → NOT NULL; default: none → 'x')"],
    ),
    (AddConstraint(table=T, constraint=UNIQUE), ["added unique constraint 't.uq_email'"]),
    (AddConstraint(table=T, constraint=CHECK), ["added check constraint 't.(id > 0)'"]),
    (AddConstraint(table=T, constraint=KEY).reverse(), ["dropped foreign key 't.fk_boss'"]),
    (DropConstraint(table=T, name="k"), ["dropped constraint 't.k'"]),
    (CreateIndex(table=T, index=TABLE.indexes[0]), ["added index 't.ix_email'"]),
    (DropIndex(table=T, name="ix"), ["dropped index 't.ix'"]),
    (RenameIndex(table=T, name="ix", new_name="iy"), ["changed index 't.ix' (name: ix → iy)"]),
    (
        RenameConstraint(table=S, name="k", new_name="l", kind="unique"),
        ["changed unique constraint 's.t.k' (name: k → l)"],
    ),
    (CreateEnum(enum=Enum(name=S, values=("a", "b"))), ["added enum type 's.t'"]),
    (AlterEnum(name=T, before=("a",), after=("a", "b")), ["changed enum type 't' (values: a → a, b)"]),
    (CreateDomain(domain=Domain(name=S, type=DataType("text"), nullable=False)), ["added domain 's.t'"]),
    (
        AlterDomain(before=Domain(name=T, type=DataType("text")), after=Domain(name=T, type=DataType("text"), comment="x")),
        ["changed domain 't' (comment: none → 'x')"],
    ),
    (CreateSequence(sequence=Sequence(name=T)), ["added sequence 't'"]),
    (AlterSequence(before=Sequence(name=T), after=Sequence(name=T, cache=5)), ["changed sequence 't' (cache: none → 5)"]),
    (CreateView(view=View(name=T, sql="SELECT 1")), ["added view 't'"]),
    (CreateDependant(dependant=Dependant(kind="view", name="v", schema="s", sql="CREATE")), ["added view 's.v'"]),
    (DropDependant(dependant=Dependant(kind="policy", name="p", table=T, sql="")), ["dropped policy 't.p'"]),
    (Execute(sql="SELECT  1"), ["changed operation 'Execute SELECT 1'"]),
    (
        BatchAlterTable(table=T, operations=(DropColumn(table=T, name="a"), DropIndex(table=T, name="ix"))),
        ["dropped column 't.a'", "dropped index 't.ix'"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "lines"), CASES, ids=[lines[0] for _, lines in CASES])
def test_log_lines(operation: Operation, lines: list[str]) -> None:
    assert [log_line(change) for change in changes(operation)] == [f"Detected {line}" for line in lines]


def screen(operations: list[Operation], *, width: int = 80, encoding: str = "utf-8", color: bool = False) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(
        file=file, width=width, force_terminal=color, no_color=not color, color_system="truecolor" if color else None
    )
    console.print(DiffTree(operations))
    file.flush()
    file.seek(0)
    return file.read()


OPERATIONS: list[Operation] = [
    DropTable(name=Name("old")),
    CreateTable(table=TABLE),
    CreateIndex(table=TABLE.name, index=TABLE.indexes[0]),
    CreateEnum(enum=Enum(name=Name("mood"), values=("a", "b"))),
    CreateSchema(name="shop"),
    AddColumn(table=Name("mood"), column=TABLE.columns[1]),
    AlterColumn(table=Name("mood"), name="c", after=ColumnState(nullable=True), before=ColumnState(nullable=False)),
]

TREE = """\
Changes
├── + schema shop
├── + enum type mood  a, b
├── table mood
│   ├── + column email  VARCHAR(50) NOT NULL DEFAULT 'x'
│   └── ~ column c  nullable: NOT NULL → NULL
├── - table old
└── schema shop
    └── + table account
        ├── id INTEGER NOT NULL
        ├── email VARCHAR(50) NOT NULL DEFAULT 'x'
        ├── boss INTEGER
        ├── primary key (id)
        ├── unique constraint uq_email (email)
        ├── check constraint (id > 0)
        ├── foreign key fk_boss (boss) → shop.account(id) ON DELETE CASCADE
        └── + index ix_email  UNIQUE (email DESC)
5 added, 1 dropped, 1 changed
"""


def test_tree() -> None:
    assert screen(OPERATIONS) == TREE


def test_tree_in_ascii() -> None:
    text = screen(OPERATIONS, encoding="ascii")
    assert text.isascii()
    assert "    `-- + table account" in text
    assert "foreign key fk_boss (boss) -> shop.account(id)" in text


def test_tree_in_colour() -> None:
    text = screen([AddColumn(table=T, column=TABLE.columns[1]), DropColumn(table=T, name="c")], color=True)
    assert "\x1b[1;32m+ \x1b[0m\x1b[32mcolumn email" in text
    assert "\x1b[1;31m- \x1b[0m\x1b[31mcolumn c" in text


def test_no_line_is_wider_than_the_terminal() -> None:
    long = CreateEnum(enum=Enum(name=Name("x" * 200), values=("a" * 150, "b")))
    for width in (40, 80):
        lines = screen([*OPERATIONS, long], width=width).splitlines()
        assert max(map(len, lines)) <= width
        assert "".join(line.strip("│├└─ ") for line in lines).count("x") >= 200


def test_nothing() -> None:
    assert summary([]) == "no changes"
    assert screen([]) == "Changes\nno changes\n"


def test_markup_and_control_characters_are_shown_as_text() -> None:
    name = "[red]x[/red]\x1b[31m\n\u202e\u200b\ud800'"
    text = screen([DropTable(name=Name(name))])
    assert "- table [red]x[/red]\\x1b[31m\\n\\u202e\\u200b\\ud800'" in text
    assert log_line(next(iter(changes(DropTable(name=Name(name)))))).isprintable()


@given(st.text())
def test_what_is_shown_can_be_seen(text: str) -> None:
    assert shown(text).isprintable()
    if text.isprintable():
        assert shown(text) == text
