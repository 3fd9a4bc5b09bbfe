"""Commands as whole processes: ``heads`` of many revisions, and ``check`` of the blog."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
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

_HEADS = ("-c", "settings", "heads")
_IMPORT_AND_CONNECT = """\
import os, blog.models, sqlalchemy
sqlalchemy.create_engine(os.environ["BLOG_URL"]).connect().close()
"""


def heads(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure ``heads``, less the interpreter and, for a tool that imports it, less the import of SQLAlchemy.

    Both with bytecode of the revisions, and without, as in containers that are set to keep none: only a tool that imports them uses it.
    """
    nodes = list(line(plan.revisions))
    aim = Aim(Kind.RATIO_AT_LEAST, 10)
    with TemporaryDirectory() as name:
        folders = {tool.name: Path(name) / tool.name for tool in tools}
        for tool, folder in folders.items():
            make(folder, nodes, tool)
        baselines = [_baseline(tool, folder, f"{plan.revisions - 1:012x}") for tool, folder in folders.items()]
        rows = []
        for bytecode, which in ((True, ""), (False, ", without bytecode")):
            runs = [
                partial(_heads, tool, folder, less, bytecode=bytecode)
                for (tool, folder), less in zip(folders.items(), baselines, strict=True)
            ]
            what = f"heads of {plan.revisions} revisions{which}, less interpreter and SQLAlchemy"
            rows.append(Row(what, Unit.SECONDS, alternating(runs, plan.repeat).figures(float), aim))
    return Found(tuple(rows))


def _baseline(tool: str, folder: Path, head: str) -> str:
    """Return the code that a process would run at least, after runs that leave the bytecode behind."""
    said = python("-m", tool, *_HEADS, cwd=folder).stdout
    if head not in said:
        raise RuntimeError(f"{tool} heads: {said}")
    return "import sqlalchemy" if "sqlalchemy" in imported("-m", tool, *_HEADS, cwd=folder) else "pass"


def _heads(tool: str, folder: Path, less: str, *, bytecode: bool) -> float:
    more = {}
    if not bytecode:
        shutil.rmtree(folder / "migrations" / "versions" / "__pycache__", ignore_errors=True)
        more["PYTHONDONTWRITEBYTECODE"] = "1"
    return seconds("-m", tool, *_HEADS, cwd=folder, more=more) - seconds("-c", less, cwd=folder, more=more)


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
    # The last of them leaves the bytecode behind, that of the models included.
    for command in (("autogen", "-m", "initdb"), ("upgrade",), ("check",)):
        python("-m", "schemadiff", *command, cwd=project, more=variables)
    sides: list[tuple[str, ...]] = [("-m", "schemadiff", "check"), ("-c", _IMPORT_AND_CONNECT)]
    runs = [partial(seconds, *side, cwd=project, more=variables) for side in sides]
    return alternating(runs, repeat).figures(float)
