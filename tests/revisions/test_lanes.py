"""The graph beside a list of revisions."""

from __future__ import annotations

import itertools
import random
import textwrap

import pytest

from schemadiff.revisions import Revision, RevisionGraph
from schemadiff.revisions.lanes import ASCII, UNICODE, draw_lanes
from tests.revisions.test_graph import FORK, LINE, NET, node

KNOT = RevisionGraph(
    [
        *(node("a"), *(node(f"b{number}", "a") for number in range(5)), node("m", "b0", "b1", "b2", "b3")),
        *(node("z", "m", "b4"), node("q", "b2"), node("r", "q", "b4")),
    ]
)


def drawn(revisions: tuple[Revision, ...], glyphs: str = UNICODE, limit: int = 20) -> str:
    rows = draw_lanes(tuple(reversed(revisions)), glyphs=glyphs, limit=limit)
    return "\n".join(f"{row.beside} {row.revision.id}" for row in rows)


@pytest.mark.parametrize(
    ("graph", "unicode", "ascii_"),
    [
        (LINE, "● d4\n● c3\n● b2\n● a1", "* d4\n* c3\n* b2\n* a1"),
        (RevisionGraph(), "", ""),
        (FORK, "● s1\n│ ● r2\n│ ● r1\n●─╯ t", "* s1\n| * r2\n| * r1\n*-' t"),
        (
            NET,
            "● y\n● x\n● n\n●─╮ m\n│ ● d1\n● │ c2\n● │ c1\n●─╯ b\n● a",
            "* y\n* x\n* n\n*-. m\n| * d1\n* | c2\n* | c1\n*-' b\n* a",
        ),
        (
            KNOT,
            """
            ●─╮ z
            ●─┼─┬─┬─╮ m
            │ │ │ │ ● b3
            │ │ ● │ │ b1
            ● │ │ │ │ b0
            │ ├─┼─┼─┼─● r
            │ ● │ │ │ │ b4
            │ │ │ │ │ ● q
            │ │ │ ●─┼─╯ b2
            ●─┴─┴─┴─╯ a
            """,
            """
            *-. z
            *-+-+-+-. m
            | | | | * b3
            | | * | | b1
            * | | | | b0
            | +-+-+-+-* r
            | * | | | | b4
            | | | | | * q
            | | | *-+-' b2
            *-+-+-+-' a
            """,
        ),
    ],
    ids=["line", "empty", "fork", "net", "knot"],
)
def test_drawn(graph: RevisionGraph, unicode: str, ascii_: str) -> None:
    assert drawn(graph.order) == textwrap.dedent(unicode).strip()
    assert drawn(graph.order, ASCII) == textwrap.dedent(ascii_).strip()


def test_a_part_of_the_graph_leads_to_nothing_outside() -> None:
    part = NET.span([NET.nodes["c1"]], [NET.nodes["n"]])
    assert drawn(part) == "● n\n● m\n● c2\n● c1"


def test_lanes_beyond_the_limit() -> None:
    assert drawn(KNOT.order, limit=2).splitlines()[:4] == ["●─╮ z", "●─┼ … m", "│ │ … b3", "│ │ … b1"]
    star = RevisionGraph([node("r"), *(node(f"r{number}", "r") for number in range(9))])
    assert drawn(star.order, limit=3).splitlines()[-3:] == ["│ │ │ … r1", "│ │ │ … r0", "●─┴─┴ … r"]


def test_a_line_leads_from_each_revision_to_those_that_it_follows() -> None:
    """Followed as an eye does it, on graphs drawn at random: no two lines are mistaken for one where they only go down."""
    source = random.Random(4)
    for _ in range(60):
        nodes = [node("r0")]
        for number in range(1, 25):
            down = source.sample([each.id for each in nodes[-5:]], k=min(len(nodes), source.choice([0, 1, 1, 1, 2, 3])))
            nodes.append(node(f"r{number}", *down))
        order = tuple(reversed(RevisionGraph(nodes).order))
        rows = list(draw_lanes(order, limit=99))
        for above, row in itertools.pairwise(rows):
            # What goes down out of one line comes into the next one, in the same column, and nothing else does.
            down_into = {at for at, char in enumerate(above.below) if char == "│"}
            came = {at for at, char in enumerate(row.beside) if char in "│╯╰┤├┴┼"}
            own = row.beside.index("●")
            assert came - {own} == down_into - {own}
        waited: set[str] = set()
        for row in rows:
            waited = (waited - {row.revision.id}) | set(row.revision.down_revisions)
            assert row.below.count("│") >= len(waited)
        assert rows[-1].below == ""
