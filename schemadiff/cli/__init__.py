"""The command line. Arguments in, output out: what a library caller would miss is in :mod:`schemadiff.commands`.

Nothing heavy is imported before a command needs it: ``schemadiff --help`` imports neither SQLAlchemy nor black.
"""

from schemadiff.cli.app import main

__all__ = ["main"]
