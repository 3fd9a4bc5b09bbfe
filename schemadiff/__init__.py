"""schemadiff: the schema diff engine for SQLAlchemy.

    import schemadiff

    difference = schemadiff.diff(engine, Base.metadata)
    if difference:
        print(schemadiff.render(difference).upgrade)

Everything here is loaded when it is first used: importing the package imports neither SQLAlchemy nor black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemadiff._version import __version__
from schemadiff.lazy import attributes

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

if not TYPE_CHECKING:  # To a type checker, the package has the names above, and no others.
    __getattr__ = attributes(
        __name__,
        {
            "Config": ".config",
            "Diff": ".comparison",
            "Rendered": ".rendering.python",
            "Schema": ".schema",
            "SchemadiffError": ".errors",
            "apply": ".api",
            "command": "",
            "context": "",
            "diff": ".api",
            "from_metadata": ".api",
            "op": "",
            "record": ".api",
            "reflect": ".api",
            "render": ".api",
        },
    )


def __dir__() -> list[str]:
    return sorted(__all__)
