"""Changes from database to database, of what SQLAlchemy has words for and of what it has none for."""

from __future__ import annotations

import pytest

from tests.backends.mysql.models import ODD_MEMBERS
from tests.backends.mysql.support import check_change, run_script
from tests.support.servers import Backend

PAIRS = {
    "columns": (
        "create table t (id int primary key, a int)",
        "create table t (id int primary key, a int not null default 5 comment 'x', b varchar(10) charset latin1, c enum('a','b') not null default 'a')",
    ),
    "generated columns": (
        "create table t (id int primary key, a int, g int as (a+1))",
        "create table t (id int primary key, a int, g int as (a+2), h int as (a*2) stored, i int generated always as (length(a)) virtual unique)",
    ),
    "auto_increment of a unique column": (
        "create table t (u varchar(10) primary key, id int)",
        "create table t (u varchar(10) primary key, id int auto_increment unique)",
    ),
    "auto_increment of a unique column gone": (
        "create table t (u varchar(10) primary key, id int auto_increment unique, k int)",
        "create table t (u varchar(10) primary key, k int)",
    ),
    "auto_increment in a wider key": (
        "create table t (a int, id int, primary key (a, id))",
        "create table t (a int, id int auto_increment, primary key (a, id), key (id))",
    ),
    "a table with such a column gone": (
        "create table t (u varchar(10) primary key, id int auto_increment unique)",
        "",
    ),
    "a table with unnamed foreign keys gone": (
        "create table p (id int primary key); create table t (a int, b int, c int, foreign key (a) references p(id), "
        "constraint f foreign key (b) references p(id), foreign key (c) references p(id))",
        "create table p (id int primary key)",
    ),
    "compressed columns": (
        "create table t (a varchar(100), b text)",
        "create table t (a varchar(100) compressed collate utf8mb4_bin default 'x', b blob compressed)",
    ),
    "invisible columns": (
        "create table t (a int, b int)",
        "create table t (a int, b int invisible default 3)",
    ),
    "ignored indexes": (
        "create table t (a int, key k(a))",
        "create table t (a int, key k(a) ignored)",
    ),
    "descending indexes": (
        "create table t (a int, b int, key k(a,b))",
        "create table t (a int, b int, key k(a desc,b))",
    ),
    "a table with column checks gone": (
        "create table t (a int check (a > 1), j json)",
        "",
    ),
    "on update": (
        "create table t (a int primary key, b timestamp not null default now() on update now(), c datetime on update now())",
        "create table t (a int primary key, b timestamp not null default now(), c datetime)",
    ),
    "precision of timestamps": (
        "create table t (a timestamp(3) null default null)",
        "create table t (a timestamp(6) not null default now(6) on update now(6))",
    ),
    "json": (
        "create table t (a longtext)",
        "create table t (a json default (json_object()))",
    ),
    "addresses": (
        "create table t (a char(36))",
        "create table t (a char(30), b inet6, c inet4)",
    ),
    "options of tables": (
        "create table t (a int) max_rows=10",
        "create table t (a int) min_rows=4 stats_persistent=1 comment 'x'",
    ),
    "lengths in a primary key": (
        "create table t (a varchar(100), primary key (a(10)))",
        "create table t (a varchar(100), primary key (a))",
    ),
    "full-text indexes": (
        "create table t (a text, b text)",
        "create table t (a text, b text, fulltext f (a,b))",
    ),
    "spatial indexes": (
        "create table t (a int)",
        "create table t (a int, p point not null, spatial s (p))",
    ),
    "sequences": (
        "create sequence s1",
        "create sequence s1 start 5 increment 3 maxvalue 50 cycle cache 10; create sequence s2 nocache",
    ),
    "partitions": (
        "create table t (a int primary key) partition by hash(a) partitions 3",
        "create table t (a int primary key) partition by range(a) (partition p0 values less than (10), partition p1 values less than maxvalue)",
    ),
    "subpartitions": (
        "",
        "create table t (a int, b date) partition by range(a) subpartition by hash(to_days(b)) subpartitions 2 (partition p0 values less than (10), partition p1 values less than maxvalue)",
    ),
    "foreign keys over several columns": (
        "create table p (a int, b int, primary key (a,b)); create table c (x int, y int, foreign key (x,y) references p(a,b))",
        "create table p (a int, b int, primary key (b,a), key(a)); create table c (x int, y int, foreign key (y,x) references p(b,a), foreign key (x) references p(a))",
    ),
    "type of a key that is pointed at": (
        "create table p (a int primary key auto_increment); create table c (x int, foreign key (x) references p(a))",
        "create table p (a bigint unsigned primary key auto_increment); create table c (x bigint unsigned, constraint zz foreign key (x) references p(a))",
    ),
    "collation on both sides of a foreign key": (
        "create table p (a char(36) primary key); create table c (x char(36), foreign key (x) references p(a))",
        "create table p (a char(36) collate utf8mb4_bin primary key); create table c (x char(36) collate utf8mb4_bin, foreign key (x) references p(a))",
    ),
    "character sets of tables with foreign keys": (
        "create table p (a char(36) primary key); create table c (x char(36), foreign key (x) references p(a))",
        "create table p (a char(36) primary key) charset latin1; create table c (x char(36), foreign key (x) references p(a)) charset latin1",
    ),
    "checks": (
        "create table t (a int, b int, check (a<b), constraint k check (a in (1,2)))",
        "create table t (a int, b int, check (a<=b), constraint k check (a in (1,3)), check (b<>0))",
    ),
    "checks numbered anew": (
        "create table t (a int, b int, check (a<b), check (a>1), check(b>1))",
        "create table t (a int, b int, check (a>1), check(b>1), check (a<b+1))",
    ),
    "unique constraints numbered anew": (
        "create table t (a int, b int, unique (a), unique (a,b))",
        "create table t (a int, b int, unique (a,b), unique(b))",
    ),
    "zerofill": (
        "create table t (a int(5), b int zerofill, c tinyint(1))",
        "create table t (a int, b int(5) zerofill, c tinyint)",
    ),
    "sets": (
        "create table t (a set('a','b'))",
        "create table t (a set('a','b','c') default 'a,c')",
    ),
    "odd comments": (
        "create table t (a int) comment='it''s \\\\ %s :x'",
        "create table t (a int comment 'a\\nb\\'c\"') comment='%(x)s'",
    ),
    "odd defaults": (
        "create table t (a varchar(20) default '%s:x\\\\')",
        "create table t (a varchar(20) default 'a\\'b\\n\"%%')",
    ),
    "bits and bytes": (
        "create table t (a bit(4) default b'101')",
        "create table t (a bit(8) default b'111', b varbinary(5) default 'ab', c binary(3) default 'abc')",
    ),
    "expressions as defaults": (
        "create table t (a int default (1+1), b date default (curdate()), c varchar(36) default (uuid()))",
        "create table t (a int default (1+2), b date default (curdate() + interval 1 day), c varchar(36) default (upper(uuid())))",
    ),
    "indexes that serve foreign keys": (
        "create table p (a int primary key, b int unique); create table c (x int, y int, key k(x,y), foreign key (x) references p(a))",
        "create table p (a int primary key, b int unique); create table c (x int, y int, key k2(x), foreign key (x) references p(a), foreign key (y) references p(b))",
    ),
    "a column that was pointed at gone": (
        "create table p (a int primary key, b int, unique u(b)); create table c (x int, constraint f foreign key (x) references p(b))",
        "create table p (a int primary key); create table c (x int)",
    ),
    "an index for another under a foreign key": (
        "create table p (a int primary key, b int, unique u(b)); create table c (x int, constraint f foreign key (x) references p(b))",
        "create table p (a int primary key, b int, unique u2(b,a)); create table c (x int, constraint f foreign key (x) references p(b))",
    ),
    "a primary key that is pointed at for an index": (
        "create table p (a int primary key, b int not null); create table c (x int, constraint f foreign key (x) references p(a))",
        "create table p (a int not null, b int primary key, key(a)); create table c (x int, constraint f foreign key (x) references p(a))",
    ),
    "system versioning": (
        "create table t (a int)",
        "create table t (a int) with system versioning",
    ),
    "a column under a trigger and a view": (
        "create table t (a int, b int); create trigger tr before insert on t for each row set new.a = 1; create view v as select a from t",
        "create table t (a bigint, b int, c int); create trigger tr before insert on t for each row set new.a = 1; create view v as select a from t",
    ),
    "sizes of texts": (
        "create table t (a text(50), b blob(50))",
        "create table t (a text(500), b blob(500000), c mediumtext)",
    ),
    "national and ascii": (
        "create table t (a int)",
        "create table t (a national varchar(10), b char(3) ascii, c varchar(10) binary)",
    ),
    "an index on a generated column": (
        "create table t (a json)",
        "create table t (a json, g int as (json_value(a,'$.x')), key(g))",
    ),
    "nullability": (
        "create table t (a int not null, b timestamp not null)",
        "create table t (a int, b timestamp null)",
    ),
    "fractions": (
        "create table t (a float, b double, c float(7,2))",
        "create table t (a double, b float unsigned, c double(8,3), d decimal(5) unsigned)",
    ),
    "an index that a foreign key has left behind": (
        "create table p (a int primary key); create table c (x int, constraint cfk foreign key (x) references p(a)); alter table c drop foreign key cfk",
        "create table p (a int primary key); create table c (x int)",
    ),
    "column checks": (
        "create table t (a int check (a > 1), d int check (d > 0))",
        "create table t (a int default 5 check (a > 2), b int check (b < 5), d int)",
    ),
    "mixed case": (
        "create table Foo (Id int primary key, `Na me` int)",
        "create table foo (Id int primary key); create table FOO (x int)",
    ),
    "sequence as a default": (
        "create sequence s2; create table t (a int)",
        "create sequence s2; create table t (a int default (nextval(s2)))",
    ),
}

if "f" not in ODD_MEMBERS:
    PAIRS["odd enum members"] = (
        "create table t (a enum('a\\'b','c\\\\d','e%f','','x\\ny'))",
        "create table t (a enum('a\\'b','c\\\\d','e%%f','','x\\ny','ü','e:f'))",
    )


@pytest.mark.parametrize("name", PAIRS)
def test_change(mysql: Backend, name: str) -> None:
    before, after = PAIRS[name]
    database, twin, wanted = mysql.engine(), mysql.engine(), mysql.engine()
    for engine, script in ((database, before), (twin, before), (wanted, after)):
        run_script(engine, script)
    assert check_change(database, twin, wanted, wanted, ()) > 0
