"""What a file does has a checksum; how it is written does not count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import black
import pytest

from schemadiff.errors import BrokenRevision
from schemadiff.revisions.checksum import Checksum, checksum
from schemadiff.revisions.header import parse_revision
from schemadiff.revisions.rewriting import rewrite

PATH = Path("b2.py")
ROOT = Path(__file__).parents[2]

FILE = '''"""add email

Revision ID: b2
Revises: a1
"""

from schemadiff import op
import sqlalchemy as sa

revision = "b2"
down_revision = "a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.add_column("account", sa.Column("email", sa.String(80), nullable=True))
    op.execute(f"UPDATE account SET email = {0xFF:>{4}} || 'x'")
    for kind, size in [("a", 1), ("b", 2)]:
        del kind, size


def downgrade() -> None:
    op.drop_column("account", "email")
'''


def _code(source: str | bytes) -> str:
    return checksum(source.encode() if isinstance(source, str) else source, PATH).code


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ('"""add email\n\n', '"""Something else.\n\n'),
        ('"""add email\n\nRevision ID: b2\nRevises: a1\n"""\n', ""),
        ('    """Add it."""\n', ""),
        ("def upgrade", "# why\n\n\n\ndef upgrade"),
        ('op.add_column("account"', "op.add_column('account'"),
        ('op.add_column("account"', 'op.add_column("acc" "ount"'),
        ('op.add_column("account"', r'op.add_column("acc\x6funt"'),
        (
            'op.drop_column("account", "email")',
            'op.drop_column(\n        ("account"),\n        "email",\n    )  # gone',
        ),
        ("for kind, size in", "for (kind, size) in"),
        ("del kind, size", "del (kind, size)"),
        ("0xFF", "255"),
        ('f"UPDATE account', 'f"UPDATE " f"account'),
        ("    op.drop_column", "  op.drop_column"),
        ('down_revision = "a1"', "down_revision: str | None = None"),
        ("depends_on = None", 'depends_on = ("other@head",)'),
        ("branch_labels = None\n", ""),
    ],
)
def test_no_edit(old: str, new: str) -> None:
    edited = FILE.replace(old, new)
    assert edited != FILE
    assert _code(edited) == _code(FILE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("80", "81"),
        ("nullable=True", "nullable=1"),
        ("nullable=True", "nullable=False"),
        ('"account", "email"', '"account", "emails"'),
        ("'x'", "'x '"),
        ("{0xFF:>{4}}", "{0xFF:>4}"),
        ("{0xFF:>{4}}", "{0xFF!r:>{4}}"),
        ("{0xFF:>{4}}", "0xFF"),
        ("for kind, size in", "for size, kind in"),
        ("del kind, size", "pass"),
        ("    op.drop_column(\"account\", \"email\")", "    pass"),
        ("import sqlalchemy as sa", "import sqlalchemy as sa\nimport json"),
        ("def downgrade() -> None:", "def downgrade(x=None) -> None:"),
        ('"a", 1', '("a", 1),'),
        ('"a", 1', '"a", 1.0'),
        ('"a", 1', '"a", "1"'),
        ('"a", 1', '"a", b"1"'),
        ('"a", 1', '"a", -1'),
        ('"a", 1', '"a", +1'),
        ('[("a", 1), ("b", 2)]', '(("a", 1), ("b", 2))'),
        ('[("a", 1), ("b", 2)]', '[("a", 1), *("b", 2)]'),
    ],
)  # fmt: skip
def test_edits(old: str, new: str) -> None:
    edited = FILE.replace(old, new)
    assert edited != FILE
    assert _code(edited) != _code(FILE)


def test_a_function_that_has_only_a_docstring() -> None:
    assert _code('def upgrade():\n    """Nothing."""\n') == _code("def upgrade(): pass\n")


def test_text_that_is_no_docstring_counts() -> None:
    assert _code('x = 1\n"one"\n') != _code('x = 1\n"two"\n')


def test_encodings() -> None:
    text = 'name = "Zoë"\n'
    assert (
        _code(b"# coding: latin-1\n" + text.encode("latin-1")) == _code(text) == _code(b"\xef\xbb\xbf" + text.encode())
    )


def test_text_that_no_encoding_can_write() -> None:
    assert _code('x = "\\ud800"\n') != _code('x = "\\ud801"\n')


def test_long_chains_and_long_numbers() -> None:
    assert _code("x = " + " + ".join(["'a'"] * 900)) != _code("x = " + " + ".join(["'a'"] * 901))
    assert _code(f"x = 0x{'f' * 9000}") != _code(f"x = 0x{'f' * 8999}e")


def test_the_file_itself() -> None:
    source = FILE.encode()
    assert checksum(source, PATH).file == checksum(source.replace(b"\n", b"\r\n"), PATH).file
    assert checksum(source, PATH).file != checksum(source + b"#", PATH).file


def test_no_python() -> None:
    with pytest.raises(BrokenRevision, match=r"b2\.py:1: SyntaxError"):
        checksum(b"def (", PATH)


def test_ways_that_are_not_known() -> None:
    assert checksum(b"", PATH).is_known
    assert not Checksum("2:abc", "def").is_known


def test_our_own_rewriting_is_no_edit() -> None:
    wanted = parse_revision(FILE.encode(), PATH)
    changed = rewrite(FILE.encode(), replace(wanted, down_revisions=(), depends_on=("z9",), branch_labels=("ours",)))
    assert changed != FILE.encode()
    assert _code(changed) == _code(FILE)


def test_black_is_no_edit() -> None:
    for path in (ROOT / "schemadiff" / "revisions").glob("s*.py"):
        source = path.read_text(encoding="utf-8")
        mode = black.Mode(line_length=40, magic_trailing_comma=False)
        assert _code(black.format_str(source, mode=mode)) == _code(source), path


# Kept: a checksum is compared with one that another version of Python has made.
KEPT = """
from __future__ import annotations
import typing as t
X: t.Final = {**{}, "k": (1, -2.5, 3j, b"\\x00", ..., None, True)}
class A(dict, metaclass=type):
    def m(self, a, /, b=1, *c, d, e: int = 2, **f) -> str:
        return f"{a!r:>{b}}{{}} é {c=}" + f"" + f"{d:}" + "é\\U0001f600"
async def g(x):
    async with x as y, x:
        yield [z async for z in y if z]
    try:
        lambda q, *, r=1: (q := r)
    except* (ValueError, TypeError) as error:
        raise RuntimeError from error
    match x:
        case {"a": [1, *rest], **other} | A(m=None) if other:
            pass
"""


def test_it_stays_the_same() -> None:
    assert _code(KEPT) == "1:9c901a2d811d20003ee816528622c00ba0c413ec54d5a80a76ba236ad9b91e7c"
