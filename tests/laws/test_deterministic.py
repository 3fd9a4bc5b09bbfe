"""Law 5: the same inputs give the same bytes, whatever PYTHONHASHSEED is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.laws.pairs import PAIRS
from tests.laws.rendered import prepared
from tests.support.projects import ROOT
from tests.support.servers import Backend

_RENDER = """
import sys
from tests.laws.rendered import compared, module_text
import schemadiff

url, dialect, schema, *pairs = sys.argv[1:]
for pair in pairs:
    print(module_text(schemadiff.render(compared(url, dialect, schema or None, pair))))
"""


@pytest.mark.parametrize("before", ["nothing", "shop", "store", "special"])
def test_deterministic(backend: Backend, before: str) -> None:
    """Every pair that begins with a model, on one database, in processes that hash in different ways."""
    url, schema = prepared(backend, before)
    pairs = [name for name, (model, _) in PAIRS.items() if model.__name__ == before]
    texts = {_render(url, backend.name, schema, pairs, seed) for seed in ("0", "4242")}
    assert len(texts) == 1
    assert "def upgrade" in texts.pop()


def _render(url: str, dialect: str, schema: str | None, pairs: list[str], seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _RENDER, url, dialect, schema or "", *pairs],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
