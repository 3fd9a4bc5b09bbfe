"""How long 1,000 small revisions take to run on SQLite, with schemadiff and with Alembic, in one run.

    python -m benchmarks.upgrading                  1,000 revisions, one transaction for each, and one for the run
    python -m benchmarks.upgrading --revisions 100

Each revision makes a table. The two tools run the same files, but for the import of ``op``, each on a file of its own, in a process of
its own, env.py and the reading of the files included. Alembic leaves the transactions of DDL to the driver, which commits each statement.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

_REVISION = '''"""{name}"""

import sqlalchemy as sa
from {package} import op

revision = "{name}"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("t_{name}", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(50)), sa.PrimaryKeyConstraint("id"))


def downgrade():
    op.drop_table("t_{name}")
'''

_ENV = """from {package} import context
from sqlalchemy import create_engine, pool

engine = create_engine("sqlite:///{database}", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration={each})
    with context.begin_transaction():
        context.run_migrations()
"""

_UPGRADE = {
    "schemadiff": "from schemadiff import command; from schemadiff.config import Config; command.upgrade(Config('schemadiff.toml'), 'head')",
    "alembic": "from alembic import command; from alembic.config import Config; command.upgrade(Config('alembic.ini'), 'head')",
}


def project(folder: Path, package: str, revisions: int, *, each: bool) -> None:
    """Write the project of one tool."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    before = None
    for number in range(revisions):
        name = f"r{number:05}"
        (versions / f"{name}.py").write_text(_REVISION.format(package=package, name=name, before=before))
        before = name
    database = folder / "app.db"
    (folder / "migrations" / "env.py").write_text(_ENV.format(package=package, database=database, each=each))
    (folder / "alembic.ini").write_text(f"[alembic]\nscript_location = {folder}/migrations\npath_separator = os\n")
    (folder / "schemadiff.toml").write_text(
        f'script_location = "migrations"\n\n[env.default]\nurl = "sqlite:///{database}"\n'
    )


def seconds(package: str, revisions: int, *, each: bool) -> float:
    """Return how long an upgrade to head takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, package, revisions, each=each)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", _UPGRADE[package]], cwd=folder, check=True, capture_output=True)
        took = time.perf_counter() - began
        with closing(sqlite3.connect(folder / "app.db")) as database:
            (made,) = database.execute(
                "SELECT count(*) FROM sqlite_master WHERE name LIKE 't!_r%' ESCAPE '!'"
            ).fetchone()
        assert made == revisions, f"{package} made {made} tables"
        return took


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", type=int, default=1000)
    revisions = parser.parse_args().revisions
    table = Table(title=f"{revisions:,} revisions on SQLite, in seconds")
    for heading in ("tool", "a transaction for each", "one for the run"):
        table.add_column(heading)
    for package in _UPGRADE:
        table.add_row(package, *(f"{seconds(package, revisions, each=each):.1f}" for each in (True, False)))
    Console().print(table)


if __name__ == "__main__":
    main()
