"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass

FULL_TABLES, QUICK_TABLES = 500, 80
# As the figures that the aims come from were measured: 200 tables far away where 500 are near.
_FAR = 0.4


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Args:
        tables: of the model.
        repeat: how many rounds; the long ones of growth take fewer.
        rtt: the way to a server far away and back, in seconds.
        rtts: those of the plot over latency.
        revisions: of the history of which the heads are asked.
        sizes: numbers of tables of the plot of growth, the largest last.
    """

    tables: int
    repeat: int
    rtt: float
    rtts: tuple[float, ...]
    revisions: int
    sizes: tuple[int, ...]

    @property
    def far_tables(self) -> int:
        return max(1, round(self.tables * _FAR))

    @property
    def latency_tables(self) -> int:
        return max(1, self.tables // 10)


def plan(*, quick: bool, tables: int | None = None, repeat: int | None = None, rtt: float = 0.005) -> Plan:
    """Return the plan of a whole run, or of a quick one."""
    if quick:
        count = tables or QUICK_TABLES
        sizes = tuple(sorted({max(1, count // 4), max(2, count // 2), count}))
        return Plan(count, repeat or 2, rtt, (0.0, 0.002, 0.01), 10 * count, sizes)
    rtts = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02)
    count = tables or FULL_TABLES
    return Plan(count, repeat or 5, rtt, rtts, 10 * count, (100, 300, 1000, 3000, 10_000))
