"""The graph: its order, its ends, the ways through it, and what its symbols stand for."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from schemadiff.errors import (
    AmbiguousRevision,
    BrokenRevision,
    DuplicateRevision,
    MultipleHeads,
    RevisionError,
    UnknownRevision,
)
from schemadiff.revisions import Revision, RevisionGraph


def node(identifier: str, *down: str, labels: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> Revision:
    return Revision(identifier, down, Path(f"/v/{identifier}.py"), branch_labels=labels, depends_on=needs)


def ids(revisions: tuple[Revision, ...]) -> str:
    return " ".join(revision.id for revision in revisions)


LINE = RevisionGraph([node("c3", "b2"), node("a1"), node("d4", "c3"), node("b2", "a1")])

# a ─ b ─┬─ c1 ─ c2 ─┬─ m ─ n          x ─ y    (y needs c1)
#        └─ d1 ──────┘
NET = RevisionGraph(
    [
        *(node("a"), node("b", "a"), node("c1", "b", labels=("left",)), node("c2", "c1"), node("d1", "b")),
        *(node("m", "c2", "d1"), node("n", "m"), node("x"), node("y", "x", needs=("left",))),
    ]
)


def test_line() -> None:
    assert ids(LINE.order) == "a1 b2 c3 d4"
    assert ids(LINE.heads) == "d4"
    assert ids(LINE.bases) == "a1"
    assert LINE.head() == LINE.nodes["d4"]
    assert ids(LINE.parents("b2")) == "a1"
    assert ids(LINE.children("b2")) == "c3"
    assert len(LINE) == 4
    assert "c3" in LINE
    assert "zz" not in LINE


def test_empty() -> None:
    empty = RevisionGraph()
    assert (empty.order, empty.heads, empty.head()) == ((), (), None)
    for symbol in ("head", "heads", "base", "current"):
        assert empty.resolve(symbol) == ()
    assert empty.upgrade_path([], empty.resolve("head")) == ()


def test_net() -> None:
    assert ids(NET.order) == "a b c1 c2 d1 m n x y"
    assert ids(NET.heads) == "n y"
    assert ids(NET.bases) == "a x"
    assert NET.ancestors(["y"]) == {"y", "x", "c1", "b", "a"}
    assert NET.descendants(["c1"]) == {"c1", "c2", "m", "n", "y"}


def test_order_is_the_same_whatever_order_the_files_come_in() -> None:
    for shuffled in itertools.islice(itertools.permutations(NET.order), 0, None, 5000):
        assert ids(RevisionGraph(shuffled).order) == ids(NET.order)


@pytest.mark.parametrize(
    ("graph", "current", "target", "path"),
    [
        (LINE, [], "head", "a1 b2 c3 d4"),
        (LINE, ["b2"], "head", "c3 d4"),
        (LINE, ["b2"], "c3", "c3"),
        (LINE, ["b2"], "+2", "c3 d4"),
        (LINE, ["d4"], "head", ""),
        (LINE, ["d4"], "b2", ""),
        (LINE, ["b2"], "base", ""),
        (NET, [], "heads", "a b c1 c2 d1 m n x y"),
        (NET, [], "m", "a b c1 c2 d1 m"),
        (NET, ["c2"], "m", "d1 m"),
        (NET, ["c2"], "y", "x y"),
        (NET, [], "y", "a b c1 x y"),
        (NET, ["c2", "d1"], "heads", "m n x y"),
    ],
)
def test_upgrade_path(graph: RevisionGraph, current: list[str], target: str, path: str) -> None:
    assert ids(graph.upgrade_path(current, graph.resolve(target, current))) == path


@pytest.mark.parametrize(
    ("graph", "current", "target", "path"),
    [
        (LINE, ["d4"], "base", "d4 c3 b2 a1"),
        (LINE, ["d4"], "b2", "d4 c3"),
        (LINE, ["c3"], "-1", "c3"),
        (LINE, ["a1"], "-1", "a1"),
        (LINE, ["c3"], "c3", ""),
        (LINE, [], "base", ""),
        (NET, ["n", "y"], "base", "y x n m d1 c2 c1 b a"),
        (NET, ["n", "y"], "b", "y n m d1 c2 c1"),
        (NET, ["n", "y"], "x", "y"),
        (NET, ["n", "y"], "c2", "n m"),
        (NET, ["n"], "d1", "n m"),
    ],
)
def test_downgrade_path(graph: RevisionGraph, current: list[str], target: str, path: str) -> None:
    assert ids(graph.downgrade_path(current, graph.resolve(target, current))) == path


def test_downgrade_to_what_has_not_run() -> None:
    with pytest.raises(
        RevisionError, match="cannot downgrade to d4: it has not run on this database, which stands at b2"
    ):
        LINE.downgrade_path(["b2"], LINE.resolve("head"))


def test_database_at_an_unknown_revision() -> None:
    for way in (LINE.upgrade_path, LINE.downgrade_path):
        with pytest.raises(UnknownRevision, match="the database stands at revision 'gone', which no file has"):
            way(["gone"], LINE.heads)
    with pytest.raises(UnknownRevision, match="the database stands at revision 'gone'"):
        LINE.resolve("current", ["gone"])


@pytest.mark.parametrize("graph", [LINE, NET], ids=["line", "net"])
def test_version_rows_follow_the_path_there_and_back(graph: RevisionGraph) -> None:
    rows: tuple[str, ...] = ()
    seen = [rows]
    for revision in graph.upgrade_path(rows, graph.heads):
        rows = graph.after_upgrade(rows, revision.id)
        assert graph.applied(rows) == graph.applied(seen[-1]) | {revision.id}
        seen.append(rows)
    for revision in graph.downgrade_path(rows, ()):
        assert rows == seen.pop()
        rows = graph.after_downgrade(rows, revision.id)
    assert rows == ()


def test_rows_of_a_random_walk() -> None:
    """The rows are always the least that stand for what has run."""
    random.seed(5)
    nodes = [node("r000")]
    for number in range(1, 120):
        down = random.sample([n.id for n in nodes[-8:]], k=min(len(nodes), random.choice([1, 1, 1, 2])))
        nodes.append(node(f"r{number:03}", *down, needs=tuple(random.sample([n.id for n in nodes], k=number % 7 == 0))))
    graph = RevisionGraph(nodes)
    rows: tuple[str, ...] = ()
    for target in random.choices(graph.order, k=40):
        for revision in graph.upgrade_path(rows, [target]):
            rows = graph.after_upgrade(rows, revision.id)
        assert target.id in graph.applied(rows)
        for revision in graph.downgrade_path(rows, [random.choice(graph.in_order(graph.applied(rows)))]):
            left = graph.applied(rows) - {revision.id}
            rows = graph.after_downgrade(rows, revision.id)
            assert graph.applied(rows) == left
        for row in rows:
            assert row not in graph.ancestors(set(rows) - {row})


@pytest.mark.parametrize(
    ("lower", "upper", "found"),
    [
        ("base", "head", "a1 b2 c3 d4"),
        ("b2", "c3", "b2 c3"),
        ("b2", "", "b2 c3 d4"),
        ("", "b2", "a1 b2"),
        ("b2", "b2", "b2"),
        ("-1", "+1", "a1 b2 c3"),
        ("base", "base", ""),
    ],
)
def test_ranges(lower: str, upper: str, found: str) -> None:
    assert ids(LINE.span(*LINE.resolve_range(f"{lower}:{upper}", ["b2"]))) == found


def test_wrong_ranges() -> None:
    for symbol in ("a1", "a1:b2:c3"):
        with pytest.raises(RevisionError, match="is no range: write it as A:B"):
            LINE.resolve_range(symbol)
    with pytest.raises(RevisionError, match="revision c3 does not come before a1"):
        LINE.span(*LINE.resolve_range("c3:a1"))
    with pytest.raises(RevisionError, match="is a range where one revision is wanted"):
        LINE.resolve("a1:b2")


# t ─┬─ r1 ─ r2
#    └─ s1
FORK = RevisionGraph(
    [node("t", labels=("trunk",)), node("r1", "t", labels=("right",)), node("r2", "r1"), node("s1", "t")]
)
DASHES = RevisionGraph([node("2024"), node("2024-1-x", "2024"), node("2024-3-x", "2024-1-x"), node("beef", "2024-3-x")])


@pytest.mark.parametrize(
    ("graph", "symbol", "current", "found"),
    [
        (LINE, "head", "", "d4"),
        (LINE, "heads", "", "d4"),
        (LINE, "base", "b2", ""),
        (LINE, "current", "b2", "b2"),
        (LINE, "current", "", ""),
        (LINE, "b2", "", "b2"),
        (LINE, "b", "", "b2"),
        (LINE, "+1", "", "a1"),
        (LINE, "+3", "a1", "d4"),
        (LINE, "-2", "c3", "a1"),
        (LINE, "-1", "a1", ""),
        (LINE, "+0", "c3", "c3"),
        (LINE, "a1+2", "", "c3"),
        (LINE, "c+1", "", "d4"),
        (LINE, "head-1", "", "c3"),
        (LINE, "base+2", "", "b2"),
        (LINE, "current-1", "b2", "a1"),
        (NET, "heads", "", "n y"),
        (NET, "left", "", "c1"),
        (NET, "left+1", "", "c2"),
        (NET, "current", "y c2", "c2 y"),
        (NET, "left@head", "", "n"),
        (NET, "x@heads", "", "y"),
        (NET, "left@base", "", ""),
        (NET, "c1@a", "", "a"),
        (NET, "left@m-1", "", "c2"),
        (NET, "left@n-3", "", "c1"),
        (NET, "left@base+3", "", "c1"),
        (NET, "d1@b+1", "", "d1"),
        (NET, "left@+1", "c1 d1", "c2"),
        (NET, "d1@+1", "c1", "d1"),
        (NET, "x@+1", "n", "x"),
        (NET, "x@-1", "n y", "x"),
        (NET, "left@current", "n y", "n"),
        (NET, "left@current", "y", "c1"),
        (NET, "left@-1", "y", "b"),
        (FORK, "trunk@heads", "", "r2 s1"),
        (FORK, "right@head", "", "r2"),
        (DASHES, "2024", "", "2024"),
        (DASHES, "2024-3-x", "", "2024-3-x"),
        (DASHES, "2024-3-x-1", "", "2024-1-x"),
        (DASHES, "beef-2", "", "2024-1-x"),
        (DASHES, "2024+1", "", "2024-1-x"),
    ],
)
def test_symbols(graph: RevisionGraph, symbol: str, current: str, found: str) -> None:
    assert ids(graph.resolve(symbol, current.split())) == found


@pytest.mark.parametrize(
    ("graph", "symbol", "current", "error", "message"),
    [
        (LINE, "zz", "", UnknownRevision, "there is no revision 'zz'"),
        (LINE, "", "", UnknownRevision, "there is no revision ''"),
        (LINE, "c33", "", UnknownRevision, r"\(did you mean 'c3'\?\)"),
        (LINE, "zz+1", "", UnknownRevision, "there is no revision 'zz'"),
        (LINE, "+", "", UnknownRevision, "there is no revision"),
        (LINE, "+1", "d4", RevisionError, r"'\+1' goes beyond the last revision: it is 0 steps from d4"),
        (LINE, "+9", "c3", RevisionError, r"'\+9' goes beyond the last revision: it is 1 step from c3"),
        (LINE, "-1", "", RevisionError, "'-1' goes beyond the base: it is 0 steps from base"),
        (LINE, "-3", "b2", RevisionError, "'-3' goes beyond the base: it is 2 steps from b2"),
        (LINE, "+1", "gone", UnknownRevision, "the database stands at revision 'gone'"),
        (NET, "head", "", MultipleHeads, r"there are 2 heads: n \(/v/n\.py\), y \(/v/y\.py\): name one of them"),
        (
            NET,
            "c",
            "",
            AmbiguousRevision,
            r"'c' is the beginning of several revisions: c1 \(/v/c1\.py\), c2 \(/v/c2\.py\)",
        ),
        (NET, "b+1", "", AmbiguousRevision, r"'b\+1' could go several ways from b \(c1, d1\)"),
        (NET, "@head", "", RevisionError, "'@head' says too little"),
        (NET, "left@", "", RevisionError, "'left@' says too little"),
        (NET, "head@left", "", RevisionError, "before '@' stands a branch label or a revision"),
        (NET, "lefd@head", "", UnknownRevision, r"there is no revision 'lefd': .*\(did you mean 'left'\?\)"),
        (NET, "left@d1", "", UnknownRevision, r"revision d1 \(/v/d1\.py\) is not on the branch 'left'"),
        (NET, "a@+1", "n y", RevisionError, r"'a@\+1' goes beyond the last revision: it is 0 steps from n"),
        (
            FORK,
            "trunk@head",
            "",
            MultipleHeads,
            r"branch 'trunk' has 2 heads: r2 .*: name one of them, or 'trunk@heads'",
        ),
        (NET, "m-1", "", AmbiguousRevision, r"'m-1' could go several ways from m \(c2, d1\)"),
        (NET, "base+1", "", AmbiguousRevision, r"could go several ways from base \(a, x\)"),
        (
            DASHES,
            "2024-3",
            "",
            AmbiguousRevision,
            "'2024-3' begins the identifier 2024-3-x and is also a step from '2024'",
        ),
        (NET, "+1", "c2 d1", MultipleHeads, r"could start from several revisions \(c2, d1\)"),
    ],
)
def test_wrong_symbols(graph: RevisionGraph, symbol: str, current: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        graph.resolve(symbol, current.split())


def test_resolve_one() -> None:
    assert LINE.resolve_one("base") is None
    assert LINE.resolve_one("head") == LINE.nodes["d4"]
    with pytest.raises(AmbiguousRevision, match=r"'heads' stands for several revisions \(n, y\)"):
        NET.resolve_one("heads")
    with pytest.raises(UnknownRevision, match=r"revision 'c' is in no file"):
        NET.get("c")


@pytest.mark.parametrize(
    ("nodes", "error", "message"),
    [
        (
            [node("a"), Revision("a", (), Path("/v/other.py"))],
            DuplicateRevision,
            r"two files have the revision id 'a': /v/a\.py and /v/other\.py",
        ),
        (
            [node("a", "gone")],
            BrokenRevision,
            r"/v/a\.py: revision 'a' follows 'gone' \(down_revision\), which no file has",
        ),
        ([node("abcd"), node("b", "abce")], BrokenRevision, r"\(did you mean 'abcd'\?\)"),
        ([node("a", needs=("gone",))], BrokenRevision, r"/v/a\.py: revision 'a' depends on 'gone' \(depends_on\)"),
        (
            [node("a", labels=("x",)), node("b", "a", labels=("x",))],
            DuplicateRevision,
            "the branch label 'x' of /v/b.py is taken",
        ),
        (
            [node("a", labels=("b",)), node("b", "a")],
            DuplicateRevision,
            "the branch label 'b' of /v/a.py is taken by /v/b.py",
        ),
        ([node("a", "a")], RevisionError, r"/v/a\.py: revision 'a' comes after itself"),
        (
            [node("c", "b"), node("b", "a"), node("a", "c")],
            RevisionError,
            r"in a circle: a \(/v/a\.py\), c \(/v/c\.py\), b \(",
        ),
        (
            [node("z"), node("a", "z", "b"), node("b", "a")],
            RevisionError,
            r"in a circle: a \(/v/a\.py\), b \(/v/b\.py\): ",
        ),
        ([node("a", needs=("b",)), node("b", "a")], RevisionError, r"in a circle: a \(/v/a\.py\), b \(/v/b\.py\): "),
    ],
)
def test_broken_graphs(nodes: list[Revision], error: type[Exception], message: str) -> None:
    for files in (nodes, nodes[::-1]) if error is not DuplicateRevision else (nodes,):
        with pytest.raises(error, match=message):
            RevisionGraph(files)


class Counted(str):
    """An identifier that counts how often any of them is looked up or compared."""

    touched = 0

    def __hash__(self) -> int:
        Counted.touched += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Counted.touched += 1
        return super().__eq__(other)

    def __lt__(self, other: str) -> bool:
        Counted.touched += 1
        return super().__lt__(other)


def _shaped(shape: str, count: int) -> list[Revision]:
    ids = [Counted(f"r{n:05}") for n in range(count)]
    if shape == "line":
        return [node(each, *ids[max(n - 1, 0) : n]) for n, each in enumerate(ids)]
    if shape == "fan":
        return [node(each, *ids[: min(n, 1)]) for n, each in enumerate(ids)]
    nodes = [node(ids[0])]
    for n in range(1, count - 2, 3):  # diamonds, one after the other
        left, right, below = ids[n : n + 3]
        nodes += [node(left, ids[n - 1]), node(right, ids[n - 1]), node(below, left, right)]
    return nodes


@pytest.mark.parametrize("shape", ["line", "merges", "fan"])
def test_large_graphs_take_linear_work(shape: str) -> None:
    """No recursion, nothing quadratic: with four times the revisions, all are looked at four times as often."""
    touched = []
    for count in (2_500, 10_000):
        nodes = _shaped(shape, count)
        random.seed(1)
        random.shuffle(nodes)
        Counted.touched = 0
        graph = RevisionGraph(nodes)
        assert len(graph.upgrade_path([], graph.heads)) == len(nodes)
        assert len(graph.downgrade_path([head.id for head in graph.heads], ())) == len(nodes)
        touched.append(Counted.touched)
    few, many = touched
    assert few > 2_500
    # What is sorted takes a little more: the logarithm of the number is in it.
    assert many < 6 * few
