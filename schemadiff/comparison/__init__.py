"""Schema × Schema to operations. Pure: no connection, no rendering."""

from schemadiff.comparison.compare import Comparison, compare
from schemadiff.comparison.dependants import differing
from schemadiff.comparison.diff import Diff
from schemadiff.comparison.evidence import Evidence, Side
from schemadiff.comparison.explanation import Explanation

__all__ = ["Comparison", "Diff", "Evidence", "Explanation", "Side", "compare", "differing"]
