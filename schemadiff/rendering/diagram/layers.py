"""The layers of a graph: each block stands right of what it refers to, in columns of about the same height.

This is the first step of the layered layout that Sugiyama, Tagawa and Toda described (1981), with the layers filled as Coffman and Graham do:
a layer that is full sends what comes next into the one after it, so that a table that hundreds refer to gives no endless column.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from schemadiff.rendering.diagram.graph import BLOCK_GAP, Block, Wire

__all__ = ["layers"]

_ASPECT = 1.7
"""How much wider than high the whole shall be."""

_CHANNEL = 70
"""About how wide the space between two layers is, pixels."""

_LEAST = 640
"""A layer may always be that high, pixels."""


def layers(blocks: Sequence[Block], wires: Sequence[Wire]) -> list[int]:
    """Return the layer of each block, from 0. The two ends of a wire stand in different ones, but for wires from a block to itself."""
    parents = _acyclic(len(blocks), wires)
    chosen = _filled(blocks, parents)
    return _nearer(blocks, parents, chosen)


def _acyclic(count: int, wires: Sequence[Wire]) -> list[set[int]]:
    """Return what each block stands right of: what it refers to, with the wires that would close a cycle turned around."""
    refers: list[list[int]] = [[] for _ in range(count)]
    for wire in wires:
        if wire.start != wire.end and wire.end not in refers[wire.start]:
            refers[wire.start].append(wire.end)
    parents: list[set[int]] = [set() for _ in range(count)]
    state = [0] * count  # 1 while it is on the path, 2 after
    for first in sorted(range(count), key=lambda each: (-len(refers[each]), each)):
        path = [(first, iter(refers[first]))] if not state[first] else []
        state[first] = state[first] or 1
        while path:
            block, ends = path[-1]
            for end in ends:
                if state[end] == 1:
                    parents[end].add(block)
                    continue
                parents[block].add(end)
                if not state[end]:
                    state[end] = 1
                    path.append((end, iter(refers[end])))
                    break
            else:
                state[block] = 2
                path.pop()
    return parents


def _filled(blocks: Sequence[Block], parents: Sequence[set[int]]) -> list[int]:
    """Return layers in which no band is higher than the shape of the whole allows."""
    limits = _limits(blocks)
    children: list[list[int]] = [[] for _ in blocks]
    for block, those in enumerate(parents):
        for parent in sorted(those):
            children[parent].append(block)
    waiting = [len(those) for those in parents]
    ready = [(0, block) for block in range(len(blocks)) if not waiting[block]]
    heapq.heapify(ready)
    used: dict[tuple[int, int], int] = {}
    chosen = [0] * len(blocks)
    depth = [0] * len(blocks)
    while ready:
        _, block = heapq.heappop(ready)
        height, band = blocks[block].height + BLOCK_GAP, blocks[block].band
        layer = 1 + max((chosen[parent] for parent in parents[block]), default=-1)
        while (room := used.get((band, layer), 0)) and room + height > limits[band]:
            layer += 1
        used[band, layer] = used.get((band, layer), 0) + height
        chosen[block] = layer
        for child in children[block]:
            depth[child] = max(depth[child], depth[block] + 1)
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, (depth[child], child))
    return chosen


def _limits(blocks: Sequence[Block]) -> dict[int, int]:
    """Return how high a layer may be in each band, so that the whole has a good shape."""
    area = sum((each.height + BLOCK_GAP) * (each.width + _CHANNEL) for each in blocks)
    total = sum(each.height + BLOCK_GAP for each in blocks)
    columns = max(1, math.ceil(total / math.sqrt(area / _ASPECT))) if blocks else 1
    heights: dict[int, list[int]] = {}
    for each in blocks:
        heights.setdefault(each.band, []).append(each.height + BLOCK_GAP)
    least = _LEAST if len(heights) == 1 else _LEAST // 2
    return {band: max(least, *each, sum(each) // columns) for band, each in heights.items()}


def _nearer(blocks: Sequence[Block], parents: Sequence[set[int]], chosen: list[int]) -> list[int]:
    """Return the layers with blocks that refer to nothing moved right, to just before the first block that refers to them."""
    nearest: dict[int, int] = {}
    for block, those in enumerate(parents):
        for parent in those:
            nearest[parent] = min(nearest.get(parent, chosen[block]), chosen[block])
    limits = _limits(blocks)
    used: dict[tuple[int, int], int] = {}
    for block, layer in enumerate(chosen):
        used[blocks[block].band, layer] = used.get((blocks[block].band, layer), 0) + blocks[block].height + BLOCK_GAP
    moved = list(chosen)
    for block in sorted(nearest, key=lambda each: (-nearest[each], each)):
        height, band = blocks[block].height + BLOCK_GAP, blocks[block].band
        if parents[block]:
            continue
        for layer in range(nearest[block] - 1, moved[block], -1):
            if used.get((band, layer), 0) + height <= limits[band]:
                used[band, moved[block]] -= height
                used[band, layer] = used.get((band, layer), 0) + height
                moved[block] = layer
                break
    return moved
