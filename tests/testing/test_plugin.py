"""The plugin of pytest: off until it is asked for, and then it names the revision and shows the difference."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from pathlib import Path

import pytest

import schemadiff
from schemadiff.errors import ConfigError
from schemadiff.testing import assert_downgrades_leave_no_trace, assert_models_match_revisions, assert_single_head
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

pytest_plugins = ("pytester",)

TABLE = """
op.create_table(
    "account",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False, unique=True),
)
"""
INDEX = 'op.create_index("by_email", "account", ["email"])'
ON = ("-p", "schemadiff.testing", "--schemadiff")


def _project(
    folder: Path, url: str | None = None, *, downgrade: str = 'op.drop_index("by_email", "account")'
) -> Project:
    project = Project(folder, url or f"sqlite:///{folder}/own.db")
    project.revision("a1", TABLE, downgrade='op.drop_table("account")')
    project.revision("b1", INDEX, down="a1", downgrade=downgrade)
    models = (project.folder / "models.py").read_text()
    project.models(models + '\nsa.Index("by_email", account.c.email)\n')
    return project


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """A run of pytest inside of this one forgets what it imports: all that is ours has to be there before."""
    for module in pkgutil.walk_packages(schemadiff.__path__, "schemadiff."):
        if not re.search(r"\.(templates|__main__)\b", module.name):
            importlib.import_module(module.name)


@pytest.fixture
def pytester(pytester: pytest.Pytester) -> pytest.Pytester:
    """Give a folder whose tests are run by pytest alone."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\n")
    return pytester


def test_it_is_off_until_asked_for(pytester: pytest.Pytester) -> None:
    _project(pytester.path)
    pytester.makepyfile(
        test_own="""
        import sys
        def test_own():
            assert not [name for name in sys.modules if name.partition(".")[0] in ("schemadiff", "sqlalchemy")]
        """
    )
    assert pytester.runpytest_subprocess("-v").ret == 0
    assert "schemadiff::" not in pytester.runpytest_inprocess("-p", "schemadiff.testing", "--collect-only").stdout.str()


def test_the_tests_of_a_sound_project_pass(pytester: pytest.Pytester) -> None:
    _project(pytester.path)
    pytester.makepyfile(test_own="def test_own(): pass")
    result = pytester.runpytest_inprocess(*ON, "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*collected 4 items"])
    names = ("test_single_head", "test_models_match_revisions", "test_downgrades_leave_no_trace")
    result.stdout.fnmatch_lines([f"schemadiff::{name} PASSED*" for name in names])
    assert not Path("own.db").exists()
    pytester.runpytest_inprocess(*ON, "-m", "not schemadiff").assert_outcomes(passed=1, deselected=3)
    pytester.runpytest_inprocess(*ON, "-k", "single_head").assert_outcomes(passed=1, deselected=3)
    # The settings of pytest ask for them where all tests run, and not where a file is named.
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p schemadiff.testing\nschemadiff = true\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=4)
    pytester.runpytest_inprocess("test_own.py").assert_outcomes(passed=1)
    # A worker of pytest-xdist does what the command line says that it never sees.
    pytester.runpytest_subprocess("-n1").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("change", "name", "lines"),
    [
        (
            lambda project: project.revision("c1", "pass", down="a1"),
            "test_single_head",
            ["the revisions have several heads:", "  b1  migrations/versions/b1.py", "  c1  migrations/versions/c1.py"],
        ),
        (
            lambda project: project.models((project.folder / "models.py").read_text().replace("String(100)", "String(200)")),
            "test_models_match_revisions",
            ["the models have what no revision builds:", "Changes", "└── table account", "    └── ~ column email  type: VARCHAR(100) → VARCHAR(200)"],
        ),
        (
            lambda project: project.revision("b1", INDEX, down="a1"),
            "test_downgrades_leave_no_trace",
            [
                "revision b1 (migrations/versions/b1.py) leaves a trace: after its downgrade, this differs from what was there before its upgrade:",
                "Changes", "└── table account",
                "    └── + index by_email  (email)",
            ],
        ),
        (
            lambda project: project.revision("b1", INDEX, down="a1", downgrade="raise NotImplementedError('too much')"),
            "test_downgrades_leave_no_trace",
            ["migrations/versions/b1.py:15: downgrade of revision b1 failed: NotImplementedError: too much*"],
        ),
    ],
)  # fmt: skip
def test_what_a_failure_says(change: object, name: str, lines: list[str], pytester: pytest.Pytester) -> None:
    project = _project(pytester.path)
    assert callable(change)
    change(project)
    result = pytester.runpytest_inprocess(*ON, "-k", name)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(lines, consecutive=True)
    result.stdout.no_fnmatch_line("*Traceback*")


def test_settings(pytester: pytest.Pytester) -> None:
    project = _project(pytester.path / "shop", "oracle://nowhere", downgrade="raise NotImplementedError")
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\nschemadiff_irreversible = b1\n")
    options = ("--schemadiff-config", str(project.folder / "schemadiff.toml"), "--schemadiff-scratch", "sqlite")
    pytester.runpytest_inprocess(*ON, *options).assert_outcomes(passed=3)
    result = pytester.runpytest_inprocess(*ON, *options[:2])
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*oracle*"])


@pytest.mark.backends("sqlite", "postgresql18", "mysql")
def test_a_trace_on_each_database(tmp_path: Path, backend: Backend) -> None:
    """What the models know nothing of counts too: a view, an enum type."""
    project = _project(tmp_path / "app", backend.new_database())
    file = str(project.folder / "schemadiff.toml")
    with forgetting(project.folder):
        assert_single_head(file)
        assert_models_match_revisions(file)
        assert_downgrades_leave_no_trace(file)
    kind, upgrade, downgrade = {
        "postgresql": ("type", "CREATE TYPE mood AS ENUM ('good', 'bad')", "DROP TYPE mood"),
    }.get(backend.name, ("view", "CREATE VIEW mails AS SELECT email FROM account", "DROP VIEW mails"))
    project.revision("c1", f"op.execute({upgrade!r})", down="b1")
    with forgetting(project.folder), pytest.raises(AssertionError, match=f"revision c1 .* leaves a trace[^$]*{kind}"):
        assert_downgrades_leave_no_trace(file)
    project.revision("c1", f"op.execute({upgrade!r})", down="b1", downgrade=f"op.execute({downgrade!r})")
    with forgetting(project.folder):
        assert_downgrades_leave_no_trace(file)


def test_functions_find_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError):
        assert_single_head()
    project = _project(tmp_path / "app")
    project.revision("c1", "pass", down="a1")
    monkeypatch.chdir(project.folder)
    with pytest.raises(AssertionError, match="the revisions have several heads:"):
        assert_single_head()
    assert os.getcwd() == str(project.folder)
