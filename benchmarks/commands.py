"""Commands as whole processes: ``heads`` of many revisions, and ``check`` of the blog."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.history import line, make
from benchmarks.imports import imported
from benchmarks.measuring import Figures, alternating
from benchmarks.places import Place
from benchmarks.plan import Plan
from benchmarks.processes import python, seconds
from benchmarks.results import Aim, Found, Kind, Row, Unit
from benchmarks.tools import Tool
from tests.support.projects import copy_project

_IMPORT_AND_CONNECT = """\
import os, blog.models, sqlalchemy
sqlalchemy.create_engine(os.environ["BLOG_URL"]).connect().close()
"""


def heads(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure ``heads``, less the interpreter and, for a tool that imports it, less the import of SQLAlchemy."""
    nodes = list(line(plan.revisions))
    with TemporaryDirectory() as folder:
        runs = []
        for tool in tools:
            make(Path(folder) / tool.name, nodes, tool.name)
            runs.append(_heads(tool.name, Path(folder) / tool.name, f"{plan.revisions - 1:012x}"))
        figures = alternating(runs, plan.repeat).figures(float)
    what = f"heads of {plan.revisions} revisions, less interpreter and SQLAlchemy"
    return Found((Row(what, Unit.SECONDS, figures, Aim(Kind.RATIO_AT_LEAST, 10)),))


def _heads(tool: str, folder: Path, head: str) -> Callable[[], float]:
    command = ("-m", tool, "-c", "settings", "heads")
    # The first run, which leaves the bytecode behind.
    said = python(*command, cwd=folder).stdout
    if head not in said:
        raise RuntimeError(f"{tool} heads: {said}")
    less = "import sqlalchemy" if "sqlalchemy" in imported(*command, cwd=folder) else "pass"
    return lambda: seconds(*command, cwd=folder) - seconds("-c", less, cwd=folder)


def check(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure ``schemadiff check`` beside a process that imports the same models and connects."""
    rows = []
    for place in places:
        url = place.empty()
        with TemporaryDirectory() as folder:
            figures = _check(copy_project("blog", Path(folder)), {"BLOG_URL": url}, plan.repeat)
        what = f"schemadiff check on the blog in sync, whole process, {place.title}"
        rows.append(
            Row(what, Unit.SECONDS, figures, Aim(Kind.RATIO_AT_MOST, 1.25), beside="import of its models, connect")
        )
    return Found(tuple(rows))


def _check(project: Path, variables: Mapping[str, str], repeat: int) -> Figures:
    for command in (("autogen", "-m", "initdb"), ("upgrade",), ("check",)):
        python("-m", "schemadiff", *command, cwd=project, more=variables)
    sides: list[tuple[str, ...]] = [("-m", "schemadiff", "check"), ("-c", _IMPORT_AND_CONNECT)]
    runs = [partial(seconds, *side, cwd=project, more=variables) for side in sides]
    for run in runs:
        run()
    return alternating(runs, repeat).figures(float)
