"""squash: a range of revisions becomes one, and databases cannot tell."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff import command
from schemadiff.config import Config
from schemadiff.revisions.directory import load_graph, load_module
from tests import oracle
from tests.cli.test_pruning import LINE, N, Revisions, _project, _rows, _shape, _texts
from tests.support.running import MODELS, Project
from tests.support.servers import Backend

MORE = (
    MODELS
    + """
    note = sa.Table(
        "note",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), index=True),
        sa.Column("kind", sa.Enum("short", "long", name="note_kind"), nullable=False, server_default="short"),
    )
    """
)
MOST = MORE.replace("100", "120").replace(
    'name="note_kind"), nullable=False', 'name="note_kind"), nullable=False, comment="how much"'
)
BY_HAND = """
# By hand: everybody gets a note.
account = sa.table("account", sa.column("id"), sa.column("email"))
note = sa.table("note", sa.column("id"), sa.column("account_id"))


def people(bind):
    return [row.id for row in bind.execute(sa.select(account.c.id).order_by(account.c.id))]


def upgrade():
    op.bulk_insert(account, [{"id": 1, "email": "a@b.c"}, {"id": 2, "email": "d@e.f"}])
    bind = op.get_bind()
    for number in people(bind):
        op.execute(note.insert().values(id=number * 10, account_id=number))


def downgrade():
    op.execute("DELETE FROM note")
    op.execute("DELETE FROM account")
"""
CHANGED = """
account = sa.table("account", sa.column("id"), sa.column("email"))


def upgrade():
    op.execute(account.update().where(account.c.id == 2).values(email="x@y.z"))


def downgrade():
    op.execute(account.update().where(account.c.id == 2).values(email="d@e.f"))
"""


def _history(tmp_path: Path, url: str) -> Project:
    """Return a project with five revisions, of which two are by hand."""
    project = Project(tmp_path / "app", url)
    for identifier, what in (("a1", MODELS), ("b2", MORE), ("c3", BY_HAND), ("d4", MOST), ("e5", CHANGED)):
        if what in (BY_HAND, CHANGED):
            path = project.revision(identifier, down=project.files[-1].name[:2])
            path.write_text(path.read_text().partition("\n\ndef upgrade")[0] + what)
        else:
            project.models(what)
            project.ok("autogen", "-m", identifier, "--rev-id", identifier)
        project.ok("upgrade")
    return project


def _state(url: str) -> tuple[oracle.Dump, list[object]]:
    """Return the schema of a database and its rows."""
    rows: list[object] = []
    with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
        for name in sorted(set(sa.inspect(connection).get_table_names()) - set(oracle.OURS[1:])):
            query = sa.select(sa.text("*")).select_from(sa.table(name))
            found = [sorted(map(str, row._mapping.items())) for row in connection.execute(query)]
            rows.append((name, sorted(found)))
    return oracle.dump(url), sorted(rows, key=str)


def _assert_same(first: str, second: str) -> None:
    (one, rows), (other, other_rows) = _state(first), _state(second)
    oracle.assert_same(one, other)
    assert rows == other_rows


def _at(project: Project, old: str, new: str) -> None:
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text().replace(old, new))


def test_a_database_cannot_tell(backend: Backend, tmp_path: Path) -> None:
    original, squashed = backend.new_database(), backend.new_database()
    project = _history(tmp_path, original)
    _at(project, original, squashed)
    project.ok("upgrade", "a1")
    kept = [path.read_bytes() for path in project.files]
    names = [path.name for path in project.files]
    told = project.ok("squash", "b2:d4", "-m", "the middle")
    assert told.out == "migrations/versions/d4_d4.py stands for 3 revisions: b2, c3, d4\n"
    assert [path.name for path in project.files] == [names[0], names[3], names[4]]
    # Up, from before the range.
    project.ok("upgrade")
    _assert_same(original, squashed)
    assert project.ok("check").status == 0
    assert project.ok("history").out.splitlines()[1].startswith("a1 -> d4, the middle")
    # Down, with the originals on the other database.
    folded = {path: path.read_bytes() for path in project.files}
    project.ok("downgrade", "a1")
    for path in folded:
        path.unlink()
    for name, data in zip(names, kept, strict=True):
        (project.versions / name).write_bytes(data)
    _at(project, squashed, original)
    project.ok("downgrade", "a1")
    _assert_same(original, squashed)
    # A database that the originals made goes down through the folded file.
    project.ok("upgrade")
    for path in project.files:
        path.unlink()
    for path, data in folded.items():
        path.write_bytes(data)
    assert "Nothing to do" in project.ok("upgrade").out
    project.ok("downgrade", "a1")
    _assert_same(original, squashed)


def test_the_operations_are_those_of_the_files(tmp_path: Path) -> None:
    """By canonical form: what they would print as SQL, on each dialect."""
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    for identifier, what in (("a1", MODELS), ("b2", MORE), ("c3", MOST)):
        project.models(what)
        project.ok("autogen", "-m", identifier, "--rev-id", identifier)
        project.ok("upgrade")
    order = load_graph([project.versions]).order
    modules = [load_module(each) for each in order]
    project.ok("squash", ":c3")
    (one,) = load_graph([project.versions]).order
    folded = load_module(one)
    for dialect in ("sqlite", "postgresql", "mysql"):
        for direction in ("upgrade", "downgrade"):
            ordered = modules if direction == "upgrade" else modules[::-1]
            apart = [op for module in ordered for op in schemadiff.record(getattr(module, direction), dialect)]
            assert [repr(op) for op in schemadiff.record(getattr(folded, direction), dialect)] == [
                repr(op) for op in apart
            ]
            assert len(apart) >= 3


@pytest.mark.parametrize(
    ("before", "range_", "after"),
    [
        (LINE, "b2:c3", {"a1": (N, N, N), "c3": ("a1", N, N), "d4": ("c3", N, N)}),
        (LINE, ":c3", {"c3": (N, N, N), "d4": ("c3", N, N)}),
        (LINE, "b2:", {"a1": (N, N, N), "d4": ("a1", N, N)}),
        # Branches that part and come together inside; labels and dependencies of all go to the one.
        (
            {"a1": (N, N, N), "x1": (N, N, "other"), "b2": ("a1", N, "left"), "c3": ("b2", "x1", N), "c4": ("b2", N, N), "d5": (("c3", "c4"), "other", "right")},
            "b2:d5",
            {"a1": (N, N, N), "x1": (N, N, "other"), "d5": ("a1", ("x1", "other"), ("left", "right"))},
        ),
        # Who depends on one of the range depends on the folded one.
        (
            {**LINE, "x1": (N, "b2", N), "x2": ("x1", ("a1", "c3"), N)},
            "b2:c3",
            {"a1": (N, N, N), "c3": ("a1", N, N), "d4": ("c3", N, N), "x1": (N, "c3", N), "x2": ("x1", ("a1", "c3"), N)},
        ),
    ],
)  # fmt: skip
def test_graphs(before: Revisions, range_: str, after: Revisions, tmp_path: Path) -> None:
    project = _project(tmp_path, before)
    project.ok("upgrade", "heads")
    standing = _rows(project)
    url = f"sqlite:///{tmp_path}/app.db"
    tables = oracle.dump(url)
    project.ok("squash", range_)
    shape = _shape(project)
    assert {key: _sorted(shape[key]) for key in shape} == {key: _sorted(after[key]) for key in after}
    assert _rows(project) == standing
    assert "Nothing to do" in project.ok("upgrade", "heads").out
    project.ok("downgrade", "base")
    assert oracle.dump(url).is_empty_but_for_ours()
    project.ok("upgrade", "heads")
    oracle.assert_same(tables, oracle.dump(url))


def _sorted(names: tuple[object, ...]) -> list[object]:
    return [sorted(each) if isinstance(each, tuple) else each for each in names]


@pytest.mark.parametrize(
    ("before", "range_", "said"),
    [
        (LINE, "b2:b2", "is one revision, b2"),
        (LINE, "d4:b2", "b2 does not follow d4"),
        (LINE, "b2", "is no range"),
        ({**LINE, "x1": ("b2", N, N)}, "a1:c3", "x1.py: revision x1 follows b2, which is inside of the range"),
        ({**LINE, "x1": (N, N, N), "c3": (("b2", "x1"), N, N)}, "a1:c3", "c3.py: revision c3 follows x1 too"),
        ({**LINE, "x1": (N, "a1", N), "c3": ("b2", "x1", N)}, "a1:c3", "x1.py: revision x1 has to run in the middle"),
        ({**LINE, "x1": ("a1", N, N)}, "a1:", "has several ends"),
    ],
)  # fmt: skip
def test_refused_ranges(before: Revisions, range_: str, said: str, tmp_path: Path) -> None:
    project = _project(tmp_path, before)
    texts = _texts(project)
    assert said in project.error("squash", range_, "--force")
    assert _texts(project) == texts


def test_databases_inside_of_the_range(tmp_path: Path) -> None:
    project = _project(tmp_path, LINE)
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text() + f'\n[env.staging]\nurl = "sqlite:///{tmp_path}/staging.db"\n')
    project.ok("upgrade")
    project.ok("-n", "staging", "upgrade", "b2")
    texts = _texts(project)
    line = project.error("squash", "b2:d4")
    assert "the database of environment 'staging' stands at b2, inside of b2:d4: nothing was changed" in line
    assert _texts(project) == texts
    project.ok("-n", "staging", "downgrade", "a1")
    project.ok("squash", "b2:d4")
    project.ok("-n", "staging", "upgrade")
    oracle.assert_same(oracle.dump(f"sqlite:///{tmp_path}/app.db"), oracle.dump(f"sqlite:///{tmp_path}/staging.db"))


def test_a_file_that_cannot_be_folded(tmp_path: Path) -> None:
    project = _project(tmp_path, LINE)
    path = project.versions / "c3.py"
    path.write_text(path.read_text() + "\nprint(revision)\n")
    texts = _texts(project)
    line = project.error("squash", "b2:d4", "--force")
    assert "migrations/versions/c3.py:" in line
    assert _texts(project) == texts


def test_from_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, LINE)
    command.squash(Config(project.folder / "schemadiff.toml"), "a1:c3", message="x")
    assert capsys.readouterr().out == "c3 stands for 3 revisions\n"
