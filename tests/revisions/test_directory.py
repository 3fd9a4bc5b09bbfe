"""The files of a versions directory, and importing them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from schemadiff.errors import BrokenRevision, RevisionError
from schemadiff.revisions import load_function, load_graph, load_module

HEAD = "revision = 'a1'\ndown_revision = None\n"


def put(directory: Path, text: str, name: str = "a1_x.py") -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(text)
    return path


def test_what_is_read(tmp_path: Path) -> None:
    for name in (".#a1.py", "._a1.py", "__init__.py", "notes.txt", "a1.pyc", "a1.py~"):
        put(tmp_path, "not python!", name)
    put(tmp_path, HEAD)
    (tmp_path / "__pycache__").mkdir()
    assert list(load_graph([tmp_path]).nodes) == ["a1"]


def test_several_directories(tmp_path: Path) -> None:
    put(tmp_path / "one", HEAD)
    put(tmp_path / "two", "revision = 'b2'\ndown_revision = 'a1'\n")
    assert [node.id for node in load_graph([tmp_path / "two", tmp_path / "one", tmp_path / "none"]).order] == [
        "a1",
        "b2",
    ]


def test_not_a_directory(tmp_path: Path) -> None:
    path = put(tmp_path, HEAD)
    with pytest.raises(RevisionError, match=r"the versions directory .*a1_x\.py cannot be read: Not a directory"):
        load_graph([path])
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(BrokenRevision, match=r"folder\.py: cannot be read: Is a directory"):
        load_graph([tmp_path])


def test_import(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "from __future__ import annotations\nimport dataclasses\n"
        + HEAD
        + "@dataclasses.dataclass\nclass Row:\n    id: int\n\ndef upgrade():\n    return Row(3).id\n",
    )
    revision = load_graph([tmp_path]).get("a1")
    assert load_function(revision, "upgrade")() == 3
    with pytest.raises(BrokenRevision, match=r"a1_x\.py: revision 'a1' has no function downgrade\(\)"):
        load_function(revision, "downgrade")
    path.write_text(path.read_text().replace("Row(3)", "Row(4)"))  # same size, same second
    assert load_function(revision, "upgrade")() == 4
    assert os.listdir(tmp_path) == ["a1_x.py"]
    assert load_module(revision).__file__ == str(path)


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("\nimport no_such_module\n", 4, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0\n", 3, "ZeroDivisionError: division by zero"),
        ("def f():\n    1 / 0\n\nf()\n", 4, "ZeroDivisionError"),
        ("import json\njson.loads('{')\n", 4, "JSONDecodeError: Expecting property name"),
        ("raise SystemExit(3)\n", 3, "SystemExit: 3"),
        ("raise ValueError('two\\n lines')\n", 3, "ValueError: two lines"),
        ("return\n", 3, "SyntaxError: 'return' outside function"),
    ],
)
def test_import_that_fails(tmp_path: Path, code: str, line: int, reason: str) -> None:
    path = put(tmp_path, HEAD + code)
    before = set(sys.modules)
    with pytest.raises(BrokenRevision) as caught:
        load_module(load_graph([tmp_path]).get("a1"))
    assert str(caught.value).startswith(f"{path}:{line}: {reason}")
    assert "\n" not in str(caught.value)
    assert not {name for name in set(sys.modules) - before if name.startswith("_schemadiff")}


def test_file_that_changed_meanwhile(tmp_path: Path) -> None:
    path = put(tmp_path, HEAD)
    revision = load_graph([tmp_path]).get("a1")
    path.write_text(HEAD.replace("a1", "b2"))
    with pytest.raises(BrokenRevision, match="its identifiers changed while the command ran"):
        load_module(revision)
    path.unlink()
    with pytest.raises(BrokenRevision, match=r"a1_x\.py: cannot be read: No such file"):
        load_module(revision)
