"""The tools that are compared, each run from Python as its users run it, with its defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import sqlalchemy as sa

OURS, THEIRS = "schemadiff", "alembic"
TITLES = {OURS: "schemadiff", THEIRS: "Alembic"}


class NotInSync(RuntimeError):
    """A tool sees a change where there is none: what it took to find it is no figure of this benchmark."""


@dataclass(frozen=True)
class Tool:
    """A tool. ``check_in_sync(connection, metadata)`` compares, and raises NotInSync where it finds a difference."""

    name: str
    check_in_sync: Callable[[sa.Connection, sa.MetaData], None]

    @property
    def title(self) -> str:
        return TITLES[self.name]


def _schemadiff(connection: sa.Connection, metadata: sa.MetaData) -> None:
    import schemadiff

    difference = schemadiff.diff(connection, metadata)
    if difference:
        raise NotInSync(f"schemadiff: {difference.upgrade[:3]}")


def _alembic(connection: sa.Connection, metadata: sa.MetaData) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    found = compare_metadata(MigrationContext.configure(connection), metadata)
    if found:
        raise NotInSync(f"Alembic: {found[:3]}")


_TOOLS = {OURS: Tool(OURS, _schemadiff), THEIRS: Tool(THEIRS, _alembic)}


def tool(name: str) -> Tool:
    """Return a tool by its name."""
    return _TOOLS[name]


def installed() -> list[Tool]:
    """Return schemadiff, and Alembic where it is installed."""
    try:
        version(THEIRS)
    except PackageNotFoundError:
        return [_TOOLS[OURS]]
    return list(_TOOLS.values())
