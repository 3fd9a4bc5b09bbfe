"""Several versions directories, folders in them, names of files, and the commands that run over new files."""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.running import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")


def settings(project: Project, text: str) -> None:
    file = project.folder / "schemadiff.toml"
    # Before what stands there: a table of hooks would take the settings behind it.
    lines, hooks = text.partition("[[")[0], "".join(text.partition("[[")[1:])
    file.write_text(f"{lines}\n{file.read_text()}\n{hooks}\n")


def test_several_directories(project: Project) -> None:
    settings(project, 'version_locations = ["migrations/versions", "shop/versions"]')
    (project.folder / "shop").mkdir()
    said = project.error("revision", "-m", "first", "--rev-id", "a1")
    assert "name one with --version-path: migrations/versions, shop/versions" in said
    project.ok("revision", "-m", "first", "--rev-id", "a1", "--version-path", "migrations/versions")
    new = ["--head", "base", "--branch-label", "shop"]
    made = project.ok("revision", "-m", "shop", "--rev-id", "s1", *new, "--version-path", "shop/versions/")
    assert made.out == "Wrote shop/versions/s1_shop.py\n"
    # A revision goes where the one is that it follows.
    made = project.ok("revision", "-m", "more", "--rev-id", "s2", "--head", "shop@head")
    assert made.out == "Wrote shop/versions/s2_more.py\n"
    made = project.ok("merge", "a1", "s2", "--rev-id", "m1")
    assert made.out == "Wrote migrations/versions/m1_merge_a1_and_s2.py\n"
    assert [line.rpartition("-> ")[2][:2] for line in project.ok("history").out.splitlines()] == [
        "m1",
        "s2",
        "s1",
        "a1",
    ]
    project.ok("upgrade")
    made = project.ok(
        "autogen", "-m", "x", "--rev-id", "x1", "--version-path", str(project.folder / "shop" / "versions")
    )
    assert made.out == "Wrote shop/versions/x1_x.py\n"
    project.ok("upgrade")
    assert project.ok("check").status == 0
    assert project.ok("current").out == "x1 (head), x\n"


def test_a_directory_named_twice_is_read_once(project: Project) -> None:
    settings(
        project,
        'version_locations = ["migrations/versions", "migrations/../migrations/versions", "migrations/versions/old"]\n'
        "recursive_version_locations = true",
    )
    project.revision("a1")
    (project.versions / "old").mkdir()
    (project.revision("b2", down="a1")).rename(project.versions / "old" / "b2.py")
    assert project.ok("history").out == "a1 -> b2 (head), b2\nbase -> a1, a1\n"


def test_the_same_revision_in_two_directories(project: Project) -> None:
    settings(project, 'version_locations = ["migrations/versions", "copy"]')
    path = project.revision("a1")
    (project.folder / "copy").mkdir()
    (project.folder / "copy" / "a1.py").write_text(path.read_text())
    said = project.error("heads")
    assert "two files have the revision id 'a1': migrations/versions/a1.py and copy/a1.py" in said


def test_folders_in_names_of_files(project: Project) -> None:
    template = 'file_template = "%(year)d/%(month).2d/%(day).2d_%(hour).2d%(minute).2d%(second).2d_%(rev)s_%(slug)s"'
    settings(project, template)
    assert "set recursive_version_locations = true" in project.error("revision", "-m", "x")
    settings(project, 'recursive_version_locations = true\ntimezone = "UTC"\ntruncate_slug_length = 9')
    made = project.ok("revision", "-m", "first of all of them", "--rev-id", "a1").out
    assert re.fullmatch(r"Wrote migrations/versions/\d{4}/\d\d/\d\d_\d{6}_a1_first_of\.py\n", made)
    project.ok("revision", "-m", "x", "--rev-id", "b2")
    assert project.ok("history").out == "a1 -> b2 (head), x\nbase -> a1, first of all of them\n"
    date = re.search(r"Create Date: (.*)", project.ok("show", "a1").out)
    assert date is not None
    assert datetime.fromisoformat(date[1]).utcoffset() is not None
    project.ok("upgrade")
    assert project.ok("current").out == "b2 (head), x\n"


def test_hidden_folders_are_not_read(project: Project) -> None:
    settings(project, "recursive_version_locations = true")
    project.revision("a1")
    for name in (".old", "__pycache__"):
        (project.versions / name).mkdir()
        (project.versions / name / "b2.py").write_text("no python!")
    (project.versions / "again").symlink_to(project.versions)
    assert project.ok("heads").out == "a1 (head), a1\n"


def test_a_template_that_leads_elsewhere(project: Project) -> None:
    for name, said in (
        ("../%(rev)s", "no place in the versions directory"),
        ("/tmp/%(rev)s", "no place in the versions directory"),
        (".hidden/%(rev)s", "no place in the versions directory"),
        ("__pycache__/%(rev)s", "no place in the versions directory"),
        ("a//%(rev)s", "no place in the versions directory"),
        ("a\\\\%(rev)s", "no name of a file"),
        ("a/.%(rev)s", "not read as a revision file"),
    ):
        file = project.folder / "schemadiff.toml"
        before = file.read_text()
        settings(project, f'recursive_version_locations = true\nfile_template = "{name}"')
        assert said in project.error("revision", "-m", "x")
        assert list(project.versions.iterdir()) == []
        file.write_text(before)


def hook(kind: str, command: str, options: str, more: str = "") -> str:
    key = {"console_scripts": "entrypoint", "exec": "executable", "module": "module"}[kind]
    return f'[[post_write_hooks]]\nname = "tidy"\ntype = "{kind}"\n{key} = "{command}"\noptions = {options}\n{more}\n'


APPEND = "import sys; p = sys.argv[1]; open(p, 'a').write('# ' + ' '.join(sys.argv[2:]) + chr(10))"


@pytest.mark.parametrize(
    ("kind", "command", "options", "left"),
    [
        ("exec", "sed", "'-i \"s/pass/return None/\" REVISION_SCRIPT_FILENAME'", "    return None\n"),
        ("exec", "sed", '["-i", "s/pass/return None/", "REVISION_SCRIPT_FILENAME"]', "    return None\n"),
        ("exec", sys.executable, f'["-c", "{APPEND}", "REVISION_SCRIPT_FILENAME", "tidied"]', "# tidied\n"),
        ("module", "black", "'-q --line-length 10'", "def upgrade() -> (\n    None\n):\n"),
        ("console_scripts", "black", "'-q --line-length 10 REVISION_SCRIPT_FILENAME'", "def upgrade() -> (\n"),
    ],
)
def test_hooks(project: Project, kind: str, command: str, options: str, left: str) -> None:
    settings(project, hook(kind, command, options))
    project.ok("revision", "-m", "x")
    (path,) = project.files
    assert left in path.read_text()
    project.ok("upgrade")
    project.ok("autogen", "-m", "y")
    assert len(project.files) == 2
    project.ok("upgrade")


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    ("kind", "command", "options", "said"),
    [
        ("exec", "false", '""', "hook 'tidy' failed with exit status 1"),
        ("exec", sys.executable, '''["-c", "import os; print('why'); os.abort()", "REVISION_SCRIPT_FILENAME"]''', "failed with signal 6: why"),
        ("exec", "sed", "'-i s/revision/version/ REVISION_SCRIPT_FILENAME'", "sets no revision id"),
        ("exec", "sed", """["-i", "s/^revision = .*/revision = 'zz'/", "REVISION_SCRIPT_FILENAME"]""", "changed the identifiers"),
        ("exec", "rm", '""', "cannot be read: No such file"),
        ("exec", "no-such-program", '""', "there is no program 'no-such-program'"),
        ("module", "no_such_module", '""', "No module named no_such_module"),
        ("console_scripts", "no-such-command", '""', "no installed package has the command 'no-such-command'"),
        ("exec", sys.executable, '["-c", "input()", "REVISION_SCRIPT_FILENAME"]', "EOFError"),  # nobody is asked
    ],
)  # fmt: skip
def test_hooks_that_fail(project: Project, kind: str, command: str, options: str, said: str, keep: bool) -> None:
    settings(project, hook(kind, command, options, 'on_failure = "keep"' if keep else ""))
    line = project.error("revision", "-m", "x", "--rev-id", "a1")
    assert said in line
    assert line.endswith(f"migrations/versions/a1_x.py was {'kept' if keep else 'removed'}")
    assert len(project.files) == (keep and command != "rm")


def test_hooks_run_in_order_in_their_folder(project: Project) -> None:
    (project.folder / "sub").mkdir()
    code = f"import os; print(os.getcwd(), file=open({str(project.folder / 'log')!r}, 'a'))"
    settings(
        project,
        hook("exec", sys.executable, f'["-c", "{code}", "REVISION_SCRIPT_FILENAME"]', 'cwd = "sub"')
        + hook("exec", sys.executable, f'["-c", "{code}", "REVISION_SCRIPT_FILENAME"]')
        + hook("exec", "false", '""'),
    )
    settings(project, 'recursive_version_locations = true\nfile_template = "%(year)d/%(month)d/%(rev)s"')
    project.error("revision", "-m", "x")
    assert (project.folder / "log").read_text().split() == [str(project.folder / "sub"), str(project.folder)]
    assert os.listdir(project.versions) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('post_write_hooks = "black"', "post_write_hooks is no list of tables"),
        ("post_write_hooks = [1]", "post_write_hooks is no list of tables"),
        ('[[post_write_hooks]]\ntype = "exec"', "post_write_hooks[0].executable is missing"),
        ('[[post_write_hooks]]\nname = "x"', "post_write_hooks[0].type is missing"),
        ('[[post_write_hooks]]\ntype = "shell"', "write one of console_scripts, exec, module"),
        ('[[post_write_hooks]]\ntype = "exec"\nexecutable = "x"\nargs = "y"', "post_write_hooks[0].args is no setting"),
        ('[[post_write_hooks]]\ntype = "exec"\nexecutable = "x"\noptions = 3', "options is no text"),
        ('[[post_write_hooks]]\ntype = "exec"\nexecutable = "x"\noptions = "\'"', "options cannot be read"),
        ('[[post_write_hooks]]\ntype = "exec"\nexecutable = "x"\non_failure = "ask"', 'write "remove" or "keep"'),
        ("truncate_slug_length = 0", "truncate_slug_length is 0: write a number above 0"),
        ('truncate_slug_length = "x"', "truncate_slug_length is a string"),
        ("recursive_version_locations = 1", "recursive_version_locations is a number: write true or false"),
        ("version_locations = 3", "version_locations is a number"),
    ],
)
def test_wrong_settings(project: Project, written: str, said: str) -> None:
    settings(project, written)
    assert said in project.error("heads")
