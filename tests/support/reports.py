"""Differences for the tests of reports: hostile ones, and large ones."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

import schemadiff
from schemadiff.comparison import Diff
from schemadiff.rendering.hazards import hazards
from schemadiff.rendering.report import Section, page
from schemadiff.schema import Name, Table

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "</style></svg>",
    "' onmouseover='alert(3)",
    "${7*7} {{7*7}} <%= 7 %>",
    "a\u202eb\u2066c",
    "d\x00\x07\n\x1b[31me",
    "日本語 עברית",
]


def report_of(difference: Diff) -> str:
    """Return the page about a difference."""
    python = schemadiff.render(difference)
    section = Section(
        difference.source,
        difference.target,
        difference.upgrade,
        "\n".join(f"-- {operation.describe()}" for operation in difference.upgrade),
        "\n".join(f"-- {operation.describe()}" for operation in difference.downgrade),
        f"{python.upgrade}\n\n{python.downgrade}\n",
        hazards(difference.upgrade, difference.backend),
        tuple(HOSTILE),
    )
    return page([section], HOSTILE[0], HOSTILE[1])


def hostile_difference() -> Diff:
    """Return a difference in which every text that may be anything is hostile."""

    def metadata(number: int) -> sa.MetaData:
        found = sa.MetaData()
        for name in HOSTILE[number:]:
            sa.Table(
                name,
                found,
                sa.Column(name, sa.Integer, primary_key=True),
                sa.Column(f"{name}{number}", sa.Text, server_default=name, comment=f"{name}{number}"),
                sa.Column("kind", sa.Enum(name, str(number), name=f"e{name}")),
                sa.Column("up", sa.ForeignKey(f"{HOSTILE[2]}.{HOSTILE[2]}", name=f"fk{name}")),
                sa.CheckConstraint(sa.literal_column("kind").is_not(sa.literal_column("up")), name=f"ck{name}"),
                comment=f"{name}{number}",
            )
        return found

    source, target = (schemadiff.from_metadata(metadata(number), "postgresql") for number in (0, 1))
    return schemadiff.diff(source, target)


def large_difference(count: int) -> Diff:
    """Return a difference of ``count`` tables: a third of them added, a third dropped, a third changed."""
    found = sa.MetaData()
    for number in range(count):
        sa.Table(
            f"table_{number:04}",
            found,
            sa.Column("id", sa.Integer, primary_key=True),
            *(sa.Column(f"column_{each}", sa.String(50), nullable=each % 2 == 0) for each in range(5)),
            *([sa.Column("up", sa.ForeignKey(f"table_{number // 3:04}.id"))] if number else []),
        )
    whole = schemadiff.from_metadata(found, "postgresql")

    def without(rest: int) -> dict[Name, Table]:
        return {
            name: replace(table, foreign_keys=()) if rest == 0 and int(name.name[-4:]) % 3 == 2 else table
            for name, table in whole.tables.items()
            if int(name.name[-4:]) % 3 != rest
        }

    return schemadiff.diff(replace(whole, tables=without(0)), replace(whole, tables=without(1)))
