"""What a model leaves open stays as it is, and is no difference."""

from __future__ import annotations

import sqlalchemy as sa

import schemadiff
from tests.support.servers import Backend

TABLE = """
CREATE TABLE receipt (id serial PRIMARY KEY, number serial, note text, body varchar(20));
ALTER SEQUENCE receipt_number_seq INCREMENT BY 10;
ALTER TABLE receipt ALTER note SET STORAGE EXTERNAL, ALTER body SET STORAGE MAIN, ALTER body SET STATISTICS 10;
CREATE INDEX receipt_low ON receipt (lower(note));
ALTER INDEX receipt_low ALTER COLUMN 1 SET STATISTICS 300;
"""


def model(*, named: bool = False, body: sa.types.TypeEngine[str] | None = None) -> sa.MetaData:
    """Return the model of the table; ``named`` says of its sequences that they are objects of their own."""
    metadata = sa.MetaData()
    one = sa.Sequence("receipt_id_seq", data_type=sa.Integer, metadata=metadata if named else None)
    other = sa.Sequence("receipt_number_seq", data_type=sa.Integer, increment=10, metadata=metadata if named else None)
    sa.Table(
        "receipt",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, server_default=one.next_value() if named else None),
        sa.Column("number", sa.Integer, nullable=False, server_default=other.next_value()),
        sa.Column("note", sa.Text),
        sa.Column("body", body or sa.String(20)),
        sa.Index("receipt_low", sa.text("lower(note)")),
    )
    return metadata


def made(postgresql: Backend) -> sa.Engine:
    engine = postgresql.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql(TABLE)
    return engine


def test_the_sequence_of_a_serial_is_the_models_own_where_it_names_it(postgresql: Backend) -> None:
    assert schemadiff.diff(made(postgresql), model(named=True)).upgrade == ()


def test_an_adapted_sequence_of_a_serial_is_not_left_open(postgresql: Backend) -> None:
    difference = schemadiff.diff(made(postgresql), model())
    assert [each.describe() for each in difference.upgrade] == ["Alter column receipt.number: options"]


def test_settings_of_columns_and_indexes_are_left_open(postgresql: Backend) -> None:
    engine = made(postgresql)
    with engine.begin() as connection:
        difference = schemadiff.diff(connection, model(named=True, body=sa.Text()))
        schemadiff.apply(connection, difference.upgrade)
        storage = "SELECT attstorage::text, attstattarget FROM pg_attribute WHERE attname = 'body'"
        assert tuple(connection.exec_driver_sql(storage).one()) == ("m", 10)
    assert [each.describe() for each in difference.upgrade] == ["Alter column receipt.body: type"]


def test_a_model_as_the_source_takes_nothing_off(postgresql: Backend) -> None:
    assert schemadiff.diff(model(named=True), made(postgresql)).upgrade == ()
