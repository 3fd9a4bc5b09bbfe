"""A new database from ``create_all()`` and ``stamp head``, in Python, beside one that the revisions made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import oracle
from tests.support.running import MODELS, Project
from tests.support.servers import Backend

# As the tutorials have it, run from another folder, with another logging and nothing of ours imported before.
SCRIPT = """
import sys

sys.path.insert(0, {folder!r})

import sqlalchemy as sa
from models import metadata

engine = sa.create_engine({url!r})
metadata.create_all(engine)

from schemadiff import command
from schemadiff.config import Config

config = Config({settings!r})
config.set_main_option("sqlalchemy.url", {url!r}.replace("%", "%%"))
command.stamp(config, "head")
command.upgrade(config, "head")
command.check(config)
command.current(config)
"""

MORE = (
    MODELS
    + """
    note = sa.Table(
        "note",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), index=True),
        sa.Column("kind", sa.Enum("short", "long", name="note_kind"), nullable=False, server_default="short"),
        sa.Column("rank", sa.Integer),
        sa.CheckConstraint("rank > 0", name="ck_note_rank"),
        comment="what was noted",
    )
    """
)


def test_create_all_and_stamp_head(backend: Backend, tmp_path: Path) -> None:
    old, new = backend.new_database(), backend.new_database()
    project = Project(tmp_path / "app", old)
    project.ok("autogen", "-m", "first", "--rev-id", "a1")
    project.ok("upgrade")
    project.models(MORE)
    project.ok("autogen", "-m", "second", "--rev-id", "b2")
    project.ok("upgrade")
    # Without a1, b2 cannot build a database: this is the way that remains.
    project.ok("prune", "b2")
    script = SCRIPT.format(folder=str(project.folder), url=new, settings=str(project.folder / "schemadiff.toml"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    # Bytecode is told from what it was made of by its second and its size: the models change again within one.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "b2 (head)\n"), done.stderr
    assert "Running" not in done.stderr
    oracle.assert_same(oracle.dump(old), oracle.dump(new))
    # The project goes on with the new database as with the old one.
    settings = project.folder / "schemadiff.toml"
    settings.write_text(settings.read_text().replace(old, new))
    assert "No differences" in project.ok("autogen", "-m", "nothing").out
    assert "Nothing to do: the database stands at b2" in project.ok("upgrade").out
    project.models(MORE.replace("100", "120"))
    project.ok("autogen", "-m", "third", "--rev-id", "c3")
    assert "stands at c3" in project.ok("upgrade").out
