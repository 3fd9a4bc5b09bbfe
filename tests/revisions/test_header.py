"""Reading the identifiers of a revision file without importing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemadiff.errors import BrokenRevision
from schemadiff.revisions import Revision, read_revision

PATH = Path("versions/a1_first.py")


def read(tmp_path: Path, source: str | bytes) -> Revision:
    path = tmp_path / "a1_first.py"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    return read_revision(path)


def test_whole_header(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '"""Add tables\n\nMore about it.\n\nRevision ID: a1\nRevises: \nCreate Date: 2024-05-06 07:08:09\n\n"""\n'
        "import does_not_exist\nrevision: str = 'a1'\ndown_revision: str | None = None\n"
        "branch_labels = ('users',)\ndepends_on = 'b2'\nraise SystemExit('never run')\n",
    )
    assert found == Revision(
        id="a1",
        down_revisions=(),
        path=tmp_path / "a1_first.py",
        branch_labels=("users",),
        depends_on=("b2",),
        message="Add tables",
        doc="Add tables\n\nMore about it.\n\nRevision ID: a1\nRevises: \nCreate Date: 2024-05-06 07:08:09",
        create_date="2024-05-06 07:08:09",
    )
    assert found.is_base
    assert not found.is_merge


@pytest.mark.parametrize(
    ("written", "down"),
    [
        ("down_revision = None", ()),
        ("down_revision = ()", ()),
        ("down_revision = 'b'", ("b",)),
        ("down_revision = ('b')", ("b",)),
        ("down_revision = 'b' 'c'", ("bc",)),
        ("down_revision = 'b', 'c'", ("b", "c")),
        ("down_revision = ['c', 'b']", ("c", "b")),
        ("down_revision = {'c', 'b'}", ("b", "c")),
        ("down_revision: 'str | None' = 'b'", ("b",)),
        ("down_revision = 'x'\ndown_revision = 'b'", ("b",)),
        ("down_revision = branch_labels = None", ()),
        ("down_revision: str\ndown_revision = 'b'", ("b",)),
        (
            "def f():\n    down_revision = 1 / 0\n    return [down_revision for down_revision in ()]\ndown_revision = 'b'",
            ("b",),
        ),
        ("down_revision = 'b'\nx = [revision for revision in ()]\nassert revision", ("b",)),
        ('r"""\\d"""\nx = "\\d"\ndown_revision = "b"', ("b",)),
    ],
)
def test_down_revision(tmp_path: Path, written: str, down: tuple[str, ...]) -> None:
    assert read(tmp_path, f"revision = 'a'\n{written}\n").down_revisions == down


@pytest.mark.parametrize(
    "source",
    [
        "# coding: latin-1\n'''fünf'''\nrevision = 'a'\ndown_revision = None".encode("latin-1"),
        "\ufeff'''fünf'''\r\nrevision = 'a'\r\ndown_revision = None\r\n".encode(),
    ],
    ids=["latin-1", "byte order mark"],
)
def test_encodings(tmp_path: Path, source: bytes) -> None:
    assert read(tmp_path, source).message == "fünf"


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("revision = 'a'\ndown_revision = None\ndef upgrade(:\n    pass\n", 3, "SyntaxError: invalid syntax"),
        ("revision = 'a'\n<<<<<<< HEAD\n", 2, "SyntaxError: invalid syntax"),
        ("revision = 'a'\n  down_revision = None\n", 2, "IndentationError: unexpected indent"),
        ("revision = 'a\n", 1, "SyntaxError: unterminated string literal"),
        ("revision = 'a\0'\n", 1, "null bytes"),
        (b"revision = '\xff'\n", 1, "utf-8"),
        ("", 1, "sets no revision id"),
        ("def upgrade():\n    pass\n", 1, "sets no revision id"),
        ("revision = 'a'\n", 1, "sets no down_revision"),
        ("\nrevision: str = 'a'\ndown_revision: None\n", 2, "sets no down_revision"),
        ("revision = make_id()\ndown_revision = None\n", 1, "revision is not a plain literal"),
        ("revision = 'a'\ndown_revision = (\n    'b' + X\n)\n", 3, "down_revision is not a plain literal"),
        ("revision = 'a'\nif True:\n    down_revision = None\n", 2, "down_revision is not a plain literal"),
        ("from base import revision\ndown_revision = None\n", 1, "revision is not a plain literal"),
        ("revision, down_revision = 'a', None\n", 1, "is not a plain literal"),
        ("revision = 'a'\ndown_revision = 'b'\ndown_revision += 'c'\n", 3, "down_revision is not a plain literal"),
        ("revision = 'a'\ndown_revision = 'b'\ndef depends_on(): pass\n", 3, "depends_on is not a plain literal"),
        ("revision = 1\ndown_revision = None\n", 1, "revision = 1 is no revision id"),
        ("revision = ''\ndown_revision = None\n", 1, "revision = '' is no revision id"),
        ("revision = 'head'\ndown_revision = None\n", 1, "is no revision id"),
        ("revision = 'a:b'\ndown_revision = None\n", 1, "is no revision id"),
        ("revision = 'a b'\ndown_revision = None\n", 1, "is no revision id"),
        ("revision = 'a'\ndown_revision = 3\n", 2, "down_revision = 3: write None"),
        ("revision = 'a'\ndown_revision = ('b', None)\n", 2, "down_revision = ('b', None): write None"),
        ("revision = 'a'\ndown_revision = ''\n", 2, "down_revision = '': write None"),
        ("revision = 'a'\ndown_revision = ('b', 'b')\n", 2, "names one revision twice"),
        ("revision = 'a'\ndown_revision = None\nbranch_labels = {'x': 1}\n", 3, "branch_labels"),
        (f"revision = {'(' * 500}'a'{')' * 500}\n", 1, "too many nested parentheses"),
    ],
)
def test_broken(tmp_path: Path, source: str | bytes, line: int, reason: str) -> None:
    with pytest.raises(BrokenRevision) as caught:
        read(tmp_path, source)
    assert str(caught.value).startswith(f"{tmp_path / 'a1_first.py'}:{line}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "dangling.py"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(BrokenRevision, match=r"dangling\.py: cannot be read: No such file"):
        read_revision(path)
