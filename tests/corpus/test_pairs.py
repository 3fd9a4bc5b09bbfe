"""Every pair keeps every law: from database to database, and from the database to the model that SQLAlchemy reflects.

An ordinary run tries a fixed part of them. ``SCHEMADIFF_TEST_PAIRS=all`` tries all, ``SCHEMADIFF_TEST_PAIRS=enum`` those whose
folder's name holds that word.
"""

from __future__ import annotations

import os

import pytest

from tests.corpus.cases import Case, cases, chosen
from tests.corpus.tools import Schemadiff
from tests.corpus.trial import trial
from tests.support.servers import Backend

# What PostgreSQL is tried on at least: the version of the oldest server that the tests run on.
_OLDEST = 15


def _newer() -> list[Case]:
    """Return the pairs that only the newest server can hold; they are few, so that an ordinary run tries them all."""
    wish = os.environ.get("SCHEMADIFF_TEST_PAIRS", "all")
    return [case for case in cases("postgresql") if case.needs > _OLDEST and (wish == "all" or wish in case.name)]


def _parameters(found: list[Case]) -> pytest.MarkDecorator:
    both = [
        pytest.param(case, target, id=f"{case.name}-{target}")
        for case in found
        for target in ("database", "metadata")
        if target == "database" or case.unmodelled is None
    ]
    return pytest.mark.parametrize(("case", "target"), both)


@_parameters(chosen("sqlite"))
def test_sqlite(sqlite: Backend, case: Case, target: str) -> None:
    _try(sqlite, case, target)


@_parameters([case for case in chosen("postgresql") if case.needs <= _OLDEST])
def test_postgresql(postgresql: Backend, case: Case, target: str) -> None:
    _try(postgresql, case, target)


@pytest.mark.backends("postgresql18")
@_parameters(_newer())
def test_newer_postgresql(backend: Backend, case: Case, target: str) -> None:
    _try(backend, case, target)


@_parameters(chosen("mysql"))
def test_mysql(mysql: Backend, case: Case, target: str) -> None:
    _try(mysql, case, target)


def _try(backend: Backend, case: Case, target: str) -> None:
    outcome = trial(backend, case, Schemadiff(), to_metadata=target == "metadata")
    problem = outcome.problem(case)
    assert not problem, f"{case.id}: {case.rule}\n\n{problem}"


@pytest.mark.parametrize("what", ["schemas", "rule"])
def test_no_case_is_another_one_again(what: str) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for case in cases():
        own = (case.dialect, case.rule) if what == "rule" else (case.dialect, case.before, case.after)
        assert seen.setdefault(own, case.id) == case.id
