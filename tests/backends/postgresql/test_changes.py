"""Laws 1 to 4, change by change: what ``create_all`` makes differs in nothing, the upgrade makes the same, the downgrade makes what was
there, no row is lost, and the file does what the diff does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from schemadiff.comparison.diff import Diff
from tests import oracle
from tests.backends.postgresql.changes import CHANGES
from tests.backends.postgresql.models import MODELS, metadata_of
from tests.backends.postgresql.support import apply, check_file, chunks, create, difference, schemas_of, use_schema

# These name the schema "public", which then has to be the default one.
IN_PUBLIC = ("schemas", "sequences")
# Domains that a column brings along stay, as no operation takes them away.
WITH_DOMAINS = ("domains",)
# Two unnamed constraints get one name but for a number, which goes by the order in which they stand; in a file they stand sorted.
ORDERED_NAMES = ("long_names",)


def from_nothing(postgresql: Any, names: Sequence[str], *, schema: str | None = None) -> None:
    ours, theirs = postgresql.engine(), postgresql.engine()
    done: list[tuple[str, Diff]] = []
    metadatas = [metadata_of(name) for name in names]
    with ours.connect() as here, theirs.connect() as there:
        for name in names:
            use_schema(here, schema or name)
            use_schema(there, schema or name)
        empty = oracle.dump(ours)
        for name, metadata in zip(names, metadatas, strict=True):
            schemas = schemas_of(metadata)
            use_schema(there, schema or name)
            create(there, metadata_of(name))
            assert difference(there, metadata, schemas).upgrade == (), name
            use_schema(here, schema or name)
            diff = difference(here, metadata, schemas)
            if name not in ORDERED_NAMES:
                check_file(diff)
            apply(here, diff.backend, diff.upgrade)
            assert difference(here, metadata, schemas).upgrade == (), name
            done.append((name, diff))
        open_names = oracle.unnamed_in(here.dialect, *metadatas)
        oracle.assert_same(oracle.dump(theirs), oracle.dump(ours), open_names=open_names)
        for name, diff in done:
            use_schema(here, schema or name)
            apply(here, diff.backend, diff.downgrade)
    oracle.assert_same(empty, oracle.dump(ours))


@pytest.mark.parametrize(
    "names", chunks([name for name in MODELS if name not in IN_PUBLIC + WITH_DOMAINS], 12), ids=lambda names: names[0]
)
def test_from_nothing(postgresql: Any, names: list[str]) -> None:
    from_nothing(postgresql, names)


@pytest.mark.parametrize("name", IN_PUBLIC)
def test_in_public(postgresql: Any, name: str) -> None:
    from_nothing(postgresql, [name], schema="public")


@pytest.mark.parametrize("name", WITH_DOMAINS)
def test_quiet(postgresql: Any, name: str) -> None:
    metadata = metadata_of(name)
    with postgresql.engine().connect() as connection:
        create(connection, metadata_of(name))
        assert difference(connection, metadata, schemas_of(metadata)).upgrade == ()


def rows(connection: sa.Connection) -> int:
    count = int(connection.exec_driver_sql("SELECT count(*) FROM t").scalar_one())
    connection.rollback()
    return count


@pytest.mark.parametrize("way", ["there", "back"])
@pytest.mark.parametrize("names", chunks(CHANGES, 33), ids=lambda names: names[0])
def test_changes(postgresql: Any, names: list[str], way: str) -> None:
    names = [name for name in names if way == "there" or not CHANGES[name].one_way]
    pairs = {name: CHANGES[name].metadatas()[:: 1 if way == "there" else -1] for name in names}
    ours, theirs = postgresql.engine(), postgresql.engine()
    counts: dict[str, int] = {}
    done: list[tuple[str, Diff]] = []
    with ours.connect() as here, theirs.connect() as there:
        for name, (before, after) in pairs.items():
            use_schema(there, name)
            create(there, after)
            use_schema(here, name)
            create(here, before)
            for statement in CHANGES[name].rows if way == "there" else ():
                here.exec_driver_sql(statement)
            here.commit()
            counts[name] = rows(here)
        first = oracle.dump(ours)
        for name, (before, after) in pairs.items():
            use_schema(here, name)
            schemas = schemas_of(before, after)
            diff = difference(here, after, schemas)
            assert diff, name
            check_file(diff)
            apply(here, diff.backend, diff.upgrade)
            assert not difference(here, after, schemas), name
            assert rows(here) == counts[name], name
            done.append((name, diff))
        open_names = oracle.unnamed_in(here.dialect, *(metadata for pair in pairs.values() for metadata in pair))
        oracle.assert_same(oracle.dump(theirs), oracle.dump(ours), open_names=open_names)
        for name, diff in done:
            use_schema(here, name)
            apply(here, diff.backend, diff.downgrade)
            assert rows(here) == counts[name], name
    oracle.assert_same(first, oracle.dump(ours), open_names=open_names)
