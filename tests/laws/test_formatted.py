"""Law 6: black leaves a rendered file as it is."""

from __future__ import annotations

import black
import pytest

import schemadiff
from schemadiff.rendering import RenderOptions
from schemadiff.rendering.formatting import Mode
from tests.laws.pairs import PAIRS
from tests.laws.rendered import case, module_text
from tests.support.servers import Backend


@pytest.mark.parametrize("pair", PAIRS)
def test_formatted(backend: Backend, pair: str) -> None:
    diff = case(backend, pair).diff
    for line_length in (60, 88, 120):
        text = module_text(schemadiff.render(diff, RenderOptions(mode=Mode(line_length=line_length))))
        assert black.format_str(text, mode=black.Mode(line_length=line_length)) == text
