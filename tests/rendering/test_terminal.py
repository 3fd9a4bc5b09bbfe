"""The tree of a diff in the terminal: what is marked, what is folded, and that no hazard is."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from rich.cells import cell_len
from rich.console import Console

import schemadiff
from schemadiff.comparison import Diff
from schemadiff.operations import CreateTable, DropColumn, DropTable, Operation
from schemadiff.rendering.outline import TABLES, plural
from schemadiff.rendering.stat import DiffStat
from schemadiff.rendering.terminal import DiffTree, changed_pieces
from schemadiff.schema import Column, DataType, Name, Table
from tests.rendering.recording import backend_of

POSTGRESQL = backend_of("postgresql")


def screen(what: object, *, width: int = 80, terminal: bool = True, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(file=file, width=width, force_terminal=terminal, no_color=True, color_system=None)
    console.print(what, soft_wrap=True)
    file.flush()
    file.seek(0)
    return file.read()


def blog(check: str, name: int, score: sa.types.TypeEngine[object], *columns: sa.Column[object]) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "author",
        metadata,
        sa.Column("name", sa.String(name)),
        sa.Column("score", score, nullable=len(columns) == 1),
        *columns,
        sa.CheckConstraint(check, name="ck"),
    )
    return metadata


def changed() -> Diff:
    before = blog("score > 0 AND score < 100", 30, sa.Numeric(10, 4), sa.Column("bio", sa.Text))
    after = blog("score > 0 AND score < 200", 50, sa.Numeric(8, 2))
    return schemadiff.diff(schemadiff.from_metadata(before, "postgresql"), after)


TREE = """\
Changes
└── table author
    ├── ~ check constraint ck  (score > 0 AND score < 100) → (score > 0 AND score < 200)
    │   └── ! may fail: rows that do not satisfy it are refused
    ├── ~ column name  type: character varying(30) → character varying(50)
    ├── ~ column score
    │   ├── type: numeric(10,4) → numeric(8,2)
    │   ├── nullable: NULL → NOT NULL
    │   ├── ! loses data: decimal places beyond 2 are rounded
    │   └── ! may fail: rows where it is NULL are refused
    └── - column bio
        └── ! loses data: its values are lost
1 dropped, 3 changed
! 2 changes lose data, 2 may fail on existing rows
"""


def test_hazards_stand_at_their_line() -> None:
    difference = changed()
    assert screen(DiffTree(difference.upgrade, backend=difference.backend), terminal=False) == TREE
    assert "!" not in screen(DiffTree(difference.upgrade))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [40, 80, 160])
def test_it_is_readable_at_any_width(width: int, encoding: str) -> None:
    difference = changed()
    tree, stat = DiffTree(difference.upgrade, backend=difference.backend), DiffStat(difference.upgrade, POSTGRESQL)
    for what in (tree, stat):
        text = screen(what, width=width, encoding=encoding)
        assert max(map(cell_len, text.splitlines())) <= width
    words = " ".join(screen(tree, width=width, encoding=encoding).replace("│", " ").replace("|", " ").split())
    assert "! loses data: decimal places beyond 2 are rounded" in words
    # Where old and new do not fit into one line they stand below each other.
    assert ("- character varying(30)" in words) == (width == 40)


MARKS = [
    ("VARCHAR(30)", "VARCHAR(50)", "VARCHAR(<30>)", "VARCHAR(<50>)"),
    ("INTEGER", "BIGINT", "<INTEGER>", "<BIGINT>"),
    ("a > 1 AND b < 2", "a > 1 AND b < 3 AND c", "a > 1 AND b < <2>", "a > 1 AND b < <3 AND c>"),
    ("a, b, c", "a, c", "a, <b, >c", "a, c"),
    ("", "x", "", "<x>"),
    ("x " * 900 + "1", "x " * 900 + "2", "x " * 900 + "<1>", "x " * 900 + "<2>"),
    ("a " * 900, "b " * 900, "<" + ("a " * 900)[:-1] + "> ", "<" + ("b " * 900)[:-1] + "> "),
]


@pytest.mark.parametrize(("old", "new", "left", "right"), MARKS, ids=[f"{m[0][:9]}-{m[1][:9]}" for m in MARKS])
def test_what_changed_is_marked(old: str, new: str, left: str, right: str) -> None:
    shown = ["".join(f"<{text}>" if marked else text for text, marked in side) for side in changed_pieces(old, new)]
    assert shown == [left, right]


def test_colours_mark_it() -> None:
    file = io.StringIO()
    difference = changed()
    Console(file=file, width=100, force_terminal=True, color_system="standard").print(DiffTree(difference.upgrade))
    assert "\x1b[2mcharacter varying(\x1b[0m\x1b[1;31m30\x1b[0m" in file.getvalue()
    assert "\x1b[2mcharacter varying(\x1b[0m\x1b[1;32m50\x1b[0m" in file.getvalue()


def many() -> list[Operation]:
    """5,000 changes and more, some of which lose data far behind."""
    wide = tuple(Column(name=f"c{number}", type=DataType("integer")) for number in range(240))
    made: list[Operation] = [CreateTable(table=Table(name=Name("aa"), columns=wide))]
    for number in range(1000):
        name = Name(f"t{number:04}")
        made += [DropColumn(table=name, name="gone")] if number == 900 else []
        made += [schemadiff.operations.AddColumn(table=name, column=column) for column in wide[:5]]
    return [*made, DropTable(name=Name("zz", "old"))]


def test_many_changes_are_folded_and_hazards_are_not() -> None:
    operations = many()
    whole = DiffTree(operations, backend=POSTGRESQL)
    lines = screen(whole).splitlines()
    assert len(lines) < TABLES * 15
    assert "│   └── … and 228 more: 228 columns" in lines
    assert "│   └── … and 5 more: 5 columns added" in lines  # of t0900, whose hazard is shown
    assert "└── … and 980 more: 980 tables changed" in lines
    assert [line.lstrip("│├└─ ") for line in lines if "!" in line] == [
        "! loses data: its values are lost",
        "! loses data: its rows are lost",
        "! 2 changes lose data",
    ]
    assert lines[-3:] == [
        "5001 added, 2 dropped",
        "! 2 changes lose data",
        "Folded: schemadiff diff --full shows all of it",
    ]
    unfolded = screen(DiffTree(operations, backend=POSTGRESQL, full=True)).splitlines()
    piped = screen(whole, terminal=False).splitlines()
    assert len(unfolded) == len(piped) == 1 + 1 + 240 + 1000 * 6 + 2 + 3 + 2
    assert not any("more:" in line or "--full" in line for line in (*unfolded, *piped))


STAT = """\
 author | 4 -~~~ !
 1 table, 4 changes: 1 dropped, 3 changed
 ! 2 changes lose data, 2 may fail on existing rows
"""


def test_stat() -> None:
    difference = changed()
    assert screen(DiffStat(difference.upgrade, POSTGRESQL), terminal=False) == STAT
    lines = screen(DiffStat([DropTable(name=Name("[b]x\x1b" + "y" * 100))], POSTGRESQL), width=40).splitlines()
    assert "".join(line.partition("|")[0].strip() for line in lines[:-2]) == "[b]x\\x1b" + "y" * 100
    assert max(map(cell_len, lines)) <= 40


@pytest.mark.parametrize(
    ("word", "several"),
    [("column", "columns"), ("index", "indexes"), ("policy", "policies"), ("primary key", "primary keys"), ("view", "views")],
)  # fmt: skip
def test_plural(word: str, several: str) -> None:
    assert (plural(word, 1), plural(word, 2)) == (word, several)
