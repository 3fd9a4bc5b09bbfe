"""The order of the nodes in each layer, and how far down each stands."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import groupby
from math import floor

from schemadiff.rendering.diagram.graph import BLOCK_GAP, Block
from schemadiff.rendering.diagram.nets import Nets

__all__ = ["KNOT_GAP", "tops"]

KNOT_GAP = 12
"""How far a wire that passes a layer stands from its neighbours, pixels."""

BAND_GAP = 90
"""How far bands stand apart: their frames, and the names on them."""

_ORDERINGS = 10
_SETTLINGS = 8

_TO_THE_MIDDLE = 1
"""How much it counts that a block stands in the middle of its band: as much as one of its wires. Without it chains drift off sideways."""

_Link = tuple[int, int, int]
"""A neighbour, how much lower than it a node would like to stand, and how much that counts."""


def tops(blocks: Sequence[Block], net: Nets) -> tuple[list[int], list[tuple[int, int]]]:
    """Return how far down each node stands, and the top and the bottom of each band.

    Nodes of one layer are first brought into an order with few crossings, by the mean of what they are connected with, to and fro; then each
    is moved to where its wires are straight, as far as its neighbours let it.
    """
    heights = [block.height for block in blocks] + [0] * net.knots
    lefts, rights = _links(net, len(blocks))
    rows: list[list[int]] = [list(each) for each in net.members]
    for row in rows:
        row.sort(key=lambda node: (net.bands[node], node))
    places = [0.0] * len(heights)
    unlinked: list[list[_Link]] = [[] for _ in heights]
    for row in rows:
        _settle(row, places, heights, net, len(blocks), unlinked)
    best = (_crossings(net, places), rows)
    for turn in range(_ORDERINGS):
        if not best[0]:
            break
        away = turn % 2 == 0
        links = lefts if away else rights
        rows = [list(row) for row in rows]
        for row in rows if away else reversed(rows):
            wished = {node: _wish(node, links, places) for node in row}
            row.sort(key=lambda node: (net.bands[node], wished[node]))
            _settle(row, places, heights, net, len(blocks), links)
        best = min(best, (_crossings(net, places), rows), key=lambda each: each[0])
    rows = best[1]
    for turn in range(_SETTLINGS):
        links = (
            (lefts, rights)[turn % 2] if turn < _SETTLINGS - 2 else [a + b for a, b in zip(lefts, rights, strict=True)]
        )
        for row in rows if turn % 2 == 0 else reversed(rows):
            _settle(row, places, heights, net, len(blocks), links)
    return _stacked(rows, places, heights, net)


def _links(net: Nets, blocks: int) -> tuple[list[list[_Link]], list[list[_Link]]]:
    """Return what each node is connected with in the layer left of it, and in the one right of it."""
    lefts: list[list[_Link]] = [[] for _ in net.bands]
    rights: list[list[_Link]] = [[] for _ in net.bands]
    for each in net.nets:
        for channel in sorted(each.left.keys() & each.right.keys()):
            for left, left_at in each.left[channel]:
                for right, right_at in each.right[channel]:
                    if net.bands[left] != net.bands[right]:
                        continue
                    weight = 1 + 2 * (left >= blocks) + 2 * (right >= blocks)
                    lefts[right].append((left, left_at - right_at, weight))
                    rights[left].append((right, right_at - left_at, weight))
    return lefts, rights


def _wish(node: int, links: Sequence[Sequence[_Link]], places: Sequence[float]) -> float:
    """Return where the wires of a node would be straight, on average; where it is, when it has none."""
    total, weight = 0.0, 0
    for other, offset, counts in links[node]:
        total += (places[other] + offset) * counts
        weight += counts
    return total / weight if weight else places[node]


def _settle(
    row: Sequence[int],
    places: list[float],
    heights: Sequence[int],
    net: Nets,
    blocks: int,
    links: Sequence[Sequence[_Link]],
) -> None:
    """Move the nodes of a layer to where they would like to be, in their order and apart, with the least sum of squares.

    That is an isotonic regression, which pooling neighbours that get in each other's way solves exactly.
    """
    for _, members in groupby(row, key=lambda node: net.bands[node]):
        pools: list[tuple[float, float, int]] = []  # the mean wish, the weight, the number of nodes
        offsets: list[tuple[int, int]] = []
        for node in members:
            last, offset = offsets[-1] if offsets else (node, 0)
            if last != node:
                offset += heights[last] + (BLOCK_GAP if last < blocks and node < blocks else KNOT_GAP)
            offsets.append((node, offset))
            wish, weight = _wish(node, links, places), float(sum(link[2] for link in links[node]))
            if node < blocks:
                wish = (wish * weight - _TO_THE_MIDDLE * heights[node] / 2) / (weight + _TO_THE_MIDDLE)
            pools.append((wish - offset, max(weight, 1) + _TO_THE_MIDDLE, 1))
            while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
                low, high = pools.pop(), pools.pop()
                whole = low[1] + high[1]
                pools.append(((low[0] * low[1] + high[0] * high[1]) / whole, whole, low[2] + high[2]))
        means = [mean for mean, _, number in pools for _ in range(number)]
        for (node, offset), mean in zip(offsets, means, strict=True):
            places[node] = mean + offset


def _crossings(net: Nets, places: Sequence[float]) -> int:
    """Return how many pairs of branches cross, by counting inversions in each channel."""
    ends: dict[int, list[tuple[float, float]]] = {}
    for each in net.nets:
        for channel in sorted(each.left.keys() & each.right.keys()):
            for left, left_at in each.left[channel]:
                for right, right_at in each.right[channel]:
                    at = (_height(left, left_at, net, places), _height(right, right_at, net, places))
                    ends.setdefault(channel, []).append(at)
    total = 0
    for pairs in ends.values():
        seen: list[float] = []
        for _, height in sorted(pairs):
            total += len(seen) - bisect_right(seen, height)
            insort(seen, height)
    return total


def _height(node: int, at: int, net: Nets, places: Sequence[float]) -> float:
    """Return how far down a pin is. Bands have heights of their own, so that those of a lower one lie below all others."""
    return net.bands[node] * 1e6 + places[node] + at


def _stacked(
    rows: Sequence[Sequence[int]], places: Sequence[float], heights: Sequence[int], net: Nets
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the heights with each band below the one before it."""
    count = max(net.bands, default=0) + 1
    first, last = [0.0] * count, [0.0] * count
    for band in range(count):
        nodes = [node for row in rows for node in row if net.bands[node] == band]
        first[band] = min((places[node] for node in nodes), default=0)
        last[band] = max((places[node] + heights[node] for node in nodes), default=0)
    bands: list[tuple[int, int]] = []
    top = 0
    for band in range(count):
        bottom = top + round(last[band] - first[band])
        bands.append((top, bottom))
        top = bottom + BAND_GAP
    placed = [floor(places[node] - first[band] + 0.5) + bands[band][0] for node, band in enumerate(net.bands)]
    return placed, bands
