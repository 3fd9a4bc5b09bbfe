"""However many kinds of things a database has, few statements read them."""

from __future__ import annotations

import schemadiff
from tests.corpus.trial import load
from tests.laws.test_constant import MOST, statements
from tests.support.servers import Backend

EVERYTHING = """
    CREATE TABLE p (id int PRIMARY KEY, label varchar(20) CHECK (label <> ''), KEY (label));
    CREATE TABLE t (id int PRIMARY KEY, p int, CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id));
    CREATE TABLE parts (a int) PARTITION BY KEY (a) PARTITIONS 2;
    CREATE VIEW v AS SELECT id FROM t;
    CREATE TRIGGER changed BEFORE INSERT ON t FOR EACH ROW SET NEW.p = IF(NEW.p = '1', 2, NEW.p);
    CREATE SEQUENCE counter;
"""


def test_everything(mysql: Backend) -> None:
    engine = mysql.engine()
    load(engine, EVERYTHING)
    with engine.connect() as connection, statements(engine) as sent:
        found = schemadiff.reflect(connection)
    assert len(sent) <= MOST["mysql"], sent
    assert len(found.tables) == 3
    assert len(found.sequences) == len(found.dependants) == 1
    assert {each.kind for table in found.tables.values() for each in table.dependants} == {"trigger", "index"}
