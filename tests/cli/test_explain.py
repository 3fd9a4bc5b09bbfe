"""``diff --explain``: what it says, and how it stands in a terminal, a pipe and on a console that knows ASCII alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.cells import cell_len
from rich.console import Console

import schemadiff
from schemadiff.cli.explaining import Explained
from schemadiff.comparison import Explanation, Side
from schemadiff.rendering.terminal import DiffTree
from tests.support.running import MODELS, Project
from tests.support.servers import Backend


def test_it_stands_after_the_tree(tmp_path: Path, backend: Backend) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    project.models(MODELS)
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    assert project.ok("diff", "--explain").out == "No differences\n"
    project.models(MODELS.replace("String(100)", "String(120)"))
    told = project.ok("diff", "--explain").out
    tree, _, why = told.partition("\n\nWhy they differ\n")
    assert tree + "\n" == project.ok("diff").out
    lines = [line.split("  ", 3)[-1].strip() for line in why.splitlines()]
    assert lines[0] == "table account, column email: type"
    assert lines[1].lower().endswith("(100)")
    assert lines[2] == "String(length=120)"
    assert lines[3].lower().endswith("(120)")
    assert lines[4:] == ["tokens: the canonical forms differ"]
    assert "\x1b" not in told


LONG = "note IN ('" + "', '".join(f"word number {i}" for i in range(40)) + "')"
DIFFERENCES = [
    Explanation(
        None,
        "table account, column n\x1bote",
        "server default",
        Side(None),
        Side(LONG, "x" * 300),
        "tokens: they → differ",
    ),
    Explanation(
        None,
        "table 勘定, column [red]",
        "comment",
        Side("'勘定" * 30),
        Side("[bold]b\u202e"),
        "tokens: the values differ",
    ),
]


def screen(what: object, *, width: int, terminal: bool = True, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    Console(file=file, width=width, force_terminal=terminal, no_color=True, color_system=None).print(
        what, soft_wrap=True
    )
    file.flush()
    file.seek(0)
    return file.read()


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_nothing_is_cut_in_a_terminal(width: int, encoding: str) -> None:
    text = screen(Explained(DIFFERENCES, DIFFERENCES[:1]), width=width, encoding=encoding)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert text.count("x") >= 600
    for number in range(40):
        assert f"number {number}'" in " ".join(text.split())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]b\\u202e" in text
    assert text.index("Why they differ") < text.index("Taken as equal")


def test_nothing_is_folded_in_a_pipe() -> None:
    lines = screen(Explained(DIFFERENCES, ()), width=80, terminal=False).splitlines()
    assert f"    model        {LONG}" in lines
    assert "    compared as  " + "x" * 300 in lines
    assert "Taken as equal" not in lines


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_is_cut_in_the_tree(terminal: bool) -> None:
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("note", sa.Text), sa.CheckConstraint(LONG, name="ck"))
    difference = schemadiff.diff(schemadiff.from_metadata(sa.MetaData(), "sqlite"), metadata)
    text = screen(DiffTree(difference.upgrade), width=80, terminal=terminal)
    assert all(f"number {number}'" in " ".join(text.replace("│", " ").split()) for number in range(40))
    assert terminal == (max(map(cell_len, text.splitlines())) <= 80)
