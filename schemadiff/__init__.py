"""schemadiff: the schema diff engine for SQLAlchemy."""

from schemadiff._version import __version__

__all__ = ["__version__"]
