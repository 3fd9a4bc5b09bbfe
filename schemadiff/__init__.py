"""schemadiff: the schema diff engine for SQLAlchemy.

    import schemadiff

    difference = schemadiff.diff(engine, Base.metadata)
    if difference:
        print(schemadiff.render(difference).upgrade)

Everything here is loaded when it is first used: importing the package imports neither SQLAlchemy nor black.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from schemadiff._version import __version__

if TYPE_CHECKING:
    import schemadiff.command as command
    import schemadiff.context as context
    import schemadiff.op as op
    from schemadiff.api import apply, diff, from_metadata, record, reflect, render
    from schemadiff.comparison import Diff
    from schemadiff.config import Config
    from schemadiff.errors import SchemadiffError
    from schemadiff.rendering.python import Rendered
    from schemadiff.schema import Schema

__all__ = [
    "Config",
    "Diff",
    "Rendered",
    "Schema",
    "SchemadiffError",
    "__version__",
    "apply",
    "command",
    "context",
    "diff",
    "from_metadata",
    "op",
    "record",
    "reflect",
    "render",
]

_HOMES = {
    "Config": "schemadiff.config",
    "Diff": "schemadiff.comparison",
    "Rendered": "schemadiff.rendering.python",
    "Schema": "schemadiff.schema",
    "SchemadiffError": "schemadiff.errors",
    "apply": "schemadiff.api",
    "diff": "schemadiff.api",
    "from_metadata": "schemadiff.api",
    "record": "schemadiff.api",
    "reflect": "schemadiff.api",
    "render": "schemadiff.api",
}
_MODULES = frozenset({"command", "context", "op"})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"schemadiff.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'schemadiff' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
