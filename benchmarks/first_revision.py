"""The first revision of a model, from the diff with an empty database to a file in black's layout, in process.

Both tools run ``command.revision(config, autogenerate=True)`` in a project with their own template. Alembic has black as a post-write hook, as
a function: a hook of the type ``console_scripts`` would start a process each time.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.history import make
from benchmarks.measuring import alternating, seconds
from benchmarks.models import model
from benchmarks.places import Place
from benchmarks.plan import Plan
from benchmarks.results import Aim, Found, Kind, Row, Unit
from benchmarks.tools import THEIRS, Tool

_WARM = 2
_HOOK = "black_in_process"


def first_revision(plan: Plan, places: Sequence[Place], tools: Sequence[Tool]) -> Found:
    """Measure the first revision; the database is a file of SQLite, whatever the places are."""
    with TemporaryDirectory() as folder:
        runs = [_run(tool.name, Path(folder) / tool.name) for tool in tools]
        for run in runs:
            run(_WARM)
        figures = alternating([partial(run, plan.tables) for run in runs], plan.repeat).figures(float)
    what = f"first revision of {plan.tables} tables, rendered and formatted"
    return Found((Row(what, Unit.SECONDS, figures, Aim(Kind.RATIO_AT_LEAST, 20)),))


def _run(tool: str, folder: Path) -> Callable[[int], float]:
    make(folder, [], tool)
    config = _config(tool, folder)
    command = importlib.import_module(f"{tool}.command")
    versions = folder / "migrations" / "versions"

    def run(tables: int) -> float:
        config.attributes["metadata"] = model(tables)
        with contextlib.redirect_stdout(io.StringIO()):
            took = seconds(lambda: command.revision(config, "first", autogenerate=True))
        (path,) = versions.glob("*.py")
        made = path.read_text(encoding="utf-8").count("op.create_table(")
        if made != tables:
            raise RuntimeError(f"{tool} wrote {made} tables of {tables}")
        path.unlink()
        return took

    return run


def _config(tool: str, folder: Path) -> Any:
    module = importlib.import_module(f"{tool}.config")
    template = Path(importlib.import_module(tool).__path__[0]) / "templates" / "generic" / "script.py.mako"
    scripts = folder / "migrations"
    (scripts / "script.py.mako").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    config = module.Config(str(folder / "settings"))
    config.set_main_option("script_location", str(scripts))
    if tool == THEIRS:
        _register_black()
        config.set_section_option("post_write_hooks", "hooks", _HOOK)
        config.set_section_option("post_write_hooks", f"{_HOOK}.type", _HOOK)
    return config


@cache
def _register_black() -> None:
    import black
    from alembic.script import write_hooks

    def format_file(path: str, options: object) -> None:
        file = Path(path)
        file.write_text(black.format_str(file.read_text(encoding="utf-8"), mode=black.Mode()), encoding="utf-8")

    write_hooks.register(_HOOK)(format_file)
