"""Every kind of object × action × database has a pair, or a reason why it has none."""

from __future__ import annotations

from collections import Counter

from tests.corpus.cases import cases
from tests.corpus.gaps import NO_SUCH_CHANGE, NO_SUCH_CHANGE_THERE, NO_SUCH_KIND
from tests.corpus.matrix import KINDS, Cell, cells, contradicted, counted, explanation, unexplained

COUNTS = counted(cases())


def _words(found: list[Cell]) -> str:
    return "\n".join(f"{cell.kind}: {cell.action} on {cell.dialect}" for cell in found)


def test_every_pair_is_about_a_kind_that_the_matrix_has() -> None:
    assert {cell.kind for cell in COUNTS} <= set(KINDS)


def test_every_empty_cell_is_explained() -> None:
    assert not unexplained(COUNTS), f"write a pair, or a reason in gaps.py:\n{_words(unexplained(COUNTS))}"


def test_no_filled_cell_is_explained_away() -> None:
    assert not contradicted(COUNTS), f"there are such pairs:\n{_words(contradicted(COUNTS))}"


def test_every_reason_is_needed() -> None:
    every = list(cells())
    for kind, dialect in NO_SUCH_KIND:
        assert any((cell.kind, cell.dialect) == (kind, dialect) for cell in every), (kind, dialect)
    for kind, action in NO_SUCH_CHANGE:
        assert any((cell.kind, cell.action) == (kind, action) for cell in every), (kind, action)
    for kind, action, dialect in NO_SUCH_CHANGE_THERE:
        assert Cell(kind, action, dialect) in every
        assert (kind, dialect) not in NO_SUCH_KIND
        assert (kind, action) not in NO_SUCH_CHANGE


def test_a_pair_that_goes_is_missed() -> None:
    for cell in cells():
        if COUNTS[cell]:
            assert unexplained(Counter({each: count for each, count in COUNTS.items() if each != cell})) == [cell]


def test_a_reason_for_what_is_there_is_found() -> None:
    cell = Cell("schema", "add", "sqlite")
    assert explanation(cell) is not None
    assert contradicted(COUNTS + Counter([cell])) == [cell]
