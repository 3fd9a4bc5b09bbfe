"""Law 4: running a rendered file in record mode gives operations with the effect of those that it was rendered from."""

from __future__ import annotations

import pytest

import schemadiff
from tests.laws.pairs import PAIRS
from tests.laws.rendered import case, recorded
from tests.support.servers import Backend


@pytest.mark.parametrize("pair", PAIRS)
def test_faithful(backend: Backend, pair: str) -> None:
    found = case(backend, pair)
    assert found.diff.upgrade, "nothing to render"
    rendered = schemadiff.render(found.diff)
    for function, operations in (("upgrade", found.diff.upgrade), ("downgrade", found.diff.downgrade)):
        again = recorded(rendered, function, found)
        assert [operation.forward() for operation in again] == [operation.forward() for operation in operations]
        # What only reverse() needs may be absent, but what the database is told is the same to the letter.
        statements = found.diff.backend.statements
        told = [statement for operation in operations for statement in statements(operation)]
        assert [statement for operation in again for statement in statements(operation)] == told
