"""What the user of a connection may do there, as far as schemadiff needs it."""

from __future__ import annotations

from typing import Literal

from schemadiff.frozen import dataclass

__all__ = ["Right", "Use"]

Use = Literal["tables", "temporary tables", "databases"]
"""What is made: tables by ``upgrade``, temporary tables by the judge of expressions, databases by ``check --from-revisions``."""


@dataclass(frozen=True, slots=True)
class Right:
    """Whether something can be made.

    Args:
        use: what is made.
        granted: it can; None where that cannot be found out.
        missing: what is missing where it cannot.
    """

    use: Use
    granted: bool | None
    missing: str = ""
