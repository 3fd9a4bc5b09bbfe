"""Schema × Schema to operations. Pure: no connection, no rendering."""

from schemadiff.comparison.compare import Comparison, compare
from schemadiff.comparison.diff import Diff

__all__ = ["Comparison", "Diff", "compare"]
