"""The plugin of pytest: it adds three tests of the project's revisions to a run that asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemadiff.errors import SchemadiffError
from schemadiff.testing.assertions import (
    assert_downgrades_leave_no_trace,
    assert_models_match_revisions,
    assert_single_head,
)

if TYPE_CHECKING:
    from schemadiff.config import Config

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure", "pytest_configure_node"]

_OPTION = "--schemadiff"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options and settings."""
    group = parser.getgroup("schemadiff", "schemadiff: tests of the project's revisions")
    group.addoption(
        _OPTION, action="store_true", help="Test the revisions: one head, models match, downgrades leave no trace."
    )
    group.addoption(
        "--schemadiff-config",
        metavar="FILE",
        help="The settings file; else the nearest one from the root directory upwards.",
    )
    group.addoption(
        "--schemadiff-scratch", metavar="WHERE", help="Where the scratch databases are made: embedded, sqlite or a URL."
    )
    parser.addini("schemadiff", "Test the revisions, as --schemadiff does.", type="bool", default=False)
    parser.addini("schemadiff_scratch", "Where the scratch databases are made.")
    parser.addini("schemadiff_irreversible", "Revisions that are not taken back.", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known by which the tests are chosen: ``-m schemadiff``."""
    config.addinivalue_line("markers", "schemadiff: tests of the project's revisions, which schemadiff adds")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests, before ``-k`` and ``-m`` choose among all.

    A run of some files alone gets them only where its command line asks for them.
    """
    if _is_on(config):
        revisions = _Revisions.from_parent(session, name="schemadiff", nodeid="schemadiff")
        report = revisions.ihook.pytest_make_collect_report(collector=revisions)
        revisions.ihook.pytest_collectreport(report=report)
        items.extend(report.result)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand what the command line says to a worker of pytest-xdist, which has one of its own."""
    node.workerinput[_OPTION] = _is_on(node.config)


def _is_on(config: pytest.Config) -> bool:
    """Return True where the run gets the tests: all that stand in files run, or its command line asks for them."""
    of_worker = getattr(config, "workerinput", None)
    if of_worker is not None:
        return bool(of_worker.get(_OPTION))
    if _OPTION in config.invocation_params.args:
        return True
    wanted = config.getoption(_OPTION) or config.getini("schemadiff")
    return bool(wanted) and config.args_source is not pytest.Config.ArgsSource.ARGS


def _single_head(project: Config, options: _Options) -> None:
    assert_single_head(project)


def _models_match(project: Config, options: _Options) -> None:
    assert_models_match_revisions(project, scratch=options.scratch)


def _no_trace(project: Config, options: _Options) -> None:
    assert_downgrades_leave_no_trace(project, scratch=options.scratch, irreversible=options.irreversible)


class _Options:
    """What the plugin was given."""

    def __init__(self, config: pytest.Config) -> None:
        self.scratch: str | None = (
            config.getoption("--schemadiff-scratch") or config.getini("schemadiff_scratch") or None
        )
        self.irreversible: tuple[str, ...] = tuple(config.getini("schemadiff_irreversible"))
        self._file: str | None = config.getoption("--schemadiff-config")
        self._root = config.rootpath

    def project(self) -> Config:
        """Return the project's settings."""
        from schemadiff.config import Config

        return Config.find(self._root) if self._file is None else Config(self._file)


_TESTS: dict[str, Callable[[Config, _Options], None]] = {
    "test_single_head": _single_head,
    "test_models_match_revisions": _models_match,
    "test_downgrades_leave_no_trace": _no_trace,
}


class _Revisions(pytest.Collector):
    """What the tests stand in."""

    def collect(self) -> list[pytest.Item]:
        """Return the tests."""
        return [_Test.from_parent(self, name=name) for name in _TESTS]


class _Test(pytest.Item):
    """One of the tests."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("schemadiff")

    def runtest(self) -> None:
        """Run it."""
        options = _Options(self.config)
        _TESTS[self.name](options.project(), options)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **named: Any) -> Any:
        """Show what was found; where it is an error of another kind, where that comes from."""
        if isinstance(excinfo.value, (AssertionError, SchemadiffError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **named)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say what it is called."""
        return self.path, None, self.nodeid
