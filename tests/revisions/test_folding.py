"""Files are folded into one that keeps what stands in them, or refused with file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import black
import pytest

from schemadiff.errors import RevisionError
from schemadiff.revisions.folding import fold
from schemadiff.revisions.header import parse_revision
from schemadiff.revisions.parts import take_apart

HEAD = "import sqlalchemy as sa\nfrom schemadiff import op\n\nrevision = 'a1'\ndown_revision = None\n"
FUNCTIONS = "\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"
PLAIN = HEAD + FUNCTIONS


def _folded(*texts: str | bytes) -> str:
    """Fold files a1.py, b2.py ...; all of them may say that they are a1."""
    parts = []
    for identifier, text in zip(("a1", "b2", "c3"), texts, strict=False):
        data = text if isinstance(text, bytes) else text.encode()
        data = data.replace(b"revision = 'a1'", f"revision = '{identifier}'".encode(), 1)
        parts.append(take_apart(parse_revision(data, Path(f"{identifier}.py")), data))
    return fold(parts, replace(parts[-1].revision, message="all of it", down_revisions=("z0",), depends_on=("x", "y")))


def _calls(text: str, *arguments: Any) -> list[Any]:
    """Run both functions of a text, whose code notes what it does in a list called ``seen``."""
    seen: list[Any] = []
    namespace: dict[str, Any] = {}
    exec(compile(text.replace("import sqlalchemy as sa", "import builtins"), "folded", "exec"), namespace)
    namespace["builtins"].seen = seen
    try:
        namespace["upgrade"](*arguments)
        namespace["downgrade"](*arguments)
    finally:
        del namespace["builtins"].seen
    return seen


@pytest.mark.parametrize(
    ("first", "second", "seen"),
    [
        # Local names, an early return, and several files' own of one name: a function, a class, a value, one of Python's own.
        (
            "def upgrade():\n    x = 1\n    seen.append(x)\n    return\n\ndef downgrade():\n    seen.append('down 1')\n",
            "x = 5\n\ndef upgrade():\n    seen.append(x)\n\ndef downgrade():\n    seen.append('down 2')\n",
            [1, 5, "down 2", "down 1"],
        ),
        (
            "def help():\n    return 1\n\nclass Thing:\n    kind = 'first'\n\ndef upgrade():\n    seen.append((help(), Thing.kind))\n\ndef downgrade(): pass\n",
            "def help():\n    return 2\n\nclass Thing:\n    kind = 'second'\n\ndef upgrade():\n    seen.append((help(), Thing.kind))\n\ndef downgrade(): pass\n",
            [(1, "first"), (2, "second")],
        ),
        (
            "def len(x):\n    return 'mine'\n\ndef upgrade():\n    seen.append(len('x'))\n\ndef downgrade(): pass\n",
            "def upgrade():\n    seen.append(len('x'))\n\ndef downgrade(): pass\n",
            ["mine", 1],
        ),
        # Names that are an attribute, a keyword or a text elsewhere.
        (
            "mark = 'a'\n\ndef upgrade():\n    seen.append(dict(mark=mark))\n\ndef downgrade(): pass\n",
            "mark = 'b'\n\ndef upgrade():\n    seen.append([dict(mark=mark)['mark'], 'mark'])\n\ndef downgrade(): pass\n",
            [{"mark": "a"}, ["b", "mark"]],
        ),
        # What calls its own functions, and text over several lines.
        (
            "def upgrade():\n    seen.append('''\n  é\n''')\n\ndef downgrade():\n    seen.append(1)\n    upgrade()\n",
            "def upgrade(): seen.append(2)\n\ndef downgrade():\n    upgrade()\n",
            ["\n  é\n", 2, 2, 1, "\n  é\n"],
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_it_does_what_the_files_did(first: str, second: str, seen: list[Any], newline: str) -> None:
    texts = [(HEAD + "\n" + body).replace("\n", newline).encode() for body in (first, second)]
    assert _calls(_folded(*texts)) == seen


def test_arguments_are_handed_on() -> None:
    text = PLAIN.replace(
        "():\n    pass", "(name: str, *more, flag=True, **rest):\n    seen.append((name, more, flag, rest))"
    )
    assert _calls(_folded(text, text), "x", 2) == [("x", (2,), True, {})] * 4


def test_what_a_human_wrote_is_kept() -> None:
    first = (
        '"""First\n\nRevision ID: a1\nRevises:\nCreate Date: 2020-01-01\n\nAsk Ann.\n"""\n\n'
        "from datetime import date  # for dates\n\n" + HEAD.replace("None", "None  # the very first")
        + "\n# constants\nDAY = date(2020, 1, 1)\n"
        + FUNCTIONS.replace("    pass", "    # careful\n    op.execute(f'''\nSELECT {DAY}\n''')", 1)
    )  # fmt: skip
    text = _folded(first.encode("utf-8-sig"), "# -*- coding: latin-1 -*-\n# größe\n".encode("latin-1") + PLAIN.encode())
    for kept in (
        "# Ask Ann.\n",
        "# the very first\n",
        "from datetime import date  # for dates\n",
        "# constants\nDAY = date(2020, 1, 1)\n",
        "    # careful\n    op.execute(f'''\nSELECT {DAY}\n''')\n",
        "# größe\n",
        "# a1: First\n",
        "    a1: First\n    b2\n",
    ):
        assert kept in text
    for gone in ("2020-01-01\n", "coding"):
        assert gone not in text
    assert text.count("import sqlalchemy as sa\n") == 1
    read = parse_revision(text, Path("b2.py"))
    assert (read.id, read.message, read.down_revisions, read.depends_on) == ("b2", "all of it", ("z0",), ("x", "y"))


def test_layout() -> None:
    body = "\n# constants\nDAY = 1\n" + FUNCTIONS
    text = _folded(PLAIN.replace("'", '"').replace('"a1"', "'a1'"), HEAD + body, HEAD + FUNCTIONS)
    assert black.format_str(text, mode=black.Mode()) == text


def test_fold_what_was_folded() -> None:
    parts = [PLAIN.replace("pass", f"seen.append({number})") for number in (1, 2, 3)]
    once = _folded(*parts[:2]).replace('revision = "b2"', "revision = 'a1'", 1)
    assert _calls(_folded(once, parts[2])) == [1, 2, 3, 3, 2, 1]


def test_a_hostile_docstring_stays_a_comment() -> None:
    text = _folded('"""m \'\'\' \\"\\"\\"\nx\rimport os\x0cboom()\x85boom()\n"""\n' + PLAIN, PLAIN)
    assert "boom" not in {line.strip("()") for line in text.splitlines()}
    compile(text, "folded", "exec")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (PLAIN, PLAIN.replace("import sqlalchemy", "import sqlite3"), "b2.py:1: sa is imported from sqlite3"),
        (PLAIN, "from os import *\n" + PLAIN, "b2.py:1: 'import *'"),
        (PLAIN, PLAIN.replace("    pass", "    globals()", 1), "b2.py:9: globals sees the file"),
        (PLAIN, PLAIN.replace("    pass", "    open(__file__)", 1), "b2.py:9: __file__ sees"),
        (PLAIN, PLAIN.replace("    pass", "    op.execute(revision)", 1), "b2.py:9: revision is read here"),
        (PLAIN, PLAIN + "\nop.f('x')\n", "b2.py:15: this runs when the file is imported"),
        (PLAIN, PLAIN + "\nbind = op.get_bind()\n", "b2.py:15: op is used outside"),
        (PLAIN, PLAIN + "\nclass A:\n    x = [op.f('x')]\n", "b2.py:16: op is used outside"),
        (PLAIN, PLAIN.replace("def downgrade", "def down"), "b2.py:1: a plain function downgrade()"),
        (PLAIN, PLAIN.replace("def upgrade", "async def upgrade"), "b2.py:8: a plain function upgrade()"),
        (PLAIN, PLAIN.replace("upgrade()", "upgrade(name)", 1), "b2.py:8: upgrade(name) takes other arguments"),
        (PLAIN, PLAIN.replace("upgrade()", "upgrade(x=[])", 1), "b2.py:8: a parameter of upgrade()"),
        (PLAIN, PLAIN.replace("None\n", "None; x = 5\n"), "b2.py:5: two statements"),
        (PLAIN, PLAIN + "\nsa = 5\n", "b2.py:15: sa is imported and set again"),
        # A name of the file that cannot be renamed: it is a local name elsewhere in it, bound by a statement, or in an f-string.
        (PLAIN + "\nx = 1\n", PLAIN + "\nx = 2\n\ndef f(x):\n    return x\n", "b2.py:17: x is a name of the file and of f too"),
        (PLAIN + "\nx = 1\n", PLAIN + "\nx = 2\n\ndef f():\n    global x\n    x = 3\n", "b2.py:"),
        (PLAIN + "\nx = 1\n", PLAIN + "\ntry:\n    y = 1\nexcept ValueError as x:\n    y = 2\n", "b2.py:"),
        (PLAIN + "\nx = 1\n", PLAIN + "\nif sa:\n    import os as x\n", "b2.py:"),
        # An import that hides what another file has from Python itself.
        (PLAIN.replace("    pass", "    print(len('x'))", 1), "from os import path as len\n" + PLAIN, "b2.py:1: len is imported here"),
        ("from __future__ import annotations\n" + PLAIN, PLAIN + "\nclass A:\n    x: int\n", "b2.py:15: a1.py has 'from __future__"),
    ],
)  # fmt: skip
def test_refused(first: str, second: str, said: str) -> None:
    with pytest.raises(RevisionError) as caught:
        _folded(first, second)
    assert str(caught.value).startswith(said)
