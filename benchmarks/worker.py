"""One diff in sync in this process; prints how long it took, and the peak of the process's memory.

    python -m benchmarks.worker TOOL URL TABLES WARM_URL WARM_TABLES

A diff of the small database at WARM_URL comes first, so that all is imported.
"""

from __future__ import annotations

import json
import sys

import sqlalchemy as sa

from benchmarks.measuring import peak_memory, seconds
from benchmarks.models import model
from benchmarks.tools import Tool, tool


def diff(with_tool: Tool, url: str, tables: int) -> float:
    """Return the seconds that a diff of a database takes."""
    metadata = model(tables)
    with sa.create_engine(url).connect() as connection:
        return seconds(lambda: with_tool.check_in_sync(connection, metadata))


def main() -> None:
    """Measure once."""
    name, url, tables, warm_url, warm_tables = sys.argv[1:]
    diff(tool(name), warm_url, int(warm_tables))
    took = diff(tool(name), url, int(tables))
    print(json.dumps({"seconds": took, "peak": peak_memory()}))


if __name__ == "__main__":
    main()
