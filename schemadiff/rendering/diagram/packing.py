"""Parts of a diagram beside and below each other: in shelves, the highest parts first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from schemadiff.rendering.diagram.graph import Point

__all__ = ["packed"]


def packed(sizes: Sequence[Point], gap: int, aspect: float = 1.6) -> tuple[list[Point], Point]:
    """Return where parts of ``sizes`` go, and the size of the whole.

    Parts are put on shelves, the highest first; on a shelf a lower part goes below another one as long as both find room.

    Args:
        sizes: the width and the height of each part.
        gap: how far they stand apart, pixels.
        aspect: how much wider than high the whole shall be, about.
    """
    area = sum((width + gap) * (height + gap) for width, height in sizes)
    limit = max([math.isqrt(round(area * aspect)), *(width for width, _ in sizes)], default=0)
    corners: list[Point] = [(0, 0)] * len(sizes)
    top = bottom = 0  # of the shelf
    left = right = 0  # of the pile on it
    free = 0  # where the next part of the pile goes
    for index in sorted(range(len(sizes)), key=lambda each: (-sizes[each][1], each)):
        width, height = sizes[index]
        if free > top and free + height <= bottom and left + width <= right:
            corners[index] = (left, free)
        else:
            left = right + gap if right else 0
            if bottom and left + width > limit:
                top, left = bottom + gap, 0
                bottom = 0
            corners[index] = (left, top)
            bottom = max(bottom, top + height)
            right = left + width
        free = corners[index][1] + height + gap
    whole = (
        max((corner[0] + size[0] for corner, size in zip(corners, sizes, strict=True)), default=0),
        max((corner[1] + size[1] for corner, size in zip(corners, sizes, strict=True)), default=0),
    )
    return corners, whole
