"""The projects in ``fixtures/``: where they are, their models, and copies that a test may change."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

from sqlalchemy import MetaData

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
BLOG = FIXTURES / "blog"
SHOP = FIXTURES / "shop"


def import_fixture(project: str, module: str) -> ModuleType:
    """Import a module of ``fixtures/<project>`` once, without leaving its folder on ``sys.path``."""
    folder = str(FIXTURES / project)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(module)
    finally:
        sys.path.remove(folder)


def copy_project(project: str, directory: Path) -> Path:
    """Copy ``fixtures/<project>`` below ``directory``, without what a run has made in it; return the copy."""
    copy = directory / project
    shutil.copytree(FIXTURES / project, copy, ignore=_made_by_a_run)
    return copy


def _made_by_a_run(folder: str, names: list[str]) -> list[str]:
    made = [name for name in names if name.endswith((".db", ".pyc")) or name == "__pycache__"]
    if Path(folder).name == "versions":
        made += [name for name in names if name.endswith(".py")]
    return made


def shop_metadata(dialect: str, second_schema: str | None) -> MetaData:
    """Return a new MetaData of the shop for ``dialect`` ("postgresql", "mysql", "sqlite")."""
    return import_fixture("shop", "shop").build(dialect, second_schema=second_schema)
