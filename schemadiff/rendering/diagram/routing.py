"""The ways of wires: between two layers each net has one vertical line, on a track of its own where nets would lie on each other."""

from __future__ import annotations

from collections.abc import Sequence

from schemadiff.frozen import dataclass
from schemadiff.rendering.diagram.graph import Block, Placed, Point, Wire
from schemadiff.rendering.diagram.layers import layers
from schemadiff.rendering.diagram.nets import Net, Nets, nets
from schemadiff.rendering.diagram.ordering import tops

__all__ = ["placed"]

_TRACK = 10
"""How far tracks stand apart, pixels."""

_SIDE = 26
"""The room for the ends of wires on each side of a channel, pixels."""

_ON_EACH_OTHER = 20
"""How many crossings two lines that lie on each other are as bad as."""


@dataclass(frozen=True, slots=True)
class _Trunk:
    """A net in one channel: the heights of its pins on both sides."""

    net: int
    left: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def low(self) -> int:
        return min(self.left + self.right)

    @property
    def high(self) -> int:
        return max(self.left + self.right)


def placed(blocks: Sequence[Block], wires: Sequence[Wire]) -> Placed:
    """Return where ``blocks`` and ``wires`` go: layers from left to right, what is referred to left of what refers."""
    layer = layers(blocks, wires)
    net = nets(blocks, wires, layer)
    down, bands = tops(blocks, net)
    tracks, counts = _tracks(net, down, len(net.members))
    left, right = _sides(blocks, net, counts)
    corners = tuple((left[its], down[block]) for block, its in enumerate(layer))
    ways = []
    for wire, number in zip(wires, net.of, strict=True):
        xs = {channel: right[channel] + _SIDE + _TRACK * track for channel, track in tracks[number].items()}
        ways.append(_way(wire, net.nets[number], layer, blocks, corners, down, xs))
    return Placed(corners, tuple(ways), tuple(bands), _width(right, counts), bands[-1][1] if blocks else 0)


def _tracks(net: Nets, down: Sequence[int], layers_: int) -> tuple[list[dict[int, int]], list[int]]:
    """Return the track of each net in each channel, and how many tracks each channel has."""
    tracks: list[dict[int, int]] = [{} for _ in net.nets]
    counts = []
    for channel in range(layers_):
        trunks = []
        for number, each in enumerate(net.nets):
            left = tuple(down[node] + at for node, at in each.left.get(channel, ()))
            right = tuple(down[node] + at for node, at in each.right.get(channel, ()))
            if left or right:
                trunks.append(_Trunk(number, left, right))
        ordered = _ordered([each for each in trunks if each.low < each.high])
        used: list[tuple[_Trunk, int]] = []
        for trunk in ordered:
            track = 1 + max((its for other, its in used if _meet(other, trunk)), default=-1)
            used.append((trunk, track))
            tracks[trunk.net][channel] = track
        counts.append(1 + max((track for _, track in used), default=-1))
        for trunk in trunks:
            tracks[trunk.net].setdefault(channel, 0)
    return tracks, counts


def _meet(one: _Trunk, other: _Trunk) -> bool:
    return one.low <= other.high + _TRACK and other.low <= one.high + _TRACK


def _ordered(trunks: Sequence[_Trunk]) -> list[_Trunk]:
    """Return nets from left to right, so that few of their branches cross: each is put in where that costs least."""
    ordered: list[_Trunk] = []
    for each in sorted(trunks, key=lambda trunk: (trunk.low - trunk.high, trunk.low, trunk.net)):
        cost = sum(_cost(each, other) for other in ordered if _meet(each, other))
        best, place = cost, 0
        for index, other in enumerate(ordered):
            if _meet(each, other):
                cost += _cost(other, each) - _cost(each, other)
            if cost < best:
                best, place = cost, index + 1
        ordered.insert(place, each)
    return ordered


def _cost(left: _Trunk, right: _Trunk) -> int:
    """Return how bad it is when the one net stands left of the other: what crosses, and what lies on each other."""
    crossings = sum(right.low < pin < right.high for pin in left.right) + sum(
        left.low < pin < left.high for pin in right.left
    )
    covered = sum(abs(one - other) < 4 for one in left.right for other in right.left)
    return crossings + _ON_EACH_OTHER * covered


def _sides(blocks: Sequence[Block], net: Nets, counts: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the left and the right side of each layer."""
    left, right = [], []
    at = 0
    for members, tracks in zip(net.members, counts, strict=True):
        left.append(at)
        right.append(at + max((blocks[node].width for node in members if node < len(blocks)), default=0))
        at = right[-1] + 2 * _SIDE + _TRACK * max(0, tracks - 1)
    return left, right


def _width(right: Sequence[int], counts: Sequence[int]) -> int:
    """Return the width of the whole: wires from a block to itself stand right of the last layer."""
    if not right:
        return 0
    return right[-1] + (_SIDE + _TRACK * counts[-1] if counts[-1] else 0)


def _way(
    wire: Wire,
    net: Net,
    layer: Sequence[int],
    blocks: Sequence[Block],
    corners: Sequence[Point],
    down: Sequence[int],
    xs: dict[int, int],
) -> tuple[Point, ...]:
    """Return the corners of a wire's way, from its start to its end."""
    home, begin = layer[wire.end], layer[wire.start]
    forward = begin >= home
    own_side = begin == home
    start_x, start_y = corners[wire.start]
    end_x, end_y = corners[wire.end]
    start = (start_x + (blocks[wire.start].width if own_side or not forward else 0), start_y + wire.start_at)
    end = (end_x + (blocks[wire.end].width if forward else 0), end_y + wire.end_at)
    step = -1 if forward else 1
    points = [start]
    # From layer to layer: along the channel between them to where the trunk is in the next one.
    for its in [home] if own_side else range(begin + step, home + step, step):
        channel = its if forward else its - 1
        node, at = net.spine[its]
        points += [(xs[channel], points[-1][1]), (xs[channel], down[node] + at)]
    points.append(end)
    return tuple(
        point for index, point in enumerate(points) if index in (0, len(points) - 1) or not _straight(points, index)
    )


def _straight(points: Sequence[Point], index: int) -> bool:
    (_, before), (_, here), (_, after) = points[index - 1 : index + 2]
    return before == here == after
