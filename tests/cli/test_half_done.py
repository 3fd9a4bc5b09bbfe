"""The commands where a database stands in the middle of a revision."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.support.running import Project
from tests.support.servers import Backend

BODY = """
op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
with op.get_context().autocommit_block():
    op.add_column("one", sa.Column("more", sa.Integer))
    {0}
op.add_column("one", sa.Column("last", sa.Integer))
"""


def test_all_commands_wait_for_a_revision_that_is_half_done(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    project.revision("a1", "pass")
    project.revision("b2", BODY.replace("{0}", "import os; 1 / int(os.environ.get('HALF_DONE', '0'))"), down="a1")
    project.revision("c3", "pass", down="b2")
    line = project.error("upgrade")
    assert "operations 1-2 of b2 are done and journalled; run 'schemadiff upgrade b2' again to continue" in line
    assert "'schemadiff downgrade a1' to take them back" in line

    shown = project.ok("current").out
    assert shown.startswith("a1")
    assert "The upgrade of revision b2 is half done:" in shown
    assert "  1. Create table one (done)\n  2. Add column one.more (done)\n" in shown
    checked = project.run("check")
    assert checked.status == 1
    assert "The upgrade of revision b2 is half done:" in checked.out
    assert project.run("current", "--check-heads").status == 1
    for arguments in (
        ("stamp", "c3"),
        ("upgrade", "a1"),
        ("upgrade", "--sql", "--resume-after", "1"),
        ("autogen", "-m", "x"),
        ("prune", "b2"),
        ("squash", "a1:b2"),
    ):
        said = project.error(*arguments)
        assert "half done" in said or "--resume-after is about a database" in said, arguments

    project.ok("downgrade", "a1")
    with backend.engine(url).connect() as connection:
        assert not sa.inspect(connection).has_table("one")
    assert project.ok("current").out.startswith("a1")
    assert "half done" not in project.ok("current").out
    assert "no revision is half done" in project.error("upgrade", "--resume-after", "1")

    assert "operations 1-2 of b2 are done" in project.error("upgrade")
    path = project.folder / "migrations" / "versions" / "b2.py"
    path.write_text(path.read_text().replace("import os; 1 / int(os.environ.get('HALF_DONE', '0'))", "pass"))
    assert "its text has changed since" in project.error("upgrade")
    project.ok("upgrade", "--resume-after", "2")
    with backend.engine(url).connect() as connection:
        assert [column["name"] for column in sa.inspect(connection).get_columns("one")] == ["id", "more", "last"]
        assert not sa.inspect(connection).has_table("schemadiff_version_journal")
    assert project.ok("current").out.startswith("c3")


def test_the_way_back_is_named_on_a_branch(backend: Backend, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    project.revision("a1", "pass")
    project.revision("b1", "pass")
    project.revision("m2", BODY.replace("{0}", "raise ValueError"), down=("a1", "b1"))
    project.revision("c3", BODY.replace("{0}", "raise ValueError"), down="a1")
    project.ok("upgrade", "a1")
    project.ok("upgrade", "b1")
    for revision, other in (("m2", "c3"), ("c3", "m2")):
        assert f"'schemadiff downgrade {revision}@-1' to take them back" in project.error("upgrade", revision)
        assert "has to wait for it" in project.error("upgrade", other)
        project.ok("downgrade", f"{revision}@-1")
        assert sorted(line.split()[0].strip(",") for line in project.ok("current").out.splitlines()) == ["a1", "b1"]


def test_what_is_sure_to_be_refused_is_not_offered(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    project.revision("a1", "pass")
    project.revision("b2", BODY.replace("{0}", "raise ValueError"), down="a1")
    project.error("upgrade")

    def told() -> str:
        """Return what 'current' and 'check' advise, which is the same."""
        advice = {
            next(line for line in " ".join(run.err.split()).split("Next: ")[1:])
            for run in (project.run("current"), project.run("check"))
        }
        (said,) = advice
        return said

    assert told().startswith("run 'schemadiff upgrade b2' to continue, 'schemadiff downgrade a1' to take it back, or")
    path = project.folder / "migrations" / "versions" / "b2.py"
    text = path.read_text()
    path.write_text(text.replace("raise ValueError", "pass"))
    said = told()
    assert said.startswith("its text has changed since: look what of it is in the database")
    assert "--resume-after N'" in said
    assert "stamp --purge" in said
    path.unlink()
    said = told()
    assert said.startswith("no file has revision b2: bring it back, or run 'schemadiff stamp --purge REVISION'")
    assert "upgrade" not in said

    # A script, say, has moved the version: neither direction goes on with the revision then.
    path.write_text(text)
    with backend.engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE schemadiff_version SET version_num = 'b2'")
    said = told()
    assert said.startswith("the version table stands at b2 all the same, and not at a1, where b2 began: look")
    assert "upgrade" not in said
    assert "downgrade" not in said
    for arguments in (("upgrade",), ("downgrade", "a1"), ("upgrade", "--resume-after", "2"), ("stamp", "a1")):
        line = project.error(*arguments)
        assert line.endswith(said), line
    project.ok("stamp", "--purge", "b2")
    assert "half done" not in project.ok("current").out


def test_a_revision_with_statements_of_its_own_is_not_offered_to_go_on(backend: Backend, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    body = BODY.replace("{0}", "op.get_bind().exec_driver_sql('INSERT INTO one (id) VALUES (1)'); raise ValueError")
    project.revision("a1", body)
    assert "it sent statements of its own between them" in project.error("upgrade")
    for command in ("current", "check"):
        said = " ".join(project.run(command).err.split())
        assert "Next: it sent statements of its own: look what of it is in the database, and run 'schemadiff" in said
        assert "upgrade a1 --resume-after N'" in said
        assert "stamp --purge" in said
        assert "to continue" not in said


def test_help_tells_of_resume_after(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", "sqlite://")
    assert "half done" in " ".join(project.ok("upgrade", "--help").out.split())
