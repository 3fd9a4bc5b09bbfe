"""The queries of a diff in sync, each sent again by itself, and what the server says that it worked on it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import schemadiff
from benchmarks.measuring import Statement, statements

_BEST_OF = 3


@dataclass(frozen=True)
class Query:
    """A query: how many rows it gives, the seconds until all are here, and those of the server, or None where it does not tell."""

    text: str
    rows: int
    round_trip: float
    server: float | None


def profiled(engine: sa.Engine, metadata: sa.MetaData) -> list[Query]:
    """Return the queries of a diff of a database with the model that it was made from, in order."""
    with engine.connect() as connection:
        schemadiff.diff(connection, metadata)
        with statements(engine) as sent:
            schemadiff.diff(connection, metadata)
        # Through the driver's own cursor: what SQLAlchemy makes of rows is no part of the way there and back.
        cursor = connection.connection.cursor()
        server = _SERVERS.get(engine.dialect.name)
        found = []
        for statement in sent:
            runs = [_sent(cursor, statement) for _ in range(_BEST_OF)]
            worked = None if server is None else server(cursor, statement)
            found.append(Query(statement.text, len(runs[0][0]), min(took for _, took in runs), worked))
        return found


def _sent(cursor: Any, statement: Statement) -> tuple[list[Any], float]:
    began = time.perf_counter()
    if statement.parameters is None:
        cursor.execute(statement.text)
    else:
        cursor.execute(statement.text, statement.parameters)
    rows = list(cursor.fetchall()) if cursor.description else []
    return rows, time.perf_counter() - began


def _postgresql(cursor: Any, statement: Statement) -> float | None:
    if not statement.text.lstrip(" \n(").upper().startswith(("SELECT", "WITH")):
        return None
    rows, _ = _sent(cursor, Statement(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}", statement.parameters))
    (explained,) = json.loads(rows[0][0]) if isinstance(rows[0][0], str) else rows[0][0]
    return float(explained["Planning Time"] + explained["Execution Time"]) / 1000


def _mysql(cursor: Any, statement: Statement) -> float:
    """Return the time of one run by SHOW PROFILES, which lists what the session sent lately, and each statement of a block by itself."""
    _sent(cursor, Statement("SET SESSION profiling = 1", None))
    before, _ = _sent(cursor, _PROFILES)
    _sent(cursor, statement)
    after, _ = _sent(cursor, _PROFILES)
    _sent(cursor, Statement("SET SESSION profiling = 0", None))
    known = {number for number, *_ in before}
    return sum(float(duration) for number, duration, *_ in after if number not in known)


_PROFILES = Statement("SHOW PROFILES", None)
_SERVERS: dict[str, Callable[[Any, Statement], float | None]] = {"postgresql": _postgresql, "mysql": _mysql}
