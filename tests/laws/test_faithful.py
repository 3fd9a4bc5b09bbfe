"""Law 4: running a rendered file in record mode gives operations with the effect of those that it was rendered from."""

from __future__ import annotations

from typing import Any

import pytest

import schemadiff
from tests.laws.pairs import PAIRS
from tests.laws.rendered import difference, recorded


@pytest.mark.parametrize("pair", PAIRS)
def test_faithful(backend: Any, pair: str) -> None:
    diff = difference(backend, pair)
    assert diff.upgrade, "nothing to render"
    rendered = schemadiff.render(diff)
    metadata = PAIRS[pair][1](backend.name)
    for function, operations in (("upgrade", diff.upgrade), ("downgrade", diff.downgrade)):
        again = recorded(rendered, function, diff, metadata)
        assert [operation.forward() for operation in again] == [operation.forward() for operation in operations]
        # What only reverse() needs may be absent, but what the database is told is the same to the letter.
        told = [statement for operation in operations for statement in diff.backend.statements(operation)]
        assert [statement for operation in again for statement in diff.backend.statements(operation)] == told
