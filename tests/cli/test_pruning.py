"""prune: a revision becomes the base."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff.errors import RevisionError
from schemadiff.revisions.directory import load_graph
from tests import oracle
from tests.support.running import Project
from tests.support.servers import Backend

Revisions = dict[str, tuple[object, object, object]]


def _project(tmp_path: Path, revisions: Revisions, url: str | None = None) -> Project:
    """Return a project; each revision is (down_revision, depends_on, branch_labels)."""
    project = Project(tmp_path / "app", url or f"sqlite:///{tmp_path}/app.db", target=None)
    for identifier, (down, depends, labels) in revisions.items():
        path = project.revision(
            identifier,
            f"op.create_table({identifier!r}, sa.Column('id', sa.Integer, primary_key=True))",
            None,
            f"op.drop_table({identifier!r})",
        )
        lines = f"down_revision = {down!r}\n"
        lines += f"depends_on = {depends!r}\n" if depends else ""
        lines += f"branch_labels = {labels!r}\n" if labels else ""
        path.write_text(path.read_text().replace("down_revision = None\n", lines))
    return project


def _shape(project: Project) -> Revisions:
    def short(names: tuple[str, ...]) -> object:
        return (names[0] if len(names) == 1 else names) if names else None

    return {
        each.id: (short(each.down_revisions), short(each.depends_on), short(each.branch_labels))
        for each in load_graph([project.versions]).order
    }


def _rows(project: Project) -> list[str]:
    return [line.partition(" ")[0] for line in project.ok("current").out.splitlines()]


def _texts(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.versions.iterdir() if path.is_file()}


N = None
LINE: Revisions = {"a1": (N, N, N), "b2": ("a1", N, N), "c3": ("b2", N, N), "d4": ("c3", N, N)}


@pytest.mark.parametrize(
    ("before", "base", "after"),
    [
        (LINE, "c3", {"c3": (N, N, N), "d4": ("c3", N, N)}),
        # Branches that come together again before the base.
        (
            {"a1": (N, N, N), "b2": ("a1", N, N), "c3": ("a1", N, "left"), "d4": (("b2", "c3"), N, N), "e5": ("d4", N, N)},
            "d4",
            {"d4": (N, N, "left"), "e5": ("d4", N, N)},
        ),
        # A merge that has a deleted parent beside one that comes after the base.
        (
            {"a1": (N, N, N), "b2": ("a1", N, N), "c3": ("b2", N, N), "d4": (("a1", "c3"), N, N)},
            "b2",
            {"b2": (N, N, N), "c3": ("b2", N, N), "d4": ("c3", N, N)},
        ),
        # Another branch that depended on a deleted one depends on the base; one that came after it anyway depends on nothing.
        (
            {**LINE, "x1": (N, "b2", "other"), "x2": ("x1", "d4", N), "x3": ("x2", ("a1", "x1"), N)},
            "c3",
            {"c3": (N, N, N), "x1": (N, "c3", "other"), "d4": ("c3", N, N), "x2": ("x1", "d4", N), "x3": ("x2", "x1", N)},
        ),
        # What a deleted one depended on has to stay before the base.
        (
            {"x1": (N, N, "other"), "x2": ("x1", N, N), "a1": (N, N, N), "b2": ("a1", "x1", N), "c3": ("b2", N, N)},
            "c3",
            {"x1": (N, N, "other"), "c3": (N, "x1", N), "x2": ("x1", N, N)},
        ),
        # A dependency by label: the label moves.
        (
            {"a1": (N, N, "main"), "b2": ("a1", N, N), "x1": (N, "main", N)},
            "b2",
            {"b2": (N, N, "main"), "x1": (N, "main", N)},
        ),
    ],
)  # fmt: skip
def test_graphs(before: Revisions, base: str, after: Revisions, tmp_path: Path) -> None:
    project = _project(tmp_path, before)
    project.ok("upgrade", "heads")
    standing = _rows(project)
    tables = oracle.dump(f"sqlite:///{tmp_path}/app.db")
    project.ok("prune", base)
    assert _shape(project) == after
    # The database goes on as before: it stands where it stood, and nothing is to be done.
    assert _rows(project) == standing
    assert "Nothing to do" in project.ok("upgrade", "heads").out
    oracle.assert_same(tables, oracle.dump(f"sqlite:///{tmp_path}/app.db"))
    project.ok("downgrade", "base")
    assert not _rows(project)
    # Each revision makes a table of its own, so that the base can run first.
    project.ok("upgrade", "heads")
    graph = load_graph([project.versions])
    assert graph.applied(_rows(project)) == graph.applied(standing) == set(graph.nodes)


@pytest.mark.parametrize(
    ("before", "base", "said"),
    [
        # A branch that leaves before the base.
        ({**LINE, "x1": ("a1", N, N)}, "c3", ["x1.py: revision x1 follows a1"]),
        # The merge of such a branch.
        ({**LINE, "x1": ("a1", N, N), "m1": (("x1", "d4"), N, N)}, "c3", ["x1.py: revision x1 follows a1"]),
        # What comes before the base by depends_on, and depends on what would be deleted.
        ({"a1": (N, N, N), "x1": (N, "a1", N), "b2": ("a1", N, N), "c3": ("b2", "x1", N)}, "b2", []),
        ({"a1": (N, N, N), "x1": (N, "a1", N), "b2": ("a1", N, N), "c3": ("b2", "x1", N)}, "c3", ["circle", "x1"]),
        # Follows nothing but a deleted one, and depends on the base.
        ({**LINE, "x1": ("a1", "c3", N)}, "c3", ["x1.py: revision x1 follows a1"]),
    ],
)  # fmt: skip
def test_what_would_lose_its_meaning_is_refused(before: Revisions, base: str, said: list[str], tmp_path: Path) -> None:
    project = _project(tmp_path, before)
    project.ok("upgrade", "heads")
    texts = _texts(project)
    if not said:
        project.ok("prune", base)
        assert _texts(project) != texts
        return
    line = project.error("prune", base)
    for words in said:
        assert words in line
    assert _texts(project) == texts


def test_only_the_identifiers_change(tmp_path: Path) -> None:
    project = _project(tmp_path, LINE)
    path = project.versions / "c3.py"
    text = (
        path.read_text().replace('"""c3"""', '"""c3\r\n\r\nRevision ID: c3\r\nRevises: b2\r\n"""').encode()
        + b"# \xc3\xa9\r\n"
    )
    path.write_bytes(text)
    told = project.ok("prune", "c3", "--force")
    assert told.out == "c3 is the base now; 2 files deleted\n"
    assert told.err.splitlines() == [
        "Deleted migrations/versions/a1.py",
        "Deleted migrations/versions/b2.py",
        "Changed the identifiers in migrations/versions/c3.py",
    ]
    assert path.read_bytes() == text.replace(b"Revises: b2", b"Revises: base").replace(b"n = 'b2'", b"n = None")
    assert sorted(_texts(project)) == ["c3.py", "d4.py"]
    assert "is a base already" in project.ok("prune", "c3").out
    assert "'base' is no revision" in project.error("prune", "base")


def test_databases_that_stand_before(backend: Backend, tmp_path: Path) -> None:
    url, other = backend.new_database(), backend.new_database()
    project = _project(tmp_path, LINE, url)
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text() + f'\n[env.staging]\nurl = "{other}"\n')
    texts = _texts(project)
    line = project.error("prune", "c3")
    assert "the database stands at base, before c3; the database of environment 'staging' stands at base" in line
    if backend.name == "sqlite":  # asking made no database
        assert not list(tmp_path.glob("*.db"))
    project.ok("upgrade", "c3")
    project.ok("-n", "staging", "upgrade", "b2")
    for chosen in ((), ("-n", "staging")):
        line = project.error(*chosen, "prune", "c3")
        assert "the database of environment 'staging' stands at b2, before c3: nothing was changed" in line
        assert "the database stands" not in line
        assert _texts(project) == texts
    project.ok("-n", "staging", "upgrade", "d4")
    project.ok("prune", "c3")
    assert "Nothing to do" in project.ok("-n", "staging", "upgrade").out
    project.ok("upgrade")
    oracle.assert_same(oracle.dump(url), oracle.dump(other))


def test_a_database_that_cannot_be_asked(tmp_path: Path) -> None:
    project = _project(tmp_path, LINE)
    project.ok("upgrade")
    settings = project.folder / "schemadiff.toml"
    settings.write_text(
        settings.read_text() + '\n[env.far]\nurl = "sqlite:////nowhere/x.db"\n[env.unset]\nurl = "${NOT_SET}"\n'
    )
    texts = _texts(project)
    line = project.error("prune", "c3")
    assert "the database of environment 'far' cannot be asked where it stands: cannot connect" in line
    assert "the database of environment 'unset' cannot be asked where it stands" in line
    assert "NOT_SET" in line
    assert _texts(project) == texts
    with sa.create_engine(f"sqlite:///{tmp_path}/app.db").begin() as connection:
        connection.execute(sa.text("UPDATE schemadiff_version SET version_num = 'elsewhere'"))
    assert "which no file has" in project.error("prune", "c3")
    project.ok("prune", "c3", "--force")
    assert sorted(_texts(project)) == ["c3.py", "d4.py"]


def test_env_py_decides_which_database_is_asked(tmp_path: Path) -> None:
    """Two databases in one env.py, as for several databases of one project."""
    project = _project(tmp_path, LINE)
    project.ok("upgrade")
    path = project.folder / "migrations" / "env.py"
    text = path.read_text()
    twice = "run_migrations_online()\n    config.set_main_option('sqlalchemy.url', config.url + '2')\n    run_migrations_online()\n"
    path.write_text(text.removesuffix("run_migrations_online()\n") + twice)
    assert "the database stands at base, before c3" in project.error("prune", "c3")


def test_a_file_that_cannot_be_edited(tmp_path: Path) -> None:
    project = _project(tmp_path, {**LINE, "b2": ("a1", "x1", N), "x1": (N, N, N)})
    path = project.versions / "c3.py"
    path.write_text(path.read_text().replace("down_revision = ", "depends_on = down_revision = "))
    texts = _texts(project)
    assert "c3.py: its identifiers cannot be changed" in project.error("prune", "c3", "--force")
    assert _texts(project) == texts


def test_from_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from schemadiff import command
    from schemadiff.config import Config

    project = _project(tmp_path, LINE)
    config = Config(project.folder / "schemadiff.toml")
    with pytest.raises(RevisionError, match="before b2"):
        command.prune(config, "b2")
    command.prune(config, "b2", force=True)
    assert capsys.readouterr().out == "b2 is the base; 1 files were deleted\n"
