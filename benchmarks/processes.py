"""Python in a process of its own, with this tree's schemadiff."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a process that imports this tree, and keeps bytecode as a user's does."""
    found = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    path = [str(ROOT), *filter(None, [found.get("PYTHONPATH")])]
    return found | {"PYTHONPATH": os.pathsep.join(path)} | dict(more or {})


def python(
    *arguments: str, cwd: Path = ROOT, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python, and return what it printed.

    Raises:
        RuntimeError: its exit status is not 0; the message has the end of what it said.
    """
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environment(more), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"python {' '.join(arguments)}: exit status {done.returncode}\n{said}")
    return done


def seconds(*arguments: str, cwd: Path = ROOT, more: Mapping[str, str] | None = None) -> float:
    """Return how long a process of Python takes, from its start to its end."""
    began = time.perf_counter()
    python(*arguments, cwd=cwd, more=more)
    return time.perf_counter() - began
