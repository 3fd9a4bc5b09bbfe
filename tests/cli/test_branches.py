"""The commands over a history with branches, through the command line."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.running import Project
from tests.support.servers import Backend


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """a1 ─┬─ b2            n1 (network)
    ·      └─ s1 (shop) ─ s2, which needs b2
    """
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    for arguments in (
        ["a1", "-m", "first"],
        ["b2", "-m", "second"],
        ["s1", "-m", "shop", "--head", "a1", "--splice", "--branch-label", "shop"],
        ["s2", "-m", "cart", "--head", "shop@head", "--depends-on", "b2"],
        ["n1", "-m", "net", "--head", "base", "--branch-label", "network"],
    ):
        project.ok("revision", "--rev-id", *arguments)
    return project


def test_files_say_what_was_asked_for(project: Project) -> None:
    text = (project.versions / "s2_cart.py").read_text()
    assert 'down_revision = "s1"\nbranch_labels = None\ndepends_on = "b2"\n' in text
    text = (project.versions / "n1_net.py").read_text()
    assert 'down_revision = None\nbranch_labels = "network"\ndepends_on = None\n' in text


def test_telling(project: Project) -> None:
    assert project.ok("heads").out == "n1 (head, network), net\nb2 (head), second\ns2 (head), cart\n"
    assert project.ok("heads", "--resolve-dependencies").out == "n1 (head, network), net\ns2 (head), cart\n"
    assert project.ok("branches").out == "a1 (branch point), first\n    -> b2\n    -> s1\n"
    assert project.ok("history", "-r", "shop@base:shop@head").out == (
        "s1 -> s2 (head), cart\na1 -> b2 (head), second\na1 -> s1 (shop), shop\nbase -> a1 (branch point), first\n"
    )
    assert "depends on: b2\n" in project.ok("show", "s2").out
    assert project.ok("show", "shop@head").out == project.ok("show", "s2").out
    project.ok("stamp", "s1", "n1")
    marked = project.ok("history", "--graph", "--indicate-current").out
    assert marked == (
        "● s2 (head)  cart\n│ ● b2 (head)  second\n● │ s1 (current, shop)  shop\n●─╯ a1 (branch point)  first\n"
        "● n1 (head, current, network)  net\n"
    )
    verbose = project.ok("history", "-v", "-r", "s2:s2").out
    assert verbose.startswith("s1 -> s2 (head), cart\n    follows: s1\n    depends on: b2\n    created: ")
    assert verbose.endswith("    file: migrations/versions/s2_cart.py\n")
    assert "│   follows: s1\n" in project.ok("history", "--graph", "-v").out
    assert "shop" in project.ok("current", "-v").out


def test_upgrade_and_downgrade_of_branches(project: Project) -> None:
    assert "there are 3 heads" in project.error("upgrade")
    assert project.ok("upgrade", "shop@+1").out == "The database stands at a1\n"
    assert project.ok("upgrade", "shop@+1").out == "The database stands at s1\n"
    checked = project.run("current", "--check-heads")
    assert checked.status == 1
    assert checked.out == "the database stands at s1, and the revisions at b2, n1, s2: run 'schemadiff upgrade heads'\n"
    assert project.ok("upgrade", "heads").out == "The database stands at n1, s2\n"
    assert project.ok("current", "--check-heads").out == "n1 (head, network), net\ns2 (head), cart\n"
    assert "'-1' could start from several revisions (n1, s2)" in project.error("downgrade", "-1")
    assert project.ok("downgrade", "shop@-1").out == "The database stands at b2, n1, s1\n"
    assert project.ok("downgrade", "network@base").out == "The database stands at b2, s1\n"
    assert project.ok("downgrade", "shop@a1").out == "The database stands at b2\n"
    assert project.ok("downgrade", "base").out == "The database stands at base\n"


def test_scripts_of_branches(project: Project) -> None:
    assert "-- Running upgrade a1 -> s1" in project.ok("upgrade", "shop@base:shop@base+2", "--sql").out
    assert "-- Running upgrade a1 -> s1" in project.ok("upgrade", "a1:shop@+1", "--sql").out
    assert "-- Running downgrade s1 -> a1" in project.ok("downgrade", "s1:-1", "--sql").out
    for symbol in ("shop@+1", "+1", "current"):
        assert "which --sql does not know" in project.error("upgrade", symbol, "--sql")


def test_a_file_that_is_no_python_keeps_all_from_running(project: Project) -> None:
    path = project.versions / "s2_cart.py"
    path.write_text(path.read_text().replace("    pass", "    pass pass"))
    assert project.ok("heads").status == 0
    assert "s2_cart.py:19: SyntaxError" in project.error("upgrade", "heads")
    assert project.ok("current").out == ""
    project.ok("upgrade", "shop@s1")


def test_autogen_knows_all_branches(project: Project) -> None:
    assert "there are 3 heads" in project.error("autogen", "-m", "x")
    assert "run 'schemadiff upgrade heads' first" in project.error("autogen", "-m", "x", "--head", "shop@head")
    project.ok("upgrade", "shop@head")
    assert "run 'schemadiff upgrade heads' first" in project.error("autogen", "-m", "x", "--head", "shop@head")
    project.ok("upgrade", "heads")
    project.ok("autogen", "-m", "x", "--rev-id", "s3", "--head", "shop@head", "--branch-label", "more")
    text = (project.versions / "s3_x.py").read_text()
    assert 'down_revision = "s2"\nbranch_labels = "more"\n' in text
    assert '"account"' in text
    assert project.run("check").status == 1
    project.ok("upgrade", "heads")
    checked = project.run("check")
    assert (checked.status, checked.out) == (1, "The revisions have several heads: n1, b2, s3\n")
    settings = project.folder / "schemadiff.toml"
    written = settings.read_text()
    settings.write_text(f"multiple_heads = true\n{written}")
    assert project.ok("check").out == "The database is at head and agrees with the models\n"
    settings.write_text(written)
    project.ok("stamp", "--purge", "n1")
    project.ok("autogen", "-m", "y", "--rev-id", "n2", "--from-current", "--allow-empty")
    assert 'down_revision = "n1"\n' in (project.versions / "n2_y.py").read_text()


def test_merge(project: Project) -> None:
    assert "nothing to merge: n1 stands for n1 alone" in project.error("merge", "n1")
    assert "revisions overlap: s1" in project.error("merge", "s1", "s2", "--splice")
    assert "is no head" in project.error("merge", "s1", "n1")
    project.ok("merge", "b2", "shop@head", "--rev-id", "m1", "--branch-label", "joined")
    text = (project.versions / "m1_merge_b2_and_s2.py").read_text()
    assert text.startswith('"""merge b2 and s2\n')
    assert 'down_revision = (\n    "b2",\n    "s2",\n)\nbranch_labels = "joined"\n' in text
    project.ok("merge", "-m", "all", "--rev-id", "m2")
    assert project.ok("heads").out == "m2 (head, merge), all\n"
    project.ok("upgrade")
    assert project.ok("downgrade", "-1").out == "The database stands at m1, n1\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--head", "a1"], "a1 (migrations/versions/a1_first.py) is no head, b2"),
        (["--head", "zz"], "there is no revision 'zz'"),
        (["--head", "+1"], "'+1' starts from where a database stands"),
        (["--head", "shop@current"], "starts from where a database stands"),
        (["--head", "n1", "--branch-label", "shop"], "branch label 'shop' is taken by migrations/versions/s1_shop.py"),
        (["--head", "n1", "--branch-label", "a1"], "branch label 'a1' is taken by migrations/versions/a1_first.py"),
        (["--head", "n1", "--branch-label", "a@b"], "branch label 'a@b' cannot be used"),
        (["--head", "n1", "--branch-label", "head"], "branch label 'head' cannot be used"),
        (["--head", "n1", "--branch-label", "x", "--branch-label", "x"], "'x' is there twice"),
        (["--head", "n1", "--rev-id", "shop"], "revision id 'shop' is taken"),
        (["--head", "n1", "--depends-on", "zz"], "there is no revision 'zz'"),
        (["--head", "n1", "--depends-on", "base"], "'base' is no revision to depend on"),
        (["--head", "n1", "--depends-on", "heads"], "'heads' stands for several revisions"),
        (["--head", "n1", "--version-path", "elsewhere"], "elsewhere is none of the version_locations"),
        (["--head", "shop@head", "--head", "a1", "--splice"], "revisions overlap: a1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_places(project: Project, arguments: list[str], said: str) -> None:
    before = project.files
    project.ok("stamp", "heads")
    assert said in project.error("revision", "-m", "x", *arguments)
    assert said in project.error("autogen", "-m", "x", *arguments)
    assert project.files == before


def test_stamp_of_several(project: Project) -> None:
    assert project.ok("stamp", "heads").out == "The database stands at n1, s2 (before: base)\n"
    assert project.ok("stamp", "shop").out == "The database stands at n1, s1 (before: n1, s2)\n"
    assert "revisions overlap: a1" in project.error("stamp", "a1", "b2")
    engine = sa.create_engine(f"sqlite:///{project.folder.parent}/app.db")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE schemadiff_version SET version_num = 'gone' WHERE version_num = 's1'"))
    assert "add --purge" in project.error("stamp", "shop")
    assert "stamp --purge" in project.error("upgrade", "heads")
    assert project.ok("stamp", "--purge", "shop").out == "The database stands at s1 (before: gone, n1)\n"


def test_ensure_version(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    project = Project(tmp_path / "app", url)
    for _ in range(2):
        assert project.ok("ensure-version").out == "The version table is there\n"
        assert sa.inspect(backend.engine(url)).get_table_names() == ["schemadiff_version"]
    assert project.ok("current").out == ""


def test_list_templates(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", "sqlite://")
    assert "generic: " in project.ok("list-templates").out


def test_edit_asks_nobody_where_nobody_is(project: Project) -> None:
    nobody = {"VISUAL": "", "EDITOR": ""}
    assert "no editor is named" in project.error("edit", "s1", environment=nobody)
    said = project.error("edit", "s1", environment={"EDITOR": "true"})
    assert said == "error: there is no terminal to edit in: open migrations/versions/s1_shop.py yourself"


@pytest.mark.parametrize(
    ("editor", "status", "said"),
    [
        ("sed -i s/shop/store/", 0, "Edited migrations/versions/s1_shop.py"),
        ("sed -i s/down_revision/down/", 2, "sets no down_revision"),
        ("false", 2, "ended with status 1"),
        ("no-such-editor -w", 2, "cannot be run: No such file"),
        ("'", 2, "cannot be run"),
    ],
)
def test_edit_in_a_terminal(project: Project, editor: str, status: int, said: str) -> None:
    code = "import sys; from schemadiff.cli import main; sys.exit(main(['edit', 's1']))"
    environment = {**os.environ, "VISUAL": editor, "TERM": "dumb", "PYTHONPATH": os.pathsep.join(sys.path)}
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=project.folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == status
    assert said in " ".join(done.stderr.split())
    assert ("store" in (project.versions / "s1_shop.py").read_text()) == (status == 0)


def test_graph_in_a_narrow_terminal_that_knows_ascii_only(project: Project) -> None:
    code = "import sys; from schemadiff.cli import main; sys.exit(main(['history', '--graph']))"
    environment = {**os.environ, "COLUMNS": "24", "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.folder, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "* s2 (head)  cart",
        "| * b2 (head)  second",
        "* | s1 (shop)  shop",
        "*-' a1 (branch point)...",
        "* n1 (head, network) ...",
    ]


def test_rows_of_branches_on_each_database(backend: Backend, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    project.ok("revision", "-m", "first", "--rev-id", "a1")
    project.ok("revision", "-m", "second", "--rev-id", "b2")
    project.ok("revision", "-m", "shop", "--rev-id", "s1", "--head", "a1", "--splice", "--branch-label", "shop")
    assert project.ok("upgrade", "heads").out == "The database stands at b2, s1\n"
    assert project.ok("downgrade", "shop@-1").out == "The database stands at b2\n"
    assert project.ok("stamp", "heads").out == "The database stands at b2, s1 (before: b2)\n"
    project.ok("merge", "--rev-id", "m1")
    assert project.ok("upgrade").out == "The database stands at m1\n"
    assert project.ok("downgrade", "-1").out == "The database stands at b2, s1\n"
    assert project.ok("stamp", "--purge", "m1").out == "The database stands at m1 (before: b2, s1)\n"
    assert project.ok("downgrade", "base").out == "The database stands at base\n"
