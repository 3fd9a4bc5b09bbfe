"""Law 6: black leaves a rendered file as it is.

An ordinary run tries each pair in one line length, in turn; all of them are tried where all pairs are (``SCHEMADIFF_TEST_PAIRS=all``).
"""

from __future__ import annotations

import os

import black
import pytest

import schemadiff
from schemadiff.rendering import RenderOptions
from schemadiff.rendering.formatting import Mode
from tests.laws.pairs import PAIRS
from tests.laws.rendered import case, module_text
from tests.support.servers import KEYS, Backend

LENGTHS = (60, 88, 120)


def _lengths(backend: Backend, pair: str) -> tuple[int, ...]:
    if os.environ.get("SCHEMADIFF_TEST_PAIRS") == "all":
        return LENGTHS
    return (LENGTHS[(list(PAIRS).index(pair) + KEYS.index(backend.key)) % len(LENGTHS)],)


@pytest.mark.parametrize("pair", PAIRS)
def test_formatted(backend: Backend, pair: str) -> None:
    diff = case(backend, pair).diff
    for line_length in _lengths(backend, pair):
        text = module_text(schemadiff.render(diff, RenderOptions(mode=Mode(line_length=line_length))))
        assert black.format_str(text, mode=black.Mode(line_length=line_length)) == text
