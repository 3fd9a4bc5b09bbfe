"""``schemadiff.command``: the names and arguments of tutorials."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from schemadiff import command
from schemadiff.config import Config
from schemadiff.errors import ConfigError, NotAtHead
from tests.support.running import Project, forgetting

# As their users call them, in this order, or by these names.
ARGUMENTS = {
    "init": "config directory template package",
    "list_templates": "config",
    "revision": (
        "config message autogenerate sql head splice branch_label version_path rev_id depends_on process_revision_directives"
    ),
    "merge": "config revisions message branch_label rev_id splice",
    "upgrade": "config revision sql tag resume_after",
    "downgrade": "config revision sql tag resume_after",
    "stamp": "config revision sql tag purge",
    "ensure_version": "config sql",
    "check": "config",
    "current": "config verbose check_heads",
    "history": "config rev_range verbose indicate_current",
    "heads": "config verbose resolve_dependencies",
    "branches": "config verbose",
    "show": "config rev",
    "edit": "config rev",
    "prune": "config revision force",
    "squash": "config revision_range message force",
    "reset": "config yes",
    "update_checksums": "config",
}


def test_arguments() -> None:
    assert {
        name: " ".join(inspect.signature(getattr(command, name)).parameters) for name in command.__all__
    } == ARGUMENTS


def test_a_revision_without_the_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    config = Config(project.folder / "schemadiff.toml")
    with forgetting(tmp_path):
        with pytest.raises(ConfigError, match="a comparison needs the database"):
            command.revision(config, "all", autogenerate=True, sql=True)
        assert project.files == []
        assert command.revision(config, "empty", sql=True, rev_id="a1") is not None
    assert len(capsys.readouterr().out.splitlines()) == 1
    told = project.ok("revision", "--sql", "-m", "more", "--rev-id", "b2")
    assert told.out == "Wrote migrations/versions/b2_more.py\n"
    assert "--sql" in project.error("autogen", "--sql", "-m", "x")
    assert not (tmp_path / "app.db").exists()


def test_branches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    config = Config(project.folder / "schemadiff.toml")

    def said() -> str:
        return capsys.readouterr().out

    with forgetting(tmp_path):
        command.revision(config, "first", rev_id="a1")
        command.revision(config, "left", rev_id="b2")
        made = command.revision(config, "right", rev_id="c3", head="a1", splice=True, branch_label="right")
        assert made is not None
        assert (made.down_revisions, made.branch_labels) == (("a1",), ("right",))
        said()
        command.branches(config)
        assert said() == "a1 (branch point)\n    -> b2\n    -> c3\n"
        command.ensure_version(config)
        command.stamp(config, ["b2", "right@head"])
        command.current(config, check_heads=True)
        assert said() == "b2 (head)\nc3 (head)\n"
        merged = command.merge(config, "heads", message="one", rev_id="m1")
        assert merged is not None
        assert merged.down_revisions == ("b2", "c3")
        with pytest.raises(NotAtHead, match="the database stands at b2, c3, and the revisions at m1"):
            command.current(config, check_heads=True)
        made = command.revision(config, "four", rev_id="d4", depends_on=["b2"], version_path=project.versions)
        assert made is not None
        assert made.depends_on == ("b2",)
        said()
        command.heads(config, resolve_dependencies=True)
        command.history(config, "c3:m1")
        command.list_templates(config)
        told = said()
        assert told.startswith("d4 (head)\nb2, c3 -> m1 (merge), one\na1 -> c3 (right), right\n")
        assert "generic: Generic" in told
        command.stamp(config, "d4", purge=True)
        command.history(config, "d4:", indicate_current=True)
        assert said().endswith("m1 -> d4 (head, current), four\n")
        with pytest.raises(ConfigError, match=r"no editor is named|no terminal to edit in"):
            command.edit(config, "head")
