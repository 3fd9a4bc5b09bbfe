"""How long schemadiff and Alembic take to read a long history, in one run.

    python -m benchmarks.history                         10,000 revisions, in a line and with merges
    python -m benchmarks.history --revisions 1000        another number
    python -m benchmarks.history --only schemadiff       without Alembic, which takes minutes over many merges

The same files, but for the import of ``op``, stand in both projects. Each command runs twice in a process of its own, so that all
is imported and compiled; measured is the processor time of the second time. ``current`` asks an SQLite database that stands at the
head.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

COMMANDS = ("heads", "history", "current")

BODY = '''\
"""Change {number}

Revision ID: {id}
Revises: {revises}
Create Date: 2024-05-06 07:08:09
"""

import sqlalchemy as sa
from {tool} import op

revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "table_{number}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("created", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_{number}")),
    )
    op.create_index(op.f("ix_table_{number}_name"), "table_{number}", ["name"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_table_{number}_name"), table_name="table_{number}")
    op.drop_table("table_{number}")
'''

ENV = """\
from {tool} import context
from sqlalchemy import create_engine

with create_engine("sqlite:///{database}").connect() as connection:
    metadata = context.config.attributes.get("metadata")
    context.configure(connection=connection, target_metadata=metadata, version_table="versions")
    with context.begin_transaction():
        context.run_migrations()
"""

# What runs in a process of its own. The name of the settings file, and the command, are its arguments.
SCRIPT = """\
import contextlib, io, sys, time
from {tool} import command
from {tool}.config import Config

config = Config(sys.argv[1])
function = getattr(command, sys.argv[2])


def run():
    config.stdout = said = io.StringIO()
    start = time.process_time()
    with contextlib.redirect_stdout(said):
        function(config)
    return time.process_time() - start, len(said.getvalue().splitlines())


run()
print(*run())
"""


@dataclass(frozen=True)
class Node:
    """A revision, by its number, and the numbers of those that it follows."""

    number: int
    down: tuple[int, ...]


def line(count: int) -> Iterator[Node]:
    """Yield revisions that each follow the one before."""
    for number in range(count):
        yield Node(number, (number - 1,) if number else ())


def merges(count: int) -> Iterator[Node]:
    """Yield diamonds, one upon the other: a third of the revisions are merges."""
    for number in range(count):
        if number == 0:
            yield Node(number, ())
        elif number % 3 == 0:
            yield Node(number, (number - 2, number - 1))
        else:
            yield Node(number, ((number - 1) // 3 * 3,))


SHAPES: dict[str, Callable[[int], Iterator[Node]]] = {"in a line": line, "with merges": merges}


def make(folder: Path, nodes: list[Node], tool: str) -> None:
    """Make a project of ``tool`` in ``folder``, and a database that stands at its heads."""
    import sqlalchemy as sa

    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    for node in nodes:
        identifiers = [f"{number:012x}" for number in node.down]
        down = None if not identifiers else identifiers[0] if len(identifiers) == 1 else tuple(identifiers)
        text = BODY.format(
            number=node.number, id=f"{node.number:012x}", revises=", ".join(identifiers), down=down, tool=tool
        )
        (versions / f"{node.number:012x}_change.py").write_text(text)
    database = folder / "app.db"
    (folder / "migrations" / "env.py").write_text(ENV.format(tool=tool, database=database))
    (folder / "migrations" / "script.py.mako").write_text("")
    settings = "[alembic]\nscript_location = migrations\n" if tool == "alembic" else 'script_location = "migrations"\n'
    (folder / "settings").write_text(settings)
    followed = {number for node in nodes for number in node.down}
    with sa.create_engine(f"sqlite:///{database}").begin() as connection:
        connection.execute(sa.text("CREATE TABLE versions (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        for node in nodes:
            if node.number not in followed:
                connection.execute(sa.text(f"INSERT INTO versions VALUES ('{node.number:012x}')"))


def measure(folder: Path, tool: str, command: str) -> tuple[float, int]:
    """Return the seconds that a command took, and how many lines it printed."""
    code = SCRIPT.format(tool=tool)
    arguments = [sys.executable, "-c", code, "settings", command]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=True)
    took, lines = done.stdout.split()
    return float(took), int(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", type=int, default=10_000)
    parser.add_argument("--only", choices=("schemadiff", "alembic"))
    given = parser.parse_args()
    tools = [given.only] if given.only else ["schemadiff", "alembic"]
    table = Table(title=f"{given.revisions} revisions, seconds of processor time after start-up")
    for name in ("command", "history", *(f"{tool} {version(tool)}" for tool in tools)):
        table.add_column(name, justify="left" if name in ("command", "history") else "right")
    for shape, draw in SHAPES.items():
        nodes = list(draw(given.revisions))
        with tempfile.TemporaryDirectory() as folder:
            for tool in tools:
                make(Path(folder) / tool, nodes, tool)
            for command in COMMANDS:
                found = [measure(Path(folder) / tool, tool, command) for tool in tools]
                if len({lines for _, lines in found}) > 1:
                    raise SystemExit(f"{command}: they print different numbers of lines: {found}")
                table.add_row(command, shape, *(f"{took:.2f}" for took, _ in found))
    Console().print(table)


if __name__ == "__main__":
    main()
