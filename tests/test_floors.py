"""The floors of the house hold: imports go down only."""

from __future__ import annotations

import subprocess
import sys

from tests.support.projects import ROOT


def test_imports_go_down() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
