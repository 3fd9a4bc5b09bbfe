"""A table with a column of every usual type, and expressions about it as people write them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

__all__ = ["DEFAULTS", "USUAL", "model", "usual_model"]


def model() -> sa.MetaData:
    """Return a model of a table ``t``."""
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("i", sa.Integer),
        sa.Column("small", sa.SmallInteger),
        sa.Column("big", sa.BigInteger),
        sa.Column("n", sa.Numeric(10, 2)),
        sa.Column("num", sa.Numeric),
        sa.Column("f8", sa.Double),
        sa.Column("f4", sa.REAL),
        sa.Column("v", sa.String(20)),
        sa.Column("w", sa.String),
        sa.Column("x", sa.Text),
        sa.Column("c", sa.CHAR(3)),
        sa.Column("b", sa.Boolean),
        sa.Column("d", sa.Date),
        sa.Column("ts", sa.DateTime),
        sa.Column("tz", sa.DateTime(timezone=True)),
        sa.Column("ti", sa.Time),
        sa.Column("iv", sa.Interval),
        sa.Column("u", sa.Uuid),
        sa.Column("js", sa.JSON),
        sa.Column("jb", pg.JSONB),
        sa.Column("m", sa.Enum("a", "b", "it's", name="mood")),
        sa.Column("tags", pg.ARRAY(sa.Text)),
        sa.Column("vs", pg.ARRAY(sa.String(5))),
        sa.Column("ints", pg.ARRAY(sa.Integer)),
        sa.Column("by", sa.LargeBinary),
        sa.Column("ip", pg.INET),
        sa.Column("r", pg.INT4RANGE),
        sa.Column("Mixed Case", sa.Integer),
        sa.Column("user", sa.String(5)),
        sa.Column("collated", sa.String(20, collation="C")),
        sa.Column("email", pg.DOMAIN("email", sa.Text)),
        sa.Column("code", pg.DOMAIN("code", sa.String(10))),
        sa.Column("pos", pg.DOMAIN("positive", sa.Integer)),
    )
    return metadata


# Each is a check that people write; PostgreSQL prints most of them in another way.
USUAL = """
i IN (1, 2)
i IN (1)
i NOT IN (1, 2, 3)
i NOT IN (1)
NOT i IN (1, 2)
i IN (1, 2.5)
i IN (1, NULL)
i IN (1, 2, small)
i IN (small, big)
i IN (1, small)
small IN (1, 2)
big IN (1, 5000000000)
n IN (1, 2)
v IN ('a', 'b')
v IN ('a')
v NOT IN ('a', 'it''s')
w IN ('a', 'b', 'c')
x IN ('a', 'b')
c IN ('a', 'b')
m IN ('a', 'b')
m IN ('a')
m NOT IN ('a', 'it''s')
u IN ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')
d IN ('2020-01-01', '2020-01-02')
collated IN ('a', 'b')
lower(v) IN ('a', 'b')
v LIKE 'a%'
v NOT LIKE 'a%'
v ILIKE 'a%'
x NOT ILIKE '%b'
c LIKE 'a%'
v LIKE 'a!%' ESCAPE '!'
x SIMILAR TO '(a|b)%'
v NOT SIMILAR TO 'x'
v ~ '^[a-z]+$'
v ~* '^\\d+$'
v !~ '^x'
x !~* 'x'
v LIKE w
v LIKE ANY (ARRAY['a%', 'b%'])
i BETWEEN 1 AND 10
i NOT BETWEEN 1 AND 10
i BETWEEN SYMMETRIC 10 AND 1
n BETWEEN 0 AND 100
n BETWEEN 0.5 AND 100.25
d BETWEEN '2020-01-01' AND '2020-12-31'
i BETWEEN 1 AND 10 AND n > 0
i > 0 AND i BETWEEN 1 AND 10
v <> ''
v != ''
v = 'a' OR v = 'b'
i > 0
i > -1
i > - 1
i > -(1)
-i > 1
i = +1
i > 0 AND n > 0 AND big > 0
i > 0 AND (n > 0 AND big > 0)
(i > 0 AND n > 0) OR big > 0
i > 0 AND n > 0 OR big > 0
i > 0 OR n > 0 AND big > 0
NOT i > 0
NOT (i > 0)
NOT (b AND i > 0)
NOT b AND i > 0
b
NOT b
b IS TRUE
b IS NOT TRUE
b IS FALSE
b IS UNKNOWN
b IS NOT UNKNOWN
b = true
b = 't'
(i > 0) IS TRUE
(i > 0) = b
i IS NULL
i IS NOT NULL
i ISNULL
i NOTNULL
i IS NULL OR i > 0
i IS NULL AND n IS NULL
(i IS NULL) = (n IS NULL)
(i IS NULL) <> (n IS NULL)
i IS DISTINCT FROM 1
i IS NOT DISTINCT FROM big
v IS DISTINCT FROM 'a'
v IS DISTINCT FROM NULL
v IS NOT DISTINCT FROM NULL
num_nonnulls(i, n) = 1
num_nulls(v, w, x) < 2
i > big
small > i
i > n
n > i
n > 0
n > 0.0
n >= 0.01
n > '0'
num > 1e3
num >= .5
num > 1.
f8 > 0
f8 > 0.5
f8 > '0.5'
f4 > 1
i > 0.5
small > 32767
small > 40000
big > 5000000000
i > '5'
i + 1 > 2
i + small > big
i * 2 + 1 > n
i + n * 2 - 1 > 0
(i + 1) * 2 > 0
i % 2 = 0
i / 2 > 1
i ^ 2 > 4
i - 1 - 1 > 0
i - (1 - 1) > 0
-i + 1 > 0
- i ^ 2 < 0
abs(i) > 1
round(n, 1) = n
round(f8) > 1
floor(n) = n
ceil(f8) > 0
mod(i, 2) = 0
greatest(i, small, 3) > 0
LEAST(n, 1) > 0
power(i, 2) > 1
sqrt(num) > 1
length(v) > 3
char_length(v) > 3
CHARACTER_LENGTH(x) BETWEEN 3 AND 10
length(c) > 1
octet_length(x) < 100
length(trim(v)) > 0
trim(v) <> ''
TRIM(BOTH ' ' FROM v) = v
trim(leading 'x' from v) = v
trim(trailing from v) = v
btrim(v) = v
btrim(v, 'x') = v
lower(v) = v
upper(v) = 'A'
lower(v) = lower(w)
v = lower(v)
v || w <> 'ab'
v || x <> 'ab'
v || 'x' <> 'ax'
x || i <> 'a1'
'a' || v = 'ab'
replace(v, 'a', 'b') <> ''
substr(v, 1, 2) = 'ab'
substring(v, 1, 2) = 'ab'
substring(v from 1 for 2) = 'ab'
substring(v from 2) = 'ab'
substring(v from '[a-z]+') = 'ab'
left(v, 1) = 'a'
right(x, 2) <> 'zz'
strpos(v, 'a') > 0
position('@' in v) > 1
position('@' IN v) > 1 AND v LIKE '%_@_%'
starts_with(v, 'a')
split_part(v, '@', 2) <> ''
regexp_replace(v, 'a', 'b', 'g') = v
concat(v, ' ', w) <> ' '
concat_ws(',', v, w, i) <> ''
repeat('a', 3) = v
lpad(v, 3, '0') = v
initcap(v) = v
md5(v) = w
ascii(v) > 65
coalesce(v, '') <> ''
coalesce(v, w) IS NOT NULL
coalesce(i, 0) > 0
coalesce(n, 0) > 0
coalesce(i, n, 1.5) > 0
coalesce(x, v) = 'a'
coalesce(b, false)
NULLIF(v, '') IS NOT NULL
nullif(i, 0) > 1
CASE WHEN i > 0 THEN true ELSE false END
CASE WHEN i > 0 THEN v = 'a' WHEN i < 0 THEN v IS NULL END
CASE i WHEN 1 THEN v = 'a' WHEN 2 THEN v = 'b' ELSE true END
CASE v WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE 0 END > 0
CASE WHEN b THEN 1 ELSE 2.5 END > n
CASE WHEN b THEN 'x' ELSE v END = w
CASE WHEN b THEN v END = 'x'
CASE n WHEN 1 THEN true ELSE false END
CASE WHEN b THEN 1 ELSE 0 END + CASE WHEN i > 0 THEN 1 ELSE 0 END = 1
d > '2020-01-01'
d > DATE '2020-01-01'
d >= '2020-01-01'::date
d > CAST('2020-01-01' AS date)
ts > '2020-01-01'
ts > '2020-01-01 10:30'
ts > '2020-01-01T10:30:00.500'
ts > TIMESTAMP '2020-01-01 00:00:00'
d < ts
d <= tz
ts < tz
tz > ts
d <= CURRENT_DATE
tz <= now()
tz <= CURRENT_TIMESTAMP
ts <= localtimestamp
ts <= now()
ts > now() - INTERVAL '1 day'
ts > now() - '1 day'::interval
tz < now() + interval '2 hours'
d + 1 > d
d - d > 3
d + interval '1 month' > ts
ts - ts > interval '1 day'
ts - '1 day'::interval < ts
ti > '08:00'
ti BETWEEN '08:00' AND '18:30:15'
iv > '1 day'
iv >= interval '90 minutes'
iv = '1 day 02:03:04'
iv * 2 > '1 week'
EXTRACT(year FROM d) > 2000
extract(epoch from tz - tz) >= 0
date_part('year', d) = 2020
date_trunc('day', ts) = ts
date_trunc('month', d) = d
tz AT TIME ZONE 'UTC' > ts
(ts AT TIME ZONE 'utc') < now()
timezone('utc', tz) > ts
age(ts, ts) > '1 year'
to_char(d, 'YYYY') = '2020'
isfinite(d)
js IS NOT NULL
jb ? 'a'
jb ->> 'a' = 'b'
jb -> 'a' = '1'
jb -> 0 IS NOT NULL
(jb ->> 'n')::int > 0
jb @> '{"a": 1}'
jb @> '{"b":[1,2.50,"x",null,true],"a":{"c":1e2}}'::jsonb
jb #>> '{a,b}' = 'x'
jb <> '{}'
jsonb_typeof(jb) = 'object'
json_typeof(js) = 'array'
jb ?| array['a','b']
js ->> 'a' IS NOT NULL
tags @> ARRAY['a']
tags <> '{}'
tags = '{}'::text[]
'a' = ANY (tags)
i = ANY (ints)
i <> ALL (ints)
i = ANY ('{1,2}')
i = ANY (ARRAY[1, 2])
i = SOME (ARRAY[1, 2])
v = ANY (ARRAY['a', 'b'])
v = ANY (ARRAY['a'::varchar, 'b'])
v = ANY (ARRAY['a', 'b']::varchar[])
v = ANY (ARRAY['a', 'b']::text[])
v = ANY ('{a,b}'::text[])
array_length(tags, 1) > 0
cardinality(ints) <= 5
tags && ARRAY['a', 'b']
array_position(tags, NULL) IS NULL
array_to_string(tags, ',') <> ''
tags || ARRAY['x'] = tags
vs = ARRAY['a'::varchar]
u = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'
u <> '00000000-0000-0000-0000-000000000000'::uuid
by <> ''
ip = '127.0.0.1'
family(ip) = 4
r @> 5
r && int4range(1, 5)
NOT isempty(r)
lower(r) > 0
upper_inf(r)
m = 'a'
m <> 'it''s'
m > 'a'
m::text = 'a'
m = 'a'::mood
"Mixed Case" > 0
"i" > 0
I > 0 AND t.i < 5
"user" <> 'x'
v COLLATE "C" > 'a'
v > 'a' COLLATE "C"
(v COLLATE "C")::text > 'a'
lower(v COLLATE "C") > 'a'
lower(v) COLLATE "C" = v
v::text = 'a'
v::varchar = 'a'
v::char(3) = 'abc'
v::varchar(20) = 'a'
n::numeric(10, 2) > 0
('a'::varchar(5))::varchar(5) = v
c = 'a'
c = v
c = x
c::text = 'a'
c <> 'abc'::char(3)
i::text = '1'
i::bigint > 1
i::numeric > 1
CAST(i AS numeric(10, 2)) > n
CAST(v AS integer) > 0
n::integer > 0
n::int::text = '1'
ts::date = d
tz::date = d
d::timestamp = ts
'x'::varchar(5) = v
'5'::int = i
'5'::numeric(3,1) = n
1::numeric = n
true
1 = 1
'a' = 'b'
i = 1 AND true
E'it\\'s' = v
$$it's$$ = v
'a''b' /* so it is */ <> v
pg_catalog.length(v) > 0
f8 = 1e10
i & 1 = 1
i | 2 > 0
i # 1 > 0
i << 1 > 2
~ i < 0
v = user
current_user = v
email LIKE '%@%'
email = 'a'
email IN ('a', 'b')
email <> ''
lower(email) = email
length(email) > 3
email || 'x' <> v
coalesce(email, '') <> ''
email IS NOT NULL
email::text = 'a'
email COLLATE "C" > 'a'
code = 'a'
code IN ('a', 'b')
code::varchar = 'a'
upper(code) = code
pos > 0
pos + 1 > i
pos BETWEEN 1 AND 5
pos > n
pos IN (1, 2)
CASE WHEN pos > 0 THEN pos ELSE 1 END = 1
CASE pos WHEN 1 THEN b END
-pos < 0
random() < 0.5
gen_random_uuid() <> u
""".strip().splitlines()


# Defaults of columns of a type.
DEFAULTS = [
    ("integer", "0"),
    ("integer", "-1"),
    ("integer", "'5'"),
    ("integer", "(1 + 1)"),
    ("integer", "1.0"),
    ("integer", "CAST('5' AS integer)"),
    ("bigint", "-5000000000"),
    ("numeric(10,2)", "1.50"),
    ("numeric(10,2)", "-1"),
    ("numeric(10,2)", "'1.5'"),
    ("double precision", "0.5"),
    ("double precision", "'1e3'"),
    ("boolean", "'t'"),
    ("boolean", "false"),
    ("character varying(5)", "'x'"),
    ("character varying(5)", "'x'::text"),
    ("character varying(5)", "'x'::varchar(3)"),
    ("character varying", "lower('X')"),
    ("text", "'it''s'"),
    ("text", "'a' || 'b'"),
    ("text", "current_user"),
    ("text", "(now())::text"),
    ("character(3)", "'a'"),
    ("timestamp with time zone", "now()"),
    ("timestamp with time zone", "CURRENT_TIMESTAMP"),
    ("timestamp with time zone", "now() + '1 day'"),
    ("timestamp with time zone", "now() AT TIME ZONE 'utc'"),
    ("timestamp without time zone", "timezone('utc', now())"),
    ("timestamp without time zone", "(now() at time zone 'utc')"),
    ("timestamp without time zone", "'2020-01-01'"),
    ("timestamp(0) without time zone", "'2020-01-01 10:00'"),
    ("timestamp without time zone", "CURRENT_TIMESTAMP"),
    ("date", "'2020-01-01'"),
    ("date", "CURRENT_DATE"),
    ("date", "now()::date"),
    ("date", "CURRENT_DATE + 7"),
    ("time without time zone", "'08:00'"),
    ("interval", "'1 day'"),
    ("interval", "interval '90 minutes'"),
    ("uuid", "gen_random_uuid()"),
    ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
    ("jsonb", "'{}'"),
    ("jsonb", '\'{"b":1,"a":[1,2]}\''),
    ("json", "'{\"b\":1}'"),
    ("jsonb", "jsonb_build_object('a', 1)"),
    ("mood", "'a'"),
    ("mood", "'a'::mood"),
    ("text[]", "'{}'"),
    ("text[]", "ARRAY['a', 'b']"),
    ("character varying(5)[]", "ARRAY['a', 'b']"),
    ("text[]", "ARRAY[]::text[]"),
    ("integer[]", "array[1, 2]"),
    ("bytea", "'a'"),
    ("inet", "'127.0.0.1'"),
    ("integer", "length('abc')"),
    ("double precision", "random()"),
    ("bigint", "(EXTRACT(epoch FROM now()) * 1000)::bigint"),
    ("text", "md5(random()::text)"),
    ("text", "coalesce(current_setting('a.b', true), '')"),
]


def usual_model(*more: sa.CheckConstraint) -> sa.MetaData:
    """Return a model of a table ``usual`` with checks, defaults, indexes and generated columns as people write them."""
    metadata = sa.MetaData()
    columns = [sa.Column(column.name, column.type) for column in model().tables["t"].columns]
    defaults = [
        sa.Column(f"d{i}", _Written(type_), server_default=sa.text(f"({text})".replace(":", r"\:")))
        for i, (type_, text) in enumerate(DEFAULTS)
        if type_ != "mood"
    ]
    sa.Table(
        "usual",
        metadata,
        *columns,
        *defaults,
        sa.Column("total", sa.Numeric(12, 2), sa.Computed("n * i", persisted=True)),
        sa.Column("full_name", sa.Text, sa.Computed("v || ' ' || w", persisted=True)),
        sa.Column("key", sa.String(20), sa.Computed("lower(v)", persisted=True)),
        sa.Column("is_big", sa.Boolean, sa.Computed("i > 100 AND n >= 0.5", persisted=True)),
        sa.Column(
            "kind", sa.String(10), sa.Computed("CASE WHEN i IN (1, 2) THEN 'few' ELSE 'many' END", persisted=True)
        ),
        *(
            sa.CheckConstraint(text.replace(":", r"\:"), name=f"usual_{i}")
            for i, text in enumerate(USUAL[::7])
            if "t." not in text
        ),
        *more,
    )
    table = metadata.tables["usual"]
    sa.Index("lower_v", sa.func.lower(table.c.v))
    sa.Index("concatenated", sa.text("(v || w)"), _table=table)
    sa.Index("coalesced", sa.func.coalesce(table.c.v, ""), sa.text("(i + 1)"), _table=table)
    sa.Index("json_key", sa.text("(jb ->> 'a')"), _table=table)
    sa.Index("by_collation", table.c.v.collate("C"))
    sa.Index("in_list", table.c.i, postgresql_where=table.c.v.in_(["a", "b"]))
    sa.Index("like", table.c.i, postgresql_where=table.c.v.like("a%") & (table.c.n > 0))
    sa.Index("between", table.c.i, postgresql_where=table.c.i.between(1, 5) & table.c.d.isnot(None))
    sa.Index("unequal", table.c.i, unique=True, postgresql_where=table.c.v != "")
    sa.Index("enums", table.c.i, postgresql_where=sa.text("m IN ('a', 'b') AND NOT b"))
    return metadata


class _Written(sa.types.UserDefinedType[str]):
    """A type as it is written."""

    cache_ok = True

    def __init__(self, spelling: str) -> None:
        self.spelling = spelling

    def get_col_spec(self, **kw: object) -> str:
        return self.spelling
