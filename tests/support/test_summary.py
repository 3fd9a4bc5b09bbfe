"""A server that cannot be had is named in pytest's summary, and makes the run fail where it is required."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.projects import ROOT

NOWHERE = "mysql://root:secret@127.0.0.1:1/"


def _pytest(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("SCHEMADIFF_TEST", "PYTEST"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={**inherited, "SCHEMADIFF_TEST_MYSQL_URL": NOWHERE, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_missing_server_is_named(processes: str) -> None:
    done = _pytest("-n", processes, "tests/support/test_servers.py", "-k", "empty_and_apart and (mysql or sqlite)")
    assert done.returncode == 0, done.stdout
    assert "MariaDB: tests not run: 1: mysql+pymysql://root:***@127.0.0.1:1/: (2003" in done.stdout
    assert "secret" not in done.stdout
    assert "1 passed" in done.stdout


def test_a_missing_browser_is_named() -> None:
    tests = ("tests/support/test_servers.py", "tests/rendering/test_report_in_browser.py")
    chosen = "(empty_and_apart and sqlite) or hostile_names_stay_text"
    done = _pytest("-n0", *tests, "-k", chosen, PATH=str(Path(sys.executable).parent))
    assert done.returncode == 0, done.stdout
    assert "Chromium: tests not run: 1: the program is not installed" in done.stdout
    assert "1 passed" in done.stdout


def test_a_missing_server_that_is_required_fails_the_run() -> None:
    tests = ("tests/support/test_servers.py", "-k", "empty_and_apart and (mysql or sqlite)")
    done = _pytest("-n0", *tests, SCHEMADIFF_TEST_REQUIRE="postgresql,mysql")
    assert done.returncode == 1
    assert "which SCHEMADIFF_TEST_REQUIRE requires" in done.stdout
    assert "1 passed, " in done.stdout
    assert "1 error" in done.stdout


def test_a_missing_server_that_is_required_fails_a_run_without_its_tests() -> None:
    done = _pytest("-n0", "tests/support/test_servers.py", "-k", "apart and sqlite", SCHEMADIFF_TEST_REQUIRE="mysql")
    assert done.returncode == 1
    assert "which SCHEMADIFF_TEST_REQUIRE requires" in done.stdout


KEEP = """
import sys, time
from tests.support.servers import find_servers, wait_for

servers, keeper = find_servers(with_embedded=True)
wait_for(servers.by_key["postgresql18"])
print(servers.by_key["postgresql18"].directory, flush=True)
if sys.argv[1] == "close":
    keeper.stdin.close()
    keeper.wait()
time.sleep(100 if sys.argv[1] == "killed" else 0)
"""


@pytest.mark.parametrize("end", ["close", "forget", "killed"])
def test_the_embedded_server_ends_with_the_run(end: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SCHEMADIFF_TEST_POSTGRESQL18_URL"}
    command = [sys.executable, "-c", KEEP, end]
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    directory = Path(run.stdout.readline().strip())
    if end == "killed":
        assert (directory / "data").is_dir()
        run.kill()
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 30
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not directory.exists()
