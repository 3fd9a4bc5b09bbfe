"""Checks as people write them, and pairs of checks that look much the same."""

from __future__ import annotations

__all__ = ["LOOK_ALIKES", "USUAL"]

# Each is a check that people write, or might.
USUAL = r"""
a IN (1, 2)
a NOT IN (1, 2)
a IN (1)
a BETWEEN 1 AND 10
a NOT BETWEEN 1 AND 10
a > 0
a > 0 AND b > 0
a > 0 OR b > 0 AND a < 5
NOT (a > 0)
NOT a > 0
a > -1
a <> 5
a != 5
a % 2 = 0
a MOD 2 = 0
(a + 1) * 2 > 0
a + 1 * 2 > 0
a - (b - 1) > 0
v <> ''
v IN ('a', 'b')
v LIKE 'a%'
v NOT LIKE 'a%'
v REGEXP '^[a-z]+$'
v RLIKE 'x'
v IS NULL
v IS NOT NULL
v IS NULL OR a > 0
length(v) > 3
char_length(v) BETWEEN 3 AND 10
CHARACTER_LENGTH(v) > 2
lower(v) = v
upper(v) <> 'A'
concat(v, 'a') <> 'b'
trim(v) <> ''
coalesce(v, '') <> ''
ifnull(a, 0) > 0
nullif(a, 0) > 0
abs(a) > 1
round(n, 1) = n
greatest(a, b) > 0
mod(a, 2) = 0
n >= 0.01
n > 0
CASE WHEN a > 0 THEN 1 ELSE 0 END = 1
IF(a > 0, 1, 0) = 1
d > '2020-01-01'
d >= DATE '2020-01-01'
year(d) > 2000
d > cast('2020-01-01' as date)
json_valid(j)
json_extract(j, '$.a') IS NOT NULL
flag IN (0, 1)
flag = TRUE
flag IS TRUE
a <=> b
a XOR b
substring(v, 1, 2) = 'ab'
left(v, 1) = 'a'
v = 'it''s'
v COLLATE utf8mb4_bin = 'a'
binary v = 'a'
cast(v as signed) > 0
a & 1 = 1
e IN ('x', 'y')
date_add(d, interval 1 day) > d
d + interval 1 day > d
a DIV 2 > 1
a / 2 > 1
`v` = 'a'
(a) > (0)
a > 0 && b > 0
!(a > 0)
a = 1.0
1 < a
char_length(trim(v)) > 0
locate('@', v) > 1
instr(v, '@') > 1
substr(v, 2) <> ''
v LIKE '%@%' ESCAPE '!'
timestampdiff(day, d, ts) > 0
extract(year from d) > 2000
NOT (a = 0)
NOT (a <> 0)
NOT a <=> 0
NOT a
NOT (a + 1)
NOT (NOT a)
NOT (NOT (a > 0))
NOT (a > 0 AND b > 0)
NOT (a > 0 OR b > 0)
NOT (a > 0 XOR b > 0)
NOT (a IN (1, 2))
NOT a IN (1, 2)
NOT (a NOT IN (1, 2))
NOT a IN (1)
NOT (a BETWEEN 1 AND 2)
NOT (v LIKE 'a')
NOT (v NOT LIKE 'a')
NOT (v REGEXP 'a')
NOT (a IS NULL)
NOT (a IS NOT NULL)
NOT (flag IS TRUE)
NOT flag
NOT json_valid(j)
! flag
!(flag = 1)
a > 0 AND (b > 0 AND n > 0)
(a > 0 AND b > 0) AND n > 0
a > 0 AND b > 0 AND n > 0
a > 0 OR (b > 0 OR n > 0)
a > 0 AND (b > 0 OR n > 0)
a > 0 XOR b > 0
a > 0 XOR b > 0 AND n > 0
a > 0 XOR b > 0 OR n > 0
a = (b = 1)
a BETWEEN 1 AND (b = 1)
-a > 0
- a > 0
-(a) > 0
- -1 < a
-(1) < a
+a > 0
+1 < a
-a * b > 0
-(a * b) > 0
a - -1 > 0
a + (b + 1) > 0
a + b + 1 > 0
a * (b * 2) > 0
a - b - 1 > 0
a | b & 1 > 0
(a | b) & 1 > 0
a << 1 + 1 > 0
(a << 1) + 1 > 0
a ^ b * 2 > 0
(a * 2) ^ b > 0
~a > 0
TRUE
FALSE OR a
a = FALSE
flag = true
true = flag
flag <> false
flag IS NOT FALSE
flag IS UNKNOWN
a = 01
n = .5
n = 0.50
n = 1.
n = 1e3
n > 1.0E+2
v = "a"
v = 'a\\b'
v = 'a\nb'
v = N'a'
v collate utf8mb4_bin = 'a'
convert(v using latin1) = 'a'
cast(a as unsigned) = 1
cast(a as unsigned integer) = 1
cast(a as signed integer) = 1
cast(a as decimal(10,2)) = 1
cast(a as decimal) = 1
cast(v as date) = d
cast(v as datetime) = d
cast(v as binary) = 'a'
mid(v, 1, 2) = 'a'
substring(v from 2) = 'a'
substring(v from 2 for 3) = 'a'
substr(v from 2) = 'a'
position('a' in v) > 0
locate('a', v, 2) > 0
trim(both 'x' from v) = 'a'
trim(leading from v) = 'a'
ltrim(v) = 'a'
lcase(v) = 'a'
LCASE (v) = 'a'
concat_ws(',', v, a) <> ''
replace(v, 'a', 'b') = v
left(v, 2) = 'a'
right(v, 2) = 'a'
ceil(n) = n
ceiling(n) = n
floor(n) = n
truncate(n, 1) = n
pow(a, 2) > 1
power(a, 2) > 1
sign(a) = 1
ln(a) > 1
log(a) > 1
log10(a) > 1
day(d) > 1
dayofmonth(d) > 1
month(d) > 1
date(ts) = d
date_sub(d, interval 1 month) > d
d - interval 1 month > d
adddate(d, 5) > d
adddate(d, interval 5 day) > d
subdate(d, 5) > d
to_days(d) > 1
unix_timestamp(ts) > 1
hex(v) = 'a'
md5(v) = 'a'
sha1(v) = 'a'
sha(v) = 'a'
sha2(v, 256) = 'a'
char_length(v) > 1
json_value(j, '$.a') = 1
json_unquote(json_extract(j, '$.a')) = 'a'
json_type(j) = 'OBJECT'
json_length(j) > 0
json_contains(j, '1', '$.a')
isnull(a)
ifnull(v, 'x') = 'x'
nvl(v, 'x') = 'x'
CASE a WHEN 1 THEN 2 ELSE 3 END = 1
CASE WHEN a > 0 THEN 1 END = 1
case when a > 0 then 'x' when b > 0 then 'y' else null end = 'x'
least(a, b) > 0
`a` > 0
t.a > 0
A > 0
a in (1, b)
a in ('1', 2)
e = 'x'
e in ('x')
a DIV 2 = 1
a MOD 2 = 1
a / 2 * 3 > 0
a <> 1 and not b <> 2
a is not true
d > timestamp'2020-01-01 00:00:00'
extract(year_month from d) > 1
v regexp binary 'a'
v not regexp 'a'
v not rlike 'a'
a between b and n
a not between 1 and 2
v like 'a' escape '!'
v like 'a' escape '\\'
v > ''
v = space(2)
v = repeat('a', 2)
v = reverse(v)
v = lpad(v, 2, 'a')
strcmp(v, 'a') = 0
find_in_set(v, 'a,b') > 0
field(v, 'a', 'b') > 0
elt(a, 'x', 'y') = 'x'
bit_length(v) > 1
ord(v) > 1
ascii(v) > 1
greatest(a, b, 1) > 0
exp(a) > 1
sqrt(a) > 1
if(a > 0, b > 0, n > 0)
coalesce(a, b) > 0
a > 0 and b
a or b
""".strip().splitlines()

# Pairs of checks that look much the same, and that the server stores differently.
LOOK_ALIKES = [
    ("v = 'a'", "v = 'A'"),
    ("v = 'a'", "v = 'a '"),
    ("v = 'a'", "v = binary 'a'"),
    ("v = 'a'", "binary v = 'a'"),
    ("v = 'a'", "v collate utf8mb4_bin = 'a'"),
    ("v = '1'", "v = 1"),
    ("v <=> 'a'", "v = 'a'"),
    ("a > 1", "a >= 1"),
    ("a > 1", "a > 1.0"),
    ("a > 1", "a > '1'"),
    ("a > 1", "1 < a"),
    ("a > 1", "b > 1"),
    ("a > 1", "a > -1"),
    ("n = 0.5", "n = 0.50"),
    ("n = 100", "n = 1e2"),
    ("n > 1.0E2", "n > 1.0E+2"),
    ("a IN (1, 2)", "a IN (2, 1)"),
    ("a IN (1, 2)", "a = 1 OR a = 2"),
    ("a IN (1, 2)", "a NOT IN (1, 2)"),
    ("a IN (1, 2)", "a IN (1, 2, 2)"),
    ("a IN (1, 2)", "a IN (1, '2')"),
    ("a BETWEEN 1 AND 2", "a >= 1 AND a <= 2"),
    ("a BETWEEN 1 AND 2", "a BETWEEN 2 AND 1"),
    ("a NOT BETWEEN 1 AND 2", "a < 1 OR a > 2"),
    ("NOT (a > 0 AND b > 0)", "a <= 0 AND b <= 0"),
    ("NOT a AND b", "NOT (a AND b)"),
    ("NOT (a > 0)", "a < 0"),
    ("NOT (a + 1)", "NOT a + 1 = 0"),
    ("!flag = 1", "!(flag = 1)"),
    ("flag", "flag = 1"),
    ("flag = TRUE", "flag IS TRUE"),
    ("flag IS NOT TRUE", "flag IS FALSE"),
    ("flag IS NOT TRUE", "NOT flag"),
    ("flag IS NULL", "flag IS FALSE"),
    ("a > 0 AND b > 0", "b > 0 AND a > 0"),
    ("a > 0 AND (b > 0 OR n > 0)", "a > 0 AND b > 0 OR n > 0"),
    ("a > 0 XOR b > 0", "a > 0 OR b > 0"),
    ("(a > 0 XOR b > 0) AND n > 0", "a > 0 XOR b > 0 AND n > 0"),
    ("a = (b = 1)", "(a = b) = 1"),
    ("a - (b - 1) > 0", "a - b - 1 > 0"),
    ("a + (b + 1) > 0", "a + b + 1 > 0"),
    ("(a + 1) * 2 > 0", "a + 1 * 2 > 0"),
    ("(a | b) & 1 > 0", "a | b & 1 > 0"),
    ("(a << 1) + 1 > 0", "a << 1 + 1 > 0"),
    ("(a * 2) ^ b > 0", "a * 2 ^ b > 0"),
    ("-(a * b) > 0", "-a * b > 0"),
    ("-(a + b) > 0", "-a + b > 0"),
    ("a / 2 > 1", "a DIV 2 > 1"),
    ("a MOD 2 = 1", "a / 2 = 1"),
    ("v LIKE 'a%'", "v REGEXP 'a%'"),
    ("v LIKE 'a%'", "v LIKE 'a%' ESCAPE '!'"),
    ("v LIKE 'a_'", r"v LIKE 'a\_'"),
    ("length(v) > 1", "char_length(v) > 1"),
    ("lower(v) = 'a'", "upper(v) = 'a'"),
    ("substr(v, 1, 2) = 'a'", "left(v, 2) = 'a'"),
    ("substr(v, 2) = 'a'", "substr(v, 2, 1) = 'a'"),
    ("locate('a', v) > 0", "locate(v, 'a') > 0"),
    ("instr(v, 'a') > 0", "instr('a', v) > 0"),
    ("trim(both 'x' from v) = 'a'", "trim(leading 'x' from v) = 'a'"),
    ("trim(v) = 'a'", "ltrim(v) = 'a'"),
    ("ifnull(v, 'a') = 'a'", "coalesce(v, 'a') = 'a'"),
    ("ifnull(a, b) = 1", "ifnull(b, a) = 1"),
    ("greatest(a, b) > 0", "least(a, b) > 0"),
    ("concat(v, 'a') = 'a'", "concat('a', v) = 'a'"),
    ("if(a > 0, 1, 0) = 1", "CASE WHEN a > 0 THEN 1 ELSE 0 END = 1"),
    ("CASE WHEN a > 0 THEN 1 ELSE 0 END = 1", "CASE WHEN a > 0 THEN 1 END = 1"),
    ("CASE a WHEN 1 THEN 1 END = 1", "CASE WHEN a = 1 THEN 1 END = 1"),
    ("CASE WHEN a > 0 THEN 1 ELSE NULL END = 1", "CASE WHEN a > 0 THEN 1 END = 1"),
    ("cast(v as signed) > 0", "cast(v as unsigned) > 0"),
    ("cast(n as decimal(10,2)) > 0", "cast(n as decimal) > 0"),
    ("convert(v using latin1) = 'a'", "convert(v using ascii) = 'a'"),
    ("d > '2020-01-01'", "d > DATE'2020-01-01'"),
    ("d > DATE'2020-01-01'", "d > TIMESTAMP'2020-01-01 00:00:00'"),
    ("d + interval 1 day > d", "d - interval 1 day > d"),
    ("d + interval 1 day > d", "d + interval 1 month > d"),
    ("date_add(d, interval 1 day) > d", "date_add(d, interval '1' day) > d"),
    ("year(d) > 1", "month(d) > 1"),
    ("extract(year from d) > 1", "year(d) > 1"),
    ("json_valid(j)", "json_valid(j) = 1"),
]
