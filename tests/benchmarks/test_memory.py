"""A diff in sync needs memory in proportion to the tables."""

from __future__ import annotations

import gc
import tracemalloc

import sqlalchemy as sa

import schemadiff
from benchmarks.models import model
from benchmarks.places import grow
from tests.support.servers import Backend

# Bytes that Python allocates for a table of 11 columns, 2 indexes and 2 foreign keys, at the peak of the diff: what was read of the
# database, what the model was lowered to, and what the comparison keeps of both.
_BYTES_PER_TABLE = 60_000
# How much more a table may take where there are twice as many.
_GROWTH = 1.15


def _peak(engine: sa.Engine, tables: int) -> int:
    metadata = model(tables)
    with engine.connect() as connection:
        gc.collect()
        tracemalloc.start()
        try:
            difference = schemadiff.diff(connection, metadata)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert not difference
    return peak


def test_is_linear(backend: Backend) -> None:
    url = backend.new_database()
    engine = backend.engine(url)
    peaks: dict[int, int] = {}
    there = 0
    for tables in (5, 200, 400):
        grow(url, there, tables)
        there = tables
        # The first one imports what all need.
        peaks[tables] = _peak(engine, tables)
    assert peaks[400] / 400 < _BYTES_PER_TABLE, peaks
    assert peaks[400] < peaks[200] * 2 * _GROWTH, peaks
