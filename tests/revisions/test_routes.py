"""The ways of upgrade, downgrade and stamp, with branches."""

from __future__ import annotations

import pytest

from schemadiff.errors import AmbiguousRevision, MultipleHeads, RevisionError, UnknownRevision
from schemadiff.revisions import RevisionGraph
from schemadiff.revisions.routes import downgrade_route, resolve_all, stamped, upgrade_route
from tests.revisions.test_graph import FORK, LINE, NET, ids


@pytest.mark.parametrize(
    ("graph", "current", "symbol", "route"),
    [
        (LINE, "b2", "head", "c3 d4"),
        (LINE, "", "+2", "a1 b2"),
        (LINE, "b2", "a1+2", "c3"),
        (LINE, "b2", "base+1", ""),
        (NET, "", "heads", "a b c1 c2 d1 m n x y"),
        (NET, "", "left@head", "a b c1 c2 d1 m n"),
        (NET, "", "x@head", "a b c1 x y"),
        (NET, "c1", "left@+1", "c2"),
        (NET, "c2 d1", "left@+1", "m"),
        (NET, "b", "d1@+1", "d1"),
        (NET, "n", "x@+2", "x y"),
        (NET, "n", "x@+1", "x"),
        (FORK, "s1", "right@+1", "r1"),
        (FORK, "s1", "trunk@heads", "r1 r2"),
    ],
)
def test_upgrade(graph: RevisionGraph, current: str, symbol: str, route: str) -> None:
    assert ids(upgrade_route(graph, current.split(), symbol)) == route


@pytest.mark.parametrize(
    ("graph", "current", "symbol", "route"),
    [
        (LINE, "d4", "base", "d4 c3 b2 a1"),
        (LINE, "d4", "head-1", "d4"),
        (LINE, "d4", "current", ""),
        (LINE, "d4", "-4", "d4 c3 b2 a1"),
        (LINE, "d4", "a1+1", "d4 c3"),
        (NET, "n y", "left@-1", "n"),
        (NET, "n", "-2", "n m"),
        (NET, "m", "-1", "m"),  # to both that it merged
        (NET, "m", "left@-2", "m c2"),
        (NET, "m", "d1@-2", "m d1"),
        (NET, "c1 d1", "left@-1", "c1"),
        (NET, "c1 d1", "b", "d1 c1"),
        (NET, "c1 d1", "left@b", "c1"),
        (NET, "c2 d1 y", "left@-2", "y c2 c1"),  # y needs c1
        (NET, "c2 d1 y", "left@-1", "c2"),
        (NET, "n y", "x@base", "y x"),
        (NET, "n y", "left@base", "y n m d1 c2 c1 b a"),
        (NET, "n y", "c1", "n m c2"),  # what depends on c1 can stay
        (NET, "n y", "base", "y x n m d1 c2 c1 b a"),
        (NET, "y", "left@-1", "y c1"),
        (FORK, "r2 s1", "right@base", "s1 r2 r1 t"),
        (FORK, "r2 s1", "right@t", "r2 r1"),
        (FORK, "r2 s1", "s1@t", "s1"),
        (FORK, "r2", "right@head-1", "r2"),
    ],
)
def test_downgrade(graph: RevisionGraph, current: str, symbol: str, route: str) -> None:
    assert ids(downgrade_route(graph, current.split(), symbol)) == route


@pytest.mark.parametrize(
    ("graph", "current", "symbol", "error", "message"),
    [
        (LINE, "d4", "head", RevisionError, "'head' is the top: did you mean 'base'?"),
        (NET, "n y", "heads", RevisionError, "did you mean 'base'?"),
        (NET, "n y", "left@head", RevisionError, "'left@head' is the top: did you mean 'left@base'?"),
        (LINE, "b2", "+1", RevisionError, "'+1' upwards: did you mean '-1'?"),
        (LINE, "b2", "-3", RevisionError, "'-3' goes beyond the base: it is 2 steps from b2"),
        (LINE, "", "-1", RevisionError, "'-1' goes beyond the base: it is 0 steps from base"),
        (LINE, "b2", "c3", RevisionError, "cannot downgrade to c3: it has not run"),
        (NET, "n y", "-1", MultipleHeads, "could start from several revisions (n, y): write one of them before the steps, or a branch"),
        (NET, "m", "-2", AmbiguousRevision, "'-2' could go several ways from m (c2, d1)"),
        (NET, "n", "x@x", RevisionError, "cannot downgrade to x: it has not run"),
        (NET, "n", "x@-1", RevisionError, "'x@-1' goes beyond the base"),
    ],
)  # fmt: skip
def test_wrong_downgrades(
    graph: RevisionGraph, current: str, symbol: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        downgrade_route(graph, current.split(), symbol)
    assert message in str(caught.value)


def test_wrong_upgrades() -> None:
    for symbol, message in (
        ("base", "run 'schemadiff downgrade base'"),
        ("left@base", "run 'schemadiff downgrade left@base'"),
        ("-1", "run 'schemadiff downgrade -1'"),
    ):
        with pytest.raises(RevisionError, match=message):
            upgrade_route(NET, ["n"], symbol)


@pytest.mark.parametrize(
    ("graph", "current", "symbols", "rows"),
    [
        (LINE, "", "head", "d4"),
        (LINE, "d4", "b2", "b2"),
        (LINE, "d4", "-1", "c3"),
        (LINE, "d4", "base", ""),
        (NET, "", "heads", "n y"),
        (NET, "c2 d1", "m", "m"),
        (NET, "n x", "c1", "c1 x"),
        (NET, "n x", "y", "n y"),
        (NET, "", "y c1", "y"),  # y needs c1
        (NET, "c1 x", "y", "y"),  # y needs c1
        (NET, "c1 d1", "c2", "c2 d1"),
        (NET, "n", "c1 d1", "c1 d1"),
        (NET, "d1 x", "x@base", "d1"),
        (NET, "d1 x", "base", ""),
        (FORK, "s1", "right@head", "r2 s1"),
    ],
)
def test_stamp(graph: RevisionGraph, current: str, symbols: str, rows: str) -> None:
    assert " ".join(stamped(graph, current.split(), symbols.split())) == rows


def test_wrong_stamps() -> None:
    with pytest.raises(UnknownRevision, match="stands at revision 'gone', which no file has: add --purge"):
        stamped(LINE, ["gone"], ["head"])
    with pytest.raises(
        RevisionError, match=r"revisions overlap: a1 \(/v/a1\.py\) comes before c3 \(/v/c3\.py\): leave out a1"
    ):
        stamped(LINE, [], ["a1", "c3"])


def test_several() -> None:
    assert ids(resolve_all(NET, ["y", "heads", "n"])) == "y n"
    assert ids(resolve_all(NET, ["y", "c1"])) == "y c1"  # y needs c1, and does not stand upon it
    with pytest.raises(RevisionError, match="comes before"):
        resolve_all(NET, ["n", "left"])
