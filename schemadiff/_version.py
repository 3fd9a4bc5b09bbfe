"""The version of this package, read by the build and by ``schemadiff --version`` without anything else being imported."""

__version__ = "0.1.0"
