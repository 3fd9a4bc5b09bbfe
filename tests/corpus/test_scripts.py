"""Law 7 on the pairs: what ``--sql`` prints, fed to ``sqlite3``, ``psql`` and ``mariadb``, does what the run does, up and down.

``SCHEMADIFF_TEST_PAIRS`` chooses as it does in ``test_pairs``: a word tries all pairs of that word, ``all`` one in four of all, and an ordinary
run one in six of its own.
"""

from __future__ import annotations

import os

import pytest

from tests.corpus.cases import Case, chosen
from tests.corpus.tools import SchemadiffScripts
from tests.corpus.trial import trial
from tests.support.servers import Backend

_EACH = {"": 6, "all": 4}.get(os.environ.get("SCHEMADIFF_TEST_PAIRS", ""), 1)
# What PostgreSQL is tried on at least: the version of the oldest server that the tests run on.
_OLDEST = 15
# Without a database nobody knows the triggers of a table whose name changes in capitals alone, and SQLite spells anew what they stand on.
_BEYOND = {"table-case-only"}


def _sample(dialect: str) -> list[Case]:
    return [case for case in chosen(dialect) if case.needs <= _OLDEST and case.name not in _BEYOND][::_EACH]


@pytest.mark.parametrize("case", _sample("sqlite"), ids=lambda case: case.name)
def test_sqlite(sqlite: Backend, case: Case) -> None:
    _try(sqlite, case)


@pytest.mark.parametrize("case", _sample("postgresql"), ids=lambda case: case.name)
def test_postgresql(postgresql: Backend, case: Case) -> None:
    _try(postgresql, case)


@pytest.mark.parametrize("case", _sample("mysql"), ids=lambda case: case.name)
def test_mysql(mysql: Backend, case: Case) -> None:
    _try(mysql, case)


def _try(backend: Backend, case: Case) -> None:
    problem = trial(backend, case, SchemadiffScripts()).problem(case)
    assert not problem, f"{case.id}: {case.rule}\n\n{problem}"
