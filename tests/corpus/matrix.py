"""What the pairs are about: kind of object × action × database, counted. An empty cell is explained.

    python -m tests.corpus.matrix

Where a database has no such thing at all, or the thing has no such change, the reason stands in the tables below.
``test_matrix`` holds them to the pairs: a cell is either filled or explained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.corpus.cases import ACTIONS, Case, cases
from tests.corpus.gaps import NO_SUCH_CHANGE, NO_SUCH_CHANGE_THERE, NO_SUCH_KIND

DIALECTS = ("sqlite", "postgresql", "mysql")
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}

KINDS = (
    "table",
    "column",
    "column type",
    "nullability",
    "server default",
    "computed column",
    "identity",
    "autoincrement",
    "comment",
    "collation",
    "charset",
    "primary key",
    "foreign key",
    "unique constraint",
    "check constraint",
    "exclude constraint",
    "index",
    "schema",
    "enum type",
    "domain",
    "sequence",
    "partition",
    "inheritance",
    "tablespace",
    "storage",
    "engine",
    "temporary table",
    "virtual table",
    "view",
    "materialized view",
    "trigger",
    "policy",
    "grant",
    "rule",
    "statistics",
    "function",
    "extension",
)


@dataclass(frozen=True, order=True)
class Cell:
    """A kind of object, what is done to it, and where."""

    kind: str
    action: str
    dialect: str


def counted(found: Sequence[Case]) -> Counter[Cell]:
    """Return how many pairs are about each cell."""
    subjects = {(case.id, Cell(kind, action, case.dialect)) for case in found for kind, action in case.subjects}
    return Counter(cell for _, cell in subjects)


def cells() -> Iterator[Cell]:
    """Yield every cell, in the order of the table."""
    for kind in KINDS:
        for action in ACTIONS:
            for dialect in DIALECTS:
                yield Cell(kind, action, dialect)


def explanation(cell: Cell) -> str | None:
    """Return why there can be no pair of a cell; None where there can."""
    return (
        NO_SUCH_KIND.get((cell.kind, cell.dialect))
        or NO_SUCH_CHANGE.get((cell.kind, cell.action))
        or NO_SUCH_CHANGE_THERE.get((cell.kind, cell.action, cell.dialect))
    )


def unexplained(counts: Counter[Cell]) -> list[Cell]:
    """Return the cells that are empty, and of which nothing says why."""
    return [cell for cell in cells() if not counts[cell] and explanation(cell) is None]


def contradicted(counts: Counter[Cell]) -> list[Cell]:
    """Return the cells that are filled though something says that they cannot be."""
    return [cell for cell in cells() if counts[cell] and explanation(cell) is not None]


def table(counts: Counter[Cell]) -> Table:
    """Return the matrix: a row for each kind, and for each action the numbers of the three databases."""
    result = Table(title=f"{len(cases())} pairs", caption="SQLite · PostgreSQL · MariaDB; – is explained, ? is missing")
    result.add_column("kind", no_wrap=True)
    for action in ACTIONS:
        result.add_column(action, justify="right", no_wrap=True)
    for kind in KINDS:
        numbers = [[_number(Cell(kind, action, dialect), counts) for dialect in DIALECTS] for action in ACTIONS]
        result.add_row(Text(kind), *(Text(" ").join(three) for three in numbers))
    totals = [sum(counts[cell] for cell in cells() if cell.dialect == dialect) for dialect in DIALECTS]
    result.caption = f"{result.caption}\nsubjects: {' · '.join(map(str, totals))}"
    return result


def _number(cell: Cell, counts: Counter[Cell]) -> Text:
    if counts[cell]:
        return Text(f"{counts[cell]:>3}", style="green")
    return Text("  –", style="dim") if explanation(cell) is not None else Text("  ?", style="bold red")


def main() -> None:
    """Print the matrix, then why its empty cells are empty."""
    console = Console(width=max(Console().width, 100))
    counts = counted(cases())
    console.print(table(counts))
    reasons: dict[str, dict[str, None]] = {}
    for cell in cells():
        reason = None if counts[cell] else explanation(cell)
        if reason is not None:
            whole = (cell.kind, cell.dialect) in NO_SUCH_KIND
            about = f"{cell.kind} on {TITLES[cell.dialect]}" if whole else f"{cell.kind}: {cell.action}"
            reasons.setdefault(reason, {})[about] = None
    for reason, found in reasons.items():
        console.print(Text.assemble((reason, "bold"), f": {', '.join(found)}"))
    for cell in unexplained(counts):
        console.print(Text(f"no pair: {cell.kind}: {cell.action} on {TITLES[cell.dialect]}", style="red"))


if __name__ == "__main__":
    main()
