"""What the layout places: blocks, and wires between points at their sides. It knows nothing of tables."""

from __future__ import annotations

from collections.abc import Hashable

from schemadiff.frozen import dataclass

__all__ = ["BLOCK_GAP", "Block", "Placed", "Point", "Wire"]

Point = tuple[int, int]

BLOCK_GAP = 28
"""How far blocks in one layer stand apart, pixels."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle.

    Args:
        width, height: its size, pixels.
        band: the horizontal band that it stands in, from 0.
    """

    width: int
    height: int
    band: int = 0


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection from the side of one block to the side of another.

    Args:
        start, end: the blocks, by their number. The end stands left of the start where that is possible.
        start_at, end_at: how far below the top of the block it meets the side.
        trunk: wires to one end with the same trunk share their way there.
    """

    start: int
    end: int
    start_at: int
    end_at: int
    trunk: Hashable = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where blocks and wires are.

    Args:
        corners: the upper left corner of each block.
        ways: the corners of each wire's way, from its start to its end.
        bands: the top and the bottom of each band.
        width, height: the size of the whole.
    """

    corners: tuple[Point, ...]
    ways: tuple[tuple[Point, ...], ...]
    bands: tuple[tuple[int, int], ...]
    width: int
    height: int
