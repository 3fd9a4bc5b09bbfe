"""How schemadiff and Alembic's autogenerate fare on the pairs of ``fixtures/pairs``, in one run.

    python -m benchmarks.pairs                      the table, on every server that the tests find
    python -m benchmarks.pairs --only mysql         one dialect
    python -m benchmarks.pairs --failures           also which pairs fail, and which law
    python -m benchmarks.pairs --every 8            every eighth pair of each dialect
    python -m benchmarks.pairs --readme             writes the table into README.md

Both tools go from the database of ``before.sql`` to the model that SQLAlchemy reflects of ``after.sql``, through the code
that they render; schemadiff also goes from database to database, which Alembic cannot. Alembic runs with
``compare_type``, ``compare_server_default``, ``include_schemas`` and, on SQLite, ``render_as_batch``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from sqlalchemy.dialects import mysql, postgresql, sqlite

from benchmarks.places import TITLES
from benchmarks.report import markdown, write_readme
from tests.corpus.cases import Case, sample
from tests.corpus.tools import Refused, Schemadiff, Tool
from tests.corpus.trial import LAWS, Outcome, trial
from tests.support.servers import Backend, Servers, Workbench, find_servers

COLUMNS = {
    "quiet": "quiet in sync",
    "silent": "sees the change",
    "convergent": "converges",
    "reversible": "comes back",
    "rows": "keeps rows",
}


@dataclass(frozen=True)
class AlembicMigration:
    """Code that Alembic rendered."""

    up: str
    down: str

    @property
    def text(self) -> str:
        return f"{self.up}\n# downgrade\n{self.down}"

    def __bool__(self) -> bool:
        lines = [line.strip() for line in self.up.splitlines()]
        return any(line not in ("", "pass") and not line.startswith("#") for line in lines)

    def upgrade(self, connection: sa.Connection) -> None:
        self._run(connection, self.up)

    def downgrade(self, connection: sa.Connection) -> None:
        self._run(connection, self.down)

    def _run(self, connection: sa.Connection, body: str) -> None:
        from alembic.operations import Operations
        from alembic.runtime.migration import MigrationContext

        namespace: dict[str, Any] = {"sa": sa, "op": Operations(MigrationContext.configure(connection))}
        # Its template has room for more imports; these are all that it needs for types of these databases.
        namespace |= {"mysql": mysql, "postgresql": postgresql, "sqlite": sqlite, "Text": sa.Text}
        # As its template has it: all lines but the first are indented.
        source = f"if True:\n    {body}\n    pass"
        exec(compile(source, "<revision>", "exec"), namespace)


class Alembic:
    """Alembic's autogenerate."""

    def compare(self, engine: sa.Engine, target: sa.Engine | sa.MetaData, schemas: Sequence[str]) -> AlembicMigration:
        from alembic.autogenerate import produce_migrations, render_python_code
        from alembic.runtime.migration import MigrationContext

        if not isinstance(target, sa.MetaData):
            raise TypeError("Alembic compares with models only")
        on_sqlite = engine.dialect.name == "sqlite"
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_schemas": bool(schemas),
            "render_as_batch": on_sqlite,
            "target_metadata": target,
        }
        try:
            with engine.connect() as connection:
                context = MigrationContext.configure(connection, opts=options)
                script = produce_migrations(context, target)
                texts = []
                for operations in (script.upgrade_ops, script.downgrade_ops):
                    if operations is None:
                        raise RuntimeError("no operations")
                    texts.append(render_python_code(operations, render_as_batch=on_sqlite, migration_context=context))
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        return AlembicMigration(texts[0], texts[1])


ROWS: dict[str, tuple[type[Tool], bool]] = {
    "schemadiff": (Schemadiff, True),
    "Alembic": (Alembic, True),
    "schemadiff, from the database": (Schemadiff, False),
}


@dataclass(frozen=True)
class Score:
    """Which laws one tool keeps on one pair."""

    row: str
    dialect: str
    name: str
    kept: tuple[str, ...]


_workbenches: dict[str, Workbench] = {}


def _score(servers: dict[str, Any], row: str, case: Case) -> Score | None:
    """Try one pair with one tool; None where SQLAlchemy cannot reflect it, or the server cannot hold it."""
    tool, to_metadata = ROWS[row]
    found = Servers.from_plain(servers)
    key = "postgresql18" if case.needs > 15 else case.dialect
    server = found.by_key[key]
    if not server.available or (to_metadata and case.unmodelled is not None):
        return None
    if server.dialect != "sqlite" and key not in _workbenches:
        _workbenches[key] = Workbench(server)
    with tempfile.TemporaryDirectory() as folder:
        backend = Backend(server, found.prefix, Path(folder), _workbenches.get(key))
        try:
            outcome = trial(backend, case, tool(), to_metadata=to_metadata)
        except Exception as error:
            outcome = Outcome({law: f"{type(error).__name__}: {error}" for law in LAWS})
        finally:
            backend.close()
    return Score(row, case.dialect, case.name, tuple(law for law in LAWS if outcome.keeps(law, case)))


def scores(only: str | None, workers: int, every: int) -> list[Score]:
    """Try the pairs, or each of them that is the first of ``every``, with all tools."""
    dialects = [only] if only else list(TITLES)
    chosen = [case for dialect in dialects for case in sample(dialect, every)]
    servers, keeper = find_servers(with_embedded=True)
    try:
        with ProcessPoolExecutor(workers) as pool:
            futures = [pool.submit(_score, servers.as_plain(), row, case) for case in chosen for row in ROWS]
            return [score for score in (future.result() for future in futures) if score is not None]
    finally:
        if keeper is not None and keeper.stdin is not None:
            keeper.stdin.close()
            keeper.wait(timeout=60)


def rows(found: Iterable[Score]) -> list[list[str]]:
    """Return the lines of the table: dialect, tool, pairs, and a count for each law."""
    found = list(found)
    lines = []
    for dialect, title in TITLES.items():
        for row in ROWS:
            own = [score for score in found if (score.dialect, score.row) == (dialect, row)]
            if own:
                kept = Counter(law for score in own for law in score.kept)
                lines.append([title, row, str(len(own)), *(str(kept[law]) for law in COLUMNS)])
    return lines


def main() -> None:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(TITLES))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--failures", action="store_true")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    found = scores(arguments.only, arguments.workers, arguments.every)
    lines = rows(found)
    console = Console()
    table = Table("", "", "pairs", *COLUMNS.values(), title=f"schemadiff and Alembic {version('alembic')}")
    for line in lines:
        table.add_row(*line)
    console.print(table)
    if arguments.failures:
        for score in found:
            lost = [law for law in LAWS if law not in score.kept]
            if lost:
                console.print(
                    f"{score.row}: {score.dialect}/{score.name}: {', '.join(lost)}", highlight=False, markup=False
                )
    if arguments.readme:
        headings = ["", "", "pairs", *COLUMNS.values()]
        write_readme("pairs", markdown(headings, lines, range(2, len(headings))))


if __name__ == "__main__":
    main()
