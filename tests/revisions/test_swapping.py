"""Files are replaced and removed together, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schemadiff.errors import RevisionError
from schemadiff.revisions.swapping import Change, swap


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def changes(tmp_path: Path) -> list[Change]:
    for name in "abc":
        (tmp_path / f"{name}.py").write_bytes(name.encode())
    os.chmod(tmp_path / "b.py", 0o640)
    return [
        Change(tmp_path / "a.py", b"a"),
        Change(tmp_path / "b.py", b"b", b"new"),
        Change(tmp_path / "c.py", b"c"),
    ]


def test_all(changes: list[Change], tmp_path: Path) -> None:
    swap(changes)
    assert _tree(tmp_path) == {"b.py": b"new"}
    assert (tmp_path / "b.py").stat().st_mode & 0o777 == 0o640


def test_a_file_that_changed_meanwhile(changes: list[Change], tmp_path: Path) -> None:
    (tmp_path / "c.py").write_bytes(b"edited")
    before = _tree(tmp_path)
    with pytest.raises(RevisionError, match=r"c\.py changed while the command ran"):
        swap(changes)
    assert _tree(tmp_path) == before


def test_a_file_that_is_gone(changes: list[Change], tmp_path: Path) -> None:
    (tmp_path / "c.py").unlink()
    before = _tree(tmp_path)
    with pytest.raises(RevisionError, match=r"c\.py cannot be changed: No such file"):
        swap(changes)
    assert _tree(tmp_path) == before


def test_what_follows_fails(changes: list[Change], tmp_path: Path) -> None:
    before = _tree(tmp_path)

    def fail() -> None:
        assert (tmp_path / "b.py").read_bytes() == b"new"
        assert not (tmp_path / "a.py").exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swap(changes, fail)
    assert _tree(tmp_path) == before


def test_an_interruption_at_any_step(changes: list[Change], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _tree(tmp_path)
    renamed = os.replace
    for failing in range(4):
        calls = iter(range(100))

        def replace(old: Path, new: Path, failing: int = failing, calls: object = calls) -> None:
            if next(calls) == failing:  # type: ignore[call-overload]
                raise OSError(28, "No space left on device")
            renamed(old, new)

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", replace)
            with pytest.raises(RevisionError, match="nothing was changed"):
                swap(changes)
        assert _tree(tmp_path) == before, failing
