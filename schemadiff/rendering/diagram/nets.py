"""Nets: the wires that lead to one end, as one tree through the layers.

A net passes a layer between two others at a knot of its own, which takes a place among the layer's blocks. Between two layers it has pins on
both sides, and is drawn there as one vertical line with a branch to each pin.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import field

from schemadiff.frozen import dataclass
from schemadiff.rendering.diagram.graph import Block, Wire

__all__ = ["Net", "Nets", "Pin", "nets"]

Pin = tuple[int, int]
"""A node (a block, or a knot, which are numbered after the blocks), and how far below its top."""


@dataclass(slots=True)
class Net:
    """The wires to one end, from one side.

    Args:
        spine: by layer, where the trunk is: the end itself, then the knots.
        left, right: by channel (the space right of the layer with the same number), the pins on its two sides.
    """

    spine: dict[int, Pin] = field(default_factory=dict)
    left: dict[int, list[Pin]] = field(default_factory=dict)
    right: dict[int, list[Pin]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nets:
    """All nets of a graph.

    Args:
        nets: the nets.
        of: the number of each wire's net.
        members: the nodes of each layer: blocks and knots.
        knots: how many knots there are.
        bands: the band of each node.
    """

    nets: tuple[Net, ...]
    of: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    knots: int
    bands: tuple[int, ...]


def nets(blocks: Sequence[Block], wires: Sequence[Wire], layer: Sequence[int]) -> Nets:
    """Return the nets of ``wires``.

    Args:
        blocks, wires: the graph.
        layer: the layer of each block.
    """
    groups: dict[Hashable, list[Wire]] = {}
    keys = [(wire.end, wire.end_at, wire.trunk, layer[wire.start] >= layer[wire.end]) for wire in wires]
    for key, wire in zip(keys, wires, strict=True):
        groups.setdefault(key, []).append(wire)
    members: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for block, its in enumerate(layer):
        members[its].append(block)
    bands = [block.band for block in blocks]
    made = tuple(_net(group, layer, members, bands) for group in groups.values())
    numbers = {key: number for number, key in enumerate(groups)}
    return Nets(
        made,
        tuple(numbers[key] for key in keys),
        tuple(tuple(each) for each in members),
        len(bands) - len(blocks),
        tuple(bands),
    )


def _net(group: Sequence[Wire], layer: Sequence[int], members: list[list[int]], bands: list[int]) -> Net:
    """Return the net of ``group``, and add its knots to ``members`` and ``bands``."""
    end, at = group[0].end, group[0].end_at
    home = layer[end]
    starts = [layer[wire.start] for wire in group]
    forward = min(starts) >= home
    net = Net({home: (end, at)})
    between = range(home + 1, max(starts)) if forward else range(min(starts) + 1, home)
    for each in between:
        net.spine[each] = (len(bands), 0)
        members[each].append(len(bands))
        bands.append(bands[end])
    for each, pin in net.spine.items():
        # The trunk leaves a node on the side of the starts, and comes in on the other; it ends where no start is farther.
        (net.left if forward else net.right).setdefault(each if forward else each - 1, []).append(pin)
        if each != home:
            (net.right if forward else net.left).setdefault(each - 1 if forward else each, []).append(pin)
    for wire in group:
        pin = (wire.start, wire.start_at)
        if wire.start == end:
            net.left.setdefault(home, []).append(pin)
        elif forward:
            net.right.setdefault(layer[wire.start] - 1, []).append(pin)
        else:
            net.left.setdefault(layer[wire.start], []).append(pin)
    return net
