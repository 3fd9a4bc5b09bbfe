"""Law 5: the same inputs give the same bytes, whatever PYTHONHASHSEED is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.laws.pairs import PAIRS
from tests.laws.rendered import prepared
from tests.support.projects import ROOT
from tests.support.servers import Backend

_RENDER = """
import json, sys
from tests.laws.rendered import compared, module_text
import schemadiff

for url, dialect, schema, pairs in json.loads(sys.argv[1]):
    for pair in pairs:
        print(pair, module_text(schemadiff.render(compared(url, dialect, schema, pair))), sep="\\n")
"""


def test_deterministic(backend: Backend) -> None:
    """Every pair, each on a database of its first model, in processes that hash in different ways."""
    work = []
    for before in sorted({model.__name__ for model, _ in PAIRS.values()}):
        url, schema = prepared(backend, before)
        pairs = [name for name, (model, _) in PAIRS.items() if model.__name__ == before]
        work.append([url, backend.name, schema, pairs])
    texts = {_render(json.dumps(work), seed) for seed in ("0", "4242")}
    assert len(texts) == 1
    assert texts.pop().count("def upgrade") == len(PAIRS)


def _render(work: str, seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _RENDER, work],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
