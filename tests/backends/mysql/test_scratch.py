"""Which statements would leave a scratch database of MariaDB."""

from __future__ import annotations

import pytest

from schemadiff.backends.mysql.scratch import database_named
from schemadiff.backends.tokens import Lexicon

LEXICON = Lexicon(identifier_quotes="`", string_quotes="'\"", backslash_escapes=True, hash_comments=True)
OTHERS = {"shop", "mysql"}


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TABLE t (a INT)", None),
        ("CREATE TABLE shop (a INT)", None),
        ("UPDATE shop SET a = 1 WHERE shop.a = 2", None),
        ("SELECT t.shop.a FROM t", None),
        ("INSERT INTO t VALUES ('shop.t') -- shop.t", None),
        ("SELECT * FROM information_schema.tables", None),
        ("ALTER DATABASE CHARACTER SET utf8mb4", None),
        ("CREATE TABLE shop.t (a INT)", "shop"),
        ("CREATE TABLE `SHOP` . `t` (a INT)", "SHOP"),
        ("DROP TABLE t, shop.t", "shop"),
        ("INSERT INTO mysql.user SELECT * FROM t", "mysql"),
        ("RENAME TABLE t TO shop.t", "shop"),
        ("/*M!100100 DROP TABLE shop.t */", "shop"),
        ("/*!DROP TABLE shop.t */", "shop"),
        ("DELETE FROM shop.t WHERE a = 'it''s", "shop"),
        ("USE shop", "USE shop"),
        ("DROP DATABASE IF EXISTS shop", "DROP DATABASE IF EXISTS shop"),
        ("CREATE OR REPLACE DATABASE new", "CREATE OR REPLACE DATABASE new"),
        ("ALTER DATABASE shop CHARACTER SET utf8mb4", "ALTER DATABASE shop CHARACTER SET utf8mb4"),
    ],
)
def test_database_named(statement: str, named: str | None) -> None:
    assert database_named(statement, LEXICON, OTHERS) == named
