"""How many operations a file has, as far as its text says that."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from schemadiff.revisions.counting import operation_count

CASES: list[tuple[str, int | None]] = [
    ("pass", 0),
    ('"""Text."""\nop.execute("x")\nop.drop_table("t")', 2),
    ('with op.batch_alter_table("t") as batch_op:\n    batch_op.drop_column("a")\n    batch_op.drop_column("b")', 1),
    ("for each in range(3):\n    op.execute(each)", None),
    ("connection = op.get_bind()", None),
    ('op.get_bind().execute("x")', None),
    ("other()", None),
]


@pytest.mark.parametrize(("body", "count"), CASES)
def test_operation_count(tmp_path: Path, body: str, count: int | None) -> None:
    file = tmp_path / "a.py"
    file.write_text(f"def upgrade():\n{textwrap.indent(body, '    ')}\n")
    assert operation_count(file, "upgrade") == count
    assert operation_count(file, "downgrade") is None
    assert operation_count(tmp_path / "b.py", "upgrade") is None
