"""Tests of a project's revisions, for its own test run: a plugin of pytest, and the functions that it calls.

Nothing of it is loaded until it is asked for. Either pytest is told to collect the tests, in its settings or on the command line,

    addopts = "-p schemadiff.testing --schemadiff"

or they are called from a test of the project's own:

    from schemadiff.testing import assert_downgrades_leave_no_trace, assert_models_match_revisions, assert_single_head

    def test_models_match_revisions():
        assert_models_match_revisions()

The revisions are replayed on scratch databases, as ``schemadiff check --from-revisions`` does it.
"""

from schemadiff.testing.assertions import (
    assert_downgrades_leave_no_trace,
    assert_models_match_revisions,
    assert_single_head,
)
from schemadiff.testing.plugin import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_configure_node,
)

__all__ = [
    "assert_downgrades_leave_no_trace",
    "assert_models_match_revisions",
    "assert_single_head",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
]
