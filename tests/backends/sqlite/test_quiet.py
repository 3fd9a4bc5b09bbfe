"""Law 1 and the beginning of law 2: what create_all makes is what we read, and what we make."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from schemadiff.backends import connected_backend
from schemadiff.comparison import compare
from schemadiff.operations import reverse_all
from schemadiff.reflection.metadata import lower
from tests import oracle
from tests.backends.sqlite.models import CASES, metadata


@pytest.mark.parametrize("name", CASES)
def test_what_create_all_makes_is_what_we_read(sqlite, name):
    model = metadata(name)
    with sqlite.engine().begin() as connection:
        model.create_all(connection)
        backend = connected_backend(connection)
        found = backend.reflect(connection, [None])
        wanted = lower(model, backend)
        for table in wanted.tables:
            assert found.tables[table] == wanted.tables[table]
        assert compare(found, wanted, backend).operations == ()


@pytest.mark.parametrize("name", CASES)
def test_what_we_make_is_what_create_all_makes(sqlite, name):
    model = metadata(name)
    theirs, ours = sqlite.engine(), sqlite.engine()
    with theirs.begin() as connection:
        model.create_all(connection)
    with ours.begin() as connection:
        backend = connected_backend(connection)
        upgrade = compare(backend.reflect(connection, [None]), lower(model, backend), backend).operations
        for operation in upgrade:
            backend.execute(connection, operation)
    oracle.assert_same(oracle.dump(theirs), oracle.dump(ours))
    with ours.begin() as connection:
        for operation in reverse_all(upgrade):
            backend.execute(connection, operation)
    assert oracle.dump(ours).is_empty_but_for_ours()


@pytest.mark.parametrize("name", CASES)
def test_a_table_read_back_can_be_made_again(sqlite, name):
    """What is read has types of SQLAlchemy's that declare the same, and statements that make the same."""
    model = metadata(name)
    theirs, ours = sqlite.engine(), sqlite.engine()
    with theirs.begin() as connection:
        model.create_all(connection)
        backend = connected_backend(connection)
        found = backend.reflect(connection, [None])
    for table in found.tables.values():
        for column in table.columns:
            again = backend.sqlalchemy_type(column.type, collation=column.collation)
            assert backend.data_type(again) == column.type
    with ours.begin() as connection:
        empty = backend.reflect(connection, [None])
        for operation in compare(empty, found, backend).operations:
            backend.execute(connection, operation)
    oracle.assert_same(oracle.dump(theirs), oracle.dump(ours))


def test_a_model_that_create_all_cannot_make_is_no_concern(sqlite):
    """SQLAlchemy leaves out the parentheses that these defaults need; we do not."""
    model = sa.MetaData()
    sa.Table(
        "t",
        model,
        *(
            sa.Column(f"c{i}", sa.String, server_default=sa.text(text))
            for i, text in enumerate(["'a' || 'b'", "(1) + (2)", "1 -- one", "'x' COLLATE nocase"])
        ),
    )
    with sqlite.engine().begin() as connection:
        backend = connected_backend(connection)
        wanted = lower(model, backend)
        for operation in compare(backend.reflect(connection, [None]), wanted, backend).operations:
            backend.execute(connection, operation)
        assert backend.reflect(connection, [None]).tables == wanted.tables
        connection.exec_driver_sql("INSERT INTO t DEFAULT VALUES")
        assert connection.exec_driver_sql("SELECT * FROM t").one() == ("ab", "3", "1", "x")
