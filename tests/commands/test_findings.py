"""What a check found as findings: which of models, revisions and database disagree."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.commands import Built, Checked, failed, outcome_of
from schemadiff.commands.locating import repository_root
from schemadiff.comparison import Diff
from schemadiff.config import Config

REVISIONS = "CREATE TABLE account (id INTEGER NOT NULL PRIMARY KEY, old TEXT, bio TEXT)"
DATABASE = "CREATE TABLE account (id INTEGER NOT NULL PRIMARY KEY, old TEXT, odd TEXT)"


def _models() -> sa.MetaData:
    metadata = sa.MetaData()
    columns = [sa.Column(name, sa.Text) for name in ("bio", "new")]
    sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), *columns)
    return metadata


def _schema(statement: str) -> schemadiff.Schema:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
        return schemadiff.reflect(connection)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "schemadiff.toml"
    path.write_text('script_location = "migrations"\n')
    return Config(path)


def _found(checked: Checked, config: Config) -> list[tuple[str, str]]:
    outcome = outcome_of(checked, config)
    # The models of this test stand in no module of the project.
    assert {each.path for each in outcome.findings} <= {"schemadiff.toml"}
    assert outcome.status == (0 if checked.ok else 1)
    return [(each.kind, each.message) for each in outcome.findings]


def _diff(source: str, target: str | sa.MetaData) -> Diff:
    return schemadiff.diff(_schema(source), _schema(target) if isinstance(target, str) else target)


ALL = Checked(("a",), ("a",), True, _diff(DATABASE, _models()))


def test_the_database_alone_cannot_tell(config: Config) -> None:
    found = _found(ALL, config)
    assert {kind for kind, _ in found} == {"difference"}
    assert ("difference", "column account.old is in the database, and not in the models") in found
    assert ("difference", "column account.new is in the models, and not in the database: TEXT") in found


def test_what_the_revisions_build_tells_which_disagree(config: Config) -> None:
    built = Built(_diff(REVISIONS, _models()), _diff(REVISIONS, DATABASE))
    checked = Checked(("a",), ("a",), True, ALL.diff, built=built)
    assert _found(checked, config) == [
        ("unmigrated-change", "column account.new is in the models, and no revision adds it: TEXT"),
        ("unmigrated-change", "column account.old is built by the revisions, and not in the models"),
        ("drift", "column account.odd is in the database, and no revision adds it: TEXT"),
        ("drift", "column account.bio is built by the revisions, and not in the database"),
    ]
    (subject,) = outcome_of(checked, config).subjects
    assert "difference" not in subject.checked


def test_without_a_database(config: Config) -> None:
    built = Built(_diff(REVISIONS, REVISIONS))
    checked = Checked((), ("a",), False, None, built=built, asked=False)
    outcome = outcome_of(checked, config)
    assert outcome.findings == ()
    assert outcome.subjects[0].checked == ("unmigrated-change", "several-heads")


def test_no_difference_passes_in_silence(config: Config) -> None:
    """What nobody can explain is told all the same."""
    same = Built(_diff(REVISIONS, REVISIONS), _diff(REVISIONS, REVISIONS))
    found = _found(Checked(("a",), ("a",), True, ALL.diff, built=same), config)
    assert {kind for kind, _ in found} == {"difference"}


def test_a_database_at_an_unknown_revision(config: Config) -> None:
    found = _found(Checked(("gone",), ("a",), False, None), config)
    assert found == [("unapplied-revision", "the database stands at gone, and the revisions at a")]


def test_an_error_has_no_password_and_one_line(config: Config) -> None:
    error = ValueError("first\nsecond postgresql://me:geheim@host/x \x1b[31m")
    outcome = failed(error, config.path)
    assert outcome.error == "ValueError: first second postgresql://me:***@host/x \\x1b[31m"
    assert (outcome.status, outcome.path) == (2, "schemadiff.toml")


def test_the_root_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert repository_root(inner) == inner
    monkeypatch.chdir(tmp_path / "a")
    assert repository_root(inner) == tmp_path / "a"
    (tmp_path / ".git").write_text("gitdir: elsewhere")  # a worktree
    assert repository_root(inner) == tmp_path
