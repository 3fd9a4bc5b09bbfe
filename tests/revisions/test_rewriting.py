"""Identifiers are changed in a file's text, and every other byte stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemadiff.errors import RevisionError
from schemadiff.revisions.header import parse_revision
from schemadiff.revisions.rewriting import rewrite

PATH = Path("b2.py")


def _rewritten(data: bytes, **changes: tuple[str, ...]) -> bytes:
    return rewrite(data, replace(parse_revision(data, PATH), **changes))  # type: ignore[arg-type]


OURS = '''"""add email

Revision ID: b2
Revises: a1
Create Date: 2026-01-01
"""

# These are read without running the file: keep them plain literals.
revision = "b2"  # the second
down_revision = "a1"  # the first
branch_labels = None
depends_on = None


def upgrade() -> None:
    x = "a1"  # Revises: a1
'''
TYPED = "from typing import Union\nrevision: str = 'b2'\ndown_revision: Union[str, None] = 'a1'\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            OURS,
            OURS.replace("Revises: a1\nCreate", "Revises: base\nCreate").replace(
                'on = "a1"  # the first', "on = None  # the first"
            ),
        ),
        (TYPED, TYPED.replace("'a1'", "None")),
        ("revision = 'b2'\ndown_revision = (\n    'a1'  # why\n)\n", "revision = 'b2'\ndown_revision = (\n    None  # why\n)\n"),
        ("revision = 'b2'; down_revision = 'a' '1'; x = 5", "revision = 'b2'; down_revision = None; x = 5"),
        ("down_revision = 'z9'\nrevision, = 'b2',\n".replace(", =", " =").replace(",\n", "\n") + "down_revision = 'a1'\n",
         "down_revision = 'z9'\nrevision = 'b2'\ndown_revision = None\n"),
        ("'''Revises: a1'''\nrevision = 'b2'\ndown_revision = 'a1'\n", "'''Revises: base'''\nrevision = 'b2'\ndown_revision = None\n"),
        ('"""x\nRevises: a1, b9\n"""\nrevision = "b2"\ndown_revision = ("a1", "b9")\n', '"""x\nRevises: base\n"""\nrevision = "b2"\ndown_revision = None\n'),
        # What a human wrote there instead is theirs.
        ('"""x\nRevises: a12\n"""\nrevision = "b2"\ndown_revision = "a1"\n', '"""x\nRevises: a12\n"""\nrevision = "b2"\ndown_revision = None\n'),
        ('"""x Revises: a1\n"""\nrevision = "b2"\ndown_revision = "a1"\n', '"""x Revises: a1\n"""\nrevision = "b2"\ndown_revision = None\n'),
    ],
)  # fmt: skip
def test_base(before: str, after: str) -> None:
    assert _rewritten(before.encode(), down_revisions=()).decode() == after


# Python itself does not read a file that declares its encoding and ends its lines with a carriage return alone.
@pytest.mark.parametrize(
    ("encoding", "newline"),
    [
        *((encoding, newline) for encoding in ("utf-8", "utf-8-sig") for newline in ("\n", "\r\n", "\r")),
        *((encoding, newline) for encoding in ("latin-1", "cp1252") for newline in ("\n", "\r\n")),
    ],
)
def test_encoding_and_line_endings_stay(encoding: str, newline: str) -> None:
    cookie = f"# -*- coding: {encoding} -*-\n" if encoding not in ("utf-8", "utf-8-sig") else "# ä\n"
    text = cookie + OURS.replace("add email", "größer").replace('revision = "b2"', 'é = "ü"; revision = "b2"')
    text = text.replace(
        'down_revision = "a1"', 'ç = "ü€"; down_revision = "a1"'.replace("€", "" if encoding == "latin-1" else "€")
    )
    data = text.replace("\n", newline).encode(encoding)
    expected = text.replace("Revises: a1\nCreate", "Revises: base\nCreate").replace(
        'down_revision = "a1"', "down_revision = None"
    )
    assert _rewritten(data, down_revisions=()) == expected.replace("\n", newline).encode(encoding)


def test_other_identifiers() -> None:
    text = "revision = 'b2'\r\ndown_revision = ('a1', 'c3')  # two\r\ndepends_on = 'd4'\r\n"
    done = _rewritten(text.encode(), down_revisions=("c3",), depends_on=("d4", "e5"), branch_labels=("x",))
    assert done.decode() == (
        "revision = 'b2'\r\ndown_revision = 'c3'  # two\r\nbranch_labels = \"x\"\r\ndepends_on = ('d4', 'e5')\r\n"
    )


def test_nothing_to_change_changes_nothing() -> None:
    assert _rewritten(OURS.encode()) == OURS.encode()


@pytest.mark.parametrize(
    "text",
    [
        "revision = 'b2'\nbranch_labels = down_revision = 'a1'\n",  # would change both
        "revision = 'b2'\ndown_revision = 'a1'; x = '''\n'''\n",  # and depends_on would land in the string
    ],
)
def test_what_cannot_be_changed_is_refused(text: str) -> None:
    with pytest.raises(RevisionError, match=r"b2\.py: its identifiers cannot be changed"):
        _rewritten(text.encode(), down_revisions=(), depends_on=("x",))
