"""Types: what the server makes of a spelling, and the way back into SQLAlchemy."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from schemadiff.backends import connected_backend
from schemadiff.backends.base import Backend as SchemadiffBackend
from schemadiff.backends.mysql import MysqlBackend
from schemadiff.backends.mysql.canonical import type_from
from schemadiff.backends.mysql.server import facts
from schemadiff.errors import UnrenderableType
from schemadiff.schema import DataType, Name, Server
from tests.backends.mysql.models import ODD_MEMBERS
from tests.support.servers import Backend

# What people write, and what the canonical spelling is.
SPELLINGS = {
    "INTEGER": "int",
    "int(11)": "int",
    "INT(5)": "int(5)",
    "int signed": "int",
    "int(10) unsigned": "int unsigned",
    "int zerofill": "int(10) unsigned zerofill",
    "bigint(20)": "bigint",
    "INT8": "bigint",
    "mediumint(8) unsigned": "mediumint unsigned",
    "middleint": "mediumint",
    "int1": "tinyint",
    "BOOL": "tinyint(1)",
    "boolean": "tinyint(1)",
    "tinyint(1)": "tinyint(1)",
    "tinyint(1) unsigned": "tinyint(1) unsigned",
    "NUMERIC": "decimal(10,0)",
    "DEC(5)": "decimal(5,0)",
    "fixed(10, 2) unsigned": "decimal(10,2) unsigned",
    "FLOAT": "float",
    "float(24)": "float",
    "float(25)": "double",
    "float(7,2)": "float(7,2)",
    "double precision": "double",
    "REAL": "double",
    "bit": "bit(1)",
    "CHAR": "char(1)",
    "character varying(5)": "varchar(5)",
    "national varchar(5)": "varchar(5)",
    "char(3) byte": "binary(3)",
    "varchar(3) character set binary": "varbinary(3)",
    "text charset binary": "blob",
    "text(63)": "tinytext",
    "text(64)": "text",
    "text(20000)": "mediumtext",
    "text(5000000)": "longtext",
    "text(100) charset latin1": "tinytext",
    "blob(255)": "tinyblob",
    "blob(256)": "blob",
    "long varchar": "mediumtext",
    "long": "mediumtext",
    "binary": "binary(1)",
    "year(4)": "year",
    "datetime(0)": "datetime",
    "TIMESTAMP(6)": "timestamp(6)",
    "time(3)": "time(3)",
    "json": "json",
    "enum('a ','b''c')": "enum('a','b''c')",
    **({r"enum('d\\e','f\'g', ' h')": r"enum('d\\e','f''g',' h')"} if "f" not in ODD_MEMBERS else {}),
    "set('x','y') collate utf8mb4_bin": "set('x','y')",
    "GEOMETRYCOLLECTION": "geometrycollection",
    "point": "point",
    "uuid": "uuid",
    "varchar(5) compressed": "varchar(5) compressed",
    "text /*M!100301 COMPRESSED*/": "text compressed",
    "inet6": "inet6",
}


@pytest.fixture
def known(mysql: Backend) -> SchemadiffBackend:
    with mysql.engine().connect() as connection:
        return connected_backend(connection)


@pytest.mark.parametrize("written", SPELLINGS)
def test_spelling(mysql: Backend, written: str) -> None:
    engine = mysql.engine()
    with engine.connect() as connection:
        backend = connected_backend(connection)
        assert isinstance(backend, MysqlBackend)
        # A spatial column, or one of an ENUM with an escape, is what the server says it is.
        connection.exec_driver_sql(f"CREATE TABLE t (a {written})", execution_options={"no_parameters": True})
        column = backend.reflect(connection, [None]).tables[Name("t")].columns[0]
    assert type_from(written, backend.facts).sql == SPELLINGS[written]
    assert column.type.sql == SPELLINGS[written]


@pytest.mark.parametrize(
    "spelling",
    sorted(
        set(SPELLINGS.values()) - {"point", "geometrycollection", "inet6", "varchar(5) compressed", "text compressed"}
    ),
)
def test_round_trip(known: SchemadiffBackend, spelling: str) -> None:
    type_ = DataType(spelling)
    assert known.data_type(known.sqlalchemy_type(type_)) == type_


@pytest.mark.parametrize("spelling", ["varchar(5)", "char(3)", "text", "longtext", "enum('a')", "set('a','b')"])
def test_round_trip_of_a_collation(known: SchemadiffBackend, spelling: str) -> None:
    made = known.sqlalchemy_type(DataType(spelling), collation="latin1_bin")
    assert getattr(made, "collation") == "latin1_bin"  # noqa: B009
    assert known.data_type(made).sql == spelling


@pytest.mark.parametrize("spelling", ["point", "vector(5)", "whatever", "text compressed", "int) as select 1"])
def test_types_without_a_sqlalchemy_type(known: SchemadiffBackend, spelling: str) -> None:
    with pytest.raises(UnrenderableType, match="has no SQLAlchemy type"):
        known.sqlalchemy_type(DataType(spelling))


def test_generic_types_where_they_say_it_all(known: SchemadiffBackend) -> None:
    assert isinstance(known.sqlalchemy_type(DataType("int")), sa.Integer)
    assert isinstance(known.sqlalchemy_type(DataType("varchar(5)")), sa.String)
    assert type(known.sqlalchemy_type(DataType("tinyint(1)"))) is mysql.TINYINT


def test_mysql_keeps_no_display_widths() -> None:
    server = Server(dialect="mysql", version=(8, 4), flavour="mysql")
    assert type_from("int(5)", facts(server)).sql == "int"
    assert type_from("tinyint(1)", facts(server)).sql == "tinyint(1)"
    assert type_from("int(5) zerofill", facts(server)).sql == "int(5) unsigned zerofill"


def test_real_under_its_sql_mode() -> None:
    server = Server(dialect="mysql", version=(10, 11), flavour="mariadb", settings=(("sql_mode", "REAL_AS_FLOAT"),))
    assert type_from("real", facts(server)).sql == "float"
