"""The header in its usual shape: what is read of it is what Python's own parser reads."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemadiff.errors import BrokenRevision
from schemadiff.revisions.header import parsed_header
from schemadiff.revisions.usual import usual_header

PATH = Path("versions/a1_first.py")
HEADER = 'revision = "a1"\ndown_revision = None\n'
BODIES = "\n\ndef upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
FAMILIAR = (
    '"""first\n\nRevision ID: a1\nRevises: b2\nCreate Date: 2024-05-06 07:08:09.1\n\n"""\n'
    "from typing import Sequence, Union\n\nfrom alembic import op\nimport sqlalchemy as sa\n\n\n"
    "# revision identifiers, used by Alembic.\nrevision: str = 'a1'\n"
    "down_revision: Union[str, Sequence[str], None] = ('b2', 'c3')\n"
    "branch_labels: Union[str, Sequence[str], None] = None\ndepends_on: Union[str, Sequence[str], None] = None\n"
)

USUAL = {
    "bare": HEADER,
    "no line break at the end": HEADER.rstrip(),
    "template": f'"""first\n\nCreate Date: 2024\n"""\n\nimport sqlalchemy as sa\nfrom schemadiff import op\n\n# Read.\n{HEADER}{BODIES}',
    "familiar": FAMILIAR + BODIES,
    "carriage returns": (FAMILIAR + BODIES).replace("\n", "\r\n"),
    "docstring of one line": f'"""one"""\n{HEADER}',
    "single quotes": f"'''it's \"one\"'''  # comment\n{HEADER}",
    "quotes in it": f'"""say "hi", ""twice"" or so."""\n{HEADER}',
    "empty docstring": f'""""""\n{HEADER}',
    "comments before": f"#!/usr/bin/env python\n# A licence.\n\n{HEADER}",
    "imports in brackets": f"from a.b import (\n    c as d,\n    e,\n)\n{HEADER}",
    "several": HEADER.replace("None", "(\n    'b',\n    'c',\n)"),
    "list": HEADER.replace("None", "['b', 'c']"),
    "one in brackets": HEADER.replace("None", "('b')"),
    "labels": HEADER + "branch_labels = ('x y',)\ndepends_on = 'é'\n",
    "comments behind": HEADER.replace("\n", "  # see the manual\n"),
    "letters of elsewhere": f'"""fünf"""\n{HEADER}\n# käse\n',
    "in the docstring, and behind it": f'"""\n{HEADER}"""\n' + HEADER.replace("a1", "b2"),
    "text in a body": HEADER + "\ndef upgrade():\n    op.execute('''\n  SELECT 1\n  ''')\n",
}


@pytest.mark.parametrize("source", USUAL.values(), ids=USUAL.keys())
def test_usual_shapes_are_read_at_once(source: str) -> None:
    for text in (source, source.encode()):
        found = usual_header(text)
        assert found is not None
        assert found == parsed_header(text, PATH)


UNUSUAL = {
    "bound later": HEADER + "down_revision = 'b'\n",
    "bound in an if": HEADER + "if True:\n    down_revision = 'b'\n",
    "bound by an import": HEADER + "from x import depends_on\n",
    "imported before": "from x import (\n    branch_labels,\n)\n" + HEADER,
    "bound as a function": HEADER + "def branch_labels():\n    pass\n",
    "bound by a loop": HEADER + "for revision in ():\n    pass\n",
    "bound in a comprehension": HEADER + "x = [1 for revision in ()]\n",
    "bound by a walrus": HEADER + "x = [(down_revision := 'b')]\n",
    "bound after a string that a comment seems to be": HEADER + "x = '''\n# '''; down_revision = 'b'\n",
    "bound in a formatted string": HEADER + "f'''\n#{(down_revision := None)}\n'''\n",
    "bound by another spelling": HEADER + "ｄｏｗｎ_ｒｅｖｉｓｉｏｎ = 'b'\n",
    "taken away": HEADER + "del revision\n",
    "two on a line": "revision = 'a'; down_revision = None\n",
    "continued on the next line": "revision = \\\n  'a'\ndown_revision = None\n",
    "two at once": "revision = down_revision = 'a'\n",
    "unpacked": "revision, down_revision = 'a', None\n",
    "augmented": HEADER + "revision += 'b'\n",
    "in a string": f'x = """\n{HEADER}"""\n',
    "in the docstring": f'"""\n{HEADER}"""\n',
    "a string behind the docstring": f'"""x"""\n"""\n{HEADER}"""\n',
    "joined strings": HEADER.replace('"a1"', '"a" "1"'),
    "joined docstring": f'"""x""" "y"\n{HEADER}',
    "prefixed docstring": f'r"""x"""\n{HEADER}',
    "escapes": HEADER.replace("a1", "\\x61"),
    "escape in the docstring": f'"""a \\" b \\N{{BULLET}}"""\n{HEADER}',
    "prefixed": HEADER.replace('"a1"', 'r"a1"'),
    "bytes": HEADER.replace('"a1"', 'b"a1"'),
    "expression": HEADER.replace('"a1"', '"a1".upper()'),
    "no brackets": HEADER.replace("None", "'b', 'c'"),
    "set": HEADER.replace("None", "{'c', 'b'}"),
    "named twice": HEADER.replace("None", "('b', 'b')"),
    "word": HEADER.replace("a1", "head"),
    "brackets that do not fit": HEADER.replace("None", "('b']"),
    "none": "x = 1\n",
    "empty": "",
    "only one": "revision = 'a'\n",
    "other order": "down_revision = None\nrevision = 'a1'\n",
    "statement before": "x = 1\n" + HEADER,
    "form feed": "\f" + HEADER,
    "old line breaks": HEADER.replace("\n", "\r"),
    "null byte": HEADER + "\0",
    "byte order mark": "\ufeff" + HEADER,
    "conflict": HEADER + "<<<<<<< ours\n\ndef upgrade():\n    pass\n",
    "indented": " " + HEADER,
    "code behind it": HEADER + "x = 1\n",
    "bad function": HEADER + "def upgrade(:\n    pass\n",
    "annotated by a string": HEADER.replace("revision =", "revision: 'str' =", 1),
    "name in a body": HEADER + "def upgrade():\n    print(revision)\n",
    "name in a string of a body": HEADER + "def upgrade():\n    op.execute('DROP TABLE revision')\n",
    "attribute": HEADER + "def upgrade():\n    t.c.revision\n",
}


@pytest.mark.parametrize("source", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_unusual_shapes_are_left_to_the_parser(source: str) -> None:
    assert usual_header(source) is None
    assert usual_header(source.encode()) is None


@pytest.mark.parametrize(
    "source",
    [
        ("# -*- coding: utf-8 -*-\n" + HEADER).encode(),
        "# coding: latin-1\n'''fünf'''\n".encode("latin-1") + HEADER.encode(),
        "'''fünf'''\n".encode("latin-1") + HEADER.encode(),
        b"# x\n# vim: set fileencoding=utf-16 :\n" + HEADER.encode(),
        HEADER.encode("utf-16"),
    ],
)
def test_encodings_are_left_to_the_parser(source: bytes) -> None:
    assert usual_header(source) is None


def test_a_long_header_of_another_shape_takes_no_time() -> None:
    """Nothing is tried in more than one way: these took minutes if it were."""
    for text in ("# x\n" * 20000, "import a\n" * 20000, "from a import (" + "b, " * 20000, '"""' + 'a"b""' * 20000):
        assert usual_header(text + "\n!") is None


# Pieces that lines are made of, whole lines, and what can stand around them: the shapes that lie beside the usual ones.
PIECES = st.sampled_from(
    [
        *('"""', "'''", '"', "'", "\\", "\n", "\r\n", "\r", " ", "    ", "\t", "\f", "#", ";", ",", "(", ")", "[", "]", "{", "}"),
        *("revision", "down_revision", "branch_labels", "depends_on", " = ", ": str", " := ", "None", "'b'", '"a1"', "('b', 'c')"),
        *("import x\n", "from x import y\n", "def f():\n    pass\n", "if x:\n    ", "x = ", "f", "r", "é", "ｒ", "#{", "del ", "\ufeff"),
        *(HEADER, FAMILIAR, BODIES, "revision = 'z'\n", "branch_labels = ['q']\n", "depends_on = None\n", "# coding: latin-1\n"),
    ]
)  # fmt: skip


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Return a usual file with pieces put in anywhere, or taken out."""
    text = draw(st.sampled_from(list(USUAL.values())))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(PIECES) + text[at + draw(st.sampled_from([0, 0, 0, 1, 5])) :]
    return text


@given(sources())
@settings(max_examples=10 * settings.default.max_examples)
@example('"""a\r"""\n' + HEADER)
@example('"""a\x0bb\u2028c"""\n' + HEADER)
def test_what_is_read_at_once_is_what_the_parser_reads(source: str) -> None:
    data = source.encode("utf-8")
    found = usual_header(data)
    if found is None:
        return
    try:
        assert found == parsed_header(data, PATH)
    except BrokenRevision:
        # The bodies are not looked at. Whatever else is wrong with the identifiers, both have to say so.
        assert not _is_python(data)


def _is_python(data: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(data)
        except (SyntaxError, ValueError):
            return False
    return True
