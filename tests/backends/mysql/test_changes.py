"""Laws 2, 3, 4 and 7: each change converges, comes back, and is the same from its file and from its SQL."""

from __future__ import annotations

import pytest

from tests import oracle
from tests.backends.mysql.models import CHANGES
from tests.backends.mysql.support import check_change, made, model
from tests.support.servers import Backend


@pytest.mark.parametrize("name", CHANGES)
def test_change(mysql: Backend, name: str) -> None:
    before, after = map(model, CHANGES[name])
    database, twin, wanted = made(mysql, before), made(mysql, before), made(mysql, after)
    open_names = oracle.unnamed_in(database.dialect, before, after)
    assert check_change(database, twin, wanted, after, open_names) > 0
